//! What is there of a recording, and what is missing (`docs/format.md` 9). Needs no key.

use crate::certificate::TrustStore;
use crate::error::Error;
use crate::ids::{BootId, Digest, RunId, TrackName};
use crate::journal::{Entry, Event, JournalReader};
use crate::key_record::KeyRecord;
use crate::segment::{CloseReason, FrameKind, Scanner};
use crate::statement::Statement;
use std::collections::BTreeMap;

/// What somebody has of one run.
#[derive(Clone, Copy)]
pub struct RunInput<'a> {
    /// Which.
    pub run: RunId,
    /// Its key record.
    pub key_record: Option<&'a Statement>,
    /// Its journal, in order.
    pub journal: &'a [Statement],
    /// Its segments, in any order.
    pub segments: &'a [&'a Scanner],
}

/// What is there of a recording.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// Run by run, in the order given.
    pub runs: Vec<RunReport>,
    /// Runs that another run's journal names as its predecessor, and of which there is nothing.
    pub missing_runs: Vec<RunId>,
}

/// What is there of one run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunReport {
    /// Which.
    pub run: RunId,
    /// Why its key record does not count; `NotCertified` with role `device` when there is none.
    pub key_record: Option<Error>,
    /// The first journal entry that is wrong, by its place, and why. What follows it does not count, unless entry 0 alone does not name the last entry of the
    /// run before: then that journal's end was cut off, or all of it.
    pub journal: Option<(usize, Error)>,
    /// Whether the journal has the run's end. Without it: "end unproven".
    pub end_proven: bool,
    /// Track by track.
    pub tracks: Vec<TrackReport>,
}

/// What is there of one track in one run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrackReport {
    /// Which.
    pub track: TrackName,
    /// In order.
    pub segments: Vec<SegmentReport>,
    /// Sequences that are missing below the highest one that a segment or the journal names.
    pub missing_sequences: Vec<u32>,
    /// Stretches without pictures between the first chunk and the last.
    pub gaps: Vec<Gap>,
}

/// What is there of one segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentReport {
    /// Number within run and track.
    pub sequence: u32,
    /// Closed how; `None`: growing or torn.
    pub closed: Option<CloseReason>,
    /// Boot to which the boot times belong.
    pub boot_id: BootId,
    /// Boot times of the first picture and of the last one's end, us.
    pub range_us: Option<(u64, u64)>,
    /// Whole frames up to here, bytes.
    pub whole_bytes: u64,
    /// Signed up to here, bytes.
    pub signed_bytes: u64,
    /// What is wrong with it. Empty: authentic.
    pub problems: Vec<Error>,
}

/// A stretch without pictures, boot times in us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// End of the picture before.
    pub from_us: u64,
    /// First picture after.
    pub to_us: u64,
}

/// Shorter stretches are jitter, us.
pub const MIN_GAP_US: u64 = 500_000;

