//! Files that survive a power cut: written whole or not at all, and synced with their folder.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

/// Writes a file in one step: temporary name, sync, rename, sync of the folder. Readable by the owner only.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    let name = path.file_name().map_or_else(|| "file".into(), |name| name.to_string_lossy());
    let temporary = folder.join(format!(".{name}.{}.tmp", std::process::id()));
    let mut file = private().write(true).create(true).truncate(true).open(&temporary)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&temporary, path)?;
    sync_folder(folder)
}

/// Creates a file that must not exist yet, for appending, and syncs its folder. Readable by the owner only.
pub fn create_new(path: &Path) -> io::Result<File> {
    let file = private().append(true).create_new(true).open(path)?;
    sync_folder(path.parent().unwrap_or_else(|| Path::new(".")))?;
    Ok(file)
}

/// Opens a file for appending; creates it if it is not there.
pub fn append(path: &Path) -> io::Result<File> {
    let existed = path.exists();
    let file = private().append(true).create(true).open(path)?;
    if !existed {
        sync_folder(path.parent().unwrap_or_else(|| Path::new(".")))?;
    }
    Ok(file)
}

/// Deletes a file, if it is there, and syncs its folder.
pub fn remove(path: &Path) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
        Ok(()) => sync_folder(path.parent().unwrap_or_else(|| Path::new("."))),
    }
}

/// Creates a folder and its parents, readable by the owner only.
pub fn create_folder(path: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)?;
    path.parent().map_or(Ok(()), sync_folder)
}

/// Makes names in a folder durable.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Where the process shall die, for the crash tests: `INVIGIL_CRASH_AT=step` or `step:count`. Not in release builds.
pub fn crash_point(step: &str) {
    #[cfg(debug_assertions)]
    {
        use std::sync::atomic::{AtomicU64, Ordering};
        static LEFT: AtomicU64 = AtomicU64::new(u64::MAX);
        let Ok(wanted) = std::env::var("INVIGIL_CRASH_AT") else { return };
        let (name, count) = wanted.split_once(':').map_or((wanted.as_str(), 1), |(name, count)| (name, count.parse().unwrap_or(1)));
        if name != step {
            return;
        }
        let _ = LEFT.compare_exchange(u64::MAX, count, Ordering::SeqCst, Ordering::SeqCst);
        if LEFT.fetch_sub(1, Ordering::SeqCst) == 1 {
            // As kill -9 would: no destructors, nothing flushed.
            std::process::abort();
        }
    }
    #[cfg(not(debug_assertions))]
    let _ = step;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_replaced_whole_private_and_leave_no_rest() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state.json");
        write_atomic(&path, b"one").unwrap();
        write_atomic(&path, b"two").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"two");
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
        #[cfg(unix)]
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&path).unwrap().permissions()) & 0o777, 0o600);
        assert!(create_new(&path).is_err());
        remove(&path).unwrap();
        remove(&path).unwrap();
    }
}
