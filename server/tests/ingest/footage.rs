//! The offline tool.

use super::support::{Agent, PASSPHRASE, Place, START_MS};
use super::{agent_record, patch};
use axum::http::{Method, StatusCode};
use invigil_format::{
    BootId, CloseReason, Digest, Event, JournalWriter, ReviewPrivateKey, SegmentStart, SegmentWriter, Stamp, TrackKind, WrappedKey,
};
use invigil_server::footage::{self, Opened};
use invigil_wire::agent::{JOURNAL, JournalBatch};

const PICTURES: [&[u8]; 3] = [b"\xff\xd8one", b"\xff\xd8two", b"\xff\xd8three"];

fn review_key(place: &Place) -> ReviewPrivateKey {
    let text = std::fs::read(place.dir.path().join("server/review-key.json")).unwrap();
    WrappedKey::from_json(&text).unwrap().unwrap_with(PASSPHRASE).unwrap()
}

/// Pictures need no CMAF, so their bytes can be compared as they are.
pub(super) async fn pictures(agent: &Agent<'_>) -> Vec<u8> {
    let start = SegmentStart {
        institution: agent.place.state.institution,
        exam: agent.exam,
        recording: agent.recording(),
        run: agent.run,
        track: "cam0".parse().unwrap(),
        kind: TrackKind::Thumbnail,
        codec: "jpeg".into(),
        width: 160,
        height: 120,
        sequence: 0,
        previous_head: None,
        key_record: agent_record(agent).await,
        boot_id: BootId::from_random([4; 16]),
        origin_boottime_us: 0,
    };
    let at = |n: u64| Stamp { boottime_us: n * 1_000_000, wall_ms: START_MS + i64::try_from(n).unwrap() * 1000 };
    let (mut writer, mut bytes) = SegmentWriter::begin(start, &agent.run_key, &agent.device).unwrap();
    bytes.extend(writer.init(at(0), b"").unwrap());
    for (n, picture) in (0..).zip(PICTURES) {
        bytes.extend(writer.chunk(at(n), 1_000_000, true, picture).unwrap());
    }
    bytes.extend(writer.end(at(3)).unwrap());
    bytes.extend(writer.signature(at(3)).unwrap());
    bytes.extend(writer.close(CloseReason::Stopped).unwrap());
    bytes
}

pub(super) async fn open(place: &Place, agent: &Agent<'_>) -> anyhow::Result<Opened> {
    let out = place.dir.path().join("opened");
    footage::open(&place.state.config, agent.recording(), &review_key(place), &out, &*place.clock).await
}

#[tokio::test]
async fn footage_opens_offline_and_damage_is_named_and_expiry_ends_it() {
    let place = Place::new().await;
    let agent = place.agent().await;
    let bytes = pictures(&agent).await;
    let path = agent.create(0).await;
    assert_eq!(patch(&agent, &path, 0, &[], &bytes).await.status, StatusCode::NO_CONTENT);
    let opened = open(&place, &agent).await.unwrap();
    assert!(opened.whole, "{:?}", opened.problems);
    assert_eq!((opened.tracks.len(), opened.tracks[0].chunks), (1, 3));
    let mut files: Vec<_> = std::fs::read_dir(&opened.tracks[0].file).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let read: Vec<Vec<u8>> = files.iter().map(|file| std::fs::read(file).unwrap()).collect();
    assert_eq!(read, PICTURES);

    let (uuid, run) = (agent.recording().to_string(), agent.run.to_string());
    let place_of = invigil_server::store::Place { recording: &uuid, run: &run, track: "cam0", sequence: 0, generation: 0 };
    let object = place.state.store.object_path(&place_of);
    let mut damaged = bytes.clone();
    let at = damaged.len() / 2;
    damaged[at] ^= 1;
    std::fs::write(&object, damaged).unwrap();
    let opened = open(&place, &agent).await.unwrap();
    assert!(!opened.whole && opened.problems.iter().any(|problem| problem.kind == "damaged"), "{:?}", opened.problems);
    std::fs::remove_file(&object).unwrap();
    assert_eq!(open(&place, &agent).await.unwrap().problems[0].kind, "missing");

    std::fs::write(&object, &bytes).unwrap();
    assert!(open(&place, &agent).await.unwrap().whole);
    place.clock.advance(agent.expires_ms - place.clock_ms());
    assert!(open(&place, &agent).await.unwrap_err().to_string().contains("has expired"));
    // G5: setting the clock back before the sweep has run gives nothing back, once the server has seen the later time.
    place.note_time().await;
    place.clock.set_wall(START_MS);
    assert!(open(&place, &agent).await.unwrap_err().to_string().contains("clock is in doubt"));
    place.clock.set_wall(agent.expires_ms);
    assert!(open(&place, &agent).await.unwrap_err().to_string().contains("has expired"));
    place.clock.set_wall(START_MS);
    place.state.keystore.destroy(agent.exam).unwrap();
    assert!(open(&place, &agent).await.unwrap_err().to_string().contains("has expired"));
}