/// Says what is there. Certificates count at the time that the key record names.
pub fn report(trust: &TrustStore, runs: &[RunInput<'_>]) -> Report {
    report_received(trust, runs, &BTreeMap::new())
}

/// The same for somebody who knows when a run's key record was received, Unix ms: at that time certificates count then, because the device's clock, by
/// which the record is dated, may be wrong.
pub fn report_received(trust: &TrustStore, runs: &[RunInput<'_>], received_ms: &BTreeMap<RunId, i64>) -> Report {
    let mut report = Report::default();
    let mut named = Vec::new();
    for input in runs {
        let (run, previous) = report_run(trust, input, runs, received_ms.get(&input.run).copied());
        report.runs.push(run);
        named.extend(previous);
    }
    named.retain(|run| !runs.iter().any(|input| input.run == *run));
    named.sort_unstable();
    named.dedup();
    report.missing_runs = named;
    report
}

fn report_run(trust: &TrustStore, input: &RunInput<'_>, all: &[RunInput<'_>], received_ms: Option<i64>) -> (RunReport, Option<RunId>) {
    let record = read_key_record(trust, input, received_ms).map(|(record, statement)| {
        let at_ms = received_ms.unwrap_or(record.created_ms);
        (record, statement, at_ms)
    });
    let mut run = RunReport { run: input.run, key_record: None, journal: None, end_proven: false, tracks: Vec::new() };
    let mut entries = Vec::new();
    let mut record_digest = None;
    match &record {
        Ok((record, statement, _)) => {
            record_digest = Some(statement.digest());
            (entries, run.journal) = read_journal(record, statement, input.journal);
        }
        Err(error) => run.key_record = Some(error.clone()),
    }
    run.end_proven = matches!(entries.last().map(|entry| &entry.event), Some(Event::RunEnded { .. }));
    let previous = entries.iter().find_map(|entry| match &entry.event {
        Event::RunStarted { previous_run, .. } => *previous_run,
        _ => None,
    });
    // The first entry names the last one of the run before: that is how a journal whose end was cut off shows, or of which nothing is left.
    let before = previous.and_then(|previous| all.iter().find(|other| other.run == previous));
    if let (Some(first), Some(before)) = (entries.first(), before)
        && !follows(first, before, all)
        && run.journal.is_none()
    {
        run.journal = Some((0, Error::JournalChain { index: 0 }));
    }
    let mut tracks: BTreeMap<TrackName, Vec<&Scanner>> = BTreeMap::new();
    for segment in input.segments {
        if let Some(header) = segment.header() {
            tracks.entry(header.track.clone()).or_default().push(segment);
        }
    }
    for entry in &entries {
        if let Event::SegmentStarted { track, .. } = &entry.event {
            tracks.entry(track.clone()).or_default();
        }
    }
    run.tracks = tracks.into_iter().map(|(name, segments)| report_track(trust, name, segments, &entries, &record, record_digest)).collect();
    (run, previous)
}

/// Whether a journal's first entry names the last one of the run before. One that was cut short before its first entry has none: then it names
/// the last entry of another run, or no entry at all.
fn follows(first: &Entry, before: &RunInput<'_>, all: &[RunInput<'_>]) -> bool {
    let ends_with = |run: &RunInput<'_>| run.journal.last().map(Statement::digest);
    match ends_with(before) {
        Some(last) => first.previous == Some(last),
        None => first.previous.is_none_or(|named| all.iter().any(|other| ends_with(other) == Some(named))),
    }
}

fn read_key_record<'a>(trust: &TrustStore, input: &RunInput<'a>, received_ms: Option<i64>) -> Result<(KeyRecord, &'a Statement), Error> {
    let statement = input.key_record.ok_or(Error::NotCertified { role: "device" })?;
    let record: KeyRecord = statement.read()?;
    if record.run != input.run {
        return Err(Error::WrongScope { what: "key record", member: "run" });
    }
    record.check_trust(statement, trust, received_ms.unwrap_or(record.created_ms))?;
    Ok((record, statement))
}

fn read_journal(record: &KeyRecord, statement: &Statement, journal: &[Statement]) -> (Vec<Entry>, Option<(usize, Error)>) {
    let mut reader = JournalReader::new(record.institution, record.recording, record.run, statement.key);
    let mut entries = Vec::new();
    for (place, entry) in journal.iter().enumerate() {
        match reader.push(entry) {
            Ok(entry) => entries.push(entry),
            Err(error) => return (entries, Some((place, error))),
        }
    }
    (entries, None)
}

