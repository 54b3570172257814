//! What an act that refers to another does to it, and what it cannot do.

use super::{act, complete, exam, film, for_signature, new_act, new_act_citing, place, post, problems, put, sign, signed, wording};
use axum::http::StatusCode;
use invigil_wire::acts::{ActView, Annulment};
use serde_json::{Value, json};

#[tokio::test]
async fn a_revocation_is_not_revoked_and_a_revoked_correction_corrects_nothing() {
    let place = place().await;
    let (exam, people) = exam(&place, &[("Aliya", Some("1"))]).await;
    let refer = |to: &ActView, relation: &str| -> Value {
        let mut new = new_act(exam, Some(people[0]));
        new["refers_to"] = json!({ "act": to.summary.id, "relation": relation });
        new
    };
    let first = signed(&place, &new_act(exam, Some(people[0])), "a phone").await;
    let correction = signed(&place, &refer(&first, "corrects"), "a phone, at 13:07").await;
    let stranger = super::Browser { place: &place, cookie: String::new() };
    let page = format!("/check/{}", first.summary.id);
    assert!(stranger.get(&page).await.text().contains("has been corrected"));
    let revocation = signed(&place, &refer(&correction, "revokes"), "13:05 was right").await;
    let text = stranger.get(&page).await.text();
    assert!(text.contains("The act stands.") && !text.contains("has been corrected"), "{text}");

    let reviewer = place.browser("reviewer").await;
    let refused = post(&reviewer, "/api/acts", &refer(&revocation, "revokes")).await;
    assert_eq!((refused.status, refused.error().as_str()), (StatusCode::UNPROCESSABLE_ENTITY, "bad-reference"));
    assert!(refused.text().contains("draw up a new act"), "{}", refused.text());
    // Anew, in the same matter: the first still stands and can be corrected again.
    act(&post(&reviewer, "/api/acts", &refer(&first, "corrects")).await);
    assert_eq!(problems(&place).await, Vec::<String>::new());
}

/// A new act that refers to another, with nothing else said, as the page asks for it.
fn referring(to: &ActView, relation: &str) -> Value {
    let mut new = new_act(to.summary.exam.id, to.recording);
    new["refers_to"] = json!({ "act": to.summary.id, "relation": relation });
    new
}

#[tokio::test]
async fn an_act_that_refers_to_another_begins_with_what_the_form_still_knows_of_it() {
    let place = place().await;
    let (exam, people) = exam(&place, &[("Aliya", Some("1"))]).await;
    let first = signed(&place, &new_act(exam, Some(people[0])), "a phone").await;
    let reviewer = place.browser("reviewer").await;
    let draft = act(&post(&reviewer, "/api/acts", &referring(&first, "corrects")).await);
    assert_eq!((&draft.fields, &draft.points), (&first.fields, &first.points));
    // What is given counts; the other act's words are for what is left out.
    let mut new = referring(&first, "supplements");
    new["fields"] = json!({ "seen": "a watch as well" });
    new["points"] = json!(["1.14-talking"]);
    let draft = act(&post(&reviewer, "/api/acts", &new).await);
    assert_eq!((draft.fields["seen"].as_str(), draft.fields["place"].as_str()), ("a watch as well", "Almaty"));
    assert_eq!(draft.points, ["1.14-talking"]);

    wording::edit(&place, &[("id = \"1.14-phone\"", "id = \"1.14-device\""), ("name = \"place\"", "name = \"where\"")]);
    let place = place.restart().await;
    let reviewer = place.browser("reviewer").await;
    for relation in ["corrects", "supplements", "revokes"] {
        let draft = act(&post(&reviewer, "/api/acts", &referring(&first, relation)).await);
        assert_eq!(
            (draft.fields["seen"].as_str(), draft.fields.get("place"), draft.fields.get("where")),
            ("a phone", None, None),
            "{relation}"
        );
        assert_eq!(draft.points, Vec::<String>::new(), "{relation}");
    }
    // Only whom an act is for takes its words over.
    assert_eq!(post(&place.browser("duty").await, "/api/acts", &referring(&first, "corrects")).await.error(), "not-found");
    assert_eq!(problems(&place).await, Vec::<String>::new());
}

#[tokio::test]
async fn the_teacher_on_duty_corrects_an_act_of_theirs_without_citing_its_footage() {
    let place = place().await;
    let agent = place.agent().await;
    film(&agent).await;
    let (duty, reviewer) = (place.browser("duty").await, place.browser("reviewer").await);
    let draft = act(&post(&duty, "/api/acts", &new_act(agent.exam, Some(agent.recording()))).await);
    let path = format!("/api/acts/{}", draft.summary.id);
    let mut change = complete(&draft, "a phone");
    change["evidence"] = new_act_citing(agent.exam, agent.recording())["evidence"].clone();
    let draft = act(&put(&reviewer, &path, &change).await);
    let ready = act(&post(&duty, &format!("{path}/for-signature"), &json!({ "revision": draft.revision })).await);
    act(&sign(&place.browser("board").await, &ready).await);
    let done = act(&sign(&place.browser("chair").await, &ready).await);
    let shown = act(&duty.get(&path).await);
    assert!(shown.may.contains(&"correct".to_owned()), "{:?}", shown.may);
    let correction = act(&post(&duty, "/api/acts", &referring(&done, "corrects")).await);
    assert_eq!((correction.fields["seen"].as_str(), correction.evidence.len()), ("a phone", 0));
    // When the exam is over for the teacher on duty, nothing is offered that would be refused.
    place.clock.advance(24 * 3_600_000);
    let duty = place.browser("duty").await;
    assert_eq!(act(&duty.get(&path).await).may, Vec::<String>::new());
    assert_eq!(post(&duty, "/api/acts", &referring(&done, "corrects")).await.error(), "not-found");
}

