//! The rule for a thin link: how much of the picture rate it bears, by how far live footage is behind. Pure: facts and time are arguments.

use crate::rate::Level;

/// Live footage that is further behind than this does not get through, us.
const BEHIND_US: u64 = 4_500_000;
/// Nearer than this it does, us.
const NEAR_US: u64 = 3_500_000;
/// How long it has to be behind, and what a step has to show its effect, us.
const LOWER_US: u64 = 2_000_000;
const EFFECT_US: u64 = 5_000_000;
/// How long it has to be near before the rate rises a step, us. Doubled each time that a step up did not hold, up to the second figure.
const RAISE_US: (u64, u64) = (20_000_000, 160_000_000);

/// What was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// Age of the oldest live footage that the server does not have, us.
    pub behind_us: u64,
    /// Heartbeats are answered, and not all live footage is refused. While that is not so there is nothing to learn.
    pub up: bool,
}

/// The decision, with its hysteresis.
#[derive(Debug, Clone)]
pub struct Thin {
    level: Level,
    changed_us: u64,
    /// Since when it has been behind, or near.
    behind_since_us: Option<u64>,
    near_since_us: Option<u64>,
    last_behind_us: u64,
    patience_us: u64,
    raised_us: Option<u64>,
}

impl Thin {
    /// At boot time `now_us`, with the whole rate.
    pub fn new(now_us: u64) -> Self {
        Self {
            level: Level::Full,
            changed_us: now_us,
            behind_since_us: None,
            near_since_us: None,
            last_behind_us: 0,
            patience_us: RAISE_US.0,
            raised_us: None,
        }
    }

    /// What is allowed now; never [`Level::Nothing`], because the spool takes what the link does not.
    pub fn decide(&mut self, facts: Facts, now_us: u64) -> Level {
        if !facts.up {
            (self.behind_since_us, self.near_since_us) = (None, None);
            return self.level;
        }
        let worse = facts.behind_us > self.last_behind_us;
        self.last_behind_us = facts.behind_us;
        let lasted = |since: &mut Option<u64>, holds: bool| {
            if !holds {
                *since = None;
                return 0;
            }
            now_us.saturating_sub(*since.get_or_insert(now_us))
        };
        let behind_us = lasted(&mut self.behind_since_us, facts.behind_us > BEHIND_US);
        let near_us = lasted(&mut self.near_since_us, facts.behind_us < NEAR_US);
        if behind_us >= LOWER_US && worse && now_us.saturating_sub(self.changed_us) >= EFFECT_US && self.level < Level::Few {
            if self.raised_us.take().is_some_and(|raised| now_us.saturating_sub(raised) < 2 * self.patience_us) {
                self.patience_us = (self.patience_us * 2).min(RAISE_US.1);
            }
            self.step(1, now_us);
        } else if near_us >= self.patience_us && self.level > Level::Full {
            self.step(-1, now_us);
            self.raised_us = Some(now_us);
        } else if near_us >= RAISE_US.1 {
            self.patience_us = RAISE_US.0;
        }
        self.level
    }

    fn step(&mut self, by: isize, now_us: u64) {
        let place = (self.level as usize).saturating_add_signed(by);
        self.level = Level::ALL.get(place).copied().unwrap_or(Level::Few).min(Level::Few);
        (self.changed_us, self.behind_since_us, self.near_since_us) = (now_us, None, None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::VecDeque;

    const SECOND: u64 = 1_000_000;

    /// A link that bears so many kbit/s, and footage of 20 kbit a picture, oldest first: looks each second, and returns how far it was behind at each,
    /// in seconds, and the level.
    fn play(thin: &mut Thin, from: u64, secs: u64, kbits: impl Fn(u64) -> u64) -> Vec<(u64, Level)> {
        let (mut waiting, mut looks, mut level) = (VecDeque::new(), Vec::new(), Level::Full);
        for second in from..from + secs {
            waiting.push_back((second, u64::from(level.fps(15)) * 20));
            let mut room = kbits(second);
            while let Some((_, kbit)) = waiting.front_mut() {
                let sent = room.min(*kbit);
                (*kbit, room) = (*kbit - sent, room - sent);
                if *kbit > 0 {
                    break;
                }
                waiting.pop_front();
            }
            let behind = waiting.front().map_or(1, |(since, _)| second - since + 1);
            level = thin.decide(Facts { behind_us: behind * SECOND, up: true }, second * SECOND);
            looks.push((behind, level));
        }
        looks
    }

    #[test]
    fn the_rate_falls_before_footage_is_ten_seconds_behind_and_comes_back() {
        let mut thin = Thin::new(0);
        let looks = play(&mut thin, 10, 1_000, |second| if (60..300).contains(&second) { 220 } else { 2_000 });
        assert_eq!(looks[40].1, Level::Full);
        let most = looks.iter().map(|(behind, _)| *behind).max().unwrap();
        assert!(most <= 10, "{most} s behind");
        let thin_part = &looks[60..290];
        let lowered = thin_part.iter().filter(|(_, level)| *level > Level::Full).count();
        assert!(lowered * 3 > thin_part.len() * 2, "lowered for {lowered} of {} s", thin_part.len());
        let few = thin_part.iter().filter(|(_, level)| *level == Level::Few).count();
        assert!(few * 5 < thin_part.len(), "2 pictures a second for {few} of {} s", thin_part.len());
        assert_eq!(looks.last().unwrap().1, Level::Full);
    }

    #[test]
    fn a_step_up_that_does_not_hold_is_tried_ever_less_often() {
        let mut thin = Thin::new(0);
        let looks = play(&mut thin, 10, 3_600, |_| 220);
        let raised = |part: &[(u64, Level)]| part.windows(2).filter(|pair| pair[1].1 < pair[0].1).count();
        let (first, last) = (raised(&looks[..600]), raised(&looks[3_000..]));
        assert!(first > last && (1..=6).contains(&last), "{first} times in the first ten minutes, {last} in the last");
        let most = looks.iter().map(|(behind, _)| *behind).max().unwrap();
        assert!(most <= 11, "{most} s behind");
    }

    #[test]
    fn while_heartbeats_are_not_answered_nothing_is_learned_and_the_last_step_is_two_pictures() {
        let mut thin = Thin::new(0);
        for second in 10..200 {
            assert_eq!(thin.decide(Facts { behind_us: second * SECOND, up: false }, second * SECOND), Level::Full);
        }
        for second in 200..300 {
            thin.decide(Facts { behind_us: second * SECOND, up: true }, second * SECOND);
        }
        assert_eq!(thin.level, Level::Few);
    }

    proptest! {
        #[test]
        fn steps_are_single_never_to_nothing_and_apart(looks in proptest::collection::vec((0_u64..30_000_000, any::<bool>()), 1..400)) {
            let mut thin = Thin::new(0);
            let (mut before, mut changed) = (Level::Full, 0);
            for (second, (behind_us, up)) in (10..).zip(looks) {
                let level = thin.decide(Facts { behind_us, up }, second * SECOND);
                prop_assert!(level < Level::Nothing && (level as i8 - before as i8).abs() <= 1);
                if level != before {
                    prop_assert!(second - changed >= 5);
                    changed = second;
                }
                before = level;
            }
        }
    }
}
