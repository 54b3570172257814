//! What the service says of itself.

use super::schedule::AT_ONCE;
use crate::receipt::time;
use indicatif::HumanBytes;
use invigil_format::RecordingId;
use serde::{Deserialize, Serialize};

/// What is going on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// Room, once this computer is enrolled for one.
    pub room: Option<String>,
    /// What is recorded now; of several the one that was to end first.
    pub recording: Option<Now>,
    /// What is recorded at once with it, because the start of one came before anybody had ended another.
    #[serde(default)]
    pub beside: Vec<Now>,
    /// The exam that comes next.
    pub next: Option<Coming>,
    /// Titles of exams that are due and wait because others are recorded.
    #[serde(default)]
    pub waiting_exams: Vec<String>,
    /// Segments on this computer that the server has not stored yet, and their bytes.
    pub waiting_segments: usize,
    /// See `waiting_segments`.
    pub waiting_bytes: u64,
    /// What stands in the way; empty if nothing does.
    pub trouble: String,
}

/// A recording that goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Now {
    /// Recording.
    pub recording: RecordingId,
    /// Exam.
    pub title: String,
    /// Scheduled end, Unix ms.
    pub ends_ms: i64,
    /// Of the university's time zone, seconds east of UTC.
    pub utc_offset_secs: i32,
    /// Durable media of the longest track of this run, ms.
    pub recorded_ms: u64,
    /// The scheduled end has passed: are the papers collected?
    pub end_passed: bool,
    /// The server answers.
    pub online: bool,
    /// `full`, or why it is less.
    pub capture: String,
    /// States that a person should see to, in a few words each.
    pub conditions: Vec<String>,
    /// Cameras and microphone that give nothing now.
    #[serde(default)]
    pub lost: Vec<Lost>,
    /// Another computer joined this exam by its join code: the server may not take what this one records.
    #[serde(default)]
    pub by_code: bool,
}

impl Now {
    /// `named` if the word that its papers are collected has to name it.
    fn words(&self, named: bool, lines: &mut Vec<String>) {
        let until = time(self.ends_ms, self.utc_offset_secs);
        let secs = self.recorded_ms / 1000;
        let named = if named { format!(" --recording {}", self.recording) } else { String::new() };
        lines.push(format!("RECORDING {}, {:02}:{:02}:{:02} in this run", self.title, secs / 3600, secs / 60 % 60, secs % 60));
        lines.push(match self.end_passed {
            true => format!("its scheduled end ({until}) has passed; are the papers collected? Then run: invigil-agent collected{named}"),
            false if named.is_empty() => format!("scheduled until {until}; it goes on until somebody says that the papers are collected"),
            false => format!(
                "scheduled until {until}; it goes on until somebody says that its papers are collected: invigil-agent collected{named}"
            ),
        });
        lines.push(if self.online { "the server is reached".into() } else { "the server is NOT reached; everything is kept here".into() });
        if self.capture != "full" {
            lines.push(format!("capture: {}", self.capture));
        }
        lines.extend(self.lost.iter().map(Lost::words));
        if self.by_code {
            lines.push("another computer joined this exam with its join code: the server may not take what is recorded here".into());
        }
        lines.extend(self.conditions.iter().map(|condition| format!("look after: {condition}")));
    }
}

/// A camera or microphone that gives nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lost {
    /// Track.
    pub track: String,
    /// Why; empty while nothing has come and no reason is known.
    pub reason: String,
}

impl Lost {
    fn words(&self) -> String {
        let (what, nothing) = if self.track.starts_with("mic") { ("microphone", "NO SOUND") } else { ("camera", "NO PICTURE") };
        let reason = if self.reason.is_empty() { "none has come yet" } else { &self.reason };
        format!("{what} {}: {nothing}: {reason}", self.track)
    }
}

/// An exam that has not begun.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coming {
    /// Recording.
    pub recording: RecordingId,
    /// Exam.
    pub title: String,
    /// Scheduled start, Unix ms.
    pub starts_ms: i64,
    /// When its recording begins, Unix ms.
    pub begins_ms: i64,
    /// Of the university's time zone, seconds east of UTC.
    pub utc_offset_secs: i32,
    /// Everything that recording needs is on this computer: it begins without a network, too.
    pub ready: bool,
}

