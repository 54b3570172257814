//! What is known of a recording, read once a look: each run with its journal and its segments. A device writes what it wants into its journal, so
//! what is computed from it may not take the square of its length.

use super::{JournalRow, Known, Seen, account, run_ms};
use crate::db::entities::runs;
use invigil_format::{Event, RecordingReceipt};
use invigil_rules::Interval;
use serde_json::Value;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What is known of a recording, run by run.
pub(super) struct Index<'a> {
    /// All of it, as it was loaded.
    pub(super) known: &'a Known,
    /// Runs in the order in which they lived: what lived without a network is heard of in any order, the newest first.
    pub(super) runs: Vec<Run<'a>>,
    /// Tracks that are accounted for one by one.
    pub(super) tracks: BTreeSet<String>,
}

/// One life of an agent. All times are the server's, Unix ms.
pub(super) struct Run<'a> {
    /// Its row.
    pub(super) row: &'a runs::Model,
    /// Its journal, in order.
    pub(super) journal: Vec<Entry<'a>>,
    /// Its segments.
    pub(super) segments: Vec<&'a Seen>,
    /// When its pictures begin, if there are any. Sound does not count: what is missing is what no picture covers.
    pub(super) first_picture_ms: Option<i64>,
    /// When its last picture ends.
    pub(super) last_picture_ms: Option<i64>,
    /// The first picture; of a run without pictures its first journal entry.
    pub(super) first_sign_ms: Option<i64>,
    /// When capture ended, as it journalled.
    pub(super) ended_ms: Option<i64>,
    /// From the last sign of it until the first of the next run; `None` of the last run.
    pub(super) gap: Option<Interval>,
    by_place: HashMap<(&'a str, i64), &'a Seen>,
}

/// A journal entry.
pub(super) struct Entry<'a> {
    /// Its row.
    pub(super) row: &'a JournalRow,
    /// What happened; `None` of what this version cannot read.
    pub(super) event: Option<Event>,
    /// Track that it names, if it names one.
    pub(super) track: Option<String>,
    /// Number of the segment that it names, if it names one.
    pub(super) sequence: Option<i64>,
}

impl<'a> Index<'a> {
    /// Reads every journal entry.
    pub(super) fn new(known: &'a Known) -> Self {
        let mut journals: HashMap<i64, Vec<Entry<'a>>> = HashMap::new();
        for row in &known.journal {
            journals.entry(row.run_id).or_default().push(Entry::read(row));
        }
        let mut segments: HashMap<i64, Vec<&'a Seen>> = HashMap::new();
        for seen in &known.seen {
            segments.entry(seen.row.run_id).or_default().push(seen);
        }
        let mut runs: Vec<Run<'a>> = Vec::with_capacity(known.runs.len());
        for row in &known.runs {
            runs.push(Run::new(row, journals.remove(&row.id).unwrap_or_default(), segments.remove(&row.id).unwrap_or_default()));
        }
        runs.sort_by_key(|run| run.first_ms());
        let gaps: Vec<Interval> = runs.windows(2).map(|pair| Interval::new(pair[0].last_sign_ms(&pair[1]), pair[1].first_ms())).collect();
        for (run, gap) in runs.iter_mut().zip(gaps) {
            run.gap = Some(gap);
        }
        let tracks = tracks(known, &runs);
        Self { known, runs, tracks }
    }
}

impl<'a> Run<'a> {
    fn new(row: &'a runs::Model, journal: Vec<Entry<'a>>, segments: Vec<&'a Seen>) -> Self {
        // Backwards: of several with one number the first counts.
        let by_place = segments.iter().rev().map(|&seen| ((seen.row.track.as_str(), seen.row.sequence), seen)).collect();
        let pictures = || segments.iter().filter(|seen| seen.is_moving_pictures()).flat_map(|seen| &seen.covers);
        let first_picture_ms = pictures().map(|part| part.from_ms).min();
        let last_picture_ms = pictures().map(|part| part.to_ms).max();
        // A run that nothing places has only its own clock, as its pictures would have; it began before it was heard of.
        let began_ms = |entry: &Entry<'_>| run_ms(row, entry.row.boottime_us).unwrap_or(entry.row.wall_ms).min(row.first_seen_ms);
        let first_sign_ms = first_picture_ms.or_else(|| journal.iter().map(began_ms).min());
        let ended = journal.iter().find(|entry| entry.row.kind == "run-ended");
        let ended_ms = ended.and_then(|entry| run_ms(row, entry.row.boottime_us));
        Self { row, journal, segments, first_picture_ms, last_picture_ms, first_sign_ms, ended_ms, gap: None, by_place }
    }

