//! Expiry and destruction (mission rule 1; `docs/lifecycle.md`, section Expiry).
//!
//! [`access`] is the one answer to "may this footage still be read or added to". [`run`] guards the clock and sweeps.

pub mod actual_end;
mod guard;
pub mod purge;
mod sweep;
#[cfg(test)]
mod tests;

use crate::ApiError;
use crate::config::Config;
use crate::state::{AppState, Shared};
use axum::http::{HeaderValue, StatusCode};
use invigil_clock::Clock;
use invigil_rules::clock_trust::Trust;
use invigil_rules::retention;
use invigil_wire::agent::CLOCK_SUSPECT;
use sea_orm::DatabaseConnection;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

pub use guard::{Confirmed, Guard, alarm, confirm};
pub use sweep::sweep;

/// How often the clocks are compared, seconds.
pub const GUARD_SECS: u64 = 10;

/// Whether footage may be read and added to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Yes.
    Open,
    /// Never again.
    Expired,
    /// It has expired by a clock that is not believed: not now, but nothing may be deleted either, here or on a device.
    Suspended,
}

/// Whether footage that expires at `expires_ms` may be read and added to; `gone` when its destruction has begun.
pub fn access(state: &AppState, expires_ms: i64, gone: bool) -> Access {
    if gone { Access::Expired } else { answer(&state.guard.judge(state), state.clock.wall_ms(), expires_ms) }
}

fn answer(judged: &guard::Judged, wall_ms: i64, expires_ms: i64) -> Access {
    match (retention::readable(judged.latest_ms, expires_ms), judged.trust) {
        (true, _) => Access::Open,
        // Expired by some other account than the wall clock's own is no reason to tell devices to delete.
        (false, Trust::Trusted) if !retention::readable(wall_ms, expires_ms) => Access::Expired,
        (false, _) => Access::Suspended,
    }
}

/// The same rule for tools that work without a running server: on its anchor, without the devices' clocks.
#[derive(Debug)]
pub struct Offline {
    judged: guard::Judged,
    wall_ms: i64,
}

impl Offline {
    /// Judges the clock now by what the server last believed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn judge(db: &DatabaseConnection, config: &Config, clock: &dyn Clock) -> anyhow::Result<Self> {
        let judged = Guard::open(db).await?.judge_with(config, clock, &[]);
        Ok(Self { judged, wall_ms: clock.wall_ms() })
    }

    /// See [`access`].
    pub fn access(&self, expires_ms: i64, gone: bool) -> Access {
        if gone { Access::Expired } else { answer(&self.judged, self.wall_ms, expires_ms) }
    }

    /// Whether the clock is believed.
    pub fn trust(&self) -> Trust {
        self.judged.trust
    }
}

/// 503 for [`Access::Suspended`]: an agent keeps what it has and asks again.
pub fn suspended() -> ApiError {
    ApiError::new(
        StatusCode::SERVICE_UNAVAILABLE,
        CLOCK_SUSPECT,
        "the server's clock is in doubt, so footage that may have expired is neither shown nor taken nor destroyed; the IT staff must look at it: invigil-server clock confirm",
    )
    .with_header("retry-after", HeaderValue::from_static("60"))
}

/// Whether the server's clock is believed now.
pub fn trust(state: &AppState) -> Trust {
    state.guard.judge(state).trust
}

/// Guards the clock and sweeps for what has expired until `stop`.
pub async fn run(state: Shared, stop: CancellationToken) {
    let pause = Duration::from_secs(state.config.retention.sweep_secs.clamp(1, GUARD_SECS));
    let mut swept_us = None;
    loop {
        if let Err(error) = state.guard.tick(&state).await {
            tracing::error!(error = format!("{error:#}"), "the clock guard could not be written");
        }
        let now_us = state.clock.boottime_us();
        if swept_us.is_none_or(|at: u64| now_us.saturating_sub(at) >= state.config.retention.sweep_secs * 1_000_000) {
            swept_us = Some(now_us);
            if let Err(error) = sweep(&state).await {
                tracing::error!(error = format!("{error:#}"), "the sweep failed; it goes on where it was at the next one");
            }
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = invigil_clock::sleep(pause) => {}
        }
    }
}
