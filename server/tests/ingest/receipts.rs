//! The receipt of a whole recording: only what is stored counts, everything else is named, and nobody else is told.

use super::support::{Agent, Answer, HOUR_MS, Place, START_MS};
use super::{agent_record, ask, ask_with, patch, whole_segment};
use axum::http::{Method, StatusCode};
use invigil_format::{
    BootId, Condition, DroppedBecause, DroppedStretch, Event, JournalWriter, MissingCause, MissingStretch, ReceiptFile, RecordingReceipt,
    Stamp, Statement, TrackKind,
};
use invigil_server::db::entities::audit;
use invigil_wire::agent::{EXPIRY_HEADER, FILES, FINISH, HEARTBEATS, Heartbeat, JOURNAL, JournalBatch, recording_receipt_path};
use sea_orm::{EntityTrait, PaginatorTrait};

const SEC: i64 = 1000;

async fn asked(agent: &Agent<'_>) -> Answer {
    ask(agent, Method::GET, &recording_receipt_path(agent.recording()), &[], Vec::new()).await
}

/// What the receipt says; it must count for whoever knows the fingerprint and nothing else.
async fn receipt(agent: &Agent<'_>) -> RecordingReceipt {
    // Not to be one of too many.
    agent.place.clock.advance(SEC);
    let answer = asked(agent).await;
    assert_eq!((answer.status, answer.header("cache-control")), (StatusCode::OK, "no-store"), "{}", answer.text());
    let file = ReceiptFile::from_json(&answer.body).unwrap();
    let receipt = file.check(agent.place.state.institution).unwrap();
    assert_eq!((receipt.recording, receipt.exam, receipt.made_ms), (agent.recording(), agent.exam, agent.place.clock_ms()));
    receipt
}

async fn journal(agent: &Agent<'_>, events: Vec<(u64, Event)>) {
    let record = agent_record(agent).await;
    let state = &agent.place.state;
    let mut writer = JournalWriter::new(state.institution, agent.recording(), agent.run, BootId::from_random([4; 16]), None, &agent.device);
    let started = (0, Event::RunStarted { agent_version: "test".into(), previous_run: None, key_record: record });
    let entries: Vec<Statement> = std::iter::once(started)
        .chain(events)
        .map(|(at_us, event)| {
            let wall_ms = START_MS + i64::try_from(at_us / 1000).unwrap();
            writer.entry(event, Stamp { boottime_us: 50_000_000 + at_us, wall_ms }).unwrap()
        })
        .collect();
    let body = serde_json::to_vec(&JournalBatch { run: agent.run, entries }).unwrap();
    let answer = ask(agent, Method::POST, JOURNAL, &[("content-type", "application/json")], body).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
}

/// Places the run: its boot time 50 s is [`START_MS`].
async fn heartbeat(agent: &Agent<'_>) {
    let now = agent.place.clock_ms();
    let beat = Heartbeat {
        recording: agent.recording(),
        run: agent.run,
        sequence: 0,
        boot_id: BootId::from_random([4; 16]),
        boottime_us: u64::try_from(now - START_MS + 50_000).unwrap() * 1000,
        wall_ms: now,
        capturing: true,
        spooled_bytes: 0,
    };
    let body = serde_json::to_vec(&beat).unwrap();
    let answer = ask(agent, Method::POST, HEARTBEATS, &[("content-type", "application/json")], body).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
}

fn missing(from_ms: i64, to_ms: i64, cause: MissingCause) -> MissingStretch {
    MissingStretch { from_ms: START_MS + from_ms, to_ms: START_MS + to_ms, cause }
}

