import { useEffect, useRef, useState } from "preact/hooks";
import type { ActView, Form, Person } from "../acts-wire.ts";
import { ApiError, api, polled } from "../api.ts";
import { say, t } from "../l10n.ts";
import { useTitle } from "../views/hooks.ts";
import { Loading, windowText } from "../views/parts.tsx";
import type { Me } from "../wire.ts";
import { ActStateChip } from "./Acts.tsx";
import { Attachments } from "./Attachments.tsx";
import { Countdown } from "./Countdown.tsx";
import { Editor } from "./Editor.tsx";
import { Evidence } from "./Evidence.tsx";
import { History } from "./History.tsx";
import { Stranded } from "./Stranded.tsx";
import { Sheet } from "./Sheet.tsx";
import { Steps } from "./Steps.tsx";
import { actName, numberText } from "./words.ts";

const POLL_MS = 4000;

export interface Known {
  act: ActView;
  form: Form;
  people: readonly Person[];
  me: Me;
  /** An answer of the server about this act. */
  onAct: (act: ActView) => void;
  /** Reads the act anew. */
  again: () => Promise<ActView>;
}

export function Act({ id, me, onSignedOut }: { id: string; me: Me; onSignedOut: () => void }) {
  const [act, setAct] = useState<ActView | null>(null);
  const [forms, setForms] = useState<Form[] | null>(null);
  const [people, setPeople] = useState<Person[]>([]);
  const [error, setError] = useState<ApiError | null>(null);
  const newest = useRef(0);
  const turn = useRef(0);
  // An answer that was asked for earlier than the one shown says nothing new.
  const again = async () => {
    const mine = ++turn.current;
    const view = await polled.act(id);
    if (mine >= newest.current) {
      newest.current = mine;
      setAct(view);
    }
    return view;
  };
  const onAct = (view: ActView) => {
    newest.current = ++turn.current;
    setAct(view);
  };
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    let stopped = false;
    const poll = async () => {
      if (!document.hidden) {
        await again().then(
          () => setError(null),
          (problem: unknown) => setError(problem instanceof ApiError ? problem : new ApiError(0, id)),
        );
      }
      if (!stopped) timer = setTimeout(() => void poll(), POLL_MS);
    };
    void poll();
    api.forms().then(setForms, (problem: unknown) => setError(problem instanceof ApiError ? problem : new ApiError(0, id)));
    // Who may read an act but not draft one needs nobody to choose from.
    api.accounts().then(setPeople, () => undefined);
    return () => {
      stopped = true;
      clearTimeout(timer);
    };
  }, [id]);
  // What was put up for signature reads on as it was written, whatever became of the form's file.
  const form = act?.form ?? forms?.find(({ kind }) => kind === act?.summary.kind);
  useTitle(act ? actName(act.summary, form ? [form] : []) : t("acts-title"));
  if (!act || !forms) return <Loading error={error} empty onSignedOut={onSignedOut} />;
  if (!form) return <p class="message bad" role="alert">{t("act-no-form", { kind: act.summary.kind })}</p>;
  const known: Known = { act, form, people, me, onAct, again };
  const { summary } = act;
  const editable = summary.state === "draft" && act.may.includes("edit");
  return (
    <>
      <nav><a href="#/acts">← {t("acts-title")}</a></nav>
      <div class="card-head">
        <h1>{numberText(summary)} · {summary.subject ?? (summary.state === "discarded" ? summary.exam.title : t("draw-up-nobody"))}</h1>
        <ActStateChip act={summary} />
      </div>
      <p>{say(form.title)} <span class="hint">{summary.exam.title}, {windowText(summary.exam.starts_ms, summary.exam.ends_ms, summary.exam.utc_offset_secs)}</span></p>
      <Loading error={error} empty={false} onSignedOut={onSignedOut} />
      <Countdown act={summary} nowMs={act.now_ms} />
      <Related act={act} form={form} />
      {editable ? (
        <Editor key={id} {...known} />
      ) : (
        <>
          <Stranded {...known} />
          <Steps {...known} />
          {summary.state !== "discarded" && (
            <>
              <Sheet act={act} form={form} me={me} />
              <Evidence act={act} evidence={act.evidence} me={me} onChange={null} />
              <Attachments act={act} me={me} onChanged={async () => void (await again())} />
            </>
          )}
          <History act={act} />
        </>
      )}
    </>
  );
}

/** Other acts that this one has to do with. */
function Related({ act, form }: { act: ActView; form: Form }) {
  const { summary, refers_to, referred_by, earlier, close_note } = act;
  const link = (id: string) => <a href={`#/act/${id}`}>{t("act-open-other")}</a>;
  return (
    <>
      {close_note !== null && <p class="message">{t("act-discarded-note", { note: close_note })}</p>}
      {refers_to && <p class="message">{t(`act-${refers_to.relation}`)} {link(refers_to.act)}</p>}
      {referred_by.map(({ act: id, relation }) => <p key={id} class={`message ${relation === "revokes" ? "bad" : "warn"}`}>{t(`act-by-${relation}`)} {link(id)}</p>)}
      {summary.repeated && (
        <div class="message warn">
          <p>{form.repeated ? say(form.repeated) : t("act-repeated")}</p>
          {earlier.length > 0 && <p>{t("act-earlier", { count: earlier.length })} {earlier.map((id) => <span key={id}>{link(id)} </span>)}</p>}
        </div>
      )}
    </>
  );
}
