//! Drafts: prefilled, held, locked against each other, and gone when they are discarded.

use super::support::{HOUR_MS, START_MS};
use super::{act, complete, exam, film, for_signature, in_database, new_act, new_act_citing, place, post, problems, put};
use axum::http::StatusCode;
use invigil_server::candidates;
use invigil_server::db::entities::{act_signatories, acts};
use invigil_server::exams::{self, NewExam, NewSeat};
use invigil_wire::acts::ActList;
use sea_orm::EntityTrait;
use serde_json::json;

#[tokio::test]
async fn what_the_university_gave_of_exam_and_candidate_stands_in_a_new_draft() {
    let place = place().await;
    let now = place.clock_ms();
    let list = "name;id;room;seat;programme;course;attempt\r\nСұлтанова Әлия;22B030001;305;12;Информатика;2;1\r\n";
    let mut seats = candidates::parse(list.as_bytes()).unwrap();
    seats.push(NewSeat::room("Hall 1"));
    let new = NewExam {
        title: "Mathematics 1".into(),
        discipline: "Mathematics".into(),
        form: Some("письменный".into()),
        platform: Some("Univer".into()),
        invigilator: Some("Teacher on duty".into()),
        starts_ms: now - HOUR_MS,
        ends_ms: now,
        policy: "kaznu".into(),
        seats,
        ..NewExam::default()
    };
    let added = exams::add(&place.state, &new).await.unwrap();
    let reviewer = place.browser("reviewer").await;
    let fields = ["student", "student-id", "room", "seat", "platform", "exam-form", "invigilator", "programme", "course", "attempt"];
    let [candidate, room] = [0, 1].map(|seat| new_act(added.exam, Some(added.joins[seat].recording)));
    let draft = act(&post(&reviewer, "/api/acts", &candidate).await);
    assert_eq!(
        fields.map(|name| draft.fields.get(name).map_or("", String::as_str)),
        ["Сұлтанова Әлия", "22B030001", "305", "12", "Univer", "письменный", "Teacher on duty", "Информатика", "2", "1"]
    );
    // A room's recording is of nobody in particular.
    let draft = act(&post(&reviewer, "/api/acts", &room).await);
    assert_eq!(
        fields.map(|name| draft.fields.get(name).map_or("", String::as_str)),
        ["", "", "Hall 1", "", "Univer", "письменный", "Teacher on duty", "", "", ""]
    );
}

