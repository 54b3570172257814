//! Service mode for the computer of a room (`docs/decisions/room-service.md`): it follows the room's exams on the server, records each from half an hour before
//! its start until somebody says that the papers are collected, and passes the open cameras on from one exam to the next. An exam whose start comes while an
//! earlier one goes on is recorded beside that one.
//!
//! [`schedule`] decides, [`keeper`] deals with the server, [`control`] listens to people at this computer and [`desk`] answers them, [`state`] survives restarts;
//! what is here looks what is to be done, [`change`] begins recordings, and [`passing`] passes cameras on and ends recordings.

mod change;
pub mod config;
pub mod control;
mod desk;
mod keeper;
pub mod notify;
mod passing;
mod rest;
pub mod schedule;
pub mod state;
mod status;

pub use config::Config;
pub use control::{Command, Reply, ask};
pub use status::{Coming, Lost, Now, Status};

use crate::account::Pass;
use crate::capture::Spec;
use crate::encode;
use crate::progress::Progress;
use crate::run::{Cameras, Capture, End, Home, Live, Signals};
use change::NOTHING;
use control::Asked;
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use invigil_format::RecordingId;
use keeper::Keeper;
use notify::Notify;
use passing::Closing;
use rest::Rest;
use schedule::{AT_ONCE, Slot, decide};
use state::{Kept, State};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

/// Longest distance of looks.
const STEP: Duration = Duration::from_secs(1);
/// How long a recording that could not begin is left alone.
const AGAIN_US: u64 = 5_000_000;
/// How long the end of the service waits for a disk that fails.
const PATIENCE: Duration = Duration::from_secs(25);
/// How long a start waits for the server's word before this computer's clock may begin an exam.
const ASKED_US: u64 = 20_000_000;
/// Cameras are opened anew at most this often because the thread of one broke down: the others lose some seconds by it each time.
const REOPEN_US: u64 = 300_000_000;

/// A recording that goes on.
struct Going {
    live: Live,
    recording: RecordingId,
    title: String,
    utc_offset_secs: i32,
    /// Why it ends.
    end: Option<End>,
    /// The end that was asked about last, Unix ms, and the boot time of the next question, us.
    asked: Option<(i64, u64)>,
    /// Another computer joined this exam by its join code.
    by_code: bool,
    /// The exam whose end it outlived, and when that was, boot time us.
    follows: Option<(String, u64)>,
}

impl Going {
    /// Scheduled end, Unix ms.
    fn ends_ms(&self) -> i64 {
        self.live.begun.account.ends_ms.load(Ordering::SeqCst)
    }
}

struct Service {
    config: Config,
    capture: Capture,
    home: Arc<Home>,
    state: Arc<State>,
    keeper: Arc<Keeper>,
    progress: Arc<Progress>,
    signals: Signals,
    commands: mpsc::Receiver<Asked>,
    /// What is recorded, [`schedule::AT_ONCE`] at most, in the order in which the open cameras have them.
    going: Vec<Going>,
    cameras: Option<Cameras>,
    closing: Closing,
    rest: Rest,
    stopping: bool,
    /// Boot time of the start, us.
    started_us: u64,
    /// Why nothing is recorded although something is due, and when it is tried again, boot time us.
    trouble: String,
    again_us: u64,
    /// Recordings that could not begin, and until when others come first, boot time us.
    failed: BTreeMap<RecordingId, u64>,
    /// An exam that is due and whose recording could not be taken, and why.
    missing: Option<(RecordingId, String)>,
    /// Recordings that somebody has ended here while no run of theirs went on that could tell the server.
    ended_at_rest: BTreeSet<RecordingId>,
    /// When the cameras were opened anew last because the thread of one had broken down, boot time us.
    reopened_us: Option<u64>,
}

/// Runs until SIGTERM or SIGINT. Then what is recorded ends cleanly without being finished: the next start goes on with it.
///
/// # Errors
/// When spool, what was kept in it, or encoder cannot be used.
pub async fn run(config: Config, json: bool) -> anyhow::Result<()> {
    let progress = Arc::new(Progress::new(json));
    let signals = Signals::new()?;
    if config.cameras.iter().any(|camera| !matches!(camera, Spec::Rtsp(_))) {
        encode::open_encoder(encode::Target { width: 640, height: 480, fps: 15, max_kbits: 300 }, (1, 1))?;
    }
    let home = Arc::new(Home::open(&config.spool)?);
    let (sender, commands) = mpsc::channel(8);
    let mut service = Service::new(config, home, progress, signals, commands)?;
    service.keeper.lift_clock();
    service.run(sender).await
}

