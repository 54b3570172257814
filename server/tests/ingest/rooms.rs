//! The computers of rooms: a room code is traded for the room once, the room's exams are seen, their recordings taken, and no other one's.

use super::joining::join;
use super::support::{Answer, HOUR_MS, Place};
use super::{ask, ask_with};
use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use invigil_format::{DeviceKey, Join, RecordingId, RunId, code_digest};
use invigil_server::exams::{self, NewExam, NewSeat};
use invigil_server::rooms;
use invigil_wire::agent::{self, JoinAnswer};
use invigil_wire::room::{ENROL, EXAMS, EnrolAnswer, RoomExams, TAKE};

const JSON: (&str, &str) = ("content-type", "application/json");

async fn exam_in(place: &Place, room: &str, starts_in_ms: i64) -> exams::Joining {
    let new = NewExam {
        title: format!("Exam in {starts_in_ms}"),
        discipline: "Physics".into(),
        starts_ms: place.clock_ms() + starts_in_ms,
        ends_ms: place.clock_ms() + starts_in_ms + HOUR_MS,
        policy: "kbtu".into(),
        seats: vec![NewSeat::room(room), NewSeat::candidate(room)],
        ..NewExam::default()
    };
    exams::add(&place.state, &new).await.unwrap().joins.remove(0)
}

async fn enrol(place: &Place, device: u8, code: &str) -> Answer {
    let device = DeviceKey::from_seed(&[device; 32]).unwrap();
    let join = Join { institution: place.state.institution, code_digest: code_digest(code), wall_ms: place.clock_ms() };
    let body = serde_json::json!({ "code": code, "proof": device.state(&join).unwrap(), "agent_version": "test" });
    place.send(Request::post(ENROL).header(JSON.0, JSON.1).body(Body::from(body.to_string())).unwrap()).await
}

async fn token(place: &Place, device: u8, code: &str) -> String {
    let answer = enrol(place, device, code).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    answer.json::<EnrolAnswer>().token
}

async fn list(place: &Place, token: &str) -> Answer {
    place.clock.advance(1000);
    ask_with(place, token, Method::GET, EXAMS, &[], Vec::new()).await
}

async fn take(place: &Place, token: &str, recording: RecordingId) -> Answer {
    place.clock.advance(1000);
    let body = serde_json::json!({ "recording": recording, "agent_version": "test" });
    ask_with(place, token, Method::POST, TAKE, &[JSON], body.to_string().into_bytes()).await
}

/// Whether a token of a recording counts.
async fn counts(place: &Place, token: &str) -> bool {
    place.clock.advance(10_000);
    ask_with(place, token, Method::POST, agent::JOURNAL, &[JSON], b"{}".to_vec()).await.status != StatusCode::UNAUTHORIZED
}

/// The device that has taken a recording begins to record.
async fn begin_run(place: &Place, taken: &JoinAnswer) {
    use invigil_server::db::entities::{recordings, runs};
    use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
    let row = recordings::Entity::find().filter(recordings::Column::Uuid.eq(taken.recording.to_string())).one(&place.state.db).await;
    let row = row.unwrap().unwrap();
    let run = runs::ActiveModel {
        uuid: Set(RunId::from_random([8; 16]).to_string()),
        recording_id: Set(row.id),
        device_key: Set(row.device_key.unwrap()),
        first_seen_ms: Set(place.clock_ms()),
        ..Default::default()
    };
    run.insert(&place.state.db).await.unwrap();
}

