/** What the timeline and its table show. Pure. */
import { type Damage, isPlayable, isSound } from "../player/plan.ts";
import type { Missing, RecordingView, SegmentView } from "../wire.ts";

export interface Bar {
  fromMs: number;
  toMs: number;
}

export interface Mark {
  atMs: number;
  kind: "start" | "end" | "now" | "expiry" | "deadline";
}

export interface MissingBar extends Bar {
  /** As in `cause-` of the texts. */
  cause: string;
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
  tracks: { track: string; sound: boolean; footage: Bar[]; damaged: Damage[]; missing: MissingBar[] }[];
  /** What all cameras lack together. */
  missing: MissingBar[];
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
  const heard = new Set<string>();
  for (const segment of segments) {
    if (isSound(segment)) heard.add(segment.track);
    if (isPlayable(segment)) for (const bar of barsOf(segment)) add(segment.track, bar);
  }
  const names = new Set([...footage.keys(), ...recording.track_missing.map(({ track }) => track)]);
  const tracks = [...names].sort().map((track) => {
    const sound = heard.has(track) || isSoundName(track);
    return {
      track,
      sound,
      footage: footage.get(track) ?? [],
      damaged: damages.filter((damage) => damage.track === track),
      missing: lacks(recording, track, sound),
    };
  });
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

/** Before the key is open only the name tells (docs/format.md). */
export function isSoundName(track: string): boolean {
  return /^mic\d+$/.test(track);
}

/** Less between two pictures is no gap, as for the server. */
const MIN_GAP_MS = 500;

/** What a track lacks, without what stands among that which all cameras lack, to within what is no gap. */
function lacks(recording: RecordingView, track: string, sound: boolean): MissingBar[] {
  const near = (one: number, other: number) => Math.abs(one - other) < MIN_GAP_MS;
  const isOfAll = (part: Missing) =>
    recording.missing.some(({ from_ms, to_ms, cause }) => part.cause === cause && near(part.from_ms, from_ms) && near(part.to_ms, to_ms));
  const own = recording.track_missing.filter((part) => part.track === track && !isOfAll(part));
  return own.map(({ from_ms, to_ms, cause }) => ({ fromMs: from_ms, toMs: to_ms, cause: causeOf(cause, sound) }));
}

/** The server has one word for a camera and for a microphone that delivers nothing. */
export function causeOf(cause: string, sound: boolean): string {
  return sound && cause === "camera-lost" ? "microphone-lost" : cause;
}

/** What a segment covers: a device that loses its camera or microphone for a moment goes on in the same segment. */
function barsOf({ from_ms, to_ms, chunks }: SegmentView): Bar[] {
  if (chunks.length === 0) return [{ fromMs: from_ms, toMs: to_ms }];
  return join(chunks.map((chunk) => ({ fromMs: chunk.from_ms, toMs: chunk.from_ms + chunk.duration_ms })));
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
