//! Keys under a passphrase: the review key as format.md 8 says, the institution key by the same scheme under a name of its own.

use anyhow::{Context, ensure};
use argon2::{Algorithm, Argon2, Params, Version};
use invigil_format::{InstitutionKey, KdfCost, ReviewPrivateKey, SealingKey, VerifyingKey, WrappedKey};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

const TYPE: &str = "wrapped-institution-key";

/// A wrapped review key as it is written to files and into the database.
pub struct WrappedReview {
    /// Public half.
    pub public: SealingKey,
    /// The file of format.md 8.
    pub text: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrappedInstitution {
    r#type: String,
    version: u32,
    public: VerifyingKey,
    kdf: String,
    memory_kib: u32,
    iterations: u32,
    parallelism: u32,
    salt: String,
    nonce: String,
    sealed: String,
}

/// Wraps a review key. Blocks for about a second.
///
/// # Errors
/// When the system gives no randomness.
pub fn review_key(key: &ReviewPrivateKey, passphrase: &str) -> anyhow::Result<WrappedReview> {
    let wrapped = WrappedKey::wrap(key, passphrase, KdfCost::default(), invigil_clock::random()?, invigil_clock::random()?)?;
    Ok(WrappedReview { public: wrapped.public, text: wrapped.to_json() })
}

/// Wraps the seed of the institution key. Blocks for about a second.
///
/// # Errors
/// When the system gives no randomness.
pub fn institution_key(key: &InstitutionKey, seed: &[u8; 32], passphrase: &str) -> anyhow::Result<String> {
    let cost = KdfCost::default();
    let (salt, nonce): ([u8; 16], [u8; 12]) = (invigil_clock::random()?, invigil_clock::random()?);
    let mut sealed = Zeroizing::new(seed.to_vec());
    aes(passphrase, cost, &salt)?
        .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(aad(key.public())), &mut *sealed)
        .ok()
        .context("seal the institution key")?;
    let file = WrappedInstitution {
        r#type: TYPE.into(),
        version: 1,
        public: key.public(),
        kdf: "argon2id".into(),
        memory_kib: cost.memory_kib,
        iterations: cost.iterations,
        parallelism: cost.parallelism,
        salt: hex::encode(salt),
        nonce: hex::encode(nonce),
        sealed: hex::encode(&*sealed),
    };
    Ok(serde_json::to_string_pretty(&file)? + "\n")
}

/// Opens what [`institution_key`] wrote.
///
/// # Errors
/// When it is something else, asks for too much work, or the passphrase is another.
pub fn open_institution_key(text: &str, passphrase: &str) -> anyhow::Result<InstitutionKey> {
    let file: WrappedInstitution = serde_json::from_str(text).context("expected a wrapped institution key as init writes it")?;
    let right = file.r#type == TYPE && file.version == 1 && file.kdf == "argon2id";
    ensure!(right, "expected a wrapped institution key of version 1, found {:?} {}", file.r#type, file.version);
    ensure!(file.memory_kib <= 1 << 20 && file.iterations <= 16 && file.parallelism <= 16, "unwrapping this key asks for too much work");
    let (mut salt, mut nonce) = ([0; 16], [0; 12]);
    hex::decode_to_slice(&file.salt, &mut salt).context("read the salt")?;
    hex::decode_to_slice(&file.nonce, &mut nonce).context("read the nonce")?;
    let mut sealed = Zeroizing::new(hex::decode(&file.sealed).context("read the sealed key")?);
    let cost = KdfCost { memory_kib: file.memory_kib, iterations: file.iterations, parallelism: file.parallelism };
    let wrong = "the institution key does not open: wrong passphrase, or an altered file";
    let plain = aes(passphrase, cost, &salt)?
        .open_in_place(Nonce::assume_unique_for_key(nonce), Aad::from(aad(file.public)), &mut sealed)
        .ok()
        .context(wrong)?;
    let seed: Zeroizing<[u8; 32]> = Zeroizing::new((&*plain).try_into().context(wrong)?);
    let key = InstitutionKey::from_seed(&seed)?;
    ensure!(key.public() == file.public, wrong);
    Ok(key)
}

fn aad(public: VerifyingKey) -> Vec<u8> {
    [b"invigil v1 wrapped institution key\0".as_slice(), public.as_bytes()].concat()
}

fn aes(passphrase: &str, cost: KdfCost, salt: &[u8; 16]) -> anyhow::Result<LessSafeKey> {
    let params = Params::new(cost.memory_kib, cost.iterations, cost.parallelism, Some(32));
    let params = params.map_err(|error| anyhow::anyhow!("set up argon2id: {error}"))?;
    let mut key = Zeroizing::new([0; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase.as_bytes(), salt, key.as_mut_slice())
        .map_err(|error| anyhow::anyhow!("run argon2id: {error}"))?;
    Ok(LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key.as_slice()).ok().context("set up AES-256-GCM")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_institution_key_opens_with_its_passphrase_only() {
        let key = InstitutionKey::from_seed(&[5; 32]).unwrap();
        let text = institution_key(&key, &[5; 32], "two officers know it").unwrap();
        assert!(!text.contains(&hex::encode([5; 32])));
        assert_eq!(open_institution_key(&text, "two officers know it").unwrap().public(), key.public());
        assert!(open_institution_key(&text, "two officers knew it").is_err());
        assert!(open_institution_key(&text.replace("\"memory_kib\": 65536", "\"memory_kib\": 4294967295"), "x").is_err());
    }
}