#[tokio::test]
async fn after_the_month_a_typo_is_corrected_without_footage_and_no_grade_is_cancelled_by_it() {
    let place = place().await;
    let agent = place.agent().await;
    film(&agent).await;
    let first = signed(&place, &new_act_citing(agent.exam, agent.recording()), "a fone").await;
    place.clock.advance(first.summary.cancel_until_ms.unwrap() - place.clock_ms());
    let mut with_footage = referring(&first, "corrects");
    with_footage["evidence"] = json!(first.evidence);
    let reviewer = place.browser("reviewer").await;
    assert_eq!(post(&reviewer, "/api/acts", &with_footage).await.error(), "too-late");
    let correction = signed(&place, &referring(&first, "corrects"), "a phone").await;
    assert_eq!((correction.evidence.len(), correction.summary.cancel_until_ms), (0, first.summary.cancel_until_ms));
    let cancel = json!({ "cancelled_ms": place.clock_ms(), "routing": "" });
    let path = format!("/api/acts/{}/cancel-grade", correction.summary.id);
    let refused = post(&place.browser("board").await, &path, &cancel).await;
    assert_eq!(refused.error(), "too-late", "what it corrects rests on recordings");
}

#[tokio::test]
async fn a_corrected_act_leaves_its_effect_and_its_footage_to_its_correction() {
    let place = place().await;
    let agent = place.agent().await;
    film(&agent).await;
    let (reviewer, board) = (place.browser("reviewer").await, place.browser("board").await);
    let cites = new_act_citing(agent.exam, agent.recording());
    let correcting = |to: &ActView| {
        let mut new = referring(to, "corrects");
        new["evidence"] = cites["evidence"].clone();
        new
    };
    let look = async |view: &ActView| act(&board.get(&format!("/api/acts/{}", view.summary.id)).await);
    let list = async || place.browser("registrar").await.get("/api/registrar/annulments?from=2026-01-01&to=2026-12-31").await;
    let first = signed(&place, &cites, "a phone").await;
    let rival = for_signature(&reviewer, &correcting(&first), "a watch").await;
    let second = signed(&place, &correcting(&first), "a phone, at 13:07").await;

    let old = look(&first).await;
    assert_eq!((old.summary.corrected_by, old.summary.revoked_by, old.summary.cancel_until_ms), (Some(second.summary.id), None, None));
    assert_eq!((old.holds[0].state.as_str(), old.holds[0].release_note.as_deref()), ("released", Some("the act was corrected")));
    assert_eq!((second.holds[0].state.as_str(), second.summary.corrected_by), ("pending", None), "the correction holds what it cites");
    assert_eq!(old.may, ["correct", "bundle"].map(str::to_owned), "to revoke or supplement it");
    let cancel = json!({ "cancelled_ms": place.clock_ms(), "routing": "" });
    let to = json!({ "to_name": "Somebody Responsible", "to_post": "Member of the commission" });
    for (step, body) in [("cancel-grade", &cancel), ("pass-on", &to)] {
        let refused = post(&board, &format!("/api/acts/{}/{step}", first.summary.id), body).await;
        assert_eq!((refused.status, refused.error().as_str()), (StatusCode::CONFLICT, "wrong-state"), "{step}");
        assert!(refused.text().contains("corrected"), "{}", refused.text());
    }
    // Two acts cannot both stand in the place of one.
    assert_eq!(post(&reviewer, "/api/acts", &correcting(&first)).await.error(), "bad-reference");
    act(&sign(&board, &rival).await);
    assert_eq!(sign(&place.browser("chair").await, &rival).await.error(), "bad-reference");

    let rows: Vec<Annulment> = list().await.json();
    let stands: Vec<_> = rows.iter().map(|row| (row.number.as_str(), row.corrected_by.as_deref(), row.revoked_by.as_deref())).collect();
    assert_eq!(stands, [("A-2026-0001", Some("A-2026-0002"), None), ("A-2026-0002", None, None)]);
    let csv = place.browser("registrar").await.get("/api/registrar/annulments?from=2026-01-01&to=2026-12-31&format=csv").await.text();
    let mut lines = csv.trim_start_matches('\u{feff}').lines().map(|line| line.split(',').collect::<Vec<_>>());
    let column = lines.next().unwrap().iter().position(|head| *head == "\"corrected_by\"").unwrap();
    assert_eq!(lines.map(|line| line[column].to_owned()).collect::<Vec<_>>(), ["\"A-2026-0002\"", "\"\""]);
    act(&post(&board, &format!("/api/acts/{}/cancel-grade", second.summary.id), &cancel).await);

    // A correction that is revoked corrects nothing: what it corrected stands again.
    signed(&place, &referring(&second, "revokes"), "13:05 was right").await;
    let old = look(&first).await;
    assert_eq!(old.summary.corrected_by, None);
    assert!(["pass-on", "cancel-grade"].iter().all(|step| old.may.iter().any(|may| may == step)), "{:?}", old.may);
    assert_eq!(list().await.json::<Vec<Annulment>>()[0].corrected_by, None);
    assert_eq!(problems(&place).await, Vec::<String>::new());
}
