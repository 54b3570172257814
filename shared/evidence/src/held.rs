//! Records of what a hold keeps (`docs/evidence.md` 2). Signed by the server key.

use crate::error::Error;
use crate::seal::{ENTRY_BYTES, OuterSeal, Purpose};
use invigil_format::json::{array_from_hex, from_hex, to_hex};
use invigil_format::{
    Commitment, Digest, ErasurePrivateKey, Fingerprint, HoldId, InnerKeys, Payload, RecordingId, RunId, SealingKey, TrackName,
};
use serde::{Deserialize, Serialize};

/// What a server knows before it re-wraps a run's key record.
#[derive(Debug, Clone)]
pub struct NewHeldRun {
    /// Institution.
    pub institution: Fingerprint,
    /// Hold.
    pub hold: HoldId,
    /// Recording.
    pub recording: RecordingId,
    /// Run.
    pub run: RunId,
    /// Digest of the run's key record.
    pub key_record: Digest,
    /// The key record's review keys.
    pub review: Vec<SealingKey>,
    /// The hold's pending key.
    pub erasure: SealingKey,
    /// Server's clock, Unix ms.
    pub created_ms: i64,
}

/// A run's key record, re-wrapped to a hold's pending key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "as in NewHeldRun; enc and sealed are the outer layer")]
pub struct HeldRun {
    pub institution: Fingerprint,
    pub hold: HoldId,
    pub recording: RecordingId,
    pub run: RunId,
    pub key_record: Digest,
    pub review: Vec<SealingKey>,
    pub erasure: SealingKey,
    #[serde(serialize_with = "to_hex", deserialize_with = "array_from_hex")]
    pub enc: [u8; 32],
    #[serde(serialize_with = "to_hex", deserialize_with = "from_hex")]
    pub sealed: Vec<u8>,
    pub created_ms: i64,
}

impl Payload for HeldRun {
    const TYPE: &'static str = "held-run";

    fn check(&self) -> Result<(), invigil_format::Error> {
        check(Self::TYPE, &self.review, &self.sealed)
    }
}

impl HeldRun {
    /// Re-wraps the key record's inner text.
    ///
    /// # Errors
    /// As [`Purpose::seal_outer`].
    pub fn seal(new: NewHeldRun, inner: &InnerKeys) -> Result<Self, Error> {
        let purpose = Purpose::held_run(new.institution, new.hold, new.recording, new.run, new.key_record);
        let OuterSeal { enc, sealed } = purpose.seal_outer(&new.erasure, &new.review, inner.as_bytes())?;
        let NewHeldRun { institution, hold, recording, run, key_record, review, erasure, created_ms } = new;
        Ok(Self { institution, hold, recording, run, key_record, review, erasure, enc, sealed, created_ms })
    }

    /// The key record's inner text: [`invigil_format::KeyRecord::open_inner`] goes on.
    ///
    /// # Errors
    /// As [`Purpose::open_outer`].
    pub fn open_outer(&self, pending: &ErasurePrivateKey) -> Result<InnerKeys, Error> {
        let purpose = Purpose::held_run(self.institution, self.hold, self.recording, self.run, self.key_record);
        let outer = OuterSeal { enc: self.enc, sealed: self.sealed.clone() };
        purpose.open_outer(pending, &self.review, &outer).map(InnerKeys::from_bytes)
    }
}

/// What a server knows of a held segment before it adds the outer layer.
#[derive(Debug, Clone)]
pub struct NewHeldSegment {
    /// Institution.
    pub institution: Fingerprint,
    /// Hold.
    pub hold: HoldId,
    /// Recording.
    pub recording: RecordingId,
    /// Run.
    pub run: RunId,
    /// Track.
    pub track: TrackName,
    /// Number within run and track.
    pub sequence: u32,
    /// Commitment of the segment's header.
    pub commitment: Commitment,
    /// Review keys, in the order of the inner entries.
    pub review: Vec<SealingKey>,
    /// The hold's effective key.
    pub erasure: SealingKey,
    /// Server's clock, Unix ms.
    pub created_ms: i64,
}

/// A segment's key, sealed for a hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "as in NewHeldSegment; enc and sealed are the outer layer")]
pub struct HeldSegment {
    pub institution: Fingerprint,
    pub hold: HoldId,
    pub recording: RecordingId,
    pub run: RunId,
    pub track: TrackName,
    pub sequence: u32,
    pub commitment: Commitment,
    pub review: Vec<SealingKey>,
    pub erasure: SealingKey,
    #[serde(serialize_with = "to_hex", deserialize_with = "array_from_hex")]
    pub enc: [u8; 32],
    #[serde(serialize_with = "to_hex", deserialize_with = "from_hex")]
    pub sealed: Vec<u8>,
    pub created_ms: i64,
}

impl Payload for HeldSegment {
    const TYPE: &'static str = "held-segment";

    fn check(&self) -> Result<(), invigil_format::Error> {
        check(Self::TYPE, &self.review, &self.sealed)
    }
}

impl NewHeldSegment {
    /// What its key is sealed for.
    pub fn purpose(&self) -> Purpose {
        Purpose::held_segment(self.institution, self.hold, self.recording, self.run, &self.track, self.sequence, self.commitment)
    }
}

impl HeldSegment {
    /// Adds the outer layer to what the reviewer's page made.
    ///
    /// # Errors
    /// As [`Purpose::seal_outer`].
    pub fn seal(new: NewHeldSegment, inner: &[u8]) -> Result<Self, Error> {
        let OuterSeal { enc, sealed } = new.purpose().seal_outer(&new.erasure, &new.review, inner)?;
        let NewHeldSegment { institution, hold, recording, run, track, sequence, commitment, review, erasure, created_ms } = new;
        Ok(Self { institution, hold, recording, run, track, sequence, commitment, review, erasure, enc, sealed, created_ms })
    }

    /// What its key is sealed for.
    pub fn purpose(&self) -> Purpose {
        Purpose::held_segment(self.institution, self.hold, self.recording, self.run, &self.track, self.sequence, self.commitment)
    }

    /// The inner entries: [`Purpose::open_inner`] goes on.
    ///
    /// # Errors
    /// As [`Purpose::open_outer`].
    pub fn open_outer(&self, effective: &ErasurePrivateKey) -> Result<Vec<u8>, Error> {
        self.purpose().open_outer(effective, &self.review, &OuterSeal { enc: self.enc, sealed: self.sealed.clone() })
    }
}

fn check(what: &'static str, review: &[SealingKey], sealed: &[u8]) -> Result<(), invigil_format::Error> {
    let refuse = |member, expected| Err(invigil_format::Error::BadMember { what, member, expected });
    if !(1..=16).contains(&review.len()) {
        return refuse("review", "1 to 16 review keys");
    }
    if sealed.len() != review.len() * ENTRY_BYTES + 16 {
        return refuse("sealed", "96 bytes for the first review key and 80 for each further one");
    }
    Ok(())
}
