//! kill -9 of agent and server at random moments of one recording, over a slow path so that half-sent chunks are among them.

use crate::agent::{Agent, Start};
use crate::proxy::Proxy;
use crate::server::{Exam, Server};
use crate::{Dice, decode, disk};
use anyhow::{Context, Result, ensure};
use invigil_format::{FrameKind, Scanner, TrackKind};
use std::path::Path;
use std::time::Duration;

/// First bytes of a segment (docs/format.md 5).
const MAGIC: &[u8] = b"\x89IVS\r\n\x1a\n";

/// What the rounds showed.
#[derive(Debug)]
pub struct Outcome {
    /// Lost video for each kill of the agent, ms.
    pub lost_ms: Vec<i64>,
    /// Kills at which the server held part of a chunk.
    pub half_sent: usize,
    /// Pictures decoded over all rounds.
    pub pictures: usize,
    /// Pictures that stand at a time where another stands.
    pub doubled: usize,
    /// Decoder's complaints.
    pub errors: Vec<String>,
    /// The offline tool found every segment whole and authentic.
    pub whole: bool,
    /// What the offline tool said.
    pub report: serde_json::Value,
    /// Gaps of over a second in the footage that no kill of the agent explains, as (from, length) in seconds.
    pub unexplained_gaps: Vec<(f64, f64)>,
    /// `invigil-server check` found nothing.
    pub sound: bool,
}

/// Kills the agent `agent_rounds` times, then the server `server_rounds` times.
pub fn run(home: &Path, camera: &str, agent_rounds: usize, server_rounds: usize) -> Result<Outcome> {
    let mut dice = Dice::new()?;
    let mut server = Server::init(&home.join("server"), crate::server::PASSWORD, crate::server::PASSPHRASE)?;
    server.start()?;
    let proxy = Proxy::start(server.address())?;
    proxy.throttle(64 << 10);
    let now = invigil_clock::wall_ms();
    let exam =
        server.add_exam(&Exam { policy: "kbtu", starts_ms: now - 1_000, ends_ms: now + 3_600_000, candidates: &["Killed Candidate"] })?;
    let join = exam.joins.first().context("exam add gave no join code")?.clone();
    let spool = home.join("spool");
    let cameras = [camera.to_owned()];
    let url = proxy.url();
    let start = || Agent::start(&Start { url: &url, join: &join.join, spool: &spool, cameras: &cameras, environment: &[] });
    let mut half_sent = 0;
    let mut killed_at_us = Vec::new();

    let mut agent = start()?;
    for round in 0..agent_rounds {
        agent.wait_recorded(1_500, Duration::from_secs(90))?;
        std::thread::sleep(Duration::from_millis(dice.between(0, 6_000)));
        agent.kill()?;
        killed_at_us.push(invigil_clock::boottime_us());
        half_sent += half_sent_chunks(server.dir())?;
        eprintln!("agent killed, round {} of {agent_rounds}", round + 1);
        agent = start()?;
    }
    for round in 0..server_rounds {
        let recorded = agent.number("recorded_ms");
        agent.wait_recorded(recorded + 2_000, Duration::from_secs(90))?;
        std::thread::sleep(Duration::from_millis(dice.between(0, 4_000)));
        server.kill()?;
        half_sent += half_sent_chunks(server.dir())?;
        std::thread::sleep(Duration::from_millis(dice.between(0, 2_000)));
        server.start()?;
        eprintln!("server killed, round {} of {server_rounds}", round + 1);
    }
    let recorded = agent.number("recorded_ms");
    agent.wait_recorded(recorded + 3_000, Duration::from_secs(90))?;
    proxy.throttle(u64::MAX);
    let status = agent.stop(Duration::from_secs(240))?;
    ensure!(status.success(), "the agent ended with {status}");

    let mut chunks = chunk_times(server.dir())?;
    chunks.sort_unstable();
    let lost_ms = killed_at_us
        .iter()
        .map(|&killed| {
            // The newest picture from before the kill: what came after it was in memory only. One machine, one boot clock.
            let last = chunks.iter().filter(|(from, _)| *from < killed).map(|(_, to)| *to).max().unwrap_or(0);
            i64::try_from(killed.saturating_sub(last) / 1000).unwrap_or(i64::MAX)
        })
        .collect();
    let out = home.join("opened");
    let (report, whole) = server.open_footage(join.recording, &out)?;
    let file = disk::files(&out)?.into_iter().find(|file| file.extension().is_some_and(|end| end == "mp4")).context("a playable file")?;
    let decoded = decode::decode(&file)?;
    let unexplained_gaps = unexplained_gaps(&chunks, &killed_at_us);
    let overlaps = chunks.windows(2).filter(|pair| pair[1].0 + 100_000 < pair[0].1).count();
    let (_, sound) = server.command(&["check"], &[])?;
    server.stop()?;
    Ok(Outcome {
        lost_ms,
        half_sent,
        pictures: decoded.frames(),
        doubled: decoded.doubled() + overlaps,
        errors: decoded.errors,
        whole,
        report,
        unexplained_gaps,
        sound,
    })
}

