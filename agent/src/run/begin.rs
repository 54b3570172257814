//! From the command line to a run whose key record is durable.

use super::Options;
use super::earlier::Earlier;
use super::room::{MakeRoom, Waiting};
use crate::account::Account;
use crate::disk;
use crate::enrol::{self, EnrolError, Enrolment, JoinLink, Recipients, Server};
use crate::journal::Journal;
use crate::link::LinkState;
use crate::progress::Progress;
use crate::receipt::time;
use crate::seal::{Run, now};
use crate::spool::guard::Together;
use crate::spool::{Layout, Queue, Recovered, Spool, layout, look, reading, runs};
use crate::upload::{Limit, Records, Uploads};
use anyhow::{Context as _, ensure};
use invigil_format::{DeviceKey, Digest, Event, RecordingId, Stamp, TrackName};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// What a computer kept for longer is asked for anew when the server answers: policy, keys and window may have changed, ms.
const STALE_MS: i64 = 12 * 3_600_000;
/// How long recording may be held up by that.
const REFRESH: Duration = Duration::from_secs(3);

/// What all recordings of one process share.
pub struct Home {
    /// Held until the end.
    pub spool: Spool,
    /// Signs.
    pub device: DeviceKey,
    /// Segments.
    pub queue: Arc<Queue>,
    /// How many are recorded at once.
    pub together: Arc<Together>,
}

impl Home {
    /// Takes the spool; makes the device key at first use.
    pub fn open(spool: &Path) -> anyhow::Result<Self> {
        let spool = Spool::open(spool)?;
        let device = enrol::device_key(&spool.layout.state())?;
        Ok(Self { spool, device, queue: Arc::default(), together: Arc::default() })
    }
}

/// A place in an exam whose keys are certified now.
pub struct Place {
    /// Server.
    pub server: Server,
    /// Join answer and certificates.
    pub enrolment: Enrolment,
    /// Who can open what is recorded.
    pub recipients: Recipients,
}

/// Everything that one recording needs.
pub struct Begun {
    /// Join answer and certificates.
    pub enrolment: Enrolment,
    /// Server and token.
    pub account: Arc<Account>,
    /// Keys.
    pub run: Arc<Run>,
    /// Run's folder.
    pub folder: PathBuf,
    /// Journal.
    pub journal: Journal,
    /// Segments, of other recordings too.
    pub queue: Arc<Queue>,
    /// Link.
    pub link: Arc<LinkState>,
    /// Key records and journals.
    pub records: Arc<Records>,
    /// Last heads of earlier runs.
    pub heads: HashMap<TrackName, Digest>,
    /// Recordings of earlier exams, where somebody has looked for them already.
    pub(super) earlier: Option<Earlier>,
}

/// Recovers what earlier runs of this recording left in the spool, and begins a run. However long a disk takes, it blocks nobody who waits
/// for something else beside it; what waits in the spool goes up meanwhile, as `waiting` says.
pub async fn begin(home: &Arc<Home>, place: Place, waiting: Waiting, progress: &Arc<Progress>) -> anyhow::Result<Begun> {
    let recording = place.enrolment.answer.recording;
    // What an attempt before this one has found is found again.
    home.queue.forget(recording);
    // Another attempt finds what this one found.
    begin_anew(home, place, waiting, progress).await.inspect_err(|_| home.queue.forget(recording))
}

