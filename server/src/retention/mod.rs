//! Expiry and destruction.

use crate::state::Shared;
use tokio_util::sync::CancellationToken;

/// Sweeps for what has expired until `stop`.
pub async fn run(_state: Shared, stop: CancellationToken) {
    stop.cancelled().await;
}
