//! What lies in the spool when a run begins: it may be hours of footage on a slow disk, and it may have left no room.

use anyhow::{Context, Result, ensure};
use invigil_tests::agent::{Agent, Start};
use invigil_tests::mount::{Mount, is_root};
use invigil_tests::proxy::Proxy;
use invigil_tests::scenario::cases::footage;
use invigil_tests::server::{Exam, Join, PASSPHRASE, PASSWORD, Server};
use invigil_tests::{binary, wait_for};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(90);

/// A server behind a line, two candidates, and a disk of its own for their common spool.
struct Hall {
    server: Server,
    proxy: Proxy,
    joins: Vec<Join>,
    spool: PathBuf,
    mount: Mount,
    _home: tempfile::TempDir,
}

impl Hall {
    fn open(mib: u32) -> Result<Self> {
        let home = tempfile::tempdir()?;
        let mut server = Server::init(&home.path().join("server"), PASSWORD, PASSPHRASE)?;
        server.start()?;
        let proxy = Proxy::start(server.address())?;
        let now = invigil_clock::wall_ms();
        let exam =
            server.add_exam(&Exam { policy: "kbtu", starts_ms: now - 1000, ends_ms: now + 3_600_000, candidates: &["A:1", "B:2"] })?;
        let mount = Mount::ext4(&home.path().join("disk"), mib)?;
        Ok(Self { server, proxy, joins: exam.joins, spool: mount.path().to_owned(), mount, _home: home })
    }

    fn start(&self, candidate: usize, cameras: usize) -> Result<Agent> {
        self.start_by(None, candidate, cameras)
    }

    /// `group`: a control group that it lives in from its first moment.
    fn start_by(&self, group: Option<&Path>, candidate: usize, cameras: usize) -> Result<Agent> {
        let (url, join) = (self.proxy.url(), &self.joins[candidate].join);
        let cameras = vec![format!("file:{}", invigil_tests::clip()?.display()); cameras];
        let environment = [("INVIGIL_SPOOL_RESERVE_MIB", "1")];
        let start = Start { url: &url, join, spool: &self.spool, cameras: &cameras, environment: &environment };
        match group {
            Some(group) => Agent::start_in_group(group, &start),
            None => Agent::start(&start),
        }
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.spool.with_extension("log")).unwrap_or_default()
    }

    fn footage_bytes(&self) -> Result<u64> {
        footage(&self.spool)?.iter().map(|file| Ok(file.metadata()?.len())).sum()
    }

    fn all_opens(&self, candidate: usize) -> Result<()> {
        ensure!(footage(&self.spool)?.is_empty(), "the spool still holds {:?}", footage(&self.spool)?);
        let out = self.mount.path().with_extension(format!("opened-{candidate}"));
        let (report, whole) = self.server.open_footage(self.joins[candidate].recording, &out)?;
        ensure!(whole, "the offline tool complains: {report}");
        Ok(())
    }
}

/// P1: after a power cut a computer that was without a network for hours records at once. What the disk gives in a second is the limit that it is held against.
#[test]
fn a_run_records_before_the_disk_could_have_read_half_of_what_waits_on_it() {
    let _turn = crate::half();
    if !is_root() {
        eprintln!("left out: only root can mount a disk of its own");
        return;
    }
    let mut hall = Hall::open(1024).unwrap();
    const BYTES_PER_SEC: u64 = 50_000;
    let Some(group) = hall.mount.slow_reads(BYTES_PER_SEC).unwrap() else {
        eprintln!("left out: this kernel has no way to slow a disk down");
        return;
    };
    let mut joined = hall.start(0, 1).unwrap();
    joined.wait_recorded(1_000, LIMIT).unwrap();
    joined.terminate(LIMIT).unwrap();
    hall.proxy.cut();
    for life in 1..=2 {
        let mut agent = hall.start(0, 4).unwrap();
        wait_for(
            "a minute of the disk's time waits on it",
            LIMIT,
            || Ok((hall.footage_bytes()? > life * 40 * BYTES_PER_SEC).then_some(())),
        )
        .unwrap();
        // The segments are closed, and its journal says so.
        agent.terminate(LIMIT).unwrap();
    }
    hall.proxy.restore();
    let waiting = hall.footage_bytes().unwrap();
    hall.mount.forget_cached().unwrap();

    let begun_us = invigil_clock::boottime_us();
    let mut agent = hall.start_by(Some(&group), 0, 1).unwrap();
    agent.wait_recorded(1_000, LIMIT).unwrap();
    let took_us = invigil_clock::boottime_us() - begun_us;
    let reading_us = waiting * 1_000_000 / BYTES_PER_SEC;
    eprintln!("recorded {} ms after the start; to read {waiting} bytes takes {} ms", took_us / 1000, reading_us / 1000);
    assert!(took_us * 2 < reading_us, "{took_us} of {reading_us} us");
    // Nobody says that all is stored before all was read.
    hall.mount.slow_reads(0).unwrap();
    assert!(agent.stop(LIMIT).unwrap().success());
    hall.all_opens(0).unwrap();
}

/// P1: footage that waits must not keep the disk full for ever: it goes up while the run waits for room, that of the same exam and that of others.
#[test]
fn a_disk_full_of_footage_is_emptied_by_the_upload_before_a_run_begins() {
    let _turn = crate::half();
    if !is_root() {
        eprintln!("left out: only root can mount a disk of its own");
        return;
    }
    for earlier in [0, 1] {
        full_at_the_start(earlier).with_context(|| format!("the footage is of candidate {earlier}")).unwrap();
    }
}

/// The footage on the disk is of candidate `earlier`, and candidate 0 is to be recorded.
fn full_at_the_start(earlier: usize) -> Result<()> {
    let hall = Hall::open(160)?;
    let mut joined = hall.start(0, 1)?;
    joined.wait_recorded(1_000, LIMIT)?;
    joined.terminate(LIMIT)?;
    let upload = Command::new(binary("invigil-agent")?).args(["upload", "--json", "--spool"]).arg(&hall.spool).output()?;
    ensure!(upload.status.success() && hall.footage_bytes()? == 0, "{}", String::from_utf8_lossy(&upload.stdout));
    if earlier != 0 {
        let mut other = hall.start(earlier, 1)?;
        other.wait_recorded(1_000, LIMIT)?;
        other.terminate(LIMIT)?;
    }
    hall.proxy.cut();
    let mut agent = hall.start(earlier, 2)?;
    agent.wait_recorded(25_000, LIMIT)?;
    agent.terminate(LIMIT)?;
    hall.mount.fill(0)?;
    let waiting = hall.footage_bytes()?;

    let mut agent = hall.start(0, 1)?;
    let said = |agent: &Agent, kind: &str| agent.lines().iter().any(|line| line["event"] == kind);
    wait_for("the agent says that nothing is recorded yet", LIMIT, || Ok(said(&agent, "capture-paused").then_some(())))?;
    ensure!(!said(&agent, "started") && agent.number("recorded_ms") == 0, "it records on a full disk");
    hall.proxy.restore();
    // Only the upload makes room: the file that fills the disk stays.
    agent.wait_recorded(4_000, LIMIT).with_context(|| hall.log())?;
    let status = agent.stop(LIMIT)?;
    ensure!(status.success(), "the agent ended with {status}");
    eprintln!("{waiting} bytes of candidate {earlier} made room for candidate 0");
    hall.all_opens(0)?;
    hall.all_opens(earlier)
}
