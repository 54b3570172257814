/** Whose keys these are: everything that the server hands out is held against the institution's certificates. */
import { unhex } from "../crypto/bytes.ts";
import { Certificates } from "../crypto/certificate.ts";
import { type RecordingScope, isInstitution } from "../crypto/keys.ts";
import type { Statement } from "../crypto/statement.ts";
import type { Me, RecordingView } from "../wire.ts";
import { EvidenceError } from "./types.ts";

/** The certificates that count for the signed-in person's institution. */
export async function trust(institution: string, certificates: readonly Statement[], me: Me): Promise<Certificates> {
  if (!(await isInstitution(institution, me.institution))) throw new EvidenceError("institution", "the keys belong to another institution");
  return Certificates.check(unhex(institution, 32, "institution key"), certificates);
}

/** Refuses to seal to a key that the institution did not certify for some moment from `fromMs` to `toMs`, and, if `own` is given, what that key could not open. */
export function checkReviewKeys(certificates: Certificates, review: readonly string[], own: string | null, fromMs: number, toMs: number): void {
  for (const key of review) {
    try {
      certificates.find("review", key, fromMs, toMs);
    } catch {
      throw new EvidenceError("foreign-key", `review key ${key.slice(0, 16)} is not certified by the institution`);
    }
  }
  if (own !== null && !review.includes(own)) throw new EvidenceError("not-recipient", "the open review key is not among those that can open this");
}

/** Where and when a recording took place, as far as the server knows now. */
export function scopeOf(recording: RecordingView): RecordingScope {
  const starts = recording.footage.map(({ from_ms }) => from_ms);
  const fromMs = Math.min(recording.starts_ms, recording.now_ms, ...starts);
  return { exam: recording.exam.id, recording: recording.id, fromMs, toMs: recording.now_ms };
}
