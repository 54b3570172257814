//! One recording's dealings with its server: address, token, trust, and what to do when the server says no.

use crate::enrol::{self, EnrolError, Enrolment, JoinLink, RoomPass, Server, causes};
use crate::spool::{Layout, Queue, RemoveError, delete_recording};
use invigil_format::{DeviceKey, Fingerprint, RecordingId, Statement, TrustStore};
use invigil_wire::ErrorBody;
use invigil_wire::agent::EXPIRY_HEADER;
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::sync::Notify;

/// Least distance of attempts to join again or to ask for the trust document again.
const RENEW: Duration = Duration::from_secs(3);
/// What that grows to while the server refuses.
const RENEW_MAX: Duration = Duration::from_secs(60);

/// Why a request did not do what it should.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// No answer.
    #[error("{0}")]
    Network(String),
    /// This computer's disk.
    #[error("{0}")]
    Disk(String),
    /// The token does not count any more.
    #[error("the server does not know this agent's token any more")]
    Unauthorized,
    /// The recording has expired and was removed from the spool.
    #[error("the recording has expired")]
    Expired,
    /// The receipt of one segment does not count.
    #[error("{0}")]
    Receipt(String),
    /// The server's file has another length than the append began at.
    #[error("the server's file has {0} bytes")]
    WrongOffset(u64),
    /// Another answer than success.
    #[error("{message} ({status} {error})")]
    Refused {
        /// HTTP status.
        status: u16,
        /// Stable name.
        error: String,
        /// For people.
        message: String,
    },
}

/// What a new token can be had with.
#[derive(Clone)]
pub enum Pass {
    /// Nothing: an earlier exam's recording.
    Nothing,
    /// The join link.
    Link(Arc<JoinLink>),
    /// The room that this computer is enrolled for.
    Room(Arc<RoomPass>),
}

/// How often it is said that the server takes no more, us.
const SAY_FULL_US: u64 = 300_000_000;

/// Shared by everything that talks to the server about one recording.
pub struct Account {
    /// Recording.
    pub recording: RecordingId,
    /// Server.
    pub server: Server,
    /// Institution.
    pub fingerprint: Fingerprint,
    /// The recording has expired: nothing more is to be sent.
    pub expired: AtomicBool,
    /// Set when the token or the server's TLS key must be renewed.
    pub renew: Notify,
    names: Layout,
    queue: Arc<Queue>,
    token: RwLock<String>,
    trust: RwLock<Arc<TrustStore>>,
    unauthorized: AtomicBool,
    said_unauthorized: AtomicBool,
    /// When it was last said aloud that the server takes no more, us of boot time; 0: never.
    said_full_us: AtomicU64,
    /// Expiry as the server said last, Unix ms.
    pub expires_ms: AtomicI64,
    /// End of this candidate's or room's window as the server said last, Unix ms: until then uploads keep to the policy's ceiling.
    pub ends_ms: AtomicI64,
    /// What a heartbeat on an open connection takes, there and back, when the line is free, us.
    pub round_trip_us: AtomicU64,
}

impl Account {
    /// From an enrolment whose certificates were checked.
    pub fn new(enrolment: &Enrolment, server: Server, names: &Layout, queue: &Arc<Queue>) -> Result<Arc<Self>, EnrolError> {
        Ok(Arc::new(Self {
            recording: enrolment.answer.recording,
            fingerprint: enrolment.fingerprint,
            server,
            expired: AtomicBool::new(false),
            renew: Notify::new(),
            names: names.clone(),
            queue: Arc::clone(queue),
            token: RwLock::new(enrolment.answer.token.clone()),
            trust: RwLock::new(Arc::new(enrolment.trust()?)),
            unauthorized: AtomicBool::new(false),
            said_unauthorized: AtomicBool::new(false),
            said_full_us: AtomicU64::new(0),
            expires_ms: AtomicI64::new(enrolment.answer.expires_ms),
            ends_ms: AtomicI64::new(enrolment.answer.exam.ends_ms),
            round_trip_us: AtomicU64::new(0),
        }))
    }

