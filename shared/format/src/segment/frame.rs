//! Frame headers.

use crate::crypto::sha256;
use crate::error::Error;
use crate::ids::Digest;

pub(crate) const FRAME_HEADER_BYTES: usize = 64;
/// Counter of the kinds that are not counted.
const UNCOUNTED: u32 = u32::MAX;
const MAX_INIT_BYTES: u32 = 64 << 10;
const MAX_CHUNK_BYTES: u32 = 8 << 20;
const MAX_CLOSING_BYTES: u32 = 4096;
const TAG: u32 = 16;
const FLAG_LAST: u8 = 1;
const FLAG_KEY: u8 = 2;

/// What a frame is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FrameKind {
    /// Sealed initialisation section.
    Init = 1,
    /// Sealed media.
    Chunk = 2,
    /// Sealed empty text: nothing was cut off the end.
    Final = 3,
    /// Device signature over the head.
    Signature = 4,
    /// Server beacon.
    Beacon = 5,
    /// Closing record.
    Closing = 6,
}

impl FrameKind {
    fn from_byte(byte: u8) -> Option<Self> {
        Some(match byte {
            1 => Self::Init,
            2 => Self::Chunk,
            3 => Self::Final,
            4 => Self::Signature,
            5 => Self::Beacon,
            6 => Self::Closing,
            _ => return None,
        })
    }

    /// Whether the body is sealed under the segment key, and the frame counted.
    pub fn sealed(self) -> bool {
        matches!(self, Self::Init | Self::Chunk | Self::Final)
    }

    fn allows(self, body_len: u32) -> bool {
        match self {
            Self::Init => (TAG..=MAX_INIT_BYTES + TAG).contains(&body_len),
            Self::Chunk => (1 + TAG..=MAX_CHUNK_BYTES + TAG).contains(&body_len),
            Self::Final => body_len == TAG,
            Self::Signature => body_len == 64,
            Self::Beacon => body_len == 120,
            Self::Closing => (1..=MAX_CLOSING_BYTES).contains(&body_len),
        }
    }
}

/// Both of a device's clocks at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stamp {
    /// `CLOCK_BOOTTIME`, us.
    pub boottime_us: u64,
    /// Wall clock, Unix ms; negative counts as 0.
    pub wall_ms: i64,
}

/// One frame of a segment, without its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// What it is.
    pub kind: FrameKind,
    /// Starts with a key frame (chunks only).
    pub key_frame: bool,
    /// Number among the sealed frames; `None` for the others.
    pub counter: Option<u32>,
    /// Of a chunk's first picture; for other kinds of writing.
    pub at: Stamp,
    /// Of the media in a chunk, us.
    pub duration_us: u32,
    /// Length of the body, bytes.
    pub body_len: u32,
    /// Head before this frame.
    pub head_before: Digest,
    /// Head after it.
    pub head_after: Digest,
    /// Where the frame header begins in the file.
    pub offset: u64,
}

impl Frame {
    /// Where the body begins in the file.
    pub fn body_offset(&self) -> u64 {
        self.offset + FRAME_HEADER_BYTES as u64
    }

    /// Where the next frame begins.
    pub fn end_offset(&self) -> u64 {
        self.body_offset() + u64::from(self.body_len)
    }

    /// The frame header's 64 bytes.
    pub fn header_bytes(&self) -> [u8; FRAME_HEADER_BYTES] {
        let mut out = [0; FRAME_HEADER_BYTES];
        out[0] = self.kind as u8;
        out[1] = if self.kind == FrameKind::Final { FLAG_LAST } else { 0 } | if self.key_frame { FLAG_KEY } else { 0 };
        out[4..8].copy_from_slice(&self.counter.unwrap_or(UNCOUNTED).to_be_bytes());
        out[8..16].copy_from_slice(&self.at.boottime_us.to_be_bytes());
        out[16..24].copy_from_slice(&self.at.wall_ms.max(0).to_be_bytes());
        out[24..28].copy_from_slice(&self.duration_us.to_be_bytes());
        out[28..32].copy_from_slice(&self.body_len.to_be_bytes());
        out[32..].copy_from_slice(self.head_before.as_bytes());
        out
    }

    /// Reads a frame header; `head_after` is still the head before. Order, counter and chain are the scanner's business.
    pub(crate) fn read(bytes: &[u8; FRAME_HEADER_BYTES], offset: u64) -> Result<Self, Error> {
        let kind = FrameKind::from_byte(bytes[0]).ok_or(Error::UnknownFrameKind { found: bytes[0], offset })?;
        let flags = bytes[1];
        let allowed = match kind {
            FrameKind::Final => flags == FLAG_LAST,
            FrameKind::Chunk => flags & !FLAG_KEY == 0,
            _ => flags == 0,
        };
        if !allowed {
            return Err(Error::BadFlags { found: flags, offset });
        }
        if bytes[2..4] != [0, 0] {
            return Err(Error::ReservedBits { offset: offset + 2 });
        }
        let counter = u32_at(bytes, 4);
        if !kind.sealed() && counter != UNCOUNTED {
            return Err(Error::BadCounter { expected: UNCOUNTED, found: counter, offset });
        }
        let wall_ms = i64::try_from(u64_at(bytes, 16)).map_err(|_| Error::BadWallTime { offset })?;
        let duration_us = u32_at(bytes, 24);
        if kind != FrameKind::Chunk && duration_us != 0 {
            return Err(Error::BadDuration { offset });
        }
        let body_len = u32_at(bytes, 28);
        if !kind.allows(body_len) {
            return Err(Error::BodyLength { found: body_len, offset });
        }
        let mut head = Digest([0; 32]);
        head.0.copy_from_slice(&bytes[32..]);
        Ok(Self {
            kind,
            key_frame: flags & FLAG_KEY != 0,
            counter: kind.sealed().then_some(counter),
            at: Stamp { boottime_us: u64_at(bytes, 8), wall_ms },
            duration_us,
            body_len,
            head_before: head,
            head_after: head,
            offset,
        })
    }

    /// Nonce of the sealed body.
    pub(crate) fn nonce(&self) -> [u8; 12] {
        let mut nonce = [0; 12];
        nonce[7..11].copy_from_slice(&self.counter.unwrap_or(UNCOUNTED).to_be_bytes());
        nonce[11] = u8::from(self.kind == FrameKind::Final);
        nonce
    }

    /// Associated data of the sealed body.
    pub(crate) fn aad(&self, head0: &Digest) -> [u8; 96] {
        let mut aad = [0; 96];
        aad[..32].copy_from_slice(head0.as_bytes());
        aad[32..].copy_from_slice(&self.header_bytes());
        aad
    }
}

/// The head after a frame.
pub(crate) fn next_head(header: &[u8], body: &[u8]) -> Digest {
    sha256(&[b"invigil v1 frame head\0", header, body])
}

fn u32_at(bytes: &[u8; FRAME_HEADER_BYTES], at: usize) -> u32 {
    bytes[at..at + 4].iter().fold(0, |value, byte| (value << 8) | u32::from(*byte))
}

fn u64_at(bytes: &[u8; FRAME_HEADER_BYTES], at: usize) -> u64 {
    (u64::from(u32_at(bytes, at)) << 32) | u64::from(u32_at(bytes, at + 4))
}
