//! Odd answers of a server: wrong offsets, lost answers, refusals, expiry. The real server is the end-to-end tests' business.

use super::*;
use crate::enrol::Server;
use crate::spool::{Layout, Queue, Segment};
use crate::testing::World;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use invigil_format::{Expired, Receipt, Statement, digest};
use std::sync::Mutex;
use std::sync::atomic::Ordering;

/// What the next `PATCH` does.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Odd {
    /// Takes the bytes and answers.
    Right,
    /// Takes the bytes, and the answer is lost.
    LostAnswer,
    /// Takes nothing: 409 with its own offset.
    Conflict,
    /// The file is not there any more.
    NotFound,
    /// 410 with a signed expiry.
    Expired,
}

struct Fake {
    world: World,
    bytes: Vec<u8>,
    script: Vec<Odd>,
    receipt: Option<Statement>,
    creations: usize,
}

type Shared = Arc<Mutex<Fake>>;

async fn answer(State(fake): State<Shared>, method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let mut fake = fake.lock().unwrap();
    let offset = |fake: &Fake| [("upload-offset", fake.bytes.len().to_string())];
    if uri.path().ends_with("/receipt") {
        return match &fake.receipt {
            Some(receipt) => receipt.to_json().into_response(),
            None => StatusCode::ACCEPTED.into_response(),
        };
    }
    match method {
        Method::POST => {
            fake.creations += 1;
            (StatusCode::CREATED, [("location", "/v1/files/7")]).into_response()
        }
        Method::HEAD => (StatusCode::OK, offset(&fake)).into_response(),
        _ => {
            assert_eq!(headers["upload-checksum"].to_str().unwrap().split(' ').next(), Some("sha256"));
            let at: usize = headers["upload-offset"].to_str().unwrap().parse().unwrap();
            let odd = if fake.script.is_empty() { Odd::Right } else { fake.script.remove(0) };
            match odd {
                Odd::Conflict => (StatusCode::CONFLICT, offset(&fake)).into_response(),
                Odd::NotFound => StatusCode::NOT_FOUND.into_response(),
                Odd::Expired => {
                    let answer = &fake.world.enrolment;
                    let expired = Expired { institution: answer.fingerprint, recording: answer.answer.recording, expired_ms: 1 };
                    let text = fake.world.says(&expired).to_json().bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
                    (StatusCode::GONE, [(invigil_wire::agent::EXPIRY_HEADER, text)]).into_response()
                }
                Odd::Right | Odd::LostAnswer => {
                    assert_eq!(at, fake.bytes.len(), "an append at another place than the end");
                    fake.bytes.extend_from_slice(&body);
                    match odd {
                        Odd::Right => (StatusCode::NO_CONTENT, offset(&fake)).into_response(),
                        _ => StatusCode::BAD_GATEWAY.into_response(),
                    }
                }
            }
        }
    }
}

struct Setup {
    _dir: tempfile::TempDir,
    fake: Shared,
    account: Arc<Account>,
    queue: Arc<Queue>,
    segment: Arc<Segment>,
    content: Vec<u8>,
}

