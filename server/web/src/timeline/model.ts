/** What the timeline and its table show. Pure. */
import type { Damage } from "../player/plan.ts";
import type { RecordingView, SegmentView } from "../wire.ts";

export interface Bar {
  fromMs: number;
  toMs: number;
}

export interface Mark {
  atMs: number;
  kind: "start" | "end" | "now" | "expiry" | "deadline";
}

export interface OutageBar extends Bar {
  cause: string;
  /** Where the certain part is drawn: in the middle, since only its length is known. */
  certain: Bar | null;
  ongoing: boolean;
  upperMs: number;
  lowerMs: number | null;
  countedMs: number;
}

export interface Timeline {
  range: Bar;
  tracks: { track: string; footage: Bar[]; damaged: Damage[] }[];
  missing: (Bar & { cause: string })[];
  outages: OutageBar[];
  /** Stretches under hold. */
  held: (Bar & { hold: string; state: "pending" | "effective" })[];
  marks: Mark[];
}

export function timeline(recording: RecordingView, segments: Iterable<SegmentView>, damages: readonly Damage[], nowMs: number): Timeline {
  const outages = recording.outages.map((outage) => {
    const toMs = outage.to_ms ?? Math.max(nowMs, outage.from_ms);
    const spare = Math.max(0, toMs - outage.from_ms - (outage.lower_ms ?? 0)) / 2;
    return {
      fromMs: outage.from_ms,
      toMs,
      cause: outage.cause,
      certain: outage.lower_ms ? { fromMs: outage.from_ms + spare, toMs: toMs - spare } : null,
      ongoing: outage.ongoing,
      upperMs: outage.upper_ms,
      lowerMs: outage.lower_ms,
      countedMs: outage.counted_upper_ms,
    };
  });
  const footage = new Map<string, Bar[]>();
  const add = (track: string, bar: Bar) => footage.set(track, join([...(footage.get(track) ?? []), bar]));
  for (const stretch of recording.footage) add(stretch.track, { fromMs: stretch.from_ms, toMs: stretch.to_ms });
  for (const segment of segments) {
    if (segment.kind === "video" || segment.kind === "screen") add(segment.track, { fromMs: segment.from_ms, toMs: segment.to_ms });
  }
  const tracks = [...footage.keys()].sort().map((track) => ({
    track,
    footage: footage.get(track) ?? [],
    damaged: damages.filter((damage) => damage.track === track),
  }));
  const running = recording.state === "recording" || recording.state === "offline" || nowMs < recording.ends_ms;
  const bars = [...tracks.flatMap((track) => track.footage), ...outages];
  const range = {
    fromMs: Math.min(recording.starts_ms, ...bars.map(({ fromMs }) => fromMs)),
    toMs: Math.max(recording.ends_ms, ...bars.map(({ toMs }) => toMs)),
  };
  const marks: Mark[] = [
    { kind: "start", atMs: recording.starts_ms },
    { kind: "end", atMs: recording.ends_ms },
    { kind: "expiry", atMs: recording.exam.expires_ms },
  ];
  if (running) marks.push({ kind: "now", atMs: nowMs });
  if (recording.finding.deadline_ms !== null) marks.push({ kind: "deadline", atMs: recording.finding.deadline_ms });
  const missing = recording.missing.map(({ from_ms, to_ms, cause }) => ({ fromMs: from_ms, toMs: to_ms, cause }));
  const held = recording.held.map(({ hold, from_ms, to_ms, state }) => ({ hold, state, fromMs: from_ms, toMs: to_ms }));
  return { range, tracks, missing, outages, held, marks };
}

/** Joins bars that touch or overlap (joints between segments are a few milliseconds wide). */
export function join(bars: readonly Bar[]): Bar[] {
  const out: Bar[] = [];
  for (const bar of [...bars].sort((a, b) => a.fromMs - b.fromMs)) {
    const last = out.at(-1);
    if (last && bar.fromMs <= last.toMs + 500) last.toMs = Math.max(last.toMs, bar.toMs);
    else out.push({ ...bar });
  }
  return out;
}

/** Moments for the axis, at least `room` pixels apart, on whole steps of the local clock. */
export function ticks(view: Bar, widthPx: number, roomPx: number, offsetSecs: number): { atMs: number; seconds: boolean }[] {
  const steps = [1, 5, 10, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400].map((secs) => secs * 1000);
  const least = ((view.toMs - view.fromMs) * roomPx) / Math.max(1, widthPx);
  const step = steps.find((candidate) => candidate >= least) ?? 86_400_000;
  const offset = offsetSecs * 1000;
  const first = Math.ceil((view.fromMs + offset) / step) * step - offset;
  const out = [];
  for (let atMs = first; atMs <= view.toMs; atMs += step) out.push({ atMs, seconds: step < 60_000 });
  return out;
}

/** Zooms by `factor` around `centreMs`, inside `range` and not closer than 20 seconds. */
export function zoom(view: Bar, range: Bar, factor: number, centreMs: number): Bar {
  const length = Math.min(range.toMs - range.fromMs, Math.max(20_000, (view.toMs - view.fromMs) * factor));
  const share = (centreMs - view.fromMs) / Math.max(1, view.toMs - view.fromMs);
  const fromMs = centreMs - length * Math.min(1, Math.max(0, share));
  return shift({ fromMs, toMs: fromMs + length }, range, 0);
}

/** Moves a view by `byMs` and keeps it inside `range`. */
export function shift(view: Bar, range: Bar, byMs: number): Bar {
  const length = Math.min(view.toMs - view.fromMs, range.toMs - range.fromMs);
  const fromMs = Math.min(Math.max(view.fromMs + byMs, range.fromMs), range.toMs - length);
  return { fromMs, toMs: fromMs + length };
}
