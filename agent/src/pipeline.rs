//! The threads of one track, with bounded channels between them: camera -> encoder -> spool.
//!
//! Only the first channel may throw away: a camera never waits. The encoder waits for a slow disk, and meanwhile its own channel fills.

use crate::capture::watch::{self, Counters, Pictures};
use crate::capture::{Feed, Frame, Picture, Sink, Spec, Stop, Wanted};
use crate::encode::{Encoder, Target};
use crate::health::{Board, Tap, Thumbnails};
use crate::journal::Journal;
use crate::rate::{Change, Gate, Rates};
use crate::segment::Segmenter;
use crate::spool::{Context, Message, write_track};
use invigil_format::{DroppedBecause, DroppedStretch, Event, TrackName};
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// Pictures between camera and encoder, or batches of them: a quarter of a second, and a second of an IP camera.
const PICTURES: usize = 4;
/// Fragments between encoder and disk: some seconds.
const FRAGMENTS: usize = 8;
/// Thumbnails between encoder and disk.
const THUMBNAILS: usize = 4;
/// Without a picture for this long the fragment being gathered is closed.
const IDLE: Duration = Duration::from_millis(1500);
/// From then on a track whose pictures cannot be encoded counts as lost, and is tried again so often only, us.
const FAILING_US: u64 = 1_000_000;
/// Pictures that nobody could decode are journalled at most this often while nothing else is recorded, us.
const UNDECODABLE_US: u64 = 5_000_000;
/// A track whose footage waits for the disk for this long, with all channels full, stands still: it is journalled.
const STALL: Duration = Duration::from_secs(2);

/// One track's threads in one recording; the camera has its own ([`CameraThread`]), because it may outlive the recording.
pub struct Pipeline {
    /// Name.
    pub track: TrackName,
    /// Camera, without credentials.
    pub camera: String,
    /// Figures.
    pub counters: Arc<Counters>,
    /// Whether pictures arrive.
    pub alive: Arc<AtomicBool>,
    /// Why they do not; empty while they do, and before the first one.
    pub lost: Arc<Mutex<String>>,
    pub(crate) threads: Vec<JoinHandle<()>>,
}

/// Starts the threads that record what comes through the returned sink; they end when it is dropped, the last one when its segment is closed. `camera` is its
/// name without credentials, `given_fps` how many pictures a second it was opened for, `thumbnails` the track beside it, `board` is told of the picture's state.
pub fn start(
    camera: String,
    target: Target,
    given_fps: u32,
    context: Context,
    thumbnails: Context,
    board: Arc<Board>,
) -> io::Result<(Pipeline, Sink<Frame>)> {
    let track = context.track.clone();
    let (journal, rates, origin_us) = (context.journal.clone(), Arc::clone(&context.rates), context.run.origin_us);
    let (counters, alive) = (Arc::new(Counters::default()), Arc::new(AtomicBool::new(false)));
    let lost = Arc::<Mutex<String>>::default();
    let reports = || {
        let (alive, lost, journal, rates) = (Arc::clone(&alive), Arc::clone(&lost), journal.clone(), Arc::clone(&rates));
        reporter(track.clone(), camera.clone(), alive, lost, journal, rates, Arc::clone(&board))
    };
    let sink_report = reports();
    let (pictures, mut to_encode) = watch::channel(PICTURES);
    let (fragments, to_write) = sync_channel::<Message>(FRAGMENTS);
    let (small, small_to_write) = sync_channel::<Message>(THUMBNAILS);
    let mut threads = Vec::new();

    let builder = std::thread::Builder::new().name(format!("{} spool", thumbnails.track));
    threads.push(builder.spawn(move || write_track(thumbnails, &small_to_write))?);

    let builder = std::thread::Builder::new().name(format!("{track} spool"));
    threads.push(builder.spawn(move || write_track(context, &to_write))?);

    let builder = std::thread::Builder::new().name(format!("{track} encode"));
    threads.push(builder.spawn({
        let counters = Arc::clone(&counters);
        let outlet = Outlet { messages: fragments, journal: journal.clone(), rates: Arc::clone(&rates), track: track.clone(), counters };
        let (track, report, board) = (track.clone(), reports(), Arc::clone(&board));
        // Made on its thread: libswscale's contexts stay where they are.
        move || {
            encode(
                target,
                Gate::new(target.fps, given_fps),
                origin_us,
                Tap::new(track, board, Thumbnails::new(small)),
                &mut to_encode,
                &outlet,
                &report,
            )
        }
    })?);

    let sink = Sink { pieces: pictures, counters: Arc::clone(&counters), report: sink_report };
    Ok((Pipeline { track, camera, counters, alive, lost, threads }, sink))
}

