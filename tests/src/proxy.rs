//! A network path that can be cut and slowed: a TCP relay that, when cut, lets no byte through in either direction and answers nobody, as a dead link does.

use anyhow::{Context, Result};
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

/// A running relay; it ends with the process.
#[derive(Debug, Clone)]
pub struct Proxy {
    address: SocketAddr,
    path: Arc<Path>,
}

#[derive(Debug)]
struct Path {
    cut: AtomicBool,
    bytes_per_sec: AtomicU64,
    relayed_bytes: AtomicU64,
}

impl Proxy {
    /// Listens on a free loopback port and relays to `upstream`.
    pub fn start(upstream: SocketAddr) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).context("listen on a free loopback port")?;
        let address = listener.local_addr()?;
        let path =
            Arc::new(Path { cut: AtomicBool::new(false), bytes_per_sec: AtomicU64::new(u64::MAX), relayed_bytes: AtomicU64::new(0) });
        let shared = path.clone();
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let path = shared.clone();
                std::thread::spawn(move || relay(client, upstream, &path));
            }
        });
        Ok(Self { address, path })
    }

    /// `https://127.0.0.1:PORT` of the relay.
    pub fn url(&self) -> String {
        format!("https://{}", self.address)
    }

    /// From now on nothing passes and nobody gets an answer; connections stay open, as they do when a cable is pulled.
    pub fn cut(&self) {
        self.path.cut.store(true, Ordering::SeqCst);
    }

    /// Bytes pass again; what was on its way arrives now, as TCP retransmits it.
    pub fn restore(&self) {
        self.path.cut.store(false, Ordering::SeqCst);
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

fn relay(client: TcpStream, upstream: SocketAddr, path: &Arc<Path>) {
    // A new connection over a dead path gets no answer: its SYN would be lost.
    wait_while_cut(path);
    let Ok(server) = TcpStream::connect_timeout(&upstream, Duration::from_secs(5)) else {
        let _ = client.shutdown(Shutdown::Both);
        return;
    };
    let (Ok(client_read), Ok(server_read)) = (client.try_clone(), server.try_clone()) else { return };
    let up = path.clone();
    std::thread::spawn(move || pump(client_read, server, &up));
    pump(server_read, client, path);
}

fn pump(mut from: TcpStream, mut to: TcpStream, path: &Path) {
    let mut buffer = [0; 16 << 10];
    loop {
        let count = match from.read(&mut buffer) {
            Ok(0) | Err(_) => break,
            Ok(count) => count,
        };
        wait_while_cut(path);
        if !send(&buffer[..count], &mut to, path) {
            break;
        }
    }
    // The end of a connection does not cross a dead path either.
    wait_while_cut(path);
    let _ = to.shutdown(Shutdown::Write);
    let _ = from.shutdown(Shutdown::Read);
}

fn send(bytes: &[u8], to: &mut TcpStream, path: &Path) -> bool {
    let limit = path.bytes_per_sec.load(Ordering::SeqCst);
    let portion = if limit == u64::MAX { bytes.len() } else { 512 };
    for part in bytes.chunks(portion.max(1)) {
        wait_while_cut(path);
        if to.write_all(part).is_err() {
            return false;
        }
        path.relayed_bytes.fetch_add(part.len() as u64, Ordering::SeqCst);
        if limit != u64::MAX {
            std::thread::sleep(Duration::from_secs_f64(part.len() as f64 / limit.max(1) as f64));
        }
    }
    true
}

fn wait_while_cut(path: &Path) {
    while path.cut.load(Ordering::SeqCst) {
        std::thread::sleep(Duration::from_millis(10));
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
