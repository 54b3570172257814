//! The service's dealings with the server beside recordings: enrols this computer for its room, follows the room's exams, and takes their recordings ahead, so
//! that each can begin without a network.

use super::config::Config;
use super::state::{Enrolled, Kept, State, begins_ms};
use crate::enrol::{self, EnrolError, Enrolment, JoinLink, RoomPass, Server, enrol_room};
use crate::progress::Progress;
use crate::run::Home;
use crate::spool::Layout;
use invigil_format::{RecordingId, VerifyingKey};
use invigil_wire::agent::Trust;
use invigil_wire::room::RoomExam;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Notify;

/// What was taken longer ago is taken anew: keys and policy may have changed, ms.
const STALE_MS: i64 = 12 * 3_600_000;
/// But not so shortly before the recording begins, ms: it may begin with what is kept at any moment.
const SETTLED_MS: i64 = 10 * 60_000;

/// Recordings that the server does not answer for until this look is given up: the next one is soon.
const MOST_UNREACHABLE: usize = 2;

/// Keeps the room's exams.
pub struct Keeper {
    config: Config,
    home: Arc<Home>,
    state: Arc<State>,
    progress: Arc<Progress>,
    /// Woken when something of the room has changed.
    pub changed: Notify,
    pass: Mutex<Option<Arc<RoomPass>>>,
    /// A server's time, Unix ms, and the boot time at which it was told, us.
    told: Mutex<Option<(i64, u64)>>,
    said: Mutex<String>,
    /// Why recordings could not be taken ahead at the last attempt.
    failed: Mutex<HashMap<RecordingId, String>>,
    /// See [`Keeper::set_recorded`].
    recorded: Mutex<Vec<RecordingId>>,
    looked: AtomicBool,
}

impl Keeper {
    /// With what was kept.
    pub fn new(config: Config, home: Arc<Home>, state: Arc<State>, progress: Arc<Progress>) -> Self {
        let room = state.get().room;
        let pass = room.map(|room| Arc::new(RoomPass::new(room.code_digest, room.token)));
        let (changed, told, said, failed, recorded, looked) = Default::default();
        Self { config, home, state, progress, changed, pass: Mutex::new(pass), told, said, failed, recorded, looked }
    }

    /// Lifts this computer's clock to what servers told in earlier lives, where it is behind that, as one with a dead battery is: by 1970 no
    /// server's certificate is valid yet, and so none could be asked for the time. Called at the start; blocks while it reads.
    pub fn lift_clock(&self) {
        if let Some(told_ms) = told_before(&self.home.spool.layout, self.home.device.public(), &self.state.get()) {
            enrol::not_before(told_ms);
        }
    }

    /// A server has told its time in this life.
    pub fn is_told(&self) -> bool {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// The server has been asked in this life, whether it answered or not.
    pub fn has_looked(&self) -> bool {
        self.looked.load(Ordering::SeqCst)
    }

    /// Why what an exam's recording needs is not on this computer; none while it is, or while it is about to be asked for.
    pub fn why_not(&self, recording: RecordingId) -> Option<String> {
        if self.has(recording) {
            return None;
        }
        let failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner).get(&recording).cloned();
        failed.or_else(|| Some(self.trouble()).filter(|trouble| !trouble.is_empty()))
    }

