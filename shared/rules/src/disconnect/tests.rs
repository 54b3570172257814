//! Every edge of the rule, named.

use alloc::vec;

use super::*;
use crate::policy::tests::{KBTU, policy};

const MIN: i64 = 60_000;
const HOUR: i64 = 60 * MIN;
const START: i64 = 1_780_000_000_000;
const END: i64 = START + 2 * HOUR;
const THRESHOLD: i64 = 10 * MIN;

fn rule() -> Disconnect {
    policy(KBTU).disconnect
}

fn facts(outages: Vec<Outage>) -> Facts {
    Facts {
        subject: Subject::Candidate,
        window: Window { starts_ms: START, ends_ms: END, finished_ms: None },
        exam_end_ms: END,
        joined_ms: Some(START - 5 * MIN),
        outages,
        server_down: vec![],
        decided_ms: None,
    }
}

/// A link outage from `from` after the start, with bounds, its journal there.
fn settled(from: i64, upper: i64, lower: i64) -> Outage {
    let from_ms = START + from;
    Outage {
        from_ms,
        to_ms: Some(from_ms + upper),
        lower: Some(Interval::new(from_ms + (upper - lower) / 2, from_ms + (upper - lower) / 2 + lower)),
        cause: Cause::Link,
        journal_arrived: true,
    }
}

fn waiting_for_journal(from: i64, upper: i64) -> Outage {
    Outage { lower: None, journal_arrived: false, ..settled(from, upper, 0) }
}

fn ongoing(from: i64) -> Outage {
    Outage { to_ms: None, ..waiting_for_journal(from, 0) }
}

fn after(outages: Vec<Outage>) -> Assessment {
    assess(&rule(), &facts(outages), END + HOUR)
}

fn verdict(assessment: &Assessment) -> (Finding, bool) {
    (assessment.finding, assessment.provisional)
}

#[test]
fn exactly_ten_minutes_is_not_more_than_ten_minutes() {
    assert_eq!(verdict(&after(vec![settled(MIN, THRESHOLD, THRESHOLD)])), (Finding::None, false));
    assert_eq!(verdict(&after(vec![settled(MIN, THRESHOLD + 1, THRESHOLD + 1)])), (Finding::Retake, false));
}

#[test]
fn bounds_on_both_sides_of_the_threshold_are_a_near_miss() {
    assert_eq!(verdict(&after(vec![settled(MIN, THRESHOLD + 1, THRESHOLD)])), (Finding::NearMiss, false));
    assert_eq!(verdict(&after(vec![settled(MIN, THRESHOLD + 2000, THRESHOLD - 3000)])), (Finding::NearMiss, false));
}

#[test]
fn nine_minutes_fifty_is_nothing_and_twelve_minutes_is_a_retake() {
    assert_eq!(after(vec![settled(MIN, 9 * MIN + 54_000, 9 * MIN + 48_000)]).finding, Finding::None);
    let twelve = after(vec![settled(MIN, 12 * MIN + 3000, 12 * MIN - 3000)]);
    assert_eq!(verdict(&twelve), (Finding::Retake, false));
    assert_eq!(twelve.deadline_ms, Some(END + 72 * HOUR));
    assert_eq!((twelve.longest_upper_ms, twelve.longest_lower_ms), (12 * MIN + 3000, 12 * MIN - 3000));
}

#[test]
fn across_the_windows_start_only_the_inside_counts() {
    let across = after(vec![settled(-5 * MIN, 15 * MIN, 15 * MIN)]);
    assert_eq!(across.outages[0].counted_upper_ms, THRESHOLD);
    assert_eq!(across.outages[0].upper_ms, 15 * MIN);
    assert_eq!(across.finding, Finding::None);
    assert_eq!(after(vec![settled(-5 * MIN, 15 * MIN + 1, 15 * MIN + 1)]).finding, Finding::Retake);
    assert_eq!(after(vec![settled(-30 * MIN, 30 * MIN, 30 * MIN)]).outages[0].counted_upper_ms, 0);
}

#[test]
fn across_the_windows_end_only_the_inside_counts() {
    let across = after(vec![settled(2 * HOUR - THRESHOLD, HOUR, HOUR)]);
    assert_eq!((across.finding, across.outages[0].counted_lower_ms), (Finding::None, Some(THRESHOLD)));
    assert_eq!(after(vec![settled(2 * HOUR - THRESHOLD - 1, HOUR, HOUR)]).finding, Finding::Retake);
}

