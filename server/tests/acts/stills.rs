//! Pictures from recordings stand on what the act cites and holds.

use super::attachments::{still, still_of, upload};
use super::{act, complete, exam, film, new_act, new_act_citing, place, post, put};
use axum::http::StatusCode;
use invigil_wire::acts::{ActView, Problem};
use serde_json::{Value, json};

fn not_cited() -> Problem {
    Problem { field: "evidence".into(), problem: "still-not-cited".into() }
}

#[tokio::test]
async fn an_act_whose_stills_show_what_it_does_not_cite_is_not_put_up_for_signature() {
    let place = place().await;
    let agent = place.agent().await;
    film(&agent).await;
    let reviewer = place.browser("reviewer").await;
    let (other, people) = exam(&place, &[("Aliya", Some("1"))]).await;
    let cites = new_act_citing(agent.exam, agent.recording());
    let start_ms = super::support::START_MS;
    let drawn = async |new: &Value| -> ActView { act(&post(&reviewer, "/api/acts", new).await) };
    for (what, draft, sealed) in [
        ("nothing is cited", drawn(&new_act(agent.exam, Some(agent.recording()))).await, Some((agent.recording(), start_ms))),
        ("after the stretch", drawn(&cites).await, Some((agent.recording(), start_ms + 2000))),
        ("another recording", drawn(&cites).await, Some((people[0], start_ms))),
        ("from nowhere", drawn(&cites).await, None),
        ("another exam's act", drawn(&new_act(other, Some(people[0]))).await, Some((people[0], start_ms))),
    ] {
        let sealed = match sealed {
            Some((recording, at_ms)) => still_of(&place, &draft, 1, recording, at_ms),
            None => still(&place, &draft, 1),
        };
        // An id is taken once on the whole server.
        let added = upload(&reviewer, &draft, sealed).await;
        assert_eq!(added.status, StatusCode::CREATED, "{what}: {}", added.text());
        let path = format!("/api/acts/{}", draft.summary.id);
        let written = act(&put(&reviewer, &path, &complete(&draft, "a phone")).await);
        assert_eq!(written.problems, [not_cited()], "{what}");
        let refused = post(&reviewer, &format!("{path}/for-signature"), &json!({ "revision": written.revision })).await;
        assert_eq!((refused.status, refused.error().as_str()), (StatusCode::UNPROCESSABLE_ENTITY, "incomplete"), "{what}");
        assert_eq!(refused.json::<Value>()["problems"], json!([not_cited()]), "{what}");
        act(&post(&reviewer, &format!("{path}/discard"), &json!({ "note": "a mistake" })).await);
    }
    let draft = drawn(&cites).await;
    let sealed = still_of(&place, &draft, 1, agent.recording(), start_ms + 1999);
    assert_eq!(upload(&reviewer, &draft, sealed).await.status, StatusCode::CREATED);
    let path = format!("/api/acts/{}", draft.summary.id);
    let written = act(&put(&reviewer, &path, &complete(&draft, "a phone")).await);
    assert_eq!(written.problems, []);
    let ready = act(&post(&reviewer, &format!("{path}/for-signature"), &json!({ "revision": written.revision })).await);
    assert!(ready.summary.cancel_until_ms.is_some());
}
