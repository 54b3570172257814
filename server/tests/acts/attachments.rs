//! Sealed attachments: taken, kept and given back without the server ever being able to open them.

use super::{act, complete, exam, film, new_act, new_act_citing, place, post, put, sign};
use crate::support::{Answer, Browser, HOST, PASSPHRASE, Place};
use axum::body::{Body, Bytes};
use axum::http::{Method, Request, StatusCode};
use futures_util::{StreamExt, stream};
use invigil_evidence::{Act, Attachment, AttachmentKind, Media, NewAttachment, StillSource};
use invigil_format::{AttachmentId, Fingerprint, RecordingId, ReviewPrivateKey, WrappedKey};
use invigil_server::config::Config;
use invigil_server::staff::Role;
use invigil_server::{AppState, http};
use invigil_wire::acts::{ActRecord, ActView, AttachmentView};
use sea_orm::ConnectionTrait;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;
use tower::ServiceExt;
use zeroize::Zeroizing;

const PICTURE: &[u8] = b"a picture of somebody with a phone";
const SCAN: &[u8] = b"%PDF of a paper with signatures";

pub fn review_key(place: &Place) -> ReviewPrivateKey {
    let text = std::fs::read(place.dir.path().join("server/review-key.json")).unwrap();
    WrappedKey::from_json(&text).unwrap().unwrap_with(PASSPHRASE).unwrap()
}

fn new(place: &Place, view: &ActView, id: u8, kind: AttachmentKind) -> NewAttachment {
    NewAttachment {
        institution: place.state.institution,
        act: view.summary.id.into(),
        attachment: AttachmentId::from_bytes([id; 16]),
        kind,
        media: if kind == AttachmentKind::Still { Media::Jpeg } else { Media::Pdf },
        name: format!("№ {id}"),
        source: None,
        review: view.review.clone(),
    }
}

/// A sealed still of an act.
pub fn still(place: &Place, view: &ActView, id: u8) -> Vec<u8> {
    Attachment::seal(new(place, view, id, AttachmentKind::Still), &Zeroizing::new([id; 32]), PICTURE).unwrap()
}

/// A sealed still of an act, taken from this moment of a recording.
pub fn still_of(place: &Place, view: &ActView, id: u8, recording: RecordingId, at_ms: i64) -> Vec<u8> {
    let source = Some(StillSource { recording, track: "cam0".parse().unwrap(), at_ms });
    let new = NewAttachment { source, ..new(place, view, id, AttachmentKind::Still) };
    Attachment::seal(new, &Zeroizing::new([id; 32]), PICTURE).unwrap()
}

/// A sealed scan of an act's paper original.
pub fn scan(place: &Place, view: &ActView, id: u8) -> Vec<u8> {
    Attachment::seal(new(place, view, id, AttachmentKind::Scan), &Zeroizing::new([id; 32]), SCAN).unwrap()
}

pub async fn upload(browser: &Browser<'_>, view: &ActView, sealed: Vec<u8>) -> Answer {
    browser.place.send(sent(browser, view, Body::from(sealed))).await
}

fn sent(browser: &Browser<'_>, view: &ActView, body: Body) -> Request<Body> {
    let path = format!("/api/acts/{}/attachments", view.summary.id);
    let request =
        Request::builder().method(Method::POST).uri(path).header("host", HOST).header("cookie", &browser.cookie).header("x-invigil", "1");
    request.body(body).unwrap()
}

/// An upload whose last byte does not come; it lasts until it is aborted, as when the sender goes away.
fn unfinished(browser: &Browser<'_>, view: &ActView, sealed: &[u8]) -> JoinHandle<()> {
    let most = Bytes::copy_from_slice(&sealed[..sealed.len() - 1]);
    let parts = stream::once(async move { Ok::<_, std::io::Error>(most) }).chain(stream::pending());
    let (router, request) = (browser.place.router.clone(), sent(browser, view, Body::from_stream(parts)));
    tokio::spawn(async move {
        router.oneshot(request).await.unwrap();
    })
}

/// Waits until the folder of attachments has so many files.
async fn files_are(place: &Place, count: usize) {
    for _ in 0..500 {
        if files(place).len() == count {
            return;
        }
        invigil_clock::sleep(Duration::from_millis(10)).await;
    }
    panic!("expected {count} files, found {}", files(place).len());
}

fn files(place: &Place) -> Vec<Vec<u8>> {
    let Ok(entries) = std::fs::read_dir(&place.state.config.paths.attachments) else { return Vec::new() };
    entries.map(|entry| std::fs::read(entry.unwrap().path()).unwrap()).collect()
}

