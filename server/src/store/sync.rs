//! Group sync: what was received becomes durable within a second, in one round for all segments.

use crate::state::Shared;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Pause between two rounds; a round itself takes some milliseconds a segment.
const PAUSE: Duration = Duration::from_millis(400);

/// Syncs rounds until `stop`, and once more then.
pub async fn run(state: Shared, stop: CancellationToken) {
    loop {
        let last = tokio::select! {
            () = invigil_clock::sleep(PAUSE) => false,
            () = stop.cancelled() => true,
        };
        for growing in state.store.all_growing() {
            if let Err(error) = growing.sync(state.live.next_revision()).await {
                tracing::error!(segment = growing.segment, %error, "sync failed; fell back to what is durable, the agent will send the rest again");
            }
        }
        if last {
            return;
        }
    }
}
