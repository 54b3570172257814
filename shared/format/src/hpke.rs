//! HPKE (RFC 9180), base mode, single shot, DHKEM(X25519, HKDF-SHA256) and HKDF-SHA256: sealing on `ring`, opening by crate `hpke`.
//!
//! `ring` needs only an ephemeral key for sealing, and agents seal; whoever opens holds a static key, which `ring` cannot.
//! The key schedule is apart from the key agreement, so that the RFC's vectors run against it.

use crate::error::Error;
use crate::ids::SealingKey;
use ring::aead::{AES_256_GCM, Aad, Algorithm, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::agreement::{EphemeralPrivateKey, UnparsedPublicKey, X25519, agree_ephemeral};
use ring::hkdf::{HKDF_SHA256, Prk};
use ring::hmac;
use ring::rand::SystemRandom;
use zeroize::Zeroizing;

/// Length of an encapsulated key, bytes.
pub const ENC_BYTES: usize = 32;
const KEM_ID: [u8; 2] = [0x00, 0x20];
const KDF_ID: [u8; 2] = [0x00, 0x01];
const AES_256_GCM_ID: [u8; 2] = [0x00, 0x02];

/// Seals `plain` to `recipient` with AES-256-GCM: the encapsulated key and the ciphertext with its tag.
///
/// # Errors
/// [`Error::WeakKey`] for a recipient of low order, [`Error::Crypto`] without randomness.
pub fn seal(recipient: &SealingKey, info: &[u8], aad: &[u8], plain: &[u8]) -> Result<([u8; ENC_BYTES], Vec<u8>), Error> {
    let ephemeral = EphemeralPrivateKey::generate(&X25519, &SystemRandom::new()).map_err(|_| Error::Crypto("making an ephemeral key"))?;
    let public = ephemeral.compute_public_key().map_err(|_| Error::Crypto("making an ephemeral key"))?;
    let mut enc = [0; ENC_BYTES];
    enc.copy_from_slice(public.as_ref());
    let peer = UnparsedPublicKey::new(&X25519, recipient.as_bytes());
    let sealed = agree_ephemeral(ephemeral, &peer, |dh| seal_agreed(dh, &enc, recipient, info, aad, plain));
    Ok((enc, sealed.map_err(|_| Error::WeakKey)??))
}

/// All of sealing that follows the agreement on `dh` between the ephemeral key and the recipient's.
fn seal_agreed(dh: &[u8], enc: &[u8; ENC_BYTES], recipient: &SealingKey, info: &[u8], aad: &[u8], plain: &[u8]) -> Result<Vec<u8>, Error> {
    let shared = shared_secret(dh, enc, recipient)?;
    KeySchedule::new(&shared, info, AES_256_GCM_ID, &AES_256_GCM)?.seal(aad, plain)
}

/// Opens what [`seal`] made; nothing when any input is another one.
pub(crate) fn open(
    private: &<::hpke::kem::X25519HkdfSha256 as ::hpke::Kem>::PrivateKey,
    enc: &[u8; ENC_BYTES],
    info: &[u8],
    aad: &[u8],
    sealed: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    use ::hpke::Deserializable;
    type Kem = ::hpke::kem::X25519HkdfSha256;
    let enc = <Kem as ::hpke::Kem>::EncappedKey::from_bytes(enc).ok()?;
    let mode = ::hpke::OpModeR::Base;
    ::hpke::single_shot_open::<::hpke::aead::AesGcm256, ::hpke::kdf::HkdfSha256, Kem>(&mode, private, &enc, info, sealed, aad)
        .ok()
        .map(Zeroizing::new)
}

/// ExtractAndExpand of RFC 9180, 4.1.
fn shared_secret(dh: &[u8], enc: &[u8; ENC_BYTES], recipient: &SealingKey) -> Result<Zeroizing<[u8; 32]>, Error> {
    let suite = [b"KEM".as_slice(), &KEM_ID].concat();
    let prk = labeled_extract(&suite, &[], b"eae_prk", dh);
    labeled_expand(&suite, &prk, b"shared_secret", &[enc.as_slice(), recipient.as_bytes()].concat(), 32).map(fixed)?
}

/// KeySchedule of RFC 9180, 5.1, with the AEAD as parameter.
struct KeySchedule {
    algorithm: &'static Algorithm,
    key: Zeroizing<Vec<u8>>,
    base_nonce: [u8; NONCE_LEN],
}

impl KeySchedule {
    fn new(shared: &[u8; 32], info: &[u8], aead_id: [u8; 2], algorithm: &'static Algorithm) -> Result<Self, Error> {
        let suite = [b"HPKE".as_slice(), &KEM_ID, &KDF_ID, &aead_id].concat();
        let context = [
            [0].as_slice(),
            labeled_extract(&suite, &[], b"psk_id_hash", &[]).as_slice(),
            labeled_extract(&suite, &[], b"info_hash", info).as_slice(),
        ]
        .concat();
        let secret = labeled_extract(&suite, shared, b"secret", &[]);
        let key = labeled_expand(&suite, &secret, b"key", &context, algorithm.key_len())?;
        let nonce = labeled_expand(&suite, &secret, b"base_nonce", &context, NONCE_LEN)?;
        let mut base_nonce = [0; NONCE_LEN];
        base_nonce.copy_from_slice(&nonce);
        Ok(Self { algorithm, key, base_nonce })
    }

    /// Seal of sequence number 0: its nonce is the base nonce.
    fn seal(&self, aad: &[u8], plain: &[u8]) -> Result<Vec<u8>, Error> {
        let key = LessSafeKey::new(UnboundKey::new(self.algorithm, &self.key).map_err(|_| Error::Crypto("loading a key"))?);
        let mut out = plain.to_vec();
        key.seal_in_place_append_tag(Nonce::assume_unique_for_key(self.base_nonce), Aad::from(aad), &mut out)
            .map_err(|_| Error::Crypto("sealing"))?;
        Ok(out)
    }
}

fn labeled_extract(suite: &[u8], salt: &[u8], label: &[u8], ikm: &[u8]) -> Zeroizing<[u8; 32]> {
    // HKDF-Extract is HMAC; `ring`'s own would not show the bytes that the key schedule's context needs.
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, salt));
    for part in [b"HPKE-v1".as_slice(), suite, label, ikm] {
        context.update(part);
    }
    let mut out = Zeroizing::new([0; 32]);
    out.copy_from_slice(context.sign().as_ref());
    out
}

