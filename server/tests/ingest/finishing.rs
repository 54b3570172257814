//! When a recording is finished: by its agent's word, and not by one from before the exam.

use super::ask;
use super::journals::{send, writer};
use super::support::{Agent, HOUR_MS, Place};
use axum::http::{Method, StatusCode};
use invigil_format::{Digest, Event, FinishedBy, Stamp};
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

/// A rehearsal without a network: its word arrives when the exam goes on already. It was journalled before the exam's start, and does not end it.
#[tokio::test]
async fn a_rehearsals_word_that_had_to_wait_for_a_network_does_not_finish_the_exam() {
    // When it was said, by the device's clock and after joining, and whether the exam is over by it.
    for (said_after_ms, is_over) in [(HOUR_MS, false), (2 * HOUR_MS - 1, false), (2 * HOUR_MS, true), (-HOUR_MS, true), (9 * HOUR_MS, true)]
    {
        let place = Place::new().await;
        let agent = place.agent().await;
        let joined_ms = place.clock_ms();
        let starts_ms = joined_ms + 2 * HOUR_MS;
        let row = recordings::Entity::find().one(&place.state.db).await.unwrap().unwrap();
        assert_eq!(row.joined_ms, Some(joined_ms));
        let mut later = row.into_active_model();
        (later.starts_ms, later.ends_ms) = (Set(starts_ms), Set(starts_ms + HOUR_MS));
        later.update(&place.state.db).await.unwrap();
        let at = Stamp { boottime_us: 5_000_000, wall_ms: joined_ms + said_after_ms };
        let mut writer = writer(&agent, agent.run, None, &agent.device);
        let started = Event::RunStarted { agent_version: "test".into(), previous_run: None, key_record: Digest([1; 32]) };
        let events = [started, Event::Finished { by: FinishedBy::Candidate }, Event::RunEnded { reason: "stopped".into() }];
        let entries = events.map(|event| writer.entry(event, at).unwrap());
        place.clock.advance(2 * HOUR_MS + HOUR_MS / 2);
        assert_eq!(send(&agent, agent.run, &entries).await.status, StatusCode::OK);
        let finished_ms = is_over.then(|| place.clock_ms());
        assert_eq!(finish(&agent).await.0, finished_ms, "said {said_after_ms} ms after joining");
        assert_eq!(place.audit("finished-before-start").await.len(), usize::from(!is_over));
    }
}
