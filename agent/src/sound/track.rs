//! A track of sound: what a [`Microphone`] gives, through encoder and spool, and what the journal has to know of it.

use super::level::{Meter, Silence};
use super::line::{Line, Stretch};
use super::packets::Packets;
use super::{Block, Heard, Opus};
use crate::capture::watch::Counters;
use crate::health::Board;
use crate::pipeline::{Outlet, Pipeline, short};
use crate::rate::{Change, Level};
use crate::segment::Fragment;
use crate::segment::opus::{TIMESCALE, micros};
use crate::spool::{Context, Message, write_track};
use invigil_format::{Condition, Event, TrackName};
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Blocks between microphone and encoder: some seconds, at a fifth of a second each.
const BLOCKS: usize = 24;
/// Fragments between encoder and disk: some seconds.
const FRAGMENTS: usize = 11;
/// Without sound for this long the fragment being gathered is closed.
const IDLE: Duration = Duration::from_millis(1500);
/// A gap that nothing else explains is journalled from this length on, ticks.
const GAP: u64 = TIMESCALE as u64 / 2;
/// A shorter one counts from this length on, ticks: pieces that are lost again and again add up.
const PIECE: u64 = TIMESCALE as u64 / 50;
/// What is missing is journalled at most this often, us.
const REPORT_US: u64 = 5_000_000;

/// Tells the person at the machine: kind and text.
pub type Say = Arc<dyn Fn(&str, &str) + Send + Sync>;

/// Starts the threads of a track that records what a microphone sends ([`super::Microphone::deliver_to`]); they end when that is dropped, the last one when
/// its segment is closed. `camera` is the microphone's name.
pub fn start(camera: String, context: Context, board: Arc<Board>, say: Say) -> io::Result<(Pipeline, SyncSender<Heard>)> {
    let track = context.track.clone();
    let (counters, alive) = (Arc::new(Counters::default()), Arc::new(AtomicBool::new(false)));
    let silent_because = Arc::<Mutex<String>>::default();
    let (sender, heard) = sync_channel::<Heard>(BLOCKS);
    let (fragments, to_write) = sync_channel::<Message>(FRAGMENTS);
    let (journal, rates, origin_us) = (context.journal.clone(), Arc::clone(&context.rates), context.run.origin_us);
    let outlet = Outlet { messages: fragments, journal, rates, track: track.clone(), counters: Arc::clone(&counters) };
    let mut threads = Vec::new();
    let builder = std::thread::Builder::new().name(format!("{track} spool"));
    threads.push(builder.spawn(move || write_track(context, &to_write))?);
    let builder = std::thread::Builder::new().name(format!("{track} encode"));
    threads.push(builder.spawn({
        let (alive, track, camera, why) = (Arc::clone(&alive), track.clone(), camera.clone(), Arc::clone(&silent_because));
        move || {
            let missing = Missing::default();
            let events = Events { track, camera, alive, why, say, board, lost: false, begun: false, explained: true, missing };
            match Opus::new() {
                Ok(encoder) => {
                    Track { outlet, events, line: Line::new(origin_us), packets: Packets::new(origin_us, encoder), until: None }.run(&heard)
                }
                Err(error) => events.cannot(&outlet, &error.to_string(), &heard),
            }
        }
    })?);
    Ok((Pipeline { track, camera, counters, alive, lost: silent_because, threads }, sender))
}

struct Track {
    outlet: Outlet,
    events: Events,
    line: Line,
    packets: Packets,
    /// Tick after the newest sound.
    until: Option<u64>,
}

