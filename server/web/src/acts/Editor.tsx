import { useEffect, useState } from "preact/hooks";
import type { Form, Problem } from "../acts-wire.ts";
import { say, t, tOr } from "../l10n.ts";
import { moment } from "../time.ts";
import type { Known } from "./Act.tsx";
import { Attachments } from "./Attachments.tsx";
import { Clashes, Taken } from "./Clashes.tsx";
import { LanguageField } from "./DrawUp.tsx";
import { Evidence } from "./Evidence.tsx";
import { FieldInput } from "./FieldInput.tsx";
import { Finish } from "./Finish.tsx";
import { Signers } from "./Signers.tsx";
import type { Draft } from "./draft.ts";
import { draftOf, leave } from "./drafts.ts";
import { fieldId } from "./words.ts";

/** The editor of a draft: the form's data decides what is in it. */
export function Editor(known: Known) {
  const { act, form, people, me, again } = known;
  const draft = useDraft(known);
  const { content } = draft;
  const problems = new Map(act.problems.map(({ field, problem }) => [field, problem]));
  return (
    <div class="editor">
      <SaveLine draft={draft} />
      {act.returned && <p class="message warn" data-test="returned">{t("act-returned", { who: act.returned.by, when: moment(act.returned.at_ms, act.summary.exam.utc_offset_secs), note: act.returned.note })}</p>}
      <Clashes draft={draft} form={form} />
      <Taken draft={draft} form={form} />
      <p class="preamble">{say(form.preamble)}</p>
      <section class="card fields" aria-labelledby="drawn-title">
        <h2 id="drawn-title">{t("drawn-up-title")}</h2>
        <fieldset id="field-capacity" class="field" tabIndex={-1}>
          <legend>{t("drawn-up-capacity", { name: act.drawn_up_by })}<abbr class="required" title={t("field-required")}>*</abbr></legend>
          {form.drawn_up_by.map(({ id, label }) => (
            <label key={id} class="choice">
              <input type="radio" name="capacity" value={id} checked={content.capacity === id} onChange={() => draft.edit({ capacity: id })} /> {say(label)}
            </label>
          ))}
        </fieldset>
        <LanguageField value={content.language} onChange={(language) => draft.edit({ language })} />
      </section>
      {form.sections.map((section, index) => (
        <section key={index} class="card fields sections" aria-labelledby={`section-${index}`}>
          <h2 id={`section-${index}`}>{say(section.title)}</h2>
          {section.fields.map((field) => (
            <FieldInput key={field.name} field={field} value={content.fields[field.name] ?? ""} language={content.language} problem={problems.get(field.name) ?? null} onInput={(value) => draft.setField(field.name, value)} />
          ))}
        </section>
      ))}
      {form.points.length > 0 && <Points form={form} chosen={content.points} onChange={(points) => draft.edit({ points })} />}
      <Evidence act={act} evidence={content.evidence} me={me} onChange={(evidence) => draft.edit({ evidence })} onSealed={() => void again()} />
      <Attachments act={act} me={me} onChanged={async () => void (await again())} />
      <Signers form={form} people={people} value={content.to_sign} onChange={(to_sign) => draft.edit({ to_sign })} />
      <Problems form={form} problems={act.problems} />
      <Finish {...known} draft={draft} />
    </div>
  );
}

/** The draft in this page; renders again when it changes, meets what the server says, saves when the view goes. */
function useDraft({ act, me }: Known): Draft {
  const [draft] = useState(() => draftOf(me.login, act));
  const [, render] = useState(0);
  useEffect(() => {
    const stop = draft.watch(() => render((count) => count + 1));
    // What waited for signing in again, or for the view to come back.
    if (draft.unsaved) void draft.flush();
    return () => {
      stop();
      leave(draft);
    };
  }, [draft]);
  useEffect(() => draft.meet(act), [act]);
  return draft;
}

/** Always in sight: whether the server has what was typed. */
function SaveLine({ draft }: { draft: Draft }) {
  const tone = { saved: "good", waiting: "plain", saving: "plain", offline: "warn", "signed-out": "warn", conflict: "bad", refused: "bad", closed: "bad" }[draft.state];
  const why = draft.state === "refused" ? (draft.error?.body.message ?? "") : "";
  return (
    <div class="save-line">
      <span class={`chip ${tone}`} role="status" data-test="save-state" data-state={draft.state}>{t(`save-${draft.state}`)}</span>
      {why && <span class="field-error">{why}</span>}
      {(draft.state === "offline" || draft.state === "refused" || draft.state === "signed-out") && <button type="button" class="small" onClick={() => void draft.flush()}>{t("save-now")}</button>}
    </div>
  );
}

function Points({ form, chosen, onChange }: { form: Form; chosen: readonly string[]; onChange: (points: string[]) => void }) {
  const toggle = (id: string, on: boolean) => onChange(on ? [...chosen, id] : chosen.filter((point) => point !== id));
  return (
    <section class="card points" aria-labelledby="points-title">
      <fieldset id="field-points" class="field" tabIndex={-1}>
        <legend><h2 id="points-title">{t("points-title")}</h2></legend>
        {form.points.map(({ id, source, text }) => (
          <label key={id} class="choice">
            <input type="checkbox" name="point" value={id} checked={chosen.includes(id)} onChange={(event) => toggle(id, event.currentTarget.checked)} />
            <span><span class="source">{source}</span> {say(text)}</span>
          </label>
        ))}
      </fieldset>
      {form.aids.length > 0 && (
        <aside aria-labelledby="aids-title">
          <h3 id="aids-title">{t("aids-title")}</h3>
          <ul>{form.aids.map(({ source, text }, index) => <li key={index}><span class="source">{source}</span> {say(text)}</li>)}</ul>
        </aside>
      )}
    </section>
  );
}

/** What is missing before the act can be signed, each a way to the place. */
export function Problems({ form, problems }: { form: Form; problems: readonly Problem[] }) {
  if (problems.length === 0) return null;
  const name = (field: string): string => {
    const known = form.sections.flatMap(({ fields }) => fields).find((entry) => entry.name === field);
    return known ? say(known.label) : tOr(`place-${field}`, "clash-other");
  };
  const go = (field: string) => {
    const target = document.getElementById(fieldId(field));
    target?.scrollIntoView({ block: "center" });
    target?.focus({ preventScroll: true });
  };
  return (
    <section class="message warn problems" aria-labelledby="problems-title" data-test="problems">
      <h2 id="problems-title">{t("problems-title", { count: problems.length })}</h2>
      <ul>
        {problems.map(({ field, problem }) => (
          <li key={`${field} ${problem}`}><button type="button" class="link" onClick={() => go(field)}>{name(field)}</button>: {tOr(`problem-${problem}`, "problem-other")}</li>
        ))}
      </ul>
    </section>
  );
}
