//! Joining: trades the code for a recording, and checks every certificate in the answer before anything is sealed to its key.

use super::trust::unreachable;
use super::{EnrolError, Server, wait_secs};
use invigil_format::{DeviceKey, Digest, Fingerprint, Join, code_digest};
use invigil_wire::ErrorBody;
use invigil_wire::agent::{JOIN, JoinAnswer, JoinRequest, split_join};
use std::time::Duration;
use zeroize::Zeroizing;

/// A join code with the fingerprint of the institution. Never printed.
pub struct JoinLink {
    code: Zeroizing<String>,
    /// The institution.
    pub fingerprint: Fingerprint,
}

impl JoinLink {
    /// From `CODE.FINGERPRINT` or a whole join link.
    pub fn parse(text: &str) -> Result<Self, EnrolError> {
        let (code, fingerprint) = split_join(text.trim());
        let fingerprint = fingerprint.filter(|text| !text.is_empty()).ok_or(EnrolError::NoFingerprint)?;
        let fingerprint = fingerprint.parse().map_err(EnrolError::BadFingerprint)?;
        Ok(Self { code: Zeroizing::new(code.to_owned()), fingerprint })
    }

    /// The code itself, for the server only.
    pub(super) fn code(&self) -> &str {
        &self.code
    }

    /// Digest of the code: names the enrolment on disk without telling the code.
    pub fn digest(&self) -> Digest {
        code_digest(&self.code)
    }
}

/// Joins. Repeating it with the same device key gives the same recording with a new token.
pub async fn join(server: &Server, link: &JoinLink, device: &DeviceKey, now_ms: i64) -> Result<JoinAnswer, EnrolError> {
    let attempt = "join the exam";
    let statement = Join { institution: link.fingerprint, code_digest: link.digest(), wall_ms: now_ms };
    let proof = device.state(&statement).map_err(|source| EnrolError::Format { attempt: "signing the join", source })?;
    let request = JoinRequest { code: link.code.to_string(), proof, agent_version: env!("CARGO_PKG_VERSION").into() };
    let url = server.url();
    let failed = |e: reqwest::Error| unreachable("joining", &url, &e.without_url());
    let sent = server.client()?.post(format!("{url}{JOIN}")).json(&request).timeout(Duration::from_secs(15)).send();
    let answer = sent.await.map_err(failed)?;
    let (status, wait_secs) = (answer.status(), wait_secs(&answer));
    if status.is_success() {
        return answer.json().await.map_err(failed);
    }
    let body: ErrorBody =
        answer.json().await.unwrap_or_else(|_| ErrorBody { error: "unknown".into(), message: "the server gave no reason".into() });
    Err(EnrolError::Refused { attempt, status: status.as_u16(), error: body.error, message: body.message, wait_secs })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_without_fingerprint_is_refused_and_the_code_is_one_however_it_is_typed() {
        assert!(matches!(JoinLink::parse("ABCD-EFGH"), Err(EnrolError::NoFingerprint)));
        assert!(matches!(JoinLink::parse("ABCD-EFGH."), Err(EnrolError::NoFingerprint)));
        assert!(matches!(JoinLink::parse("ABCD-EFGH.12"), Err(EnrolError::BadFingerprint(_))));
        let fingerprint = "ab".repeat(32);
        let typed = JoinLink::parse(&format!(" abcdefgh.{fingerprint}\n")).unwrap();
        let linked = JoinLink::parse(&format!("https://h:1/join#ABCD-EFGH.{fingerprint}")).unwrap();
        assert_eq!(typed.digest(), linked.digest());
    }
}
