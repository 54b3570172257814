import { useId, useState } from "preact/hooks";
import { EvidenceError, type EvidenceFault, type SealFor } from "../evidence/index.ts";
import { t } from "../l10n.ts";
import { newPassphrase } from "./passphrase.ts";

const KINDS = ["none", "keys", "passphrase"] as const;

/** What was chosen and typed; nothing is lost when another choice is looked at. */
export interface Choice {
  kind: (typeof KINDS)[number];
  /** One key a line. */
  keys: string;
  passphrase: string;
}

export const notSealed: Choice = { kind: "none", keys: "", passphrase: "" };

export function sealFor({ kind, keys, passphrase }: Choice): SealFor | null {
  if (kind === "keys") return { kind, keys: keys.split("\n") };
  return kind === "passphrase" ? { kind, passphrase } : null;
}

const FAULTS: readonly EvidenceFault[] = ["recipient", "no-recipient", "secret-key", "short-passphrase"];

/** Whether what was typed here is to be corrected. */
export const isAboutSealing = (problem: unknown): boolean => problem instanceof EvidenceError && FAULTS.includes(problem.fault);

interface Props {
  choice: Choice;
  onChange: (choice: Choice) => void;
  disabled: boolean;
  invalid: boolean;
}

/** Whether and for whom a bundle is sealed. */
export function SealChoice({ choice, onChange, disabled, invalid }: Props) {
  const hint = useId();
  const choose = (kind: Choice["kind"]) => onChange({ ...choice, kind, passphrase: choice.passphrase || (kind === "passphrase" ? newPassphrase() : "") });
  return (
    <>
      <fieldset disabled={disabled}>
        <legend>{t("seal-for")}</legend>
        {KINDS.map((kind) => (
          <label key={kind} class="choice"><input type="radio" name="seal-for" value={kind} checked={choice.kind === kind} onChange={() => choose(kind)} /> {t(`seal-${kind}`)}</label>
        ))}
      </fieldset>
      {choice.kind === "keys" && (
        <label class="stacked">
          <span>{t("seal-keys-label")}</span>
          <textarea name="recipients" class="code" rows={3} required disabled={disabled} spellcheck={false} autocapitalize="off" autocomplete="off" placeholder="age1…" aria-invalid={invalid} aria-describedby={hint} value={choice.keys} onInput={(event) => onChange({ ...choice, keys: event.currentTarget.value })} />
        </label>
      )}
      {choice.kind === "passphrase" && (
        <div class="stacked">
          <label class="stacked">
            <span>{t("seal-passphrase-label")}</span>
            <input name="bundle-passphrase" class="code" required disabled={disabled} spellcheck={false} autocapitalize="off" autocomplete="off" aria-invalid={invalid} aria-describedby={hint} value={choice.passphrase} onInput={(event) => onChange({ ...choice, passphrase: event.currentTarget.value })} />
          </label>
          <p class="copy-line">
            <CopyButton key={choice.passphrase} text={choice.passphrase} />
            <button type="button" class="small" disabled={disabled} onClick={() => onChange({ ...choice, passphrase: newPassphrase() })}>{t("seal-passphrase-new")}</button>
          </p>
        </div>
      )}
      <p class="hint" id={hint}>{t(`seal-${choice.kind}-hint`)}</p>
    </>
  );
}

/** Copies a text and says so. */
export function CopyButton({ text }: { text: string }) {
  const [said, setSaid] = useState<"copied" | "copy-failed" | null>(null);
  const copy = async () => {
    setSaid(await navigator.clipboard.writeText(text).then(() => "copied" as const, () => "copy-failed" as const));
  };
  return (
    <>
      <button type="button" class="small" data-test="copy" onClick={() => void copy()}>{t("copy")}</button>
      <span role="status" class="hint">{said && t(said)}</span>
    </>
  );
}
