//! How much of its picture rate a track may use: it falls step by step while disk or link run short, and to nothing when no room is left.
//! Timestamps stay true, so another rate needs no new stream.

use crate::capture::{Frame, Pace, Picture};
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// Steps, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Level {
    /// What the policy asks for.
    #[default]
    Full,
    /// Two thirds of it: 10 pictures a second of 15.
    TwoThirds,
    /// A third: 5 of 15. A camera's own H.264 gives its key frames only, because its other pictures need one another.
    Third,
    /// 2 pictures a second.
    Few,
    /// Capture stands still.
    Nothing,
}

impl Level {
    /// All of them, best first.
    pub const ALL: [Self; 5] = [Self::Full, Self::TwoThirds, Self::Third, Self::Few, Self::Nothing];

    /// Pictures a second, where the policy asks for `full`.
    pub fn fps(self, full: u32) -> u32 {
        let fps = match self {
            Self::Full => full,
            Self::TwoThirds => (full * 2 / 3).max(2),
            Self::Third => (full / 3).max(2),
            Self::Few => 2,
            Self::Nothing => 0,
        };
        fps.min(full)
    }

    fn from_index(index: u8) -> Self {
        Self::ALL.get(usize::from(index)).copied().unwrap_or(Self::Nothing)
    }
}

/// What runs short.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// Room in the spool.
    Disk,
    /// The link to the server.
    Link,
}

/// What all tracks go by. The worst cause decides.
#[derive(Debug, Default)]
pub struct Rates {
    limits: [Limit; 2],
    failure: Mutex<Option<String>>,
    /// What the disk said when it failed last, and until when, boot time in us.
    failed: Mutex<Option<(String, u64)>>,
    stalled: AtomicUsize,
}

#[derive(Debug, Default)]
struct Limit {
    level: AtomicU8,
    reason: Mutex<String>,
}

impl Rates {
    /// Sets what a cause allows, and why for the journal and the person.
    pub fn set(&self, cause: Cause, level: Level, reason: &str) {
        let limit = &self.limits[cause as usize];
        reason.clone_into(&mut limit.reason.lock().unwrap_or_else(PoisonError::into_inner));
        limit.level.store(level as u8, Ordering::SeqCst);
    }

    /// What is allowed now.
    pub fn level(&self) -> Level {
        Level::from_index(self.limits.iter().map(|limit| limit.level.load(Ordering::SeqCst)).max().unwrap_or(0))
    }

    /// Why it is not everything; empty if it is.
    pub fn reason(&self) -> String {
        let worst = self.limits.iter().max_by_key(|limit| limit.level.load(Ordering::SeqCst));
        match worst {
            Some(limit) if limit.level.load(Ordering::SeqCst) > 0 => limit.reason.lock().unwrap_or_else(PoisonError::into_inner).clone(),
            _ => String::new(),
        }
    }

    /// The spool's disk fails (with what it says), or works again.
    pub fn disk_failed(&self, failure: Option<&str>) {
        let before = std::mem::replace(&mut *self.failure.lock().unwrap_or_else(PoisonError::into_inner), failure.map(str::to_owned));
        if let (Some(before), None) = (before, failure) {
            *self.failed.lock().unwrap_or_else(PoisonError::into_inner) = Some((before, invigil_clock::boottime_us()));
        }
    }

    /// What the spool's disk says while it fails.
    pub fn disk_failure(&self) -> Option<String> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What the spool's disk says if it fails, or said if it did at any time from `from_us` (boot time) on.
    pub fn disk_failure_since(&self, from_us: u64) -> Option<String> {
        let past = || self.failed.lock().unwrap_or_else(PoisonError::into_inner).clone();
        self.disk_failure().or_else(|| past().filter(|(_, until_us)| *until_us >= from_us).map(|(failure, _)| failure))
    }

    /// A track's footage waits for the disk, so that the track stands still; or does so no more.
    pub fn stall(&self, stalls: bool) {
        if stalls {
            self.stalled.fetch_add(1, Ordering::SeqCst);
        } else {
            self.stalled.fetch_sub(1, Ordering::SeqCst);
        }
    }

    /// Why capture stands still, if it does.
    pub fn paused(&self) -> Option<String> {
        if self.level() == Level::Nothing {
            Some(self.reason())
        } else if self.stalled.load(Ordering::SeqCst) > 0 {
            Some(self.stall_reason())
        } else {
            None
        }
    }

