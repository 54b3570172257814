import { useState } from "preact/hooks";
import type { ActView, Relation } from "../acts-wire.ts";
import { ApiError, api } from "../api.ts";
import { t } from "../l10n.ts";
import { clock, day } from "../time.ts";
import { Dialog } from "../views/Dialog.tsx";
import { useAction } from "../views/hooks.ts";
import type { Me } from "../wire.ts";
import type { Known } from "./Act.tsx";
import { BundleDialog } from "./BundleDialog.tsx";
import { DiscardDialog, DocumentLinks } from "./Finish.tsx";
import { NoteField } from "./NewHold.tsx";
import { type Without, referring, refusedFootage, relations, without } from "./refer.ts";
import { refusalText, shortDigest } from "./words.ts";

type Step = "sign" | "back-to-draft" | "pass-on" | "cancel-grade" | "correct" | "bundle" | "discard";
const ORDER: readonly Step[] = ["sign", "pass-on", "cancel-grade", "bundle", "correct", "back-to-draft", "discard"];
/** Longest document-routing number, as server/src/acts/events.rs takes it. */
const ROUTING_CHARS = 64;
const MAIN: readonly Step[] = ["sign", "pass-on", "cancel-grade"];

/** What the signed-in person may do with an act that is no longer being edited. */
export function Steps({ act, form, me, onAct }: Known) {
  const [step, setStep] = useState<Step | null>(null);
  const { summary } = act;
  const done = (view: ActView) => {
    onAct(view);
    setStep(null);
  };
  const close = () => setStep(null);
  const steps = ORDER.filter((name) => act.may.includes(name));
  return (
    <section class="card finish" aria-labelledby="steps-title">
      <h2 id="steps-title">{t(`act-state-long-${summary.state}`)}</h2>
      {act.content !== null && summary.state === "for-signature" && <p class="hint">{t("sign-content")} <code data-test="content">{shortDigest(act.content)}</code></p>}
      {summary.state !== "discarded" && (
        <p class="controls">
          <span>{t("act-document")}</span>
          <DocumentLinks id={summary.id} />
          {summary.number_text !== null && <a class="button small" target="_blank" rel="noopener" data-test="check-page" href={`/check/${summary.id}`}>{t("act-check-page")}</a>}
        </p>
      )}
      {steps.length > 0 && (
        <div class="controls">
          {steps.map((name) => (
            <button key={name} type="button" class={name === "discard" ? "danger" : MAIN.includes(name) && name === steps[0] ? "primary" : ""} data-test={`step-${name}`} onClick={() => setStep(name)}>{t(`step-${name}`)}</button>
          ))}
        </div>
      )}
      {step === "sign" && <SignDialog act={act} onDone={done} onClose={close} />}
      {step === "back-to-draft" && <BackDialog act={act} onDone={done} onClose={close} />}
      {step === "pass-on" && <PassOnDialog act={act} onDone={done} onClose={close} />}
      {step === "cancel-grade" && <CancelDialog act={act} onDone={done} onClose={close} />}
      {step === "correct" && <CorrectDialog act={act} me={me} onClose={close} />}
      {step === "bundle" && <BundleDialog act={act} me={me} onClose={close} />}
      {step === "discard" && <DiscardDialog act={act} onAct={onAct} onClose={close} />}
      {form.about === "staff" && <p class="hint">{t("act-staff-access")}</p>}
    </section>
  );
}

interface StepProps {
  act: ActView;
  onDone: (act: ActView) => void;
  onClose: () => void;
}

function SignDialog({ act, onDone, onClose }: StepProps) {
  const [password, setPassword] = useState("");
  const { busy, trouble, run } = useAction(refusalText);
  const sign = () =>
    void run(async () => {
      const given = password;
      setPassword("");
      onDone(await api.sign(act.summary.id, given, act.content ?? ""));
    });
  const last = act.summary.signatures[0] + 1 >= act.summary.signatures[1];
  return (
    <Dialog title={t("step-sign")} busy={busy} trouble={trouble} action={t("step-sign")} onSubmit={sign} onClose={onClose} disabled={password === ""}>
      <p>{t("sign-lead")}</p>
      <p>{t("sign-content")} <code>{shortDigest(act.content ?? "")}</code></p>
      {last && <p class="message warn">{t("sign-last")}</p>}
      <label class="stacked">
        <span>{t("sign-password")}</span>
        <input name="sign-password" type="password" autocomplete="current-password" required value={password} onInput={(event) => setPassword(event.currentTarget.value)} />
      </label>
    </Dialog>
  );
}

