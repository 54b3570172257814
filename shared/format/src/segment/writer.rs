//! Writing segments: pure, the caller appends the returned bytes to the file and decides about time.

use super::frame::{Frame, FrameKind, Stamp, next_head};
use super::header::{CloseReason, Closing, Header, TrackKind};
use super::{HEAD_SIGNED, MAX_FRAMES};
use crate::beacon::Beacon;
use crate::crypto::{Aes, TAG_BYTES, finish};
use crate::error::Error;
use crate::ids::{BootId, Digest, ExamId, Fingerprint, RecordingId, RunId, TrackName};
use crate::keys::{DeviceKey, RunKey};

/// What is known when a segment begins; the rest of the header follows from the keys.
#[derive(Debug, Clone)]
pub struct SegmentStart {
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
    /// Number within run and track. Never the same twice in a run: the segment key, and so every nonce, depends on it.
    pub sequence: u32,
    /// Final head of the segment before, also of the run before on the same device.
    pub previous_head: Option<Digest>,
    /// Digest of the run's key record.
    pub key_record: Digest,
    /// Boot to which boot times belong.
    pub boot_id: BootId,
    /// Boot time of media time zero, us.
    pub origin_boottime_us: u64,
}

/// Where a writer stands in the order of frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    BeforeInit,
    Body,
    AfterFinal,
    Closed,
}

/// Writes one segment.
///
/// Order: [`SegmentWriter::begin`], [`SegmentWriter::init`], then chunks, signatures and beacons, then [`SegmentWriter::end`] and [`SegmentWriter::close`].
/// When a call fails nothing was written and the writer is as before.
pub struct SegmentWriter {
    header: Header,
    device: DeviceKey,
    aes: Aes,
    head0: Digest,
    head: Digest,
    hash: ring::digest::Context,
    stage: Stage,
    size_bytes: u64,
    counter: u32,
    frames: usize,
    chunks: u32,
    duration_us: u64,
    signed_bytes: u64,
    /// Of the last frame.
    last: Option<Stamp>,
}

impl SegmentWriter {
    /// Preamble and header.
    ///
    /// # Errors
    /// [`Error::HeaderLength`] for an absurd codec.
    pub fn begin(start: SegmentStart, run_key: &RunKey, device: &DeviceKey) -> Result<(Self, Vec<u8>), Error> {
        let key = run_key.segment_key(start.recording, start.run, &start.track, start.sequence)?;
        let header = Header {
            institution: start.institution,
            exam: start.exam,
            recording: start.recording,
            run: start.run,
            track: start.track,
            kind: start.kind,
            codec: start.codec,
            width: start.width,
            height: start.height,
            sequence: start.sequence,
            previous_head: start.previous_head,
            key_record: start.key_record,
            commitment: key.commitment()?,
            device: device.public(),
            boot_id: start.boot_id,
            origin_boottime_us: start.origin_boottime_us,
        };
        let (bytes, head0) = header.to_bytes()?;
        let mut hash = ring::digest::Context::new(&ring::digest::SHA256);
        hash.update(&bytes);
        let writer = Self {
            header,
            device: device.clone(),
            aes: Aes::new(key.expose())?,
            head0,
            head: head0,
            hash,
            stage: Stage::BeforeInit,
            size_bytes: bytes.len() as u64,
            counter: 0,
            frames: 0,
            chunks: 0,
            duration_us: 0,
            signed_bytes: 0,
            last: None,
        };
        Ok((writer, bytes))
    }

    /// The sealed initialisation section (`ftyp`, `moov`), or nothing for pictures. Once, first.
    ///
    /// # Errors
    /// [`Error::PlainLength`] above 64 KiB, [`Error::FrameOrder`].
    pub fn init(&mut self, at: Stamp, plain: &[u8]) -> Result<Vec<u8>, Error> {
        self.require(Stage::BeforeInit)?;
        let bytes = self.sealed(FrameKind::Init, false, at, 0, plain)?;
        self.stage = Stage::Body;
        Ok(bytes)
    }

    /// About a second of media: one CMAF fragment, or one JPEG. `at` is the moment of its first picture.
    ///
    /// # Errors
    /// [`Error::PlainLength`] for nothing or above 8 MiB, [`Error::FrameOrder`], [`Error::TooManyFrames`].
    pub fn chunk(&mut self, at: Stamp, duration_us: u32, key_frame: bool, plain: &[u8]) -> Result<Vec<u8>, Error> {
        self.require(Stage::Body)?;
        let bytes = self.sealed(FrameKind::Chunk, key_frame, at, duration_us, plain)?;
        self.chunks += 1;
        self.duration_us += u64::from(duration_us);
        Ok(bytes)
    }

    /// The final frame: no chunk follows.
    ///
    /// # Errors
    /// [`Error::FrameOrder`].
    pub fn end(&mut self, at: Stamp) -> Result<Vec<u8>, Error> {
        self.require(Stage::Body)?;
        let bytes = self.sealed(FrameKind::Final, false, at, 0, &[])?;
        self.stage = Stage::AfterFinal;
        Ok(bytes)
    }

    /// The device's signature over everything so far: at least every 5 s of capture.
    ///
    /// # Errors
    /// [`Error::FrameOrder`] before the init section or after closing.
    pub fn signature(&mut self, at: Stamp) -> Result<Vec<u8>, Error> {
        if !matches!(self.stage, Stage::Body | Stage::AfterFinal) {
            return Err(Error::FrameOrder { offset: self.size_bytes });
        }
        let signature = self.device.sign(&[HEAD_SIGNED, self.head.as_bytes()].concat());
        let signed = self.size_bytes;
        let bytes = self.plain(FrameKind::Signature, at, signature.as_bytes())?;
        self.signed_bytes = signed;
        Ok(bytes)
    }