    /// Whether it is to be said aloud that the server takes no more of this recording: at once, and then once in [`SAY_FULL_US`].
    pub fn says_full(&self, error: &CallError, now_us: u64) -> bool {
        let full = matches!(error, CallError::Refused { status: 413 | 507, .. });
        let said_us = self.said_full_us.load(Ordering::SeqCst);
        let due = full && (said_us == 0 || now_us.saturating_sub(said_us) >= SAY_FULL_US);
        if due {
            self.said_full_us.store(now_us.max(1), Ordering::SeqCst);
        }
        due
    }

    /// The certificates known now.
    pub fn trust(&self) -> Arc<TrustStore> {
        Arc::clone(&self.trust.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Nothing more is to be sent.
    pub fn is_expired(&self) -> bool {
        self.expired.load(Ordering::SeqCst)
    }

    /// A request with the token. `path` begins with a slash.
    pub fn request(&self, client: &reqwest::Client, method: Method, path: &str) -> RequestBuilder {
        let token = self.token.read().unwrap_or_else(PoisonError::into_inner);
        client.request(method, format!("{}{path}", self.server.url())).bearer_auth(&*token)
    }

    /// Sends; answers other than success become errors, and an expiry removes the recording.
    pub async fn send(&self, request: RequestBuilder) -> Result<Response, CallError> {
        let answer = match request.send().await {
            Ok(answer) => answer,
            Err(error) => {
                if self.server.pins.take_refused() {
                    self.renew.notify_one();
                    return Err(CallError::Network(
                        "the server shows a key that is not certified yet, asking for its certificate again".into(),
                    ));
                }
                return Err(CallError::Network(causes(&error)));
            }
        };
        match answer.status() {
            status if status.is_success() => Ok(answer),
            StatusCode::UNAUTHORIZED => {
                self.unauthorized.store(true, Ordering::SeqCst);
                self.renew.notify_one();
                Err(CallError::Unauthorized)
            }
            StatusCode::GONE => Err(self.gone(answer).await),
            StatusCode::CONFLICT => match header_number(&answer, "upload-offset") {
                Some(offset) => Err(CallError::WrongOffset(offset)),
                None => Err(refused(answer).await),
            },
            _ => Err(refused(answer).await),
        }
    }

    async fn gone(&self, answer: Response) -> CallError {
        let header = answer.headers().get(EXPIRY_HEADER).and_then(|value| hex::decode(value.as_bytes()).ok());
        let Some(statement) = header.and_then(|text| Statement::from_json(&text).ok()) else { return refused(answer).await };
        // An expiry deletes: it must be signed by a certified server key, name this recording, and is believed for nothing else.
        let removed = delete_recording(&self.names, self.recording, &self.queue, &statement, &self.trust(), enrol::now_ms());
        match removed {
            Ok(()) => {
                if !self.expired.swap(true, Ordering::SeqCst) {
                    tracing::info!(recording = %self.recording, "the recording has expired, its footage was removed from this computer");
                }
                self.queue.changed.notify_waiters();
                CallError::Expired
            }
            Err(error @ RemoveError::Disk(_)) => CallError::Disk(error.to_string()),
            Err(error) => CallError::Refused { status: 410, error: "expired".into(), message: error.to_string() },
        }
    }

    /// Gets a new trust document or a new token whenever one is needed. Without a pass, as for an earlier exam's recording, only trust can
    /// be renewed. Ends when the recording has expired.
    pub async fn keep_renewed(&self, pass: &Pass, device: &DeviceKey) {
        let mut pause = RENEW;
        while !self.is_expired() {
            self.renew.notified().await;
            let renewed = self.renew_once(pass, device).await;
            if let Err(error) = &renewed {
                tracing::warn!(%error, recording = %self.recording, "renewing the enrolment failed");
                if error.is_passing() {
                    self.renew.notify_one();
                }
            }
            pause = next_pause(pause, &renewed, self.unauthorized.load(Ordering::SeqCst));
            invigil_clock::sleep(pause).await;
        }
    }

    async fn renew_once(&self, pass: &Pass, device: &DeviceKey) -> Result<(), EnrolError> {
        let now_ms = enrol::now_ms();
        let (trust, _) = self.server.refresh(now_ms).await?;
        let folder = self.names.recording(self.recording);
        if !self.unauthorized.load(Ordering::SeqCst) {
            if let Some(kept) = enrol::load(&folder, device.public())? {
                self.keep(&kept.refreshed(trust), &folder, device)?;
            }
            return Ok(());
        }
        let (answer, code_digest) = match pass {
            Pass::Nothing => {
                if !self.said_unauthorized.swap(true, Ordering::SeqCst) {
                    tracing::warn!(recording = %self.recording, "the server does not take this recording's token any more: start the agent with its join link");
                }
                return Ok(());
            }
            Pass::Link(link) => (enrol::join(&self.server, link, device, now_ms).await?, link.digest()),
            Pass::Room(room) => {
                // Before: of a code that is put in meanwhile this answer is none.
                let code_digest = room.code_digest();
                (room.take(&self.server, self.recording).await?, code_digest)
            }
        };
        let _ = self.server.clone().with(&answer.servers);
        let enrolment = Enrolment::new(&self.server, code_digest, trust, answer);
        if enrolment.answer.recording != self.recording {
            tracing::error!(recording = %enrolment.answer.recording, "the join code now leads to another recording: stop and start the agent again");
            return Ok(());
        }
        enrolment.recipients(device.public(), now_ms)?;
        self.token.write().unwrap_or_else(PoisonError::into_inner).clone_from(&enrolment.answer.token);
        self.unauthorized.store(false, Ordering::SeqCst);
        self.keep(&enrolment, &folder, device)
    }

    /// It counts at once: on a full disk there is room to save it only after it was uploaded with.
    fn keep(&self, enrolment: &Enrolment, folder: &std::path::Path, device: &DeviceKey) -> Result<(), EnrolError> {
        *self.trust.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(enrolment.trust()?);
        enrolment.save(folder, device)
    }
}

/// How long the next attempt to renew waits: longer each time while the server refuses this recording to this computer, because nothing changes by asking.
fn next_pause(before: Duration, renewed: &Result<(), EnrolError>, unauthorized: bool) -> Duration {
    match renewed {
        Err(error) if error.is_passing() => RENEW,
        Ok(()) if !unauthorized => RENEW,
        _ => (before * 2).min(RENEW_MAX),
    }
}

/// A header that holds a number.
pub fn header_number(answer: &Response, name: &str) -> Option<u64> {
    answer.headers().get(name)?.to_str().ok()?.parse().ok()
}

async fn refused(answer: Response) -> CallError {
    let status = answer.status().as_u16();
    let body = answer.json::<ErrorBody>().await;
    let body = body.unwrap_or_else(|_| ErrorBody { error: "unknown".into(), message: "the server gave no reason".into() });
    CallError::Refused { status, error: body.error, message: body.message }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_refuses_is_asked_less_and_less_often() {
        let refused = |status| EnrolError::Refused { attempt: "take", status, error: "e".into(), message: "m".into(), wait_secs: 0 };
        for status in [403, 409] {
            let (mut pause, mut all) = (RENEW, Vec::new());
            for _ in 0..6 {
                pause = next_pause(pause, &Err(refused(status)), true);
                all.push(pause.as_secs());
            }
            assert_eq!(all, [6, 12, 24, 48, 60, 60]);
        }
        assert_eq!(next_pause(RENEW_MAX, &Ok(()), true), RENEW_MAX, "no pass that a token could be had with");
        assert_eq!(next_pause(RENEW_MAX, &Ok(()), false), RENEW);
        assert_eq!(next_pause(RENEW_MAX, &Err(refused(503)), true), RENEW, "the server is away: it is needed as soon as it is back");
    }
}
