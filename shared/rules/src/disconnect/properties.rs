//! What holds for all facts.

use proptest::prelude::*;

use super::*;
use crate::policy::tests::{KBTU, policy};

const MIN: i64 = 60_000;
const START: i64 = 1_780_000_000_000;

/// (gap before, length, bounds' distance at each side, journal arrived, cause); the last one may last.
type Piece = (i64, i64, i64, bool, usize);

fn pieces() -> impl Strategy<Value = (Vec<Piece>, bool)> {
    (prop::collection::vec((1..40 * MIN, 15_000..40 * MIN, 0..7_000_i64, any::<bool>(), 0..Cause::ALL.len()), 0..5), any::<bool>())
}

fn facts_of((pieces, lasts): &(Vec<Piece>, bool), down: &[(i64, i64)], joined: Option<i64>, finished: Option<i64>) -> (Facts, i64) {
    let mut at = START - 30 * MIN;
    let mut outages = Vec::new();
    for (index, (gap, len, slack, journal_arrived, cause)) in pieces.iter().enumerate() {
        let (from_ms, to_ms) = (at + gap, at + gap + len);
        let over = !(*lasts && index + 1 == pieces.len());
        outages.push(Outage {
            from_ms,
            to_ms: over.then_some(to_ms),
            lower: (over && *journal_arrived).then(|| Interval::new(from_ms + slack, to_ms - slack)),
            cause: Cause::ALL[*cause],
            journal_arrived: over && *journal_arrived,
        });
        at = to_ms;
    }
    let facts = Facts {
        subject: Subject::Candidate,
        window: Window { starts_ms: START, ends_ms: START + 120 * MIN, finished_ms: finished.map(|f| START + f) },
        exam_end_ms: START + 120 * MIN,
        joined_ms: joined.map(|j| START + j),
        outages,
        server_down: down.iter().map(|(from, len)| Interval::new(START + from, START + from + len)).collect(),
        decided_ms: None,
    };
    (facts, at)
}

proptest! {
    #[test]
    fn bounds_are_ordered_and_stay_inside_the_window(
        pieces in pieces(),
        down in prop::collection::vec((-60 * MIN..180 * MIN, 0..20 * MIN), 0..4),
        finished in prop::option::of(0..150 * MIN),
        total in any::<bool>(),
    ) {
        let mut rule = policy(KBTU).disconnect;
        rule.basis.value = if total { Basis::Total } else { Basis::Longest };
        let (facts, now) = facts_of(&pieces, &down, Some(0), finished);
        let assessed = assess(&rule, &facts, now);
        let window_ms = facts.window.interval().len_ms();
        for counted in &assessed.outages {
            prop_assert!(counted.counted_upper_ms <= counted.upper_ms && counted.counted_upper_ms <= window_ms);
            prop_assert!(counted.lower_ms.unwrap_or(0) <= counted.upper_ms);
            prop_assert!(counted.counted_lower_ms.unwrap_or(0) <= counted.counted_upper_ms);
        }
        prop_assert!(assessed.longest_lower_ms <= assessed.longest_upper_ms);
        prop_assert!(assessed.total_lower_ms <= assessed.total_upper_ms && assessed.total_upper_ms <= window_ms);
        prop_assert!(assessed.longest_upper_ms <= assessed.total_upper_ms);
        prop_assert!(assessed.finding != Finding::Retake || assessed.total_upper_ms > assessed.threshold_ms);
        prop_assert!(assessed.finding == Finding::Retake || assessed.deadline_ms.is_none());
    }

    #[test]
    fn our_downtime_never_makes_more_count(pieces in pieces(), down in prop::collection::vec((-60 * MIN..180 * MIN, 0..20 * MIN), 1..4)) {
        let rule = policy(KBTU).disconnect;
        let (mut facts, now) = facts_of(&pieces, &down, Some(0), None);
        let with = assess(&rule, &facts, now);
        facts.server_down.clear();
        let without = assess(&rule, &facts, now);
        prop_assert!(with.total_upper_ms <= without.total_upper_ms && with.longest_lower_ms <= without.longest_lower_ms);
    }

    #[test]
    fn nothing_changes_before_ask_again(
        pieces in pieces(),
        down in prop::collection::vec((-60 * MIN..-31 * MIN, 0..20 * MIN), 0..2),
        joined in prop::option::of(-30 * MIN..20 * MIN),
        total in any::<bool>(),
        from_end in any::<bool>(),
        early in 0..60 * MIN,
        step in 0.0..1.0_f64,
    ) {
        let mut rule = policy(KBTU).disconnect;
        rule.basis.value = if total { Basis::Total } else { Basis::Longest };
        rule.window_from.value = if from_end { WindowFrom::OutageEnd } else { WindowFrom::ExamEnd };
        let pieces = if joined.is_none() { (Vec::new(), false) } else { pieces };
        let (facts, end) = facts_of(&pieces, &down, joined, None);
        // Facts are of the past: nothing that is over may end after now.
        let last_known = facts.outages.iter().map(|o| o.to_ms.unwrap_or(o.from_ms)).chain(facts.joined_ms).max().unwrap_or(end - early);
        let now = last_known + early;
        let first = assess(&rule, &facts, now);
        let until = first.ask_again_ms.unwrap_or(now + 10_000 * MIN);
        prop_assert!(until > now);
        let later = assess(&rule, &facts, now + ((until - 1 - now) as f64 * step) as i64);
        prop_assert_eq!((first.finding, first.provisional, first.deadline_ms), (later.finding, later.provisional, later.deadline_ms));
        let just_before = assess(&rule, &facts, until - 1);
        prop_assert_eq!((first.finding, first.provisional, first.deadline_ms), (just_before.finding, just_before.provisional, just_before.deadline_ms));
    }
}
