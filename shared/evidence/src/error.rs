//! What can be wrong with the bytes of an attachment or a sealed key.

/// What was wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Of the footage format below.
    #[error(transparent)]
    Format(#[from] invigil_format::Error),
    /// Other first bytes.
    #[error("expected an attachment, found other first bytes")]
    NotAnAttachment,
    /// The file ends inside its header.
    #[error("the attachment ends inside its header")]
    CutOff,
    /// A header length of 0 or above 16,384 bytes.
    #[error("attachment's header: expected 1 to 16384 bytes, found {found}")]
    HeaderLength {
        /// Bytes.
        found: u64,
    },
    /// The header is not spelled as the one way that the document prescribes.
    #[error("attachment's header: expected no white space and the members in the order of evidence.md")]
    Spelling,
    /// The ciphertext has another length than the header says.
    #[error("attachment: expected {expected} bytes after the header, found {found}")]
    Size {
        /// By the header.
        expected: u64,
        /// In the file.
        found: u64,
    },
    /// The commitment is not that of the key.
    #[error("attachment: this is not its key")]
    Commitment,
    /// The tag does not fit.
    #[error("attachment: the seal is broken")]
    BrokenSeal,
    /// The plain text has another digest than the header says.
    #[error("attachment: the plain text is not the one that the header names")]
    Digest,
    /// A text is not an act's content as signatories confirm it.
    #[error("expected an act's content as it was put up for signature, found another text")]
    Content,
    /// The inner entries are not one for each review key.
    #[error("expected an inner entry of 80 bytes for each of 1 to 16 review keys, found {found} bytes")]
    InnerLength {
        /// Bytes.
        found: usize,
    },
}

impl Error {
    /// Stable name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Format(error) => error.name(),
            Self::NotAnAttachment => "not-an-attachment",
            Self::CutOff => "cut-off",
            Self::HeaderLength { .. } => "header-length",
            Self::Spelling => "spelling",
            Self::Size { .. } => "size",
            Self::Commitment => "commitment",
            Self::BrokenSeal => "broken-seal",
            Self::Digest => "digest",
            Self::Content => "content",
            Self::InnerLength { .. } => "inner-length",
        }
    }
}
