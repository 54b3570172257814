//! Sound on the run's time line: 48 kHz by the boot clock, whatever the device's own clock and rate are.

use super::Block;
use super::clock::{Clock, Course, Servo};
use crate::segment::opus::{TIMESCALE, ticks};
use rubato::audioadapter_buffers::direct::InterleavedSlice;
use rubato::{Adjustable as _, Async, FixedAsync, Resampler as _, SincInterpolationParameters, SincInterpolationType, WindowFunction};

/// What must have been heard before its place is decided, us and blocks.
const BEGIN_US: u64 = 350_000;
/// Blocks that all stand elsewhere for so long are not late ones any more, us: something is missing before them. The driver's own word counts at once.
const STEP_US: u64 = 500_000;
const FEWEST: usize = 3;
/// A track that is further from its time than this is placed anew, us: the device's clock is worse than stretching mends, or it loses sound without a word.
const ASTRAY_US: f64 = 60_000.0;
/// Most that the resampler's ratio is ever changed; the servo asks for less.
const MOST_CHANGE: f64 = 1.02;

/// Sound without gap.
#[derive(Debug, Clone, PartialEq)]
pub struct Stretch {
    /// When its first sample was heard, ticks of 48 kHz after the run's origin.
    pub tick: u64,
    /// At 48 kHz.
    pub samples: Vec<f32>,
}

/// Puts blocks on the time line.
pub struct Line {
    origin_us: u64,
    rate: u32,
    flow: Option<Flow>,
    /// Blocks whose place is not decided yet.
    waiting: Vec<Block>,
    servo: Servo,
}

/// Blocks that follow one another.
struct Flow {
    clock: Clock,
    resampler: Async<f32>,
    chunk: usize,
    input: Vec<f32>,
    /// Samples that the resampler has still to give before the first that counts; its delay.
    lead: usize,
    delay_us: f64,
    course: Course,
    /// Tick of the first sample.
    anchor: u64,
}

impl Line {
    /// `origin_us` is the boot time of media time zero.
    pub fn new(origin_us: u64) -> Self {
        Self { origin_us, rate: 0, flow: None, waiting: Vec::new(), servo: Servo::default() }
    }

    /// Forgets what came before: the next block is placed by its own time.
    pub fn restart(&mut self) {
        self.flow = None;
        self.waiting.clear();
    }

    /// What still waits, placed as well as can be told; then the same as [`Line::restart`].
    pub fn finish(&mut self) -> Vec<Stretch> {
        let ahead = |flow: &Flow, block: &Block| flow.clock.off_us(block.boottime_us, 0).abs() <= STEP_US as f64;
        let made = match (self.waiting.first(), self.flow.as_mut()) {
            (None, _) => None,
            // Seen late most likely, because they would have been taken for a step otherwise.
            (Some(first), Some(flow)) if ahead(flow, first) => {
                let mut made = Stretch { tick: flow.next_tick(), samples: Vec::new() };
                flow.input.extend(self.waiting.iter().flat_map(|late| &late.samples));
                flow.make(&mut self.servo, &mut made.samples);
                (!made.samples.is_empty()).then_some(made)
            }
            _ => self.begin(),
        };
        self.restart();
        made.into_iter().collect()
    }

    /// The next block; what it completes. Sound comes out about half a second late at the beginning, then at once.
    pub fn push(&mut self, block: Block) -> Vec<Stretch> {
        if block.samples.is_empty() {
            return Vec::new();
        }
        if block.boottime_us + block.length_us() <= self.origin_us {
            // What was heard before the run began belongs to no track.
            self.restart();
            return Vec::new();
        }
        let mut made = Vec::new();
        if block.anew || block.rate != self.rate {
            made = self.finish();
            if block.rate != self.rate {
                self.servo = Servo::default();
            }
        }
        self.rate = block.rate;
        made.extend(self.place(block));
        made
    }

