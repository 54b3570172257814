import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import type { ApiError } from "../api.ts";
import { currentLanguage, t } from "../l10n.ts";
import { clock, day, offsetName } from "../time.ts";
import { errorText } from "./hooks.ts";

/** `24.05.2026 09:00–12:00 UTC+5` */
export function windowText(fromMs: number, toMs: number, offsetSecs: number): string {
  const end = day(fromMs, offsetSecs) === day(toMs, offsetSecs) ? "" : `${day(toMs, offsetSecs)} `;
  return `${day(fromMs, offsetSecs)} ${clock(fromMs, offsetSecs, false)} – ${end}${clock(toMs, offsetSecs, false)} ${offsetName(offsetSecs)}`;
}

/** A policy's threshold: whole minutes or seconds. */
export function thresholdText(ms: number): string {
  return ms % 60_000 === 0 ? t("length-minutes", { count: ms / 60_000 }) : t("length-seconds", { count: ms / 1000 });
}

export function Chip({ tone, children }: { tone: "good" | "warn" | "bad" | "plain" | "live"; children: ComponentChildren }) {
  return <span class={`chip ${tone}`}>{children}</span>;
}

/** What a list shows before it is there, or when it cannot be had. */
export function Loading({ error, empty, onSignedOut }: { error: ApiError | null; empty: boolean; onSignedOut: () => void }) {
  useEffect(() => {
    if (error?.status === 401) onSignedOut();
  }, [error]);
  if (error) return <p class="message bad" role="alert">{errorText(error)}</p>;
  return empty ? <p class="hint" role="status">{t("loading")}</p> : null;
}

export function Facts({ rows }: { rows: (readonly [string, ComponentChildren] | null)[] }) {
  return (
    <dl class="facts">
      {rows.map((row) => row && (
        <div key={row[0]}>
          <dt>{row[0]}</dt>
          <dd>{row[1]}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Megabytes with one decimal; browsers do not all know that Kazakh writes a comma. */
export function megabytes(bytes: number): string {
  const text = (bytes / 1e6).toFixed(1);
  return currentLanguage() === "en" ? text : text.replace(".", ",");
}
