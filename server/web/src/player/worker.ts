/** The media worker: fetches, verifies and decrypts. Run keys live here and end with it. */
import { ApiError, segmentBytes } from "../api.ts";
import { unhex } from "../crypto/bytes.ts";
import { Certificates } from "../crypto/certificate.ts";
import { type Fault, FormatError } from "../crypto/errors.ts";
import { Kind } from "../crypto/frame.ts";
import { heldKey } from "../crypto/held.ts";
import { type OpenReviewKey, type RecordingScope, type RunKeys, openRunKey } from "../crypto/keys.ts";
import { type SegmentContext, openSegment } from "../crypto/segment.ts";
import { type Covered, cover, openFrame, readFrames } from "../crypto/verify.ts";
import { WholeCheck } from "../crypto/whole.ts";
import { compareBounds, compareChunks, wallMinusBootMs } from "./index.ts";
import type { SegmentKeyView } from "../wire.ts";
import { Pages } from "./pages.ts";
import type { Answer, CheckAnswer, CheckRequest, Envelope, OpenAnswer, OpenRequest, PiecesAnswer, PiecesRequest, Reply, SegmentRef, Trouble } from "./protocol.ts";

const CACHE_BYTES = 160 * 1024 * 1024;
const STEP_BYTES = 1024 * 1024;
/** Preamble and the longest header. */
const HEADER_BYTES = 16 + 8192;

let certificates: Certificates | null = null;
let scope: RecordingScope | null = null;
let review: OpenReviewKey | null = null;
/** Keys of single segments that holds keep beyond expiry; one segment may be held twice. */
let heldViews: readonly SegmentKeyView[] = [];
const runs = new Map<string, RunKeys>();
const opened = new Map<number, Promise<{ context: SegmentContext; init: ArrayBuffer }>>();
const checks = new Map<number, WholeCheck>();
const pages = new Pages(segmentBytes, CACHE_BYTES);
/** Reads for playing that are under way; the check in the background waits for them. */
let playing: Promise<unknown> = Promise.resolve();

self.onmessage = async (event: MessageEvent<Envelope>) => {
  const { id, request } = event.data;
  let reply: Reply;
  try {
    reply = { id, answer: await serve(request) };
  } catch (error) {
    reply = { id, trouble: trouble(error) };
    if (error instanceof ApiError) reply.status = error.status;
  }
  const transfer: ArrayBuffer[] = [];
  if (reply.answer && "pieces" in reply.answer) for (const { data } of reply.answer.pieces) if (data) transfer.push(data);
  postMessage(reply, { transfer });
};

function serve(request: Envelope["request"]): Promise<Answer> {
  switch (request.op) {
    case "open":
      return openRuns(request);
    case "pieces": {
      const answer = readPieces(request);
      playing = answer.catch(() => undefined);
      return answer;
    }
    case "check":
      return check(request);
  }
}

function trouble(error: unknown, fallback: Fault = "malformed"): Trouble {
  const message = error instanceof Error ? error.message : String(error);
  return { fault: error instanceof FormatError ? error.fault : fallback, message };
}

async function openRuns({ keys, scope: wanted, review: opener }: OpenRequest): Promise<OpenAnswer> {
  certificates = await Certificates.check(unhex(keys.institution, 32, "institution key"), keys.certificates);
  scope = wanted;
  review = opener;
  heldViews = keys.segments;
  const answer: OpenAnswer = { runs: [], refused: [], certificates: certificates.refused.map(({ message }) => message) };
  for (const entry of keys.runs) {
    try {
      runs.set(entry.run, await openRunKey(entry, certificates, wanted, opener));
      answer.runs.push(entry.run);
    } catch (error) {
      runs.delete(entry.run);
      answer.refused.push({ run: entry.run, trouble: trouble(error, "key-record") });
    }
  }
  return answer;
}

/** The header alone, which lies at the beginning whatever the server lists. */
async function contextOf(segment: SegmentRef): Promise<SegmentContext> {
  const run = runs.get(segment.run);
  if (!run || !certificates || !scope) throw new FormatError("key-record", `run ${segment.run} is not open`);
  const bytes = await pages.read(segment.id, 0, Math.min(HEADER_BYTES, segment.sizeBytes), segment.sizeBytes);
  if (run.runKey || !review) return openSegment(bytes, segment, run, certificates, scope);
  const held = await heldKey(heldViews.filter(({ id }) => id === segment.id), segment, certificates, scope.recording, review);
  return openSegment(bytes, segment, run, certificates, scope, held);
}

/** Header and init section, checked by the first signature (or as the unsigned beginning of a segment that has none yet). */
async function open(segment: SegmentRef): Promise<{ context: SegmentContext; init: ArrayBuffer }> {
  const context = await contextOf(segment);
  const bytes = await pages.read(segment.id, 0, segment.prefixEnd, segment.sizeBytes);
  const { frames, fault } = readFrames(bytes, 0, context.framesAt);
  const [first] = await cover(context, frames);
  if (!first) throw fault ?? new FormatError("truncated", "the segment has no init section");
  if (first.frame.kind !== Kind.init) throw new FormatError("order", "the segment does not start with its init section");
  if (first.cover === "broken" || (first.cover === "tail" && segment.closed)) {
    throw new FormatError("unsigned", "no device signature vouches for the segment's beginning");
  }
  return { context, init: (await openFrame(context, first.frame)).buffer };
}

