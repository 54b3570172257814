//! Preamble, header and closing record.

use crate::crypto::sha256;
use crate::error::Error;
use crate::ids::{BootId, Commitment, Digest, ExamId, Fingerprint, RecordingId, RunId, TrackName, VerifyingKey};
use crate::json::{self, nullable};
use crate::statement::Payload;
use serde::{Deserialize, Serialize};

pub(crate) const PREAMBLE_BYTES: usize = 16;
const MAGIC: [u8; 8] = [0x89, b'I', b'V', b'S', 0x0D, 0x0A, 0x1A, 0x0A];
const MAX_HEADER_BYTES: u32 = 8192;

/// What a track carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TrackKind {
    /// A camera.
    Video,
    /// A microphone.
    Audio,
    /// A screen.
    Screen,
    /// Small pictures every few seconds.
    Thumbnail,
    /// A photo, such as one of an ID card.
    Photo,
}

/// A segment's header.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// Institution.
    pub institution: Fingerprint,
    /// Exam.
    pub exam: ExamId,
    /// Recording.
    pub recording: RecordingId,
    /// Run.
    pub run: RunId,
    /// Track.
    pub track: TrackName,
    /// What the track carries.
    pub kind: TrackKind,
    /// RFC 6381, or `jpeg` for pictures.
    pub codec: String,
    /// Pixels; 0 for sound.
    pub width: u32,
    /// Pixels; 0 for sound.
    pub height: u32,
    /// Number within run and track.
    pub sequence: u32,
    /// Final head of the segment before.
    #[serde(deserialize_with = "nullable")]
    pub previous_head: Option<Digest>,
    /// Digest of the run's key record.
    pub key_record: Digest,
    /// Commitment to the segment key.
    pub commitment: Commitment,
    /// Who signs.
    pub device: VerifyingKey,
    /// Boot to which boot times belong.
    pub boot_id: BootId,
    /// Boot time of media time zero, us.
    pub origin_boottime_us: u64,
}

impl Header {
    /// Preamble and header as bytes, and the head that they make.
    pub(crate) fn to_bytes(&self) -> Result<(Vec<u8>, Digest), Error> {
        let not_json = |e: serde_json::Error| Error::Json { what: "segment header", reason: e.to_string() };
        let text = serde_json::to_vec(self).map_err(not_json)?;
        let len = u32::try_from(text.len()).unwrap_or(u32::MAX);
        if len > MAX_HEADER_BYTES {
            return Err(Error::HeaderLength { found: len });
        }
        let mut out = Vec::with_capacity(PREAMBLE_BYTES + text.len());
        out.extend_from_slice(&MAGIC);
        out.extend_from_slice(&[0, 1, 0, 0]);
        out.extend_from_slice(&len.to_be_bytes());
        out.extend_from_slice(&text);
        let head = head0(&out);
        Ok((out, head))
    }

    /// The header from its JSON text.
    pub(crate) fn from_text(text: &[u8]) -> Result<Self, Error> {
        json::parse("segment header", text)
    }
}

/// Length of the header that follows this preamble.
pub(crate) fn read_preamble(preamble: &[u8; PREAMBLE_BYTES]) -> Result<usize, Error> {
    let (magic, rest) = preamble.split_at(8);
    if magic != MAGIC {
        return Err(Error::NotASegment);
    }
    let version = u16::from_be_bytes([rest[0], rest[1]]);
    if version != 1 {
        return Err(Error::UnsupportedVersion { found: version.into() });
    }
    if rest[2..4] != [0, 0] {
        return Err(Error::ReservedBits { offset: 10 });
    }
    let len = u32::from_be_bytes([rest[4], rest[5], rest[6], rest[7]]);
    if len == 0 || len > MAX_HEADER_BYTES {
        return Err(Error::HeaderLength { found: len });
    }
    Ok(len as usize)
}

/// The head after preamble and header.
pub(crate) fn head0(preamble_and_header: &[u8]) -> Digest {
    sha256(&[b"invigil v1 segment head\0", preamble_and_header])
}

/// Why a segment was closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CloseReason {
    /// Five minutes or 32 MiB.
    Full,
    /// Capture stopped.
    Stopped,
    /// The process that wrote it died; another one closed it.
    Recovered,
}

/// The payload of a closing record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Closing {
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
    /// Why.
    pub reason: CloseReason,
    /// Number of chunks.
    pub chunks: u32,
    /// Sum of their durations, us.
    pub duration_us: u64,
    /// Offset of the closing frame.
    pub size_bytes: u64,
    /// SHA-256 of the bytes before it.
    pub digest: Digest,
    /// Head before it.
    pub head: Digest,
}

impl Payload for Closing {
    const TYPE: &'static str = "closing";
}
