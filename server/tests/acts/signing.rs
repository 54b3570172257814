//! Signatures: own account, own password, exactly this content; the last one makes the act, once.

use super::{Browser, act, exam, for_signature, in_database, new_act, new_act_citing, place, post, problems, put, sign, signed};
use axum::http::StatusCode;
use invigil_evidence::Act;
use invigil_format::Digest;
use invigil_server::db::entities::acts;
use invigil_wire::acts::{ActRecord, ActView};
use sea_orm::EntityTrait;
use serde_json::{Value, json};

#[tokio::test]
async fn two_sign_and_the_act_stands() {
    let place = place().await;
    let agent = place.agent().await;
    let footage = super::film(&agent).await;
    let reviewer = place.browser("reviewer").await;
    let ready = for_signature(&reviewer, &new_act_citing(agent.exam, agent.recording()), "a phone under the desk").await;
    let path = format!("/api/acts/{}", ready.summary.id);
    let (board, chair) = (place.browser("board").await, place.browser("chair").await);

    let wrong = json!({ "password": "not the password", "content": ready.content });
    let answer = post(&board, &format!("{path}/sign"), &wrong).await;
    assert_eq!((answer.status, answer.error().as_str()), (StatusCode::FORBIDDEN, "wrong-password"));
    let other = json!({ "password": super::PASSWORD, "content": Digest([1; 32]) });
    assert_eq!(post(&board, &format!("{path}/sign"), &other).await.error(), "content-changed");
    assert_eq!(sign(&reviewer, &ready).await.error(), "forbidden");
    assert_eq!(reviewer.get(&format!("{path}/statement")).await.error(), "wrong-state");

    let half = act(&sign(&board, &ready).await);
    assert_eq!((half.summary.state.as_str(), half.summary.signatures), ("for-signature", (1, 2)));
    assert_eq!(sign(&board, &ready).await.error(), "signed-already");
    let done = act(&sign(&chair, &ready).await);
    assert_eq!((done.summary.state.as_str(), done.summary.number_text.as_deref()), ("signed", Some("A-2026-0001")));
    assert_eq!(done.summary.cancel_until.as_deref(), Some("2026-07-01T13:30:00+05:00"));
    assert!(!in_database(&place, "not the password"));

    let record: ActRecord = chair.get(&format!("{path}/statement")).await.json();
    let signed: Act = record.act.read_by(&place.state.server_key.public()).unwrap();
    assert_eq!(Some(signed.content().digest()), ready.content);
    assert_eq!(
        signed.signatories.iter().map(|s| (s.account.as_str(), s.post.as_str(), s.content)).collect::<Vec<_>>(),
        [("board", "Member", ready.content.unwrap()), ("chair", "Chair", ready.content.unwrap())]
    );
    assert_eq!((signed.number, signed.year, signed.log_index, signed.repeated), (1, 2026, 0, false));
    assert_eq!(signed.fields["seen"], "a phone under the desk");
    let cited = &signed.evidence[0].segments[0];
    assert_eq!((cited.digest, cited.size_bytes), (invigil_format::digest(&footage), footage.len() as u64));
    assert_eq!(signed.evidence[0].runs[0].device, agent.device.public());
    let row = acts::Entity::find().one(&place.state.db).await.unwrap().unwrap();
    assert_eq!(row.sealed, None, "the sealed draft is gone");
    for (who, again) in [(&chair, sign(&chair, &ready).await), (&board, sign(&board, &ready).await)] {
        assert_eq!(again.error(), "wrong-state", "{}", who.cookie.len());
    }
    assert_eq!(post(&board, &format!("{path}/back-to-draft"), &json!({ "note": "x" })).await.error(), "wrong-state");
    assert_eq!(place.audit("act-signed").await.len(), 2);
    assert_eq!(place.audit("act-complete").await.len(), 1);
    assert_eq!(problems(&place).await, Vec::<String>::new());
}

