//! One life of the agent: enrol, recover, record, finish, upload the rest.

mod begin;
mod end;
mod prepare;

pub use begin::{Begun, begin};
pub use prepare::{Prepared, prepare};

use crate::capture::{Spec, Stop};
use crate::encode::{self, Target};
use crate::health::{Board, load};
use crate::link::{Beacons, Beat, Link, LinkState};
use crate::machine;
use crate::pipeline::{self, Pipeline};
use crate::progress::{Progress, Sources};
use crate::rate::Rates;
use crate::spool::{Context, guard};
use crate::upload::{Limit, ThinLink, Uploads};
use anyhow::Context as _;
use invigil_format::TrackName;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use tokio::task::JoinSet;

/// What a camera's own H.264 is taken to need where nobody has said, bytes a second: 4 Mbit/s.
const PASSED_THROUGH_BYTES_PER_SEC: u64 = 500_000;

/// What `invigil-agent run` was asked to do.
#[derive(Clone)]
pub struct Options {
    /// `https://HOST:PORT`, in the order in which they are tried.
    pub servers: Vec<String>,
    /// Join link or `CODE.FINGERPRINT`; secret.
    pub join: String,
    /// Cameras; none is the first webcam.
    pub cameras: Vec<Spec>,
    /// Spool folder.
    pub spool: PathBuf,
    /// Largest spool, bytes.
    pub spool_max_bytes: Option<u64>,
    /// Free space of the spool's disk that footage never takes, bytes.
    pub spool_reserve_bytes: u64,
    /// Progress as JSON lines.
    pub json: bool,
    /// Stop by itself after this.
    pub duration: Option<Duration>,
    /// Do not finish the recording on the server.
    pub no_finish: bool,
    /// Longest wait for the upload of the rest.
    pub drain: Option<Duration>,
    /// Where the recording's receipt is kept; `None` is the spool.
    pub receipt: Option<PathBuf>,
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Everything that was recorded is stored on the server.
    Stored,
    /// Something is still in the spool; the next start sends it.
    Left,
    /// The recording has expired and was removed.
    Expired,
}

/// Why capture ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Signal,
    Duration,
    FinishedByServer,
    Expired,
}

impl End {
    fn reason(self) -> &'static str {
        match self {
            Self::Signal => "stopped",
            Self::Duration => "duration over",
            Self::FinishedByServer => "finished by the server",
            Self::Expired => "expired",
        }
    }
}

/// Runs until everything is over. A second signal ends the process at once.
pub async fn run(options: Options) -> anyhow::Result<Outcome> {
    let progress = Arc::new(Progress::new(options.json));
    let cameras = if options.cameras.is_empty() { vec![Spec::Webcam(0)] } else { options.cameras.clone() };
    let mut signals = end::Signals::new()?;
    let begun = tokio::select! {
        begun = begin(&options, &progress) => begun?,
        () = signals.next() => anyhow::bail!("stopped before the server let this computer in; nothing was recorded"),
    };
    let policy = &begun.enrolment.answer.capture;
    let target =
        Target { width: policy.width & !1, height: policy.height & !1, fps: policy.fps.clamp(1, 60), max_kbits: policy.max_kbits.max(50) };
    if cameras.iter().any(|camera| !matches!(camera, Spec::Rtsp(_))) {
        encode::open_encoder(target, (1, 1))?;
    }
    let (capture, abandon, beacons, rates) = (Stop::default(), Stop::default(), Beacons::default(), Arc::new(Rates::default()));
    guard_spool(&options, &cameras, target, &rates, &capture, &progress)?;
    let board = Board::new(begun.journal.clone(), Arc::clone(&progress));
    let mut tracks = Vec::new();
    let mut recorded_us = Vec::new();
    for (index, camera) in cameras.iter().enumerate() {
        let recorded = Arc::new(AtomicU64::new(0));
        recorded_us.push(Arc::clone(&recorded));
        tracks.push(start_track(&begun, index, camera, target, recorded, &beacons, &rates, &board, &capture, &abandon)?);
    }
    let link = Arc::clone(&begun.link);
    let sources = Sources {
        recording: begun.run.recording,
        run: begun.run.run,
        recorded_us,
        counters: tracks.iter().map(|track| Arc::clone(&track.counters)).collect(),
        queue: Arc::clone(&begun.queue),
        link: Arc::clone(&link),
        board: Arc::clone(&board),
        rates: Arc::clone(&rates),
    };
    load::run(&options.spool, sources.counters.clone(), board, capture.clone())
        .context("starting the thread that looks at the machine failed")?;
    let uploading = Arc::new(AtomicBool::new(false));
    let mut tasks = JoinSet::new();
    tasks.spawn({
        let (progress, sources, uploading) = (Arc::clone(&progress), sources.clone(), Arc::clone(&uploading));
        async move { progress.run(&sources, || if uploading.load(Ordering::SeqCst) { "uploading" } else { "recording" }).await }
    });
    spawn_network(&mut tasks, &begun, &tracks, link.clone(), beacons, &rates, policy.upload_max_kbits);
    tasks.spawn(machine::watch(machine::Watch {
        journal: begun.journal.clone(),
        link: Arc::clone(&link),
        server: begun.account.server.url(),
        platform_url: begun.enrolment.answer.platform_url.clone(),
    }));
    progress.event("started", &format!("recording {} for {}", begun.run.recording, begun.enrolment.answer.exam.title));

    let end = end::wait(&options, &begun.account, &link, &mut signals).await;
    progress.event("stopping", &format!("capture ends ({}), uploading the rest; a second signal leaves at once", end.reason()));
    uploading.store(true, Ordering::SeqCst);
    capture.stop();
    let outcome = end::finish(&options, begun, tracks, end, &abandon, &mut signals, &progress).await?;
    tasks.abort_all();
    progress.last(&sources, "ended");
    Ok(outcome)
}

