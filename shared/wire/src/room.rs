//! A room's computer to the server: it is enrolled once with a room code and from then on sees the room's exams and takes their recordings by itself.
//!
//! [`ENROL`] needs no authentication; the others carry `Authorization: Bearer <token of the enrolment>`. Refusals carry [`crate::ErrorBody`]:
//! - 404 `room-code-unknown`, 409 `room-code-used`: as with join codes;
//! - 401: another computer was enrolled for this room, or the room was withdrawn;
//! - 403 (taking): the recording is another room's;
//! - 409 [`TAKEN`] (taking): a device that joined by a join code has this recording;
//! - 409 [`ENDED`] (taking): the papers of this recording are collected;
//! - 410 [`crate::agent::EXPIRED`] (taking), 429, 503: as for agents.

use crate::agent::ExamInfo;
use invigil_format::{RecordingId, Statement};
use serde::{Deserialize, Serialize};

/// `POST` [`EnrolRequest`]: [`EnrolAnswer`]. Without authentication.
pub const ENROL: &str = "/v1/room/enrol";
/// `GET`: [`RoomExams`].
pub const EXAMS: &str = "/v1/room/exams";
/// `POST` [`TakeRequest`]: [`crate::agent::JoinAnswer`], as if this device had joined by a code. Repeating it gives a new token.
pub const TAKE: &str = "/v1/room/take";

/// Name of a 409: a device that joined by a join code has this recording.
pub const TAKEN: &str = "taken-by-a-code";
/// Name of a 409: the recording has ended.
pub const ENDED: &str = "already-ended";

/// Exams that ended longer ago are not listed, ms.
pub const LISTED_AFTER_MS: i64 = 24 * 3_600_000;
/// Exams that start later are not listed yet, ms.
pub const LISTED_BEFORE_MS: i64 = 7 * 24 * 3_600_000;

/// Trades a room code for the room. Repeating it with the same device key gives a new token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnrolRequest {
    /// The code as typed; upper or lower case, hyphens or not.
    pub code: String,
    /// A `join` statement over that code, signed by the device key (format.md 7).
    pub proof: Statement,
    /// Version of the agent, for support.
    pub agent_version: String,
}

/// Answer to [`EnrolRequest`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrolAnswer {
    /// Room's name.
    pub room: String,
    /// Bearer token, 64 hexadecimal digits. A new enrolment invalidates the old one.
    pub token: String,
    /// Other addresses of this server, to be tried in turn.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub servers: Vec<String>,
}

/// The exams of a room from [`LISTED_AFTER_MS`] ago to [`LISTED_BEFORE_MS`] from now, in the order of their start; expired ones are not among them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomExams {
    /// Room's name.
    pub room: String,
    /// Server's clock.
    pub server_time_ms: i64,
    /// Its exams.
    pub exams: Vec<RoomExam>,
}

/// One exam in a room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomExam {
    /// The room's recording of it.
    pub recording: RecordingId,
    /// The exam with the room's window.
    pub exam: ExamInfo,
    /// How long before the start the recording begins, as the policy says, ms.
    pub lead_ms: i64,
    /// When the recording was ended, Unix ms; null while it was not.
    pub ended_ms: Option<i64>,
    /// A device that joined by a join code has this recording: this computer is not to begin it.
    pub by_code: bool,
    /// It was begun, on whatever computer, and nobody has ended it: it is recorded until somebody does, after its scheduled end too.
    #[serde(default)]
    pub begun: bool,
}

/// Takes a recording of the own room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TakeRequest {
    /// Recording.
    pub recording: RecordingId,
    /// Version of the agent, for support.
    pub agent_version: String,
}
