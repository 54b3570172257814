//! The wall clock against the boot clock, and the boot clock against the one that stands still during suspend.

use invigil_format::Event;

/// A move of the wall clock by more than this is journalled, ms.
pub const STEP_MS: i64 = 500;
/// How far a well-kept clock is slewed, ms a second: such drift is followed, and many small steps that add up to more are one step.
const SLEW_MS_PER_SEC: i64 = 1;
/// A shorter sleep is none: clocks are not read at the same instant, us.
const SLEPT_US: u64 = 1_000_000;
/// Clocks that were read further apart than this say nothing of each other, us.
const APART_US: u64 = 100_000;

/// One look at all clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// `CLOCK_BOOTTIME`, us.
    pub boottime_us: u64,
    /// `CLOCK_MONOTONIC`, us.
    pub monotonic_us: u64,
    /// Wall clock, Unix ms.
    pub wall_ms: i64,
}

impl Reading {
    /// Reads all clocks; `None` when this process was held up in between.
    pub fn now() -> Option<Self> {
        let boottime_us = invigil_clock::boottime_us();
        let reading = Self { boottime_us, monotonic_us: invigil_clock::monotonic_us(), wall_ms: invigil_clock::wall_ms() };
        (invigil_clock::boottime_us().saturating_sub(boottime_us) < APART_US).then_some(reading)
    }

    fn wall_minus_boot_ms(&self) -> i64 {
        self.wall_ms.saturating_sub(i64::try_from(self.boottime_us / 1000).unwrap_or(i64::MAX))
    }
}

/// Compares each look with the one before.
#[derive(Debug, Clone, Default)]
pub struct Clocks {
    last: Option<(Reading, i64)>,
}

impl Clocks {
    /// A look; returns what it shows.
    pub fn look(&mut self, now: Reading) -> Vec<Event> {
        let mut events = Vec::new();
        let offset_ms = now.wall_minus_boot_ms();
        let Some((last, known_ms)) = self.last.replace((now, offset_ms)) else { return events };
        let passed_us = now.boottime_us.saturating_sub(last.boottime_us);
        let slept_us = passed_us.saturating_sub(now.monotonic_us.saturating_sub(last.monotonic_us));
        if slept_us >= SLEPT_US {
            // Its place is known to within a look, its length exactly.
            events.push(Event::Suspended { from_us: last.boottime_us, to_us: last.boottime_us + slept_us });
        }
        let by_ms = offset_ms.saturating_sub(known_ms);
        if by_ms.abs() > STEP_MS {
            events.push(Event::ClockStepped { by_ms });
        } else {
            let slewed_ms = SLEW_MS_PER_SEC * i64::try_from(passed_us / 1_000_000).unwrap_or(i64::MAX).max(1);
            self.last = Some((now, known_ms + by_ms.clamp(-slewed_ms, slewed_ms)));
        }
        events
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: u64 = 1_000_000;

    /// A look a second; `wall` and `slept` say by how much (ms, us) the second added to the wall clock, and to the boot clock by sleeping.
    fn play(seconds: impl Iterator<Item = (i64, u64)>) -> Vec<Event> {
        let mut reading = Reading { boottime_us: 50 * S, monotonic_us: 40 * S, wall_ms: 1_700_000_000_000 };
        let mut clocks = Clocks::default();
        assert_eq!(clocks.look(reading), []);
        let mut events = Vec::new();
        for (moved_ms, slept_us) in seconds {
            reading.boottime_us += S + slept_us;
            reading.monotonic_us += S;
            reading.wall_ms += 1000 + moved_ms + (slept_us / 1000) as i64;
            events.extend(clocks.look(reading));
        }
        events
    }

    #[test]
    fn steps_are_told_and_slewing_is_not() {
        assert_eq!(
            play([(0, 0), (-3_600_000, 0), (0, 0), (501, 0), (500, 0)].into_iter()),
            [Event::ClockStepped { by_ms: -3_600_000 }, Event::ClockStepped { by_ms: 501 },]
        );
        // NTP slews by at most 0.5 ms a second.
        assert_eq!(play((0..7200).map(|second| (second % 2, 0))), []);
        let crept = play((0..10).map(|_| (100, 0)));
        assert!(matches!(crept[..], [Event::ClockStepped { by_ms: 500..=600 }]), "{crept:?}");
    }

    #[test]
    fn sleep_is_told_with_its_length_and_moves_no_clock() {
        let from_us = 52 * S;
        assert_eq!(play([(0, 0), (0, 0), (0, 3600 * S), (0, 0)].into_iter()), [Event::Suspended { from_us, to_us: from_us + 3600 * S }]);
        // A clock that was set right at resuming is told as well.
        let both = play([(0, 0), (7_000, 60 * S)].into_iter());
        assert!(matches!(both[..], [Event::Suspended { .. }, Event::ClockStepped { by_ms: 7_000 }]), "{both:?}");
        assert_eq!(play([(0, 900_000)].into_iter()), []);
    }

    #[test]
    fn this_machines_clocks_can_be_read_together() {
        let mut clocks = Clocks::default();
        let looks: Vec<Reading> = std::iter::repeat_with(Reading::now).take(50).flatten().take(2).collect();
        assert_eq!(looks.len(), 2);
        assert!(looks.into_iter().flat_map(|reading| clocks.look(reading)).next().is_none());
    }
}
