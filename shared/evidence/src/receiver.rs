//! A bundle sealed for whoever receives it, as an age file (age-encryption.org): any age program opens it.

use age::secrecy::SecretString;
pub use age::stream::StreamReader;
use age::{Decryptor, Encryptor, IdentityFile, scrypt, x25519};
use std::io::{self, BufReader, Read, Seek, Write};
use zeroize::Zeroizing;

/// What an age file begins with.
const BEGINNING: &[u8] = b"age-encryption.org/";

/// For whom.
pub enum Receiver {
    /// Recipients' keys, each `age1...`: at least one.
    Keys(Vec<String>),
    /// Whoever knows a passphrase.
    Passphrase(Zeroizing<String>),
}

/// What the receiver opens it with.
pub enum Unlock {
    /// The text of an age identity file.
    Identities(Zeroizing<Vec<u8>>),
    /// The passphrase.
    Passphrase(Zeroizing<String>),
}

/// Why sealing or opening failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not a recipient's key.
    #[error("{0:?} is not an age recipient: expected age1 and 58 more characters")]
    Recipient(String),
    /// No key in the identity file.
    #[error("expected an age identity file, with lines that begin with AGE-SECRET-KEY-1")]
    Identity,
    /// A file for keys was to be opened with a passphrase, or the other way round.
    #[error("{0}")]
    Kind(&'static str),
    /// It does not open.
    #[error("the age file does not open: {0}")]
    Decrypt(String),
    /// It cannot be sealed.
    #[error("sealing for the receiver failed: {0}")]
    Encrypt(String),
    /// Reading or writing failed.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Whether a file is an age file, by its first bytes; the source is left at its beginning.
///
/// # Errors
/// The source's.
pub fn is_sealed<R: Read + Seek>(source: &mut R) -> io::Result<bool> {
    source.rewind()?;
    let mut begin = Vec::new();
    source.by_ref().take(BEGINNING.len() as u64).read_to_end(&mut begin)?;
    source.rewind()?;
    Ok(begin == BEGINNING)
}

/// Seals everything that `source` has, in pieces.
///
/// # Errors
/// [`Error::Recipient`], [`Error::Encrypt`], [`Error::Io`].
pub fn seal<R: Read, W: Write>(source: &mut R, sink: W, receiver: &Receiver) -> Result<W, Error> {
    match receiver {
        Receiver::Keys(keys) => {
            let parse = |key: &String| key.parse::<x25519::Recipient>().map_err(|_| Error::Recipient(key.clone()));
            let recipients: Vec<x25519::Recipient> = keys.iter().map(parse).collect::<Result<_, _>>()?;
            seal_to(source, sink, recipients.iter().map(|recipient| recipient as &dyn age::Recipient))
        }
        Receiver::Passphrase(passphrase) => {
            let recipient = scrypt::Recipient::new(SecretString::from(passphrase.to_string()));
            seal_to(source, sink, std::iter::once(&recipient as &dyn age::Recipient))
        }
    }
}

fn seal_to<'a, R: Read, W: Write>(source: &mut R, sink: W, recipients: impl Iterator<Item = &'a dyn age::Recipient>) -> Result<W, Error> {
    let encryptor = Encryptor::with_recipients(recipients).map_err(|error| Error::Encrypt(error.to_string()))?;
    let mut out = encryptor.wrap_output(sink)?;
    io::copy(source, &mut out)?;
    Ok(out.finish()?)
}

/// Opens an age file: what it gives can be read and sought in like a file, and nothing of it touches a disk.
///
/// # Errors
/// [`Error::Kind`], [`Error::Identity`], [`Error::Decrypt`]. A file that was changed further on shows when that part is read.
pub fn open<R: Read + Seek>(mut source: R, unlock: &Unlock) -> Result<StreamReader<R>, Error> {
    source.rewind()?;
    let refused = |error: age::DecryptError| Error::Decrypt(error.to_string());
    let decryptor = Decryptor::new(source).map_err(refused)?;
    match unlock {
        Unlock::Passphrase(_) if !decryptor.is_scrypt() => Err(Error::Kind("the file was sealed for a key: give the identity file")),
        Unlock::Identities(_) if decryptor.is_scrypt() => Err(Error::Kind("the file was sealed with a passphrase: give the passphrase")),
        Unlock::Passphrase(passphrase) => {
            let identity = scrypt::Identity::new(SecretString::from(passphrase.to_string()));
            decryptor.decrypt(std::iter::once(&identity as &dyn age::Identity)).map_err(refused)
        }
        Unlock::Identities(text) => {
            let file = IdentityFile::from_buffer(BufReader::new(text.as_slice())).map_err(|_| Error::Identity)?;
            let identities = file.into_identities().map_err(|_| Error::Identity)?;
            if identities.is_empty() {
                return Err(Error::Identity);
            }
            decryptor.decrypt(identities.iter().map(|identity| &**identity as &dyn age::Identity)).map_err(refused)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use age::secrecy::ExposeSecret;
    use std::io::Cursor;

    fn sealed(receiver: &Receiver) -> Vec<u8> {
        seal(&mut &[7; 200_000][..], Vec::new(), receiver).unwrap()
    }

    #[test]
    fn what_was_sealed_for_a_key_is_read_and_sought_in_with_it_and_with_no_other() {
        let (mine, other) = (x25519::Identity::generate(), x25519::Identity::generate());
        let bytes = sealed(&Receiver::Keys(vec![mine.to_public().to_string()]));
        let unlock = |identity: &x25519::Identity| Unlock::Identities(Zeroizing::new(identity.to_string().expose_secret().into()));
        assert!(is_sealed(&mut Cursor::new(&bytes)).unwrap() && !is_sealed(&mut Cursor::new(b"PK\x03\x04")).unwrap());
        let mut opened = open(Cursor::new(&bytes), &unlock(&mine)).unwrap();
        let mut end = Vec::new();
        opened.seek(io::SeekFrom::Start(199_990)).unwrap();
        opened.read_to_end(&mut end).unwrap();
        assert_eq!(end, [7; 10]);
        assert!(matches!(open(Cursor::new(&bytes), &unlock(&other)), Err(Error::Decrypt(_))));
        let passphrase = Unlock::Passphrase(Zeroizing::new("a passphrase".into()));
        assert!(matches!(open(Cursor::new(&bytes), &passphrase), Err(Error::Kind(_))));
        assert!(matches!(open(Cursor::new(&bytes), &Unlock::Identities(Zeroizing::new(b"nonsense".to_vec()))), Err(Error::Identity)));
        let mut changed = bytes.clone();
        let last = changed.len() - 1;
        changed[last] ^= 1;
        let mut opened = open(Cursor::new(&changed), &unlock(&mine)).unwrap();
        assert!(opened.read_to_end(&mut Vec::new()).is_err());
    }

    #[test]
    fn what_was_sealed_with_a_passphrase_is_opened_with_it() {
        let bytes = sealed(&Receiver::Passphrase(Zeroizing::new("a passphrase".into())));
        let mut opened = Vec::new();
        open(Cursor::new(&bytes), &Unlock::Passphrase(Zeroizing::new("a passphrase".into()))).unwrap().read_to_end(&mut opened).unwrap();
        assert_eq!(opened, [7; 200_000]);
        assert!(matches!(open(Cursor::new(&bytes), &Unlock::Passphrase(Zeroizing::new("another".into()))), Err(Error::Decrypt(_))));
        assert!(matches!(seal(&mut &b""[..], Vec::new(), &Receiver::Keys(vec!["age1x".into()])), Err(Error::Recipient(_))));
    }
}
