//! Agent to server. Everything but [`TRUST`] and [`JOIN`] carries `Authorization: Bearer <token of the join answer>`; each such request is contact (mission rule 4).
//!
//! Uploads are tus 1.0 (core, creation, creation-defer-length, checksum) at [`FILES`]:
//! `POST` with `Upload-Defer-Length: 1` and `Upload-Metadata` of the keys `recording`, `run`, `track`, `sequence` (base64 of the text) is idempotent by these
//! four: it answers 201 with the same `Location` each time. `PATCH` at another offset than the server's answers 409 with `Upload-Offset`.
//! The total size becomes known with `Upload-Length` on the `PATCH` that completes the file (an empty one will do).
//! `HEAD` and `PATCH` answers also carry [`STATE_HEADER`] and [`DURABLE_HEADER`].
//!
//! Refusals carry [`crate::ErrorBody`]. Those on which an agent acts in a way of their own:
//! - 409 `wrong-offset` (uploads): go on from the `Upload-Offset` of the answer;
//! - 410 [`EXPIRED`]: the recording has expired. [`EXPIRY_HEADER`] has the signed `expired` statement (format.md 7), on which alone everything of it is deleted;
//! - 422 [`REFUSED`] (uploads): these bytes are not what they claim to be and are kept as evidence. Sending them again is of no use;
//! - 429 `too-many-requests` and 503 [`CLOCK_SUSPECT`]: nothing is wrong with the request; keep everything and try again after `Retry-After` seconds.
//!   503: the server's clock is in doubt, so it can neither take what may have expired nor say that it has;
//! - 507 [`DISK_FULL`] (uploads): the server's disk is nearly full; keep everything and try again.

use invigil_format::{BootId, ExamId, RecordingId, RunId, Statement, VerifyingKey};
use serde::{Deserialize, Serialize};

/// `GET`: [`Trust`]. Without authentication.
pub const TRUST: &str = "/v1/trust";
/// `POST` [`JoinRequest`]: [`JoinAnswer`]. Without authentication.
pub const JOIN: &str = "/v1/join";
/// `POST`, `HEAD`, `PATCH`, `OPTIONS`: tus. `GET {FILES}/{id}/receipt`: 200 and a receipt statement once `stored`, 202 and [`FileState`] before.
pub const FILES: &str = "/v1/files";
/// `POST` [`Heartbeat`]: [`HeartbeatAnswer`].
pub const HEARTBEATS: &str = "/v1/heartbeats";
/// `POST` [`JournalBatch`]: [`JournalAnswer`].
pub const JOURNAL: &str = "/v1/journal";
/// `POST` [`FinishRequest`]: 204. The candidate has finished, or the papers are collected.
pub const FINISH: &str = "/v1/finish";

/// `POST` at most [`MAX_SPEED_TEST_BYTES`] of anything: [`SpeedAnswer`]. The server keeps none of it; a few a minute at most.
pub const SPEED_TEST: &str = "/v1/speed-test";

/// `PUT` a key record statement: 201, 200 when the same is there already, 409 when another is.
pub fn key_record_path(run: RunId) -> String {
    format!("/v1/runs/{run}/key-record")
}

/// `GET`: a [`invigil_format::ReceiptFile`] of the whole recording as it is now (format.md 7). A few a minute at most; 403 for another recording's token.
pub fn recording_receipt_path(recording: RecordingId) -> String {
    format!("/v1/recordings/{recording}/receipt")
}

/// `received`, `durable` or `stored`.
pub const STATE_HEADER: &str = "invigil-state";
/// Bytes that are synced on the server: after a server crash the offset never falls below it.
pub const DURABLE_HEADER: &str = "invigil-durable-offset";
/// Header of a 410 answer: the signed `expired` statement as JSON, in hexadecimal.
pub const EXPIRY_HEADER: &str = "invigil-expiry";
/// Name of a 410.
pub const EXPIRED: &str = "expired";
/// Name of a 422 to an upload.
pub const REFUSED: &str = "refused";
/// Name of a 503 while the server does not believe its clock.
pub const CLOCK_SUSPECT: &str = "clock-suspect";
/// Name of a 507.
pub const DISK_FULL: &str = "disk-full";
/// Largest body of one `PATCH`, bytes.
pub const MAX_PATCH_BYTES: usize = 8 << 20;
/// Largest body of a [`SPEED_TEST`], bytes.
pub const MAX_SPEED_TEST_BYTES: usize = 512 << 10;
/// Most statements in one [`JournalBatch`].
pub const MAX_JOURNAL_BATCH: usize = 256;

/// What the server shows of its keys; worth nothing until each certificate is checked against the fingerprint of the join link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trust {
    /// Institution public key; its SHA-256 must be the fingerprint.
    pub institution: VerifyingKey,
    /// Certificates of roles `server`, `tls` and `review`.
    pub certificates: Vec<Statement>,
}

/// Trades a join code for a place in an exam. Repeating it with the same device key gives the same answer with a new token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JoinRequest {
    /// The code as typed; upper or lower case, hyphens or not.
    pub code: String,
    /// A `join` statement signed by the device key (format.md 7).
    pub proof: Statement,
    /// Version of the agent, for support.
    pub agent_version: String,
}

