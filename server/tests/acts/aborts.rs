//! The real program dies at each step of signing and of what follows, is started again, and an act is signed once or not at all, with numbers that have no gap and
//! no double. Only debug builds have crash points.

use super::real::Real;
use super::{PASSWORD, act, complete, exam, film_from, for_signature, new_act, post, problems, put, sign};
use crate::support::{Answer, Place};
use axum::http::StatusCode;
use invigil_format::ExamId;
use invigil_server::db::entities::holds;
use invigil_wire::acts::ActView;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

fn ask(real: &Real, method: &str, path: &str, cookie: &str, body: &[u8]) -> Option<Answer> {
    real.ask(method, path, &[("content-type", "application/json"), ("x-invigil", "1"), ("cookie", cookie)], body)
}

fn sign_in(real: &Real, login: &str) -> String {
    let body = json!({ "login": login, "password": PASSWORD }).to_string();
    let answer = ask(real, "POST", "/api/login", "", body.as_bytes()).unwrap();
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    answer.header("set-cookie").split(';').next().unwrap().to_owned()
}

/// The real program dies at the point over what this person asks.
fn dies(place: &Place, point: &str, login: &str, path: &str, body: &Value) {
    let real = Real::ready(place, Some(point));
    let cookie = sign_in(&real, login);
    assert!(ask(&real, "POST", path, &cookie, body.to_string().as_bytes()).is_none(), "{point} was not reached");
    real.died(point);
}

async fn prepared() -> (Place, ExamId) {
    let place = Place::at(invigil_clock::wall_ms()).await;
    super::staff(&place).await;
    let (exam, _) = exam(&place, &[("Aliya", Some("1"))]).await;
    (place, exam)
}

/// An act that waits for the chair's signature only.
async fn half_signed(place: &Place, exam: ExamId, name: &str) -> ActView {
    let mut new = new_act(exam, None);
    new["fields"] = json!({ "student": name, "student-id": name });
    let ready = for_signature(&place.browser("reviewer").await, &new, "a phone").await;
    act(&sign(&place.browser("board").await, &ready).await)
}

#[tokio::test]
async fn the_server_dies_at_each_step_of_signing_and_an_act_is_signed_once_or_not_at_all() {
    let (place, exam) = prepared().await;
    let points = [
        "act-sign-after-signature",
        "act-sign-after-number",
        "act-sign-after-log",
        "act-sign-after-row",
        "act-sign-before-commit",
        "act-sign-after-commit",
    ];
    let board = place.browser("board").await;
    for (number, point) in (1..).zip(points) {
        let ready = half_signed(&place, exam, point).await;
        let path = format!("/api/acts/{}", ready.summary.id);
        let body = json!({ "password": PASSWORD, "content": ready.content });
        dies(&place, point, "chair", &format!("{path}/sign"), &body);
        let state = act(&board.get(&path).await).summary.state;
        let expected = if point == "act-sign-after-commit" { "signed" } else { "for-signature" };
        assert_eq!(state, expected, "{point}");
        assert_eq!(problems(&place).await, Vec::<String>::new(), "{point}");
        // An ambiguous failure is simply tried again.
        let real = Real::ready(&place, None);
        let cookie = sign_in(&real, "chair");
        let again = ask(&real, "POST", &format!("{path}/sign"), &cookie, body.to_string().as_bytes()).unwrap();
        match expected {
            "signed" => assert_eq!(again.error(), "wrong-state", "{point}"),
            _ => assert_eq!(again.status, StatusCode::OK, "{point}: {}", again.text()),
        }
        real.kill();
        let now = act(&board.get(&path).await);
        assert_eq!(now.summary.state, "signed", "{point}");
        assert!(now.summary.number_text.unwrap().ends_with(&format!("-{number:04}")), "{point}");
        assert_eq!(problems(&place).await, Vec::<String>::new(), "{point}");
    }
}

