//! Erasure keys: one small file an exam, in a folder and its mirror, outside database and store.

use std::path::PathBuf;

/// The folder and its mirror.
#[derive(Debug, Clone)]
pub struct Keystore {
    /// First folder.
    pub folder: PathBuf,
    /// Its mirror.
    pub mirror: PathBuf,
}
