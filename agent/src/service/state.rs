//! What the service keeps in the spool's state folder (`room.json`, mode 0600): its enrolment, the room's exams as the server told last, what was begun, and
//! what somebody has ended. With it a restart goes on at once, without a network too.

use super::schedule::{Slot, overtaken};
use crate::disk;
use anyhow::Context as _;
use invigil_format::{Digest, Error, Fingerprint, RecordingId, Statement, TrustStore, VerifyingKey};
use invigil_wire::agent::ExamInfo;
use invigil_wire::room::RoomExam;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// So long before its start an exam begins beside another one that goes on, ms: beginning takes a moment, and its first second counts.
const HEAD_START_MS: i64 = 5_000;
/// Ends that are remembered; the oldest are forgotten first.
const MAX_ENDED: usize = 1000;
/// The server's time is kept anew when it differs by so much, ms: otherwise each look at the server would be a write, and certificates begin
/// and end by days.
const TOLD_EVERY_MS: u64 = 3_600_000;

/// Everything that is kept.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(from = "Written")]
pub struct Kept {
    /// The room, once this computer is enrolled.
    pub room: Option<Enrolled>,
    /// Its exams.
    pub exams: Vec<RoomExam>,
    /// What goes on, in the order in which it was begun.
    pub begun: Vec<Begun>,
    /// Recordings that somebody has ended, oldest first.
    pub ended: Vec<RecordingId>,
    /// Recordings that became due while others went on: they are due until somebody ends them.
    pub waiting: BTreeSet<RecordingId>,
    /// The server's time as it was told last, about, Unix ms.
    pub told_ms: Option<i64>,
}

/// A recording that was begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Begun {
    /// Which.
    pub recording: RecordingId,
    /// By this computer's own clock, before a server had told its time.
    pub by_own_clock: bool,
}

/// What the file may hold.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    room: Option<Enrolled>,
    #[serde(default)]
    exams: Vec<RoomExam>,
    #[serde(default)]
    begun: WrittenBegun,
    #[serde(default)]
    by_own_clock: bool,
    #[serde(default)]
    ended: Vec<RecordingId>,
    #[serde(default)]
    waiting: BTreeSet<RecordingId>,
    #[serde(default)]
    told_ms: Option<i64>,
}

/// Versions that recorded one exam at a time wrote the recording that was begun last, and `by_own_clock` beside it.
#[derive(Deserialize)]
#[serde(untagged)]
enum WrittenBegun {
    All(Vec<Begun>),
    Last(Option<RecordingId>),
}

impl Default for WrittenBegun {
    fn default() -> Self {
        Self::Last(None)
    }
}

impl From<Written> for Kept {
    fn from(written: Written) -> Self {
        let Written { room, exams, begun, by_own_clock, ended, waiting, told_ms } = written;
        let begun = match begun {
            WrittenBegun::All(begun) => begun,
            WrittenBegun::Last(begun) => begun.map(|recording| Begun { recording, by_own_clock }).into_iter().collect(),
        };
        Self { room, exams, begun, ended, waiting, told_ms }
    }
}

/// This computer's enrolment. Holds the token: never printed.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Enrolled {
    /// Room's name.
    pub name: String,
    /// Digest of the room code.
    pub code_digest: Digest,
    /// Bearer token.
    pub token: String,
    /// Addresses of the server.
    pub servers: Vec<String>,
    /// Institution.
    pub fingerprint: Fingerprint,
    /// Institution key.
    pub institution: VerifyingKey,
    /// From the trust document.
    pub certificates: Vec<Statement>,
}

impl Enrolled {
    /// Its certificates, to be asked.
    ///
    /// # Errors
    /// When they are not the institution's.
    pub fn trust(&self) -> Result<TrustStore, Error> {
        TrustStore::new(self.fingerprint, self.institution, &self.certificates)
    }
}

impl Kept {
    /// Recordings that somebody has ended, here or on the server.
    pub fn ended(&self) -> BTreeSet<RecordingId> {
        let there = self.exams.iter().filter(|exam| exam.ended_ms.is_some()).map(|exam| exam.recording);
        self.ended.iter().copied().chain(there).collect()
    }

    /// What may be recorded here: not what another computer records with a join code.
    /// `lead` counts instead of what the policies say.
    pub fn slots(&self, lead: Option<Duration>) -> Vec<Slot> {
        let ours = self.exams.iter().filter(|exam| !exam.by_code);
        let slot = |exam: &RoomExam| Slot {
            recording: exam.recording,
            begins_ms: begins_ms(exam, lead),
            beside_ms: begins_ms(exam, lead).max(exam.exam.starts_ms.saturating_sub(HEAD_START_MS)),
            starts_ms: exam.exam.starts_ms,
            ends_ms: exam.exam.ends_ms,
            stays: self.stays(exam),
        };
        ours.map(slot).collect()
    }

    /// Its scheduled end does not make it missed (rules 4 and 5 of [`super::schedule`]).
    pub fn stays(&self, exam: &RoomExam) -> bool {
        exam.begun || self.waiting.contains(&exam.recording)
    }

    /// Recordings that were begun and nobody has ended, in the order in which they were begun.
    pub fn going_on(&self) -> Vec<RecordingId> {
        let ended = self.ended();
        self.begun.iter().map(|begun| begun.recording).filter(|recording| !ended.contains(recording)).collect()
    }

    /// Exams that are due at `now_ms` and wait because others go on.
    pub fn overtaken(&self, lead: Option<Duration>, now_ms: i64) -> Vec<RecordingId> {
        overtaken(&self.slots(lead), &self.going_on(), &self.ended(), now_ms)
    }

