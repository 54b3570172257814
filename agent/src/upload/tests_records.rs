//! What the server is told of a run beside its footage: of its journal what is durable, and the end even where the journal is refused.

use super::*;
use crate::enrol::Server;
use crate::journal::Journal;
use crate::spool::{Layout, layout};
use crate::testing::World;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use invigil_format::{Event, RecordingId};
use invigil_wire::agent::{FINISH, JOURNAL, JournalBatch};
use std::path::PathBuf;

/// What a server was told, and how it answers.
#[derive(Default)]
struct Told {
    /// Entries that it has.
    entries: usize,
    /// Paths of all requests.
    asked: Vec<String>,
    /// It takes no entry.
    refuses: bool,
    /// Its next answers to the end of the recording, before it takes it.
    finishes: Vec<StatusCode>,
}

impl Told {
    fn count(&self, path: &str) -> usize {
        self.asked.iter().filter(|asked| *asked == path).count()
    }
}

type Shared = Arc<Mutex<Told>>;

async fn answer(State(told): State<Shared>, uri: Uri, body: Bytes) -> Response {
    let mut told = told.lock().unwrap();
    told.asked.push(uri.path().to_owned());
    if uri.path() == JOURNAL {
        let batch: JournalBatch = serde_json::from_slice(&body).unwrap();
        if told.refuses && !batch.entries.is_empty() {
            return (StatusCode::CONFLICT, r#"{"error":"journal-conflict","message":"m"}"#).into_response();
        }
        told.entries += batch.entries.len();
        return format!(r#"{{"next_index":{}}}"#, told.entries).into_response();
    }
    if uri.path() == FINISH && !told.finishes.is_empty() {
        return told.finishes.remove(0).into_response();
    }
    StatusCode::NO_CONTENT.into_response()
}

struct Setup {
    _dir: tempfile::TempDir,
    told: Shared,
    account: Arc<Account>,
    records: Records,
    journal: Journal,
    recording: RecordingId,
    run: RunId,
    folder: PathBuf,
}

/// A run that records now, with three entries in its journal.
async fn setup(told: Told) -> Setup {
    crate::init();
    let (dir, world, queue) = (tempfile::tempdir().unwrap(), World::new(), Arc::new(Queue::default()));
    let names = Layout::new(dir.path());
    let (recording, run) = (world.enrolment.answer.recording, world.run());
    let folder = names.run(recording, run.run);
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(layout::key_record(&folder), run.key_record.to_json()).unwrap();
    let journal = Journal::create(&layout::journal(&folder), &run, None).unwrap();
    for by_ms in 0..3 {
        journal.record_durably(Event::ClockStepped { by_ms });
    }
    let told = Arc::new(Mutex::new(told));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().fallback(answer).with_state(Arc::clone(&told));
    tokio::spawn(async move { axum::serve(listener, router).await });
    let server = Server::for_test(&url, world.enrolment.fingerprint);
    let account = Account::new(&world.enrolment, server, &names, &queue).unwrap();
    let records = Records::new(recording, []);
    records.add(run.run, folder.clone());
    Setup { _dir: dir, told, account, records, journal, recording, run: run.run, folder }
}

impl Setup {
    async fn bring_for(&self, records: &Records, duration: Duration) {
        tokio::select! {
            () = records.run(&self.account) => {}
            () = invigil_clock::sleep(duration) => {}
        }
    }

    async fn bring_until(&self, records: &Records, what: &str, done: impl Fn() -> bool) {
        let waiting = async {
            let begun_us = invigil_clock::boottime_us();
            while !done() {
                assert!(invigil_clock::boottime_us() - begun_us < 30_000_000, "{what}: {:?}", self.told.lock().unwrap().asked);
                invigil_clock::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::select! {
            () = records.run(&self.account) => {}
            () = waiting => {}
        }
    }
}

/// A power cut may take what is written and not synced, and the server would have what this device never signed in that place.
#[tokio::test]
async fn of_a_run_that_records_now_only_entries_that_are_durable_reach_the_server() {
    let setup = setup(Told::default()).await;
    let (records, entries) = (&setup.records, || setup.told.lock().unwrap().entries);
    setup.bring_until(records, "the key record", || records.is_ready(setup.run)).await;
    setup.bring_for(records, Duration::from_millis(500)).await;
    assert_eq!(setup.told.lock().unwrap().count(JOURNAL), 0, "nobody has said yet how much of the file is durable");
    assert!(!records.is_complete());
    records.entries(setup.run, 2);
    setup.bring_until(records, "two entries", || records.is_complete()).await;
    assert_eq!(entries(), 2);
    records.entries(setup.run, setup.journal.entries());
    setup.bring_until(records, "the third one", || records.is_complete()).await;
    assert_eq!(entries(), 3);

    // A run that is over has no others than durable ones.
    setup.told.lock().unwrap().entries = 0;
    let earlier = Records::new(setup.recording, [(setup.run, setup.folder.clone())]);
    setup.bring_until(&earlier, "an earlier run's", || earlier.is_complete()).await;
    assert_eq!(entries(), 3);
}

#[tokio::test]
async fn the_end_of_a_recording_is_told_although_its_journal_is_refused_and_nothing_is_asked_over_and_over() {
    let told = Told { refuses: true, finishes: vec![StatusCode::SERVICE_UNAVAILABLE; 2], ..Told::default() };
    let setup = setup(told).await;
    let records = &setup.records;
    let mark = layout::finish(&setup.folder);
    std::fs::write(&mark, "").unwrap();
    records.entries(setup.run, 3);
    setup.bring_until(records, "the end of the recording", || records.is_complete()).await;
    assert!(!mark.exists() && records.has_refused());
    records.wake();
    setup.bring_for(records, Duration::from_millis(300)).await;
    let told = setup.told.lock().unwrap();
    // One question what the server has, and the entries that it refuses.
    assert_eq!((told.count(JOURNAL), told.count(FINISH)), (2, 3), "{:?}", told.asked);
}

#[tokio::test]
async fn an_end_of_a_recording_that_is_refused_for_good_is_told_once_and_not_waited_for() {
    let setup = setup(Told { finishes: vec![StatusCode::FORBIDDEN; 9], ..Told::default() }).await;
    let records = &setup.records;
    let mark = layout::finish(&setup.folder);
    std::fs::write(&mark, "").unwrap();
    records.entries(setup.run, 3);
    setup.bring_until(records, "the refusal", || records.is_complete()).await;
    setup.bring_for(records, Duration::from_millis(300)).await;
    assert!(mark.exists() && records.has_refused());
    assert_eq!(setup.told.lock().unwrap().count(FINISH), 1);
}

/// A journal of three durable entries of which the disk has lost the last, and the mark that the recording is finished.
async fn shortened(told: Told) -> Setup {
    let setup = setup(told).await;
    setup.records.entries(setup.run, 3);
    let path = layout::journal(&setup.folder);
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.split_inclusive('\n').take(2).collect::<String>()).unwrap();
    std::fs::write(layout::finish(&setup.folder), b"").unwrap();
    setup
}

#[tokio::test]
async fn what_the_disk_has_lost_of_a_journal_keeps_back_neither_the_rest_nor_the_end() {
    let setup = shortened(Told::default()).await;
    let told = |entries| setup.told.lock().unwrap().entries == entries && setup.told.lock().unwrap().count(FINISH) == 1;
    setup.bring_until(&setup.records, "the rest and the end", || told(2)).await;
    setup.bring_until(&setup.records, "nobody waits for it", || setup.records.is_complete()).await;
    assert!(setup.records.has_unread() && told(2), "it is not called stored");

    // The server has it from before.
    let setup = shortened(Told { entries: 3, ..Told::default() }).await;
    setup.bring_until(&setup.records, "all", || setup.records.is_complete()).await;
    assert!(!setup.records.has_unread());
}
