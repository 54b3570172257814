//! Closing a segment whose process died.

use super::frame::{Frame, FrameKind, Stamp, next_head};
use super::header::{CloseReason, Closing};
use super::scanner::Scanner;
use super::{HEAD_SIGNED, MAX_SEGMENT_BYTES};
use crate::error::Error;
use crate::ids::Digest;
use crate::keys::DeviceKey;

/// How to close a torn segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovery {
    /// Cut the file to this length, bytes: the incomplete frame goes, which had never been sent.
    pub truncate_to: u64,
    /// Then append these.
    pub append: Vec<u8>,
    /// Head after the closing frame.
    pub head: Digest,
    /// The closing record.
    pub closing: Closing,
}

/// Signature and closing record of reason `recovered` for a scanned segment without closing frame. `at` is the recovering process's time.
///
/// # Errors
/// [`Error::NoHeader`]: there is nothing to keep, nothing of it was ever sent, delete the file. [`Error::AlreadyClosed`]: nothing to do.
/// [`Error::WrongSigner`]: another device's. What the scanner failed with, if it did: the file is damaged, keep it as it is.
pub fn recover_closing(scanner: &Scanner, device: &DeviceKey, at: Stamp) -> Result<Recovery, Error> {
    if let Some(error) = scanner.error() {
        return Err(error.clone());
    }
    let header = scanner.header().ok_or(Error::NoHeader)?;
    if scanner.closing().is_some() {
        return Err(Error::AlreadyClosed);
    }
    if header.device != device.public() {
        return Err(Error::WrongSigner { what: "segment" });
    }
    // A closing record already covers everything before it; the signature frame is for readers that stop at the last signature.
    let mut at_end = End { head: scanner.head(), offset: scanner.whole_bytes(), appended: Vec::new(), at };
    let signature = device.sign(&[HEAD_SIGNED, at_end.head.as_bytes()].concat());
    at_end.append(FrameKind::Signature, signature.as_bytes())?;
    let closing = Closing {
        institution: header.institution,
        recording: header.recording,
        run: header.run,
        track: header.track.clone(),
        sequence: header.sequence,
        reason: CloseReason::Recovered,
        chunks: scanner.chunks(),
        duration_us: scanner.duration_us(),
        size_bytes: at_end.offset,
        digest: scanner.digest_with(&at_end.appended),
        head: at_end.head,
    };
    at_end.append(FrameKind::Closing, device.state(&closing)?.to_json().as_bytes())?;
    if at_end.offset > MAX_SEGMENT_BYTES {
        return Err(Error::SegmentTooLong);
    }
    Ok(Recovery { truncate_to: scanner.whole_bytes(), append: at_end.appended, head: at_end.head, closing })
}

struct End {
    head: Digest,
    offset: u64,
    appended: Vec<u8>,
    at: Stamp,
}

impl End {
    fn append(&mut self, kind: FrameKind, body: &[u8]) -> Result<(), Error> {
        let frame = Frame {
            kind,
            key_frame: false,
            counter: None,
            at: self.at,
            duration_us: 0,
            body_len: u32::try_from(body.len()).map_err(|_| Error::PlainLength { found: body.len() })?,
            head_before: self.head,
            head_after: self.head,
            offset: self.offset,
        };
        let header = frame.header_bytes();
        self.head = next_head(&header, body);
        self.appended.extend_from_slice(&header);
        self.appended.extend_from_slice(body);
        self.offset = frame.end_offset();
        Ok(())
    }
}
