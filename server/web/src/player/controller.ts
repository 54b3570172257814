import { FormatError } from "../crypto/errors.ts";
import type { SegmentView } from "../wire.ts";
import { MediaBuffer } from "./buffer.ts";
import type { Footage } from "./footage.ts";
import { keyBefore, liveEdge, ofTrack, playableFrom, positionAt, runFrom } from "./plan.ts";
import type { PiecesAnswer } from "./protocol.ts";

export const RATES = [0.5, 1, 1.5, 2, 4, 8] as const;

/** The media time line starts this long before the exam window, so that rooms recorded early have no negative times. */
const LEAD_MS = 12 * 3600_000;
const LENGTH_SECS = 72 * 3600;
const KEEP_BEHIND_SECS = 45;
/** How far behind the newest footage following stays. */
const LIVE_DELAY_MS = 5000;
const LIVE_LATE_MS = 12_000;
const SMALL_GAP_SECS = 1.2;
/** A segment that lies elsewhere than when it was appended is appended anew from this difference on. */
const MOVED_MS = 250;
const RETRY_MS = 2000;

/** A stretch that was jumped over. */
export interface Jump {
  fromMs: number;
  toMs: number;
}

/** What the page shows; times in ms on the server's clock. */
export interface PlayerState {
  track: string | null;
  atMs: number;
  playing: boolean;
  waiting: boolean;
  rate: number;
  live: boolean;
  autoJump: boolean;
  /** The last jump, until it is dismissed or another follows. */
  jumped: Jump | null;
  /** Where the playhead stands there is no footage; `toMs` null when nothing follows yet. */
  gap: { fromMs: number; toMs: number | null } | null;
  /** What is on the screen has no device signature after it yet. */
  unsigned: boolean;
  /** Codec that this browser does not play. */
  unsupported: string | null;
}

/** Chunks that are appended one after the other; a seek outside of them starts another session. */
interface Session {
  next: { id: number; chunk: number };
  /** Segment whose init section was appended last, with its media origin then. */
  segment: number | null;
  originMs: number;
}

