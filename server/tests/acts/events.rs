//! After signing: passed on, cancelled, corrected, revoked; the person's second act; the registrar's list; the page behind the QR code.

use super::{act, exam, film, new_act, new_act_citing, place, post, problems, put, sign, signed};
use axum::http::StatusCode;
use invigil_evidence::{ActEvent, EventKind};
use invigil_wire::acts::{ActRecord, Annulment};
use serde_json::json;

#[tokio::test]
async fn an_act_is_passed_on_and_the_grade_cancelled() {
    let place = place().await;
    let agent = place.agent().await;
    film(&agent).await;
    let done = signed(&place, &new_act_citing(agent.exam, agent.recording()), "a phone").await;
    let path = format!("/api/acts/{}", done.summary.id);
    let board = place.browser("board").await;
    assert!(done.may.contains(&"pass-on".to_owned()) && done.may.contains(&"cancel-grade".to_owned()));
    let to = json!({ "to_name": "Somebody Responsible", "to_post": "Member of the commission" });
    let passed = act(&post(&board, &format!("{path}/pass-on"), &to).await);
    assert_eq!((passed.summary.state.as_str(), passed.events[0].event.as_str()), ("passed-on", "passed-on"));
    assert_eq!(passed.events[0].detail["to_name"], "Somebody Responsible");
    assert_eq!(post(&board, &format!("{path}/pass-on"), &to).await.error(), "wrong-state");
    let release = post(&board, &format!("/api/holds/{}/release", passed.holds[0].id), &json!({ "note": "x" })).await;
    assert_eq!(release.status, StatusCode::CONFLICT, "the act still needs its footage");

    place.clock.advance(60_000);
    let cancel = format!("{path}/cancel-grade");
    for wrong in [place.clock_ms() + 1, place.clock_ms() - 130_000] {
        assert_eq!(post(&board, &cancel, &json!({ "cancelled_ms": wrong, "routing": "" })).await.error(), "bad-time");
    }
    let cancelled = act(&post(&board, &cancel, &json!({ "cancelled_ms": place.clock_ms(), "routing": "12-34" })).await);
    assert_eq!((cancelled.summary.state.as_str(), cancelled.summary.cancel_until_ms), ("grade-cancelled", None));
    assert_eq!(cancelled.holds[0].state, "released", "the case is closed");
    assert_eq!(post(&board, &cancel, &json!({ "cancelled_ms": place.clock_ms(), "routing": "" })).await.error(), "wrong-state");

    let record: ActRecord = board.get(&format!("{path}/statement")).await.json();
    let events: Vec<ActEvent> = record.events.iter().map(|event| event.read_by(&place.state.server_key.public()).unwrap()).collect();
    assert_eq!(events.iter().map(|event| event.event).collect::<Vec<_>>(), [EventKind::PassedOn, EventKind::GradeCancelled]);
    assert_eq!((events[0].log_previous, events[1].log_previous), (record.act.digest(), record.events[0].digest()));
    assert_eq!(events[1].by.as_ref().map(|by| (by.account.as_str(), by.post.as_str())), Some(("board", "Post of board")));
    assert_eq!(events[1].digest, record.act.digest());

    let registrar = place.browser("registrar").await;
    let rows: Vec<Annulment> = registrar.get("/api/registrar/annulments?from=2026-06-01&to=2026-06-01&format=json").await.json();
    assert_eq!(
        (rows[0].number.as_str(), rows[0].student.as_str(), rows[0].signed.as_str()),
        ("A-2026-0001", "A candidate", "2026-06-01T13:00:00+05:00")
    );
    assert_eq!((rows[0].cancelled.as_deref(), rows[0].confirmed_by.as_deref()), (Some("2026-06-01T13:01:00+05:00"), Some("Name of board")));
    assert_eq!(registrar.get("/api/registrar/annulments?from=2026-06-02&to=2026-07-01").await.json::<Vec<Annulment>>(), []);
    let csv = registrar.get("/api/registrar/annulments?from=2026-01-01&to=2026-12-31&format=csv").await;
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8; header=present");
    let text = csv.text();
    assert!(text.starts_with("\u{feff}\"number\",\"act\",\"kind\",\"student\",") && text.contains("\r\n\"A-2026-0001\","), "{text}");
    for (query, code) in [("from=x&to=2026-01-01", "bad-day"), ("from=2026-01-01&to=2026-01-02&format=xls", "bad-format")] {
        assert_eq!(registrar.get(&format!("/api/registrar/annulments?{query}")).await.error(), code);
    }
    assert_eq!(place.audit("annulments-exported").await.len(), 3);
    assert_eq!(problems(&place).await, Vec::<String>::new());
}

