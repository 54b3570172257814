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

/// Failed heartbeats in a row after which the server's next address is tried.
const FAILURES: u32 = 2;

/// Whose turn it is among the addresses of a server.
#[derive(Debug)]
pub struct Turn {
    /// The address in use, by its number, and how often it failed in a row.
    current: usize,
    failed: u32,
    /// The one that answered last.
    answered: usize,
}

impl Turn {
    /// With the address in use.
    pub fn new(current: usize) -> Self {
        Self { current, failed: 0, answered: current }
    }

    /// An attempt at an address failed: the number of the one to use now, if that changes.
    pub fn failed(&mut self, at: usize, addresses: usize) -> Option<usize> {
        // Attempts overlap: what fails at an address that is not in use any more says nothing new.
        if at != self.current || addresses < 2 {
            return None;
        }
        self.failed += 1;
        if self.failed < FAILURES {
            return None;
        }
        (self.current, self.failed) = ((self.current + 1) % addresses, 0);
        Some(self.current)
    }

    /// An attempt was answered: whether the agent goes on with another address than before.
    pub fn answered(&mut self, at: usize) -> bool {
        (self.current, self.failed) = (at, 0);
        std::mem::replace(&mut self.answered, at) != at
    }
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
    use super::super::{INTERVAL, RETRY, patience};
    use super::*;
    use proptest::prelude::*;
    use std::time::Duration;

    /// Plays the schedule of [`super::super::beat`] against a network that is away from `cut` to `back` (us). `revived` says whether TCP brings what
    /// was under way as soon as the link is back, or only a fresh attempt (three round trips) does. Returns upper and lower bound of the outage.
    fn play(cut: u64, back: u64, round_trip: u64, revived: bool) -> (u64, u64) {
        let (interval, retry) = (INTERVAL.as_micros() as u64, RETRY.as_micros() as u64);
        let patience = patience(Duration::from_micros(round_trip)).as_micros() as u64;
        let last_answered = (cut - round_trip) / interval * interval;
        let contact_before = last_answered + round_trip / 2;
        let first = last_answered + interval;
        if first >= back {
            return (first + round_trip / 2 - contact_before, 0);
        }
        let fresh = first + (back - first).div_ceil(retry) * retry;
        let (answered, contact_after) = if revived {
            (back + round_trip, back + round_trip / 2)
        } else {
            (fresh + 3 * round_trip, fresh + 2 * round_trip + round_trip / 2)
        };
        let mut tracker = Tracker::default();
        for start in (first..=fresh).step_by(retry as usize).filter(|start| start + patience <= answered) {
            tracker.failed(start, start + patience, "no answer in time");
        }
        match tracker.answered() {
            Some(Event::LinkBack { first_failed_end_us, last_failed_start_us, .. }) => {
                (contact_after - contact_before, last_failed_start_us.saturating_sub(first_failed_end_us))
            }
            _ => (contact_after - contact_before, 0),
        }
    }

    proptest! {
        #[test]
        fn bounds_enclose_the_truth_and_lie_at_most_7_s_apart(
            cut in 10_000_000_u64..20_000_000, length in 1_u64..900_000_000, round_trip in 1_000_u64..300_000, revived: bool
        ) {
            let (upper, lower) = play(cut, cut + length, round_trip, revived);
            prop_assert!(upper + round_trip >= length && lower <= length, "{lower} <= {length} <= {upper}");
            prop_assert!(upper - lower <= 7_000_000, "{lower} to {upper}");
        }
    }

    #[test]
    fn after_two_failures_the_next_address_is_tried_and_only_an_answer_makes_it_the_agents() {
        let mut turn = Turn::new(0);
        assert_eq!([turn.failed(0, 3), turn.failed(0, 3), turn.failed(0, 3)], [None, Some(1), None], "the third was under way before");
        assert_eq!([turn.failed(1, 3), turn.failed(1, 3)], [None, Some(2)]);
        assert!(turn.answered(1), "a late answer counts");
        assert_eq!(turn.failed(1, 3), None);
        assert!(!turn.answered(1));
        assert_eq!([turn.failed(1, 3), turn.failed(1, 3), turn.failed(2, 3), turn.failed(2, 3)], [None, Some(2), None, Some(0)]);
        assert_eq!([turn.failed(0, 1), turn.failed(0, 1)], [None, None], "there is no other");
        assert!(turn.answered(0));
    }

    #[test]
    fn only_the_first_failure_is_an_event_and_the_return_has_all_bounds() {
        let mut tracker = Tracker::default();
        assert_eq!(tracker.answered(), None);
        assert_eq!(tracker.failed(10, 20, "refused"), Some(Event::LinkLost { first_failed_start_us: 10, first_failed_end_us: 20 }));
        assert_eq!(tracker.failed(30, 40, "no answer in time"), None);
        let back = Event::LinkBack {
            first_failed_start_us: 10,
            first_failed_end_us: 20,
            last_failed_start_us: 30,
            last_failed_end_us: 40,
            attempts: 2,
            error: "no answer in time".into(),
        };
        assert_eq!(tracker.answered(), Some(back));
        assert_eq!(tracker.outage(), None);
    }
}
