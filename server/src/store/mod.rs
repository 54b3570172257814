//! Segments on disk.

use std::path::PathBuf;

/// The store's folder.
#[derive(Debug, Clone)]
pub struct Store {
    /// Folder of incoming, stored and refused files.
    pub folder: PathBuf,
}
