//! Keeps the microphone going, whoever listens: notices when it fails or hangs, kills it, opens it again.

use super::{Block, Process, SoundError, Spec};
use crate::capture::Stop;
use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// Without sound for this long the microphone is taken to hang.
const SILENCE: Duration = Duration::from_secs(2);
/// The same before its first sound; with the waits below it leaves a fault's end no more than 5 s until there is sound again.
const FIRST_SOUND: Duration = Duration::from_secs(4);
/// What that grows to while none comes and no failure is said: on a machine that is far too busy a start may take longer, and killing it would only begin it
/// again.
const FIRST_SOUND_MAX: Duration = Duration::from_secs(16);
const BACKOFF_MIN: Duration = Duration::from_millis(250);
const BACKOFF_MAX: Duration = Duration::from_secs(1);
/// Threads of processes that do not die which are left behind before no further one is started.
const MAX_ABANDONED: usize = 4;
/// Shorter blocks are sent on together, us: a track's queue is bounded by their number.
const LEAST_US: u64 = 100_000;
/// Different reasons that one loss may be told with.
const MAX_REASONS: usize = 6;

/// What a track is told.
#[derive(Debug, Clone, PartialEq)]
pub enum Heard {
    /// Sound.
    Block {
        /// It.
        block: Block,
        /// So much sound before it was thrown away because the track was too slow, us.
        dropped_us: u64,
    },
    /// No more sound, and why; the microphone is being opened again. Once more when another reason shows before it is back.
    Lost(String),
}

/// How a microphone is opened: the child process, or a test's own.
pub type Opener = Arc<dyn Fn(&Stop) -> Result<Box<dyn Hear>, SoundError> + Send + Sync>;

/// A source of sound.
pub trait Hear {
    /// The next sound; blocks until there is some, and may hang like the device: callers run it on a thread that they can abandon.
    fn next(&mut self) -> Result<Block, SoundError>;
}

/// The microphone's thread, from its start to its stop. The tracks that get its sound can come and go meanwhile.
pub struct Microphone {
    name: String,
    outlet: Arc<Mutex<Outlet>>,
    thread: JoinHandle<()>,
}

#[derive(Default)]
struct Outlet {
    /// In the order of the recordings; none at the place of one that has no sound.
    tracks: Vec<Option<Listener>>,
    ended: bool,
    /// Reasons of the present loss.
    reasons: Vec<String>,
    /// Too short to be sent on its own.
    short: Option<Block>,
}

/// A track that gets the sound.
struct Listener {
    to: SyncSender<Heard>,
    /// How many reasons of the present loss it was told.
    told: usize,
    /// Thrown away and not yet told, us.
    dropped_us: u64,
}

impl Microphone {
    /// Begins to listen until `stop`.
    pub fn start(spec: &Spec, stop: &Stop) -> io::Result<Self> {
        let opened = spec.clone();
        Self::start_by(Arc::new(move |stop| Ok(Box::new(Process::open(&opened, stop)?))), spec.to_string(), stop)
    }

    /// The same with another way to open it.
    pub fn start_by(opener: Opener, name: String, stop: &Stop) -> io::Result<Self> {
        let outlet = Arc::new(Mutex::new(Outlet::default()));
        let thread = std::thread::Builder::new().name("microphone".into()).spawn({
            let (outlet, stop) = (Arc::clone(&outlet), stop.clone());
            move || {
                run(&opener, &outlet, &stop, (FIRST_SOUND, FIRST_SOUND_MAX));
                let mut outlet = lock(&outlet);
                (outlet.ended, outlet.tracks) = (true, Vec::new());
            }
        })?;
        Ok(Self { name, outlet, thread })
    }

    /// Name for the journal: `microphone:...`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// From now on this track gets the sound for the recording at this place, from 0, instead of the one that got it there, whose channel ends. If the
    /// microphone is lost just now, it is told so.
    pub fn deliver(&self, place: usize, track: Option<SyncSender<Heard>>) {
        let mut outlet = lock(&self.outlet);
        outlet.flush();
        let listener = outlet.listener(track);
        if outlet.tracks.len() <= place {
            outlet.tracks.resize_with(place + 1, || None);
        }
        outlet.tracks[place] = listener;
    }

    /// The recording at this place ends; those behind it move up.
    pub fn end(&self, place: usize) {
        let mut outlet = lock(&self.outlet);
        outlet.flush();
        if place < outlet.tracks.len() {
            outlet.tracks.remove(place);
        }
    }

    /// Whether any track gets the sound.
    pub fn is_heard(&self) -> bool {
        let outlet = lock(&self.outlet);
        outlet.tracks.iter().any(Option::is_some)
    }

    /// Waits for the thread's end, after the stop.
    pub fn join(self) {
        if self.thread.join().is_err() {
            tracing::error!(microphone = self.name, "the microphone's thread broke down");
        }
    }
}

impl Outlet {
    /// Of a loss that lasts, the newest reason is enough for one that comes now.
    fn listener(&self, track: Option<SyncSender<Heard>>) -> Option<Listener> {
        let told = self.reasons.len().saturating_sub(1);
        track.filter(|_| !self.ended).map(|to| Listener { to, told, dropped_us: 0 })
    }

