//! An exam in real time: three cameras (one is passed through, two are encoded) and, where asked for, a microphone; memory is watched, every second is
//! accounted for, and tracks are compared by claps.

use super::in_step::{InStep, Made};
use crate::agent::{Agent, Start};
use crate::clap::{self, Done, Source};
use crate::pulse::Pulse;
use crate::server::{Exam, PASSPHRASE, PASSWORD, Server};
use crate::watch::{Growth, Use, Watch};
use crate::{disk, journal};
use anyhow::{Context, Result, ensure};
use invigil_format::{Condition, Event, RecordingReceipt};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Largest distance of picture and sound, ms (issue 4, point 3).
pub const MOST_APART_MS: f64 = 100.0;
/// The most that they may drift apart over a run of half an hour or more, ms.
const MOST_DRIFT_MS: f64 = 20.0;
/// The camera of a film; those that clap, passed through and encoded.
const FILM: &str = "cam0";
const CLAPPING: [&str; 2] = ["cam1", "cam2"];

/// What is run.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Length of the exam, seconds.
    pub secs: u64,
    /// Film of the camera that is encoded.
    pub clip: PathBuf,
    /// Whether sound is recorded.
    pub sound: bool,
    /// Seconds from clap to clap.
    pub clap_every_secs: u32,
    /// A fault: beeps come so much later than flashes, ms.
    pub beep_delay_ms: u32,
    /// Between the start of the programs and that of the exam, seconds.
    pub lead_secs: u32,
}

/// What it showed.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Length of the exam, seconds.
    pub secs: u64,
    /// Samples of each program.
    pub samples: BTreeMap<String, Vec<Use>>,
    /// Memory of each program (`agent rss`, `agent pss`, ...), MiB.
    pub memory: BTreeMap<String, Growth>,
    /// CPU seconds a minute of each program.
    pub cpu_secs_a_minute: BTreeMap<String, f64>,
    /// The server's signed receipt.
    pub receipt: RecordingReceipt,
    /// The files of cameras and microphone: packets that stand where another stands, gaps of over half a second.
    pub tracks: BTreeMap<String, Track>,
    /// The claps of each camera that saw them, beside what the microphone heard.
    pub in_step: BTreeMap<String, InStep>,
    /// What the agent said of the film's picture (dark, covered, frozen): nothing is wrong with it.
    pub false_alarms: Vec<String>,
    /// How often the journal tells what.
    pub journal: BTreeMap<String, usize>,
    /// Pictures that were dropped, as the journal says.
    pub dropped: u64,
    /// What the offline tool says: everything is there and authentic.
    pub whole: bool,
    /// Its notes and problems.
    pub said: serde_json::Value,
    /// What does not hold.
    pub complaints: Vec<String>,
}

/// A track as ffprobe sees it.
#[derive(Debug, Serialize)]
pub struct Track {
    /// Packets (pictures, or packets of sound).
    pub packets: usize,
    /// From the first to the last, seconds.
    pub secs: f64,
    /// That stand at another's time or before it.
    pub doubled: usize,
    /// Of over half a second, as (from, length) in seconds.
    pub gaps: Vec<(f64, f64)>,
}

