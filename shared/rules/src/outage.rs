//! When a disconnect begins, ends and why (mission rule 4): a state machine of one recording, fed with contacts on the server's clock.
//!
//! ```text
//! connected --(15 s without contact)--> open from the last contact --(contact)--> closed, cause unknown --(heartbeat)--> explained
//! ```
//!
//! A contact that comes after more than the policy's silence opens and closes in one step, so that nothing depends on how often [`Tracker::tick`]
//! runs: a server that was down itself sees the same disconnects as one that was not.

use alloc::vec::Vec;

use crate::Interval;
use crate::policy::Cause;

/// The longest time that a living agent with a working link stays silent: heartbeats every 3 s, given up after 2 s.
pub const SILENCE_MS: i64 = 5_000;

/// What a heartbeat says of the process that sent it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sign {
    /// Device's boot.
    pub boot_id: [u8; 16],
    /// Run.
    pub run: [u8; 16],
    /// Attempts of this run, failed ones too.
    pub sequence: u64,
    /// Device's boot time when it was sent, milliseconds.
    pub boottime_ms: i64,
}

/// A sign of life of an agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Contact {
    /// When the server looked at it: a disconnect before it lasted until then at most.
    pub at_ms: i64,
    /// When it had arrived at the latest, which may be earlier on a busy server: a disconnect after it began then at the earliest.
    pub arrived_ms: i64,
    /// Of a heartbeat.
    pub sign: Option<Sign>,
}

/// What changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// A disconnect is open since the last contact.
    Opened {
        /// Last contact.
        from_ms: i64,
    },
    /// It is over. Sent without `Opened` before it when nobody ticked in between.
    Closed {
        /// Last contact before it.
        from_ms: i64,
        /// First contact after it.
        to_ms: i64,
    },
    /// Its cause is known.
    Explained {
        /// Last contact before it.
        from_ms: i64,
        /// First contact after it.
        to_ms: i64,
        /// Why.
        cause: Cause,
    },
}

/// State of one recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tracker {
    /// Last contact.
    pub last_contact_ms: i64,
    /// Last heartbeat's sign.
    pub last_sign: Option<Sign>,
    /// The open disconnect is known to others.
    announced: bool,
    /// A disconnect that is over and waits for the first heartbeat after it.
    unexplained: Option<(Interval, Option<Sign>)>,
}

impl Tracker {
    /// At the first contact, or restored with what was last persisted: then `announced` says whether the disconnect since `last_contact_ms` was.
    pub fn new(last_contact_ms: i64, last_sign: Option<Sign>, announced: bool) -> Self {
        Self { last_contact_ms, last_sign, announced, unexplained: None }
    }

    /// Restores a disconnect that was closed and waits for a heartbeat to explain it.
    #[must_use]
    pub fn with_unexplained(mut self, gap: Interval, before: Option<Sign>) -> Self {
        self.unexplained = Some((gap, before));
        self
    }

    /// Whether a disconnect is open.
    pub fn is_open(&self) -> bool {
        self.announced
    }

    /// Takes a contact. Contacts may arrive slightly out of order; an older one than the last changes nothing.
    ///
    /// `server_down` are our own downtimes since the last contact.
    pub fn contact(&mut self, contact: &Contact, opens_after_ms: i64, server_down: &[Interval]) -> Vec<Step> {
        let Contact { at_ms, arrived_ms, sign } = *contact;
        let mut steps = Vec::new();
        let gap = Interval::new(self.last_contact_ms, at_ms);
        if gap.len_ms() >= opens_after_ms || self.announced {
            let gap = Interval::new(gap.from_ms, gap.to_ms.max(gap.from_ms));
            // One that nobody explained in time stays unknown.
            self.unexplained = Some((gap, self.last_sign));
            self.announced = false;
            steps.push(Step::Closed { from_ms: gap.from_ms, to_ms: gap.to_ms });
            // The next one begins where this one ends, and not in it.
            self.last_contact_ms = gap.to_ms;
        }
        if let (Some((gap, before)), Some(after)) = (self.unexplained, sign) {
            self.unexplained = None;
            let cause = cause(&gap, before.as_ref(), &after, opens_after_ms, server_down);
            steps.push(Step::Explained { from_ms: gap.from_ms, to_ms: gap.to_ms, cause });
        }
        self.last_contact_ms = self.last_contact_ms.max(arrived_ms.min(at_ms));
        if sign.is_some() {
            self.last_sign = sign;
        }
        steps
    }

