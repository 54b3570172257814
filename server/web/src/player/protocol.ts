/** What the page and the media worker say to each other. */
import type { Fault } from "../crypto/errors.ts";
import type { OpenReviewKey, RecordingScope } from "../crypto/keys.ts";
import type { KeyList } from "../wire.ts";
import type { Difference, Index } from "./index.ts";

/** A segment as the worker needs it. */
export interface SegmentRef {
  id: number;
  run: string;
  track: string;
  sequence: number;
  sizeBytes: number;
  /** Will not grow any more: everything must be signed and closed. */
  closed: boolean;
  /** Where the first stretch that ends in a signature ends: the header and the init section are checked by it. */
  prefixEnd: number;
}

export interface Trouble {
  fault: Fault;
  message: string;
}

export interface OpenRequest {
  op: "open";
  keys: KeyList;
  scope: RecordingScope;
  review: OpenReviewKey;
}
export interface OpenAnswer {
  /** Runs that are authentic and whose key is open, or gone for good after expiry. */
  runs: string[];
  /** Runs that do not open or are not authentic, and why. */
  refused: { run: string; trouble: Trouble }[];
  /** Certificates that do not count: shown, since they may be a sign of tampering. */
  certificates: string[];
}

/** Read, verify and decrypt chunks that follow each other; `from` and `to` are offsets, `index` lists these chunks only. */
export interface PiecesRequest {
  op: "pieces";
  segment: SegmentRef;
  from: number;
  to: number;
  index: Index;
}
export interface PiecesAnswer {
  codec: string;
  width: number;
  height: number;
  init: ArrayBuffer;
  /** Same order and number as the request's chunks. */
  pieces: { cover: "signed" | "tail" | "broken"; data: ArrayBuffer | null }[];
  /** Where the server's list differs from the frames. */
  differences: Difference[];
  trouble: Trouble | null;
}

/** Verify a segment from its beginning, as far as it reaches now, and compare `index`, the whole list, with what lies there. */
export interface CheckRequest {
  op: "check";
  segment: SegmentRef;
  index: Index;
}
export interface CheckAnswer {
  checkedTo: number;
  signedTo: number;
  closing: { reason: string; chunks: number } | null;
  /** Where the server's list differs from the frames up to `checkedTo`. */
  differences: Difference[];
  /** The header's boot time of media time zero. */
  originUs: number;
  /** The device's wall clock minus its boot time in the first chunk; `null` without chunks. */
  wallMinusBootMs: number | null;
  trouble: Trouble | null;
}

export type Request = OpenRequest | PiecesRequest | CheckRequest;
export type Answer = OpenAnswer | PiecesAnswer | CheckAnswer;

export interface Envelope {
  id: number;
  request: Request;
}

/** `status` is that of a failed HTTP request (0: no answer), else `undefined`. */
export interface Reply {
  id: number;
  answer?: Answer;
  trouble?: Trouble;
  status?: number;
}
