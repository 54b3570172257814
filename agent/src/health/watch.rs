//! Dark, covered, frozen: decided look by look from what was measured.

use super::hysteresis::{Change, Hysteresis};
use super::picture::Measure;
use invigil_format::Condition;

/// A picture is dark while a twentieth of it does not reach this luma (black is 16) ...
pub const DARK: f32 = 36.0;
/// ... and stays dark until it reaches this.
pub const DARK_ENDS: f32 = 46.0;
/// A light picture is covered while its detail is less than this (an ordinary one has 10 to 30) ...
pub const COVERED: f32 = 2.0;
/// ... and stays so until it has this.
pub const COVERED_ENDS: f32 = 3.0;
/// A picture is the one before when no more than this share of its cells differs: a clock that the camera draws into a frozen picture changes fewer,
/// a sensor's noise nearly all.
pub const FROZEN: f32 = 0.02;
/// How long dark or covered must last, and how long it must be over, us.
pub const DARK_US: (u64, u64) = (5_000_000, 3_000_000);
/// The same for frozen: longer than the distance of key frames of cameras that send only what changes.
pub const FROZEN_US: (u64, u64) = (15_000_000, 2_000_000);
/// Without a picture for this long nothing is said of the camera's picture any more (its loss is said elsewhere), us.
pub const OUT_OF_SIGHT_US: u64 = 25_000_000;

/// One camera's states.
#[derive(Debug, Clone)]
pub struct Watch {
    dark: Hysteresis,
    covered: Hysteresis,
    frozen: Hysteresis,
    last_us: Option<u64>,
}

impl Default for Watch {
    fn default() -> Self {
        Self {
            dark: Hysteresis::new(DARK_US.0, DARK_US.1),
            covered: Hysteresis::new(DARK_US.0, DARK_US.1),
            frozen: Hysteresis::new(FROZEN_US.0, FROZEN_US.1),
            last_us: None,
        }
    }
}

impl Watch {
    /// A look at the picture of `at_us`.
    pub fn look(&mut self, at_us: u64, measure: Measure) -> Vec<(Condition, Change)> {
        let mut changes = self.idle(at_us);
        let dark = measure.light < if self.dark.is_on() { DARK_ENDS } else { DARK };
        // In the dark nothing can be said of what is before the lens.
        let covered = !dark && measure.detail < if self.covered.is_on() { COVERED_ENDS } else { COVERED };
        let frozen = !dark && measure.changed.is_some_and(|changed| changed <= FROZEN);
        let since_us = self.last_us.replace(at_us).unwrap_or(at_us);
        changes.extend(self.dark.look(at_us, dark.then_some(at_us)).map(|change| (Condition::Dark, change)));
        changes.extend(self.covered.look(at_us, covered.then_some(at_us)).map(|change| (Condition::Covered, change)));
        changes.extend(self.frozen.look(at_us, frozen.then_some(since_us)).map(|change| (Condition::Frozen, change)));
        changes
    }

    /// No picture at `now_us`.
    pub fn idle(&mut self, now_us: u64) -> Vec<(Condition, Change)> {
        let Some(last_us) = self.last_us.filter(|last_us| now_us.saturating_sub(*last_us) > OUT_OF_SIGHT_US) else { return Vec::new() };
        self.last_us = None;
        let states = [(Condition::Dark, &mut self.dark), (Condition::Covered, &mut self.covered), (Condition::Frozen, &mut self.frozen)];
        states.into_iter().filter_map(|(condition, state)| Some((condition, state.lose_sight(last_us)?))).collect()
    }
}