function BackDialog({ act, onDone, onClose }: StepProps) {
  const [note, setNote] = useState("");
  const { busy, trouble, run } = useAction(refusalText);
  return (
    <Dialog title={t("step-back-to-draft")} busy={busy} trouble={trouble} action={t("step-back-to-draft")} onSubmit={() => void run(async () => onDone(await api.backToDraft(act.summary.id, note.trim())))} onClose={onClose} disabled={note.trim() === ""}>
      <p>{t("back-what")}</p>
      <NoteField label={t("back-note")} value={note} onInput={setNote} />
    </Dialog>
  );
}

function PassOnDialog({ act, onDone, onClose }: StepProps) {
  const [name, setName] = useState("");
  const [post, setPost] = useState("");
  const { busy, trouble, run } = useAction(refusalText);
  return (
    <Dialog title={t("step-pass-on")} busy={busy} trouble={trouble} action={t("step-pass-on")} onSubmit={() => void run(async () => onDone(await api.passOn(act.summary.id, name.trim(), post.trim())))} onClose={onClose} disabled={name.trim() === "" || post.trim() === ""}>
      <p>{t("pass-on-lead")}</p>
      <label class="stacked"><span>{t("person-name-short")}</span><input name="to-name" required maxLength={200} autocomplete="off" value={name} onInput={(event) => setName(event.currentTarget.value)} /></label>
      <label class="stacked"><span>{t("person-post-short")}</span><input name="to-post" required maxLength={200} autocomplete="off" value={post} onInput={(event) => setPost(event.currentTarget.value)} /></label>
    </Dialog>
  );
}

function CancelDialog({ act, onDone, onClose }: StepProps) {
  const offsetSecs = act.summary.exam.utc_offset_secs;
  const [when, setWhen] = useState(() => localText(act.now_ms, offsetSecs));
  const [routing, setRouting] = useState("");
  const { busy, trouble, run } = useAction(refusalText);
  // The field shows minutes: the minute that is running must not lie in the future.
  const ms = Math.min(Date.parse(`${when}:00Z`) - offsetSecs * 1000, act.now_ms);
  return (
    <Dialog title={t("step-cancel-grade")} busy={busy} trouble={trouble} action={t("cancel-grade-do")} onSubmit={() => void run(async () => onDone(await api.cancelGrade(act.summary.id, ms, routing.trim())))} onClose={onClose} disabled={Number.isNaN(ms)}>
      <p>{t("cancel-grade-lead")}</p>
      <label class="stacked"><span>{t("cancel-grade-when")}</span><input name="cancelled" type="datetime-local" required max={localText(act.now_ms, offsetSecs)} value={when} onInput={(event) => setWhen(event.currentTarget.value)} /></label>
      <label class="stacked"><span>{t("cancel-grade-routing")}</span><input name="routing" maxLength={ROUTING_CHARS} autocomplete="off" value={routing} onInput={(event) => setRouting(event.currentTarget.value)} /></label>
    </Dialog>
  );
}

/** `2026-01-31T14:05` on the university's clock, as date fields write it. */
function localText(ms: number, offsetSecs: number): string {
  const [dd, mm, yyyy] = day(ms, offsetSecs).split(".");
  return `${yyyy}-${mm}-${dd}T${clock(ms, offsetSecs, false)}`;
}

/** A signed act never changes: a new one refers to it. */
function CorrectDialog({ act, me, onClose }: { act: ActView; me: Me; onClose: () => void }) {
  const choices = relations(act);
  const [relation, setRelation] = useState<Relation>(choices[0] ?? "supplements");
  const [refused, setRefused] = useState<Without | null>(null);
  const { busy, trouble, run } = useAction(refusalText);
  const no = without(act, relation, me.role, refused);
  const open = () =>
    void run(async () => {
      try {
        const made = await api.draft(referring(act, relation, no));
        onClose();
        location.hash = `#/act/${made.summary.id}`;
      } catch (problem) {
        // The draft can be opened without footage: the dialog now says so, and asks once more.
        const why = problem instanceof ApiError && no === null ? refusedFootage(problem) : null;
        setRefused(why);
        if (why === null || without(act, relation, me.role, why) === null) throw problem;
      }
    });
  return (
    <Dialog title={t("step-correct")} busy={busy} trouble={trouble} action={t("draw-up-open")} onSubmit={open} onClose={onClose}>
      <p>{t("correct-lead")}</p>
      <fieldset>
        <legend>{t("correct-relation")}</legend>
        {choices.map((name) => <label key={name} class="choice"><input type="radio" name="relation" value={name} checked={relation === name} onChange={() => setRelation(name)} /> {t(`relation-${name}`)}</label>)}
      </fieldset>
      <p class={no === null ? "hint" : "message warn"} role="status" data-test="without-footage">{no === null ? t("correct-filled-in") : t(`correct-without-${no}`)}</p>
    </Dialog>
  );
}
