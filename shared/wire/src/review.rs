//! Review page to server, and `invigil-server recordings --json`. Paths start with `/api`; a session cookie (`__Host-invigil`) authenticates,
//! and every request that changes something carries the header [`CSRF_HEADER`].
//!
//! | request | answer |
//! | --- | --- |
//! | `POST /api/login` [`Login`] | [`Me`] and the cookie; 401; 429 |
//! | `POST /api/logout` | 204 |
//! | `GET /api/me` | [`Me`]; 401 |
//! | `GET /api/exams` | list of [`ExamView`] |
//! | `GET /api/exams/{id}/recordings` | list of [`RecordingView`] |
//! | `GET /api/recordings/{id}` | [`RecordingView`] |
//! | `GET /api/recordings/{id}/receipt` | [`invigil_format::ReceiptFile`], as its agent gets it; 410 when expired |
//! | `POST /api/recordings/{id}/collected` | 204: the papers are collected, the room's recording has ended; 409 `already-ended`, `not-begun`, `not-a-room` |
//! | `GET /api/recordings/{id}/segments?after=N` | [`SegmentList`]: segments whose `revision` is above N |
//! | `GET /api/recordings/{id}/keys` | [`KeyList`]; 410 when expired and nothing is held; an audit entry |
//! | `GET /api/segments/{id}` with `Range` | sealed bytes, growing ones as far as they are durable; 410 when expired |
//! | `GET /api/review-keys` | list of [`ReviewKey`] of the signed-in person |

use crate::holds::SegmentKeyView;
use invigil_format::{Digest, ExamId, Fingerprint, RecordingId, RunId, SealingKey, Statement, VerifyingKey};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Any value; a browser does not send it across origins without asking.
pub const CSRF_HEADER: &str = "x-invigil";

/// Sign-in.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Login {
    /// Login name.
    pub login: String,
    /// Password.
    pub password: String,
}

/// Who is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Me {
    /// Login name.
    pub login: String,
    /// Name for people.
    pub name: String,
    /// `reviewer`, `board`, `registrar`, `invigilator`, `admin` or `auditor`.
    pub role: String,
    /// University's name, from the configuration.
    pub organisation: String,
    /// Institution fingerprint, to be shown.
    pub institution: Fingerprint,
}

/// An exam with totals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExamView {
    /// Id.
    pub id: ExamId,
    /// Title.
    pub title: String,
    /// Discipline.
    pub discipline: String,
    /// Policy name.
    pub policy: String,
    /// Scheduled window.
    pub starts_ms: i64,
    /// See `starts_ms`.
    pub ends_ms: i64,
    /// Later of scheduled and actual end, so far.
    pub actual_end_ms: i64,
    /// When footage becomes unreadable.
    pub expires_ms: i64,
    /// The same as RFC 3339 with the university's UTC offset.
    pub expires: String,
    /// Offset of the university's zone at the start, seconds east of UTC.
    pub utc_offset_secs: i32,
    /// `coming`, `running`, `over` or `expired`.
    pub state: String,
    /// Number of recordings.
    pub recordings: u32,
    /// Recordings with a finding that somebody must look at.
    pub flagged: u32,
}

/// One recording with its timeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordingView {
    /// Id.
    pub id: RecordingId,
    /// Its exam.
    pub exam: ExamView,
    /// `candidate` or `room`.
    pub kind: String,
    /// Candidate's or room's name.
    pub who: String,
    /// `waiting`, `recording`, `offline`, `finished` or `expired`.
    pub state: String,
    /// Server's clock when this was made.
    pub now_ms: i64,
    /// The candidate's own window, extra time included.
    pub starts_ms: i64,
    /// See `starts_ms`.
    pub ends_ms: i64,
    /// Since when the room's computer asks whether the papers are collected: the scheduled end has passed, and it goes on until somebody ends it. Null otherwise.
    #[serde(default)]
    pub end_asked_ms: Option<i64>,
    /// When the candidate finished or the papers were collected.
    #[serde(default)]
    pub ended_ms: Option<i64>,
    /// Last contact, if any.
    pub last_contact_ms: Option<i64>,
    /// Stretches of footage, merged per track, in order.
    pub footage: Vec<Stretch>,
    /// Stretches of the window so far without footage on any track.
    pub missing: Vec<Missing>,
    /// The same track by track: what each camera and microphone lacks that its device's journal or a segment names, those included of which nothing came.
    #[serde(default)]
    pub track_missing: Vec<TrackMissing>,
    /// Milliseconds of footage (longest track).
    pub recorded_ms: i64,
    /// Bytes on the server.
    pub size_bytes: u64,
    /// Disconnects, in order.
    pub outages: Vec<OutageView>,
    /// What the policy's rule says of them.
    pub finding: FindingView,
    /// Stretches under hold that are not released.
    pub held: Vec<HeldStretch>,
    /// States of cameras and machine that its device has journalled and that are not over, while it records.
    #[serde(default)]
    pub conditions: Vec<ConditionView>,
}

/// A state that a person should see to: a fact about a picture or a machine (format.md 6).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConditionView {
    /// `camera-lost` (a microphone's too), `dark`, `covered`, `frozen`, `silent`, `low-disk`, `slow-disk` or `cpu`.
    pub condition: String,
    /// Whose; null is the whole machine.
    pub track: Option<String>,
    /// Since when, server's clock.
    pub since_ms: i64,
    /// In words, as the device journalled it.
    pub reason: String,
}

