//! When a recording is finished: by its agent's word, and not by one from before the exam.

use super::ask;
use super::journals::{send, writer};
use super::support::{Agent, HOUR_MS, Place};
use axum::http::{Method, StatusCode};
use invigil_format::{BootId, Digest, Event, FinishedBy, Stamp};
use invigil_server::db::entities::recordings;
use invigil_wire::agent::{FINISH, FinishRequest};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel};

/// Finishes, and gives when the recording is finished then, and by whom.
async fn finish(agent: &Agent<'_>) -> (Option<i64>, Option<String>) {
    finish_by(agent, &finish_request(agent, 0, 0)).await
}

/// The word as an agent sends it at these times of its clocks.
pub(super) fn finish_request(agent: &Agent<'_>, boottime_us: u64, wall_ms: i64) -> FinishRequest {
    FinishRequest { recording: agent.recording(), run: agent.run, boot_id: BootId::from_random([4; 16]), boottime_us, wall_ms }
}

async fn finish_by(agent: &Agent<'_>, request: &FinishRequest) -> (Option<i64>, Option<String>) {
    let body = serde_json::to_vec(request).unwrap();
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
    // By its boot time; after another boot by its wall clock, an hour behind at both times.
    for (same_boot, said_after_ms, is_over) in [
        (true, HOUR_MS, false),
        (true, 2 * HOUR_MS - 1, false),
        (true, 2 * HOUR_MS, true),
        (false, 2 * HOUR_MS - 1, false),
        (false, 2 * HOUR_MS, true),
        (false, -1, true),
    ] {
        let place = Place::new().await;
        let agent = place.agent().await;
        let joined_ms = place.clock_ms();
        let starts_ms = joined_ms + 2 * HOUR_MS;
        let row = recordings::Entity::find().one(&place.state.db).await.unwrap().unwrap();
        assert_eq!(row.joined_ms, Some(joined_ms));
        let mut later = row.into_active_model();
        (later.starts_ms, later.ends_ms) = (Set(starts_ms), Set(starts_ms + HOUR_MS));
        later.update(&place.state.db).await.unwrap();
        let after_ms = 2 * HOUR_MS + HOUR_MS / 2;
        let wall_ms = |after_ms: i64| joined_ms + after_ms - HOUR_MS;
        let boottime_us = |after_ms: i64| u64::try_from((HOUR_MS + after_ms) * 1000).unwrap();
        let at = Stamp { boottime_us: boottime_us(said_after_ms), wall_ms: wall_ms(said_after_ms) };
        let mut writer = writer(&agent, agent.run, None, &agent.device);
        let started = Event::RunStarted { agent_version: "test".into(), previous_run: None, key_record: Digest([1; 32]) };
        let events = [started, Event::Finished { by: FinishedBy::Candidate }, Event::RunEnded { reason: "stopped".into() }];
        let entries = events.map(|event| writer.entry(event, at).unwrap());
        place.clock.advance(after_ms);
        assert_eq!(send(&agent, agent.run, &entries).await.status, StatusCode::OK);
        let finished_ms = is_over.then(|| place.clock_ms());
        let boot_id = if same_boot { BootId::from_random([4; 16]) } else { BootId::from_random([5; 16]) };
        let request = FinishRequest { boot_id, ..finish_request(&agent, boottime_us(after_ms), wall_ms(after_ms)) };
        assert_eq!(finish_by(&agent, &request).await.0, finished_ms, "said {said_after_ms} ms after joining");
        assert_eq!(place.audit("finished-before-start").await.len(), usize::from(!is_over));
    }
}
