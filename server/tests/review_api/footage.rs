//! Segments, ranges, keys and expiry.

use crate::support::{Agent, PASSPHRASE, Place};
use axum::http::StatusCode;
use invigil_format::{InnerKeys, KeyRecord, Opener, Scanner, WrappedKey};
use invigil_wire::review::{KeyList, ReviewKey, SegmentList};

/// Sends a growing segment: init section and two chunks, all durable. Gives its writer, its bytes and its path.
async fn grow(agent: &Agent<'_>) -> (invigil_format::SegmentWriter, Vec<u8>, String) {
    let record = agent.key_record().await;
    let (mut writer, mut bytes) = agent.segment(record, 0);
    bytes.extend(agent.chunk(&mut writer, 0, b"first second"));
    bytes.extend(agent.chunk(&mut writer, 1000, b"second second"));
    let path = agent.create(0).await;
    agent.append(&path, 0, bytes.clone(), false).await;
    sync(agent.place).await;
    assert_eq!(agent.head(&path).await, ("durable".to_owned(), bytes.len() as u64));
    (writer, bytes, path)
}

/// What the group sync does each second.
async fn sync(place: &Place) {
    for growing in place.state.store.all_growing() {
        growing.sync(place.state.live.next_revision()).await.unwrap();
    }
}

#[tokio::test]
async fn a_growing_segment_is_read_up_to_its_durable_offset_and_then_as_stored() {
    let place = Place::new().await;
    let agent = place.agent().await;
    let (mut writer, mut sent, path) = grow(&agent).await;
    let browser = place.browser("admin").await;
    let list_path = format!("/api/recordings/{}/segments", agent.recording());
    let list: SegmentList = browser.get(&format!("{list_path}?after=0")).await.json();
    let segment = &list.segments[0];
    assert_eq!((list.segments.len(), segment.state.as_str(), segment.size_bytes), (1, "durable", sent.len() as u64));
    assert_eq!(
        (segment.kind.as_str(), segment.codec.as_str(), segment.track.as_str(), segment.chunks.len()),
        ("video", "avc1.42c01e", "cam0", 2)
    );
    assert_eq!(segment.chunks[1].from_ms - segment.chunks[0].from_ms, 1000);
    assert_eq!((segment.to_ms - segment.from_ms, segment.from_ms - segment.media_origin_ms), (2000, 0));
    let url = format!("/api/segments/{}", segment.id);

    // More arrives and is not durable yet.
    let more = agent.chunk(&mut writer, 2000, b"third second");
    agent.append(&path, sent.len() as u64, more.clone(), false).await;
    let whole = browser.get(&url).await;
    assert_eq!((whole.status, whole.header("content-type")), (StatusCode::OK, "application/octet-stream"));
    assert_eq!(whole.body, sent, "not beyond the durable offset");
    assert_eq!((whole.header("accept-ranges"), whole.header("cache-control"), whole.header("etag")), ("bytes", "no-store", ""));
    let part = browser.range(&url, "bytes=16-99").await;
    assert_eq!(
        (part.status, part.header("content-range"), part.header("content-length")),
        (StatusCode::PARTIAL_CONTENT, "bytes 16-99/*", "84")
    );
    assert_eq!(part.body, &sent[16..100]);
    let tail = browser.range(&url, &format!("bytes={}-", sent.len() - 5)).await;
    assert_eq!((tail.status, tail.body.as_slice()), (StatusCode::PARTIAL_CONTENT, &sent[sent.len() - 5..]));
    let beyond = browser.range(&url, &format!("bytes={}-", sent.len())).await;
    assert_eq!(
        (beyond.status, beyond.header("content-range")),
        (StatusCode::RANGE_NOT_SATISFIABLE, format!("bytes */{}", sent.len()).as_str())
    );
    let list: SegmentList = browser.get(&format!("{list_path}?after={}", list.revision)).await.json();
    assert_eq!(list.segments.iter().map(|s| (s.state.as_str(), s.size_bytes)).collect::<Vec<_>>(), [("received", sent.len() as u64)]);

    // Durable, closed, stored.
    sync(&place).await;
    sent.extend(more);
    assert_eq!(browser.get(&url).await.body, sent);
    let closing = agent.closing(&mut writer, 3000);
    agent.append(&path, sent.len() as u64, closing.clone(), true).await;
    sent.extend(closing);
    agent.stored(&path).await;
    let list: SegmentList = browser.get(&format!("{list_path}?after={}", list.revision)).await.json();
    let stored = &list.segments[0];
    assert_eq!((stored.state.as_str(), stored.size_bytes, stored.chunks.len()), ("stored", sent.len() as u64, 3));
    assert_eq!(stored.digest, Some(invigil_format::digest(&sent)));
    let last = browser.range(&url, "bytes=-10").await;
    assert_eq!(last.header("content-range"), format!("bytes {}-{}/{}", sent.len() - 10, sent.len() - 1, sent.len()));
    assert_eq!(browser.get(&url).await.body, sent);
    let list: SegmentList = browser.get(&format!("{list_path}?after={}", list.revision)).await.json();
    assert_eq!(list.segments, [], "nothing new");

    // One entry for the session and segment, however many ranges.
    let released = place.audit("footage-released").await;
    assert_eq!(released.len(), 1);
    assert_eq!(released[0].1, format!("recording:{}", agent.recording()));
    let again = place.browser("admin").await;
    again.range(&url, "bytes=0-9").await;
    assert_eq!(place.audit("footage-released").await.len(), 2, "another session is another release");
}

