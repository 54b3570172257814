/**
 * Joining one track's init sections and fragments, over segments and runs, into one playable fragmented MP4 (ISO/IEC 14496-12):
 * byte for byte what shared/format/src/mp4.rs makes, because a verifier makes it again and compares.
 */
import { type Bytes, concat, equal, u32, utf8 } from "../crypto/bytes.ts";
import { type Box, Mp4Error, box, children, find, u32At } from "./mp4-boxes.ts";
import { type InBand, TFHD_BASE_OFFSET, TFHD_DESCRIPTION, TRUN_DATA_OFFSET, parameterSets, sampleSize, splice } from "./mp4-in-band.ts";

const TFHD_BASE_IS_MOOF = 0x02_0000;

/** What the joiner knows of one init section. */
interface Source {
  /** Sample description index of its fragments. */
  description: number;
  /** Parameter sets that go into them, if any. */
  inBand: InBand | null;
}

/** Joins fragments behind one header. */
export class Joiner {
  private sequence = 0;

  private constructor(
    private readonly trackId: number,
    private readonly timescale: number,
    private readonly sources: readonly Source[],
    /** The bytes that begin the file. */
    readonly start: Bytes,
  ) {}

  /**
   * From the init sections of all segments, in order (equal ones are welcome). If their sample descriptions differ and all are H.264, the first alone
   * stays, as `avc3`, and each fragment gets its own parameter sets before its first sample; others are appended to the first's.
   */
  static make(inits: readonly Bytes[]): Joiner {
    const [first, ...rest] = inits;
    if (!first) throw new Mp4Error("moov", 0, "expected at least one init section");
    const { trackId, timescale, entries } = readInit(first);
    const descriptions = [1];
    for (const init of rest) {
      const other = readInit(init);
      if (other.timescale !== timescale) throw new Mp4Error("mdhd", 0, "the time scale differs from the first one's");
      const entry = other.entries[0] as Bytes;
      const at = entries.findIndex((mine) => equal(mine, entry));
      descriptions.push(at >= 0 ? at + 1 : entries.push(entry));
    }
    const same = descriptions.every((description) => description === 1);
    const sets = same ? [] : descriptions.flatMap((description) => parameterSets(entries[description - 1] as Bytes) ?? []);
    if (same || sets.length < inits.length) {
      const sources = descriptions.map((description) => ({ description, inBand: null }));
      return new Joiner(trackId, timescale, sources, withEntries(first, entries));
    }
    const only = (entries[0] as Bytes).slice();
    only.set(utf8("avc3"), 4);
    const sources = sets.map((own, index) => ({ description: 1, inBand: { sets: own, sampleSize: sampleSize(inits[index] as Bytes) } }));
    return new Joiner(trackId, timescale, sources, withEntries(first, [only]));
  }

  /**
   * One chunk's fragments, ready to be appended, for a chunk that is to begin at `atUs` of the file's time line, whatever decode time it has. Further
   * fragments in the same chunk keep their distance.
   */
  fragmentAt(init: number, atUs: number, fragment: Bytes): Bytes {
    const source = this.sources[init];
    if (!source) throw new Mp4Error("moov", 0, "no such init section");
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
      out.push(...this.fragment(fragment, next, data, source, shift));
    }
    if (out.length === 0) throw new Mp4Error("moof", 0, "expected a fragment");
    return concat(...out);
  }

  /** One moof and its mdat. */
  private fragment(bytes: Bytes, moof: Box, data: Box, { description, inBand }: Source, shift: bigint): Bytes[] {
    const tracks = children(bytes, moof.body, moof.end).filter(({ name }) => name === "traf");
    const [traf] = tracks;
    if (!traf || tracks.length > 1) throw new Mp4Error("traf", moof.start, "expected one");
    const spliced = inBand && splice(bytes, moof, traf, data, inBand);
    const body: Bytes[] = [];
    const runs: { place: number; run: Box }[] = [];
    let place = 0;
    for (const child of children(bytes, traf.body, traf.end)) {
      let part = bytes.subarray(child.start, child.end);
      if (child.name === "tfhd") part = this.tfhd(bytes, child, description);
      else if (child.name === "tfdt") part = shiftedTime(bytes, child, shift);
      else if (child.name === "trun") {
        if (spliced?.runStart === child.start) part = spliced.run;
        // The data offset's, which follows the box's header, flags and number of samples.
        runs.push({ place: place + (part === spliced?.run ? 8 : child.body - child.start) + 8, run: child });
      }
      body.push(part);
      place += part.length;
    }
    const before = concat(box("moof", 0), box("mfhd", 8), new Uint8Array(4), u32(this.sequence), box("traf", place));
    const out = concat(before, ...body);
    out.set(box("moof", out.length - 8));
    // Data offsets count from the beginning of moof, whose length has changed, as mdat's header may have.
    const grown = out.length - (moof.end - moof.start) + (spliced ? 8 - (data.body - data.start) : 0);
    const view = new DataView(out.buffer);
    for (const { place: at, run } of runs) {
      if ((u32At(bytes, run.body, run) & TRUN_DATA_OFFSET) === 0) throw new Mp4Error("trun", run.start, "expected a data offset");
      const old = u32At(bytes, run.body + 8, run) | 0;
      const offset = old + grown + (spliced && inBand && old > spliced.dataOffset ? inBand.sets.length : 0);
      if (offset !== (offset | 0)) throw new Mp4Error("trun", run.start, "data offset out of range");
      view.setInt32(before.length + at, offset);
    }
    return [out, ...(spliced?.data ?? [bytes.subarray(data.start, data.end)])];
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
    const head = [box("tfhd", 12 + (tfhd.end - rest)), u32((flags | TFHD_DESCRIPTION) >>> 0), u32(this.trackId), u32(description)];
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

/** An init section with these sample descriptions instead of its own. */
function withEntries(init: Bytes, entries: readonly Bytes[]): Bytes {
  // A length of 0 means "to the end" and would take in what follows.
  if (entries.slice(0, -1).some((entry) => entry.subarray(0, 4).every((byte) => byte === 0))) throw new Mp4Error("stsd", 0, "expected a length");
  const path = descend(init);
  const stsd = path.at(-1) as Box;
  const list = concat(...entries);
  const out = concat(init.subarray(0, stsd.body + 8), list, init.subarray(stsd.end));
  const grown = out.length - init.length;
  for (const parent of path) {
    if (parent.body - parent.start !== 8) throw new Mp4Error(parent.name, parent.start, "expected a 32-bit length");
    out.set(box(parent.name, parent.end - parent.body + grown), parent.start);
  }
  out.set(u32(entries.length), stsd.body + 4);
  return out;
}
