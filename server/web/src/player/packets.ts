/** Where the packets of an Opus fragment lie, and how long they sound. Pure. */
import type { Bytes } from "../crypto/bytes.ts";
import { Mp4Error, children, find, u32At } from "../evidence/mp4-boxes.ts";

/** Opus in MP4 always counts in samples of 48 kHz. */
const TIMESCALE = 48_000;

/** Seconds on the segment's media time line. */
export interface Span {
  fromSecs: number;
  /** How long its packets sound, whatever the times say. */
  lengthSecs: number;
}

/** The span of a fragment; `null` for what is no Opus fragment of equal packets. */
export function spanOf(fragment: Bytes): Span | null {
  try {
    const moof = find(fragment, 0, fragment.length, "moof");
    const traf = find(fragment, moof.body, moof.end, "traf");
    const tfdt = find(fragment, traf.body, traf.end, "tfdt");
    const wide = u32At(fragment, tfdt.body, tfdt) >>> 24 !== 0;
    const high = u32At(fragment, tfdt.body + 4, tfdt);
    const ticks = wide ? high * 2 ** 32 + u32At(fragment, tfdt.body + 8, tfdt) : high;
    const runs = children(fragment, traf.body, traf.end).filter(({ name }) => name === "trun");
    const packets = runs.reduce((sum, run) => sum + u32At(fragment, run.body + 4, run), 0);
    const data = find(fragment, moof.end, fragment.length, "mdat");
    return { fromSecs: ticks / TIMESCALE, lengthSecs: packets * packetSecs(fragment.subarray(data.body, data.end)) };
  } catch (error) {
    if (error instanceof Mp4Error) return null;
    throw error;
  }
}

/** Length of the packet that begins `bytes` (RFC 6716, 3.1). */
function packetSecs(bytes: Bytes): number {
  const [first = 0, second = 0] = bytes;
  const config = first >> 3;
  const lengths = config < 12 ? [10, 20, 40, 60] : config < 16 ? [10, 20, 10, 20] : [2.5, 5, 10, 20];
  const frames = [1, 2, 2, second & 0x3f][first & 3] ?? 1;
  return (frames * (lengths[config & 3] ?? 20)) / 1000;
}

/** Places at which times go on later than what sounds before them ends. */
export class Slips {
  private list: { atSecs: number; bySecs: number }[] = [];
  private endSecs: number | null = null;

  /** A fragment follows; its place on the media time line of the player. */
  add({ fromSecs, lengthSecs }: Span): void {
    const by = this.endSecs === null ? 0 : fromSecs - this.endSecs;
    if (by > 0) this.list.push({ atSecs: fromSecs, bySecs: by });
    this.endSecs = fromSecs + lengthSecs;
  }

  /** What follows belongs to nothing before it. */
  cut(): void {
    this.list = [];
    this.endSecs = null;
  }

  /** Sum of the slips after `fromSecs` and up to `toSecs`. */
  between(fromSecs: number, toSecs: number): number {
    return this.list.reduce((sum, { atSecs, bySecs }) => (fromSecs < atSecs && atSecs <= toSecs ? sum + bySecs : sum), 0);
  }
}