impl Track {
    fn run(mut self, heard: &Receiver<Heard>) {
        let (mut meter, mut silence, mut paused) = (Meter::default(), Silence::default(), false);
        loop {
            let mut done = Vec::new();
            let stands_still = self.outlet.rates.level() == Level::Nothing;
            if stands_still != paused {
                paused = stands_still;
                self.pause(paused, &mut done);
                if !self.send(done) || (paused && !self.outlet.send(Message::Pause)) {
                    return;
                }
                done = Vec::new();
            }
            match heard.recv_timeout(IDLE) {
                Ok(Heard::Block { block, dropped_us }) => {
                    self.events.back(&self.outlet);
                    if dropped_us > 0 {
                        // What waited stands before that.
                        let stretches = self.line.finish();
                        self.record(stretches, &mut done);
                        let failure = self.outlet.rates.disk_failure();
                        self.events
                            .missing(dropped_us, failure.map_or_else(|| "disk or processor too slow".into(), |failure| short(&failure)));
                    }
                    if let Some(look) = meter.take(&block) {
                        self.events.condition(silence.idle(look.at_us).into_iter().chain(silence.look(&look)));
                    }
                    if !paused {
                        self.take(block, &mut done);
                    }
                    self.events.tell_missing(&self.outlet, false);
                }
                Ok(Heard::Lost(reason)) => {
                    self.finish(&mut done);
                    self.events.lose(&self.outlet, &reason);
                }
                Err(RecvTimeoutError::Timeout) => {
                    self.events.condition(silence.idle(invigil_clock::boottime_us()));
                    self.close(&mut done);
                    self.events.tell_missing(&self.outlet, false);
                }
                Err(RecvTimeoutError::Disconnected) => break,
            }
            if !self.send(done) {
                return;
            }
        }
        let mut done = Vec::new();
        self.finish(&mut done);
        self.events.tell_missing(&self.outlet, true);
        self.send(done);
        self.events.alive.store(false, Ordering::SeqCst);
    }

    fn take(&mut self, block: Block, done: &mut Vec<Fragment>) {
        let stretches = self.line.push(block);
        self.record(stretches, done);
    }

    /// What has come so far is recorded, all of it: no sound follows that belongs to it.
    fn finish(&mut self, done: &mut Vec<Fragment>) {
        let stretches = self.line.finish();
        self.record(stretches, done);
        self.close(done);
    }

    fn record(&mut self, stretches: Vec<Stretch>, done: &mut Vec<Fragment>) {
        for stretch in stretches {
            self.note_gap(&stretch);
            self.until = Some(stretch.tick + stretch.samples.len() as u64);
            self.outlet.counters.frames.fetch_add(1, Ordering::Relaxed);
            if let Err(error) = self.packets.push(&stretch, done) {
                tracing::error!(%error, "sound could not be encoded");
            }
        }
    }

    fn note_gap(&mut self, stretch: &Stretch) {
        let explained = std::mem::replace(&mut self.events.explained, false);
        let Some(until) = self.until.filter(|_| !explained) else { return };
        let gap = stretch.tick.saturating_sub(until);
        if gap >= GAP {
            let at = |tick: u64| micros(tick) as f64 / 1e6;
            let reason = format!("{:.3} to {:.3} s of the run: the microphone delivered no sound", at(until), at(stretch.tick));
            self.events.missing(micros(gap), reason);
        } else if gap >= PIECE {
            self.events.missing(micros(gap), "pieces of less than half a second, which the microphone did not deliver".into());
        }
        self.events.explained = false;
    }

    fn pause(&mut self, pause: bool, done: &mut Vec<Fragment>) {
        if pause {
            self.finish(done);
        }
        self.line.restart();
        self.events.explained = true;
        self.outlet.tell(if pause { Change::Paused } else { Change::Resumed });
    }

    fn close(&mut self, done: &mut Vec<Fragment>) {
        match self.packets.close() {
            Ok(fragment) => done.extend(fragment),
            Err(error) => tracing::error!(%error, "the last sound before a pause could not be encoded"),
        }
    }

    fn send(&self, done: Vec<Fragment>) -> bool {
        done.into_iter().all(|fragment| self.outlet.send(Message::Fragment(fragment)))
    }
}

/// What is told of the track.
struct Events {
    track: TrackName,
    camera: String,
    alive: Arc<AtomicBool>,
    /// Why there is no sound; empty while there is.
    why: Arc<Mutex<String>>,
    say: Say,
    board: Arc<Board>,
    lost: bool,
    begun: bool,
    /// Why the next gap is there has been told already.
    explained: bool,
    missing: Missing,
}

