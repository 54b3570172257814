import { useEffect, useState } from "preact/hooks";
import { ApiError, api } from "../api.ts";
import { LANGUAGES, type Language, setLanguage, t, tOr } from "../l10n.ts";
import { locksInMs, missingFeatures, vault, watchIdle } from "../vault.ts";
import type { Me } from "../wire.ts";
import { Act } from "../acts/Act.tsx";
import { Acts } from "../acts/Acts.tsx";
import { Unsaved } from "../acts/Unsaved.tsx";
import { saveAll, watchLeaving } from "../acts/drafts.ts";
import { Audit } from "./Audit.tsx";
import { Exams } from "./Exams.tsx";
import { Holds } from "./Holds.tsx";
import { Login } from "./Login.tsx";
import { Navigation, homeOf } from "./Navigation.tsx";
import { Recording } from "./Recording.tsx";
import { Recordings } from "./Recordings.tsx";
import { Registrar } from "./Registrar.tsx";
import { errorText, useLanguage, useRoute, useVault } from "./hooks.ts";

export function App() {
  const language = useLanguage();
  const route = useRoute();
  const [me, setMe] = useState<Me | null>(null);
  const [asked, setAsked] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const [lacks, setLacks] = useState<string[]>([]);

  useEffect(() => {
    watchIdle();
    watchLeaving();
    void missingFeatures().then(setLacks);
    api
      .me()
      .then(setMe)
      .catch((problem: unknown) => {
        if (problem instanceof ApiError && problem.status !== 401) setError(problem);
      })
      .finally(() => setAsked(true));
  }, []);

  const signedOut = () => {
    vault.lock();
    setMe(null);
  };
  const signOut = async () => {
    if (!(await saveAll()) && !confirm(t("draft-leave"))) return;
    void api.logout().catch(() => undefined);
    signedOut();
    location.hash = "#/";
  };
  const page = me && route.page === "exams" ? homeOf(me.role) : route.page;
  const skip = (event: Event) => {
    event.preventDefault();
    document.getElementById("main")?.focus();
  };
  return (
    <>
      <a class="skip" href="#main" onClick={skip}>{t("skip-to-content")}</a>
      <Header me={me} language={language} onSignOut={() => void signOut()} />
      {me && <Navigation me={me} page={page} />}
      <main id="main" tabIndex={-1}>
        {lacks.length > 0 && <p class="message bad" role="alert">{t("browser-lacks", { features: lacks.join(", ") })}</p>}
        {error && <p class="message bad" role="alert">{errorText(error)}</p>}
        {!asked && <p class="hint" role="status">{t("loading")}</p>}
        {asked && !me && <Login onSignedIn={(person) => (setError(null), setMe(person))} />}
        {me && <Unsaved me={me} route={route} />}
        {me && page === "exams" && <Exams onSignedOut={signedOut} />}
        {me && route.page === "exam" && <Recordings key={route.id} exam={route.id} me={me} onSignedOut={signedOut} />}
        {me && page === "acts" && <Acts me={me} onSignedOut={signedOut} />}
        {me && route.page === "act" && <Act key={route.id} id={route.id} me={me} onSignedOut={signedOut} />}
        {me && page === "holds" && <Holds me={me} onSignedOut={signedOut} />}
        {me && page === "registrar" && <Registrar onSignedOut={signedOut} />}
        {me && page === "audit" && <Audit onSignedOut={signedOut} />}
        {me && route.page === "recording" && <Recording key={route.id} id={route.id} me={me} onSignedOut={signedOut} />}
      </main>
    </>
  );
}

function Header({ me, language, onSignOut }: { me: Me | null; language: string; onSignOut: () => void }) {
  return (
    <header>
      <a class="brand" href="#/">
        <svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true"><rect class="brand-ground" width="32" height="32" rx="7" /><path class="brand-line" d="M5 16c3-5 6.700-7.500 11-7.500S24 11 27 16c-3 5-6.700 7.500-11 7.500S8 21 5 16z" /><circle class="brand-dot" cx="16" cy="16" r="3.600" /></svg>
        <span>{t("app-name")}<small>{me?.organisation ?? t("app-title")}</small></span>
      </a>
      <div class="header-end">
        {me && <LockState />}
        {me && <span class="who" title={t("signed-in-as", { name: me.name, role: tOr(`role-${me.role}`, "role-unknown") })}>{me.name}</span>}
        <label class="language">
          <span class="sr">{t("language")}</span>
          <select value={language} onChange={(event) => setLanguage(event.currentTarget.value as Language)}>
            {LANGUAGES.map(({ code, name }) => <option key={code} value={code} lang={code}>{name}</option>)}
          </select>
        </label>
        {me && <button type="button" onClick={onSignOut}>{t("sign-out")}</button>}
      </div>
    </header>
  );
}

/** Whether the review key is open, and the way to lock it. */
function LockState() {
  const key = useVault();
  const [soon, setSoon] = useState<number | null>(null);
  useEffect(() => {
    const timer = setInterval(() => setSoon(locksInMs()), 1000);
    return () => clearInterval(timer);
  }, []);
  if (!key) return null;
  return (
    <span class="lock">
      <span class="chip good">{soon === null ? t("unlocked") : t("locks-soon", { seconds: Math.ceil(soon / 1000) })}</span>
      <button type="button" data-test="lock" onClick={() => vault.lock()}>{t("lock")}</button>
    </span>
  );
}
