//! A university's policy: its values, each with the source that says so.
//!
//! [`PolicyFile`] is the file as written (`config/policies/*.toml`); [`PolicyFile::check`] turns it into a [`Policy`] whose values are known to
//! make sense, or lists every mistake with its key.

mod file;

use alloc::string::String;
use alloc::vec::Vec;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span};
use serde::{Deserialize, Serialize};

pub use file::{Mistake, PolicyFile};

/// A value and where it comes from: a document and its point, or `assumed`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sourced<T> {
    /// The value.
    pub value: T,
    /// Its source, shown beside every decision that rests on it.
    pub source: String,
}

impl Sourced<SignedDuration> {
    /// In milliseconds; the check bounds durations to a year.
    pub fn millis(&self) -> i64 {
        i64::try_from(self.value.as_millis()).unwrap_or(i64::MAX)
    }
}

/// A checked policy.
#[derive(Debug, Clone)]
pub struct Policy {
    /// Short name in lower case, as exams refer to it.
    pub name: String,
    /// Name for people.
    pub title: String,
    /// The university's time zone, from the bundled database: never the machine's.
    pub zone: Sourced<TimeZone>,
    /// How long things are kept.
    pub retention: Retention,
    /// When a disconnect gives a retake.
    pub disconnect: Disconnect,
    /// What is captured.
    pub capture: Capture,
    /// Limits of oral exams.
    pub oral: Oral,
    /// The "Incomplete" grade, where the university has it.
    pub incomplete: Option<Incomplete>,
    /// Acts of annulment, where the university's rules are known.
    pub acts: Option<Acts>,
}

/// Retention (mission rule 1).
#[derive(Debug, Clone)]
pub struct Retention {
    /// How long footage, ID photos and thumbnails are kept.
    pub keep: Sourced<Span>,
    /// From when.
    pub counts_from: Sourced<CountsFrom>,
}

/// From when footage is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CountsFrom {
    /// The later of the exam's scheduled and actual end.
    ExamEnd,
    /// The end of the session, or the exam's if that is later.
    SessionEnd,
}

/// Disconnects and retakes (mission rules 3 and 4).
#[derive(Debug, Clone)]
pub struct Disconnect {
    /// More than this gives the opportunity to retake; exactly this does not.
    pub threshold: Sourced<SignedDuration>,
    /// What is compared with the threshold.
    pub basis: Sourced<Basis>,
    /// From when the retake's window runs.
    pub window_from: Sourced<WindowFrom>,
    /// Length of the retake's window: physical hours, not days.
    pub retake_within: Sourced<SignedDuration>,
    /// Causes that count.
    pub causes: Sourced<Vec<Cause>>,
    /// Silence after which a disconnect is shown as open.
    pub opens_after: Sourced<SignedDuration>,
    /// Time after the start within which a candidate has to have joined before a "could not join" case opens.
    pub join_grace: Sourced<SignedDuration>,
}

/// What decides whether the threshold is passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// The longest single disconnect.
    Longest,
    /// All disconnects together.
    Total,
}

/// From when the retake's window runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WindowFrom {
    /// The exam's end.
    ExamEnd,
    /// The end of the deciding disconnect.
    OutageEnd,
}

/// Why contact was lost, from evidence (mission rule 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// The agent lived and its attempts failed.
    Link,
    /// The exam platform could not be reached while our server could.
    Platform,
    /// Another run on the same boot: the agent was closed, killed or crashed.
    AgentStopped,
    /// Another boot.
    PowerOrReboot,
    /// The machine slept.
    Suspended,
    /// No picture, although the link was there: not a disconnect, and never counted unless a policy says so.
    CameraLost,
    /// Our own server was down.
    Server,
    /// Not known (yet).
    Unknown,
}

impl Cause {
    /// All causes.
    pub const ALL: [Self; 8] = [
        Self::Link,
        Self::Platform,
        Self::AgentStopped,
        Self::PowerOrReboot,
        Self::Suspended,
        Self::CameraLost,
        Self::Server,
        Self::Unknown,
    ];

    /// Its name in policies, in the database and on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Link => "link",
            Self::Platform => "platform",
            Self::AgentStopped => "agent-stopped",
            Self::PowerOrReboot => "power-or-reboot",
            Self::Suspended => "suspended",
            Self::CameraLost => "camera-lost",
            Self::Server => "server",
            Self::Unknown => "unknown",
        }
    }

    /// The cause of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cause| cause.name() == name)
    }
}

/// Capture values.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Capture {
    /// Picture width, pixels.
    pub width: Sourced<u32>,
    /// Picture height, pixels.
    pub height: Sourced<u32>,
    /// Pictures a second.
    pub fps: Sourced<u32>,
    /// Ceiling of the encoder, kbit/s (1000 bit/s).
    pub max_kbits: Sourced<u32>,
    /// Ceiling of all uploads of a candidate's device while the exam runs, kbit/s; 0 is none.
    pub upload_max_kbits: Sourced<u32>,
    /// The same of a room's computer: nobody writes an exam on it, and its cameras deliver far more.
    pub room_upload_max_kbits: Sourced<u32>,
    /// Whether sound is recorded.
    pub sound: Sourced<bool>,
    /// Minutes before the start from which rooms are recorded.
    pub room_lead_minutes: Sourced<u32>,
}

/// Oral exams (mission rule 6).
#[derive(Debug, Clone)]
pub struct Oral {
    /// Examinees a day.
    pub max_per_day: Sourced<u32>,
    /// Examinees in the room at once.
    pub max_in_room: Sourced<u32>,
    /// Academic hours a day.
    pub max_academic_hours: Sourced<u32>,
    /// Minutes to prepare.
    pub prepare_minutes: Sourced<u32>,
    /// Minutes to answer.
    pub answer_minutes: Sourced<u32>,
    /// What happens to a timetable that breaks the limits.
    pub timetable: Sourced<OnBreach>,
}

/// What happens when a limit is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnBreach {
    /// It is refused.
    Refuse,
    /// It is accepted with a warning.
    Warn,
}

/// "I", Incomplete (mission rule 5).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Incomplete {
    /// Attempt at whose technical failure the grade can be given.
    pub attempt: Sourced<u32>,
    /// Least points of the current control.
    pub min_points: Sourced<u32>,
    /// Working days for the application, from the certificate's date of issue.
    pub apply_working_days: Sourced<u32>,
    /// Days after the session's end for which the grade lasts.
    pub lasts_days: Sourced<u32>,
    /// Share of the question base to be renewed before the retake, per cent.
    pub renewed_questions_percent: Sourced<u32>,
}

/// Acts of annulment (mission rule 7).
#[derive(Debug, Clone)]
pub struct Acts {
    /// Time after the exam within which a grade can be cancelled from recordings.
    pub cancel_within: Sourced<Span>,
    /// Who may draw up an act.
    pub drawn_up_by: Sourced<Vec<String>>,
    /// Who receives it.
    pub received_by: Sourced<String>,
    /// Whether an act that rests on recordings can be appealed.
    pub appealable: Sourced<bool>,
    /// Who gets repeated violations.
    pub repeated_to: Sourced<String>,
}

#[cfg(test)]
pub(crate) mod tests;
