//! What waits and what does not, after an outage and while the disk holds something back.

use super::*;
use crate::enrol::Server;
use crate::spool::{Layout, layout};
use crate::testing::World;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use invigil_wire::agent::JOURNAL;
use std::collections::HashMap;

/// Chosen by the agent at random in real life.
const PAUSE: Duration = Duration::from_secs(4);

/// Takes everything and notes when: paths, and for footage its track.
#[derive(Clone)]
struct Taker {
    begun_us: u64,
    taken: Arc<Mutex<Vec<(Duration, String)>>>,
    lengths: Arc<Mutex<HashMap<String, usize>>>,
}

impl Taker {
    fn elapsed(&self) -> Duration {
        Duration::from_micros(invigil_clock::boottime_us() - self.begun_us)
    }

    fn first(&self, what: &str) -> Option<Duration> {
        self.taken.lock().unwrap().iter().find(|(_, taken)| taken.contains(what)).map(|(at, _)| *at)
    }
}

async fn take(State(taker): State<Taker>, method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let path = uri.path().to_owned();
    let note = |what: String| taker.taken.lock().unwrap().push((taker.elapsed(), what));
    if method == Method::POST && path != JOURNAL {
        // "older" and "live" in base64.
        let metadata = headers["upload-metadata"].to_str().unwrap();
        let name = if metadata.contains("track b2xkZXI=") { "older" } else { "live" };
        note(format!("create {name}"));
        return (StatusCode::CREATED, [("location", format!("/v1/files/{name}"))]).into_response();
    }
    if method != Method::HEAD {
        note(path.clone());
    }
    if path == JOURNAL {
        return r#"{"next_index":0}"#.into_response();
    }
    if path.ends_with("/receipt") {
        return StatusCode::ACCEPTED.into_response();
    }
    let mut lengths = taker.lengths.lock().unwrap();
    let length = lengths.entry(path).or_default();
    *length += body.len();
    (StatusCode::OK, [("upload-offset", length.to_string())]).into_response()
}

async fn serve(world: &World) -> (Taker, Server) {
    let taker = Taker { begun_us: invigil_clock::boottime_us(), taken: Arc::default(), lengths: Arc::default() };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().fallback(take).with_state(taker.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (taker, Server::for_test(&url, world.enrolment.fingerprint))
}

#[tokio::test]
async fn when_the_link_is_back_older_footage_waits_its_pause_and_live_footage_and_records_do_not() {
    crate::init();
    let (dir, world, queue) = (tempfile::tempdir().unwrap(), World::new(), Arc::new(Queue::default()));
    let names = Layout::new(dir.path());
    let recording = world.enrolment.answer.recording;
    let [earlier, current] = [world.run(), world.run()];
    for (run, track, closed) in [(&earlier, "older", true), (&current, "live", false)] {
        let folder = names.run(recording, run.run);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(layout::key_record(&folder), run.key_record.to_json()).unwrap();
        let track = track.parse().unwrap();
        let path = layout::segment(&folder, &track, 0);
        std::fs::write(&path, [7; 1000]).unwrap();
        queue.add(Segment::new(path, recording, run.run, track, 0, 1000, closed));
    }
    let (taker, server) = serve(&world).await;
    let link = Arc::new(LinkState::default());
    let uploads = Uploads {
        account: Account::new(&world.enrolment, server, &names, &queue).unwrap(),
        queue: Arc::clone(&queue),
        records: Arc::new(Records::new(recording, [&earlier, &current].map(|run| (run.run, names.run(recording, run.run))))),
        limit: Arc::new(Limit::new(0)),
        current: Some(current.run),
        link: Arc::clone(&link),
        thin: None,
    };
    // It begins with the end of an outage.
    link.back.notify_one();
    let uploading = tokio::spawn(uploads.run_pausing(|| PAUSE));
    while taker.first("/v1/files/older").is_none() {
        assert!(taker.elapsed() < 10 * PAUSE, "older footage never came: {:?}", taker.taken.lock().unwrap());
        invigil_clock::sleep(Duration::from_millis(50)).await;
    }
    uploading.abort();
    let at = |what: &str| taker.first(what).unwrap_or_else(|| panic!("{what} never came"));
    for at_once in ["/v1/files/live", "key-record", JOURNAL] {
        assert!(at(at_once) < PAUSE, "{at_once} came after {:?}", at(at_once));
    }
    for later in ["create older", "/v1/files/older"] {
        assert!(at(later) >= PAUSE, "{later} came after {:?} already", at(later));
    }
}

#[tokio::test]
async fn records_that_the_disk_holds_back_keep_no_others_back_and_are_not_waited_for_without_end() {
    crate::init();
    let (dir, world, queue) = (tempfile::tempdir().unwrap(), World::new(), Arc::new(Queue::default()));
    let names = Layout::new(dir.path());
    let recording = world.enrolment.answer.recording;
    let runs = [world.run(), world.run(), world.run()];
    for (place, run) in runs.iter().enumerate() {
        let record = layout::key_record(&names.run(recording, run.run));
        // A folder in a file's place is what no disk lets be read.
        std::fs::create_dir_all(if place == 1 { &record } else { record.parent().unwrap() }).unwrap();
        if place != 1 {
            std::fs::write(record, run.key_record.to_json()).unwrap();
        }
    }
    let (_, server) = serve(&world).await;
    let account = Account::new(&world.enrolment, server, &names, &queue).unwrap();
    let records = Arc::new(Records::new(recording, runs.each_ref().map(|run| (run.run, names.run(recording, run.run)))));
    let bringing = tokio::spawn({
        let (records, account) = (Arc::clone(&records), Arc::clone(&account));
        async move { records.run(&account).await }
    });
    let of = |place: usize| Segment::new("x".into(), recording, runs[place].run, "cam0".parse().unwrap(), 0, 1, true);
    let wait = async |what: &str, done: &dyn Fn() -> bool| {
        let begun_us = invigil_clock::boottime_us();
        while !done() {
            assert!(invigil_clock::boottime_us() - begun_us < 60_000_000, "{what} never came");
            invigil_clock::sleep(Duration::from_millis(50)).await;
        }
    };
    wait("what the disk gives", &|| records.is_ready(runs[0].run) && records.is_ready(runs[2].run)).await;
    assert!(!records.is_ready(runs[1].run) && !records.is_complete());
    wait("the end of patience", &|| records.is_complete()).await;
    assert!(records.has_unread());
    assert_eq!([0, 1, 2].map(|place| records.hold_back(&of(place))), [false, true, false]);

    // The disk is well again.
    let record = layout::key_record(&names.run(recording, runs[1].run));
    std::fs::remove_dir(&record).unwrap();
    std::fs::write(&record, runs[1].key_record.to_json()).unwrap();
    wait("what the disk held back", &|| records.is_ready(runs[1].run) && !records.has_unread()).await;
    assert!(records.is_complete() && !records.hold_back(&of(1)));
    bringing.abort();
}
