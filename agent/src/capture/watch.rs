//! Keeps one camera going: notices when it fails or hangs, abandons or kills it, opens it again.

mod reports;

pub(super) use reports::Drops;
pub use reports::{Damage, Dropped};

use super::{CameraError, Feed, Frame, Spec, Stop, Wanted, open, rtsp, webcam};
use reports::{Damages, Losses};
use std::sync::atomic::AtomicU64;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// Silence after which a camera is taken to hang.
const SILENCE: Duration = Duration::from_secs(3);
/// The same before its first picture: some cameras take seconds to start.
const FIRST_PICTURE: Duration = Duration::from_secs(10);
/// What that grows to while none comes: on a machine that is far too busy a start may take longer, and killing it would only begin it again.
const FIRST_PICTURE_MAX: Duration = Duration::from_secs(40);
/// How long a camera that sends pictures may take until its first key frame: some have one in ten seconds or more, and opening them again would only begin
/// the wait anew.
const FIRST_KEY: Duration = Duration::from_secs(30);
const BACKOFF_MIN: Duration = Duration::from_millis(250);
/// What a camera that comes back may lose by our waiting: no more than any other single fault (P1).
const BACKOFF_MAX: Duration = Duration::from_secs(2);
/// Threads of hanging cameras that are left behind before no further one is started.
const MAX_ABANDONED: usize = 4;

/// What happened to a camera.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The first picture arrived.
    Started,
    /// No more pictures; the camera is being opened again. Once more when another reason shows before it is back.
    Lost(String),
    /// Pictures again.
    Back,
    /// Pictures were thrown away because what follows was too slow.
    Dropped(Dropped),
    /// Pictures came damaged and did not go on.
    Damaged(Damage),
}

/// Figures for the progress line.
#[derive(Debug, Default)]
pub struct Counters {
    /// Pictures that went on to the encoder.
    pub frames: AtomicU64,
    /// Pictures thrown away.
    pub dropped: AtomicU64,
    /// Since when the track has been waiting for the spool's disk, boot time in us; 0 while it is not.
    pub disk_since_us: AtomicU64,
}

/// A channel for [`run`]'s pictures; `bound` is how many batches wait in it.
pub fn channel(bound: usize) -> (SyncSender<Vec<Frame>>, Pictures) {
    let (sender, receiver) = sync_channel(bound);
    (sender, Pictures { receiver, batch: Vec::new().into_iter() })
}

/// Takes pictures that came in batches one at a time.
pub struct Pictures {
    receiver: Receiver<Vec<Frame>>,
    batch: std::vec::IntoIter<Frame>,
}

impl Pictures {
    /// The next picture; waits so long for it.
    pub fn recv_timeout(&mut self, patience: Duration) -> Result<Frame, RecvTimeoutError> {
        loop {
            if let Some(frame) = self.batch.next() {
                return Ok(frame);
            }
            self.batch = self.receiver.recv_timeout(patience)?.into_iter();
        }
    }
}

/// How a camera is opened: [`open`], or a test's own.
pub type Opener = Arc<dyn Fn(&Stop) -> Result<Box<dyn super::Camera>, CameraError> + Send + Sync>;

/// The opener for a `--camera`.
pub fn opener(spec: Spec, wanted: Wanted) -> Opener {
    match spec {
        Spec::Webcam(number) => {
            // Remembers which device it was, from one life to the next.
            let seat = webcam::Seat::new(number);
            Arc::new(move |stop| Ok(Box::new(webcam::Webcam::open(&seat, wanted, stop)?)))
        }
        Spec::Rtsp(url) => {
            let seat = rtsp::Seat::default();
            Arc::new(move |stop| Ok(Box::new(rtsp::Rtsp::open(&url, wanted, stop, &seat)?)))
        }
        spec => Arc::new(move |stop| open(&spec, wanted, stop)),
    }
}

