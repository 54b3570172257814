//! Bookkeeping of attempts, without network or clock: what is an outage, and what are its bounds.

use invigil_format::Event;

/// The failed attempts since the last contact. Boot times, us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outage {
    /// Start of the first failed attempt.
    pub first_failed_start_us: u64,
    /// Its end.
    pub first_failed_end_us: u64,
    /// Start of the last failed attempt.
    pub last_failed_start_us: u64,
    /// Its end.
    pub last_failed_end_us: u64,
    /// Failed attempts.
    pub attempts: u64,
    /// Cause of the last one.
    pub error: String,
}

/// Turns attempts into journal events.
#[derive(Debug, Default)]
pub struct Tracker {
    outage: Option<Outage>,
}

impl Tracker {
    /// An attempt failed. The first one of an outage is an event.
    pub fn failed(&mut self, start_us: u64, end_us: u64, error: &str) -> Option<Event> {
        // Errors come from libraries and servers: cut, so that an entry stays small.
        let error: String = error.chars().take(200).collect();
        match &mut self.outage {
            Some(outage) => {
                // Attempts overlap: one that started earlier may fail later.
                if start_us >= outage.last_failed_start_us {
                    (outage.last_failed_start_us, outage.last_failed_end_us) = (start_us, end_us);
                }
                outage.attempts += 1;
                outage.error = error;
                None
            }
            None => {
                self.outage = Some(Outage {
                    first_failed_start_us: start_us,
                    first_failed_end_us: end_us,
                    last_failed_start_us: start_us,
                    last_failed_end_us: end_us,
                    attempts: 1,
                    error,
                });
                Some(Event::LinkLost { first_failed_start_us: start_us, first_failed_end_us: end_us })
            }
        }
    }

    /// An attempt was answered.
    pub fn answered(&mut self) -> Option<Event> {
        let outage = self.outage.take()?;
        Some(Event::LinkBack {
            first_failed_start_us: outage.first_failed_start_us,
            first_failed_end_us: outage.first_failed_end_us,
            last_failed_start_us: outage.last_failed_start_us,
            last_failed_end_us: outage.last_failed_end_us,
            attempts: outage.attempts,
            error: outage.error,
        })
    }

    /// The outage that is going on.
    pub fn outage(&self) -> Option<&Outage> {
        self.outage.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{INTERVAL, RETRY, TIMEOUT};
    use super::*;
    use proptest::prelude::*;

    /// Plays the schedule of [`super::super::beat`] against a network that is away from `cut` to `back` (us); an attempt is answered if it starts
    /// outside and the round trip fits. Returns upper and lower bound of the outage.
    fn play(cut: u64, back: u64, round_trip: u64) -> (u64, u64) {
        let (interval, retry, timeout) = (INTERVAL.as_micros() as u64, RETRY.as_micros() as u64, TIMEOUT.as_micros() as u64);
        let mut tracker = Tracker::default();
        let (mut at, mut contact, mut waiting) = (0, 0, Vec::<u64>::new());
        loop {
            // What was sent during the cut and is not given up yet is sent again by TCP and arrives when the link is back.
            let revived = at >= back && waiting.iter().any(|start| *start + abandon > back);
            for start in waiting.extract_if(.., |start| *start + timeout <= if revived { back + round_trip } else { at }) {
                tracker.failed(start, start + timeout, "test");
            }
            if revived {
                let arrived = back + round_trip / 2;
                return match tracker.answered() {
                    Some(Event::LinkBack { first_failed_end_us, last_failed_start_us, .. }) => {
                        (arrived - contact, last_failed_start_us.saturating_sub(first_failed_end_us))
                    }
                    _ => (arrived - contact, 0),
                };
            }
            // A request that leaves before the cut arrives; one that leaves during it does not.
            if at < cut || at >= back {
                let arrived = at + round_trip / 2;
                let lost = tracker.outage().is_some() || !waiting.is_empty();
                for start in waiting.extract_if(.., |start| *start + timeout <= at + round_trip) {
                    tracker.failed(start, start + timeout, "test");
                }
                if let Some(Event::LinkBack { first_failed_end_us, last_failed_start_us, .. }) = tracker.answered() {
                    return (arrived - contact, last_failed_start_us.saturating_sub(first_failed_end_us));
                }
                assert!(!lost || back - cut < timeout + retry, "an outage was missed");
                if lost || at >= back {
                    return (arrived - contact, 0);
                }
                contact = arrived;
                at += interval;
            } else {
                waiting.push(at);
                at += retry;
            }
        }
    }

    proptest! {
        #[test]
        fn bounds_enclose_the_truth_and_lie_at_most_7_s_apart(cut in 10_000_000_u64..20_000_000, length in 1_u64..900_000_000, round_trip in 1_000_u64..500_000) {
            let (upper, lower) = play(cut, cut + length, round_trip);
            prop_assert!(upper >= length && lower <= length, "{lower} <= {length} <= {upper}");
            prop_assert!(upper - lower <= 7_000_000, "{lower} to {upper}");
        }
    }

    #[test]
    fn only_the_first_failure_is_an_event_and_the_return_has_all_bounds() {
        let mut tracker = Tracker::default();
        assert_eq!(tracker.answered(5, &[]), None);
        assert_eq!(tracker.failed(10, 20, "refused"), Some(Event::LinkLost { first_failed_start_us: 10, first_failed_end_us: 20 }));
        assert_eq!(tracker.failed(30, 40, "no answer in time"), None);
        let back = Event::LinkBack {
            first_failed_start_us: 10,
            first_failed_end_us: 20,
            last_failed_start_us: 50,
            last_failed_end_us: 55,
            attempts: 3,
            error: "no answer until another attempt was answered".into(),
        };
        assert_eq!(tracker.answered(55, &[50]), Some(back));
        assert_eq!(tracker.outage(), None);
    }
}