#[tokio::test]
async fn a_receipt_counts_what_is_stored_and_names_what_is_not() {
    let place = Place::new().await;
    let agent = place.agent().await;
    let nothing = receipt(&agent).await;
    assert_eq!((nothing.expected_ms, nothing.stored_ms, nothing.segments), (HOUR_MS / 2 + SEC, 0, 0));
    assert_eq!(
        nothing.missing,
        [missing(-HOUR_MS / 2, 0, MissingCause::NotJoined), missing(0, SEC, MissingCause::AgentStopped)],
        "half an hour before it joined, and a second since"
    );

    heartbeat(&agent).await;
    // Three seconds stored, three more under way. Device's boot time 50 s is the exam's 0 s.
    let bytes = whole_segment(&agent, 0).await;
    let path = agent.create(0).await;
    assert_eq!(patch(&agent, &path, 0, &[], &bytes).await.status, StatusCode::NO_CONTENT);
    let (mut writer, mut more) = agent.segment(agent_record(&agent).await, 1);
    for second in 3..6 {
        more.extend(agent.chunk(&mut writer, second * SEC, b"a second of a picture"));
    }
    let path = agent.create(1).await;
    assert_eq!(patch(&agent, &path, 0, &[], &more).await.status, StatusCode::NO_CONTENT);
    place.clock.advance(5 * SEC);
    let before = audit::Entity::find().count(&place.state.db).await.unwrap();
    let partly = receipt(&agent).await;
    assert_eq!((partly.segments, partly.size_bytes, partly.waiting_segments), (1, bytes.len() as u64, 1));
    assert_eq!((partly.stored_ms, partly.finished, partly.has_all_that_exists()), (3 * SEC, false, false));
    assert_eq!(partly.missing[1..], [missing(3 * SEC, 7 * SEC, MissingCause::NotYetUploaded)], "what has come of it does not count yet");

    // It arrives whole, the run ends, the candidate has finished.
    let rest = agent.closing(&mut writer, 6 * SEC);
    assert_eq!(patch(&agent, &path, more.len(), &[], &rest).await.status, StatusCode::NO_CONTENT);
    let head = writer.head0();
    let started = |sequence| Event::SegmentStarted { track: "cam0".parse().unwrap(), sequence, head };
    journal(&agent, vec![(0, started(0)), (3_000_000, started(1)), (6_500_000, Event::RunEnded { reason: "stopped".into() })]).await;
    let body = serde_json::to_vec(&super::finishing::finish_request(&agent, 0, 0)).unwrap();
    let finished = ask(&agent, Method::POST, FINISH, &[("content-type", "application/json")], body).await;
    assert_eq!(finished.status, StatusCode::NO_CONTENT);
    let at_the_end = receipt(&agent).await;
    assert_eq!((at_the_end.finished, at_the_end.until_ms, at_the_end.stored_ms), (true, START_MS + 7 * SEC, 6 * SEC));
    assert_eq!(at_the_end.missing[1..], [missing(6 * SEC, 7 * SEC, MissingCause::AgentStopped)]);
    assert!(at_the_end.has_all_that_exists());
    let track = &at_the_end.tracks[0];
    assert_eq!((at_the_end.tracks.len(), track.track.as_str(), track.kind), (1, "cam0", TrackKind::Video));
    assert_eq!((track.segments, track.media_ms, track.stored_ms), (2, 6 * SEC, 6 * SEC));
    assert_eq!(track.size_bytes, (bytes.len() + more.len() + rest.len()) as u64);
    let entries = audit::Entity::find().count(&place.state.db).await.unwrap();
    assert_eq!(entries, before + 1, "finishing is an audit entry, asking for a receipt is none");

    // What the views and the staff's page say is the same.
    let view = place.browser("admin").await.get(&format!("/api/recordings/{}", agent.recording())).await;
    let view: invigil_wire::review::RecordingView = view.json();
    let seen: Vec<(i64, i64)> = view.missing.iter().map(|stretch| (stretch.from_ms, stretch.to_ms)).collect();
    assert_eq!(seen, at_the_end.missing.iter().map(|stretch| (stretch.from_ms, stretch.to_ms)).collect::<Vec<_>>());
    let staff = place.browser("admin").await.get(&format!("/api/recordings/{}/receipt", agent.recording())).await;
    let staff = ReceiptFile::from_json(&staff.body).unwrap().check(place.state.institution).unwrap();
    assert_eq!(RecordingReceipt { made_ms: at_the_end.made_ms, ..staff }, at_the_end);
}