/// Runs until `stop`, or until nobody takes pictures any more. A recording that is too slow costs it pictures, not the camera.
pub fn run(opener: &Opener, feed: &Feed<Frame>, stop: &Stop) {
    let report = |event| feed.report(event);
    let mut backoff = BACKOFF_MIN;
    let mut patience = FIRST_PICTURE;
    let mut losses = Losses::new(&report);
    let mut damages = Damages::new(&report);
    let mut abandoned: Vec<JoinHandle<()>> = Vec::new();
    while !stop.is_stopped() {
        let life = Stop::default();
        let (pictures, worker) = start(opener, &life);
        let mut limit = patience;
        let mut silence = Duration::ZERO;
        let mut damaged: Option<String> = None;
        let reason = loop {
            match next(&pictures, &mut silence, limit, stop) {
                Next::Pictures(frames) => {
                    if let Some(last) = frames.last() {
                        damages.whole(last.boottime_us, losses.lost());
                    }
                    losses.back();
                    (limit, silence, backoff, damaged) = (SILENCE, Duration::ZERO, BACKOFF_MIN, None);
                    patience = FIRST_PICTURE;
                    if !feed.send(frames) {
                        life.stop();
                        return;
                    }
                }
                Next::Damaged(reason) => {
                    damages.damaged(&reason, losses.lost());
                    if damaged.replace(reason).is_none() && limit == patience && !losses.lost() {
                        // It delivers, if nothing of use: from here on it is late as a camera is that has begun. One that is lost already is left
                        // to itself for longer, because opening it again may last longer than its trouble.
                        (limit, silence) = (SILENCE, Duration::ZERO);
                    }
                }
                Next::BeforeKey(count) => {
                    damages.damaged_many(count, "came before a key frame", losses.lost());
                    limit = FIRST_KEY;
                }
                Next::Failed(error) => break error.to_string(),
                Next::Silent => {
                    let secs = limit.as_secs();
                    if limit == patience && damaged.is_none() {
                        patience = (patience * 2).min(FIRST_PICTURE_MAX);
                    }
                    if limit == FIRST_KEY {
                        break format!("no key frame for {secs} s");
                    }
                    break damaged.map_or(format!("no picture for {secs} s"), |why| format!("only damaged pictures for {secs} s: {why}"));
                }
                Next::Stopped => break String::new(),
            }
        };
        life.stop();
        drop(pictures);
        abandoned.extend(worker);
        if stop.is_stopped() {
            break;
        }
        damages.report();
        losses.lose(reason);
        loop {
            let until = invigil_clock::boottime_us() + u64::try_from(backoff.as_micros()).unwrap_or(0);
            if !stop.sleep_until(until) {
                break;
            }
            backoff = (backoff * 2).min(BACKOFF_MAX);
            abandoned.retain(|thread| !thread.is_finished());
            if abandoned.len() < MAX_ABANDONED {
                break;
            }
        }
    }
    damages.report();
}

/// What comes from a camera's thread.
type FromCamera = Receiver<Result<Vec<Frame>, CameraError>>;

fn start(opener: &Opener, life: &Stop) -> (FromCamera, Option<JoinHandle<()>>) {
    let (sender, receiver) = sync_channel(8);
    let (opener, life) = (Arc::clone(opener), life.clone());
    let spawned = std::thread::Builder::new().name("camera".into()).spawn(move || match opener(&life) {
        Ok(mut camera) => loop {
            let pictures = camera.next_batch();
            let ended = matches!(&pictures, Err(error) if !matches!(error, CameraError::Damaged { .. } | CameraError::BeforeKey { .. }));
            if sender.send(pictures).is_err() || ended {
                break;
            }
        },
        Err(error) => drop(sender.send(Err(error))),
    });
    (receiver, spawned.map_err(|error| tracing::error!(%error, "starting a camera thread failed")).ok())
}

enum Next {
    Pictures(Vec<Frame>),
    Damaged(String),
    BeforeKey(u64),
    Failed(CameraError),
    Silent,
    Stopped,
}

/// `silence` is how long there was no whole picture; the caller sets it back.
fn next(pictures: &FromCamera, silence: &mut Duration, limit: Duration, stop: &Stop) -> Next {
    const STEP: Duration = Duration::from_millis(500);
    loop {
        if stop.is_stopped() {
            return Next::Stopped;
        }
        if *silence >= limit {
            return Next::Silent;
        }
        let from_us = invigil_clock::boottime_us();
        let received = pictures.recv_timeout(STEP);
        // No step counts for more than its length: a machine that slept is not a camera that was silent.
        *silence += Duration::from_micros(invigil_clock::boottime_us().saturating_sub(from_us)).min(STEP);
        match received {
            Ok(Ok(frames)) => return Next::Pictures(frames),
            Ok(Err(CameraError::Damaged { reason, .. })) => return Next::Damaged(reason),
            Ok(Err(CameraError::BeforeKey { count, .. })) => return Next::BeforeKey(count),
            Ok(Err(error)) => return Next::Failed(error),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => {
                return Next::Failed(CameraError::Read { camera: "camera".into(), reason: "its thread ended".into() });
            }
        }
    }
}

/// A list that [`run`]'s report can write to; tests and the progress line read it.
#[derive(Debug, Default)]
pub struct Log(std::sync::Mutex<Vec<Event>>);

