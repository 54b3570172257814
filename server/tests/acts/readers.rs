//! Who sees what: reports on staff, the teacher on duty, the registrar, forms, accounts, the audit log.

use super::{act, complete, exam, new_act, new_act_citing, place, post, put, signed};
use axum::http::StatusCode;
use invigil_wire::acts::{ActList, Person};
use invigil_wire::holds::HoldView;
use invigil_wire::review::{ExamView, RecordingView};
use serde_json::{Value, json};
use std::collections::BTreeSet;

#[tokio::test]
async fn reports_on_staff_are_for_their_own_readers() {
    let place = place().await;
    let (exam, _) = exam(&place, &[("Aliya", Some("1"))]).await;
    let board = place.browser("board").await;
    let mut new = new_act(exam, None);
    new["kind"] = json!("staff-report");
    let report = act(&post(&board, "/api/acts", &new).await);
    assert_eq!((report.summary.subject.as_deref(), report.summary.cancel_until_ms), (None, None));
    for login in ["reviewer", "registrar", "duty", "admin"] {
        let other = place.browser(login).await;
        assert_eq!(other.get(&format!("/api/acts/{}", report.summary.id)).await.status, StatusCode::NOT_FOUND, "{login}");
        assert_eq!(other.get("/api/acts").await.json::<ActList>().acts, [], "{login}");
        assert_eq!(post(&other, "/api/acts", &new).await.error(), "forbidden", "{login}");
        let kinds: Vec<Value> = other.get("/api/forms").await.json();
        assert!(!kinds.iter().any(|form| form["kind"] == "staff-report") && !kinds.is_empty(), "{login}");
    }
    assert_eq!(place.browser("chair").await.get("/api/acts").await.json::<ActList>().acts.len(), 1);
    let mut with_student = new.clone();
    with_student["recording"] = json!(exam);
    assert_eq!(post(&board, "/api/acts", &with_student).await.error(), "bad-recording");
}

#[tokio::test]
async fn the_list_of_holds_says_no_more_of_an_act_than_its_readers_may_know() {
    let place = place().await;
    let agent = place.agent().await;
    let (board, reviewer) = (place.browser("board").await, place.browser("reviewer").await);
    let mut new = new_act_citing(agent.exam, agent.recording());
    let draft = act(&post(&reviewer, "/api/acts", &new).await);
    new["kind"] = json!("staff-report");
    new["recording"] = json!(null);
    let report = act(&post(&board, "/api/acts", &new).await);
    let who = draft.holds[0].who.clone();
    assert!(!who.is_empty());
    let rows = async |login: &str| {
        let holds: Vec<HoldView> = place.browser(login).await.get("/api/holds").await.json();
        holds.into_iter().map(|hold| (hold.who, hold.act, hold.opened_by, hold.reason)).collect::<Vec<_>>()
    };
    let row = |who: &str, act: Option<uuid::Uuid>, by: &str| (who.to_owned(), act, by.to_owned(), "act".to_owned());
    let (of_report, of_draft) =
        (row(&who, Some(report.summary.id), "Name of board"), row(&who, Some(draft.summary.id), "Name of reviewer"));
    assert_eq!(rows("board").await, [of_report.clone(), of_draft.clone()]);
    let hidden = row("", None, "");
    for login in ["reviewer", "admin"] {
        assert_eq!(rows(login).await, [hidden.clone(), of_draft.clone()], "{login}");
    }
    for login in ["registrar", "duty", "auditor"] {
        assert_eq!(place.browser(login).await.get("/api/holds").await.status, StatusCode::FORBIDDEN, "{login}");
    }
    // Nobody is told whom a discarded act concerned.
    act(&post(&reviewer, &format!("/api/acts/{}/discard", draft.summary.id), &json!({ "note": "a mistake" })).await);
    let discarded = row("", Some(draft.summary.id), "Name of reviewer");
    for login in ["board", "reviewer"] {
        assert_eq!(rows(login).await[1], discarded, "{login}");
    }
}

