//! Disconnects: from contacts to outages and findings.

use crate::state::{AppState, Shared};
use tokio_util::sync::CancellationToken;

/// Called for every authenticated request of an agent, before it is handled. `recording` and `run` are row ids.
pub fn contact(state: &AppState, recording: i64, run: Option<i64>) {
    state.live.note_contact(recording, run, state.clock.wall_ms(), state.clock.boottime_us());
}

/// Opens, closes and evaluates outages until `stop`.
pub async fn run(_state: Shared, stop: CancellationToken) {
    stop.cancelled().await;
}