    /// Why tracks wait for the disk.
    pub fn stall_reason(&self) -> String {
        self.disk_failure().map_or_else(|| "the spool's disk is too slow".into(), |failure| format!("the spool's disk fails: {failure}"))
    }
}

/// What becomes of a track when [`Rates`] change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Fewer pictures a second.
    Lowered(u32),
    /// More of them.
    Raised(u32),
    /// None any more.
    Paused,
    /// Some again.
    Resumed,
}

/// Chooses the pictures of one track.
#[derive(Debug)]
pub struct Gate {
    full: u32,
    level: Level,
    /// Rate in force, and the last one that was not 0.
    fps: u32,
    journalled: u32,
    /// The camera gives more than the policy asks for: it was opened for another recording.
    thins: bool,
    pace: Option<Pace>,
    /// A picture of the camera's own H.264 was left out: the next one must be a key frame.
    need_key: bool,
}

impl Gate {
    /// At the policy's rate, of a camera that gives `given` pictures a second.
    pub fn new(full: u32, given: u32) -> Self {
        let thins = given > full;
        let pace = thins.then(|| Pace::new(full));
        Self { full, level: Level::Full, fps: full, journalled: full, thins, pace, need_key: false }
    }

    /// Takes over what is allowed now; tells what that changes for this kind of picture.
    pub fn follow(&mut self, level: Level, frame: &Frame) -> Vec<Change> {
        let fps = match &frame.picture {
            Picture::Raw(_) => level.fps(self.full),
            Picture::Encoded(_) if level <= Level::TwoThirds => self.full,
            Picture::Encoded(_) if level == Level::Nothing => 0,
            // Key frames: one a second or less.
            Picture::Encoded(_) => 1_u32.min(self.full),
        };
        self.level = level;
        let before = std::mem::replace(&mut self.fps, fps);
        if before == fps {
            return Vec::new();
        }
        self.pace = (fps < self.full || self.thins).then(|| Pace::new(fps));
        let mut changes = Vec::new();
        match (before, fps) {
            (_, 0) => return vec![Change::Paused],
            (0, _) => changes.push(Change::Resumed),
            _ => {}
        }
        let journalled = std::mem::replace(&mut self.journalled, fps);
        match fps.cmp(&journalled) {
            std::cmp::Ordering::Less => changes.push(Change::Lowered(fps)),
            std::cmp::Ordering::Greater => changes.push(Change::Raised(fps)),
            std::cmp::Ordering::Equal => {}
        }
        changes
    }

    /// Whether anything is recorded at this rate.
    pub fn records(&self) -> bool {
        self.fps > 0
    }