impl Log {
    /// Adds an event.
    pub fn push(&self, event: Event) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(event);
    }
    /// All events so far.
    pub fn all(&self) -> Vec<Event> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Camera, Picture, Sink};
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// Delivers two pictures, then does what its life is to do.
    struct Scripted {
        left: u32,
        then: Then,
        stop: Stop,
        begun_us: u64,
    }
    #[derive(Clone, Copy, PartialEq)]
    enum Then {
        Fail,
        Hang,
        Damage,
        BeforeKey,
        GoOn,
    }
    impl Camera for Scripted {
        fn next(&mut self) -> Result<Frame, CameraError> {
            if self.left == 0 && self.then == Then::Fail {
                return Err(CameraError::Read { camera: "test".into(), reason: "unplugged".into() });
            }
            if self.left == 0 && self.then == Then::Hang {
                // Like nokhwa on a stall: blocks with no way to be told, until the process is killed.
                let (sender, receiver) = std::sync::mpsc::channel::<()>();
                self.stop.on_stop(move || drop(sender));
                let _ = receiver.recv();
                return Err(CameraError::Stopped);
            }
            if self.left == 0 && self.then == Then::Damage {
                std::thread::sleep(Duration::from_millis(20));
                return Err(CameraError::Damaged { camera: "test".into(), reason: "flagged".into() });
            }
            // For longer than a camera may be silent.
            if self.then == Then::BeforeKey && self.left > 0 && invigil_clock::boottime_us() < self.begun_us + 4_000_000 {
                std::thread::sleep(Duration::from_millis(100));
                return Err(CameraError::BeforeKey { camera: "test".into(), count: 2 });
            }
            self.left = self.left.saturating_sub(1);
            std::thread::sleep(Duration::from_millis(1));
            let frame = ffmpeg_next::frame::Video::empty();
            Ok(Frame { boottime_us: invigil_clock::boottime_us(), picture: Picture::Raw(frame.into()) })
        }
    }

    fn lives(script: &'static [Then], channel: usize, take: usize) -> (Vec<Event>, u64, u64) {
        let (sender, receiver) = sync_channel(channel);
        let stop = Stop::default();
        let life = AtomicUsize::new(0);
        let opener: Opener = Arc::new(move |stop| {
            let then = script[life.fetch_add(1, Ordering::SeqCst).min(script.len() - 1)];
            Ok(Box::new(Scripted { left: 2, then, stop: stop.clone(), begun_us: invigil_clock::boottime_us() }))
        });
        let (log, counters) = (Arc::new(Log::default()), Arc::new(Counters::default()));
        let report = Box::new({
            let log = Arc::clone(&log);
            move |event| log.push(event)
        });
        let feed = Feed::new(Sink { pieces: sender, counters: Arc::clone(&counters), report });
        let thread = std::thread::spawn({
            let stop = stop.clone();
            move || {
                run(&opener, &feed, &stop);
                feed.close();
            }
        });
        for _ in 0..take {
            receiver.recv().unwrap();
        }
        if take == 0 {
            while counters.dropped.load(Ordering::SeqCst) < 10 {
                std::thread::yield_now();
            }
        }
        stop.stop();
        while receiver.recv().is_ok() {}
        thread.join().unwrap();
        (log.all(), counters.frames.load(Ordering::SeqCst), counters.dropped.load(Ordering::SeqCst))
    }

    #[test]
    fn a_failing_and_a_hanging_camera_come_back() {
        let (events, frames, dropped) = lives(&[Then::Fail, Then::Hang, Then::GoOn], 64, 20);
        let lost = |event: &&Event| matches!(event, Event::Lost(_));
        assert_eq!(events[0], Event::Started);
        assert_eq!(events.iter().filter(lost).count(), 2, "{events:?}");
        assert_eq!(events.iter().filter(|e| **e == Event::Back).count(), 2, "{events:?}");
        assert!(frames >= 20 && dropped == 0);
    }

    #[test]
    fn a_camera_whose_key_frame_is_far_off_is_waited_for_and_begins_with_it() {
        let (events, frames, _) = lives(&[Then::BeforeKey], 64, 20);
        assert!(!events.iter().any(|event| matches!(event, Event::Lost(_))), "{events:?}");
        let before: u64 = events
            .iter()
            .map(|event| match event {
                Event::Damaged(damage) if damage.reason == "came before a key frame" => damage.count,
                _ => 0,
            })
            .sum();
        assert!((4..=80).contains(&before) && before.is_multiple_of(2) && frames >= 20, "{events:?}");
        assert!(matches!(events[0], Event::Damaged(_)) && events.contains(&Event::Started), "{events:?}");
    }

    #[test]
    fn a_camera_that_delivers_only_damaged_pictures_is_lost_and_comes_back() {
        let (events, frames, _) = lives(&[Then::Damage, Then::GoOn], 64, 20);
        let damaged: u64 = events.iter().map(|event| if let Event::Damaged(damage) = event { damage.count } else { 0 }).sum();
        // One each 20 ms for the 3 s after which the camera counts as lost; the machine may be busy.
        assert!((20..=150).contains(&damaged), "{events:?}");
        assert!(events.iter().filter(|event| matches!(event, Event::Damaged(_))).count() <= 3, "{events:?}");
        let at = |wanted: &dyn Fn(&Event) -> bool| events.iter().position(wanted).unwrap();
        let lost = at(&|event| matches!(event, Event::Lost(reason) if reason == "only damaged pictures for 3 s: flagged"));
        assert!(events[..lost].iter().any(|event| matches!(event, Event::Damaged(damage) if damage.reason == "flagged")));
        assert!(at(&|event| *event == Event::Back) > lost && frames >= 20, "{events:?}");
    }

    #[test]
    fn what_follows_being_slow_costs_pictures_and_never_stalls_the_camera() {
        let (events, _, dropped) = lives(&[Then::GoOn], 1, 0);
        assert!(dropped >= 10);
        assert!(events.iter().any(|e| matches!(e, Event::Dropped(dropped) if dropped.count > 0)), "{events:?}");
    }
}