#[tokio::test]
async fn corrections_and_revocations_are_new_acts_that_the_old_one_shows() {
    let place = place().await;
    let agent = place.agent().await;
    film(&agent).await;
    let first = signed(&place, &new_act_citing(agent.exam, agent.recording()), "a phone").await;
    let refer = |to: &invigil_wire::acts::ActView, relation: &str| {
        let mut new = new_act(agent.exam, Some(agent.recording()));
        new["refers_to"] = json!({ "act": to.summary.id, "relation": relation });
        new
    };
    let board = place.browser("board").await;
    let page = |id: uuid::Uuid| format!("/check/{id}");
    let stranger = super::Browser { place: &place, cookie: String::new() };
    let before = stranger.get(&page(first.summary.id)).await;
    assert_eq!((before.status, before.header("content-type")), (StatusCode::OK, "text/html; charset=utf-8"));
    assert!(before.text().contains("A-2026-0001") && before.text().contains("The act stands.") && before.text().contains("Акт действует."));
    assert!(!before.text().contains("A candidate") && !before.text().contains("Name of"), "no name");
    assert!(before.header("content-security-policy").starts_with("default-src 'none'"));

    let second = signed(&place, &refer(&first, "corrects"), "a phone, at 13:07").await;
    assert_eq!(second.refers_to.as_ref().map(|r| (r.act, r.relation.as_str())), Some((first.summary.id, "corrects")));
    assert!(!second.summary.repeated, "a correction is not a second violation");
    assert!(stranger.get(&page(first.summary.id)).await.text().contains("has been corrected"));
    let old = act(&board.get(&format!("/api/acts/{}", first.summary.id)).await);
    assert_eq!(old.referred_by.iter().map(|r| (r.act, r.relation.as_str())).collect::<Vec<_>>(), [(second.summary.id, "corrects")]);

    let third = signed(&place, &refer(&first, "revokes"), "it was a calculator that is permitted").await;
    let old = act(&board.get(&format!("/api/acts/{}", first.summary.id)).await);
    assert_eq!((old.summary.state.as_str(), old.summary.revoked_by), ("signed", Some(third.summary.id)));
    assert_eq!((old.summary.cancel_until_ms, old.holds[0].state.as_str()), (None, "released"));
    assert!(!old.may.iter().any(|may| ["pass-on", "cancel-grade", "correct"].contains(&may.as_str())), "{:?}", old.may);
    let cancel = json!({ "cancelled_ms": place.clock_ms(), "routing": "" });
    assert_eq!(post(&board, &format!("/api/acts/{}/cancel-grade", first.summary.id), &cancel).await.error(), "wrong-state");
    assert_eq!(
        post(&board, &format!("/api/acts/{}/cancel-grade", third.summary.id), &cancel).await.error(),
        "wrong-state",
        "it cancels no grade"
    );
    assert!(stranger.get(&page(first.summary.id)).await.text().contains("Актінің күші жойылған."));
    assert_eq!(post(&place.browser("reviewer").await, "/api/acts", &refer(&first, "corrects")).await.error(), "bad-reference");
    let registrar = place.browser("registrar").await;
    let rows: Vec<Annulment> = registrar.get("/api/registrar/annulments?from=2026-01-01&to=2026-12-31").await.json();
    assert_eq!(
        rows.iter().map(|row| (row.number.as_str(), row.revoked_by.as_deref(), row.corrected_by.as_deref())).collect::<Vec<_>>(),
        [("A-2026-0001", Some("A-2026-0003"), Some("A-2026-0002")), ("A-2026-0002", None, None)]
    );
    assert_eq!(problems(&place).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_staff_report_and_a_revocation_hold_no_footage_once_they_are_passed_on() {
    let place = place().await;
    let agent = place.agent().await;
    film(&agent).await;
    let (board, chair) = (place.browser("board").await, place.browser("chair").await);
    let mut report = new_act_citing(agent.exam, agent.recording());
    report["kind"] = json!("staff-report");
    report["recording"] = json!(null);
    let draft = act(&post(&board, "/api/acts", &report).await);
    let path = format!("/api/acts/{}", draft.summary.id);
    let mut fields = draft.fields.clone();
    for (name, value) in [
        ("place", "Almaty"),
        ("addressee", "The Rector"),
        ("person", "Somebody"),
        ("person-post", "examiner"),
        ("discipline", "Mathematics"),
        ("window", "13:00"),
        ("violated-at", "13:00"),
        ("seen", "the tasks on the blackboard"),
        ("explanation-given", "refused"),
    ] {
        fields.entry(name.to_owned()).or_insert_with(|| value.to_owned());
    }
    let change = json!({
        "revision": draft.revision, "language": "ru", "fields": fields, "points": ["list-1-leak"], "evidence": draft.evidence, "capacity": "board-member",
        "to_sign": [{ "login": "board", "post": "Member" }, { "login": "chair", "post": "Chair" }],
    });
    let draft = act(&put(&board, &path, &change).await);
    assert_eq!(draft.problems, [], "{:?}", draft.fields);
    let ready = act(&post(&board, &format!("{path}/for-signature"), &json!({ "revision": draft.revision })).await);
    act(&sign(&board, &ready).await);
    let report = act(&sign(&chair, &ready).await);
    assert_eq!((report.summary.state.as_str(), report.holds[0].state.as_str()), ("signed", "pending"));

    let first = signed(&place, &new_act(agent.exam, Some(agent.recording())), "a phone").await;
    let mut revocation = new_act_citing(agent.exam, agent.recording());
    revocation["refers_to"] = json!({ "act": first.summary.id, "relation": "revokes" });
    let revocation = signed(&place, &revocation, "it was a calculator").await;
    assert_eq!(revocation.holds[0].state, "pending");
    for done in [report, revocation] {
        let to = json!({ "to_name": "Somebody Responsible", "to_post": "Member of the commission" });
        let passed = act(&post(&board, &format!("/api/acts/{}/pass-on", done.summary.id), &to).await);
        let hold = &passed.holds[0];
        assert_eq!((passed.summary.state.as_str(), hold.state.as_str()), ("passed-on", "released"));
        assert_eq!((hold.release_note.as_deref(), hold.released_by.as_deref()), (Some("the act was passed on"), Some("Name of board")));
    }
    assert_eq!(problems(&place).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_state_without_its_event_and_an_event_without_its_state_are_found() {
    use invigil_server::db::entities::{act_log, acts};
    use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, QueryOrder};
    let place = place().await;
    let (exam, people) = exam(&place, &[("Aliya", Some("1")), ("Dana", Some("2"))]).await;
    signed(&place, &new_act(exam, Some(people[0])), "a phone").await;
    let second = signed(&place, &new_act(exam, Some(people[1])), "a phone").await;
    let to = json!({ "to_name": "Somebody Responsible", "to_post": "Member of the commission" });
    act(&post(&place.browser("board").await, &format!("/api/acts/{}/pass-on", second.summary.id), &to).await);
    assert_eq!(problems(&place).await, Vec::<String>::new());
    let db = &place.state.db;
    let rows = acts::Entity::find().order_by_asc(acts::Column::Id).all(db).await.unwrap();
    for (row, states) in [(&rows[0], ["passed-on", "grade-cancelled"]), (&rows[1], ["signed", "grade-cancelled"])] {
        let set = async |state: &str| {
            acts::ActiveModel { id: Set(row.id), state: Set(state.to_owned()), ..Default::default() }.update(db).await.unwrap();
        };
        for state in states {
            set(state).await;
            let found = problems(&place).await;
            assert!(found.iter().any(|problem| problem.starts_with(&format!("act:{}: its state is {state}, but", row.uuid))), "{found:?}");
        }
        set(&row.state).await;
    }
    // The event is said to be the other act's.
    let entry = act_log::Entity::find().order_by_desc(act_log::Column::Entry).one(db).await.unwrap().unwrap();
    act_log::ActiveModel { id: Set(entry.id), act_id: Set(rows[0].id), ..Default::default() }.update(db).await.unwrap();
    let found = problems(&place).await;
    assert!(found.iter().any(|problem| problem.contains("the statement is of another act")), "{found:?}");
}

#[tokio::test]
async fn an_event_of_another_statement_and_a_document_that_the_log_does_not_name_are_found() {
    use invigil_evidence::{Act, ActEvent, EventKind};
    use invigil_format::{Digest, Statement, digest};
    use invigil_server::acts::log;
    use invigil_server::db::entities::{act_documents, acts};
    use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait};
    let place = place().await;
    let (exam, people) = exam(&place, &[("Aliya", Some("1"))]).await;
    signed(&place, &new_act(exam, Some(people[0])), "a phone").await;
    let db = &place.state.db;
    let row = acts::Entity::find().one(db).await.unwrap().unwrap();
    let document = async |language: &str, pdf: &[u8]| {
        let row = act_documents::ActiveModel {
            act_id: Set(row.id),
            language: Set(language.to_owned()),
            digest: Set(digest(pdf).to_string()),
            size_bytes: Set(i64::try_from(pdf.len()).unwrap()),
            pdf: Set(pdf.to_vec()),
            created_ms: Set(place.clock_ms()),
            ..Default::default()
        };
        row.insert(db).await.unwrap()
    };
    let enter = async |language: &str, pdf: &[u8]| {
        let detail = [("language", language.to_owned()), ("digest", digest(pdf).to_string()), ("size_bytes", pdf.len().to_string())];
        let detail = detail.map(|(name, value)| (name.to_owned(), value)).into();
        log::event(&place.state, db, &row, EventKind::Document, None, place.clock_ms(), detail).await.unwrap();
    };
    let said = |what: &str| vec![format!("act:{}: its document in kk{what}", row.uuid)];
    enter("kk", b"%PDF one").await;
    assert_eq!(problems(&place).await, said(", which the log of acts names, is missing"));
    let kept = document("kk", b"%PDF one").await;
    assert_eq!(problems(&place).await, Vec::<String>::new());
    // Row and bytes go together, but they are not what was entered.
    let other = act_documents::ActiveModel {
        id: Set(kept.id),
        digest: Set(digest(b"%PDF two").to_string()),
        pdf: Set(b"%PDF two".to_vec()),
        ..Default::default()
    };
    other.update(db).await.unwrap();
    assert_eq!(problems(&place).await, said(" is not the one that the log of acts names"));
    enter("kk", b"%PDF two").await;
    assert_eq!(problems(&place).await, Vec::<String>::new(), "the last event counts");
    let stray = document("en", b"%PDF three").await;
    assert_eq!(problems(&place).await, [format!("act:{}: its document in en stands in no entry of the log of acts", row.uuid)]);
    act_documents::Entity::delete_by_id(stray.id).exec(db).await.unwrap();

    let statement = Statement::from_json(row.statement.as_deref().unwrap().as_bytes()).unwrap();
    let (at, signed): (_, Act) = (log::next(db).await.unwrap(), statement.read().unwrap());
    let event = ActEvent {
        institution: place.state.institution,
        act: signed.act,
        digest: Digest([7; 32]),
        event: EventKind::Bundle,
        by: None,
        at_ms: place.clock_ms(),
        detail: std::collections::BTreeMap::new(),
        log_index: at.index,
        log_previous: at.previous,
    };
    let event = place.state.server_key.state(&event).unwrap();
    log::enter(db, row.id, "bundle", at, &event, place.clock_ms()).await.unwrap();
    let found = problems(&place).await;
    assert_eq!(found, [format!("act-log:{}: it names another statement of its act than was signed", at.index)]);
}

#[tokio::test]
async fn a_second_act_for_the_same_person_goes_to_the_ethics_council() {
    let place = place().await;
    let (exam, people) =
        exam(&place, &[("Aliya Sultanova", Some("22B1")), ("Dana", Some("22B2")), ("Aliya Sultanova", Some("22B3"))]).await;
    let first = signed(&place, &new_act(exam, Some(people[0])), "a phone").await;
    let namesake = signed(&place, &new_act(exam, Some(people[2])), "a phone").await;
    assert!(!first.summary.repeated && !namesake.summary.repeated, "another person of that name has another id");
    place.clock.advance(7 * 86_400_000);
    // Another exam, in which she is recorded under a shorter name.
    let (later, again) = super::exam(&place, &[("A. Sultanova", Some("22b1"))]).await;
    let reviewer = place.browser("reviewer").await;
    let draft = act(&post(&reviewer, "/api/acts", &new_act(later, Some(again[0]))).await);
    assert!(draft.summary.repeated && draft.earlier == [first.summary.id], "{:?}", draft.earlier);
    let second = signed(&place, &new_act(later, Some(again[0])), "a watch").await;
    assert!(second.summary.repeated && second.earlier == [first.summary.id]);
    let old = act(&reviewer.get(&format!("/api/acts/{}", first.summary.id)).await);
    assert!(!old.summary.repeated && old.earlier.is_empty(), "the first was the first");
}

#[tokio::test]
async fn drafts_and_unknown_acts_have_no_page() {
    let place = place().await;
    let (exam, people) = exam(&place, &[("Aliya", None)]).await;
    let draft = act(&post(&place.browser("reviewer").await, "/api/acts", &new_act(exam, Some(people[0]))).await);
    let stranger = super::Browser { place: &place, cookie: String::new() };
    for id in [draft.summary.id.to_string(), uuid::Uuid::nil().to_string(), "x".into()] {
        let page = stranger.get(&format!("/check/{id}")).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND);
        assert!(page.text().contains("Мұндай") || page.text().contains("мұндай"), "{}", page.text());
    }
}
