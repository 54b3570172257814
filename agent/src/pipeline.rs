//! The threads of one track, with bounded channels between them: camera -> encoder -> spool.
//!
//! Only the first channel may throw away: a camera never waits. The encoder waits for a slow disk, and meanwhile its own channel fills.

use crate::capture::watch::{self, Counters};
use crate::capture::{Frame, Spec, Stop, Wanted};
use crate::encode::{Encoder, Target};
use crate::health::{Board, Tap, Thumbnails};
use crate::segment::{Fragment, Segmenter};
use crate::spool::{Context, Message, write_track};
use invigil_format::{Event, TrackName};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SendError, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// Pictures between camera and encoder: a quarter of a second.
const PICTURES: usize = 4;
/// Fragments between encoder and disk: some seconds.
const FRAGMENTS: usize = 8;
/// Thumbnails between encoder and disk.
const THUMBNAILS: usize = 4;
/// Without a picture for this long the fragment being gathered is closed.
const IDLE: Duration = Duration::from_millis(1500);

/// One track's threads.
pub struct Pipeline {
    /// Name.
    pub track: TrackName,
    /// Camera, without credentials.
    pub camera: String,
    /// Figures.
    pub counters: Arc<Counters>,
    /// Whether pictures arrive.
    pub alive: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

/// Starts the threads; they end after `stop`, the last one when its segment is closed. `thumbnails` is the track beside it, `board` is told of the
/// picture's state.
pub fn start(spec: &Spec, target: Target, context: Context, thumbnails: Context, board: Arc<Board>, stop: &Stop) -> io::Result<Pipeline> {
    let (track, camera) = (context.track.clone(), spec.to_string());
    let (journal, origin_us) = (context.journal.clone(), context.run.origin_us);
    let (counters, alive) = (Arc::new(Counters::default()), Arc::new(AtomicBool::new(false)));
    let (pictures, to_encode) = sync_channel::<Frame>(PICTURES);
    let (fragments, to_write) = sync_channel::<Message>(FRAGMENTS);
    let (small, small_to_write) = sync_channel::<Message>(THUMBNAILS);
    let mut threads = Vec::new();

    let builder = std::thread::Builder::new().name(format!("{} spool", thumbnails.track));
    threads.push(builder.spawn(move || write_track(thumbnails, &small_to_write))?);

    let builder = std::thread::Builder::new().name(format!("{track} spool"));
    threads.push(builder.spawn(move || write_track(context, &to_write))?);

    let builder = std::thread::Builder::new().name(format!("{track} encode"));
    threads.push(builder.spawn({
        let (output, track) = (Output { fragments, counters: Arc::clone(&counters) }, track.clone());
        // Made on its thread: libswscale's contexts stay where they are.
        move || encode(target, origin_us, Tap::new(track, board, Thumbnails::new(small)), &to_encode, &output)
    })?);

    let wanted = Wanted { width: target.width, height: target.height, fps: target.fps };
    let opener = watch::opener(spec.clone(), wanted);
    let builder = std::thread::Builder::new().name(format!("{track} watch"));
    threads.push(builder.spawn({
        let (stop, counters, alive) = (stop.clone(), Arc::clone(&counters), Arc::clone(&alive));
        let (track, camera) = (track.clone(), camera.clone());
        move || {
            watch::run(&opener, &pictures, &stop, &counters, &|event| {
                let (lives, event) = match event {
                    watch::Event::Started => {
                        (true, Event::TrackStarted { track: track.clone(), camera: camera.clone(), reason: "first picture".into() })
                    }
                    watch::Event::Lost(reason) => (false, Event::CameraLost { track: track.clone(), reason: short(&reason) }),
                    watch::Event::Back => (true, Event::CameraBack { track: track.clone(), reason: "pictures again".into() }),
                    watch::Event::Dropped(count) => {
                        let reason = "disk or processor too slow".into();
                        (alive.load(Ordering::SeqCst), Event::FramesDropped { track: track.clone(), count, reason })
                    }
                };
                alive.store(lives, Ordering::SeqCst);
                journal.record(event);
            });
            alive.store(false, Ordering::SeqCst);
        }
    })?);
    Ok(Pipeline { track, camera, counters, alive, threads })
}

impl Pipeline {
    /// Waits until the track's last segment is closed. Call it after the stop.
    pub fn join(self) {
        for thread in self.threads.into_iter().rev() {
            if thread.join().is_err() {
                tracing::error!(track = %self.track, "a thread of this track broke down");
            }
        }
    }
}

/// Journal entries stay small, whatever a driver says.
fn short(text: &str) -> String {
    text.chars().take(200).collect()
}

/// To the spool; says while it waits for it.
struct Output {
    fragments: SyncSender<Message>,
    counters: Arc<Counters>,
}

impl Output {
    fn send(&self, fragment: Fragment) -> Result<(), SendError<Message>> {
        match self.fragments.try_send(Message::Fragment(fragment)) {
            Ok(()) => Ok(()),
            Err(TrySendError::Disconnected(message)) => Err(SendError(message)),
            Err(TrySendError::Full(message)) => {
                self.counters.disk_since_us.store(invigil_clock::boottime_us(), Ordering::Relaxed);
                let sent = self.fragments.send(message);
                self.counters.disk_since_us.store(0, Ordering::Relaxed);
                sent
            }
        }
    }
}

fn encode(target: Target, origin_us: u64, mut tap: Tap, pictures: &Receiver<Frame>, output: &Output) {
    let mut encoder = Encoder::new(target);
    let mut segmenter = Segmenter::new(origin_us, target.fps);
    let mut failing = false;
    loop {
        let done = match pictures.recv_timeout(IDLE) {
            Ok(frame) => {
                tap.look(&frame);
                let mut done = Vec::new();
                let result = encoder.encode(frame, &mut |at, unit| done.extend(segmenter.push(at, unit)));
                match result {
                    Err(error) if !std::mem::replace(&mut failing, true) => tracing::error!(%error, "a picture could not be encoded"),
                    Err(_) => {}
                    Ok(()) => failing = false,
                }
                done
            }
            Err(RecvTimeoutError::Timeout) => {
                tap.idle(invigil_clock::boottime_us());
                segmenter.flush().into_iter().collect()
            }
            Err(RecvTimeoutError::Disconnected) => break,
        };
        for fragment in done {
            if output.send(fragment).is_err() {
                return;
            }
        }
    }
    let mut done = Vec::new();
    if let Err(error) = encoder.finish(&mut |at, unit| done.extend(segmenter.push(at, unit))) {
        tracing::error!(%error, "the encoder's last pictures are lost");
    }
    done.extend(segmenter.flush());
    for fragment in done {
        if output.send(fragment).is_err() {
            return;
        }
    }
}
