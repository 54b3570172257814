//! Keys sealed twice (`docs/evidence.md` 1): inner to reviewers, outer to an erasure key.

use crate::error::Error;
use invigil_format::crypto::sha256;
use invigil_format::{
    ActId, AttachmentId, Commitment, Digest, ErasurePrivateKey, Fingerprint, HoldId, RecordingId, ReviewPrivateKey, RunId, SealingKey,
    TrackName, hpke,
};
use zeroize::Zeroizing;

/// Length of an inner entry: encapsulated key (32), ciphertext with tag (48).
pub const ENTRY_BYTES: usize = hpke::ENC_BYTES + 32 + 16;
const MAX_REVIEW_KEYS: usize = 16;

/// What a sealed key is for: a label and a context, so that no sealed key can be taken for another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Purpose {
    label: &'static str,
    context: Vec<u8>,
}

/// The outer layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OuterSeal {
    /// Encapsulated key.
    pub enc: [u8; 32],
    /// Ciphertext with tag: 16 bytes longer than the inner entries.
    pub sealed: Vec<u8>,
}

impl Purpose {
    /// A run's key record, re-wrapped for a pending hold. Its inner text is the key record's own: only the outer layer is made and opened here.
    pub fn held_run(institution: Fingerprint, hold: HoldId, recording: RecordingId, run: RunId, key_record: Digest) -> Self {
        let parts: [&[u8]; 5] = [institution.as_bytes(), hold.as_bytes(), recording.as_bytes(), run.as_bytes(), key_record.as_bytes()];
        Self { label: "invigil v1 held run", context: parts.concat() }
    }

    /// A segment's key, for an effective hold.
    pub fn held_segment(
        institution: Fingerprint,
        hold: HoldId,
        recording: RecordingId,
        run: RunId,
        track: &TrackName,
        sequence: u32,
        commitment: Commitment,
    ) -> Self {
        let name = track.as_str().as_bytes();
        let mut context = [institution.as_bytes().as_slice(), hold.as_bytes(), recording.as_bytes(), run.as_bytes()].concat();
        // A track's name has at most 32 bytes.
        context.push(u8::try_from(name.len()).unwrap_or(u8::MAX));
        context.extend_from_slice(name);
        context.extend_from_slice(&sequence.to_be_bytes());
        context.extend_from_slice(commitment.as_bytes());
        Self { label: "invigil v1 held segment", context }
    }

    /// An attachment's key.
    pub fn attachment(institution: Fingerprint, act: ActId, attachment: AttachmentId, commitment: Commitment, digest: Digest) -> Self {
        let parts: [&[u8]; 5] = [institution.as_bytes(), act.as_bytes(), attachment.as_bytes(), commitment.as_bytes(), digest.as_bytes()];
        Self { label: "invigil v1 attachment", context: parts.concat() }
    }

    /// Seals `key` to each review key: one entry of [`ENTRY_BYTES`] each, in order.
    ///
    /// # Errors
    /// [`Error::InnerLength`] for none or more than 16 review keys, `weak-key`.
    pub fn seal_inner(&self, review: &[SealingKey], key: &[u8; 32]) -> Result<Vec<u8>, Error> {
        let mut inner = Vec::with_capacity(ENTRY_BYTES * review.len());
        for recipient in review {
            let (enc, sealed) = hpke::seal(recipient, &self.inner_info(), &self.inner_aad(recipient), key)?;
            inner.extend_from_slice(&enc);
            inner.extend_from_slice(&sealed);
        }
        check_inner(review, &inner)?;
        Ok(inner)
    }

    /// Seals the inner entries to an erasure key. Whether they open is not the server's to know; their length is.
    ///
    /// # Errors
    /// [`Error::InnerLength`], `weak-key`.
    pub fn seal_outer(&self, erasure: &SealingKey, review: &[SealingKey], inner: &[u8]) -> Result<OuterSeal, Error> {
        check_inner(review, inner)?;
        let (enc, sealed) = hpke::seal(erasure, &self.outer_info(), &self.outer_aad(erasure, review), inner)?;
        Ok(OuterSeal { enc, sealed })
    }

    /// The inner entries again.
    ///
    /// # Errors
    /// `outer-seal` when key, purpose, review keys or bytes are others; [`Error::InnerLength`].
    pub fn open_outer(&self, erasure: &ErasurePrivateKey, review: &[SealingKey], outer: &OuterSeal) -> Result<Vec<u8>, Error> {
        let aad = self.outer_aad(&erasure.public()?, review);
        let inner = erasure.open(&outer.enc, &self.outer_info(), &aad, &outer.sealed)?.ok_or(invigil_format::Error::OuterSeal)?;
        check_inner(review, &inner)?;
        Ok(inner.to_vec())
    }

