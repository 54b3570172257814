//! kill -9 of agent and server at random moments of one recording with two cameras (one encoded, one passed through), their thumbnails and a microphone, over a
//! slow path so that half-sent chunks are among them.

use super::kill_facts::{self, Journalled, Stored};
use crate::agent::{Agent, Start};
use crate::ip_camera::IpCamera;
use crate::proxy::Proxy;
use crate::pulse::Pulse;
use crate::server::{Exam, Server};
use crate::{Dice, decode};
use anyhow::{Context, Result, ensure};
use invigil_format::TrackKind;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::Path;
use std::time::Duration;

/// The most that a kill may cost a track, ms: the chunk that is being written and the one that is being gathered, where a chunk has about a second and
/// both are rarely full.
pub const MOST_LOST_MS: i64 = 1_500;

/// A life that lasts so long has pictures of every camera and sound, ms: a busy machine needs seconds to start them.
const DELIVERS_WITHIN_MS: u64 = 10_000;

/// What the rounds showed.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Kills of the agent, and of the server.
    pub kills: (usize, usize),
    /// Kills at which the server held part of a chunk.
    pub half_sent: usize,
    /// How often which step was hit; a kill can stand at several, one a track.
    pub points: BTreeMap<&'static str, usize>,
    /// From each start of the agent until it recorded again, ms; only where it was let.
    pub back_ms: Vec<u64>,
    /// How long this disk took to sync a small file at each kill, ms: what a busy machine costs, which the agent has to bear too.
    pub sync_ms: Vec<u64>,
    /// By track.
    pub tracks: BTreeMap<String, TrackOutcome>,
    /// The offline tool found every segment whole and authentic.
    pub whole: bool,
    /// What the offline tool said.
    pub report: serde_json::Value,
    /// `invigil-server check` found nothing.
    pub sound: bool,
}

/// What they cost one track.
#[derive(Debug, Default)]
pub struct TrackOutcome {
    /// Segments that the journals say were begun.
    pub begun: usize,
    /// Segments on the server, closed and stored.
    pub stored: usize,
    /// Begun segments that are not there.
    pub lost_segments: Vec<String>,
    /// Segments that are there twice, or not closed.
    pub odd_segments: Vec<String>,
    /// Lost time for each kill at which this camera or microphone was delivering, ms, and that kill in words; the costliest last, not of thumbnails.
    pub lost: Vec<(i64, String)>,
    /// Lives in which it never delivered although they were long enough, in words.
    pub silent: Vec<String>,
    /// Pictures decoded over all rounds.
    pub pictures: usize,
    /// Pictures or chunks that stand at a time where another stands.
    pub doubled: usize,
    /// Decoder's complaints.
    pub errors: Vec<String>,
    /// Gaps of over a second that no kill explains, as (from, length) in seconds of boot time.
    pub unexplained_gaps: Vec<(f64, f64)>,
}

/// One life of the agent.
#[derive(Debug, Clone, Copy)]
struct Life {
    started_us: u64,
    killed_us: u64,
}

