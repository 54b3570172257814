/** The canonical ZIP of docs/evidence.md 5: stored, in order, without gaps, always the same bytes for the same files. */
import { type Bytes, concat, utf8 } from "../crypto/bytes.ts";
import { EvidenceError } from "./types.ts";

const VERSION = 20;
const UTF8_NAMES = 0x0800;
/** 1 January 1980. */
const DATE = 0x0021;
/** Longest archive. */
export const MOST_BYTES = 0xffff_ffff;
const END_BYTES = 22;

/** A file to be packed. */
export interface Packed {
  name: string;
  sizeBytes: number;
  crc: number;
  parts: readonly BlobPart[];
}

/** Bytes of the archive of such files. */
export function archiveBytes(files: readonly { name: string; sizeBytes: number }[]): number {
  return files.reduce((sum, { name, sizeBytes }) => sum + 30 + 46 + 2 * utf8(name).length + sizeBytes, END_BYTES);
}

/** The archive as parts of a blob: nothing is copied. */
export function zip(files: readonly Packed[]): Blob {
  const parts: BlobPart[] = [];
  const central: Bytes[] = [];
  let at = 0;
  for (const file of files) {
    const name = utf8(file.name);
    const common = concat(
      little(2, VERSION, UTF8_NAMES, 0, 0, DATE),
      little(4, file.crc, file.sizeBytes, file.sizeBytes),
      little(2, name.length, 0),
    );
    const local = concat(little(4, 0x0403_4b50), common, name);
    central.push(concat(little(4, 0x0201_4b50), little(2, VERSION), common, little(2, 0, 0, 0), little(4, 0, at), name));
    parts.push(local, ...file.parts);
    at += local.length + file.sizeBytes;
  }
  const directory = concat(...central);
  if (at + directory.length + END_BYTES > MOST_BYTES) throw new EvidenceError("bundle-too-large", "the bundle would have 4 GiB or more");
  const end = concat(little(4, 0x0605_4b50), little(2, 0, 0, files.length, files.length), little(4, directory.length, at), little(2, 0));
  return new Blob([...parts, directory, end], { type: "application/zip" });
}

/** Numbers of `size` bytes each, little-endian. */
function little(size: 2 | 4, ...values: number[]): Bytes {
  const out = new Uint8Array(size * values.length);
  const view = new DataView(out.buffer);
  for (const [index, value] of values.entries()) {
    if (size === 2) view.setUint16(index * 2, value, true);
    else view.setUint32(index * 4, value, true);
  }
  return out;
}
