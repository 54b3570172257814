//! The spool's disk: is there room for an exam that never reaches the server, and does writing and syncing keep up.

use super::{Finding, Level, bytes_of, hours};
use crate::disk;
use indicatif::HumanBytes;
use serde_json::json;
use std::io::Write;
use std::path::Path;

/// What is written for measuring, bytes: in pieces as large as some seconds of footage, each synced.
const PIECE_BYTES: usize = 256 << 10;
const PIECES: u32 = 8;
/// A sync that takes longer holds up footage, ms: each track syncs once a second.
const SLOW_MS: u64 = 500;
/// With less room nothing is begun, bytes.
const LEAST_BYTES: u64 = 64 << 20;

/// `kbits` of all tracks together for `secs`.
pub(super) fn check(spool: &Path, kbits: u64, secs: u64) -> Finding {
    let subject = spool.display().to_string();
    // Nothing is made that `run` would make: where there is no spool yet, the folder that it will be in is looked at.
    let folder = spool.ancestors().find(|folder| folder.exists()).filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let measured = measure(folder);
    let free = free_bytes(folder);
    let needed = bytes_of(kbits, secs);
    let figures = |slowest_ms| json!({ "free_bytes": free, "needed_bytes": needed, "slowest_sync_ms": slowest_ms });
    let slowest_ms = match measured {
        Ok(slowest_ms) => slowest_ms,
        Err(error) => {
            let what =
                if error.raw_os_error() == Some(nix::libc::EROFS) { "make it writable" } else { "make room or choose another folder" };
            return Finding::good("disk", subject, format!("nothing can be written there: {error}"))
                .but(Level::Bad, format!("{what} (--spool); without it nothing can be recorded"))
                .measured(figures(None));
        }
    };
    let Some(free) = free else {
        return Finding::good("disk", subject, "how much room there is cannot be found out")
            .but(Level::Attention, "choose another folder with --spool");
    };
    let says = format!(
        "{} free, the exam needs at most {} if nothing can be uploaded meanwhile; slowest of {PIECES} syncs {slowest_ms} ms",
        HumanBytes(free),
        HumanBytes(needed)
    );
    let mut finding = Finding::good("disk", subject, says).measured(figures(Some(slowest_ms)));
    if free < LEAST_BYTES {
        finding = finding.but(Level::Bad, format!("make room: with less than {} nothing can be recorded", HumanBytes(LEAST_BYTES)));
    } else if free < needed {
        let room_secs = u64::try_from(u128::from(free) * u128::from(secs) / u128::from(needed.max(1))).unwrap_or(0);
        finding = finding.but(Level::Attention, format!("make room: without a network it lasts for {} only", hours(room_secs)));
    }
    if slowest_ms > SLOW_MS {
        finding = finding.but(
            Level::Attention,
            "the disk is slow: end other programs that write to it, or choose a folder on another disk with --spool",
        );
    }
    finding
}

/// Writes and syncs a file that goes again; the slowest sync, ms.
fn measure(spool: &Path) -> std::io::Result<u64> {
    let path = spool.join(format!(".check.{}.tmp", std::process::id()));
    let measured = (|| {
        let mut file = disk::create_new(&path)?;
        let mut slowest_us = 0;
        for n in 0..PIECES {
            // Not the same in each piece: some disks store that as nothing.
            let piece: Vec<u8> =
                (0..PIECE_BYTES).map(|at| (at as u32).wrapping_mul(2_654_435_761).wrapping_add(n).to_be_bytes()[0]).collect();
            let begun_us = invigil_clock::boottime_us();
            file.write_all(&piece)?;
            file.sync_data()?;
            slowest_us = slowest_us.max(invigil_clock::boottime_us().saturating_sub(begun_us));
        }
        Ok(slowest_us.div_ceil(1000))
    })();
    let removed = disk::remove(&path);
    measured.and_then(|slowest_ms| removed.map(|()| slowest_ms))
}

/// Room for ordinary users of the file system that holds `folder`, bytes.
#[cfg(unix)]
fn free_bytes(folder: &Path) -> Option<u64> {
    let stat = nix::sys::statvfs::statvfs(folder).ok()?;
    // Not 64 bits wide everywhere.
    u64::try_from(u128::from(stat.blocks_available()) * u128::from(stat.fragment_size())).ok()
}

#[cfg(not(unix))]
fn free_bytes(_folder: &Path) -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_compared_with_the_exam_and_nothing_is_left_behind() {
        let dir = tempfile::tempdir().unwrap();
        let spool = dir.path().join("not/yet/there");
        let fine = check(&spool, 1, 60);
        assert_eq!(fine.level, Level::Good, "{fine:?}");
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
        let endless = check(dir.path(), u64::MAX / 1000, 3600);
        assert_eq!(endless.level, Level::Attention, "{endless:?}");
        assert!(endless.to_do[0].starts_with("make room: without a network it lasts for 0:"), "{endless:?}");
        std::fs::write(dir.path().join("file"), "").unwrap();
        assert_eq!(check(&dir.path().join("file/spool"), 1, 60).level, Level::Bad);
    }
}
