//! The trust document: which TLS key, server key and review keys the institution certifies.

use super::EnrolError;
use super::tls::{self, Pins};
use invigil_format::{Error, Fingerprint, Need, Role, Subject, TrustStore};
use invigil_wire::agent::{TRUST, Trust};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

/// Longest trust document, bytes.
const MAX_BYTES: usize = 1 << 20;

/// The addresses of one server, `https://HOST:PORT` without slash at the end, and which of them is in use. Each must prove to be the institution's.
#[derive(Debug)]
pub struct Addresses {
    all: RwLock<Vec<String>>,
    current: AtomicUsize,
}

impl Addresses {
    /// In the order in which they are to be tried, each once.
    fn new(urls: &[String]) -> Result<Self, EnrolError> {
        let mut all: Vec<String> = Vec::new();
        for url in urls {
            let url = checked(url)?;
            if !all.contains(&url) {
                all.push(url);
            }
        }
        if all.is_empty() {
            return Err(EnrolError::BadServer(String::new()));
        }
        Ok(Self { all: RwLock::new(all), current: AtomicUsize::new(0) })
    }

    /// The one in use, and its number.
    pub fn current(&self) -> (usize, String) {
        let all = self.all.read().unwrap_or_else(PoisonError::into_inner);
        let index = self.current.load(Ordering::SeqCst) % all.len().max(1);
        (index, all.get(index).cloned().unwrap_or_default())
    }

    /// All of them.
    pub fn all(&self) -> Vec<String> {
        self.all.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The address with this number is the one in use from now on; after the last one comes the first.
    pub fn set_current(&self, index: usize) {
        self.current.store(index % self.all().len().max(1), Ordering::SeqCst);
    }

    /// Adds those that the server named, behind the others. What is no address is left out.
    fn add(&self, urls: &[String]) {
        let mut all = self.all.write().unwrap_or_else(PoisonError::into_inner);
        for url in urls {
            match checked(url) {
                Ok(url) if !all.contains(&url) => all.push(url),
                Ok(_) => {}
                Err(error) => tracing::warn!(%error, "an address that the server named is left out"),
            }
        }
    }
}

/// A server that has proved to be the institution's.
#[derive(Clone)]
pub struct Server {
    /// Where it is.
    pub addresses: Arc<Addresses>,
    /// The institution.
    pub fingerprint: Fingerprint,
    /// TLS keys that it may show at any of them; shared by all clients.
    pub pins: Arc<Pins>,
}

impl Server {
    /// A server whose keys were certified earlier: they are in `trust`.
    pub fn known(urls: &[String], trust: &TrustStore, now_ms: i64) -> Result<Self, EnrolError> {
        let addresses = Arc::new(Addresses::new(urls)?);
        Ok(Self { addresses, fingerprint: trust.fingerprint(), pins: Pins::only(tls_keys(trust, now_ms)) })
    }

    /// A server without TLS on this machine.
    #[cfg(test)]
    pub(crate) fn for_test(url: &str, fingerprint: Fingerprint) -> Self {
        let addresses = Addresses { all: RwLock::new(vec![url.into()]), current: AtomicUsize::new(0) };
        Self { addresses: Arc::new(addresses), fingerprint, pins: Pins::only(Vec::new()) }
    }

    /// The address in use.
    pub fn url(&self) -> String {
        self.addresses.current().1
    }

    /// The server named more addresses of its own.
    #[must_use]
    pub fn with(self, urls: &[String]) -> Self {
        self.addresses.add(urls);
        self
    }

    /// A client with connections of its own.
    pub fn client(&self) -> Result<reqwest::Client, EnrolError> {
        // No proxy stands before this machine itself.
        let local = self.addresses.all().iter().all(|url| is_local(url));
        tls::client(&self.pins, local).map_err(|e| unreachable("preparing a connection", &self.url(), &e))
    }

    /// Asks for the trust document again: the server may have a new, certified TLS key.
    pub async fn refresh(&self, now_ms: i64) -> Result<(Trust, TrustStore), EnrolError> {
        let (_, trust, store) = bootstrap(&self.url(), self.fingerprint, now_ms).await?;
        self.pins.add(tls_keys(&store, now_ms));
        Ok((trust, store))
    }
}

/// [`bootstrap`] at the first of these addresses that answers as it must; the server keeps the others too. Says why the last one did not, or, if
/// any of them may do so later, why that one did not.
pub async fn bootstrap_any(urls: &[String], fingerprint: Fingerprint, now_ms: i64) -> Result<(Server, Trust, TrustStore), EnrolError> {
    let addresses = Addresses::new(urls)?;
    let mut failed: Option<EnrolError> = None;
    for (index, url) in addresses.all().iter().enumerate() {
        match bootstrap(url, fingerprint, now_ms).await {
            Ok((server, trust, store)) => {
                addresses.set_current(index);
                return Ok((Server { addresses: Arc::new(addresses), ..server }, trust, store));
            }
            Err(error) => {
                tracing::debug!(%error, "an address of the server does not do");
                failed = failed.filter(|known| known.is_passing() && !error.is_passing()).or(Some(error));
            }
        }
    }
    Err(failed.unwrap_or_else(|| EnrolError::BadServer(String::new())))
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
    let server = Server::known(std::slice::from_ref(&url), &store, now_ms)?;
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
    fn addresses_are_tried_in_turn_and_those_that_the_server_names_come_last() {
        let urls = ["https://a:1", "https://b:2/", "https://a:1"].map(str::to_owned);
        let addresses = Addresses::new(&urls).unwrap();
        addresses.add(&["https://b:2".into(), "no address".into(), "https://c:3".into()]);
        assert_eq!(addresses.all(), ["https://a:1", "https://b:2", "https://c:3"]);
        let turn: Vec<String> = (0..4)
            .map(|_| {
                let (index, url) = addresses.current();
                addresses.set_current(index + 1);
                url
            })
            .collect();
        assert_eq!(turn, ["https://a:1", "https://b:2", "https://c:3", "https://a:1"]);
        assert!(Addresses::new(&[]).is_err() && Addresses::new(&["http://a".to_owned()]).is_err());
    }

    #[tokio::test]
    async fn an_address_that_nobody_answers_at_may_do_later_whatever_the_others_say() {
        crate::init();
        let fingerprint = Fingerprint([1; 32]);
        let urls = ["https://127.0.0.1:1".to_owned(), "https://127.0.0.1:2".to_owned()];
        let error = bootstrap_any(&urls, fingerprint, 1).await.err().unwrap();
        assert!(error.is_passing() && error.to_string().contains("127.0.0.1:"), "{error}");
    }

    #[test]
    fn only_plain_https_addresses_are_taken() {
        assert_eq!(checked("https://127.0.0.1:8443/").unwrap(), "https://127.0.0.1:8443");
        for wrong in ["http://x", "https://user:pw@x", "https://x/path", "x", "https://"] {
            assert!(checked(wrong).is_err(), "{wrong}");
        }
        assert!(is_local("https://127.0.0.1:1") && is_local("https://[::1]:1") && !is_local("https://example.org"));
    }
}
