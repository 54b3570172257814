//! Invigil's footage format, version 1 (`docs/format.md`): the same bytes in the agent's spool, on the wire, in the server's store and in evidence.
//!
//! This crate does no file or network I/O and asks nobody for the time. Randomness is an argument, but for the ephemeral keys of HPKE.
//!
//! - An agent: [`KeyRecord::seal`], then [`SegmentWriter`], [`JournalWriter`]; after a crash [`Scanner`] and [`recover_closing`].
//! - A server: [`Scanner`] while a segment grows, [`JournalReader`], [`KeyRecord::open_outer`], [`Receipt`], [`Beacon`].
//! - A reviewer: [`KeyRecord`], [`Opener`], [`recording::report`], [`mp4::join`].

mod beacon;
mod certificate;
pub mod crypto;
mod error;
pub mod hpke;
pub mod ids;
pub mod journal;
pub mod json;
mod key_record;
mod keys;
pub mod mp4;
mod receipt;
pub mod recording;
mod recording_receipt;
mod segment;
mod statement;
mod wrapped_key;

pub use beacon::{BEACON_BYTES, Beacon};
pub use certificate::{Certificate, Need, Role, TrustStore};
pub use error::Error;
pub use ids::{
    ActId, AttachmentId, BootId, BundleId, Commitment, Digest, ExamId, Fingerprint, HoldId, ParseIdError, RecordingId, RunId, SealingKey,
    Signature, Subject, TrackName, VerifyingKey,
};
pub use journal::{Condition, DroppedBecause, DroppedStretch, Entry, Event, FinishedBy, JournalReader, JournalWriter, ProbeTarget};
pub use key_record::{InnerKeys, KeyRecord, NewKeyRecord};
pub use keys::{DeviceKey, ErasurePrivateKey, InstitutionKey, ReviewPrivateKey, RunKey, SegmentKey, ServerKey, SigningKey};
pub use receipt::{Expired, Join, Receipt, code_digest};
pub use recording_receipt::{MissingCause, MissingStretch, ReceiptFile, RecordingReceipt, TrackTotal};
pub use segment::{
    CloseReason, Closing, Frame, FrameKind, Header, MAX_SEGMENT_BYTES, Opener, Recovery, Scanner, SegmentStart, SegmentWriter, Stamp,
    TrackKind, recover_closing,
};
pub use statement::{MAX_PAYLOAD_BYTES, Payload, Statement};
pub use wrapped_key::{KdfCost, WrappedKey};

/// SHA-256 of bytes.
pub fn digest(bytes: &[u8]) -> Digest {
    crypto::sha256(&[bytes])
}
