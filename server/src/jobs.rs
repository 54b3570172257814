//! Background jobs. Each is idempotent and ends soon after `stop`.

use crate::state::Shared;
use crate::{acts, disconnects, retention, store};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Starts every job; all end soon after `stop` is cancelled.
pub fn spawn_all(state: &Shared, stop: &CancellationToken) -> JoinSet<()> {
    let mut jobs = JoinSet::new();
    jobs.spawn(store::run_sync(state.clone(), stop.clone()));
    jobs.spawn(disconnects::run(state.clone(), stop.clone()));
    jobs.spawn(disconnects::notice_stalls(state.clone(), stop.clone()));
    jobs.spawn(retention::run(state.clone(), stop.clone()));
    jobs.spawn(acts::discard::run(state.clone(), stop.clone()));
    jobs
}

/// Waits for the jobs to end. One that ends before `stop` has failed: nothing would be synced, measured or destroyed any more, so `stop` is cancelled, and
/// whoever started the server starts it again. Returns whether all ended as told.
pub async fn watch(mut jobs: JoinSet<()>, stop: CancellationToken) -> bool {
    let mut as_told = true;
    while let Some(ended) = jobs.join_next().await {
        if ended.is_err() || !stop.is_cancelled() {
            as_told = false;
            tracing::error!(error = ended.err().map(|error| error.to_string()), "a background job ended by itself: the server stops");
            stop.cancel();
        }
    }
    as_told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_job_that_fails_stops_the_server_and_one_that_is_told_to_end_does_not() {
        for fails in [true, false] {
            let (mut jobs, stop) = (JoinSet::new(), CancellationToken::new());
            let (first, second) = (stop.clone(), stop.clone());
            jobs.spawn(async move { first.cancelled().await });
            jobs.spawn(async move {
                assert!(!fails, "this job fails");
                second.cancelled().await;
            });
            let watching = tokio::spawn(watch(jobs, stop.clone()));
            if fails {
                stop.cancelled().await;
            } else {
                stop.cancel();
            }
            assert_eq!(watching.await.unwrap(), !fails);
        }
    }
}
