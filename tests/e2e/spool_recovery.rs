//! A disk that fails at what an earlier run left behind: the next run records all the same, and what was left arrives when the disk is well.

use anyhow::{Context, Result, ensure};
use invigil_tests::agent::{Agent, Start};
use invigil_tests::scenario::cases::{self, footage};
use invigil_tests::server::{Join, Server};
use invigil_tests::{binary, decode, disk};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(60);
/// The next run records so soon after its start.
const SOON: Duration = Duration::from_secs(20);
/// Exit status when something stays in the spool.
const LEFT: i32 = 3;

/// What the spool looks like when the disk begins to fail, beside what a kill leaves.
#[derive(Clone, Copy, PartialEq)]
enum Before {
    Killed,
    /// Killed again between S12 and S13.
    Stored,
    /// And the journal's last line is torn.
    TornJournal,
    /// And there is a segment without header.
    NoHeader,
    /// And a segment is damaged further back than its last write.
    Damaged,
}

/// What the life with the failing disk cannot send.
#[derive(Clone, Copy, PartialEq)]
enum Leaves {
    Nothing,
    Footage,
    Records,
}

/// Each step of docs/lifecycle.md, Spool, Recover, at which the disk can fail: the step, how often, the spool before it, and what is left for a later start.
const STEPS: [(&str, Before, Leaves); 12] = [
    ("R.runs:1000000", Before::Killed, Leaves::Nothing),
    ("R.folder:1000000", Before::Killed, Leaves::Footage),
    ("R.journal:1000000", Before::Killed, Leaves::Nothing),
    ("R.journal.cut:1000000", Before::TornJournal, Leaves::Nothing),
    ("R.segment:1000000", Before::Killed, Leaves::Footage),
    ("R1:1000000", Before::Stored, Leaves::Nothing),
    ("R2:1000000", Before::NoHeader, Leaves::Footage),
    ("R3:1000000", Before::Killed, Leaves::Footage),
    ("R3.torn:1000000", Before::Killed, Leaves::Footage),
    ("R4:1000000", Before::Damaged, Leaves::Footage),
    // The new run's own journal: without it nothing is recorded, so it is done again until it works, as S4.
    ("R5:3", Before::Killed, Leaves::Nothing),
    // No step of recovery: the journals cannot be read when they are to be sent.
    ("records.journal:1000000", Before::Killed, Leaves::Records),
];

/// P1, disk errors in recovery.
#[test]
fn a_disk_that_fails_at_what_an_earlier_run_left_keeps_nothing_from_being_recorded() {
    let _turn = crate::turn();
    let run = |server: &Server, home: &Path, (step, before, leaves): &(&'static str, Before, Leaves), join: &Join| {
        Case { server, home, step, before: *before, leaves: *leaves, join }.run()
    };
    let complaints = cases::run(&STEPS, |(step, ..)| step, run).unwrap();
    assert!(complaints.is_empty(), "{complaints:#?}");
}

struct Case<'a> {
    server: &'a Server,
    home: &'a Path,
    step: &'a str,
    before: Before,
    leaves: Leaves,
    join: &'a Join,
}

impl Case<'_> {
    fn run(&self) -> Result<()> {
        let spool = self.home.join(format!("spool-{}", self.step.replace([':', '.'], "-")));
        let (url, cameras) = (self.server.url(), ["test".to_owned()]);
        let start = |environment| Agent::start(&Start { url: &url, join: &self.join.join, spool: &spool, cameras: &cameras, environment });
        let log = || std::fs::read_to_string(spool.with_extension("log")).unwrap_or_default();
        let mut agent = start(&[])?;
        agent.wait_recorded(3_000, LIMIT)?;
        let first_ms = agent.number("recorded_ms");
        agent.kill()?;
        if self.before == Before::Stored {
            // It sends what the first life left, and dies with the receipt of that.
            start(&[("INVIGIL_CRASH_AT", "receipt-written")])?.wait_for_end(LIMIT)?;
        }
        let damaged = self.prepare(&spool)?;
        let before = footage(&spool)?;

        // The disk fails for the whole of this life: it records, and ends as it should.
        let begun_us = invigil_clock::boottime_us();
        let mut agent = start(&[("INVIGIL_DISK_ERROR", self.step)])?;
        agent.wait_recorded(1_000, LIMIT)?;
        let took = Duration::from_micros(invigil_clock::boottime_us() - begun_us);
        ensure!(took < SOON, "it recorded only {took:?} after its start");
        let said = agent.lines().iter().any(|line| line["event"] == "left-over");
        ensure!(said != ["R5:3", "R.journal.cut:1000000", "records.journal:1000000"].contains(&self.step), "said of what is left: {said}");
        ensure!(log().contains("a disk error was asked for"), "no error happened: {}", log());
        let ended = agent.stop(LIMIT)?;
        let expected = if self.leaves == Leaves::Nothing { 0 } else { LEFT };
        ensure!(ended.code() == Some(expected), "it ended with {ended}, {expected} is expected: {}", log());
        let kept = footage(&spool)?.iter().filter(|file| before.contains(file)).count();
        ensure!((kept > 0) == (self.leaves == Leaves::Footage || self.step.starts_with("R1")), "{kept} of {before:?} are left");

        // The disk is well again.
        let mut command = Command::new(binary("invigil-agent")?);
        let output = command.args(["upload", "--json", "--drain-secs", "60", "--spool"]).arg(&spool).output()?;
        ensure!(output.status.success(), "{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        let left = footage(&spool)?;
        ensure!(left == damaged, "the spool still holds {left:?}");

        let out = self.home.join(format!("opened-{}", self.join.recording));
        let (report, whole) = self.server.open_footage(self.join.recording, &out)?;
        ensure!(whole, "the offline tool complains: {report}");
        let mut pictures = 0;
        for file in disk::files(&out)?.iter().filter(|file| file.extension().is_some_and(|end| end == "mp4")) {
            let decoded = decode::decode(file)?;
            ensure!(decoded.errors.is_empty() && decoded.doubled() == 0, "{:?}, {} doubled", decoded.errors, decoded.doubled());
            pictures += decoded.frames() as u64;
        }
        // What the kill cost is at most 2 s.
        let least = (first_ms.saturating_sub(2_000) + 1_000) * 15 / 1000 / 2;
        eprintln!("{:24} recorded after {:>5} ms, {pictures} pictures of both lives", self.step, took.as_millis());
        ensure!(pictures >= least, "{pictures} pictures of two lives, of which the first had {first_ms} ms");
        Ok(())
    }

    /// Makes the spool what the step needs; gives what shall be there at the end.
    fn prepare(&self, spool: &Path) -> Result<Vec<PathBuf>> {
        let segment = footage(spool)?.into_iter().find(|file| file.ends_with("cam0-00000000.seg")).context("the first life's segment")?;
        let other = segment.with_file_name("cam0-00000099.seg");
        match self.before {
            Before::Killed | Before::Stored => Ok(Vec::new()),
            Before::TornJournal => {
                let journal = segment.with_file_name("journal.jsonl");
                let text = std::fs::read(&journal)?;
                std::fs::write(&journal, [&text[..], &text[..100]].concat())?;
                Ok(Vec::new())
            }
            Before::NoHeader => {
                std::fs::write(other, &std::fs::read(&segment)?[..10])?;
                Ok(Vec::new())
            }
            Before::Damaged => {
                let mut bytes = std::fs::read(&segment)?;
                let middle = bytes.len() / 2;
                bytes[middle] ^= 1;
                std::fs::write(&other, bytes)?;
                Ok(vec![other.with_extension("damaged")])
            }
        }
    }
}
