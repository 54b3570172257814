import type { SegmentView } from "../wire.ts";
import { Feed, type FeedHooks } from "./feed.ts";
import type { Footage } from "./footage.ts";
import { isSound, ofTrack, playableFrom, positionAt, trackNames } from "./plan.ts";
import { Slips, spanOf } from "./packets.ts";
import { MOST_HEARD_RATE, steer } from "./sync.ts";

const AHEAD_SECS = 20;
const TICK_MS = 100;
/** Sound that should be buffered and is not is fetched anew, at most this often. */
const HOLE_MS = 5000;
/** How far the next sound to be fetched may lie behind the picture before it is fetched from the picture's place instead. */
const BEHIND_MS = 4000;

/** How loud somebody wants it: 0 to 1. */
export interface Settings {
  volume: number;
  muted: boolean;
}

/** What the page shows of the sound. */
export interface SoundState extends Settings {
  /** Track beside the picture; `null` when the recording has none. */
  track: string | null;
  /** Codec that this browser does not play. */
  unsupported: string | null;
}

/** Where the picture stands. */
export interface Picture {
  atMs: number;
  rate: number;
  /** A picture is shown; not on its way elsewhere. */
  settled: boolean;
  running: boolean;
}

/**
 * A recording's sound beside its picture, in an element of its own: a gap in one buffer never stalls the other. It follows the picture's clock
 * (`sync.ts`). While nobody hears it nothing of it is fetched.
 */
export class Sound {
  readonly state: SoundState;
  private readonly feed: Feed;
  private readonly timer: ReturnType<typeof setInterval>;
  private picture: Picture | null = null;
  private readonly slips = new Slips();
  /** Where the sound was set last, seconds. */
  private setSecs = 0;
  private holeAtMs = Number.NEGATIVE_INFINITY;
  private closed = false;

  constructor(
    private readonly audio: HTMLAudioElement,
    private readonly footage: Footage,
    secs: (ms: number) => number,
    /** The picture's place on the media time line now, seconds. */
    private readonly clock: () => number,
    private readonly changed: () => void,
    /** Told of what was appended. */
    shown: FeedHooks["shown"],
    settings: Settings,
  ) {
    this.state = { ...settings, track: null, unsupported: null };
    audio.preservesPitch = true;
    this.feed = new Feed(audio, footage, {
      secs,
      segments: () => this.segments(),
      atMs: () => this.picture?.atMs ?? 0,
      settled: () => this.picture?.settled ?? false,
      appended: () => this.follow(),
      shown: (segment, first, pieces) => {
        shown(segment, first, pieces);
        const originSecs = secs(segment.media_origin_ms);
        for (const { data } of pieces) {
          const span = data && spanOf(new Uint8Array(data));
          if (span) this.slips.add({ ...span, fromSecs: originSecs + span.fromSecs });
        }
      },
      unsupported: (codec) => {
        this.state.unsupported = codec;
        this.changed();
      },
    });
    this.timer = setInterval(() => this.follow(), TICK_MS);
    audio.addEventListener("error", this.failed);
    for (const name of ["seeked", "playing"]) audio.addEventListener(name, this.follow);
  }

  close(): void {
    this.closed = true;
    clearInterval(this.timer);
    this.audio.removeEventListener("error", this.failed);
    for (const name of ["seeked", "playing"]) this.audio.removeEventListener(name, this.follow);
    this.audio.pause();
    this.feed.close();
  }

  set({ volume, muted }: Settings): void {
    this.state.volume = Math.min(1, Math.max(0, volume));
    this.state.muted = muted;
    this.follow();
  }

  /** Whether anything is to be heard at this speed. */
  audible(rate: number): boolean {
    return !this.state.muted && this.state.volume > 0 && rate <= MOST_HEARD_RATE;
  }

  /** To be called whenever the picture's place or speed may have changed; `null`: there is no picture to follow. */
  keep(picture: Picture | null): void {
    const [track] = trackNames(this.footage.segments.values(), isSound);
    this.state.track = track ?? null;
    this.picture = picture;
    this.follow();
  }

  private segments(): SegmentView[] {
    return this.state.track === null ? [] : ofTrack(this.footage.segments.values(), this.state.track);
  }

  private readonly follow = (): void => {
    const { audio, feed, picture } = this;
    if (this.closed) return;
    audio.volume = this.state.volume;
    audio.muted = this.state.muted;
    if (!picture || this.state.track === null || this.state.unsupported !== null || !this.audible(picture.rate)) {
      if (!audio.paused) audio.pause();
      return;
    }
    const secs = this.clock();
    const range = picture.settled && feed.clearing === null ? feed.buffer.around(secs) : null;
    // Set a little before it begins, an element would wait for ever.
    const covered = range !== null && range[0] <= secs;
    this.fetch(picture.atMs, covered);
    const standing = {
      running: picture.running,
      rate: picture.rate,
      covered,
      seeking: audio.seeking,
      apartSecs: audio.currentTime - secs,
      slipSecs: this.slips.between(this.setSecs, audio.currentTime),
      correction: audio.playbackRate - picture.rate,
    };
    const step = steer(standing);
    if (Math.abs(audio.playbackRate - step.rate) > 0.002) audio.playbackRate = step.rate;
    if (step.setAhead !== null) {
      this.setSecs = Math.min(secs + step.setAhead, Math.max(secs, (range?.[1] ?? secs) - 0.05));
      audio.currentTime = this.setSecs;
    }
    if (step.play && audio.paused) audio.play().catch(() => undefined);
    else if (!step.play && !audio.paused) audio.pause();
  };

  /** Sees to it that sound of `atMs` is, or will be, in the buffer. */
  private fetch(atMs: number, covered: boolean): void {
    const { feed } = this;
    const next = feed.clearing ? null : playableFrom(this.segments(), this.footage.damages, atMs);
    const astray = !feed.started || feed.moved() || (feed.track() ?? this.state.track) !== this.state.track || !(covered || feed.reaches(atMs, BEHIND_MS));
    const hole = !covered && next !== null && next <= atMs && feed.isPast(atMs) && performance.now() - this.holeAtMs > HOLE_MS;
    if (next !== null && (astray || hole)) {
      if (hole) this.holeAtMs = performance.now();
      this.slips.cut();
      feed.start(atMs);
    }
    void feed.fill(AHEAD_SECS);
  }

  /** The decoder gave up: entered as damage of the sound; the picture goes on, and the sound after it. */
  private readonly failed = (): void => {
    const { error } = this.audio;
    if (this.closed || !error) return;
    const segments = this.segments();
    const at = positionAt(segments, this.picture?.atMs ?? 0);
    const segment = at && segments[at.segment];
    const chunk = at && segment?.chunks[at.chunk];
    if (segment && chunk) this.footage.damage(segment, chunk.from_ms, chunk.from_ms + chunk.duration_ms, "decode", error.message);
    this.slips.cut();
    this.feed.renew();
  };
}
