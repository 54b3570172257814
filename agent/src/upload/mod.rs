//! Brings the spool to the server: key records and journals first, live footage every 2 s, older footage beside it on a connection of its own.
//! Every request is idempotent, so whatever failed in an unknown way is simply asked again.

mod limit;
mod records;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_back;
mod thin;
mod tus;

pub use limit::Limit;
pub use records::Records;
pub use tus::{Step, advance};

use crate::account::{Account, CallError};
use crate::link::LinkState;
use crate::rate::{Cause, Level, Rates};
use crate::spool::{Queue, Segment};
use futures_util::future::join_all;
use invigil_format::RunId;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use thin::{Facts, Thin};

/// Distance of appends to growing segments.
const EVERY: Duration = Duration::from_secs(2);
/// The same where many grow, in a room with cameras of its own: each append costs as much as several seconds of footage.
const EVERY_OF_MANY: Duration = Duration::from_secs(3);
/// So many are many.
const MANY: usize = 8;
/// A closed segment of this run with less than this left to send stays with the live upload, bytes.
const LIVE_REST_BYTES: u64 = 512 << 10;
const BACKOFF_MIN: Duration = Duration::from_millis(500);
const BACKOFF_MAX: Duration = Duration::from_secs(20);
/// After an outage older footage goes on within this, each agent at a moment of its own: a server that comes back meets them all at once. Heartbeats
/// and live footage do not wait.
const SPREAD: Duration = Duration::from_secs(15);
/// A growing segment that is further behind than this is left behind: what is new goes up in another one beside it, us.
const LEFT_BEHIND_US: u64 = 9_000_000;
/// Older footage waits while live footage is further behind than this, us.
const GIVE_WAY_US: u64 = 5_000_000;

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
    /// What a thin link does to the picture rate, for the run that records now.
    pub thin: Option<ThinLink>,
}

/// Where the picture rate is lowered when the link is too thin for it.
#[derive(Clone)]
pub struct ThinLink {
    rates: Arc<Rates>,
    rule: Arc<Mutex<Thin>>,
}

impl ThinLink {
    /// With the whole rate.
    pub fn new(rates: Arc<Rates>) -> Self {
        Self { rates, rule: Arc::new(Mutex::new(Thin::new(invigil_clock::boottime_us()))) }
    }
}

impl Uploads {
    /// Uploads until dropped or expired.
    pub async fn run(self) {
        self.run_pausing(pause_after_outage).await;
    }

    /// `pause_after_outage` says how long older footage waits after an outage.
    async fn run_pausing(self, pause_after_outage: impl Fn() -> Duration) {
        let mut pause = Duration::ZERO;
        while !self.account.is_expired() {
            // After an outage everything begins anew on fresh connections. Dropping a request in the middle is safe: each is idempotent, and where
            // an append stands is asked again.
            tokio::select! {
                _ = async { tokio::join!(self.live(), self.backlog(pause), self.records.run(&self.account)) } => return,
                () = self.measure() => {}
                () = self.link.back.notified() => pause = pause_after_outage(),
            }
        }
    }

    /// Looks each second how far live footage is behind, and what follows. Never ends.
    async fn measure(&self) {
        let (Some(run), Some(thin)) = (self.current, &self.thin) else { return std::future::pending().await };
        loop {
            invigil_clock::sleep(Duration::from_secs(1)).await;
            let now_us = invigil_clock::boottime_us();
            let up = self.link.now().0;
            let mut growing = self.queue.pending();
            growing.retain(|segment| segment.run == run && !segment.state().closed && !segment.is_left_behind());
            let behind_us = growing.iter().map(|segment| segment.behind_us(now_us)).max().unwrap_or(0);
            self.queue.set_live_behind(run, Some(if up { behind_us } else { 0 }));
            let level = thin.rule.lock().unwrap_or_else(PoisonError::into_inner).decide(Facts { behind_us, up }, now_us);
            let reason = if level == Level::Full {
                String::new()
            } else {
                format!("the link is thin: footage was {} s behind", behind_us / 1_000_000)
            };
            thin.rates.set(Cause::Link, level, &reason);
            for segment in growing.iter().filter(|segment| up && segment.behind_us(now_us) > LEFT_BEHIND_US) {
                tracing::info!(path = %segment.path.display(), "live footage is far behind: what is new goes up beside it");
                segment.leave_behind();
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
        self.current == Some(segment.run) && !segment.is_left_behind() && (!state.closed || rest <= LIVE_REST_BYTES)
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
            // What is late, or on a line that takes its time, goes on as soon as it can.
            let every = if segments.len() >= MANY && spent < EVERY / 4 { EVERY_OF_MANY } else { EVERY };
            invigil_clock::sleep(every.saturating_sub(spent).max(Duration::from_millis(200))).await;
        }
    }

    async fn backlog(&self, pause: Duration) {
        invigil_clock::sleep(pause).await;
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
            while !live && self.queue.live_behind_us() > GIVE_WAY_US {
                invigil_clock::sleep(Duration::from_millis(500)).await;
            }
            match advance(&self.account, client, &self.queue, segment, &self.limit, live).await {
                // A segment that became backlog while it was sent goes on there.
                Ok(Step::Sent) if self.is_live(segment) == live => {}
                Ok(_) => return true,
                Err(CallError::Expired) => return true,
                // What a disk holds back keeps nothing else back; it is tried again.
                Err(CallError::Disk(_)) => return true,
                Err(error) => {
                    if self.account.says_full(&error, invigil_clock::boottime_us()) {
                        tracing::warn!(%error, "THE SERVER TAKES NO MORE of this recording: it stays on this computer until it does; tell the IT staff");
                    }
                    tracing::debug!(%error, path = %segment.path.display(), "upload interrupted");
                    return false;
                }
            }
        }
    }
}

/// Between half and the whole of it, so that agents of one hall do not come back all at once.
fn jittered(duration: Duration) -> Duration {
    duration.mul_f64(0.5 + random() / 2.0)
}

/// How long older footage waits when the link is back.
fn pause_after_outage() -> Duration {
    SPREAD.mul_f64(random())
}

/// At least 0 and less than 1.
fn random() -> f64 {
    f64::from(invigil_clock::random::<2>().map_or(0, u16::from_be_bytes)) / 65_536.0
}
