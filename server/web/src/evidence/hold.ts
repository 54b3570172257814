/** Making a hold effective (docs/evidence.md 2): the page seals the keys of the covered segments, and believes nothing it has not opened again. */
import { ApiError, api, segmentBytes } from "../api.ts";
import type { Bytes } from "../crypto/bytes.ts";
import type { Certificates } from "../crypto/certificate.ts";
import { FormatError } from "../crypto/errors.ts";
import { type Frame, Kind } from "../crypto/frame.ts";
import { heldKey, sealHeldSegment } from "../crypto/held.ts";
import { type RecordingScope, type RunKeys, openRunKey } from "../crypto/keys.ts";
import { type SegmentContext, importSegmentKey, rawSegmentKey, readSegment } from "../crypto/segment.ts";
import { openFrame, readFrames } from "../crypto/verify.ts";
import type { CoveredSegment, HoldView, KeyList, Seal } from "../wire.ts";
import { checkReviewKeys, scopeOf, trust } from "./trust.ts";
import { EvidenceError, type Reviewer, type Work } from "./types.ts";

/** Segments in one request: small enough that progress shows and a lost answer costs little. */
const BATCH = 40;
/** How often somebody else may seal the same hold meanwhile. */
const CLASHES = 5;
/** Enough for header, init section and the first chunk of most segments. */
const FIRST_BYTES = 256 * 1024;

/** What everything about one hold needs. */
interface Open {
  hold: HoldView;
  who: Reviewer;
  keys: KeyList;
  certificates: Certificates;
  scope: RecordingScope;
  /** Opened as segments of them come up: a damaged run must not keep the others from being held. */
  runs: Map<string, RunKeys>;
}

/** A covered segment whose beginning was read. */
interface Beginning {
  segment: CoveredSegment;
  context: Omit<SegmentContext, "key">;
  /** Init section and first chunk; fewer in a segment whose writer died early. */
  frames: Frame[];
}

export async function sealHold(hold: HoldView, who: Reviewer, work: Work): Promise<HoldView> {
  if (hold.state === "released") throw new EvidenceError("expired", "the hold was released");
  if (hold.state === "effective") return hold;
  let open: Open | null = null;
  let [done, clashes] = [0, 0];
  // Damaged segments keep the hold pending, but not the others from being sealed.
  const damaged = new Map<number, FormatError>();
  // What is covered, and the keys to seal to, change while footage arrives or somebody else seals: asked again for each batch.
  for (;;) {
    const covered = await api.covered(hold.id);
    const left = covered.segments.filter(({ id }) => !damaged.has(id));
    const batch = left.slice(0, BATCH);
    if (batch.length === 0) {
      for (const error of damaged.values()) throw error;
      return api.confirmHold(hold.id, []);
    }
    open ??= await begin(hold, who);
    checkReviewKeys(open.certificates, covered.review, who.review.public, open.scope.fromMs, open.scope.toMs);
    try {
      await sealBatch(open, covered.review, batch, damaged, { done, total: done + left.length }, work);
      done += batch.length;
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 409 || ++clashes > CLASHES) throw error;
      // Runs may have come since.
      open = null;
    }
  }
}

async function sealBatch(
  open: Open,
  review: readonly string[],
  segments: readonly CoveredSegment[],
  damaged: Map<number, FormatError>,
  { done, total }: { done: number; total: number },
  { onProgress, signal }: Work,
): Promise<void> {
  const { id } = open.hold;
  const batch: { beginning: Beginning; sealed: Seal["segments"][number] }[] = [];
  for (const segment of segments) {
    signal?.throwIfAborted();
    onProgress?.({ stage: "sealing", done: done + batch.length, total });
    try {
      const beginning = await readBeginning(open, segment);
      batch.push({ beginning, sealed: await sealOne(open, beginning, review) });
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      damaged.set(segment.id, error);
    }
  }
  signal?.throwIfAborted();
  if (batch.length === 0) return;
  const answer = await api.sealHold(id, { review: [...review], segments: batch.map(({ sealed }) => sealed) });
  const opened: number[] = [];
  for (const [index, { beginning }] of batch.entries()) {
    onProgress?.({ stage: "checking", done: done + index, total });
    try {
      await openAgain(open, beginning, answer.segments);
      opened.push(beginning.segment.id);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      damaged.set(beginning.segment.id, error);
    }
  }
  await api.confirmHold(id, opened);
  onProgress?.({ stage: "checking", done: done + batch.length, total });
}

async function begin(hold: HoldView, who: Reviewer): Promise<Open> {
  const [recording, keys] = await Promise.all([api.recording(hold.recording), api.keys(hold.recording)]);
  const certificates = await trust(keys.institution, keys.certificates, who.me);
  return { hold, who, keys, certificates, scope: scopeOf(recording), runs: new Map() };
}

async function runOf({ keys, certificates, scope, who, runs }: Open, id: string): Promise<RunKeys> {
  const known = runs.get(id);
  if (known) return known;
  const entry = keys.runs.find(({ run }) => run === id);
  if (!entry) throw new FormatError("key-record", `run ${id} has no key record`);
  const opened = await openRunKey(entry, certificates, scope, who.review);
  runs.set(id, opened);
  return opened;
}

async function readBeginning(open: Open, segment: CoveredSegment): Promise<Beginning> {
  const run = await runOf(open, segment.run);
  const { certificates, scope } = open;
  for (let size = FIRST_BYTES; ; size *= 4) {
    const bytes = await segmentBytes(segment.id, 0, Math.min(size, segment.size_bytes));
    const context = await readSegment(bytes, segment, run, certificates, scope);
    const { frames, fault } = readFrames(bytes, 0, context.framesAt);
    const sealed = frames.filter(({ kind }) => kind === Kind.init || kind === Kind.chunk).slice(0, 2);
    if (fault && sealed.length < 2) throw fault;
    if (sealed.length === 2 || bytes.length === segment.size_bytes) return { segment, context, frames: sealed };
  }
}

async function sealOne(open: Open, { segment, context }: Beginning, review: readonly string[]): Promise<Seal["segments"][number]> {
  const { header } = context;
  const run = await runOf(open, segment.run);
  const others = open.keys.segments.filter(({ id }) => id === segment.id);
  const held = run.runKey ? null : await heldKey(others, segment, open.certificates, header.recording, open.who.review);
  if (!run.runKey && !held) throw new EvidenceError("expired", `the key of segment ${segment.track} ${segment.sequence} is gone`);
  const raw = await rawSegmentKey(header, run, held);
  try {
    const commitment = header.commitment;
    const inner = await sealHeldSegment(open.certificates.fingerprint, open.hold.id, header, review, raw, commitment);
    return { id: segment.id, commitment, inner };
  } finally {
    raw.fill(0);
    held?.fill(0);
  }
}

/** The record that the server made must open to the segment's own key, and that key must open the segment. */
async function openAgain(open: Open, { segment, context, frames }: Beginning, records: KeyList["segments"]): Promise<void> {
  const mine = records.filter(({ id, hold }) => id === segment.id && hold === open.hold.id);
  const raw = await heldKey(mine, segment, open.certificates, context.header.recording, open.who.review);
  if (!raw) throw new EvidenceError("not-confirmed", `the server gave no record of segment ${segment.track} ${segment.sequence} back`);
  const key: Bytes = await rawSegmentKey(context.header, { ...(await runOf(open, segment.run)), runKey: null }, raw);
  raw.fill(0);
  const whole: SegmentContext = { ...context, key: await importSegmentKey(key) };
  key.fill(0);
  for (const frame of frames) await openFrame(whole, frame);
}
