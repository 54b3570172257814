/** In and out marks of a range, on whole seconds, so that what is shown is what is cited. Pure. */
export interface Marks {
  fromMs: number | null;
  toMs: number | null;
}

export interface Range {
  fromMs: number;
  toMs: number;
}

export const NO_MARKS: Marks = { fromMs: null, toMs: null };
/** An act cites at most this much at a time. */
export const LONGEST_MS = 2 * 3600_000;
const SECOND_MS = 1000;

const down = (ms: number): number => Math.floor(ms / SECOND_MS) * SECOND_MS;
const up = (ms: number): number => Math.ceil(ms / SECOND_MS) * SECOND_MS;

/** The range begins at `ms`; an end that is not after it goes. */
export function markIn(marks: Marks, ms: number): Marks {
  const fromMs = down(ms);
  return { fromMs, toMs: marks.toMs !== null && marks.toMs > fromMs ? marks.toMs : null };
}

/** The range ends at `ms`; a beginning that is not before it goes. */
export function markOut(marks: Marks, ms: number): Marks {
  const toMs = up(ms);
  return { fromMs: marks.fromMs !== null && marks.fromMs < toMs ? marks.fromMs : null, toMs };
}

/** Moves one end and keeps it inside `bounds` and at least a second from the other end. */
export function move(marks: Marks, edge: "in" | "out", toMs: number, bounds: Range): Marks {
  const clamp = (ms: number, low: number, high: number) => Math.min(Math.max(ms, low), Math.max(low, high));
  const [low, high] = [down(bounds.fromMs), up(bounds.toMs)];
  if (edge === "in") return { ...marks, fromMs: clamp(down(toMs), low, (marks.toMs ?? high) - SECOND_MS) };
  return { ...marks, toMs: clamp(up(toMs), (marks.fromMs ?? low) + SECOND_MS, high) };
}

/** The marked range, when both ends are there. */
export function rangeOf({ fromMs, toMs }: Marks): Range | null {
  return fromMs === null || toMs === null ? null : { fromMs, toMs };
}

export const tooLong = (range: Range): boolean => range.toMs - range.fromMs > LONGEST_MS;

/** A moment of a track, as a still names it. */
interface AtMoment {
  source: { track: string; at_ms: number };
}

/** `stills` with `made` among them, in order of time; as they are when there are `most` already, or one of that moment. */
export function withStill<S extends AtMoment>(stills: readonly S[], made: S, most: number): readonly S[] {
  const same = stills.some(({ source }) => source.track === made.source.track && source.at_ms === made.source.at_ms);
  return same || stills.length >= most ? stills : [...stills, made].sort((a, b) => a.source.at_ms - b.source.at_ms);
}
