//! Segments: files of one track, only ever appended to (`docs/format.md` 5).

mod frame;
mod header;
mod opener;
mod recover;
mod scanner;
mod writer;

pub use frame::{Frame, FrameKind, Stamp};
pub use header::{CloseReason, Closing, Header, TrackKind};
pub use opener::Opener;
pub use recover::{Recovery, recover_closing};
pub use scanner::Scanner;
pub use writer::{SegmentStart, SegmentWriter};

/// Longest segment that readers accept, bytes.
pub const MAX_SEGMENT_BYTES: u64 = 64 << 20;
/// Most frames that readers accept.
pub(crate) const MAX_FRAMES: usize = 100_000;

pub(crate) const HEAD_SIGNED: &[u8] = b"invigil v1 head signature\0";