async fn begin_anew(home: &Arc<Home>, place: Place, waiting: Waiting, progress: &Arc<Progress>) -> anyhow::Result<Begun> {
    let Place { server, enrolment, recipients } = place;
    let (names, device, recording) = (home.spool.layout.clone(), home.device.clone(), enrolment.answer.recording);
    let (queue, link) = (Arc::clone(&home.queue), Arc::new(LinkState::default()));
    let mut recovered = tokio::task::spawn_blocking({
        let (names, device, queue) = (names.clone(), device.clone(), Arc::clone(&queue));
        let trust = enrolment.trust()?;
        move || look(&names, recording, &device, &trust, now(), &queue)
    })
    .await?;
    report(&recovered, progress);
    let say = {
        let progress = Arc::clone(progress);
        move |found: Recovered| report(&found, &progress)
    };
    read_on(recording, &mut recovered, &device, &queue, say)?;

    let account = Account::new(&enrolment, server, &names, &queue)?;
    let records = Arc::new(Records::new(recording, recovered.runs.iter().map(|run| (*run, names.run(recording, *run)))));
    let limit = Arc::new(Limit::new(enrolment.answer.capture.upload_max_kbits));
    let earlier_runs = Uploads {
        account: Arc::clone(&account),
        queue: Arc::clone(&queue),
        records: Arc::clone(&records),
        limit,
        current: None,
        link: Arc::clone(&link),
        thin: None,
    };
    let mut room = MakeRoom::new(home, earlier_runs, waiting);

    // Readers check certificates at the time that the key record bears.
    let at = Stamp { wall_ms: enrol::now_ms(), ..now() };
    let run = Arc::new(Run::new(&enrolment, &recipients, &device, at)?);
    let (folder, journal) = create(home, &run, &recovered, &account, &mut room, progress).await?;
    let started = Event::RunStarted {
        agent_version: env!("CARGO_PKG_VERSION").into(),
        previous_run: recovered.previous_run,
        key_record: run.key_record_digest,
    };
    let journalled = tokio::task::spawn_blocking({
        let (journal, unjournalled) = (journal.clone(), recovered.unjournalled);
        move || [started].into_iter().chain(unjournalled).for_each(|event| journal.record_durably(event))
    });
    let expired = async {
        while !account.is_expired() {
            invigil_clock::sleep(Duration::from_millis(500)).await;
        }
    };
    tokio::select! {
        journalled = room.wait_for(journalled) => journalled?,
        // What it is written into has been removed.
        () = expired => {}
    }
    still_counts(&account, &names)?;
    disk::crash_point("run-started");

    records.add(run.run, folder.clone());
    let earlier = room.end();
    Ok(Begun { enrolment, account, run, folder, journal, queue, link, records, heads: recovered.heads, earlier })
}

/// The recording has expired before it began: nothing of it is kept, and nothing more is to be recorded.
#[derive(Debug, thiserror::Error)]
#[error("the recording has expired, nothing of it is recorded any more")]
pub struct HasExpired;

/// While a run that cannot begin waits, its recording may expire and be removed (S14): what was made of the run since goes, too.
fn still_counts(account: &Account, names: &Layout) -> Result<(), HasExpired> {
    if !account.is_expired() {
        return Ok(());
    }
    let folder = names.recording(account.recording);
    if let Err(error) = std::fs::remove_dir_all(&folder)
        && error.kind() != std::io::ErrorKind::NotFound
    {
        tracing::error!(%error, folder = %folder.display(), "removing what was made of a recording that has expired failed");
    }
    Err(HasExpired)
}

/// Has what [`look`] did not read be read in the background.
fn read_on(
    recording: RecordingId,
    recovered: &mut Recovered,
    device: &DeviceKey,
    queue: &Arc<Queue>,
    say: impl FnOnce(Recovered) + Send + 'static,
) -> anyhow::Result<()> {
    let to_read = std::mem::take(&mut recovered.to_read);
    if to_read.is_empty() {
        return Ok(());
    }
    reading::start(recording, to_read, device.clone(), now(), Arc::clone(queue), say)
        .context("starting the thread that reads what earlier runs left failed")
}