#[test]
fn granted_extra_time_belongs_to_the_window() {
    let mut facts = facts(vec![settled(2 * HOUR - MIN, 20 * MIN, 20 * MIN)]);
    assert_eq!(assess(&rule(), &facts, END + HOUR).finding, Finding::None);
    facts.window.ends_ms += 30 * MIN;
    assert_eq!(assess(&rule(), &facts, END + HOUR).finding, Finding::Retake);
}

#[test]
fn finished_early_ends_the_window() {
    let mut facts = facts(vec![settled(HOUR, 30 * MIN, 30 * MIN)]);
    facts.window.finished_ms = Some(START + HOUR + THRESHOLD);
    let finished = assess(&rule(), &facts, END);
    assert_eq!((finished.finding, finished.outages[0].counted_upper_ms), (Finding::None, THRESHOLD));
    facts.window.finished_ms = Some(START + HOUR + THRESHOLD + 1);
    assert_eq!(assess(&rule(), &facts, END).finding, Finding::Retake);
    facts.window.finished_ms = Some(START + 30 * MIN);
    assert_eq!(assess(&rule(), &facts, END).total_upper_ms, 0);
}

#[test]
fn finishing_after_the_end_does_not_lengthen_the_window() {
    let mut facts = facts(vec![settled(2 * HOUR, 30 * MIN, 30 * MIN)]);
    facts.window.finished_ms = Some(END + HOUR);
    assert_eq!(assess(&rule(), &facts, END + HOUR).finding, Finding::None);
}

#[test]
fn never_joined_is_a_case_of_its_own_after_the_grace() {
    let facts = Facts { joined_ms: None, ..facts(vec![]) };
    let at = |now| assess(&rule(), &facts, now);
    assert_eq!(at(START - HOUR).finding, Finding::None);
    assert_eq!(at(START - HOUR).ask_again_ms, Some(START + THRESHOLD + 1));
    assert_eq!(at(START + THRESHOLD).finding, Finding::None);
    assert_eq!(verdict(&at(START + THRESHOLD + 1)), (Finding::CouldNotJoin, true));
    assert_eq!(verdict(&at(END)), (Finding::CouldNotJoin, false));
    assert_eq!(at(END).deadline_ms, None);
    assert_eq!(at(END).ask_again_ms, None);
}

#[test]
fn joined_within_the_grace_is_in_time_and_later_is_could_not_join() {
    let joined = |joined| assess(&rule(), &Facts { joined_ms: Some(START + joined), ..facts(vec![]) }, END);
    assert_eq!(joined(THRESHOLD).finding, Finding::None);
    assert_eq!(verdict(&joined(THRESHOLD + 1)), (Finding::CouldNotJoin, false));
}

#[test]
fn an_exam_shorter_than_the_grace_that_nobody_joined_is_a_case() {
    let mut facts = Facts { joined_ms: None, ..facts(vec![]) };
    facts.window.ends_ms = START + 5 * MIN;
    assert_eq!(assess(&rule(), &facts, START + 5 * MIN - 1).finding, Finding::None);
    assert_eq!(assess(&rule(), &facts, START + 5 * MIN).finding, Finding::CouldNotJoin);
}

#[test]
fn never_came_back_counts_to_the_windows_end() {
    let gone = after(vec![ongoing(HOUR)]);
    assert_eq!(gone.outages[0].counted_upper_ms, HOUR);
    assert_eq!(gone.outages[0].upper_ms, 2 * HOUR);
    assert_eq!(verdict(&gone), (Finding::Retake, true));
    assert_eq!(gone.ask_again_ms, None);
    assert_eq!(after(vec![ongoing(2 * HOUR - THRESHOLD)]).finding, Finding::None);
}

#[test]
fn a_case_opens_while_the_disconnect_goes_on_and_is_final_afterwards() {
    let facts_then = facts(vec![ongoing(HOUR)]);
    let at = |now| assess(&rule(), &facts_then, now);
    let before = at(START + HOUR + MIN);
    assert_eq!(verdict(&before), (Finding::None, true));
    assert_eq!(before.ask_again_ms, Some(START + HOUR + THRESHOLD + 1));
    assert_eq!(at(START + HOUR + THRESHOLD).finding, Finding::None);
    assert_eq!(verdict(&at(START + HOUR + THRESHOLD + 1)), (Finding::Retake, true));
    assert_eq!(at(START + HOUR + THRESHOLD + 1).deadline_ms, Some(END + 72 * HOUR));
    // The link is back, the journal is not: the case stays open.
    let back = assess(&rule(), &facts(vec![waiting_for_journal(HOUR, 12 * MIN)]), START + HOUR + 12 * MIN);
    assert_eq!(verdict(&back), (Finding::Retake, true));
    assert_eq!(verdict(&assess(&rule(), &facts(vec![settled(HOUR, 12 * MIN, 11 * MIN)]), END)), (Finding::Retake, false));
    assert_eq!(verdict(&assess(&rule(), &facts(vec![settled(HOUR, 12 * MIN, 9 * MIN)]), END)), (Finding::NearMiss, false));
}

