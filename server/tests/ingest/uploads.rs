//! tus, and what is refused.

use super::support::{Agent, Place};
use super::{agent_record, ask, assert_receipt, patch, receipt, sound, whole_segment};
use axum::http::{Method, StatusCode};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use invigil_format::{DeviceKey, RunId, RunKey};
use invigil_wire::agent::{EXPIRY_HEADER, FILES, FINISH, FileState, JOURNAL, JournalBatch};

#[tokio::test]
async fn a_whole_segment_is_stored_with_a_receipt_and_a_lost_answer_costs_nothing() {
    let place = Place::new().await;
    let agent = place.agent().await;
    let bytes = whole_segment(&agent, 0).await;
    let path = agent.create(0).await;
    assert_eq!(agent.create(0).await, path, "T1.1: creating is idempotent");
    let half = bytes.len() / 2;
    agent.append(&path, 0, bytes[..half].to_vec(), false).await;
    // The answer was lost, so the agent sends the same bytes again: T2.2.
    let again = patch(&agent, &path, 0, &[], &bytes[..half]).await;
    assert_eq!((again.status, again.header("upload-offset")), (StatusCode::CONFLICT, half.to_string().as_str()));
    assert_eq!(receipt(&agent, &path).await.status, StatusCode::ACCEPTED);
    agent.append(&path, half as u64, bytes[half..].to_vec(), true).await;
    assert_receipt(&agent, &receipt(&agent, &path).await, &bytes);
    assert_eq!(agent.head(&path).await, ("stored".into(), bytes.len() as u64));
    // The last answer was lost as well.
    assert_eq!(patch(&agent, &path, half, &[], &bytes[half..]).await.header("upload-offset"), bytes.len().to_string());
    assert_eq!(patch(&agent, &path, bytes.len(), &[], b"").await.status, StatusCode::NO_CONTENT);
    assert_eq!(agent.create(0).await, path);
    assert_eq!(sound(&place).await, Vec::<String>::new());
}