#[tokio::test]
async fn the_server_dies_over_drafts_events_and_discards_and_nothing_is_half_done() {
    let (place, exam) = prepared().await;
    let reviewer = place.browser("reviewer").await;
    // A draft is there with its key, or not at all; a key without a draft opens nothing, and `check` names it.
    for point in ["act-create-after-key", "act-create-before-commit"] {
        dies(&place, point, "reviewer", "/api/acts", &new_act(exam, None));
        assert_eq!(reviewer.get("/api/acts").await.json::<invigil_wire::acts::ActList>().acts, [], "{point}");
        let orphans = problems(&place).await;
        assert_eq!(orphans.len(), 1, "{orphans:?}");
        for id in place.state.keystore.list().unwrap().into_iter().filter(|id| orphans[0].contains(&id.to_string())) {
            place.state.keystore.destroy(id).unwrap();
        }
        assert_eq!(problems(&place).await, Vec::<String>::new(), "{point}");
    }
    // An event is in the log and in the act's state, or in neither.
    let board = place.browser("board").await;
    for point in ["act-event-before-entry", "act-event-after-entry", "act-event-before-commit"] {
        let ready = half_signed(&place, exam, point).await;
        let done = act(&sign(&place.browser("chair").await, &ready).await);
        let path = format!("/api/acts/{}", done.summary.id);
        let body = json!({ "to_name": "Somebody", "to_post": "Member" });
        dies(&place, point, "board", &format!("{path}/pass-on"), &body);
        let now = act(&board.get(&path).await);
        assert_eq!((now.summary.state.as_str(), now.events.len()), ("signed", 0), "{point}");
        act(&post(&board, &format!("{path}/pass-on"), &body).await);
        assert_eq!(problems(&place).await, Vec::<String>::new(), "{point}");
    }
    // What was discarded ends at the next start at the latest.
    for point in ["act-discard-after-commit", "act-discard-after-key", "act-discard-after-file"] {
        let draft = act(&post(&reviewer, "/api/acts", &new_act(exam, None)).await);
        let sealed = super::attachments::still(&place, &draft, 1);
        assert_eq!(super::attachments::upload(&reviewer, &draft, sealed).await.status, StatusCode::CREATED);
        let path = format!("/api/acts/{}", draft.summary.id);
        dies(&place, point, "reviewer", &format!("{path}/discard"), &json!({ "note": "a mistake" }));
        Real::ready(&place, None).kill();
        assert_eq!(act(&reviewer.get(&path).await).summary.state, "discarded", "{point}");
        assert!(place.state.keystore.is_destroyed(draft.summary.id), "{point}");
        assert_eq!(std::fs::read_dir(&place.state.config.paths.attachments).unwrap().count(), 0, "{point}");
        assert_eq!(problems(&place).await, Vec::<String>::new(), "{point}");
    }
    // A file whose row was not committed goes at the next start.
    let draft = act(&post(&reviewer, "/api/acts", &new_act(exam, None)).await);
    let real = Real::ready(&place, Some("act-attachment-after-rename"));
    let cookie = sign_in(&real, "reviewer");
    let sealed = super::attachments::still(&place, &draft, 1);
    assert!(ask(&real, "POST", &format!("/api/acts/{}/attachments", draft.summary.id), &cookie, &sealed).is_none());
    real.died("act-attachment-after-rename");
    assert_eq!(std::fs::read_dir(&place.state.config.paths.attachments).unwrap().count(), 1);
    Real::ready(&place, None).kill();
    assert_eq!(std::fs::read_dir(&place.state.config.paths.attachments).unwrap().count(), 0);
    assert_eq!(upload_again(&place, &draft).await, StatusCode::CREATED);
}

#[tokio::test]
async fn the_server_dies_over_a_freeze_and_a_first_signature_and_neither_is_half_done() {
    let (place, exam) = prepared().await;
    let (reviewer, board) = (place.browser("reviewer").await, place.browser("board").await);
    let mut new = new_act(exam, None);
    new["fields"] = json!({ "student": "Aliya", "student-id": "1" });
    for (point, frozen) in [("act-for-signature-before-commit", false), ("act-for-signature-after-commit", true)] {
        let draft = act(&post(&reviewer, "/api/acts", &new).await);
        let path = format!("/api/acts/{}", draft.summary.id);
        let draft = act(&put(&reviewer, &path, &complete(&draft, "a phone")).await);
        let body = json!({ "revision": draft.revision });
        dies(&place, point, "reviewer", &format!("{path}/for-signature"), &body);
        let now = act(&reviewer.get(&path).await);
        assert_eq!((now.summary.state == "for-signature", now.content.is_some()), (frozen, frozen), "{point}");
        assert_eq!(now.fields, draft.fields, "{point}");
        assert_eq!(problems(&place).await, Vec::<String>::new(), "{point}");
        let again = post(&reviewer, &format!("{path}/for-signature"), &body).await;
        if frozen { assert_eq!(again.error(), "wrong-state") } else { assert_eq!(act(&again).summary.state, "for-signature") }
    }
    for (number, (point, given)) in
        (1..).zip([("act-sign-after-signature", 0), ("act-sign-before-commit", 0), ("act-sign-after-commit", 1)])
    {
        let ready = for_signature(&reviewer, &new, "a phone").await;
        let path = format!("/api/acts/{}", ready.summary.id);
        dies(&place, point, "board", &format!("{path}/sign"), &json!({ "password": PASSWORD, "content": ready.content }));
        let now = act(&board.get(&path).await);
        assert_eq!((now.summary.signatures, now.summary.state.as_str()), ((given, 2), "for-signature"), "{point}");
        assert_eq!(now.summary.number_text, None, "{point}");
        assert_eq!(problems(&place).await, Vec::<String>::new(), "{point}");
        let again = sign(&board, &ready).await;
        if given == 1 {
            assert_eq!(again.error(), "signed-already")
        } else {
            act(&again);
        }
        let done = act(&sign(&place.browser("chair").await, &ready).await);
        assert!(done.summary.number_text.unwrap().ends_with(&format!("-{number:04}")), "{point}");
    }
}