/// Answer to [`JoinRequest`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JoinAnswer {
    /// The recording that this device now feeds.
    pub recording: RecordingId,
    /// The exam.
    pub exam: ExamInfo,
    /// Candidate or room, for the person at the machine.
    pub who: String,
    /// Bearer token, 64 hexadecimal digits. A new join invalidates the old one.
    pub token: String,
    /// Certificates: `server`, every current `review`, the exam's `erasure`, this `device`.
    pub certificates: Vec<Statement>,
    /// What the policy asks of the capture.
    pub capture: CapturePolicy,
    /// Address of the exam platform, if the exam has one: the agent looks whether it answers.
    #[serde(default)]
    pub platform_url: Option<String>,
    /// Server's clock.
    pub server_time_ms: i64,
    /// From this instant footage of the exam is refused; moves with the actual end.
    pub expires_ms: i64,
    /// Other addresses of this server, `https://host:port`, to be tried in turn when the one in use does not answer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub servers: Vec<String>,
}

/// An exam, as an agent needs it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExamInfo {
    /// Id.
    pub id: ExamId,
    /// Title.
    pub title: String,
    /// Discipline.
    pub discipline: String,
    /// Scheduled start of this candidate's or room's window.
    pub starts_ms: i64,
    /// Scheduled end of it, extra time included.
    pub ends_ms: i64,
    /// Offset of the university's time zone at the start, seconds east of UTC.
    pub utc_offset_secs: i32,
}

/// Capture values of the policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CapturePolicy {
    /// Picture width, pixels.
    pub width: u32,
    /// Picture height, pixels.
    pub height: u32,
    /// Pictures a second.
    pub fps: u32,
    /// Ceiling of the encoder, kbit/s (1000 bit/s).
    pub max_kbits: u32,
    /// Ceiling of all uploads while the exam runs, kbit/s; 0 is none.
    pub upload_max_kbits: u32,
    /// Whether sound is recorded. A server that does not say so wants none.
    #[serde(default)]
    pub sound: bool,
}

/// State of one upload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileState {
    /// `received`, `durable` or `stored`.
    pub state: String,
    /// Bytes received.
    pub offset: u64,
    /// Bytes synced.
    pub durable: u64,
    /// Why a closed file was not taken into the store, if so (it then never will be; the bytes are kept as evidence of damage).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
}

/// Sent every 3 s on a connection of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Heartbeat {
    /// Recording.
    pub recording: RecordingId,
    /// Run.
    pub run: RunId,
    /// Counts attempts of this run, failed ones too.
    pub sequence: u64,
    /// Device's boot.
    pub boot_id: BootId,
    /// Device's `CLOCK_BOOTTIME` when this was sent, us.
    pub boottime_us: u64,
    /// Device's wall clock when this was sent.
    pub wall_ms: i64,
    /// Whether pictures are being captured now.
    pub capturing: bool,
    /// Bytes in the spool without receipt.
    pub spooled_bytes: u64,
}

/// Answer to [`Heartbeat`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeartbeatAnswer {
    /// Server's clock.
    pub server_time_ms: i64,
    /// Signed beacon, 240 hexadecimal digits (format.md 5, frame kind 5).
    pub beacon: String,
    /// This candidate's or room's window, which may have moved.
    pub starts_ms: i64,
    /// See `starts_ms`.
    pub ends_ms: i64,
    /// Expiry as known now.
    pub expires_ms: i64,
    /// Somebody ended this recording on the server's side.
    pub finished: bool,
}

/// Journal entries of one run, in order. Entries that the server has are skipped when equal, refused with 409 when not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JournalBatch {
    /// Run.
    pub run: RunId,
    /// Statements of type `journal`.
    pub entries: Vec<Statement>,
}

/// Answer to [`JournalBatch`]; an empty batch asks for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalAnswer {
    /// Index of the entry that the server wants next.
    pub next_index: u64,
}

/// The candidate has finished.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FinishRequest {
    /// Recording.
    pub recording: RecordingId,
    /// Run.
    pub run: RunId,
    /// Device's boot when this was sent. With both clocks it tells how long ago the device journalled that it has finished.
    pub boot_id: BootId,
    /// Device's `CLOCK_BOOTTIME` when this was sent, us.
    pub boottime_us: u64,
    /// Device's wall clock when this was sent.
    pub wall_ms: i64,
}

/// Answer to [`SPEED_TEST`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpeedAnswer {
    /// Bytes that arrived.
    pub received_bytes: u64,
    /// Server's clock when the last of them had arrived.
    pub server_time_ms: i64,
}

/// Splits a join link (`https://host:port/join#CODE.FINGERPRINT`) or a join string (`CODE.FINGERPRINT`) into code and fingerprint.
pub fn split_join(text: &str) -> (&str, Option<&str>) {
    let tail = text.rsplit_once('#').map_or(text, |(_, tail)| tail);
    match tail.split_once('.') {
        Some((code, fingerprint)) => (code, Some(fingerprint)),
        None => (tail, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn join_links_and_codes_are_told_apart() {
        assert_eq!(split_join("https://h:1/join#AB-CD.ff"), ("AB-CD", Some("ff")));
        assert_eq!(split_join("AB-CD.ff"), ("AB-CD", Some("ff")));
        assert_eq!(split_join("AB-CD"), ("AB-CD", None));
    }
}
