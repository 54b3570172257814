//! Files that survive a power cut: written whole or not at all, and synced with their folder.

mod growing;

pub use growing::{Growing, Lost, is_lost};

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

/// Writes a file in one step: temporary name, sync, rename, sync of the folder. Readable by the owner only.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    let name = path.file_name().map_or_else(|| "file".into(), |name| name.to_string_lossy());
    let temporary = folder.join(format!(".{name}.{}.tmp", std::process::id()));
    let written = (|| {
        let mut file = private().write(true).create(true).truncate(true).open(&temporary)?;
        file.write_all(bytes)?;
        slow();
        file.sync_all()?;
        std::fs::rename(&temporary, path)
    })();
    if written.is_err() {
        // What is left of it takes room that a full disk does not have.
        let _ = std::fs::remove_file(&temporary);
    }
    written?;
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

/// Makes a file's content durable.
pub fn sync_data(file: &File) -> io::Result<()> {
    slow();
    file.sync_data()
}

/// Whether an error means that there is no room.
pub fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

/// Free space of a file system, as far as this user may use it, bytes.
#[cfg(unix)]
pub fn free_bytes(path: &Path) -> io::Result<u64> {
    let stat = nix::sys::statvfs::statvfs(path)?;
    Ok(stat.blocks_available().saturating_mul(stat.fragment_size()))
}

/// Free space is not known on this platform.
#[cfg(not(unix))]
pub fn free_bytes(_path: &Path) -> io::Result<u64> {
    Err(io::Error::from(io::ErrorKind::Unsupported))
}

/// Size of all files below a folder, bytes. What vanishes meanwhile does not count.
pub fn used_bytes(folder: &Path) -> io::Result<u64> {
    let mut bytes = 0;
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let entries = match std::fs::read_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            entries => entries?,
        };
        for entry in entries {
            let entry = entry?;
            match entry.metadata() {
                Ok(found) if found.is_dir() => folders.push(entry.path()),
                Ok(found) => bytes += found.len(),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(bytes)
}

/// Does something until it works; `failed` is called after each failure and says whether to go on.
pub fn insist<T>(mut action: impl FnMut() -> io::Result<T>, mut failed: impl FnMut(&io::Error) -> bool) -> io::Result<T> {
    loop {
        match action() {
            Err(error) if failed(&error) => std::thread::sleep(std::time::Duration::from_millis(500)),
            done => return done,
        }
    }
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
        slow();
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

/// A disk that fails, for tests: with `INVIGIL_DISK_ERROR=step:times:after` the step fails `times` times (1) after it has gone well `after` times (0).
/// Not in release builds.
pub fn fault(step: &str) -> io::Result<()> {
    #[cfg(debug_assertions)]
    {
        use std::sync::atomic::{AtomicU64, Ordering};
        static PASSED: AtomicU64 = AtomicU64::new(0);
        let Ok(wanted) = std::env::var("INVIGIL_DISK_ERROR") else { return Ok(()) };
        let mut parts = wanted.split(':');
        if parts.next() != Some(step) {
            return Ok(());
        }
        let mut number = |default| parts.next().and_then(|text| text.parse::<u64>().ok()).unwrap_or(default);
        let (times, after) = (number(1), number(0));
        if (after..after + times).contains(&PASSED.fetch_add(1, Ordering::SeqCst)) {
            tracing::warn!(step, "a disk error was asked for");
            // EIO.
            return Err(io::Error::from_raw_os_error(5));
        }
    }
    let _ = step;
    Ok(())
}

/// A slow disk, for tests: `INVIGIL_SLOW_SYNC_MS` is added to each sync. Not in release builds.
fn slow() {
    #[cfg(debug_assertions)]
    if let Some(ms) = std::env::var("INVIGIL_SLOW_SYNC_MS").ok().and_then(|text| text.parse().ok()) {
        std::thread::sleep(std::time::Duration::from_millis(ms));
    }
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

    #[test]
    fn room_is_measured_and_insisting_ends_when_told() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("deep")).unwrap();
        std::fs::write(dir.path().join("deep/a"), [0; 1000]).unwrap();
        std::fs::write(dir.path().join("b"), [0; 24]).unwrap();
        assert_eq!(used_bytes(dir.path()).unwrap(), 1024);
        assert!(free_bytes(dir.path()).unwrap() > 0);
        let full = || io::Error::from(io::ErrorKind::StorageFull);
        assert!(insist(|| Err::<(), _>(full()), |error| !is_full(error)).is_err());
        let mut tries = 0;
        let third = || {
            tries += 1;
            if tries < 3 { Err(full()) } else { Ok(tries) }
        };
        assert_eq!(insist(third, is_full).unwrap(), 3);
    }
}
