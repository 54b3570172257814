//! The cited footage: as it was signed, as it was cited, opened with exactly its keys.

use super::super::plan::{Part, Plan, PlannedSegment};
use super::super::read::Files;
use super::MAX_FRAMES;
use super::act::{lines, server_statement};
use super::report::Report;
use crate::act::Act;
use crate::zip::FileAt;
use invigil_format::crypto::Hasher;
use invigil_format::json::{array_from_hex, parse};
use invigil_format::recording::{RunInput, report_received};
use invigil_format::{
    Entry, FrameKind, JournalReader, KeyRecord, Need, Opener, Receipt, RecordingId, Role, RunId, Scanner, SegmentKey, Statement, TrackName,
    TrustStore, VerifyingKey,
};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::io::{self, Read, Seek};

const PIECE_BYTES: usize = 1 << 20;
/// How far the run's clock offset may be from what beacons and receipts say, ms: a frozen offset and a drifting clock.
const CLOCK_TOLERANCE_MS: i64 = 60_000;

/// What was read of the footage, by places in the plan.
pub(super) struct Footage {
    pub(super) segments: Vec<ReadSegment>,
    pub(super) runs: Vec<ReadRun>,
}

/// A segment.
#[derive(Default)]
pub(super) struct ReadSegment {
    pub(super) file: Option<FileAt>,
    pub(super) scanner: Option<Scanner>,
    pub(super) opener: Option<Opener>,
    pub(super) receipt: Option<Receipt>,
    /// Nothing is wrong with it.
    pub(super) sound: bool,
}

/// A run.
pub(super) struct ReadRun {
    pub(super) run: RunId,
    pub(super) clock_offset_ms: i64,
    /// When certificates are asked for, Unix ms.
    pub(super) at_ms: i64,
    pub(super) device: VerifyingKey,
    pub(super) journal: Vec<Entry>,
    /// What of it is here.
    here: Vec<(TrackName, u32)>,
}

