//! A review key under a reviewer's passphrase (`docs/format.md` 8).

use crate::crypto::Aes;
use crate::error::Error;
use crate::ids::SealingKey;
use crate::json::{self, from_hex, to_hex};
use crate::keys::ReviewPrivateKey;
use argon2::{Algorithm, Argon2, Params, Version};
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

const WHAT: &str = "wrapped review key";
const TYPE: &str = "wrapped-review-key";
const KDF: &str = "argon2id";
const MAX_MEMORY_KIB: u32 = 1 << 20;
const MAX_ITERATIONS: u32 = 16;
const MAX_PARALLELISM: u32 = 16;
const SEALED_BYTES: usize = 48;

/// What Argon2id costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KdfCost {
    /// KiB, at most 1 GiB.
    pub memory_kib: u32,
    /// Passes, at most 16.
    pub iterations: u32,
    /// Lanes, at most 16.
    pub parallelism: u32,
}

impl Default for KdfCost {
    /// 64 MiB, 3 passes, 1 lane: the second recommendation of RFC 9106, with the one lane that a browser's WebAssembly has.
    fn default() -> Self {
        Self { memory_kib: 64 << 10, iterations: 3, parallelism: 1 }
    }
}

/// The file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrappedKey {
    r#type: String,
    version: u64,
    /// Public half.
    pub public: SealingKey,
    kdf: String,
    /// See [`KdfCost`].
    pub memory_kib: u32,
    /// See [`KdfCost`].
    pub iterations: u32,
    /// See [`KdfCost`].
    pub parallelism: u32,
    #[serde(serialize_with = "to_hex", deserialize_with = "from_hex")]
    salt: Vec<u8>,
    #[serde(serialize_with = "to_hex", deserialize_with = "from_hex")]
    nonce: Vec<u8>,
    #[serde(serialize_with = "to_hex", deserialize_with = "from_hex")]
    sealed: Vec<u8>,
}

impl WrappedKey {
    /// Wraps `key` under `passphrase`; `salt` and `nonce` are fresh random bytes. Takes as long as `cost` says.
    ///
    /// # Errors
    /// [`Error::KdfCost`], [`Error::Crypto`].
    pub fn wrap(key: &ReviewPrivateKey, passphrase: &str, cost: KdfCost, salt: [u8; 16], nonce: [u8; 12]) -> Result<Self, Error> {
        let mut wrapped = Self {
            r#type: TYPE.into(),
            version: 1,
            public: key.public()?,
            kdf: KDF.into(),
            memory_kib: cost.memory_kib,
            iterations: cost.iterations,
            parallelism: cost.parallelism,
            salt: salt.to_vec(),
            nonce: nonce.to_vec(),
            sealed: Vec::new(),
        };
        let aes = Aes::new(&*wrapped.derive(passphrase)?)?;
        aes.seal(nonce, &wrapped.aad(), key.expose(), &mut wrapped.sealed)?;
        Ok(wrapped)
    }

    /// Reads the file. Nothing is computed yet.
    ///
    /// # Errors
    /// [`Error::Json`] and its likes, [`Error::WrongType`], [`Error::UnsupportedVersion`], [`Error::BadMember`], [`Error::KdfCost`].
    pub fn from_json(text: &[u8]) -> Result<Self, Error> {
        let wrapped: Self = json::parse(WHAT, text)?;
        if wrapped.r#type != TYPE {
            return Err(Error::WrongType { expected: TYPE, found: wrapped.r#type.chars().take(80).collect() });
        }
        if wrapped.version != 1 {
            return Err(Error::UnsupportedVersion { found: wrapped.version });
        }
        let refuse = |member, expected| Err(Error::BadMember { what: WHAT, member, expected });
        if wrapped.kdf != KDF {
            return refuse("kdf", KDF);
        }
        for (member, len, expected_len, expected) in [
            ("salt", wrapped.salt.len(), 16, "16 bytes"),
            ("nonce", wrapped.nonce.len(), 12, "12 bytes"),
            ("sealed", wrapped.sealed.len(), SEALED_BYTES, "48 bytes"),
        ] {
            if len != expected_len {
                return refuse(member, expected);
            }
        }
        wrapped.check_cost()?;
        Ok(wrapped)
    }

    /// As JSON text.
    pub fn to_json(&self) -> String {
        serde_json::json!(self).to_string()
    }

    /// Opens it. Takes as long as the file's costs say.
    ///
    /// # Errors
    /// [`Error::WrongPassphrase`], [`Error::KdfCost`].
    pub fn unwrap_with(&self, passphrase: &str) -> Result<ReviewPrivateKey, Error> {
        let nonce: [u8; 12] = self.nonce.as_slice().try_into().map_err(|_| Error::WrongPassphrase)?;
        let plain = Aes::new(&*self.derive(passphrase)?)?.open(nonce, &self.aad(), &self.sealed).ok_or(Error::WrongPassphrase)?;
        let bytes: Zeroizing<[u8; 32]> = plain.as_slice().try_into().map(Zeroizing::new).map_err(|_| Error::WrongPassphrase)?;
        let key = ReviewPrivateKey::from_bytes(*bytes);
        if key.public()? == self.public { Ok(key) } else { Err(Error::WrongPassphrase) }
    }

    fn check_cost(&self) -> Result<(), Error> {
        for (member, value, max) in [
            ("memory_kib", self.memory_kib, MAX_MEMORY_KIB),
            ("iterations", self.iterations, MAX_ITERATIONS),
            ("parallelism", self.parallelism, MAX_PARALLELISM),
        ] {
            if value > max {
                return Err(Error::KdfCost { member });
            }
        }
        Params::new(self.memory_kib, self.iterations, self.parallelism, Some(32))
            .map(drop)
            .map_err(|_| Error::KdfCost { member: "memory_kib" })
    }

    fn derive(&self, passphrase: &str) -> Result<Zeroizing<[u8; 32]>, Error> {
        self.check_cost()?;
        let params = Params::new(self.memory_kib, self.iterations, self.parallelism, Some(32))
            .map_err(|_| Error::KdfCost { member: "memory_kib" })?;
        let normal: Zeroizing<String> = Zeroizing::new(passphrase.nfc().collect());
        let mut key = Zeroizing::new([0; 32]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(normal.as_bytes(), &self.salt, &mut *key)
            .map_err(|_| Error::Crypto("running argon2id"))?;
        Ok(key)
    }

    fn aad(&self) -> Vec<u8> {
        [b"invigil v1 wrapped review key\0".as_slice(), self.public.as_bytes()].concat()
    }
}
