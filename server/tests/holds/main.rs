//! Holds over a real installation with real footage and the real review key. Numbers are steps of `docs/lifecycle.md`, sections Expiry and Holds.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails as the test does")]

#[path = "../review_api/support.rs"]
#[expect(dead_code, reason = "these tests need a part of it")]
mod support;

mod aborts;
mod expiry;
mod opening;
mod release;
mod sealing;

use axum::http::{Method, StatusCode};
use invigil_evidence::{HeldSegment, Purpose};
use invigil_format::{
    CloseReason, InnerKeys, KeyRecord, RecordingId, ReviewPrivateKey, RunKey, Scanner, SegmentStart, SegmentWriter, TrackKind, WrappedKey,
};
use invigil_server::db::entities::{key_records, runs, sessions};
use invigil_server::footage::{self, Opened};
use invigil_server::retention;
use invigil_wire::holds::{Confirm, Covered, HoldView, InnerSegment, NewHold, Release, Seal, SealedSegments};
use invigil_wire::review::{KeyList, SegmentList};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use support::{Agent, Answer, Browser, PASSPHRASE, Place, START_MS};
use uuid::Uuid;

/// A segment's length, ms.
const SEGMENT_MS: i64 = 10_000;

/// A recording of some segments, and their bytes as they were sent.
struct Filmed<'a> {
    agent: Agent<'a>,
    bytes: Vec<Vec<u8>>,
    ids: Vec<i64>,
}

fn review_key(place: &Place) -> ReviewPrivateKey {
    let text = std::fs::read(place.dir.path().join("server/review-key.json")).unwrap();
    WrappedKey::from_json(&text).unwrap().unwrap_with(PASSPHRASE).unwrap()
}

/// Segment `number` without its end: two pictures that say where they are from. `before`: the segment before it.
async fn begin(agent: &Agent<'_>, number: u32, before: Option<&Vec<u8>>) -> (SegmentWriter, Vec<u8>) {
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
        sequence: number,
        previous_head: before.map(|bytes| Scanner::scan(bytes).unwrap().head()),
        key_record: record(agent).await,
        boot_id: invigil_format::BootId::from_random([4; 16]),
        origin_boottime_us: 50_000_000,
    };
    let (mut writer, mut bytes) = SegmentWriter::begin(start, &agent.run_key, &agent.device).unwrap();
    let at = |half: i64| agent.stamp(i64::from(number) * SEGMENT_MS + half * SEGMENT_MS / 2);
    bytes.extend(writer.init(at(0), b"").unwrap());
    for half in 0..2 {
        let picture = format!("\u{ff}\u{d8} segment {number} picture {half} of run {}", agent.run);
        bytes.extend(writer.chunk(at(half), u32::try_from(SEGMENT_MS / 2 * 1000).unwrap(), true, picture.as_bytes()).unwrap());
        bytes.extend(writer.signature(at(half)).unwrap());
    }
    (writer, bytes)
}

async fn whole(agent: &Agent<'_>, number: u32, before: Option<&Vec<u8>>) -> Vec<u8> {
    let (mut writer, mut bytes) = begin(agent, number, before).await;
    let end = agent.stamp(i64::from(number + 1) * SEGMENT_MS);
    bytes.extend(writer.end(end).unwrap());
    bytes.extend(writer.signature(end).unwrap());
    bytes.extend(writer.close(CloseReason::Stopped).unwrap());
    bytes
}

/// Digest of the run's key record, which is uploaded if it is not there yet.
async fn record(agent: &Agent<'_>) -> invigil_format::Digest {
    let db = &agent.place.state.db;
    let run = runs::Entity::find().filter(runs::Column::Uuid.eq(agent.run.to_string())).one(db).await.unwrap();
    if let Some(run) = run
        && let Some(record) = key_records::Entity::find().filter(key_records::Column::RunId.eq(run.id)).one(db).await.unwrap()
    {
        return record.digest.parse().unwrap();
    }
    agent.key_record().await
}

/// Uploads one segment; gives its number on the server.
async fn upload(agent: &Agent<'_>, number: u32, bytes: &[u8]) -> i64 {
    let path = agent.create(number).await;
    agent.append(&path, 0, bytes.to_vec(), true).await;
    agent.stored(&path).await;
    path.rsplit('/').next().unwrap().parse().unwrap()
}