impl ReadRun {
    /// Whether this segment is here.
    pub(super) fn has(&self, track: &TrackName, sequence: u32) -> bool {
        self.here.iter().any(|(name, number)| name == track && *number == sequence)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Keys {
    segments: Vec<Key>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Key {
    run: RunId,
    track: TrackName,
    sequence: u32,
    #[serde(deserialize_with = "array_from_hex")]
    key: [u8; 32],
}

/// Reads and checks it all.
pub(super) fn read<R: Read + Seek>(
    files: &Files<'_, R>,
    plan: &Plan,
    act: &Act,
    trust: &TrustStore,
    report: &mut Report,
) -> io::Result<Footage> {
    let keys = keys(files, plan, report)?;
    let mut footage = Footage { segments: plan.segments.iter().map(|_| ReadSegment::default()).collect(), runs: Vec::new() };
    let mut frames = 0;
    for (name, part) in &plan.files {
        match part {
            Part::Segment(place) => {
                let Some(file) = files.find(name) else { continue };
                let read = &mut footage.segments[*place];
                let before = report.problems.len();
                scan(files, file, &plan.segments[*place], read, report)?;
                frames += read.scanner.as_ref().map_or(0, |scanner| scanner.frames().len());
                if frames > MAX_FRAMES {
                    report.problem("too-many-frames", name, "more than 1,000,000 frames in all segments");
                    return Ok(footage);
                }
                open(files, file, keys.get(place), read, report)?;
                read.sound = report.problems.len() == before;
            }
            Part::Receipt(place) => {
                let Some(text) = files.text(name)? else { continue };
                let read = &mut footage.segments[*place];
                match server_statement::<Receipt>(&text, trust, |receipt| receipt.stored_ms) {
                    Ok(receipt) if fits(&receipt, &plan.segments[*place]) && receipt.institution == trust.fingerprint() => {
                        read.receipt = Some(receipt);
                    }
                    Ok(_) => report.problem("other-receipt", name, "it is the receipt of another segment"),
                    Err(error) => report.format(name, &error),
                }
            }
            _ => {}
        }
    }
    runs(files, plan, act, trust, &mut footage, report)?;
    clocks(plan, &footage, report);
    Ok(footage)
}

/// The keys of exactly the cited segments, by place in the plan.
fn keys<R: Read + Seek>(files: &Files<'_, R>, plan: &Plan, report: &mut Report) -> io::Result<BTreeMap<usize, SegmentKey>> {
    const NAME: &str = "keys.json";
    let mut out = BTreeMap::new();
    let Some(text) = files.text(NAME)? else { return Ok(out) };
    let keys: Keys = match parse("keys.json", &text) {
        Ok(keys) => keys,
        Err(error) => {
            report.format(NAME, &error);
            return Ok(out);
        }
    };
    for key in keys.segments {
        let cited = |s: &PlannedSegment| (s.run, &s.track, s.sequence) == (key.run, &key.track, key.sequence);
        let object = format!("{NAME}: {} {} of run {}", key.track, key.sequence, key.run);
        match plan.segments.iter().position(cited) {
            Some(place) if !out.contains_key(&place) => drop(out.insert(place, SegmentKey::from_bytes(key.key))),
            Some(_) => report.problem("key-added", object, "it is there twice"),
            None => report.problem("key-added", object, "the act does not cite this segment"),
        }
    }
    for (place, s) in plan.segments.iter().enumerate() {
        if !out.contains_key(&place) {
            report.problem("key-missing", format!("{NAME}: {} {} of run {}", s.track, s.sequence, s.run), "the act cites this segment");
        }
    }
    Ok(out)
}

fn scan<R: Read + Seek>(
    files: &Files<'_, R>,
    file: &FileAt,
    cited: &PlannedSegment,
    read: &mut ReadSegment,
    report: &mut Report,
) -> io::Result<()> {
    let (mut scanner, mut hash) = (Scanner::new(), Hasher::new());
    let (mut at, mut wrong) = (0, None);
    while at < file.size_bytes && wrong.is_none() {
        let len = usize::try_from(file.size_bytes - at).unwrap_or(usize::MAX).min(PIECE_BYTES);
        let piece = files.read_at(file, at, len)?;
        hash.update(&piece);
        wrong = scanner.feed(&piece).err();
        at += len as u64;
    }
    if let Some(error) = wrong {
        report.format(&file.name, &error);
    } else if scanner.pending_bytes() > 0 || scanner.closing().is_none() {
        report.problem("segment-not-closed", &file.name, "expected a closed segment: bytes are missing at its end");
    }
    if file.digest != cited.digest || file.size_bytes != cited.size_bytes || scanner.head() != cited.head {
        report.problem("other-segment", &file.name, "these are not the bytes that the act cites");
    }
    match scanner.header() {
        Some(h) if (h.recording, h.run, &h.track, h.sequence) != (cited.recording, cited.run, &cited.track, cited.sequence) => {
            report.problem(
                "other-segment",
                &file.name,
                format!("it is {} {} of run {} in recording {}", h.track, h.sequence, h.run, h.recording),
            );
        }
        _ => {}
    }
    read.file = Some(file.clone());
    read.scanner = Some(scanner);
    Ok(())
}

/// Opens every sealed frame.
fn open<R: Read + Seek>(
    files: &Files<'_, R>,
    file: &FileAt,
    key: Option<&SegmentKey>,
    read: &mut ReadSegment,
    report: &mut Report,
) -> io::Result<()> {
    let (Some(scanner), Some(key)) = (&read.scanner, key) else { return Ok(()) };
    let opener = match Opener::with_segment_key(scanner, key) {
        Ok(opener) => opener,
        Err(error) => {
            report.format(&file.name, &error);
            return Ok(());
        }
    };
    for frame in scanner.frames().iter().filter(|frame| frame.kind.sealed()) {
        let body = files.read_at(file, frame.body_offset(), frame.body_len as usize)?;
        if let Err(error) = opener.open(frame, &body) {
            report.format(&file.name, &error);
            break;
        }
    }
    read.opener = Some(opener);
    Ok(())
}

fn fits(receipt: &Receipt, s: &PlannedSegment) -> bool {
    (receipt.recording, receipt.run, &receipt.track, receipt.sequence) == (s.recording, s.run, &s.track, s.sequence)
        && (receipt.size_bytes, receipt.digest, receipt.head) == (s.size_bytes, s.digest, s.head)
}

/// Key records, journals, and what only all of them together can say.
fn runs<R: Read + Seek>(
    files: &Files<'_, R>,
    plan: &Plan,
    act: &Act,
    trust: &TrustStore,
    footage: &mut Footage,
    report: &mut Report,
) -> io::Result<()> {
    let (mut records, mut journals, mut times) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    for (name, part) in &plan.files {
        match part {
            Part::KeyRecord(place) => {
                let Some(text) = files.text(name)? else { continue };
                match Statement::from_json(&text).and_then(|statement| statement.read::<KeyRecord>().map(|record| (statement, record))) {
                    Ok((statement, record)) => {
                        let run = &plan.runs[*place];
                        let same = (record.exam, record.recording, record.run) == (act.exam.id, run.recording, run.cited.run);
                        if !same || statement.digest() != run.cited.key_record || statement.key != run.cited.device {
                            report.problem("other-key-record", name, "it is not the key record that the act names");
                        }
                        times.insert(run.cited.run, certified_at(&record, &statement, trust, footage, plan));
                        records.insert(run.cited.run, statement);
                    }
                    Err(error) => report.format(name, &error),
                }
            }
            Part::Journal(place) => {
                let Some(text) = files.text(name)? else { continue };
                let run = plan.runs[*place].cited.run;
                let entries = journals.entry(run).or_insert_with(Vec::new);
                for line in lines(&text) {
                    match Statement::from_json(line) {
                        Ok(entry) => entries.push(entry),
                        Err(error) => report.format(name, &error),
                    }
                }
            }
            _ => {}
        }
    }
    let nothing = Vec::new();
    let mut scanners: BTreeMap<RunId, Vec<&Scanner>> = BTreeMap::new();
    for (place, read) in footage.segments.iter().enumerate() {
        scanners.entry(plan.segments[place].run).or_default().extend(&read.scanner);
    }
    let inputs: Vec<RunInput<'_>> = plan
        .runs
        .iter()
        .map(|run| RunInput {
            run: run.cited.run,
            key_record: records.get(&run.cited.run),
            journal: journals.get(&run.cited.run).unwrap_or(&nothing),
            segments: scanners.get(&run.cited.run).map_or(&[], Vec::as_slice),
        })
        .collect();
    let found = report_received(trust, &inputs, &times);
    for run in &found.runs {
        let folder = format!("runs/{}", run.run);
        if let Some(error) = &run.key_record {
            report.format(format!("{folder}/key-record.json"), error);
        }
        if let Some((place, error)) = &run.journal {
            let before = journals.get(&run.run).and_then(|journal| journal.get(*place)).is_some_and(|_| *place == 0);
            let object = if before { format!("{folder}/journal.jsonl or the one before it") } else { format!("{folder}/journal.jsonl") };
            report.problem(error.name(), object, format!("entry {place}: {error}"));
        }
        if !run.end_proven {
            report.unproven_ends.push(run.run);
        }
        for track in &run.tracks {
            for segment in &track.segments {
                let name = format!("{folder}/{}-{:08}.seg", track.track, segment.sequence);
                segment.problems.iter().for_each(|error| report.format(&name, error));
            }
        }
    }
    for (place, read) in footage.segments.iter_mut().enumerate() {
        let s = &plan.segments[place];
        let name = format!("runs/{}/{}-{:08}.seg", s.run, s.track, s.sequence);
        read.sound &= !report.problems.iter().any(|problem| problem.object == name);
    }
    for run in &plan.runs {
        let journal = read_journal(trust, run.recording, run.cited.run, run.cited.device, journals.get(&run.cited.run));
        let at_ms = times.get(&run.cited.run).copied().unwrap_or(act.signed_ms);
        let here = plan.segments.iter().zip(&footage.segments).filter(|(s, read)| s.run == run.cited.run && read.scanner.is_some());
        let here = here.map(|(s, _)| (s.track.clone(), s.sequence)).collect();
        let (device, clock_offset_ms) = (run.cited.device, run.cited.clock_offset_ms);
        footage.runs.push(ReadRun { run: run.cited.run, clock_offset_ms, at_ms, device, journal, here });
    }
    Ok(())
}

/// The time at which the run's certificates are asked for: its own `created_ms`, or, because a device's clock may be wrong, that of a beacon in its footage or
/// of a receipt for it.
fn certified_at(record: &KeyRecord, statement: &Statement, trust: &TrustStore, footage: &Footage, plan: &Plan) -> i64 {
    let of_run = plan.segments.iter().zip(&footage.segments).filter(|(s, _)| s.run == record.run);
    let mut times = vec![record.created_ms];
    for (_, read) in of_run {
        let beacons = read.scanner.iter().flat_map(Scanner::beacons);
        let certified = |key, at_ms| trust.require(Need::new(Role::Server, key, at_ms)).is_ok();
        times.extend(beacons.filter(|(_, beacon)| certified(beacon.key, beacon.time_ms)).map(|(_, beacon)| beacon.time_ms).take(1));
        times.extend(read.receipt.iter().map(|receipt| receipt.stored_ms));
    }
    times.iter().copied().find(|at_ms| record.check_trust(statement, trust, *at_ms).is_ok()).unwrap_or(record.created_ms)
}

/// The entries up to the first wrong one.
fn read_journal(
    trust: &TrustStore,
    recording: RecordingId,
    run: RunId,
    device: VerifyingKey,
    journal: Option<&Vec<Statement>>,
) -> Vec<Entry> {
    let mut reader = JournalReader::new(trust.fingerprint(), recording, run, device);
    journal.into_iter().flatten().map_while(|entry| reader.push(entry).ok()).collect()
}

/// The act's clock offset must agree with the server's own signed times: a beacon is written after its time, a receipt is given after the last picture.
fn clocks(plan: &Plan, footage: &Footage, report: &mut Report) {
    for (s, read) in plan.segments.iter().zip(&footage.segments) {
        let (Some((_, run)), Some(scanner)) = (plan.run_of(s), &read.scanner) else { continue };
        let place_ms = |us: u64| run.cited.clock_offset_ms.saturating_add(i64::try_from(us / 1000).unwrap_or(i64::MAX));
        let beacon = scanner.beacons().iter().find(|(offset, beacon)| {
            let frame = scanner.frames().iter().find(|frame| frame.offset == *offset);
            frame.is_some_and(|frame| place_ms(frame.at.boottime_us).saturating_add(CLOCK_TOLERANCE_MS) < beacon.time_ms)
        });
        let last = scanner.frames().iter().filter(|frame| frame.kind == FrameKind::Chunk).map(|frame| place_ms(frame.at.boottime_us)).max();
        let late =
            read.receipt.as_ref().zip(last).is_some_and(|(receipt, last)| last.saturating_sub(CLOCK_TOLERANCE_MS) > receipt.stored_ms);
        if beacon.is_some() || late {
            let name = format!("runs/{}/{}-{:08}.seg", s.run, s.track, s.sequence);
            report.problem("clock-offset", name, "the act places it more than a minute off the times that the server signed");
        }
    }
}