    /// Whether this picture is to be recorded.
    pub fn wants(&mut self, frame: &Frame) -> bool {
        match &frame.picture {
            _ if self.fps == 0 => {
                self.need_key = true;
                false
            }
            Picture::Raw(_) => self.pace.as_mut().is_none_or(|pace| pace.wants(frame.boottime_us)),
            Picture::Encoded(unit) => {
                let wanted = unit.key || (self.level <= Level::TwoThirds && !self.need_key);
                self.need_key = !wanted;
                wanted
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::Encoded;
    use std::sync::Arc;

    fn raw(at_us: u64) -> Frame {
        Frame { boottime_us: at_us, picture: Picture::Raw(ffmpeg_next::frame::Video::empty().into()) }
    }

    fn own(at_us: u64, key: bool) -> Frame {
        let unit =
            Encoded { data: Vec::new(), extradata: Arc::from([]), key, composition_us: 0, width: 2, height: 2, pixel_aspect: (1, 1) };
        Frame { boottime_us: at_us, picture: Picture::Encoded(unit) }
    }

    #[test]
    fn steps_of_the_policys_rate() {
        let fps = |full| Level::ALL.map(|level| level.fps(full));
        assert_eq!(fps(15), [15, 10, 5, 2, 0]);
        assert_eq!(fps(25), [25, 16, 8, 2, 0]);
        assert_eq!(fps(3), [3, 2, 2, 2, 0]);
        assert_eq!(fps(1), [1, 1, 1, 1, 0]);
    }

    #[test]
    fn the_rate_falls_rises_and_stops_and_each_change_is_told_once() {
        let mut gate = Gate::new(15, 15);
        let mut told = Vec::new();
        let mut kept = Vec::new();
        for (second, level) in
            (0_u64..).zip([Level::Full, Level::TwoThirds, Level::Third, Level::Few, Level::Nothing, Level::Few, Level::Full])
        {
            let mut count = 0;
            for i in 0..150 {
                let frame = raw(second * 10_000_000 + i * 66_667);
                told.extend(gate.follow(level, &frame));
                count += u32::from(gate.wants(&frame));
            }
            kept.push(count);
        }
        use Change::{Lowered, Paused, Raised, Resumed};
        assert_eq!(told, [Lowered(10), Lowered(5), Lowered(2), Paused, Resumed, Raised(15)]);
        for (count, expected) in kept.iter().zip([150_u32, 100, 50, 20, 0, 20, 150]) {
            assert!(count.abs_diff(expected) <= 2, "{kept:?}");
        }
        assert_eq!(gate.follow(Level::Nothing, &raw(0)), [Paused]);
        assert_eq!(gate.follow(Level::Few, &raw(0)), [Resumed, Lowered(2)]);
    }

    #[test]
    fn of_a_camera_that_was_opened_for_more_pictures_no_more_are_kept_than_were_asked_for() {
        let mut gate = Gate::new(10, 25);
        let mut kept = Vec::new();
        for (second, level) in (0_u64..).zip([Level::Full, Level::Third, Level::Full]) {
            let frames = (0..250).map(|i| raw(second * 10_000_000 + i * 40_000));
            kept.push(frames.filter(|frame| gate.follow(level, frame).len() < 9 && gate.wants(frame)).count());
        }
        for (count, expected) in kept.iter().zip([100_usize, 30, 100]) {
            assert!(count.abs_diff(expected) <= 2, "{kept:?}");
        }
        assert!(gate.wants(&own(0, true)) && gate.wants(&own(0, false)), "a camera's own H.264 is what it is");
    }

    #[test]
    fn a_cameras_own_h264_keeps_key_frames_only_and_goes_on_with_one() {
        let mut gate = Gate::new(25, 25);
        let mut play = |level, keys: &[bool]| -> Vec<bool> {
            keys.iter()
                .map(|key| {
                    let frame = own(0, *key);
                    gate.follow(level, &frame);
                    gate.wants(&frame)
                })
                .collect()
        };
        assert_eq!(play(Level::TwoThirds, &[true, false, false]), [true, true, true]);
        assert_eq!(play(Level::Few, &[false, true, false]), [false, true, false]);
        assert_eq!(play(Level::Full, &[false, true, false]), [false, true, true]);
        assert_eq!(play(Level::Nothing, &[true, false]), [false, false]);
        assert_eq!(play(Level::Full, &[false, true, false]), [false, true, true]);
    }

    #[test]
    fn the_worst_cause_decides_and_gives_the_reason() {
        let rates = Rates::default();
        assert_eq!((rates.level(), rates.reason()), (Level::Full, String::new()));
        rates.set(Cause::Link, Level::TwoThirds, "thin");
        rates.set(Cause::Disk, Level::Few, "short");
        assert_eq!((rates.level(), rates.reason().as_str()), (Level::Few, "short"));
        rates.set(Cause::Disk, Level::Full, "");
        assert_eq!((rates.level(), rates.reason().as_str(), rates.paused()), (Level::TwoThirds, "thin", None));
        let from_us = invigil_clock::boottime_us();
        assert_eq!(rates.disk_failure_since(0), None);
        rates.disk_failed(Some("away"));
        assert_eq!(rates.disk_failure_since(u64::MAX).as_deref(), Some("away"));
        rates.disk_failed(None);
        assert_eq!((rates.disk_failure(), rates.disk_failure_since(from_us).as_deref()), (None, Some("away")));
        assert_eq!(rates.disk_failure_since(u64::MAX), None);
        rates.disk_failed(Some("gone"));
        rates.stall(true);
        assert_eq!(rates.paused().unwrap(), "the spool's disk fails: gone");
        rates.stall(false);
        rates.set(Cause::Disk, Level::Nothing, "full");
        assert_eq!(rates.paused().unwrap(), "full");
    }
}
