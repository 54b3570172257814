//! Erasure keys: of an id, of a hold (pending, effective), of an act. One small file each, in a folder and its mirror, outside database, store and their
//! backups.
//!
//! Invariants (tested below):
//! - **K1** A key is durable in both folders before anything is sealed to it.
//! - **K2** A key that is missing or damaged in one folder is healed from the other, unless it was destroyed.
//! - **K3** Destroying begins with a durable marker in both folders; a key with a marker anywhere is never used and never healed,
//!   and opening the keystore finishes its destruction. Markers stay for ever, so that a restored copy of the folder gives nothing back.

use crate::files;
use anyhow::{Context, bail};
use invigil_format::{ErasurePrivateKey, SealingKey};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use uuid::Uuid;
use zeroize::{Zeroize, Zeroizing};

/// The folder and its mirror.
#[derive(Debug, Clone)]
pub struct Keystore {
    folder: PathBuf,
    mirror: PathBuf,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyFile {
    r#type: String,
    version: u32,
    /// The first installations had keys of exams only.
    #[serde(alias = "exam")]
    id: Uuid,
    public: SealingKey,
    private: String,
}

const TYPE: &str = "erasure-key";

impl Keystore {
    /// The keystore in these folders as it is, neither made nor healed: for tools that only look.
    pub fn at(folder: &Path, mirror: &Path) -> Self {
        Self { folder: folder.to_owned(), mirror: mirror.to_owned() }
    }

    /// Opens both folders, makes them if need be, heals each from the other (K2) and finishes destructions that were interrupted (K3).
    ///
    /// # Errors
    /// When a folder cannot be used. A key that is damaged in both is reported by [`Keystore::differences`] and in the log.
    pub fn open(folder: &Path, mirror: &Path) -> anyhow::Result<Self> {
        let keystore = Self::at(folder, mirror);
        for place in [folder, mirror] {
            files::create_private_dir(place).with_context(|| format!("make the keystore's folder {}", place.display()))?;
        }
        for id in keystore.gone()? {
            keystore.destroy(id)?;
        }
        for id in keystore.list()? {
            if keystore.load(id)?.is_none() {
                // The others must go on; what is sealed to this one cannot be opened until a file is restored.
                tracing::error!(key = %id, folder = %folder.display(), mirror = %mirror.display(), "an erasure key is damaged in both folders: restore one of the two files");
            }
        }
        Ok(keystore)
    }

    /// Puts a new key into both folders (K1). `id`: of the exam or the act, or one made for the key of a hold.
    ///
    /// # Errors
    /// When there is or was one of this id already, or a folder cannot be written.
    pub fn create(&self, id: impl Into<Uuid>, key: &ErasurePrivateKey) -> anyhow::Result<()> {
        let id = id.into();
        for place in [&self.folder, &self.mirror] {
            if key_path(place, id).exists() || gone_path(place, id).exists() {
                bail!("there is or was an erasure key {id} in {} already; take a new id", place.display());
            }
        }
        let text = encode(id, key)?;
        for place in [&self.folder, &self.mirror] {
            files::write_private(&key_path(place, id), text.as_bytes())?;
        }
        Ok(())
    }

    /// The public half of the key; a new one is made if there never was one (K1). One caller at a time for one id: inside a transaction that writes.
    ///
    /// # Errors
    /// When it was destroyed or is damaged, or a folder cannot be written.
    pub fn ensure(&self, id: impl Into<Uuid>) -> anyhow::Result<SealingKey> {
        let id = id.into();
        if let Some(key) = self.load(id)? {
            return Ok(key.public()?);
        }
        let key = ErasurePrivateKey::from_bytes(*crate::keys::random_secret()?);
        self.create(id, &key)?;
        Ok(key.public()?)
    }

    /// The key; `None` when it was destroyed, never existed, or is damaged in both folders. Heals (K2).
    ///
    /// # Errors
    /// When healing fails.
    pub fn load(&self, id: impl Into<Uuid>) -> anyhow::Result<Option<ErasurePrivateKey>> {
        let id = id.into();
        if self.is_destroyed(id) {
            return Ok(None);
        }
        let (first, second) = (read(&self.folder, id), read(&self.mirror, id));
        let (key, missing) = match (first, second) {
            (Some(key), Some(_)) => return Ok(Some(key)),
            (Some(key), None) => (key, &self.mirror),
            (None, Some(key)) => (key, &self.folder),
            (None, None) => return Ok(None),
        };
        files::write_private(&key_path(missing, id), encode(id, &key)?.as_bytes())?;
        tracing::warn!(key = %id, folder = %missing.display(), "healed an erasure key from the other folder");
        Ok(Some(key))
    }