#[tokio::test]
async fn a_rooms_computer_sees_its_exams_and_takes_them_and_no_others() {
    let place = Place::new().await;
    let code = rooms::add(&place.state, "Hall 1").await.unwrap();
    assert!(rooms::add(&place.state, "Hall 1").await.is_err());
    let day = 24 * HOUR_MS;
    let mut ours = Vec::new();
    for starts_in_ms in [2 * HOUR_MS, -2 * HOUR_MS, 6 * day] {
        ours.push(exam_in(&place, "Hall 1", starts_in_ms).await.recording);
    }
    exam_in(&place, "Hall 1", -26 * HOUR_MS).await;
    exam_in(&place, "Hall 1", 8 * day).await;
    let other = exam_in(&place, "Hall 10", HOUR_MS).await.recording;

    let room = token(&place, 1, &code.code).await;
    let listed: RoomExams = list(&place, &room).await.json();
    assert_eq!(listed.room, "Hall 1");
    assert_eq!(listed.exams.iter().map(|exam| exam.recording).collect::<Vec<_>>(), [ours[1], ours[0], ours[2]]);
    assert!(listed.exams.iter().all(|exam| exam.ended_ms.is_none() && !exam.by_code && exam.exam.ends_ms == exam.exam.starts_ms + HOUR_MS));

    let lead_ms = i64::from(place.state.policies.get("kbtu").unwrap().capture.room_lead_minutes.value) * 60_000;
    assert!(lead_ms > 0 && listed.exams.iter().all(|exam| exam.lead_ms == lead_ms));

    let first: JoinAnswer = take(&place, &room, ours[0]).await.json();
    assert_eq!((first.recording, first.who.as_str()), (ours[0], "Hall 1"));
    assert!(counts(&place, &first.token).await);
    let again: JoinAnswer = take(&place, &room, ours[0]).await.json();
    assert_eq!(first.certificates, again.certificates);
    assert!(!counts(&place, &first.token).await && counts(&place, &again.token).await);

    let stranger = RecordingId::from_random(invigil_clock::random().unwrap());
    for wrong in [other, stranger] {
        let answer = take(&place, &room, wrong).await;
        assert_eq!((answer.status, answer.error().as_str()), (StatusCode::FORBIDDEN, "forbidden"), "{}", answer.text());
    }
    for wrong in ["", "00", &"0".repeat(64), &again.token] {
        assert_eq!(list(&place, wrong).await.status, StatusCode::UNAUTHORIZED, "{wrong:?}");
        assert_eq!(take(&place, wrong, ours[0]).await.status, StatusCode::UNAUTHORIZED, "{wrong:?}");
    }
    assert_eq!(place.audit("taken-by-room").await.len(), 2);
    let device = DeviceKey::from_seed(&[1; 32]).unwrap().public();
    assert_eq!(place.audit("room-enrolled").await[0].0, format!("device:{device}"));
}