#[tokio::test]
async fn a_refused_segment_is_shown_where_it_lies_and_its_bytes_are_kept() {
    let place = Place::new().await;
    let agent = place.agent().await;
    let (mut writer, mut sent, path) = grow(&agent).await;
    let mut closing = agent.closing(&mut writer, 2000);
    let last = closing.len() - 3;
    closing[last] ^= 1;
    let answer = agent.patch(&path, sent.len() as u64, closing.clone(), true).await;
    assert_eq!((answer.status, answer.error().as_str()), (StatusCode::UNPROCESSABLE_ENTITY, "refused"), "{}", answer.text());
    sent.extend(closing);
    let browser = place.browser("admin").await;
    let list: SegmentList = browser.get(&format!("/api/recordings/{}/segments", agent.recording())).await.json();
    let segment = &list.segments[0];
    assert_eq!((segment.state.as_str(), segment.kind.as_str(), segment.chunks.len()), ("refused", "video", 2));
    assert_eq!((segment.to_ms - segment.from_ms, segment.digest), (2000, None));
    assert_eq!(browser.get(&format!("/api/segments/{}", segment.id)).await.body, sent);
}

#[tokio::test]
async fn the_real_review_key_opens_what_the_server_hands_out() {
    let place = Place::new().await;
    let agent = place.agent().await;
    let (_, sent, _) = grow(&agent).await;
    let browser = place.browser("admin").await;
    let keys: KeyList = browser.get(&format!("/api/recordings/{}/keys", agent.recording())).await.json();
    assert_eq!(keys.institution, place.state.trust.institution);
    assert_eq!(place.audit("keys-released").await.len(), 1);

    let trust = invigil_format::TrustStore::new(place.state.institution, keys.institution, &keys.certificates).unwrap();
    assert!(trust.refused().is_empty());
    let run = &keys.runs[0];
    assert_eq!((keys.runs.len(), run.run), (1, agent.run));
    let record: KeyRecord = run.record.read().unwrap();
    record.check_trust(&run.record, &trust, place.clock_ms()).unwrap();
    let wrapped: Vec<ReviewKey> = browser.get("/api/review-keys").await.json();
    let review = WrappedKey::from_json(wrapped[0].wrapped.to_string().as_bytes()).unwrap().unwrap_with(PASSPHRASE).unwrap();
    let run_key = record.open_inner(&InnerKeys::from_bytes(hex::decode(&run.inner).unwrap()), &review).unwrap();
    assert_eq!(run_key.expose(), agent.run_key.expose());

    let list: SegmentList = browser.get(&format!("/api/recordings/{}/segments", agent.recording())).await.json();
    let bytes = browser.get(&format!("/api/segments/{}", list.segments[0].id)).await.body;
    assert_eq!(bytes, sent);
    let scanner = Scanner::scan(&bytes).unwrap();
    scanner.check_trust(&trust, place.clock_ms()).unwrap();
    let opener = Opener::new(&scanner, &run_key).unwrap();
    let chunk = &list.segments[0].chunks[1];
    let frame = scanner.frames().iter().find(|frame| frame.offset == chunk.offset).unwrap();
    let body = &bytes[usize::try_from(frame.body_offset()).unwrap()..usize::try_from(chunk.offset + u64::from(chunk.len)).unwrap()];
    assert_eq!(opener.open(frame, body).unwrap().as_slice(), b"second second");
}

#[tokio::test]
async fn from_the_instant_of_expiry_nothing_is_read_even_if_the_clock_is_set_back() {
    let place = Place::new().await;
    let agent = place.agent().await;
    let (_, sent, _) = grow(&agent).await;
    let keys = format!("/api/recordings/{}/keys", agent.recording());
    let browser = place.browser("admin").await;
    let list: SegmentList = browser.get(&format!("/api/recordings/{}/segments", agent.recording())).await.json();
    let bytes = format!("/api/segments/{}", list.segments[0].id);

    place.clock.advance(agent.expires_ms - place.clock_ms() - 1);
    let browser = place.browser("admin").await;
    assert_eq!(browser.get(&keys).await.status, StatusCode::OK, "a millisecond before");
    assert_eq!(browser.get(&bytes).await.body, sent);
    let begun = place.begin(&browser, &bytes).await;
    place.clock.advance(1);
    for path in [&keys, &bytes] {
        let answer = browser.get(path).await;
        assert_eq!((answer.status, answer.error().as_str()), (StatusCode::GONE, "expired"), "{path}");
    }
    assert!(axum::body::to_bytes(begun, usize::MAX).await.is_err(), "an answer that had begun breaks off");
    let list: SegmentList = browser.get(&format!("/api/recordings/{}/segments", agent.recording())).await.json();
    assert_eq!(list.segments, []);
    let before = (place.audit("keys-released").await.len(), place.audit("footage-released").await.len());

    // The server saw this moment; setting its clock back gives nothing back, not even after a restart.
    place.note_time().await;
    place.clock.set_wall(place.clock_ms() - 600_000);
    let place = place.restart().await;
    let browser = place.browser("admin").await;
    for path in [&keys, &bytes] {
        let answer = browser.get(path).await;
        assert_eq!((answer.status, answer.error().as_str()), (StatusCode::SERVICE_UNAVAILABLE, "clock-suspect"), "{path}");
    }
    assert_eq!((place.audit("keys-released").await.len(), place.audit("footage-released").await.len()), before);
}

#[tokio::test]
async fn a_destroyed_erasure_key_ends_reading_at_once() {
    let place = Place::new().await;
    let agent = place.agent().await;
    grow(&agent).await;
    let browser = place.browser("admin").await;
    let keys = format!("/api/recordings/{}/keys", agent.recording());
    assert_eq!(browser.get(&keys).await.status, StatusCode::OK);
    place.state.keystore.destroy(agent.exam).unwrap();
    assert_eq!(browser.get(&keys).await.status, StatusCode::GONE);
}
