import { useEffect, useState } from "preact/hooks";
import { ApiError, type Polled, polled } from "../api.ts";
import { currentLanguage, t, watchLanguage } from "../l10n.ts";
import { vault } from "../vault.ts";

export type Route =
  | { page: "exams" }
  | { page: "exam"; id: string }
  | { page: "recording"; id: string; atSecs: number | null }
  | { page: "act"; id: string }
  | { page: "acts" | "holds" | "registrar" | "audit" };

const ID = "[0-9a-f-]{36}";

/** What a hash such as `#/recording/ID?t=90` names; anything else is the list of exams. */
export function parseRoute(hash: string): Route {
  const exam = new RegExp(`^#/exam/(${ID})$`).exec(hash);
  if (exam?.[1]) return { page: "exam", id: exam[1] };
  const recording = new RegExp(`^#/recording/(${ID})(?:\\?t=(-?\\d+(?:\\.\\d+)?))?$`).exec(hash);
  if (recording?.[1]) return { page: "recording", id: recording[1], atSecs: recording[2] === undefined ? null : Number(recording[2]) };
  const act = new RegExp(`^#/act/(${ID})$`).exec(hash);
  if (act?.[1]) return { page: "act", id: act[1] };
  const list = /^#\/(acts|holds|registrar|audit)$/.exec(hash);
  if (list?.[1]) return { page: list[1] as "acts" | "holds" | "registrar" | "audit" };
  return { page: "exams" };
}

export function useRoute(): Route {
  const [route, setRoute] = useState(() => parseRoute(location.hash));
  useEffect(() => {
    // What was asked for: the address may already be the moment that the player wrote into it meanwhile.
    const listen = (event: HashChangeEvent) => setRoute(parseRoute(new URL(event.newURL).hash));
    addEventListener("hashchange", listen);
    return () => removeEventListener("hashchange", listen);
  }, []);
  return route;
}

/** Renders again when the language changes. */
export function useLanguage(): string {
  const [code, setCode] = useState<string>(currentLanguage());
  useEffect(() => watchLanguage(() => setCode(currentLanguage())), []);
  return code;
}

/** Renders again when the vault opens or locks. */
export function useVault() {
  const [key, setKey] = useState(vault.key);
  useEffect(() => vault.watch(() => setKey(vault.key)), []);
  return key;
}

export function useTitle(...parts: string[]): void {
  const title = [...parts, t("app-name")].join(" · ");
  useEffect(() => {
    document.title = title;
  }, [title]);
}

/** Loads something and again every `everyMs` while the page is visible; keeps the last answer when a later request fails. `load` asks `from` only. */
export function usePoll<T>(load: (from: Polled) => Promise<T>, everyMs: number, deps: unknown[]): { value: T | null; error: ApiError | null } {
  const [state, setState] = useState<{ value: T | null; error: ApiError | null }>({ value: null, error: null });
  useEffect(() => {
    let stopped = false;
    let timer: ReturnType<typeof setTimeout>;
    setState({ value: null, error: null });
    const once = async () => {
      if (!document.hidden) {
        try {
          const value = await load(polled);
          if (!stopped) setState({ value, error: null });
        } catch (error) {
          const known = error instanceof ApiError ? error : new ApiError(0, "");
          if (!stopped) setState(({ value }) => ({ value, error: known }));
        }
      }
      if (!stopped) timer = setTimeout(once, everyMs);
    };
    void once();
    return () => {
      stopped = true;
      clearTimeout(timer);
    };
  }, deps);
  return state;
}

/** A sentence for a failed request. */
export function errorText(error: ApiError): string {
  switch (error.status) {
    case 0:
      return t("error-offline");
    case 401:
      return t("error-signed-out");
    case 403:
      return t("error-forbidden");
    case 410:
      return t("error-expired");
    case 429:
      return t("login-too-many", { seconds: error.retryAfterSecs ?? 60 });
    default:
      return t("error-other", { status: error.status });
  }
}

/** A sentence for anything that was thrown; `known` gives a better one where the caller knows better. */
export function troubleText(problem: unknown, known?: (error: ApiError) => string | null): string {
  if (problem instanceof ApiError) return known?.(problem) ?? errorText(problem);
  return t("error-failed", { message: problem instanceof Error ? problem.message : String(problem) });
}

/** One thing that is being done at a time, with what went wrong in words. */
export function useAction(known?: (error: ApiError) => string | null) {
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<string | null>(null);
  const run = async (work: () => Promise<void>): Promise<void> => {
    setBusy(true);
    setTrouble(null);
    try {
      await work();
    } catch (problem) {
      setTrouble(troubleText(problem, known));
    } finally {
      setBusy(false);
    }
  };
  return { busy, trouble, run, clear: () => setTrouble(null) };
}