/// Journals what happens to a track's camera, and tells the person at the machine when its pictures stop and come again.
fn reporter(
    track: TrackName,
    camera: String,
    alive: Arc<AtomicBool>,
    lost: Arc<Mutex<String>>,
    journal: Journal,
    rates: Arc<Rates>,
    board: Arc<Board>,
) -> Box<dyn Fn(watch::Event) + Send> {
    let tell = move |track: &TrackName, camera: &str, reason: &str| {
        let before = std::mem::replace(&mut *lost.lock().unwrap_or_else(PoisonError::into_inner), reason.to_owned());
        if before != reason {
            board.camera(track, camera, reason);
        }
    };
    Box::new(move |event| {
        match &event {
            watch::Event::Started | watch::Event::Back => tell(&track, &camera, ""),
            watch::Event::Lost(reason) => tell(&track, &camera, &short(reason)),
            watch::Event::Dropped(_) | watch::Event::Damaged(_) => {}
        }
        let (lives, event) = match event {
            watch::Event::Started => {
                (true, Event::TrackStarted { track: track.clone(), camera: camera.clone(), reason: "first picture".into() })
            }
            watch::Event::Lost(reason) => (false, Event::CameraLost { track: track.clone(), reason: short(&reason) }),
            watch::Event::Back => (true, Event::CameraBack { track: track.clone(), reason: "pictures again".into() }),
            watch::Event::Dropped(watch::Dropped { count, from_us, to_us }) => {
                // They may be told when the disk works again.
                let (because, reason) = match rates.disk_failure_since(from_us) {
                    Some(failure) => (DroppedBecause::DiskFailure, short(&failure)),
                    None => (DroppedBecause::TooBusy, "disk or processor too slow".into()),
                };
                let stretch = Some(DroppedStretch { from_us, to_us, because });
                (alive.load(Ordering::SeqCst), Event::FramesDropped { track: track.clone(), count, reason, stretch })
            }
            watch::Event::Damaged(damage) => {
                let secs = |us: u64| us as f64 / 1e6;
                // What a driver says may be long; the times must not be cut off.
                let reason = format!("boot time {:.3} to {:.3} s: {}", secs(damage.from_us), secs(damage.to_us), damage.reason);
                let (count, reason) = (damage.count, short(&reason));
                (alive.load(Ordering::SeqCst), Event::FramesDamaged { track: track.clone(), count, reason })
            }
        };
        alive.store(lives, Ordering::SeqCst);
        journal.record(event);
    })
}

/// The thread that keeps one camera going, whichever recording takes its pictures.
pub struct CameraThread {
    /// Where its pictures go.
    pub feed: Arc<Feed<Frame>>,
    thread: JoinHandle<()>,
}

impl CameraThread {
    /// Opens the camera for pictures as `target` wants them; it ends after `stop`. `number` names the thread.
    pub fn start(number: usize, spec: &Spec, target: Target, first: Sink<Frame>, stop: &Stop) -> io::Result<Self> {
        let wanted = Wanted { width: target.width, height: target.height, fps: target.fps };
        let (opener, feed, stop) = (watch::opener(spec.clone(), wanted), Feed::new(first), stop.clone());
        let builder = std::thread::Builder::new().name(format!("cam{number} watch"));
        let thread = builder.spawn({
            let ends = Ends(Arc::clone(&feed));
            move || watch::run(&opener, &ends.0, &stop)
        })?;
        Ok(Self { feed, thread })
    }

    /// Whether it has ended: broken down, if nobody has stopped it.
    pub fn is_finished(&self) -> bool {
        self.thread.is_finished()
    }

    /// Waits until the camera is closed. Call it after the stop.
    pub fn join(self) {
        if self.thread.join().is_err() {
            tracing::error!("the thread of a camera broke down");
        }
    }
}

/// Ends what a camera feeds together with its thread, whatever ends that.
struct Ends(Arc<Feed<Frame>>);

impl Drop for Ends {
    fn drop(&mut self) {
        self.0.close();
    }
}

impl Pipeline {
    /// Waits until the track's last segment is closed. Call it when its sink is gone.
    pub fn join(self) {
        for thread in self.threads.into_iter().rev() {
            if thread.join().is_err() {
                tracing::error!(track = %self.track, "a thread of this track broke down");
            }
        }
        self.alive.store(false, Ordering::SeqCst);
    }
}