    /// Looks at the time; to be called at [`Self::next_check_ms`] at the latest for a disconnect to show while it lasts.
    ///
    /// Silence while our own server was down opens nothing: agents get the policy's silence again to come back.
    pub fn tick(&mut self, now_ms: i64, opens_after_ms: i64, server_down: &[Interval]) -> Option<Step> {
        if self.announced || Interval::new(self.last_contact_ms, now_ms).len_without_ms(server_down) < opens_after_ms {
            return None;
        }
        self.announced = true;
        Some(Step::Opened { from_ms: self.last_contact_ms })
    }

    /// When a disconnect opens if no contact comes before; none while one is open.
    pub fn next_check_ms(&self, opens_after_ms: i64, server_down: &[Interval]) -> Option<i64> {
        let since = Interval::new(self.last_contact_ms, i64::MAX);
        let down_ms = since.len_ms() - since.len_without_ms(server_down);
        (!self.announced).then(|| self.last_contact_ms + opens_after_ms + down_ms)
    }
}

/// Why contact was lost, from the heartbeats on both sides.
pub fn cause(gap: &Interval, before: Option<&Sign>, after: &Sign, opens_after_ms: i64, server_down: &[Interval]) -> Cause {
    let theirs_ms = gap.len_without_ms(server_down);
    if theirs_ms < gap.len_ms() && theirs_ms < opens_after_ms {
        return Cause::Server;
    }
    let Some(before) = before else { return Cause::Unknown };
    if before.boot_id != after.boot_id {
        return Cause::PowerOrReboot;
    }
    if before.run != after.run {
        return Cause::AgentStopped;
    }
    // A living agent makes an attempt every 4 s. Five times fewer, on a clock that counts suspend: it slept.
    let attempts = i64::try_from(after.sequence.saturating_sub(before.sequence)).unwrap_or(i64::MAX);
    if attempts.saturating_mul(20_000) < after.boottime_ms - before.boottime_ms { Cause::Suspended } else { Cause::Link }
}

/// What proves that there was no contact, from the agent's side, on the server's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evidence {
    /// An attempt failed, somewhere between its start and its end.
    Failed {
        /// Attempt began.
        start_ms: i64,
        /// Attempt was given up.
        end_ms: i64,
    },
    /// A new run started: nobody was there before it.
    RunStarted {
        /// When.
        at_ms: i64,
    },
    /// No attempt was made although the run went on: the machine slept.
    Slept,
}

