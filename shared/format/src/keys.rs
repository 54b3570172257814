//! Private keys. They are never printed, and zeroed when dropped as far as the libraries below allow (`ring` does not zero its own copies).

use crate::crypto::{hkdf, sha256};
use crate::error::Error;
use crate::ids::{Fingerprint, RecordingId, RunId, SealingKey, Signature, VerifyingKey};
use crate::statement::{Payload, Statement};
use crate::{Commitment, TrackName};
use core::ops::Deref;
use hpke::{Deserializable, Kem as _, Serializable};
use ring::signature::{Ed25519KeyPair, KeyPair};
use std::sync::Arc;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

type Kem = hpke::kem::X25519HkdfSha256;

/// An Ed25519 private key. Cheap to clone.
#[derive(Clone)]
pub struct SigningKey {
    pair: Arc<Ed25519KeyPair>,
    public: VerifyingKey,
}

impl SigningKey {
    /// From its seed (RFC 8032, 5.1.5), which is 32 random bytes.
    ///
    /// # Errors
    /// [`Error::Crypto`]: never for a real seed.
    pub fn from_seed(seed: &[u8; 32]) -> Result<Self, Error> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| Error::Crypto("loading an Ed25519 seed"))?;
        let mut public = VerifyingKey([0; 32]);
        public.0.copy_from_slice(pair.public_key().as_ref());
        Ok(Self { pair: Arc::new(pair), public })
    }

    /// Public half.
    pub fn public(&self) -> VerifyingKey {
        self.public
    }

    /// Signs bytes as they are.
    pub fn sign(&self, message: &[u8]) -> Signature {
        let mut signature = Signature([0; 64]);
        signature.0.copy_from_slice(self.pair.sign(message).as_ref());
        signature
    }

    /// Signs a statement.
    ///
    /// # Errors
    /// As [`Statement::sign`].
    pub fn state<P: Payload>(&self, payload: &P) -> Result<Statement, Error> {
        Statement::sign(payload, self)
    }
}

macro_rules! signing_role {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name(SigningKey);

        impl $name {
            /// From its seed of 32 random bytes.
            ///
            /// # Errors
            /// As [`SigningKey::from_seed`].
            pub fn from_seed(seed: &[u8; 32]) -> Result<Self, Error> {
                SigningKey::from_seed(seed).map(Self)
            }
        }
        impl Deref for $name {
            type Target = SigningKey;
            fn deref(&self) -> &SigningKey {
                &self.0
            }
        }
    };
}

signing_role!(
    /// The institution's key: offline, certifies all others.
    InstitutionKey
);
signing_role!(
    /// A server's key: receipts, beacons, delegated certificates.
    ServerKey
);
signing_role!(
    /// An agent's key: key records, segments, journals.
    DeviceKey
);

impl Fingerprint {
    /// The fingerprint of an institution's public key.
    pub fn of(key: &VerifyingKey) -> Self {
        Self(sha256(&[key.as_bytes()]).0)
    }
}

macro_rules! sealing_role {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Zeroize, ZeroizeOnDrop)]
        pub struct $name([u8; 32]);

        impl $name {
            /// From 32 random bytes or from storage.
            pub fn from_bytes(bytes: [u8; 32]) -> Self {
                Self(bytes)
            }
            /// For storage; the caller keeps them secret.
            pub fn expose(&self) -> &[u8; 32] {
                &self.0
            }
            /// Public half.
            ///
            /// # Errors
            /// [`Error::WeakKey`]: never for 32 bytes.
            pub fn public(&self) -> Result<SealingKey, Error> {
                let private = self.hpke()?;
                let mut public = SealingKey([0; 32]);
                public.0.copy_from_slice(&Kem::sk_to_pk(&private).to_bytes());
                Ok(public)
            }
            /// Opens what [`crate::hpke::seal`] sealed to the public half; nothing when any input is another one.
            ///
            /// # Errors
            /// [`Error::WeakKey`]: never for 32 bytes.
            pub fn open(&self, enc: &[u8; 32], info: &[u8], aad: &[u8], sealed: &[u8]) -> Result<Option<Zeroizing<Vec<u8>>>, Error> {
                Ok(crate::hpke::open(&self.hpke()?, enc, info, aad, sealed))
            }
            pub(crate) fn hpke(&self) -> Result<<Kem as hpke::Kem>::PrivateKey, Error> {
                <Kem as hpke::Kem>::PrivateKey::from_bytes(&self.0).map_err(|_| Error::WeakKey)
            }
        }
    };
}

sealing_role!(
    /// A review key's private half: opens the inner seal of key records.
    ReviewPrivateKey
);
sealing_role!(
    /// An exam's erasure key's private half: opens the outer seal of key records. Destroying it destroys the footage.
    ErasurePrivateKey
);

/// The key of one agent process's life: everything it records is sealed under keys derived from it.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct RunKey([u8; 32]);

impl RunKey {
    /// From 32 random bytes.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
    /// For sealing into a key record; the caller keeps them secret.
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }
    /// The key of one segment.
    ///
    /// # Errors
    /// [`Error::Crypto`]: never in practice.
    pub fn segment_key(&self, recording: RecordingId, run: RunId, track: &TrackName, sequence: u32) -> Result<SegmentKey, Error> {
        let name = track.as_str().as_bytes();
        // A track name has at most 32 bytes.
        let len = [u8::try_from(name.len()).map_err(|_| Error::Crypto("measuring a track name"))?];
        let key: Zeroizing<[u8; 32]> =
            hkdf(&self.0, &[b"invigil v1 segment key\0", recording.as_bytes(), run.as_bytes(), &len, name, &sequence.to_be_bytes()])?;
        Ok(SegmentKey(*key))
    }
}

/// The key of one segment: what a hold or an evidence bundle discloses.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct SegmentKey([u8; 32]);

impl SegmentKey {
    /// From storage.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
    /// For disclosure with the segment; the caller keeps them secret.
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }
    /// What the segment's header carries of it.
    ///
    /// # Errors
    /// [`Error::Crypto`]: never in practice.
    pub fn commitment(&self) -> Result<Commitment, Error> {
        let out: Zeroizing<[u8; 32]> = hkdf(&self.0, &[b"invigil v1 commitment\0"])?;
        Ok(Commitment(*out))
    }
}
