//! A code is traded for a place in an exam, once.

use super::support::{HOUR_MS, Place};
use super::{ask, ask_with};
use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use invigil_format::{DeviceKey, Join, code_digest};
use invigil_server::exams::{self, NewExam, NewSeat};
use invigil_wire::agent::{self, JOIN, JoinAnswer, Trust};

async fn new_code(place: &Place) -> exams::Joining {
    new_codes(place, vec![NewSeat::room("Hall 1")]).await.remove(0)
}

async fn new_codes(place: &Place, seats: Vec<NewSeat>) -> Vec<exams::Joining> {
    let new = NewExam {
        title: "Physics".into(),
        discipline: "Physics".into(),
        starts_ms: place.clock_ms(),
        ends_ms: place.clock_ms() + HOUR_MS,
        policy: "kbtu".into(),
        seats,
        ..NewExam::default()
    };
    exams::add(&place.state, &new).await.unwrap().joins
}

pub(super) async fn join(place: &Place, device: u8, code: &str) -> super::Answer {
    join_for(place, device, code, code).await
}

async fn join_for(place: &Place, device: u8, code: &str, proven: &str) -> super::Answer {
    let device = DeviceKey::from_seed(&[device; 32]).unwrap();
    let join = Join { institution: place.state.institution, code_digest: code_digest(proven), wall_ms: place.clock_ms() };
    let body = serde_json::json!({ "code": code, "proof": device.state(&join).unwrap(), "agent_version": "test" });
    place.send(Request::post(JOIN).header("content-type", "application/json").body(Body::from(body.to_string())).unwrap()).await
}

#[tokio::test]
async fn one_device_joins_as_often_as_it_likes_and_no_other_one() {
    let place = Place::new().await;
    let code = new_code(&place).await;
    let first: JoinAnswer = join(&place, 1, &code.code).await.json();
    assert_eq!(first.recording, code.recording);
    assert_eq!(join(&place, 2, &code.code).await.error(), "join-code-used");
    let again: JoinAnswer = join(&place, 1, &code.code.to_lowercase().replace('-', "")).await.json();
    assert_eq!((again.recording, &again.certificates), (first.recording, &first.certificates));
    let status = |token: String| {
        let place = &place;
        async move {
            ask_with(place, &token, Method::POST, agent::JOURNAL, &[("content-type", "application/json")], b"{}".to_vec()).await.status
        }
    };
    assert_eq!(status(first.token).await, StatusCode::UNAUTHORIZED, "a new join invalidates the old token");
    assert_eq!(status(again.token.clone()).await, StatusCode::BAD_REQUEST);

    let fresh = exams::reissue(&place.state, code.recording).await.unwrap();
    place.clock.advance(10_000);
    assert_eq!(status(again.token).await, StatusCode::UNAUTHORIZED, "a reissued code ends the old device's place");
    assert_eq!(join(&place, 1, &code.code).await.error(), "join-code-unknown");
    let other: JoinAnswer = join(&place, 2, &fresh.code).await.json();
    assert_eq!(other.recording, code.recording);
}

#[tokio::test]
async fn a_candidates_uploads_have_a_ceiling_and_a_rooms_have_their_own() {
    let place = Place::new().await;
    let codes = new_codes(&place, vec![NewSeat::room("Hall 1"), NewSeat::candidate("Aru")]).await;
    let mut ceilings = Vec::new();
    for code in &codes {
        let answer: JoinAnswer = join(&place, 1, &code.code).await.json();
        ceilings.push((code.kind.as_str(), answer.capture.upload_max_kbits));
    }
    let policy = place.state.policies.get("kbtu").unwrap();
    assert_ne!(policy.capture.room_upload_max_kbits.value, policy.capture.upload_max_kbits.value);
    assert_eq!(ceilings, [("room", policy.capture.room_upload_max_kbits.value), ("candidate", policy.capture.upload_max_kbits.value)]);
}

#[tokio::test]
async fn wrong_codes_and_proofs_are_refused_alike() {
    let place = Place::new().await;
    let code = new_code(&place).await.code;
    for wrong in ["0000-0000-00000", "short", ""] {
        assert_eq!(join(&place, 1, wrong).await.error(), "join-code-unknown", "{wrong}");
    }
    assert_eq!(join_for(&place, 1, &code, "0000-0000-00000").await.error(), "bad-proof");
    let body = "{\"code\":\"x\",\"extra\":1}";
    let request = Request::post(JOIN).header("content-type", "application/json").body(Body::from(body)).unwrap();
    assert_eq!(place.send(request).await.status, StatusCode::BAD_REQUEST);
    let trust: Trust = place.send(Request::get(agent::TRUST).body(Body::empty()).unwrap()).await.json();
    assert_eq!(invigil_format::Fingerprint::of(&trust.institution), place.state.institution);
}

#[tokio::test]
async fn guessing_is_slowed_down() {
    let place = Place::new().await;
    let mut refused = 0;
    for _ in 0..60 {
        refused += usize::from(join(&place, 1, "0000-0000-00000").await.status == StatusCode::TOO_MANY_REQUESTS);
    }
    assert!(refused > 0);
}