    fn place(&mut self, block: Block) -> Option<Stretch> {
        if let Some(flow) = &mut self.flow {
            let ahead = self.waiting.iter().map(|block| block.samples.len() as u64).sum();
            if flow.clock.is_off(block.boottime_us, ahead) {
                self.waiting.push(block);
                if self.waiting.len() < FEWEST || self.waiting_us() < STEP_US {
                    return None;
                }
                self.flow = None;
            } else {
                // Those that waited were only seen late.
                let mut made = Stretch { tick: flow.next_tick(), samples: Vec::new() };
                for late in self.waiting.drain(..) {
                    flow.clock.passed(late.samples.len());
                    flow.input.extend(late.samples);
                }
                flow.clock.heard(block.boottime_us, block.samples.len());
                flow.input.extend(block.samples);
                flow.make(&mut self.servo, &mut made.samples);
                if flow.course.late_us().abs() > ASTRAY_US {
                    self.flow = None;
                }
                return (!made.samples.is_empty()).then_some(made);
            }
        } else {
            self.waiting.push(block);
        }
        if self.waiting.len() < FEWEST || self.waiting_us() < BEGIN_US {
            return None;
        }
        self.begin()
    }

    fn waiting_us(&self) -> u64 {
        self.waiting.iter().map(Block::length_us).sum()
    }

    fn begin(&mut self) -> Option<Stretch> {
        let blocks = std::mem::take(&mut self.waiting);
        let mut flow = Flow::new(self.rate)?;
        for block in blocks {
            flow.clock.heard(block.boottime_us, block.samples.len());
            flow.input.extend(block.samples);
        }
        let early = ((self.origin_us as f64 - flow.clock.time_of(0)) * f64::from(self.rate) / 1e6).ceil().max(0.0) as usize;
        let early = early.min(flow.input.len());
        flow.input.drain(..early);
        flow.course = Course::new(&flow.clock, self.rate, early as u64, flow.delay_us);
        flow.anchor = ticks((flow.course.anchor_us().max(0.0) as u64).saturating_sub(self.origin_us));
        let mut made = Stretch { tick: flow.anchor, samples: Vec::new() };
        flow.make(&mut self.servo, &mut made.samples);
        self.flow = Some(flow);
        (!made.samples.is_empty()).then_some(made)
    }
}

impl Flow {
    fn new(rate: u32) -> Option<Self> {
        let ratio = f64::from(TIMESCALE) / f64::from(rate.max(1));
        let chunk = (rate / 100).max(1) as usize;
        let filter = SincInterpolationParameters::new(64, WindowFunction::Blackman2)
            .oversampling_factor(128)
            .interpolation(SincInterpolationType::Linear);
        let resampler = Async::new_sinc(ratio, MOST_CHANGE, &filter, chunk, 1, FixedAsync::Input)
            .map_err(|error| tracing::error!(%error, rate, "sound of this rate cannot be converted"))
            .ok()?;
        let lead = resampler.output_delay();
        let delay_us = lead as f64 * 1e6 / f64::from(TIMESCALE);
        let clock = Clock::new(rate);
        let course = Course::new(&clock, rate, 0, delay_us);
        Some(Self { clock, resampler, chunk, input: Vec::new(), lead, delay_us, course, anchor: 0 })
    }

    /// Tick of the next sample.
    fn next_tick(&self) -> u64 {
        self.anchor + self.course.made()
    }