/// Runs an exam of `plan.secs` in real time.
pub fn run(home: &Path, plan: &Plan) -> Result<Report> {
    let mut server = Server::init(&home.join("server"), PASSWORD, PASSPHRASE)?;
    server.add_policy("soak", "kbtu", &[("capture.sound", plan.sound.into())])?;
    server.start()?;
    let room = if plan.sound { Some(Pulse::start(&home.join("room"))?) } else { None };
    let source = Source::start(plan.clap_every_secs, room.as_ref(), &["--beep-delay-ms", &plan.beep_delay_ms.to_string()])?;
    let starts_ms = invigil_clock::wall_ms() + i64::from(plan.lead_secs) * 1000;
    let ends_ms = starts_ms + i64::try_from(plan.secs * 1000)?;
    let exam = server.add_exam(&Exam { policy: "soak", starts_ms, ends_ms, candidates: &["Long exam:1"] })?;
    let join = exam.joins.first().context("exam add gave no join code")?;
    let spool = home.join("spool");
    let cameras = [format!("file:{}", plan.clip.display()), source.url(), source.second_url()];
    let sound = room.as_ref().map(Pulse::environment).unwrap_or_default();
    let environment: Vec<(&str, &str)> = sound.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let start = Start { url: &server.url(), join: &join.join, spool: &spool, cameras: &cameras, environment: &environment };
    let mut agent = Agent::start(&start)?;
    agent.wait_recorded(3_000, Duration::from_secs(60))?;
    let sleep_until = |wall_ms: i64| std::thread::sleep(Duration::from_millis((wall_ms - invigil_clock::wall_ms()).max(0) as u64));
    sleep_until(starts_ms);
    let programs = [("agent", agent.pid().context("the agent runs")?), ("server", server.pid().context("the server runs")?)];
    let every = Duration::from_millis((plan.secs * 10).clamp(1_000, 10_000));
    let watch = Watch::start(&programs, every);
    let mut told = 0;
    while invigil_clock::wall_ms() < ends_ms {
        sleep_until(ends_ms.min(invigil_clock::wall_ms() + 5_000));
        // It must not have ended; what it recorded is told each quarter of an hour.
        agent.wait_recorded(0, Duration::from_secs(1))?;
        let secs = agent.number("recorded_ms") / 1000;
        if secs / 900 > told {
            told = secs / 900;
            eprintln!("{} minutes recorded, {} claps", secs / 60, source.done().len());
        }
    }
    let samples = watch.end()?;
    std::thread::sleep(Duration::from_secs(4));
    let entries = journal::entries(&spool)?;
    let status = agent.stop(Duration::from_secs(300))?;
    ensure!(status.success(), "the agent ended with {status}");
    let shift_us = invigil_clock::wall_ms() * 1000 - i64::try_from(invigil_clock::monotonic_us())?;
    let done = source.done();
    drop(source);
    let out = home.join("opened");
    let (said, whole) = server.open_footage(join.recording, &out)?;
    let receipt: RecordingReceipt = serde_json::from_value(agent.latest("receipt").context("the agent told its receipt")?)?;
    server.stop()?;

    let server_secs = |us: i64| (us + shift_us) as f64 / 1e6;
    let window = (starts_ms as f64 / 1000.0, ends_ms as f64 / 1000.0);
    let heard = if plan.sound { Some(on_the_clock(&said, "mic0", clap::beeps)?) } else { None };
    let mut in_step = BTreeMap::new();
    for (track, flash_us) in CLAPPING.into_iter().zip([|clap: &Done| Some(clap.flash_us), |clap: &Done| clap.second_us]) {
        let made = |clap: &Done| {
            let flash_us = flash_us(clap)?;
            let (flash_secs, beep_secs) = (server_secs(flash_us), server_secs(clap.beep_us.unwrap_or(flash_us)));
            Some(Made { flash_secs, beep_secs, is_sure: clap.is_sure() })
        };
        let made: Vec<Made> = done.iter().filter_map(made).collect();
        let seen = on_the_clock(&said, track, clap::flashes)?;
        in_step.insert(track.to_owned(), InStep::of(&made, &seen, heard.as_deref(), window));
    }
    let mut journal = BTreeMap::new();
    let (mut dropped, mut false_alarms) = (0, Vec::new());
    for entry in &entries {
        let text = serde_json::to_value(&entry.event)?;
        *journal.entry(text["kind"].as_str().unwrap_or_default().to_owned()).or_insert(0) += 1;
        if let Event::FramesDropped { count, .. } = &entry.event {
            dropped += count;
        }
        if let Event::ConditionBegan { condition: condition @ (Condition::Dark | Condition::Covered | Condition::Frozen), track, .. } =
            &entry.event
            && track.as_ref().is_some_and(|track| track.as_str() == FILM)
        {
            false_alarms.push(format!("{condition:?}"));
        }
    }
    let mut report = Report {
        secs: plan.secs,
        memory: BTreeMap::new(),
        cpu_secs_a_minute: BTreeMap::new(),
        samples,
        receipt,
        tracks: tracks(&out)?,
        in_step,
        false_alarms,
        journal,
        dropped,
        whole,
        said,
        complaints: Vec::new(),
    };
    report.judge(plan)?;
    Ok(report)
}

/// What was found in a track's file, seconds on the server's clock.
fn on_the_clock(said: &serde_json::Value, track: &str, find: fn(&Path) -> Result<Vec<f64>>) -> Result<Vec<f64>> {
    let all = said["tracks"].as_array().context("footage open names tracks")?;
    let one = all.iter().find(|one| one["track"] == track).with_context(|| format!("track {track} was recorded"))?;
    let from_ms = one["from_ms"].as_i64().with_context(|| format!("track {track} has a beginning"))?;
    let file = one["file"].as_str().with_context(|| format!("track {track} has a file"))?;
    Ok(find(Path::new(file))?.into_iter().map(|at| from_ms as f64 / 1000.0 + at).collect())
}