/// The run's folder with key record and journal (S2-S4), however long the disk takes to bear that: nobody may be there to start the agent again.
async fn create(
    home: &Arc<Home>,
    run: &Arc<Run>,
    recovered: &Recovered,
    account: &Account,
    room: &mut MakeRoom,
    progress: &Progress,
) -> anyhow::Result<(PathBuf, Journal)> {
    let home_layout = home.spool.layout.clone();
    let mut waiting = false;
    loop {
        let (home, run, earlier, last_entry) = (Arc::clone(home), Arc::clone(run), recovered.runs.clone(), recovered.last_entry);
        let created = tokio::task::spawn_blocking(move || {
            let folder = home.spool.create_run(&run, &earlier)?;
            let path = layout::journal(&folder);
            let journal = Journal::create(&path, &run, last_entry);
            anyhow::Ok((folder, journal.with_context(|| format!("creating the journal {} failed", path.display()))?))
        });
        let created = room.until(created).await?;
        still_counts(account, &home_layout)?;
        match created {
            Ok(created) => return Ok(created),
            Err(error) => {
                if !std::mem::replace(&mut waiting, true) {
                    progress.event(
                        "capture-paused",
                        &format!(
                            "NOTHING IS RECORDED YET: {error:#}. It begins by itself as soon as the disk can be written; what waits on it is uploaded meanwhile"
                        ),
                    );
                    room.begin();
                }
                room.until(invigil_clock::sleep(Duration::from_millis(500))).await;
            }
        }
    }
}

/// An enrolment whose keys are certified now: the one on disk, or else a new one from the server, however long that takes.
pub(super) async fn enrolled(options: &Options, home: &Home, join: &JoinLink, progress: &Progress) -> anyhow::Result<Place> {
    let (names, device) = (&home.spool.layout, &home.device);
    let kept = enrol::find(names.root(), join.fingerprint, join.digest(), device.public()).unwrap_or_else(|error| {
        progress.event("not-recording", &format!("NOTHING IS RECORDED before the server answers: {error}"));
        None
    });
    if let Some(kept) = kept {
        enrol::not_before(kept.answer.server_time_ms);
        let now_ms = enrol::now_ms();
        match kept.recipients(device.public(), now_ms) {
            Ok(recipients) => {
                if now_ms.saturating_sub(kept.answer.server_time_ms) >= STALE_MS {
                    match tokio::time::timeout(REFRESH, enrol_now(&options.servers, names, join, device)).await {
                        Ok(Ok(enrolled)) => return Ok(enrolled),
                        Ok(Err(error)) => recording_anyway(progress, &kept, &error.to_string()),
                        Err(_) => recording_anyway(progress, &kept, "no answer in time"),
                    }
                }
                let server = Server::known(&options.servers, &kept.trust()?, now_ms)?.with(&kept.addresses());
                return Ok(Place { server, enrolment: kept, recipients });
            }
            Err(error) => not_recording(progress, &kept, now_ms, &error),
        }
    }
    let mut waiting = false;
    loop {
        match enrol_now(&options.servers, names, join, device).await {
            Ok(enrolled) => return Ok(enrolled),
            Err(error) if error.is_passing() => {
                if !std::mem::replace(&mut waiting, true) {
                    progress.event("waiting", &format!("{error}; trying again until the server answers"));
                }
                tracing::debug!(%error, "joining failed, trying again");
                invigil_clock::sleep(Duration::from_secs(2)).await;
            }
            Err(error) => return Err(error.into()),
        }
    }
}

pub(super) fn recording_anyway(progress: &Progress, kept: &Enrolment, why: &str) {
    let joined = time(kept.answer.server_time_ms, kept.answer.exam.utc_offset_secs);
    progress.event(
        "offline-start",
        &format!("recording with what the server said on {joined}, because it cannot be asked now ({why}); everything is kept here and uploaded later"),
    );
}

/// A recording is never sealed to a key that is not certified, so without a server there is none; whoever sits there must know at once.
fn not_recording(progress: &Progress, kept: &Enrolment, now_ms: i64, error: &EnrolError) {
    let reason = match error {
        EnrolError::Untrusted { reason, .. } => reason.to_string(),
        other => other.to_string(),
    };
    let now = time(now_ms, kept.answer.exam.utc_offset_secs);
    progress.event(
        "not-recording",
        &format!(
            "NOTHING IS RECORDED: this computer joined before, but what it kept does not count any more: {reason} (by its clock it is {now}). \
             Connect it to the network so that it can join again; if its date or time is wrong, set it and start again"
        ),
    );
}

