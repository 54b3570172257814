//! When the microphone's samples were heard, on this machine's boot clock: pure, with times as arguments.
//!
//! A device counts samples by a clock of its own, which may be wrong by a thousandth; when a block was heard is known with some jitter. The middle of what
//! the newest blocks say is believed ([`Clock`]), and the track is stretched a little so that it stays there ([`Servo`]).

use crate::segment::opus::TIMESCALE;
use std::collections::VecDeque;

/// Blocks that count, us: one a fifth of a second makes twenty of them.
const WINDOW_US: f64 = 4_000_000.0;
/// About so many of these are looked at: of short blocks not each.
const MOST: f64 = 64.0;
/// A block that is further away from where it is expected was not the next one, us.
const STEP_US: f64 = 80_000.0;
/// The servo's time constant, s, and what it learns of the device's clock.
const CATCH_UP_SECS: f64 = 10.0;
/// Most that the track is stretched for good and at all: nobody hears three thousandths.
const MOST_DRIFT: f64 = 0.002;
const MOST_STRETCH: f64 = 0.003;

/// Where a stream of samples stands on the boot clock.
#[derive(Debug, Clone)]
pub struct Clock {
    rate: f64,
    /// Frames so far.
    frames: u64,
    /// Of the newest blocks: number of the first frame, and boot time of frame 0 as this block has it, us.
    zeros: VecDeque<(u64, f64)>,
    zero_us: f64,
}

impl Clock {
    /// Of a device with so many samples a second.
    pub fn new(rate: u32) -> Self {
        Self { rate: f64::from(rate.max(1)), frames: 0, zeros: VecDeque::new(), zero_us: 0.0 }
    }

    /// The next block, whose first frame was heard at `boottime_us`.
    pub fn heard(&mut self, boottime_us: u64, frames: usize) {
        let (first, window) = (self.frames, WINDOW_US / 1e6 * self.rate);
        self.frames += frames as u64;
        if self.zeros.back().is_some_and(|(last, _)| ((first - last) as f64) < window / MOST) {
            return;
        }
        self.zeros.push_back((first, boottime_us as f64 - self.length_us(first)));
        while self.zeros.front().is_some_and(|(oldest, _)| (first - oldest) as f64 > window) {
            self.zeros.pop_front();
        }
        let mut sorted: Vec<f64> = self.zeros.iter().map(|(_, zero)| *zero).collect();
        sorted.sort_unstable_by(f64::total_cmp);
        self.zero_us = (sorted[(sorted.len() - 1) / 2] + sorted[sorted.len() / 2]) / 2.0;
    }

    /// A block whose time is not believed.
    pub fn passed(&mut self, frames: usize) {
        self.frames += frames as u64;
    }

    /// Boot time of a frame, us.
    pub fn time_of(&self, frame: u64) -> f64 {
        self.zero_us + self.length_us(frame)
    }

    /// How much later a block was heard, at `boottime_us`, than what follows `ahead` frames after the last one that was counted, us.
    pub fn off_us(&self, boottime_us: u64, ahead: u64) -> f64 {
        boottime_us as f64 - self.time_of(self.frames + ahead)
    }

    /// Whether that is so much that it cannot be what follows.
    pub fn is_off(&self, boottime_us: u64, ahead: u64) -> bool {
        self.off_us(boottime_us, ahead).abs() > STEP_US
    }

    fn length_us(&self, frames: u64) -> f64 {
        frames as f64 * 1e6 / self.rate
    }
}

/// How much the track is stretched.
#[derive(Debug, Clone, Copy, Default)]
pub struct Servo {
    drift: f64,
}

impl Servo {
    /// The track ends `late_us` before the samples that it was made of do; since the last call `secs` of it were made. Gives how many samples are to be made
    /// of one from now on, around 1.
    pub fn stretch(&mut self, late_us: f64, secs: f64) -> f64 {
        let late = late_us / 1e6;
        self.drift = (self.drift + late * secs / (4.0 * CATCH_UP_SECS * CATCH_UP_SECS)).clamp(-MOST_DRIFT, MOST_DRIFT);
        1.0 + (self.drift + late / CATCH_UP_SECS).clamp(-MOST_STRETCH, MOST_STRETCH)
    }
}

/// What was made of a stream of samples so far: of frames by the device's clock, samples of the track.
#[derive(Debug, Clone)]
pub struct Course {
    rate: f64,
    /// Frames that were taken, and samples made of them.
    taken: u64,
    made: u64,
    /// Boot time of the first sample, us, and by how much samples come out later than they went in.
    anchor_us: f64,
    delay_us: f64,
    late_us: f64,
}

impl Course {
    /// Begins with a frame of the stream.
    pub fn new(clock: &Clock, rate: u32, first: u64, delay_us: f64) -> Self {
        Self { rate: f64::from(rate.max(1)), taken: first, made: 0, anchor_us: clock.time_of(first), delay_us, late_us: 0.0 }
    }

    /// Boot time of the first sample, us.
    pub fn anchor_us(&self) -> f64 {
        self.anchor_us
    }

    /// Samples so far.
    pub fn made(&self) -> u64 {
        self.made
    }

