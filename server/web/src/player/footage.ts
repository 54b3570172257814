import { ApiError, api } from "../api.ts";
import type { Fault } from "../crypto/errors.ts";
import { FormatError } from "../crypto/errors.ts";
import { type OpenReviewKey, isInstitution } from "../crypto/keys.ts";
import type { Me, RecordingView, SegmentView } from "../wire.ts";
import { MediaClient } from "./client.ts";
import { type Damage, type Run, addDamage, isClosed, isPlayable, missingSequences, reference } from "./plan.ts";
import type { CheckAnswer, PiecesAnswer } from "./protocol.ts";

const POLL_MS = 2000;

/** How far one segment was verified from its beginning. */
export interface Checked {
  answer: CheckAnswer;
  /** Moment up to which a device signature vouches, on the server's clock. */
  signedMs: number;
  whole: boolean;
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
      const answer = await this.client.pieces({ segment: reference(segment), from, to, chunks: chunks.map(({ offset }) => offset) });
      const tailAllowed = !isClosed(segment) && last === segment.chunks.length - 1;
      for (const [index, piece] of answer.pieces.entries()) {
        const chunk = chunks[index];
        if (!chunk || piece.cover === "signed" || (piece.cover === "tail" && tailAllowed)) continue;
        piece.data = null;
        const fault = piece.cover === "tail" ? "unsigned" : (answer.trouble?.fault ?? "chain");
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
    if (!segment || this.toCheck.includes(id) || known?.answer.trouble || known?.whole) return;
    if (known && known.answer.checkedTo >= segment.size_bytes && !isClosed(segment)) return;
    this.toCheck.push(id);
    void this.runChecks();
  }

  /** Enters a stretch as damaged. */
  damage(segment: SegmentView, fromMs: number, toMs: number, fault: Fault | "decode", message: string): void {
    const { id, track, sequence } = segment;
    const before = this.damages.find((known) => known.segment === id && known.fromMs <= fromMs && toMs <= known.toMs);
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
      const answer = await (this.client as MediaClient).check({ segment: reference(segment) });
      const signed = segment.chunks.filter(({ offset, len }) => offset + len <= answer.signedTo).at(-1);
      const signedMs = signed ? signed.from_ms + signed.duration_ms : segment.from_ms;
      this.checks.set(segment.id, { answer, signedMs, whole: answer.closing !== null });
      if (answer.trouble) this.blame(segment, answer);
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

  private async poll(): Promise<void> {
    try {
      const list = await api.segments(this.recording.id, this.revision);
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
