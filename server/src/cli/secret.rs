//! Passwords and passphrases: from a file, the environment, a terminal, or made here when asked to.

use anyhow::{Context, bail, ensure};
use std::io::IsTerminal;
use std::path::Path;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

/// A secret text in Unicode normal form C, as format.md 8 wants it.
pub(super) struct Secret {
    pub(super) text: Zeroizing<String>,
    /// It was made here and has to be shown once.
    pub(super) generated: bool,
}

/// Where a secret may come from.
pub(super) struct Sources<'a> {
    /// What it is, for messages: `administrator's password`.
    pub(super) what: &'a str,
    /// First line of this file.
    pub(super) file: Option<&'a Path>,
    /// Environment variable.
    pub(super) env: &'a str,
    /// Make one when neither is given.
    pub(super) generate: bool,
    /// Ask twice.
    pub(super) new: bool,
}

impl Sources<'_> {
    /// Reads, asks for or makes the secret.
    ///
    /// # Errors
    /// When there is no source, or it is empty.
    pub(super) fn get(&self) -> anyhow::Result<Secret> {
        if let Some(file) = self.file {
            let text =
                Zeroizing::new(std::fs::read_to_string(file).with_context(|| format!("read the {} from {}", self.what, file.display()))?);
            return self.given(text.lines().next().unwrap_or_default());
        }
        if let Ok(text) = std::env::var(self.env) {
            return self.given(&Zeroizing::new(text));
        }
        if self.generate {
            return Ok(Secret { text: generate()?, generated: true });
        }
        if !std::io::stdin().is_terminal() {
            bail!("the {} is needed: set {}, name a file that holds it, or run this on a terminal", self.what, self.env);
        }
        let first = Zeroizing::new(rpassword::prompt_password(format!("{}: ", self.what)).context("read from the terminal")?);
        if self.new {
            let second = Zeroizing::new(rpassword::prompt_password(format!("{} again: ", self.what)).context("read from the terminal")?);
            ensure!(first == second, "the two texts differ");
        }
        self.given(&first)
    }

    fn given(&self, text: &str) -> anyhow::Result<Secret> {
        let text: Zeroizing<String> = Zeroizing::new(text.nfc().collect());
        ensure!(!text.is_empty(), "the {} is empty", self.what);
        ensure!(!self.new || text.chars().count() >= 10, "the {} must have at least 10 characters", self.what);
        Ok(Secret { text, generated: false })
    }
}

/// Asks for a line on the terminal.
///
/// # Errors
/// When there is no terminal to ask on.
pub(super) fn ask(what: &str) -> anyhow::Result<String> {
    if !std::io::stdin().is_terminal() {
        bail!("{what} is needed: give the flag, or run this on a terminal");
    }
    eprint!("{what}: ");
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).context("read from the terminal")?;
    Ok(line.trim().to_owned())
}

/// Five groups of four characters of base 32: 100 bits.
fn generate() -> anyhow::Result<Zeroizing<String>> {
    const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let random: Zeroizing<[u8; 20]> = Zeroizing::new(invigil_clock::random()?);
    let mut text = Zeroizing::new(String::with_capacity(24));
    for (n, byte) in random.iter().enumerate() {
        if n > 0 && n % 4 == 0 {
            text.push('-');
        }
        text.push(char::from(ALPHABET[usize::from(byte & 31)]));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_read_and_normalised_and_made_secrets_differ() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("p");
        std::fs::write(&path, "и\u{306}лыз-и\u{306}лыз\nrest").unwrap();
        let sources = Sources { what: "passphrase", file: Some(&path), env: "INVIGIL_NOT_SET", generate: false, new: false };
        assert_eq!(sources.get().unwrap().text.as_str(), "йлыз-йлыз");
        assert!(Sources { new: true, ..sources }.get().is_err());
        let (a, b) = (generate().unwrap(), generate().unwrap());
        assert!(a.len() == 24 && a != b);
    }
}