/// Each kind of request is counted for itself, also where a recording's row has the number of a room's.
#[tokio::test]
async fn what_a_recording_asks_keeps_out_no_room_of_the_same_number() {
    use invigil_server::db::entities::{recordings, rooms as room_rows};
    use sea_orm::EntityTrait;
    let place = Place::new().await;
    let agent = place.agent().await;
    let code = rooms::add(&place.state, "Hall 1").await.unwrap();
    let db = &place.state.db;
    let recording = recordings::Entity::find().one(db).await.unwrap().unwrap();
    assert_eq!(recording.id, room_rows::Entity::find().one(db).await.unwrap().unwrap().id);
    let burst = async |method: Method, path: &str| -> u32 {
        let mut taken = 0;
        while ask(&agent, method.clone(), path, &[], Vec::new()).await.status == StatusCode::OK {
            taken += 1;
        }
        taken
    };
    place.clock.advance(1000);
    // From now on the clock stands still: nothing is earned.
    assert_eq!(burst(Method::GET, &agent::recording_receipt_path(agent.recording())).await, 5);
    assert_eq!(burst(Method::POST, agent::SPEED_TEST).await, 5);
    let room = token(&place, 1, &code.code).await;
    assert_eq!(ask_with(&place, &room, Method::GET, EXAMS, &[], Vec::new()).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_room_code_is_used_once_and_a_new_one_ends_the_old_computer() {
    let place = Place::new().await;
    let code = rooms::add(&place.state, "Hall 1").await.unwrap();
    let exam = exam_in(&place, "Hall 1", HOUR_MS).await;
    assert_eq!(join(&place, 1, &code.code).await.error(), "join-code-unknown", "a room code joins no exam");
    assert_eq!(enrol(&place, 1, &exam.code).await.error(), "room-code-unknown");
    let old = token(&place, 1, &code.code).await;
    assert_eq!(enrol(&place, 2, &code.code).await.error(), "room-code-used");
    let old_recording: JoinAnswer = take(&place, &old, exam.recording).await.json();
    place.clock.advance(1000);
    let renewed = token(&place, 1, &code.code.to_lowercase()).await;
    assert_eq!(list(&place, &old).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(list(&place, &renewed).await.status, StatusCode::OK);

    // The computer died: another one takes over what the old one had taken, and the old one's access is worth nothing.
    let fresh = rooms::reissue(&place.state, "Hall 1").await.unwrap();
    assert_eq!(list(&place, &renewed).await.status, StatusCode::UNAUTHORIZED);
    assert!(!counts(&place, &old_recording.token).await, "nor are its places in exams");
    assert_eq!(enrol(&place, 1, &code.code).await.error(), "room-code-unknown");
    let new = token(&place, 2, &fresh.code).await;
    let taken: JoinAnswer = take(&place, &new, exam.recording).await.json();
    assert!(!counts(&place, &old_recording.token).await && counts(&place, &taken.token).await);

    let coming: JoinAnswer = take(&place, &new, exam_in(&place, "Hall 1", 2 * HOUR_MS).await.recording).await.json();
    begin_run(&place, &taken).await;
    rooms::withdraw(&place.state, "Hall 1").await.unwrap();
    assert_eq!(list(&place, &new).await.status, StatusCode::UNAUTHORIZED);
    assert!(counts(&place, &taken.token).await, "what it records goes on");
    assert!(!counts(&place, &coming.token).await, "and nothing else begins");
    assert!(rooms::reissue(&place.state, "Hall 1").await.is_err());
    let back = rooms::add(&place.state, "Hall 1").await.unwrap();
    assert_eq!(enrol(&place, 2, &back.code).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_laptop_that_stands_in_by_code_is_not_thrown_out() {
    let place = Place::new().await;
    let code = rooms::add(&place.state, "Hall 1").await.unwrap();
    let exam = exam_in(&place, "Hall 1", 0).await;
    let room = token(&place, 1, &code.code).await;
    let taken: JoinAnswer = take(&place, &room, exam.recording).await.json();
    // The printed code is still good: the room's computer needed none.
    let laptop: JoinAnswer = join(&place, 5, &exam.code).await.json();
    assert!(!counts(&place, &taken.token).await && counts(&place, &laptop.token).await);
    assert!(list(&place, &room).await.json::<RoomExams>().exams[0].by_code);
    assert_eq!(take(&place, &room, exam.recording).await.error(), "taken-by-a-code");
    assert!(counts(&place, &laptop.token).await);
    exams::reissue(&place.state, exam.recording).await.unwrap();
    assert_eq!(take(&place, &room, exam.recording).await.status, StatusCode::OK);
}

#[tokio::test]
async fn guessing_room_codes_is_slowed_down_and_keeps_nobody_out() {
    let place = Place::new().await;
    let code = rooms::add(&place.state, "Hall 1").await.unwrap();
    for _ in 0..60 {
        enrol(&place, 9, "0000-0000-00000").await;
    }
    assert_eq!(enrol(&place, 9, "0000-0000-00000").await.status, StatusCode::TOO_MANY_REQUESTS);
    let room = token(&place, 1, &code.code).await;
    let mut last = StatusCode::OK;
    for _ in 0..60 {
        last = ask_with(&place, &room, Method::GET, EXAMS, &[], Vec::new()).await.status;
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn expired_and_ended_recordings_are_not_given_out() {
    use invigil_server::db::entities::recordings;
    use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel};
    let place = Place::new().await;
    let code = rooms::add(&place.state, "Hall 1").await.unwrap();
    let exam = exam_in(&place, "Hall 1", -HOUR_MS / 2).await;
    let (old, room) = (token(&place, 1, &code.code).await, 2);
    let own: JoinAnswer = take(&place, &old, exam.recording).await.json();
    let row = recordings::Entity::find().one(&place.state.db).await.unwrap().unwrap();
    let ended = recordings::ActiveModel { finished_ms: Set(Some(place.clock_ms())), ..row.into_active_model() };
    ended.update(&place.state.db).await.unwrap();
    let listed: RoomExams = list(&place, &old).await.json();
    assert!(listed.exams[0].ended_ms.is_some());
    assert_eq!(take(&place, &old, exam.recording).await.status, StatusCode::OK, "its own device may still send the rest");
    let fresh = rooms::reissue(&place.state, "Hall 1").await.unwrap();
    let new = token(&place, room, &fresh.code).await;
    assert_eq!(take(&place, &new, exam.recording).await.error(), "already-ended");
    place.clock.advance(own.expires_ms - place.clock_ms());
    assert_eq!(list(&place, &new).await.json::<RoomExams>().exams, []);
}