#[tokio::test]
async fn one_person_signs_once_from_however_many_tabs() {
    let place = place().await;
    let (exam, people) = exam(&place, &[("Aliya", Some("1"))]).await;
    let ready = for_signature(&place.browser("reviewer").await, &new_act(exam, Some(people[0])), "a phone").await;
    // A signature among others, and the last one.
    for (login, given) in [("board", 1), ("chair", 2)] {
        let tabs = [place.browser(login).await, place.browser(login).await];
        let answers = futures_util::future::join_all(tabs.iter().map(|tab| sign(tab, &ready))).await;
        let mut said: Vec<(u16, String)> = answers
            .iter()
            .map(|answer| (answer.status.as_u16(), if answer.status == StatusCode::OK { String::new() } else { answer.error() }))
            .collect();
        said.sort();
        assert_eq!(said, [(200, String::new()), (409, "signed-already".to_owned())], "{login}");
        assert_eq!(place.audit("act-signed").await.len(), given, "{login}");
    }
    assert_eq!(place.audit("act-complete").await.len(), 1);
    assert_eq!(problems(&place).await, Vec::<String>::new());
}

#[tokio::test]
async fn an_act_that_was_closed_long_ago_keeps_the_day_when_it_is_revoked_or_corrected() {
    let place = place().await;
    let (exam, people) = exam(&place, &[("Aliya", Some("1"))]).await;
    let closed = async |act: &ActView| {
        let all = acts::Entity::find().all(&place.state.db).await.unwrap();
        all.into_iter().find(|row| row.uuid == act.summary.id.to_string()).unwrap().closed_ms
    };
    for relation in ["revokes", "corrects"] {
        let first = signed(&place, &new_act(exam, Some(people[0])), "a phone").await;
        assert_eq!(closed(&first).await, None);
        let cancel = json!({ "cancelled_ms": place.clock_ms(), "routing": "" });
        act(&post(&place.browser("board").await, &format!("/api/acts/{}/cancel-grade", first.summary.id), &cancel).await);
        let closed_ms = place.clock_ms();
        place.clock.advance(60_000);
        let mut new = new_act(exam, Some(people[0]));
        new["refers_to"] = json!({ "act": first.summary.id, "relation": relation });
        signed(&place, &new, "it was a calculator").await;
        assert_eq!(closed(&first).await, Some(closed_ms), "{relation}");
    }
    assert_eq!(problems(&place).await, Vec::<String>::new());
}

/// An act on masked borrowings, of another series, that only lacks its signatures.
async fn masked(reviewer: &Browser<'_>, mut new: Value) -> ActView {
    new["kind"] = json!("masked-borrowings");
    let draft = act(&post(reviewer, "/api/acts", &new).await);
    let mut fields = draft.fields.clone();
    for (name, value) in
        [("place", "Almaty"), ("document-kind", "essay"), ("seen", "letters of another alphabet"), ("explanation-given", "refused")]
    {
        fields.insert(name.into(), value.into());
    }
    let to_sign = json!([{ "login": "board", "post": "Member" }, { "login": "chair", "post": "Chair" }]);
    let change = json!({
        "revision": draft.revision, "language": "ru", "fields": fields, "points": ["10.5-masked"], "evidence": [], "capacity": "examiner", "to_sign": to_sign,
    });
    let path = format!("/api/acts/{}", draft.summary.id);
    let draft = act(&put(reviewer, &path, &change).await);
    assert_eq!(draft.problems, [], "{:?}", draft.fields);
    act(&post(reviewer, &format!("{path}/for-signature"), &json!({ "revision": draft.revision })).await)
}