#[tokio::test]
async fn strangers_keep_nobody_out_who_was_given_a_code() {
    let place = Place::new().await;
    let (one, other) = (new_code(&place).await, new_code(&place).await);
    for _ in 0..60 {
        join(&place, 9, "0000-0000-00000").await;
    }
    assert_eq!(join(&place, 9, "0000-0000-00000").await.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(join(&place, 1, &one.code).await.status, StatusCode::OK);
    // A known code has its own bound, which is nobody else's.
    let mut last = StatusCode::OK;
    for _ in 0..10 {
        last = join(&place, 1, &one.code).await.status;
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(join(&place, 2, &other.code).await.status, StatusCode::OK);
    place.clock.advance(1000);
    assert_eq!(join(&place, 1, &one.code).await.status, StatusCode::OK);
}

/// T1.1: asked inside the transaction.
#[tokio::test]
async fn a_row_that_was_restored_stays_dead() {
    use invigil_server::db::entities::tombstones;
    use sea_orm::{ActiveValue::Set, EntityTrait};
    let place = Place::new().await;
    let (by_tombstone, by_key) = (place.agent().await, place.agent().await);
    let code = new_code(&place).await;
    let path = by_tombstone.create(0).await;
    let key_path = by_key.create(0).await;
    let bury = |recording: String| async {
        let row =
            tombstones::ActiveModel { recording: Set(recording), exam: Set("an exam".into()), expired_ms: Set(7), ..Default::default() };
        tombstones::Entity::insert(row).exec(&place.state.db).await.unwrap();
    };
    bury(by_tombstone.recording().to_string()).await;
    bury(code.recording.to_string()).await;
    place.state.keystore.destroy(by_key.exam).unwrap();
    // The tokens are still remembered: what decides is the look within the transaction.
    for agent in [&by_tombstone, &by_key] {
        let answer = agent.ask_to_create(1).await;
        assert_eq!((answer.status, answer.error().as_str()), (StatusCode::GONE, "expired"), "{}", answer.text());
    }
    place.clock.advance(10_000);
    for (agent, path) in [(&by_tombstone, &path), (&by_key, &key_path)] {
        assert_eq!(super::patch(agent, path, 0, &[], b"\x89IVS").await.status, StatusCode::GONE);
    }
    let joined = join(&place, 1, &code.code).await;
    assert_eq!(joined.status, StatusCode::GONE);
    let statement = invigil_format::Statement::from_json(&hex::decode(joined.header(agent::EXPIRY_HEADER)).unwrap()).unwrap();
    let expired: invigil_format::Expired = statement.read_by(&place.state.server_key.public()).unwrap();
    assert_eq!((expired.recording, expired.expired_ms), (code.recording, 7));
}

#[tokio::test]
async fn an_expired_exam_takes_nothing_and_says_so_with_its_signature() {
    let place = Place::new().await;
    let agent = place.agent().await;
    let path = agent.create(0).await;
    place.clock.advance(agent.expires_ms - place.clock_ms() - 1);
    assert_eq!(agent.head(&path).await.1, 0);
    place.clock.advance(1);
    let answer = super::patch(&agent, &path, 0, &[], b"x").await;
    assert_eq!((answer.status, answer.error().as_str()), (StatusCode::GONE, "expired"));
    let statement = hex::decode(answer.header(agent::EXPIRY_HEADER)).unwrap();
    let statement = invigil_format::Statement::from_json(&statement).unwrap();
    let expired: invigil_format::Expired = statement.read_by(&place.state.server_key.public()).unwrap();
    assert_eq!((expired.recording, expired.expired_ms), (agent.recording(), agent.expires_ms));
    let record = ask(&agent, Method::PUT, &agent::key_record_path(agent.run), &[], b"{}".to_vec()).await;
    assert_eq!(record.status, StatusCode::GONE);
}

#[tokio::test]
async fn an_end_that_moved_in_the_last_second_is_known_before_anybody_is_told_to_delete() {
    use invigil_server::db::entities::exams;
    use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel};
    let place = Place::new().await;
    let agent = place.agent().await;
    let path = agent.create(0).await;
    place.clock.advance(agent.expires_ms - place.clock_ms() - 1);
    // From now on the token and its expiry are remembered for some seconds.
    assert_eq!(agent.head(&path).await.1, 0);
    let mut exam = exams::Entity::find().one(&place.state.db).await.unwrap().unwrap().into_active_model();
    exam.actual_end_ms = Set(exam.actual_end_ms.take().unwrap() + 60_000);
    exam.update(&place.state.db).await.unwrap();
    place.clock.advance(1);
    assert_eq!(super::patch(&agent, &path, 0, &[], b"\x89IVS").await.status, StatusCode::NO_CONTENT);
    place.clock.advance(60_000);
    assert_eq!(super::patch(&agent, &path, 4, &[], b"\r\n").await.status, StatusCode::GONE);
}
