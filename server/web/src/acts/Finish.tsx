import { useState } from "preact/hooks";
import type { ActView, Form } from "../acts-wire.ts";
import { ApiError, api, documentPath } from "../api.ts";
import { type Progress, annexStills, makeAnnex, sealAttachment } from "../evidence/index.ts";
import { LANGUAGES, t } from "../l10n.ts";
import { vault } from "../vault.ts";
import { Dialog } from "../views/Dialog.tsx";
import { useAction } from "../views/hooks.ts";
import type { Me } from "../wire.ts";
import type { Known } from "./Act.tsx";
import { ProgressLine } from "./HoldChip.tsx";
import { NoteField } from "./NewHold.tsx";
import { UnlockFirst } from "./UnlockFirst.tsx";
import type { Draft } from "./draft.ts";
import { forget } from "./drafts.ts";
import { evidenceText } from "./sealing.ts";
import { refusalText } from "./words.ts";

/** The end of a draft: look at it, send it for signature, or discard it. */
export function Finish({ act, form, me, onAct, again, draft }: Known & { draft: Draft }) {
  const [dialog, setDialog] = useState<"discard" | "unlock" | null>(null);
  const [progress, setProgress] = useState<Progress | "working" | null>(null);
  const [trouble, setTrouble] = useState<string | null>(null);
  const id = act.summary.id;
  const send = async () => {
    setTrouble(null);
    setProgress("working");
    try {
      if (!(await draft.flush())) return setTrouble(t("draft-not-saved"));
      let fresh = await again();
      if (fresh.attachments.some(({ kind }) => kind === "still")) {
        if (!vault.key) return setDialog("unlock");
        await attachAnnex(fresh, form, me, (now) => setProgress(now));
        fresh = await again();
      }
      onAct(await api.forSignature(id, fresh.revision));
      document.getElementById("main")?.focus();
    } catch (problem) {
      setTrouble(problem instanceof ApiError ? (refusalText(problem) ?? evidenceText(problem)) : evidenceText(problem));
      if (problem instanceof ApiError) await again().catch(() => undefined);
    } finally {
      setProgress(null);
    }
  };
  return (
    <section class="card finish" aria-labelledby="finish-title">
      <h2 id="finish-title">{t("finish-title")}</h2>
      <p class="controls">
        <span>{t("act-preview")}</span>
        <DocumentLinks id={id} />
      </p>
      {act.attachments.some(({ kind }) => kind === "still") && <p class="hint">{t("finish-annex")}</p>}
      <div class="controls">
        {act.may.includes("for-signature") && <button type="button" class="primary" data-test="for-signature" disabled={progress !== null} onClick={() => void send()}>{t("finish-send")}</button>}
        {act.may.includes("discard") && <button type="button" class="danger" data-test="discard" disabled={progress !== null} onClick={() => setDialog("discard")}>{t("discard")}</button>}
        {progress !== null && <ProgressLine progress={progress === "working" ? null : progress} />}
      </div>
      {trouble && <p class="message bad" role="alert" data-test="finish-trouble">{trouble}</p>}
      {dialog === "discard" && <DiscardDialog act={act} onAct={onAct} onClose={() => setDialog(null)} />}
      {dialog === "unlock" && <UnlockFirst me={me} onOpen={() => (setDialog(null), void send())} onClose={() => setDialog(null)} />}
    </section>
  );
}

/** The annex of stills, made anew each time so that it holds the stills that the act names. */
async function attachAnnex(act: ActView, form: Form, me: Me, onProgress: (progress: Progress) => void): Promise<void> {
  const review = vault.key;
  if (!review) return;
  const { summary, language } = act;
  const stills = await annexStills(act, { me, review }, { onProgress });
  const bytes = await makeAnnex({
    language,
    organisation: me.organisation,
    title: form.title[language],
    act: summary.id,
    number: summary.number_text,
    exam: summary.exam.title,
    subject: summary.subject,
    utcOffsetSecs: summary.exam.utc_offset_secs,
    madeMs: act.now_ms,
    stills,
  });
  const sealed = await sealAttachment(act, { kind: "annex", media: "application/pdf", name: `annex-${language}.pdf`, source: null, bytes }, me);
  for (const { id } of act.attachments.filter(({ kind }) => kind === "annex")) await api.detach(summary.id, id);
  await api.attach(summary.id, sealed);
}

/** The document in each language. */
export function DocumentLinks({ id }: { id: string }) {
  return (
    <span class="group">
      {LANGUAGES.map(({ code, name }) => <a key={code} class="button small" lang={code} hreflang={code} target="_blank" rel="noopener" data-test={`pdf-${code}`} href={documentPath(id, code)}>PDF · {name}</a>)}
    </span>
  );
}

export function DiscardDialog({ act, onAct, onClose }: { act: ActView; onAct: (act: ActView) => void; onClose: () => void }) {
  const [note, setNote] = useState("");
  const { busy, trouble, run } = useAction(refusalText);
  const discard = () =>
    void run(async () => {
      const view = await api.discard(act.summary.id, note.trim());
      forget(act.summary.id);
      onAct(view);
      onClose();
    });
  return (
    <Dialog title={t("discard-title")} busy={busy} trouble={trouble} danger action={t("discard-do")} onSubmit={discard} onClose={onClose} disabled={note.trim() === ""}>
      <p>{t("discard-what")}</p>
      <NoteField label={t("discard-note")} value={note} onInput={setNote} />
    </Dialog>
  );
}