    /// The first sign of it, or else when it was first heard of, which may be long after it ended.
    pub(super) fn first_ms(&self) -> i64 {
        self.first_sign_ms.unwrap_or(self.row.first_seen_ms)
    }

    /// Server's time of a boot time of its device.
    pub(super) fn at_ms(&self, boottime_us: i64) -> Option<i64> {
        run_ms(self.row, boottime_us)
    }

    /// Server's time of a stretch of its device's boot time.
    pub(super) fn stretch(&self, from_us: u64, to_us: u64) -> Option<Interval> {
        let at = |boottime_us: u64| self.at_ms(i64::try_from(boottime_us).ok()?);
        Some(Interval::new(at(from_us)?, at(to_us)?))
    }

    /// Its segment with this number, if the server has heard of it.
    pub(super) fn segment(&self, track: &str, sequence: i64) -> Option<&Seen> {
        self.by_place.get(&(track, sequence)).copied()
    }

    /// The last picture of it, or when it was last heard of or journalled something before the next run.
    fn last_sign_ms(&self, next: &Self) -> i64 {
        let journalled = self.journal.iter().filter_map(|entry| self.at_ms(entry.row.boottime_us));
        let signs = self.row.last_seen_ms.into_iter().chain(journalled);
        // What is sent of a run after the next one has begun is no sign of its life.
        let signs = signs.filter(|at_ms| next.first_sign_ms.is_none_or(|next_ms| *at_ms <= next_ms));
        self.last_picture_ms.into_iter().chain(signs).max().unwrap_or_else(|| self.first_ms())
    }
}

impl<'a> Entry<'a> {
    fn read(row: &'a JournalRow) -> Self {
        let event: Value = serde_json::from_str(&row.event).unwrap_or_default();
        let track = event.get("track").and_then(Value::as_str).map(str::to_owned);
        let sequence = event.get("sequence").and_then(Value::as_i64);
        Self { row, event: serde_json::from_value(event).ok(), track, sequence }
    }

    /// Whether it says something about this track: it names it, or none.
    pub(super) fn is_about(&self, track: &str) -> bool {
        self.track.as_deref().is_none_or(|named| named == track)
    }
}

/// Every track of footage of which there are segments, moving pictures and what is longest first, and then those of which only the journal says that it lost its
/// camera or recorded something: no more than a receipt lists, because a device can name as many as it likes.
fn tracks(known: &Known, runs: &[Run<'_>]) -> BTreeSet<String> {
    let mut recorded: BTreeMap<&str, (bool, i64)> = BTreeMap::new();
    for seen in known.seen.iter().filter(|seen| seen.is_footage()) {
        let (pictures, covered_ms) = recorded.entry(&seen.row.track).or_default();
        *pictures |= seen.is_moving_pictures();
        *covered_ms += seen.covers.iter().map(Interval::len_ms).sum::<i64>();
    }
    let mut first: Vec<(&str, (bool, i64))> = recorded.iter().map(|(track, rank)| (*track, *rank)).collect();
    first.sort_by_key(|(_, rank)| Reverse(*rank));
    let named = account::named(runs.iter().flat_map(|run| &run.journal));
    let only_named = named.into_iter().filter(|track| !recorded.contains_key(track));
    let all = first.into_iter().map(|(track, _)| track).chain(only_named);
    all.take(RecordingReceipt::MAX_TRACKS).map(str::to_owned).collect()
}