fn report_track(
    trust: &TrustStore,
    track: TrackName,
    mut segments: Vec<&Scanner>,
    entries: &[Entry],
    record: &Result<(KeyRecord, &Statement, i64), Error>,
    record_digest: Option<Digest>,
) -> TrackReport {
    segments.sort_by_key(|segment| segment.header().map(|header| header.sequence));
    let mut reports = Vec::new();
    let mut gaps = Vec::new();
    let mut before: Option<(u32, Digest, bool)> = None;
    let mut end_us: Option<u64> = None;
    for segment in segments {
        let Some(header) = segment.header() else { continue };
        let mut problems: Vec<Error> = segment.error().cloned().into_iter().collect();
        if let Ok((record, statement, at_ms)) = record {
            let wrong = |member| Error::WrongScope { what: "segment", member };
            problems.extend(segment.check_trust(trust, *at_ms).err());
            let checks = [
                (header.exam == record.exam, wrong("exam")),
                (header.recording == record.recording, wrong("recording")),
                (header.run == record.run, wrong("run")),
                (Some(header.key_record) == record_digest, wrong("key_record")),
                (header.device == statement.key, Error::WrongSigner { what: "segment" }),
            ];
            problems.extend(checks.into_iter().filter(|(right, _)| !right).map(|(_, error)| error));
        }
        if let Some((sequence, head, closed)) = before {
            if sequence == header.sequence {
                problems.push(Error::WrongScope { what: "segment", member: "sequence" });
            } else if closed && sequence + 1 == header.sequence && header.previous_head != Some(head) {
                problems.push(Error::ChainBroken { offset: 0 });
            }
        }
        before = Some((header.sequence, segment.head(), segment.closing().is_some()));
        problems.extend(journal_problem(&track, header.sequence, segment, entries));
        let mut range_us: Option<(u64, u64)> = None;
        for frame in segment.frames().iter().filter(|frame| frame.kind == FrameKind::Chunk) {
            let (from, to) = (frame.at.boottime_us, frame.at.boottime_us.saturating_add(frame.duration_us.into()));
            if let Some(end) = end_us.filter(|end| from.saturating_sub(*end) >= MIN_GAP_US) {
                gaps.push(Gap { from_us: end, to_us: from });
            }
            end_us = Some(end_us.map_or(to, |end| end.max(to)));
            range_us = Some(range_us.map_or((from, to), |(first, last)| (first.min(from), last.max(to))));
        }
        reports.push(SegmentReport {
            sequence: header.sequence,
            closed: segment.closing().map(|closing| closing.reason),
            boot_id: header.boot_id,
            range_us,
            whole_bytes: segment.whole_bytes(),
            signed_bytes: segment.signed_bytes(),
            problems,
        });
    }
    let missing_sequences = missing(&track, &reports, entries);
    TrackReport { track, segments: reports, missing_sequences, gaps }
}

/// A segment whose heads are not those of the journal.
fn journal_problem(name: &TrackName, number: u32, segment: &Scanner, entries: &[Entry]) -> Option<Error> {
    let differs = |entry: &Entry| match &entry.event {
        Event::SegmentStarted { track, sequence, head } => track == name && *sequence == number && *head != segment.head0(),
        Event::SegmentClosed { track, sequence, head, run, .. } => {
            track == name && *sequence == number && *run == entry.run && segment.closing().is_some() && *head != segment.head()
        }
        _ => false,
    };
    entries.iter().find(|entry| differs(entry)).map(|entry| Error::JournalChain { index: entry.index })
}

fn missing(name: &TrackName, present: &[SegmentReport], entries: &[Entry]) -> Vec<u32> {
    // Only what the journal names can be missing at the end; only what lies below a present segment in the middle. Never a range that a forged number could blow up.
    let mut numbers: Vec<u32> = entries
        .iter()
        .filter_map(|entry| match &entry.event {
            Event::SegmentStarted { track, sequence, .. } if track == name => Some(*sequence),
            _ => None,
        })
        .collect();
    let mut next = 0;
    for segment in present {
        numbers.extend((next..segment.sequence).take(MAX_LISTED));
        next = segment.sequence.saturating_add(1);
    }
    numbers.sort_unstable();
    numbers.dedup();
    numbers.retain(|number| !present.iter().any(|segment| segment.sequence == *number));
    numbers
}

/// Most missing sequences that one hole lists: a session's worth.
const MAX_LISTED: usize = 10_000;
