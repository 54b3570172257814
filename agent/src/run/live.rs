//! One recording while it goes on: its tracks, its dealings with the server, what looks after disk and machine. The cameras are not part of it: they may
//! outlive it and go on for the next one.

use super::begin::{Begun, Home};
use super::end::End;
use crate::account::Pass;
use crate::capture::{Frame, Sink, Spec, Stop};
use crate::disk;
use crate::encode::{self, Target};
use crate::health::{Board, load};
use crate::link::{Beacons, Beat, Link};
use crate::machine;
use crate::pipeline::{self, Pipeline};
use crate::progress::{Progress, Sources};
use crate::rate::Rates;
use crate::sound::{self, Heard};
use crate::spool::{Context, guard, layout};
use crate::upload::{Limit, ThinLink, Uploads};
use anyhow::Context as _;
use invigil_format::{Event, FinishedBy, TrackName};
use invigil_wire::agent::CapturePolicy;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, PoisonError};
use std::time::Duration;
use tokio::task::{AbortHandle, JoinSet};

/// What is recorded, and where it may lie.
#[derive(Clone)]
pub struct Capture {
    /// Cameras, at least one.
    pub cameras: Vec<Spec>,
    /// Microphone, where the policy asks for sound.
    pub microphone: sound::Spec,
    /// Largest spool, bytes.
    pub spool_max_bytes: Option<u64>,
    /// Free space of the spool's disk that footage never takes, bytes.
    pub spool_reserve_bytes: u64,
    /// What another recording opened the cameras for, where they stay open as they are.
    pub opened_for: Option<Target>,
}

/// Where a recording takes pictures and sound from whoever delivers them.
pub struct Sinks {
    /// One a camera.
    pub cameras: Vec<Sink<Frame>>,
    /// Of the microphone; none when no sound is to be recorded.
    pub sound: Option<SyncSender<Heard>>,
}

/// A recording that goes on.
pub struct Live {
    /// What it began with.
    pub begun: Begun,
    /// Figures.
    pub sources: Sources,
    /// Give up waiting for a disk that fails.
    pub abandon: Stop,
    /// Footage goes up after capture.
    pub uploading: Arc<AtomicBool>,
    tracks: Vec<Pipeline>,
    /// Ends what looks after disk and machine.
    capture: Stop,
    tasks: JoinSet<()>,
    uploads: Uploads,
    uploads_task: AbortHandle,
}

/// What to encode to, as the policy asks.
pub fn target(policy: &CapturePolicy) -> Target {
    Target { width: policy.width & !1, height: policy.height & !1, fps: policy.fps.clamp(1, 60), max_kbits: policy.max_kbits.max(50) }
}

impl Live {
    /// Starts everything but cameras and microphone: each of them is to deliver into its sink.
    ///
    /// # Errors
    /// When no encoder works, a thread cannot be started, or the disk does not tell its room.
    pub fn start(begun: Begun, home: &Home, capture: &Capture, pass: Pass, progress: &Arc<Progress>) -> anyhow::Result<(Self, Sinks)> {
        let policy = &begun.enrolment.answer.capture;
        let target = target(policy);
        let with_sound = policy.sound && capture.microphone != sound::Spec::None;
        if capture.cameras.iter().any(|camera| !matches!(camera, Spec::Rtsp(_))) {
            encode::open_encoder(target, (1, 1))?;
        }
        let parts = Parts {
            stop: Stop::default(),
            abandon: Stop::default(),
            beacons: Beacons::default(),
            rates: Arc::new(Rates::default()),
            board: Board::new(begun.journal.clone(), Arc::clone(progress)),
        };
        let spool = home.spool.layout.root();
        parts.guard_spool(home, capture, target, with_sound, progress)?;
        let (mut tracks, mut sinks, mut recorded_us) = (Vec::new(), Vec::new(), Vec::new());
        for (index, camera) in capture.cameras.iter().enumerate() {
            let recorded = Arc::new(AtomicU64::new(0));
            recorded_us.push(Arc::clone(&recorded));
            let given_fps = capture.opened_for.map_or(target.fps, |opened| opened.fps);
            let (track, sink) = parts.start_track(&begun, index, camera, (target, given_fps), recorded)?;
            tracks.push(track);
            sinks.push(sink);
        }
        let counters = tracks.iter().map(|track| Arc::clone(&track.counters)).collect();
        let sources = Sources {
            recording: begun.run.recording,
            run: begun.run.run,
            recorded_us,
            counters,
            queue: Arc::clone(&begun.queue),
            link: Arc::clone(&begun.link),
            board: Arc::clone(&parts.board),
            rates: Arc::clone(&parts.rates),
        };
        load::run(spool, sources.counters.clone(), Arc::clone(&parts.board), parts.stop.clone())
            .context("starting the thread that looks at the machine failed")?;
        let uploading = Arc::new(AtomicBool::new(false));
        let mut tasks = JoinSet::new();
        tasks.spawn({
            let (progress, sources, uploading) = (Arc::clone(progress), sources.clone(), Arc::clone(&uploading));
            async move { progress.run(&sources, || if uploading.load(Ordering::SeqCst) { "uploading" } else { "recording" }).await }
        });
        parts.spawn_network(&mut tasks, &begun, &tracks, pass, home);
        let sound = with_sound.then(|| parts.start_sound(&begun, &capture.microphone, progress)).flatten().map(|(track, sink)| {
            tracks.push(track);
            sink
        });
        let uploads = Uploads {
            account: Arc::clone(&begun.account),
            queue: Arc::clone(&begun.queue),
            records: Arc::clone(&begun.records),
            limit: Arc::new(Limit::new(begun.enrolment.answer.capture.upload_max_kbits)),
            current: Some(begun.run.run),
            link: Arc::clone(&begun.link),
            thin: Some(ThinLink::new(Arc::clone(&parts.rates))),
        };
        let uploads_task = tasks.spawn(uploads.clone().run());
        let Parts { stop, abandon, .. } = parts;
        let sinks = Sinks { cameras: sinks, sound };
        Ok((Self { begun, sources, abandon, uploading, tracks, capture: stop, tasks, uploads, uploads_task }, sinks))
    }