/// Every playable file, by track.
fn tracks(out: &Path) -> Result<BTreeMap<String, Track>> {
    let mut tracks = BTreeMap::new();
    for file in disk::files(out)?.into_iter().filter(|file| file.extension().is_some_and(|end| end == "mp4")) {
        let shown = std::process::Command::new("ffprobe")
            .args(["-v", "error", "-show_entries", "packet=pts_time", "-of", "csv=p=0"])
            .arg(&file)
            .output()
            .context("run ffprobe")?;
        let times: Vec<f64> = String::from_utf8_lossy(&shown.stdout)
            .lines()
            .filter_map(|line| line.trim_end_matches(',').split(',').next()?.parse().ok())
            .collect();
        let gaps = times.windows(2).filter(|pair| pair[1] - pair[0] > 0.5).map(|pair| (pair[0], pair[1] - pair[0])).collect();
        let track = Track {
            packets: times.len(),
            secs: times.last().unwrap_or(&0.0) - times.first().unwrap_or(&0.0),
            doubled: times.windows(2).filter(|pair| pair[1] <= pair[0]).count(),
            gaps,
        };
        let name = file.file_stem().and_then(|stem| stem.to_str()).context("a track's file name")?;
        tracks.insert(name.to_owned(), track);
    }
    Ok(tracks)
}

impl Report {
    /// Fills in what follows from the figures, and what does not hold.
    fn judge(&mut self, plan: &Plan) -> Result<()> {
        let mut complaints = Vec::new();
        for (program, samples) in &self.samples {
            let figures = [("rss", (|one| one.rss_mib) as fn(&Use) -> f64), ("pss", |one| one.pss_mib), ("anon", |one| one.anon_mib)];
            for (name, figure) in figures {
                let growth = Growth::of(samples, figure)?;
                self.memory.insert(format!("{program} {name}"), growth);
                // The share of libraries that other programs have open, too, grows when those end: it is shown, and proves nothing.
                if name != "pss" && growth.grew() {
                    complaints.push(format!("the {program}'s {name} grew from {:.1} to {:.1} MiB", growth.second_tenth, growth.last_tenth));
                }
            }
            for (what, figure) in [("threads", (|one| one.threads) as fn(&Use) -> usize), ("open files", |one| one.files)] {
                let growth = Growth::of(samples, |one| figure(one) as f64)?;
                // A connection more or less is no leak.
                if growth.last_tenth > growth.second_tenth + 8.0 {
                    complaints.push(format!("the {program}'s {what} grew from {} to {}", growth.second_tenth, growth.last_tenth));
                }
            }
            if let (Some(first), Some(last)) = (samples.first(), samples.last()) {
                let minutes = (last.at_secs - first.at_secs) / 60.0;
                self.cpu_secs_a_minute.insert(program.clone(), (last.cpu_secs - first.cpu_secs) / minutes);
            }
        }
        let receipt = &self.receipt;
        let missing_ms: i64 = receipt.missing.iter().map(|stretch| stretch.to_ms - stretch.from_ms).sum::<i64>() + receipt.unlisted_ms;
        if receipt.expected_ms != i64::try_from(plan.secs * 1000)? || receipt.stored_ms + missing_ms != receipt.expected_ms {
            complaints.push(format!("the receipt does not add up: {} expected, {} stored", receipt.expected_ms, receipt.stored_ms));
        }
        if missing_ms != 0 || receipt.waiting_segments != 0 || receipt.refused_segments != 0 {
            complaints.push(format!("{missing_ms} ms are missing: {:?}", receipt.missing));
        }
        let wanted = [FILM].into_iter().chain(CLAPPING).chain(plan.sound.then_some("mic0"));
        for track in wanted {
            let stored_ms = receipt.tracks.iter().find(|total| total.track.as_str() == track).map_or(0, |total| total.stored_ms);
            if stored_ms != receipt.expected_ms {
                complaints.push(format!("{track} covers {stored_ms} of {} ms", receipt.expected_ms));
            }
            match self.tracks.get(track) {
                Some(found) if found.doubled == 0 && found.gaps.is_empty() => {}
                Some(found) => complaints.push(format!("{track}: {} doubled, gaps {:?}", found.doubled, found.gaps)),
                None => complaints.push(format!("{track} has no file")),
            }
        }
        if !self.whole {
            complaints.push(format!("the offline tool complains: {}", self.said["problems"]));
        }
        complaints.extend(self.false_alarms.iter().map(|alarm| format!("{FILM} was said to be {alarm}")));
        // The first minutes settle; over a longer time a straight line must be flat.
        let hours = plan.secs as f64 / 3600.0;
        for (track, claps) in &self.in_step {
            complaints.extend(claps.complaints(MOST_APART_MS).into_iter().map(|complaint| format!("{track}: {complaint}")));
            if let Some(drift) = claps.drift_ms_an_hour.filter(|drift| hours >= 0.5 && (drift * hours).abs() > MOST_DRIFT_MS) {
                complaints.push(format!("{track}: picture and sound drift by {drift:.1} ms an hour"));
            }
        }
        self.complaints = complaints;
        Ok(())
    }
}
