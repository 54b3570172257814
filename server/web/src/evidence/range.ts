/** The playable range of one cited track (docs/evidence.md 6), the same bytes whoever makes it: shared/evidence/src/range.rs in the browser. */
import type { Bytes } from "../crypto/bytes.ts";
import { FormatError } from "../crypto/errors.ts";
import { Joiner } from "./mp4.ts";

/** A cited segment of the track. */
export interface Piece {
  /** Server's time minus the device's boot time, ms: of its run. */
  clockOffsetMs: number;
  /** Its chunks, in order. */
  chunks: readonly { keyFrame: boolean; bootUs: number }[];
  /** The init section, opened; `null` in a segment whose writer died before it. */
  init: () => Promise<Bytes | null>;
  /** A chunk by its place, opened. */
  open: (chunk: number) => Promise<Bytes>;
}

/** Which chunks make a range. */
export interface Selection {
  chunks: readonly { piece: number; chunk: number; atUs: number }[];
  /** Server's time of the first, us. */
  firstUs: number;
}

/**
 * From the last chunk with a key frame that begins at or before `fromMs` (else the first) to the last that begins before `toMs`. `null` when none begins
 * before `toMs`. Pieces are in order of run and sequence, and stay so.
 */
export function select(pieces: readonly Piece[], fromMs: number, toMs: number): Selection | null {
  const all = pieces.flatMap(({ clockOffsetMs, chunks }, piece) =>
    chunks.map(({ keyFrame, bootUs }, chunk) => ({ piece, chunk, keyFrame, atUs: clockOffsetMs * 1000 + bootUs })),
  );
  const start = all.findLastIndex(({ keyFrame, atUs }) => keyFrame && atUs <= fromMs * 1000);
  const end = all.findLastIndex(({ atUs }) => atUs < toMs * 1000);
  const chunks = all.slice(Math.max(0, start), end + 1);
  const [first] = chunks;
  return first ? { chunks, firstUs: first.atUs } : null;
}

/** Makes the MP4 and gives it away piece by piece; one chunk is open at a time. */
export async function writeRange(pieces: readonly Piece[], { chunks, firstUs }: Selection, write: (bytes: Bytes, chunk: number) => void): Promise<void> {
  // Init sections of the segments that have a chunk in the range, in order.
  const ofPiece = new Map<number, number>();
  const inits: Bytes[] = [];
  for (const { piece } of chunks) {
    if (ofPiece.has(piece)) continue;
    const init = await pieces[piece]?.init();
    if (!init) throw new FormatError("truncated", "the segment has no init section");
    ofPiece.set(piece, inits.push(init) - 1);
  }
  const joiner = Joiner.make(inits);
  write(joiner.start, 0);
  for (const [index, { piece, chunk, atUs }] of chunks.entries()) {
    const plain = await (pieces[piece] as Piece).open(chunk);
    write(joiner.fragmentAt(ofPiece.get(piece) ?? 0, Math.max(0, atUs - firstUs), plain), index + 1);
  }
}
