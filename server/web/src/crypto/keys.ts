import { type Bytes, concat, equal, hex, label, sha256, u32, unhex, utf8, uuid } from "./bytes.ts";
import type { Certificates, Role } from "./certificate.ts";
import { FormatError, named } from "./errors.ts";
import { hkdf } from "./hkdf.ts";
import { importX25519 } from "./hpke.ts";
import { type Json, fields, integer } from "./json.ts";
import { openInner } from "./sealed.ts";
import { type Statement, openStatement, statementDigest } from "./statement.ts";

/** A review key, open: lives in memory only, and its private half cannot be read out of the browser again. */
export interface OpenReviewKey {
  privateKey: CryptoKey;
  public: string;
}

/** Parameters for Argon2id (version 0x13) of a wrapped review key. */
export interface KdfParameters {
  memoryKib: number;
  iterations: number;
  parallelism: number;
  salt: Bytes;
}

/** A review key as the server keeps it (docs/format.md 8). */
export interface WrappedKey {
  public: Bytes;
  kdf: KdfParameters;
  nonce: Bytes;
  sealed: Bytes;
}

export function readWrapped(value: Json): WrappedKey {
  return named("malformed", () => {
    const names = ["type", "version", "public", "kdf", "memory_kib", "iterations", "parallelism", "salt", "nonce", "sealed"];
    const found = fields(value, "wrapped review key", names);
    if (found["type"] !== "wrapped-review-key" || found["version"] !== 1 || found["kdf"] !== "argon2id") {
      throw new TypeError("expected a wrapped review key of version 1 with argon2id");
    }
    const parallelism = integer(found["parallelism"], "parallelism", 1, 16);
    return {
      public: unhex(found["public"], 32, "public"),
      kdf: {
        memoryKib: integer(found["memory_kib"], "memory_kib", 8 * parallelism, 1024 * 1024),
        iterations: integer(found["iterations"], "iterations", 1, 16),
        parallelism,
        salt: unhex(found["salt"], 16, "salt"),
      },
      nonce: unhex(found["nonce"], 12, "nonce"),
      sealed: unhex(found["sealed"], 48, "sealed"),
    };
  });
}

/** Opens a wrapped review key with what Argon2id made of the passphrase; `null` means that the passphrase was another one. */
export async function unwrap(wrapped: WrappedKey, derived: Bytes): Promise<OpenReviewKey | null> {
  const key = await crypto.subtle.importKey("raw", derived, "AES-GCM", false, ["decrypt"]);
  const additionalData = concat(label("invigil v1 wrapped review key"), wrapped.public);
  let raw: Bytes;
  try {
    raw = new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv: wrapped.nonce, additionalData }, key, wrapped.sealed));
  } catch {
    return null;
  }
  const privateKey = await importX25519(raw);
  raw.fill(0);
  if (!equal(await publicHalf(privateKey), wrapped.public)) throw new FormatError("malformed", "wrapped review key: names another public key");
  return { privateKey, public: hex(wrapped.public) };
}

/** X25519 of a private key with the base point (RFC 7748, 6.1). */
async function publicHalf(privateKey: CryptoKey): Promise<Bytes> {
  const base = await crypto.subtle.importKey("raw", Uint8Array.of(9, ...new Uint8Array(31)), { name: "X25519" }, false, []);
  return new Uint8Array(await crypto.subtle.deriveBits({ name: "X25519", public: base }, privateKey, 256));
}

/** What a key record says, checked. */
export interface RunKeys {
  run: string;
  /** Ed25519 key of the device that signed the record and must sign every segment of the run. */
  device: Bytes;
  /** Digest of the record, which every segment header of the run carries. */
  digest: Bytes;
  /** `null` when it is gone for good and only the keys of held segments are left. */
  runKey: Bytes | null;
}

/** Where and when a recording took place, for the certificates. */
export interface RecordingScope {
  exam: string;
  recording: string;
  fromMs: number;
  toMs: number;
}

/** Checks a run's key record and opens its inner wrap with one review key (docs/format.md 4). An empty `inner`: expired, the run key is gone. */
export async function openRunKey(
  entry: { run: string; record: Statement; inner: string },
  certificates: Certificates,
  scope: RecordingScope,
  review: OpenReviewKey,
): Promise<RunKeys> {
  const names = ["institution", "exam", "recording", "run", "review", "erasure", "enc", "sealed", "created_ms"];
  const { key: device, members } = await openStatement(entry.record, "key-record", names);
  // Certificates must count when the record was made; a device whose clock is wrong is measured by the server's clock instead.
  const createdMs = named("malformed", () => integer(members["created_ms"], "created_ms", 0));
  const find = (role: Role, subject: string, where: { exam?: string; recording?: string } = {}) => {
    try {
      certificates.find(role, subject, createdMs, createdMs, where);
    } catch {
      certificates.find(role, subject, scope.fromMs, scope.toMs, where);
    }
  };
  find("device", hex(device), { recording: scope.recording });
  const { reviewKeys, erasure } = named("key-record", () => {
    const expected = { institution: hex(certificates.fingerprint), exam: scope.exam, recording: scope.recording, run: entry.run };
    for (const [name, value] of Object.entries(expected)) {
      if (members[name] !== value) throw new TypeError(`key record: ${name} is ${String(members[name])}, expected ${value}`);
    }
    const list = members["review"];
    if (!Array.isArray(list) || list.length < 1 || list.length > 16) throw new TypeError("key record: expected 1 to 16 review keys");
    unhex(members["enc"], 32, "enc");
    unhex(members["sealed"], list.length * 80 + 16, "sealed");
    return {
      reviewKeys: list.map((item) => hex(unhex(item, 32, "review key"))),
      erasure: hex(unhex(members["erasure"], 32, "erasure key")),
    };
  });
  find("erasure", erasure, { exam: scope.exam });
  for (const key of reviewKeys) find("review", key);
  const digest = await statementDigest(entry.record);
  if (entry.inner === "") return { run: entry.run, device, digest, runKey: null };
  const context = concat(certificates.fingerprint, uuid(scope.recording, "recording"), uuid(entry.run, "run"));
  return { run: entry.run, device, digest, runKey: await openInner(entry.inner, reviewKeys, "invigil v1 run key", context, review) };
}

/** Whether `public_` belongs to the fingerprint (the institution key's own SHA-256). */
export async function isInstitution(public_: string, fingerprint: string): Promise<boolean> {
  return equal(await sha256(unhex(public_, 32, "institution key")), unhex(fingerprint, 32, "fingerprint"));
}

/** What a segment key is derived for. */
export interface SegmentId {
  recording: string;
  run: string;
  track: string;
  sequence: number;
}

/** The ids as they stand in derivations and contexts: recording, run, length of track, track, sequence. */
export function segmentIdBytes(id: SegmentId): Bytes {
  const track = utf8(id.track);
  return concat(uuid(id.recording, "recording"), uuid(id.run, "run"), Uint8Array.of(track.length), track, u32(id.sequence));
}

/** Segment key (docs/format.md 5, sealing), 32 bytes: to be overwritten after use. */
export function deriveSegmentKey(runKey: Uint8Array, id: SegmentId): Promise<Bytes> {
  return hkdf(runKey, concat(label("invigil v1 segment key"), segmentIdBytes(id)), 32);
}

/** What a segment's header says of its key. */
export const commitmentOf = (segmentKey: Uint8Array): Promise<Bytes> => hkdf(segmentKey, label("invigil v1 commitment"), 32);