/// Kills the agent `agent_rounds` times and the server `server_rounds` times.
pub fn run(home: &Path, clip: &Path, agent_rounds: usize, server_rounds: usize) -> Result<Outcome> {
    let mut dice = Dice::new()?;
    let mut outcome = Outcome { kills: (agent_rounds, server_rounds), ..Outcome::default() };
    let mut server = Server::init(&home.join("server"), crate::server::PASSWORD, crate::server::PASSPHRASE)?;
    // The path is the bottleneck, not the ceiling that protects a student's link.
    server.add_policy("kills", "kbtu", &[("capture.upload_max_kbits", 0.into()), ("capture.sound", true.into())])?;
    server.start()?;
    let proxy = Proxy::start(server.address())?;
    proxy.throttle(48 << 10);
    let ip_camera = IpCamera::start(&["--size", "640x480", "--fps", "15", "--key-every", "30"])?;
    let room = Pulse::start(&home.join("room"))?;
    let sound = room.environment();
    let environment: Vec<(&str, &str)> = sound.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let now = invigil_clock::wall_ms();
    let exam =
        server.add_exam(&Exam { policy: "kills", starts_ms: now - 1_000, ends_ms: now + 7_200_000, candidates: &["Killed Candidate"] })?;
    let join = exam.joins.first().context("exam add gave no join code")?.clone();
    let spool = home.join("spool");
    let cameras = [format!("file:{}", clip.display()), ip_camera.url(0)];
    let url = proxy.url();
    let start = || Agent::start(&Start { url: &url, join: &join.join, spool: &spool, cameras: &cameras, environment: &environment });
    let mut journalled = Journalled::default();
    let mut lives = Vec::new();

    let mut started_us = invigil_clock::boottime_us();
    let mut agent = start()?;
    agent.wait_recorded(1_500, Duration::from_secs(90))?;
    for round in 0..agent_rounds {
        // One in three dies while it starts and recovers what the one before left.
        if round > 0 && dice.between(0, 3) == 0 {
            let most_ms = if dice.between(0, 2) == 0 { 300 } else { 1_500 };
            std::thread::sleep(Duration::from_millis(dice.between(0, most_ms)));
        } else {
            agent.wait_recorded(1, Duration::from_secs(90))?;
            outcome.back_ms.push((invigil_clock::boottime_us() - started_us) / 1000);
            std::thread::sleep(Duration::from_millis(dice.between(0, 3_000)));
        }
        let killed_us = invigil_clock::boottime_us();
        agent.kill()?;
        lives.push(Life { started_us, killed_us });
        outcome.sync_ms.push(sync_ms(home)?);
        journalled.read(&spool)?;
        outcome.half_sent += usize::from(kill_facts::half_sent(server.dir())? > 0);
        for point in kill_facts::points(&spool)? {
            *outcome.points.entry(point).or_default() += 1;
        }
        if (round + 1) % 10 == 0 || round + 1 == agent_rounds {
            eprintln!("agent killed, round {} of {agent_rounds}", round + 1);
        }
        started_us = invigil_clock::boottime_us();
        agent = start()?;
    }
    agent.wait_recorded(1_500, Duration::from_secs(90))?;
    for round in 0..server_rounds {
        let recorded = agent.number("recorded_ms");
        agent.wait_recorded(recorded + 1_500, Duration::from_secs(90))?;
        std::thread::sleep(Duration::from_millis(dice.between(0, 4_000)));
        server.kill()?;
        outcome.half_sent += usize::from(kill_facts::half_sent(server.dir())? > 0);
        std::thread::sleep(Duration::from_millis(dice.between(0, 2_000)));
        server.start()?;
        eprintln!("server killed, round {} of {server_rounds}", round + 1);
    }
    let recorded = agent.number("recorded_ms");
    agent.wait_recorded(recorded + 3_000, Duration::from_secs(90))?;
    proxy.throttle(u64::MAX);
    journalled.read(&spool)?;
    let status = agent.stop(Duration::from_secs(240))?;
    ensure!(status.success(), "the agent ended with {status}");

    outcome.tracks = tracks(&journalled, &kill_facts::stored(&server.dir().join("data"))?, &lives);
    let out = home.join("opened");
    (outcome.report, outcome.whole) = server.open_footage(join.recording, &out)?;
    for (name, track) in &mut outcome.tracks {
        let file = out.join(format!("{name}.mp4"));
        if name.starts_with("cam") {
            let decoded = decode::decode(&file)?;
            track.pictures = decoded.frames();
            track.doubled += decoded.doubled();
            track.errors = decoded.errors;
        }
    }
    (_, outcome.sound) = server.command(&["check"], &[])?;
    server.stop()?;
    Ok(outcome)
}

fn sync_ms(folder: &Path) -> Result<u64> {
    let begun_us = invigil_clock::boottime_us();
    let mut file = std::fs::File::create(folder.join("sync-probe"))?;
    file.write_all(&[0; 40_000])?;
    file.sync_all()?;
    Ok((invigil_clock::boottime_us() - begun_us) / 1000)
}

