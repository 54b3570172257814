import { FormatError } from "../crypto/errors.ts";
import type { SegmentView } from "../wire.ts";
import { MediaBuffer } from "./buffer.ts";
import type { Footage } from "./footage.ts";
import { isSound, keyBefore, playableFrom, positionAt, runFrom } from "./plan.ts";
import type { PiecesAnswer } from "./protocol.ts";

const LENGTH_SECS = 72 * 3600;
const KEEP_BEHIND_SECS = 45;
/** How near the playhead the unsigned end of growing footage has to be before it is fetched. */
const UNSIGNED_AHEAD_SECS = 2.5;
/** A segment that lies elsewhere than when it was appended is appended anew from this difference on. */
const MOVED_MS = 250;
const RETRY_MS = 2000;

/** Chunks that are appended one after the other; a seek outside of them starts another session. */
interface Session {
  next: { id: number; chunk: number };
  /** Beginning of what the buffer may hold, ms. */
  fromMs: number;
  /** Segment whose init section was appended last, with its media origin then. */
  segment: number | null;
  originMs: number;
}

export interface FeedHooks {
  /** Times of the server on the media time line. */
  secs: (ms: number) => number;
  /** Segments of the track, in order. */
  segments: () => SegmentView[];
  /** The playhead, ms. */
  atMs: () => number;
  /** The playhead is where the element stands: what lies far behind it can go. */
  settled: () => boolean;
  appended: () => void;
  /** Chunks of `segment` from `first` on were appended. */
  shown: (segment: SegmentView, first: number, pieces: PiecesAnswer["pieces"]) => void;
  unsupported: (codec: string) => void;
}

/** One track's footage on its way into a media element: fetches ahead of the playhead, appends, drops what is behind. */
export class Feed {
  buffer: MediaBuffer;
  /** Pending while old footage is taken away. */
  clearing: Promise<void> | null = null;
  private session: Session | null = null;
  private filling = false;
  private retryAtMs = 0;
  private closed = false;

  constructor(
    private readonly element: HTMLMediaElement,
    private readonly footage: Footage,
    private readonly on: FeedHooks,
  ) {
    this.buffer = new MediaBuffer(element, LENGTH_SECS);
  }

  get started(): boolean {
    return this.session !== null;
  }

  close(): void {
    this.closed = true;
    this.buffer.close();
    this.element.removeAttribute("src");
    this.element.load();
  }

  /** A new media source: after an error, or for another kind of track. */
  renew(): void {
    this.buffer.close();
    this.buffer = new MediaBuffer(this.element, LENGTH_SECS);
    this.session = null;
    this.clearing = null;
    this.retryAtMs = 0;
  }

  /** Track of what was appended last; `null` before anything was. */
  track(): string | null {
    const id = this.session?.segment;
    return id === null || id === undefined ? null : (this.footage.segments.get(id)?.track ?? null);
  }

  /** The server learned better where the session's segment lies in time. */
  moved(): boolean {
    const { session } = this;
    const segment = session?.segment === null || session?.segment === undefined ? undefined : this.footage.segments.get(session.segment);
    return session !== null && segment !== undefined && Math.abs(segment.media_origin_ms - session.originMs) > MOVED_MS;
  }

  /** Whether what plays at `ms` is buffered or the next to be fetched, give or take `slackMs`. */
  reaches(ms: number, slackMs: number): boolean {
    const { session } = this;
    if (!session || ms < session.fromMs) return false;
    const next = this.footage.segments.get(session.next.id);
    const chunk = next?.chunks[session.next.chunk];
    return !chunk || ms - chunk.from_ms <= slackMs;
  }

  /** Nothing is being fetched, and what would be next lies after `ms`. */
  isPast(ms: number): boolean {
    const { session } = this;
    const segment = session ? this.footage.segments.get(session.next.id) : undefined;
    const chunk = segment?.chunks[session?.next.chunk ?? 0];
    return session !== null && !this.filling && (!chunk || chunk.from_ms > ms);
  }

