import { type Bytes, concat, label, sha256, u32 } from "./bytes.ts";
import { FormatError } from "./errors.ts";

/** Frame kinds of docs/format.md 5. */
export const Kind = { init: 1, chunk: 2, final: 3, signature: 4, beacon: 5, closing: 6 } as const;

export const FRAME_HEADER = 64;
const TAG = 16;
const NO_COUNTER = 0xffff_ffff;
const MOST: Readonly<Record<number, readonly [least: number, most: number]>> = {
  [Kind.init]: [TAG, 64 * 1024 + TAG],
  [Kind.chunk]: [TAG + 1, 8 * 1024 * 1024 + TAG],
  [Kind.final]: [TAG, TAG],
  [Kind.signature]: [64, 64],
  [Kind.beacon]: [120, 120],
  [Kind.closing]: [1, 4096],
};

/** One frame where it lies; `at` and `end` are offsets in the file. */
export interface Frame {
  kind: number;
  keyFrame: boolean;
  counter: number;
  bootUs: number;
  wallMs: number;
  durationUs: number;
  at: number;
  end: number;
  headBefore: Bytes;
  /** The 64 bytes as they are: associated data. */
  header: Bytes;
  body: Bytes;
}

/**
 * Reads the frame at file offset `at` from `bytes`, whose first byte lies at file offset `base`. `null`: the bytes end before the frame does.
 * What a frame header may say by itself is checked here.
 */
export function readFrame(bytes: Bytes, base: number, at: number): Frame | null {
  const start = at - base;
  if (start + FRAME_HEADER > bytes.length) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, FRAME_HEADER);
  const kind = view.getUint8(0);
  const flags = view.getUint8(1);
  const counter = view.getUint32(4);
  const durationUs = view.getUint32(24);
  const length = view.getUint32(28);
  const limits = MOST[kind];
  const malformed = (what: string) => new FormatError("malformed", `frame at ${at}: ${what}`, at);
  if (!limits) throw malformed(`unknown kind ${kind}`);
  if (view.getUint16(2) !== 0) throw malformed("reserved bits are set");
  if (flags & ~3 || (flags & 1) !== Number(kind === Kind.final) || (flags & 2 && kind !== Kind.chunk)) throw malformed("flags do not fit the kind");
  if ((counter === NO_COUNTER) === kind <= Kind.final) throw malformed("the counter does not fit the kind");
  if (view.getBigUint64(16) >> 63n) throw malformed("the wall time is out of range");
  if (durationUs !== 0 && kind !== Kind.chunk) throw malformed("only a chunk has a duration");
  if (length < limits[0] || length > limits[1]) throw malformed(`a body of ${length} bytes does not fit the kind`);
  if (start + FRAME_HEADER + length > bytes.length) return null;
  const header = bytes.subarray(start, start + FRAME_HEADER);
  return {
    kind,
    keyFrame: (flags & 2) !== 0,
    counter,
    bootUs: Number(view.getBigUint64(8)),
    wallMs: Number(view.getBigUint64(16)),
    durationUs,
    at,
    end: at + FRAME_HEADER + length,
    headBefore: header.subarray(32, 64),
    header,
    body: bytes.subarray(start + FRAME_HEADER, start + FRAME_HEADER + length),
  };
}

/** Head of the chain after a frame. */
export function headAfter(frame: Frame): Promise<Bytes> {
  return sha256(label("invigil v1 frame head"), frame.header, frame.body);
}

/** Decrypts the body of a sealed frame (kinds 1 to 3). */
export async function openBody(frame: Frame, key: CryptoKey, head0: Uint8Array): Promise<Bytes> {
  const iv = concat(new Uint8Array(7), u32(frame.counter), Uint8Array.of(Number(frame.kind === Kind.final)));
  const algorithm = { name: "AES-GCM", iv, additionalData: concat(head0, frame.header) };
  try {
    return new Uint8Array(await crypto.subtle.decrypt(algorithm, key, frame.body));
  } catch {
    throw new FormatError("not-opened", `frame at ${frame.at}: the seal is broken`, frame.at);
  }
}
