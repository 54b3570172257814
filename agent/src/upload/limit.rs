//! The policy's ceiling of uploads while the exam runs: live footage always goes, older footage waits for what is left.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// The bucket is never further below zero than what comes in within this, seconds: older footage waits no longer for live footage that took
/// more than its share. An append of 64 KiB is paid in full from 52 kbit/s on.
const MOST_DEBT_SECS: u64 = 10;

/// A bucket of bytes.
pub struct Limit {
    bytes_per_sec: u64,
    bucket: Mutex<Bucket>,
}

struct Bucket {
    bytes: i64,
    filled_us: u64,
}

impl Limit {
    /// `kbits` in 1000 bit/s; 0 is no limit.
    pub fn new(kbits: u32) -> Self {
        Self { bytes_per_sec: u64::from(kbits) * 125, bucket: Mutex::new(Bucket { bytes: 0, filled_us: 0 }) }
    }

    /// Takes bytes out; the bucket may go below zero, by [`MOST_DEBT_SECS`].
    pub fn take(&self, bytes: u64, now_us: u64) {
        if self.bytes_per_sec > 0 {
            let most_debt = i64::try_from(self.bytes_per_sec.saturating_mul(MOST_DEBT_SECS)).unwrap_or(i64::MAX);
            let mut bucket = self.filled(now_us);
            bucket.bytes = bucket.bytes.saturating_sub(i64::try_from(bytes).unwrap_or(i64::MAX)).max(-most_debt);
        }
    }

    /// How long older footage has to wait now.
    pub fn wait(&self, now_us: u64) -> Duration {
        if self.bytes_per_sec == 0 {
            return Duration::ZERO;
        }
        match u64::try_from(-self.filled(now_us).bytes) {
            Ok(missing) if missing > 0 => Duration::from_micros(missing.saturating_mul(1_000_000) / self.bytes_per_sec + 1),
            _ => Duration::ZERO,
        }
    }

    fn filled(&self, now_us: u64) -> std::sync::MutexGuard<'_, Bucket> {
        let mut bucket = self.bucket.lock().unwrap_or_else(PoisonError::into_inner);
        let passed_us = now_us.saturating_sub(bucket.filled_us).min(10_000_000);
        // Somebody may have looked at the clock before another one did: no time counts twice.
        bucket.filled_us = bucket.filled_us.max(now_us);
        let gained = i64::try_from(passed_us.saturating_mul(self.bytes_per_sec) / 1_000_000).unwrap_or(i64::MAX);
        // At most one second's worth is saved up.
        bucket.bytes = bucket.bytes.saturating_add(gained).min(i64::try_from(self.bytes_per_sec).unwrap_or(i64::MAX));
        bucket
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn older_footage_gets_what_live_footage_leaves() {
        let limit = Limit::new(800);
        let (mut now_us, mut old) = (60_000_000_u64, 0_u64);
        for step in 0..100 {
            if step % 2 == 0 {
                limit.take(75_000, now_us);
            }
            while limit.wait(now_us).is_zero() {
                limit.take(10_000, now_us);
                old += 10_000;
            }
            now_us += 1_000_000;
        }
        // 100 kB/s less 37.5 kB/s of live footage over 100 s.
        assert!((6_100_000..6_500_000).contains(&old), "{old}");
        assert_eq!(Limit::new(0).wait(0), Duration::ZERO);
    }

    #[test]
    fn time_fills_the_bucket_once_whoever_looked_at_the_clock_first() {
        let limit = Limit::new(800);
        limit.take(500_000, 60_000_000);
        for at_us in [64_000_000, 60_000_000] {
            assert!(limit.wait(at_us).is_zero());
        }
        limit.take(300_000, 64_000_000);
        assert!(limit.wait(64_000_000) >= Duration::from_secs(3));
    }

    #[test]
    fn however_much_live_footage_took_older_footage_waits_for_seconds_only() {
        let limit = Limit::new(800);
        // An hour of live footage at twice the ceiling.
        for second in 0..3_600 {
            limit.take(200_000, 60_000_000 + second * 1_000_000);
        }
        let now_us = 60_000_000 + 3_600 * 1_000_000;
        let wait = limit.wait(now_us);
        assert!(wait > Duration::from_secs(5) && wait <= Duration::from_secs(MOST_DEBT_SECS), "{wait:?}");
        assert!(limit.wait(now_us + MOST_DEBT_SECS * 1_000_000).is_zero());
    }
}
