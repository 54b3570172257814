//! Whose seconds are accounted for: those of all moving pictures together, or of one track.

use super::Seen;
use super::index::{Entry, Index, Run};
use std::collections::BTreeSet;

/// What is known that may explain what all moving pictures together lack, or one track.
pub(super) struct Account<'a> {
    /// All of the recording.
    pub(super) index: &'a Index<'a>,
    /// What its runs journalled about it, in the order of the runs.
    pub(super) parts: Vec<Part<'a>>,
    /// The one track; `None` where all pictures are meant.
    pub(super) track: Option<&'a str>,
}

/// What one run journalled about the tracks of an account.
pub(super) struct Part<'a> {
    /// The run.
    pub(super) run: &'a Run<'a>,
    /// Entries that say something about them: those that name one of them, and those that name none.
    pub(super) journal: Vec<&'a Entry<'a>>,
}

impl<'a> Account<'a> {
    /// All moving pictures together. What happens to sound explains nothing that they lack.
    pub(super) fn of_pictures(index: &'a Index<'a>) -> Self {
        Self::of(index, None, |entry| !entry.track.as_deref().is_some_and(is_sound))
    }

    /// One track. What happens to another explains nothing that it lacks.
    pub(super) fn of_track(index: &'a Index<'a>, track: &'a str) -> Self {
        Self::of(index, Some(track), |entry| entry.is_about(track))
    }

    fn of(index: &'a Index<'a>, track: Option<&'a str>, takes: impl Fn(&Entry<'a>) -> bool) -> Self {
        let part = |run: &'a Run<'a>| Part { run, journal: run.journal.iter().filter(|entry| takes(entry)).collect() };
        Self { index, parts: index.runs.iter().map(part).collect(), track }
    }

    /// The tracks of moving pictures of a run: those that it has recorded, and those whose cameras it looked for.
    pub(super) fn tracks_of(&self, part: &Part<'a>) -> BTreeSet<&'a str> {
        let mut tracks = named(part.journal.iter().copied());
        tracks.extend(part.run.segments.iter().filter(|seen| self.takes(seen)).map(|seen| seen.row.track.as_str()));
        tracks.retain(|track| self.index.tracks.contains(*track));
        tracks
    }

    /// Whether this footage counts. Sound and thumbnails explain nothing that pictures lack.
    pub(super) fn takes(&self, seen: &Seen) -> bool {
        self.track.map_or_else(|| seen.is_moving_pictures(), |track| seen.is_footage() && seen.row.track == track)
    }
}

impl Part<'_> {
    /// What it says about one track.
    pub(super) fn of_track(&self, track: &str) -> Self {
        Self { run: self.run, journal: self.journal.iter().copied().filter(|entry| entry.is_about(track)).collect() }
    }
}

/// Tracks of footage that the journal names: of thumbnails, of which no segment may be here, only the name tells (format.md 5).
pub(super) fn named<'a>(journal: impl Iterator<Item = &'a Entry<'a>>) -> BTreeSet<&'a str> {
    let named = journal.filter(|entry| matches!(entry.row.kind.as_str(), "camera-lost" | "segment-started"));
    named.filter_map(|entry| entry.track.as_deref()).filter(|track| !is_numbered(track, "thumb")).collect()
}

/// By its name (format.md 5), because a microphone that never worked has no segment that says its kind.
fn is_sound(track: &str) -> bool {
    is_numbered(track, "mic")
}

fn is_numbered(track: &str, name: &str) -> bool {
    track.strip_prefix(name).is_some_and(|number| number.parse::<u8>().is_ok())
}
