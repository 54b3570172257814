//! Many cases of one fault at one server: each has a candidate of its own, four share a thread.

use crate::disk;
use crate::server::{Exam, Join, PASSPHRASE, PASSWORD, Server};
use anyhow::{Context, Result, ensure};
use std::path::{Path, PathBuf};

/// Runs each case for itself and then the server's own check; gives what does not hold, by the case's name.
///
/// # Errors
/// When the server cannot be set up.
pub fn run<C: Sync>(
    cases: &[C],
    name: fn(&C) -> &str,
    one: impl Fn(&Server, &Path, &C, &Join) -> Result<()> + Sync,
) -> Result<Vec<String>> {
    let home = tempfile::tempdir()?;
    let mut server = Server::init(&home.path().join("server"), PASSWORD, PASSPHRASE)?;
    server.start()?;
    let now = invigil_clock::wall_ms();
    let candidates: Vec<String> = (1..=cases.len()).map(|number| format!("Candidate:{number}")).collect();
    let candidates: Vec<&str> = candidates.iter().map(String::as_str).collect();
    let exam = server.add_exam(&Exam { policy: "kbtu", starts_ms: now - 1000, ends_ms: now + 3_600_000, candidates: &candidates })?;
    ensure!(exam.joins.len() == cases.len(), "{} join codes for {} cases", exam.joins.len(), cases.len());
    let pairs: Vec<(&C, &Join)> = cases.iter().zip(&exam.joins).collect();
    let complaints = std::thread::scope(|scope| {
        let (server, home, one) = (&server, home.path(), &one);
        let complaint =
            move |(case, join): &(&C, &Join)| one(server, home, case, join).err().map(|error| format!("{}: {error:#}", name(case)));
        let shares: Vec<_> =
            pairs.chunks(4).map(|share| scope.spawn(move || share.iter().filter_map(complaint).collect::<Vec<_>>())).collect();
        shares.into_iter().map(|share| share.join().ok().context("a thread of cases panicked")).collect::<Result<Vec<_>>>()
    })?;
    let (said, sound) = server.command(&["check"], &[])?;
    Ok(complaints.into_iter().flatten().chain((!sound).then_some(said)).collect())
}

/// Footage in a spool: segments, and what was set aside as damaged.
///
/// # Errors
/// When the folder cannot be read.
pub fn footage(spool: &Path) -> Result<Vec<PathBuf>> {
    let mut files = disk::files(spool)?;
    files.retain(|file| file.extension().is_some_and(|end| end == "seg" || end == "damaged"));
    Ok(files)
}
