//! The machine: room on the spool's disk, whether recording waits for that disk, whether the processor keeps up, and whether this process gets one at all.

use super::held_up::{Moment, held_up};
use super::{Board, Change, Hysteresis};
use crate::capture::Stop;
use crate::capture::watch::Counters;
use crate::memory;
use invigil_format::Condition;
use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// The disk is nearly full below this ...
pub const LOW_BYTES: u64 = 2 << 30;
/// ... until there is this much room again.
pub const LOW_ENDS_BYTES: u64 = 5 << 29;
/// The processor does not keep up while this share of the last [`WINDOW`] seconds' pictures was dropped.
pub const DROPPED: f64 = 0.05;
/// Seconds.
pub const WINDOW: usize = 5;
/// Recording waits for the disk when a track has waited for this long, us: there are some 8 s of footage between encoder and disk by then.
pub const WAITING_US: u64 = 1_000_000;
const SECOND_US: u64 = 1_000_000;

/// One look at the machine.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Look {
    /// Boot time, us.
    pub at_us: u64,
    /// Pictures of all tracks so far, dropped ones not counted.
    pub frames: u64,
    /// Dropped pictures of all tracks so far.
    pub dropped: u64,
    /// Longest that a track is waiting for the disk now, us; 0 if none is.
    pub waiting_us: u64,
    /// Room on the spool's disk, bytes; `None` if that cannot be asked.
    pub free_bytes: Option<u64>,
}

/// Decides from looks, one a second.
#[derive(Debug, Clone)]
pub struct Load {
    low: Hysteresis,
    slow: Hysteresis,
    cpu: Hysteresis,
    looks: VecDeque<Look>,
}

impl Default for Load {
    fn default() -> Self {
        Self {
            low: Hysteresis::new(2 * SECOND_US, 10 * SECOND_US),
            slow: Hysteresis::new(2 * SECOND_US, 10 * SECOND_US),
            cpu: Hysteresis::new(4 * SECOND_US, 10 * SECOND_US),
            looks: VecDeque::new(),
        }
    }
}

impl Load {
    /// A look; returns what began or ended, and what there is to say of it.
    pub fn look(&mut self, look: Look) -> Vec<(Condition, Change, String)> {
        self.looks.push_back(look);
        if self.looks.len() > WINDOW + 1 {
            self.looks.pop_front();
        }
        let first = self.looks.front().copied().unwrap_or(look);
        let (frames, dropped) = (look.frames.saturating_sub(first.frames), look.dropped.saturating_sub(first.dropped));
        let slow = look.waiting_us >= WAITING_US;
        // Pictures that are dropped because of the disk say nothing of the processor.
        let waits = slow || self.slow.is_on();
        let cpu = !waits && dropped > 0 && dropped as f64 >= (frames + dropped) as f64 * DROPPED;
        let limit = if self.low.is_on() { LOW_ENDS_BYTES } else { LOW_BYTES };
        let low = look.free_bytes.is_some_and(|free| free < limit);
        let shows = |is: bool| is.then_some(look.at_us);
        let free = look.free_bytes.map_or_else(String::new, |free| format!("{:.1} GB are left", free as f64 / 1e9));
        let lost = format!("{dropped} of {} in {WINDOW} s", frames + dropped);
        [
            (Condition::LowDisk, self.low.look(look.at_us, shows(low)), free),
            (Condition::SlowDisk, self.slow.look(look.at_us, shows(slow)), String::new()),
            (Condition::Cpu, self.cpu.look(look.at_us, shows(cpu)), lost),
        ]
        .into_iter()
        .filter_map(|(condition, change, more)| Some((condition, change?, more)))
        .collect()
    }
}

