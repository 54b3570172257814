//! The server's own key and what it trusts, as files.

use crate::files;
use anyhow::{Context, bail, ensure};
use invigil_format::{Certificate, Digest, Fingerprint, Need, Role, ServerKey, Statement, TrustStore, VerifyingKey};
use invigil_wire::agent::Trust;
use serde::{Deserialize, Serialize};
use std::path::Path;
use zeroize::{Zeroize, Zeroizing};

/// Ten years, ms: validity of what `init` certifies for trying out.
pub const TRYING_OUT_MS: i64 = 10 * 365 * 86_400_000;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ServerKeyFile {
    r#type: String,
    version: u32,
    public: VerifyingKey,
    seed: String,
}

/// Writes the server key with mode 0600.
///
/// # Errors
/// When the file cannot be written.
pub fn write_server_key(path: &Path, key: &ServerKey, seed: &[u8; 32]) -> anyhow::Result<()> {
    let mut file = ServerKeyFile { r#type: "server-key".into(), version: 1, public: key.public(), seed: hex::encode(seed) };
    let text = Zeroizing::new(serde_json::to_string_pretty(&file)? + "\n");
    file.seed.zeroize();
    files::write_private(path, text.as_bytes())
}

/// Reads the server key.
///
/// # Errors
/// When the file cannot be read or is not one.
pub fn read_server_key(path: &Path) -> anyhow::Result<ServerKey> {
    let text = Zeroizing::new(std::fs::read(path).with_context(|| format!("read the server key {}", path.display()))?);
    let wrong = || format!("{} is not a server key file as init writes it", path.display());
    let mut file: ServerKeyFile = serde_json::from_slice(&text).with_context(wrong)?;
    let mut seed = Zeroizing::new([0; 32]);
    let decoded = hex::decode_to_slice(&file.seed, seed.as_mut_slice());
    file.seed.zeroize();
    decoded.with_context(wrong)?;
    let key = ServerKey::from_seed(&seed).with_context(wrong)?;
    ensure!(file.r#type == "server-key" && file.version == 1 && key.public() == file.public, wrong());
    Ok(key)
}

/// Reads the trust file: institution public key and certificates.
///
/// # Errors
/// When it cannot be read, or a certificate in it is not this institution's.
pub fn read_trust(path: &Path) -> anyhow::Result<(Trust, TrustStore)> {
    let text = std::fs::read(path).with_context(|| format!("read the trust file {}", path.display()))?;
    let trust: Trust =
        serde_json::from_slice(&text).with_context(|| format!("{} is not a trust file as init writes it", path.display()))?;
    let store = TrustStore::new(Fingerprint::of(&trust.institution), trust.institution, &trust.certificates)?;
    if let Some((_, why)) = store.refused().first() {
        bail!("{} holds a certificate that is not right: {why}", path.display());
    }
    Ok((trust, store))
}

/// Checks at start that the institution certifies this server key, its TLS key, and a review key: agents accept nothing else.
///
/// # Errors
/// When a certificate is missing or does not count now.
pub fn check_certified(trust: &TrustStore, server: VerifyingKey, tls_key_pem: &str, now_ms: i64) -> anyhow::Result<()> {
    let ask = "have the institution key certify it and put the certificate into the trust file";
    trust.require(Need::new(Role::Server, server, now_ms)).with_context(|| format!("the server key is not certified: {ask}"))?;
    let tls = tls_subject(tls_key_pem)?;
    trust.require(Need::new(Role::Tls, tls, now_ms)).with_context(|| format!("the TLS key is not certified: {ask}"))?;
    ensure!(trust.current(Role::Review, now_ms).next().is_some(), "no review key is certified now: {ask}");
    Ok(())
}

/// SHA-256 of the SubjectPublicKeyInfo of a TLS private key in PEM.
///
/// # Errors
/// When it is not a private key that TLS can use.
pub fn tls_subject(tls_key_pem: &str) -> anyhow::Result<Digest> {
    use rcgen::PublicKeyData;
    let pair = rcgen::KeyPair::from_pem(tls_key_pem).context("read the TLS key: expected a private key in PEM (PKCS #8)")?;
    Ok(invigil_format::digest(&pair.subject_public_key_info()))
}

/// A certificate for a delegated role, signed by the server key.
///
/// # Errors
/// When signing fails.
pub fn certify(key: &ServerKey, certificate: &Certificate) -> anyhow::Result<Statement> {
    Ok(key.state(certificate)?)
}

/// 32 random bytes, zeroed when dropped.
///
/// # Errors
/// When the system gives none.
pub fn random_secret() -> Result<Zeroizing<[u8; 32]>, invigil_clock::NoRandomness> {
    invigil_clock::random().map(Zeroizing::new)
}
