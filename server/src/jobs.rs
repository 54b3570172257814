//! Background jobs. Each is idempotent and ends soon after `stop`.

use crate::state::Shared;
use crate::{disconnects, retention, store};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Starts every job; all end soon after `stop` is cancelled.
pub fn spawn_all(state: &Shared, stop: &CancellationToken) -> JoinSet<()> {
    let mut jobs = JoinSet::new();
    jobs.spawn(store::run_sync(state.clone(), stop.clone()));
    jobs.spawn(disconnects::run(state.clone(), stop.clone()));
    jobs.spawn(retention::run(state.clone(), stop.clone()));
    jobs
}
