import { type Bytes, concat, equal, fromUtf8, hex, label, unhex } from "./bytes.ts";
import { FormatError, named } from "./errors.ts";
import { type Frame, Kind, headAfter, openBody, readFrame } from "./frame.ts";
import { integer, parseJson } from "./json.ts";
import type { SegmentContext } from "./segment.ts";
import { type Statement, openStatement, verifyEd25519 } from "./statement.ts";

/** A frame of a fetched stretch with what the stretch says about it. */
export interface Covered {
  frame: Frame;
  /** `signed`: a valid device signature follows it and the chain up to there is unbroken. `tail`: unbroken to the end, but nothing follows. */
  cover: "signed" | "tail" | "broken";
}

/** Result of reading frames one after the other. */
interface Stretch {
  frames: Frame[];
  /** Offset after the last whole frame. */
  end: number;
  fault: FormatError | null;
}

/** Reads whole frames from `from`; stops before an incomplete one, and at a malformed one with the fault. */
export function readFrames(bytes: Bytes, base: number, from: number): Stretch {
  const frames: Frame[] = [];
  let end = from;
  try {
    for (let frame = readFrame(bytes, base, end); frame; frame = readFrame(bytes, base, end)) {
      frames.push(frame);
      end = frame.end;
    }
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return { frames, end, fault: error };
  }
  return { frames, end, fault: null };
}

/**
 * Says for each frame of a stretch, which need not start at the file's beginning, whether it is covered. A signature vouches for the frames
 * before it as far back as the chain is unbroken, so one damaged frame costs only what lies between two signatures.
 */
export async function cover(context: SegmentContext, frames: readonly Frame[]): Promise<Covered[]> {
  const heads = await Promise.all(frames.map(headAfter));
  const linked = (index: number) => {
    const before = heads[index - 1];
    const frame = frames[index];
    return before !== undefined && frame !== undefined && frames[index - 1]?.end === frame.at && equal(frame.headBefore, before);
  };
  const out: Covered[] = frames.map((frame) => ({ frame, cover: "broken" }));
  let signed = false;
  let tail = true;
  for (let index = frames.length - 1; index >= 0; index--) {
    const entry = out[index];
    const frame = frames[index];
    if (!entry || !frame) continue;
    if (index < frames.length - 1 && !linked(index + 1)) {
      signed = false;
      tail = false;
    }
    if (await vouches(context, frame)) {
      entry.cover = "signed";
      signed = true;
      tail = false;
    } else if (signed) {
      entry.cover = "signed";
    } else if (tail && frame.kind !== Kind.signature && frame.kind !== Kind.closing) {
      entry.cover = "tail";
    } else {
      tail = false;
    }
  }
  return out;
}

async function vouches(context: SegmentContext, frame: Frame): Promise<boolean> {
  if (frame.kind === Kind.signature) return signatureHolds(context, frame);
  if (frame.kind !== Kind.closing) return false;
  return closing(context, frame).then(
    (found) => found.head === hex(frame.headBefore),
    () => false,
  );
}

function signatureHolds(context: SegmentContext, frame: Frame): Promise<boolean> {
  return verifyEd25519(context.device, frame.body, concat(label("invigil v1 head signature"), frame.headBefore));
}

/** What a closing record says, signed by the device and about this segment. */
export interface Closing {
  reason: "full" | "stopped" | "recovered";
  chunks: number;
  durationUs: number;
  sizeBytes: number;
  digest: string;
  head: string;
}

export async function closing(context: SegmentContext, frame: Frame): Promise<Closing> {
  const statement = named("closing", () => parseJson(fromUtf8(frame.body))) as unknown as Statement;
  const names = ["institution", "recording", "run", "track", "sequence", "reason", "chunks", "duration_us", "size_bytes", "digest", "head"];
  const { key, members } = await openStatement(statement, "closing", names);
  return named("closing", () => {
    if (!equal(key, context.device)) throw new TypeError("closing record: signed by another key than the segment's device");
    const { institution, recording, run, track, sequence } = context.header;
    for (const [name, value] of Object.entries({ institution, recording, run, track, sequence })) {
      if (members[name] !== value) throw new TypeError(`closing record: ${name} is of another segment`);
    }
    const reason = String(members["reason"]) as Closing["reason"];
    if (!["full", "stopped", "recovered"].includes(reason)) throw new TypeError("closing record: unknown reason");
    return {
      reason,
      chunks: integer(members["chunks"], "chunks", 0, 100_000),
      durationUs: integer(members["duration_us"], "duration_us", 0),
      sizeBytes: integer(members["size_bytes"], "size_bytes", 0),
      digest: hex(unhex(members["digest"], 32, "digest")),
      head: hex(unhex(members["head"], 32, "head")),
    };
  });
}

/** Decrypts a covered frame's body; a chunk's plain text is one fragment, ready for the player. */
export function openFrame(context: SegmentContext, frame: Frame): Promise<Bytes> {
  return openBody(frame, context.key, context.head0);
}
