//! The receipt of a whole recording, and the file in which a person keeps it (`docs/format.md` 7).

use crate::certificate::{Need, Role, TrustStore};
use crate::error::Error;
use crate::ids::{Digest, ExamId, Fingerprint, RecordingId, TrackName, VerifyingKey};
use crate::json;
use crate::segment::TrackKind;
use crate::statement::{Payload, Statement};
use serde::{Deserialize, Serialize};

/// Longest file of [`ReceiptFile`], bytes.
const MAX_FILE_BYTES: usize = 1 << 20;
/// A day, seconds: no UTC offset reaches it.
const DAY_SECS: u32 = 86_400;

/// What the server holds of a recording and what it does not. Signed by the server key. It counts stored segments only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordingReceipt {
    /// Institution.
    pub institution: Fingerprint,
    /// Exam.
    pub exam: ExamId,
    /// Recording.
    pub recording: RecordingId,
    /// Window of the candidate or room, extra time included, Unix ms.
    pub starts_ms: i64,
    /// See `starts_ms`.
    pub ends_ms: i64,
    /// The window is accounted for until here: its end, the finishing, or the making of this, whichever came first; never before `starts_ms`.
    pub until_ms: i64,
    /// The recording has been finished.
    pub finished: bool,
    /// From `starts_ms` until `until_ms`.
    pub expected_ms: i64,
    /// What of it some track of moving pictures covers; sound does not count.
    pub stored_ms: i64,
    /// What no track covers, in order; at most [`RecordingReceipt::MAX_MISSING`], the longest ones.
    pub missing: Vec<MissingStretch>,
    /// Length of the missing stretches that are not listed.
    pub unlisted_ms: i64,
    /// Tracks with stored segments, by name.
    pub tracks: Vec<TrackTotal>,
    /// Stored segments.
    pub segments: u64,
    /// Their bytes.
    pub size_bytes: u64,
    /// Segments of which the server has something and not all, or not their run's key record.
    pub waiting_segments: u64,
    /// Segments that the server does not accept, because they are not what their device signed.
    pub refused_segments: u64,
    /// Offset of the university's time zone, seconds east of UTC: for showing times to people.
    pub utc_offset_secs: i32,
    /// Server's clock, Unix ms.
    pub made_ms: i64,
}

/// A stretch of the window without footage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MissingStretch {
    /// From (inclusive), server's clock, Unix ms.
    pub from_ms: i64,
    /// Until (exclusive).
    pub to_ms: i64,
    /// Why.
    pub cause: MissingCause,
}

/// Why a stretch of the window has no footage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MissingCause {
    /// Nobody had joined yet.
    NotJoined,
    /// The agent was not running, or had ended its capture.
    AgentStopped,
    /// The computer was off or started anew.
    PowerOrReboot,
    /// The computer slept.
    Suspended,
    /// The camera delivered no pictures.
    CameraLost,
    /// The agent could not record, for instance because its disk was full.
    CapturePaused,
    /// The computer did not keep up: pictures were thrown away because processor or disk were too slow, or the agent got no processor.
    ComputerTooBusy,
    /// The device may have it; it has not arrived yet.
    NotYetUploaded,
    /// It arrived and is not what the device signed.
    Refused,
    /// Nothing says why.
    Unknown,
}

/// What is stored of one track.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrackTotal {
    /// Track.
    pub track: TrackName,
    /// Its kind.
    pub kind: TrackKind,
    /// Stored segments.
    pub segments: u64,
    /// Their bytes.
    pub size_bytes: u64,
    /// Media in them, inside the window and outside.
    pub media_ms: i64,
    /// What of the expected time they cover.
    pub stored_ms: i64,
}

impl RecordingReceipt {
    /// Most stretches in `missing`: what fits into a statement.
    pub const MAX_MISSING: usize = 400;
    /// Most tracks.
    pub const MAX_TRACKS: usize = 64;

    /// Nothing is on its way any more, as far as the server can tell.
    pub fn has_all_that_exists(&self) -> bool {
        self.waiting_segments == 0 && self.missing.iter().all(|stretch| stretch.cause != MissingCause::NotYetUploaded)
    }
}

impl Payload for RecordingReceipt {
    const TYPE: &'static str = "recording-receipt";