    /// Converts all whole chunks.
    fn make(&mut self, servo: &mut Servo, to: &mut Vec<f32>) {
        let mut out = vec![0.0; self.resampler.output_frames_max()];
        let mut at = 0;
        while let Some(input) = self.input.get(at..at + self.chunk) {
            let room = out.len();
            let converted = (|| {
                let input = InterleavedSlice::new(input, 1, self.chunk).ok()?;
                let mut output = InterleavedSlice::new_mut(&mut out, 1, room).ok()?;
                self.resampler.process_into_buffer(&input, &mut output, None).ok()
            })();
            let (_, given) = converted.unwrap_or((0, 0));
            at += self.chunk;
            let lead = self.lead.min(given);
            self.lead -= lead;
            to.extend_from_slice(&out[lead..given]);
            let stretch = self.course.advance(&self.clock, servo, self.chunk as u64, (given - lead) as u64);
            if let Err(error) = self.resampler.set_resample_ratio_relative(stretch, true) {
                tracing::debug!(%error, stretch, "the track was not stretched");
            }
        }
        self.input.drain(..at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Noise;
    use std::f64::consts::TAU;

    const ORIGIN: u64 = 3_000_000_000;

    /// A device at `rate` whose clock is wrong by `ppm` hears a tone of 1 kHz that pauses for 20 ms at each full second (a click each second would do, too).
    fn hear(line: &mut Line, rate: u32, ppm: f64, from_secs: f64, secs: f64, noise: &mut Noise) -> Vec<Stretch> {
        let true_rate = f64::from(rate) * (1.0 + ppm / 1e6);
        let block = rate as usize / 25;
        (0..(secs * 25.0) as usize)
            .flat_map(|i| {
                let time = |k: usize| from_secs + (i * block + k) as f64 / true_rate;
                let value = |t: f64| if t.fract() < 0.02 { 0.0 } else { 0.5 * (t * 1000.0 * TAU).sin() };
                let samples = (0..block).map(|k| value(time(k)) as f32).collect();
                let boottime_us = (ORIGIN as f64 + time(0) * 1e6 + noise.between(-4_000.0, 4_000.0)) as u64;
                line.push(Block { boottime_us, rate, samples, anew: i == 0 })
            })
            .collect()
    }

    /// Time of each pause's begin after the origin, s, where the tone has been on.
    fn pauses(stretches: &[Stretch]) -> Vec<f64> {
        let mut found = Vec::new();
        let mut quiet = 0;
        for stretch in stretches {
            for (i, sample) in stretch.samples.iter().enumerate() {
                quiet = if sample.abs() < 0.02 { quiet + 1 } else { 0 };
                if quiet == 480 {
                    found.push((stretch.tick as f64 + i as f64 - 480.0) / 48_000.0);
                }
            }
        }
        found
    }

    #[test]
    fn a_clock_that_no_stretching_follows_does_not_carry_the_sound_away() {
        for ppm in [8_000.0, -8_000.0] {
            let stretches = hear(&mut Line::new(ORIGIN), 48_000, ppm, 5.0, 120.0, &mut Noise::new(5));
            let pauses = pauses(&stretches);
            let error = pauses.iter().map(|at| (at - at.round()).abs()).fold(0.0, f64::max);
            assert!(pauses.len() >= 100 && error < 0.1, "{ppm} ppm: {} found, error {error} s", pauses.len());
        }
    }

    #[test]
    fn rates_are_converted_and_a_wrong_clock_does_not_move_the_sound() {
        for (rate, ppm) in [(48_000, 1000.0), (44_100, -1000.0), (16_000, 300.0), (96_000, 0.0)] {
            let mut line = Line::new(ORIGIN);
            let stretches = hear(&mut line, rate, ppm, 5.0, 40.0, &mut Noise::new(5));
            assert_eq!(stretches[0].tick.abs_diff(5 * 48_000) / 480, 0, "{rate}: begins at {}", stretches[0].tick);
            for pair in stretches.windows(2) {
                assert_eq!(pair[0].tick + pair[0].samples.len() as u64, pair[1].tick, "no gap");
            }
            let pauses = pauses(&stretches);
            assert!(pauses.len() >= 39, "{rate}: {pauses:?}");
            let error = pauses.iter().map(|at| (at - at.round()).abs()).fold(0.0, f64::max);
            assert!(error < 0.015, "{rate} Hz, {ppm} ppm: error {error} s");
            // The tone stays the same tone, without clicks: no sample is further from the last than a sine of 1 kHz goes, but at the pauses.
            let all: Vec<f32> = stretches.iter().flat_map(|stretch| stretch.samples.clone()).collect();
            let jumps = all.windows(2).filter(|pair| (pair[1] - pair[0]).abs() > 0.1).count();
            assert_eq!(jumps, 0, "{rate}");
        }
    }

    #[test]
    fn what_is_missing_becomes_a_gap_and_late_blocks_none() {
        let (mut line, mut noise) = (Line::new(ORIGIN), Noise::new(9));
        let mut stretches = hear(&mut line, 48_000, 100.0, 1.0, 10.0, &mut noise);
        let late = |from: f64, delay_us: u64, anew| {
            let samples = vec![0.1; 1920];
            Block { boottime_us: ORIGIN + (from * 1e6) as u64 + delay_us, rate: 48_000, samples, anew }
        };
        // Two blocks are seen 300 ms late, the next one is on time: nothing was missing.
        for (i, delay_us) in [300_000, 260_000, 0].into_iter().enumerate() {
            stretches.extend(line.push(late(11.0 - 0.001 + i as f64 * 0.04, delay_us, false)));
        }
        let ends = |stretches: &[Stretch]| stretches.last().map(|last| last.tick + last.samples.len() as u64).unwrap();
        assert!(ends(&stretches).abs_diff((11.12 * 48_000.0) as u64) < 1000, "{}", ends(&stretches));
        // From here on two seconds are missing.
        let before = ends(&stretches);
        let after: Vec<Stretch> = (0..20).flat_map(|i| line.push(late(13.12 + f64::from(i) * 0.04, 0, false))).collect();
        assert!(after[0].tick.abs_diff((13.12 * 48_000.0) as u64) < 100, "{} after {before}", after[0].tick);
        // The driver says that something is missing: at once, however little.
        let again: Vec<Stretch> = (0..20).flat_map(|i| line.push(late(14.0 + f64::from(i) * 0.04, 0, i == 0))).collect();
        assert!(again[0].tick.abs_diff(14 * 48_000) < 100, "{}", again[0].tick);
    }

    #[test]
    fn what_was_heard_before_the_run_is_left_out() {
        let mut line = Line::new(ORIGIN);
        let stretches: Vec<Stretch> = (0..40)
            .flat_map(|i| {
                let samples = vec![0.1; 4800];
                line.push(Block { boottime_us: ORIGIN - 900_000 + i * 100_000, rate: 48_000, samples, anew: i == 0 })
            })
            .collect();
        assert!(stretches[0].tick < 10, "{}", stretches[0].tick);
        let last = stretches.last().unwrap();
        assert!((last.tick + last.samples.len() as u64).abs_diff((3.1 * 48_000.0) as u64) < 1500);
    }

    #[test]
    fn sound_whose_place_was_not_decided_yet_is_kept_when_the_driver_begins_anew() {
        let block = |at_ms: u64, anew| Block { boottime_us: ORIGIN + at_ms * 1000, rate: 48_000, samples: vec![0.1; 9600], anew };
        let stretches = |line: &mut Line, blocks: &[(u64, bool)]| -> Vec<(u64, u64)> {
            let made = blocks.iter().flat_map(|(at_ms, anew)| line.push(block(*at_ms, *anew))).collect::<Vec<_>>();
            made.into_iter().chain(line.finish()).map(|made| (made.tick / 48, (made.tick + made.samples.len() as u64) / 48)).collect()
        };
        let near = |found: Option<&(u64, u64)>, expected: (u64, u64)| {
            let found = *found.unwrap();
            assert!(found.0.abs_diff(expected.0) <= 15 && found.1.abs_diff(expected.1) <= 15, "{found:?} for {expected:?}");
        };
        // Anew after every second block: none has been placed by then.
        let made = stretches(&mut Line::new(ORIGIN), &[(1000, true), (1200, false), (2000, true), (2200, false), (3000, true)]);
        near(made.first(), (1000, 1400));
        near(made.get(1), (2000, 2400));
        near(made.get(2), (3000, 3200));
        // Begun, then two seen late: they follow. Two that stand seconds later: they do not.
        let begun = [(1000, true), (1200, false), (1400, false), (1600, false)];
        let made = stretches(&mut Line::new(ORIGIN), &[&begun[..], &[(2000, false), (2150, false), (9000, true)]].concat());
        near(Some(&(made[0].0, made[made.len() - 2].1)), (1000, 2200));
        near(made.last(), (9000, 9200));
        let made = stretches(&mut Line::new(ORIGIN), &[&begun[..], &[(5000, false), (5200, false), (9000, true)]].concat());
        near(made.get(made.len() - 2), (5000, 5400));
        near(made.last(), (9000, 9200));
    }
}