#[tokio::test]
async fn the_server_dies_over_a_cancellation_and_a_revocation_and_the_hold_goes_with_the_act() {
    let (place, _) = prepared().await;
    let (reviewer, board, chair) = (place.browser("reviewer").await, place.browser("board").await, place.browser("chair").await);
    let agent = place.agent().await;
    let from_ms = place.clock_ms();
    film_from(&agent, from_ms).await;
    let mut cites = new_act(agent.exam, Some(agent.recording()));
    cites["evidence"] = json!([{ "recording": agent.recording(), "from_ms": from_ms, "to_ms": from_ms + 2000 }]);
    let standing = async |view: &ActView| {
        let now = act(&board.get(&format!("/api/acts/{}", view.summary.id)).await);
        (now.summary.state, now.holds[0].state.clone(), now.summary.revoked_by.is_some())
    };
    let expected = |state: &str, hold: &str, revoked: bool| (state.to_owned(), hold.to_owned(), revoked);
    for (point, done) in
        [("act-event-before-entry", false), ("act-event-after-entry", false), ("act-event-before-commit", false), ("hold.H8", true)]
    {
        let signed = act(&sign(&chair, &act(&sign(&board, &for_signature(&reviewer, &cites, "a phone").await).await)).await);
        let path = format!("/api/acts/{}/cancel-grade", signed.summary.id);
        let body = json!({ "cancelled_ms": place.clock_ms(), "routing": "" });
        dies(&place, point, "board", &path, &body);
        let now = if done { expected("grade-cancelled", "released", false) } else { expected("signed", "pending", false) };
        assert_eq!(standing(&signed).await, now, "{point}");
        if !done {
            act(&post(&board, &path, &body).await);
        }
        release_goes_on(&place, point).await;
        assert_eq!(standing(&signed).await, expected("grade-cancelled", "released", false), "{point}");
        assert_eq!(problems(&place).await, Vec::<String>::new(), "{point}");
    }
    for (point, done) in
        [("act-sign-after-row", false), ("act-sign-before-commit", false), ("act-sign-after-commit", true), ("hold.H8", true)]
    {
        let signed = act(&sign(&chair, &act(&sign(&board, &for_signature(&reviewer, &cites, "a phone").await).await)).await);
        let mut revokes = new_act(agent.exam, Some(agent.recording()));
        revokes["refers_to"] = json!({ "act": signed.summary.id, "relation": "revokes" });
        let ready = act(&sign(&board, &for_signature(&reviewer, &revokes, "it was somebody else").await).await);
        let body = json!({ "password": PASSWORD, "content": ready.content });
        dies(&place, point, "chair", &format!("/api/acts/{}/sign", ready.summary.id), &body);
        let hold = if done { "released" } else { "pending" };
        assert_eq!(standing(&signed).await, expected("signed", hold, done), "{point}");
        if !done {
            act(&sign(&chair, &ready).await);
        }
        release_goes_on(&place, point).await;
        assert_eq!(standing(&signed).await, expected("signed", "released", true), "{point}");
        assert_eq!(problems(&place).await, Vec::<String>::new(), "{point}");
    }
}

/// What a release left to be done is done by the next start.
async fn release_goes_on(place: &Place, point: &str) {
    let real = Real::ready(place, None);
    for _ in 0..500 {
        let released = holds::Entity::find().filter(holds::Column::ReleasedMs.is_not_null()).all(&place.state.db).await.unwrap();
        if released.iter().all(|hold| hold.release_step.as_deref() == Some("H11")) {
            return real.kill();
        }
        invigil_clock::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("{point}: the release was not completed within 10 s");
}

async fn upload_again(place: &Place, draft: &ActView) -> StatusCode {
    super::attachments::upload(&place.browser("reviewer").await, draft, super::attachments::still(place, draft, 1)).await.status
}
