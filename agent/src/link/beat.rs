//! The heartbeat loop.

use super::{ABANDON, Beacons, INTERVAL, RETRY, Tracker, Turn, patience};
use crate::account::{Account, CallError};
use crate::journal::Journal;
use crate::spool::Queue;
use invigil_format::{Beacon, BootId, Event, Need, Role, RunId};
use invigil_wire::agent::{HEARTBEATS, Heartbeat, HeartbeatAnswer};
use reqwest::Method;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::task::JoinSet;

/// What heartbeats tell the rest of the agent.
#[derive(Debug, Default)]
pub struct LinkState {
    up: AtomicBool,
    since_us: AtomicU64,
    /// Somebody ended the recording on the server's side.
    pub finished: AtomicBool,
    /// Woken when `finished` is set.
    pub changed: tokio::sync::Notify,
    /// Woken at the end of an outage: requests that were under way then wait on connections that the network has forgotten.
    pub back: tokio::sync::Notify,
    outages: Mutex<u64>,
}

impl LinkState {
    /// Whether the last attempt was answered, and since when that is so (boot time, us).
    pub fn now(&self) -> (bool, u64) {
        (self.up.load(Ordering::SeqCst), self.since_us.load(Ordering::SeqCst))
    }

    /// Outages of this run so far.
    pub fn outages(&self) -> u64 {
        *self.outages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, up: bool, at_us: u64) {
        if self.up.swap(up, Ordering::SeqCst) != up || self.since_us.load(Ordering::SeqCst) == 0 {
            self.since_us.store(at_us, Ordering::SeqCst);
        }
    }
}

/// One heartbeat's content.
#[derive(Clone)]
pub struct Beat {
    /// Run.
    pub run: RunId,
    /// This boot.
    pub boot_id: BootId,
    /// Whether pictures arrive.
    pub capturing: Arc<AtomicBool>,
    /// For the spooled bytes.
    pub queue: Arc<Queue>,
}

/// Everything that the loop needs.
pub struct Link {
    /// Server and token.
    pub account: Arc<Account>,
    /// Content.
    pub beat: Beat,
    /// Where outages are recorded.
    pub journal: Journal,
    /// Where beacons go.
    pub beacons: Beacons,
    /// Where the state is shown.
    pub state: Arc<LinkState>,
}

struct Attempt {
    /// Number of the address.
    at: usize,
    start_us: u64,
    end_us: u64,
    result: Result<HeartbeatAnswer, CallError>,
}

/// An attempt without an answer so far.
struct Waiting {
    at: usize,
    start_us: u64,
    failed: bool,
}

/// What attempts say of outages, and of addresses.
struct Bounds {
    tracker: Tracker,
    turn: Turn,
}

