//! A server that refuses: what it would take goes on, nothing is asked without a pause, and the link is not to blame.

use super::*;
use crate::enrol::{Enrolment, Server};
use crate::spool::{Layout, layout};
use crate::testing::World;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use invigil_format::{Receipt, digest};
use invigil_wire::agent::JOURNAL;
use std::path::PathBuf;

const S: u64 = 1_000_000;

/// A file on the server.
struct File {
    sequence: u32,
    bytes: Vec<u8>,
    stored: bool,
}

struct Fake {
    world: World,
    run: RunId,
    content: Vec<u8>,
    files: Vec<File>,
    /// Files that may be under way at once.
    most: usize,
    /// Creations that were refused because of that.
    refused: usize,
    /// Its disk takes nothing.
    full: bool,
    /// Files at which it fails, and how often it did.
    broken: Vec<u32>,
    failures: usize,
    /// Files of which it gives the next one's receipt.
    mixed_up: Vec<u32>,
}

type Shared = Arc<Mutex<Fake>>;

async fn answer(State(fake): State<Shared>, method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let mut guard = fake.lock().unwrap();
    let fake = &mut *guard;
    if uri.path() == JOURNAL {
        return r#"{"next_index":0}"#.into_response();
    }
    if method == Method::PUT {
        return StatusCode::CREATED.into_response();
    }
    if method == Method::POST {
        // The last member, in base64.
        let metadata = headers["upload-metadata"].to_str().unwrap();
        let known = (0..8).zip(["MA==", "MQ==", "Mg==", "Mw==", "NA==", "NQ==", "Ng==", "Nw=="]);
        let (sequence, _) = known.into_iter().find(|(_, text)| metadata.ends_with(&format!("sequence {text}"))).unwrap();
        if fake.files.iter().all(|file| file.sequence != sequence) {
            if fake.files.iter().filter(|file| !file.stored).count() >= fake.most {
                fake.refused += 1;
                return StatusCode::TOO_MANY_REQUESTS.into_response();
            }
            fake.files.push(File { sequence, bytes: Vec::new(), stored: false });
        }
        return (StatusCode::CREATED, [("location", format!("/v1/files/{sequence}"))]).into_response();
    }
    let sequence: u32 = uri.path().split('/').nth(3).unwrap().parse().unwrap();
    let file = fake.files.iter_mut().find(|file| file.sequence == sequence).unwrap();
    if uri.path().ends_with("/receipt") {
        assert!(file.bytes == fake.content);
        file.stored = true;
        let enrolment = &fake.world.enrolment;
        let receipt = Receipt {
            institution: enrolment.fingerprint,
            recording: enrolment.answer.recording,
            run: fake.run,
            track: "cam0".parse().unwrap(),
            sequence: sequence + u32::from(fake.mixed_up.contains(&sequence)),
            size_bytes: fake.content.len() as u64,
            digest: digest(&fake.content),
            head: digest(b"head"),
            stored_ms: 1,
        };
        return fake.world.says(&receipt).to_json().into_response();
    }
    if method == Method::PATCH {
        if fake.broken.contains(&sequence) {
            fake.failures += 1;
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
        if fake.full {
            return StatusCode::INSUFFICIENT_STORAGE.into_response();
        }
        assert_eq!(headers["upload-offset"].to_str().unwrap(), file.bytes.len().to_string());
        file.bytes.extend_from_slice(&body);
    }
    (StatusCode::OK, [("upload-offset", file.bytes.len().to_string())]).into_response()
}

struct Setup {
    _dir: tempfile::TempDir,
    fake: Shared,
    enrolment: Enrolment,
    names: Layout,
    queue: Arc<Queue>,
    uploads: Uploads,
    run: RunId,
    folder: PathBuf,
    content: Vec<u8>,
}

/// The server has files of these segments already and takes so many at once.
async fn setup(under_way: &[u32], most: usize) -> Setup {
    crate::init();
    let (dir, world, queue) = (tempfile::tempdir().unwrap(), World::new(), Arc::new(Queue::default()));
    let names = Layout::new(dir.path());
    let (enrolment, run) = (world.enrolment.clone(), world.run());
    let recording = enrolment.answer.recording;
    let folder = names.run(recording, run.run);
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(layout::key_record(&folder), run.key_record.to_json()).unwrap();
    let content: Vec<u8> = (0..3_000_u32).map(|i| (i * 7 % 251) as u8).collect();
    let files = under_way.iter().map(|sequence| File { sequence: *sequence, bytes: Vec::new(), stored: false }).collect();
    let fake = Fake {
        world,
        run: run.run,
        content: content.clone(),
        files,
        most,
        refused: 0,
        full: false,
        broken: Vec::new(),
        failures: 0,
        mixed_up: Vec::new(),
    };
    let fake = Arc::new(Mutex::new(fake));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().fallback(answer).with_state(Arc::clone(&fake));
    tokio::spawn(async move { axum::serve(listener, router).await });
    let server = Server::for_test(&url, enrolment.fingerprint);
    let uploads = Uploads {
        account: Account::new(&enrolment, server, &names, &queue).unwrap(),
        queue: Arc::clone(&queue),
        records: Arc::new(Records::new(recording, [(run.run, folder.clone())])),
        limit: Arc::new(Limit::new(0)),
        current: None,
        link: Arc::default(),
        thin: None,
    };
    Setup { _dir: dir, fake, enrolment, names, queue, uploads, run: run.run, folder, content }
}

impl Setup {
    /// A segment whose file is whole; `synced_bytes` of it count.
    fn add(&self, sequence: u32, synced_bytes: u64, closed: bool) -> Arc<Segment> {
        let track = "cam0".parse().unwrap();
        let path = layout::segment(&self.folder, &track, sequence);
        std::fs::write(&path, &self.content).unwrap();
        let segment = Segment::new(path, self.enrolment.answer.recording, self.run, track, sequence, synced_bytes, closed);
        self.queue.add(Arc::clone(&segment));
        segment
    }

    async fn wait(&self, what: &str, done: impl Fn() -> bool) {
        let begun_us = invigil_clock::boottime_us();
        while !done() {
            assert!(invigil_clock::boottime_us() - begun_us < 30 * S, "{what}: {} segments wait", self.queue.pending().len());
            invigil_clock::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// The server has as many files under way as it takes, and the agent was started again: only those behind the refused one make room for it.
#[tokio::test]
async fn a_segment_that_is_refused_keeps_back_none_that_would_make_room_for_it() {
    let setup = setup(&[1, 2], 2).await;
    for sequence in 0..4 {
        setup.add(sequence, setup.content.len() as u64, true);
    }
    let uploading = tokio::spawn(setup.uploads.clone().run_pausing(|| Duration::ZERO));
    setup.wait("the end", || setup.queue.pending().is_empty()).await;
    uploading.abort();
    let fake = setup.fake.lock().unwrap();
    assert_eq!(fake.files.iter().filter(|file| file.stored).count(), 4);
    assert!((1..=3).contains(&fake.refused), "{} times", fake.refused);
}

#[tokio::test]
async fn files_at_which_the_server_fails_and_receipts_that_do_not_count_keep_no_other_segment_back() {
    let setup = setup(&[], 9).await;
    let segments: Vec<_> = (0..8).map(|sequence| setup.add(sequence, setup.content.len() as u64, true)).collect();
    {
        let mut fake = setup.fake.lock().unwrap();
        // More than after which a walk ends.
        (fake.broken, fake.mixed_up) = (vec![0, 1, 2, 3], vec![4]);
    }
    let uploading = tokio::spawn(setup.uploads.clone().run_pausing(|| Duration::ZERO));
    setup.wait("the others", || segments[5..].iter().all(|segment| segment.state().settled)).await;
    assert!(segments[..5].iter().all(|segment| !segment.state().settled && segment.path.exists()));
    setup.fake.lock().unwrap().broken.clear();
    setup.fake.lock().unwrap().mixed_up.clear();
    setup.wait("the end", || setup.queue.pending().is_empty()).await;
    uploading.abort();
}

#[tokio::test]
async fn a_server_that_fails_at_everything_is_asked_less_and_less_often() {
    let setup = setup(&[], 9).await;
    (0..4).for_each(|sequence| drop(setup.add(sequence, setup.content.len() as u64, true)));
    setup.fake.lock().unwrap().broken = vec![0, 1, 2, 3];
    let uploading = tokio::spawn(setup.uploads.clone().run_pausing(|| Duration::ZERO));
    setup.wait("the key record", || setup.uploads.records.is_ready(setup.run)).await;
    invigil_clock::sleep(Duration::from_secs(5)).await;
    uploading.abort();
    let fake = setup.fake.lock().unwrap();
    assert!((3..=21).contains(&fake.failures), "{} requests in 5 s", fake.failures);
}

#[tokio::test]
async fn segments_that_are_all_refused_are_asked_for_one_after_another_with_pauses_that_grow() {
    let setup = setup(&[], 0).await;
    for sequence in 0..4 {
        setup.add(sequence, setup.content.len() as u64, true);
    }
    let uploading = tokio::spawn(setup.uploads.clone().run_pausing(|| Duration::ZERO));
    setup.wait("the key record", || setup.uploads.records.is_ready(setup.run)).await;
    invigil_clock::sleep(Duration::from_secs(5)).await;
    uploading.abort();
    let refused = setup.fake.lock().unwrap().refused;
    assert!((4..=20).contains(&refused), "{refused} requests in 5 s");
    assert_eq!(setup.queue.pending().len(), 4);
}

#[tokio::test]
async fn a_server_that_refuses_live_footage_is_no_thin_link() {
    let setup = setup(&[], 1).await;
    tokio::select! {
        () = setup.uploads.records.run(&setup.uploads.account) => {}
        () = setup.wait("the key record", || setup.uploads.records.is_ready(setup.run)) => {}
    }
    let rates = Arc::<Rates>::default();
    let thin = ThinLink::new(Arc::clone(&rates));
    let uploads = Uploads { current: Some(setup.run), thin: Some(thin.clone()), ..setup.uploads.clone() };
    let (client, put_off) = (uploads.account.server.client().unwrap(), Mutex::default());
    let look = |at_us| uploads.look(setup.run, &thin, true, at_us);
    let segment = setup.add(0, 0, false);
    segment.synced(1_000, false);
    setup.fake.lock().unwrap().full = true;
    assert_eq!(uploads.catch_up(&client, &segment, true, &put_off).await, Some(Hindrance::OfAll));
    let now_us = invigil_clock::boottime_us();
    (1..120).for_each(|second| look(now_us + second * S));
    assert!(segment.is_refused() && !segment.is_left_behind());
    assert_eq!((rates.level(), setup.queue.live_behind_us()), (Level::Full, 0));

    // It takes footage again, and now the link does not.
    setup.fake.lock().unwrap().full = false;
    assert_eq!(uploads.catch_up(&client, &segment, true, &put_off).await, None);
    segment.synced(2_000, false);
    let now_us = invigil_clock::boottime_us();
    (5..9).for_each(|second| look(now_us + second * S));
    assert!(rates.level() > Level::Full && !segment.is_refused() && !segment.is_left_behind());
    look(now_us + 20 * S);
    assert!(segment.is_left_behind() && setup.queue.live_behind_us() > 0);

    // No answer at all is the link's fault, too.
    segment.set_refused(true);
    let nobody = Server::for_test("http://127.0.0.1:1", setup.enrolment.fingerprint);
    let account = Account::new(&setup.enrolment, nobody, &setup.names, &setup.queue).unwrap();
    let away = Uploads { account, ..uploads.clone() };
    assert_eq!(away.catch_up(&client, &segment, true, &put_off).await, Some(Hindrance::OfAll));
    assert!(!segment.is_refused());
}

#[test]
fn what_is_refused_to_one_segment_hinders_no_other_and_what_fails_for_all_does() {
    let refused = |status| CallError::Refused { status, error: "e".into(), message: "m".into() };
    for status in [400, 403, 404, 413, 429] {
        assert_eq!(Hindrance::by(&refused(status)), Hindrance::OfThisOne, "{status}");
    }
    assert_eq!(Hindrance::by(&refused(500)), Hindrance::PerhapsOfAll);
    assert_eq!(Hindrance::by(&CallError::Receipt("r".into())), Hindrance::OfThisOne);
    for status in [408, 410, 503, 507] {
        assert_eq!(Hindrance::by(&refused(status)), Hindrance::OfAll, "{status}");
    }
    assert_eq!(Hindrance::by(&CallError::WrongOffset(7)), Hindrance::OfThisOne);
    assert_eq!(Hindrance::by(&CallError::Unauthorized), Hindrance::OfAll);
    assert_eq!(Hindrance::by(&CallError::Network("n".into())), Hindrance::OfAll);
}

#[test]
fn a_server_that_keeps_putting_off_new_segments_is_told_of_after_a_minute_and_then_every_five() {
    let mut put_off = PutOff::default();
    let said: Vec<u64> = (5..1_000).step_by(20).filter(|second| put_off.says(second * S)).collect();
    assert_eq!(said, [65, 365, 665, 965]);
    // It passed by itself, and begins anew.
    let said: Vec<bool> = [2_000, 2_050, 2_070].map(|second| put_off.says(second * S)).into();
    assert_eq!(said, [false, false, true]);
}