/// A stretch under hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldStretch {
    /// Hold.
    pub hold: Uuid,
    /// From (inclusive).
    pub from_ms: i64,
    /// Until (exclusive).
    pub to_ms: i64,
    /// `pending` or `effective`.
    pub state: String,
}

/// A stretch of one track on the server's clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stretch {
    /// Track.
    pub track: String,
    /// From (inclusive).
    pub from_ms: i64,
    /// Until (exclusive).
    pub to_ms: i64,
}

/// A stretch without footage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missing {
    /// From (inclusive).
    pub from_ms: i64,
    /// Until (exclusive).
    pub to_ms: i64,
    /// Named cause: `not-joined`, `agent-stopped`, `power-or-reboot`, `suspended`, `camera-lost`, `capture-paused`,
    /// `computer-too-busy`, `not-yet-uploaded`, `unknown`.
    pub cause: String,
}

/// A stretch that one track lacks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrackMissing {
    /// Track.
    pub track: String,
    /// From (inclusive).
    pub from_ms: i64,
    /// Until (exclusive).
    pub to_ms: i64,
    /// Named cause, as in [`Missing`].
    pub cause: String,
}

/// A disconnect (mission rule 4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutageView {
    /// Last contact before it, server's clock: start of the upper bound.
    pub from_ms: i64,
    /// First contact after it; null while it lasts.
    pub to_ms: Option<i64>,
    /// Upper bound of its length so far.
    pub upper_ms: i64,
    /// Lower bound from the agent's failed attempts; null until the journal arrives.
    pub lower_ms: Option<i64>,
    /// Upper bound's share inside the candidate's window.
    pub counted_upper_ms: i64,
    /// Lower bound's share inside the candidate's window.
    pub counted_lower_ms: Option<i64>,
    /// Cause: `link`, `agent-stopped`, `power-or-reboot`, `suspended`, `server`, `never-joined`, `unknown`.
    pub cause: String,
    /// Still going on.
    pub ongoing: bool,
    /// The journal has not arrived.
    pub provisional: bool,
}

/// What the rule says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingView {
    /// `none`, `retake`, `near-miss`, `could-not-join` or `server-outage`.
    pub kind: String,
    /// May still change: an outage lasts, or a journal is missing.
    pub provisional: bool,
    /// Longest counted outage, upper bound.
    pub longest_upper_ms: i64,
    /// Longest counted outage, lower bound.
    pub longest_lower_ms: i64,
    /// Sum of counted outages, upper bounds.
    pub total_upper_ms: i64,
    /// Threshold of the policy: more than this.
    pub threshold_ms: i64,
    /// For `retake`: the oral retake is to be offered before this.
    pub deadline_ms: Option<i64>,
    /// The same as RFC 3339 with the university's UTC offset.
    pub deadline: Option<String>,
    /// Source of the rule, from the policy.
    pub source: String,
}

/// Segments of a recording.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SegmentList {
    /// Server's clock.
    pub now_ms: i64,
    /// Ask again with this as `after`.
    pub revision: u64,
    /// In order of run start, track and sequence.
    pub segments: Vec<SegmentView>,
}

/// One segment as the player needs it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SegmentView {
    /// Server's number of it, for `/api/segments/{id}`.
    pub id: i64,
    /// Rises whenever anything here changes.
    pub revision: u64,
    /// Run.
    pub run: RunId,
    /// Track.
    pub track: String,
    /// Kind of track.
    pub kind: String,
    /// Codec.
    pub codec: String,
    /// Sequence.
    pub sequence: u32,
    /// `received`, `durable`, `stored` or `refused`.
    pub state: String,
    /// Bytes readable now.
    pub size_bytes: u64,
    /// SHA-256 of the whole file once stored.
    pub digest: Option<Digest>,
    /// Server time of media time zero of the run's track: a picture at presentation time `t` was taken at `media_origin_ms + t`.
    pub media_origin_ms: i64,
    /// First picture, server's clock.
    pub from_ms: i64,
    /// End of the last picture, server's clock.
    pub to_ms: i64,
    /// One entry a chunk: what a seek needs without reading the file.
    pub chunks: Vec<ChunkView>,
}

/// Where a chunk lies and what it covers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChunkView {
    /// Offset of its frame header in the file.
    pub offset: u64,
    /// Frame header and body, bytes.
    pub len: u32,
    /// First picture, server's clock.
    pub from_ms: i64,
    /// Duration.
    pub duration_ms: u32,
    /// Starts with a key frame.
    pub key: bool,
}

/// What opens a recording, given a review key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyList {
    /// Institution public key.
    pub institution: VerifyingKey,
    /// Certificates of the server, the review and erasure keys, the devices.
    pub certificates: Vec<Statement>,
    /// One entry a run.
    pub runs: Vec<RunKey>,
    /// Keys of single segments that a hold keeps beyond expiry.
    pub segments: Vec<SegmentKeyView>,
}

/// A run's key record with its outer wrap already opened by the server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunKey {
    /// Run.
    pub run: RunId,
    /// Key record as the device signed it.
    pub record: Statement,
    /// Inner text (80 bytes a review key), hexadecimal; empty when the run's key is gone and only single segments open.
    pub inner: String,
}

/// A review key, wrapped under a passphrase (format.md 8).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewKey {
    /// Public half.
    pub public: SealingKey,
    /// Its name.
    pub name: String,
    /// The file of format.md 8, as JSON.
    pub wrapped: serde_json::Value,
}
