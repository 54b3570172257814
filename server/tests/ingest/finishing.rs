//! When a recording is finished: by its agent's word, and not by one from before the exam.

use super::ask;
use super::support::{Agent, HOUR_MS, Place};
use axum::http::{Method, StatusCode};
use invigil_server::db::entities::recordings;
use invigil_wire::agent::{FINISH, FinishRequest};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel};

/// Finishes, and gives when the recording is finished then, and by whom.
async fn finish(agent: &Agent<'_>) -> (Option<i64>, Option<String>) {
    let body = serde_json::to_vec(&FinishRequest { recording: agent.recording(), run: agent.run }).unwrap();
    let answer = ask(agent, Method::POST, FINISH, &[("content-type", "application/json")], body).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT, "{}", answer.text());
    let row = recordings::Entity::find().one(&agent.place.state.db).await.unwrap().unwrap();
    (row.finished_ms, row.finished_by)
}

#[tokio::test]
async fn a_rehearsal_before_the_exam_does_not_finish_it() {
    let place = Place::new().await;
    let agent = place.agent().await;
    let starts_ms = place.clock_ms() + 24 * HOUR_MS;
    let mut later = recordings::Entity::find().one(&place.state.db).await.unwrap().unwrap().into_active_model();
    (later.starts_ms, later.ends_ms) = (Set(starts_ms), Set(starts_ms + HOUR_MS));
    later.update(&place.state.db).await.unwrap();
    assert_eq!(finish(&agent).await, (None, None));
    place.clock.advance(24 * HOUR_MS - 1);
    assert_eq!(finish(&agent).await, (None, None));
    assert_eq!((place.audit("finished-before-start").await.len(), place.audit("finished").await.len()), (2, 0));
    // The window begins, and the recording can be finished in it.
    place.clock.advance(1);
    let row = recordings::Entity::find().one(&place.state.db).await.unwrap().unwrap();
    assert_eq!((row.starts_ms, row.finished_ms), (place.clock_ms(), None));
    assert_eq!(finish(&agent).await, (Some(starts_ms), Some("candidate".to_owned())));
    assert_eq!(place.audit("finished").await.len(), 1);
}
