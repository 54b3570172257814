//! What a verifier says.

use invigil_format::ids::ParseIdError;
use invigil_format::{BundleId, Digest, Fingerprint, RecordingId, RunId, TrackName, VerifyingKey};
use serde::Serialize;
use std::str::FromStr;

/// Whom the verifier trusts: the institution's public key or its fingerprint. Either is enough, and neither can be taken for the other: nobody can find a key
/// whose fingerprint is a given key, or that is itself a given fingerprint and of which they have the private half.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Institution(pub Digest);

impl Institution {
    /// Whether this is that institution's key.
    pub fn is(&self, key: &VerifyingKey) -> bool {
        [key.0, Fingerprint::of(key).0].contains(&self.0.0)
    }
}

impl FromStr for Institution {
    type Err = ParseIdError;

    /// 64 hexadecimal digits, as people copy them: upper case, spaces and colons do not matter.
    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        let digits: String = text.chars().filter(|c| !c.is_whitespace() && *c != ':').collect();
        digits.to_ascii_lowercase().parse().map(Self)
    }
}

/// Everything that was found.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Report {
    /// What is wrong. Empty: everything holds.
    pub problems: Vec<Problem>,
    /// Bundle.
    pub bundle: Option<BundleId>,
    /// When its manifest was signed, Unix ms.
    pub created_ms: Option<i64>,
    /// Files, the manifest counted.
    pub files: usize,
    /// The act.
    pub act: Option<ActSummary>,
    /// Stretch by stretch and track by track.
    pub tracks: Vec<TrackReport>,
    /// Times within the stretches in which a recording computer had no connection; what it recorded meanwhile is here.
    pub outages: Vec<Outage>,
    /// Runs whose journal here has no end: "end unproven".
    pub unproven_ends: Vec<RunId>,
    /// What is not wrong but worth knowing.
    pub notes: Vec<String>,
}

impl Report {
    /// Whether everything holds.
    pub fn holds(&self) -> bool {
        self.problems.is_empty()
    }

    pub(super) fn problem(&mut self, name: &'static str, object: impl Into<String>, detail: impl Into<String>) {
        let problem = Problem { name, object: object.into(), detail: detail.into() };
        if !self.problems.iter().any(|known| known.name == problem.name && known.object == problem.object) {
            self.problems.push(problem);
        }
    }

    /// A problem of the footage format.
    pub(super) fn format(&mut self, object: impl Into<String>, error: &invigil_format::Error) {
        self.problem(error.name(), object, error.to_string());
    }
}

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Stable name: those of `shared/format/src/error.rs`, and those that `docs/evidence.md` 7 lists.
    pub name: &'static str,
    /// File or segment.
    pub object: String,
    /// In words.
    pub detail: String,
}

/// The act in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ActSummary {
    /// Number as written.
    pub number_text: String,
    /// Kind.
    pub kind: String,
    /// When it was signed, Unix ms.
    pub signed_ms: i64,
    /// Who signed: names.
    pub signatories: Vec<String>,
    /// Digest of its statement.
    pub digest: Digest,
    /// Of the university's zone at the exam, seconds east of UTC.
    pub utc_offset_secs: i32,
}

/// What is here of a cited track. All times Unix ms on the server's clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TrackReport {
    /// Recording.
    pub recording: RecordingId,
    /// Track.
    pub track: TrackName,
    /// Cited from (inclusive).
    pub from_ms: i64,
    /// Cited until (exclusive).
    pub to_ms: i64,
    /// Segments that are here, authentic or not.
    pub segments: usize,
    /// Computers that signed it.
    pub devices: Vec<Device>,
    /// All of it was recorded not before: the server's beacon in the first segment.
    pub not_before_ms: Option<i64>,
    /// And not after: the last receipt.
    pub not_after_ms: Option<i64>,
    /// What of the stretch is missing.
    pub missing: Vec<Missing>,
    /// Its MP4.
    pub video: Video,
}

/// A computer that signed footage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Device {
    /// Its key.
    pub key: VerifyingKey,
    /// Its name in the certificate.
    pub name: Option<String>,
}

/// What is known of a track's MP4.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Video {
    /// Made again from the segments, the same byte by byte.
    Same(String),
    /// Not the same, not there, or not checked because the segments are not in order: see the problems.
    Wrong(String),
    /// A track of pictures, or one that cannot be joined: it has none.
    None,
}

/// A time without pictures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Missing {
    /// From.
    pub from_ms: i64,
    /// Until.
    pub to_ms: i64,
    /// What the signed journal says; `unexplained` when it says nothing.
    pub why: Vec<Why>,
}

/// A reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Why {
    /// `before-recording`, `camera-lost`, `capture-paused`, `track-ended`, `frames-dropped`, `held-up`, `run-ended`, `agent-stopped`, `power-or-reboot`,
    /// `other-device`, `segment-not-here`, `end-unproven` or `unexplained`.
    pub kind: &'static str,
    /// The journal's words; may be empty.
    pub detail: String,
}

/// A time without connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Outage {
    /// Run.
    pub run: RunId,
    /// First heartbeat that failed.
    pub from_ms: i64,
    /// Last one; `None`: the journal here ends before it was over.
    pub to_ms: Option<i64>,
}
