//! Whether the server's wall clock may be believed when it says that footage has expired.
//!
//! Destruction cannot be undone, so it never follows one clock. What was last believed (the anchor) is kept with the boot time of that
//! moment: on the same boot the two must have advanced together; after a reboot, or where they have not, the agents' clocks must agree with
//! ours, or an operator confirms it. While a clock is suspect nothing is destroyed, and what has expired by any account stays unreadable.

/// A reading of the server's clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// Wall clock.
    pub wall_ms: i64,
    /// Boot time (monotonic, counts suspend), milliseconds.
    pub boottime_ms: i64,
    /// Boot of the machine.
    pub boot_id: [u8; 16],
}

/// Everything that the rule looks at.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// Clocks now.
    pub now: Reading,
    /// The last reading that was believed; none on a server that never ran.
    pub anchor: Option<Reading>,
    /// An operator confirmed the anchor: the agents are not asked again on this boot.
    pub confirmed: bool,
    /// How far each agent's wall clock was ahead of ours in its newest heartbeat of the last minutes, one entry a device.
    pub agents_ahead_ms: &'a [i64],
}

/// How much clocks may differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tolerance {
    /// Step of the wall clock against boot time.
    pub step_ms: i64,
    /// Slow drift of one against the other, parts per million.
    pub drift_ppm: i64,
    /// Longest time for which the machine may have been off without asking anybody.
    pub off_ms: i64,
    /// Difference between an agent's clock and ours that still agrees.
    pub agent_ms: i64,
    /// Devices that must agree to vouch for our clock, and at least as many that must be there to accuse it.
    pub agents: usize,
}

impl Default for Tolerance {
    /// One minute, 500 ppm, one hour, five minutes, three devices.
    fn default() -> Self {
        Self { step_ms: 60_000, drift_ppm: 500, off_ms: 3_600_000, agent_ms: 300_000, agents: 3 }
    }
}

/// Whether to believe the wall clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// Yes: the reading is the next anchor.
    Trusted,
    /// No, until it returns to what is expected, agents vouch for it, or an operator confirms it.
    Suspect(Reason),
}

/// Why a clock is suspect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// Ahead of what boot time proves.
    #[error("the clock jumped {by_ms} ms ahead of the machine's own time")]
    JumpedAhead {
        /// By this much.
        by_ms: i64,
    },
    /// Behind what boot time proves, or behind a time that was already believed.
    #[error("the clock went back by {by_ms} ms")]
    WentBack {
        /// By this much.
        by_ms: i64,
    },
    /// The machine was off for longer than anybody can vouch for.
    #[error("the machine was restarted and its clock says that {by_ms} ms have passed, which nothing confirms")]
    LongOff {
        /// Time that passed by the wall clock.
        by_ms: i64,
    },
    /// Most agents' clocks say otherwise.
    #[error("the devices' clocks are {by_ms} ms ahead of the server's in the median")]
    AgentsDisagree {
        /// Median of how far they are ahead; negative: behind.
        by_ms: i64,
    },
}

/// Judges the wall clock.
pub fn judge(facts: &Facts<'_>, tolerance: &Tolerance) -> Trust {
    let agents = median(facts.agents_ahead_ms).filter(|_| facts.agents_ahead_ms.len() >= tolerance.agents);
    let vouched = agents.is_some_and(|ahead| ahead.abs() <= tolerance.agent_ms);
    let own = own_judgement(facts, tolerance);
    let confirmed = facts.confirmed && same_boot(facts);
    match (own, agents) {
        _ if vouched => Trust::Trusted,
        (Trust::Trusted, Some(by_ms)) if !confirmed => Trust::Suspect(Reason::AgentsDisagree { by_ms }),
        _ => own,
    }
}

/// The latest time that any clock gives: what has expired by it is not readable, whatever is believed.
pub fn latest_ms(facts: &Facts<'_>) -> i64 {
    let expected = match &facts.anchor {
        Some(anchor) if same_boot(facts) => anchor.wall_ms + (facts.now.boottime_ms - anchor.boottime_ms).max(0),
        Some(anchor) => anchor.wall_ms,
        None => facts.now.wall_ms,
    };
    expected.max(facts.now.wall_ms)
}

fn same_boot(facts: &Facts<'_>) -> bool {
    facts.anchor.is_some_and(|anchor| anchor.boot_id == facts.now.boot_id)
}

fn own_judgement(facts: &Facts<'_>, tolerance: &Tolerance) -> Trust {
    let Some(anchor) = facts.anchor else { return Trust::Trusted };
    let passed_ms = facts.now.wall_ms - anchor.wall_ms;
    if anchor.boot_id == facts.now.boot_id {
        let boot_ms = (facts.now.boottime_ms - anchor.boottime_ms).max(0);
        let ahead_ms = passed_ms - boot_ms;
        let allowed_ms = tolerance.step_ms + boot_ms / 1_000_000 * tolerance.drift_ppm;
        return match ahead_ms {
            _ if ahead_ms > allowed_ms => Trust::Suspect(Reason::JumpedAhead { by_ms: ahead_ms }),
            _ if ahead_ms < -allowed_ms => Trust::Suspect(Reason::WentBack { by_ms: -ahead_ms }),
            _ => Trust::Trusted,
        };
    }
    match passed_ms {
        _ if passed_ms < -tolerance.step_ms => Trust::Suspect(Reason::WentBack { by_ms: -passed_ms }),
        _ if passed_ms > tolerance.off_ms => Trust::Suspect(Reason::LongOff { by_ms: passed_ms }),
        _ => Trust::Trusted,
    }
}

