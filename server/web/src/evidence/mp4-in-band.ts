/** Parameter sets of H.264 in band (ISO/IEC 14496-15, `avc3`): shared/format/src/mp4/in_band.rs in the browser. */
import { type Bytes, u32 } from "../crypto/bytes.ts";
import { type Box, Mp4Error, box, children, find, u32At } from "./mp4-boxes.ts";

export const TFHD_BASE_OFFSET = 0x01;
export const TFHD_DESCRIPTION = 0x02;
const TFHD_DURATION = 0x08;
const TFHD_SIZE = 0x10;
export const TRUN_DATA_OFFSET = 0x01;
const TRUN_FIRST_FLAGS = 0x04;
const TRUN_DURATION = 0x100;
const TRUN_SIZE = 0x200;
const TRUN_FLAGS = 0x400;
const TRUN_COMPOSITION = 0x800;
/** Of a visual sample entry: its own fields, before the boxes in it. */
const VISUAL_BYTES = 78;
/** NAL unit that only says that a picture begins, and must stay before everything else of it. */
const DELIMITER = 9;

/** What goes before the first sample of a fragment, and how long samples are when nothing else says so. */
export interface InBand {
  sets: Bytes;
  sampleSize: number;
}

/** A fragment's change. */
export interface Splice {
  /** First run that has a sample: where it begins, what stands there instead (with the old data offset), and that offset. */
  runStart: number;
  run: Bytes;
  dataOffset: number;
  /** What stands instead of mdat. */
  data: readonly Bytes[];
}

/** SPS and PPS of an H.264 sample entry, each behind its length of 4 bytes; `null` for every other entry. */
export function parameterSets(entry: Bytes): Bytes | null {
  const config = configOf(entry);
  if (config?.[0] !== 1 || ((config[4] ?? 0) & 3) !== 3) return null;
  const parts: number[] = [];
  let at = 5;
  for (const mask of [0x1f, 0xff]) {
    const count = (config[at++] ?? 0) & mask;
    if (count === 0) return null;
    for (let number = 0; number < count; number++) {
      const length = ((config[at] ?? 0) << 8) | (config[at + 1] ?? 0);
      const unit = config.subarray(at + 2, at + 2 + length);
      if (length === 0 || unit.length !== length) return null;
      parts.push(...u32(length), ...unit);
      at += 2 + length;
    }
  }
  return Uint8Array.from(parts);
}

/** The `avcC` record of an entry. */
function configOf(entry: Bytes): Bytes | null {
  try {
    const [whole] = children(entry, 0, entry.length);
    if (!whole || !["avc1", "avc3"].includes(whole.name)) return null;
    const config = find(entry, whole.body + VISUAL_BYTES, whole.end, "avcC");
    return entry.subarray(config.body, config.end);
  } catch (error) {
    if (error instanceof Mp4Error) return null;
    throw error;
  }
}

/** The size of samples that an init section gives (`trex`); 0 when it gives none. */
export function sampleSize(init: Bytes): number {
  const moov = find(init, 0, init.length, "moov");
  const mvex = children(init, moov.body, moov.end).find(({ name }) => name === "mvex");
  const trex = mvex && children(init, mvex.body, mvex.end).find(({ name }) => name === "trex");
  return trex ? u32At(init, trex.body + 16, trex) : 0;
}

/** Puts the parameter sets before the first sample of a fragment; `null` when it has none. */
export function splice(bytes: Bytes, moof: Box, traf: Box, data: Box, { sets, sampleSize }: InBand): Splice | null {
  const parts = children(bytes, traf.body, traf.end);
  const run = parts.find((child) => child.name === "trun" && u32At(bytes, child.body + 4, child) > 0);
  if (!run) return null;
  const flags = u32At(bytes, run.body, run);
  if (!(flags & TRUN_DATA_OFFSET)) throw new Mp4Error("trun", run.start, "expected a data offset");
  const count = u32At(bytes, run.body + 4, run);
  const dataOffset = u32At(bytes, run.body + 8, run) | 0;
  const table = run.body + 12 + (flags & TRUN_FIRST_FLAGS ? 4 : 0);
  const sized = (flags & TRUN_SIZE) !== 0;
  const before = flags & TRUN_DURATION ? 4 : 0;
  const after = (flags & TRUN_FLAGS ? 4 : 0) + (flags & TRUN_COMPOSITION ? 4 : 0);
  const stride = before + (sized ? 4 : 0) + after;
  if (count * stride > run.end - table) throw new Mp4Error("trun", run.start, "cut off");
  const usual = sized ? 0 : (usualSize(bytes, find(bytes, traf.body, traf.end, "tfhd")) ?? sampleSize);
  const size = sized ? u32At(bytes, table + before, run) : usual;
  // Without sizes of their own the samples' number is bounded by the bytes that are there.
  const from = moof.start + dataOffset;
  if (from < data.body || from > data.end || size > data.end - from || (!sized && (usual === 0 || count * usual > data.end - from))) {
    throw new Mp4Error("trun", run.start, "expected its samples within mdat");
  }

  const made = new Uint8Array(8 + (run.end - run.body) + (sized ? 0 : 4 * count));
  const view = new DataView(made.buffer);
  made.set(box("trun", made.length - 8));
  made.set(bytes.subarray(run.body, table), 8);
  view.setUint32(8, (flags | TRUN_SIZE) >>> 0);
  let to = 8 + table - run.body;
  for (let number = 0; number < count; number++) {
    const at = table + number * stride;
    const own = sized ? u32At(bytes, at + before, run) : usual;
    made.set(bytes.subarray(at, at + before), to);
    view.setUint32(to + before, number === 0 ? own + sets.length : own);
    made.set(bytes.subarray(at + stride - after, at + stride), to + before + 4);
    to += before + 4 + after;
  }
  made.set(bytes.subarray(table + count * stride, run.end), to);

  const at = from + delimiter(bytes.subarray(from, from + size));
  const body = data.end - data.body + sets.length;
  return { runStart: run.start, run: made, dataOffset, data: [box("mdat", body), bytes.subarray(data.body, at), sets, bytes.subarray(at, data.end)] };
}

/** The size of samples that a fragment gives. */
function usualSize(bytes: Bytes, tfhd: Box): number | null {
  const flags = u32At(bytes, tfhd.body, tfhd);
  if (!(flags & TFHD_SIZE)) return null;
  const before = (flags & TFHD_BASE_OFFSET ? 8 : 0) + (flags & TFHD_DESCRIPTION ? 4 : 0) + (flags & TFHD_DURATION ? 4 : 0);
  return u32At(bytes, tfhd.body + 8 + before, tfhd);
}

/** Length of the delimiter that a sample begins with. */
function delimiter(sample: Bytes): number {
  if (sample.length < 5 || ((sample[4] ?? 0) & 0x1f) !== DELIMITER) return 0;
  const end = 4 + new DataView(sample.buffer, sample.byteOffset).getUint32(0);
  return end > 4 && end <= sample.length ? end : 0;
}
