//! How loud it is, and whether there is anything at all: pure, with times as arguments.
//!
//! A microphone that works is never still: its own noise moves the last bits of a sample however quiet the room is. One that is muted gives zeros.

use super::Block;
use crate::health::{Change, Hysteresis};

/// Samples that stay within this, of 2, for a second are no sound: two steps of 16 bits.
pub const NOTHING: f32 = 2.5 / 32_768.0;
/// How long that must last, and how long it must be over, us.
pub const SILENT_US: (u64, u64) = (5_000_000, 1_000_000);
/// Length of a look, us.
const LOOK_US: u64 = 1_000_000;
/// Without sound for this long nothing is said of it any more (its loss is said elsewhere), us.
const OUT_OF_HEARING_US: u64 = 10_000_000;

/// What was measured in about a second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Look {
    /// Its end, boot time, us.
    pub at_us: u64,
    /// Highest less lowest sample, of 2.
    pub range: f32,
    /// Root of the mean square without the mean, relative to a full-scale square wave, dB; -120 at least.
    pub level_db: f32,
    /// Share of samples (0 to 1) at the end of the range, where sound is cut off.
    pub clipped: f32,
}

/// Gathers looks from blocks.
#[derive(Debug, Clone, Default)]
pub struct Meter {
    count: u32,
    length_us: u64,
    lowest: f32,
    highest: f32,
    sum: f64,
    squares: f64,
    clipped: u32,
}

impl Meter {
    /// Takes a block in; a look when a second is full.
    pub fn take(&mut self, block: &Block) -> Option<Look> {
        if self.count == 0 {
            (self.lowest, self.highest) = (f32::MAX, f32::MIN);
        }
        for sample in &block.samples {
            self.lowest = self.lowest.min(*sample);
            self.highest = self.highest.max(*sample);
            self.sum += f64::from(*sample);
            self.squares += f64::from(*sample) * f64::from(*sample);
            self.clipped += u32::from(sample.abs() >= 0.999);
        }
        self.count += u32::try_from(block.samples.len()).unwrap_or(0);
        self.length_us += block.length_us();
        if self.count == 0 || self.length_us < LOOK_US {
            return None;
        }
        let Self { count, lowest, highest, sum, squares, clipped, .. } = std::mem::take(self);
        let mean = sum / f64::from(count);
        let power = (squares / f64::from(count) - mean * mean).max(1e-12);
        let at_us = block.boottime_us + block.length_us();
        Some(Look { at_us, range: highest - lowest, level_db: (10.0 * power.log10()) as f32, clipped: clipped as f32 / count as f32 })
    }
}

/// Whether a microphone is silent.
#[derive(Debug, Clone)]
pub struct Silence {
    state: Hysteresis,
    last_us: Option<u64>,
}

impl Default for Silence {
    fn default() -> Self {
        Self { state: Hysteresis::new(SILENT_US.0, SILENT_US.1), last_us: None }
    }
}

impl Silence {
    /// A look.
    pub fn look(&mut self, look: &Look) -> Option<Change> {
        let since_us = self.last_us.replace(look.at_us).unwrap_or(look.at_us.saturating_sub(LOOK_US));
        self.state.look(look.at_us, (look.range <= NOTHING).then_some(since_us))
    }

    /// No sound at `now_us`.
    pub fn idle(&mut self, now_us: u64) -> Option<Change> {
        let last_us = self.last_us.filter(|last_us| now_us.saturating_sub(*last_us) > OUT_OF_HEARING_US)?;
        self.last_us = None;
        self.state.lose_sight(last_us)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Noise;

    /// Looks at `secs` of what `value` gives for each sample's time, s.
    fn looks(secs: u64, mut value: impl FnMut(f64) -> f64) -> Vec<Look> {
        let mut meter = Meter::default();
        let mut block = |i: u64| {
            let samples = (0..1600).map(|k| value((i * 1600 + k) as f64 / 16_000.0) as f32).collect();
            meter.take(&Block { boottime_us: 1_000_000 + i * 100_000, rate: 16_000, samples, anew: false })
        };
        (0..secs * 10).filter_map(&mut block).collect()
    }

    #[test]
    fn levels_are_those_of_known_sounds() {
        let tone = looks(2, |t| 0.5 * (t * 440.0 * std::f64::consts::TAU).sin() + 0.1);
        assert_eq!((tone.len(), tone[0].at_us), (2, 2_000_000));
        assert!((tone[0].level_db + 9.03).abs() < 0.1 && (tone[0].range - 1.0).abs() < 0.01 && tone[0].clipped == 0.0, "{tone:?}");
        let loud = looks(1, |t| (4.0 * (t * 440.0 * std::f64::consts::TAU).sin()).clamp(-1.0, 1.0));
        assert!(loud[0].clipped > 0.5 && looks(1, |_| 0.0)[0].level_db <= -119.0);
    }

    #[test]
    fn a_muted_microphone_is_silent_after_five_seconds_and_a_quiet_room_never_is() {
        let mut noise = Noise::new(3);
        let quantised = |value: f64| (value * 32_768.0).round() / 32_768.0;
        // The noise of a good microphone at a low gain: a few steps of 16 bits.
        let quiet = looks(600, |_| quantised(noise.between(-1.0, 1.0) * 3.0 / 32_768.0));
        let mut silence = Silence::default();
        assert!(quiet.iter().all(|look| silence.look(look).is_none()));
        let changes = |value: &mut dyn FnMut(f64) -> f64| {
            let mut silence = Silence::default();
            looks(30, value).iter().filter_map(|look| silence.look(look)).collect::<Vec<_>>()
        };
        // Muted from the 10th to the 20th second, with a constant offset.
        let mut muted = |t: f64| if (10.0..20.0).contains(&t) { 0.01 } else { noise.between(-0.001, 0.001) };
        let told = changes(&mut muted);
        assert_eq!(told.len(), 2, "{told:?}");
        assert_eq!(told[0], Change::Began { since_us: 11_000_000 });
        assert!(matches!(told[1], Change::Ended { since_us: 11_000_000, until_us: 22_000_000 }), "{told:?}");
        // Four seconds are none; from the start on they are.
        assert!(changes(&mut |t| if (10.0..14.0).contains(&t) { 0.0 } else { 0.1 * (t * 1000.0).sin() }).is_empty());
        assert_eq!(changes(&mut |_| 0.0), [Change::Began { since_us: 1_000_000 }]);
    }

    #[test]
    fn a_microphone_that_is_gone_is_not_called_silent() {
        let mut silence = Silence::default();
        let begun = looks(10, |_| 0.0).iter().filter(|look| silence.look(look).is_some()).count();
        assert_eq!(begun, 1);
        assert_eq!(silence.idle(12_000_000), None);
        assert_eq!(silence.idle(22_000_000), Some(Change::Ended { since_us: 1_000_000, until_us: 11_000_000 }));
        assert_eq!(silence.idle(40_000_000), None);
    }
}