/// Journal entries stay small, whatever a driver says.
pub(crate) fn short(text: &str) -> String {
    text.chars().take(200).collect()
}

/// Pictures that the encoder does not take: told as damaged ones, and as a loss when it goes on.
#[derive(Debug, Default)]
struct Failing {
    damage: Option<watch::Damage>,
    /// The track was said to be lost.
    told: bool,
    again_us: u64,
}

impl Failing {
    /// Whether a picture of that time is worth a try: opening an encoder is not for every picture.
    fn may_try(&mut self, at_us: u64) -> bool {
        let may = at_us >= self.again_us;
        if let (false, Some(damage)) = (may, &mut self.damage) {
            (damage.count, damage.to_us) = (damage.count + 1, at_us);
        }
        may
    }

    /// One could not be encoded; what is to be told.
    fn failed(&mut self, at_us: u64, reason: &str) -> Option<watch::Event> {
        let damage = self.damage.get_or_insert(watch::Damage { count: 0, from_us: at_us, to_us: at_us, reason: String::new() });
        (damage.count, damage.to_us, damage.reason) = (damage.count + 1, at_us, format!("could not be encoded: {reason}"));
        // A single slip is tried again with the very next picture.
        self.again_us = if damage.count == 1 { 0 } else { at_us + FAILING_US };
        let lost = !self.told && at_us.saturating_sub(damage.from_us) >= FAILING_US;
        self.told |= lost;
        lost.then(|| watch::Event::Lost(format!("its pictures cannot be encoded: {reason}")))
    }

    /// One was encoded, or nothing follows; what is to be told.
    fn ended(&mut self, works: bool) -> impl Iterator<Item = watch::Event> {
        self.again_us = 0;
        let back = works && std::mem::take(&mut self.told);
        self.damage.take().map(watch::Event::Damaged).into_iter().chain(back.then_some(watch::Event::Back))
    }
}

fn encode(
    target: Target,
    mut gate: Gate,
    origin_us: u64,
    mut tap: Tap,
    pictures: &mut Pictures,
    outlet: &Outlet,
    report: &dyn Fn(watch::Event),
) {
    let mut encoder = Encoder::new(target);
    let mut segmenter = Segmenter::new(origin_us, target.fps);
    let (mut failing, mut told_us) = (Failing::default(), 0);
    loop {
        let mut done = Vec::new();
        match pictures.recv_timeout(IDLE) {
            Ok(frame) => {
                let changes = gate.follow(outlet.rates.level(), &frame);
                if changes.contains(&Change::Paused) {
                    // What was gathered is recorded; the next picture, whenever that is, begins a segment.
                    encoder.begin_anew();
                    let rest = segmenter.flush().map(Message::Fragment);
                    if !rest.into_iter().chain([Message::Pause]).all(|message| outlet.send(message)) {
                        return;
                    }
                }
                for change in changes {
                    if let Change::Lowered(fps) | Change::Raised(fps) = change {
                        encoder.set_fps(fps);
                    }
                    outlet.tell(change);
                }
                tap.look(&frame, gate.records());
                if gate.wants(&frame) {
                    let at_us = frame.boottime_us;
                    if failing.may_try(at_us) {
                        match encoder.encode(frame, &mut |at, unit| done.extend(segmenter.push(at, unit))) {
                            Err(error) => failing.failed(at_us, &error.to_string()).into_iter().for_each(report),
                            Ok(()) => failing.ended(true).for_each(report),
                        }
                    }
                } else if let (Picture::Encoded(_), true) = (&frame.picture, gate.records()) {
                    segmenter.leave_out(frame.boottime_us);
                }
            }
            Err(RecvTimeoutError::Timeout) => {
                tap.idle(invigil_clock::boottime_us());
                done.extend(segmenter.flush());
            }
            Err(RecvTimeoutError::Disconnected) => break,
        }
        let now_us = invigil_clock::boottime_us();
        if !done.is_empty() || now_us.saturating_sub(told_us) >= UNDECODABLE_US {
            told_us = now_us;
            outlet.tell_undecodable(segmenter.take_undecodable());
        }
        if !done.into_iter().all(|fragment| outlet.send(Message::Fragment(fragment))) {
            return;
        }
    }
    let mut done = Vec::new();
    if let Err(error) = encoder.finish(&mut |at, unit| done.extend(segmenter.push(at, unit))) {
        tracing::error!(%error, "the encoder's last pictures are lost");
    }
    done.extend(segmenter.flush());
    failing.ended(false).for_each(report);
    outlet.tell_undecodable(segmenter.take_undecodable());
    let _ = done.into_iter().all(|fragment| outlet.send(Message::Fragment(fragment)));
}

