import { useEffect, useState } from "preact/hooks";
import type { ActSummary, Form } from "../acts-wire.ts";
import { api } from "../api.ts";
import { say, t } from "../l10n.ts";
import { day } from "../time.ts";
import { usePoll, useTitle } from "../views/hooks.ts";
import { Chip, Loading, windowText } from "../views/parts.tsx";
import type { Me } from "../wire.ts";
import { CountdownChip } from "./Countdown.tsx";
import { byDaysLeft } from "./countdown.ts";
import { kindName, numberText, stateTone } from "./words.ts";

const POLL_MS = 10_000;
const STATES = ["draft", "for-signature", "signed", "passed-on", "grade-cancelled", "discarded"] as const;
type Filter = "open" | "yours" | "all" | (typeof STATES)[number];

const shows = (act: ActSummary, filter: Filter): boolean => {
  if (filter === "all") return true;
  if (filter === "yours") return act.yours_to_sign;
  if (filter === "open") return ["draft", "for-signature", "signed", "passed-on"].includes(act.state);
  return act.state === filter;
};

export function Acts({ me, onSignedOut }: { me: Me; onSignedOut: () => void }) {
  const { value: list, error } = usePoll((from) => from.acts(), POLL_MS, []);
  const [forms, setForms] = useState<Form[]>([]);
  // Once, when the server answers: what is asked for again and again must not keep the session open.
  useEffect(() => {
    if (list) api.forms().then(setForms, () => undefined);
  }, [list !== null]);
  const [filter, setFilter] = useState<Filter>("open");
  const [kind, setKind] = useState("");
  useTitle(t("acts-title"));
  const all = list?.acts ?? [];
  const kinds = [...new Set(all.map((act) => act.kind))].sort();
  const acts = byDaysLeft(all).filter((act) => shows(act, filter) && (kind === "" || act.kind === kind));
  const yours = all.filter(({ yours_to_sign }) => yours_to_sign);
  return (
    <>
      <h1>{t("acts-title")}</h1>
      <Loading error={error} empty={!list} onSignedOut={onSignedOut} />
      {me.role === "invigilator" && <p class="hint">{t("acts-own-hint")}</p>}
      {yours.length > 0 && filter !== "yours" && (
        <p class="message warn yours">
          {t("acts-yours-count", { count: yours.length })}
          <button type="button" class="small" data-test="yours" onClick={() => setFilter("yours")}>{t("acts-yours-show")}</button>
        </p>
      )}
      <div class="controls filters">
        <label class="inline">
          {t("acts-filter-state")}
          <select name="state" value={filter} onChange={(event) => setFilter(event.currentTarget.value as Filter)}>
            <option value="open">{t("acts-filter-open")}</option>
            <option value="yours">{t("acts-filter-yours")}</option>
            <option value="all">{t("acts-filter-all")}</option>
            {STATES.map((state) => <option key={state} value={state}>{t(`act-state-${state}`)}</option>)}
          </select>
        </label>
        <label class="inline">
          {t("acts-filter-kind")}
          <select name="kind" value={kind} onChange={(event) => setKind(event.currentTarget.value)}>
            <option value="">{t("acts-filter-any-kind")}</option>
            {kinds.map((name) => <option key={name} value={name}>{kindName(forms, name)}</option>)}
          </select>
        </label>
        <span class="hint" role="status">{list && t("acts-count", { count: acts.length })}</span>
      </div>
      {list && acts.length === 0 && <p class="hint">{t("acts-none")}</p>}
      <ul class="cards">
        {acts.map((act) => <li key={act.id} class="card"><ActCard act={act} forms={forms} nowMs={list?.now_ms ?? 0} /></li>)}
      </ul>
    </>
  );
}

function ActCard({ act, forms, nowMs }: { act: ActSummary; forms: Form[]; nowMs: number }) {
  const form = forms.find((entry) => entry.kind === act.kind);
  return (
    <>
      <div class="card-head">
        <h2><a href={`#/act/${act.id}`}>{numberText(act)} · {act.subject ?? (act.state === "discarded" ? act.exam.title : t("draw-up-nobody"))}</a></h2>
        <ActStateChip act={act} />
        <CountdownChip act={act} nowMs={nowMs} />
        {act.repeated && <Chip tone="bad">{t("act-repeated-short")}</Chip>}
        {act.yours_to_sign && <Chip tone="warn">{t("act-yours")}</Chip>}
      </div>
      <p>{form ? say(form.title) : act.kind}</p>
      <p class="hint">
        {act.exam.title}, {windowText(act.exam.starts_ms, act.exam.ends_ms, act.exam.utc_offset_secs)}. {t("act-drawn-up", { who: act.created_by, date: day(act.created_ms, act.exam.utc_offset_secs) })}
        {act.signatures[1] > 0 && act.state !== "discarded" && ` ${t("act-signatures", { given: act.signatures[0], needed: act.signatures[1] })}`}
      </p>
    </>
  );
}

export function ActStateChip({ act }: { act: ActSummary }) {
  return (
    <>
      <Chip tone={stateTone(act.state)}>{t(`act-state-${act.state}`)}</Chip>
      {act.revoked_by !== null && <Chip tone="bad">{t("act-revoked")}</Chip>}
      {act.corrected_by !== null && act.revoked_by === null && <Chip tone="warn">{t("act-corrected")}</Chip>}
    </>
  );
}
