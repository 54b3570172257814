//! Sealed pictures and papers (`docs/evidence.md` 3).

use crate::error::Error;
use crate::seal::Purpose;
use invigil_format::crypto::{Aes, hkdf};
use invigil_format::json::{self, nullable};
use invigil_format::{ActId, AttachmentId, Commitment, Digest, Fingerprint, RecordingId, ReviewPrivateKey, SealingKey, TrackName};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// Longest plain text, bytes.
pub const MAX_ATTACHMENT_BYTES: u64 = 32 << 20;
const MAGIC: [u8; 8] = [0x89, b'I', b'V', b'A', 0x0D, 0x0A, 0x1A, 0x0A];
const PREAMBLE_BYTES: usize = 16;
const MAX_HEADER_BYTES: usize = 16_384;
const MAX_NAME_CHARS: usize = 120;
const WHAT: &str = "attachment's header";

/// What an attachment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AttachmentKind {
    /// A picture from footage.
    Still,
    /// The annex of stills.
    Annex,
    /// A scan of the paper original or of another paper.
    Scan,
}

/// Media type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Media {
    /// JPEG.
    #[serde(rename = "image/jpeg")]
    Jpeg,
    /// PNG.
    #[serde(rename = "image/png")]
    Png,
    /// PDF.
    #[serde(rename = "application/pdf")]
    Pdf,
}

impl Media {
    /// As in the header.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Pdf => "application/pdf",
        }
    }
    /// End of a file's name, without the dot.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::Pdf => "pdf",
        }
    }
}

/// Where a still comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StillSource {
    /// Recording.
    pub recording: RecordingId,
    /// Track.
    pub track: TrackName,
    /// Moment on the server's clock, Unix ms.
    pub at_ms: i64,
}

/// The header. Members are declared in the one order in which they are written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttachmentHeader {
    /// Institution.
    pub institution: Fingerprint,
    /// Act.
    pub act: ActId,
    /// Attachment.
    pub attachment: AttachmentId,
    /// What it is.
    pub kind: AttachmentKind,
    /// Media type.
    pub media: Media,
    /// For people, at most 120 characters.
    pub name: String,
    /// Where a still comes from.
    #[serde(deserialize_with = "nullable")]
    pub source: Option<StillSource>,
    /// Of the plain text.
    pub size_bytes: u64,
    /// Of the plain text.
    pub digest: Digest,
    /// Of the key.
    pub commitment: Commitment,
    /// Review keys, in the order of the inner entries.
    pub review: Vec<SealingKey>,
    /// Inner entries, hexadecimal; empty at rest, where the outer layer stands in their place.
    pub inner: String,
}

impl AttachmentHeader {
    /// Reads the JSON text, with or without inner entries.
    ///
    /// # Errors
    /// `json` and its likes, `bad-member`, [`Error::Spelling`].
    pub fn from_json(text: &[u8]) -> Result<Self, Error> {
        let header: Self = json::parse(WHAT, text)?;
        header.check()?;
        if header.to_json().as_bytes() == text { Ok(header) } else { Err(Error::Spelling) }
    }

    /// The JSON text.
    pub fn to_json(&self) -> String {
        // A struct of strings, numbers and lists always has a JSON text.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The same without inner entries: as it lies at rest, and as it is bound to the ciphertext.
    #[must_use]
    pub fn without_inner(&self) -> Self {
        Self { inner: String::new(), ..self.clone() }
    }

    /// The same with these inner entries: as it travels.
    #[must_use]
    pub fn with_inner(&self, inner: &[u8]) -> Self {
        Self { inner: hex::encode(inner), ..self.clone() }
    }

    /// The inner entries as bytes.
    ///
    /// # Errors
    /// `bad-member`.
    pub fn inner_bytes(&self) -> Result<Vec<u8>, Error> {
        let refuse = || bad("inner", "lower-case hexadecimal digits");
        if self.inner.bytes().any(|b| b.is_ascii_uppercase()) {
            return Err(refuse());
        }
        hex::decode(&self.inner).map_err(|_| refuse())
    }

    /// Preamble and header, as the file begins.
    ///
    /// # Errors
    /// [`Error::HeaderLength`].
    pub fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        let text = self.to_json();
        let len = u32::try_from(text.len()).ok().filter(|_| text.len() <= MAX_HEADER_BYTES);
        let len = len.ok_or(Error::HeaderLength { found: text.len() as u64 })?;
        Ok([MAGIC.as_slice(), &[0, 1, 0, 0], &len.to_be_bytes(), text.as_bytes()].concat())
    }

    /// What its key is sealed for.
    pub fn purpose(&self) -> Purpose {
        Purpose::attachment(self.institution, self.act, self.attachment, self.commitment, self.digest)
    }

    /// Length of the ciphertext that follows, bytes.
    pub fn sealed_bytes(&self) -> u64 {
        self.size_bytes.saturating_add(16)
    }

