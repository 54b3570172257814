//! The rule of the spool's room: how much of the picture rate the disk bears. Pure: sizes and time are arguments.

use crate::rate::Level;

/// What footage may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Largest spool, bytes.
    pub max_bytes: Option<u64>,
    /// Free space of the file system that footage never takes, bytes: for journal, closing records, receipts, and for whoever else uses this computer.
    pub reserve_bytes: u64,
    /// What all tracks together take at their full rate, bytes a second.
    pub need_bytes_per_sec: u64,
}

/// What was measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// Size of the spool, bytes.
    pub used_bytes: u64,
    /// Free space of its file system, bytes.
    pub free_bytes: u64,
}

/// Room is short when less is left than what the full rate takes in this time, s; for a spool with a bound at most a quarter of it.
const SHORT_SECS: u64 = 1800;
/// What is kept for chunks on their way, s: neither bound nor reserve is passed while the room is looked at each second.
const ON_THE_WAY_SECS: u64 = 4;
/// Capture goes on when there is room for so much, s.
const RESUME_SECS: u64 = 32;
/// The rate rises when so much of the room could go without its falling again: a third.
const HYSTERESIS: (u64, u64) = (2, 3);
/// The rate rises at most this often, us.
const HOLD_US: u64 = 10_000_000;

/// The decision, with its hysteresis: it falls at once and rises late.
#[derive(Debug, Clone)]
pub struct Room {
    limits: Limits,
    level: Level,
    changed_us: u64,
}

impl Room {
    /// With all room that there is.
    pub fn new(limits: Limits) -> Self {
        Self { limits, level: Level::Full, changed_us: 0 }
    }

    /// So much is needed from now on, bytes a second.
    pub fn set_need(&mut self, bytes_per_sec: u64) {
        self.limits.need_bytes_per_sec = bytes_per_sec;
    }

    /// What footage may still take, bytes.
    pub fn left_bytes(&self, facts: Facts) -> u64 {
        let of_disk = facts.free_bytes.saturating_sub(self.limits.reserve_bytes);
        self.limits.max_bytes.map_or(of_disk, |max| of_disk.min(max.saturating_sub(facts.used_bytes)))
    }

    /// What is allowed at boot time `now_us`.
    pub fn decide(&mut self, facts: Facts, now_us: u64) -> Level {
        let left = self.left_bytes(facts);
        let now = self.wanted(left);
        let level = if now > self.level {
            now
        } else if self.level == Level::Nothing {
            let resume = (self.limits.need_bytes_per_sec * RESUME_SECS).min(self.short() / 2).max(self.stop() + 1);
            if left >= resume { Level::Few } else { Level::Nothing }
        } else if now_us.saturating_sub(self.changed_us) >= HOLD_US {
            self.wanted(left / HYSTERESIS.1 * HYSTERESIS.0).min(self.level)
        } else {
            self.level
        };
        if level != self.level {
            (self.level, self.changed_us) = (level, now_us);
        }
        level
    }

    fn wanted(&self, left: u64) -> Level {
        let short = self.short();
        match left {
            left if left < self.stop() => Level::Nothing,
            left if left < short / 4 => Level::Few,
            left if left < short / 2 => Level::Third,
            left if left < short => Level::TwoThirds,
            _ => Level::Full,
        }
    }

    fn short(&self) -> u64 {
        let short = self.limits.need_bytes_per_sec * SHORT_SECS;
        self.limits.max_bytes.map_or(short, |max| short.min(max / 4))
    }