    /// What recordings of the room are taken with.
    pub fn pass(&self) -> Option<Arc<RoomPass>> {
        self.pass.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The time that the schedule goes by, Unix ms: the server's as it was told in this life, carried on by boot time; before, this computer's.
    pub fn now_ms(&self) -> i64 {
        self.now().0
    }

    /// The same, and whether it is this computer's.
    pub fn now(&self) -> (i64, bool) {
        let told = *self.told.lock().unwrap_or_else(PoisonError::into_inner);
        match told {
            None => (enrol::now_ms(), true),
            Some((told_ms, at_us)) => {
                let since_ms = i64::try_from(invigil_clock::boottime_us().saturating_sub(at_us) / 1000).unwrap_or(i64::MAX);
                (told_ms.saturating_add(since_ms), false)
            }
        }
    }

    /// A server of the institution tells its time, now.
    pub(super) fn hear(&self, server_time_ms: i64) {
        enrol::not_before(server_time_ms);
        *self.told.lock().unwrap_or_else(PoisonError::into_inner) = Some((server_time_ms, invigil_clock::boottime_us()));
    }

    /// What is recorded now has what it needs, whatever becomes of its file, and renews its token by itself: taking it would make that
    /// worthless.
    pub fn set_recorded(&self, recorded: Vec<RecordingId>) {
        *self.recorded.lock().unwrap_or_else(PoisonError::into_inner) = recorded;
    }

    /// Why the server does not tell the room's exams now; empty if it does.
    pub fn trouble(&self) -> String {
        self.said.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Looks until dropped.
    pub async fn run(&self) {
        loop {
            match self.turn().await {
                Ok(()) => self.say(String::new()),
                Err(error) => self.say(format!("{error:#}")),
            }
            self.looked.store(true, Ordering::SeqCst);
            self.changed.notify_one();
            invigil_clock::sleep(self.config.check).await;
        }
    }

    /// Each trouble is said once.
    fn say(&self, trouble: String) {
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        if *said == trouble {
            return;
        }
        match trouble.is_empty() {
            true => self.progress.event("room-reached", "the server tells this room's exams again"),
            false => self.progress.event("room-unreached", &format!("{trouble}; trying again, and recording what is known meanwhile")),
        }
        *said = trouble;
    }

    async fn turn(&self) -> anyhow::Result<()> {
        let room = self.state.get().room;
        let code = self.config.room_code().and_then(|code| Ok(code.map(|code| JoinLink::parse(&code)).transpose()?));
        let (code, mut first) = match code {
            Ok(code) => (code, None),
            // The code is needed once.
            Err(error) if room.is_some() => {
                (None, Some(error.context("this computer is enrolled and goes on, but its room code is of no use")))
            }
            Err(error) => return Err(error),
        };
        // Another code was put in place: this computer was moved, or its room has a new one.
        let known = room.filter(|room| code.as_ref().is_none_or(|code| code.digest() == room.code_digest));
        let fingerprint = known.as_ref().map(|room| room.fingerprint).or(code.as_ref().map(|code| code.fingerprint));
        let Some(fingerprint) = fingerprint else {
            anyhow::bail!(
                "this computer is not enrolled for its room yet: put the room code of `invigil-server room add` into room_code_file or INVIGIL_ROOM_CODE"
            )
        };
        let mut servers = self.config.servers.clone();
        servers.extend(known.iter().flat_map(|room| room.servers.clone()));
        let (server, trust, _) = enrol::bootstrap_any(&servers, fingerprint, enrol::now_ms()).await?;
        let pass = match (&known, self.pass()) {
            (Some(_), Some(pass)) => pass,
            _ => self.enrol(&server, &trust, code.as_ref()).await?,
        };
        let listed = match pass.exams(&server).await {
            Err(EnrolError::Refused { status: 401, .. }) => {
                let pass = self.enrol(&server, &trust, code.as_ref()).await?;
                pass.exams(&server).await?
            }
            listed => listed?,
        };
        self.hear(listed.server_time_ms);
        self.state.update(|kept| {
            kept.told(listed.server_time_ms);
            kept.listed(listed.exams.clone());
            if let Some(room) = &mut kept.room {
                room.certificates = trust.certificates.clone();
            }
        });
        let mut unreachable = 0;
        for exam in &listed.exams {
            let mut taken = self.take(&server, &trust, exam).await;
            if let Some(wait) = taken.as_ref().err().and_then(EnrolError::wait) {
                invigil_clock::sleep(wait).await;
                taken = self.take(&server, &trust, exam).await;
            }
            self.note(exam.recording, &taken);
            let Err(error) = taken else { continue };
            let (title, recording) = (&exam.exam.title, exam.recording);
            tracing::warn!(%error, %recording, title, "a recording of this room could not be taken ahead");
            unreachable += usize::from(matches!(error, EnrolError::Unreachable { .. }));
            if error.is_passing() {
                first.get_or_insert(error.into());
            }
            // One exam's trouble is not the others', but a server that is away is.
            if unreachable >= MOST_UNREACHABLE {
                break;
            }
        }
        first.map_or(Ok(()), Err)
    }

    fn note(&self, recording: RecordingId, taken: &Result<(), EnrolError>) {
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        match taken {
            Ok(()) => failed.remove(&recording),
            Err(error) => failed.insert(recording, error.to_string()),
        };
        let kept = self.state.get();
        failed.retain(|recording, _| kept.exam(*recording).is_some());
        // What was taken may be due now.
        self.changed.notify_one();
    }

    async fn enrol(&self, server: &Server, trust: &Trust, code: Option<&JoinLink>) -> anyhow::Result<Arc<RoomPass>> {
        let Some(code) = code else {
            anyhow::bail!(
                "the server does not know this computer as its room's any more: put a new room code into room_code_file (`invigil-server room code`)"
            )
        };
        let answer = enrol_room(server, code, &self.home.device, enrol::now_ms()).await?;
        let servers = server.clone().with(&answer.servers).addresses.all();
        let mut moved = false;
        self.state.update(|kept| {
            moved = kept.room.as_ref().is_some_and(|room| room.name != answer.room || room.fingerprint != code.fingerprint);
            if moved {
                kept.moved();
            }
            kept.room = Some(Enrolled {
                name: answer.room.clone(),
                code_digest: code.digest(),
                token: answer.token.clone(),
                servers,
                fingerprint: code.fingerprint,
                institution: trust.institution,
                certificates: trust.certificates.clone(),
            });
        });
        self.progress.event("enrolled", &format!("this computer is enrolled for room {}", answer.room));
        let mut pass = self.pass.lock().unwrap_or_else(PoisonError::into_inner);
        match &*pass {
            // Recordings that go on hold it, too: a new code has ended their tokens.
            Some(known) if !moved => known.renew(code.digest(), answer.token),
            _ => *pass = Some(Arc::new(RoomPass::new(code.digest(), answer.token))),
        }
        pass.clone().ok_or_else(|| anyhow::anyhow!("enrolling gave no token"))
    }

    /// Has everything that an exam's recording needs on disk.
    async fn take(&self, server: &Server, trust: &Trust, exam: &RoomExam) -> Result<(), EnrolError> {
        let Some(pass) = self.pass() else { return Ok(()) };
        let now_ms = self.now_ms();
        let kept = self.state.get();
        let goes_on = kept.going_on().contains(&exam.recording);
        let missed = now_ms >= exam.exam.ends_ms && !kept.stays(exam) && !goes_on;
        let over = exam.ended_ms.is_some() || kept.ended().contains(&exam.recording) || missed;
        let recorded = self.recorded.lock().unwrap_or_else(PoisonError::into_inner).contains(&exam.recording);
        if over || exam.by_code || recorded {
            return Ok(());
        }
        let folder = self.home.spool.layout.recording(exam.recording);
        let device = self.home.device.public();
        let kept = enrol::load(&folder, device).unwrap_or_else(|error| {
            tracing::warn!(%error, "what was kept of an exam of this room does not count, it is taken again");
            None
        });
        if let Some(kept) = kept.filter(|kept| kept.recipients(device, enrol::now_ms()).is_ok()) {
            let age_ms = now_ms.saturating_sub(kept.answer.server_time_ms);
            let settled = age_ms < STALE_MS || now_ms >= begins_ms(exam, self.config.lead) - SETTLED_MS;
            // What goes on may be about to begin anew: nothing is changed that it can begin with.
            if goes_on || (settled && kept.code_digest == pass.code_digest()) {
                return Ok(());
            }
        }
        let answer = pass.take(server, exam.recording).await?;
        let server = server.clone().with(&answer.servers);
        let enrolment = Enrolment::new(&server, pass.code_digest(), trust.clone(), answer);
        enrolment.recipients(device, enrol::now_ms())?;
        enrolment.save(&folder, &self.home.device)?;
        tracing::info!(recording = %exam.recording, title = exam.exam.title, "a recording of this room was taken ahead");
        Ok(())
    }

    /// Whether everything that a recording needs is kept.
    pub fn has(&self, recording: RecordingId) -> bool {
        self.home.spool.layout.recording(recording).join(enrol::FILE).exists()
    }
}

/// The newest time of a server that this computer keeps, Unix ms: with the exams that it took, in files that it signed, and with its room.
fn told_before(names: &Layout, device: VerifyingKey, kept: &Kept) -> Option<i64> {
    let recordings = names.recordings().unwrap_or_default();
    let taken = recordings.into_iter().filter_map(|recording| enrol::load(&names.recording(recording), device).ok().flatten());
    taken.map(|enrolment| enrolment.answer.server_time_ms).chain(kept.told_ms).max()
}

#[cfg(test)]
mod tests;