impl Link {
    /// Beats until the task is dropped or the recording has expired.
    pub async fn run(self) {
        let Ok(client) = self.account.server.client() else { return };
        let mut bounds = Bounds { tracker: Tracker::default(), turn: Turn::new(self.account.server.addresses.current().0) };
        let mut attempts: JoinSet<Attempt> = JoinSet::new();
        let mut waiting: Vec<Waiting> = Vec::new();
        let mut round_trip = Duration::ZERO;
        let mut sequence = 0;
        self.state.set(false, invigil_clock::boottime_us());
        loop {
            if self.account.is_expired() {
                return;
            }
            let start_us = invigil_clock::boottime_us();
            let at = self.account.server.addresses.current().0;
            attempts.spawn(attempt(Arc::clone(&self.account), client.clone(), self.beat.clone(), sequence, start_us, at));
            waiting.push(Waiting { at, start_us, failed: false });
            sequence += 1;
            // The next start: soon, unless an answer makes it 3 s.
            let mut next_us = start_us + micros(RETRY);
            loop {
                let patience_us = micros(patience(round_trip));
                let overdue_us = waiting.iter().filter(|attempt| !attempt.failed).map(|attempt| attempt.start_us + patience_us).min();
                let wake_us = overdue_us.map_or(next_us, |overdue_us| overdue_us.min(next_us));
                let left = Duration::from_micros(wake_us.saturating_sub(invigil_clock::boottime_us()));
                let done = tokio::select! {
                    biased;
                    Some(done) = attempts.join_next() => done,
                    () = invigil_clock::sleep(left) => {
                        let now_us = invigil_clock::boottime_us();
                        for attempt in waiting.iter_mut().filter(|attempt| !attempt.failed && attempt.start_us + patience_us <= now_us) {
                            attempt.failed = true;
                            self.failed(&mut bounds, attempt.at, attempt.start_us, now_us, "no answer in time");
                        }
                        if now_us >= next_us {
                            break;
                        }
                        continue;
                    }
                };
                let Ok(done) = done else { continue };
                let known = waiting.iter().position(|attempt| attempt.start_us == done.start_us).map(|place| waiting.remove(place));
                match done.result {
                    Ok(answer) => {
                        let trip = Duration::from_micros(done.end_us - done.start_us);
                        self.account.server.addresses.set_current(done.at);
                        if bounds.turn.answered(done.at) {
                            let server = self.account.server.url();
                            tracing::info!(server, "going on with another of the server's addresses");
                            self.journal.record(Event::ServerChanged { server });
                        }
                        if let Some(event) = bounds.tracker.answered() {
                            tracing::info!("link back");
                            self.journal.record(event);
                            self.state.back.notify_waiters();
                        } else {
                            // Eases towards what answers on an open connection take.
                            round_trip = if round_trip.is_zero() { trip } else { (round_trip * 3 + trip) / 4 };
                            // The least of late: what an upload that fills the line adds is none of the line's own.
                            let known_us = self.account.round_trip_us.load(Ordering::SeqCst);
                            let free_us = if known_us == 0 { micros(trip) } else { micros(trip).min(known_us + known_us / 3) };
                            self.account.round_trip_us.store(free_us, Ordering::SeqCst);
                        }
                        // Attempts that still wait say nothing new.
                        attempts.abort_all();
                        waiting.clear();
                        self.take(&answer, done.end_us);
                        next_us = start_us.max(done.start_us) + micros(INTERVAL);
                    }
                    Err(error) if known.is_some_and(|attempt| !attempt.failed) => {
                        self.failed(&mut bounds, done.at, done.start_us, done.end_us, &error.to_string());
                    }
                    Err(_) => {}
                }
            }
        }
    }

    fn failed(&self, bounds: &mut Bounds, at: usize, start_us: u64, end_us: u64, error: &str) {
        let addresses = &self.account.server.addresses;
        if let Some(next) = bounds.turn.failed(at, addresses.all().len()) {
            addresses.set_current(next);
        }
        if let Some(event) = bounds.tracker.failed(start_us, end_us, error) {
            tracing::warn!(error, "link lost");
            *self.state.outages.lock().unwrap_or_else(PoisonError::into_inner) += 1;
            self.journal.record(event);
        }
        self.state.set(false, start_us);
    }

    fn take(&self, answer: &HeartbeatAnswer, at_us: u64) {
        self.state.set(true, at_us);
        crate::enrol::heard(answer.server_time_ms);
        self.account.expires_ms.store(answer.expires_ms, Ordering::SeqCst);
        self.account.ends_ms.store(answer.ends_ms, Ordering::SeqCst);
        match Beacon::from_hex(self.account.fingerprint, &answer.beacon) {
            Ok(beacon) => match self.account.trust().require(Need::new(Role::Server, beacon.key, crate::enrol::now_ms())) {
                Ok(_) => self.beacons.set(beacon),
                Err(error) => tracing::warn!(%error, "a server beacon does not count"),
            },
            Err(error) => tracing::warn!(%error, "a server beacon is damaged"),
        }
        if answer.finished && !self.state.finished.swap(true, Ordering::SeqCst) {
            self.state.changed.notify_waiters();
        }
    }
}

async fn attempt(account: Arc<Account>, client: reqwest::Client, beat: Beat, sequence: u64, start_us: u64, at: usize) -> Attempt {
    let body = Heartbeat {
        recording: account.recording,
        run: beat.run,
        sequence,
        boot_id: beat.boot_id,
        boottime_us: start_us,
        wall_ms: invigil_clock::wall_ms(),
        capturing: beat.capturing.load(Ordering::SeqCst),
        spooled_bytes: beat.queue.spooled_bytes(),
    };
    let call = async {
        let answer = account.send(account.request(&client, Method::POST, HEARTBEATS).json(&body)).await?;
        answer.json::<HeartbeatAnswer>().await.map_err(|error| CallError::Network(crate::enrol::causes(&error)))
    };
    // While a call waits its connection is busy, so that the next attempt begins with a fresh one.
    let result = tokio::time::timeout(ABANDON, call).await.unwrap_or_else(|_| Err(CallError::Network("no answer in time".into())));
    Attempt { at, start_us, end_us: invigil_clock::boottime_us(), result }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
