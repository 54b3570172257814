//! Everything that can be wrong with bytes of this format. Each kind has a name ([`Error::name`]) and a vector in `vectors/v1/malformed/`.

use crate::ids::ParseIdError;

/// What was wrong, and where.
///
/// `offset` counts bytes from the beginning of the file; `what` is the kind of object that was being read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Not JSON, or JSON of another shape: a member missing or of another type.
    #[error("{what}: expected JSON as in format.md, found: {reason}")]
    Json {
        /// What was read.
        what: &'static str,
        /// The parser's words.
        reason: String,
    },
    /// A member stands twice in one object.
    #[error("{what}: {reason}")]
    DuplicateMember {
        /// What was read.
        what: &'static str,
        /// The parser's words with the member's name.
        reason: String,
    },
    /// A member that version 1 does not have.
    #[error("{what}: {reason}")]
    UnknownMember {
        /// What was read.
        what: &'static str,
        /// The parser's words with the member's name.
        reason: String,
    },
    /// A member of the right type with a value that is not allowed.
    #[error("{what}: member {member}: expected {expected}")]
    BadMember {
        /// What was read.
        what: &'static str,
        /// The member.
        member: &'static str,
        /// What it should have been.
        expected: &'static str,
    },
    /// A payload above 64 KiB.
    #[error("statement's payload has {found} bytes, at most 65536 are allowed")]
    StatementTooLong {
        /// Bytes.
        found: usize,
    },
    /// The signature does not fit payload and key.
    #[error("the signature of this statement does not fit its payload and key")]
    BadSignature,
    /// A statement of another type.
    #[error("expected a statement of type {expected}, found {found:?}")]
    WrongType {
        /// Asked for.
        expected: &'static str,
        /// Found, cut to 80 characters.
        found: String,
    },
    /// A version of the format that this reader does not know.
    #[error("expected version 1, found {found}; read it with a newer release")]
    UnsupportedVersion {
        /// Found.
        found: u64,
    },
    /// Signed by a key other than the one it must be signed by.
    #[error("{what} is signed by another key than expected")]
    WrongSigner {
        /// What was read.
        what: &'static str,
    },
    /// Another institution's.
    #[error("{what} belongs to another institution")]
    WrongInstitution {
        /// What was read.
        what: &'static str,
    },
    /// Another exam's, recording's, run's or track's.
    #[error("{what} belongs to another {member}")]
    WrongScope {
        /// What was read.
        what: &'static str,
        /// `exam`, `recording`, `run`, `track`, `sequence` or `key_record`.
        member: &'static str,
    },
    /// Nobody certified this key for this role.
    #[error("no certificate for this key in the role {role}")]
    NotCertified {
        /// The role.
        role: &'static str,
    },
    /// Before its validity.
    #[error("the certificate for the role {role} is not valid yet")]
    NotYetValid {
        /// The role.
        role: &'static str,
    },
    /// After its validity.
    #[error("the certificate for the role {role} has expired")]
    CertificateExpired {
        /// The role.
        role: &'static str,
    },
    /// Signed neither by the institution key nor by a certified server key.
    #[error("a certificate for the role {role} is signed neither by the institution key nor by a server key that it certified")]
    UntrustedIssuer {
        /// The role.
        role: &'static str,
    },
    /// Signed by a server key that may not certify this role.
    #[error("a certificate for the role {role} is signed by a server key that may not certify it")]
    NotDelegated {
        /// The role.
        role: &'static str,
    },
    /// An X25519 key of low order, or no key at all.
    #[error("an X25519 public key is not usable")]
    WeakKey,
    /// The private key is not the one whose public half the record names.
    #[error("this {role} key is none of the record's recipients")]
    NotARecipient {
        /// `erasure` or `review`.
        role: &'static str,
    },
    /// The outer layer of a key record does not open.
    #[error("the outer seal of the key record is broken")]
    OuterSeal,
    /// The inner layer of a key record does not open.
    #[error("the inner seal of the key record is broken")]
    InnerSeal,
    /// The first eight bytes are other ones.
    #[error("not a segment: it begins with other bytes")]
    NotASegment,
    /// Bits that must be zero.
    #[error("reserved bits are set at byte {offset}")]
    ReservedBits {
        /// Where.
        offset: u64,
    },
    /// A header above 8192 bytes or of none.
    #[error("a segment's header has {found} bytes, expected 1 to 8192")]
    HeaderLength {
        /// Bytes.
        found: u32,
    },
    /// The file ends before its header does.
    #[error("the segment ends before its header does")]
    NoHeader,
    /// A frame kind that version 1 does not have.
    #[error("unknown frame kind {found} at byte {offset}")]
    UnknownFrameKind {
        /// Found.
        found: u8,
        /// Where.
        offset: u64,
    },
    /// Flags that do not go with the kind.
    #[error("flags {found:#04x} do not go with the frame at byte {offset}")]
    BadFlags {
        /// Found.
        found: u8,
        /// Where.
        offset: u64,
    },
    /// A counter that is not the next one.
    #[error("the frame at byte {offset} has counter {found}, expected {expected}")]
    BadCounter {
        /// Expected.
        expected: u32,
        /// Found.
        found: u32,
        /// Where.
        offset: u64,
    },
    /// A duration on a frame that is no chunk.
    #[error("the frame at byte {offset} has a duration but is no chunk")]
    BadDuration {
        /// Where.
        offset: u64,
    },
    /// A wall time above 2^63 - 1 ms.
    #[error("the frame at byte {offset} has an impossible wall time")]
    BadWallTime {
        /// Where.
        offset: u64,
    },
    /// A body length that the kind does not allow.
    #[error("the frame at byte {offset} has a body of {found} bytes, which its kind does not allow")]
    BodyLength {
        /// Found.
        found: u32,
        /// Where.
        offset: u64,
    },
    /// A frame kind where the order does not allow it.
    #[error("the frame at byte {offset} may not stand there")]
    FrameOrder {
        /// Where.
        offset: u64,
    },
    /// The frame does not continue what came before.
    #[error("the chain is broken at byte {offset}: something before it was altered, dropped or reordered")]
    ChainBroken {
        /// Where.
        offset: u64,
    },
    /// A head signature that does not fit.
    #[error("the signature in the frame at byte {offset} is not the device's")]
    BadHeadSignature {
        /// Where.
        offset: u64,
    },
    /// A beacon that does not verify.
    #[error("a server beacon's signature is wrong")]
    BadBeacon,
    /// A beacon that has not 120 bytes.
    #[error("a server beacon has {found} bytes, expected 120")]
    BeaconLength {
        /// Bytes.
        found: usize,
    },
    /// More than 64 MiB.
    #[error("the segment is longer than 67108864 bytes")]
    SegmentTooLong,
    /// More than 100,000 frames.
    #[error("the segment has more than 100000 frames")]
    TooManyFrames,
    /// `full` or `stopped` without final frame.
    #[error("the closing record says full or stopped, but there is no final frame")]
    NoFinalFrame,
    /// The closing record contradicts the segment.
    #[error("the closing record's {member} does not fit the segment")]
    ClosingMismatch {
        /// The member.
        member: &'static str,
    },
    /// Bytes after the closing frame.
    #[error("there are bytes after the closing frame, from byte {offset}")]
    AfterClosing {
        /// Where.
        offset: u64,
    },
    /// Appending to a segment that has a closing frame.
    #[error("the segment is closed already")]
    AlreadyClosed,
    /// The key is not this segment's.
    #[error("the run key does not fit the segment's commitment")]
    Commitment,
    /// The key does fit, but a body does not open.
    #[error("the sealed body of the frame at byte {offset} is broken")]
    BrokenSeal {
        /// Where.
        offset: u64,
    },
    /// A body handed in has another length than its frame says, or its frame has none to open.
    #[error("the frame at byte {offset} has no such sealed body")]
    NotSealed {
        /// Where.
        offset: u64,
    },
    /// Plain text that a writer may not seal.
    #[error("a plain text of {found} bytes cannot be sealed in a frame of this kind")]
    PlainLength {
        /// Bytes.
        found: usize,
    },
    /// A journal entry that is not the next one.
    #[error("journal entry {found} where {expected} was expected")]
    JournalIndex {
        /// Expected.
        expected: u64,
        /// Found.
        found: u64,
    },
    /// A journal entry that does not continue what came before.
    #[error("journal entry {index} does not continue the one before it")]
    JournalChain {
        /// Its index.
        index: u64,
    },
    /// Argon2id costs above the limit.
    #[error("unwrapping this review key asks for too much: {member}")]
    KdfCost {
        /// The member.
        member: &'static str,
    },
    /// The passphrase is another one, or the file was altered.
    #[error("the review key does not open: wrong passphrase, or an altered file")]
    WrongPassphrase,
    /// A box that is cut off, missing or not as CMAF wants it.
    #[error("mp4 box {name} at byte {offset} of its fragment: {reason}")]
    Mp4 {
        /// Four characters.
        name: String,
        /// Where.
        offset: usize,
        /// What was expected.
        reason: &'static str,
    },
    /// A textual id, digest or key.
    #[error(transparent)]
    Id(#[from] ParseIdError),
    /// The cryptographic library refused, for instance because the system gave no randomness.
    #[error("the cryptographic library failed at {0}")]
    Crypto(&'static str),
}

macro_rules! names {
    ($($pattern:pat => $name:literal,)*) => {
        impl Error {
            /// All names.
            pub const NAMES: &[&str] = &[$($name),*];

            /// The name under which vectors and other readers know this kind.
            pub fn name(&self) -> &'static str {
                match self {
                    $($pattern => $name,)*
                }
            }
        }
    };
}