#[test]
fn a_journal_without_evidence_leaves_a_near_miss() {
    let silent = Outage { journal_arrived: true, ..waiting_for_journal(HOUR, 20 * MIN) };
    assert_eq!(verdict(&after(vec![silent])), (Finding::NearMiss, false));
}

#[test]
fn several_short_ones_are_nothing_under_the_threshold_in_total() {
    let short = after((0..5).map(|i| settled(i * 10 * MIN, 2 * MIN, 2 * MIN)).collect());
    assert_eq!((short.finding, short.total_upper_ms, short.longest_upper_ms), (Finding::None, THRESHOLD, 2 * MIN));
}

#[test]
fn total_over_but_longest_not_is_a_near_miss() {
    let mut outages: Vec<Outage> = (0..5).map(|i| settled(i * 10 * MIN, 2 * MIN, 2 * MIN)).collect();
    outages.push(settled(60 * MIN, 1, 1));
    assert_eq!(verdict(&after(outages)), (Finding::NearMiss, false));
}

#[test]
fn a_policy_may_let_the_total_decide() {
    let mut policy = rule();
    policy.basis.value = Basis::Total;
    let at = |lower| assess(&policy, &facts(vec![settled(0, 6 * MIN, lower), settled(HOUR, 6 * MIN, lower)]), END);
    assert_eq!(at(5 * MIN + 1).finding, Finding::Retake);
    assert_eq!(at(5 * MIN).finding, Finding::NearMiss);
}

#[test]
fn the_pcs_clock_has_no_part_in_it() {
    // Both bounds come on the server's clock: evidence that a forged clock has moved outside the server's own bounds is cut to them.
    let moved = Outage { lower: Some(Interval::new(START - HOUR, START + 3 * HOUR)), ..settled(HOUR, 9 * MIN, 9 * MIN) };
    let assessed = after(vec![moved]);
    assert_eq!((assessed.finding, assessed.outages[0].lower_ms), (Finding::None, Some(9 * MIN)));
    let elsewhere = Outage { lower: Some(Interval::new(END, END + HOUR)), ..settled(HOUR, 20 * MIN, 0) };
    assert_eq!(after(vec![elsewhere]).finding, Finding::NearMiss);
}

#[test]
fn our_servers_downtime_is_never_counted() {
    let mut facts = facts(vec![settled(HOUR, 19 * MIN, 19 * MIN)]);
    facts.server_down = vec![Interval::new(START + HOUR + MIN, START + HOUR + 10 * MIN)];
    let assessed = assess(&rule(), &facts, END);
    assert_eq!(assessed.outages[0].counted_upper_ms, THRESHOLD);
    // Only with our own downtime it would have been over: said, and for a person to decide.
    assert_eq!(verdict(&assessed), (Finding::ServerOutage, false));
    facts.server_down[0].to_ms -= 1;
    assert_eq!(assess(&rule(), &facts, END).finding, Finding::Retake);
    let ours = Outage { cause: Cause::Server, ..settled(HOUR, 11 * MIN, 0) };
    facts.outages = vec![ours];
    facts.server_down = vec![Interval::new(ours.from_ms, ours.from_ms + 11 * MIN - 2000)];
    assert_eq!(assess(&rule(), &facts, END).finding, Finding::ServerOutage);
}

#[test]
fn a_short_downtime_of_ours_is_nothing() {
    let mut facts = facts(vec![Outage { cause: Cause::Server, ..settled(HOUR, 3 * MIN, 0) }]);
    facts.server_down = vec![Interval::new(START + HOUR, START + HOUR + 3 * MIN)];
    assert_eq!(verdict(&assess(&rule(), &facts, END)), (Finding::None, false));
}

