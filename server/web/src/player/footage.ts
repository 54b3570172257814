import { ApiError, api, polled } from "../api.ts";
import type { Fault } from "../crypto/errors.ts";
import { FormatError } from "../crypto/errors.ts";
import { type OpenReviewKey, isInstitution } from "../crypto/keys.ts";
import type { Me, RecordingView, SegmentView } from "../wire.ts";
import { MediaClient } from "./client.ts";
import { indexOf, placedAlike } from "./index.ts";
import { type Damage, type Run, addDamage, faultsOf, isClosed, isPlayable, missingSequences, reference, unsignedLimit } from "./plan.ts";
import type { CheckAnswer, PiecesAnswer } from "./protocol.ts";

const POLL_MS = 2000;

/** How far one segment was verified from its beginning. */
export interface Checked {
  answer: CheckAnswer;
  /** Moment up to which a device signature vouches, on the server's clock. */
  signedMs: number;
  whole: boolean;
  /** What the server said of it then; compared again whenever it says something else. */
  of: SegmentView;
}

/** Something that keeps the page from going on: the session is over, the footage expired, the server does not answer, the keys do not fit. */
export type Obstacle = { kind: "signed-out" | "expired" | "offline" | "forbidden" } | { kind: "keys"; message: string };

/**
 * One recording as the page knows it: the segments that the server lists (asked for again every two seconds), the open keys, and what verifying found.
 * `changed` is called after every change.
 */
export class Footage {
  readonly segments = new Map<number, SegmentView>();
  readonly checks = new Map<number, Checked>();
  damages: Damage[] = [];
  refusedCertificates: string[] = [];
  obstacle: Obstacle | null = null;
  clockSkewMs = 0;
  private client: MediaClient | null = null;
  private revision = 0;
  private openRuns = new Set<string>();
  private toCheck: number[] = [];
  private checking = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private stopped = false;

  constructor(
    public recording: RecordingView,
    private readonly me: Me,
    private readonly review: OpenReviewKey,
    private readonly changed: () => void,
  ) {}

  start(): void {
    void this.poll();
  }

  /** The server's newer answer about the recording. */
  update(recording: RecordingView): void {
    this.recording = recording;
    this.changed();
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    this.client?.close();
    this.client = null;
  }

  /** The server's clock now, in ms. */
  nowMs(): number {
    return Date.now() + this.clockSkewMs;
  }

  /** Fetches, verifies and decrypts a run of chunks; what is not covered is entered as damage. */
  async pieces(run: Run): Promise<PiecesAnswer> {
    const { segment, first, last, from, to } = run;
    const chunks = segment.chunks.slice(first, last + 1);
    try {
      if (!this.client) throw new DOMException("closed", "AbortError");
      const answer = await this.client.pieces({ segment: reference(segment), from, to, index: { ...indexOf(segment), chunks } });
      for (const { fromMs, toMs, message } of answer.differences) this.damage(segment, fromMs, toMs, "index", message);
      const faults = faultsOf(run, answer);
      for (const [index, piece] of answer.pieces.entries()) {
        const chunk = chunks[index];
        const fault = faults[index] as Fault | null | undefined;
        if (!chunk || !fault) continue;
        piece.data = null;
        this.damage(segment, chunk.from_ms, chunk.from_ms + chunk.duration_ms, fault, answer.trouble?.message ?? "");
      }
      return answer;
    } catch (error) {
      if (error instanceof FormatError) this.damage(segment, segment.from_ms, segment.to_ms, error.fault, error.message);
      else this.report(error);
      throw error;
    }
  }

  /** Verifies a segment from its beginning in the background; asking again is harmless. */
  requestCheck(id: number): void {
    const segment = this.segments.get(id);
    const known = this.checks.get(id);
    if (!segment || this.toCheck.includes(id) || known?.answer.trouble) return;
    if (known?.of === segment && (known.whole || (known.answer.checkedTo >= segment.size_bytes && !isClosed(segment)))) return;
    this.toCheck.push(id);
    void this.runChecks();
  }

  /** Enters a stretch as damaged. */
  damage(segment: SegmentView, fromMs: number, toMs: number, fault: Fault | "decode", message: string): void {
    const { id, track, sequence } = segment;
    const alike = (known: Damage) => known.segment === id && (known.fault === "index") === (fault === "index");
    const before = this.damages.find((known) => alike(known) && known.fromMs <= fromMs && toMs <= known.toMs);
    if (before) return;
    this.damages = addDamage(this.damages, { segment: id, track, sequence, fromMs, toMs, fault, message });
    this.changed();
  }

  private async runChecks(): Promise<void> {
    if (this.checking) return;
    this.checking = true;
    for (let id = this.toCheck[0]; id !== undefined && this.client; id = this.toCheck[0]) {
      const segment = this.segments.get(id);
      if (segment) await this.checkOne(segment);
      this.toCheck = this.toCheck.filter((other) => other !== id);
    }
    this.checking = false;
  }

  private async checkOne(segment: SegmentView): Promise<void> {
    try {
      const answer = await (this.client as MediaClient).check({ segment: reference(segment), index: indexOf(segment) });
      const signed = segment.chunks.filter(({ offset, len }) => offset + len <= answer.signedTo).at(-1);
      const signedMs = signed ? signed.from_ms + signed.duration_ms : segment.from_ms;
      this.checks.set(segment.id, { answer, signedMs, whole: answer.closing !== null, of: segment });
      if (answer.trouble) this.blame(segment, answer);
      else if (!isClosed(segment)) this.blameUnsigned(segment, answer);
      for (const { fromMs, toMs, message } of answer.differences) this.damage(segment, fromMs, toMs, "index", message);
      this.comparePlaces(segment);
      this.changed();
    } catch (error) {
      if (error instanceof FormatError) this.damage(segment, segment.from_ms, segment.to_ms, error.fault, error.message);
      else this.report(error);
    }
  }

