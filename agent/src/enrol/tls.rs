//! TLS whose only authority is the institution key: a server's certificate counts by its public key, not by its name or issuer.

use invigil_format::Subject;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, SignatureScheme};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Which public keys a server may show. Shared by all clients of one server.
#[derive(Debug)]
pub struct Pins {
    accepted: Mutex<Option<Vec<Subject>>>,
    seen: Mutex<Option<Subject>>,
    refused: AtomicBool,
    provider: Arc<CryptoProvider>,
}

impl Pins {
    /// Takes any key and remembers it: only for asking for the trust document, with nothing secret in the request.
    pub fn learning() -> Arc<Self> {
        Self::with(None)
    }

    /// Takes exactly these keys.
    pub fn only(keys: Vec<Subject>) -> Arc<Self> {
        Self::with(Some(keys))
    }

    fn with(accepted: Option<Vec<Subject>>) -> Arc<Self> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        Arc::new(Self { accepted: Mutex::new(accepted), seen: Mutex::new(None), refused: AtomicBool::new(false), provider })
    }

    /// Takes these keys too: the server has new ones that are certified, or another of its addresses has.
    pub fn add(&self, keys: Vec<Subject>) {
        let mut accepted = self.accepted.lock().unwrap_or_else(PoisonError::into_inner);
        let known = accepted.get_or_insert_default();
        known.extend(keys);
        known.sort_unstable();
        known.dedup();
    }

    /// The key that the server showed last.
    pub fn seen(&self) -> Option<Subject> {
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a key was refused since this was asked last: time to ask for the trust document again.
    pub fn take_refused(&self) -> bool {
        self.refused.swap(false, Ordering::SeqCst)
    }
}

impl ServerCertVerifier for Pins {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let parsed = rustls::server::ParsedCertificate::try_from(end_entity)?;
        let subject = Subject::from(invigil_format::digest(&parsed.subject_public_key_info()));
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(subject);
        match &*self.accepted.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(keys) if !keys.contains(&subject) => {
                self.refused.store(true, Ordering::SeqCst);
                Err(CertificateError::ApplicationVerificationFailure.into())
            }
            _ => Ok(ServerCertVerified::assertion()),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// Connections that are kept for the next request: all tracks of a room send side by side every few seconds, and a handshake costs more than what is sent.
const IDLE: usize = 64;

/// A client with connections of its own. HTTP/1.1: a request that times out takes its connection with it, so that after an outage nobody waits
/// for a connection that the network has forgotten.
pub fn client(pins: &Arc<Pins>, host_is_local: bool) -> Result<reqwest::Client, reqwest::Error> {
    let verifier: Arc<dyn ServerCertVerifier> = Arc::clone(pins) as Arc<dyn ServerCertVerifier>;
    let builder = rustls::ClientConfig::builder_with_provider(Arc::clone(&pins.provider));
    let mut config = match builder.with_safe_default_protocol_versions() {
        Ok(builder) => builder.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth(),
        // The provider is ring's own, which supports the default versions.
        Err(_) => rustls::ClientConfig::builder().dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth(),
    };
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    let mut builder = reqwest::Client::builder()
        .tls_backend_preconfigured(config)
        .http1_only()
        .dns_resolver(super::names::Names::shared())
        .connect_timeout(std::time::Duration::from_secs(10))
        .pool_idle_timeout(std::time::Duration::from_secs(20))
        .pool_max_idle_per_host(IDLE)
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(concat!("invigil-agent/", env!("CARGO_PKG_VERSION")));
    if host_is_local {
        builder = builder.no_proxy();
    }
    builder.build()
}
