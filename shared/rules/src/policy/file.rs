//! The policy file as written, and its check.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{SignedDuration, Span};
use serde::{Deserialize, Serialize};

use super::{Acts, Basis, Capture, Cause, CountsFrom, Disconnect, Incomplete, OnBreach, Oral, Policy, Retention, Sourced, WindowFrom};

/// One thing wrong in a policy file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {problem}")]
pub struct Mistake {
    /// Path of the key, such as `disconnect.threshold.value`.
    pub key: String,
    /// What was found and what was expected.
    pub problem: String,
}

/// A policy file as written: `deny_unknown_fields` throughout.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyFile {
    name: String,
    title: String,
    zone: Sourced<String>,
    retention: RetentionFile,
    disconnect: DisconnectFile,
    capture: Capture,
    oral: OralFile,
    incomplete: Option<Incomplete>,
    acts: Option<ActsFile>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RetentionFile {
    keep: Sourced<String>,
    counts_from: Sourced<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct DisconnectFile {
    threshold: Sourced<String>,
    basis: Sourced<String>,
    window_from: Sourced<String>,
    retake_within: Sourced<String>,
    causes: Sourced<Vec<String>>,
    opens_after: Sourced<String>,
    join_grace: Sourced<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct OralFile {
    max_per_day: Sourced<u32>,
    max_in_room: Sourced<u32>,
    max_academic_hours: Sourced<u32>,
    prepare_minutes: Sourced<u32>,
    answer_minutes: Sourced<u32>,
    timetable: Sourced<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ActsFile {
    cancel_within: Sourced<String>,
    drawn_up_by: Sourced<Vec<String>>,
    received_by: Sourced<String>,
    appealable: Sourced<bool>,
    repeated_to: Sourced<String>,
}

impl PolicyFile {
    /// Name as the file gives it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Checks every value; all mistakes come at once, in the order of the file.
    pub fn check(&self) -> Result<Policy, Vec<Mistake>> {
        let mut c = Checker { mistakes: Vec::new() };
        let name_ok = !self.name.is_empty() && self.name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        c.expect(name_ok, "name", || format!("found {:?}, expected lower-case letters, digits and hyphens", self.name));
        c.expect(!self.title.trim().is_empty(), "title", || "is empty, expected the university's name".to_string());
        let zone = c.parse("zone", &self.zone, zone);
        let retention = c.retention(&self.retention);
        let disconnect = c.disconnect(&self.disconnect);
        c.capture(&self.capture);
        let oral = c.oral(&self.oral);
        if let Some(incomplete) = &self.incomplete {
            c.incomplete(incomplete);
        }
        let acts = self.acts.as_ref().map(|acts| c.acts(acts));
        let policy = (|| {
            Some(Policy {
                name: self.name.clone(),
                title: self.title.clone(),
                zone: zone?,
                retention: retention?,
                disconnect: disconnect?,
                capture: self.capture.clone(),
                oral: oral?,
                incomplete: self.incomplete.clone(),
                acts: match acts {
                    None => None,
                    Some(acts) => Some(acts?),
                },
            })
        })();
        match policy {
            Some(policy) if c.mistakes.is_empty() => Ok(policy),
            _ => Err(c.mistakes),
        }
    }
}

struct Checker {
    mistakes: Vec<Mistake>,
}

impl Checker {
    fn expect(&mut self, holds: bool, key: &str, problem: impl FnOnce() -> String) {
        if !holds {
            self.mistakes.push(Mistake { key: key.to_string(), problem: problem() });
        }
    }

    fn source<T>(&mut self, key: &str, sourced: &Sourced<T>) {
        let ok = !sourced.source.trim().is_empty();
        self.expect(ok, &format!("{key}.source"), || "is empty, expected a document and its point, or \"assumed\"".to_string());
    }

    fn parse<T, V>(&mut self, key: &str, sourced: &Sourced<T>, parse: impl FnOnce(&T) -> Result<V, String>) -> Option<Sourced<V>> {
        self.source(key, sourced);
        match parse(&sourced.value) {
            Ok(value) => Some(Sourced { value, source: sourced.source.clone() }),
            Err(problem) => {
                self.mistakes.push(Mistake { key: format!("{key}.value"), problem });
                None
            }
        }
    }

    fn range(&mut self, key: &str, sourced: &Sourced<u32>, least: u32, most: u32) {
        self.source(key, sourced);
        let value = sourced.value;
        self.expect((least..=most).contains(&value), &format!("{key}.value"), || format!("found {value}, expected {least} to {most}"));
    }

    fn retention(&mut self, file: &RetentionFile) -> Option<Retention> {
        let keep = self.parse("retention.keep", &file.keep, span);
        let counts_from = self.parse("retention.counts_from", &file.counts_from, |text| {
            one_of(text, &[("exam_end", CountsFrom::ExamEnd), ("session_end", CountsFrom::SessionEnd)])
        });
        Some(Retention { keep: keep?, counts_from: counts_from? })
    }

    fn disconnect(&mut self, file: &DisconnectFile) -> Option<Disconnect> {
        let threshold = self.parse("disconnect.threshold", &file.threshold, duration);
        let basis =
            self.parse("disconnect.basis", &file.basis, |text| one_of(text, &[("longest", Basis::Longest), ("total", Basis::Total)]));
        let window_from = self.parse("disconnect.window_from", &file.window_from, |text| {
            one_of(text, &[("exam_end", WindowFrom::ExamEnd), ("outage_end", WindowFrom::OutageEnd)])
        });
        let retake_within = self.parse("disconnect.retake_within", &file.retake_within, duration);
        let causes = self.parse("disconnect.causes", &file.causes, |names| causes(names));
        let opens_after = self.parse("disconnect.opens_after", &file.opens_after, duration);
        let join_grace = self.parse("disconnect.join_grace", &file.join_grace, duration);
        if let (Some(threshold), Some(opens_after)) = (&threshold, &opens_after) {
            self.expect(opens_after.value < threshold.value, "disconnect.opens_after.value", || {
                "is not below disconnect.threshold, expected disconnects to be seen before they count".to_string()
            });
        }
        Some(Disconnect {
            threshold: threshold?,
            basis: basis?,
            window_from: window_from?,
            retake_within: retake_within?,
            causes: causes?,
            opens_after: opens_after?,
            join_grace: join_grace?,
        })
    }

    fn capture(&mut self, capture: &Capture) {
        self.range("capture.width", &capture.width, 160, 3840);
        self.range("capture.height", &capture.height, 120, 2160);
        for (key, size) in [("capture.width.value", capture.width.value), ("capture.height.value", capture.height.value)] {
            self.expect(size % 2 == 0, key, || format!("found {size}, expected an even number, as H.264 needs it"));
        }
        self.range("capture.fps", &capture.fps, 1, 60);
        self.range("capture.max_kbits", &capture.max_kbits, 50, 20_000);
        let ceilings =
            [("capture.upload_max_kbits", &capture.upload_max_kbits), ("capture.room_upload_max_kbits", &capture.room_upload_max_kbits)];
        for (key, upload) in ceilings {
            self.range(key, upload, 0, 1_000_000);
            let (ceiling, video) = (upload.value, capture.max_kbits.value);
            self.expect(ceiling == 0 || ceiling > video, &format!("{key}.value"), || {
                format!("found {ceiling}, expected 0 (no ceiling) or more than capture.max_kbits ({video}): a backlog could never go up")
            });
        }
        self.source("capture.sound", &capture.sound);
        self.range("capture.room_lead_minutes", &capture.room_lead_minutes, 0, 240);
    }

    fn oral(&mut self, file: &OralFile) -> Option<Oral> {
        self.range("oral.max_per_day", &file.max_per_day, 1, 1000);
        self.range("oral.max_in_room", &file.max_in_room, 1, 1000);
        self.range("oral.max_academic_hours", &file.max_academic_hours, 1, 24);
        self.range("oral.prepare_minutes", &file.prepare_minutes, 0, 600);
        self.range("oral.answer_minutes", &file.answer_minutes, 1, 600);
        let timetable =
            self.parse("oral.timetable", &file.timetable, |text| one_of(text, &[("refuse", OnBreach::Refuse), ("warn", OnBreach::Warn)]));
        Some(Oral {
            max_per_day: file.max_per_day.clone(),
            max_in_room: file.max_in_room.clone(),
            max_academic_hours: file.max_academic_hours.clone(),
            prepare_minutes: file.prepare_minutes.clone(),
            answer_minutes: file.answer_minutes.clone(),
            timetable: timetable?,
        })
    }

    fn incomplete(&mut self, incomplete: &Incomplete) {
        self.range("incomplete.attempt", &incomplete.attempt, 1, 10);
        self.range("incomplete.min_points", &incomplete.min_points, 0, 100);
        self.range("incomplete.apply_working_days", &incomplete.apply_working_days, 1, 365);
        self.range("incomplete.lasts_days", &incomplete.lasts_days, 1, 365);
        self.range("incomplete.renewed_questions_percent", &incomplete.renewed_questions_percent, 0, 100);
    }

    fn acts(&mut self, file: &ActsFile) -> Option<Acts> {
        let cancel_within = self.parse("acts.cancel_within", &file.cancel_within, span);
        self.source("acts.drawn_up_by", &file.drawn_up_by);
        self.expect(!file.drawn_up_by.value.is_empty(), "acts.drawn_up_by.value", || "is empty, expected at least one office".to_string());
        self.source("acts.received_by", &file.received_by);
        self.source("acts.appealable", &file.appealable);
        self.source("acts.repeated_to", &file.repeated_to);
        Some(Acts {
            cancel_within: cancel_within?,
            drawn_up_by: file.drawn_up_by.clone(),
            received_by: file.received_by.clone(),
            appealable: file.appealable.clone(),
            repeated_to: file.repeated_to.clone(),
        })
    }
}

fn one_of<V: Copy>(text: &str, names: &[(&str, V)]) -> Result<V, String> {
    names.iter().find(|(name, _)| *name == text).map(|(_, value)| *value).ok_or_else(|| {
        let expected: Vec<&str> = names.iter().map(|(name, _)| *name).collect();
        format!("found {text:?}, expected one of {}", expected.join(", "))
    })
}

fn zone(text: &String) -> Result<TimeZone, String> {
    // Always the bundled database: what a machine has installed may still say UTC+6 for Almaty.
    TimeZoneDatabase::bundled().get(text).map_err(|_| format!("found {text:?}, expected an IANA time zone such as \"Asia/Almaty\""))
}

fn span(text: &String) -> Result<Span, String> {
    text.parse::<Span>()
        .ok()
        .filter(|span| span.is_positive() && text.starts_with('P') && span.get_microseconds() == 0 && span.get_nanoseconds() == 0)
        .ok_or_else(|| format!("found {text:?}, expected an ISO 8601 duration above zero such as \"P1M\" or \"PT30S\""))
}

fn duration(text: &String) -> Result<SignedDuration, String> {
    text.parse::<SignedDuration>()
        .ok()
        .filter(|duration| duration.is_positive() && text.starts_with("PT") && duration.subsec_nanos() % 1_000_000 == 0)
        .filter(|duration| *duration < SignedDuration::from_hours(24 * 366))
        .ok_or_else(|| format!("found {text:?}, expected an ISO 8601 duration above zero in hours, minutes and seconds such as \"PT10M\""))
}

fn causes(names: &[String]) -> Result<Vec<Cause>, String> {
    let found: Result<Vec<Cause>, String> = names
        .iter()
        .map(|name| {
            Cause::from_name(name).filter(|cause| *cause != Cause::Server).ok_or_else(|| {
                let all: Vec<&str> = Cause::ALL.into_iter().filter(|cause| *cause != Cause::Server).map(Cause::name).collect();
                format!("found {name:?}, expected some of {} (our own outage is never counted: a person decides)", all.join(", "))
            })
        })
        .collect();
    found.and_then(|causes| if causes.is_empty() { Err("is empty, expected at least one cause".to_string()) } else { Ok(causes) })
}