#[tokio::test]
async fn last_signatures_at_once_are_numbered_without_gap_or_double() {
    let place = place().await;
    let people: Vec<(String, String)> = (0..6).map(|n| (format!("Candidate {n}"), format!("22B{n}"))).collect();
    let seats: Vec<(&str, Option<&str>)> = people.iter().map(|(name, id)| (name.as_str(), Some(id.as_str()))).collect();
    let (exam, recordings) = exam(&place, &seats).await;
    let reviewer = place.browser("reviewer").await;
    let (board, chair) = (place.browser("board").await, place.browser("chair").await);
    let mut ready = Vec::new();
    for (place, recording) in recordings.iter().enumerate() {
        let new = new_act(exam, Some(*recording));
        ready.push(if place == 5 { masked(&reviewer, new).await } else { for_signature(&reviewer, &new, "a phone").await });
    }
    // Both signatures of all acts at once: for each act one of the two is the last.
    let all = ready.iter().flat_map(|view| [sign(&board, view), sign(&chair, view)]);
    let answers = futures_util::future::join_all(all).await;
    assert!(
        answers.iter().all(|answer| answer.status == StatusCode::OK),
        "{:?}",
        answers.iter().map(super::Answer::text).collect::<Vec<_>>()
    );
    let mut numbers = Vec::new();
    for view in &ready {
        let now = act(&board.get(&format!("/api/acts/{}", view.summary.id)).await);
        assert_eq!(now.summary.state, "signed");
        numbers.push(now.summary.number_text.unwrap());
    }
    numbers.sort();
    assert_eq!(numbers, ["A-2026-0001", "A-2026-0002", "A-2026-0003", "A-2026-0004", "A-2026-0005", "M-2026-0001"]);
    assert_eq!(problems(&place).await, Vec::<String>::new());
}

#[tokio::test]
async fn every_year_begins_with_one_by_the_universitys_calendar() {
    // 31 December, 23:58 in Almaty; in UTC the year lasts five hours longer.
    let start = 1_798_743_480_000;
    let place = super::Place::at(start).await;
    super::staff(&place).await;
    let (exam, people) = exam(&place, &[("Aliya", Some("1")), ("Dana", Some("2"))]).await;
    let old = signed(&place, &new_act(exam, Some(people[0])), "a phone").await;
    place.clock.advance(3 * 60_000);
    let new = signed(&place, &new_act(exam, Some(people[1])), "a phone").await;
    assert_eq!(old.summary.number_text.as_deref(), Some("A-2026-0001"));
    assert_eq!(new.summary.number_text.as_deref(), Some("A-2027-0001"));
    assert_eq!(problems(&place).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_changed_log_is_found() {
    use invigil_server::db::entities::{act_log, acts};
    use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel};
    let place = place().await;
    let (exam, people) = exam(&place, &[("Aliya", Some("1")), ("Dana", Some("2")), ("Timur", Some("3"))]).await;
    for person in &people {
        signed(&place, &new_act(exam, Some(*person)), "a phone").await;
    }
    let db = &place.state.db;
    assert_eq!(problems(&place).await, Vec::<String>::new());
    let entries = act_log::Entity::find().all(db).await.unwrap();
    // A name in the statement.
    let mut altered = entries[1].clone().into_active_model();
    altered.statement = Set(entries[1].statement.replace("Dana", "Aida"));
    altered.update(db).await.unwrap();
    let found = problems(&place).await;
    assert!(found.iter().any(|problem| problem.starts_with("act-log:1: ") && problem.contains("altered")), "{found:?}");
    let back = act_log::ActiveModel { id: Set(entries[1].id), statement: Set(entries[1].statement.clone()), ..Default::default() };
    back.update(db).await.unwrap();
    assert_eq!(problems(&place).await, Vec::<String>::new());
    // The act's row.
    let row = acts::Entity::find_by_id(2).one(db).await.unwrap().unwrap();
    let altered = acts::ActiveModel { id: Set(2), number: Set(Some(7)), ..Default::default() };
    altered.update(db).await.unwrap();
    assert!(problems(&place).await.iter().any(|problem| problem.contains("is not the one that was signed")));
    acts::ActiveModel { id: Set(2), number: Set(row.number), ..Default::default() }.update(db).await.unwrap();
    // An entry taken out.
    act_log::Entity::delete_by_id(entries[1].id).exec(db).await.unwrap();
    let found = problems(&place).await;
    for expected in ["is missing", "expected 2 in the series", "does not follow", "has no entry for it"] {
        assert!(found.iter().any(|problem| problem.contains(expected)), "{expected}: {found:?}");
    }
}
