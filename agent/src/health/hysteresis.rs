//! When a state begins and ends: not at the first odd look, and not at the first good one.

/// A state began or ended; boot times in us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It has been so since then.
    Began {
        /// First look that showed it.
        since_us: u64,
    },
    /// It is over.
    Ended {
        /// First look that showed it.
        since_us: u64,
        /// First look that did not show it any more.
        until_us: u64,
    },
}

/// One state's hysteresis: it begins when all looks of `begin_us` show it (at least [`LOOKS`] of them) and ends when none of `end_us` does.
#[derive(Debug, Clone)]
pub struct Hysteresis {
    begin_us: u64,
    end_us: u64,
    state: State,
}

/// Fewest looks that begin a state: a camera of which one picture in ten seconds can be looked at is not judged by one.
pub const LOOKS: u32 = 3;

#[derive(Debug, Clone, Copy)]
enum State {
    Off,
    Suspected { since_us: u64, looks: u32 },
    On { since_us: u64, good_us: Option<u64> },
}

impl Hysteresis {
    /// Off. Both times in us.
    pub const fn new(begin_us: u64, end_us: u64) -> Self {
        Self { begin_us, end_us, state: State::Off }
    }

    /// Whether it is so now.
    pub fn is_on(&self) -> bool {
        matches!(self.state, State::On { .. })
    }

    /// A look at `at_us`; `shows_since_us` if it shows the state, from when on.
    pub fn look(&mut self, at_us: u64, shows_since_us: Option<u64>) -> Option<Change> {
        match (self.state, shows_since_us) {
            (State::Off, None) => {}
            (State::Off, Some(since_us)) => self.suspect(at_us, since_us, 1),
            (State::Suspected { .. }, None) => self.state = State::Off,
            (State::Suspected { since_us, looks }, Some(_)) => self.suspect(at_us, since_us, looks + 1),
            (State::On { since_us, .. }, Some(_)) => self.state = State::On { since_us, good_us: None },
            (State::On { since_us, good_us }, None) => {
                let until_us = good_us.unwrap_or(at_us);
                self.state = State::On { since_us, good_us: Some(until_us) };
                if at_us.saturating_sub(until_us) >= self.end_us {
                    self.state = State::Off;
                    return Some(Change::Ended { since_us, until_us });
                }
            }
        }
        match self.state {
            State::Suspected { since_us, looks } if looks >= LOOKS && at_us.saturating_sub(since_us) >= self.begin_us => {
                self.state = State::On { since_us, good_us: None };
                Some(Change::Began { since_us })
            }
            _ => None,
        }
    }

    /// Nothing can be seen any more since `at_us`: what was so ends there.
    pub fn lose_sight(&mut self, at_us: u64) -> Option<Change> {
        match std::mem::replace(&mut self.state, State::Off) {
            State::On { since_us, good_us } => Some(Change::Ended { since_us, until_us: good_us.unwrap_or(at_us).max(since_us) }),
            _ => None,
        }
    }

    fn suspect(&mut self, at_us: u64, since_us: u64, looks: u32) {
        self.state = State::Suspected { since_us: since_us.min(at_us), looks };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: u64 = 1_000_000;

    /// Looks once a second; returns the changes with the second at which they were said.
    fn looks(shown: &str) -> Vec<(u64, Change)> {
        let mut state = Hysteresis::new(5 * S, 2 * S);
        let look = |(second, shown): (u64, char)| {
            let at_us = second * S;
            state.look(at_us, (shown == 'x').then_some(at_us)).map(|change| (second, change))
        };
        (0..).zip(shown.chars()).filter_map(look).collect()
    }

    #[test]
    fn it_begins_after_its_time_and_ends_after_its_time_with_the_true_bounds() {
        assert_eq!(looks("..xxxxx.."), []);
        assert_eq!(looks(".xxx.xxxxx"), [], "one good look begins it anew");
        let (began, ended) = (Change::Began { since_us: 2 * S }, Change::Ended { since_us: 2 * S, until_us: 9 * S });
        assert_eq!(looks("..xxxxxxx..."), [(7, began), (11, ended)]);
        let ended = Change::Ended { since_us: 2 * S, until_us: 10 * S };
        assert_eq!(looks("..xxxxxx.x...."), [(7, began), (12, ended)], "one good look does not end it");
    }

    #[test]
    fn few_looks_begin_nothing_and_what_is_out_of_sight_is_over() {
        let mut state = Hysteresis::new(5 * S, 2 * S);
        assert_eq!(state.look(0, Some(0)), None);
        assert_eq!(state.look(9 * S, Some(9 * S)), None, "long enough, but two looks only");
        assert_eq!(state.look(18 * S, Some(18 * S)), Some(Change::Began { since_us: 0 }));
        assert!(state.is_on());
        assert_eq!(state.lose_sight(18 * S), Some(Change::Ended { since_us: 0, until_us: 18 * S }));
        assert_eq!((state.is_on(), state.lose_sight(19 * S)), (false, None));
    }
}
