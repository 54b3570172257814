//! Where states are told: to the person at the machine, to the journal, and to whoever asks what is so now.

use super::Change;
use crate::journal::Journal;
use crate::progress::Progress;
use invigil_format::{Condition, Event, TrackName};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// States that are going on, and who is told of them.
pub struct Board {
    journal: Journal,
    progress: Arc<Progress>,
    now: Mutex<BTreeMap<(Option<TrackName>, Condition), u64>>,
}

/// A state that is going on, for the progress line.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Shown {
    /// Which.
    pub condition: Condition,
    /// Whose; null is the whole machine.
    pub track: Option<TrackName>,
    /// For how long.
    pub since_ms: u64,
}

impl Board {
    /// Empty.
    pub fn new(journal: Journal, progress: Arc<Progress>) -> Arc<Self> {
        Arc::new(Self { journal, progress, now: Mutex::default() })
    }

    /// A state began or ended; `more` says what was seen, if there is more to say than the state's name.
    pub fn tell(&self, track: Option<&TrackName>, condition: Condition, change: Change, more: &str) {
        let whose = track.map_or_else(|| "this computer".to_owned(), ToString::to_string);
        let key = (track.cloned(), condition);
        let track = track.cloned();
        match change {
            Change::Began { since_us } => {
                self.lock().insert(key, since_us);
                let reason = if more.is_empty() { fact(condition).to_owned() } else { format!("{}: {more}", fact(condition)) };
                tracing::warn!(condition = condition.name(), whose, "condition began");
                self.progress.event("condition-began", &format!("{whose}: {reason}; {}", advice(condition)));
                self.journal.record(Event::ConditionBegan { condition, track, since_us, reason });
            }
            Change::Ended { since_us, until_us } => {
                self.lock().remove(&key);
                let secs = until_us.saturating_sub(since_us) / 1_000_000;
                tracing::info!(condition = condition.name(), whose, secs, "condition ended");
                self.progress.event("condition-ended", &format!("{whose}: over after {secs} s: {}", fact(condition)));
                self.journal.record(Event::ConditionEnded { condition, track, since_us, until_us });
            }
        }
    }

    /// This process got no processor from one boot time until another.
    pub fn held_up(&self, from_us: u64, to_us: u64) {
        let secs = to_us.saturating_sub(from_us) as f64 / 1e6;
        tracing::warn!(secs, "got no processor");
        let text =
            format!("the recording program got no processor for {secs:.1} s, pictures of that time may be missing; end other programs");
        self.progress.event("held-up", &format!("this computer: {text}"));
        self.journal.record(Event::HeldUp { from_us, to_us });
    }

    /// A camera gives no pictures, for this reason, or gives them again (no reason). Its track's journal is told by whoever watches it.
    pub fn camera(&self, track: &TrackName, camera: &str, reason: &str) {
        match reason.is_empty() {
            true => self.progress.event("camera-back", &format!("{track} ({camera}): pictures again")),
            false => {
                self.progress.event("camera-lost", &format!("{track} ({camera}): NO PICTURE: {reason}; it is opened again until it works"))
            }
        }
    }

    /// What is going on at `now_us` (boot time).
    pub fn shown(&self, now_us: u64) -> Vec<Shown> {
        let now = self.lock();
        now.iter()
            .map(|((track, condition), since_us)| Shown {
                condition: *condition,
                track: track.clone(),
                since_ms: now_us.saturating_sub(*since_us) / 1000,
            })
            .collect()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<(Option<TrackName>, Condition), u64>> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shown {
    /// In a few words, for the live line.
    pub fn words(&self) -> String {
        let track = self.track.as_ref().map_or_else(String::new, |track| format!("{track} "));
        format!("{track}{} for {} s", self.condition.name().to_uppercase(), self.since_ms / 1000)
    }
}

fn fact(condition: Condition) -> &'static str {
    match condition {
        Condition::Dark => "the picture is too dark to see anything",
        Condition::Covered => "there is light, but hardly any detail in the picture",
        Condition::Frozen => "the picture does not change at all, not even by a camera's noise",
        Condition::Silent => "there is no sound at all",
        Condition::LowDisk => "the disk with the spool is nearly full",
        Condition::SlowDisk => "recording waits for the disk with the spool",
        Condition::Cpu => "pictures are dropped because the processor does not keep up",
    }
}

fn advice(condition: Condition) -> &'static str {
    match condition {
        Condition::Dark => "switch on a light, or open the camera's shutter",
        Condition::Covered => "see whether something lies before the camera, or whether it is out of focus",
        Condition::Frozen => "unplug the camera and plug it in again",
        Condition::Silent => "see whether the microphone is muted or unplugged",
        Condition::LowDisk => "free space on it, or the recording will stop when it is full",
        Condition::SlowDisk => "end other programs that write to it",
        Condition::Cpu => "end other programs",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::{self, Journal};
    use crate::testing::World;

    #[test]
    fn what_began_is_shown_and_journalled_until_it_ends() {
        let (dir, world) = (tempfile::tempdir().unwrap(), World::new());
        let path = dir.path().join("journal.jsonl");
        let journal = Journal::create(&path, &world.run(), None).unwrap();
        let board = Board::new(journal.clone(), Arc::new(Progress::new(false)));
        let track: TrackName = "cam0".parse().unwrap();
        board.tell(Some(&track), Condition::Dark, Change::Began { since_us: 2_000_000 }, "");
        board.tell(None, Condition::LowDisk, Change::Began { since_us: 3_000_000 }, "1.0 GB left");
        let shown = board.shown(9_000_000);
        assert_eq!(shown[0], Shown { condition: Condition::LowDisk, track: None, since_ms: 6_000 });
        assert_eq!((shown[1].words(), shown.len()), ("cam0 DARK for 7 s".to_owned(), 2));
        board.tell(Some(&track), Condition::Dark, Change::Ended { since_us: 2_000_000, until_us: 9_000_000 }, "");
        board.held_up(4_000_000, 9_500_000);
        assert_eq!(board.shown(9_000_000).len(), 1);
        journal.record_durably(Event::RunEnded { reason: "test".into() });
        // What comes after the end of the run is not journalled: the end stays the last entry.
        board.tell(None, Condition::LowDisk, Change::Ended { since_us: 3_000_000, until_us: 4_000_000 }, "");
        journal.record_durably(Event::RunEnded { reason: "again".into() });
        let entries = journal::load(&path, false).unwrap();
        let events: Vec<Event> = journal::events(&entries).map(|entry| entry.event).collect();
        assert_eq!(events.len(), 5, "{events:?}");
        assert!(
            matches!(&events[1], Event::ConditionBegan { condition: Condition::LowDisk, track: None, since_us: 3_000_000, reason } if reason.ends_with("1.0 GB left"))
        );
        let ended = Event::ConditionEnded { condition: Condition::Dark, track: Some(track), since_us: 2_000_000, until_us: 9_000_000 };
        assert_eq!(events[2..4], [ended, Event::HeldUp { from_us: 4_000_000, to_us: 9_500_000 }]);
    }
}
