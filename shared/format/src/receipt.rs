//! Receipts, expiries and joins (`docs/format.md` 7).

use crate::crypto::sha256;
use crate::ids::{Digest, Fingerprint, RecordingId, RunId, TrackName};
use crate::statement::Payload;
use serde::{Deserialize, Serialize};

/// The server has the whole segment, verified and committed: the only thing on which an agent deletes footage that has not expired. Signed by the server key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// Institution.
    pub institution: Fingerprint,
    /// Recording.
    pub recording: RecordingId,
    /// Run.
    pub run: RunId,
    /// Track.
    pub track: TrackName,
    /// Number within run and track.
    pub sequence: u32,
    /// Bytes of the whole file.
    pub size_bytes: u64,
    /// SHA-256 of the whole file.
    pub digest: Digest,
    /// Head after the last frame.
    pub head: Digest,
    /// Server's clock, Unix ms.
    pub stored_ms: i64,
}

impl Payload for Receipt {
    const TYPE: &'static str = "receipt";
}

/// Everything of the recording is to be deleted. Signed by the server key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expired {
    /// Institution.
    pub institution: Fingerprint,
    /// Recording.
    pub recording: RecordingId,
    /// When it expired, Unix ms.
    pub expired_ms: i64,
}

impl Payload for Expired {
    const TYPE: &'static str = "expired";
}

/// A device asks for a place in an exam. Signed by the device key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Join {
    /// Institution.
    pub institution: Fingerprint,
    /// See [`code_digest`].
    pub code_digest: Digest,
    /// Device's wall clock, Unix ms.
    pub wall_ms: i64,
}

impl Payload for Join {
    const TYPE: &'static str = "join";
}

/// Digest of a join code as typed: upper or lower case, hyphens or not.
pub fn code_digest(code: &str) -> Digest {
    let code: String = code.chars().filter(|c| *c != '-').collect::<String>().to_ascii_uppercase();
    sha256(&[b"invigil v1 join code\0", code.as_bytes()])
}
