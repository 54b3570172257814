//! How long footage is kept (mission rule 1): until a span after the exam's end, in the policy's time zone, and not a millisecond longer.

use alloc::string::String;
use alloc::string::ToString;

use jiff::tz::{Disambiguation, TimeZone};
use jiff::{SignedDuration, Span, Timestamp};

use crate::policy::{CountsFrom, Policy};

/// An instant outside what the calendar holds (years -9999 to 9999).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("computing with {0} ms since 1970 leaves the calendar, expected a date near the exam's")]
pub struct OutOfCalendar(pub i64);

/// What decides an exam's expiry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExamEnd {
    /// Scheduled end, the latest of all windows (extra time included).
    pub scheduled_ms: i64,
    /// Actual end so far: when the last candidate or room finished.
    pub actual_ms: Option<i64>,
    /// End of the session, for policies that count from it; without it the exam's end counts.
    pub session_ms: Option<i64>,
}

/// From this instant (inclusive) nobody can read the exam's footage.
pub fn expires_at(policy: &Policy, end: &ExamEnd) -> Result<i64, OutOfCalendar> {
    let exam_ms = end.actual_ms.map_or(end.scheduled_ms, |actual| actual.max(end.scheduled_ms));
    let from_ms = match policy.retention.counts_from.value {
        CountsFrom::ExamEnd => exam_ms,
        CountsFrom::SessionEnd => end.session_ms.map_or(exam_ms, |session| session.max(exam_ms)),
    };
    add_span(from_ms, &policy.retention.keep.value, &policy.zone.value)
}

/// Whether footage that expires at `expires_ms` may be read, and more of it taken, at `now_ms`.
pub fn readable(now_ms: i64, expires_ms: i64) -> bool {
    now_ms < expires_ms
}

/// Adds a span: years to days by the zone's calendar with month ends clamped, hours and smaller as physical time.
///
/// Where the local time thus reached occurs twice (clocks were put back), the later instant counts: the month must be over by any reading.
pub fn add_span(from_ms: i64, span: &Span, zone: &TimeZone) -> Result<i64, OutOfCalendar> {
    let out = |_| OutOfCalendar(from_ms);
    let calendar = Span::new()
        .try_years(span.get_years())
        .and_then(|s| s.try_months(span.get_months()))
        .and_then(|s| s.try_weeks(span.get_weeks()))
        .and_then(|s| s.try_days(span.get_days()))
        .map_err(out)?;
    let exact = SignedDuration::from_hours(i64::from(span.get_hours()))
        + SignedDuration::from_mins(span.get_minutes())
        + SignedDuration::from_secs(span.get_seconds())
        + SignedDuration::from_millis(span.get_milliseconds());
    let start = Timestamp::from_millisecond(from_ms).map_err(out)?;
    let moved = if calendar.is_zero() {
        start
    } else {
        let local = zone.to_datetime(start).checked_add(calendar).map_err(out)?;
        zone.to_ambiguous_timestamp(local).disambiguate(Disambiguation::Later).map_err(out)?
    };
    Ok(moved.checked_add(exact).map_err(out)?.as_millisecond())
}

/// Seconds east of UTC in `zone` at an instant.
pub fn utc_offset_secs(at_ms: i64, zone: &TimeZone) -> Result<i32, OutOfCalendar> {
    let at = Timestamp::from_millisecond(at_ms).map_err(|_| OutOfCalendar(at_ms))?;
    Ok(zone.to_offset(at).seconds())
}

