/**
 * Joining one track's init sections and fragments, over segments and runs, into one playable fragmented MP4 (ISO/IEC 14496-12):
 * byte for byte what shared/format/src/mp4.rs makes, because a verifier makes it again and compares.
 */
import { type Bytes, concat, equal } from "../crypto/bytes.ts";

const TFHD_BASE_OFFSET = 0x01;
const TFHD_DESCRIPTION = 0x02;
const TFHD_BASE_IS_MOOF = 0x02_0000;
const TRUN_DATA_OFFSET = 0x01;

/** Where a box lies: its first byte, the first of its body, the one after its last. */
interface Box {
  name: string;
  start: number;
  body: number;
  end: number;
}

export class Mp4Error extends Error {
  constructor(name: string, offset: number, reason: string) {
    super(`mp4 box ${name} at ${offset}: ${reason}`);
    this.name = "Mp4Error";
  }
}

/** Joins fragments behind one header. */
export class Joiner {
  private sequence = 0;

  private constructor(
    private readonly trackId: number,
    private readonly timescale: number,
    /** Sample description index of each init section. */
    private readonly descriptions: readonly number[],
    /** The bytes that begin the file. */
    readonly start: Bytes,
  ) {}

  /** From the init sections of all segments, in order (equal ones are welcome). Sample descriptions that differ from the first's are appended to it. */
  static make(inits: readonly Bytes[]): Joiner {
    const [first, ...rest] = inits;
    if (!first) throw new Mp4Error("moov", 0, "expected at least one init section");
    const { trackId, timescale, entries } = readInit(first);
    const known = entries.length;
    const descriptions = [1];
    for (const init of rest) {
      const other = readInit(init);
      if (other.timescale !== timescale) throw new Mp4Error("mdhd", 0, "the time scale differs from the first one's");
      const entry = other.entries[0] as Bytes;
      const at = entries.findIndex((mine) => equal(mine, entry));
      descriptions.push(at >= 0 ? at + 1 : entries.push(entry));
    }
    return new Joiner(trackId, timescale, descriptions, appendEntries(first, entries.slice(known)));
  }

  /**
   * One chunk's fragments, ready to be appended, for a chunk that is to begin at `atUs` of the file's time line, whatever decode time it has. Further
   * fragments in the same chunk keep their distance.
   */
  fragmentAt(init: number, atUs: number, fragment: Bytes): Bytes {
    const description = this.descriptions[init];
    if (description === undefined) throw new Mp4Error("moov", 0, "no such init section");
    // To the nearest tick, a half upwards.
    const at = (BigInt(atUs) * BigInt(this.timescale) + 500_000n) / 1_000_000n;
    const shift = at - decodeTime(fragment);
    const out: Bytes[] = [];
    const boxes = children(fragment, 0, fragment.length);
    for (let index = 0; index < boxes.length; index++) {
      const next = boxes[index] as Box;
      if (next.name !== "moof") continue;
      const data = boxes[++index];
      if (data?.name !== "mdat") throw new Mp4Error("mdat", next.end, "expected right after moof");
      this.sequence = (this.sequence + 1) >>> 0;
      out.push(this.moof(fragment, next, description, shift), fragment.subarray(data.start, data.end));
    }
    if (out.length === 0) throw new Mp4Error("moof", 0, "expected a fragment");
    return concat(...out);
  }

  private moof(bytes: Bytes, moof: Box, description: number, shift: bigint): Bytes {
    const tracks = children(bytes, moof.body, moof.end).filter(({ name }) => name === "traf");
    const [traf] = tracks;
    if (!traf || tracks.length > 1) throw new Mp4Error("traf", moof.start, "expected one");
    const body: Bytes[] = [];
    const runs: { place: number; run: Box }[] = [];
    let place = 0;
    for (const child of children(bytes, traf.body, traf.end)) {
      let part = bytes.subarray(child.start, child.end);
      if (child.name === "tfhd") part = this.tfhd(bytes, child, description);
      else if (child.name === "tfdt") part = shiftedTime(bytes, child, shift);
      else if (child.name === "trun") runs.push({ place, run: child });
      body.push(part);
      place += part.length;
    }
    const before = concat(box("moof", 0), box("mfhd", 8), new Uint8Array(4), number32(this.sequence), box("traf", place));
    const out = concat(before, ...body);
    out.set(box("moof", out.length - 8));
    // Data offsets count from the beginning of moof, whose length has changed.
    const grown = out.length - (moof.end - moof.start);
    const view = new DataView(out.buffer);
    for (const { place: at, run } of runs) {
      if ((u32At(bytes, run.body, run) & TRUN_DATA_OFFSET) === 0) throw new Mp4Error("trun", run.start, "expected a data offset");
      const offset = (u32At(bytes, run.body + 8, run) | 0) + grown;
      if (offset !== (offset | 0)) throw new Mp4Error("trun", run.start, "data offset out of range");
      view.setInt32(before.length + at + (run.body - run.start) + 8, offset);
    }
    return out;
  }

  private tfhd(bytes: Bytes, tfhd: Box, description: number): Bytes {
    const flags = u32At(bytes, tfhd.body, tfhd);
    if (flags & TFHD_BASE_OFFSET || !(flags & TFHD_BASE_IS_MOOF)) throw new Mp4Error("tfhd", tfhd.start, "expected default-base-is-moof");
    u32At(bytes, tfhd.body + 4, tfhd);
    let rest = tfhd.body + 8;
    if (flags & TFHD_DESCRIPTION) {
      u32At(bytes, rest, tfhd);
      rest += 4;
    }
    const head = [box("tfhd", 12 + (tfhd.end - rest)), number32((flags | TFHD_DESCRIPTION) >>> 0), number32(this.trackId), number32(description)];
    return concat(...head, bytes.subarray(rest, tfhd.end));
  }
}

