//! Key records: who can open a run (`docs/format.md` 4).

use crate::certificate::{Need, Role, TrustStore};
use crate::crypto::sha256;
use crate::error::Error;
use crate::hpke;
use crate::ids::{Digest, ExamId, Fingerprint, RecordingId, RunId, SealingKey};
use crate::json::{array_from_hex, from_hex, to_hex};
use crate::keys::{DeviceKey, ErasurePrivateKey, ReviewPrivateKey, RunKey};
use crate::statement::{Payload, Statement};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

const INNER_INFO: &[u8] = b"invigil v1 run key\0";
const OUTER_INFO: &[u8] = b"invigil v1 key record\0";
const ENTRY_BYTES: usize = hpke::ENC_BYTES + 32 + 16;
const MAX_REVIEW_KEYS: usize = 16;

/// What an agent says of a new run. The caller has checked that review and erasure keys are certified.
#[derive(Debug, Clone)]
pub struct NewKeyRecord {
    /// Institution.
    pub institution: Fingerprint,
    /// Exam.
    pub exam: ExamId,
    /// Recording.
    pub recording: RecordingId,
    /// Run.
    pub run: RunId,
    /// 1 to 16 review keys.
    pub review: Vec<SealingKey>,
    /// The exam's erasure key.
    pub erasure: SealingKey,
    /// Device's wall clock, Unix ms.
    pub created_ms: i64,
}

/// The payload of a key record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyRecord {
    /// Institution.
    pub institution: Fingerprint,
    /// Exam.
    pub exam: ExamId,
    /// Recording.
    pub recording: RecordingId,
    /// Run.
    pub run: RunId,
    /// Who can open the inner seal.
    pub review: Vec<SealingKey>,
    /// Who can open the outer seal.
    pub erasure: SealingKey,
    /// Outer encapsulated key.
    #[serde(serialize_with = "to_hex", deserialize_with = "array_from_hex")]
    pub enc: [u8; 32],
    /// Outer ciphertext.
    #[serde(serialize_with = "to_hex", deserialize_with = "from_hex")]
    pub sealed: Vec<u8>,
    /// Device's wall clock, Unix ms.
    pub created_ms: i64,
}

impl Payload for KeyRecord {
    const TYPE: &'static str = "key-record";

    fn check(&self) -> Result<(), Error> {
        let refuse = |member, expected| Err(Error::BadMember { what: Self::TYPE, member, expected });
        if !(1..=MAX_REVIEW_KEYS).contains(&self.review.len()) {
            return refuse("review", "1 to 16 review keys");
        }
        if self.sealed.len() != self.review.len() * ENTRY_BYTES + 16 {
            return refuse("sealed", "96 bytes for the first review key and 80 for each further one");
        }
        Ok(())
    }
}

/// The inner text: the run key, sealed to each review key. The server may hand it to reviewers; it opens nothing by itself.
#[derive(Clone, PartialEq, Eq, Zeroize)]
pub struct InnerKeys(Vec<u8>);

impl InnerKeys {
    /// The 80-byte entries one after the other, in the order of the record's review keys: encapsulated key (32), ciphertext (48).
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
    /// From what another program opened; the record's own methods check the length.
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl KeyRecord {
    /// Seals `run_key` twice and signs the record.
    ///
    /// # Errors
    /// [`Error::BadMember`] for none or too many review keys, [`Error::WeakKey`], [`Error::Crypto`].
    pub fn seal(new: &NewKeyRecord, run_key: &RunKey, device: &DeviceKey) -> Result<Statement, Error> {
        let mut record = Self {
            institution: new.institution,
            exam: new.exam,
            recording: new.recording,
            run: new.run,
            review: new.review.clone(),
            erasure: new.erasure,
            enc: [0; 32],
            sealed: Vec::new(),
            created_ms: new.created_ms.max(0),
        };
        let mut inner = Vec::with_capacity(ENTRY_BYTES * record.review.len());
        for review in &record.review {
            let (enc, sealed) = hpke::seal(review, INNER_INFO, &record.inner_aad(review), run_key.expose())?;
            inner.extend_from_slice(&enc);
            inner.extend_from_slice(&sealed);
        }
        (record.enc, record.sealed) = hpke::seal(&record.erasure, OUTER_INFO, &record.outer_aad(), &inner)?;
        device.state(&record)
    }

    /// Checks that review keys, erasure key and the device that signed are certified at `at_ms`, for this exam and recording.
    ///
    /// # Errors
    /// [`Error::WrongInstitution`], or what [`TrustStore::require`] says of the first key that is not.
    pub fn check_trust(&self, signed: &Statement, trust: &TrustStore, at_ms: i64) -> Result<(), Error> {
        if self.institution != trust.fingerprint() {
            return Err(Error::WrongInstitution { what: "key record" });
        }
        trust.require(Need::new(Role::Device, signed.key, at_ms).of_recording(self.recording))?;
        trust.require(Need::new(Role::Erasure, self.erasure, at_ms).of_exam(self.exam))?;
        for review in &self.review {
            trust.require(Need::new(Role::Review, *review, at_ms))?;
        }
        Ok(())
    }

    /// Opens the outer seal: what a server does for a reviewer until the exam's footage expires.
    ///
    /// # Errors
    /// [`Error::NotARecipient`] or [`Error::OuterSeal`].
    pub fn open_outer(&self, erasure: &ErasurePrivateKey) -> Result<InnerKeys, Error> {
        if erasure.public()? != self.erasure {
            return Err(Error::NotARecipient { role: "erasure" });
        }
        let inner = hpke::open(&erasure.hpke()?, &self.enc, OUTER_INFO, &self.outer_aad(), &self.sealed).ok_or(Error::OuterSeal)?;
        Ok(InnerKeys(inner.to_vec()))
    }

    /// Opens the inner seal.
    ///
    /// # Errors
    /// [`Error::NotARecipient`] or [`Error::InnerSeal`].
    pub fn open_inner(&self, inner: &InnerKeys, review: &ReviewPrivateKey) -> Result<RunKey, Error> {
        let public = review.public()?;
        let index = self.review.iter().position(|key| *key == public).ok_or(Error::NotARecipient { role: "review" })?;
        let entry = inner.0.get(index * ENTRY_BYTES..(index + 1) * ENTRY_BYTES).ok_or(Error::InnerSeal)?;
        let (enc, sealed) = entry.split_first_chunk::<{ hpke::ENC_BYTES }>().ok_or(Error::InnerSeal)?;
        let key = hpke::open(&review.hpke()?, enc, INNER_INFO, &self.inner_aad(&public), sealed).ok_or(Error::InnerSeal)?;
        let key: Zeroizing<[u8; 32]> = key.as_slice().try_into().map(Zeroizing::new).map_err(|_| Error::InnerSeal)?;
        Ok(RunKey::from_bytes(*key))
    }

    fn inner_aad(&self, review: &SealingKey) -> Vec<u8> {
        [self.institution.as_bytes().as_slice(), self.recording.as_bytes(), self.run.as_bytes(), review.as_bytes()].concat()
    }

    fn outer_aad(&self) -> Vec<u8> {
        let keys: Vec<&[u8]> = self.review.iter().map(|key| key.as_bytes().as_slice()).collect();
        let Digest(recipients) = sha256(&keys);
        [
            self.institution.as_bytes().as_slice(),
            self.exam.as_bytes(),
            self.recording.as_bytes(),
            self.run.as_bytes(),
            self.erasure.as_bytes(),
            &recipients,
        ]
        .concat()
    }
}