async fn film(agent: Agent<'_>, count: u32) -> Filmed<'_> {
    let (mut all, mut ids): (Vec<Vec<u8>>, _) = (Vec::new(), Vec::new());
    for number in 0..count {
        let bytes = whole(&agent, number, all.last()).await;
        ids.push(upload(&agent, number, &bytes).await);
        all.push(bytes);
    }
    Filmed { agent, bytes: all, ids }
}

/// A range that begins in one segment and ends in another one.
fn range(first: i64, last: i64) -> (i64, i64) {
    (START_MS + first * SEGMENT_MS + 2_000, START_MS + last * SEGMENT_MS + 3_000)
}

fn new_hold(agent: &Agent<'_>, (from_ms, to_ms): (i64, i64)) -> NewHold {
    let (reason, note) = ("appeal".to_owned(), "an appeal against a mark".to_owned());
    NewHold { recording: agent.recording(), from_ms, to_ms, tracks: None, reason, note }
}

impl Browser<'_> {
    async fn post<T: serde::Serialize>(&self, path: &str, body: &T) -> Answer {
        let headers = [("x-invigil", "1"), ("content-type", "application/json")];
        self.ask(Method::POST, path, &headers, serde_json::to_string(body).unwrap()).await
    }

    async fn hold(&self, agent: &Agent<'_>, first: i64, last: i64) -> HoldView {
        let answer = self.post("/api/holds", &new_hold(agent, range(first, last))).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        answer.json()
    }

    async fn release(&self, hold: &HoldView) -> HoldView {
        let answer = self.post(&format!("/api/holds/{}/release", hold.id), &Release { note: "the appeal is decided".into() }).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        answer.json()
    }

    async fn holds(&self) -> Vec<HoldView> {
        self.get("/api/holds").await.json()
    }

    async fn segments(&self, agent: &Agent<'_>) -> Vec<i64> {
        let list: SegmentList = self.get(&format!("/api/recordings/{}/segments", agent.recording())).await.json();
        list.segments.into_iter().map(|segment| segment.id).collect()
    }

    /// What a reviewer's page does with a pending hold: H3 and H4. `None` when nothing is to be sealed.
    async fn seal(&self, agent: &Agent<'_>, hold: &HoldView) -> Option<HoldView> {
        self.seal_of(agent.recording(), hold.id).await
    }

    async fn seal_of(&self, recording: RecordingId, hold: Uuid) -> Option<HoldView> {
        let asked = self.to_seal(recording, hold).await?;
        let answer = self.post(&format!("/api/holds/{hold}/seal"), &asked).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        let sealed: SealedSegments = answer.json();
        let review = review_key(self.place);
        for (view, asked) in sealed.segments.iter().zip(&asked.segments) {
            let held: HeldSegment = view.record.read_by(&self.place.state.server_key.public()).unwrap();
            let key = held.purpose().open_inner(&review, &held.review, &hex::decode(&view.inner).unwrap()).unwrap();
            let key = invigil_format::SegmentKey::from_bytes(*key);
            assert_eq!((view.id, view.hold, key.commitment().unwrap()), (asked.id, hold, asked.commitment));
        }
        let segments = sealed.segments.iter().map(|segment| segment.id).collect();
        let answer = self.post(&format!("/api/holds/{hold}/confirm"), &Confirm { segments }).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        Some(answer.json())
    }

    /// The inner layers of whatever a hold still needs.
    async fn to_seal(&self, recording: RecordingId, hold: Uuid) -> Option<Seal> {
        let covered: Covered = self.get(&format!("/api/holds/{hold}/covered")).await.json();
        let keys: KeyList = self.get(&format!("/api/recordings/{recording}/keys")).await.json();
        let run_keys = self.run_keys(&keys);
        let mut segments = Vec::new();
        for segment in &covered.segments {
            let track = segment.track.parse().unwrap();
            let key = run_keys[&segment.run].segment_key(recording, segment.run, &track, segment.sequence).unwrap();
            let commitment = key.commitment().unwrap();
            let institution = self.place.state.institution;
            let purpose = Purpose::held_segment(institution, hold.into(), recording, segment.run, &track, segment.sequence, commitment);
            let inner = hex::encode(purpose.seal_inner(&covered.review, key.expose()).unwrap());
            segments.push(InnerSegment { id: segment.id, commitment, inner });
        }
        (!segments.is_empty()).then_some(Seal { review: covered.review, segments })
    }

    fn run_keys(&self, keys: &KeyList) -> HashMap<invigil_format::RunId, RunKey> {
        let review = review_key(self.place);
        let open = |run: &invigil_wire::review::RunKey| {
            let record: KeyRecord = run.record.read().unwrap();
            record.open_inner(&InnerKeys::from_bytes(hex::decode(&run.inner).unwrap()), &review).unwrap()
        };
        keys.runs.iter().filter(|run| !run.inner.is_empty()).map(|run| (run.run, open(run))).collect()
    }
}

/// A browser of the administrator, who holds a review key, whose session lasts for the months of a test.
async fn signed_in(place: &Place) -> Browser<'_> {
    use sea_orm::sea_query::Expr;
    let browser = place.browser("admin").await;
    let far = i64::MAX / 2;
    let all = sessions::Entity::update_many().col_expr(sessions::Column::LastSeenMs, Expr::value(far));
    all.col_expr(sessions::Column::ExpiresMs, Expr::value(far)).exec(&place.state.db).await.unwrap();
    browser
}

