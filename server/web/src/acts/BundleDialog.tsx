import { useEffect, useRef, useState } from "preact/hooks";
import type { ActView } from "../acts-wire.ts";
import { type Bundle, type Progress, makeBundle } from "../evidence/index.ts";
import { t } from "../l10n.ts";
import { vault } from "../vault.ts";
import { Dialog } from "../views/Dialog.tsx";
import { Unlock } from "../views/Unlock.tsx";
import { useVault } from "../views/hooks.ts";
import { megabytes } from "../views/parts.tsx";
import type { Me } from "../wire.ts";
import { saveAs } from "./Attachments.tsx";
import { ProgressLine } from "./HoldChip.tsx";
import { CopyButton, SealChoice, isAboutSealing, notSealed, sealFor } from "./SealChoice.tsx";
import { evidenceText } from "./sealing.ts";

/** Makes the evidence bundle in this page and offers it for saving. */
export function BundleDialog({ act, me, onClose }: { act: ActView; me: Me; onClose: () => void }) {
  const key = useVault();
  const [receiver, setReceiver] = useState("");
  const [choice, setChoice] = useState(notSealed);
  const [progress, setProgress] = useState<Progress | "working" | null>(null);
  const [bundle, setBundle] = useState<Bundle | null>(null);
  const [trouble, setTrouble] = useState<unknown>(null);
  const abort = useRef(new AbortController());
  useEffect(() => () => abort.current.abort(), []);
  const make = async () => {
    const review = vault.key;
    if (!review) return;
    setTrouble(null);
    setProgress("working");
    try {
      const made = await makeBundle(act.summary.id, receiver.trim(), { me, review }, { onProgress: setProgress, signal: abort.current.signal }, sealFor(choice));
      setBundle(made);
      saveAs(made.blob, made.name);
    } catch (problem) {
      if (!abort.current.signal.aborted) setTrouble(problem);
    } finally {
      setProgress(null);
    }
  };
  if (!key) {
    return (
      <Dialog title={t("step-bundle")} onClose={onClose}>
        <p>{t("unlock-first-why")}</p>
        <Unlock me={me} />
      </Dialog>
    );
  }
  if (bundle) {
    return (
      <Dialog title={t("bundle-done")} onClose={onClose}>
        <p role="status">{t("bundle-ready", { files: bundle.files, mb: megabytes(bundle.blob.size) })}</p>
        <p><button type="button" data-test="save-bundle" onClick={() => saveAs(bundle.blob, bundle.name)}>{t("bundle-save-again")}</button></p>
        {choice.kind === "passphrase" && (
          <>
            <label class="stacked">
              <span>{t("seal-passphrase-label")}</span>
              <input name="passphrase-made" class="code" readOnly aria-describedby="passphrase-once" value={choice.passphrase} onFocus={(event) => event.currentTarget.select()} />
            </label>
            <p class="hint" id="passphrase-once">{t("seal-passphrase-once")}</p>
            <p class="copy-line"><CopyButton text={choice.passphrase} /></p>
          </>
        )}
        <p class="hint">{t("bundle-check")} <code>invigil-server verify --institution {me.institution} {bundle.name}{choice.kind === "keys" && " --identity key.txt"}</code></p>
        {choice.kind !== "none" && <p class="hint">{t("bundle-open")} <code>age --decrypt {choice.kind === "keys" && "--identity key.txt "}--output {bundle.name.replace(/\.age$/, "")} {bundle.name}</code></p>}
      </Dialog>
    );
  }
  return (
    <Dialog title={t("step-bundle")} busy={progress !== null} trouble={trouble === null ? null : evidenceText(trouble)} action={t("bundle-make")} onSubmit={() => void make()} onClose={onClose} disabled={receiver.trim() === ""}>
      <p>{t("bundle-lead")}</p>
      <label class="stacked">
        <span>{t("bundle-receiver")}</span>
        <input name="receiver" required maxLength={200} autocomplete="off" value={receiver} onInput={(event) => setReceiver(event.currentTarget.value)} />
      </label>
      <p class="hint">{t("bundle-receiver-hint")}</p>
      <SealChoice choice={choice} onChange={(next) => (setChoice(next), setTrouble(null))} disabled={progress !== null} invalid={isAboutSealing(trouble)} />
      {progress !== null && <ProgressLine progress={progress === "working" ? null : progress} />}
    </Dialog>
  );
}