pub(super) async fn enrol_now(servers: &[String], names: &Layout, join: &JoinLink, device: &DeviceKey) -> Result<Place, EnrolError> {
    let now_ms = enrol::now_ms();
    let (server, trust, _) = enrol::bootstrap_any(servers, join.fingerprint, now_ms).await?;
    let answer = enrol::join(&server, join, device, now_ms).await?;
    let server = server.with(&answer.servers);
    let enrolment = Enrolment::new(&server, join.digest(), trust, answer);
    enrol::not_before(enrolment.answer.server_time_ms);
    let recipients = enrolment.recipients(device.public(), enrol::now_ms())?;
    enrolment.save(&names.recording(enrolment.answer.recording), device)?;
    Ok(Place { server, enrolment, recipients })
}

/// Recordings of earlier exams whose footage still waits: they are recovered and go up beside the new one. One that cannot be taken up must not
/// keep today's exam from being recorded: it is reported, stays in the spool as it is, and the next start tries again. `link` wakes them after an outage.
pub async fn others(home: &Home, current: Option<RecordingId>, link: &Arc<LinkState>) -> anyhow::Result<Vec<Uploads>> {
    let mut recordings = in_spool(&home.spool.layout, &home.queue);
    recordings.retain(|recording| Some(*recording) != current);
    these(home, recordings, link).await
}

/// The same for these recordings only.
pub async fn these(home: &Home, recordings: Vec<RecordingId>, link: &Arc<LinkState>) -> anyhow::Result<Vec<Uploads>> {
    let (names, device, queue, link) = (home.spool.layout.clone(), home.device.clone(), Arc::clone(&home.queue), Arc::clone(link));
    Ok(tokio::task::spawn_blocking(move || recovered_others(&names, recordings, &device, &queue, &link)).await?)
}

/// Recordings that have a folder in the spool. Where these cannot be read, `queue` counts that something stays here.
pub fn in_spool(names: &Layout, queue: &Queue) -> Vec<RecordingId> {
    names.recordings().unwrap_or_else(|error| {
        queue.unread.fetch_add(1, Ordering::SeqCst);
        tracing::error!(%error, "looking for recordings of earlier exams in the spool failed");
        Vec::new()
    })
}

fn recovered_others(
    names: &Layout,
    recordings: Vec<RecordingId>,
    device: &DeviceKey,
    queue: &Arc<Queue>,
    link: &Arc<LinkState>,
) -> Vec<Uploads> {
    let mut others = Vec::new();
    for recording in recordings {
        match other(names, recording, device, queue, link) {
            Ok(uploads) => others.extend(uploads),
            Err(error) => {
                queue.unread.fetch_add(1, Ordering::SeqCst);
                tracing::error!(%recording, error = format!("{error:#}"), "the recording of an earlier exam stays in the spool, it cannot be uploaded now");
            }
        }
    }
    others
}

fn other(
    names: &Layout,
    recording: RecordingId,
    device: &DeviceKey,
    queue: &Arc<Queue>,
    link: &Arc<LinkState>,
) -> anyhow::Result<Option<Uploads>> {
    let Some(enrolment) = enrol::load(&names.recording(recording), device.public())? else {
        ensure!(
            runs(names, recording).is_empty(),
            "{} is not there, so nobody can tell where its footage belongs: keep the folder and ask the IT staff",
            enrol::FILE
        );
        return Ok(None);
    };
    let trust = enrolment.trust()?;
    let server = Server::known(&enrolment.addresses(), &trust, enrol::now_ms())?;
    let account = Account::new(&enrolment, server, names, queue)?;
    let mut recovered = look(names, recording, device, &trust, now(), queue);
    read_on(recording, &mut recovered, device, queue, |_| {}).inspect_err(|_| queue.forget(recording))?;
    let runs = recovered.runs.iter().map(|run| (*run, names.run(recording, *run)));
    Ok(Some(Uploads {
        account,
        queue: Arc::clone(queue),
        records: Arc::new(Records::new(recording, runs)),
        limit: Arc::new(Limit::new(enrolment.answer.capture.upload_max_kbits)),
        current: None,
        link: Arc::clone(link),
        thin: None,
    }))
}

