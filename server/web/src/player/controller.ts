import type { SegmentView } from "../wire.ts";
import { Feed } from "./feed.ts";
import type { Footage } from "./footage.ts";
import { isPicture, isSound, liveEdge, ofTrack, playableFrom, positionAt, trackNames } from "./plan.ts";
import type { PiecesAnswer } from "./protocol.ts";
import { type Settings, Sound, type SoundState } from "./sound.ts";

export const RATES = [0.5, 1, 1.5, 2, 4, 8] as const;

/** The media time line starts this long before the exam window, so that rooms recorded early have no negative times. */
const LEAD_MS = 12 * 3600_000;
/** How far behind the newest footage following stays. */
const LIVE_DELAY_MS = 5000;
const LIVE_LATE_MS = 12_000;
const SMALL_GAP_SECS = 1.2;

/** A stretch that was jumped over. */
export interface Jump {
  fromMs: number;
  toMs: number;
}

/** What the page shows; times in ms on the server's clock. */
export interface PlayerState {
  track: string | null;
  /** The track is sound without a picture. */
  soundOnly: boolean;
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

/** Plays one track of a recording, and its sound beside a picture: fetches ahead, jumps, follows, recovers. */
export class Controller {
  readonly state: PlayerState;
  private readonly feed: Feed;
  private readonly sound: Sound;
  private readonly timer: ReturnType<typeof setInterval>;
  private readonly tails = new Map<number, { fromMs: number; toMs: number }>();
  private readonly originMs: number;
  private pendingMs: number | null = null;
  /** Somebody has chosen the track. */
  private chosen = false;
  private closed = false;

  constructor(
    private readonly video: HTMLVideoElement,
    audio: HTMLAudioElement,
    private readonly footage: Footage,
    private readonly changed: () => void,
    options: { track: string | null; atMs: number; autoJump: boolean; sound: Settings },
  ) {
    this.originMs = footage.recording.starts_ms - LEAD_MS;
    this.state = {
      track: options.track,
      soundOnly: false,
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
    this.chosen = options.track !== null;
    this.feed = new Feed(video, footage, {
      secs: this.secs,
      segments: () => this.segments(),
      atMs: () => this.state.atMs,
      settled: () => this.pendingMs === null,
      appended: () => this.place(),
      shown: this.noteTails,
      unsupported: (codec) => (this.state.unsupported = codec),
    });
    this.sound = new Sound(audio, footage, this.secs, () => video.currentTime, changed, this.noteTails, options.sound);
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
    this.feed.close();
    this.sound.close();
  }

  /** What is heard, and how loud. */
  get heard(): SoundState {
    return this.sound.state;
  }

  setSound(settings: Settings): void {
    this.sound.set(settings);
    this.tick();
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
    this.chosen = true;
    this.choose(track);
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
    if (state.soundOnly || this.pendingMs !== null || this.feed.clearing || state.gap || video.seeking || video.readyState < 2) return null;
    return this.msAt(video.currentTime);
  }

  /** To be called when the footage's lists changed. */
  readonly tick = (): void => {
    if (this.closed) return;
    this.findTrack();
    const { state, video } = this;
    if (this.pendingMs === null && video.readyState > 0) state.atMs = this.msAt(video.currentTime);
    if (!this.feed.started || this.feed.moved()) this.restart(state.atMs);
    this.place();
    this.findGap();
    this.followEdge();
    this.showSigned();
    state.waiting = state.playing && !state.gap && video.readyState < 3;
    if (state.playing && video.paused && !state.gap) this.resume();
    this.keepSound();
    void this.feed.fill(20 + 10 * state.rate);
    this.changed();
  };

  private segments(): SegmentView[] {
    return this.state.track === null ? [] : ofTrack(this.footage.segments.values(), this.state.track);
  }

  /** A picture if there is one, else sound; until somebody has chosen, a picture that arrives later is taken instead. */
  private findTrack(): void {
    const { state, footage } = this;
    if (this.chosen || (state.track !== null && !state.soundOnly)) return;
    const [track] = trackNames(footage.segments.values(), isPicture);
    const found = track ?? state.track ?? trackNames(footage.segments.values(), isSound)[0];
    if (found !== undefined && found !== state.track) this.choose(found);
  }

  private choose(track: string): void {
    const { state, footage } = this;
    const soundOnly = [...footage.segments.values()].some((segment) => segment.track === track && isSound(segment));
    // A buffer for pictures takes no sound, and the other way round.
    if (soundOnly !== state.soundOnly || state.unsupported !== null) {
      this.feed.renew();
      this.pendingMs = state.atMs;
    }
    state.track = track;
    state.soundOnly = soundOnly;
    state.unsupported = null;
  }

  /** Sound beside a picture has an element of its own; sound alone is played as the picture would be. */
  private keepSound(): void {
    const { state, video, sound } = this;
    const settled = this.pendingMs === null && !this.feed.clearing && !state.gap && !video.seeking && video.readyState >= 2;
    sound.keep(
      state.soundOnly
        ? null
        : { atMs: state.atMs, rate: state.rate, settled, running: settled && state.playing && !video.paused && video.readyState >= 3 },
    );
    video.muted = !state.soundOnly || !sound.audible(state.rate);
    video.volume = sound.state.volume;
  }

  private secs = (ms: number): number => (ms - this.originMs) / 1000;
  private msAt = (secs: number): number => secs * 1000 + this.originMs;

  /** Moves the playhead; what is buffered is kept if it is there. */
  private go(ms: number): void {
    this.state.gap = null;
    this.state.atMs = ms;
    if (this.feed.started && !this.feed.clearing && this.feed.buffer.around(this.secs(ms)) && !this.trackChanged()) {
      this.pendingMs = null;
      this.video.currentTime = this.secs(ms);
    } else {
      this.restart(ms);
    }
    this.tick();
  }

  private trackChanged(): boolean {
    const track = this.feed.track();
    return track !== null && track !== this.state.track;
  }

  private restart(ms: number): void {
    this.pendingMs = ms;
    this.feed.start(ms);
  }

  /** Sets the playhead once the footage for it is there. */
  private place(): void {
    if (this.pendingMs === null || this.feed.clearing) return;
    const secs = this.secs(this.pendingMs);
    if (!this.feed.buffer.around(secs)) return;
    this.pendingMs = null;
    this.video.currentTime = secs;
    this.setRate(this.state.rate);
    if (this.state.playing) this.resume();
  }

  private resume(): void {
    this.video.play().catch(() => undefined);
  }

  private readonly noteTails = (segment: SegmentView, first: number, pieces: PiecesAnswer["pieces"]): void => {
    for (const [at, piece] of pieces.entries()) this.noteTail(segment, first + at, piece.cover === "tail");
  };

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
    const { state } = this;
    const { buffer } = this.feed;
    if (this.feed.clearing) return;
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
      if (!this.feed.started) this.restart(state.atMs);
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
    this.feed.renew();
    this.restart(this.state.atMs);
  };
}
