/** Server answers about footage, member for member as in shared/wire/src/review.rs and holds.rs; acts: acts-wire.ts. Times in ms since 1970 on the server's clock. */
import type { Json } from "./crypto/json.ts";
import type { Statement } from "./crypto/statement.ts";

export interface Me {
  login: string;
  name: string;
  role: string;
  organisation: string;
  institution: string;
}

export interface ExamView {
  id: string;
  title: string;
  discipline: string;
  policy: string;
  starts_ms: number;
  ends_ms: number;
  actual_end_ms: number;
  expires_ms: number;
  expires: string;
  utc_offset_secs: number;
  state: "coming" | "running" | "over" | "expired";
  recordings: number;
  flagged: number;
}

export interface Stretch {
  track: string;
  from_ms: number;
  to_ms: number;
}

export interface Missing {
  from_ms: number;
  to_ms: number;
  cause: string;
}

export interface TrackMissing extends Missing {
  track: string;
}

export interface ConditionView {
  condition: string;
  /** Null is the whole computer. */
  track: string | null;
  since_ms: number;
  /** The device's own words. */
  reason: string;
}

export interface OutageView {
  from_ms: number;
  to_ms: number | null;
  upper_ms: number;
  lower_ms: number | null;
  counted_upper_ms: number;
  counted_lower_ms: number | null;
  cause: string;
  ongoing: boolean;
  provisional: boolean;
}

export interface FindingView {
  kind: "none" | "retake" | "near-miss" | "could-not-join" | "server-outage";
  provisional: boolean;
  longest_upper_ms: number;
  longest_lower_ms: number;
  total_upper_ms: number;
  threshold_ms: number;
  deadline_ms: number | null;
  deadline: string | null;
  source: string;
}

export interface RecordingView {
  id: string;
  exam: ExamView;
  kind: "candidate" | "room";
  who: string;
  state: "waiting" | "recording" | "offline" | "finished" | "expired";
  now_ms: number;
  starts_ms: number;
  ends_ms: number;
  /** Since when the room's computer asks whether the papers are collected. */
  end_asked_ms: number | null;
  /** When the candidate finished or the papers were collected. */
  ended_ms: number | null;
  last_contact_ms: number | null;
  footage: Stretch[];
  missing: Missing[];
  track_missing: TrackMissing[];
  recorded_ms: number;
  size_bytes: number;
  outages: OutageView[];
  finding: FindingView;
  held: HeldStretch[];
  conditions: ConditionView[];
}

export interface HeldStretch {
  hold: string;
  from_ms: number;
  to_ms: number;
  state: "pending" | "effective";
}

export interface ChunkView {
  offset: number;
  len: number;
  from_ms: number;
  duration_ms: number;
  key: boolean;
}

export interface SegmentView {
  id: number;
  revision: number;
  run: string;
  track: string;
  kind: string;
  codec: string;
  sequence: number;
  state: "received" | "durable" | "stored" | "refused";
  size_bytes: number;
  digest: string | null;
  media_origin_ms: number;
  from_ms: number;
  to_ms: number;
  chunks: ChunkView[];
}

export interface SegmentList {
  now_ms: number;
  revision: number;
  segments: SegmentView[];
}

export interface RunKey {
  run: string;
  record: Statement;
  inner: string;
}

export interface KeyList {
  institution: string;
  certificates: Statement[];
  runs: RunKey[];
  segments: SegmentKeyView[];
}

export interface ReviewKey {
  public: string;
  name: string;
  wrapped: Json;
}

export interface NewHold {
  recording: string;
  from_ms: number;
  to_ms: number;
  tracks: string[] | null;
  reason: "appeal" | "other";
  note: string;
}

export interface HoldView {
  id: string;
  recording: string;
  who: string;
  exam: string;
  utc_offset_secs: number;
  from_ms: number;
  to_ms: number;
  tracks: string[] | null;
  state: "pending" | "effective" | "released";
  reason: "act" | "appeal" | "other";
  act: string | null;
  note: string;
  opened_by: string;
  opened_ms: number;
  segments: number;
  size_bytes: number;
  unsealed: number;
  growing: number;
  over_retention: boolean;
  expires_ms: number;
  released_by: string | null;
  released_ms: number | null;
  release_note: string | null;
}

export interface Covered {
  review: string[];
  segments: CoveredSegment[];
}

export interface CoveredSegment {
  id: number;
  run: string;
  track: string;
  sequence: number;
  size_bytes: number;
}

/** Inner layers, made in the page: docs/evidence.md 1. */
export interface Seal {
  review: string[];
  segments: { id: number; commitment: string; inner: string }[];
}

export interface SegmentKeyView {
  id: number;
  hold: string;
  record: Statement;
  inner: string;
}