/// RFC 3339 with the zone's UTC offset, for people: `2024-03-02T13:00:00+05:00`.
pub fn rfc3339(at_ms: i64, zone: &TimeZone) -> Result<String, OutOfCalendar> {
    let at = Timestamp::from_millisecond(at_ms).map_err(|_| OutOfCalendar(at_ms))?;
    Ok(at.display_with_offset(zone.to_offset(at)).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::tests::{KAZNU, policy};
    use proptest::prelude::*;

    fn ms(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_millisecond()
    }

    fn expiry(end: &str) -> String {
        let policy = policy(KAZNU);
        let end = ExamEnd { scheduled_ms: ms(end), actual_ms: None, session_ms: None };
        rfc3339(expires_at(&policy, &end).unwrap(), &policy.zone.value).unwrap()
    }

    #[test]
    fn one_month_is_a_calendar_month() {
        assert_eq!(expiry("2026-06-10T12:30:00.250+05:00"), "2026-07-10T12:30:00.25+05:00");
        assert_eq!(expiry("2026-12-31T18:00:00+05:00"), "2027-01-31T18:00:00+05:00");
    }

    #[test]
    fn the_31st_of_january_is_clamped_to_the_end_of_february() {
        assert_eq!(expiry("2026-01-31T12:00:00+05:00"), "2026-02-28T12:00:00+05:00");
        assert_eq!(expiry("2026-01-29T12:00:00+05:00"), "2026-02-28T12:00:00+05:00");
        assert_eq!(expiry("2026-08-31T12:00:00+05:00"), "2026-09-30T12:00:00+05:00");
    }

    #[test]
    fn leap_years_have_a_29th_of_february() {
        assert_eq!(expiry("2028-01-31T12:00:00+05:00"), "2028-02-29T12:00:00+05:00");
        assert_eq!(expiry("2028-01-29T12:00:00+05:00"), "2028-02-29T12:00:00+05:00");
        assert_eq!(expiry("2028-02-29T12:00:00+05:00"), "2028-03-29T12:00:00+05:00");
        assert_eq!(expiry("2100-01-31T12:00:00+05:00"), "2100-02-28T12:00:00+05:00");
    }

    #[test]
    fn the_29th_of_february_2024_in_almaty_crosses_the_change_of_offset() {
        // UTC+6 until the end of that day, UTC+5 from 1 March: the local time stays, the month is an hour longer.
        assert_eq!(expiry("2024-02-29T12:00:00+06:00"), "2024-03-29T12:00:00+05:00");
        assert_eq!(expiry("2024-01-29T12:00:00+06:00"), "2024-02-29T12:00:00+06:00");
        // 23:30 happened twice on that day: the later one counts.
        assert_eq!(expiry("2024-01-29T23:30:00+06:00"), "2024-02-29T23:30:00+05:00");
        assert_eq!(expiry("2024-01-31T23:30:00+06:00"), "2024-02-29T23:30:00+05:00");
    }

    #[test]
    fn the_later_of_scheduled_and_actual_end_counts() {
        let policy = policy(KAZNU);
        let scheduled_ms = ms("2026-06-10T12:00:00+05:00");
        let at = |actual_ms| expires_at(&policy, &ExamEnd { scheduled_ms, actual_ms, session_ms: None }).unwrap();
        assert_eq!(at(Some(scheduled_ms - 1)), at(None));
        assert_eq!(at(Some(scheduled_ms + 60_000)), at(None) + 60_000);
    }

    #[test]
    fn a_policy_may_count_from_the_sessions_end() {
        let text = KAZNU
            .replace("value = \"exam_end\", source = \"assumed: least data", "value = \"session_end\", source = \"assumed: least data");
        let policy = policy(&text);
        assert_eq!(policy.retention.counts_from.value, CountsFrom::SessionEnd);
        let end =
            ExamEnd { scheduled_ms: ms("2026-06-10T12:00:00+05:00"), actual_ms: None, session_ms: Some(ms("2026-06-20T00:00:00+05:00")) };
        assert_eq!(expires_at(&policy, &end).unwrap(), ms("2026-07-20T00:00:00+05:00"));
    }

    #[test]
    fn a_test_policy_may_keep_seconds() {
        let policy = policy(&KAZNU.replace("\"P1M\", source = \"KazNU 1.5", "\"PT30S\", source = \"KazNU 1.5"));
        let end = ExamEnd { scheduled_ms: ms("2026-01-31T12:00:00+05:00"), actual_ms: None, session_ms: None };
        assert_eq!(expires_at(&policy, &end).unwrap(), end.scheduled_ms + 30_000);
    }

    #[test]
    fn nothing_is_readable_from_the_instant_of_expiry() {
        assert!(readable(999, 1000));
        assert!(!readable(1000, 1000));
    }

    #[test]
    fn instants_outside_the_calendar_are_refused() {
        let policy = policy(KAZNU);
        assert!(expires_at(&policy, &ExamEnd { scheduled_ms: i64::MAX, actual_ms: None, session_ms: None }).is_err());
        assert!(rfc3339(i64::MIN, &policy.zone.value).is_err());
    }

    proptest! {
        #[test]
        fn a_later_end_expires_at_most_a_clamped_day_earlier(end in 1_500_000_000_000_i64..2_500_000_000_000, later in 0_i64..10_000_000_000) {
            let policy = policy(KAZNU);
            let at = |scheduled_ms| expires_at(&policy, &ExamEnd { scheduled_ms, actual_ms: None, session_ms: None }).unwrap();
            // 28 January 09:00 and 31 January 08:00 both end on 28 February, at their own time of day.
            prop_assert!(at(end) < at(end + later) + 86_400_000);
            let days = (at(end) - end) as f64 / 86_400_000.0;
            prop_assert!((27.9..=31.1).contains(&days));
        }
    }
}
