/** A signed act as a bundle needs it (docs/evidence.md 4). */
import type { AttachmentKind, EvidenceSource, Language, StillSource } from "../acts-wire.ts";
import { hex, unhex } from "../crypto/bytes.ts";
import type { Certificates } from "../crypto/certificate.ts";
import { FormatError, named } from "../crypto/errors.ts";
import type { Json } from "../crypto/json.ts";
import { openStatement, statementDigest } from "../crypto/statement.ts";

export interface CitedSegment {
  run: string;
  track: string;
  sequence: number;
  size_bytes: number;
  digest: string;
  head: string;
}

export interface CitedStretch {
  recording: string;
  from_ms: number;
  to_ms: number;
  hold: string;
  runs: { run: string; device: string; key_record: string; clock_offset_ms: number }[];
  segments: CitedSegment[];
}

export interface ActAttachment {
  attachment: string;
  kind: AttachmentKind;
  media: string;
  name: string;
  size_bytes: number;
  digest: string;
  source: StillSource | null;
}

/** What is read of an act's statement. */
export interface SignedAct {
  act: string;
  /** Digest of the statement. */
  digest: string;
  numberText: string;
  exam: { id: string; starts_ms: number };
  evidence: CitedStretch[];
  attachments: ActAttachment[];
  signedMs: number;
  /** Documents that were made of it, by language, as its events say: digests of the PDFs. */
  documents: Map<Language, string>;
}

const ACT = ["institution", "act", "kind", "number", "year", "number_text", "form", "language", "exam", "subject", "fields", "points", "evidence"];
ACT.push("attachments", "drawn_up_by", "signatories", "refers_to", "repeated", "cancel_until_ms", "signed_ms", "log_index", "log_previous");
const EVENT = ["institution", "act", "digest", "event", "by", "at_ms", "detail", "log_index", "log_previous"];

/** Checks the statements of an act and its events: signed by a server of the institution, about this act. */
export async function readAct({ record }: EvidenceSource, id: string, certificates: Certificates): Promise<SignedAct> {
  const { key, members } = await openStatement(record.act, "act", ACT);
  const signedMs = Number(members["signed_ms"]);
  certificates.find("server", hex(key), signedMs, signedMs);
  named("malformed", () => same(members, { institution: hex(certificates.fingerprint), act: id }));
  const digest = hex(await statementDigest(record.act));
  const documents = new Map<Language, string>();
  for (const statement of record.events) {
    const { key: signer, members: event } = await openStatement(statement, "act-event", EVENT);
    const atMs = Number(event["at_ms"]);
    certificates.find("server", hex(signer), atMs, atMs);
    named("malformed", () => same(event, { institution: hex(certificates.fingerprint), act: id, digest }));
    const detail = event["detail"] as Record<string, string>;
    if (event["event"] === "document") documents.set(detail["language"] as Language, hex(unhex(detail["digest"], 32, "digest of a document")));
  }
  return {
    act: id,
    digest,
    numberText: String(members["number_text"]),
    exam: members["exam"] as unknown as SignedAct["exam"],
    evidence: members["evidence"] as unknown as CitedStretch[],
    attachments: members["attachments"] as unknown as ActAttachment[],
    signedMs,
    documents,
  };
}

function same(members: { [name: string]: Json }, expected: Record<string, string>): void {
  for (const [name, value] of Object.entries(expected)) {
    if (members[name] !== value) throw new FormatError("malformed", `${name} is ${String(members[name])}, expected ${value}`);
  }
}

/** The runs that the act names and the segments that it cites, each once: in the order of the runs, then by track and sequence, as a bundle has them. */
export function citedRuns({ evidence }: Pick<SignedAct, "evidence">): { recording: string; run: CitedStretch["runs"][number]; segments: CitedSegment[] }[] {
  const runs = new Map<string, { recording: string; run: CitedStretch["runs"][number]; segments: Map<string, CitedSegment> }>();
  for (const { recording, runs: cited, segments } of evidence) {
    for (const run of cited) if (!runs.has(run.run)) runs.set(run.run, { recording, run, segments: new Map() });
    for (const segment of segments) runs.get(segment.run)?.segments.set(segmentName(segment), segment);
  }
  const order = (a: CitedSegment, b: CitedSegment) => (a.track < b.track ? -1 : a.track > b.track ? 1 : a.sequence - b.sequence);
  return [...runs.values()].map(({ recording, run, segments }) => ({ recording, run, segments: [...segments.values()].sort(order) }));
}

export const segmentName = ({ run, track, sequence }: { run: string; track: string; sequence: number }): string => `${run} ${track} ${sequence}`;
