//! An IP camera: GStreamer's RTSP server (`tests/rtsp/server.py`).

use crate::{project_root, signal};
use anyhow::{Context, Result, bail};
use nix::sys::signal::Signal;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

/// The camera's password where it has one; it needs escaping in a URL, as passwords do.
pub const PASSWORD: &str = "Zq7@room/12";
/// The same in a URL.
pub const PASSWORD_IN_URL: &str = "Zq7%40room%2F12";

/// A running server of one or more cameras; it ends when dropped.
#[derive(Debug)]
pub struct IpCamera {
    child: Child,
    port: u16,
}

impl IpCamera {
    /// Starts `server.py` with further arguments on a free port.
    pub fn start(arguments: &[&str]) -> Result<Self> {
        Self::start_at(free_port()?, arguments)
    }

    /// The same on a given port, to come back where it was.
    pub fn start_at(port: u16, arguments: &[&str]) -> Result<Self> {
        let mut child = Command::new("/usr/bin/python3")
            .arg(project_root().join("tests/rtsp/server.py"))
            .args(["--port", &port.to_string()])
            .args(arguments)
            .env("CAMERA_PASSWORD", PASSWORD)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .context("start the RTSP server")?;
        let line = BufReader::new(child.stdout.take().context("the RTSP server's output")?).lines().next();
        let camera = Self { child, port };
        match line {
            Some(Ok(line)) if line == "ready" => Ok(camera),
            other => bail!("the RTSP server did not get ready ({other:?}); it needs the packages that ./invigil test installs"),
        }
    }

    /// Arguments that make it ask for user `room` and [`PASSWORD`].
    pub const PROTECTED: [&str; 4] = ["--user", "room", "--password-env", "CAMERA_PASSWORD"];

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Address of the camera with this number, without credentials.
    pub fn url(&self, number: usize) -> String {
        let name = if number == 0 { String::new() } else { number.to_string() };
        format!("rtsp://127.0.0.1:{}/camera{name}", self.port)
    }

    /// It says nothing more, and its connections stay open: SIGSTOP.
    pub fn hold(&self) -> Result<()> {
        signal(&self.child, Signal::SIGSTOP)
    }

    /// A power cut: it says no farewell.
    pub fn kill(&mut self) -> Result<()> {
        signal(&self.child, Signal::SIGKILL)?;
        self.child.wait().map(drop).context("wait for the RTSP server")
    }
}

impl Drop for IpCamera {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A loopback port that was free just now.
pub fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0)).context("find a free loopback port")?.local_addr()?.port())
}