    fn stop(&self) -> u64 {
        (self.limits.need_bytes_per_sec * ON_THE_WAY_SECS).min(self.short() / 8).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MIB: u64 = 1 << 20;
    const SECOND: u64 = 1_000_000;
    /// One camera of 300 kbit/s: 64 MiB are half an hour.
    const NEED: u64 = 37_500;

    fn room(max_bytes: Option<u64>) -> Room {
        Room::new(Limits { max_bytes, reserve_bytes: 512 * MIB, need_bytes_per_sec: NEED })
    }

    fn left(room: &Room, left_bytes: u64) -> Facts {
        Facts { used_bytes: 0, free_bytes: room.limits.reserve_bytes + left_bytes }
    }

    #[test]
    fn the_rate_falls_first_and_only_then_capture_stops_and_it_all_comes_back() {
        let mut room = room(None);
        let mut now = 0;
        let mut at = |left_mib: u64, wait: u64| {
            now += wait * SECOND;
            let facts = left(&room, left_mib * MIB);
            room.decide(facts, now)
        };
        let down: Vec<Level> = [2000, 60, 30, 10, 0].map(|mib| at(mib, 1)).into();
        assert_eq!(down, Level::ALL);
        // 1 MiB is 28 s of footage, 2 MiB are 56.
        assert_eq!(at(1, 60), Level::Nothing);
        assert_eq!(at(2, 1), Level::Few);
        assert_eq!(at(2000, 1), Level::Few, "it rises late");
        assert_eq!(at(2000, 10), Level::Full);
        assert_eq!(at(60, 1), Level::TwoThirds);
        assert_eq!(at(70, 60), Level::TwoThirds, "a little more room is not enough");
        assert_eq!(at(100, 60), Level::Full);
    }

    #[test]
    fn a_bound_counts_like_the_disk_and_never_stands_in_the_way_of_recording_at_all() {
        let mut bounded = room(Some(64 * MIB));
        let mut at = |used_mib: u64| bounded.decide(Facts { used_bytes: used_mib * MIB, free_bytes: u64::MAX / 4 }, 0);
        assert_eq!(
            [0, 47, 49, 57, 61, 64].map(&mut at),
            [Level::Full, Level::Full, Level::TwoThirds, Level::Third, Level::Few, Level::Nothing]
        );
        let limits = Limits { max_bytes: Some(16 * MIB), reserve_bytes: 0, need_bytes_per_sec: 8 * 500_000 };
        assert_eq!(Room::new(limits).decide(Facts { used_bytes: 0, free_bytes: u64::MAX / 4 }, 0), Level::Full);
        // Nothing is left of a bound when it was lowered below what is there.
        assert_eq!(room(Some(MIB)).left_bytes(Facts { used_bytes: 5 * MIB, free_bytes: u64::MAX / 4 }), 0);
    }

    proptest! {
        #[test]
        fn bound_and_reserve_hold_less_room_is_never_more_rate_and_it_does_not_flap(
            max_mib in proptest::option::of(16_u64..4000), reserve_mib in 0_u64..2000, need in 1_000_u64..4_000_000,
            steps in proptest::collection::vec((0_u64..3_000, 0_u64..3_000, 1_u64..20), 1..60),
        ) {
            let limits = Limits { max_bytes: max_mib.map(|mib| mib * MIB), reserve_bytes: reserve_mib * MIB, need_bytes_per_sec: need };
            let mut room = Room::new(limits);
            let (mut now, mut before, mut raised) = (0, Level::Full, Vec::new());
            for (used_mib, free_mib, wait) in steps {
                now += wait * SECOND;
                let facts = Facts { used_bytes: used_mib * MIB, free_bytes: free_mib * MIB };
                let level = room.decide(facts, now);
                if free_mib <= reserve_mib || max_mib.is_some_and(|max| used_mib >= max) {
                    prop_assert_eq!(level, Level::Nothing);
                }
                let less = Facts { used_bytes: facts.used_bytes + MIB, free_bytes: facts.free_bytes.saturating_sub(MIB) };
                prop_assert!(room.clone().decide(less, now) >= level);
                prop_assert!(level >= room.wanted(room.left_bytes(facts)), "more than there is room for");
                if level < before && before != Level::Nothing {
                    raised.push(now);
                }
                before = level;
            }
            prop_assert!(raised.windows(2).all(|pair| pair[1] - pair[0] >= HOLD_US));
            // With all the room in the world it ends at the full rate.
            for wait in [1, 11, 11] {
                now += wait * SECOND;
                before = room.decide(Facts { used_bytes: 0, free_bytes: u64::MAX / 4 }, now);
            }
            prop_assert_eq!(before, Level::Full);
        }
    }
}
