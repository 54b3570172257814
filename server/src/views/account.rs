//! Whose seconds are accounted for: those of all moving pictures together, or of one track.

use super::{Known, Seen};
use crate::db::entities::journal_entries;
use std::collections::BTreeSet;

/// A journal entry and the track that it names, if it names one.
pub(super) struct Entry<'a> {
    /// Its row.
    pub(super) row: &'a journal_entries::Model,
    /// Its track.
    pub(super) track: Option<String>,
}

/// What is known that may explain what all moving pictures together lack, or one track.
pub(super) struct Account<'a> {
    /// All of the recording.
    pub(super) known: &'a Known,
    /// Journal entries that say something about it: those of its tracks, and those of no track.
    pub(super) journal: Vec<&'a Entry<'a>>,
    track: Option<&'a str>,
}

impl<'a> Account<'a> {
    /// All moving pictures together. What happens to sound explains nothing that they lack.
    pub(super) fn of_pictures(known: &'a Known, entries: &'a [Entry<'a>]) -> Self {
        let journal = entries.iter().filter(|entry| !entry.track.as_deref().is_some_and(is_sound)).collect();
        Self { known, journal, track: None }
    }

    /// One track. What happens to another explains nothing that it lacks.
    pub(super) fn of_track(known: &'a Known, entries: &'a [Entry<'a>], track: &'a str) -> Self {
        let journal = entries.iter().filter(|entry| entry.track.as_deref().is_none_or(|named| named == track)).collect();
        Self { known, journal, track: Some(track) }
    }

    /// What one track's camera did in one run.
    pub(super) fn of_run(&self, run: i64, track: &'a str) -> Self {
        let own = |entry: &&&Entry<'_>| entry.row.run_id == run && entry.track.as_deref().is_none_or(|named| named == track);
        Self { known: self.known, journal: self.journal.iter().filter(own).copied().collect(), track: Some(track) }
    }

    /// The tracks of moving pictures of a run: those that it has recorded, and those whose cameras it looked for.
    pub(super) fn tracks_of(&self, run: i64) -> BTreeSet<&'a str> {
        let journal = self.journal.iter().copied().filter(|entry| entry.row.run_id == run);
        let mut tracks = named(journal);
        tracks.extend(self.known.seen.iter().filter(|seen| seen.row.run_id == run && self.takes(seen)).map(|seen| seen.row.track.as_str()));
        tracks
    }

    /// Whether it is of one track only.
    pub(super) fn is_one_track(&self) -> bool {
        self.track.is_some()
    }

    /// Whether this footage counts. Sound and thumbnails explain nothing that pictures lack.
    pub(super) fn takes(&self, seen: &Seen) -> bool {
        self.track.map_or_else(|| seen.is_moving_pictures(), |track| seen.is_footage() && seen.row.track == track)
    }

    /// Entries of this kind about the one track; none where all pictures are meant.
    pub(super) fn of_own(&self, kind: &'static str) -> impl Iterator<Item = &'a journal_entries::Model> {
        let own = self.journal.iter().filter(move |entry| self.track.is_some() && entry.track.as_deref() == self.track);
        own.map(|entry| entry.row).filter(move |row| row.kind == kind)
    }

    /// Its journal entries of this kind.
    pub(super) fn of_kind(&self, kind: &'static str) -> impl Iterator<Item = &'a journal_entries::Model> {
        self.journal.iter().map(|entry| entry.row).filter(move |row| row.kind == kind)
    }
}

/// The journal with the tracks that its entries name.
pub(super) fn entries(known: &Known) -> Vec<Entry<'_>> {
    known.journal.iter().map(|row| Entry { row, track: track_of(&row.event) }).collect()
}

/// Every track of footage of which there are segments, or of which the journal says that it lost its camera or recorded something.
pub(super) fn tracks<'a>(known: &'a Known, entries: &'a [Entry<'a>]) -> BTreeSet<&'a str> {
    let mut tracks = named(entries.iter());
    tracks.extend(known.seen.iter().filter(|seen| seen.is_footage()).map(|seen| seen.row.track.as_str()));
    tracks
}

/// Tracks of footage that the journal names: of thumbnails, of which no segment may be here, only the name tells (format.md 5).
fn named<'a>(journal: impl Iterator<Item = &'a Entry<'a>>) -> BTreeSet<&'a str> {
    let named = journal.filter(|entry| matches!(entry.row.kind.as_str(), "camera-lost" | "segment-started"));
    named.filter_map(|entry| entry.track.as_deref()).filter(|track| !is_numbered(track, "thumb")).collect()
}

/// By its name (format.md 5), because a microphone that never worked has no segment that says its kind.
pub(super) fn is_sound(track: &str) -> bool {
    is_numbered(track, "mic")
}

fn is_numbered(track: &str, name: &str) -> bool {
    track.strip_prefix(name).is_some_and(|number| number.parse::<u8>().is_ok())
}

fn track_of(event: &str) -> Option<String> {
    let event: serde_json::Value = serde_json::from_str(event).ok()?;
    Some(event.get("track")?.as_str()?.to_owned())
}