/// A segment of the first two seconds of a clip, whose media time zero is `from` seconds after the device's start.
async fn video(agent: &Agent<'_>, clip: &[u8], sequence: u32, from: u64, previous_head: Option<Digest>) -> (Vec<u8>, Digest) {
    let start = SegmentStart {
        institution: agent.place.state.institution,
        exam: agent.exam,
        recording: agent.recording(),
        run: agent.run,
        track: "cam0".parse().unwrap(),
        kind: TrackKind::Video,
        codec: "avc1.4d400a".into(),
        width: 96,
        height: 64,
        sequence,
        previous_head,
        key_record: agent_record(agent).await,
        boot_id: BootId::from_random([4; 16]),
        origin_boottime_us: from * 1_000_000,
    };
    let (mut init, mut fragments, mut rest) = (Vec::new(), Vec::<Vec<u8>>::new(), clip);
    while let Some(len) = rest.first_chunk::<4>() {
        let (this, after) = rest.split_at(u32::from_be_bytes(*len) as usize);
        match &this[4..8] {
            b"moof" => fragments.push(this.to_vec()),
            b"mdat" => fragments.last_mut().unwrap().extend_from_slice(this),
            _ => init.extend_from_slice(this),
        }
        rest = after;
    }
    let at = |n: u64| Stamp { boottime_us: (from + n) * 1_000_000, wall_ms: START_MS + i64::try_from(from + n).unwrap() * 1000 };
    let (mut writer, mut bytes) = SegmentWriter::begin(start, &agent.run_key, &agent.device).unwrap();
    bytes.extend(writer.init(at(0), &init).unwrap());
    for (n, fragment) in (0..2).zip(&fragments) {
        bytes.extend(writer.chunk(at(n), 1_000_000, n == 0, fragment).unwrap());
    }
    bytes.extend(writer.end(at(2)).unwrap());
    bytes.extend(writer.signature(at(2)).unwrap());
    bytes.extend(writer.close(CloseReason::Stopped).unwrap());
    let head = writer.head();
    (bytes, head)
}

/// A camera that came back with another resolution: the one file of the track is decoded to its end by a program that is not ours.
#[tokio::test]
async fn video_whose_size_changes_decodes_to_its_end() {
    let place = Place::new().await;
    let agent = place.agent().await;
    let clips: [&[u8]; 2] = [
        include_bytes!("../../../shared/evidence/tests/evidence/clips/first.mp4"),
        include_bytes!("../../../shared/evidence/tests/evidence/clips/second.mp4"),
    ];
    let mut head = None;
    for (sequence, from) in [(0, 0), (1, 2), (2, 4)] {
        let (bytes, after) = video(&agent, clips[sequence as usize % 2], sequence, from, head).await;
        head = Some(after);
        let path = agent.create(sequence).await;
        assert_eq!(patch(&agent, &path, 0, &[], &bytes).await.status, StatusCode::NO_CONTENT);
    }
    let opened = open(&place, &agent).await.unwrap();
    assert!(opened.whole, "{:?}", opened.problems);
    assert_eq!((opened.tracks.len(), opened.tracks[0].chunks), (1, 6));
    let mut ffprobe = std::process::Command::new("ffprobe");
    ffprobe.args(["-v", "error", "-select_streams", "v:0", "-show_entries", "frame=width", "-of", "csv=p=0"]);
    let shown = ffprobe.arg(&opened.tracks[0].file).output().expect("start ffprobe: install the package ffmpeg");
    assert_eq!(String::from_utf8_lossy(&shown.stderr), "");
    let widths: Vec<u32> = String::from_utf8_lossy(&shown.stdout).lines().filter_map(|line| line.trim_matches(',').parse().ok()).collect();
    assert_eq!(widths, [[96; 10], [64; 10], [96; 10]].concat());
}