/// Lower bound of a disconnect of which the server knows the upper bound; none without evidence.
///
/// The server knows that there was no contact inside `upper`, so two instants at which the agent was cut off prove everything between them.
/// A failed attempt counts from its end when it is the first and until its start when it is the last. Where the agent was dead or slept there
/// was no attempt that could fail: had it lived with a link, it would have been heard within [`SILENCE_MS`].
pub fn lower_bound(upper: &Interval, evidence: &[Evidence]) -> Option<Interval> {
    let silent_from_ms = upper.from_ms + SILENCE_MS;
    let mut from_ms = i64::MAX;
    let mut to_ms = i64::MIN;
    for item in evidence {
        let (cut_off_by, cut_off_until) = match *item {
            Evidence::Failed { start_ms, end_ms } => (end_ms, start_ms),
            Evidence::RunStarted { at_ms } => (silent_from_ms, at_ms),
            Evidence::Slept => (silent_from_ms, upper.to_ms - SILENCE_MS),
        };
        from_ms = from_ms.min(cut_off_by);
        to_ms = to_ms.max(cut_off_until);
    }
    if evidence.is_empty() {
        return None;
    }
    let lower = Interval::new(from_ms, to_ms).intersect(upper);
    Some(if lower.len_ms() > 0 { lower } else { Interval::new(lower.from_ms.min(upper.to_ms), lower.from_ms.min(upper.to_ms)) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use proptest::prelude::*;

    const OPENS: i64 = 15_000;

    fn at(at_ms: i64, sign: Option<Sign>) -> Contact {
        Contact { at_ms, arrived_ms: at_ms, sign }
    }

    fn sign(boot: u8, run: u8, sequence: u64, boottime_ms: i64) -> Option<Sign> {
        Some(Sign { boot_id: [boot; 16], run: [run; 16], sequence, boottime_ms })
    }

    /// Heartbeat at 100 s, then one at `at_ms` with `after`.
    fn explained(at_ms: i64, after: Option<Sign>, down: &[Interval]) -> Cause {
        let mut tracker = Tracker::new(100_000, sign(1, 1, 10, 50_000), false);
        match tracker.contact(&at(at_ms, after), OPENS, down)[..] {
            [Step::Closed { from_ms: 100_000, to_ms }, Step::Explained { cause, .. }] if to_ms == at_ms => cause,
            ref other => panic!("{other:?}"),
        }
    }

    #[test]
    fn opens_after_15_s_from_the_last_contact_and_closes_at_the_next() {
        let mut tracker = Tracker::new(100_000, sign(1, 1, 10, 0), false);
        assert_eq!(tracker.next_check_ms(OPENS, &[]), Some(115_000));
        assert_eq!(tracker.tick(114_999, OPENS, &[]), None);
        assert_eq!(tracker.tick(115_000, OPENS, &[]), Some(Step::Opened { from_ms: 100_000 }));
        assert_eq!((tracker.tick(120_000, OPENS, &[]), tracker.next_check_ms(OPENS, &[]), tracker.is_open()), (None, None, true));
        let steps = tracker.contact(&at(160_000, sign(1, 1, 25, 60_000)), OPENS, &[]);
        assert_eq!(
            steps,
            [Step::Closed { from_ms: 100_000, to_ms: 160_000 }, Step::Explained { from_ms: 100_000, to_ms: 160_000, cause: Cause::Link }]
        );
        assert!(!tracker.is_open());
        assert_eq!(tracker.contact(&at(163_000, sign(1, 1, 26, 63_000)), OPENS, &[]), vec![]);
    }

    #[test]
    fn after_our_own_downtime_agents_get_their_time_again() {
        let tracker = Tracker::new(100_000, sign(1, 1, 10, 0), false);
        let down = [Interval::new(101_000, 200_000)];
        assert_eq!(tracker.clone().tick(213_999, OPENS, &down), None);
        assert_eq!(tracker.clone().tick(214_000, OPENS, &down), Some(Step::Opened { from_ms: 100_000 }));
        assert_eq!(tracker.next_check_ms(OPENS, &down), Some(214_000));
        let steps = tracker.clone().contact(&at(203_000, sign(1, 1, 30, 103_000)), OPENS, &down);
        assert_eq!(steps[1], Step::Explained { from_ms: 100_000, to_ms: 203_000, cause: Cause::Server });
    }

    #[test]
    fn a_restored_closed_disconnect_is_explained() {
        let mut tracker = Tracker::new(200_000, None, false).with_unexplained(Interval::new(100_000, 200_000), sign(1, 1, 0, 0));
        let steps = tracker.contact(&at(201_000, sign(2, 2, 1, 0)), OPENS, &[]);
        assert_eq!(steps, [Step::Explained { from_ms: 100_000, to_ms: 200_000, cause: Cause::PowerOrReboot }]);
    }

    #[test]
    fn short_silences_are_not_disconnects() {
        let mut tracker = Tracker::new(100_000, None, false);
        assert_eq!(tracker.contact(&at(114_999, None), OPENS, &[]), vec![]);
    }

    #[test]
    fn a_late_or_repeated_contact_changes_nothing() {
        let mut tracker = Tracker::new(100_000, None, false);
        assert_eq!(tracker.contact(&at(50_000, None), OPENS, &[]), vec![]);
        assert_eq!(tracker.last_contact_ms, 100_000);
    }

    #[test]
    fn what_a_busy_server_looked_at_late_counts_from_its_arrival_until_it_was_looked_at() {
        let mut tracker = Tracker::new(100_000, None, false);
        let late = |arrived_ms, at_ms| Contact { at_ms, arrived_ms, sign: None };
        assert_eq!(tracker.contact(&late(103_000, 103_900), OPENS, &[]), vec![]);
        assert_eq!(tracker.contact(&late(160_000, 160_700), OPENS, &[]), [Step::Closed { from_ms: 103_000, to_ms: 160_700 }]);
        // What follows at once begins where this one ended.
        assert_eq!(tracker.contact(&late(190_000, 190_200), OPENS, &[]), [Step::Closed { from_ms: 160_700, to_ms: 190_200 }]);
    }

    #[test]
    fn another_request_closes_it_and_the_next_heartbeat_explains_it() {
        let mut tracker = Tracker::new(100_000, sign(1, 1, 10, 0), false);
        assert_eq!(tracker.contact(&at(200_000, None), OPENS, &[]), [Step::Closed { from_ms: 100_000, to_ms: 200_000 }]);
        assert_eq!(
            tracker.contact(&at(201_000, sign(1, 2, 1, 101_000)), OPENS, &[]),
            [Step::Explained { from_ms: 100_000, to_ms: 200_000, cause: Cause::AgentStopped }]
        );
    }

    #[test]
    fn causes_are_told_apart() {
        assert_eq!(explained(160_000, sign(1, 1, 25, 110_000), &[]), Cause::Link);
        assert_eq!(explained(160_000, sign(1, 2, 1, 110_000), &[]), Cause::AgentStopped);
        assert_eq!(explained(160_000, sign(2, 2, 1, 9_000), &[]), Cause::PowerOrReboot);
        assert_eq!(explained(700_000, sign(1, 1, 12, 650_000), &[]), Cause::Suspended);
        assert_eq!(explained(160_000, sign(1, 1, 25, 110_000), &[Interval::new(101_000, 158_000)]), Cause::Server);
        // Our own downtime explains only a part: the rest is theirs.
        assert_eq!(explained(160_000, sign(1, 1, 25, 110_000), &[Interval::new(101_000, 120_000)]), Cause::Link);
        let mut unknown = Tracker::new(100_000, None, true);
        let steps = unknown.contact(&at(160_000, sign(1, 1, 1, 0)), OPENS, &[]);
        assert_eq!(steps[1], Step::Explained { from_ms: 100_000, to_ms: 160_000, cause: Cause::Unknown });
    }

    #[test]
    fn a_restored_open_disconnect_closes_once() {
        let mut tracker = Tracker::new(100_000, sign(1, 1, 10, 0), true);
        assert_eq!(tracker.tick(500_000, OPENS, &[]), None);
        assert_eq!(tracker.contact(&at(500_000, None), OPENS, &[]), [Step::Closed { from_ms: 100_000, to_ms: 500_000 }]);
    }

    #[test]
    fn failed_attempts_bound_from_below_and_never_over() {
        let upper = Interval::new(0, 60_000);
        let failed = |start_ms, end_ms| Evidence::Failed { start_ms, end_ms };
        assert_eq!(lower_bound(&upper, &[]), None);
        assert_eq!(lower_bound(&upper, &[failed(3_000, 5_000), failed(56_000, 58_000)]), Some(Interval::new(5_000, 56_000)));
        assert_eq!(lower_bound(&upper, &[failed(3_000, 5_000)]).unwrap().len_ms(), 0);
        assert_eq!(lower_bound(&upper, &[failed(-90_000, -80_000), failed(100_000, 110_000)]), Some(upper));
        assert_eq!(lower_bound(&upper, &[failed(100_000, 110_000)]).unwrap().len_ms(), 0);
    }

    #[test]
    fn a_dead_agents_lower_bound_ends_with_the_next_run() {
        let upper = Interval::new(0, 60_000);
        assert_eq!(lower_bound(&upper, &[Evidence::RunStarted { at_ms: 57_000 }]), Some(Interval::new(SILENCE_MS, 57_000)));
        // Cut off first, killed then: one stretch.
        let both = [Evidence::Failed { start_ms: 2_000, end_ms: 4_000 }, Evidence::RunStarted { at_ms: 57_000 }];
        assert_eq!(lower_bound(&upper, &both), Some(Interval::new(4_000, 57_000)));
        assert_eq!(lower_bound(&upper, &[Evidence::Slept]), Some(Interval::new(5_000, 55_000)));
    }

    proptest! {
        #[test]
        fn the_lower_bound_lies_inside_the_upper_one(len in 0..1_000_000_i64, points in prop::collection::vec((-2_000_000..2_000_000_i64, 0..5_000_i64, 0..3), 0..6)) {
            let upper = Interval::new(0, len);
            let evidence: Vec<Evidence> = points.iter().map(|(at, len, kind)| match kind {
                0 => Evidence::Failed { start_ms: *at, end_ms: at + len },
                1 => Evidence::RunStarted { at_ms: *at },
                _ => Evidence::Slept,
            }).collect();
            if let Some(lower) = lower_bound(&upper, &evidence) {
                prop_assert!(lower.from_ms >= upper.from_ms && lower.to_ms <= upper.to_ms && lower.from_ms <= lower.to_ms, "{lower:?}");
            }
        }

        #[test]
        fn disconnects_are_in_order_and_do_not_overlap(gaps in prop::collection::vec((0..60_000_i64, 0..20_000_i64), 1..50)) {
            let mut tracker = Tracker::new(0, sign(1, 1, 0, 0), false);
            let (mut at_ms, mut last_end) = (0, 0);
            for (gap, late_ms) in gaps {
                at_ms += gap;
                if gap % 3 == 0 {
                    tracker.tick(at_ms, OPENS, &[]);
                }
                let contact = Contact { at_ms, arrived_ms: at_ms - late_ms, sign: sign(1, 1, 1, at_ms) };
                for step in tracker.contact(&contact, OPENS, &[]) {
                    if let Step::Closed { from_ms, to_ms } = step {
                        prop_assert!(from_ms >= last_end && to_ms - from_ms >= OPENS);
                        last_end = to_ms;
                    }
                }
            }
        }
    }
}
