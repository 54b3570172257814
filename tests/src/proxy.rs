//! A network path that can be cut and slowed: a TCP relay that, when cut, lets no byte through in either direction and answers nobody, as a dead link does.

use anyhow::{Context, Result};
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

/// A running relay; it ends with the process.
#[derive(Debug, Clone)]
pub struct Proxy {
    address: SocketAddr,
    path: Arc<Path>,
}

/// What arrives over a dead path is forgotten after this: its sender has given up and its packets are lost.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(8);

#[derive(Debug)]
struct Path {
    state: Mutex<State>,
    changed: Condvar,
    bytes_per_sec: AtomicU64,
    relayed_bytes: AtomicU64,
    /// Where new connections lead, and how often that changed: what leads elsewhere is broken off.
    upstream: Mutex<(SocketAddr, u64)>,
}

#[derive(Debug, Default)]
struct State {
    cut: bool,
    /// Portions that are being handed over to the other side's kernel.
    passing: u32,
}

/// For what is being handed over when a path is cut; a receiver that does not read must not hold the cut up.
const HANDED_OVER: Duration = Duration::from_secs(1);

impl Proxy {
    /// Listens on a free loopback port and relays to `upstream`.
    pub fn start(upstream: SocketAddr) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).context("listen on a free loopback port")?;
        let address = listener.local_addr()?;
        let path = Arc::new(Path {
            state: Mutex::default(),
            changed: Condvar::new(),
            bytes_per_sec: AtomicU64::new(u64::MAX),
            relayed_bytes: AtomicU64::new(0),
            upstream: Mutex::new((upstream, 0)),
        });
        let shared = path.clone();
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let path = shared.clone();
                std::thread::spawn(move || relay(client, &path));
            }
        });
        Ok(Self { address, path })
    }

    /// `https://127.0.0.1:PORT` of the relay.
    pub fn url(&self) -> String {
        format!("https://{}", self.address)
    }

    /// When this returns nothing passes any more and nobody gets an answer; connections stay open, as they do when a cable is pulled.
    pub fn cut(&self) {
        self.path.set_cut(true);
    }

    /// Bytes pass again; what was on its way arrives now, as TCP retransmits it.
    pub fn restore(&self) {
        self.path.set_cut(false);
    }

    /// New connections lead there from now on; old ones are broken off.
    pub fn divert(&self, upstream: SocketAddr) {
        let mut to = self.path.upstream.lock().unwrap_or_else(PoisonError::into_inner);
        *to = (upstream, to.1 + 1);
    }

    /// At most so many bytes a second on each connection and direction, in small portions; `u64::MAX` is no limit.
    pub fn throttle(&self, bytes_per_sec: u64) {
        self.path.bytes_per_sec.store(bytes_per_sec, Ordering::SeqCst);
    }

    /// Bytes relayed in both directions so far.
    pub fn relayed_bytes(&self) -> u64 {
        self.path.relayed_bytes.load(Ordering::SeqCst)
    }
}

fn relay(client: TcpStream, path: &Arc<Path>) {
    // A new connection over a dead path gets no answer.
    if !path.wait(Some(FORGOTTEN_AFTER)) {
        return;
    }
    let (upstream, since) = path.upstream();
    let Ok(server) = TcpStream::connect_timeout(&upstream, Duration::from_secs(5)) else {
        let _ = client.shutdown(Shutdown::Both);
        return;
    };
    // What is written is with the other side at once, and not when what was written before is acknowledged: else it would cross a cut.
    if client.set_nodelay(true).and(server.set_nodelay(true)).is_err() {
        return;
    }
    let (Ok(client_read), Ok(server_read)) = (client.try_clone(), server.try_clone()) else { return };
    let up = path.clone();
    std::thread::spawn(move || pump(client_read, server, &up, since));
    pump(server_read, client, path, since);
}

fn pump(mut from: TcpStream, mut to: TcpStream, path: &Path, since: u64) {
    let mut buffer = [0; 16 << 10];
    loop {
        let count = match from.read(&mut buffer) {
            Ok(0) | Err(_) => break,
            Ok(count) => count,
        };
        if path.upstream().1 != since {
            let _ = from.shutdown(Shutdown::Both);
            let _ = to.shutdown(Shutdown::Both);
            return;
        }
        if !send(&buffer[..count], &mut to, path) {
            break;
        }
    }
    // The end of a connection does not cross a dead path either.
    path.wait(None);
    let _ = to.shutdown(Shutdown::Write);
    let _ = from.shutdown(Shutdown::Read);
}

fn send(bytes: &[u8], to: &mut TcpStream, path: &Path) -> bool {
    let limit = path.bytes_per_sec.load(Ordering::SeqCst);
    let portion = if limit == u64::MAX { bytes.len() } else { 512 };
    for part in bytes.chunks(portion.max(1)) {
        path.begin();
        // Counted first: whoever has received a byte finds it in the count.
        path.relayed_bytes.fetch_add(part.len() as u64, Ordering::SeqCst);
        let written = to.write_all(part);
        path.passed();
        if written.is_err() {
            return false;
        }
        if limit != u64::MAX {
            std::thread::sleep(Duration::from_secs_f64(part.len() as f64 / limit.max(1) as f64));
        }
    }
    true
}

impl Path {
    fn upstream(&self) -> (SocketAddr, u64) {
        *self.upstream.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set_cut(&self, cut: bool) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.cut = cut;
        self.changed.notify_all();
        drop(self.changed.wait_timeout_while(state, HANDED_OVER, |state| state.cut && state.passing > 0));
    }

    /// Waits while the path is cut; what is handed over then passes before the next cut.
    fn begin(&self) {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        self.changed.wait_while(state, |state| state.cut).unwrap_or_else(PoisonError::into_inner).passing += 1;
    }

    fn passed(&self) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).passing -= 1;
        self.changed.notify_all();
    }

    /// Waits while the path is cut, at most for `limit`; whether it is whole.
    fn wait(&self, limit: Option<Duration>) -> bool {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match limit {
            None => !self.changed.wait_while(state, |state| state.cut).unwrap_or_else(PoisonError::into_inner).cut,
            Some(limit) => !self.changed.wait_timeout_while(state, limit, |state| state.cut).unwrap_or_else(PoisonError::into_inner).0.cut,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_passes_a_cut_path_and_nothing_is_lost() {
        let upstream = TcpListener::bind("127.0.0.1:0").unwrap();
        let proxy = Proxy::start(upstream.local_addr().unwrap()).unwrap();
        let mut client = TcpStream::connect(proxy.address).unwrap();
        let (mut server, _) = upstream.accept().unwrap();
        server.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
        let mut byte = [0; 1];
        client.write_all(b"a").unwrap();
        server.read_exact(&mut byte).unwrap();
        proxy.cut();
        client.write_all(b"b").unwrap();
        assert!(server.read_exact(&mut byte).is_err());
        proxy.restore();
        server.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        server.read_exact(&mut byte).unwrap();
        assert_eq!(&byte, b"b");
        assert_eq!(proxy.relayed_bytes(), 2);
    }
}