#[test]
fn not_joining_a_server_that_is_down_is_its_outage() {
    let mut facts = Facts { joined_ms: Some(START + 12 * MIN), ..facts(vec![]) };
    facts.server_down = vec![Interval::new(START - MIN, START + 11 * MIN)];
    assert_eq!(assess(&rule(), &facts, END).finding, Finding::ServerOutage);
    facts.joined_ms = Some(START + 21 * MIN + 1);
    assert_eq!(assess(&rule(), &facts, END).finding, Finding::CouldNotJoin);
}

#[test]
fn causes_that_the_policy_does_not_name_do_not_count() {
    let covered = Outage { cause: Cause::CameraLost, ..settled(HOUR, 30 * MIN, 30 * MIN) };
    let assessed = after(vec![covered]);
    assert_eq!((assessed.finding, assessed.outages[0].counts, assessed.longest_upper_ms), (Finding::None, false, 0));
}

#[test]
fn rooms_are_measured_but_nobody_retakes_because_of_them() {
    let room = Facts { subject: Subject::Room, joined_ms: None, ..facts(vec![settled(HOUR, 30 * MIN, 30 * MIN)]) };
    let assessed = assess(&rule(), &room, END);
    assert_eq!((assessed.finding, assessed.longest_upper_ms), (Finding::None, 30 * MIN));
}

#[test]
fn the_deadline_is_72_hours_and_not_three_days() {
    // Almaty changed from UTC+6 to UTC+5 on 1 March 2024: 28 February 14:00 + 72 h is 2 March 13:00.
    let end = "2024-02-28T14:00:00+06:00".parse::<jiff::Timestamp>().unwrap().as_millisecond();
    let mut facts = facts(vec![settled(HOUR, 12 * MIN, 12 * MIN)]);
    facts.exam_end_ms = end;
    let deadline = assess(&rule(), &facts, END).deadline_ms.unwrap();
    assert_eq!(crate::retention::rfc3339(deadline, &policy(KBTU).zone.value).unwrap(), "2024-03-02T13:00:00+05:00");
}

#[test]
fn the_deadline_runs_from_the_outages_end_where_the_policy_says_so() {
    let mut policy = rule();
    policy.window_from.value = WindowFrom::OutageEnd;
    let at = |outages, now| assess(&policy, &facts(outages), now).deadline_ms;
    let short_one_after = vec![settled(HOUR, 12 * MIN, 12 * MIN), settled(90 * MIN, MIN, MIN)];
    assert_eq!(at(short_one_after, END), Some(START + HOUR + 12 * MIN + 72 * HOUR));
    assert_eq!(at(vec![ongoing(HOUR)], END - 1), None);
    assert_eq!(at(vec![ongoing(HOUR)], END), Some(END + 72 * HOUR));
    assert_eq!(at(vec![settled(HOUR, 2 * HOUR, 2 * HOUR)], END + HOUR), Some(END + 72 * HOUR));
}

#[test]
fn after_a_late_decision_the_deadline_runs_from_it() {
    let mut facts = facts(vec![settled(HOUR, 12 * MIN, 12 * MIN)]);
    facts.decided_ms = Some(END - MIN);
    assert_eq!(assess(&rule(), &facts, END + HOUR).deadline_ms, Some(END + 72 * HOUR));
    facts.decided_ms = Some(END + 100 * HOUR);
    assert_eq!(assess(&rule(), &facts, END + 101 * HOUR).deadline_ms, Some(END + 172 * HOUR));
}

#[test]
fn a_certain_retake_stays_final_while_another_disconnect_lasts() {
    let assessed = assess(&rule(), &facts(vec![settled(MIN, 12 * MIN, 11 * MIN), ongoing(HOUR)]), START + HOUR + MIN);
    assert_eq!(verdict(&assessed), (Finding::Retake, false));
}

#[test]
fn a_rehearsal_is_no_attendance_and_the_silence_after_it_no_disconnect() {
    let opens = START - 30 * MIN;
    let yesterday = Outage { to_ms: Some(START + 12 * MIN), ..settled(-24 * HOUR, 0, 0) };
    let during = settled(HOUR, MIN, MIN);
    assert_eq!(attending(Some(START - 25 * HOUR), &[yesterday, during], opens), (Some(START + 12 * MIN), vec![during]));
    assert_eq!(attending(Some(START - 25 * HOUR), &[Outage { to_ms: None, ..yesterday }], opens), (None, vec![]));
    assert_eq!(attending(Some(START - 25 * HOUR), &[during], opens), (Some(opens), vec![during]));
    assert_eq!(attending(Some(START + MIN), &[during], opens), (Some(START + MIN), vec![during]));
    assert_eq!(attending(None, &[], opens), (None, vec![]));
}