    /// The key.
    ///
    /// # Errors
    /// `not-a-recipient` or `inner-seal`; [`Error::InnerLength`].
    pub fn open_inner(&self, private: &ReviewPrivateKey, review: &[SealingKey], inner: &[u8]) -> Result<Zeroizing<[u8; 32]>, Error> {
        use invigil_format::Error as Format;
        check_inner(review, inner)?;
        let public = private.public()?;
        let place = review.iter().position(|key| *key == public).ok_or(Format::NotARecipient { role: "review" })?;
        let entry = inner.get(place * ENTRY_BYTES..(place + 1) * ENTRY_BYTES).ok_or(Format::InnerSeal)?;
        let (enc, sealed) = entry.split_first_chunk::<{ hpke::ENC_BYTES }>().ok_or(Format::InnerSeal)?;
        let key = private.open(enc, &self.inner_info(), &self.inner_aad(&public), sealed)?.ok_or(Format::InnerSeal)?;
        key.as_slice().try_into().map(Zeroizing::new).map_err(|_| Format::InnerSeal.into())
    }

    fn inner_info(&self) -> Vec<u8> {
        [self.label.as_bytes(), b"\0"].concat()
    }
    fn inner_aad(&self, recipient: &SealingKey) -> Vec<u8> {
        [self.context.as_slice(), recipient.as_bytes()].concat()
    }
    fn outer_info(&self) -> Vec<u8> {
        [self.label.as_bytes(), b" outer\0"].concat()
    }
    fn outer_aad(&self, erasure: &SealingKey, review: &[SealingKey]) -> Vec<u8> {
        let keys: Vec<&[u8]> = review.iter().map(|key| key.as_bytes().as_slice()).collect();
        [self.context.as_slice(), erasure.as_bytes(), sha256(&keys).as_bytes()].concat()
    }
}

fn check_inner(review: &[SealingKey], inner: &[u8]) -> Result<(), Error> {
    let right = (1..=MAX_REVIEW_KEYS).contains(&review.len()) && inner.len() == review.len() * ENTRY_BYTES;
    if right { Ok(()) } else { Err(Error::InnerLength { found: inner.len() }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn purpose(act: u8) -> Purpose {
        let act = ActId::from_bytes([act; 16]);
        Purpose::attachment(Fingerprint([1; 32]), act, AttachmentId::from_bytes([3; 16]), Commitment([4; 32]), Digest([5; 32]))
    }

    #[test]
    fn a_key_opens_to_each_reviewer_through_the_outer_layer_and_to_nobody_else() {
        let review: Vec<ReviewPrivateKey> = [7, 8].map(|n| ReviewPrivateKey::from_bytes([n; 32])).into();
        let public: Vec<SealingKey> = review.iter().map(|key| key.public().unwrap()).collect();
        let erasure = ErasurePrivateKey::from_bytes([9; 32]);
        let inner = purpose(2).seal_inner(&public, &[42; 32]).unwrap();
        assert_eq!(inner.len(), 160);
        let outer = purpose(2).seal_outer(&erasure.public().unwrap(), &public, &inner).unwrap();
        let opened = purpose(2).open_outer(&erasure, &public, &outer).unwrap();
        assert_eq!(opened, inner);
        for key in &review {
            assert_eq!(*purpose(2).open_inner(key, &public, &opened).unwrap(), [42; 32]);
            assert_eq!(purpose(3).open_inner(key, &public, &opened).unwrap_err().name(), "inner-seal");
        }
        assert_eq!(purpose(3).open_outer(&erasure, &public, &outer).unwrap_err().name(), "outer-seal");
        let swapped = [public[1], public[0]];
        assert_eq!(purpose(2).open_outer(&erasure, &swapped, &outer).unwrap_err().name(), "outer-seal");
        let stranger = ReviewPrivateKey::from_bytes([10; 32]);
        assert_eq!(purpose(2).open_inner(&stranger, &public, &opened).unwrap_err().name(), "not-a-recipient");
        let other = ErasurePrivateKey::from_bytes([10; 32]);
        assert_eq!(purpose(2).open_outer(&other, &public, &outer).unwrap_err().name(), "outer-seal");
    }

    #[test]
    fn nothing_is_sealed_to_nobody_or_in_another_length() {
        let key = ReviewPrivateKey::from_bytes([7; 32]).public().unwrap();
        assert_eq!(purpose(2).seal_inner(&[], &[0; 32]).unwrap_err().name(), "inner-length");
        assert_eq!(purpose(2).seal_inner(&[key; 17], &[0; 32]).unwrap_err().name(), "inner-length");
        assert_eq!(purpose(2).seal_outer(&key, &[key], &[0; 79]).unwrap_err().name(), "inner-length");
    }
}
