//! The manifest of an evidence bundle (`docs/evidence.md` 5). Signed by the server key.

use invigil_format::{BundleId, Digest, Error, Fingerprint, Payload};
use serde::{Deserialize, Serialize};

/// Most files of a bundle, the manifest not counted.
pub const MAX_FILES: usize = 400;

/// What a bundle consists of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BundleManifest {
    /// Institution.
    pub institution: Fingerprint,
    /// Bundle.
    pub bundle: BundleId,
    /// Digest of the act's statement.
    pub act: Digest,
    /// Server's clock, Unix ms.
    pub created_ms: i64,
    /// All files but the manifest, in order.
    pub files: Vec<BundleFile>,
}

/// A file of a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BundleFile {
    /// Name.
    pub name: String,
    /// Size.
    pub size_bytes: u64,
    /// SHA-256.
    pub digest: Digest,
}

impl Payload for BundleManifest {
    const TYPE: &'static str = "bundle";

    fn check(&self) -> Result<(), Error> {
        if !(1..=MAX_FILES).contains(&self.files.len()) {
            return Err(Error::BadMember { what: Self::TYPE, member: "files", expected: "1 to 400 files" });
        }
        Ok(())
    }
}