    fn check(&self) -> Result<(), Error> {
        if self.name.chars().count() > MAX_NAME_CHARS || self.name.chars().any(char::is_control) {
            return Err(bad("name", "at most 120 characters, none of them a control character"));
        }
        let fits = match self.kind {
            AttachmentKind::Still => self.media != Media::Pdf,
            AttachmentKind::Annex => self.media == Media::Pdf,
            AttachmentKind::Scan => true,
        };
        if !fits {
            return Err(bad("media", "a picture for a still, a PDF for an annex"));
        }
        if self.source.is_some() && self.kind != AttachmentKind::Still {
            return Err(bad("source", "null for anything but a still"));
        }
        if self.size_bytes > MAX_ATTACHMENT_BYTES || self.size_bytes == 0 {
            return Err(bad("size_bytes", "1 to 33554432"));
        }
        if !(1..=16).contains(&self.review.len()) {
            return Err(bad("review", "1 to 16 review keys"));
        }
        let inner = self.inner_bytes()?.len();
        if inner != 0 && inner != self.review.len() * crate::seal::ENTRY_BYTES {
            return Err(bad("inner", "nothing, or 80 bytes for each review key"));
        }
        Ok(())
    }
}

fn bad(member: &'static str, expected: &'static str) -> Error {
    invigil_format::Error::BadMember { what: WHAT, member, expected }.into()
}

/// What is known before an attachment is sealed.
#[derive(Debug, Clone)]
pub struct NewAttachment {
    /// Institution.
    pub institution: Fingerprint,
    /// Act.
    pub act: ActId,
    /// Attachment.
    pub attachment: AttachmentId,
    /// What it is.
    pub kind: AttachmentKind,
    /// Media type.
    pub media: Media,
    /// For people.
    pub name: String,
    /// Where a still comes from.
    pub source: Option<StillSource>,
    /// Review keys.
    pub review: Vec<SealingKey>,
}

/// An attachment as it travels or lies at rest; nothing of it is opened yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment<'a> {
    /// Header.
    pub header: AttachmentHeader,
    /// What follows it.
    pub sealed: &'a [u8],
}

impl<'a> Attachment<'a> {
    /// Seals `plain` under `key`, 32 fresh random bytes that seal nothing else: the whole file, with inner entries.
    ///
    /// # Errors
    /// `bad-member` for what the header cannot say, `weak-key`.
    pub fn seal(new: NewAttachment, key: &Zeroizing<[u8; 32]>, plain: &[u8]) -> Result<Vec<u8>, Error> {
        let mut header = AttachmentHeader {
            institution: new.institution,
            act: new.act,
            attachment: new.attachment,
            kind: new.kind,
            media: new.media,
            name: new.name,
            source: new.source,
            size_bytes: plain.len() as u64,
            digest: invigil_format::digest(plain),
            commitment: commitment(key)?,
            review: new.review,
            inner: String::new(),
        };
        header.check()?;
        let bound = header.to_bytes()?;
        header = header.with_inner(&header.purpose().seal_inner(&header.review, key)?);
        let mut out = header.to_bytes()?;
        Aes::new(key)?.seal([0; 12], &bound, plain, &mut out)?;
        Ok(out)
    }

    /// Reads a file: everything that needs no key.
    ///
    /// # Errors
    /// [`Error::NotAnAttachment`], `unsupported-version`, `reserved-bits`, [`Error::HeaderLength`], [`Error::CutOff`], those of
    /// [`AttachmentHeader::from_json`], [`Error::Size`].
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Error> {
        let (magic, rest) = bytes.split_first_chunk::<8>().ok_or(Error::NotAnAttachment)?;
        if *magic != MAGIC {
            return Err(Error::NotAnAttachment);
        }
        let (fixed, rest) = rest.split_first_chunk::<{ PREAMBLE_BYTES - 8 }>().ok_or(Error::CutOff)?;
        let version = u16::from_be_bytes([fixed[0], fixed[1]]);
        if version != 1 {
            return Err(invigil_format::Error::UnsupportedVersion { found: version.into() }.into());
        }
        if fixed[2..4] != [0, 0] {
            return Err(invigil_format::Error::ReservedBits { offset: 10 }.into());
        }
        let len = u32::from_be_bytes([fixed[4], fixed[5], fixed[6], fixed[7]]);
        if len == 0 || len as usize > MAX_HEADER_BYTES {
            return Err(Error::HeaderLength { found: len.into() });
        }
        let (text, sealed) = rest.split_at_checked(len as usize).ok_or(Error::CutOff)?;
        let header = AttachmentHeader::from_json(text)?;
        if sealed.len() as u64 != header.sealed_bytes() {
            return Err(Error::Size { expected: header.sealed_bytes(), found: sealed.len() as u64 });
        }
        Ok(Self { header, sealed })
    }