impl Service {
    /// With what was kept.
    fn new(
        config: Config,
        home: Arc<Home>,
        progress: Arc<Progress>,
        signals: Signals,
        commands: mpsc::Receiver<Asked>,
    ) -> anyhow::Result<Self> {
        let state = Arc::new(State::load(&home.spool.layout.state())?);
        let keeper = Arc::new(Keeper::new(config.clone(), Arc::clone(&home), Arc::clone(&state), Arc::clone(&progress)));
        let capture = Capture {
            cameras: config.cameras.clone(),
            microphone: config.microphone.clone(),
            spool_max_bytes: config.spool_max_bytes,
            spool_reserve_bytes: config.spool_reserve_bytes,
            opened_for: None,
        };
        let rest = Rest::new(Arc::clone(&home), Arc::clone(&progress));
        Ok(Self {
            config,
            capture,
            home,
            state,
            keeper,
            progress,
            signals,
            commands,
            going: Vec::new(),
            cameras: None,
            closing: Closing::default(),
            rest,
            stopping: false,
            started_us: invigil_clock::boottime_us(),
            trouble: String::new(),
            again_us: 0,
            failed: BTreeMap::new(),
            missing: None,
            ended_at_rest: BTreeSet::new(),
            reopened_us: None,
        })
    }

    async fn run(&mut self, sender: mpsc::Sender<Asked>) -> anyhow::Result<()> {
        let mut tasks = JoinSet::new();
        let control = self.config.control.clone();
        let progress = Arc::clone(&self.progress);
        // Whatever is wrong with it, exams are recorded.
        tasks.spawn(async move {
            if let Err(error) = control::listen(&control, sender).await {
                progress.event("no-control", &format!("{error:#}; recordings can be ended on the review page only"));
            }
            std::future::pending().await
        });
        let notify = Arc::new(Notify::new());
        // Not what a disk or a camera holds up makes the manager kill this process: a recording that waits for its disk would only begin to wait anew.
        if let Some(every) = Notify::every() {
            let notify = Arc::clone(&notify);
            tasks.spawn(async move {
                loop {
                    notify.say("WATCHDOG=1");
                    invigil_clock::sleep(every).await;
                }
            });
        }
        let keeper = Arc::clone(&self.keeper);
        tasks.spawn(async move { keeper.run().await });
        notify.say("READY=1");
        // Before the first step: what other recordings left may be what keeps the disk too full for it.
        self.rest.look(&self.state.get(), self.keeper.now_ms(), |_| false);
        // An exam that was cut off goes on at once, before the server has answered.
        self.step().await;
        let keeper = Arc::clone(&self.keeper);
        while !self.stopping {
            let links: Vec<_> = self.going.iter().map(|going| Arc::clone(&going.live.begun.link)).collect();
            let mut links: FuturesUnordered<_> = links.iter().map(|link| link.changed.notified()).collect();
            tokio::select! {
                _ = self.signals.next() => break,
                Some(asked) = self.commands.recv() => self.answer(asked),
                () = keeper.changed.notified() => {}
                Some(()) = links.next() => {}
                Some(closed) = self.closing.next() => self.closed(closed),
                found = self.rest.found() => self.rest.take_up(found, &self.pass()),
                () = invigil_clock::sleep(STEP) => {}
            }
            self.step().await;
        }
        notify.say("STOPPING=1");
        tasks.abort_all();
        self.stop().await;
        Ok(())
    }

    /// Compares what should be recorded with what is, and acts.
    async fn step(&mut self) {
        self.look_at_what_goes_on();
        let kept = self.state.get();
        let (ended, (now_ms, by_own_clock)) = (kept.ended(), self.keeper.now());
        self.note_waiting(&kept, now_ms);
        // Until the server was asked only what had begun goes on: this computer's clock may be wrong, and an exam that it begins is not the one that is due.
        let asked = self.keeper.has_looked() || invigil_clock::boottime_us().saturating_sub(self.started_us) >= ASKED_US;
        let slots = if asked { kept.slots(self.config.lead) } else { Vec::new() };
        let ready: Vec<Slot> = slots.iter().filter(|slot| self.keeper.has(slot.recording)).copied().collect();
        let going_on = kept.going_on();
        // What could not begin a moment ago keeps no place from another one that may, and is tried again where there is one.
        let now_us = invigil_clock::boottime_us();
        self.failed.retain(|recording, until_us| *until_us > now_us && !going_on.contains(recording));
        let others: Vec<Slot> = ready.iter().filter(|slot| !self.failed.contains_key(&slot.recording)).copied().collect();
        let mut wanted = decide(&others, &going_on, &ended, now_ms).record;
        let rest: Vec<_> = decide(&ready, &going_on, &ended, now_ms).record.into_iter().filter(|due| !wanted.contains(due)).collect();
        wanted.extend(rest.into_iter().take(AT_ONCE.saturating_sub(wanted.len())));
        let due = decide(&slots, &going_on, &ended, now_ms).record.into_iter().find(|due| !wanted.contains(due) && !self.keeper.has(*due));
        self.say_missing(&kept, due);
        self.ask_for_the_end(now_ms);
        self.change_over(&wanted, by_own_clock).await;
        // Nothing records without cameras: whatever happened to them, the runs end and others begin.
        if !self.going.is_empty() && (self.cameras.is_none() || self.has_lost_a_camera()) {
            self.again_us = invigil_clock::boottime_us() + AGAIN_US;
            for mut going in std::mem::take(&mut self.going) {
                going.end.get_or_insert(End::Stopped);
                self.put_down(going);
            }
        }
        self.keeper.set_recorded(self.going.iter().map(|going| going.recording).collect());
        self.tell_ends_at_rest();
    }

