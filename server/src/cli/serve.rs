//! `invigil-server serve`.

use crate::config::Config;
use crate::state::AppState;
use crate::{acts, arrival, http, ingest, jobs, keys};
use anyhow::Context;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use clap::Args as ClapArgs;
use invigil_clock::SystemClock;
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// How long requests under way may take once the server is told to stop.
const GRACE: Duration = Duration::from_secs(5);

#[derive(ClapArgs)]
pub(super) struct Args {
    /// Configuration file.
    #[arg(long)]
    config: PathBuf,
    /// Listen here instead of listen.address; port 0 takes a free one.
    #[arg(long)]
    listen: Option<SocketAddr>,
    /// Print one line of JSON when ready.
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(args: Args) -> anyhow::Result<ExitCode> {
    if let Err(error) = raise_open_files() {
        tracing::warn!(%error, "the limit of open files could not be raised: with many agents at once the server may run out of them");
    }
    let config = Config::load(&args.config)?;
    let tls_key = zeroize::Zeroizing::new(
        std::fs::read_to_string(&config.paths.tls_key).with_context(|| format!("read the TLS key {}", config.paths.tls_key.display()))?,
    );
    let tls = RustlsConfig::from_pem_file(&config.paths.tls_certificate, &config.paths.tls_key);
    let tls = tls.await.context("read the TLS certificate and key")?;
    let address = args.listen.unwrap_or(config.listen.address);
    let state = Arc::new(AppState::open(config, Arc::new(SystemClock)).await?);
    let _lock = lock(&state)?;
    keys::check_certified(&state.trust_store, state.server_key.public(), &tls_key, state.now_ms())?;
    let recovered = Box::pin(ingest::recover::recover(&state)).await.context("recover what was coming in when the server last stopped")?;
    tracing::info!(?recovered, "recovered");
    acts::discard::recover(&state).await.context("go on with discarded acts")?;

    let listener = std::net::TcpListener::bind(address).with_context(|| format!("listen on {address}"))?;
    listener.set_nonblocking(true).context("set up the listening socket")?;
    let address = listener.local_addr().context("ask for the listening address")?;
    let stop = CancellationToken::new();
    let jobs = tokio::spawn(jobs::watch(jobs::spawn_all(&state, &stop), stop.clone()));
    let handle = axum_server::Handle::new();
    let tls = RustlsAcceptor::new(tls).acceptor(arrival::Acceptor);
    let mut server = axum_server::from_tcp(listener).context("set up the listening socket")?.acceptor(tls).handle(handle.clone());
    // Without a timer of its own HTTP/1.1 panics at the first connection.
    server
        .http_builder()
        .http1()
        .timer(hyper_util::rt::TokioTimer::new())
        .header_read_timeout(Duration::from_secs(20))
        .max_buf_size(64 << 10);
    let mut http2 = server.http_builder().http2();
    http2.timer(hyper_util::rt::TokioTimer::new()).keep_alive_interval(Duration::from_secs(20)).keep_alive_timeout(Duration::from_secs(20));
    http2.max_concurrent_streams(64).max_header_list_size(32 << 10);
    tokio::spawn(stop_on_signal(handle, stop.clone()));
    announce(&args, &state, address)?;
    server.serve(http::router(state.clone()).into_make_service()).await.context("serve")?;
    stop.cancel();
    let as_told = jobs.await.context("wait for the background jobs")?;
    state.db.close_by_ref().await.context("close the database")?;
    tracing::info!("stopped");
    Ok(if as_told { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// As many open files as the system lets this process have: each agent has a connection and a file for each of its tracks.
fn raise_open_files() -> nix::Result<()> {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    setrlimit(Resource::RLIMIT_NOFILE, hard, hard)
}

/// One server for one store: two would each believe in their own offsets.
fn lock(state: &AppState) -> anyhow::Result<nix::fcntl::Flock<std::fs::File>> {
    let path = state.store.folder().join("lock");
    let file = std::fs::OpenOptions::new().create(true).write(true).truncate(false).mode(0o600).open(&path);
    let file = file.with_context(|| format!("open {}", path.display()))?;
    nix::fcntl::Flock::lock(file, nix::fcntl::FlockArg::LockExclusiveNonblock)
        .map_err(|(_, error)| anyhow::Error::from(error))
        .with_context(|| format!("lock {}: another server is running on this store; stop it first", path.display()))
}

fn announce(args: &Args, state: &AppState, address: SocketAddr) -> anyhow::Result<()> {
    use std::io::Write;
    let url = &state.config.listen.public_url;
    let mut out = std::io::stdout().lock();
    if args.json {
        writeln!(
            out,
            "{}",
            serde_json::json!({ "event": "ready", "listen": address.to_string(), "review_url": format!("{url}/"), "institution": state.institution })
        )?;
    } else {
        writeln!(out, "listening on {address}\nreview page: {url}/\ninstitution: {}", state.institution)?;
    }
    out.flush().context("write to the terminal")
}

async fn stop_on_signal(handle: axum_server::Handle<SocketAddr>, stop: CancellationToken) {
    let (Ok(mut terminate), Ok(mut interrupt)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt())) else {
        tracing::error!("signals cannot be caught: the server will stop without grace");
        return;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
        () = stop.cancelled() => {}
    }
    tracing::info!("stopping");
    handle.graceful_shutdown(Some(GRACE));
}
