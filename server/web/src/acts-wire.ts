/** Acts and forms, member for member as in shared/wire/src/acts.rs and shared/forms/src/form.rs. Times in ms since 1970 on the server's clock. */
import type { Json } from "./crypto/json.ts";
import type { Statement } from "./crypto/statement.ts";
import type { ExamView, HoldView } from "./wire.ts";

export type Language = "kk" | "ru" | "en";
export type Texts = Record<Language, string>;

export interface Choice {
  id: string;
  label: Texts;
}

export type FieldKind = "line" | "text" | "date" | "choice" | "yes-no" | "persons";

export interface Field {
  name: string;
  kind: FieldKind;
  required: boolean;
  max_chars: number;
  label: Texts;
  hint: Texts | null;
  choices: Choice[];
  prefill: string | null;
}

export interface Section {
  title: Texts;
  fields: Field[];
}

/** A kind of act. */
export interface Form {
  kind: string;
  series: string;
  source: string;
  about: "student" | "staff";
  decides_grade: boolean;
  title: Texts;
  subtitle: Texts | null;
  preamble: Texts;
  decision: Texts;
  limit: Texts | null;
  appeal: Texts | null;
  repeated: Texts | null;
  access: { draft: string[]; read: string[]; sign: string[] };
  signatures: { min: number; at_most: number };
  drawn_up_by: Choice[];
  sections: Section[];
  points: { id: string; source: string; text: Texts }[];
  aids: { source: string; text: Texts }[];
  digest: string;
}

/** A cited stretch; `to_ms` is exclusive. */
export interface Cited {
  recording: string;
  from_ms: number;
  to_ms: number;
}

export type Relation = "corrects" | "revokes" | "supplements";

export interface Reference {
  act: string;
  relation: Relation;
}

export interface NewAct {
  kind: string;
  exam: string;
  recording: string | null;
  language: Language;
  evidence: Cited[];
  /** With `refers_to` and none given, fields and points come from that act, as far as the form still knows them. */
  fields: Record<string, string>;
  points: string[];
  refers_to: Reference | null;
}

export interface ToSign {
  login: string;
  post: string;
}

/** A draft's content as a whole. */
export interface DraftChange {
  revision: number;
  language: Language;
  fields: Record<string, string>;
  points: string[];
  evidence: Cited[];
  capacity: string;
  to_sign: ToSign[];
}

export type ActState = "draft" | "for-signature" | "signed" | "passed-on" | "grade-cancelled" | "discarded";

export interface ActSummary {
  id: string;
  kind: string;
  state: ActState;
  number_text: string | null;
  exam: ExamView;
  subject: string | null;
  created_ms: number;
  created_by: string;
  signed_ms: number | null;
  cancel_until_ms: number | null;
  cancel_until: string | null;
  cancel_rule: string | null;
  /** Given and needed. */
  signatures: [number, number];
  yours_to_sign: boolean;
  revoked_by: string | null;
  /** A later act that corrects it and stands in its place. */
  corrected_by: string | null;
  repeated: boolean;
}

export interface ActList {
  now_ms: number;
  acts: ActSummary[];
}

export interface Signatory {
  login: string;
  name: string;
  post: string;
  signed_ms: number | null;
}

export type AttachmentKind = "still" | "annex" | "scan";

export interface StillSource {
  recording: string;
  track: string;
  at_ms: number;
}

export interface AttachmentView {
  id: string;
  kind: AttachmentKind;
  media: string;
  name: string;
  size_bytes: number;
  digest: string;
  source: StillSource | null;
  created_ms: number;
}

export interface EventView {
  event: string;
  at_ms: number;
  by: string | null;
  detail: Record<string, string>;
}

export interface Problem {
  field: string;
  problem: string;
}

export type ActRight = "edit" | "discard" | "for-signature" | "back-to-draft" | "sign" | "pass-on" | "cancel-grade" | "correct" | "bundle" | "attach";

export interface ActView {
  summary: ActSummary;
  now_ms: number;
  revision: number;
  language: Language;
  recording: string | null;
  fields: Record<string, string>;
  points: string[];
  evidence: Cited[];
  holds: HoldView[];
  capacity: string;
  drawn_up_by: string;
  signatories: Signatory[];
  content: string | null;
  attachments: AttachmentView[];
  refers_to: Reference | null;
  referred_by: Reference[];
  earlier: string[];
  events: EventView[];
  problems: Problem[];
  may: ActRight[];
  review: string[];
  close_note: string | null;
  /** The form that it reads by from the moment at which it was put up for signature; null for a draft. */
  form: Form | null;
  /** Why it was sent back to draft, until it is put up for signature again. */
  returned: { note: string; by: string; at_ms: number } | null;
}

/** Somebody who can be named to sign. */
export interface Person {
  login: string;
  name: string;
  post: string;
  role: string;
}

export interface ActRecord {
  act: Statement;
  events: Statement[];
}

/** What a bundle is made of, but for the sealed bytes, PDFs and attachments. */
export interface EvidenceSource {
  record: ActRecord;
  institution: string;
  certificates: Statement[];
  runs: { recording: string; run: string; clock_offset_ms: number; key_record: Statement; journal: Statement[] }[];
  segments: EvidenceSegment[];
  custody: string;
  documents: Language[];
}

export interface EvidenceSegment {
  id: number;
  recording: string;
  run: string;
  track: string;
  sequence: number;
  size_bytes: number;
  digest: string;
  receipt: Statement;
}

export interface BundleFile {
  name: string;
  size_bytes: number;
  digest: string;
}

export interface BundleRequest {
  bundle: string;
  receiver: string;
  files: BundleFile[];
}

/** A row of the registrar's list. */
export interface Annulment {
  number: string;
  act: string;
  kind: string;
  student: string;
  student_id: string;
  exam: string;
  title: string;
  discipline: string;
  exam_starts: string;
  points: string[];
  signed: string;
  cancelled: string | null;
  confirmed_by: string | null;
  revoked_by: string | null;
  corrected_by: string | null;
  repeated: boolean;
  address: string;
}

/** An entry of the audit log. */
export interface AuditEntry {
  id: number;
  at_ms: number;
  who: string;
  action: string;
  object: string;
  detail: Json;
  previous: string;
  digest: string;
}
