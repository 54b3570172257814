/** How long the grade can still be cancelled (KazNU 1.19), and where a list puts what. Pure. */
import type { ActSummary } from "../acts-wire.ts";

const HOUR_MS = 3600_000;

export interface Left {
  /** The last moment has passed. */
  over: boolean;
  /** Whole days and hours, cut off, so that no time is promised that is not there. */
  days: number;
  hours: number;
  minutes: number;
  tone: "plain" | "warn" | "bad";
}

export function left(untilMs: number, nowMs: number): Left {
  const ms = Math.max(0, untilMs - nowMs);
  const hours = Math.floor(ms / HOUR_MS);
  const days = Math.floor(hours / 24);
  const tone = days < 3 ? "bad" : days < 7 ? "warn" : "plain";
  return { over: untilMs <= nowMs, days, hours: hours % 24, minutes: Math.floor(ms / 60_000) % 60, tone };
}

/** Whether the countdown still matters: an open act that can be too late. */
export function counts(act: ActSummary): boolean {
  return act.cancel_until_ms !== null && !["grade-cancelled", "discarded"].includes(act.state) && act.revoked_by === null && act.corrected_by === null;
}

/** Those with a limit first, the shortest left on top; the others by age, the newest on top. */
export function byDaysLeft(acts: readonly ActSummary[]): ActSummary[] {
  const until = (act: ActSummary) => (counts(act) ? (act.cancel_until_ms as number) : Number.POSITIVE_INFINITY);
  return [...acts].sort((a, b) => {
    const [x, y] = [until(a), until(b)];
    return x === y ? b.created_ms - a.created_ms : x - y;
  });
}
