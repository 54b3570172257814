//! Opening the sealed bodies of a scanned segment.

use super::frame::Frame;
use super::scanner::Scanner;
use crate::crypto::Aes;
use crate::error::Error;
use crate::ids::Digest;
use crate::keys::{RunKey, SegmentKey};
use zeroize::Zeroizing;

/// Opens init sections, chunks and final frames of one segment.
pub struct Opener {
    head0: Digest,
    aes: Aes,
}

impl Opener {
    /// With the run key; compares the commitment before anything is opened.
    ///
    /// # Errors
    /// [`Error::NoHeader`] or [`Error::Commitment`].
    pub fn new(scanner: &Scanner, run_key: &RunKey) -> Result<Self, Error> {
        let header = scanner.header().ok_or(Error::NoHeader)?;
        Self::with_segment_key(scanner, &run_key.segment_key(header.recording, header.run, &header.track, header.sequence)?)
    }

    /// With a disclosed segment key.
    ///
    /// # Errors
    /// As [`Opener::new`].
    pub fn with_segment_key(scanner: &Scanner, key: &SegmentKey) -> Result<Self, Error> {
        let header = scanner.header().ok_or(Error::NoHeader)?;
        if key.commitment()? != header.commitment {
            return Err(Error::Commitment);
        }
        Ok(Self { head0: scanner.head0(), aes: Aes::new(key.expose())? })
    }

    /// Opens the body of one of the scanner's frames; `body` is what stands at [`Frame::body_offset`].
    ///
    /// # Errors
    /// [`Error::NotSealed`] for other kinds of frame or another length, [`Error::BrokenSeal`].
    pub fn open(&self, frame: &Frame, body: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        if !frame.kind.sealed() || body.len() != frame.body_len as usize {
            return Err(Error::NotSealed { offset: frame.offset });
        }
        self.aes.open(frame.nonce(), &frame.aad(&self.head0), body).ok_or(Error::BrokenSeal { offset: frame.offset })
    }
}