    /// The next `taken` frames became `made` samples. Gives how much what follows is to be stretched.
    pub fn advance(&mut self, clock: &Clock, servo: &mut Servo, taken: u64, made: u64) -> f64 {
        (self.taken, self.made) = (self.taken + taken, self.made + made);
        self.late_us = clock.time_of(self.taken) - self.delay_us - self.end_us();
        servo.stretch(self.late_us, taken as f64 / self.rate)
    }

    /// By how much the track ended before its samples did when this was looked at last, us.
    pub fn late_us(&self) -> f64 {
        self.late_us
    }

    /// Boot time of the last sample's end, us.
    fn end_us(&self) -> f64 {
        self.anchor_us + self.made as f64 * 1e6 / f64::from(TIMESCALE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Noise;

    /// A device whose clock is wrong by `ppm`, in blocks of `block` frames, for so long: error of the track's end against the true time of the same sound,
    /// us, after each block; and greatest change of pitch from one block to the next after the first.
    fn errors(secs: f64, (rate, block): (u32, usize), ppm: f64, jitter: impl Fn(&mut Noise) -> f64) -> (Vec<f64>, f64) {
        let (mut clock, mut servo, mut noise) = (Clock::new(rate), Servo::default(), Noise::new(ppm as u64 ^ 7));
        let true_length = |frames: u64| frames as f64 * 1e6 / (f64::from(rate) * (1.0 + ppm / 1e6));
        let (begun_us, mut frames, mut stretch, mut rest): (f64, u64, f64, f64) = (5e9, 0, 1.0, 0.0);
        let (mut errors, mut bend): (Vec<f64>, f64) = (Vec::new(), 0.0);
        let mut course = None;
        let chunk = u64::from(rate / 100);
        while true_length(frames) < secs * 1e6 {
            let at_us = begun_us + true_length(frames) + jitter(&mut noise);
            assert!(frames == 0 || !clock.is_off(at_us as u64, 0), "frame {frames}");
            clock.heard(at_us as u64, block);
            let course = course.get_or_insert_with(|| Course::new(&clock, rate, 0, 0.0));
            let before = stretch;
            for _ in 0..block as u64 / chunk {
                // What a resampler gives for a chunk: whole samples, the rest with the next one.
                let samples = chunk as f64 * 48_000.0 / f64::from(rate) * stretch + rest;
                rest = samples.fract();
                stretch = course.advance(&clock, &mut servo, chunk, samples as u64);
            }
            frames += block as u64;
            if frames > 20 * block as u64 {
                bend = bend.max((stretch - before).abs());
            }
            errors.push(course.end_us() - begun_us - true_length(frames));
        }
        (errors, bend)
    }

    fn three_hours(device: (u32, usize), ppm: f64, jitter: impl Fn(&mut Noise) -> f64) -> (f64, f64) {
        let (errors, bend) = errors(3.0 * 3600.0, device, ppm, jitter);
        (errors.into_iter().map(f64::abs).fold(0.0, f64::max), bend)
    }

    #[test]
    fn a_devices_error_is_learnt_equally_fast_whatever_its_rate() {
        for rate in [8_000, 16_000, 44_100, 48_000, 96_000, 192_000] {
            let (errors, _) = errors(400.0, (rate, rate as usize / 5), 1000.0, |_| 0.0);
            let (then, last) = (errors[150 * 5], errors[errors.len() - 1]);
            assert!((then - last).abs() < 1_000.0, "{rate}: {then} us off after 150 s, {last} us in the end");
        }
    }

    #[test]
    fn a_wrong_clock_is_followed_for_three_hours_within_forty_milliseconds() {
        let even = |noise: &mut Noise| noise.between(-8_000.0, 8_000.0);
        // Now and then a block is seen late, because the machine was busy.
        let late = |noise: &mut Noise| noise.between(0.0, 3_000.0) + if noise.between(0.0, 1.0) < 0.05 { 70_000.0 } else { 0.0 };
        for ppm in [-1000.0, 1000.0] {
            for (rate, block) in [(48_000, 9600), (44_100, 4410), (16_000, 1600)] {
                for (error, bend) in [three_hours((rate, block), ppm, even), three_hours((rate, block), ppm, late)] {
                    eprintln!("{ppm} ppm at {rate} Hz: greatest error {:.1} ms", error / 1000.0);
                    assert!(error <= 40_000.0 && bend <= 0.001, "{ppm} ppm at {rate} Hz: error {error} us, bend {bend}");
                }
            }
        }
    }

    #[test]
    fn what_is_lost_shows_as_a_step_and_one_late_block_does_not_move_the_clock() {
        let mut clock = Clock::new(48_000);
        for i in 0..50 {
            clock.heard(1_000_000 + i * 100_000, 4800);
        }
        assert!(!clock.is_off(6_000_000, 0) && !clock.is_off(6_200_000, 9600));
        assert!(clock.is_off(6_090_000, 0) && clock.is_off(5_910_000, 0));
        clock.heard(6_070_000, 4800);
        assert!((clock.time_of(0) - 1_000_000.0).abs() < 1.0);
    }
}