/// Looks after the room that footage may take, as long as capture goes on.
fn guard_spool(
    options: &Options,
    cameras: &[Spec],
    target: Target,
    rates: &Arc<Rates>,
    capture: &Stop,
    progress: &Arc<Progress>,
) -> anyhow::Result<()> {
    let need = cameras.iter().map(|camera| match camera {
        Spec::Rtsp(_) => PASSED_THROUGH_BYTES_PER_SEC,
        _ => u64::from(target.max_kbits) * 125,
    });
    let wishes =
        guard::Wishes { max_bytes: options.spool_max_bytes, reserve_bytes: options.spool_reserve_bytes, need_bytes_per_sec: need.sum() };
    let progress = Arc::clone(progress);
    let say = move |kind: &str, text: &str| progress.event(kind, text);
    guard::start(options.spool.clone(), wishes, Arc::clone(rates), capture.clone(), say)
        .with_context(|| format!("asking for the free space of {} failed", options.spool.display()))
}

#[expect(clippy::too_many_arguments, reason = "wiring: everything that a track touches, named once")]
fn start_track(
    begun: &Begun,
    index: usize,
    camera: &Spec,
    target: Target,
    recorded_us: Arc<AtomicU64>,
    beacons: &Beacons,
    rates: &Arc<Rates>,
    board: &Arc<Board>,
    capture: &Stop,
    abandon: &Stop,
) -> anyhow::Result<Pipeline> {
    let context = |name: String, recorded_us| -> anyhow::Result<Context> {
        let track: TrackName = name.parse().context("naming a track failed")?;
        Ok(Context {
            run: Arc::clone(&begun.run),
            previous_head: begun.heads.get(&track).copied(),
            track,
            folder: begun.folder.clone(),
            journal: begun.journal.clone(),
            queue: Arc::clone(&begun.queue),
            beacons: beacons.clone(),
            abandon: abandon.clone(),
            recorded_us,
            rates: Arc::clone(rates),
        })
    };
    let (video, thumbnails) = (context(format!("cam{index}"), recorded_us)?, context(format!("thumb{index}"), Arc::default())?);
    pipeline::start(camera, target, video, thumbnails, Arc::clone(board), capture)
        .with_context(|| format!("starting the threads for {camera} failed"))
}

fn spawn_network(
    tasks: &mut JoinSet<()>,
    begun: &Begun,
    tracks: &[Pipeline],
    link: Arc<LinkState>,
    beacons: Beacons,
    rates: &Arc<Rates>,
    max_kbits: u32,
) {
    let capturing = Arc::new(AtomicBool::new(false));
    tasks.spawn({
        let (capturing, alive) = (Arc::clone(&capturing), tracks.iter().map(|track| Arc::clone(&track.alive)).collect::<Vec<_>>());
        let rates = Arc::clone(rates);
        async move {
            loop {
                let some = alive.iter().any(|alive| alive.load(Ordering::SeqCst)) && rates.paused().is_none();
                capturing.store(some, Ordering::SeqCst);
                invigil_clock::sleep(Duration::from_millis(500)).await;
            }
        }
    });
    let beat = Beat { run: begun.run.run, boot_id: begun.run.boot_id, capturing, queue: Arc::clone(&begun.queue) };
    tasks.spawn(Link { account: Arc::clone(&begun.account), beat, journal: begun.journal.clone(), beacons, state: link }.run());
    tasks.spawn({
        let (journal, records, run) = (begun.journal.clone(), Arc::clone(&begun.records), begun.run.run);
        async move {
            loop {
                records.entries(run, journal.entries());
                // The time-out is for entries that came between the look and the wait.
                let _ = tokio::time::timeout(Duration::from_secs(1), journal.changed()).await;
            }
        }
    });
    tasks.spawn({
        let (account, join, device) = (Arc::clone(&begun.account), Arc::clone(&begun.join), begun.device.clone());
        async move { account.keep_renewed(Some(&join), &device).await }
    });
    for uploads in &begun.others {
        let (account, device) = (Arc::clone(&uploads.account), begun.device.clone());
        tasks.spawn(async move { account.keep_renewed(None, &device).await });
    }
    let current = Uploads {
        account: Arc::clone(&begun.account),
        queue: Arc::clone(&begun.queue),
        records: Arc::clone(&begun.records),
        limit: Arc::new(Limit::new(max_kbits)),
        current: Some(begun.run.run),
        link: Arc::clone(&begun.link),
        thin: Some(ThinLink::new(Arc::clone(rates))),
    };
    for uploads in begun.others.iter().cloned().chain([current]) {
        tasks.spawn(uploads.run());
    }
}