    /// Cameras and microphone that give nothing now: track, and why as far as that is known.
    pub fn lost_tracks(&self) -> Vec<(TrackName, String)> {
        let lost = self.tracks.iter().filter(|track| !track.alive.load(Ordering::SeqCst));
        lost.map(|track| (track.track.clone(), track.lost.lock().unwrap_or_else(PoisonError::into_inner).clone())).collect()
    }

    /// Runs something as long as the recording's own tasks.
    pub fn spawn(&mut self, task: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn(task);
    }

    /// Closes the segments and ends the journal. Call it when the cameras deliver into other sinks, or into none: the tracks end with what they have.
    /// `finish` says by whom the recording is ended; without it another run will go on.
    ///
    /// # Errors
    /// When it was abandoned because the disk fails.
    pub async fn close(&mut self, end: End, finish: Option<FinishedBy>) -> anyhow::Result<()> {
        self.uploading.store(true, Ordering::SeqCst);
        self.capture.stop();
        let tracks = std::mem::take(&mut self.tracks);
        let (journal, folder, abandon) = (self.begun.journal.clone(), self.begun.folder.clone(), self.abandon.clone());
        let closing = tokio::task::spawn_blocking(move || -> anyhow::Result<()> {
            let ended: Vec<_> = tracks.iter().map(|track| (track.track.clone(), track.camera.clone())).collect();
            tracks.into_iter().for_each(Pipeline::join);
            if end == End::Expired {
                return Ok(());
            }
            for (track, camera) in ended {
                journal.record(Event::TrackEnded { track, camera, reason: end.reason().into() });
            }
            if let Some(by) = finish {
                let mark = || disk::write_atomic(&layout::finish(&folder), b"");
                let mark = || disk::insist(mark, |_| !abandon.is_stopped()).context("noting that the recording is to be finished failed");
                mark()?;
                let failures = journal.failures();
                journal.record_durably(Event::Finished { by });
                if journal.failures() != failures {
                    // A disk that failed right behind the mark may have lost it (lifecycle.md S7.1).
                    mark()?;
                }
            }
            journal.record_durably(Event::RunEnded { reason: end.reason().into() });
            Ok(())
        });
        let (account, given_up, journal) = (Arc::clone(&self.begun.account), self.abandon.clone(), self.begun.journal.clone());
        let expired = async {
            while !account.is_expired() {
                invigil_clock::sleep(Duration::from_millis(500)).await;
            }
            // What it waits for may be gone with the recording's folder.
            given_up.stop();
            journal.abandon();
            std::future::pending::<()>().await;
        };
        tokio::select! {
            closed = closing => match closed.context("closing the segments broke down")? {
                Err(error) if !account.is_expired() => return Err(error),
                _ => {}
            },
            () = expired => {}
        }
        self.begun.records.entries(self.begun.run.run, self.begun.journal.entries());
        Ok(())
    }

    /// After [`Live::close`]: stops all its tasks and gives what has still to go up, as for an earlier exam's recording.
    pub fn into_rest(mut self) -> (Begun, Uploads) {
        self.uploads_task.abort();
        self.tasks.abort_all();
        self.begun.queue.set_live_behind(self.begun.run.run, None);
        (self.begun, Uploads { current: None, thin: None, ..self.uploads })
    }
}