/** The decode time of the first fragment, in the track's time scale. */
function decodeTime(fragment: Bytes): bigint {
  const moof = find(fragment, 0, fragment.length, "moof");
  const traf = find(fragment, moof.body, moof.end, "traf");
  return timeOf(fragment, find(fragment, traf.body, traf.end, "tfdt"));
}

function timeOf(bytes: Bytes, tfdt: Box): bigint {
  const wide = u32At(bytes, tfdt.body, tfdt) >>> 24 !== 0;
  const first = BigInt(u32At(bytes, tfdt.body + 4, tfdt));
  return wide ? (first << 32n) | BigInt(u32At(bytes, tfdt.body + 8, tfdt)) : first;
}

function shiftedTime(bytes: Bytes, tfdt: Box, shift: bigint): Bytes {
  const time = timeOf(bytes, tfdt) + shift;
  if (time < 0n || time >= 1n << 64n) throw new Mp4Error("tfdt", tfdt.start, "the fragment begins before the time line does");
  const out = concat(box("tfdt", 12), Uint8Array.of(1, 0, 0, 0), new Uint8Array(8));
  new DataView(out.buffer).setBigUint64(12, time);
  return out;
}

/** The boxes on the way to the sample descriptions. */
const PATH = ["moov", "trak", "mdia", "minf", "stbl", "stsd"] as const;

function readInit(init: Bytes): { trackId: number; timescale: number; entries: Bytes[] } {
  const moov = find(init, 0, init.length, "moov");
  if (children(init, moov.body, moov.end).filter(({ name }) => name === "trak").length !== 1) throw new Mp4Error("trak", moov.start, "expected one track");
  const trak = find(init, moov.body, moov.end, "trak");
  const tkhd = find(init, trak.body, trak.end, "tkhd");
  const place = (full: Box) => full.body + (u32At(init, full.body, full) >>> 24 !== 0 ? 20 : 12);
  const trackId = u32At(init, place(tkhd), tkhd);
  const mdia = find(init, trak.body, trak.end, "mdia");
  const mdhd = find(init, mdia.body, mdia.end, "mdhd");
  const timescale = u32At(init, place(mdhd), mdhd);
  if (timescale === 0) throw new Mp4Error("mdhd", mdhd.start, "expected a time scale");
  const stsd = descend(init).at(-1) as Box;
  const count = u32At(init, stsd.body + 4, stsd);
  const entries = children(init, stsd.body + 8, stsd.end).map(({ start, end }) => init.subarray(start, end));
  if (entries.length === 0 || entries.length !== count) throw new Mp4Error("stsd", stsd.start, "expected as many sample descriptions as it says");
  return { trackId, timescale, entries };
}

function descend(init: Bytes): Box[] {
  let [at, end] = [0, init.length];
  return PATH.map((name) => {
    const found = find(init, at, end, name);
    [at, end] = [found.body, found.end];
    return found;
  });
}

function appendEntries(init: Bytes, entries: readonly Bytes[]): Bytes {
  const path = descend(init);
  const stsd = path.at(-1) as Box;
  const added = concat(...entries);
  const out = concat(init.subarray(0, stsd.end), added, init.subarray(stsd.end));
  for (const parent of path) {
    if (parent.body - parent.start !== 8) throw new Mp4Error(parent.name, parent.start, "expected a 32-bit length");
    out.set(box(parent.name, parent.end - parent.body + added.length), parent.start);
  }
  out.set(number32(u32At(init, stsd.body + 4, stsd) + entries.length), stsd.body + 4);
  return out;
}

/** The boxes that fill `bytes` from `at` to `to`. */
function children(bytes: Bytes, at: number, to: number): Box[] {
  const out: Box[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, to);
  while (at < to) {
    const short = () => new Mp4Error("    ", at, "the length and name are cut off");
    if (at + 8 > to) throw short();
    const name = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    let length = view.getUint32(at);
    let header = 8;
    if (length === 0) length = to - at;
    else if (length === 1) {
      if (at + 16 > to) throw short();
      header = 16;
      length = Number(view.getBigUint64(at + 8));
    }
    if (length < header || length > to - at) throw new Mp4Error(name, at, "the length is less than its header or more than what holds it");
    out.push({ name, start: at, body: at + header, end: at + length });
    at += length;
  }
  return out;
}

function find(bytes: Bytes, at: number, to: number, name: string): Box {
  const found = children(bytes, at, to).find((child) => child.name === name);
  if (!found) throw new Mp4Error(name, at, "missing");
  return found;
}

function u32At(bytes: Bytes, at: number, within: Box): number {
  if (at + 4 > within.end) throw new Mp4Error(within.name, within.start, "cut off");
  return new DataView(bytes.buffer, bytes.byteOffset + at, 4).getUint32(0);
}

function number32(value: number): Bytes {
  const out = new Uint8Array(4);
  new DataView(out.buffer).setUint32(0, value);
  return out;
}

/** A box's first 8 bytes. */
function box(name: string, bodyLength: number): Bytes {
  return concat(number32(bodyLength + 8), Uint8Array.from(name, (letter) => letter.charCodeAt(0)));
}
