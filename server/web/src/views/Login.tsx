import { useState } from "preact/hooks";
import { ApiError, api } from "../api.ts";
import { t } from "../l10n.ts";
import type { Me } from "../wire.ts";
import { errorText, useTitle } from "./hooks.ts";

export function Login({ onSignedIn }: { onSignedIn: (me: Me) => void }) {
  const [login, setLogin] = useState("");
  const [password, setPassword] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  useTitle(t("login-title"));
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      onSignedIn(await api.login(login, password));
    } catch (problem) {
      setError(problem instanceof ApiError ? problem : new ApiError(0, ""));
      setPassword("");
    } finally {
      setBusy(false);
    }
  };
  const message = error && (error.status === 401 ? t("login-wrong") : errorText(error));
  return (
    <form class="card narrow" onSubmit={submit}>
      <h1>{t("login-title")}</h1>
      <p class="hint">{t("login-lead")}</p>
      {message && <p class="message bad" role="alert" id="login-error">{message}</p>}
      <label>
        {t("login-name")}
        <input name="login" autocomplete="username" autocapitalize="none" spellcheck={false} required value={login} onInput={(event) => setLogin(event.currentTarget.value)} />
      </label>
      <label>
        {t("login-password")}
        <input name="password" type="password" autocomplete="current-password" required value={password} onInput={(event) => setPassword(event.currentTarget.value)} aria-describedby={message ? "login-error" : undefined} />
      </label>
      <button type="submit" class="primary" disabled={busy}>{busy ? t("login-busy") : t("login-submit")}</button>
    </form>
  );
}