    /// The key from whichever folder has it; heals nothing.
    pub fn peek(&self, id: impl Into<Uuid>) -> Option<ErasurePrivateKey> {
        let id = id.into();
        if self.is_destroyed(id) { None } else { read(&self.folder, id).or_else(|| read(&self.mirror, id)) }
    }

    /// Destroys the key in both folders for ever (K3). Can be repeated.
    ///
    /// # Errors
    /// When a folder cannot be written; then call it again.
    pub fn destroy(&self, id: impl Into<Uuid>) -> anyhow::Result<()> {
        let id = id.into();
        for place in [&self.folder, &self.mirror] {
            if !gone_path(place, id).exists() {
                files::write_private(&gone_path(place, id), b"destroyed\n")?;
            }
        }
        for place in [&self.folder, &self.mirror] {
            for path in [key_path(place, id), place.join(format!("{id}.key.tmp"))] {
                if path.exists() {
                    overwrite(&path).with_context(|| format!("overwrite {}", path.display()))?;
                    files::remove_durably(&path).with_context(|| format!("remove {}", path.display()))?;
                }
            }
        }
        Ok(())
    }

    /// Whether the key was destroyed.
    pub fn is_destroyed(&self, id: impl Into<Uuid>) -> bool {
        let id = id.into();
        gone_path(&self.folder, id).exists() || gone_path(&self.mirror, id).exists()
    }

    /// Keys that are in at least one folder.
    ///
    /// # Errors
    /// When a folder cannot be read.
    pub fn list(&self) -> anyhow::Result<BTreeSet<Uuid>> {
        let mut found = ids(&self.folder, ".key")?;
        found.extend(ids(&self.mirror, ".key")?);
        Ok(found)
    }

    /// Differences between the two folders, for `check`; changes nothing.
    ///
    /// # Errors
    /// When a folder cannot be read.
    pub fn differences(&self) -> anyhow::Result<Vec<String>> {
        let mut found = Vec::new();
        for id in self.list()? {
            for place in [&self.folder, &self.mirror] {
                if self.is_destroyed(id) {
                    found.push(format!("the erasure key {id} was destroyed but its file is still in {}", place.display()));
                } else if read(place, id).is_none() {
                    found.push(format!("the erasure key {id} is missing or damaged in {}", place.display()));
                }
            }
        }
        Ok(found)
    }