async fn setup(script: &[Odd], closed: bool) -> Setup {
    crate::init();
    let dir = tempfile::tempdir().unwrap();
    let world = World::new();
    let recording = world.enrolment.answer.recording;
    let enrolment = world.enrolment.clone();
    let folder = dir.path().join(recording.to_string()).join("run");
    std::fs::create_dir_all(&folder).unwrap();
    let content: Vec<u8> = (0..700_000_u32).map(|i| (i * 7 % 251) as u8).collect();
    let path = folder.join("cam0-00000000.seg");
    std::fs::write(&path, &content).unwrap();
    let run = invigil_format::RunId::from_random([1; 16]);
    let segment = Segment::new(path, recording, run, "cam0".parse().unwrap(), 0, content.len() as u64, closed);
    let receipt = closed.then(|| {
        world.says(&Receipt {
            institution: enrolment.fingerprint,
            recording,
            run,
            track: "cam0".parse().unwrap(),
            sequence: 0,
            size_bytes: content.len() as u64,
            digest: digest(&content),
            head: digest(b"head"),
            stored_ms: 1,
        })
    });
    let fake = Arc::new(Mutex::new(Fake { world, bytes: Vec::new(), script: script.to_vec(), receipt, creations: 0 }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().fallback(answer).with_state(Arc::clone(&fake));
    tokio::spawn(async move { axum::serve(listener, router).await });
    let queue = Arc::new(Queue::default());
    queue.add(Arc::clone(&segment));
    let server = Server::for_test(&url, enrolment.fingerprint);
    let account = Account::new(&enrolment, server, &Layout::new(dir.path()), &queue).unwrap();
    Setup { _dir: dir, fake, account, queue, segment, content }
}

/// Steps until nothing is left to do; failures are tried again, as the upload tasks do.
async fn drive(setup: &Setup) -> Step {
    drive_at(setup, &Limit::new(0), true).await
}

async fn drive_at(setup: &Setup, limit: &Limit, live: bool) -> Step {
    let client = setup.account.server.client().unwrap();
    for _ in 0..50 {
        match advance(&setup.account, &client, &setup.queue, &setup.segment, limit, live).await {
            Ok(Step::Sent) | Err(CallError::Refused { .. } | CallError::Network(_) | CallError::WrongOffset(_)) => {}
            Ok(step) => return step,
            Err(_) => return Step::Refused,
        }
    }
    panic!("no end after 50 steps");
}

#[tokio::test]
async fn lost_answers_and_wrong_offsets_send_every_byte_exactly_once() {
    for script in [
        vec![],
        vec![Odd::LostAnswer, Odd::LostAnswer],
        vec![Odd::Conflict, Odd::Right, Odd::LostAnswer],
        vec![Odd::Right, Odd::NotFound, Odd::Conflict, Odd::Conflict, Odd::Conflict, Odd::Conflict],
    ] {
        let setup = setup(&script, true).await;
        assert_eq!(drive(&setup).await, Step::Stored, "{script:?}");
        let fake = setup.fake.lock().unwrap();
        assert!(fake.bytes == setup.content, "{script:?}: other bytes than the file's");
        assert_eq!(fake.creations, 1 + script.iter().filter(|odd| **odd == Odd::NotFound).count());
        assert!(!setup.segment.path.exists() && setup.queue.pending().is_empty());
    }
}

#[test]
fn a_thousand_agents_come_back_spread_over_a_quarter_of_a_minute() {
    let mut at = [0_u32; 15];
    for _ in 0..1_000 {
        let pause = pause_after_outage();
        assert!(pause < SPREAD);
        at[usize::try_from(pause.as_secs()).unwrap()] += 1;
    }
    // 67 a second on average; a stray of six standard deviations is none.
    assert!(at.iter().all(|agents| (20..120).contains(agents)), "{at:?}");
}

/// What is stored and the disk does not let go, or gives back changed, is named, not waited for without end, and no false receipt removes it.
#[tokio::test]
async fn a_segment_that_the_disk_holds_back_is_not_waited_for_and_is_settled_once_it_works() {
    let setup = setup(&[], true).await;
    let client = setup.account.server.client().unwrap();
    let step = async || advance(&setup.account, &client, &setup.queue, &setup.segment, &Limit::new(0), true).await;
    // A folder in the receipt's place is what no disk writes over.
    let receipt = crate::spool::layout::receipt(&setup.segment.path);
    std::fs::create_dir(&receipt).unwrap();
    let mut failed = 0;
    while failed < 5 {
        assert!(!setup.segment.is_held_back() && !setup.queue.has_unread(), "after {failed} failures");
        failed += u32::from(matches!(step().await, Err(CallError::Disk(_))));
    }
    assert!(setup.segment.is_held_back() && setup.queue.has_unread() && setup.segment.path.exists());
    std::fs::remove_dir(&receipt).unwrap();

    let changed: Vec<u8> = setup.content.iter().map(|byte| byte ^ 1).collect();
    std::fs::write(&setup.segment.path, changed).unwrap();
    assert!(matches!(step().await, Err(CallError::Disk(_))));
    assert!(setup.segment.is_held_back() && setup.segment.path.exists());
    std::fs::write(&setup.segment.path, &setup.content).unwrap();
    assert_eq!(step().await.unwrap(), Step::Stored);
    assert!(!setup.segment.is_held_back() && !setup.queue.has_unread() && !setup.segment.path.exists());
}

/// Footage that the server takes no more is kept; somebody has to be told, but not with each attempt.
#[tokio::test]
async fn a_server_that_takes_no_more_is_told_of_at_once_and_then_once_in_five_minutes() {
    let account = setup(&[], true).await.account;
    let full = |status| CallError::Refused { status, error: "too-much".into(), message: String::new() };
    let told: Vec<bool> = [7, 8, 300_000_006, 300_000_007, 300_000_008].map(|us| account.says_full(&full(413), us)).into();
    assert_eq!(told, [true, false, false, true, false]);
    assert!(!account.says_full(&full(429), 900_000_000), "that one passes by itself");
    assert!(account.says_full(&full(507), 900_000_000));
}

/// A ceiling while the exam runs, none afterwards, on a computer whose clock is behind or ahead, too.
#[tokio::test]
async fn older_footage_keeps_to_the_ceiling_while_the_exam_runs_and_to_none_afterwards() {
    // An hour ahead of the server's: by this computer's clock the exam is over.
    let wall_ms = invigil_clock::wall_ms();
    let now_ms = wall_ms - 3_600_000;
    crate::enrol::heard(now_ms);
    let setup = setup(&[], true).await;
    let sent = || setup.fake.lock().unwrap().bytes.len();
    // 1000 bytes a second: after the first append the bucket is as far below zero as it may be.
    let limit = Limit::new(8);
    setup.account.ends_ms.store(now_ms + 1_800_000, Ordering::SeqCst);
    let older = tokio::time::timeout(Duration::from_secs(2), drive_at(&setup, &limit, false)).await;
    assert!(older.is_err(), "{older:?} in 2 s");
    assert_eq!(sent(), 64 << 10, "one append, and then it has to wait for ten seconds");
    // Live footage never waits.
    let client = setup.account.server.client().unwrap();
    assert_eq!(advance(&setup.account, &client, &setup.queue, &setup.segment, &limit, true).await.unwrap(), Step::Sent);
    assert!(sent() > 64 << 10);

    // An hour behind: by the computer's clock the exam goes on for half an hour.
    let now_ms = wall_ms + 3_600_000;
    crate::enrol::heard(now_ms);
    setup.account.ends_ms.store(now_ms - 1_800_000, Ordering::SeqCst);
    let older = tokio::time::timeout(Duration::from_secs(60), drive_at(&setup, &limit, false)).await;
    assert_eq!(older.unwrap(), Step::Stored);
}

#[tokio::test]
async fn a_growing_segment_is_sent_as_far_as_it_is_synced_and_stays() {
    let setup = setup(&[], false).await;
    assert_eq!(drive(&setup).await, Step::Idle);
    assert!(setup.fake.lock().unwrap().bytes == setup.content);
    assert!(setup.segment.path.exists() && setup.queue.spooled_bytes() == 0);
}

#[tokio::test]
async fn a_signed_expiry_ends_the_upload_and_empties_the_spool() {
    let setup = setup(&[Odd::Right, Odd::Expired], true).await;
    assert_eq!(drive(&setup).await, Step::Refused);
    assert!(setup.account.is_expired() && !setup.segment.path.exists() && setup.queue.pending().is_empty());
}
