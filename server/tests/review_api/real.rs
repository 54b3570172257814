//! The real program on the folder of a [`Place`], told to die at a crash point. Only debug builds have crash points.

use super::support::{Answer, Place};
use axum::http::StatusCode;
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

/// What a crash point ends the process with.
pub const SIGABRT: i32 = 6;

/// A running server.
pub struct Real {
    child: Child,
    address: String,
    certificate: PathBuf,
}

impl Real {
    /// Starts it; the process when it died before it was ready.
    pub fn start(place: &Place, crash_at: Option<&str>) -> Result<Self, Child> {
        let dir = place.dir.path().join("server");
        let mut command = Command::new(env!("CARGO_BIN_EXE_invigil-server"));
        command.args(["serve", "--json", "--listen", "127.0.0.1:0", "--config"]).arg(dir.join("server.toml"));
        if let Some(point) = crash_at {
            command.env("INVIGIL_CRASH_AT", point);
        }
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let Ok(ready) = serde_json::from_str::<Value>(&line) else { return Err(child) };
        let address = ready["listen"].as_str().unwrap().to_owned();
        Ok(Self { child, address, certificate: dir.join("keys/tls-certificate.pem") })
    }

    /// The same where it must become ready.
    pub fn ready(place: &Place, crash_at: Option<&str>) -> Self {
        Self::start(place, crash_at)
            .unwrap_or_else(|mut child| panic!("the server died before it served ({crash_at:?}): {}", child.wait().unwrap()))
    }

    /// One request; `None` when the server died over it.
    pub fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Option<Answer> {
        use rustls::pki_types::pem::PemObject;
        let mut roots = rustls::RootCertStore::empty();
        roots.add(rustls::pki_types::CertificateDer::from_pem_file(&self.certificate).unwrap()).unwrap();
        let config = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()));
        let config = config.with_safe_default_protocol_versions().unwrap().with_root_certificates(roots).with_no_client_auth();
        let connection = rustls::ClientConnection::new(Arc::new(config), "localhost".try_into().unwrap()).unwrap();
        let mut stream = rustls::StreamOwned::new(connection, TcpStream::connect(&self.address).ok()?);
        let mut head = format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: {}\r\n", body.len());
        headers.iter().for_each(|(name, value)| head += &format!("{name}: {value}\r\n"));
        stream.write_all(format!("{head}\r\n").as_bytes()).ok()?;
        stream.write_all(body).ok()?;
        let mut answer = Vec::new();
        // The end of the connection is not announced by a server that dies, nor by one that closes it in a hurry.
        let _ = stream.read_to_end(&mut answer);
        let end = answer.windows(4).position(|part| part == b"\r\n\r\n")?;
        let head = String::from_utf8(answer[..end].to_vec()).unwrap();
        let mut lines = head.lines();
        let status = StatusCode::from_bytes(lines.next()?.split(' ').nth(1)?.as_bytes()).unwrap();
        let pairs = lines.filter_map(|line| line.split_once(": "));
        let headers = pairs.map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        Some(Answer { status, headers, body: answer[end + 4..].to_vec() })
    }

    /// Waits for its death at the crash point.
    pub fn died(mut self, point: &str) {
        assert_eq!(self.child.wait().unwrap().signal(), Some(SIGABRT), "the server did not die at {point}");
    }

    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}