    /// A server beacon: what follows was written not before its time.
    ///
    /// # Errors
    /// [`Error::FrameOrder`] before the init section or after the final frame.
    pub fn beacon(&mut self, at: Stamp, beacon: &Beacon) -> Result<Vec<u8>, Error> {
        self.require(Stage::Body)?;
        self.plain(FrameKind::Beacon, at, &beacon.to_bytes())
    }

    /// The closing record; the file is complete. Its frame repeats the times of the frame before it: nothing in it is left uncovered by a signature.
    ///
    /// # Errors
    /// [`Error::NoFinalFrame`] without [`SegmentWriter::end`]; [`Error::BadMember`] for [`CloseReason::Recovered`], which [`super::recover_closing`] writes.
    pub fn close(&mut self, reason: CloseReason) -> Result<Vec<u8>, Error> {
        if reason == CloseReason::Recovered {
            return Err(Error::BadMember { what: "closing", member: "reason", expected: "full or stopped" });
        }
        let at = match (self.stage, self.last) {
            (Stage::AfterFinal, Some(at)) => at,
            (Stage::Closed, _) => return Err(Error::AlreadyClosed),
            _ => return Err(Error::NoFinalFrame),
        };
        let closing = Closing {
            institution: self.header.institution,
            recording: self.header.recording,
            run: self.header.run,
            track: self.header.track.clone(),
            sequence: self.header.sequence,
            reason,
            chunks: self.chunks,
            duration_us: self.duration_us,
            size_bytes: self.size_bytes,
            digest: finish(self.hash.clone()),
            head: self.head,
        };
        let text = self.device.state(&closing)?.to_json();
        let bytes = self.plain(FrameKind::Closing, at, text.as_bytes())?;
        self.stage = Stage::Closed;
        self.signed_bytes = self.size_bytes;
        Ok(bytes)
    }

    /// The header as written.
    pub fn header(&self) -> &Header {
        &self.header
    }
    /// Head after preamble and header.
    pub fn head0(&self) -> Digest {
        self.head0
    }
    /// Head after the last frame.
    pub fn head(&self) -> Digest {
        self.head
    }
    /// Bytes so far.
    pub fn size_bytes(&self) -> u64 {
        self.size_bytes
    }
    /// Bytes before the last signature.
    pub fn signed_bytes(&self) -> u64 {
        self.signed_bytes
    }
    /// SHA-256 of all bytes so far: what a receipt for the closed segment names.
    pub fn digest(&self) -> Digest {
        finish(self.hash.clone())
    }
    /// Chunks so far.
    pub fn chunks(&self) -> u32 {
        self.chunks
    }
    /// Sum of the chunks' durations, us.
    pub fn duration_us(&self) -> u64 {
        self.duration_us
    }

    fn require(&self, stage: Stage) -> Result<(), Error> {
        if self.stage == stage { Ok(()) } else { Err(Error::FrameOrder { offset: self.size_bytes }) }
    }

    fn sealed(&mut self, kind: FrameKind, key_frame: bool, at: Stamp, duration_us: u32, plain: &[u8]) -> Result<Vec<u8>, Error> {
        let too_long = || Error::PlainLength { found: plain.len() };
        let body_len = plain.len().checked_add(TAG_BYTES).and_then(|len| u32::try_from(len).ok()).ok_or_else(too_long)?;
        let frame = self.frame(kind, at, body_len).map(|frame| Frame { key_frame, counter: Some(self.counter), duration_us, ..frame });
        let frame = frame?;
        Frame::read(&frame.header_bytes(), frame.offset).map_err(|_| too_long())?;
        let mut bytes = Vec::with_capacity(frame.header_bytes().len() + body_len as usize);
        bytes.extend_from_slice(&frame.header_bytes());
        self.aes.seal(frame.nonce(), &frame.aad(&self.head0), plain, &mut bytes)?;
        self.counter += 1;
        self.advance(&bytes, at);
        Ok(bytes)
    }

    fn plain(&mut self, kind: FrameKind, at: Stamp, body: &[u8]) -> Result<Vec<u8>, Error> {
        let too_long = || Error::PlainLength { found: body.len() };
        let frame = self.frame(kind, at, u32::try_from(body.len()).map_err(|_| too_long())?)?;
        Frame::read(&frame.header_bytes(), frame.offset).map_err(|_| too_long())?;
        let bytes = [frame.header_bytes().as_slice(), body].concat();
        self.advance(&bytes, at);
        Ok(bytes)
    }

    fn frame(&self, kind: FrameKind, at: Stamp, body_len: u32) -> Result<Frame, Error> {
        // Room is left for the signatures and the closing record.
        if self.frames + 4 >= MAX_FRAMES && matches!(kind, FrameKind::Chunk | FrameKind::Beacon) {
            return Err(Error::TooManyFrames);
        }
        Ok(Frame {
            kind,
            key_frame: false,
            counter: None,
            at,
            duration_us: 0,
            body_len,
            head_before: self.head,
            head_after: self.head,
            offset: self.size_bytes,
        })
    }

    fn advance(&mut self, bytes: &[u8], at: Stamp) {
        let (header, body) = bytes.split_at(super::frame::FRAME_HEADER_BYTES);
        self.head = next_head(header, body);
        self.hash.update(bytes);
        self.size_bytes += bytes.len() as u64;
        self.frames += 1;
        self.last = Some(at);
    }
}