/// Sound that is missing, from one journal entry to the next.
#[derive(Debug, Default)]
struct Missing {
    us: u64,
    /// Of what was missing last.
    reason: String,
    /// When it was journalled last, boot time, us; nothing before the first time.
    told_us: Option<u64>,
}

impl Missing {
    fn add(&mut self, us: u64, reason: String) {
        (self.us, self.reason) = (self.us + us, reason);
    }

    /// How much and why, if there is anything to be told now.
    fn take(&mut self, now_us: u64, at_once: bool) -> Option<(u64, String)> {
        let due = at_once || self.told_us.is_none_or(|told| now_us.saturating_sub(told) >= REPORT_US);
        if self.us == 0 || !due {
            return None;
        }
        self.told_us = Some(now_us);
        Some((std::mem::take(&mut self.us), std::mem::take(&mut self.reason)))
    }
}

impl Events {
    fn back(&mut self, outlet: &Outlet) {
        if self.begun && !self.lost {
            return;
        }
        let (track, camera) = (self.track.clone(), self.camera.clone());
        let first = !std::mem::replace(&mut self.begun, true);
        if first {
            outlet.journal.record(Event::TrackStarted { track: track.clone(), camera, reason: "first sound".into() });
        }
        // Also of one that was lost before its first sound: whoever reads of the loss reads of its end.
        if self.lost {
            outlet.journal.record(Event::CameraBack { track, reason: if first { "first sound" } else { "sound again" }.into() });
        }
        if std::mem::take(&mut self.lost) {
            (self.say)("sound-back", &format!("{}: sound is recorded", self.camera));
        }
        tracing::info!(track = %self.track, camera = self.camera, "sound");
        self.alive.store(true, Ordering::SeqCst);
        self.why.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn lose(&mut self, outlet: &Outlet, reason: &str) {
        self.explained = true;
        self.tell_missing(outlet, true);
        self.alive.store(false, Ordering::SeqCst);
        let (track, reason) = (self.track.clone(), short(reason));
        self.why.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&reason);
        if !std::mem::replace(&mut self.lost, true) {
            (self.say)(
                "sound-lost",
                &format!("NO SOUND IS RECORDED, the picture is: {}: {reason}. It is tried again until it works", self.camera),
            );
        }
        tracing::warn!(%track, reason, "no sound");
        outlet.journal.record(Event::CameraLost { track, reason });
    }

    fn missing(&mut self, us: u64, reason: String) {
        self.explained = true;
        self.missing.add(us, reason);
    }

    /// Journals what is missing if that is due, or in any case.
    fn tell_missing(&mut self, outlet: &Outlet, at_once: bool) {
        if let Some((us, reason)) = self.missing.take(invigil_clock::boottime_us(), at_once) {
            // In packets of 20 ms, as pictures are counted.
            let (track, count) = (self.track.clone(), us.div_ceil(20_000));
            outlet.counters.dropped.fetch_add(count, Ordering::Relaxed);
            outlet.journal.record(Event::FramesDropped { track, count, reason, stretch: None });
        }
    }

    fn condition(&self, changes: impl IntoIterator<Item = crate::health::Change>) {
        changes.into_iter().for_each(|change| self.board.tell(Some(&self.track), Condition::Silent, change, ""));
    }

    /// Nothing can be encoded on this computer: said once, and the track stays empty until it is ended.
    fn cannot(mut self, outlet: &Outlet, reason: &str, heard: &Receiver<Heard>) {
        self.lose(outlet, reason);
        while heard.recv().is_ok() {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_journalled_at_once_and_then_at_most_every_five_seconds() {
        let mut missing = Missing::default();
        let mut told = Vec::new();
        // Twenty seconds in which half of the sound is missing.
        for i in 0..50 {
            missing.add(200_000, format!("{i}"));
            told.extend(missing.take(7_000_000 + i * 400_000, false).map(|(us, reason)| (i, us, reason)));
        }
        let expected = [(0, 1), (13, 13), (26, 13), (39, 13)].map(|(i, blocks)| (i, blocks * 200_000, format!("{i}")));
        assert_eq!(told, expected);
        assert_eq!(missing.take(27_000_000, true), Some((10 * 200_000, "49".into())));
        assert_eq!(missing.take(99_000_000, true), None);
    }
}
