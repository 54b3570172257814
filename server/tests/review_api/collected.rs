//! "The papers are collected": who may say so, when, and what everybody sees of it.

use crate::CSRF;
use crate::support::{Browser, HOUR_MS, Place};
use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use invigil_format::{BootId, DeviceKey, Event, Join, JournalWriter, RunId, code_digest};
use invigil_server::exams::{self, NewExam, NewSeat};
use invigil_server::staff::Role;
use invigil_wire::agent::{self, HEARTBEATS, HeartbeatAnswer, JoinAnswer};
use invigil_wire::review::RecordingView;

struct Room<'a> {
    place: &'a Place,
    device: DeviceKey,
    joined: JoinAnswer,
    run: RunId,
    boot: BootId,
}

impl<'a> Room<'a> {
    async fn new(place: &'a Place) -> Self {
        let now = place.clock_ms();
        let new = NewExam {
            title: "Physics".into(),
            discipline: "Physics".into(),
            starts_ms: now,
            ends_ms: now + HOUR_MS,
            policy: "kaznu".into(),
            seats: vec![NewSeat::room("Hall 1")],
            ..NewExam::default()
        };
        let code = exams::add(&place.state, &new).await.unwrap().joins.remove(0).code;
        let device = DeviceKey::from_seed(&[7; 32]).unwrap();
        let proof = device.state(&Join { institution: place.state.institution, code_digest: code_digest(&code), wall_ms: now }).unwrap();
        let body = serde_json::json!({ "code": code, "proof": proof, "agent_version": "test" });
        let request = Request::post(agent::JOIN).header("content-type", "application/json").body(Body::from(body.to_string())).unwrap();
        let joined = place.send(request).await.json();
        Self { place, device, joined, run: RunId::from_random([9; 16]), boot: BootId::from_random([4; 16]) }
    }

    async fn post(&self, path: &str, body: serde_json::Value) -> crate::support::Answer {
        let request = Request::post(path).header("content-type", "application/json");
        let request = request.header("authorization", format!("Bearer {}", self.joined.token));
        self.place.send(request.body(Body::from(body.to_string())).unwrap()).await
    }

    async fn beat(&self, sequence: u64) -> HeartbeatAnswer {
        self.place.clock.advance(1000);
        let body = serde_json::json!({
            "recording": self.joined.recording, "run": self.run, "sequence": sequence, "boot_id": self.boot,
            "boottime_us": 90_000_000, "wall_ms": self.place.clock_ms(), "capturing": true, "spooled_bytes": 0,
        });
        let answer = self.post(HEARTBEATS, body).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        answer.json()
    }

    async fn end_passed(&self, ends_ms: i64) {
        let institution = self.place.state.institution;
        let mut writer = JournalWriter::new(institution, self.joined.recording, self.run, self.boot, None, &self.device);
        let at = invigil_format::Stamp { boottime_us: 91_000_000, wall_ms: self.place.clock_ms() };
        let entry = writer.entry(Event::EndPassed { ends_ms }, at).unwrap();
        let answer = self.post(agent::JOURNAL, serde_json::json!({ "run": self.run, "entries": [entry] })).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    }

    async fn collected(&self, browser: &Browser<'_>) -> crate::support::Answer {
        browser.ask(Method::POST, &format!("/api/recordings/{}/collected", self.joined.recording), &[CSRF], String::new()).await
    }

    async fn view(&self, browser: &Browser<'_>) -> RecordingView {
        let all: Vec<RecordingView> = browser.get(&format!("/api/exams/{}/recordings", self.joined.exam.id)).await.json();
        all.into_iter().next().unwrap()
    }
}

#[tokio::test]
async fn an_invigilator_ends_a_room_and_its_computer_hears_of_it() {
    let place = Place::new().await;
    place.add_account("invigilator", Role::Invigilator).await;
    let invigilator = place.browser("invigilator").await;
    let room = Room::new(&place).await;
    assert_eq!(room.collected(&invigilator).await.error(), "not-begun", "a word too early costs no footage");
    assert!(!room.beat(1).await.finished);
    let before = room.view(&invigilator).await;
    assert_eq!((before.end_asked_ms, before.ended_ms), (None, None));

    room.end_passed(room.joined.exam.ends_ms).await;
    let asked = room.view(&invigilator).await;
    // Boot time 91 s; the heartbeat at 90 s came just now.
    assert_eq!(asked.end_asked_ms, Some(place.clock_ms() + 1000));
    assert!(!room.beat(2).await.finished, "nothing ends by the clock");

    assert_eq!(room.collected(&invigilator).await.status, StatusCode::NO_CONTENT);
    assert!(room.beat(3).await.finished, "with the next heartbeat");
    let ended = room.view(&invigilator).await;
    assert_eq!((ended.end_asked_ms, ended.ended_ms), (None, Some(place.clock_ms() - 1000)));
    assert_eq!(room.collected(&invigilator).await.error(), "already-ended");
    let entries = place.audit("papers-collected").await;
    assert_eq!(entries.len(), 1);
    assert!(entries[0].0.starts_with("staff:") && entries[0].1 == format!("recording:{}", room.joined.recording));
}

#[tokio::test]
async fn an_end_that_was_moved_is_not_asked_about_and_other_days_are_the_admins() {
    let place = Place::new().await;
    place.add_account("invigilator", Role::Invigilator).await;
    let room = Room::new(&place).await;
    room.beat(1).await;
    room.end_passed(room.joined.exam.ends_ms - 1).await;
    let admin = place.browser("admin").await;
    assert_eq!(room.view(&admin).await.end_asked_ms, None);
    let agent = place.agent().await;
    let of_candidate = format!("/api/recordings/{}/collected", agent.recording());
    assert_eq!(admin.ask(Method::POST, &of_candidate, &[CSRF], String::new()).await.error(), "not-a-room");
    place.clock.advance(20 * HOUR_MS);
    let (invigilator, admin) = (place.browser("invigilator").await, place.browser("admin").await);
    assert_eq!(room.collected(&invigilator).await.status, StatusCode::NOT_FOUND);
    assert_eq!(room.collected(&admin).await.status, StatusCode::NO_CONTENT);
}
