//! The trust document: which TLS key, server key and review keys the institution certifies.

use super::EnrolError;
use super::tls::{self, Pins};
use invigil_format::{Error, Fingerprint, Need, Role, Subject, TrustStore};
use invigil_wire::agent::{TRUST, Trust};
use std::sync::Arc;
use std::time::Duration;

/// Longest trust document, bytes.
const MAX_BYTES: usize = 1 << 20;

/// A server that has proved to be the institution's.
#[derive(Clone)]
pub struct Server {
    /// `https://HOST:PORT`, without slash at the end.
    pub url: String,
    /// The institution.
    pub fingerprint: Fingerprint,
    /// TLS keys that it may show; shared by all clients.
    pub pins: Arc<Pins>,
    local: bool,
}

impl Server {
    /// A server whose keys were certified earlier: they are in `trust`.
    pub fn known(url: &str, trust: &TrustStore, now_ms: i64) -> Result<Self, EnrolError> {
        let url = checked(url)?;
        let local = is_local(&url);
        Ok(Self { url, fingerprint: trust.fingerprint(), pins: Pins::only(tls_keys(trust, now_ms)), local })
    }

    /// A server without TLS on this machine.
    #[cfg(test)]
    pub(crate) fn for_test(url: &str, fingerprint: Fingerprint) -> Self {
        Self { url: url.into(), fingerprint, pins: Pins::only(Vec::new()), local: true }
    }

    /// A client with connections of its own.
    pub fn client(&self) -> Result<reqwest::Client, EnrolError> {
        tls::client(&self.pins, self.local).map_err(|e| unreachable("preparing a connection", &self.url, &e))
    }

    /// Asks for the trust document again: the server may have a new, certified TLS key.
    pub async fn refresh(&self, now_ms: i64) -> Result<(Trust, TrustStore), EnrolError> {
        let (_, trust, store) = bootstrap(&self.url, self.fingerprint, now_ms).await?;
        self.pins.replace(tls_keys(&store, now_ms));
        Ok((trust, store))
    }
}

/// Gets the trust document and checks it: the institution key has the fingerprint, and a certificate of it covers exactly the key of this connection.
pub async fn bootstrap(url: &str, fingerprint: Fingerprint, now_ms: i64) -> Result<(Server, Trust, TrustStore), EnrolError> {
    let url = checked(url)?;
    let local = is_local(&url);
    let attempt = "asking for the trust document";
    let pins = Pins::learning();
    let client = tls::client(&pins, local).map_err(|e| unreachable(attempt, &url, &e))?;
    let answer = client.get(format!("{url}{TRUST}")).timeout(Duration::from_secs(10)).send().await;
    let mut answer = answer.and_then(reqwest::Response::error_for_status).map_err(|e| unreachable(attempt, &url, &e))?;
    let mut body = Vec::new();
    while let Some(part) = answer.chunk().await.map_err(|e| unreachable(attempt, &url, &e))? {
        body.extend_from_slice(&part);
        if body.len() > MAX_BYTES {
            return Err(EnrolError::Unreachable { attempt, server: url, reason: "the answer is too long".into() });
        }
    }
    let trust: Trust =
        serde_json::from_slice(&body).map_err(|e| EnrolError::Unreachable { attempt, server: url.clone(), reason: e.to_string() })?;
    let untrusted = |reason: Error| EnrolError::Untrusted { server: url.clone(), reason };
    let store = TrustStore::new(fingerprint, trust.institution, &trust.certificates).map_err(untrusted)?;
    let seen = pins.seen().ok_or(Error::NotCertified { role: "tls" }).map_err(untrusted)?;
    store.require(Need::new(Role::Tls, seen, now_ms)).map_err(untrusted)?;
    let server = Server { fingerprint, pins: Pins::only(tls_keys(&store, now_ms)), local, url: url.clone() };
    Ok((server, trust, store))
}

fn tls_keys(store: &TrustStore, now_ms: i64) -> Vec<Subject> {
    store.current(Role::Tls, now_ms).map(|(certificate, _)| certificate.subject).collect()
}

fn checked(url: &str) -> Result<String, EnrolError> {
    let bad = || EnrolError::BadServer(url.chars().take(200).collect());
    let parsed = reqwest::Url::parse(url).map_err(|_| bad())?;
    if parsed.scheme() != "https" || parsed.host_str().is_none() || !parsed.username().is_empty() || parsed.path() != "/" {
        return Err(bad());
    }
    Ok(parsed.as_str().trim_end_matches('/').to_owned())
}

fn is_local(url: &str) -> bool {
    reqwest::Url::parse(url).is_ok_and(|url| match url.host_str() {
        Some(host) => host == "localhost" || host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback()),
        None => false,
    })
}

/// A transport error with its causes, without the address (it stands beside it).
pub(super) fn unreachable(attempt: &'static str, server: &str, error: &reqwest::Error) -> EnrolError {
    EnrolError::Unreachable { attempt, server: server.to_owned(), reason: causes(error) }
}

/// The chain of causes of a transport error in one line.
pub fn causes(error: &reqwest::Error) -> String {
    let mut text = if error.is_timeout() { "no answer in time".to_owned() } else { String::new() };
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        if !text.is_empty() {
            text.push_str(": ");
        }
        text.push_str(&error.to_string());
        cause = error.source();
    }
    if text.is_empty() { error.to_string() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_https_addresses_are_taken() {
        assert_eq!(checked("https://127.0.0.1:8443/").unwrap(), "https://127.0.0.1:8443");
        for wrong in ["http://x", "https://user:pw@x", "https://x/path", "x", "https://"] {
            assert!(checked(wrong).is_err(), "{wrong}");
        }
        assert!(is_local("https://127.0.0.1:1") && is_local("https://[::1]:1") && !is_local("https://example.org"));
    }
}
