//! Reading segments without any key, while they grow.

use super::frame::{FRAME_HEADER_BYTES, Frame, FrameKind, next_head};
use super::header::{CloseReason, Closing, Header, PREAMBLE_BYTES, head0, read_preamble};
use super::{HEAD_SIGNED, MAX_FRAMES, MAX_SEGMENT_BYTES};
use crate::beacon::Beacon;
use crate::certificate::{Need, Role, TrustStore};
use crate::crypto::{finish, verify};
use crate::error::Error;
use crate::ids::{Digest, Signature};
use crate::statement::Statement;

/// So much is looked at at once, bytes.
const PIECE_BYTES: usize = 64 << 10;

/// What may come next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Header,
    /// Init; or, if the writer died before it, signature and closing.
    Init,
    Body,
    /// Signatures and closing.
    End,
    Closed,
}

/// Reads a segment from front to back as its bytes arrive, in pieces of any size, and checks everything that needs no key: shape, limits, order, chain,
/// signatures of the device that the header names, beacons' signatures, closing record. Whether device and beacon keys are certified says
/// [`Scanner::check_trust`].
///
/// After an error it stays failed: what it reports are the whole frames before the error.
#[derive(Clone)]
pub struct Scanner {
    /// Bytes fed and not yet part of a whole frame.
    pending: Vec<u8>,
    stage: Stage,
    failed: Option<Error>,
    hash: ring::digest::Context,
    header: Option<Header>,
    head0: Digest,
    head: Digest,
    whole_bytes: u64,
    signed_bytes: u64,
    counter: u32,
    chunks: u32,
    duration_us: u64,
    frames: Vec<Frame>,
    beacons: Vec<(u64, Beacon)>,
    closing: Option<Closing>,
}

impl Default for Scanner {
    fn default() -> Self {
        Self::new()
    }
}

impl Scanner {
    /// Before the first byte.
    pub fn new() -> Self {
        Self {
            pending: Vec::new(),
            stage: Stage::Header,
            failed: None,
            hash: ring::digest::Context::new(&ring::digest::SHA256),
            header: None,
            head0: Digest([0; 32]),
            head: Digest([0; 32]),
            whole_bytes: 0,
            signed_bytes: 0,
            counter: 0,
            chunks: 0,
            duration_us: 0,
            frames: Vec::new(),
            beacons: Vec::new(),
            closing: None,
        }
    }

    /// Scans a whole file, or what there is of it.
    ///
    /// # Errors
    /// As [`Scanner::feed`], and [`Error::NoHeader`] when the header is not whole.
    pub fn scan(bytes: &[u8]) -> Result<Self, Error> {
        let mut scanner = Self::new();
        scanner.feed(bytes)?;
        if scanner.header.is_none() {
            return Err(Error::NoHeader);
        }
        Ok(scanner)
    }