/// Lower median: half of the clocks or more must lie.
fn median(values: &[i64]) -> Option<i64> {
    let rank = |candidate: &i64| values.iter().filter(|value| *value < candidate).count();
    let at_most = |candidate: &i64| values.iter().filter(|value| *value <= candidate).count();
    let middle = values.len().checked_sub(1)? / 2;
    values.iter().copied().find(|value| rank(value) <= middle && middle < at_most(value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MIN: i64 = 60_000;
    const HOUR: i64 = 60 * MIN;
    const ANCHOR: Reading = Reading { wall_ms: 1_780_000_000_000, boottime_ms: 5 * HOUR, boot_id: [1; 16] };

    fn at(wall: i64, boottime: i64, boot: u8) -> Facts<'static> {
        let now = Reading { wall_ms: ANCHOR.wall_ms + wall, boottime_ms: ANCHOR.boottime_ms + boottime, boot_id: [boot; 16] };
        Facts { now, anchor: Some(ANCHOR), confirmed: false, agents_ahead_ms: &[] }
    }

    fn judged(facts: Facts<'_>) -> Trust {
        judge(&facts, &Tolerance::default())
    }

    /// G1 of docs/lifecycle.md.
    #[test]
    fn a_clock_that_advances_with_boot_time_is_trusted() {
        assert_eq!(judged(at(0, 0, 1)), Trust::Trusted);
        assert_eq!(judged(at(30 * 24 * HOUR, 30 * 24 * HOUR, 1)), Trust::Trusted);
        assert_eq!(judged(at(HOUR + MIN, HOUR, 1)), Trust::Trusted);
    }

    #[test]
    fn a_first_start_is_trusted() {
        assert_eq!(judged(Facts { anchor: None, ..at(0, 0, 1) }), Trust::Trusted);
    }

    /// G1.
    #[test]
    fn a_clock_that_jumps_ahead_is_suspect() {
        let month = 31 * 24 * HOUR;
        assert_eq!(judged(at(month, 1000, 1)), Trust::Suspect(Reason::JumpedAhead { by_ms: month - 1000 }));
        assert_eq!(judged(at(MIN + 1, 0, 1)), Trust::Suspect(Reason::JumpedAhead { by_ms: MIN + 1 }));
    }

    #[test]
    fn a_clock_that_goes_back_is_suspect_and_gives_nothing_back() {
        let facts = at(-HOUR, MIN, 1);
        assert_eq!(judged(facts), Trust::Suspect(Reason::WentBack { by_ms: HOUR + MIN }));
        assert_eq!(latest_ms(&facts), ANCHOR.wall_ms + MIN);
        assert_eq!(judged(at(-HOUR, -4 * HOUR, 2)), Trust::Suspect(Reason::WentBack { by_ms: HOUR }));
        assert_eq!(latest_ms(&at(-HOUR, -4 * HOUR, 2)), ANCHOR.wall_ms);
    }

    /// G2, and G3 where it fails.
    #[test]
    fn a_reboot_of_up_to_an_hour_is_trusted_and_a_longer_one_needs_a_witness() {
        assert_eq!(judged(at(HOUR, -4 * HOUR, 2)), Trust::Trusted);
        let mut facts = at(HOUR + 1, -4 * HOUR, 2);
        assert_eq!(judged(facts), Trust::Suspect(Reason::LongOff { by_ms: HOUR + 1 }));
        facts.agents_ahead_ms = &[2000, -3000];
        assert_eq!(judged(facts), Trust::Suspect(Reason::LongOff { by_ms: HOUR + 1 }));
        facts.agents_ahead_ms = &[2000, -3000, 70 * HOUR];
        assert_eq!(judged(facts), Trust::Trusted);
        facts.agents_ahead_ms = &[-HOUR, -HOUR, 0];
        assert_eq!(judged(facts), Trust::Suspect(Reason::LongOff { by_ms: HOUR + 1 }));
    }

    #[test]
    fn a_process_that_was_stopped_for_days_on_the_same_boot_needs_nobody() {
        assert_eq!(judged(at(72 * HOUR, 72 * HOUR, 1)), Trust::Trusted);
    }

    /// G3.
    #[test]
    fn agents_that_agree_among_themselves_accuse_our_clock() {
        let mut facts = at(0, 0, 1);
        facts.agents_ahead_ms = &[-HOUR, -HOUR, -HOUR + 1, 0];
        assert_eq!(judged(facts), Trust::Suspect(Reason::AgentsDisagree { by_ms: -HOUR }));
        facts.confirmed = true;
        assert_eq!(judged(facts), Trust::Trusted);
        facts.confirmed = false;
        facts.agents_ahead_ms = &[-HOUR, -HOUR];
        assert_eq!(judged(facts), Trust::Trusted);
    }

    #[test]
    fn the_median_is_one_of_them() {
        assert_eq!((median(&[]), median(&[7]), median(&[3, 1, 2]), median(&[4, 1, 3, 2])), (None, Some(7), Some(2), Some(2)));
        assert_eq!(median(&[5, 5, 1, 1, 1]), Some(1));
    }

    proptest! {
        #[test]
        fn no_jump_ahead_is_ever_trusted_without_a_witness(jump in MIN + 1..10_000 * HOUR, passed in 0..24 * HOUR) {
            let drift = passed / 1_000_000 * 500;
            prop_assert_ne!(judged(at(passed + jump + drift, passed, 1)), Trust::Trusted);
        }

        #[test]
        fn the_latest_time_never_falls_behind_the_anchor(wall in -1000 * HOUR..1000 * HOUR, boottime in 0..1000 * HOUR, boot in 1..3_u8) {
            prop_assert!(latest_ms(&at(wall, boottime, boot)) >= ANCHOR.wall_ms);
        }
    }
}
