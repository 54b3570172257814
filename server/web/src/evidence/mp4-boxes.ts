/** Finding and making boxes (ISO/IEC 14496-12): shared/format/src/mp4/boxes.rs in the browser. */
import { type Bytes, concat, u32 } from "../crypto/bytes.ts";

/** Where a box lies: its first byte, the first of its body, the one after its last. */
export interface Box {
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

/** The boxes that fill `bytes` from `at` to `to`. */
export function children(bytes: Bytes, at: number, to: number): Box[] {
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

export function find(bytes: Bytes, at: number, to: number, name: string): Box {
  const found = children(bytes, at, to).find((child) => child.name === name);
  if (!found) throw new Mp4Error(name, at, "missing");
  return found;
}

export function u32At(bytes: Bytes, at: number, within: Box): number {
  if (at + 4 > within.end) throw new Mp4Error(within.name, within.start, "cut off");
  return new DataView(bytes.buffer, bytes.byteOffset + at, 4).getUint32(0);
}

/** A box's first 8 bytes. */
export function box(name: string, bodyLength: number): Bytes {
  return concat(u32(bodyLength + 8), Uint8Array.from(name, (letter) => letter.charCodeAt(0)));
}
