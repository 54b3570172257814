//! Looks for bytes that must not be on a disk.

use anyhow::{Context, Result};
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// Length of a needle, bytes: long enough that encrypted bytes do not hold it by chance.
pub const NEEDLE_BYTES: usize = 24;

/// Files below `folders` that hold one of the `needles` (each at least [`NEEDLE_BYTES`] long; the first that many bytes count), with the offset.
pub fn find(folders: &[&Path], needles: &[Vec<u8>]) -> Result<Vec<(PathBuf, usize)>> {
    let wanted: HashSet<&[u8]> =
        needles.iter().filter(|needle| needle.len() >= NEEDLE_BYTES).map(|needle| &needle[..NEEDLE_BYTES]).collect();
    let first: Vec<bool> = (0..=u16::MAX).map(|pair| wanted.iter().any(|needle| needle[..2] == pair.to_be_bytes())).collect();
    let mut found = Vec::new();
    for folder in folders {
        for file in files(folder)? {
            let bytes = std::fs::read(&file).with_context(|| format!("read {}", file.display()))?;
            let hit = bytes
                .windows(NEEDLE_BYTES)
                .position(|window| first[usize::from(u16::from_be_bytes([window[0], window[1]]))] && wanted.contains(window));
            found.extend(hit.map(|offset| (file, offset)));
        }
    }
    Ok(found)
}

/// All regular files below a folder.
pub fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut out = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).with_context(|| format!("list {}", folder.display()))? {
            let entry = entry?;
            let kind = entry.file_type()?;
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_file() {
                out.push(entry.path());
            }
        }
    }
    Ok(out)
}

/// Copies a folder with everything in it: a backup.
pub fn copy(from: &Path, to: &Path) -> Result<()> {
    for file in files(from)? {
        let target = to.join(file.strip_prefix(from)?);
        if let Some(parent) = target.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::copy(&file, &target).with_context(|| format!("copy {}", file.display()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_is_there_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("deep")).unwrap();
        let mut bytes = vec![0x5A; 1000];
        bytes[500..530].copy_from_slice(b"a plain picture's sample bytes");
        std::fs::write(folder.path().join("deep/file"), &bytes).unwrap();
        let needle = b"a plain picture's sample bytes".to_vec();
        assert_eq!(find(&[folder.path()], &[needle]).unwrap(), vec![(folder.path().join("deep/file"), 500)]);
        assert_eq!(find(&[folder.path()], &[vec![0xEE; 32]]).unwrap(), vec![]);
    }
}
