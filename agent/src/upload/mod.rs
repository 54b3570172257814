//! Brings the spool to the server: key records and journals first, live footage every 2 s, older footage beside it on a connection of its own.
//! Every request is idempotent, so whatever failed in an unknown way is simply asked again.

mod limit;
mod records;
#[cfg(test)]
mod tests;
mod tus;

pub use limit::Limit;
pub use records::Records;
pub use tus::{Step, advance};

use crate::account::{Account, CallError};
use crate::link::LinkState;
use crate::spool::{Queue, Segment};
use futures_util::future::join_all;
use invigil_format::RunId;
use std::sync::Arc;
use std::time::Duration;

/// Distance of appends to growing segments.
const EVERY: Duration = Duration::from_secs(2);
/// A closed segment of this run with less than this left to send stays with the live upload, bytes.
const LIVE_REST_BYTES: u64 = 512 << 10;
const BACKOFF_MIN: Duration = Duration::from_millis(500);
const BACKOFF_MAX: Duration = Duration::from_secs(20);

/// What the upload tasks of one recording share.
#[derive(Clone)]
pub struct Uploads {
    /// Server and token.
    pub account: Arc<Account>,
    /// What to send.
    pub queue: Arc<Queue>,
    /// Key records and journals.
    pub records: Arc<Records>,
    /// Ceiling.
    pub limit: Arc<Limit>,
    /// The run that records now, if this is its recording.
    pub current: Option<RunId>,
    /// Says when an outage has ended.
    pub link: Arc<LinkState>,
}

impl Uploads {
    /// Uploads until dropped or expired.
    pub async fn run(self) {
        while !self.account.is_expired() {
            // After an outage everything begins anew on fresh connections. Dropping a request in the middle is safe: each is idempotent, and where
            // an append stands is asked again.
            tokio::select! {
                _ = async { tokio::join!(self.live(), self.backlog(), self.records.run(&self.account)) } => return,
                () = self.link.back.notified() => {}
            }
        }
    }

    fn mine(&self, live: bool) -> Vec<Arc<Segment>> {
        let mut mine = self.queue.pending();
        mine.retain(|segment| segment.recording == self.account.recording && self.is_live(segment) == live);
        mine
    }

    fn is_live(&self, segment: &Segment) -> bool {
        let state = segment.state();
        let rest = state.synced_bytes.saturating_sub(state.acknowledged_bytes);
        self.current == Some(segment.run) && (!state.closed || rest <= LIVE_REST_BYTES)
    }

    async fn live(&self) {
        if self.current.is_none() {
            return;
        }
        let Ok(client) = self.account.server.client() else { return };
        while !self.account.is_expired() {
            let begun_us = invigil_clock::boottime_us();
            let segments = self.mine(true);
            join_all(segments.iter().map(|segment| self.catch_up(&client, segment, true))).await;
            let spent = Duration::from_micros(invigil_clock::boottime_us().saturating_sub(begun_us));
            invigil_clock::sleep(EVERY.saturating_sub(spent).max(Duration::from_millis(200))).await;
        }
    }

    async fn backlog(&self) {
        let Ok(client) = self.account.server.client() else { return };
        let mut backoff = BACKOFF_MIN;
        while !self.account.is_expired() {
            let mut failed = false;
            let segments = self.mine(false);
            for segment in &segments {
                match self.catch_up(&client, segment, false).await {
                    true => backoff = BACKOFF_MIN,
                    false => {
                        failed = true;
                        break;
                    }
                }
            }
            if failed {
                invigil_clock::sleep(jittered(backoff)).await;
                backoff = (backoff * 2).min(BACKOFF_MAX);
            } else if segments.is_empty() {
                // Something may become backlog at any change; the time-out is for changes that came between the look and the wait.
                let _ = tokio::time::timeout(EVERY, self.queue.changed.notified()).await;
            } else {
                invigil_clock::sleep(Duration::from_secs(1)).await;
            }
        }
    }

    /// Sends what can be sent of a segment. Returns false when the server or the network fails.
    async fn catch_up(&self, client: &reqwest::Client, segment: &Arc<Segment>, live: bool) -> bool {
        if !self.records.is_ready(segment.run) {
            return true;
        }
        loop {
            match advance(&self.account, client, &self.queue, segment, &self.limit, live).await {
                // A segment that became backlog while it was sent goes on there.
                Ok(Step::Sent) if self.is_live(segment) == live => {}
                Ok(_) => return true,
                Err(CallError::Expired) => return true,
                Err(error) => {
                    tracing::debug!(%error, path = %segment.path.display(), "upload interrupted");
                    return false;
                }
            }
        }
    }
}

/// Between half and the whole of it, so that agents of one hall do not come back all at once.
fn jittered(duration: Duration) -> Duration {
    let random = invigil_clock::random::<2>().map_or(0, u16::from_be_bytes);
    duration.mul_f64(0.5 + f64::from(random) / 131_072.0)
}