#[tokio::test]
async fn the_clock_of_a_device_decides_nothing() {
    let place = Place::new().await;
    for (created_ms, day_of) in
        [(1_000_000, "a dead battery: 1970"), (START_MS - 40 * 86_400_000, "40 days slow"), (4_000_000_000_000, "the year 2096")]
    {
        let agent = place.agent().await;
        agent.key_record_of(created_ms).await;
        let bytes = pictures(&agent).await;
        let path = agent.create(0).await;
        assert_eq!(patch(&agent, &path, 0, &[], &bytes).await.status, StatusCode::NO_CONTENT, "{day_of}");
        let at = Stamp { boottime_us: 5_000_000, wall_ms: created_ms };
        let mut journal =
            JournalWriter::new(place.state.institution, agent.recording(), agent.run, BootId::from_random([4; 16]), None, &agent.device);
        let entries = vec![journal.entry(Event::RunEnded { reason: "stopped".into() }, at).unwrap()];
        let batch = serde_json::to_vec(&JournalBatch { run: agent.run, entries }).unwrap();
        let answer = super::ask(&agent, Method::POST, JOURNAL, &[("content-type", "application/json")], batch).await;
        assert_eq!(answer.status, StatusCode::OK, "{day_of}: {}", answer.text());
        let opened = open(&place, &agent).await.unwrap();
        assert!(opened.whole, "{day_of}: {:?}", opened.problems);
        // Only what counts can prove an end.
        assert!(!opened.notes.iter().any(|note| note.contains("end unproven")), "{day_of}: {:?}", opened.notes);
    }
}

#[tokio::test]
async fn an_end_that_nobody_signed_is_never_called_everything() {
    use invigil_server::db::entities::{journal_entries, segments};
    use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
    let place = Place::new().await;
    let agent = place.agent().await;
    let bytes = pictures(&agent).await;
    let path = agent.create(0).await;
    assert_eq!(patch(&agent, &path, 0, &[], &bytes).await.status, StatusCode::NO_CONTENT);
    let boot = BootId::from_random([4; 16]);
    let mut journal = JournalWriter::new(place.state.institution, agent.recording(), agent.run, boot, None, &agent.device);
    let at = |n: u64| Stamp { boottime_us: n * 1_000_000, wall_ms: START_MS };
    let track = "cam0".parse().unwrap();
    let started = Event::TrackStarted { track, camera: "a camera".into(), reason: String::new() };
    let entries = vec![journal.entry(started, at(0)).unwrap(), journal.entry(Event::RunEnded { reason: "stopped".into() }, at(4)).unwrap()];
    let batch = serde_json::to_vec(&JournalBatch { run: agent.run, entries }).unwrap();
    let answer = super::ask(&agent, Method::POST, JOURNAL, &[("content-type", "application/json")], batch).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    let opened = open(&place, &agent).await.unwrap();
    assert!(opened.whole && opened.end_proven && opened.unproven_runs.is_empty(), "{opened:?}");
    assert_eq!(opened.conclusion(), "everything that was recorded is here and authentic");

    // The last entry goes, then the last segment with it: no trace of either is left, so nothing is known to be missing.
    let db = &place.state.db;
    let last = journal_entries::Entity::find().order_by_desc(journal_entries::Column::Entry).one(db).await.unwrap().unwrap();
    journal_entries::Entity::delete_by_id(last.id).exec(db).await.unwrap();
    for segment_too in [false, true] {
        if segment_too {
            segments::Entity::delete_many().filter(segments::Column::Sequence.eq(0)).exec(db).await.unwrap();
        }
        let opened = open(&place, &agent).await.unwrap();
        assert!(opened.whole && !opened.end_proven, "{opened:?}");
        let said = opened.conclusion();
        assert!(
            said.starts_with("what is here is authentic") && said.contains(&format!("the end of run {} is unproven", agent.run)),
            "{said}"
        );
        assert!(!said.contains("everything"), "{said}");
        let json = serde_json::to_value(&opened).unwrap();
        assert_eq!((&json["end_proven"], &json["unproven_runs"][0]), (&false.into(), &agent.run.to_string().into()));
    }
}