/// P1: a microphone that goes on does not hide that the camera has stopped, and its own loss explains nothing that pictures lack.
#[tokio::test]
async fn sound_is_counted_for_itself_and_not_as_footage_of_the_window() {
    let place = Place::new().await;
    let agent = place.agent().await;
    heartbeat(&agent).await;
    let bytes = whole_segment(&agent, 0).await;
    let path = agent.create(0).await;
    assert_eq!(patch(&agent, &path, 0, &[], &bytes).await.status, StatusCode::NO_CONTENT);
    let record = agent_record(&agent).await;
    let (mut writer, mut sound) = agent.segment_of("mic0", record, 0);
    for second in 0..8 {
        sound.extend(agent.chunk(&mut writer, second * SEC, b"a second of sound"));
    }
    sound.extend(agent.closing(&mut writer, 8 * SEC));
    let created = agent.ask_to_create_of("mic0", 0).await;
    let location = created.header("location");
    let path = location[location.find(FILES).unwrap()..].to_owned();
    assert_eq!(patch(&agent, &path, 0, &[], &sound).await.status, StatusCode::NO_CONTENT);
    let head = writer.head0();
    let started = |track: &str| Event::SegmentStarted { track: track.parse().unwrap(), sequence: 0, head };
    let lost = Event::CameraLost { track: "mic0".parse().unwrap(), reason: "unplugged".into() };
    journal(&agent, vec![(0, started("cam0")), (0, started("mic0")), (4_000_000, lost)]).await;
    place.clock.advance(9 * SEC);
    let receipt = receipt(&agent).await;
    assert_eq!((receipt.segments, receipt.stored_ms), (2, 3 * SEC));
    assert_eq!(receipt.missing[1..], [missing(3 * SEC, 10 * SEC, MissingCause::Unknown)], "not the microphone's loss");
    let of = |name: &str| receipt.tracks.iter().find(|track| track.track.as_str() == name).unwrap();
    assert_eq!((of("cam0").kind, of("cam0").stored_ms), (TrackKind::Video, 3 * SEC));
    assert_eq!((of("mic0").kind, of("mic0").stored_ms), (TrackKind::Audio, 8 * SEC));
    let view = place.browser("admin").await.get(&format!("/api/recordings/{}", agent.recording())).await;
    let view: invigil_wire::review::RecordingView = view.json();
    assert_eq!((view.recorded_ms, view.footage.len()), (3 * SEC, 2), "sound is shown as a track of its own");
    // Later, so that none of it is on its way.
    place.clock.advance(20 * SEC);
    let view: invigil_wire::review::RecordingView =
        place.browser("admin").await.get(&format!("/api/recordings/{}", agent.recording())).await.json();
    let lacks = |track: &str| {
        let last = view.track_missing.iter().rfind(|part| part.track == track).unwrap();
        (last.to_ms - last.from_ms, last.cause.as_str())
    };
    assert_eq!(lacks("mic0"), (22 * SEC, "camera-lost"));
    assert_eq!(lacks("cam0"), (27 * SEC, "unknown"), "not the microphone's loss");
}

/// Three seconds of pictures, then these events; what is missing behind the pictures after so long.
async fn missing_after(events: Vec<(u64, Event)>, until_ms: i64) -> Vec<MissingStretch> {
    let place = Place::new().await;
    let agent = place.agent().await;
    heartbeat(&agent).await;
    let bytes = whole_segment(&agent, 0).await;
    let path = agent.create(0).await;
    assert_eq!(patch(&agent, &path, 0, &[], &bytes).await.status, StatusCode::NO_CONTENT);
    let head = agent.segment(agent_record(&agent).await, 0).0.head0();
    let started = Event::SegmentStarted { track: "cam0".parse().unwrap(), sequence: 0, head };
    journal(&agent, [(0, started)].into_iter().chain(events).collect()).await;
    place.clock.advance(until_ms - SEC);
    receipt(&agent).await.missing[1..].to_vec()
}

#[tokio::test]
async fn a_short_sleep_and_an_end_that_takes_long_are_causes() {
    let asleep = Event::Suspended { from_us: 53_200_000, to_us: 59_500_000 };
    assert_eq!(missing_after(vec![(9_600_000, asleep)], 10 * SEC).await, [missing(3 * SEC, 10 * SEC, MissingCause::Suspended)]);
    // The tracks were closed 20 s after the last picture.
    let ended = Event::RunEnded { reason: "stopped".into() };
    assert_eq!(missing_after(vec![(23_000_000, ended)], 24 * SEC).await, [missing(3 * SEC, 24 * SEC, MissingCause::AgentStopped)]);
    assert_eq!(missing_after(Vec::new(), 14 * SEC).await, [missing(3 * SEC, 14 * SEC, MissingCause::Unknown)]);
}

/// Pictures of the camera that were thrown away from one second of the run until another, journalled when the run was so old.
fn dropped(journalled: u64, from: u64, to: u64, because: DroppedBecause) -> (u64, Event) {
    let stretch = DroppedStretch { from_us: 50_000_000 + from * 1_000_000, to_us: 50_000_000 + to * 1_000_000, because };
    let event = Event::FramesDropped { track: "cam0".parse().unwrap(), count: 60, reason: "too slow".into(), stretch: Some(stretch) };
    (journalled * 1_000_000, event)
}