/// What was begun, what is there and what each kill cost, track by track.
fn tracks(journalled: &Journalled, stored: &[Stored], lives: &[Life]) -> BTreeMap<String, TrackOutcome> {
    let names: BTreeSet<&str> =
        journalled.begun.iter().map(|name| name.1.as_str()).chain(stored.iter().map(|one| one.name.1.as_str())).collect();
    let mut tracks = BTreeMap::new();
    for name in names {
        let here: Vec<&Stored> = stored.iter().filter(|one| one.name.1 == name).collect();
        let mut times: BTreeMap<&(String, String, u32), usize> = BTreeMap::new();
        here.iter().for_each(|one| *times.entry(&one.name).or_default() += 1);
        let begun = journalled.begun.iter().filter(|one| one.1 == name);
        let mut track = TrackOutcome { begun: begun.clone().count(), stored: times.len(), ..TrackOutcome::default() };
        track.lost_segments = begun.filter(|one| !times.contains_key(one)).map(|one| format!("{one:?}")).collect();
        track.odd_segments.extend(times.iter().filter(|(_, count)| **count > 1).map(|(one, count)| format!("{one:?} {count} times")));
        track.odd_segments.extend(here.iter().filter(|one| !one.closed).map(|one| format!("{:?} is not closed", one.name)));
        // Thumbnails stand for the seconds after them, whatever becomes of these: no time is lost with them.
        if here.iter().any(|one| matches!(one.kind, TrackKind::Video | TrackKind::Audio)) {
            let mut chunks: Vec<(u64, u64)> = here.iter().flat_map(|one| one.chunks.iter().copied()).collect();
            chunks.sort_unstable();
            let delivering = journalled.delivering_us.get(name).cloned().unwrap_or_default();
            let last_kill_us = lives.iter().map(|life| life.killed_us).max().unwrap_or(0);
            if chunks.last().is_none_or(|(from, _)| *from < last_kill_us) {
                track.silent.push("it did not come back after the last kill".into());
            }
            for (round, life) in (1..).zip(lives) {
                let lived_ms = (life.killed_us - life.started_us) / 1000;
                let Some(lost) = lost_ms(*life, &chunks, &delivering) else {
                    if lived_ms >= DELIVERS_WITHIN_MS {
                        track.silent.push(format!("life {round} of {lived_ms} ms had none of it"));
                    }
                    continue;
                };
                let kept = chunks.iter().filter(|(from, _)| (life.started_us..life.killed_us).contains(from)).count();
                let kill = format!("kill {round}, {lived_ms} ms after the start, cost {lost} ms; {kept} chunks of that life are stored");
                track.lost.push((lost, kill));
            }
            track.lost.sort_unstable();
            track.doubled = chunks.windows(2).filter(|pair| pair[1].0 + 100_000 < pair[0].1).count();
            track.unexplained_gaps = unexplained_gaps(&chunks, lives);
        }
        tracks.insert(name.to_owned(), track);
    }
    tracks
}

/// What the end of a life cost a track: from its newest picture that is stored, or from where its camera began to deliver, until the kill. `None` if it
/// did not deliver in this life.
fn lost_ms(life: Life, chunks: &[(u64, u64)], delivering_us: &BTreeSet<u64>) -> Option<i64> {
    let last = chunks.iter().filter(|(from, _)| (life.started_us..life.killed_us).contains(from)).map(|(_, to)| *to).max();
    let began = delivering_us.range(life.started_us..life.killed_us).next().copied();
    let from = last.or(began)?;
    i64::try_from(life.killed_us.saturating_sub(from) / 1000).ok()
}

/// Stretches of over a second without footage that are not between a kill and the life in which the camera delivers again.
fn unexplained_gaps(chunks: &[(u64, u64)], lives: &[Life]) -> Vec<(f64, f64)> {
    chunks
        .windows(2)
        .map(|pair| (pair[0].1, pair[1].0))
        .filter(|(from, to)| to.saturating_sub(*from) > 1_000_000 && !lives.iter().any(|life| (*from..*to).contains(&life.killed_us)))
        .map(|(from, to)| (from as f64 / 1e6, (to - from) as f64 / 1e6))
        .collect()
}

