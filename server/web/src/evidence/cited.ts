/** The cited segments of an act: fetched, verified from the first byte to the last, with their keys. */
import { api, segmentBytes } from "../api.ts";
import type { EvidenceSegment, EvidenceSource } from "../acts-wire.ts";
import { type Bytes, hex } from "../crypto/bytes.ts";
import type { Certificates } from "../crypto/certificate.ts";
import { FormatError } from "../crypto/errors.ts";
import { type Frame, Kind, readFrame } from "../crypto/frame.ts";
import { heldKey } from "../crypto/held.ts";
import { type RecordingScope, type RunKeys, openRunKey } from "../crypto/keys.ts";
import { type SegmentContext, importSegmentKey, rawSegmentKey, readSegment } from "../crypto/segment.ts";
import { openStatement } from "../crypto/statement.ts";
import { openFrame } from "../crypto/verify.ts";
import { WholeCheck } from "../crypto/whole.ts";
import type { KeyList } from "../wire.ts";
import { type CitedSegment, type SignedAct, citedRuns, segmentName } from "./act.ts";
import { Content } from "./content.ts";
import type { Piece } from "./range.ts";
import { EvidenceError, type Reviewer, type Work } from "./types.ts";

const STEP_BYTES = 4 * 1024 * 1024;

/** A cited segment. */
export interface Fetched {
  source: EvidenceSegment;
  content: Content;
  /** Its key, hexadecimal, as `keys.json` has it. */
  key: string;
  /** For making the playable range; `null` for a track of pictures. */
  piece: Piece | null;
}

/** Each segment that the act cites, once, in the order of a bundle. */
export async function fetchCited(act: SignedAct, source: EvidenceSource, certificates: Certificates, who: Reviewer, work: Work): Promise<Fetched[]> {
  const runs = citedRuns(act);
  const total = runs.flatMap(({ segments }) => segments).reduce((sum, { size_bytes }) => sum + size_bytes, 0);
  const keyLists = new Map<string, KeyList>();
  const out: Fetched[] = [];
  let done = 0;
  for (const { recording, run: cited, segments } of runs) {
    const keys = keyLists.get(recording) ?? (await api.keys(recording));
    keyLists.set(recording, keys);
    const scope: RecordingScope = { exam: act.exam.id, recording, fromMs: Math.min(act.exam.starts_ms, act.signedMs), toMs: act.signedMs };
    const record = source.runs.find(({ run }) => run === cited.run)?.key_record;
    if (!record) throw new EvidenceError("differs", `the server has no key record of run ${cited.run}`);
    const inner = keys.runs.find(({ run }) => run === cited.run)?.inner ?? "";
    const run = await openRunKey({ run: cited.run, record, inner }, certificates, scope, who.review);
    if (hex(run.digest) !== cited.key_record || hex(run.device) !== cited.device) {
      throw new EvidenceError("differs", `run ${cited.run} has another key record or device than the act cites`);
    }
    for (const segment of segments) {
      const listed = source.segments.find((entry) => segmentName(entry) === segmentName(segment));
      if (!listed) throw new EvidenceError("differs", `segment ${segmentName(segment)} is cited, but the server does not hand it out`);
      const bytes = await fetchWhole(listed, segment, work, done, total);
      done += bytes.length;
      out.push(await open({ listed, segment, bytes, run, clockOffsetMs: cited.clock_offset_ms, keys, certificates, scope, who }));
    }
    run.runKey?.fill(0);
  }
  return out;
}

async function fetchWhole(segment: EvidenceSegment, cited: CitedSegment, { onProgress, signal }: Work, done: number, total: number): Promise<Bytes> {
  const out = new Uint8Array(cited.size_bytes);
  for (let at = 0; at < out.length; at += STEP_BYTES) {
    signal?.throwIfAborted();
    onProgress?.({ stage: "fetching", done: done + at, total });
    out.set(await segmentBytes(segment.id, at, Math.min(at + STEP_BYTES, out.length)), at);
  }
  return out;
}

interface Opening {
  listed: EvidenceSegment;
  segment: CitedSegment;
  bytes: Bytes;
  run: RunKeys;
  clockOffsetMs: number;
  keys: KeyList;
  certificates: Certificates;
  scope: RecordingScope;
  who: Reviewer;
}

async function open({ listed, segment, bytes, run, clockOffsetMs, keys, certificates, scope, who }: Opening): Promise<Fetched> {
  const content = await Content.of(bytes);
  if (content.digest !== segment.digest) throw new EvidenceError("differs", `segment ${segmentName(segment)} is not the one that the act cites`);
  const read = await readSegment(bytes, segment, run, certificates, scope);
  const views = keys.segments.filter(({ id }) => id === listed.id);
  const held = run.runKey ? null : await heldKey(views, segment, certificates, scope.recording, who.review);
  if (!run.runKey && !held) throw new EvidenceError("expired", `the key of segment ${segmentName(segment)} is gone`);
  const raw = await rawSegmentKey(read.header, run, held);
  held?.fill(0);
  const context: SegmentContext = { ...read, key: await importSegmentKey(raw) };
  const whole = new WholeCheck(context);
  await whole.advance(async (from, to) => bytes.subarray(from, to), bytes.length);
  whole.finish(bytes.length);
  await checkReceipt(listed, content, whole.finalHead, certificates);
  const key = hex(raw);
  raw.fill(0);
  return { source: listed, content, key, piece: pieceOf(context, whole, content, clockOffsetMs) };
}

/** The server's receipt is for these bytes. */
async function checkReceipt(source: EvidenceSegment, content: Content, head: string, certificates: Certificates): Promise<void> {
  const names = ["institution", "recording", "run", "track", "sequence", "size_bytes", "digest", "head", "stored_ms"];
  const { key, members } = await openStatement(source.receipt, "receipt", names);
  const storedMs = Number(members["stored_ms"]);
  certificates.find("server", hex(key), storedMs, storedMs);
  const { recording, run, track, sequence } = source;
  const found = { recording, run, track, sequence, size_bytes: content.sizeBytes, digest: content.digest, head };
  for (const [name, value] of Object.entries(found)) {
    if (members[name] !== value) throw new EvidenceError("differs", `receipt of segment ${segmentName(source)}: ${name} is ${String(members[name])}, found ${value}`);
  }
}

function pieceOf(context: SegmentContext, whole: WholeCheck, content: Content, clockOffsetMs: number): Piece | null {
  if (!["video", "audio", "screen"].includes(context.header.kind)) return null;
  const frame = async (at: number, end: number | undefined): Promise<Frame> => {
    const bytes = await content.slice(at, end);
    const found = readFrame(bytes, at, at);
    if (!found) throw new FormatError("truncated", `the frame at ${at} is not whole`, at);
    return found;
  };
  const { chunks } = whole;
  return {
    clockOffsetMs,
    chunks,
    init: async () => {
      const first = await frame(context.framesAt, chunks[0]?.at);
      return first.kind === Kind.init ? openFrame(context, first) : null;
    },
    open: async (chunk) => {
      const { at, end } = chunks[chunk] as (typeof chunks)[number];
      return openFrame(context, await frame(at, end));
    },
  };
}