#[tokio::test]
async fn a_draft_is_prefilled_and_what_it_cites_is_held_at_once() {
    let place = place().await;
    let agent = place.agent().await;
    film(&agent).await;
    let reviewer = place.browser("reviewer").await;
    let mut new = new_act_citing(agent.exam, agent.recording());
    new["fields"] = json!({ "examiner": "Somebody else" });
    let draft = act(&post(&reviewer, "/api/acts", &new).await);
    let field = |name: &str| draft.fields.get(name).map_or("", String::as_str);
    assert_eq!((field("student"), field("discipline"), field("examiner")), ("A candidate", "Mathematics", "Somebody else"));
    assert_eq!(field("window"), "01.06.2026 12:30–13:30 (UTC+05:00)");
    assert_eq!(field("violated-at"), "01.06.2026 13:00:00–13:00:02 (UTC+05:00)");
    assert_eq!((draft.summary.state.as_str(), draft.revision, draft.recording), ("draft", 1, Some(agent.recording())));
    assert_eq!(draft.summary.subject.as_deref(), Some("A candidate"));
    let hold = &draft.holds[0];
    assert_eq!((hold.state.as_str(), hold.reason.as_str(), hold.act, hold.segments), ("pending", "act", Some(draft.summary.id), 1));
    assert_eq!(draft.summary.cancel_until.as_deref(), Some("2026-07-01T13:30:00+05:00"));
    assert_eq!(draft.summary.cancel_rule.as_deref(), Some("KazNU 1.19"));
    assert_eq!(draft.review.len(), 1);
    assert!(draft.problems.iter().any(|p| (p.field.as_str(), p.problem.as_str()) == ("seen", "missing")), "{:?}", draft.problems);
    for expected in ["edit", "attach", "discard", "for-signature"] {
        assert!(draft.may.iter().any(|may| may == expected), "{expected}");
    }
    assert!(
        !draft.may.iter().any(|may| ["sign", "pass-on", "cancel-grade", "correct", "bundle"].contains(&may.as_str())),
        "{:?}",
        draft.may
    );

    // Nothing is known of room, platform and the like where nobody gave it.
    assert_eq!(["room", "seat", "platform", "exam-form", "invigilator", "programme", "course", "attempt"].map(field), [""; 8]);

    // Dropping what is cited releases its hold, and citing something new holds that.
    let path = format!("/api/acts/{}", draft.summary.id);
    let mut change = complete(&draft, "a phone");
    change["evidence"] = json!([]);
    let without = act(&put(&reviewer, &path, &change).await);
    assert_eq!((without.evidence.len(), without.holds[0].state.as_str()), (0, "released"));
    let mut change = complete(&without, "a phone");
    change["evidence"] = new["evidence"].clone();
    let again = act(&put(&reviewer, &path, &change).await);
    assert_eq!((again.evidence.len(), again.holds.len(), again.holds[1].state.as_str()), (1, 2, "pending"));
    assert_eq!(again.problems, []);
    assert_eq!(problems(&place).await, Vec::<String>::new());

    // What is not there cannot be cited.
    for (evidence, code) in [
        (json!([{ "recording": agent.recording(), "from_ms": 10, "to_ms": 10 }]), "bad-evidence"),
        (json!([{ "recording": agent.recording(), "from_ms": 0, "to_ms": 7_200_001 }]), "bad-evidence"),
        (json!([{ "recording": "00000000-0000-4000-8000-000000000000", "from_ms": 0, "to_ms": 10 }]), "bad-evidence"),
    ] {
        let mut new = new.clone();
        new["evidence"] = evidence;
        assert_eq!(post(&reviewer, "/api/acts", &new).await.error(), code);
    }
    for (member, value, code) in [
        ("kind", json!("nothing"), "unknown-kind"),
        ("language", json!("de"), "bad-language"),
        ("points", json!(["9.9"]), "unknown"),
        ("fields", json!({ "colour": "red" }), "unknown"),
        ("refers_to", json!({ "act": draft.summary.id, "relation": "corrects" }), "bad-reference"),
    ] {
        let mut new = new.clone();
        new[member] = value;
        assert_eq!(post(&reviewer, "/api/acts", &new).await.error(), code, "{member}");
    }
}

/// K1: a key is made for what is committed, and for nothing that was refused.
#[tokio::test]
async fn a_draft_that_is_refused_leaves_no_key_behind() {
    let place = place().await;
    // Without KazNU 1.19 the hold is what refuses.
    let agent = place.agent_of("kbtu").await;
    film(&agent).await;
    let reviewer = place.browser("reviewer").await;
    let far = json!([{ "recording": agent.recording(), "from_ms": i64::MAX - 1000, "to_ms": i64::MAX }]);
    let wide = json!([{ "recording": agent.recording(), "from_ms": i64::MIN, "to_ms": i64::MAX }]);
    let before = place.state.keystore.list().unwrap();
    for (evidence, code) in [(far, "bad-evidence"), (wide, "bad-evidence")] {
        let mut new = new_act(agent.exam, Some(agent.recording()));
        new["evidence"] = evidence;
        assert_eq!(post(&reviewer, "/api/acts", &new).await.error(), code);
    }
    let cites = new_act_citing(agent.exam, agent.recording());
    let kept = act(&post(&reviewer, "/api/acts", &cites).await);
    place.clock.advance(agent.expires_ms - place.clock_ms());
    let reviewer = place.browser("reviewer").await;
    // The first stretch would take over the keys of the hold that there is (H2), the second is gone.
    let mut new = cites.clone();
    new["evidence"]
        .as_array_mut()
        .unwrap()
        .push(json!({ "recording": agent.recording(), "from_ms": START_MS + 60_000, "to_ms": START_MS + 61_000 }));
    let refused = post(&reviewer, "/api/acts", &new).await;
    assert_eq!((refused.status, refused.error().as_str()), (StatusCode::GONE, "expired"));
    let made: Vec<_> = place.state.keystore.list().unwrap().difference(&before).copied().collect();
    assert_eq!(made, [kept.summary.id]);
    invigil_server::retention::sweep(&place.state).await.unwrap();
    assert_eq!(problems(&place).await, Vec::<String>::new());
}