#[tokio::test]
async fn an_attachment_opens_to_the_reviewer_and_the_act_names_its_digest() {
    let place = place().await;
    let agent = place.agent().await;
    film(&agent).await;
    let reviewer = place.browser("reviewer").await;
    let draft = act(&post(&reviewer, "/api/acts", &new_act_citing(agent.exam, agent.recording())).await);
    let sealed = still_of(&place, &draft, 1, agent.recording(), draft.evidence[0].from_ms);
    let added = upload(&reviewer, &draft, sealed.clone()).await;
    assert_eq!(added.status, StatusCode::CREATED, "{}", added.text());
    let view: AttachmentView = added.json();
    assert_eq!((view.kind.as_str(), view.size_bytes, view.digest), ("still", PICTURE.len() as u64, invigil_format::digest(PICTURE)));
    let annex = Attachment::seal(new(&place, &draft, 2, AttachmentKind::Annex), &Zeroizing::new([2; 32]), b"%PDF of stills").unwrap();
    assert_eq!(upload(&reviewer, &draft, annex).await.status, StatusCode::CREATED);
    let second = Attachment::seal(new(&place, &draft, 3, AttachmentKind::Annex), &Zeroizing::new([3; 32]), b"%PDF of stills").unwrap();
    assert_eq!(upload(&reviewer, &draft, second).await.error(), "annex-exists");
    assert_eq!(upload(&reviewer, &draft, scan(&place, &draft, 5)).await.status, StatusCode::CREATED);

    // At rest there is neither the picture nor the inner layer.
    let inner = Attachment::parse(&sealed).unwrap().header.inner;
    assert!(files(&place).iter().all(|file| !file.windows(PICTURE.len()).any(|part| part == PICTURE)));
    assert!(!super::in_database(&place, &inner));
    let path = format!("/api/acts/{}/attachments/{}", draft.summary.id, view.id);
    let given = reviewer.get(&path).await;
    assert_eq!((given.status, given.header("content-length")), (StatusCode::OK, sealed.len().to_string().as_str()));
    assert_eq!(given.body, sealed, "as it came");
    assert_eq!(Attachment::parse(&given.body).unwrap().open(&review_key(&place)).unwrap().as_slice(), PICTURE);
    assert_eq!(place.audit("act-attachment-released").await.len(), 1);
    assert_eq!(place.browser("registrar").await.get(&path).await.error(), "forbidden");

    let path_of_act = format!("/api/acts/{}", draft.summary.id);
    let ready = act(&put(&reviewer, &path_of_act, &complete(&draft, "a phone")).await);
    let ready = act(&post(&reviewer, &format!("{path_of_act}/for-signature"), &json!({ "revision": ready.revision })).await);
    assert_eq!(upload(&reviewer, &ready, still(&place, &draft, 4)).await.error(), "wrong-state");
    assert_eq!(reviewer.ask(Method::DELETE, &path, &[("x-invigil", "1")], String::new()).await.error(), "wrong-state");
    act(&sign(&place.browser("board").await, &ready).await);
    act(&sign(&place.browser("chair").await, &ready).await);
    let record: ActRecord = reviewer.get(&format!("{path_of_act}/statement")).await.json();
    let signed: Act = record.act.read().unwrap();
    let named: Vec<_> = signed.attachments.iter().map(|one| (one.kind, one.digest)).collect();
    assert_eq!(
        named,
        [
            (AttachmentKind::Still, invigil_format::digest(PICTURE)),
            (AttachmentKind::Annex, invigil_format::digest(b"%PDF of stills")),
            (AttachmentKind::Scan, invigil_format::digest(SCAN)),
        ]
    );
    let scan = format!("{path_of_act}/attachments/{}", AttachmentId::from_bytes([5; 16]));
    let scan = reviewer.get(&scan).await.body;
    let scan = Attachment::parse(&scan).unwrap();
    assert_eq!((scan.header.media, scan.open(&review_key(&place)).unwrap().as_slice()), (Media::Pdf, SCAN));
    assert_eq!(super::problems(&place).await, Vec::<String>::new());
    std::fs::remove_file(place.state.config.paths.attachments.join(view.id.to_string())).unwrap();
    assert!(super::problems(&place).await.iter().any(|problem| problem.starts_with(&format!("attachment:{}", view.id))));
}

