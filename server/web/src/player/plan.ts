/** Which bytes to fetch for which moment. Pure: no clock, no network. */
import type { ChunkView, SegmentView } from "../wire.ts";
import type { PiecesAnswer, SegmentRef } from "./protocol.ts";

/** Sizes of whole signature and beacon frames (docs/format.md 5). */
const SIGNATURE = 64 + 64;
const BEACON = 64 + 120;

/** A device signs at least every 5 s of capture (docs/format.md 5), and a chunk lasts about 1 s. */
const MOST_UNSIGNED_MS = 6000;

/** Chunks `first` to `last` (inclusive) of a segment, fetched together. */
export interface Run {
  segment: SegmentView;
  first: number;
  last: number;
  from: number;
  to: number;
  /** Ends in a signature, as far as the gaps between chunks tell. */
  signed: boolean;
}

/** Whether a signature frame fits into the bytes that follow chunk `index`. */
function signatureFollows(segment: SegmentView, index: number): boolean {
  const chunk = segment.chunks[index];
  if (!chunk) return false;
  const gap = (segment.chunks[index + 1]?.offset ?? segment.size_bytes) - (chunk.offset + chunk.len);
  return gap >= SIGNATURE && gap !== BEACON;
}

/** A segment that will not grow any more. */
export const isClosed = (segment: SegmentView): boolean => segment.state === "stored";

/** Kinds of tracks with a moving picture. */
export const isPicture = (segment: SegmentView): boolean => segment.kind === "video" || segment.kind === "screen";

export const isSound = (segment: SegmentView): boolean => segment.kind === "audio";

/** Kinds of tracks that this player shows or lets hear. */
export const isPlayable = (segment: SegmentView): boolean => isPicture(segment) || isSound(segment);

/** Names of the tracks of a kind, in order. */
export function trackNames(segments: Iterable<SegmentView>, kind: (segment: SegmentView) => boolean): string[] {
  return [...new Set([...segments].filter(kind).map(({ track }) => track))].sort();
}

/** The fetch that starts at chunk `first` and ends with the next signature; without one, with the last chunk. */
export function runFrom(segment: SegmentView, first: number): Run | null {
  const start = segment.chunks[first];
  if (!start) return null;
  let last = first;
  while (last < segment.chunks.length - 1 && !signatureFollows(segment, last)) last++;
  const to = segment.chunks[last + 1]?.offset ?? segment.size_bytes;
  return { segment, first, last, from: start.offset, to, signed: signatureFollows(segment, last) };
}

export function reference(segment: SegmentView): SegmentRef {
  const { id, run, track, sequence } = segment;
  const prefixEnd = runFrom(segment, 0)?.to ?? segment.size_bytes;
  return { id, run, track, sequence, sizeBytes: segment.size_bytes, closed: isClosed(segment), prefixEnd };
}

/** Chunks from number `first` on, which no signature follows, that are more than a device leaves unsigned: the first such number. */
export function unsignedLimit({ chunks }: SegmentView, first: number): number {
  let lengthMs = 0;
  let index = first;
  for (; index < chunks.length; index++) {
    lengthMs += chunks[index]?.duration_ms ?? 0;
    if (lengthMs > MOST_UNSIGNED_MS) break;
  }
  return index;
}

/** What keeps each chunk of a fetched run from being shown; `null`: nothing. Only the short newest end of a growing segment may be unsigned. */
export function faultsOf({ segment, first, last }: Run, { pieces, differences, trouble }: PiecesAnswer): (string | null)[] {
  let tailStart = first + Math.max(0, pieces.findIndex(({ cover }) => cover === "tail"));
  if (tailStart === first) while (tailStart > 0 && !signatureFollows(segment, tailStart - 1)) tailStart--;
  const growing = !isClosed(segment) && last === segment.chunks.length - 1;
  const limit = growing ? unsignedLimit(segment, tailStart) : 0;
  return pieces.map(({ cover }, index) => {
    if (cover === "signed" || (cover === "tail" && first + index < limit)) return null;
    if (differences.length > 0) return "index";
    return cover === "tail" ? "unsigned" : (trouble?.fault ?? "chain");
  });
}

/** A chunk of a list of segments. */
export interface Position {
  segment: number;
  chunk: number;
}