#[tokio::test]
async fn two_who_write_at_once_lose_no_word_in_silence() {
    let place = place().await;
    let (exam, people) = exam(&place, &[("Aliya", Some("22B"))]).await;
    let (reviewer, board) = (place.browser("reviewer").await, place.browser("board").await);
    let draft = act(&post(&reviewer, "/api/acts", &new_act(exam, Some(people[0]))).await);
    let path = format!("/api/acts/{}", draft.summary.id);
    let first = act(&put(&reviewer, &path, &complete(&draft, "what the reviewer saw")).await);
    let second = put(&board, &path, &complete(&draft, "what the board saw")).await;
    assert_eq!((second.status, second.error().as_str()), (StatusCode::CONFLICT, "changed-meanwhile"));
    let current = second.json::<serde_json::Value>()["current"].clone();
    assert_eq!((current["fields"]["seen"].as_str(), current["revision"].as_i64()), (Some("what the reviewer saw"), Some(first.revision)));
    assert_eq!(act(&reviewer.get(&path).await).fields["seen"], "what the reviewer saw", "nothing was written");

    // Eight at once on one revision: one is written, seven are told.
    let now = act(&board.get(&path).await);
    let changes: Vec<_> = (0..8).map(|n| complete(&now, &format!("qwertz number {n}"))).collect();
    let answers = futures_util::future::join_all(changes.iter().map(|change| put(&board, &path, change))).await;
    let written: Vec<usize> = (0..8).filter(|n| answers[*n].status == StatusCode::OK).collect();
    assert_eq!(written.len(), 1, "{:?}", answers.iter().map(|answer| answer.status).collect::<Vec<_>>());
    assert!(answers.iter().all(|answer| answer.status == StatusCode::OK || answer.error() == "changed-meanwhile"));
    let now = act(&reviewer.get(&path).await);
    assert_eq!((now.fields["seen"].clone(), now.revision), (format!("qwertz number {}", written[0]), first.revision + 1));
    assert!(!in_database(&place, "qwertz number") && !in_database(&place, "what the reviewer saw"), "drafts are sealed");
}

#[tokio::test]
async fn a_discarded_draft_leaves_nothing_of_a_person() {
    let place = place().await;
    let agent = place.agent().await;
    film(&agent).await;
    let reviewer = place.browser("reviewer").await;
    let draft = act(&post(&reviewer, "/api/acts", &new_act_citing(agent.exam, agent.recording())).await);
    let path = format!("/api/acts/{}", draft.summary.id);
    let draft = act(&put(&reviewer, &path, &complete(&draft, "a phone under the desk")).await);
    let sealed = super::attachments::still(&place, &draft, 1);
    assert_eq!(super::attachments::upload(&reviewer, &draft, sealed).await.status, StatusCode::CREATED);
    let folder = &place.state.config.paths.attachments;
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), 1);
    // A backup from before.
    let backup = acts::Entity::find().one(&place.state.db).await.unwrap().unwrap();

    assert_eq!(post(&reviewer, &format!("{path}/discard"), &json!({ "note": " " })).await.error(), "bad-note");
    let gone = act(&post(&reviewer, &format!("{path}/discard"), &json!({ "note": "another seat" })).await);
    assert_eq!((gone.summary.state.as_str(), gone.close_note.as_deref(), gone.summary.subject), ("discarded", Some("another seat"), None));
    assert_eq!(
        (gone.fields.len(), gone.attachments.len(), gone.signatories.len(), gone.recording, gone.may),
        (0, 0, 0, None, Vec::<String>::new())
    );
    assert_eq!(gone.holds[0].state, "released");
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), 0);
    assert_eq!(act_signatories::Entity::find().all(&place.state.db).await.unwrap(), []);
    let row = acts::Entity::find().one(&place.state.db).await.unwrap().unwrap();
    assert_eq!((row.sealed, row.recording_id, row.content), (None, None, None));
    // The backup is worth nothing: its key is destroyed, and comes back from nowhere.
    assert!(place.state.keystore.is_destroyed(draft.summary.id));
    let back = acts::ActiveModel { state: sea_orm::ActiveValue::Set(backup.state.clone()), ..backup.into() };
    acts::Entity::update(back.reset_all_but_id()).exec(&place.state.db).await.unwrap();
    assert_eq!(reviewer.get(&path).await.status, StatusCode::INTERNAL_SERVER_ERROR);
}