    /// Its figures must agree with each other.
    fn check(&self) -> Result<(), Error> {
        let require =
            |holds: bool, member, expected| if holds { Ok(()) } else { Err(Error::BadMember { what: Self::TYPE, member, expected }) };
        let expected = i128::from(self.until_ms) - i128::from(self.starts_ms);
        require(self.starts_ms <= self.ends_ms, "ends_ms", "not before starts_ms")?;
        require(self.until_ms >= self.starts_ms && self.until_ms <= self.ends_ms, "until_ms", "from starts_ms to ends_ms")?;
        require(self.until_ms <= self.starts_ms.max(self.made_ms), "until_ms", "not after made_ms")?;
        require(i128::from(self.expected_ms) == expected, "expected_ms", "until_ms less starts_ms")?;
        require(self.missing.len() <= Self::MAX_MISSING, "missing", "at most 400 stretches")?;
        let mut from = self.starts_ms;
        let mut listed: i128 = 0;
        for stretch in &self.missing {
            let inside = stretch.from_ms >= from && stretch.to_ms > stretch.from_ms && stretch.to_ms <= self.until_ms;
            require(inside, "missing", "stretches in order, inside the time that is accounted for")?;
            from = stretch.to_ms;
            listed += i128::from(stretch.to_ms) - i128::from(stretch.from_ms);
        }
        let may_be_unlisted = self.unlisted_ms == 0 || (self.unlisted_ms > 0 && self.missing.len() == Self::MAX_MISSING);
        require(may_be_unlisted, "unlisted_ms", "0 unless missing is full")?;
        let stored = expected - listed - i128::from(self.unlisted_ms);
        require(self.stored_ms >= 0 && i128::from(self.stored_ms) == stored, "stored_ms", "what is expected less what is missing")?;
        require(self.tracks.len() <= Self::MAX_TRACKS, "tracks", "at most 64 tracks")?;
        require(self.tracks.windows(2).all(|pair| pair[0].track < pair[1].track), "tracks", "each track once, by name")?;
        let fits = |track: &TrackTotal| track.media_ms >= 0 && (0..=self.expected_ms).contains(&track.stored_ms) && track.segments > 0;
        require(self.tracks.iter().all(fits), "tracks", "figures of stored segments inside the expected time")?;
        let sum = |figure: fn(&TrackTotal) -> u64| self.tracks.iter().map(|track| u128::from(figure(track))).sum::<u128>();
        require(sum(|track| track.segments) == self.segments.into(), "segments", "the sum of the tracks")?;
        require(sum(|track| track.size_bytes) == self.size_bytes.into(), "size_bytes", "the sum of the tracks")?;
        require(self.utc_offset_secs.unsigned_abs() < DAY_SECS, "utc_offset_secs", "less than a day")
    }
}

/// A receipt of a recording with all that it takes to check it, but for the institution's fingerprint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReceiptFile {
    /// Institution public key.
    pub institution: VerifyingKey,
    /// Certificates of the server key that signed.
    pub certificates: Vec<Statement>,
    /// A [`RecordingReceipt`].
    pub receipt: Statement,
}

impl ReceiptFile {
    /// Reads a file. Says nothing of its signatures: see [`ReceiptFile::check`].
    ///
    /// # Errors
    /// [`Error::Json`], [`Error::DuplicateMember`], [`Error::UnknownMember`], [`Error::StatementTooLong`].
    pub fn from_json(text: &[u8]) -> Result<Self, Error> {
        if text.len() > MAX_FILE_BYTES {
            return Err(Error::StatementTooLong { found: text.len() });
        }
        json::parse("receipt of a recording", text)
    }

    /// As JSON text, one member a line.
    pub fn to_json(&self) -> String {
        let member = |name: &str, value: String| format!("\"{name}\": {value}");
        let certificates: Vec<String> = self.certificates.iter().map(Statement::to_json).collect();
        let members = [
            member("institution", format!("\"{}\"", self.institution)),
            member("certificates", format!("[{}]", certificates.join(", "))),
            member("receipt", self.receipt.to_json()),
        ];
        format!("{{\n{}\n}}\n", members.join(",\n"))
    }

    /// Checks it against the fingerprint that the reader got from the institution: a server key of this institution, certified when the receipt was made, signed
    /// these figures.
    ///
    /// # Errors
    /// [`Error::WrongInstitution`], those of [`Statement::read`], or what [`TrustStore::require`] says of the server key.
    pub fn check(&self, fingerprint: Fingerprint) -> Result<RecordingReceipt, Error> {
        let trust = TrustStore::new(fingerprint, self.institution, &self.certificates)?;
        let receipt: RecordingReceipt = self.receipt.read()?;
        if receipt.institution != fingerprint {
            return Err(Error::WrongInstitution { what: RecordingReceipt::TYPE });
        }
        trust.require(Need::new(Role::Server, self.receipt.key, receipt.made_ms))?;
        Ok(receipt)
    }

    /// Digest of its statement: what a person can compare or cite.
    pub fn digest(&self) -> Digest {
        self.receipt.digest()
    }
}
