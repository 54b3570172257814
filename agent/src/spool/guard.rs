//! Looks at the spool's room each second, on a thread of its own because a disk may hang, and tells the tracks and the person what follows.

use super::room::{Facts, Limits, Room};
use crate::capture::Stop;
use crate::disk;
use crate::rate::{Cause, Level, Rates};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Distance of looks, us.
const EVERY_US: u64 = 1_000_000;

/// What was asked for; [`start`] makes limits of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wishes {
    /// Largest spool, bytes.
    pub max_bytes: Option<u64>,
    /// Free space never to be taken, bytes. A disk that has less than twice as much at the start keeps half of what is free, so that a nearly full
    /// computer records all the same.
    pub reserve_bytes: u64,
    /// What all tracks of one recording take at their full rate, bytes a second.
    pub need_bytes_per_sec: u64,
}

/// How many recordings write into one spool at once: each takes its room to be needed so many times.
#[derive(Debug)]
pub struct Together(AtomicU64);

impl Default for Together {
    fn default() -> Self {
        Self(AtomicU64::new(1))
    }
}

impl Together {
    /// So many from now on.
    pub fn set(&self, recordings: usize) {
        self.0.store(recordings.max(1) as u64, Ordering::SeqCst);
    }
}

/// Starts the thread. `say` gets a kind for programs and a line for the person.
pub fn start(
    spool: PathBuf,
    wishes: Wishes,
    together: Arc<Together>,
    rates: Arc<Rates>,
    stop: Stop,
    say: impl Fn(&str, &str) + Send + 'static,
) -> io::Result<()> {
    let free_bytes = disk::free_bytes(&spool)?;
    let reserve_bytes = wishes.reserve_bytes.min(free_bytes / 2);
    if reserve_bytes < wishes.reserve_bytes {
        tracing::warn!(
            free_mib = mib(free_bytes),
            reserve_mib = mib(reserve_bytes),
            "the spool's disk is nearly full, the reserve is smaller"
        );
    }
    let limits = Limits { max_bytes: wishes.max_bytes, reserve_bytes, need_bytes_per_sec: wishes.need_bytes_per_sec };
    let mut guard = Guard { spool, limits, together, room: Room::new(limits), rates, level: Level::Full, paused: false };
    std::thread::Builder::new().name("spool room".into()).spawn(move || {
        loop {
            guard.look(&say);
            if !stop.sleep_until(invigil_clock::boottime_us() + EVERY_US) {
                break;
            }
        }
    })?;
    Ok(())
}

struct Guard {
    spool: PathBuf,
    limits: Limits,
    together: Arc<Together>,
    room: Room,
    rates: Arc<Rates>,
    level: Level,
    paused: bool,
}

impl Guard {
    fn look(&mut self, say: &impl Fn(&str, &str)) {
        match self.measure() {
            Ok(facts) => self.decide(facts, say),
            // What the disk says stands in the log where it hinders footage; as long as nobody can tell, the rate stays.
            Err(error) => tracing::debug!(%error, "looking at the spool's room failed"),
        }
        let paused = self.rates.paused();
        if paused.is_some() != std::mem::replace(&mut self.paused, paused.is_some()) {
            match paused {
                Some(reason) => {
                    tracing::error!(reason, "capture stands still");
                    say("capture-paused", &format!("NOTHING IS RECORDED NOW: {reason}. It goes on by itself as soon as it can"));
                }
                None => {
                    tracing::info!("capture goes on");
                    say("capture-resumed", "recording goes on");
                }
            }
        }
    }

    fn measure(&self) -> io::Result<Facts> {
        let used_bytes = if self.limits.max_bytes.is_some() { disk::used_bytes(&self.spool)? } else { 0 };
        Ok(Facts { used_bytes, free_bytes: disk::free_bytes(&self.spool)? })
    }

    fn decide(&mut self, facts: Facts, say: &impl Fn(&str, &str)) {
        self.room.set_need(self.limits.need_bytes_per_sec.saturating_mul(self.together.0.load(Ordering::SeqCst)));
        let level = self.room.decide(facts, invigil_clock::boottime_us());
        if level == self.level {
            return;
        }
        let reason = self.reason(facts);
        self.rates.set(Cause::Disk, level, &reason);
        tracing::warn!(?level, left_mib = mib(self.room.left_bytes(facts)), "the spool's room decides on another picture rate");
        if level < Level::Nothing && level > self.level {
            say("rate-lowered", &format!("{reason}: fewer pictures a second are recorded"));
        } else if level == Level::Full {
            say("rate-raised", "there is room again: all pictures are recorded");
        }
        self.level = level;
    }

    fn reason(&self, facts: Facts) -> String {
        let bound = self
            .limits
            .max_bytes
            .filter(|max| max.saturating_sub(facts.used_bytes) <= facts.free_bytes.saturating_sub(self.limits.reserve_bytes));
        match bound {
            Some(max) => format!("the spool holds {} of {} MiB", mib(facts.used_bytes), mib(max)),
            None => {
                format!("the spool's disk has {} MiB free, of which {} are kept", mib(facts.free_bytes), mib(self.limits.reserve_bytes))
            }
        }
    }
}

fn mib(bytes: u64) -> u64 {
    bytes >> 20
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    #[test]
    fn a_spool_at_its_bound_pauses_capture_says_so_and_goes_on_when_something_was_uploaded() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("cam0-00000000.seg");
        std::fs::write(&file, vec![0; 17 << 20]).unwrap();
        let limits = Limits { max_bytes: Some(16 << 20), reserve_bytes: 0, need_bytes_per_sec: 37_500 };
        let rates = Arc::new(Rates::default());
        let mut guard = Guard {
            spool: dir.path().into(),
            limits,
            together: Arc::default(),
            room: Room::new(limits),
            rates: Arc::clone(&rates),
            level: Level::Full,
            paused: false,
        };
        let said = Mutex::new(Vec::new());
        let say = |kind: &str, _: &str| said.lock().unwrap().push(kind.to_owned());
        guard.look(&say);
        assert_eq!(rates.paused().unwrap(), "the spool holds 17 of 16 MiB");
        guard.look(&say);
        std::fs::remove_file(&file).unwrap();
        guard.look(&say);
        assert_eq!((rates.paused(), rates.level()), (None, Level::Few));
        assert_eq!(*said.lock().unwrap(), ["capture-paused", "capture-resumed"]);
    }

    #[test]
    fn two_recordings_at_once_need_twice_the_room() {
        let dir = tempfile::tempdir().unwrap();
        let free_bytes = disk::free_bytes(dir.path()).unwrap();
        // Enough for three quarters of an hour of one: for more than half an hour, that is, and for less of two.
        let limits = Limits { max_bytes: None, reserve_bytes: 0, need_bytes_per_sec: free_bytes / 2700 };
        let (rates, together) = (Arc::<Rates>::default(), Arc::<Together>::default());
        let mut guard = Guard {
            spool: dir.path().into(),
            limits,
            together: Arc::clone(&together),
            room: Room::new(limits),
            rates: Arc::clone(&rates),
            level: Level::Full,
            paused: false,
        };
        let mut level_with = |recordings| {
            together.set(recordings);
            guard.look(&|_, _| {});
            rates.level()
        };
        assert_eq!([level_with(1), level_with(2)], [Level::Full, Level::TwoThirds]);
    }
}