trait Reset {
    fn reset_all_but_id(self) -> Self;
}

impl Reset for acts::ActiveModel {
    fn reset_all_but_id(self) -> Self {
        use sea_orm::ActiveModelTrait;
        let id = self.id.clone();
        Self { id, ..self.reset_all() }
    }
}

#[tokio::test]
async fn what_is_frozen_is_changed_only_by_opening_it_again() {
    let place = place().await;
    let (exam, people) = exam(&place, &[("Aliya", Some("22B"))]).await;
    let reviewer = place.browser("reviewer").await;
    let draft = act(&post(&reviewer, "/api/acts", &new_act(exam, Some(people[0]))).await);
    let path = format!("/api/acts/{}", draft.summary.id);
    let refused = post(&reviewer, &format!("{path}/for-signature"), &json!({ "revision": draft.revision })).await;
    assert_eq!((refused.status, refused.error().as_str()), (StatusCode::UNPROCESSABLE_ENTITY, "incomplete"));
    let named = refused.json::<serde_json::Value>()["problems"].as_array().unwrap().clone();
    for expected in [("seen", "missing"), ("points", "missing"), ("capacity", "missing"), ("signatories", "too-few")] {
        assert!(named.iter().any(|p| (p["field"].as_str(), p["problem"].as_str()) == (Some(expected.0), Some(expected.1))), "{expected:?}");
    }
    let mut nobody = complete(&draft, "x");
    nobody["to_sign"] = json!([{ "login": "nobody", "post": "x" }]);
    assert_eq!(put(&reviewer, &path, &nobody).await.error(), "bad-signatory");
    nobody["to_sign"] = json!([{ "login": "reviewer", "post": "x" }]);
    assert_eq!(put(&reviewer, &path, &nobody).await.error(), "bad-signatory", "a reviewer does not sign");

    let ready = for_signature(&reviewer, &new_act(exam, Some(people[0])), "a phone").await;
    let path = format!("/api/acts/{}", ready.summary.id);
    assert_eq!((ready.summary.state.as_str(), ready.summary.signatures), ("for-signature", (0, 2)));
    assert!(ready.content.is_some() && ready.problems.is_empty());
    assert_eq!(put(&reviewer, &path, &complete(&ready, "another")).await.error(), "wrong-state");
    assert_eq!(post(&reviewer, &format!("{path}/discard"), &json!({ "note": "x" })).await.error(), "wrong-state");
    let board = place.browser("board").await;
    let list: ActList = board.get("/api/acts?state=for-signature").await.json();
    assert!(list.acts.len() == 1 && list.acts[0].yours_to_sign);
    act(&super::sign(&board, &ready).await);
    // Whoever is to sign sends it back; the signature so far is void.
    let back = act(&post(&place.browser("chair").await, &format!("{path}/back-to-draft"), &json!({ "note": "the time is wrong" })).await);
    assert_eq!((back.summary.state.as_str(), back.summary.signatures.0, back.content), ("draft", 0, None));
    assert!(back.signatories.iter().all(|one| one.signed_ms.is_none()));
    // The author reads why, until it is put up for signature again; nobody else does.
    let returned = act(&reviewer.get(&path).await).returned.unwrap();
    assert_eq!((returned.note.as_str(), returned.by.as_str(), returned.at_ms), ("the time is wrong", "Name of chair", place.clock_ms()));
    assert!(!in_database(&place, "the time is wrong") && place.audit("act-back-to-draft").await.len() == 1);
    let again = act(&put(&reviewer, &path, &complete(&back, "a phone, 13:07")).await);
    assert_eq!(again.returned, Some(returned), "until it is done");
    let again = act(&post(&reviewer, &format!("{path}/for-signature"), &json!({ "revision": again.revision })).await);
    assert_ne!(again.content, ready.content);
    assert_eq!(again.returned, None);
    assert_eq!(super::sign(&board, &ready).await.error(), "content-changed");
    assert_eq!(problems(&place).await, Vec::<String>::new());
}
