//! Passwords: Argon2id hashes in PHC strings, computed off the async threads, a few at a time.

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

/// Memory of one hash, KiB. With [`ITERATIONS`] and one lane this is OWASP's first choice for Argon2id.
pub const MEMORY_KIB: u32 = 19 * 1024;
/// Passes over the memory.
pub const ITERATIONS: u32 = 2;
/// Fewest characters of a password.
pub const MIN_CHARS: usize = 10;
/// Most bytes of a password; longer ones are wrong without being looked at.
pub const MAX_BYTES: usize = 512;

/// Hashes at once: one leaves a core for footage on the smallest server, and 19 MiB each is nothing.
const AT_ONCE: usize = 2;
/// Sign-ins that may wait for a hash, some seconds' worth; the next one is told to come back. Each holds a name and a password in memory.
const WAITING: usize = 256;

/// Verified when a login does not exist, so that the time does not tell; no password is known to match it.
const DUMMY: &str = "$argon2id$v=19$m=19456,t=2,p=1$aW52aWdpbC1uby1sb2dpbg$0000000000000000000000000000000000000000000";

/// Why no password was hashed or checked.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// It is too short or too long to be set.
    #[error("a password has at least {MIN_CHARS} characters and at most {MAX_BYTES} bytes")]
    Length,
    /// Too many sign-ins at this moment.
    #[error("too many people are signing in at this moment")]
    Busy,
    /// No randomness for the salt.
    #[error(transparent)]
    Randomness(#[from] invigil_clock::NoRandomness),
    /// Argon2 refused its parameters or the stored string.
    #[error("could not hash a password or read a stored hash: {0}")]
    Hash(String),
}

impl From<argon2::password_hash::Error> for PasswordError {
    fn from(error: argon2::password_hash::Error) -> Self {
        Self::Hash(error.to_string())
    }
}

fn argon2id() -> Result<Argon2<'static>, PasswordError> {
    let params = Params::new(MEMORY_KIB, ITERATIONS, 1, None).map_err(|error| PasswordError::Hash(error.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Keyboards differ in how they compose й or ё: one spelling for all (Unicode normal form C).
fn normal(password: &str) -> Zeroizing<String> {
    Zeroizing::new(password.nfc().collect())
}

/// The PHC string of a new password. Blocks for tens of milliseconds.
pub fn hash(password: &str) -> Result<String, PasswordError> {
    if password.chars().count() < MIN_CHARS || password.len() > MAX_BYTES {
        return Err(PasswordError::Length);
    }
    let salt = invigil_clock::random::<16>()?;
    let hash: PasswordHash = argon2id()?.hash_password_with_salt(normal(password).as_bytes(), &salt)?;
    Ok(hash.to_string())
}

/// Checks passwords with bounded concurrency.
#[derive(Debug, Clone)]
pub struct Passwords {
    queue: Arc<Semaphore>,
    workers: Arc<Semaphore>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self { queue: Arc::new(Semaphore::new(AT_ONCE + WAITING)), workers: Arc::new(Semaphore::new(AT_ONCE)) }
    }
}

/// A place among those who wait for a hash.
#[derive(Debug)]
pub struct Queued(#[expect(dead_code, reason = "held, not read")] OwnedSemaphorePermit);

impl Passwords {
    /// Takes a place, before anything is counted or looked up.
    ///
    /// # Errors
    /// [`PasswordError::Busy`].
    pub fn queue(&self) -> Result<Queued, PasswordError> {
        self.queue.clone().try_acquire_owned().map(Queued).map_err(|_| PasswordError::Busy)
    }

    /// Whether the password belongs to the stored PHC string; `None` (no such login) costs the same time and is never right.
    ///
    /// # Errors
    /// When the stored string cannot be read.
    pub async fn verify(&self, _place: Queued, password: Zeroizing<String>, stored: Option<String>) -> Result<bool, PasswordError> {
        let worker = self.workers.clone().acquire_owned().await.map_err(|_| PasswordError::Busy)?;
        let checked = tokio::task::spawn_blocking(move || {
            // Held here, not by the request: a client that hangs up does not free a place while its hash is still being computed.
            let _worker = worker;
            verify(&password, stored.as_deref())
        });
        checked.await.map_err(|_| PasswordError::Hash("the task that checks passwords ended early".into()))?
    }
}

fn verify(password: &str, stored: Option<&str>) -> Result<bool, PasswordError> {
    if password.len() > MAX_BYTES {
        return Ok(false);
    }
    let hash = PasswordHash::new(stored.unwrap_or(DUMMY)).map_err(|error| PasswordError::Hash(error.to_string()))?;
    match argon2id()?.verify_password(normal(password).as_bytes(), &hash) {
        Ok(()) => Ok(stored.is_some()),
        Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_opens_its_own_hash_only() {
        let stored = hash("correct horse 7").unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert_ne!(stored, hash("correct horse 7").unwrap(), "salts differ");
        assert!(verify("correct horse 7", Some(&stored)).unwrap());
        assert!(!verify("correct horse 8", Some(&stored)).unwrap());
        assert!(!verify("", Some(&stored)).unwrap());
        assert!(verify("correct horse 7", Some("not a hash")).is_err());
    }

    #[test]
    fn an_unknown_login_is_hashed_with_the_same_parameters_and_never_right() {
        let dummy = PasswordHash::new(DUMMY).unwrap();
        let real = hash("correct horse 7").unwrap();
        let real = PasswordHash::new(&real).unwrap();
        assert_eq!((dummy.algorithm, dummy.version, dummy.params.to_string()), (real.algorithm, real.version, real.params.to_string()));
        assert_eq!(dummy.hash.map(|h| h.as_bytes().len()), real.hash.map(|h| h.as_bytes().len()));
        assert!(!verify("correct horse 7", None).unwrap());
    }

    #[test]
    fn a_composed_letter_and_its_parts_are_the_same_password() {
        let stored = hash("йод-и-ёлка-2026").unwrap();
        assert!(verify("и\u{306}од-и-е\u{308}лка-2026", Some(&stored)).unwrap());
    }

    #[test]
    fn short_and_endless_passwords_are_refused() {
        assert!(matches!(hash("ninechars"), Err(PasswordError::Length)));
        assert!(matches!(hash(&"x".repeat(MAX_BYTES + 1)), Err(PasswordError::Length)));
        assert!(!verify(&"x".repeat(1 << 20), Some("anything")).unwrap());
    }

    #[tokio::test]
    async fn a_crowd_is_told_to_come_back() {
        let passwords = Passwords::default();
        let mut everybody: Vec<Queued> = (0..AT_ONCE + WAITING).map(|_| passwords.queue().unwrap()).collect();
        assert!(matches!(passwords.queue(), Err(PasswordError::Busy)));
        // One who was served makes room, right or wrong.
        assert!(!passwords.verify(everybody.remove(0), Zeroizing::new("x".into()), None).await.unwrap());
        assert!(passwords.queue().is_ok());
    }
}