impl Outcome {
    /// What does not hold; empty when all does.
    pub fn complaints(&self) -> Vec<String> {
        let mut out = Vec::new();
        if !self.whole {
            out.push(format!("the offline tool complains: {}", self.report));
        }
        if !self.sound {
            out.push("invigil-server check complains".into());
        }
        for name in ["cam0", "cam1", "mic0", "thumb0", "thumb1"].iter().filter(|name| !self.tracks.contains_key(**name)) {
            out.push(format!("nothing of {name} is on the server"));
        }
        for (name, track) in &self.tracks {
            out.extend(track.lost_segments.iter().map(|segment| format!("{name}: lost segment {segment}")));
            out.extend(track.odd_segments.iter().map(|segment| format!("{name}: segment {segment}")));
            if !track.errors.is_empty() {
                out.push(format!("{name}: the decoder complains: {:?}", &track.errors[..track.errors.len().min(5)]));
            }
            if track.doubled > 0 {
                out.push(format!("{name}: {} pictures or chunks are there twice", track.doubled));
            }
            let too_much = track.lost.iter().filter(|(lost_ms, _)| *lost_ms > MOST_LOST_MS);
            out.extend(too_much.map(|(_, kill)| format!("{name}: {kill}")));
            out.extend(track.silent.iter().map(|life| format!("{name}: {life}")));
            let gap = |(from, length): &(f64, f64)| format!("{name}: a gap of {length:.1} s at {from:.1} s that no kill explains");
            out.extend(track.unexplained_gaps.iter().map(gap));
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIFE: Life = Life { started_us: 10_000_000, killed_us: 20_000_000 };

    #[test]
    fn a_kill_costs_what_came_after_the_newest_stored_picture_of_that_life() {
        let began = BTreeSet::from([12_000_000]);
        let chunks = [(5_000_000, 9_000_000), (12_000_000, 13_000_000), (13_000_000, 19_200_000), (25_000_000, 26_000_000)];
        assert_eq!(lost_ms(LIFE, &chunks, &began), Some(800));
        // Nothing of this life is stored: all since the camera began is lost.
        assert_eq!(lost_ms(LIFE, &chunks[..1], &began), Some(8_000));
        // It did not deliver before the kill.
        assert_eq!(lost_ms(LIFE, &chunks[..1], &BTreeSet::from([21_000_000])), None);
    }

    #[test]
    fn what_is_lost_doubled_or_missing_without_a_kill_is_named() {
        let name = |sequence| ("run".to_owned(), "cam0".to_owned(), sequence);
        let one = |sequence, chunks: &[(u64, u64)]| Stored {
            name: name(sequence),
            kind: TrackKind::Video,
            closed: true,
            chunks: chunks.to_vec(),
        };
        let journalled = Journalled { begun: BTreeSet::from([name(0), name(1), name(2)]), delivering_us: BTreeMap::new() };
        let stored = [
            one(0, &[(0, 1_000_000)]),
            one(1, &[(1_000_000, 2_000_000)]),
            one(1, &[(1_000_000, 2_000_000)]),
            one(3, &[(5_000_000, 6_000_000)]),
        ];
        let all = tracks(&journalled, &stored, &[Life { started_us: 0, killed_us: 7_000_000 }]);
        let track = &all["cam0"];
        assert_eq!((track.begun, track.stored, track.lost_segments.len(), track.odd_segments.len()), (3, 3, 1, 1), "{track:?}");
        assert!(track.lost_segments[0].contains('2') && track.doubled == 1 && track.unexplained_gaps.len() == 1, "{track:?}");
        assert_eq!(track.lost, [(1_000, "kill 1, 7000 ms after the start, cost 1000 ms; 4 chunks of that life are stored".to_owned())]);
        assert_eq!(track.silent, ["it did not come back after the last kill"]);
        let long = Life { started_us: 20_000_000, killed_us: 31_000_000 };
        let silent = &tracks(&journalled, &stored, &[long])["cam0"].silent;
        assert_eq!(silent[1..], ["life 1 of 11000 ms had none of it".to_owned()]);
        let complaints = Outcome { whole: true, sound: true, tracks: all, ..Outcome::default() }.complaints();
        for part in ["lost segment", "2 times", "twice", "no kill explains", "nothing of thumb1"] {
            assert!(complaints.iter().any(|complaint| complaint.contains(part)), "{part}: {complaints:?}");
        }
    }
}