/// Expires the exam and sweeps.
async fn expire(place: &Place, agent: &Agent<'_>) {
    place.clock.advance(agent.expires_ms - place.clock_ms());
    retention::sweep(&place.state).await.unwrap();
}

/// Opens offline with the real review key; the numbers of the segments whose pictures came out.
async fn opened(place: &Place, agent: &Agent<'_>) -> anyhow::Result<(BTreeSet<i64>, Opened)> {
    let out = tempfile::tempdir().unwrap();
    let opened = footage::open(&place.state.config, agent.recording(), &review_key(place), out.path(), &*place.clock).await?;
    let mut found = BTreeSet::new();
    for file in files(out.path()) {
        let text = std::fs::read_to_string(file).unwrap();
        assert!(text.contains(" picture "));
        found.insert(text.split(' ').nth(2).unwrap().parse().unwrap());
    }
    Ok((found, opened))
}

/// The same by what the server gives a reviewer's page: bytes and keys. `bytes`: all that were ever sent, as a thief of a backup may have them.
async fn opened_online(browser: &Browser<'_>, filmed: &Filmed<'_>) -> BTreeSet<i64> {
    let answer = browser.get(&format!("/api/recordings/{}/keys", filmed.agent.recording())).await;
    if answer.status == StatusCode::GONE {
        return BTreeSet::new();
    }
    let keys: KeyList = answer.json();
    let (review, run_keys) = (review_key(browser.place), browser.run_keys(&keys));
    let mut found = BTreeSet::new();
    for (number, id) in (0..).zip(&filmed.ids) {
        let answer = browser.get(&format!("/api/segments/{id}")).await;
        if answer.status != StatusCode::OK {
            assert!([StatusCode::GONE, StatusCode::NOT_FOUND].contains(&answer.status));
            continue;
        }
        let scanner = Scanner::scan(&answer.body).unwrap();
        let own = keys.segments.iter().find(|key| key.id == *id).map(|view| {
            let held: HeldSegment = view.record.read().unwrap();
            let key = held.purpose().open_inner(&review, &held.review, &hex::decode(&view.inner).unwrap()).unwrap();
            invigil_format::SegmentKey::from_bytes(*key)
        });
        let opener = match (own, run_keys.get(&filmed.agent.run)) {
            (Some(key), _) => invigil_format::Opener::with_segment_key(&scanner, &key).unwrap(),
            (None, Some(key)) => invigil_format::Opener::new(&scanner, key).unwrap(),
            (None, None) => continue,
        };
        let frame = scanner.frames().iter().find(|frame| frame.kind == invigil_format::FrameKind::Chunk).unwrap();
        let body = usize::try_from(frame.body_offset()).unwrap()..usize::try_from(frame.end_offset()).unwrap();
        let plain = String::from_utf8(opener.open(frame, &answer.body[body]).unwrap().to_vec()).unwrap();
        assert!(plain.contains(&format!(" segment {number} picture ")));
        found.insert(number);
    }
    found
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

/// Segments of which something lies anywhere in the installation: sealed bytes, or the digest that only its rows and receipt have.
fn traces(place: &Place, filmed: &Filmed<'_>) -> BTreeSet<i64> {
    let mut needles: HashMap<[u8; 8], (i64, Vec<u8>)> = HashMap::new();
    for (number, bytes) in (0..).zip(&filmed.bytes) {
        let scanner = Scanner::scan(bytes).unwrap();
        let chunk = scanner.frames().iter().find(|frame| frame.kind == invigil_format::FrameKind::Chunk).unwrap();
        let body = usize::try_from(chunk.body_offset()).unwrap();
        for needle in [bytes[body..body + 16].to_vec(), invigil_format::digest(bytes).to_string().into_bytes()] {
            needles.insert(needle[..8].try_into().unwrap(), (number, needle));
        }
    }
    // Without optimisation, looking up each byte would take most of a test's time.
    let mut begins = vec![false; 1 << 16];
    needles.keys().for_each(|start| begins[usize::from(start[0]) << 8 | usize::from(start[1])] = true);
    let mut found = BTreeSet::new();
    for file in files(&place.dir.path().join("server")) {
        let text = std::fs::read(file).unwrap();
        for (at, start) in text.windows(8).enumerate().filter(|(_, start)| begins[usize::from(start[0]) << 8 | usize::from(start[1])]) {
            let needle = needles.get(start).filter(|(_, needle)| text[at..].starts_with(needle));
            found.extend(needle.map(|(number, _)| *number));
        }
    }
    found
}

async fn sound(place: &Place) -> Vec<String> {
    let report = invigil_server::check::check(&place.state.config, &*place.clock).await.unwrap();
    report.problems.into_iter().map(|problem| format!("{}: {}", problem.object, problem.what)).collect()
}

fn set(numbers: impl IntoIterator<Item = i64>) -> BTreeSet<i64> {
    numbers.into_iter().collect()
}
