import { type Bytes, equal, fromUtf8, hex, label, sha256, unhex, uuid } from "./bytes.ts";
import type { Certificates } from "./certificate.ts";
import { FormatError, named } from "./errors.ts";
import { fields, integer, parseJson, text } from "./json.ts";
import { type RecordingScope, type RunKeys, commitmentOf, deriveSegmentKey } from "./keys.ts";

const MAGIC = Uint8Array.of(0x89, 0x49, 0x56, 0x53, 0x0d, 0x0a, 0x1a, 0x0a);
const PREAMBLE = 16;
const MOST_HEADER = 8192;
const KINDS = ["video", "audio", "screen", "thumbnail", "photo"];

/** A segment's header (docs/format.md 5). */
export interface Header {
  institution: string;
  exam: string;
  recording: string;
  run: string;
  track: string;
  kind: string;
  codec: string;
  width: number;
  height: number;
  sequence: number;
  previousHead: string | null;
  keyRecord: string;
  commitment: string;
  device: string;
  bootId: string;
  originUs: number;
}

/** What every check of one segment needs. */
export interface SegmentContext {
  header: Header;
  head0: Bytes;
  /** Offset of the first frame. */
  framesAt: number;
  key: CryptoKey;
  /** Device key, 32 bytes. */
  device: Bytes;
  certificates: Certificates;
}

/** Which segment the page asked for; a header that names another one is refused. */
export interface SegmentName {
  run: string;
  track: string;
  sequence: number;
}

/** Reads preamble and header from the beginning of a file. */
export async function readHeader(bytes: Bytes): Promise<{ header: Header; head0: Bytes; framesAt: number }> {
  if (bytes.length < PREAMBLE) throw new FormatError("truncated", "the file ends inside the preamble");
  const view = new DataView(bytes.buffer, bytes.byteOffset, PREAMBLE);
  if (!equal(bytes.subarray(0, 8), MAGIC)) throw new FormatError("malformed", "this is not a segment");
  if (view.getUint16(8) !== 1) throw new FormatError("malformed", `format version ${view.getUint16(8)} is not known here`);
  if (view.getUint16(10) !== 0) throw new FormatError("malformed", "reserved bits are set in the preamble");
  const length = view.getUint32(12);
  if (length < 1 || length > MOST_HEADER) throw new FormatError("malformed", `a header of ${length} bytes is not allowed`);
  const framesAt = PREAMBLE + length;
  if (bytes.length < framesAt) throw new FormatError("truncated", "the file ends inside the header");
  const header = named("malformed", () => readMembers(fromUtf8(bytes.subarray(PREAMBLE, framesAt))));
  const head0 = await sha256(label("invigil v1 segment head"), bytes.subarray(0, framesAt));
  return { header, head0, framesAt };
}

function readMembers(json: string): Header {
  const names = ["institution", "exam", "recording", "run", "track", "kind", "codec", "width", "height", "sequence"];
  names.push("previous_head", "key_record", "commitment", "device", "boot_id", "origin_boottime_us");
  const found = fields(parseJson(json), "segment header", names);
  const digest = (name: string) => hex(unhex(found[name], 32, name));
  const id = (name: string) => (uuid(found[name], name), found[name] as string);
  const track = text(found["track"], "track");
  if (!/^[a-z0-9-]{1,32}$/.test(track)) throw new TypeError("segment header: track is not 1 to 32 characters of a-z0-9-");
  const kind = text(found["kind"], "kind");
  if (!KINDS.includes(kind)) throw new TypeError("segment header: unknown kind");
  return {
    institution: digest("institution"),
    exam: id("exam"),
    recording: id("recording"),
    run: id("run"),
    track,
    kind,
    codec: text(found["codec"], "codec"),
    width: integer(found["width"], "width", 0, 0xffff_ffff),
    height: integer(found["height"], "height", 0, 0xffff_ffff),
    sequence: integer(found["sequence"], "sequence", 0, 0xffff_ffff),
    previousHead: found["previous_head"] === null ? null : digest("previous_head"),
    keyRecord: digest("key_record"),
    commitment: digest("commitment"),
    device: digest("device"),
    bootId: id("boot_id"),
    originUs: integer(found["origin_boottime_us"], "origin_boottime_us", 0),
  };
}

/** Reads the header and compares it with what was asked for and with the run's key record. */
export async function readSegment(
  bytes: Bytes,
  name: SegmentName,
  run: RunKeys,
  certificates: Certificates,
  scope: RecordingScope,
): Promise<Omit<SegmentContext, "key">> {
  const { header, head0, framesAt } = await readHeader(bytes);
  const expected: Partial<Header> = {
    institution: hex(certificates.fingerprint),
    exam: scope.exam,
    recording: scope.recording,
    run: name.run,
    track: name.track,
    sequence: name.sequence,
  };
  for (const [member, value] of Object.entries(expected)) {
    const found = header[member as keyof Header];
    if (found !== value) throw new FormatError("wrong-segment", `segment header: ${member} is ${String(found)}, expected ${String(value)}`);
  }
  if (header.keyRecord !== hex(run.digest)) throw new FormatError("header", "segment header: names another key record");
  if (header.device !== hex(run.device)) throw new FormatError("header", "segment header: names another device than the key record");
  return { header, head0, framesAt, device: run.device, certificates };
}

/** The key that a header commits to: derived from the run key, or where that is gone the held one. 32 bytes, to be overwritten after use. */
export async function rawSegmentKey(header: Header, run: RunKeys, held: Uint8Array | null): Promise<Bytes> {
  const raw = run.runKey ? await deriveSegmentKey(run.runKey, header) : held?.slice();
  if (!raw) throw new FormatError("key-record", "the key of this segment is gone");
  if (!equal(await commitmentOf(raw), unhex(header.commitment, 32, "commitment"))) {
    throw new FormatError("commitment", `segment header: commits to another key than the ${run.runKey ? "run's" : "held one"}`);
  }
  return raw;
}

/** Reads the header, compares it, and derives the key that it commits to; `held` is the segment's own key where the run key is gone. */
export async function openSegment(
  bytes: Bytes,
  name: SegmentName,
  run: RunKeys,
  certificates: Certificates,
  scope: RecordingScope,
  held: Uint8Array | null = null,
): Promise<SegmentContext> {
  const read = await readSegment(bytes, name, run, certificates, scope);
  const raw = await rawSegmentKey(read.header, run, held);
  const key = await importSegmentKey(raw);
  raw.fill(0);
  return { ...read, key };
}

export const importSegmentKey = (raw: Bytes): Promise<CryptoKey> => crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["decrypt"]);
