//! A room's computer: enrolled once with the room code, then it sees the room's exams and takes their recordings (`wire::room`).

use super::trust::unreachable;
use super::{EnrolError, JoinLink, Server, wait_secs};
use invigil_format::{DeviceKey, Digest, Join, RecordingId};
use invigil_wire::ErrorBody;
use invigil_wire::agent::JoinAnswer;
use invigil_wire::room::{ENROL, EXAMS, EnrolAnswer, EnrolRequest, RoomExams, TAKE, TakeRequest};
use reqwest::RequestBuilder;
use serde::de::DeserializeOwned;
use std::sync::{PoisonError, RwLock};
use std::time::Duration;
use zeroize::Zeroizing;

/// How long the server may take.
const TIMEOUT: Duration = Duration::from_secs(15);
/// Longest answer, bytes: hundreds of exams, or certificates.
const MAX_BYTES: usize = 2 << 20;

/// The enrolment of this computer for its room. Never printed. Whatever code it is renewed with, recordings that go on hold the same one.
pub struct RoomPass(RwLock<Held>);

struct Held {
    code_digest: Digest,
    token: Zeroizing<String>,
}

impl RoomPass {
    /// From what was kept.
    pub fn new(code_digest: Digest, token: String) -> Self {
        Self(RwLock::new(Held { code_digest, token: Zeroizing::new(token) }))
    }

    /// Counts from now on instead of the one before, for whoever holds it.
    pub fn renew(&self, code_digest: Digest, token: String) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Held { code_digest, token: Zeroizing::new(token) };
    }

    /// Digest of the room code: names the enrolments that were had with it.
    pub fn code_digest(&self) -> Digest {
        self.0.read().unwrap_or_else(PoisonError::into_inner).code_digest
    }

    /// The room's exams, with those that have ended.
    ///
    /// # Errors
    /// [`EnrolError::Refused`] with 401 when this computer is not the room's any more.
    pub async fn exams(&self, server: &Server) -> Result<RoomExams, EnrolError> {
        let request = server.client()?.get(format!("{}{EXAMS}", server.url())).bearer_auth(self.token());
        ask(request, server, "list the room's exams").await
    }

    /// Takes a recording of the room: the same answer as joining gives.
    ///
    /// # Errors
    /// [`EnrolError::Refused`]: 403 for another room's, 409 when it has ended or a device has it by a code, 410 when it has expired.
    pub async fn take(&self, server: &Server, recording: RecordingId) -> Result<JoinAnswer, EnrolError> {
        let body = TakeRequest { recording, agent_version: env!("CARGO_PKG_VERSION").into() };
        let request = server.client()?.post(format!("{}{TAKE}", server.url())).bearer_auth(self.token()).json(&body);
        ask(request, server, "take a recording of the room").await
    }

    fn token(&self) -> String {
        self.0.read().unwrap_or_else(PoisonError::into_inner).token.to_string()
    }
}

/// Trades the room code for the room. Repeating it with the same device key gives a new token.
///
/// # Errors
/// [`EnrolError::Refused`] when the code is not known or was used by another computer.
pub async fn enrol_room(server: &Server, link: &JoinLink, device: &DeviceKey, now_ms: i64) -> Result<EnrolAnswer, EnrolError> {
    let statement = Join { institution: link.fingerprint, code_digest: link.digest(), wall_ms: now_ms };
    let proof = device.state(&statement).map_err(|source| EnrolError::Format { attempt: "signing the enrolment", source })?;
    let request = EnrolRequest { code: link.code().to_owned(), proof, agent_version: env!("CARGO_PKG_VERSION").into() };
    let request = server.client()?.post(format!("{}{ENROL}", server.url())).json(&request);
    ask(request, server, "enrol this computer for its room").await
}

async fn ask<T: DeserializeOwned>(request: RequestBuilder, server: &Server, attempt: &'static str) -> Result<T, EnrolError> {
    let url = server.url();
    let failed = |e: reqwest::Error| unreachable(attempt, &url, &e.without_url());
    let mut answer = request.timeout(TIMEOUT).send().await.map_err(failed)?;
    let (status, wait_secs) = (answer.status(), wait_secs(&answer));
    let mut body = Vec::new();
    while let Some(part) = answer.chunk().await.map_err(failed)? {
        body.extend_from_slice(&part);
        if body.len() > MAX_BYTES {
            return Err(EnrolError::Unreachable { attempt, server: url, reason: "the answer is too long".into() });
        }
    }
    if status.is_success() {
        return serde_json::from_slice(&body).map_err(|e| EnrolError::Unreachable { attempt, server: url.clone(), reason: e.to_string() });
    }
    let body = serde_json::from_slice(&body);
    let body = body.unwrap_or_else(|_| ErrorBody { error: "unknown".into(), message: "the server gave no reason".into() });
    Err(EnrolError::Refused { attempt, status: status.as_u16(), error: body.error, message: body.message, wait_secs })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn a_pass_that_is_renewed_with_another_code_is_renewed_for_all_who_hold_it() {
        let pass = Arc::new(RoomPass::new(Digest([1; 32]), "old".into()));
        let held = Arc::clone(&pass);
        pass.renew(Digest([2; 32]), "new".into());
        assert_eq!((held.code_digest(), held.token()), (Digest([2; 32]), "new".to_owned()));
    }
}