#[tokio::test]
async fn of_two_uploads_of_one_id_at_once_one_is_taken_and_stays_whole() {
    let place = place().await;
    let (exam, people) = exam(&place, &[("Aliya", Some("1"))]).await;
    let reviewer = place.browser("reviewer").await;
    let draft = act(&post(&reviewer, "/api/acts", &new_act(exam, Some(people[0]))).await);
    for id in 1..=8 {
        let pictures: [&[u8]; 2] = [b"the one picture", b"another picture"];
        let seal = |text| Attachment::seal(new(&place, &draft, id, AttachmentKind::Still), &Zeroizing::new([id; 32]), text).unwrap();
        let sealed = pictures.map(seal);
        let answers = futures_util::future::join_all(sealed.iter().map(|bytes| upload(&reviewer, &draft, bytes.clone()))).await;
        let taken: Vec<usize> = (0..2).filter(|one| answers[*one].status == StatusCode::CREATED).collect();
        assert_eq!(taken.len(), 1, "{} {}", answers[0].text(), answers[1].text());
        let refused = &answers[1 - taken[0]];
        assert_eq!((refused.status, refused.error().as_str()), (StatusCode::CONFLICT, "attachment-exists"));
        let path = format!("/api/acts/{}/attachments/{}", draft.summary.id, AttachmentId::from_bytes([id; 16]));
        let given = reviewer.get(&path).await;
        assert_eq!(Attachment::parse(&given.body).unwrap().open(&review_key(&place)).unwrap().as_slice(), pictures[taken[0]]);
    }
    assert_eq!(files(&place).len(), 8);
}

#[tokio::test]
async fn what_is_no_attachment_of_this_act_is_refused_and_leaves_nothing() {
    let place = place().await;
    let (exam, people) = exam(&place, &[("Aliya", Some("1"))]).await;
    let reviewer = place.browser("reviewer").await;
    let draft = act(&post(&reviewer, "/api/acts", &new_act(exam, Some(people[0]))).await);
    let other = act(&post(&reviewer, "/api/acts", &new_act(exam, Some(people[0]))).await);
    let right = still(&place, &draft, 1);
    let seal = |change: &dyn Fn(&mut NewAttachment)| {
        let mut new = new(&place, &draft, 1, AttachmentKind::Still);
        change(&mut new);
        Attachment::seal(new, &Zeroizing::new([1; 32]), PICTURE).unwrap()
    };
    let stranger = ReviewPrivateKey::from_bytes([9; 32]).public().unwrap();
    let mut header_changed = right.clone();
    header_changed[9] = 2;
    for (what, bytes, status) in [
        ("nothing", Vec::new(), 400),
        ("other bytes", vec![7; 5000], 400),
        ("another version", header_changed, 400),
        ("cut in its header", right[..100].to_vec(), 400),
        ("cut in its text", right[..right.len() - 1].to_vec(), 400),
        ("longer", [right.as_slice(), b"x"].concat(), 400),
        ("another act's", still(&place, &other, 1), 422),
        ("another institution's", seal(&|new| new.institution = Fingerprint([3; 32])), 422),
        ("sealed to a stranger", seal(&|new| new.review = vec![stranger]), 422),
    ] {
        let answer = upload(&reviewer, &draft, bytes).await;
        assert_eq!((answer.status.as_u16(), answer.error().as_str()), (status, "bad-attachment"), "{what}");
        assert!(files(&place).is_empty(), "{what}");
    }
    assert_eq!(upload(&place.browser("duty").await, &draft, right.clone()).await.error(), "not-found", "not their draft");
    assert_eq!(upload(&reviewer, &draft, right.clone()).await.status, StatusCode::CREATED);
    assert_eq!(upload(&reviewer, &draft, right.clone()).await.error(), "attachment-exists");
    for id in 2..=40 {
        assert_eq!(upload(&reviewer, &draft, still(&place, &draft, id)).await.status, StatusCode::CREATED);
    }
    let full = upload(&reviewer, &draft, still(&place, &draft, 41)).await;
    assert_eq!((full.status, full.error().as_str()), (StatusCode::PAYLOAD_TOO_LARGE, "too-much"));
    let path = format!("/api/acts/{}/attachments/{}", draft.summary.id, AttachmentId::from_bytes([1; 16]));
    assert_eq!(reviewer.ask(Method::DELETE, &path, &[("x-invigil", "1")], String::new()).await.status, StatusCode::NO_CONTENT);
    assert_eq!((reviewer.get(&path).await.status, files(&place).len()), (StatusCode::NOT_FOUND, 39));
    // What an upload left behind that was cut off by a crash goes at the next start, and nothing else.
    let folder = &place.state.config.paths.attachments;
    std::fs::write(folder.join(AttachmentId::from_bytes([99; 16]).to_string()), b"x").unwrap();
    std::fs::write(folder.join("1.2.tmp"), b"x").unwrap();
    std::fs::write(folder.join("notes.txt"), b"somebody's own").unwrap();
    invigil_server::acts::discard::recover(&place.state).await.unwrap();
    assert_eq!(files(&place).len(), 40);
}

