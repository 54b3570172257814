//! Holds: review page to server (`docs/evidence.md` 2). Same rules as [`crate::review`].
//!
//! | request | who | answer |
//! | --- | --- | --- |
//! | `GET /api/holds` | footage | list of [`HoldView`], newest first |
//! | `POST /api/holds` [`NewHold`] | footage | [`HoldView`]; 410 when nothing of the range can be read any more |
//! | `GET /api/holds/{id}/covered` | footage | [`Covered`]: what the page is to seal; a pending hold only |
//! | `POST /api/holds/{id}/seal` [`Seal`] | footage | [`SealedSegments`]: the records, not counting yet |
//! | `POST /api/holds/{id}/confirm` [`Confirm`] | footage | [`HoldView`], `effective` if nothing is left |
//! | `POST /api/holds/{id}/release` [`Release`] | footage | [`HoldView`]; 409 while an open act needs it |

use invigil_format::{Commitment, RecordingId, RunId, SealingKey, Statement};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Puts footage under hold for an appeal or another reason; an act's own hold is opened with its draft.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewHold {
    /// Recording.
    pub recording: RecordingId,
    /// Cited range on the server's clock: from (inclusive), Unix ms.
    pub from_ms: i64,
    /// Until (exclusive).
    pub to_ms: i64,
    /// Tracks; null: all.
    pub tracks: Option<Vec<String>>,
    /// `appeal` or `other`.
    pub reason: String,
    /// In words, 1 to 500 characters.
    pub note: String,
}

/// Why a hold ends.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Release {
    /// In words, 1 to 500 characters.
    pub note: String,
}

/// A hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoldView {
    /// Id.
    pub id: Uuid,
    /// Recording.
    pub recording: RecordingId,
    /// Candidate's or room's name; empty when the act that cites it was discarded or is not for whoever asks.
    pub who: String,
    /// Exam's title.
    pub exam: String,
    /// Offset of the university's zone, seconds east of UTC.
    pub utc_offset_secs: i32,
    /// Cited range.
    pub from_ms: i64,
    /// See `from_ms`.
    pub to_ms: i64,
    /// Tracks; null: all.
    pub tracks: Option<Vec<String>>,
    /// `pending`, `effective` or `released`.
    pub state: String,
    /// `act`, `appeal` or `other`.
    pub reason: String,
    /// Act, for reason `act`; null when it is not for whoever asks.
    pub act: Option<Uuid>,
    /// In words.
    pub note: String,
    /// Who opened it; empty, and `released_by` null, when the act is not for whoever asks.
    pub opened_by: String,
    /// When.
    pub opened_ms: i64,
    /// Segments that it covers now.
    pub segments: u32,
    /// Bytes of these.
    pub size_bytes: u64,
    /// Covered segments without a record that counts.
    pub unsealed: u32,
    /// Covered segments that are not yet `stored`, and so cannot be sealed yet.
    pub growing: u32,
    /// The exam has expired and this hold is pending: run keys of whole runs are kept, more than it cites.
    pub over_retention: bool,
    /// When the exam's footage expires or expired.
    pub expires_ms: i64,
    /// Who released it.
    pub released_by: Option<String>,
    /// When.
    pub released_ms: Option<i64>,
    /// Why.
    pub release_note: Option<String>,
}

/// What is to be sealed for a hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Covered {
    /// Review keys to seal to: those of the runs' key records.
    pub review: Vec<SealingKey>,
    /// Covered, stored segments without a record that counts. Run keys come from `/api/recordings/{id}/keys`.
    pub segments: Vec<CoveredSegment>,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CoveredSegment {
    /// Server's number, for `/api/segments/{id}`.
    pub id: i64,
    /// Run.
    pub run: RunId,
    /// Track.
    pub track: String,
    /// Sequence.
    pub sequence: u32,
    /// Bytes.
    pub size_bytes: u64,
}

/// Inner layers from the page.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seal {
    /// Review keys, in the order of the inner entries.
    pub review: Vec<SealingKey>,
    /// One entry a segment, at most 400 a request.
    pub segments: Vec<InnerSegment>,
}

/// The inner layer of one segment's key.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InnerSegment {
    /// Server's number.
    pub id: i64,
    /// Commitment from the segment's header.
    pub commitment: Commitment,
    /// Inner entries, hexadecimal.
    pub inner: String,
}

/// What the server made of them, for the page to open again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedSegments {
    /// In the order of the request.
    pub segments: Vec<SegmentKeyView>,
}

/// Says that these open.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Confirm {
    /// Numbers of segments that the page opened with the keys from the records.
    pub segments: Vec<i64>,
}

/// A held segment's key with its outer layer opened by the server; also in [`crate::review::KeyList::segments`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SegmentKeyView {
    /// Server's number of the segment.
    pub id: i64,
    /// Hold.
    pub hold: Uuid,
    /// Record (`held-segment`).
    pub record: Statement,
    /// Inner entries, opened, hexadecimal.
    pub inner: String,
}