/// What the threads of one recording share.
struct Parts {
    stop: Stop,
    abandon: Stop,
    beacons: Beacons,
    rates: Arc<Rates>,
    board: Arc<Board>,
}

impl Parts {
    /// Looks after the room that footage may take, as long as capture goes on.
    fn guard_spool(&self, home: &Home, capture: &Capture, target: Target, sound: bool, progress: &Arc<Progress>) -> anyhow::Result<()> {
        let need = capture.cameras.iter().map(|camera| camera.bytes_per_sec(target.max_kbits));
        let wishes = guard::Wishes {
            max_bytes: capture.spool_max_bytes,
            reserve_bytes: capture.spool_reserve_bytes,
            need_bytes_per_sec: need.sum::<u64>() + if sound { sound::BYTES_PER_SEC } else { 0 },
        };
        let progress = Arc::clone(progress);
        let say = move |kind: &str, text: &str| progress.event(kind, text);
        let spool = home.spool.layout.root();
        guard::start(spool.to_owned(), wishes, Arc::clone(&home.together), Arc::clone(&self.rates), self.stop.clone(), say)
            .with_context(|| format!("asking for the free space of {} failed", spool.display()))
    }

    fn start_track(
        &self,
        begun: &Begun,
        index: usize,
        camera: &Spec,
        (target, given_fps): (Target, u32),
        recorded_us: Arc<AtomicU64>,
    ) -> anyhow::Result<(Pipeline, Sink<Frame>)> {
        let (video, thumbnails) =
            (self.context(begun, format!("cam{index}"), recorded_us)?, self.context(begun, format!("thumb{index}"), Arc::default())?);
        pipeline::start(camera.to_string(), target, given_fps, video, thumbnails, Arc::clone(&self.board))
            .with_context(|| format!("starting the threads for {camera} failed"))
    }

    /// Sound, as far as it can be had: whatever is the matter with it, the picture is recorded.
    fn start_sound(&self, begun: &Begun, microphone: &sound::Spec, progress: &Arc<Progress>) -> Option<(Pipeline, SyncSender<Heard>)> {
        let progress = Arc::clone(progress);
        let say: sound::Say = Arc::new(move |kind: &str, text: &str| progress.event(kind, text));
        let started = self.context(begun, "mic0".to_owned(), Arc::default()).and_then(|context| {
            sound::start(microphone.to_string(), context, Arc::clone(&self.board), Arc::clone(&say))
                .context("starting the threads for sound failed")
        });
        started.map_err(|error| say("sound-lost", &format!("NO SOUND IS RECORDED, the picture is: {error:#}"))).ok()
    }

    /// What a track's spool thread needs.
    fn context(&self, begun: &Begun, name: String, recorded_us: Arc<AtomicU64>) -> anyhow::Result<Context> {
        let track: TrackName = name.parse().context("naming a track failed")?;
        Ok(Context {
            run: Arc::clone(&begun.run),
            previous_head: begun.heads.get(&track).copied(),
            track,
            folder: begun.folder.clone(),
            journal: begun.journal.clone(),
            queue: Arc::clone(&begun.queue),
            beacons: self.beacons.clone(),
            abandon: self.abandon.clone(),
            recorded_us,
            rates: Arc::clone(&self.rates),
        })
    }

    fn spawn_network(&self, tasks: &mut JoinSet<()>, begun: &Begun, tracks: &[Pipeline], pass: Pass, home: &Home) {
        let capturing = Arc::new(AtomicBool::new(false));
        tasks.spawn({
            let (capturing, alive) = (Arc::clone(&capturing), tracks.iter().map(|track| Arc::clone(&track.alive)).collect::<Vec<_>>());
            let rates = Arc::clone(&self.rates);
            async move {
                loop {
                    let some = alive.iter().any(|alive| alive.load(Ordering::SeqCst)) && rates.paused().is_none();
                    capturing.store(some, Ordering::SeqCst);
                    invigil_clock::sleep(Duration::from_millis(500)).await;
                }
            }
        });
        let beat = Beat { run: begun.run.run, boot_id: begun.run.boot_id, capturing, queue: Arc::clone(&begun.queue) };
        let (account, state, beacons) = (Arc::clone(&begun.account), Arc::clone(&begun.link), self.beacons.clone());
        tasks.spawn(Link { account, beat, journal: begun.journal.clone(), beacons, state }.run());
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
            let (account, device) = (Arc::clone(&begun.account), home.device.clone());
            async move { account.keep_renewed(&pass, &device).await }
        });
        tasks.spawn(machine::watch(machine::Watch {
            journal: begun.journal.clone(),
            link: Arc::clone(&begun.link),
            server: begun.account.server.url(),
            platform_url: begun.enrolment.answer.platform_url.clone(),
        }));
    }
}