    fn gone(&self) -> anyhow::Result<BTreeSet<Uuid>> {
        let mut found = ids(&self.folder, ".gone")?;
        found.extend(ids(&self.mirror, ".gone")?);
        Ok(found)
    }
}

fn key_path(place: &Path, id: Uuid) -> PathBuf {
    place.join(format!("{id}.key"))
}

fn gone_path(place: &Path, id: Uuid) -> PathBuf {
    place.join(format!("{id}.gone"))
}

fn ids(place: &Path, ending: &str) -> anyhow::Result<BTreeSet<Uuid>> {
    let entries = fs::read_dir(place).with_context(|| format!("list the keystore's folder {}", place.display()))?;
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    Ok(names.filter_map(|name| name.strip_suffix(ending)?.parse().ok()).collect())
}

fn encode(id: Uuid, key: &ErasurePrivateKey) -> anyhow::Result<Zeroizing<String>> {
    let mut file = KeyFile { r#type: TYPE.into(), version: 1, id, public: key.public()?, private: hex::encode(key.expose()) };
    let text = Zeroizing::new(serde_json::to_string(&file)? + "\n");
    file.private.zeroize();
    Ok(text)
}

fn read(place: &Path, id: Uuid) -> Option<ErasurePrivateKey> {
    let text = Zeroizing::new(fs::read(key_path(place, id)).ok()?);
    let mut file: KeyFile = serde_json::from_slice(&text).ok()?;
    let mut bytes = Zeroizing::new([0; 32]);
    let decoded = hex::decode_to_slice(&file.private, bytes.as_mut_slice());
    file.private.zeroize();
    decoded.ok()?;
    let key = ErasurePrivateKey::from_bytes(*bytes);
    let right = file.r#type == TYPE && file.version == 1 && file.id == id && key.public().ok()? == file.public;
    right.then_some(key)
}

/// What lay in the file's blocks is overwritten where the file system writes in place; elsewhere the disk's own encryption has to help.
fn overwrite(path: &Path) -> std::io::Result<()> {
    let len = usize::try_from(fs::metadata(path)?.len()).unwrap_or(4096);
    let mut file = OpenOptions::new().write(true).open(path)?;
    file.write_all(&vec![0; len])?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keystore() -> (tempfile::TempDir, Keystore, Uuid) {
        let dir = tempfile::tempdir().unwrap();
        let keystore = Keystore::open(&dir.path().join("a"), &dir.path().join("b")).unwrap();
        let exam = Uuid::from_bytes([3; 16]);
        keystore.create(exam, &ErasurePrivateKey::from_bytes([7; 32])).unwrap();
        (dir, keystore, exam)
    }

    #[test]
    fn k1_k2_a_key_survives_loss_or_damage_of_either_file() {
        let (_dir, keystore, exam) = keystore();
        for place in [&keystore.folder, &keystore.mirror] {
            fs::remove_file(key_path(place, exam)).unwrap();
            assert_eq!(keystore.differences().unwrap().len(), 1);
            assert_eq!(keystore.load(exam).unwrap().unwrap().expose(), &[7; 32]);
            fs::write(key_path(place, exam), "{}").unwrap();
            let again = Keystore::open(&keystore.folder, &keystore.mirror).unwrap();
            assert!(again.differences().unwrap().is_empty());
        }
        assert!(keystore.create(exam, &ErasurePrivateKey::from_bytes([8; 32])).is_err());
        for place in [&keystore.folder, &keystore.mirror] {
            fs::write(key_path(place, exam), "{}").unwrap();
        }
        let again = Keystore::open(&keystore.folder, &keystore.mirror).unwrap();
        assert!(again.load(exam).unwrap().is_none() && again.differences().unwrap().len() == 2 && !again.is_destroyed(exam));
    }

    #[test]
    fn k1_a_key_is_made_once_and_files_of_the_first_version_are_read() {
        let (_dir, keystore, exam) = keystore();
        assert_eq!(keystore.ensure(exam).unwrap(), ErasurePrivateKey::from_bytes([7; 32]).public().unwrap());
        let hold = Uuid::from_bytes([4; 16]);
        assert_eq!(keystore.ensure(hold).unwrap(), keystore.ensure(hold).unwrap());
        let old = fs::read_to_string(key_path(&keystore.folder, exam)).unwrap().replace("\"id\"", "\"exam\"");
        assert!(old.contains("\"exam\""));
        for place in [&keystore.folder, &keystore.mirror] {
            fs::write(key_path(place, exam), &old).unwrap();
        }
        let again = Keystore::open(&keystore.folder, &keystore.mirror).unwrap();
        assert_eq!((again.load(exam).unwrap().unwrap().expose(), again.list().unwrap().len()), (&[7; 32], 2));
        keystore.destroy(hold).unwrap();
        assert!(keystore.ensure(hold).is_err());
    }

    #[test]
    fn k3_a_destroyed_key_never_comes_back() {
        let (_dir, keystore, exam) = keystore();
        let copy = fs::read(key_path(&keystore.mirror, exam)).unwrap();
        keystore.destroy(exam).unwrap();
        keystore.destroy(exam).unwrap();
        assert!(keystore.load(exam).unwrap().is_none() && keystore.list().unwrap().is_empty());
        assert!(keystore.create(exam, &ErasurePrivateKey::from_bytes([7; 32])).is_err());
        // Somebody restores the mirror's file, and the crash came when only one marker was written.
        fs::write(key_path(&keystore.mirror, exam), copy).unwrap();
        fs::remove_file(gone_path(&keystore.mirror, exam)).unwrap();
        assert!(keystore.load(exam).unwrap().is_none());
        let again = Keystore::open(&keystore.folder, &keystore.mirror).unwrap();
        assert!(again.list().unwrap().is_empty() && again.is_destroyed(exam));
    }
}
