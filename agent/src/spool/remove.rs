//! The only two ways by which footage leaves the spool (S11-S14).

use super::{Layout, Queue, Segment, layout};
use crate::disk;
use invigil_format::{Digest, Error, Expired, Need, Receipt, RecordingId, Role, Statement, TrustStore};
use std::io::{self, Read};
use std::path::Path;

/// Why a receipt or an expiry does not count.
#[derive(Debug, thiserror::Error)]
pub enum RemoveError {
    /// Not signed as it must be, or another type.
    #[error("the server's statement does not count: {0}")]
    Format(#[from] Error),
    /// Of something else.
    #[error("the server's statement is about another {0}")]
    Other(&'static str),
    /// Size or digest are not the file's.
    #[error("the server has stored other bytes than this file has now: keep it and ask the IT staff")]
    Content,
    /// The disk.
    #[error("removing footage failed: {0}")]
    Disk(#[from] io::Error),
}

/// Removes a segment that the server has stored (S11-S13).
pub fn delete_stored(segment: &Segment, queue: &Queue, receipt: &Statement, trust: &TrustStore, now_ms: i64) -> Result<(), RemoveError> {
    if !segment.state().closed {
        return Err(RemoveError::Other("segment: this one is still growing"));
    }
    match check_receipt(segment, receipt, trust, now_ms) {
        // All but the content was right, so an earlier try removed it, and then the disk failed: what was not done then is done now.
        Err(RemoveError::Disk(error)) if error.kind() == io::ErrorKind::NotFound => {
            disk::sync_folder(segment.path.parent().unwrap_or_else(|| Path::new(".")))?;
        }
        checked => checked?,
    }
    let path = layout::receipt(&segment.path);
    let write = || disk::fault("S12").and_then(|()| disk::write_atomic(&path, receipt.to_json().as_bytes()));
    match write() {
        // The receipt was checked, and on a full disk only the segment's own room is left for it.
        Err(error) if disk::is_full(&error) => {
            disk::remove(&segment.path)?;
            if let Err(error) = write() {
                tracing::warn!(%error, path = %path.display(), "a full disk has no room for the receipt of a segment that is stored");
            }
        }
        written => {
            written?;
            disk::crash_point("receipt-written");
            disk::fault("S13")?;
            disk::remove(&segment.path)?;
        }
    }
    disk::crash_point("segment-removed");
    queue.stored(segment);
    Ok(())
}

/// Whether this receipt is of the segment's file (S11). The content comes last: [`RemoveError::Disk`] says that everything else is right.
pub(super) fn check_receipt(segment: &Segment, receipt: &Statement, trust: &TrustStore, now_ms: i64) -> Result<(), RemoveError> {
    let stated: Receipt = receipt.read()?;
    trust.require(Need::new(Role::Server, receipt.key, now_ms))?;
    if stated.institution != trust.fingerprint() {
        return Err(RemoveError::Other("institution"));
    }
    if (stated.recording, stated.run, &stated.track, stated.sequence) != (segment.recording, segment.run, &segment.track, segment.sequence)
    {
        return Err(RemoveError::Other("segment"));
    }
    if (stated.size_bytes, stated.digest) != measure(&segment.path)? {
        return Err(RemoveError::Content);
    }
    Ok(())
}

/// Removes everything of a recording that has expired (S14).
pub fn delete_recording(
    names: &Layout,
    recording: RecordingId,
    queue: &Queue,
    expired: &Statement,
    trust: &TrustStore,
    now_ms: i64,
) -> Result<(), RemoveError> {
    let stated: Expired = expired.read()?;
    trust.require(Need::new(Role::Server, expired.key, now_ms))?;
    if stated.institution != trust.fingerprint() {
        return Err(RemoveError::Other("institution"));
    }
    if stated.recording != recording {
        return Err(RemoveError::Other("recording"));
    }
    queue.forget(recording);
    let folder = names.recording(recording);
    // A disk that fails at one of them keeps none of the others; what is left is tried again at the server's next word.
    let mut failed = None;
    for entry in read_folder(&folder)?.into_iter().filter(|entry| entry.is_dir()) {
        let listed = layout::list(&entry, "seg").map_err(|error| failed = Some(error)).unwrap_or_default();
        for (_, _, path) in listed {
            if let Err(error) = disk::fault("S14").and_then(|()| disk::remove(&path)) {
                if failed.is_none() {
                    tracing::error!(path = %path.display(), %error, "removing a segment that has expired failed, trying again; others may fail, too");
                }
                failed = Some(error);
            }
        }
    }
    disk::crash_point("expired-segments-removed");
    if let Some(error) = failed {
        return Err(error.into());
    }
    match std::fs::remove_dir_all(&folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
        _ => disk::sync_folder(names.root())?,
    }
    Ok(())
}

fn read_folder(folder: &Path) -> io::Result<Vec<std::path::PathBuf>> {
    match std::fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        entries => entries?.map(|entry| entry.map(|entry| entry.path())).collect(),
    }
}

fn measure(path: &Path) -> io::Result<(u64, Digest)> {
    let mut file = std::fs::File::open(path)?;
    let mut context = ring::digest::Context::new(&ring::digest::SHA256);
    let mut buffer = vec![0; 256 << 10];
    let mut size_bytes = 0;
    loop {
        let n = file.read(&mut buffer)?;
        if n == 0 {
            break;
        }
        size_bytes += n as u64;
        context.update(&buffer[..n]);
    }
    let mut digest = Digest([0; 32]);
    digest.0.copy_from_slice(context.finish().as_ref());
    Ok((size_bytes, digest))
}
