//! What outlives the footage's month (`docs/evidence.md`): holds' sealed keys, attachments, acts and their log, evidence bundles.
//!
//! This crate asks nobody for the time and does no network I/O; randomness is an argument, but for the ephemeral keys of HPKE.
//!
//! - A server: [`HeldRun`], [`HeldSegment`], [`seal_draft`], [`AttachmentHeader`], [`Act`], [`ActEvent`], [`BundleManifest`].
//! - A reviewer's tool: [`Attachment`], [`bundle::prepare`]. Anybody: [`bundle::verify`].

mod act;
mod attachment;
pub mod bundle;
mod content;
mod draft;
mod error;
mod held;
mod manifest;
pub mod range;
#[cfg(feature = "age")]
pub mod receiver;
mod seal;
pub mod zip;

pub use act::{
    Act, ActAttachment, ActEvent, ActExam, ActSubject, By, CitedRun, CitedSegment, DrawnUpBy, EventKind, Evidence, RefersTo, Relation,
    Signatory,
};
pub use attachment::{Attachment, AttachmentHeader, AttachmentKind, MAX_ATTACHMENT_BYTES, Media, NewAttachment, StillSource};
pub use content::{ActContent, ToSign, canonical_json};
pub use draft::{open_draft, seal_draft};
pub use error::Error;
pub use held::{HeldRun, HeldSegment, NewHeldRun, NewHeldSegment};
pub use manifest::{BundleFile, BundleManifest, MAX_FILES};
pub use seal::{ENTRY_BYTES, OuterSeal, Purpose};