impl Status {
    /// In plain words, several lines.
    pub fn words(&self) -> String {
        let mut lines = vec![match &self.room {
            Some(room) => format!("room {room}"),
            None => "this computer is not enrolled for a room yet".to_owned(),
        }];
        match &self.recording {
            None => lines.push("nothing is recorded now".into()),
            Some(now) => {
                if !self.beside.is_empty() {
                    let all: Vec<_> = std::iter::once(now).chain(&self.beside).map(|now| now.title.as_str()).collect();
                    let all = at_once(&all);
                    lines.push(format!(
                        "{all}. The next one starts or has started, and nobody has said that the papers of the one before are collected"
                    ));
                }
                now.words(false, &mut lines);
            }
        }
        self.beside.iter().for_each(|beside| beside.words(true, &mut lines));
        if !self.waiting_exams.is_empty() {
            lines.push(format!("WAITING until {}: {}", until(self.beside.len() + 1), self.waiting_exams.join(", ")));
        }
        match &self.next {
            None => lines.push("no other exam in this room is known for the days to come".into()),
            Some(next) => {
                let at = |ms| time(ms, next.utc_offset_secs);
                let ready = if next.ready { "" } else { "; NOT READY: the server has not given what its recording needs" };
                lines.push(format!("next: {}, {}; its recording begins {}{ready}", next.title, at(next.starts_ms), at(next.begins_ms)));
            }
        }
        if self.waiting_segments > 0 {
            lines.push(format!("{} segments ({}) wait to be stored on the server", self.waiting_segments, HumanBytes(self.waiting_bytes)));
        }
        if !self.trouble.is_empty() {
            lines.push(format!("trouble: {}", self.trouble));
        }
        lines.join("\n")
    }
}

/// What an exam waits for that is due while so many others are recorded.
pub(super) fn until(recorded: usize) -> &'static str {
    match recorded {
        0 | 1 => "the papers of this one are collected, or its own start comes",
        some if some < AT_ONCE => "its own start comes, or the papers of all of them are collected",
        _ => "one of them is ended, and its own start has come",
    }
}

/// Says that these exams are recorded at once; at least two.
pub(super) fn at_once(all: &[impl AsRef<str>]) -> String {
    let how_many = match all.len() {
        2 => "TWO".to_owned(),
        3 => "THREE".to_owned(),
        4 => "FOUR".to_owned(),
        many => many.to_string(),
    };
    format!("{how_many} EXAMS ARE RECORDED AT ONCE, from the same cameras: {}", titles(all))
}

/// `A, B and C`.
pub(super) fn titles(all: &[impl AsRef<str>]) -> String {
    let all: Vec<&str> = all.iter().map(AsRef::as_ref).collect();
    match all.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, before)) => format!("{} and {last}", before.join(", ")),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_what_is_recorded_until_when_and_what_waits() {
        let now = Now {
            recording: RecordingId::from_random([1; 16]),
            title: "Physics".into(),
            ends_ms: 1_780_300_800_000,
            utc_offset_secs: 18_000,
            recorded_ms: 3_725_000,
            end_passed: false,
            online: false,
            capture: "full".into(),
            conditions: vec!["cam0 DARK for 7 s".into()],
            lost: vec![Lost { track: "cam1".into(), reason: "unplugged".into() }, Lost { track: "mic0".into(), reason: String::new() }],
            by_code: true,
        };
        let mut status = Status {
            room: Some("Hall 1".into()),
            recording: Some(now),
            waiting_segments: 3,
            waiting_exams: vec!["Chemistry".into()],
            ..Status::default()
        };
        let words = status.words();
        for part in [
            "room Hall 1",
            "RECORDING Physics, 01:02:05",
            "13:00",
            "NOT reached",
            "cam0 DARK",
            "3 segments",
            "no other exam",
            "camera cam1: NO PICTURE: unplugged",
            "microphone mic0: NO SOUND: none",
            "join code",
            "WAITING until the papers of this one are collected, or its own start comes: Chemistry",
        ] {
            assert!(words.contains(part), "{part} in {words}");
        }
        assert!(!words.contains("AT ONCE"));
        status.recording.as_mut().unwrap().end_passed = true;
        assert!(status.words().contains("invigil-agent collected"));
        let mut beside = status.recording.clone().unwrap();
        (beside.recording, beside.title, beside.end_passed) = (RecordingId::from_random([2; 16]), "Law".into(), false);
        status.beside = vec![beside.clone()];
        let words = status.words();
        for part in [
            "TWO EXAMS ARE RECORDED AT ONCE, from the same cameras: Physics and Law.",
            "RECORDING Physics,",
            "RECORDING Law,",
            &format!("its papers are collected: invigil-agent collected --recording {}", beside.recording),
            "WAITING until its own start comes, or the papers of all of them are collected: Chemistry",
        ] {
            assert!(words.contains(part), "{part} in {words}");
        }
        status.beside.extend(["Art", "History"].map(|title| Now { title: title.into(), ..beside.clone() }));
        let words = status.words();
        for part in [
            "FOUR EXAMS ARE RECORDED AT ONCE, from the same cameras: Physics, Law, Art and History.",
            "WAITING until one of them is ended, and its own start has come: Chemistry",
        ] {
            assert!(words.contains(part), "{part} in {words}");
        }
        (status.recording, status.beside) = (None, Vec::new());
        assert!(status.words().contains("nothing is recorded now"));
    }
}