names! {
    Self::Json { .. } => "json",
    Self::DuplicateMember { .. } => "duplicate-member",
    Self::UnknownMember { .. } => "unknown-member",
    Self::BadMember { .. } => "bad-member",
    Self::StatementTooLong { .. } => "statement-too-long",
    Self::BadSignature => "bad-signature",
    Self::WrongType { .. } => "wrong-type",
    Self::UnsupportedVersion { .. } => "unsupported-version",
    Self::WrongSigner { .. } => "wrong-signer",
    Self::WrongInstitution { .. } => "wrong-institution",
    Self::WrongScope { .. } => "wrong-scope",
    Self::NotCertified { .. } => "not-certified",
    Self::NotYetValid { .. } => "not-yet-valid",
    Self::CertificateExpired { .. } => "certificate-expired",
    Self::UntrustedIssuer { .. } => "untrusted-issuer",
    Self::NotDelegated { .. } => "not-delegated",
    Self::WeakKey => "weak-key",
    Self::NotARecipient { .. } => "not-a-recipient",
    Self::OuterSeal => "outer-seal",
    Self::InnerSeal => "inner-seal",
    Self::NotASegment => "not-a-segment",
    Self::ReservedBits { .. } => "reserved-bits",
    Self::HeaderLength { .. } => "header-length",
    Self::NoHeader => "no-header",
    Self::UnknownFrameKind { .. } => "unknown-frame-kind",
    Self::BadFlags { .. } => "bad-flags",
    Self::BadCounter { .. } => "bad-counter",
    Self::BadDuration { .. } => "bad-duration",
    Self::BadWallTime { .. } => "bad-wall-time",
    Self::BodyLength { .. } => "body-length",
    Self::FrameOrder { .. } => "frame-order",
    Self::ChainBroken { .. } => "chain-broken",
    Self::BadHeadSignature { .. } => "bad-head-signature",
    Self::BadBeacon => "bad-beacon",
    Self::BeaconLength { .. } => "beacon-length",
    Self::SegmentTooLong => "segment-too-long",
    Self::TooManyFrames => "too-many-frames",
    Self::NoFinalFrame => "no-final-frame",
    Self::ClosingMismatch { .. } => "closing-mismatch",
    Self::AfterClosing { .. } => "after-closing",
    Self::AlreadyClosed => "already-closed",
    Self::Commitment => "commitment",
    Self::BrokenSeal { .. } => "broken-seal",
    Self::NotSealed { .. } => "not-sealed",
    Self::PlainLength { .. } => "plain-length",
    Self::JournalIndex { .. } => "journal-index",
    Self::JournalChain { .. } => "journal-chain",
    Self::KdfCost { .. } => "kdf-cost",
    Self::WrongPassphrase => "wrong-passphrase",
    Self::Mp4 { .. } => "mp4",
    Self::Id(_) => "id",
    Self::Crypto(_) => "crypto",
}
