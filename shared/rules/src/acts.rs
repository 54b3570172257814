//! Acts (mission rule 7): their life, and until when a grade can be cancelled from recordings (KazNU 1.19).

use crate::policy::Policy;
use crate::retention::{ExamEnd, OutOfCalendar, add_span};

/// Where an act is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum State {
    /// Being written.
    Draft,
    /// Its content is frozen; signatories sign it.
    ForSignature,
    /// All have signed: it has a number and nothing changes it any more.
    Signed,
    /// The commission's responsible member has it (KazNU 10.4).
    PassedOn,
    /// The cancellation of the grade is confirmed.
    GradeCancelled,
    /// Given up before it was signed.
    Discarded,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 6] = [Self::Draft, Self::ForSignature, Self::Signed, Self::PassedOn, Self::GradeCancelled, Self::Discarded];

    /// Its name in the database and on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::ForSignature => "for-signature",
            Self::Signed => "signed",
            Self::PassedOn => "passed-on",
            Self::GradeCancelled => "grade-cancelled",
            Self::Discarded => "discarded",
        }
    }

    /// The state of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// Whether the act has a number and stands in the log.
    pub const fn is_signed(self) -> bool {
        matches!(self, Self::Signed | Self::PassedOn | Self::GradeCancelled)
    }
}

/// What can be done with an act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Change its content, add and remove attachments.
    Edit,
    /// Give it up.
    Discard,
    /// Freeze its content.
    ForSignature,
    /// Open its content again.
    BackToDraft,
    /// Sign it.
    Sign,
    /// Hand it to the commission's responsible member.
    PassOn,
    /// Confirm that the grade was cancelled.
    CancelGrade,
    /// Draw up an act that refers to it.
    Refer,
    /// Make an evidence bundle of it.
    Bundle,
}

impl Action {
    /// Every action.
    pub const ALL: [Self; 9] = [
        Self::Edit,
        Self::Discard,
        Self::ForSignature,
        Self::BackToDraft,
        Self::Sign,
        Self::PassOn,
        Self::CancelGrade,
        Self::Refer,
        Self::Bundle,
    ];
}

/// What decides what may become of an act, besides its state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// The act cancels a grade: its form decides one, and it does not revoke another act.
    pub decides_grade: bool,
    /// A later act revokes it.
    pub revoked: bool,
    /// A later act that is not revoked itself corrects it, and stands in its place.
    pub corrected: bool,
}

impl Facts {
    /// Whether the act has its effect: no later act ended it or stands in its place.
    pub const fn stands(self) -> bool {
        !(self.revoked || self.corrected)
    }
}

/// Whether an action is possible now. Whoever does it must be allowed to as well, and in time.
pub const fn allowed(state: State, facts: Facts, action: Action) -> bool {
    match action {
        Action::Edit | Action::Discard | Action::ForSignature => matches!(state, State::Draft),
        Action::BackToDraft | Action::Sign => matches!(state, State::ForSignature),
        Action::PassOn => matches!(state, State::Signed) && facts.stands(),
        Action::CancelGrade => matches!(state, State::Signed | State::PassedOn) && facts.decides_grade && facts.stands(),
        Action::Refer => state.is_signed() && !facts.revoked,
        Action::Bundle => state.is_signed(),
    }
}

/// From this instant (inclusive) a grade can no longer be cancelled from recordings; none where the policy has no such rule.
///
/// Counted like retention: from the later of scheduled and actual end, by the calendar of the university's zone with month ends clamped. The countdown runs
/// to the confirmed cancellation, not to the draft.
///
/// # Errors
/// When the date leaves the calendar.
pub fn cancel_until(policy: &Policy, end: &ExamEnd) -> Result<Option<i64>, OutOfCalendar> {
    let Some(acts) = &policy.acts else { return Ok(None) };
    let from_ms = end.actual_ms.map_or(end.scheduled_ms, |actual| actual.max(end.scheduled_ms));
    add_span(from_ms, &acts.cancel_within.value, &policy.zone.value).map(Some)
}

