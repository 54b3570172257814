/** Times as the university reads its clock. Pure. */

/** `UTC+5` or `UTC+05:30`-like name of an offset in seconds east of UTC. */
export function offsetName(offsetSecs: number): string {
  const minutes = Math.abs(Math.round(offsetSecs / 60));
  const rest = minutes % 60;
  const sign = offsetSecs < 0 ? "−" : "+";
  return `UTC${sign}${Math.floor(minutes / 60)}${rest === 0 ? "" : `:${two(rest)}`}`;
}

const two = (value: number): string => String(value).padStart(2, "0");

/** Offset that an RFC 3339 text carries, in seconds; `null` if it carries none. */
export function offsetOf(rfc3339: string): number | null {
  const found = /([+-])(\d\d):(\d\d)(?:\[.*\])?$/.exec(rfc3339);
  if (!found) return /Z$/i.test(rfc3339) ? 0 : null;
  const secs = Number(found[2]) * 3600 + Number(found[3]) * 60;
  return found[1] === "-" ? -secs : secs;
}

const shifted = (ms: number, offsetSecs: number): Date => new Date(ms + offsetSecs * 1000);

/** `14:05:09` */
export function clock(ms: number, offsetSecs: number, seconds = true): string {
  const at = shifted(ms, offsetSecs);
  return `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}${seconds ? `:${two(at.getUTCSeconds())}` : ""}`;
}

/** Day, month and year in figures, the order of Kazakhstan's documents: `24.05.2026`. */
export function day(ms: number, offsetSecs: number): string {
  const at = shifted(ms, offsetSecs);
  return `${two(at.getUTCDate())}.${two(at.getUTCMonth() + 1)}.${at.getUTCFullYear()}`;
}

/** `24.05.2026 14:05 UTC+5` */
export function moment(ms: number, offsetSecs: number, seconds = false): string {
  return `${day(ms, offsetSecs)} ${clock(ms, offsetSecs, seconds)} ${offsetName(offsetSecs)}`;
}

/** Length as `1:02:03` or `2:03`; tenths are cut off, never rounded up over a threshold. */
export function length(ms: number): string {
  const secs = Math.floor(Math.abs(ms) / 1000);
  const sign = ms < 0 ? "−" : "";
  const hours = Math.floor(secs / 3600);
  const tail = `${two(secs % 60)}`;
  const minutes = Math.floor(secs / 60) % 60;
  return hours > 0 ? `${sign}${hours}:${two(minutes)}:${tail}` : `${sign}${minutes}:${tail}`;
}

/** Length to the millisecond, for bounds beside a threshold: `10:02.417`. */
export function exactLength(ms: number): string {
  return `${length(ms)}.${String(Math.floor(Math.abs(ms)) % 1000).padStart(3, "0")}`;
}

/** The moment that somebody typed as `14:05`, `14:05:30` (on the day of `nearMs` or the neighbouring day, whichever is nearer); `null` if it is none. */
export function parseClock(text: string, nearMs: number, offsetSecs: number): number | null {
  const found = /^\s*(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?\s*$/.exec(text);
  if (!found) return null;
  const [hours, minutes, seconds] = [Number(found[1]), Number(found[2]), Number(found[3] ?? 0)];
  if (hours > 23 || minutes > 59 || seconds > 59) return null;
  const midnight = Math.floor((nearMs + offsetSecs * 1000) / 86_400_000) * 86_400_000 - offsetSecs * 1000;
  const ofDay = (hours * 3600 + minutes * 60 + seconds) * 1000;
  const candidates = [-1, 0, 1].map((days) => midnight + days * 86_400_000 + ofDay);
  return candidates.reduce((best, ms) => (Math.abs(ms - nearMs) < Math.abs(best - nearMs) ? ms : best));
}