#[tokio::test]
async fn a_computer_that_did_not_keep_up_is_a_cause_of_its_own() {
    let after = |event: (u64, Event)| missing_after(vec![event], 10 * SEC);
    let whole = |cause| [missing(3 * SEC, 10 * SEC, cause)];
    // Journalled some seconds later, as it may be; most of the hole is enough.
    assert_eq!(after(dropped(15, 3, 7, DroppedBecause::TooBusy)).await, whole(MissingCause::ComputerTooBusy));
    assert_eq!(after(dropped(15, 3, 5, DroppedBecause::TooBusy)).await, whole(MissingCause::Unknown));
    assert_eq!(after(dropped(9, 3, 9, DroppedBecause::DiskFailure)).await, whole(MissingCause::CapturePaused));
    assert_eq!(after(dropped(9, 3, 9, DroppedBecause::NoKeyFrame)).await, whole(MissingCause::CameraLost));
    let held_up = Event::HeldUp { from_us: 54_000_000, to_us: 59_800_000 };
    assert_eq!(after((9_800_000, held_up)).await, whole(MissingCause::ComputerTooBusy));
    // Of an older agent: it does not say when, but the condition does.
    let old =
        Event::FramesDropped { track: "cam0".parse().unwrap(), count: 60, reason: "disk or processor too slow".into(), stretch: None };
    let condition = Condition::Cpu;
    let began = Event::ConditionBegan { condition, track: None, since_us: 54_000_000, reason: "30 of 75 in 5 s".into() };
    let ended = Event::ConditionEnded { condition, track: None, since_us: 54_000_000, until_us: 59_000_000 };
    let entries = |last: Vec<(u64, Event)>| [vec![(6_000_000, old.clone())], last].concat();
    assert_eq!(missing_after(entries(Vec::new()), 10 * SEC).await, whole(MissingCause::Unknown));
    assert_eq!(missing_after(entries(vec![(9_500_000, began.clone())]), 10 * SEC).await, whole(MissingCause::ComputerTooBusy));
    let both = entries(vec![(5_000_000, began.clone()), (9_500_000, ended)]);
    assert_eq!(missing_after(both, 10 * SEC).await, whole(MissingCause::ComputerTooBusy));
    // It explains nothing beyond what was told of it, and no camera that was lost meanwhile.
    assert_eq!(missing_after(vec![(5_000_000, began.clone())], 10 * SEC).await, whole(MissingCause::Unknown));
    let lost = Event::CameraLost { track: "cam0".parse().unwrap(), reason: "unplugged".into() };
    assert_eq!(missing_after(vec![(6_000_000, lost), (9_500_000, began)], 10 * SEC).await, whole(MissingCause::CameraLost));
}

#[tokio::test]
async fn what_was_refused_is_not_stored_and_not_on_its_way() {
    let place = Place::new().await;
    let agent = place.agent().await;
    heartbeat(&agent).await;
    let mut bytes = whole_segment(&agent, 0).await;
    let at = bytes.len() - 10;
    bytes[at] ^= 1;
    let path = agent.create(0).await;
    let answer = patch(&agent, &path, 0, &[], &bytes).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.text());
    let head = agent.segment(agent_record(&agent).await, 0).0.head0();
    journal(&agent, vec![(0, Event::SegmentStarted { track: "cam0".parse().unwrap(), sequence: 0, head })]).await;
    place.clock.advance(5 * SEC);
    let receipt = receipt(&agent).await;
    assert_eq!((receipt.segments, receipt.waiting_segments, receipt.refused_segments), (0, 0, 1));
    assert_eq!(receipt.missing[1..], [missing(0, 6 * SEC, MissingCause::Refused)]);
}

#[tokio::test]
async fn a_receipt_is_given_to_its_own_agent_seldom_and_not_after_expiry() {
    let place = Place::new().await;
    let (agent, other) = (place.agent().await, place.agent().await);
    let path = recording_receipt_path(agent.recording());
    assert_eq!(ask_with(&place, &other.joined.token, Method::GET, &path, &[], Vec::new()).await.status, StatusCode::FORBIDDEN);
    assert_eq!(ask_with(&place, &"00".repeat(32), Method::GET, &path, &[], Vec::new()).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(ask(&agent, Method::GET, "/v1/recordings/7/receipt", &[], Vec::new()).await.error(), "bad-recording");
    assert_eq!(ask(&agent, Method::POST, &path, &[], Vec::new()).await.status, StatusCode::METHOD_NOT_ALLOWED);
    let mut answers = Vec::new();
    for _ in 0..8 {
        answers.push(asked(&agent).await.status);
    }
    assert_eq!(answers[..5], [StatusCode::OK; 5]);
    assert_eq!(answers[5..], [StatusCode::TOO_MANY_REQUESTS; 3]);
    place.clock.advance(SEC);
    assert_eq!(asked(&agent).await.status, StatusCode::OK);
    place.clock.advance(agent.expires_ms - place.clock_ms());
    let expired = asked(&agent).await;
    assert_eq!((expired.status, expired.headers.contains_key(EXPIRY_HEADER)), (StatusCode::GONE, true));
    let staff = place.browser("admin").await.get(&format!("/api/recordings/{}/receipt", agent.recording())).await;
    assert_eq!(staff.status, StatusCode::GONE);
}
