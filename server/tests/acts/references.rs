//! What an act that refers to another does to it, and what it cannot do.

use super::{act, exam, new_act, place, post, problems, signed};
use axum::http::StatusCode;
use invigil_wire::acts::ActView;
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