/// Looks once a second until `stop`, on a thread of its own: asking a disk may hang.
pub fn run(spool: &Path, counters: Vec<Arc<Counters>>, board: Arc<Board>, stop: Stop) -> std::io::Result<std::thread::JoinHandle<()>> {
    let spool: PathBuf = spool.to_owned();
    std::thread::Builder::new().name("load".into()).spawn(move || {
        let mut load = Load::default();
        let mut at_us = invigil_clock::boottime_us();
        let mut given_back_us = at_us;
        loop {
            let asleep = Moment::now();
            if !stop.sleep_until(at_us) {
                break;
            }
            let awake = Moment::now();
            // Elsewhere no clock stands still while the machine sleeps, and a sleep would look the same.
            if cfg!(target_os = "linux")
                && let Some((from_us, to_us)) = held_up(asleep, at_us, awake)
            {
                board.held_up(from_us, to_us);
            }
            at_us = awake.boottime_us;
            let sum = |of: fn(&Counters) -> u64| counters.iter().map(|counters| of(counters)).sum();
            let waiting = counters.iter().map(|counters| counters.disk_since_us.load(Ordering::Relaxed)).filter(|since_us| *since_us > 0);
            let look = Look {
                at_us,
                frames: sum(|counters| counters.frames.load(Ordering::Relaxed)),
                dropped: sum(|counters| counters.dropped.load(Ordering::Relaxed)),
                waiting_us: waiting.min().map_or(0, |since_us| at_us.saturating_sub(since_us)),
                free_bytes: free_bytes(&spool),
            };
            for (condition, change, more) in load.look(look) {
                board.tell(None, condition, change, &more);
            }
            if at_us.saturating_sub(given_back_us) >= memory::EVERY_US {
                memory::give_back();
                given_back_us = at_us;
            }
            at_us += SECOND_US;
        }
    })
}

/// Room that this process may use on the disk of `path`, bytes.
fn free_bytes(path: &Path) -> Option<u64> {
    #[cfg(unix)]
    {
        let of = nix::sys::statvfs::statvfs(path).ok()?;
        Some(of.blocks_available().saturating_mul(of.fragment_size()))
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Looks once a second at 15 pictures a second of which `dropped` are dropped.
    fn play(seconds: impl Iterator<Item = (u64, u64, u64)>) -> Vec<(u64, Condition, bool)> {
        let (mut load, mut told) = (Load::default(), Vec::new());
        let mut look = Look::default();
        for (second, (dropped, waiting_us, free)) in (0..).zip(seconds) {
            look.at_us = second * SECOND_US;
            look.frames += 15 - dropped;
            look.dropped += dropped;
            (look.waiting_us, look.free_bytes) = (waiting_us, Some(free));
            told.extend(load.look(look).into_iter().map(|(c, change, _)| (second, c, matches!(change, Change::Began { .. }))));
        }
        told
    }

    const ROOM: u64 = 100 << 30;

    #[test]
    fn steady_drops_are_the_processors_and_single_ones_nobodys() {
        assert_eq!(play((0..3600).map(|s| (u64::from(s % 60 == 0), 0, ROOM))), []);
        let told = play((0..60).map(|s| (if (10..30).contains(&s) { 5 } else { 0 }, 0, ROOM)));
        assert_eq!(told, [(14, Condition::Cpu, true), (44, Condition::Cpu, false)]);
    }

    #[test]
    fn drops_behind_a_waiting_disk_are_the_disks() {
        let told = play((0..60).map(|s| if (10..30).contains(&s) { (15, (s - 9) * SECOND_US, ROOM) } else { (0, 0, ROOM) }));
        assert_eq!(told, [(12, Condition::SlowDisk, true), (40, Condition::SlowDisk, false)]);
    }

    #[test]
    fn a_disk_is_low_until_there_is_clearly_more_room() {
        let told = play((0..60).map(|s| {
            (
                0,
                0,
                if s < 5 {
                    ROOM
                } else if s < 30 {
                    LOW_BYTES - 1
                } else if s < 40 {
                    LOW_BYTES + 1
                } else {
                    ROOM
                },
            )
        }));
        assert_eq!(told, [(7, Condition::LowDisk, true), (50, Condition::LowDisk, false)]);
        assert!(free_bytes(Path::new("/")).is_some_and(|free| free > 0) || !cfg!(unix));
    }
}
