import { type Bytes, concat, equal, hex, uuid, unhex } from "./bytes.ts";
import type { Certificates } from "./certificate.ts";
import { FormatError, named } from "./errors.ts";
import { integer, text } from "./json.ts";
import { type OpenReviewKey, type SegmentId, commitmentOf, segmentIdBytes } from "./keys.ts";
import { openInner, sealInner } from "./sealed.ts";
import { type Statement, openStatement } from "./statement.ts";

const LABEL = "invigil v1 held segment";

const contextOf = (fingerprint: Uint8Array, hold: string, id: SegmentId, commitment: Uint8Array): Bytes =>
  concat(fingerprint, uuid(hold, "hold"), segmentIdBytes(id), commitment);

/** The inner layer of a held segment's key (docs/evidence.md 1). */
export function sealHeldSegment(
  fingerprint: Uint8Array,
  hold: string,
  id: SegmentId,
  review: readonly string[],
  key: Uint8Array,
  commitment: string,
): Promise<string> {
  return sealInner(key, review, LABEL, contextOf(fingerprint, hold, id, unhex(commitment, 32, "commitment")));
}

/** A held-segment record, checked and opened. */
export interface HeldSegment {
  /** Server's number of the segment. */
  id: number;
  hold: string;
  segment: SegmentId;
  /** Segment key, 32 bytes. */
  key: Bytes;
}

/** What the server hands out of a held segment. */
export interface HeldView {
  id: number;
  hold: string;
  record: Statement;
  inner: string;
}

/** The key of one segment from the first of these records that opens; `null` when there are none. 32 bytes, to be overwritten after use. */
export async function heldKey(
  views: readonly HeldView[],
  id: { run: string; track: string; sequence: number },
  certificates: Certificates,
  recording: string,
  review: OpenReviewKey,
): Promise<Bytes | null> {
  let failed: unknown = null;
  for (const view of views) {
    try {
      const { segment, key } = await openHeldSegment(view, certificates, recording, review);
      if (segment.run === id.run && segment.track === id.track && segment.sequence === id.sequence) return key;
      failed = new FormatError("wrong-segment", "the held key is of another segment");
    } catch (error) {
      failed = error;
    }
  }
  if (failed) throw failed;
  return null;
}

/** Checks a held-segment record's signer and members and opens the inner layer; the key is that of the commitment. */
export async function openHeldSegment(
  view: HeldView,
  certificates: Certificates,
  recording: string,
  review: OpenReviewKey,
): Promise<HeldSegment> {
  const names = ["institution", "hold", "recording", "run", "track", "sequence", "commitment", "review", "erasure", "enc", "sealed", "created_ms"];
  const { key: signer, members } = await openStatement(view.record, "held-segment", names);
  const found = named("key-record", () => {
    const expected = { institution: hex(certificates.fingerprint), hold: view.hold, recording };
    for (const [name, value] of Object.entries(expected)) {
      if (members[name] !== value) throw new TypeError(`held segment: ${name} is ${String(members[name])}, expected ${value}`);
    }
    const list = members["review"];
    if (!Array.isArray(list) || list.length < 1 || list.length > 16) throw new TypeError("held segment: expected 1 to 16 review keys");
    const segment: SegmentId = {
      recording,
      run: text(members["run"], "run"),
      track: text(members["track"], "track"),
      sequence: integer(members["sequence"], "sequence", 0, 0xffff_ffff),
    };
    return {
      segment,
      review: list.map((item) => hex(unhex(item, 32, "review key"))),
      commitment: unhex(members["commitment"], 32, "commitment"),
      createdMs: integer(members["created_ms"], "created_ms", 0),
      context: contextOf(certificates.fingerprint, view.hold, segment, unhex(members["commitment"], 32, "commitment")),
    };
  });
  certificates.find("server", hex(signer), found.createdMs, found.createdMs);
  const key = await openInner(view.inner, found.review, LABEL, found.context, review);
  if (!equal(await commitmentOf(key), found.commitment)) throw new FormatError("commitment", "held segment: the key is not the one of the commitment");
  return { id: view.id, hold: view.hold, segment: found.segment, key };
}
