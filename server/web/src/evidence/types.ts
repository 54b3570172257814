/** What the functions of `src/evidence` take and give. Times in ms since 1970 on the server's clock. */
import type { AttachmentKind, Language, StillSource } from "../acts-wire.ts";
import type { Bytes } from "../crypto/bytes.ts";
import type { OpenReviewKey } from "../crypto/keys.ts";
import type { Me } from "../wire.ts";

/** Who works: the signed-in person (for the institution's fingerprint) and the open review key (`vault.key`). */
export interface Reviewer {
  me: Me;
  review: OpenReviewKey;
}

/** How far a long piece of work is; `done` and `total` count bytes while fetching, else pieces. */
export interface Progress {
  stage: "keys" | "fetching" | "sealing" | "checking" | "video" | "documents" | "packing";
  done: number;
  total: number;
}

/** For long pieces of work; an aborted `signal` makes them throw its reason (a `DOMException` named `AbortError`). */
export interface Work {
  onProgress?: ((progress: Progress) => void) | undefined;
  signal?: AbortSignal | undefined;
}

/** A picture from the player, in memory only until `sealAttachment`. */
export interface Still {
  jpeg: Bytes;
  /** Pixels. */
  width: number;
  height: number;
  source: StillSource;
  /** For people: at most 120 characters. */
  name: string;
}

/** What is to be sealed as an attachment of an act. */
export interface NewAttachment {
  kind: AttachmentKind;
  media: "image/jpeg" | "image/png" | "application/pdf";
  /** For people: 1 to 120 characters. */
  name: string;
  /** Where a still comes from; `null` for everything else. */
  source: StillSource | null;
  /** Plain text, 1 byte to 32 MiB. */
  bytes: Bytes;
}

/** One picture of an annex. */
export interface AnnexStill {
  jpeg: Bytes;
  /** What is to be seen, in words. */
  caption: string;
  atMs: number;
  recording: string;
  track: string;
  /** SHA-256 of the segment that it was taken from; `null` when that is not known. */
  segmentDigest: string | null;
}

/** Everything that an annex of stills says. */
export interface AnnexContent {
  language: Language;
  organisation: string;
  /** The form's title. */
  title: string;
  act: string;
  /** Number as written; `null` before the act is signed. */
  number: string | null;
  /** Exam's title. */
  exam: string;
  /** Whom it concerns; `null` for a room. */
  subject: string | null;
  utcOffsetSecs: number;
  /** The document's date. */
  madeMs: number;
  stills: readonly AnnexStill[];
}

/** Whom a bundle is sealed for, as an age file. */
export type SealFor =
  /** Recipients' keys, each `age1...`: at least one. */
  | { kind: "keys"; keys: readonly string[] }
  /** Whoever knows it; at least 12 characters. */
  | { kind: "passphrase"; passphrase: string };

/** An evidence bundle, ready to be saved. */
export interface Bundle {
  id: string;
  /** Name for saving: `....zip`, or `....zip.age` when it is sealed. */
  name: string;
  blob: Blob;
  files: number;
}

/** What went wrong, besides `ApiError` (the server refused) and `FormatError` (bytes are not what was signed or sealed). */
export type EvidenceFault =
  /** A key to seal to is not certified by the institution. */
  | "foreign-key"
  /** Keys or certificates belong to another institution. */
  | "institution"
  /** What is to be sealed or opened was not sealed to the open review key. */
  | "not-recipient"
  /** The keys of the footage are gone: it has expired, or the hold was released. */
  | "expired"
  /** Segments of the hold are still being recorded or uploaded; seal again later. */
  | "growing"
  /** The server gave back something else than it was given. */
  | "not-confirmed"
  /** Footage, a document or an attachment differs from what the act names. */
  | "differs"
  | "too-large"
  | "bundle-too-large"
  | "empty"
  /** The player shows no picture now. */
  | "no-picture"
  /** A font for the annex could not be fetched. */
  | "font"
  /** Texts that are no recipient's key; the message names them. */
  | "recipient"
  | "no-recipient"
  /** A secret key was given where a recipient's belongs. */
  | "secret-key"
  | "short-passphrase";

export class EvidenceError extends Error {
  constructor(
    readonly fault: EvidenceFault,
    message: string,
  ) {
    super(message);
    this.name = "EvidenceError";
  }
}
