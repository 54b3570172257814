//! Invigil's footage format, version 1 (`docs/format.md`): the same bytes in the agent's spool, on the wire, in the server's store and in evidence.
//!
//! This crate does no file or network I/O and asks nobody for the time.

pub mod ids;
pub mod statement;

pub use ids::{BootId, Commitment, Digest, ExamId, Fingerprint, RecordingId, RunId, SealingKey, Signature, VerifyingKey};
pub use statement::Statement;
