//! What a new draft has in its fields: what the system knows of exam, recording and account.

use crate::db::entities::{exams, recordings};
use crate::staff::Who;
use crate::{ApiError, ApiResult};
use invigil_evidence::Act;
use invigil_forms::{Form, Prefill};
use invigil_wire::acts::NewAct;
use jiff::Timestamp;
use jiff::fmt::strtime;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;

/// The fields of a new draft: those that were given, and what is known for the others.
///
/// # Errors
/// When a time leaves the calendar.
pub fn fields(
    form: &Form,
    new: &NewAct,
    exam: &exams::Model,
    recording: Option<&recordings::Model>,
    who: &Who,
    zone: &TimeZone,
    now_ms: i64,
) -> ApiResult<BTreeMap<String, String>> {
    let mut fields = new.fields.clone();
    let candidate = recording.filter(|row| row.kind == "candidate");
    let of_candidate = |part: fn(&recordings::Model) -> &Option<String>| candidate.and_then(|row| part(row).clone()).unwrap_or_default();
    for field in form.fields() {
        let Some(prefill) = field.prefill else { continue };
        let known = match prefill {
            Prefill::ExamTitle => exam.title.clone(),
            Prefill::ExamDiscipline => exam.discipline.clone(),
            Prefill::ExamFaculty => exam.faculty.clone().unwrap_or_default(),
            Prefill::ExamExaminer => exam.examiner.clone().unwrap_or_default(),
            Prefill::ExamWindow => window(exam.starts_ms, exam.ends_ms, false, zone)?,
            Prefill::ExamForm => exam.form.clone().unwrap_or_default(),
            Prefill::ExamPlatform => exam.platform.clone().unwrap_or_default(),
            Prefill::ExamInvigilator => exam.invigilator.clone().unwrap_or_default(),
            Prefill::ExamRoom => room(recording),
            Prefill::CandidateName => candidate.map(|row| row.who.clone()).unwrap_or_default(),
            Prefill::CandidateId => of_candidate(|row| &row.external_id),
            Prefill::CandidateProgramme => of_candidate(|row| &row.programme),
            Prefill::CandidateCourse => of_candidate(|row| &row.course),
            Prefill::CandidateAttempt => of_candidate(|row| &row.attempt),
            Prefill::CandidateSeat => of_candidate(|row| &row.seat),
            Prefill::EvidenceWindow => match (new.evidence.iter().map(|c| c.from_ms).min(), new.evidence.iter().map(|c| c.to_ms).max()) {
                (Some(from_ms), Some(to_ms)) => window(from_ms, to_ms, true, zone)?,
                _ => String::new(),
            },
            Prefill::MeName => who.name.clone(),
            Prefill::Today => format("%Y-%m-%d", now_ms, zone)?,
        };
        let given = fields.get(&field.name).is_some_and(|value| !value.trim().is_empty());
        if !given && !known.is_empty() {
            fields.insert(field.name.clone(), known);
        }
    }
    Ok(fields)
}

/// What a new act takes over from the one that it refers to, where it was given nothing itself: fields and points that its form still knows. The university may
/// have removed or renamed others since.
pub fn take_over(form: &Form, referred: &Act, new: &mut NewAct) {
    for (name, value) in referred.fields.iter().filter(|(name, _)| form.field(name).is_some()) {
        new.fields.entry(name.clone()).or_insert_with(|| value.clone());
    }
    if new.points.is_empty() {
        new.points = referred.points.iter().filter(|id| form.point(id).is_some()).cloned().collect();
    }
}

/// Where a recording is made: a room itself, or the room that a candidate sits in.
fn room(recording: Option<&recordings::Model>) -> String {
    let room = recording.and_then(|row| if row.kind == "room" { Some(row.who.clone()) } else { row.room.clone() });
    room.unwrap_or_default()
}

/// `01.06.2026 13:00–14:00 (UTC+05:00)`, as the page and Kazakhstan's documents write dates; `seconds`: with them.
pub fn window(from_ms: i64, to_ms: i64, seconds: bool, zone: &TimeZone) -> ApiResult<String> {
    let time = if seconds { "%H:%M:%S" } else { "%H:%M" };
    let day_and_time = format!("%d.%m.%Y {time}");
    let (first, last) = (format("%d.%m.%Y", from_ms, zone)?, format("%d.%m.%Y", to_ms, zone)?);
    let until = if first == last { format(time, to_ms, zone)? } else { format(&format!(" {day_and_time}"), to_ms, zone)? };
    let space = if first == last { "" } else { " " };
    Ok(format!("{}{space}–{until} (UTC{})", format(&day_and_time, from_ms, zone)?, format("%:z", from_ms, zone)?))
}

/// An instant in a zone, by a format of strftime.
///
/// # Errors
/// When it leaves the calendar.
pub fn format(format: &str, at_ms: i64, zone: &TimeZone) -> ApiResult<String> {
    let failed = |error: jiff::Error| ApiError::internal("writing a time", error);
    let at = Timestamp::from_millisecond(at_ms).map_err(failed)?.to_zoned(zone.clone());
    strtime::format(format, &at).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_written_in_the_universitys_time() {
        let zone = TimeZone::get("Asia/Almaty").unwrap();
        let at = |text: &str| text.parse::<Timestamp>().unwrap().as_millisecond();
        let (from, to) = (at("2026-06-01T08:00:00Z"), at("2026-06-01T09:00:05Z"));
        assert_eq!(window(from, to, false, &zone).unwrap(), "01.06.2026 13:00–14:00 (UTC+05:00)");
        assert_eq!(window(from, to, true, &zone).unwrap(), "01.06.2026 13:00:00–14:00:05 (UTC+05:00)");
        let to = at("2026-06-01T19:30:00Z");
        assert_eq!(window(from, to, false, &zone).unwrap(), "01.06.2026 13:00 – 02.06.2026 00:30 (UTC+05:00)");
    }
}
