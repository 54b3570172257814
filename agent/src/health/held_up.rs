//! Whether this process got a processor when it wanted one: a thread that sleeps until a time and wakes late was stopped, or the machine was far too busy.

/// Waking later than this is journalled, us: a machine that is merely busy wakes its threads within some ms.
const HELD_UP_US: u64 = 1_000_000;
/// The same where the machine slept meanwhile, us: on the way down and up again its threads stand still for seconds while the clock runs.
const HELD_UP_ASLEEP_US: u64 = 6_000_000;
/// So much more on the clock that counts sleep is one, us.
const SLEEP_US: u64 = 100_000;

/// Both clocks that count while nobody touches them, us.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    /// Counts what the machine sleeps.
    pub boottime_us: u64,
    /// Does not.
    pub monotonic_us: u64,
}

impl Moment {
    /// Now.
    pub fn now() -> Self {
        Self { boottime_us: invigil_clock::boottime_us(), monotonic_us: invigil_clock::monotonic_us() }
    }
}

/// What kept a thread that slept from `asleep` on from waking at `due_us` (boot time): from and to, boot time. That the machine slept is none of it.
pub fn held_up(asleep: Moment, due_us: u64, awake: Moment) -> Option<(u64, u64)> {
    let wanted_us = due_us.saturating_sub(asleep.boottime_us);
    let ran_us = awake.monotonic_us.saturating_sub(asleep.monotonic_us);
    let slept_us = awake.boottime_us.saturating_sub(asleep.boottime_us).saturating_sub(ran_us);
    let late_us = ran_us.saturating_sub(wanted_us);
    let limit_us = if slept_us >= SLEEP_US { HELD_UP_ASLEEP_US } else { HELD_UP_US };
    (late_us >= limit_us).then(|| (awake.boottime_us.saturating_sub(late_us), awake.boottime_us))
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: u64 = 1_000_000;

    /// Asleep at second 50 for a second; awake so long after that, of which the machine slept so long, us.
    fn awake_after(us: u64, slept_us: u64) -> Option<(u64, u64)> {
        let asleep = Moment { boottime_us: 50 * S, monotonic_us: 40 * S };
        held_up(asleep, 51 * S, Moment { boottime_us: 50 * S + us, monotonic_us: 40 * S + us - slept_us })
    }

    #[test]
    fn waking_late_is_told_with_its_bounds_and_the_machines_sleep_is_not() {
        assert_eq!(awake_after(S + 999_999, 0), None);
        assert_eq!(awake_after(7 * S, 0), Some((51 * S, 57 * S)));
        assert_eq!(awake_after(3600 * S, 3598 * S + 500_000), None);
        assert_eq!(awake_after(60 * S, 55 * S), None, "4 s of freezing and thawing");
        assert_eq!(awake_after(60 * S, 50 * S), Some((101 * S, 110 * S)), "9 s of it the machine was awake");
        let asleep = Moment { boottime_us: 50 * S, monotonic_us: 40 * S };
        assert_eq!(held_up(asleep, 30 * S, asleep), None, "it did not want to sleep at all");
    }
}
