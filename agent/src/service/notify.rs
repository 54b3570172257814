//! What the service manager is told (`sd_notify`): ready, alive, stopping. Without one nothing is said.

use std::time::Duration;

/// The way to the service manager.
pub struct Notify {
    #[cfg(target_os = "linux")]
    socket: Option<(std::os::unix::net::UnixDatagram, std::os::unix::net::SocketAddr)>,
}

impl Notify {
    /// From the environment.
    pub fn new() -> Self {
        Self {
            #[cfg(target_os = "linux")]
            socket: std::env::var("NOTIFY_SOCKET").ok().and_then(|name| Self::open(&name).ok()),
        }
    }

    #[cfg(target_os = "linux")]
    fn open(name: &str) -> std::io::Result<(std::os::unix::net::UnixDatagram, std::os::unix::net::SocketAddr)> {
        use std::os::linux::net::SocketAddrExt;
        use std::os::unix::net::{SocketAddr, UnixDatagram};
        let address = match name.strip_prefix('@') {
            Some(name) => SocketAddr::from_abstract_name(name)?,
            None => SocketAddr::from_pathname(name)?,
        };
        Ok((UnixDatagram::unbound()?, address))
    }

    /// How often [`Notify::say`] must be heard with `WATCHDOG=1`: half the time after which the manager takes the service to hang.
    pub fn every() -> Option<Duration> {
        let micros: u64 = std::env::var("WATCHDOG_USEC").ok()?.parse().ok()?;
        Some(Duration::from_micros(micros / 2))
    }

    /// Says something, such as `READY=1`.
    pub fn say(&self, what: &str) {
        #[cfg(target_os = "linux")]
        if let Some((socket, address)) = &self.socket
            && let Err(error) = socket.send_to_addr(what.as_bytes(), address)
        {
            tracing::debug!(%error, "the service manager does not listen");
        }
        #[cfg(not(target_os = "linux"))]
        let _ = what;
    }
}

impl Default for Notify {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use std::os::unix::net::UnixDatagram;

    #[test]
    fn the_manager_hears_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notify");
        let manager = UnixDatagram::bind(&path).unwrap();
        let notify = Notify { socket: Notify::open(path.to_str().unwrap()).ok() };
        notify.say("READY=1");
        let mut heard = [0; 20];
        let count = manager.recv(&mut heard).unwrap();
        assert_eq!(&heard[..count], b"READY=1");
    }
}