/// The way to a track's spool thread, and what the journal has to know of it.
pub(crate) struct Outlet {
    pub(crate) messages: SyncSender<Message>,
    pub(crate) journal: Journal,
    pub(crate) rates: Arc<Rates>,
    pub(crate) track: TrackName,
    pub(crate) counters: Arc<Counters>,
}

impl Outlet {
    /// Waits for room, as long as that takes; meanwhile pictures are dropped before the encoder. Returns false when nobody takes messages any more.
    pub(crate) fn send(&self, message: Message) -> bool {
        const STEP: Duration = Duration::from_millis(20);
        let (mut message, mut waited, mut stalled) = (message, Duration::ZERO, false);
        let sent = loop {
            message = match self.messages.try_send(message) {
                Ok(()) => break true,
                Err(TrySendError::Disconnected(_)) => break false,
                Err(TrySendError::Full(back)) => back,
            };
            if waited.is_zero() {
                self.counters.disk_since_us.store(invigil_clock::boottime_us(), Ordering::Relaxed);
            }
            if waited >= STALL && !std::mem::replace(&mut stalled, true) {
                self.rates.stall(true);
                self.journal.record(Event::CapturePaused { track: self.track.clone(), reason: short(&self.rates.stall_reason()) });
            }
            std::thread::sleep(STEP);
            waited += STEP;
        };
        self.counters.disk_since_us.store(0, Ordering::Relaxed);
        if stalled {
            self.rates.stall(false);
            self.journal.record(Event::CaptureResumed { track: self.track.clone(), reason: "the spool's disk works again".into() });
        }
        sent
    }

    fn tell_undecodable(&self, count: u64) {
        if count > 0 {
            self.journal.record(Event::FramesDamaged { track: self.track.clone(), count, reason: "came before a key frame".into() });
        }
    }

    pub(crate) fn tell(&self, change: Change) {
        let (track, reason) = (self.track.clone(), short(&self.rates.reason()));
        tracing::info!(%track, ?change, reason, "picture rate");
        self.journal.record(match change {
            Change::Lowered(fps) => Event::RateLowered { track, fps, reason },
            Change::Raised(fps) => Event::RateRaised { track, fps },
            Change::Paused => Event::CapturePaused { track, reason },
            Change::Resumed => Event::CaptureResumed { track, reason: "there is room again".into() },
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_encoder_that_fails_is_a_loss_from_a_second_on_and_a_single_slip_is_none() {
        let mut failing = Failing::default();
        let mut told = Vec::new();
        // 15 pictures a second: one slips at second 2, and from second 4 to second 9 none is taken.
        for at_us in (0..180).map(|number| number * 1_000_000 / 15) {
            let fails = (4_000_000..9_000_000).contains(&at_us) || at_us == 2_000_000;
            if !failing.may_try(at_us) {
                continue;
            }
            match fails {
                true => told.extend(failing.failed(at_us, "no encoder").map(|event| (at_us, event))),
                false => told.extend(failing.ended(true).map(|event| (at_us, event))),
            }
        }
        let damage = |count, from_us, to_us| {
            watch::Event::Damaged(watch::Damage { count, from_us, to_us, reason: "could not be encoded: no encoder".into() })
        };
        assert_eq!(told[0], (2_066_666, damage(1, 2_000_000, 2_000_000)));
        assert!(matches!(&told[1], (5_000_000..=6_200_000, watch::Event::Lost(reason)) if reason.ends_with("no encoder")), "{told:?}");
        // Tried again once a second; every picture of that time is counted.
        assert!(
            matches!(&told[2], (9_000_000..=10_200_000, watch::Event::Damaged(damage)) if (75..=92).contains(&damage.count)),
            "{told:?}"
        );
        assert_eq!((&told[3].1, told.len()), (&watch::Event::Back, 4));
        assert_eq!(failing.failed(20_000_000, "x"), None);
        assert!(matches!(failing.ended(false).collect::<Vec<_>>().as_slice(), [watch::Event::Damaged(_)]), "nothing follows: not back");
    }
}