function openOnce(segment: SegmentRef): Promise<{ context: SegmentContext; init: ArrayBuffer }> {
  const known = opened.get(segment.id) ?? open(segment);
  opened.set(segment.id, known);
  known.catch(() => opened.delete(segment.id));
  return known;
}

async function readPieces({ segment, from, to, index }: PiecesRequest): Promise<PiecesAnswer> {
  const { context, init } = await openOnce(segment);
  const { codec, width, height, originUs } = context.header;
  const chunks = index.chunks.map(({ offset }) => offset);
  const bytes = await pages.read(segment.id, from, to, segment.sizeBytes);
  const found = new Map<number, Covered>();
  let first: FormatError | null = null;
  let differences: PiecesAnswer["differences"] = [];
  // Frames are read one after the other; past a frame that cannot be read the next chunk that the server names is tried.
  for (let at = from; ; ) {
    const stretch = readFrames(bytes, from, at);
    first ??= stretch.fault;
    const covered = await cover(context, stretch.frames);
    for (const entry of covered) found.set(entry.frame.at, entry);
    // Only frames that are what the device wrote say anything against the list.
    if (at === from && !stretch.fault && covered.every((entry) => entry.cover !== "broken")) {
      const frames = stretch.frames.filter(({ kind }) => kind === Kind.chunk);
      differences = compareChunks(index, originUs, frames, from, stretch.end);
      // A run ends where the next chunk is listed.
      const last = index.chunks.at(-1);
      if (last && to < segment.sizeBytes && stretch.end !== to) {
        differences.push({ fromMs: last.from_ms, toMs: last.from_ms + last.duration_ms, message: `no frame starts at ${to}` });
      }
      if (differences[0]) first ??= new FormatError("index", differences[0].message, from);
    }
    const next = chunks.find((offset) => offset > stretch.end);
    if (next === undefined) break;
    at = next;
  }
  const pieces: PiecesAnswer["pieces"] = [];
  for (const offset of chunks) {
    const entry = found.get(offset);
    if (entry?.frame.kind !== Kind.chunk || entry.cover === "broken") {
      first ??= new FormatError("chain", `no device signature vouches for the chunk at ${offset}`, offset);
      pieces.push({ cover: "broken", data: null });
      continue;
    }
    try {
      pieces.push({ cover: entry.cover, data: (await openFrame(context, entry.frame)).buffer });
    } catch (error) {
      first ??= error as FormatError;
      pieces.push({ cover: "broken", data: null });
    }
  }
  return { codec, width, height, init: init.slice(0), pieces, differences, trouble: first ? trouble(first) : null };
}

/** Goes on where the last check of this segment stopped. */
async function check({ segment, index }: CheckRequest): Promise<CheckAnswer> {
  const context = await contextOf(segment);
  const whole = checks.get(segment.id) ?? new WholeCheck(context);
  checks.set(segment.id, whole);
  const compare = () => {
    const to = whole.checkedTo < segment.sizeBytes ? whole.checkedTo : Number.POSITIVE_INFINITY;
    return [...compareBounds(index), ...compareChunks(index, context.header.originUs, whole.chunks, 0, to)];
  };
  const state = (problem: Trouble | null): CheckAnswer => ({
    checkedTo: whole.checkedTo,
    signedTo: whole.signedTo,
    closing: whole.closing && { reason: whole.closing.reason, chunks: whole.closing.chunks },
    differences: compare(),
    originUs: context.header.originUs,
    wallMinusBootMs: wallMinusBootMs(whole.chunks),
    trouble: problem,
  });
  try {
    // Small steps first into the cache, so that playing never waits for a long read.
    for (let at = whole.checkedTo; at < segment.sizeBytes; at += STEP_BYTES) {
      await playing;
      await pages.read(segment.id, at, Math.min(at + STEP_BYTES, segment.sizeBytes), segment.sizeBytes);
    }
    await whole.advance((from, to) => pages.read(segment.id, from, to, segment.sizeBytes), segment.sizeBytes);
    if (segment.closed) whole.finish(segment.sizeBytes);
    const previous = previousHead(segment, context);
    return state(previous);
  } catch (error) {
    if (error instanceof ApiError) throw error;
    return state(trouble(error));
  }
}

/** Final heads of checked segments, by run, track and sequence: the next segment must continue them. */
const finalHeads = new Map<string, string>();

function previousHead(segment: SegmentRef, context: SegmentContext): Trouble | null {
  const whole = checks.get(segment.id);
  const name = (sequence: number) => `${segment.run} ${segment.track} ${sequence}`;
  if (whole?.closing) finalHeads.set(name(segment.sequence), whole.finalHead);
  const before = finalHeads.get(name(segment.sequence - 1));
  if (before === undefined || before === context.header.previousHead) return null;
  return { fault: "cut-out", message: `segment ${segment.sequence} does not continue segment ${segment.sequence - 1}` };
}