fn labeled_expand(suite: &[u8], prk: &[u8; 32], label: &[u8], info: &[u8], len: usize) -> Result<Zeroizing<Vec<u8>>, Error> {
    let failed = || Error::Crypto("deriving a key");
    let len_bytes = u16::try_from(len).map_err(|_| failed())?.to_be_bytes();
    let prk = Prk::new_less_safe(HKDF_SHA256, prk);
    let full: Zeroizing<[u8; 32]> = crate::crypto::expand(&prk, &[&len_bytes, b"HPKE-v1", suite, label, info])?;
    // HKDF's first block is the same for every shorter output, and nothing here is longer than one block.
    full.get(..len).map(|bytes| Zeroizing::new(bytes.to_vec())).ok_or_else(failed)
}

fn fixed(bytes: Zeroizing<Vec<u8>>) -> Result<Zeroizing<[u8; 32]>, Error> {
    bytes.as_slice().try_into().map(Zeroizing::new).map_err(|_| Error::Crypto("deriving a key"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::ReviewPrivateKey;
    use ring::aead::AES_128_GCM;

    fn bytes<const N: usize>(hexadecimal: &str) -> [u8; N] {
        hex::decode(hexadecimal).unwrap().try_into().unwrap()
    }

    /// RFC 9180, A.1.1: base mode with AES-128-GCM, from both keys to the first ciphertext.
    #[test]
    fn rfc_9180_a_1_1() {
        let ephemeral = bytes("52c4a758a802cd8b936eceea314432798d5baf2d7e9235dc084ab1b9cfa2f736");
        let recipient = SealingKey(bytes("3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d"));
        let enc = bytes("37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431");
        assert_eq!(x25519_dalek::x25519(ephemeral, x25519_dalek::X25519_BASEPOINT_BYTES), enc);
        let dh = x25519_dalek::x25519(ephemeral, recipient.0);
        let shared = shared_secret(&dh, &enc, &recipient).unwrap();
        assert_eq!(*shared, bytes("fe0e18c9f024ce43799ae393c7e8fe8fce9d218875e8227b0187c04e7d2ea1fc"));
        let info = hex::decode("4f6465206f6e2061204772656369616e2055726e").unwrap();
        let schedule = KeySchedule::new(&shared, &info, [0, 1], &AES_128_GCM).unwrap();
        assert_eq!(schedule.key.as_slice(), bytes::<16>("4531685d41d65f03dc48f6b8302c05b0"));
        assert_eq!(schedule.base_nonce, bytes("56d890e5accaaf011cff4b7d"));
        let sealed = schedule.seal(b"Count-0", b"Beauty is truth, truth beauty").unwrap();
        let expected = "f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a96d8770ac83d07bea87e13c512a";
        assert_eq!(hex::encode(sealed), expected);
    }

    /// The vector of our own suite (mode 0, KEM 0x0020, KDF 0x0001, AEAD 0x0002) among the machine-readable ones that RFC 9180, appendix A, points to: sealed
    /// and opened as footage is.
    #[test]
    fn the_vector_of_rfc_9180_for_aes_256_gcm_is_sealed_and_opened() {
        let ephemeral = bytes("179d4b53b6365c45b600c4163b61d95cbc2f4d9e36f1695558dce265ab8bab11");
        let enc = bytes("6c93e09869df3402d7bf231bf540fadd35cd56be14f97178f0954db94b7fc256");
        let private = ReviewPrivateKey::from_bytes(bytes("497b4502664cfea5d5af0b39934dac72242a74f8480451e1aee7d6a53320333d"));
        let recipient = SealingKey(bytes("430f4b9859665145a6b1ba274024487bd66f03a2dd577d7753c68d7d7d00c00c"));
        let info = hex::decode("4f6465206f6e2061204772656369616e2055726e").unwrap();
        let (aad, plain) = (b"Count-0", b"Beauty is truth, truth beauty");
        let sealed = hex::decode("e5d84cd531cfb583096e7cfa9641bd3079cf3a91cda813c52deb5f512be9931980a41de125a925cdad859d5b7a").unwrap();

        assert_eq!(x25519_dalek::x25519(ephemeral, x25519_dalek::X25519_BASEPOINT_BYTES), enc);
        let dh = x25519_dalek::x25519(ephemeral, recipient.0);
        assert_eq!(seal_agreed(&dh, &enc, &recipient, &info, aad, plain).unwrap(), sealed);
        assert_eq!(private.public().unwrap(), recipient);
        assert_eq!(open(&private.hpke().unwrap(), &enc, &info, aad, &sealed).unwrap().as_slice(), plain);
        assert!(open(&private.hpke().unwrap(), &enc, &info, b"Count-1", &sealed).is_none());
    }

    #[test]
    fn crate_hpke_opens_what_ring_sealed_and_nothing_else() {
        let private = ReviewPrivateKey::from_bytes([7; 32]);
        let key = private.hpke().unwrap();
        let (enc, sealed) = seal(&private.public().unwrap(), b"info", b"aad", b"run key").unwrap();
        assert_eq!(open(&key, &enc, b"info", b"aad", &sealed).unwrap().as_slice(), b"run key");
        assert!(open(&key, &enc, b"other", b"aad", &sealed).is_none());
        assert!(open(&key, &enc, b"info", b"other", &sealed).is_none());
        let other = ReviewPrivateKey::from_bytes([8; 32]).hpke().unwrap();
        assert!(open(&other, &enc, b"info", b"aad", &sealed).is_none());
        for i in 0..sealed.len() {
            let mut broken = sealed.clone();
            broken[i] ^= 1;
            assert!(open(&key, &enc, b"info", b"aad", &broken).is_none());
        }
        for cut in 0..sealed.len() {
            assert!(open(&key, &enc, b"info", b"aad", &sealed[..cut]).is_none());
        }
    }

    #[test]
    fn a_recipient_of_low_order_is_refused() {
        assert_eq!(seal(&SealingKey([0; 32]), b"", b"", b"").unwrap_err(), Error::WeakKey);
    }
}
