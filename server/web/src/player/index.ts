/** The server's unsigned list of chunks against the frames that were verified. Pure. */
import type { ChunkView, SegmentView } from "../wire.ts";

/** Times are rounded to ms by the server, twice. */
const TOLERANCE_MS = 3;

/** What a verified chunk's frame header says, and where it lies. */
export interface ChunkFrame {
  at: number;
  end: number;
  keyFrame: boolean;
  bootUs: number;
  wallMs: number;
  durationUs: number;
}

/** Where the server says that a segment's chunks lie and what they cover; times in ms on the server's clock. */
export interface Index {
  originMs: number;
  fromMs: number;
  toMs: number;
  chunks: ChunkView[];
}

/** A stretch about which the list and the frames do not agree. */
export interface Difference {
  fromMs: number;
  toMs: number;
  message: string;
}

export const indexOf = (segment: SegmentView): Index => ({
  originMs: segment.media_origin_ms,
  fromMs: segment.from_ms,
  toMs: segment.to_ms,
  chunks: segment.chunks,
});

const near = (a: number, b: number): boolean => Math.abs(a - b) <= TOLERANCE_MS;

/**
 * Compares what is listed at offsets `from` to `to` with `frames`, which are all chunks there. `originUs` is the header's boot time of media time
 * zero, which lies at `originMs`: by it every boot time has its place. A chunk at another time is named at both.
 */
export function compareChunks(index: Index, originUs: number, frames: readonly ChunkFrame[], from: number, to: number): Difference[] {
  const found: Difference[] = [];
  const listed = new Map<number, ChunkView>();
  const listedAt = (chunk: ChunkView, message: string) => found.push({ fromMs: chunk.from_ms, toMs: chunk.from_ms + chunk.duration_ms, message });
  let before = -1;
  for (const chunk of index.chunks) {
    if (chunk.offset < from || chunk.offset >= to) continue;
    if (chunk.offset <= before) listedAt(chunk, `the chunk at ${chunk.offset} is listed twice or in another order`);
    before = chunk.offset;
    listed.set(chunk.offset, chunk);
  }
  for (const frame of frames) {
    const fromMs = index.originMs + (frame.bootUs - originUs) / 1000;
    const durationMs = frame.durationUs / 1000;
    const differs = (message: string) => found.push({ fromMs, toMs: fromMs + durationMs, message: `the chunk at ${frame.at} ${message}` });
    const chunk = listed.get(frame.at);
    listed.delete(frame.at);
    if (!chunk) {
      differs("is not listed");
      continue;
    }
    if (chunk.len !== frame.end - frame.at) differs(`has ${frame.end - frame.at} bytes, listed with ${chunk.len}`);
    if (chunk.key !== frame.keyFrame) differs(`${frame.keyFrame ? "starts" : "does not start"} with a key frame, listed otherwise`);
    if (!near(chunk.duration_ms, durationMs)) differs(`lasts ${durationMs} ms, listed with ${chunk.duration_ms}`);
    if (!near(chunk.from_ms, fromMs)) {
      const message = `lies ${Math.round(chunk.from_ms - fromMs)} ms from its listed time`;
      differs(message);
      listedAt(chunk, `the chunk at ${frame.at} ${message}`);
    }
  }
  for (const chunk of listed.values()) listedAt(chunk, `no chunk lies at ${chunk.offset}`);
  return found;
}

/** Compares the listed times of the segment itself with those of its chunks. */
export function compareBounds({ originMs, fromMs, toMs, chunks }: Index): Difference[] {
  const first = chunks[0];
  const last = chunks.at(-1);
  const start = first ? first.from_ms : originMs;
  const end = last ? last.from_ms + last.duration_ms : originMs;
  if (near(fromMs, start) && near(toMs, end)) return [];
  return [{ fromMs, toMs: Math.max(toMs, fromMs + 1), message: "the segment is listed with other times than its chunks" }];
}

export function wallMinusBootMs([first]: readonly ChunkFrame[]): number | null {
  return first ? first.wallMs - Math.floor(first.bootUs / 1000) : null;
}

/** Where the server placed a checked segment of a run. */
export interface Placed {
  originMs: number;
  originUs: number;
  wallMinusBootMs: number | null;
}

/**
 * Whether segments of one run lie where one clock puts them. The server places a run's boot time by its heartbeats, the same for all segments; without
 * any, each segment by the device's wall clock.
 */
export function placedAlike(run: readonly Placed[]): boolean {
  const shift = ({ originMs, originUs }: Placed) => originMs - Math.floor(originUs / 1000);
  const [first] = run;
  return first === undefined || run.every((one) => near(shift(one), shift(first))) || run.every((one) => near(shift(one), one.wallMinusBootMs ?? shift(one)));
}