#[tokio::test]
async fn the_teacher_on_duty_draws_up_an_act_on_the_spot_and_sees_no_other() {
    let place = place().await;
    let (running, people) = exam(&place, &[("Aliya", Some("1"))]).await;
    place.clock.advance(3 * 86_400_000);
    let (now, today) = exam(&place, &[("Dana", Some("2"))]).await;
    let duty = place.browser("duty").await;
    let exams: Vec<ExamView> = duty.get("/api/exams").await.json();
    assert_eq!(exams.iter().map(|exam| exam.id).collect::<Vec<_>>(), [now]);
    let recordings: Vec<RecordingView> = duty.get(&format!("/api/exams/{now}/recordings")).await.json();
    assert_eq!((recordings[0].id, recordings[0].who.as_str(), recordings[0].finding.kind.as_str()), (today[0], "Dana", "none"));
    assert_eq!(duty.get(&format!("/api/exams/{running}/recordings")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(duty.get(&format!("/api/recordings/{}", today[0])).await.status, StatusCode::FORBIDDEN);
    assert_eq!(post(&duty, "/api/acts", &new_act(running, Some(people[0]))).await.status, StatusCode::NOT_FOUND);

    let mut new = new_act(now, Some(today[0]));
    new["evidence"] = json!([{ "recording": today[0], "from_ms": place.clock_ms(), "to_ms": place.clock_ms() + 1000 }]);
    assert_eq!(post(&duty, "/api/acts", &new).await.error(), "forbidden", "footage is for those who may see it");
    let draft = act(&post(&duty, "/api/acts", &new_act(now, Some(today[0]))).await);
    assert_eq!(draft.drawn_up_by, "Name of duty");
    // IT staff add the footage; the teacher goes on writing and leaves it as it is.
    let reviewer = place.browser("reviewer").await;
    let path = format!("/api/acts/{}", draft.summary.id);
    let mut change = complete(&draft, "a phone");
    change["evidence"] = new["evidence"].clone();
    let cited = act(&put(&reviewer, &path, &change).await);
    assert_eq!(cited.holds.len(), 1);
    let mut more = complete(&cited, "a phone, in the left hand");
    let written = act(&put(&duty, &path, &more).await);
    assert_eq!((written.evidence.len(), written.fields["seen"].as_str()), (1, "a phone, in the left hand"));
    more["revision"] = json!(written.revision);
    more["evidence"] = json!([]);
    assert_eq!(put(&duty, &path, &more).await.error(), "forbidden");
    // Others' drafts are not theirs.
    let other = act(&post(&reviewer, "/api/acts", &new_act(now, Some(today[0]))).await);
    assert_eq!(duty.get(&format!("/api/acts/{}", other.summary.id)).await.status, StatusCode::NOT_FOUND);
    assert_eq!(duty.get("/api/acts").await.json::<ActList>().acts.len(), 1);
    // The registrar reads what is signed.
    let registrar = place.browser("registrar").await;
    assert_eq!(registrar.get("/api/acts").await.json::<ActList>().acts, []);
    let done = signed(&place, &new_act(now, Some(today[0])), "a phone").await;
    assert_eq!(act(&registrar.get(&format!("/api/acts/{}", done.summary.id)).await).may, Vec::<String>::new());
}

#[tokio::test]
async fn people_and_the_audit_log_are_for_those_who_need_them() {
    let place = place().await;
    let people: Vec<Person> = place.browser("reviewer").await.get("/api/accounts").await.json();
    let chair = people.iter().find(|person| person.login == "chair").unwrap();
    assert_eq!((chair.name.as_str(), chair.post.as_str(), chair.role.as_str()), ("Name of chair", "Post of chair", "board"));
    // Those who can be named to sign: nobody else's login.
    let logins: BTreeSet<&str> = people.iter().map(|person| person.login.as_str()).collect();
    assert_eq!(logins, BTreeSet::from(["board", "chair", "duty"]));
    let auditor = place.browser("auditor").await;
    let log: Vec<Value> = auditor.get("/api/audit").await.json();
    assert!(log.len() > 6 && log[0]["id"] == 1 && log[0]["detail"].is_object(), "{log:?}");
    let rest: Vec<Value> = auditor.get(&format!("/api/audit?after={}", log[log.len() - 2]["id"])).await.json();
    assert_eq!(rest, log[log.len() - 1..]);
    assert_eq!(auditor.get("/api/forms").await.json::<Vec<Value>>(), Vec::<Value>::new());
    for path in ["/api/exams", "/api/acts", "/api/accounts", "/api/holds", "/api/registrar/annulments?from=2026-01-01&to=2026-01-01"] {
        assert_eq!(auditor.get(path).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    // An admin who holds a review key drafts as a reviewer does.
    let (exam, people) = exam(&place, &[("Aliya", Some("1"))]).await;
    act(&post(&place.browser("admin").await, "/api/acts", &new_act(exam, Some(people[0]))).await);
    place.add_account("keyless", invigil_server::staff::Role::Admin).await;
    assert_eq!(post(&place.browser("keyless").await, "/api/acts", &new_act(exam, Some(people[0]))).await.error(), "forbidden");
}

#[cfg(feature = "documents")]
#[tokio::test]
async fn a_document_is_made_once_and_named_in_the_log_and_a_drafts_says_that_it_is_one() {
    let place = place().await;
    let (exam, people) = exam(&place, &[("Aliya", Some("1"))]).await;
    let reviewer = place.browser("reviewer").await;
    let draft = act(&post(&reviewer, "/api/acts", &new_act(exam, Some(people[0]))).await);
    let pdf = reviewer.get(&format!("/api/acts/{}/pdf?language=kk", draft.summary.id)).await;
    assert_eq!((pdf.status, pdf.header("content-type")), (StatusCode::OK, "application/pdf"));
    assert!(pdf.body.starts_with(b"%PDF-") && act(&reviewer.get(&format!("/api/acts/{}", draft.summary.id)).await).events.is_empty());
    let done = signed(&place, &new_act(exam, Some(people[0])), "a phone").await;
    let path = format!("/api/acts/{}", done.summary.id);
    let asked = format!("{path}/pdf?language=ru");
    let answers = futures_util::future::join_all((0..3).map(|_| reviewer.get(&asked))).await;
    assert!(answers.iter().all(|answer| answer.status == StatusCode::OK && answer.body == answers[0].body));
    assert_eq!(answers[0].header("content-disposition"), "inline; filename=\"act.pdf\"; filename*=UTF-8''A-2026-0001-ru.pdf");
    place.clock.advance(1000);
    assert_eq!(reviewer.get(&asked).await.body, answers[0].body);
    let events = act(&reviewer.get(&path).await).events;
    assert_eq!(events.len(), 1);
    assert_eq!(
        (events[0].event.as_str(), events[0].detail["digest"].as_str()),
        ("document", invigil_format::digest(&answers[0].body).to_string().as_str())
    );
    assert_eq!(reviewer.get(&format!("{path}/pdf?language=de")).await.error(), "bad-language");
    let stranger = super::Browser { place: &place, cookie: String::new() };
    for (name, bytes) in invigil_documents::fonts() {
        let font = stranger.get(&format!("/fonts/{name}")).await;
        assert_eq!(
            (font.status, font.body.as_slice(), font.header("cache-control")),
            (StatusCode::OK, *bytes, "public, max-age=31536000, immutable")
        );
    }
    assert_eq!(stranger.get("/fonts/none.otf").await.status, StatusCode::NOT_FOUND);
    assert_eq!(super::problems(&place).await, Vec::<String>::new());
}
