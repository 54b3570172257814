//! The only place that asks the system for time, boot identity and randomness; everywhere else they are arguments (`clippy.toml` enforces it).

use std::time::Duration;

/// Wall time in Unix milliseconds.
pub fn wall_ms() -> i64 {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the wall clock")]
    let now = std::time::SystemTime::now();
    let now_ms = match now.duration_since(std::time::UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_millis()).unwrap_or(i64::MAX),
        Err(before) => -i64::try_from(before.duration().as_millis()).unwrap_or(i64::MAX),
    };
    now_ms.saturating_add(ahead_ms())
}

/// A computer whose clock is wrong, for the tests: `INVIGIL_WALL_AHEAD_MS` (negative: behind). Not in release builds.
fn ahead_ms() -> i64 {
    #[cfg(debug_assertions)]
    {
        static AHEAD_MS: std::sync::OnceLock<i64> = std::sync::OnceLock::new();
        *AHEAD_MS.get_or_init(|| std::env::var("INVIGIL_WALL_AHEAD_MS").ok().and_then(|text| text.parse().ok()).unwrap_or(0))
    }
    #[cfg(not(debug_assertions))]
    0
}

/// Monotonic time that counts suspend, in microseconds since boot: `CLOCK_BOOTTIME`. Laptops sleep during exams.
///
/// On systems without it, time since the first call of this process (which then counts as its own boot, see [`boot_id`]).
pub fn boottime_us() -> u64 {
    #[cfg(target_os = "linux")]
    {
        if let Ok(now) = nix::time::clock_gettime(nix::time::ClockId::CLOCK_BOOTTIME) {
            return u64::try_from(Duration::from(now).as_micros()).unwrap_or(u64::MAX);
        }
    }
    process_us()
}

/// Monotonic time that stands still while the machine is suspended, in microseconds: `CLOCK_MONOTONIC`. With [`boottime_us`] it tells how long that was.
///
/// On systems without the two, the same as [`boottime_us`].
pub fn monotonic_us() -> u64 {
    #[cfg(target_os = "linux")]
    {
        if let Ok(now) = nix::time::clock_gettime(nix::time::ClockId::CLOCK_MONOTONIC) {
            return u64::try_from(Duration::from(now).as_micros()).unwrap_or(u64::MAX);
        }
    }
    process_us()
}

/// Boot time, us, of an instant of `CLOCK_MONOTONIC`, with which drivers stamp what they deliver: the same clock, but it stands still in suspend.
#[cfg(target_os = "linux")]
pub fn boottime_of_monotonic_us(monotonic_us: u64) -> u64 {
    boottime_us().saturating_sub(self::monotonic_us().saturating_sub(monotonic_us))
}

fn process_us() -> u64 {
    use std::sync::OnceLock;
    static START: OnceLock<std::time::Instant> = OnceLock::new();
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the monotonic clock")]
    let now = std::time::Instant::now();
    u64::try_from(now.duration_since(*START.get_or_init(|| now)).as_micros()).unwrap_or(u64::MAX)
}

/// CPU time of this process in microseconds, user and system, children that ended included.
#[cfg(unix)]
pub fn cpu_us() -> u64 {
    use nix::sys::resource::{UsageWho, getrusage};
    [UsageWho::RUSAGE_SELF, UsageWho::RUSAGE_CHILDREN]
        .into_iter()
        .filter_map(|who| getrusage(who).ok())
        .flat_map(|usage| [usage.user_time(), usage.system_time()])
        .map(|t| u64::try_from(t.tv_sec()).unwrap_or(0) * 1_000_000 + u64::try_from(t.tv_usec()).unwrap_or(0))
        .sum()
}

/// Identity of this boot of the machine, 16 bytes: it changes at each reboot, and boot times of different boots do not compare.
pub fn boot_id() -> [u8; 16] {
    use std::sync::OnceLock;
    static ID: OnceLock<[u8; 16]> = OnceLock::new();
    *ID.get_or_init(|| {
        std::fs::read_to_string("/proc/sys/kernel/random/boot_id")
            .ok()
            .and_then(|text| uuid::Uuid::try_parse(text.trim()).ok())
            .map(uuid::Uuid::into_bytes)
            .or_else(|| random().ok())
            .unwrap_or_default()
    })
}

/// The operating system gave no randomness.
#[derive(Debug, thiserror::Error)]
#[error("the operating system gave no random bytes")]
pub struct NoRandomness;

/// Bytes from the operating system's generator.
pub fn random<const N: usize>() -> Result<[u8; N], NoRandomness> {
    use ring::rand::SecureRandom;
    let mut bytes = [0; N];
    ring::rand::SystemRandom::new().fill(&mut bytes).map_err(|_| NoRandomness)?;
    Ok(bytes)
}

/// Where a component gets its time from: the system, or a test's own.
pub trait Clock: Send + Sync + 'static {
    /// Wall time, Unix milliseconds.
    fn wall_ms(&self) -> i64;
    /// Boot time, microseconds.
    fn boottime_us(&self) -> u64;
}

/// The system's clocks.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn wall_ms(&self) -> i64 {
        wall_ms()
    }
    fn boottime_us(&self) -> u64 {
        boottime_us()
    }
}

/// Waits on tokio's timer.
pub async fn sleep(duration: Duration) {
    tokio::time::sleep(duration).await;
}

#[cfg(test)]
mod tests {
    #[test]
    fn boot_time_advances_and_counts_like_the_wall() {
        let (wall, boot) = (super::wall_ms(), super::boottime_us());
        std::thread::sleep(std::time::Duration::from_millis(20));
        let (wall, boot) = (super::wall_ms() - wall, (super::boottime_us() - boot) / 1000);
        assert!(boot >= 20 && wall >= 19, "boot {boot} ms, wall {wall} ms");
    }

    #[test]
    fn without_suspend_both_monotonic_clocks_go_alike() {
        let (boot, monotonic) = (super::boottime_us(), super::monotonic_us());
        std::thread::sleep(std::time::Duration::from_millis(20));
        let (boot, monotonic) = (super::boottime_us() - boot, super::monotonic_us() - monotonic);
        assert!(monotonic >= 20_000 && boot.abs_diff(monotonic) < 500_000, "{boot} and {monotonic} us");
    }

    #[test]
    fn randomness_differs() {
        assert_ne!(super::random::<16>().unwrap(), super::random::<16>().unwrap());
        assert_eq!(super::boot_id(), super::boot_id());
    }
}