    /// Never waits: what a track has no room for is thrown away, and told with what gets through next.
    fn send(&mut self, block: Block) {
        // A loss that could not be told before it was over: the track tells the gap all the same.
        self.reasons.clear();
        self.each(|listener| listener.told = 0);
        let joined = match self.short.take() {
            Some(mut short) if !block.anew && block.rate == short.rate => {
                short.samples.extend(block.samples);
                short
            }
            other => {
                other.into_iter().for_each(|short| self.hand_over(&short));
                block
            }
        };
        if joined.length_us() < LEAST_US {
            self.short = Some(joined);
        } else {
            self.hand_over(&joined);
        }
    }

    fn flush(&mut self) {
        if let Some(short) = self.short.take() {
            self.hand_over(&short);
        }
    }

    fn hand_over(&mut self, block: &Block) {
        self.each(|listener| listener.hand_over(block.clone()));
    }

    fn lose(&mut self, reason: String) {
        self.flush();
        if self.reasons.len() < MAX_REASONS && !self.reasons.contains(&reason) {
            self.reasons.push(reason);
        }
        self.tell();
    }

    fn tell(&mut self) {
        let reasons = std::mem::take(&mut self.reasons);
        self.each(|listener| listener.tell(&reasons));
        self.reasons = reasons;
    }

    fn each(&mut self, mut what: impl FnMut(&mut Listener)) {
        self.tracks.iter_mut().flatten().for_each(&mut what);
    }
}

impl Listener {
    fn hand_over(&mut self, mut block: Block) {
        let (length_us, dropped_us) = (block.length_us(), self.dropped_us);
        block.anew |= dropped_us > 0;
        let taken = self.pass(Heard::Block { block, dropped_us });
        self.dropped_us = if taken { 0 } else { dropped_us + length_us };
    }

    fn tell(&mut self, reasons: &[String]) {
        while let Some(reason) = reasons.get(self.told) {
            if !self.pass(Heard::Lost(reason.clone())) {
                return;
            }
            self.told += 1;
        }
    }

    /// Returns false when there was no room. A track that has ended takes everything.
    fn pass(&self, heard: Heard) -> bool {
        !matches!(self.to.try_send(heard), Err(TrySendError::Full(_)))
    }
}

fn lock(outlet: &Mutex<Outlet>) -> std::sync::MutexGuard<'_, Outlet> {
    outlet.lock().unwrap_or_else(PoisonError::into_inner)
}

/// `first` is how long the first sound may take, at first and at most.
fn run(opener: &Opener, outlet: &Mutex<Outlet>, stop: &Stop, first: (Duration, Duration)) {
    let (mut backoff, mut patience) = (BACKOFF_MIN, first.0);
    let mut abandoned: Vec<JoinHandle<()>> = Vec::new();
    while !stop.is_stopped() {
        let life = Stop::default();
        let (blocks, worker) = start(opener, &life);
        let (mut limit, mut begun) = (patience, false);
        let reason = loop {
            match next(&blocks, limit, stop) {
                Some(Ok(block)) => {
                    (limit, begun) = (SILENCE, true);
                    (backoff, patience) = (BACKOFF_MIN, first.0);
                    lock(outlet).send(block);
                }
                Some(Err(error)) => break error.to_string(),
                None => {
                    if !begun {
                        patience = (patience * 2).min(first.1);
                    }
                    break format!("no sound for {} s", limit.as_secs());
                }
            }
        };
        life.stop();
        drop(blocks);
        abandoned.extend(worker);
        if stop.is_stopped() {
            break;
        }
        lock(outlet).lose(reason);
        loop {
            if !stop.sleep_until(invigil_clock::boottime_us() + u64::try_from(backoff.as_micros()).unwrap_or(0)) {
                break;
            }
            lock(outlet).tell();
            backoff = (backoff * 2).min(BACKOFF_MAX);
            abandoned.retain(|thread| !thread.is_finished());
            if abandoned.len() < MAX_ABANDONED {
                break;
            }
        }
    }
}

fn start(opener: &Opener, life: &Stop) -> (Receiver<Result<Block, SoundError>>, Option<JoinHandle<()>>) {
    let (sender, receiver) = sync_channel(8);
    let (opener, life) = (Arc::clone(opener), life.clone());
    let spawned = std::thread::Builder::new().name("microphone pipe".into()).spawn(move || match opener(&life) {
        Ok(mut source) => loop {
            let block = source.next();
            let ended = block.is_err();
            if sender.send(block).is_err() || ended {
                break;
            }
        },
        Err(error) => drop(sender.send(Err(error))),
    });
    (receiver, spawned.map_err(|error| tracing::error!(%error, "starting the microphone's thread failed")).ok())
}

/// `None` after `limit` without sound, or at the stop.
fn next(blocks: &Receiver<Result<Block, SoundError>>, limit: Duration, stop: &Stop) -> Option<Result<Block, SoundError>> {
    const STEP: Duration = Duration::from_millis(100);
    let mut silence = Duration::ZERO;
    while silence < limit && !stop.is_stopped() {
        let from_us = invigil_clock::boottime_us();
        match blocks.recv_timeout(STEP) {
            Ok(block) => return Some(block),
            Err(RecvTimeoutError::Disconnected) => return Some(Err(SoundError::Read("the microphone's thread ended".into()))),
            // No step counts for more than its length: a machine that slept is not a microphone that was silent.
            Err(RecvTimeoutError::Timeout) => silence += Duration::from_micros(invigil_clock::boottime_us() - from_us).min(STEP),
        }
    }
    None
}

#[cfg(test)]
mod tests;
