//! Heartbeats on a connection of their own, and the bounds of an outage as this machine saw it (mission rule 4, format.md 6).
//!
//! While all is well an attempt starts every 3 s. An attempt without an answer after 1.3 s (longer on a slow link, see [`patience`]) has failed; as long as
//! no attempt succeeds the next one starts 0.9 s after the one before, and each goes on until it is answered or 6 s old, because a fresh connection
//! takes three round trips. So the last contact before an outage and the end of the first failed attempt lie at most 4.3 s apart, and the start of
//! the last failed one and the first contact afterwards at most 2.2 s and a round trip: upper and lower bound differ by less than 7 s.

use invigil_format::Beacon;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

mod attempts;
mod beat;

pub use attempts::{Outage, Tracker, Turn};
pub use beat::{Beat, Link, LinkState};

/// Distance of heartbeats while they are answered.
pub const INTERVAL: Duration = Duration::from_secs(3);
/// Distance of attempts while they are not.
pub const RETRY: Duration = Duration::from_millis(900);
/// An attempt without an answer after this has failed, on a link with round trips of up to 0.3 s.
pub const TIMEOUT: Duration = Duration::from_millis(1300);
/// An attempt is given up after this. It may still be answered after it has counted as failed: that is the contact that ends the outage.
pub const ABANDON: Duration = Duration::from_secs(6);

/// How long an answer may take on a link whose answers take `round_trip` on an open connection: a fresh one takes three such trips. At most 3 s.
pub fn patience(round_trip: Duration) -> Duration {
    TIMEOUT.max(round_trip * 3 + Duration::from_millis(400)).min(Duration::from_secs(3))
}

/// Newest server beacon: set by heartbeats, taken by each track.
#[derive(Clone, Default)]
pub struct Beacons {
    newest: Arc<Mutex<Option<Beacon>>>,
    taken_ms: Option<i64>,
}

impl Beacons {
    /// Keeps the beacon if it is newer.
    pub fn set(&self, beacon: Beacon) {
        let mut newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        if newest.as_ref().is_none_or(|known| known.time_ms < beacon.time_ms) {
            *newest = Some(beacon);
        }
    }

    /// The newest beacon, if it is newer than the one taken last by this clone.
    pub fn take_newer(&mut self) -> Option<Beacon> {
        let newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner).clone()?;
        if self.taken_ms.is_some_and(|taken| taken >= newest.time_ms) {
            return None;
        }
        self.taken_ms = Some(newest.time_ms);
        Some(newest)
    }
}