    /// Opens it with the header's inner entries.
    ///
    /// # Errors
    /// Those of [`Purpose::open_inner`] and [`Attachment::open_with`].
    pub fn open(&self, review: &ReviewPrivateKey) -> Result<Zeroizing<Vec<u8>>, Error> {
        let inner = self.header.inner_bytes()?;
        self.open_with(&self.header.purpose().open_inner(review, &self.header.review, &inner)?)
    }

    /// Opens it with its key.
    ///
    /// # Errors
    /// [`Error::Commitment`], [`Error::BrokenSeal`], [`Error::Digest`].
    pub fn open_with(&self, key: &Zeroizing<[u8; 32]>) -> Result<Zeroizing<Vec<u8>>, Error> {
        if commitment(key)? != self.header.commitment {
            return Err(Error::Commitment);
        }
        let bound = self.header.without_inner().to_bytes()?;
        let plain = Aes::new(key)?.open([0; 12], &bound, self.sealed).ok_or(Error::BrokenSeal)?;
        if invigil_format::digest(&plain) != self.header.digest { Err(Error::Digest) } else { Ok(plain) }
    }
}

fn commitment(key: &[u8; 32]) -> Result<Commitment, Error> {
    let out: Zeroizing<[u8; 32]> = hkdf(key, &[b"invigil v1 attachment commitment\0"])?;
    Ok(Commitment(*out))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new(review: &ReviewPrivateKey) -> NewAttachment {
        NewAttachment {
            institution: Fingerprint([1; 32]),
            act: ActId::from_bytes([2; 16]),
            attachment: AttachmentId::from_bytes([3; 16]),
            kind: AttachmentKind::Still,
            media: Media::Jpeg,
            name: "Сурет \"1\"".into(),
            source: Some(StillSource {
                recording: RecordingId::from_bytes([4; 16]),
                track: "cam0".parse().unwrap(),
                at_ms: 1_780_000_000_000,
            }),
            review: vec![review.public().unwrap()],
        }
    }

    #[test]
    fn an_attachment_opens_and_every_changed_byte_shows() {
        let review = ReviewPrivateKey::from_bytes([7; 32]);
        let key = Zeroizing::new([8; 32]);
        let bytes = Attachment::seal(new(&review), &key, b"a picture").unwrap();
        assert_eq!(Attachment::parse(&bytes).unwrap().open(&review).unwrap().as_slice(), b"a picture");
        for i in 0..bytes.len() {
            let mut broken = bytes.clone();
            broken[i] ^= 1;
            assert!(Attachment::parse(&broken).and_then(|read| read.open(&review)).is_err(), "byte {i}");
        }
        for cut in 0..bytes.len() {
            assert!(Attachment::parse(&bytes[..cut]).is_err());
        }
    }

    #[test]
    fn at_rest_it_has_no_inner_entries_and_gets_them_back() {
        let review = ReviewPrivateKey::from_bytes([7; 32]);
        let bytes = Attachment::seal(new(&review), &Zeroizing::new([8; 32]), b"a picture").unwrap();
        let read = Attachment::parse(&bytes).unwrap();
        let inner = read.header.inner_bytes().unwrap();
        let rest = AttachmentHeader::from_json(read.header.without_inner().to_json().as_bytes()).unwrap();
        assert_eq!(rest.inner, "");
        assert_eq!(rest.with_inner(&inner).to_bytes().unwrap(), bytes[..bytes.len() - read.sealed.len()]);
    }

    #[test]
    fn what_the_header_cannot_say_is_refused_by_name() {
        let review = ReviewPrivateKey::from_bytes([7; 32]);
        let key = Zeroizing::new([8; 32]);
        let seal = |change: &dyn Fn(&mut NewAttachment), plain: &[u8]| {
            let mut new = new(&review);
            change(&mut new);
            Attachment::seal(new, &key, plain).unwrap_err().to_string()
        };
        assert!(seal(&|new| new.name = "x".repeat(121), b"x").contains("member name"));
        assert!(seal(&|new| new.name = "a\nb".into(), b"x").contains("member name"));
        assert!(seal(&|new| new.media = Media::Pdf, b"x").contains("member media"));
        assert!(seal(&|new| new.kind = AttachmentKind::Scan, b"x").contains("member source"));
        assert!(seal(&|new| new.review.clear(), b"x").contains("member review"));
        assert!(seal(&|_| (), b"").contains("member size_bytes"));
    }

    #[test]
    fn a_header_has_one_spelling() {
        let review = ReviewPrivateKey::from_bytes([7; 32]);
        let bytes = Attachment::seal(new(&review), &Zeroizing::new([8; 32]), b"a picture").unwrap();
        let text = Attachment::parse(&bytes).unwrap().header.to_json();
        assert_eq!(AttachmentHeader::from_json(text.replacen(':', ": ", 1).as_bytes()).unwrap_err().name(), "spelling");
        assert_eq!(AttachmentHeader::from_json(text.replacen("\"source\"", "\"x\"", 1).as_bytes()).unwrap_err().name(), "unknown-member");
    }
}