/// T2.1: a body that does not fit its checksum is not taken.
#[tokio::test]
async fn the_protocol_is_tus_1_0() {
    let place = Place::new().await;
    let agent = place.agent().await;
    let options = ask(&agent, Method::OPTIONS, FILES, &[], Vec::new()).await;
    assert_eq!((options.status, options.header("tus-version")), (StatusCode::NO_CONTENT, "1.0.0"));
    assert_eq!(options.header("tus-extension"), "creation,creation-defer-length,checksum");
    let path = agent.create(0).await;
    let old = ask(&agent, Method::HEAD, &path, &[("tus-resumable", "0.2.2")], Vec::new()).await;
    assert_eq!((old.status, old.header("tus-version")), (StatusCode::PRECONDITION_FAILED, "1.0.0"));
    let head = ask(&agent, Method::HEAD, &path, &[("tus-resumable", "1.0.0")], Vec::new()).await;
    assert_eq!((head.header("upload-offset"), head.header("upload-defer-length"), head.header("cache-control")), ("0", "1", "no-store"));
    let typed = [("tus-resumable", "1.0.0"), ("upload-offset", "0"), ("content-type", "text/plain")];
    assert_eq!(ask(&agent, Method::PATCH, &path, &typed, b"x".to_vec()).await.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert_eq!(patch(&agent, &path, 0, &[("upload-checksum", "md5 AAAA")], b"x").await.status, StatusCode::BAD_REQUEST);
    assert_eq!(patch(&agent, &path, 0, &[("upload-checksum", "sha1 AAAA")], b"x").await.status.as_u16(), 460);
    assert_eq!(patch(&agent, &path, 0, &[("upload-length", "99999999999")], b"x").await.status, StatusCode::PAYLOAD_TOO_LARGE);
    let long = vec![0; invigil_wire::agent::MAX_PATCH_BYTES + 1];
    assert_eq!(patch(&agent, &path, 0, &[], &long).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(agent.head(&path).await.1, 0, "nothing of all this was taken");

    let bytes = whole_segment(&agent, 0).await;
    let sum = format!("sha256 {}", STANDARD.encode(ring::digest::digest(&ring::digest::SHA256, &bytes).as_ref()));
    assert_eq!(patch(&agent, &path, 0, &[("upload-checksum", &sum)], &bytes).await.status, StatusCode::NO_CONTENT);
    assert_receipt(&agent, &receipt(&agent, &path).await, &bytes);
}

#[tokio::test]
async fn t2_1_a_body_that_is_cut_off_counts_as_far_as_it_came_unless_it_has_a_checksum() {
    use axum::body::{Body, Bytes};
    let place = Place::new().await;
    let agent = place.agent().await;
    let bytes = whole_segment(&agent, 0).await;
    let path = agent.create(0).await;
    let sum = format!("sha256 {}", STANDARD.encode(ring::digest::digest(&ring::digest::SHA256, &bytes).as_ref()));
    for (checksum, status, taken) in [(Some(sum), StatusCode::BAD_REQUEST, 0), (None, StatusCode::NO_CONTENT, 300)] {
        let pieces = [Ok(Bytes::copy_from_slice(&bytes[..300])), Err(std::io::Error::other("the client is gone"))];
        let mut request = axum::http::Request::patch(&path)
            .header("authorization", format!("Bearer {}", agent.joined.token))
            .header("tus-resumable", "1.0.0")
            .header("content-type", "application/offset+octet-stream")
            .header("upload-offset", "0");
        if let Some(checksum) = checksum {
            request = request.header("upload-checksum", checksum);
        }
        let answer = place.send(request.body(Body::from_stream(futures_util::stream::iter(pieces))).unwrap()).await;
        assert_eq!(answer.status, status, "{}", answer.text());
        let head = ask(&agent, Method::HEAD, &path, &[("tus-resumable", "1.0.0")], Vec::new()).await;
        assert_eq!(head.header("upload-offset"), taken.to_string());
    }
    assert_eq!(patch(&agent, &path, 300, &[], &bytes[300..]).await.status, StatusCode::NO_CONTENT);
    assert_receipt(&agent, &receipt(&agent, &path).await, &bytes);
}

/// An append of bytes of which none ever come.
fn waiting(agent: &Agent<'_>, path: &str, offset: u64) -> axum::http::Request<axum::body::Body> {
    let never = futures_util::stream::pending::<Result<axum::body::Bytes, std::io::Error>>();
    axum::http::Request::patch(path)
        .header("authorization", format!("Bearer {}", agent.joined.token))
        .header("tus-resumable", "1.0.0")
        .header("content-type", "application/offset+octet-stream")
        .header("upload-offset", offset.to_string())
        .body(axum::body::Body::from_stream(never))
        .unwrap()
}

/// T2.2: the right offset is told without the bytes for the wrong one.
#[tokio::test]
async fn a_body_for_another_offset_is_not_waited_for() {
    let place = Place::new().await;
    let agent = place.agent().await;
    let bytes = whole_segment(&agent, 0).await;
    let path = agent.create(0).await;
    agent.append(&path, 0, bytes[..300].to_vec(), false).await;
    for wrong in [0, 299, 301] {
        let answer = tokio::time::timeout(std::time::Duration::from_secs(20), place.send(waiting(&agent, &path, wrong))).await.unwrap();
        assert_eq!((answer.status, answer.error().as_str()), (StatusCode::CONFLICT, "wrong-offset"), "{wrong}");
        assert_eq!(answer.header("upload-offset"), "300");
    }
    assert_eq!(patch(&agent, &path, 300, &[], &bytes[300..]).await.status, StatusCode::NO_CONTENT);
    assert_receipt(&agent, &receipt(&agent, &path).await, &bytes);
}

#[tokio::test]
async fn bodies_on_their_way_are_bounded_for_each_recording() {
    use futures_util::future::join_all;
    use invigil_server::db::entities::recordings;
    use sea_orm::EntityTrait;
    let place = Place::new().await;
    let agent = place.agent().await;
    let recording = recordings::Entity::find().one(&place.state.db).await.unwrap().unwrap().id;
    let other = place.agent().await;
    let bytes = whole_segment(&agent, 0).await;
    let (path, others) = (agent.create(0).await, other.create(0).await);
    // Whoever does not say how much will come may send the most: 8 MiB.
    let mut hanging = Box::pin(join_all((0..8).map(|_| place.send(waiting(&agent, &path, 0)))));
    let meanwhile = async {
        let mut tries = 0;
        while place.state.live.take_body(recording, 8 << 20).is_some() {
            tries += 1;
            assert!(tries < 500, "the bodies were not waited for within 10 s");
            invigil_clock::sleep(std::time::Duration::from_millis(20)).await;
        }
        let refused = patch(&agent, &path, 0, &[("content-length", "1")], b"x").await;
        assert_eq!((refused.status, refused.error().as_str()), (StatusCode::TOO_MANY_REQUESTS, "too-many-requests"));
        assert_eq!(refused.header("retry-after"), "1");
        other.append(&others, 0, whole_segment(&other, 0).await[..300].to_vec(), false).await;
    };
    tokio::select! {
        _ = &mut hanging => panic!("none of these ends within 30 s"),
        () = meanwhile => {}
    }
    drop(hanging);
    agent.append(&path, 0, bytes.clone(), true).await;
    assert_receipt(&agent, &receipt(&agent, &path).await, &bytes);
}

/// T4: the client is gone while the segment is about to be committed.
#[tokio::test]
async fn a_completion_goes_on_without_its_client() {
    use invigil_server::db::{self, entities::segments};
    use sea_orm::EntityTrait;
    let place = Place::new().await;
    let agent = place.agent().await;
    let bytes = whole_segment(&agent, 0).await;
    let path = agent.create(0).await;
    let id: i64 = path.rsplit('/').next().unwrap().parse().unwrap();
    let objects = place.state.store.folder().join("objects");
    let incoming = place.state.store.incoming_path(id);
    // The commit waits for this one.
    let writing = db::begin_write(&place.state.db).await.unwrap();
    let linked = async {
        use std::os::unix::fs::MetadataExt;
        let mut tries = 0;
        while std::fs::metadata(&incoming).unwrap().nlink() < 2 {
            tries += 1;
            assert!(tries < 400, "nothing was linked within 8 s");
            invigil_clock::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    tokio::select! {
        answer = patch(&agent, &path, 0, &[], &bytes) => panic!("it was committed at once: {}", answer.text()),
        () = linked => {}
    }
    writing.rollback().await.unwrap();
    let mut tries = 0;
    while place.state.store.growing(id).is_some() {
        tries += 1;
        assert!(tries < 500, "it was not completed within 10 s");
        invigil_clock::sleep(std::time::Duration::from_millis(20)).await;
    }
    let row = segments::Entity::find_by_id(id).one(&place.state.db).await.unwrap().unwrap();
    assert_eq!((row.state.as_str(), incoming.exists(), objects.exists()), ("stored", false, true));
    assert_receipt(&agent, &receipt(&agent, &path).await, &bytes);
    assert_eq!(sound(&place).await, Vec::<String>::new());
}

#[tokio::test]
async fn t3_1_what_grew_is_synced_without_being_asked() {
    let place = Place::new().await;
    let agent = place.agent().await;
    let bytes = whole_segment(&agent, 0).await;
    let path = agent.create(0).await;
    agent.append(&path, 0, bytes[..300].to_vec(), false).await;
    assert_eq!(agent.head(&path).await, ("received".into(), 0));
    let stop = tokio_util::sync::CancellationToken::new();
    let syncing = tokio::spawn(invigil_server::store::run_sync(place.state.clone(), stop.clone()));
    // The last round of a server that ends.
    stop.cancel();
    syncing.await.unwrap();
    assert_eq!(agent.head(&path).await, ("durable".into(), 300));

    agent.append(&path, 300, bytes[300..600].to_vec(), false).await;
    let syncing = tokio::spawn(invigil_server::store::run_sync(place.state.clone(), tokio_util::sync::CancellationToken::new()));
    let mut tries = 0;
    while agent.head(&path).await != ("durable".into(), 600) {
        tries += 1;
        assert!(tries < 500, "nothing was synced within 10 s");
        // Requests are limited by the clock of the test.
        place.clock.advance(100);
        invigil_clock::sleep(std::time::Duration::from_millis(20)).await;
    }
    syncing.abort();
}

#[tokio::test]
async fn nobody_reaches_the_files_of_others() {
    let place = Place::new().await;
    let (one, other) = (place.agent().await, place.agent().await);
    let path = one.create(0).await;
    assert_eq!(patch(&other, &path, 0, &[], b"x").await.status, StatusCode::NOT_FOUND);
    assert_eq!(receipt(&other, &path).await.status, StatusCode::NOT_FOUND);
    let bare = super::ask_with(&place, &"0".repeat(64), Method::HEAD, &path, &[("tus-resumable", "1.0.0")], Vec::new()).await;
    assert_eq!(bare.status, StatusCode::UNAUTHORIZED);
    let pairs =
        [("recording", one.recording().to_string()), ("run", other.run.to_string()), ("track", "cam0".into()), ("sequence", "0".into())];
    let metadata = pairs.map(|(key, value)| format!("{key} {}", STANDARD.encode(value))).join(",");
    let headers = [("tus-resumable", "1.0.0"), ("upload-defer-length", "1"), ("upload-metadata", metadata.as_str())];
    assert_eq!(ask(&other, Method::POST, FILES, &headers, Vec::new()).await.status, StatusCode::FORBIDDEN);
}

async fn assert_refused(agent: &Agent<'_>, path: &str, name: &str) {
    let answer = receipt(agent, path).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED);
    let state: FileState = answer.json();
    assert!(state.refused.as_deref().is_some_and(|reason| reason.starts_with(name)), "{state:?}");
}

/// What the scanner of T2.3 and what T4.2 refuses.
#[tokio::test]
async fn t5_what_is_not_authentic_is_refused_recorded_and_kept() {
    let place = Place::new().await;
    let agent = place.agent().await;
    let bytes = whole_segment(&agent, 0).await;
    let path = agent.create(0).await;
    let mut damaged = bytes.clone();
    let middle = damaged.len() / 2;
    damaged[middle] ^= 1;
    let answer = patch(&agent, &path, 0, &[], &damaged).await;
    assert_eq!((answer.status, answer.error().as_str()), (StatusCode::UNPROCESSABLE_ENTITY, "refused"));
    assert_eq!(patch(&agent, &path, damaged.len(), &[], b"x").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_refused(&agent, &path, "").await;
    let kept = place.state.store.incoming_path(path.rsplit('/').next().unwrap().parse().unwrap());
    assert_eq!(std::fs::read(kept).unwrap(), damaged);
    assert_eq!(place.audit("segment-refused").await.len(), 1);

    // A segment that says to be another one, and one that is declared complete without being closed.
    let path = agent.create(7).await;
    assert_eq!(patch(&agent, &path, 0, &[], &bytes).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_refused(&agent, &path, "wrong-scope").await;
    let (mut writer, mut torn) = agent.segment(agent_record(&agent).await, 8);
    torn.extend(agent.chunk(&mut writer, 0, b"a second"));
    let path = agent.create(8).await;
    let answer = patch(&agent, &path, 0, &[("upload-length", &torn.len().to_string())], &torn).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_refused(&agent, &path, "not-closed").await;
    assert_eq!(sound(&place).await, Vec::<String>::new());
}

#[tokio::test]
async fn t4_2_a_segment_waits_for_its_key_record() {
    let place = Place::new().await;
    let agent = place.agent().await;
    let record = agent_record(&agent).await;
    let bytes = whole_segment(&agent, 0).await;
    use invigil_server::db::entities::key_records;
    use sea_orm::{EntityTrait, IntoActiveModel};
    let row = key_records::Entity::find().one(&place.state.db).await.unwrap().unwrap();
    key_records::Entity::delete_many().exec(&place.state.db).await.unwrap();
    let path = agent.create(0).await;
    agent.append(&path, 0, bytes.clone(), true).await;
    assert_eq!(receipt(&agent, &path).await.json::<FileState>().state, "durable");
    key_records::Entity::insert(row.into_active_model()).exec(&place.state.db).await.unwrap();
    assert_eq!(agent_record(&agent).await, record);
    assert_receipt(&agent, &receipt(&agent, &path).await, &bytes);
}

/// T2.4.
#[tokio::test]
async fn t5_a_header_of_another_upload_is_refused_when_it_arrives() {
    let place = Place::new().await;
    let agent = place.agent().await;
    let (other, record) = (place.agent().await, agent_record(&agent).await);
    let other_record = agent_record(&other).await;
    // The header and not a single chunk.
    let rows = [
        (agent.segment(record, 3).1, "sequence"),
        (other.segment(other_record, 0).1, "exam"),
        (Agent { run: RunId::from_random([8; 16]), ..copy(&agent) }.segment(record, 0).1, "run"),
        (Agent { exam: other.exam, ..copy(&agent) }.segment(record, 0).1, "exam"),
        (Agent { joined: other.joined.clone(), ..copy(&agent) }.segment(record, 0).1, "recording"),
        (Agent { device: DeviceKey::from_seed(&[8; 32]).unwrap(), ..copy(&agent) }.segment(record, 0).1, "device"),
    ];
    for (number, (bytes, member)) in (10_u32..).zip(rows) {
        // The sequence in these headers is 0 where another member is to be wrong: those are compared first.
        let path = if member == "device" { agent.create(0).await } else { agent.create(number).await };
        let answer = patch(&agent, &path, 0, &[], &bytes).await;
        assert_eq!((answer.status, answer.error().as_str()), (StatusCode::UNPROCESSABLE_ENTITY, "refused"), "{member}");
        assert_refused(&agent, &path, &format!("wrong-scope: the header's {member}")).await;
    }
    assert_eq!(sound(&place).await, Vec::<String>::new());
}

fn copy<'a>(agent: &Agent<'a>) -> Agent<'a> {
    Agent {
        place: agent.place,
        device: DeviceKey::from_seed(&[7; 32]).unwrap(),
        exam: agent.exam,
        expires_ms: agent.expires_ms,
        joined: agent.joined.clone(),
        run: agent.run,
        run_key: RunKey::from_bytes([5; 32]),
    }
}

#[tokio::test]
async fn a_finish_that_arrives_weeks_later_keeps_nothing_longer() {
    use invigil_server::db::entities::{exams, recordings};
    use sea_orm::EntityTrait;
    let place = Place::new().await;
    let agent = place.agent().await;
    let planned = exams::Entity::find().one(&place.state.db).await.unwrap().unwrap().actual_end_ms;
    place.clock.advance(14 * 86_400_000);
    let body = serde_json::to_vec(&super::finishing::finish_request(&agent, 0, 0)).unwrap();
    let answer = ask(&agent, Method::POST, FINISH, &[("content-type", "application/json")], body).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    let row = recordings::Entity::find().one(&place.state.db).await.unwrap().unwrap();
    assert_eq!(row.finished_ms, Some(place.clock_ms()));
    assert_eq!(exams::Entity::find().one(&place.state.db).await.unwrap().unwrap().actual_end_ms, planned);
}

#[tokio::test]
async fn footage_that_was_captured_after_the_end_moves_it_whenever_it_arrives() {
    use invigil_server::db::entities::{exams, runs};
    use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel};
    let place = Place::new().await;
    let agent = place.agent().await;
    let bytes = whole_segment(&agent, 0).await;
    let exam = async || exams::Entity::find().one(&place.state.db).await.unwrap().unwrap();
    let planned = exam().await.actual_end_ms;
    // As the first heartbeat would have placed it: the segment's 3 s begin 10 minutes after the end.
    let mut run = runs::Entity::find().one(&place.state.db).await.unwrap().unwrap().into_active_model();
    run.clock_offset_ms = Set(Some(planned + 600_000 - 50_000));
    run.update(&place.state.db).await.unwrap();
    place.clock.advance(14 * 86_400_000);
    let path = agent.create(0).await;
    agent.append(&path, 0, bytes, true).await;
    assert_eq!(exam().await.actual_end_ms, planned + 603_000);
}

#[tokio::test]
async fn a_destruction_that_has_just_begun_is_told_with_the_signed_expiry() {
    use invigil_server::db::entities::recordings;
    use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel};
    let place = Place::new().await;
    let agent = place.agent().await;
    agent.create(0).await;
    let mut row = recordings::Entity::find().one(&place.state.db).await.unwrap().unwrap().into_active_model();
    row.expired_ms = Set(Some(place.clock_ms()));
    row.update(&place.state.db).await.unwrap();
    // The token was checked a moment ago and is believed: the transaction finds it out.
    let body = serde_json::to_vec(&JournalBatch { run: agent.run, entries: Vec::new() }).unwrap();
    let answer = ask(&agent, Method::POST, JOURNAL, &[("content-type", "application/json")], body).await;
    assert_eq!(answer.status, StatusCode::GONE);
    let statement = invigil_format::Statement::from_json(&hex::decode(answer.header(EXPIRY_HEADER)).unwrap()).unwrap();
    let expired: invigil_format::Expired = statement.read_by(&place.state.server_key.public()).unwrap();
    assert_eq!(expired.recording, agent.recording());
}

/// Segments of one recording that one device may have under way: 33 tracks of a room, growing and left behind, and as much again.
const MOST: u32 = 128;

/// A limit of T1.1.
#[tokio::test]
async fn one_device_cannot_hold_all_open_files_of_the_server() {
    let place = Place::new().await;
    let (agent, other) = (place.agent().await, place.agent().await);
    let bytes = whole_segment(&agent, 0).await;
    let first = agent.create(0).await;
    for sequence in 1..MOST {
        agent.create(sequence).await;
    }
    let refused = agent.ask_to_create(MOST).await;
    assert_eq!((refused.status, refused.error().as_str()), (StatusCode::TOO_MANY_REQUESTS, "too-many-requests"));
    assert!(!refused.header("retry-after").is_empty() && refused.text().contains("under way"), "{}", refused.text());
    assert_eq!(agent.create(0).await, first, "what is under way goes on");
    other.create(0).await;
    // Room comes back with each segment that is stored.
    assert_eq!(patch(&agent, &first, 0, &[], &bytes).await.status, StatusCode::NO_CONTENT);
    agent.create(MOST).await;
    assert_eq!(agent.ask_to_create(MOST + 1).await.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn what_a_lost_device_left_takes_no_place_of_the_one_that_replaces_it() {
    let place = Place::new().await;
    let lost = place.agent().await;
    for sequence in 0..MOST {
        lost.create(sequence).await;
    }
    assert_eq!(lost.ask_to_create(MOST).await.status, StatusCode::TOO_MANY_REQUESTS);
    // The ceiling of requests is another matter.
    place.clock.advance(4_000);
    let code = invigil_server::exams::reissue(&place.state, lost.recording()).await.unwrap().code;
    let joined = super::joining::join(&place, 8, &code).await.json();
    let run = RunId::from_random([8; 16]);
    let next = Agent { device: DeviceKey::from_seed(&[8; 32]).unwrap(), joined, run, ..copy(&lost) };
    let bytes = whole_segment(&next, 0).await;
    let path = next.create(0).await;
    next.append(&path, 0, bytes.clone(), true).await;
    assert_receipt(&next, &receipt(&next, &path).await, &bytes);
    // Its own bound is the same, and the lost one adds nothing.
    for sequence in 1..=MOST {
        next.create(sequence).await;
    }
    let refused = next.ask_to_create(MOST + 1).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(refused.text().contains("under way"), "{}", refused.text());
    place.clock.advance(10_000);
    assert_eq!(lost.ask_to_create(MOST + 1).await.status, StatusCode::UNAUTHORIZED);
}