    /// What goes on was begun by a clock that was ahead: at a server's time `now_ms` these exams are not due yet.
    pub fn began_too_early(&self, lead: Option<Duration>, now_ms: i64) -> Vec<RecordingId> {
        let early = self.slots(lead).into_iter().filter(|slot| now_ms < slot.begins_ms).map(|slot| slot.recording);
        early.filter(|early| self.begun.iter().any(|begun| begun.by_own_clock && begun.recording == *early)).collect()
    }

    /// A server has told its time: what was begun counts as begun by that, but for these.
    pub fn right_clock(&mut self, too_early: &[RecordingId]) {
        self.begun.retain(|begun| !too_early.contains(&begun.recording));
        self.begun.iter_mut().for_each(|begun| begun.by_own_clock = false);
    }

    /// A server has told its time. The last word counts, not the latest time: a server's clock may have been ahead.
    pub fn told(&mut self, server_time_ms: i64) {
        if self.told_ms.is_none_or(|told_ms| told_ms.abs_diff(server_time_ms) >= TOLD_EVERY_MS) {
            self.told_ms = Some(server_time_ms);
        }
    }

    /// This computer stands in another room now: nothing of the one before is to be recorded here.
    pub fn moved(&mut self) {
        self.exams.clear();
        self.waiting.clear();
        self.begun.clear();
    }

    /// An exam of the room.
    pub fn exam(&self, recording: RecordingId) -> Option<&ExamInfo> {
        self.exams.iter().find(|exam| exam.recording == recording).map(|exam| &exam.exam)
    }

    /// Its recording has begun, or begun again; `by_own_clock` says that no server had told its time. An exam that is none of this room's any more, because this
    /// computer was moved meanwhile, does not count as begun.
    pub fn begin(&mut self, recording: RecordingId, by_own_clock: bool) {
        if self.exam(recording).is_none() {
            return;
        }
        if self.begun.iter().all(|begun| begun.recording != recording) {
            self.begun.push(Begun { recording, by_own_clock });
        }
        self.waiting.remove(&recording);
    }

    /// Somebody has ended it.
    pub fn end(&mut self, recording: RecordingId) {
        if !self.ended.contains(&recording) {
            self.ended.push(recording);
        }
        self.begun.retain(|begun| begun.recording != recording);
        let surplus = self.ended.len().saturating_sub(MAX_ENDED);
        self.ended.drain(..surplus);
    }

    /// The server's list is what counts, but for the recordings that go on: those stay whatever becomes of their exams.
    pub fn listed(&mut self, exams: Vec<RoomExam>) {
        let going_on = self.going_on();
        let before = std::mem::replace(&mut self.exams, exams);
        let gone = |exam: &RoomExam| !self.exams.iter().any(|listed| listed.recording == exam.recording);
        let stay: Vec<_> = before.into_iter().filter(|exam| going_on.contains(&exam.recording) && gone(exam)).collect();
        self.exams.extend(stay);
        let (ended, exams) = (self.ended(), &self.exams);
        self.waiting.retain(|recording| !ended.contains(recording) && exams.iter().any(|exam| exam.recording == *recording));
        self.begun.retain(|begun| !ended.contains(&begun.recording));
    }
}

/// When the recording of an exam begins, Unix ms.
pub fn begins_ms(exam: &RoomExam, lead: Option<Duration>) -> i64 {
    let lead_ms = lead.map_or(exam.lead_ms, |lead| i64::try_from(lead.as_millis()).unwrap_or(i64::MAX));
    exam.exam.starts_ms.saturating_sub(lead_ms)
}

/// [`Kept`] and its file.
pub struct State {
    path: PathBuf,
    kept: Mutex<Kept>,
}

impl State {
    /// Reads what was kept in this folder. What makes no sense does not count, is said, and is laid aside: then the room code is needed again.
    ///
    /// # Errors
    /// When the disk does not give it, or does not let it be laid aside: what may still be there must not be written over.
    pub fn load(folder: &Path) -> anyhow::Result<Self> {
        let path = folder.join("room.json");
        let kept = match std::fs::read(&path) {
            Ok(text) => match serde_json::from_slice(&text) {
                Ok(kept) => kept,
                Err(error) => {
                    let aside = folder.join("room.json.damaged");
                    std::fs::rename(&path, &aside).with_context(|| format!("laying {} aside failed", path.display()))?;
                    tracing::error!(%error, path = %aside.display(), "what this computer kept of its room is damaged and was laid aside: it needs its room code again");
                    Kept::default()
                }
            },
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Kept::default(),
            Err(error) => {
                let failed =
                    "reading what this computer keeps of its room failed, and it is left as it is: mend the disk or the file's permissions";
                return Err(error).with_context(|| format!("{failed} ({})", path.display()));
            }
        };
        Ok(Self { path, kept: Mutex::new(kept) })
    }

    /// A copy.
    pub fn get(&self) -> Kept {
        self.lock().clone()
    }

    /// Changes what is kept, and writes it if it is different now. A disk that fails is said; the change counts as long as this process lives. Blocks for a
    /// moment.
    pub fn update(&self, change: impl FnOnce(&mut Kept)) {
        let mut kept = self.lock();
        let before = serde_json::to_vec(&*kept).unwrap_or_default();
        change(&mut kept);
        let after = serde_json::to_vec(&*kept).unwrap_or_default();
        if before != after
            && let Err(error) = disk::write_atomic(&self.path, &after)
        {
            tracing::error!(%error, path = %self.path.display(), "what this computer knows of its room could not be written");
        }
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
