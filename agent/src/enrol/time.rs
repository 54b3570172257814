//! The time by which certificates are judged, and the server's time. A computer's clock may be years behind after its battery died; it is certainly not earlier than what a server of
//! the institution said when this computer joined.

use std::sync::{Mutex, PoisonError};

/// A server's time, Unix ms, and the boot time at which it was told, us.
static TOLD: Mutex<Option<(i64, u64)>> = Mutex::new(None);

/// The newest of them from a server that was asked in this life of the program.
static HEARD: Mutex<Option<(i64, u64)>> = Mutex::new(None);

/// The wall clock, or a server's time and what has passed since, whichever is later. Unix ms.
pub fn now_ms() -> i64 {
    let told = *TOLD.lock().unwrap_or_else(PoisonError::into_inner);
    believed(invigil_clock::wall_ms(), told, invigil_clock::boottime_us())
}

/// A server of the institution said that it is, or was, this time.
pub fn not_before(server_time_ms: i64) {
    let boottime_us = invigil_clock::boottime_us();
    let mut told = TOLD.lock().unwrap_or_else(PoisonError::into_inner);
    if told.is_none_or(|_| believed(i64::MIN, *told, boottime_us) < server_time_ms) {
        *told = Some((server_time_ms, boottime_us));
    }
}

/// A server of the institution said that it is this time, now.
pub fn heard(server_time_ms: i64) {
    not_before(server_time_ms);
    *HEARD.lock().unwrap_or_else(PoisonError::into_inner) = Some((server_time_ms, invigil_clock::boottime_us()));
}

/// The server's time as it was last heard, carried on by boot time; as [`now_ms`] before it was. Unix ms.
pub fn server_now_ms() -> i64 {
    let heard = *HEARD.lock().unwrap_or_else(PoisonError::into_inner);
    heard.map_or_else(now_ms, |heard| believed(i64::MIN, Some(heard), invigil_clock::boottime_us()))
}

fn believed(wall_ms: i64, told: Option<(i64, u64)>, boottime_us: u64) -> i64 {
    let since = |at_us: u64| i64::try_from(boottime_us.saturating_sub(at_us) / 1000).unwrap_or(i64::MAX);
    told.map_or(wall_ms, |(told_ms, at_us)| wall_ms.max(told_ms.saturating_add(since(at_us))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_behind_is_not_believed_and_one_that_is_ahead_is() {
        assert_eq!(believed(5, None, 0), 5);
        assert_eq!(believed(5, Some((1_000, 2_000_000)), 3_000_000), 2_000);
        assert_eq!(believed(9_000, Some((1_000, 2_000_000)), 3_000_000), 9_000);
        // Boot time of another boot says nothing of what has passed.
        assert_eq!(believed(5, Some((1_000, 2_000_000)), 1), 1_000);
    }
}