impl Outcome {
    /// What does not hold; empty when all does.
    pub fn complaints(&self) -> Vec<String> {
        let mut out = Vec::new();
        if !self.whole {
            out.push(format!("the offline tool complains: {}", self.report));
        }
        if !self.errors.is_empty() {
            out.push(format!("the decoder complains: {:?}", &self.errors[..self.errors.len().min(5)]));
        }
        if self.doubled > 0 {
            out.push(format!("{} pictures are there twice", self.doubled));
        }
        out.extend(self.lost_ms.iter().filter(|&&lost| lost > 2_000).map(|lost| format!("a kill lost {lost} ms")));
        out.extend(
            self.unexplained_gaps.iter().map(|(from, length)| format!("a gap of {length:.1} s at {from:.1} s that no kill explains")),
        );
        if !self.sound {
            out.push("invigil-server check complains".into());
        }
        out
    }
}

/// Stretches of over a second without footage, in which no agent was killed: (from, length) in seconds of boot time.
fn unexplained_gaps(chunks: &[(u64, u64)], killed_at_us: &[u64]) -> Vec<(f64, f64)> {
    chunks
        .windows(2)
        .map(|pair| (pair[0].1, pair[1].0))
        .filter(|(from, to)| to.saturating_sub(*from) > 1_000_000 && !killed_at_us.iter().any(|killed| (*from..*to).contains(killed)))
        .map(|(from, to)| (from as f64 / 1e6, (to - from) as f64 / 1e6))
        .collect()
}

/// From and until when each chunk on the server was captured, boot time in us, from the sealed files themselves.
fn chunk_times(server: &Path) -> Result<Vec<(u64, u64)>> {
    let mut times = Vec::new();
    for file in disk::files(server)? {
        let bytes = std::fs::read(&file).unwrap_or_default();
        if bytes.starts_with(MAGIC) {
            let scanner = Scanner::scan(&bytes).with_context(|| format!("scan {}", file.display()))?;
            // Thumbnails stand for the seconds after them, whatever becomes of these.
            if scanner.header().is_some_and(|header| header.kind != TrackKind::Video) {
                continue;
            }
            let chunks = scanner.frames().iter().filter(|frame| frame.kind == FrameKind::Chunk);
            times.extend(chunks.map(|chunk| (chunk.at.boottime_us, chunk.at.boottime_us + u64::from(chunk.duration_us))));
        }
    }
    Ok(times)
}

/// Files on the server that end inside a frame: the rest was on its way.
fn half_sent_chunks(server: &Path) -> Result<usize> {
    let mut count = 0;
    for file in disk::files(server)? {
        let bytes = std::fs::read(&file).unwrap_or_default();
        if bytes.starts_with(MAGIC) {
            let mut scanner = Scanner::new();
            count += usize::from(scanner.feed(&bytes).is_ok() && scanner.pending_bytes() > 0);
        }
    }
    Ok(count)
}