fn report(recovered: &Recovered, progress: &Progress) {
    if recovered.closed > 0 {
        progress.event(
            "recovered",
            &format!("{} segments of an earlier run that broke off were closed and will be uploaded", recovered.closed),
        );
    }
    if recovered.damaged > 0 {
        progress.event("damaged", &format!("{} segments in the spool are damaged; they are kept as *.damaged", recovered.damaged));
    }
    if let Some(first) = recovered.left.first() {
        progress.event(
            "left-over",
            &format!(
                "THE DISK FAILS at {} files or folders of earlier runs; they stay as they are, and the next start tries again. What is recorded now is not \
                 touched by it. The first of them: {}: {}",
                recovered.left.len(),
                first.path.display(),
                first.why
            ),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::Pass;
    use crate::testing::World;

    #[test]
    fn an_earlier_recording_that_cannot_be_taken_up_is_left_alone_and_the_next_one_is_uploaded() {
        let (dir, world) = (tempfile::tempdir().unwrap(), World::new());
        let names = Layout::new(dir.path());
        let [broken, untrusted, whole, current] = [1, 2, 3, 4].map(|id| RecordingId::from_random([id; 16]));
        for recording in [broken, untrusted, whole] {
            let mut enrolment = world.enrolment.clone();
            enrolment.answer.recording = recording;
            if recording == untrusted {
                enrolment.fingerprint = invigil_format::Fingerprint::of(&world.device.public());
            }
            enrolment.save(&names.recording(recording), &world.device).unwrap();
        }
        std::fs::write(names.runs(broken), "no list").unwrap();
        // Of this one nobody can tell where it belongs.
        let run = world.run();
        let folder = names.run(RecordingId::from_random([5; 16]), run.run);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(layout::key_record(&folder), run.key_record.to_json()).unwrap();
        let mut recordings = in_spool(&names, &Queue::default());
        recordings.retain(|recording| *recording != current);
        let queue = Arc::<Queue>::default();
        recordings.retain(|recording| *recording != broken);
        assert_eq!(recovered_others(&names, vec![whole], &world.device, &queue, &Arc::default()).len(), 1);
        assert!(!queue.has_unread());
        assert_eq!(recovered_others(&names, recordings.clone(), &world.device, &queue, &Arc::default()).len(), 1);
        assert_eq!(queue.unread.load(Ordering::SeqCst), 2, "what is not taken up is not called stored");
        recordings = vec![broken, untrusted, whole];
        let others = recovered_others(&names, recordings, &world.device, &Arc::default(), &Arc::default());
        assert_eq!(others.iter().map(|uploads| uploads.account.recording).collect::<Vec<_>>(), [broken, whole]);
        assert_eq!(std::fs::read(names.recording(broken).join("damaged-runs.json")).unwrap(), b"no list");
        assert!(names.recording(untrusted).join(enrol::FILE).exists());
    }

    #[tokio::test]
    async fn a_run_begins_while_the_footage_of_earlier_ones_is_still_being_read_and_another_attempt_finds_it_once() {
        let (dir, world) = (tempfile::tempdir().unwrap(), World::new());
        let spool = Spool::open(dir.path()).unwrap();
        let (earlier, _) = crate::spool::tests::record(&world, &spool, &Arc::default(), 2);
        let home = Arc::new(Home { spool, device: world.device.clone(), queue: Arc::default(), together: Arc::default() });
        let queue = Arc::clone(&home.queue);
        let progress = Arc::new(Progress::new(false));
        let place = || {
            let server = Server::known(&world.enrolment.addresses(), &world.enrolment.trust().unwrap(), 1).unwrap();
            Place { server, enrolment: world.enrolment.clone(), recipients: world.recipients() }
        };
        let waiting = Waiting { pass: Pass::Nothing, others: true };
        let ((stuck, is_stuck), (locked, is_locked)) = (std::sync::mpsc::channel::<()>(), std::sync::mpsc::channel());
        let disk = std::thread::spawn({
            let queue = Arc::clone(&queue);
            move || {
                let _alone = queue.reads_alone();
                locked.send(()).unwrap();
                let _ = is_stuck.recv();
            }
        });
        is_locked.recv().unwrap();
        for attempt in 1..=2 {
            let begun = begin(&home, place(), waiting.clone(), &progress).await.unwrap();
            assert_eq!((begun.journal.entries(), runs(&home.spool.layout, earlier.recording).len()), (1, 1 + attempt));
            assert!(begun.heads.len() == 1 && queue.is_reading(earlier.recording) && queue.pending().is_empty());
        }
        drop(stuck);
        disk.join().unwrap();
        while queue.is_reading(earlier.recording) {
            invigil_clock::sleep(Duration::from_millis(20)).await;
        }
        assert_eq!(queue.pending().iter().map(|segment| segment.run).collect::<Vec<_>>(), [earlier.run]);
    }

    /// S14 while a run waits for a disk: what was made of it since is not kept for ever.
    #[tokio::test]
    async fn a_recording_that_expires_before_it_begins_leaves_nothing_behind_and_does_not_begin() {
        let (dir, world) = (tempfile::tempdir().unwrap(), World::new());
        let home = Arc::new(Home::open(dir.path()).unwrap());
        let names = &home.spool.layout;
        let server = Server::known(&world.enrolment.addresses(), &world.enrolment.trust().unwrap(), 1).unwrap();
        let account = Account::new(&world.enrolment, server, names, &home.queue).unwrap();
        let uploads = Uploads {
            account: Arc::clone(&account),
            queue: Arc::clone(&home.queue),
            records: Arc::new(Records::new(account.recording, [])),
            limit: Arc::new(Limit::new(0)),
            current: None,
            link: Arc::default(),
            thin: None,
        };
        let mut room = MakeRoom::new(&home, uploads, Waiting { pass: Pass::Nothing, others: false });
        let (run, progress) = (world.run(), Progress::new(false));
        assert!(still_counts(&account, names).is_ok());
        account.expired.store(true, Ordering::SeqCst);
        let created = create(&home, &run, &Recovered::default(), &account, &mut room, &progress).await;
        assert!(created.err().unwrap().is::<HasExpired>());
        assert!(!names.recording(account.recording).exists());
    }

    /// Here the first list of runs that is written hangs as on a disk that is away: it can be opened only when somebody reads it.
    #[cfg(unix)]
    #[tokio::test]
    async fn a_disk_that_hangs_while_a_run_begins_blocks_nobody_who_waits_beside_it() {
        let (dir, world) = (tempfile::tempdir().unwrap(), World::new());
        let spool = Spool::open(dir.path()).unwrap();
        let list = spool.layout.runs(world.enrolment.answer.recording);
        std::fs::create_dir(list.parent().unwrap()).unwrap();
        let hangs = list.with_file_name(format!(".runs.json.{}.tmp", std::process::id()));
        assert!(std::process::Command::new("mkfifo").arg(&hangs).status().unwrap().success());
        let well_again = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_secs(3));
            std::fs::File::open(hangs).unwrap()
        });
        let home = Arc::new(Home { spool, device: world.device.clone(), queue: Arc::default(), together: Arc::default() });
        let server = Server::known(&world.enrolment.addresses(), &world.enrolment.trust().unwrap(), 1).unwrap();
        let place = Place { server, enrolment: world.enrolment.clone(), recipients: world.recipients() };
        let progress = Arc::new(Progress::new(false));
        let waiting = Waiting { pass: Pass::Nothing, others: true };
        let from_us = invigil_clock::boottime_us();
        let mut beginning = Box::pin(begin(&home, place, waiting, &progress));
        tokio::select! {
            _ = &mut beginning => panic!("it began on a disk that hangs"),
            () = invigil_clock::sleep(Duration::from_millis(500)) => {}
        }
        let waited_us = invigil_clock::boottime_us() - from_us;
        assert!(waited_us < 2_000_000, "half a second took {waited_us} us");
        assert_eq!(beginning.await.unwrap().journal.entries(), 1);
        well_again.join().unwrap();
        assert_eq!(runs(&home.spool.layout, world.enrolment.answer.recording).len(), 1);
    }
}
