//! When an agent's bytes reached this computer. The kernel notes it; a busy server looks at them later, and a cable that was pulled in between would count as
//! connected for so long.
#![expect(unsafe_code, reason = "one call of the C library, with its argument")]

use axum_server::accept::Accept;
use std::future::{Ready, ready};
use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::net::TcpStream;
use tokio::task::futures::TaskLocalFuture;
use tower::Service;

/// Longest time that is believed, ms: no request waits so long, a kernel's counter may be empty.
const LONGEST_MS: i64 = 60_000;
/// Coarsest tick in which kernels count it, ms.
const TICK_MS: i64 = 10;

tokio::task_local! {
    static CONNECTION: Connection;
}

/// How long ago the newest bytes of the connection whose request is being handled arrived at the latest, ms. 0 where nobody knows: outside a request, and on
/// systems whose kernels do not tell.
pub fn ago_ms() -> i64 {
    let ago_ms = CONNECTION.try_with(|Connection(socket)| last_bytes_ago_ms(socket)).ok().flatten();
    ago_ms.map_or(0, |ago_ms| ago_ms.saturating_add(TICK_MS).min(LONGEST_MS))
}

/// Takes connections as they come, and lets [`ago_ms`] ask about the one of each request.
#[derive(Debug, Clone, Copy, Default)]
pub struct Acceptor;

impl<S> Accept<TcpStream, S> for Acceptor {
    type Stream = TcpStream;
    type Service = OfConnection<S>;
    type Future = Ready<io::Result<(TcpStream, OfConnection<S>)>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        let socket = stream.as_fd().try_clone_to_owned();
        ready(socket.map(|socket| (stream, OfConnection { connection: Connection(Arc::new(socket)), service })))
    }
}

/// The socket of a connection, under a number of its own: the one of the stream may be another connection's as soon as that is closed.
#[derive(Debug, Clone)]
pub struct Connection(Arc<OwnedFd>);

/// A service that knows its connection.
#[derive(Debug, Clone)]
pub struct OfConnection<S> {
    connection: Connection,
    service: S,
}

impl<R, S: Service<R>> Service<R> for OfConnection<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = TaskLocalFuture<Connection, S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.service.poll_ready(context)
    }

    fn call(&mut self, request: R) -> Self::Future {
        CONNECTION.scope(self.connection.clone(), self.service.call(request))
    }
}

/// `TCP_INFO`'s `tcpi_last_data_recv`.
#[cfg(target_os = "linux")]
fn last_bytes_ago_ms(socket: &OwnedFd) -> Option<i64> {
    let mut info = std::mem::MaybeUninit::<libc::tcp_info>::zeroed();
    let mut size = libc::socklen_t::try_from(size_of::<libc::tcp_info>()).ok()?;
    // SAFETY: the kernel writes at most `size` bytes to `info`, which has as many, and how many it wrote to `size`; the socket is open while it is borrowed.
    let status =
        unsafe { libc::getsockopt(socket.as_raw_fd(), libc::IPPROTO_TCP, libc::TCP_INFO, info.as_mut_ptr().cast(), &raw mut size) };
    // SAFETY: it consists of whole numbers, for which zeros are a value.
    let info = unsafe { info.assume_init() };
    let told = usize::try_from(size).is_ok_and(|size| size >= std::mem::offset_of!(libc::tcp_info, tcpi_last_data_recv) + size_of::<u32>());
    (status == 0 && told).then(|| i64::from(info.tcpi_last_data_recv))
}

#[cfg(not(target_os = "linux"))]
fn last_bytes_ago_ms(_socket: &OwnedFd) -> Option<i64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    /// The real kernel, asked 700 ms after the last bytes by a server that was busy so long.
    #[tokio::test]
    #[cfg(target_os = "linux")]
    async fn a_busy_server_learns_when_the_bytes_came() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (stream, _) = listener.accept().await.unwrap();
        let service = tower::service_fn(|()| async { Ok::<i64, io::Error>(ago_ms()) });
        let (mut stream, mut service) = Acceptor.accept(stream, service).await.unwrap();
        let before_us = invigil_clock::boottime_us();
        client.write_all(b"GET").await.unwrap();
        stream.read_exact(&mut [0; 3]).await.unwrap();
        std::thread::sleep(Duration::from_millis(700));
        let ago_ms = service.call(()).await.unwrap();
        let passed_ms = i64::try_from((invigil_clock::boottime_us() - before_us) / 1000).unwrap();
        assert!(ago_ms >= 700, "never younger than they are: {ago_ms}");
        assert!(ago_ms <= passed_ms + 2 * TICK_MS, "{ago_ms} of {passed_ms}");
        assert_eq!(super::ago_ms(), 0, "outside a request nobody knows");
    }
}