    /// Takes the next bytes of the file.
    ///
    /// # Errors
    /// The first thing that is wrong, as early as it shows; the same again at each further call.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<(), Error> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        // In pieces: little has to be kept of what is no whole frame yet, however much comes at once.
        let result = bytes.chunks(PIECE_BYTES).try_for_each(|piece| self.advance(piece));
        if let Err(error) = &result {
            self.failed = Some(error.clone());
        }
        if self.failed.is_some() || self.pending.is_empty() {
            // A segment that waits for its next bytes needs no room for them.
            self.pending = Vec::new();
        }
        result
    }

    /// Takes all bytes that `reader` gives, 64 KiB at a time, so that a whole segment never lies in memory; how many there were. What is wrong with them
    /// stays in the scanner: [`Scanner::error`].
    ///
    /// # Errors
    /// The reader's.
    pub fn read_from(&mut self, mut reader: impl std::io::Read) -> std::io::Result<u64> {
        let (mut buffer, mut total) = (vec![0; PIECE_BYTES], 0);
        loop {
            match reader.read(&mut buffer) {
                Ok(0) => return Ok(total),
                Ok(len) => {
                    total += len as u64;
                    let _ = self.feed(&buffer[..len]);
                }
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// The header, once it is whole.
    pub fn header(&self) -> Option<&Header> {
        self.header.as_ref()
    }
    /// Head after preamble and header.
    pub fn head0(&self) -> Digest {
        self.head0
    }
    /// Head after the last whole frame.
    pub fn head(&self) -> Digest {
        self.head
    }
    /// The whole frames so far, in order.
    pub fn frames(&self) -> &[Frame] {
        &self.frames
    }
    /// End of the last whole frame (or of the header; 0 before it is whole), bytes.
    pub fn whole_bytes(&self) -> u64 {
        self.whole_bytes
    }
    /// Bytes after [`Scanner::whole_bytes`] that are no whole frame yet.
    pub fn pending_bytes(&self) -> u64 {
        self.pending.len() as u64
    }
    /// Bytes that a device signature covers: up to the last signature frame, or everything once closed.
    pub fn signed_bytes(&self) -> u64 {
        self.signed_bytes
    }
    /// SHA-256 of the whole frames so far.
    pub fn digest(&self) -> Digest {
        finish(self.hash.clone())
    }
    /// [`Scanner::digest`] with bytes appended.
    pub(crate) fn digest_with(&self, appended: &[u8]) -> Digest {
        let mut hash = self.hash.clone();
        hash.update(appended);
        finish(hash)
    }
    /// Chunks so far.
    pub fn chunks(&self) -> u32 {
        self.chunks
    }
    /// Sum of their durations, us.
    pub fn duration_us(&self) -> u64 {
        self.duration_us
    }
    /// Beacons so far, with the offsets of their frames.
    pub fn beacons(&self) -> &[(u64, Beacon)] {
        &self.beacons
    }
    /// The closing record, once there is one.
    pub fn closing(&self) -> Option<&Closing> {
        self.closing.as_ref()
    }
    /// What [`Scanner::feed`] failed with.
    pub fn error(&self) -> Option<&Error> {
        self.failed.as_ref()
    }

    /// Checks that the device is certified for this recording and each beacon's key as a server's. Certificates count at `at_ms`: the server's or agent's now,
    /// or, long afterwards, the key record's `created_ms`.
    ///
    /// # Errors
    /// [`Error::NoHeader`], [`Error::WrongInstitution`], or what [`TrustStore::require`] says.
    pub fn check_trust(&self, trust: &TrustStore, at_ms: i64) -> Result<(), Error> {
        let header = self.header.as_ref().ok_or(Error::NoHeader)?;
        if header.institution != trust.fingerprint() {
            return Err(Error::WrongInstitution { what: "segment" });
        }
        trust.require(Need::new(Role::Device, header.device, at_ms).of_recording(header.recording))?;
        for (_, beacon) in &self.beacons {
            trust.require(Need::new(Role::Server, beacon.key, beacon.time_ms))?;
        }
        Ok(())
    }

    fn advance(&mut self, bytes: &[u8]) -> Result<(), Error> {
        if self.stage == Stage::Closed {
            return if bytes.is_empty() { Ok(()) } else { Err(Error::AfterClosing { offset: self.whole_bytes }) };
        }
        let mut pending = core::mem::take(&mut self.pending);
        pending.extend_from_slice(bytes);
        let mut used = 0;
        while let Some(step) = self.step(&pending[used..])? {
            used += step;
        }
        pending.drain(..used);
        self.pending = pending;
        Ok(())
    }

    /// Takes one header or frame off the front, if it is whole; its length.
    fn step(&mut self, bytes: &[u8]) -> Result<Option<usize>, Error> {
        let len = match self.stage {
            Stage::Header => self.take_header(bytes)?,
            Stage::Closed if bytes.is_empty() => None,
            Stage::Closed => return Err(Error::AfterClosing { offset: self.whole_bytes }),
            Stage::Init | Stage::Body | Stage::End => self.take_frame(bytes)?,
        };
        if let Some(len) = len {
            self.hash.update(&bytes[..len]);
            self.whole_bytes += len as u64;
        }
        Ok(len)
    }

    fn take_header(&mut self, bytes: &[u8]) -> Result<Option<usize>, Error> {
        let Some((preamble, rest)) = bytes.split_first_chunk::<PREAMBLE_BYTES>() else { return Ok(None) };
        let Some(text) = rest.get(..read_preamble(preamble)?) else { return Ok(None) };
        let len = PREAMBLE_BYTES + text.len();
        self.header = Some(Header::from_text(text)?);
        self.head0 = head0(&bytes[..len]);
        self.head = self.head0;
        self.stage = Stage::Init;
        Ok(Some(len))
    }

    fn take_frame(&mut self, bytes: &[u8]) -> Result<Option<usize>, Error> {
        let offset = self.whole_bytes;
        let Some((header, rest)) = bytes.split_first_chunk::<FRAME_HEADER_BYTES>() else { return Ok(None) };
        let mut frame = Frame::read(header, offset)?;
        let next = self.next_stage(frame.kind).ok_or(Error::FrameOrder { offset })?;
        if let Some(found) = frame.counter.filter(|found| *found != self.counter) {
            return Err(Error::BadCounter { expected: self.counter, found, offset });
        }
        if frame.head_before != self.head {
            return Err(Error::ChainBroken { offset });
        }
        if self.frames.len() >= MAX_FRAMES {
            return Err(Error::TooManyFrames);
        }
        if frame.end_offset() > MAX_SEGMENT_BYTES {
            return Err(Error::SegmentTooLong);
        }
        let Some(body) = rest.get(..frame.body_len as usize) else { return Ok(None) };
        match frame.kind {
            FrameKind::Signature => self.check_signature(body, offset)?,
            FrameKind::Beacon => {
                let institution = self.header.as_ref().ok_or(Error::NoHeader)?.institution;
                self.beacons.push((offset, Beacon::read(institution, body)?));
            }
            FrameKind::Closing => self.check_closing(&frame, body)?,
            FrameKind::Chunk => {
                self.chunks += 1;
                self.duration_us += u64::from(frame.duration_us);
            }
            FrameKind::Init | FrameKind::Final => {}
        }
        self.head = next_head(header, body);
        frame.head_after = self.head;
        self.counter += u32::from(frame.kind.sealed());
        self.stage = next;
        let len = FRAME_HEADER_BYTES + body.len();
        match frame.kind {
            FrameKind::Signature => self.signed_bytes = offset,
            FrameKind::Closing => self.signed_bytes = offset + len as u64,
            _ => {}
        }
        self.frames.push(frame);
        Ok(Some(len))
    }

    fn next_stage(&self, kind: FrameKind) -> Option<Stage> {
        Some(match (self.stage, kind) {
            (Stage::Init, FrameKind::Init) | (Stage::Body, FrameKind::Chunk | FrameKind::Signature | FrameKind::Beacon) => Stage::Body,
            (Stage::Body, FrameKind::Final) | (Stage::Init | Stage::End, FrameKind::Signature) => Stage::End,
            (Stage::Body | Stage::End, FrameKind::Closing) => Stage::Closed,
            _ => return None,
        })
    }

    fn check_signature(&self, body: &[u8], offset: u64) -> Result<(), Error> {
        let wrong = Error::BadHeadSignature { offset };
        let header = self.header.as_ref().ok_or(Error::NoHeader)?;
        let signature: [u8; 64] = body.try_into().map_err(|_| wrong.clone())?;
        verify(&header.device, &[HEAD_SIGNED, self.head.as_bytes()].concat(), &Signature(signature)).map_err(|()| wrong)
    }

    fn check_closing(&mut self, frame: &Frame, body: &[u8]) -> Result<(), Error> {
        let header = self.header.as_ref().ok_or(Error::NoHeader)?;
        let closing: Closing = Statement::from_json(body)?.read_by(&header.device)?;
        if closing.reason != CloseReason::Recovered && !self.frames.iter().any(|frame| frame.kind == FrameKind::Final) {
            return Err(Error::NoFinalFrame);
        }
        let checks = [
            ("times", self.frames.last().is_some_and(|before| before.at == frame.at)),
            ("institution", closing.institution == header.institution),
            ("recording", closing.recording == header.recording),
            ("run", closing.run == header.run),
            ("track", closing.track == header.track),
            ("sequence", closing.sequence == header.sequence),
            ("chunks", closing.chunks == self.chunks),
            ("duration_us", closing.duration_us == self.duration_us),
            ("size_bytes", closing.size_bytes == self.whole_bytes),
            ("digest", closing.digest == self.digest()),
            ("head", closing.head == self.head),
        ];
        if let Some((member, _)) = checks.into_iter().find(|(_, fits)| !fits) {
            return Err(Error::ClosingMismatch { member });
        }
        self.closing = Some(closing);
        Ok(())
    }
}
