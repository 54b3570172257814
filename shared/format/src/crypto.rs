//! The few primitives that everything else is made of, all from `ring`. Public for the formats that lie on top of this one (`docs/evidence.md`).

use crate::error::Error;
use crate::ids::{Digest, Signature, VerifyingKey};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::hkdf::{HKDF_SHA256, KeyType, Salt};
use zeroize::Zeroizing;

/// Length of an AES-GCM tag, bytes.
pub const TAG_BYTES: usize = 16;

/// SHA-256 over the concatenation.
pub fn sha256(parts: &[&[u8]]) -> Digest {
    let mut context = ring::digest::Context::new(&ring::digest::SHA256);
    for part in parts {
        context.update(part);
    }
    finish(context)
}

/// The digest of a running hash.
pub(crate) fn finish(context: ring::digest::Context) -> Digest {
    let mut out = [0; 32];
    out.copy_from_slice(context.finish().as_ref());
    Digest(out)
}

/// Ed25519.
pub(crate) fn verify(key: &VerifyingKey, message: &[u8], signature: &Signature) -> Result<(), ()> {
    ring::signature::UnparsedPublicKey::new(&ring::signature::ED25519, key.as_bytes()).verify(message, signature.as_bytes()).map_err(|_| ())
}

struct Len(usize);

impl KeyType for Len {
    fn len(&self) -> usize {
        self.0
    }
}

/// HKDF-SHA256 with empty salt.
///
/// # Errors
/// [`Error::Crypto`] for more than 8,160 bytes.
pub fn hkdf<const N: usize>(ikm: &[u8], info: &[&[u8]]) -> Result<Zeroizing<[u8; N]>, Error> {
    expand(&Salt::new(HKDF_SHA256, &[]).extract(ikm), info)
}

/// HKDF-Expand.
pub(crate) fn expand<const N: usize>(prk: &ring::hkdf::Prk, info: &[&[u8]]) -> Result<Zeroizing<[u8; N]>, Error> {
    let mut out = Zeroizing::new([0; N]);
    prk.expand(info, Len(N)).and_then(|okm| okm.fill(&mut *out)).map_err(|_| Error::Crypto("deriving a key"))?;
    Ok(out)
}

/// A running SHA-256.
#[derive(Clone)]
pub struct Hasher(ring::digest::Context);

impl Hasher {
    /// Of nothing yet.
    pub fn new() -> Self {
        Self(ring::digest::Context::new(&ring::digest::SHA256))
    }
    /// Takes the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }
    /// Of all bytes so far.
    pub fn digest(&self) -> Digest {
        finish(self.0.clone())
    }
}

impl Default for Hasher {
    fn default() -> Self {
        Self::new()
    }
}

/// AES-256-GCM under one key.
pub struct Aes(LessSafeKey);

impl Aes {
    /// Loads the key.
    ///
    /// # Errors
    /// [`Error::Crypto`]: never for 32 bytes.
    pub fn new(key: &[u8; 32]) -> Result<Self, Error> {
        Ok(Self(LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).map_err(|_| Error::Crypto("loading a key"))?)))
    }

    /// Appends ciphertext and tag to `out`. The caller never uses a nonce twice under one key.
    ///
    /// # Errors
    /// [`Error::Crypto`] for more than 64 GiB.
    pub fn seal(&self, nonce: [u8; 12], aad: &[u8], plain: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
        let start = out.len();
        out.extend_from_slice(plain);
        let tag = self
            .0
            .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), Aad::from(aad), &mut out[start..])
            .map_err(|_| Error::Crypto("sealing"))?;
        out.extend_from_slice(tag.as_ref());
        Ok(())
    }

    /// The plain text, or nothing when the tag does not fit.
    pub fn open(&self, nonce: [u8; 12], aad: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let mut buffer = Zeroizing::new(sealed.to_vec());
        let len = self.0.open_in_place(Nonce::assume_unique_for_key(nonce), Aad::from(aad), &mut buffer).ok()?.len();
        buffer.truncate(len);
        Some(buffer)
    }
}
