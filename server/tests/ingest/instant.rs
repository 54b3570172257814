//! The instant of expiry itself, before any sweep: what came before it is taken, what comes at it is not.

use super::support::{Agent, Place};
use super::{agent_record, receipt, whole_segment};
use axum::body::{Body, Bytes};
use axum::http::{Request, StatusCode};
use futures_util::StreamExt;
use invigil_format::{Expired, Statement};
use invigil_server::db::entities::{exams, key_records, segments};
use invigil_server::ingest::complete::{Completion, complete};
use invigil_server::ingest::recover::{Recovered, recover};
use invigil_wire::agent::{EXPIRY_HEADER, FileState};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel};

/// Until `left_ms` before the exam's footage expires.
fn wait_until(place: &Place, agent: &Agent<'_>, left_ms: i64) {
    place.clock.advance(agent.expires_ms - left_ms - place.clock_ms());
}

/// Everything of a segment is here, and it waits for its key record, which comes now.
async fn whole_and_waiting(place: &Place, agent: &Agent<'_>) -> (String, i64) {
    agent_record(agent).await;
    let bytes = whole_segment(agent, 0).await;
    let record = key_records::Entity::find().one(&place.state.db).await.unwrap().unwrap();
    key_records::Entity::delete_many().exec(&place.state.db).await.unwrap();
    let path = agent.create(0).await;
    agent.append(&path, 0, bytes, true).await;
    assert_eq!(receipt(agent, &path).await.json::<FileState>().state, "durable");
    key_records::Entity::insert(record.into_active_model()).exec(&place.state.db).await.unwrap();
    let id = path.rsplit('/').next().unwrap().parse().unwrap();
    (path, id)
}

async fn state_of(place: &Place, segment: i64) -> String {
    segments::Entity::find_by_id(segment).one(&place.state.db).await.unwrap().unwrap().state
}

/// T2.1.
#[tokio::test]
async fn a_body_that_ends_at_the_instant_comes_too_late() {
    // Left when the first half of the body has come, until its end; and by how much the exam's end moves meanwhile.
    for (left_ms, passes_ms, moved_ms, status) in [
        (1000, 999, 0, StatusCode::NO_CONTENT),
        (1000, 1000, 0, StatusCode::GONE),
        (1000, 1000, 1, StatusCode::NO_CONTENT),
        (1000, 2000, 1000, StatusCode::GONE),
    ] {
        let place = Place::new().await;
        let agent = place.agent().await;
        let bytes = whole_segment(&agent, 0).await;
        let path = agent.create(0).await;
        wait_until(&place, &agent, left_ms);
        let (clock, state) = (place.clock.clone(), place.state.clone());
        let rest = Bytes::copy_from_slice(&bytes[300..600]);
        let later = futures_util::stream::once(async move {
            let mut exam = exams::Entity::find().one(&state.db).await.unwrap().unwrap().into_active_model();
            exam.actual_end_ms = Set(exam.actual_end_ms.take().unwrap() + moved_ms);
            exam.update(&state.db).await.unwrap();
            clock.advance(passes_ms);
            Ok::<_, std::io::Error>(rest)
        });
        let body = futures_util::stream::iter([Ok(Bytes::copy_from_slice(&bytes[..300]))]).chain(later);
        let request = Request::patch(&path)
            .header("authorization", format!("Bearer {}", agent.joined.token))
            .header("tus-resumable", "1.0.0")
            .header("content-type", "application/offset+octet-stream")
            .header("upload-offset", "0");
        let answer = place.send(request.body(Body::from_stream(body)).unwrap()).await;
        assert_eq!(answer.status, status, "{passes_ms} of {left_ms} ms, moved by {moved_ms}: {}", answer.text());
        let id = path.rsplit('/').next().unwrap().parse().unwrap();
        let taken = std::fs::read(place.state.store.incoming_path(id)).unwrap().len();
        assert_eq!(taken, if status == StatusCode::GONE { 0 } else { 600 });
        if status == StatusCode::GONE {
            let statement = Statement::from_json(&hex::decode(answer.header(EXPIRY_HEADER)).unwrap()).unwrap();
            let expired: Expired = statement.read_by(&place.state.server_key.public()).unwrap();
            assert_eq!((expired.recording, expired.expired_ms), (agent.recording(), agent.expires_ms + moved_ms));
        }
    }
}

/// T4.4.
#[tokio::test]
async fn nothing_is_stored_from_the_instant_on() {
    for (left_ms, state) in [(1, "stored"), (0, "incoming")] {
        let place = Place::new().await;
        let agent = place.agent().await;
        let (path, id) = whole_and_waiting(&place, &agent).await;
        let growing = place.state.store.growing(id).unwrap();
        wait_until(&place, &agent, left_ms);
        let completion = complete(&place.state, &growing).await.unwrap();
        assert_eq!(matches!(completion, Completion::Stored(_)), left_ms > 0, "{completion:?}");
        assert_eq!(state_of(&place, id).await, state);
        assert_eq!(receipt(&agent, &path).await.status, if left_ms > 0 { StatusCode::OK } else { StatusCode::GONE });
    }
}

/// T6.2 and T6.3.
#[tokio::test]
async fn a_start_at_the_instant_stores_nothing_and_leaves_the_bytes_to_the_sweep() {
    let stored = Recovered { stored: 1, ..Recovered::default() };
    for (left_ms, found, state) in [(1, stored, "stored"), (0, Recovered::default(), "incoming")] {
        let mut place = Place::new().await;
        let agent = place.agent().await;
        let (_, id) = whole_and_waiting(&place, &agent).await;
        wait_until(&place, &agent, left_ms);
        place = place.restart().await;
        assert_eq!(recover(&place.state).await.unwrap(), found);
        assert_eq!(state_of(&place, id).await, state);
        assert_eq!(place.state.store.incoming_path(id).exists(), left_ms == 0);
        place.clock.advance(1);
        invigil_server::retention::sweep(&place.state).await.unwrap();
        assert!(!place.state.store.incoming_path(id).exists());
        assert_eq!(segments::Entity::find().one(&place.state.db).await.unwrap(), None);
    }
}