#[tokio::test]
async fn only_so_many_are_uploaded_at_once_and_who_goes_away_leaves_nothing() {
    let place = place().await;
    place.add_account("second", Role::Reviewer).await;
    let (exam, people) = exam(&place, &[("Aliya", Some("1"))]).await;
    let (reviewer, second) = (place.browser("reviewer").await, place.browser("second").await);
    let draft = act(&post(&reviewer, "/api/acts", &new_act(exam, Some(people[0]))).await);
    let mut under_way = Vec::new();
    for (number, login) in (0_u8..).zip(["reviewer", "board", "chair", "admin"]) {
        let browser = place.browser(login).await;
        for id in [2 * number, 2 * number + 1] {
            under_way.push(unfinished(&browser, &draft, &scan(&place, &draft, id)));
            files_are(&place, under_way.len()).await;
        }
        if login == "reviewer" {
            let refused = upload(&reviewer, &draft, scan(&place, &draft, 20)).await;
            assert_eq!(
                (refused.status, refused.error().as_str()),
                (StatusCode::TOO_MANY_REQUESTS, "too-many-uploads"),
                "two of one person"
            );
        }
    }
    let refused = upload(&second, &draft, scan(&place, &draft, 20)).await;
    assert_eq!((refused.status, refused.header("retry-after")), (StatusCode::TOO_MANY_REQUESTS, "2"), "eight in all");
    for upload in under_way {
        upload.abort();
        assert!(upload.await.unwrap_err().is_cancelled());
    }
    assert!(files(&place).is_empty());
    assert_eq!(upload(&second, &draft, scan(&place, &draft, 20)).await.status, StatusCode::CREATED);
    assert_eq!(super::problems(&place).await, Vec::<String>::new());
}

#[tokio::test]
async fn an_attachment_that_cannot_be_entered_leaves_no_file() {
    let place = place().await;
    let (exam, people) = exam(&place, &[("Aliya", Some("1"))]).await;
    let reviewer = place.browser("reviewer").await;
    let draft = act(&post(&reviewer, "/api/acts", &new_act(exam, Some(people[0]))).await);
    // The row, and what follows in the same transaction.
    for (id, table) in [(1, "act_attachments"), (2, "audit")] {
        let trigger = format!("CREATE TRIGGER broken BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'broken'); END");
        place.state.db.execute_unprepared(&trigger).await.unwrap();
        let sealed = scan(&place, &draft, id);
        assert_eq!(upload(&reviewer, &draft, sealed.clone()).await.status, StatusCode::INTERNAL_SERVER_ERROR, "{table}");
        assert!(files(&place).is_empty(), "{table}");
        place.state.db.execute_unprepared("DROP TRIGGER broken").await.unwrap();
        assert_eq!(upload(&reviewer, &draft, sealed).await.status, StatusCode::CREATED, "{table}");
        let path = format!("/api/acts/{}/attachments/{}", draft.summary.id, AttachmentId::from_bytes([id; 16]));
        assert_eq!(reviewer.ask(Method::DELETE, &path, &[("x-invigil", "1")], String::new()).await.status, StatusCode::NO_CONTENT);
    }
}

#[tokio::test]
async fn a_nearly_full_disk_takes_no_attachment() {
    let place = place().await;
    let (exam, people) = exam(&place, &[("Aliya", Some("1"))]).await;
    let draft = act(&post(&place.browser("reviewer").await, "/api/acts", &new_act(exam, Some(people[0]))).await);
    let mut config = Config::load(&place.dir.path().join("server/server.toml")).unwrap();
    config.limits.min_free_bytes = u64::MAX;
    let Place { dir, clock, state, router } = place;
    drop((state, router));
    let state = Arc::new(AppState::open(config, clock.clone()).await.unwrap());
    let place = Place { router: http::router(state.clone()), dir, state, clock };
    let refused = upload(&place.browser("reviewer").await, &draft, scan(&place, &draft, 1)).await;
    assert_eq!((refused.status, refused.error().as_str()), (StatusCode::INSUFFICIENT_STORAGE, "disk-full"));
    assert!(files(&place).is_empty());
}