/** Plays one track of a recording: fetches ahead, jumps, follows, evicts, recovers. */
export class Controller {
  readonly state: PlayerState;
  private buffer: MediaBuffer;
  private session: Session | null = null;
  private filling = false;
  private readonly timer: ReturnType<typeof setInterval>;
  private readonly tails = new Map<number, { fromMs: number; toMs: number }>();
  private readonly originMs: number;
  private pendingMs: number | null = null;
  private retryAtMs = 0;
  private clearing: Promise<void> | null = null;
  private closed = false;

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly footage: Footage,
    private readonly changed: () => void,
    options: { track: string | null; atMs: number; autoJump: boolean },
  ) {
    this.originMs = footage.recording.starts_ms - LEAD_MS;
    this.state = {
      track: options.track,
      atMs: options.atMs,
      playing: false,
      waiting: false,
      rate: 1,
      live: false,
      autoJump: options.autoJump,
      jumped: null,
      gap: null,
      unsigned: false,
      unsupported: null,
    };
    this.buffer = new MediaBuffer(video, LENGTH_SECS);
    this.pendingMs = options.atMs;
    this.timer = setInterval(() => this.tick(), 200);
    for (const name of ["timeupdate", "waiting", "playing", "seeked"]) video.addEventListener(name, this.tick);
    video.addEventListener("error", this.failed);
  }

  close(): void {
    this.closed = true;
    clearInterval(this.timer);
    for (const name of ["timeupdate", "waiting", "playing", "seeked"]) this.video.removeEventListener(name, this.tick);
    this.video.removeEventListener("error", this.failed);
    this.buffer.close();
    this.video.removeAttribute("src");
    this.video.load();
  }

  play(): void {
    this.state.playing = true;
    this.resume();
    this.tick();
  }

  pause(): void {
    this.state.playing = false;
    this.state.live = false;
    this.video.pause();
    this.tick();
  }

  setRate(rate: number): void {
    this.state.rate = rate;
    if (rate !== 1) this.state.live = false;
    this.video.defaultPlaybackRate = rate;
    this.video.playbackRate = rate;
    this.changed();
  }

  setAutoJump(on: boolean): void {
    this.state.autoJump = on;
    this.tick();
  }

  dismiss(): void {
    this.state.jumped = null;
    this.changed();
  }

  setTrack(track: string): void {
    if (track === this.state.track) return;
    this.state.track = track;
    this.seek(this.state.atMs);
  }

  /** Follows the newest footage, a few seconds behind it. */
  follow(): void {
    const edge = liveEdge(this.segments());
    if (edge === null) return;
    this.setRate(1);
    this.seek(edge - LIVE_DELAY_MS);
    this.state.live = true;
    this.play();
  }

  seek(ms: number): void {
    this.state.live = false;
    this.state.jumped = null;
    this.go(ms);
  }

  /** The moment of the picture that is on the screen; `null` while there is none, or while the playhead is on its way elsewhere. */
  shownMs(): number | null {
    const { state, video } = this;
    if (this.pendingMs !== null || this.clearing || state.gap || video.seeking || video.readyState < 2) return null;
    return this.msAt(video.currentTime);
  }

  /** To be called when the footage's lists changed. */
  readonly tick = (): void => {
    if (this.closed) return;
    this.state.track ??= this.firstTrack();
    const { state, video } = this;
    if (this.pendingMs === null && video.readyState > 0) state.atMs = this.msAt(video.currentTime);
    if (this.session && this.moved()) this.restart(state.atMs);
    if (!this.session) this.restart(state.atMs);
    this.place();
    this.findGap();
    this.followEdge();
    this.showSigned();
    state.waiting = state.playing && !state.gap && video.readyState < 3;
    if (state.playing && video.paused && !state.gap) this.resume();
    void this.fill();
    this.changed();
  };

  private segments(): SegmentView[] {
    return this.state.track === null ? [] : ofTrack(this.footage.segments.values(), this.state.track);
  }

  private firstTrack(): string | null {
    const tracks = [...this.footage.segments.values()].filter(({ kind }) => kind === "video" || kind === "screen").map(({ track }) => track);
    return tracks.sort()[0] ?? null;
  }

  private secs = (ms: number): number => (ms - this.originMs) / 1000;
  private msAt = (secs: number): number => secs * 1000 + this.originMs;

  /** Moves the playhead; what is buffered is kept if it is there. */
  private go(ms: number): void {
    this.state.gap = null;
    this.state.atMs = ms;
    if (this.session && !this.clearing && this.buffer.around(this.secs(ms)) && !this.trackChanged()) {
      this.pendingMs = null;
      this.video.currentTime = this.secs(ms);
    } else {
      this.restart(ms);
    }
    this.tick();
  }

  private trackChanged(): boolean {
    const segment = this.session?.segment;
    return segment !== null && segment !== undefined && this.footage.segments.get(segment)?.track !== this.state.track;
  }

  /** The server learned better where the session's segment lies in time. */
  private moved(): boolean {
    const { session } = this;
    const segment = session?.segment === null || session?.segment === undefined ? undefined : this.footage.segments.get(session.segment);
    return session !== null && segment !== undefined && Math.abs(segment.media_origin_ms - session.originMs) > MOVED_MS;
  }

  private restart(ms: number): void {
    const segments = this.segments();
    const playable = playableFrom(segments, this.footage.damages, ms);
    const at = playable === null ? null : positionAt(segments, playable);
    this.pendingMs = ms;
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
    if (id !== undefined) this.session = { next: { id, chunk: from.chunk }, segment: null, originMs: 0 };
  }

  /** Sets the playhead once the footage for it is there. */
  private place(): void {
    if (this.pendingMs === null || this.clearing) return;
    const secs = this.secs(this.pendingMs);
    if (!this.buffer.around(secs)) return;
    this.pendingMs = null;
    this.video.currentTime = secs;
    this.setRate(this.state.rate);
    if (this.state.playing) this.resume();
  }

  private resume(): void {
    this.video.play().catch(() => undefined);
  }

  private async fill(): Promise<void> {
    if (this.filling || performance.now() < this.retryAtMs) return;
    this.filling = true;
    try {
      while (!this.closed && (await this.step()));
    } catch {
      // Reported by the footage (network, damage) or by the video element (decoder).
      this.retryAtMs = performance.now() + RETRY_MS;
    } finally {
      this.filling = false;
    }
  }

  /** Fetches and appends one run of chunks; false when there is nothing to do now. */
  private async step(): Promise<boolean> {
    const { session, state } = this;
    if (!session) return false;
    const ahead = this.buffer.aheadOf(this.secs(state.atMs));
    if (ahead > 20 + 10 * state.rate) return false;
    const segments = this.segments();
    const index = segments.findIndex(({ id }) => id === session.next.id);
    const segment = segments[index];
    if (!segment) return false;
    const following = segments[index + 1];
    const run = runFrom(segment, session.next.chunk);
    if (!run) {
      if (following) session.next = { id: following.id, chunk: 0 };
      return following !== undefined;
    }
    // The unsigned end of growing footage is fetched only when the playhead is about to need it.
    if (!run.signed && !(run.segment.state === "stored") && ahead > 2.5) return false;
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
    for (const [at, piece] of answer.pieces.entries()) this.noteTail(segment, run.first + at, piece.cover === "tail");
    const fresh = session.segment !== segment.id;
    session.segment = segment.id;
    session.originMs = segment.media_origin_ms;
    session.next = { id: segment.id, chunk: run.last + 1 };
    const broken = answer.pieces.some(({ data }) => !data);
    const init = fresh || broken ? answer.init : null;
    await this.buffer.append(answer.codec, init, this.secs(segment.media_origin_ms), fragments).catch((error: unknown) => {
      if (error instanceof DOMException && error.name === "NotSupportedError") this.state.unsupported = answer.codec;
      throw error;
    });
    this.place();
    const behind = this.video.currentTime - KEEP_BEHIND_SECS;
    if (this.pendingMs === null && behind > 0) await this.buffer.remove(0, behind);
    return true;
  }

  private noteTail(segment: SegmentView, index: number, tail: boolean): void {
    const chunk = segment.chunks[index];
    if (!chunk) return;
    const known = this.tails.get(segment.id);
    const toMs = chunk.from_ms + chunk.duration_ms;
    if (tail) this.tails.set(segment.id, { fromMs: Math.min(known?.fromMs ?? chunk.from_ms, chunk.from_ms), toMs: Math.max(known?.toMs ?? toMs, toMs) });
  }

  private showSigned(): void {
    const at = this.state.atMs;
    this.state.unsigned = [...this.tails].some(([id, { fromMs, toMs }]) => {
      const signedMs = this.footage.checks.get(id)?.signedMs ?? 0;
      return fromMs <= at && at < toMs && signedMs <= at;
    });
    for (const id of this.tails.keys()) this.footage.requestCheck(id);
  }

  /** Where nothing can be shown: jumps, or says so. */
  private findGap(): void {
    const { state, buffer } = this;
    if (this.clearing) return;
    const secs = this.secs(state.atMs);
    const range = buffer.around(secs);
    // A player stops a little before the end of what it has.
    const stuck = range !== null && state.playing && this.video.readyState < 3 && range[1] - secs < 0.3;
    if (range && !stuck) {
      state.gap = null;
      return;
    }
    const fromMs = stuck ? this.msAt(range[1]) + 100 : state.atMs;
    const near = buffer.nextStart(secs);
    const segments = this.segments();
    const next = playableFrom(segments, this.footage.damages, fromMs);
    if (near !== null && near - secs < SMALL_GAP_SECS) {
      this.pendingMs = null;
      this.video.currentTime = near + 0.01;
      return;
    }
    if (next !== null && next - state.atMs < SMALL_GAP_SECS * 1000) {
      if (this.session === null) this.restart(state.atMs);
      state.gap = null;
      if (next > state.atMs && this.pendingMs !== null) this.pendingMs = next + 10;
      return;
    }
    if (next === null) {
      const edge = liveEdge(segments);
      if (edge !== null && state.atMs - edge < 1500 && state.atMs >= edge && this.footage.recording.state === "recording") return;
      state.gap = { fromMs: state.atMs, toMs: null };
    } else if (state.autoJump) {
      const jump = { fromMs: state.atMs, toMs: next };
      this.go(next + 10);
      state.jumped = jump;
    } else {
      state.gap = { fromMs: state.atMs, toMs: next };
    }
  }

  private followEdge(): void {
    const { state } = this;
    if (!state.live) return;
    const edge = liveEdge(this.segments());
    if (edge !== null && edge - state.atMs > LIVE_LATE_MS) {
      this.go(edge - LIVE_DELAY_MS);
      state.live = true;
    }
  }

  /** The decoder gave up: a new media source, past the fragment at which it failed. */
  private readonly failed = (): void => {
    if (this.closed || !this.video.error) return;
    const segments = this.segments();
    const at = positionAt(segments, this.state.atMs);
    const segment = at && segments[at.segment];
    const chunk = at && segment?.chunks[at.chunk];
    if (segment && chunk) this.footage.damage(segment, chunk.from_ms, chunk.from_ms + chunk.duration_ms, "decode", this.video.error.message);
    this.buffer.close();
    this.buffer = new MediaBuffer(this.video, LENGTH_SECS);
    this.session = null;
    this.restart(this.state.atMs);
  };
}