  /** A segment failed the check from its beginning: the chunk at which it failed is damaged even if it was never played. */
  private blame(segment: SegmentView, answer: CheckAnswer): void {
    const { fault, message } = answer.trouble as NonNullable<CheckAnswer["trouble"]>;
    const at = segment.chunks.find(({ offset, len }) => offset + len > answer.checkedTo);
    const from = at?.from_ms ?? segment.to_ms - 1000;
    this.damage(segment, from, at ? from + at.duration_ms : segment.to_ms, fault, message);
  }

  /** More at the end of a growing segment than a device leaves without signature. */
  private blameUnsigned(segment: SegmentView, { signedTo, checkedTo }: CheckAnswer): void {
    const first = segment.chunks.findIndex(({ offset }) => offset >= signedTo);
    if (first < 0) return;
    for (const { offset, from_ms, duration_ms } of segment.chunks.slice(unsignedLimit(segment, first))) {
      if (offset < checkedTo) this.damage(segment, from_ms, from_ms + duration_ms, "unsigned", "no signature for more than 6 s");
    }
  }

  /** A segment that lies as a whole at another time than its run's clock puts it. */
  private comparePlaces(segment: SegmentView): void {
    const places = [...this.checks].flatMap(([id, { answer }]) => {
      const of = this.segments.get(id);
      return of?.run === segment.run ? [{ originMs: of.media_origin_ms, originUs: answer.originUs, wallMinusBootMs: answer.wallMinusBootMs }] : [];
    });
    if (placedAlike(places)) return;
    this.damage(segment, segment.from_ms, segment.to_ms, "index", "the run's segments are not placed by one clock");
  }

  private async poll(): Promise<void> {
    try {
      const list = await polled.segments(this.recording.id, this.revision);
      if (this.stopped) return;
      this.clockSkewMs = list.now_ms - Date.now();
      this.revision = list.revision;
      for (const segment of list.segments) this.segments.set(segment.id, segment);
      await this.openNewRuns();
      if (this.stopped) return;
      this.noteRefused();
      this.obstacle = null;
      // What was checked in part may have grown or been closed since.
      for (const id of this.checks.keys()) this.requestCheck(id);
      // A stored segment without chunks is never played, so nothing else would notice that its list was emptied.
      for (const segment of this.segments.values()) if (isPlayable(segment) && isClosed(segment) && segment.chunks.length === 0) this.requestCheck(segment.id);
    } catch (error) {
      if (this.stopped) return;
      this.report(error);
    }
    this.changed();
    const over = this.recording.state === "expired" || this.obstacle?.kind === "expired" || this.obstacle?.kind === "signed-out";
    if (!over && !this.stopped) this.timer = setTimeout(() => void this.poll(), POLL_MS);
  }

  private async openNewRuns(): Promise<void> {
    const wanted = new Set([...this.segments.values()].map(({ run }) => run));
    if (this.client && [...wanted].every((run) => this.openRuns.has(run))) return;
    const keys = await api.keys(this.recording.id);
    if (!(await isInstitution(keys.institution, this.me.institution))) {
      throw new FormatError("certificate", "the keys belong to another institution");
    }
    this.client ??= new MediaClient();
    const starts = [...this.segments.values()].map(({ from_ms }) => from_ms);
    const fromMs = Math.min(this.recording.starts_ms, this.nowMs(), ...starts);
    const scope = { exam: this.recording.exam.id, recording: this.recording.id, fromMs, toMs: Math.max(fromMs, Math.round(this.nowMs())) };
    const answer = await this.client.open({ keys, scope, review: this.review });
    this.refusedCertificates = answer.certificates;
    for (const run of keys.runs) this.openRuns.add(run.run);
    for (const { run, trouble } of answer.refused) {
      for (const segment of this.segments.values()) {
        if (segment.run === run) this.damage(segment, segment.from_ms, segment.to_ms, trouble.fault, trouble.message);
      }
    }
  }

  private noteRefused(): void {
    for (const segment of this.segments.values()) {
      if (segment.state === "refused") this.damage(segment, segment.from_ms, segment.to_ms, "malformed", "refused by the server");
    }
    // Of an expired recording only held segments are left.
    if (this.recording.state === "expired") return;
    for (const { run, track, sequence } of missingSequences([...this.segments.values()].filter(isPlayable))) {
      const next = [...this.segments.values()]
        .filter((entry) => entry.run === run && entry.track === track && entry.sequence > sequence)
        .sort((a, b) => a.sequence - b.sequence)[0];
      if (next) {
        const stand = { ...next, id: -next.id, sequence };
        this.damage(stand, next.from_ms - 1, next.from_ms, "cut-out", `segment ${sequence} is not on the server`);
      }
    }
  }

  private report(error: unknown): void {
    if (error instanceof DOMException && error.name === "AbortError") return;
    if (error instanceof ApiError) {
      const kinds: Record<number, Obstacle["kind"] & ("signed-out" | "expired" | "forbidden")> = { 401: "signed-out", 403: "forbidden", 404: "expired", 410: "expired" };
      this.obstacle = { kind: kinds[error.status] ?? "offline" };
    } else {
      this.obstacle = { kind: "keys", message: error instanceof Error ? error.message : String(error) };
    }
    this.changed();
  }
}
