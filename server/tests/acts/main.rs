//! Acts over a real installation: in-process router, real SQLite, real keystore, footage that an agent sealed and sent.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails as the test does")]

#[path = "../review_api/real.rs"]
mod real;
#[path = "../review_api/support.rs"]
#[expect(dead_code, reason = "these tests need a part of it")]
mod support;

mod aborts;
mod attachments;
mod bundle;
mod drafts;
mod events;
mod frozen;
mod limits;
mod overdue;
mod readers;
mod references;
mod signing;
mod stills;
mod tool;
mod unfinished;
mod wording;

use axum::http::{Method, StatusCode};
use invigil_format::{ExamId, RecordingId};
use invigil_server::exams::{self, NewExam, NewSeat};
use invigil_server::staff::Role;
use invigil_wire::acts::{ActView, ToSign};
use serde_json::{Value, json};
use support::{Agent, Answer, Browser, HOUR_MS, PASSWORD, Place};

/// A place with one account of each role, and two members of the board: `board` and `chair`.
async fn place() -> Place {
    let place = Place::new().await;
    staff(&place).await;
    place
}

async fn staff(place: &Place) {
    for (login, role) in [
        ("reviewer", Role::Reviewer),
        ("board", Role::Board),
        ("chair", Role::Board),
        ("duty", Role::Invigilator),
        ("registrar", Role::Registrar),
        ("auditor", Role::Auditor),
    ] {
        place.add_account(login, role).await;
    }
}

async fn post(browser: &Browser<'_>, path: &str, body: &Value) -> Answer {
    send(browser, Method::POST, path, body).await
}

async fn put(browser: &Browser<'_>, path: &str, body: &Value) -> Answer {
    send(browser, Method::PUT, path, body).await
}

async fn send(browser: &Browser<'_>, method: Method, path: &str, body: &Value) -> Answer {
    browser.ask(method, path, &[("x-invigil", "1"), ("content-type", "application/json")], body.to_string()).await
}

/// The act in an answer.
fn act(answer: &Answer) -> ActView {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    answer.json()
}

/// An exam of an hour that ends in half an hour, with these candidates.
async fn exam(place: &Place, people: &[(&str, Option<&str>)]) -> (ExamId, Vec<RecordingId>) {
    let now = place.clock_ms();
    let seat = |(who, id): &(&str, Option<&str>)| NewSeat { external_id: id.map(str::to_owned), ..NewSeat::candidate(*who) };
    let new = NewExam {
        title: "Mathematics 1".into(),
        discipline: "Mathematics".into(),
        faculty: Some("Faculty of Engineering".into()),
        examiner: Some("An examiner".into()),
        starts_ms: now - HOUR_MS / 2,
        ends_ms: now + HOUR_MS / 2,
        policy: "kaznu".into(),
        seats: people.iter().map(seat).collect(),
        ..NewExam::default()
    };
    let added = exams::add(&place.state, &new).await.unwrap();
    (added.exam, added.joins.iter().map(|join| join.recording).collect())
}

/// A stored segment of three seconds from [`support::START_MS`].
async fn film(agent: &Agent<'_>) -> Vec<u8> {
    film_from(agent, support::START_MS).await
}

/// The same from another moment.
async fn film_from(agent: &Agent<'_>, from_ms: i64) -> Vec<u8> {
    let (mut writer, mut bytes) = agent.segment(agent.key_record().await, 0);
    let at_ms = |second: i64| from_ms - support::START_MS + second * 1000;
    for second in 0..3 {
        bytes.extend(agent.chunk(&mut writer, at_ms(second), b"a second of a picture"));
    }
    bytes.extend(agent.closing(&mut writer, at_ms(3)));
    let path = agent.create(0).await;
    agent.append(&path, 0, bytes.clone(), true).await;
    agent.stored(&path).await;
    bytes
}

/// A new annulment without footage.
fn new_act(exam: ExamId, recording: Option<RecordingId>) -> Value {
    json!({ "kind": "annulment", "exam": exam, "recording": recording, "language": "ru", "evidence": [], "fields": {}, "points": [], "refers_to": null })
}

/// The same with the first two seconds of a recording that began with the place.
fn new_act_citing(exam: ExamId, recording: RecordingId) -> Value {
    let mut new = new_act(exam, Some(recording));
    new["evidence"] = json!([{ "recording": recording, "from_ms": support::START_MS, "to_ms": support::START_MS + 2000 }]);
    new
}

/// What makes a draft complete: `seen` is what was seen.
fn complete(act: &ActView, seen: &str) -> Value {
    let mut fields = act.fields.clone();
    for (name, value) in [
        ("place", "Almaty"),
        ("student", "A candidate"),
        ("student-id", "22B030001"),
        ("violated-at", "13:05"),
        ("seen", seen),
        ("explanation-given", "refused"),
    ] {
        if name == "seen" || !fields.contains_key(name) {
            fields.insert(name.into(), value.into());
        }
    }
    let to_sign = [ToSign { login: "board".into(), post: "Member".into() }, ToSign { login: "chair".into(), post: "Chair".into() }];
    json!({
        "revision": act.revision, "language": "ru", "fields": fields, "points": ["1.14-phone"], "evidence": act.evidence,
        "capacity": "it-staff", "to_sign": to_sign,
    })
}

/// An act that only lacks its signatures.
async fn for_signature(reviewer: &Browser<'_>, new: &Value, seen: &str) -> ActView {
    let draft = act(&post(reviewer, "/api/acts", new).await);
    let path = format!("/api/acts/{}", draft.summary.id);
    let draft = act(&put(reviewer, &path, &complete(&draft, seen)).await);
    assert_eq!(draft.problems, [], "{:?}", draft.fields);
    act(&post(reviewer, &format!("{path}/for-signature"), &json!({ "revision": draft.revision })).await)
}

async fn sign(browser: &Browser<'_>, view: &ActView) -> Answer {
    let body = json!({ "password": PASSWORD, "content": view.content });
    post(browser, &format!("/api/acts/{}/sign", view.summary.id), &body).await
}

/// A signed act.
async fn signed(place: &Place, new: &Value, seen: &str) -> ActView {
    let reviewer = place.browser("reviewer").await;
    let ready = for_signature(&reviewer, new, seen).await;
    act(&sign(&place.browser("board").await, &ready).await);
    act(&sign(&place.browser("chair").await, &ready).await)
}

/// Whether a text stands anywhere in the files of the database.
fn in_database(place: &Place, text: &str) -> bool {
    let path = &place.state.config.paths.database;
    let files = ["", "-wal"].map(|ending| std::fs::read(format!("{}{ending}", path.display())).unwrap_or_default());
    files.iter().any(|bytes| bytes.windows(text.len()).any(|window| window == text.as_bytes()))
}

/// What `invigil-server check` finds.
async fn problems(place: &Place) -> Vec<String> {
    let report = invigil_server::check::check(&place.state.config, &*place.clock).await.unwrap();
    report.problems.into_iter().map(|problem| format!("{}: {}", problem.object, problem.what)).collect()
}
