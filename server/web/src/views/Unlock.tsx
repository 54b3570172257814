import { useState } from "preact/hooks";
import { ApiError } from "../api.ts";
import { t } from "../l10n.ts";
import { vault } from "../vault.ts";
import type { Me } from "../wire.ts";
import { errorText } from "./hooks.ts";

const PINNED = "invigil.institution";

/** The institution key last used on this computer: another one deserves a look before a passphrase is typed. */
function pinned(): string | null {
  try {
    return localStorage.getItem(PINNED);
  } catch {
    return null;
  }
}

function pin(fingerprint: string): void {
  try {
    localStorage.setItem(PINNED, fingerprint);
  } catch {
    // Without storage there is nothing to compare with next time; the fingerprint is shown all the same.
  }
}

export function Unlock({ me }: { me: Me }) {
  const [passphrase, setPassphrase] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const [accepted, setAccepted] = useState(() => [null, me.institution].includes(pinned()));
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      const result = await vault.unlock(passphrase);
      if (result === "open") pin(me.institution);
      else setError(result === "no-key" ? t("unlock-none") : t("unlock-wrong"));
    } catch (problem) {
      setError(problem instanceof ApiError ? errorText(problem) : t("unlock-failed", { message: problem instanceof Error ? problem.message : String(problem) }));
    } finally {
      setPassphrase("");
      setBusy(false);
    }
  };
  return (
    <form class="card unlock" onSubmit={submit} aria-labelledby="unlock-title">
      <h2 id="unlock-title">{t("unlock-title")}</h2>
      <p>{t("unlock-lead")}</p>
      <Institution me={me} />
      {accepted ? (
        <>
          <label>
            {t("unlock-passphrase")}
            <input name="passphrase" type="password" autocomplete="off" required disabled={busy} value={passphrase} onInput={(event) => setPassphrase(event.currentTarget.value)} aria-describedby={error ? "unlock-error" : undefined} />
          </label>
          <p class="live-region" role="status">{busy && t("unlock-busy")}</p>
          {busy && <progress aria-label={t("unlock-busy")} />}
          {error && <p class="message bad" role="alert" id="unlock-error">{error}</p>}
          <button type="submit" class="primary" disabled={busy}>{t("unlock-submit")}</button>
        </>
      ) : (
        <div class="message bad" role="alert">
          <p>{t("institution-changed")}</p>
          <button type="button" onClick={() => setAccepted(true)}>{t("institution-accept")}</button>
        </div>
      )}
    </form>
  );
}

/** The fingerprint in groups of four, as people compare it. */
export function Institution({ me }: { me: Me }) {
  return (
    <div class="institution">
      <span>{t("institution")}</span>
      <code>{me.institution.replace(/(.{4})(?=.)/g, "$1 ")}</code>
      <small class="hint">{t("institution-hint")}</small>
    </div>
  );
}