    /// Whether the cameras are to be opened anew because the thread of one has broken down: nothing else brings it back.
    fn has_lost_a_camera(&mut self) -> bool {
        let now_us = invigil_clock::boottime_us();
        let lately = self.reopened_us.is_some_and(|at_us| now_us.saturating_sub(at_us) < REOPEN_US);
        let lost = !lately && self.cameras.as_ref().is_some_and(Cameras::has_broken_down);
        if lost {
            self.reopened_us = Some(now_us);
            self.fail(NOTHING, "the thread of a camera broke down, and all of them are opened anew");
        }
        lost
    }

    /// Ends of which no run tells the server: it is told with what the recording left here, once nobody else deals with that.
    fn tell_ends_at_rest(&mut self) {
        for recording in std::mem::take(&mut self.ended_at_rest) {
            let is_recorded = self.going.iter().any(|going| going.recording == recording);
            if is_recorded || self.closing.has(recording) || self.rest.looks_at(recording) {
                self.ended_at_rest.insert(recording);
            } else {
                self.rest.look_again(recording);
            }
        }
    }

    /// Exams that became due while others go on are due until somebody ends them.
    fn note_waiting(&self, kept: &Kept, now_ms: i64) {
        let waiting = kept.overtaken(self.config.lead, now_ms);
        if waiting.iter().any(|recording| !kept.waiting.contains(recording)) {
            self.state.update(|kept| kept.waiting.extend(waiting));
        }
    }

    /// Says once that an exam is due of which nothing is on this computer.
    fn say_missing(&mut self, kept: &Kept, due: Option<RecordingId>) {
        let missing = due.and_then(|recording| {
            let (title, why) = (&kept.exam(recording)?.title, self.keeper.why_not(recording)?);
            Some((recording, format!("{title} is due, but what its recording needs could not be had from the server: {why}")))
        });
        let known = self.missing.as_ref().map(|(recording, _)| *recording);
        if let Some((recording, text)) = &missing
            && known != Some(*recording)
        {
            self.progress.event("not-recording", &format!("NOT RECORDED: {text}; trying again"));
        }
        self.missing = missing;
    }

    /// Whether what is recorded now is to end, or was never to begin, and whether another computer has its exam.
    fn look_at_what_goes_on(&mut self) {
        self.put_wrong_clock_right();
        let kept = self.state.get();
        for going in &mut self.going {
            let listed = kept.exams.iter().find(|exam| exam.recording == going.recording);
            let by_code = listed.is_some_and(|exam| exam.by_code);
            if by_code && !going.by_code {
                let text = format!(
                    "another computer joined {} with its join code: this one goes on and keeps what it records, but the server may not take it. If this computer \
                     is to record, make the code worthless with `invigil-server exam code`",
                    going.title
                );
                self.progress.event("taken-by-a-code", &text);
            }
            going.by_code = by_code;
            let begun = &going.live.begun;
            let end = if begun.account.is_expired() {
                End::Expired
            } else if begun.link.finished.load(Ordering::SeqCst) || listed.is_some_and(|exam| exam.ended_ms.is_some()) {
                End::FinishedByServer
            } else {
                if kept.ended.contains(&going.recording) {
                    // While its run was being begun.
                    going.end.get_or_insert(End::Collected);
                    self.ended_at_rest.remove(&going.recording);
                } else if !kept.going_on().contains(&going.recording) {
                    // Begun by a clock that was wrong, or of a room where this computer stands no more: nobody has ended it.
                    going.end.get_or_insert(End::Stopped);
                }
                continue;
            };
            going.end.get_or_insert(end);
            self.state.update(|kept| kept.end(going.recording));
        }
    }

    /// What this computer's clock began too early, as the server's time shows, begins anew when it is due.
    fn put_wrong_clock_right(&self) {
        let kept = self.state.get();
        if !self.keeper.is_told() || kept.begun.iter().all(|begun| !begun.by_own_clock) {
            return;
        }
        let too_early = kept.began_too_early(self.config.lead, self.keeper.now_ms());
        if !too_early.is_empty() {
            let text = "this computer's clock was ahead and began a recording too early: it stops, and begins again when its exam is due; set the clock right";
            self.progress.event("clock-wrong", text);
        }
        self.state.update(|kept| kept.right_clock(&too_early));
    }

    fn pass(&self) -> Pass {
        self.keeper.pass().map_or(Pass::Nothing, Pass::Room)
    }
}

#[cfg(test)]
mod tests;
