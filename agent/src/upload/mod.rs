//! Brings the spool to the server: key records and journals first, live footage every 2 s, older footage beside it on a connection of its own.
//! Every request is idempotent, so whatever failed in an unknown way is simply asked again.

mod limit;
mod records;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_back;
#[cfg(test)]
mod tests_records;
#[cfg(test)]
mod tests_refused;
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
/// Behind an older segment that the server refused the next one waits for this: hundreds of them make no flood of requests.
const AFTER_REFUSAL: Duration = Duration::from_millis(250);
/// A server that fails at so many older segments one after another fails at all of them.
const FAILS_AT_ALL: u32 = 3;
/// Told of when the server has kept putting off new segments for so long, us, and then no more often than this, us.
const PUT_OFF_US: u64 = 60_000_000;
const SAY_PUT_OFF_US: u64 = 300_000_000;
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
        let put_off = Mutex::new(PutOff::default());
        while !self.account.is_expired() {
            // After an outage everything begins anew on fresh connections. Dropping a request in the middle is safe: each is idempotent, and where
            // an append stands is asked again.
            tokio::select! {
                _ = async { tokio::join!(self.live(&put_off), self.backlog(pause, &put_off), self.records.run(&self.account)) } => return,
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
            self.look(run, thin, self.link.now().0, invigil_clock::boottime_us());
        }
    }

    /// `up`: heartbeats are answered.
    fn look(&self, run: RunId, thin: &ThinLink, up: bool, now_us: u64) {
        let mut growing = self.queue.pending();
        growing.retain(|segment| segment.run == run && !segment.state().closed && !segment.is_left_behind());
        let some = !growing.is_empty();
        // What the server refuses is behind on the best of links. Nor does older footage wait for it: the server may need that one first.
        growing.retain(|segment| !segment.is_refused());
        let up = up && !(some && growing.is_empty());
        let behind_us = growing.iter().map(|segment| segment.behind_us(now_us)).max().unwrap_or(0);
        self.queue.set_live_behind(run, Some(if up { behind_us } else { 0 }));
        let level = thin.rule.lock().unwrap_or_else(PoisonError::into_inner).decide(Facts { behind_us, up }, now_us);
        let reason =
            if level == Level::Full { String::new() } else { format!("the link is thin: footage was {} s behind", behind_us / 1_000_000) };
        thin.rates.set(Cause::Link, level, &reason);
        for segment in growing.iter().filter(|segment| up && segment.behind_us(now_us) > LEFT_BEHIND_US) {
            tracing::info!(path = %segment.path.display(), "live footage is far behind: what is new goes up beside it");
            segment.leave_behind();
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

    async fn live(&self, put_off: &Mutex<PutOff>) {
        if self.current.is_none() {
            return;
        }
        let Ok(client) = self.account.server.client() else { return };
        while !self.account.is_expired() {
            let begun_us = invigil_clock::boottime_us();
            let segments = self.mine(true);
            join_all(segments.iter().map(|segment| self.catch_up(&client, segment, true, put_off))).await;
            let spent = Duration::from_micros(invigil_clock::boottime_us().saturating_sub(begun_us));
            // What is late, or on a line that takes its time, goes on as soon as it can.
            let every = if segments.len() >= MANY && spent < EVERY / 4 { EVERY_OF_MANY } else { EVERY };
            invigil_clock::sleep(every.saturating_sub(spent).max(Duration::from_millis(200))).await;
        }
    }

    async fn backlog(&self, pause: Duration, put_off: &Mutex<PutOff>) {
        invigil_clock::sleep(pause).await;
        let Ok(client) = self.account.server.client() else { return };
        let mut backoff = BACKOFF_MIN;
        // The segment at which the walk before this one was broken off because the server failed: what is behind it has its turn.
        let mut failed_at: Option<Arc<Segment>> = None;
        while !self.account.is_expired() {
            let (mut got_on, mut hindered, mut failures) = (false, false, 0);
            let mut segments = self.mine(false);
            if let Some(place) = failed_at.take().and_then(|failed| segments.iter().position(|segment| Arc::ptr_eq(segment, &failed))) {
                segments.rotate_left(place + 1);
            }
            for segment in &segments {
                let before = progress(segment);
                let hindrance = self.catch_up(&client, segment, false, put_off).await;
                got_on |= progress(segment) != before;
                hindered |= hindrance.is_some();
                match hindrance {
                    None => failures = 0,
                    // The others go on: the server may wait for just these before it takes this one.
                    Some(Hindrance::OfThisOne) => invigil_clock::sleep(jittered(AFTER_REFUSAL)).await,
                    Some(Hindrance::PerhapsOfAll) => {
                        failures += 1;
                        if failures == FAILS_AT_ALL {
                            failed_at = Some(Arc::clone(segment));
                            break;
                        }
                        invigil_clock::sleep(jittered(AFTER_REFUSAL)).await;
                    }
                    Some(Hindrance::OfAll) => break,
                }
            }
            if got_on || !hindered {
                backoff = BACKOFF_MIN;
            }
            if hindered {
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

    /// Sends what can be sent of a segment. Returns what the server or the network has against it.
    async fn catch_up(&self, client: &reqwest::Client, segment: &Arc<Segment>, live: bool, put_off: &Mutex<PutOff>) -> Option<Hindrance> {
        if !self.records.is_ready(segment.run) {
            return None;
        }
        loop {
            while !live && self.queue.live_behind_us() > GIVE_WAY_US {
                invigil_clock::sleep(Duration::from_millis(500)).await;
            }
            let advanced = advance(&self.account, client, &self.queue, segment, &self.limit, live).await;
            if let Some(refused) = is_refusal(&advanced) {
                segment.set_refused(refused);
            }
            match advanced {
                // A segment that became backlog while it was sent goes on there.
                Ok(Step::Sent) if self.is_live(segment) == live => {}
                Ok(_) => return None,
                Err(CallError::Expired) => return None,
                // What a disk holds back keeps nothing else back; it is tried again.
                Err(CallError::Disk(_)) => return None,
                Err(error) => {
                    self.say(&error, segment, put_off);
                    tracing::debug!(%error, path = %segment.path.display(), "upload interrupted");
                    return Some(Hindrance::by(&error));
                }
            }
        }
    }

    /// Says aloud what somebody has to see to, if it is time.
    fn say(&self, error: &CallError, segment: &Segment, put_off: &Mutex<PutOff>) {
        let now_us = invigil_clock::boottime_us();
        if self.account.says_full(error, now_us) {
            tracing::warn!(%error, "THE SERVER TAKES NO MORE of this recording: it stays on this computer until it does; tell the IT staff");
        }
        // Where it has a file already, it asks for a pause of a second or so.
        if matches!(error, CallError::Refused { status: 429, .. })
            && segment.is_unknown_there()
            && put_off.lock().unwrap_or_else(PoisonError::into_inner).says(now_us)
        {
            tracing::warn!(
                %error,
                "THE SERVER PUTS OFF NEW SEGMENTS of this recording for a minute now: they stay on this computer; tell the IT staff"
            );
        }
    }
}

/// What keeps a segment from getting on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hindrance {
    /// The server refuses something of this one; others may go on.
    OfThisOne,
    /// The server fails at this one, by itself: perhaps at this one only, if its file there is broken.
    PerhapsOfAll,
    /// Server, network or token fail.
    OfAll,
}

impl Hindrance {
    fn by(error: &CallError) -> Self {
        match error {
            // A line that is too slow, and the whole recording.
            CallError::Refused { status: 408 | 410, .. } => Self::OfAll,
            CallError::Refused { status: 400..=499, .. } | CallError::WrongOffset(_) | CallError::Receipt(_) => Self::OfThisOne,
            CallError::Refused { status: 500, .. } => Self::PerhapsOfAll,
            _ => Self::OfAll,
        }
    }
}

/// Whether the server has answered, and with a refusal; nothing where it was not asked, or the answer says neither.
fn is_refusal(advanced: &Result<Step, CallError>) -> Option<bool> {
    match advanced {
        Ok(Step::Idle) | Err(CallError::Disk(_) | CallError::Expired | CallError::Receipt(_) | CallError::WrongOffset(_)) => None,
        // It came too slowly for the server.
        Ok(_) | Err(CallError::Network(_) | CallError::Refused { status: 408, .. }) => Some(false),
        Err(CallError::Refused { .. } | CallError::Unauthorized) => Some(true),
    }
}

/// How far a segment has got: what the server has of it, and whether it is done with.
fn progress(segment: &Segment) -> (u64, bool) {
    let state = segment.state();
    (state.acknowledged_bytes, state.settled)
}

/// A server that makes no files for new segments: that passes by itself, or else somebody has to be told.
#[derive(Debug, Default)]
struct PutOff {
    /// Since when it has been so, and when it was so last, us.
    seen_us: Option<(u64, u64)>,
    said_us: Option<u64>,
}

impl PutOff {
    /// It was so again: whether it is to be said.
    fn says(&mut self, now_us: u64) -> bool {
        let lasting = self.seen_us.filter(|(_, last_us)| now_us.saturating_sub(*last_us) < PUT_OFF_US);
        let since_us = lasting.map_or(now_us, |(since_us, _)| since_us);
        self.seen_us = Some((since_us, now_us));
        let due = now_us.saturating_sub(since_us) >= PUT_OFF_US
            && self.said_us.is_none_or(|said_us| now_us.saturating_sub(said_us) >= SAY_PUT_OFF_US);
        if due {
            self.said_us = Some(now_us);
        }
        due
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