const endOf = (chunk: ChunkView): number => chunk.from_ms + chunk.duration_ms;

/** Segments of one track in order of time. */
export function ofTrack(segments: Iterable<SegmentView>, track: string): SegmentView[] {
  const order = (a: SegmentView, b: SegmentView) => a.from_ms - b.from_ms || a.sequence - b.sequence;
  return [...segments].filter((segment) => segment.track === track && isPlayable(segment) && segment.chunks.length > 0).sort(order);
}

/** The first chunk that ends after `ms`, and so covers it or is the next after it. */
export function positionAt(segments: readonly SegmentView[], ms: number): Position | null {
  for (const [segment, { chunks, to_ms }] of segments.entries()) {
    if (to_ms <= ms) continue;
    const chunk = chunks.findIndex((entry) => endOf(entry) > ms);
    if (chunk >= 0) return { segment, chunk };
  }
  return null;
}

/** Back to the key frame from which a decoder can reach `position`. */
export function keyBefore(segments: readonly SegmentView[], position: Position): Position {
  const chunks = segments[position.segment]?.chunks ?? [];
  let chunk = position.chunk;
  while (chunk > 0 && !chunks[chunk]?.key) chunk--;
  return { segment: position.segment, chunk };
}

/** End of the newest footage. */
export function liveEdge(segments: readonly SegmentView[]): number | null {
  return segments.reduce<number | null>((edge, { to_ms }) => Math.max(edge ?? to_ms, to_ms), null);
}

/** Sequence numbers of a track's runs that the server does not list although later ones exist. */
export function missingSequences(segments: Iterable<SegmentView>): { run: string; track: string; sequence: number }[] {
  const known = new Map<string, { run: string; track: string; found: Set<number> }>();
  for (const { run, track, sequence } of segments) {
    const entry = known.get(`${run} ${track}`) ?? { run, track, found: new Set<number>() };
    entry.found.add(sequence);
    known.set(`${run} ${track}`, entry);
  }
  return [...known.values()].flatMap(({ run, track, found }) =>
    Array.from({ length: Math.max(...found) }, (_, sequence) => ({ run, track, sequence })).filter(({ sequence }) => !found.has(sequence)),
  );
}

/** A range of the recording that is damaged; times in ms on the server's clock. */
export interface Damage {
  segment: number;
  track: string;
  sequence: number;
  fromMs: number;
  toMs: number;
  fault: string;
  message: string;
}

/** Adds damage to a list, joining what touches within one segment; a wrong list is another matter than damaged footage and keeps its name. */
export function addDamage(list: readonly Damage[], found: Damage): Damage[] {
  const alike = (a: Damage) => a.segment === found.segment && (a.fault === "index") === (found.fault === "index");
  const touches = (a: Damage) => alike(a) && a.fromMs <= found.toMs + 1 && found.fromMs <= a.toMs + 1;
  const joined = list.filter(touches).reduce(
    (sum, a) => ({ ...a, fromMs: Math.min(sum.fromMs, a.fromMs), toMs: Math.max(sum.toMs, a.toMs) }),
    found,
  );
  return [...list.filter((a) => !touches(a)), joined].sort((a, b) => a.fromMs - b.fromMs);
}

/**
 * The moment from `ms` on at which a picture can be shown: footage covers it, and neither it nor what a decoder needs before it, back to the key
 * frame, is damaged. `null` when nothing follows.
 */
export function playableFrom(segments: readonly SegmentView[], damages: readonly Damage[], ms: number): number | null {
  const damaged = (segment: SegmentView, fromMs: number, toMs: number) =>
    damages.some((damage) => damage.segment === segment.id && damage.fromMs < toMs && fromMs < damage.toMs);
  const start = positionAt(segments, ms);
  if (!start) return null;
  for (const [index, segment] of segments.entries()) {
    if (index < start.segment) continue;
    let decodable = false;
    const first = index === start.segment ? keyBefore(segments, start).chunk : 0;
    for (const [number, chunk] of segment.chunks.entries()) {
      if (number < first) continue;
      decodable = (decodable || chunk.key) && !damaged(segment, chunk.from_ms, endOf(chunk));
      if (decodable && endOf(chunk) > ms) return Math.max(ms, chunk.from_ms);
    }
  }
  return null;
}