/// Whether a grade can no longer be cancelled from recordings. Where an act cites none, the rule does not apply: 1.19 speaks of recordings.
pub const fn too_late(now_ms: i64, until_ms: Option<i64>, cites_recordings: bool) -> bool {
    match until_ms {
        Some(until_ms) => cites_recordings && now_ms >= until_ms,
        None => false,
    }
}

/// Whole days that are left until an instant; 0 on the last day, none when it has passed.
pub const fn days_left(now_ms: i64, until_ms: i64) -> Option<i64> {
    if now_ms < until_ms { Some((until_ms - now_ms - 1) / 86_400_000) } else { None }
}

/// Whether the footage that an act cites is still needed: while it can be signed, and until the grade is cancelled or the time for it is over. An act that cancels
/// no grade needs it until it is passed on; one that was corrected leaves it to its correction.
pub const fn needs_footage(state: State, facts: Facts, too_late: bool) -> bool {
    let late = facts.decides_grade && too_late;
    match state {
        State::Draft | State::ForSignature => !late,
        State::Signed => facts.stands() && !late,
        State::PassedOn => facts.stands() && facts.decides_grade && !late,
        State::GradeCancelled | State::Discarded => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::tests::{KAZNU, policy};
    use crate::retention::rfc3339;
    use alloc::string::String;
    use alloc::vec::Vec;
    use jiff::Timestamp;

    fn ms(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_millisecond()
    }

    fn until(scheduled: &str, actual: Option<&str>) -> String {
        let policy = policy(KAZNU);
        let end = ExamEnd { scheduled_ms: ms(scheduled), actual_ms: actual.map(ms), session_ms: Some(ms("2030-01-01T00:00:00Z")) };
        rfc3339(cancel_until(&policy, &end).unwrap().unwrap(), &policy.zone.value).unwrap()
    }

    #[test]
    fn a_month_after_the_exam_by_the_universitys_calendar() {
        assert_eq!(until("2026-06-10T12:30:00.250+05:00", None), "2026-07-10T12:30:00.25+05:00");
        assert_eq!(until("2026-01-31T12:00:00+05:00", None), "2026-02-28T12:00:00+05:00");
        assert_eq!(until("2028-01-31T12:00:00+05:00", None), "2028-02-29T12:00:00+05:00");
        assert_eq!(until("2026-12-31T23:30:00+05:00", None), "2027-01-31T23:30:00+05:00");
        // In UTC this exam ends on the 31st, at the university on the 1st.
        assert_eq!(until("2026-01-31T20:00:00Z", None), "2026-03-01T01:00:00+05:00");
        // Almaty's change of offset: the local time stays; where it occurs twice, the later one counts.
        assert_eq!(until("2024-02-29T12:00:00+06:00", None), "2024-03-29T12:00:00+05:00");
        assert_eq!(until("2024-01-29T23:30:00+06:00", None), "2024-02-29T23:30:00+05:00");
    }

    #[test]
    fn it_counts_from_the_later_of_scheduled_and_actual_end_and_never_from_the_sessions() {
        assert_eq!(until("2026-06-10T12:00:00+05:00", Some("2026-06-10T11:00:00+05:00")), "2026-07-10T12:00:00+05:00");
        assert_eq!(until("2026-06-10T12:00:00+05:00", Some("2026-06-10T12:40:00+05:00")), "2026-07-10T12:40:00+05:00");
    }

    #[test]
    fn a_policy_without_the_rule_has_no_limit() {
        let mut policy = policy(KAZNU);
        policy.acts = None;
        let end = ExamEnd { scheduled_ms: 0, actual_ms: None, session_ms: None };
        assert_eq!(cancel_until(&policy, &end).unwrap(), None);
        assert!(!too_late(i64::MAX, None, true));
    }

    #[test]
    fn it_is_too_late_from_the_instant_on_and_only_for_recordings() {
        assert!(!too_late(999, Some(1000), true));
        assert!(too_late(1000, Some(1000), true));
        assert!(!too_late(1000, Some(1000), false));
        let day = 86_400_000;
        assert_eq!(days_left(0, 1), Some(0));
        assert_eq!(days_left(0, day), Some(0));
        assert_eq!(days_left(0, day + 1), Some(1));
        assert_eq!((days_left(1, 1), days_left(2, 1)), (None, None));
    }

    #[test]
    fn instants_outside_the_calendar_are_refused() {
        assert!(cancel_until(&policy(KAZNU), &ExamEnd { scheduled_ms: i64::MAX, actual_ms: None, session_ms: None }).is_err());
    }

    #[test]
    fn the_table_of_states_and_actions_is_the_one_that_was_decided() {
        let facts = Facts { decides_grade: true, revoked: false, corrected: false };
        let table: Vec<Vec<bool>> =
            State::ALL.iter().map(|state| Action::ALL.iter().map(|action| allowed(*state, facts, *action)).collect()).collect();
        let (y, n) = (true, false);
        assert_eq!(
            table,
            [
                // edit, discard, for signature, back, sign, pass on, cancel, refer, bundle
                [y, y, y, n, n, n, n, n, n], // draft
                [n, n, n, y, y, n, n, n, n], // for signature
                [n, n, n, n, n, y, y, y, y], // signed
                [n, n, n, n, n, n, y, y, y], // passed on
                [n, n, n, n, n, n, n, y, y], // grade cancelled
                [n, n, n, n, n, n, n, n, n], // discarded
            ]
        );
        let none = Facts { decides_grade: false, ..facts };
        assert!(!allowed(State::Signed, none, Action::CancelGrade) && allowed(State::Signed, none, Action::PassOn));
        let revoked = Facts { revoked: true, ..facts };
        for state in State::ALL {
            for action in [Action::PassOn, Action::CancelGrade, Action::Refer] {
                assert!(!allowed(state, revoked, action));
            }
            assert_eq!(State::from_name(state.name()), Some(state));
        }
        assert!(allowed(State::Signed, revoked, Action::Bundle));
        // Another act stands in its place: that one is passed on, and by that one the grade is cancelled. It can still be revoked, or supplemented.
        let corrected = Facts { corrected: true, ..facts };
        for state in State::ALL {
            for action in [Action::PassOn, Action::CancelGrade] {
                assert!(!allowed(state, corrected, action), "{state:?} {action:?}");
            }
            for action in Action::ALL.into_iter().filter(|action| !matches!(action, Action::PassOn | Action::CancelGrade)) {
                assert_eq!(allowed(state, corrected, action), allowed(state, facts, action), "{state:?} {action:?}");
            }
        }
    }

    #[test]
    fn footage_is_needed_while_the_act_can_still_have_its_effect() {
        let facts = |decides_grade, revoked| Facts { decides_grade, revoked, corrected: false };
        let needed: Vec<bool> = State::ALL.iter().map(|state| needs_footage(*state, facts(true, false), false)).collect();
        assert_eq!(needed, [true, true, true, true, false, false]);
        let late: Vec<bool> = State::ALL.iter().map(|state| needs_footage(*state, facts(true, false), true)).collect();
        assert_eq!(late, [false; 6], "neither signed nor cancelled any more");
        let report: Vec<bool> = State::ALL.iter().map(|state| needs_footage(*state, facts(false, false), false)).collect();
        assert_eq!(report, [true, true, true, false, false, false]);
        assert!(needs_footage(State::Draft, facts(false, false), true), "without a limit nothing comes too late");
        assert!(!needs_footage(State::Signed, facts(true, true), false));
        for decides_grade in [true, false] {
            let corrected = Facts { corrected: true, ..facts(decides_grade, false) };
            let needed: Vec<bool> = State::ALL.iter().map(|state| needs_footage(*state, corrected, false)).collect();
            assert_eq!(needed, [true, true, false, false, false, false], "its correction cites it");
        }
    }
}