  /** Begins anew at the first moment from `ms` on that can be played; does nothing when none is there yet. */
  start(ms: number): void {
    const segments = this.on.segments();
    const playable = playableFrom(segments, this.footage.damages, ms);
    const at = playable === null ? null : positionAt(segments, playable);
    this.session = null;
    if (!at) return;
    // Until the old footage is gone the playhead is not set: a decoder whose footage is taken away under it waits for ever.
    const clearing = this.buffer.remove(0, Number.POSITIVE_INFINITY).catch(() => undefined);
    this.clearing = clearing;
    void clearing.then(() => {
      if (this.clearing === clearing) this.clearing = null;
    });
    const from = keyBefore(segments, at);
    const id = segments[from.segment]?.id;
    const fromMs = Math.min(ms, segments[from.segment]?.chunks[from.chunk]?.from_ms ?? ms);
    if (id !== undefined) this.session = { next: { id, chunk: from.chunk }, fromMs, segment: null, originMs: 0 };
  }

  /** Fetches and appends until `aheadSecs` are there. */
  async fill(aheadSecs: number): Promise<void> {
    if (this.filling || performance.now() < this.retryAtMs) return;
    this.filling = true;
    const { buffer } = this;
    try {
      while (!this.closed && (await this.step(aheadSecs)));
    } catch {
      // Reported by the footage (network, damage) or by the element (decoder).
      if (buffer === this.buffer) this.retryAtMs = performance.now() + RETRY_MS;
    } finally {
      this.filling = false;
    }
  }

  /** Fetches and appends one run of chunks; false when there is nothing to do now. */
  private async step(aheadSecs: number): Promise<boolean> {
    const { session, on } = this;
    if (!session) return false;
    const ahead = this.buffer.aheadOf(on.secs(on.atMs()));
    if (ahead > aheadSecs) return false;
    const segments = on.segments();
    const index = segments.findIndex(({ id }) => id === session.next.id);
    const segment = segments[index];
    if (!segment) return false;
    const following = segments[index + 1];
    const run = runFrom(segment, session.next.chunk);
    if (!run) {
      if (following) session.next = { id: following.id, chunk: 0 };
      return following !== undefined;
    }
    if (!run.signed && !(run.segment.state === "stored") && ahead > UNSIGNED_AHEAD_SECS) return false;
    this.footage.requestCheck(segment.id);
    let answer: PiecesAnswer;
    try {
      answer = await this.footage.pieces(run);
    } catch (error) {
      if (!(error instanceof FormatError) || session !== this.session) throw error;
      // The whole segment is damaged and entered as such.
      session.next = { id: segment.id, chunk: segment.chunks.length };
      return true;
    }
    if (session !== this.session) return true;
    const fragments = answer.pieces.flatMap(({ data }) => (data ? [data] : []));
    on.shown(segment, run.first, answer.pieces);
    const fresh = session.segment !== segment.id;
    session.segment = segment.id;
    session.originMs = segment.media_origin_ms;
    session.next = { id: segment.id, chunk: run.last + 1 };
    const broken = answer.pieces.some(({ data }) => !data);
    const init = fresh || broken ? answer.init : null;
    const mime = `${isSound(segment) ? "audio" : "video"}/mp4; codecs="${answer.codec}"`;
    await this.buffer.append(mime, init, on.secs(segment.media_origin_ms), fragments).catch((error: unknown) => {
      if (error instanceof DOMException && error.name === "NotSupportedError") on.unsupported(answer.codec);
      throw error;
    });
    on.appended();
    const behind = this.element.currentTime - KEEP_BEHIND_SECS;
    if (on.settled() && behind > 0) {
      session.fromMs = Math.max(session.fromMs, on.atMs() - KEEP_BEHIND_SECS * 1000);
      await this.buffer.remove(0, behind);
    }
    return true;
  }
}
