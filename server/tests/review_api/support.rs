//! A whole installation in a temporary folder behind an in-process router, an agent that talks to it, and a browser.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use invigil_clock::Clock;
use invigil_format::{
    BootId, CloseReason, DeviceKey, ExamId, Fingerprint, Join, KeyRecord, NewKeyRecord, RecordingId, RunId, RunKey, SegmentStart,
    SegmentWriter, Stamp, TrackKind, code_digest,
};
use invigil_server::config::Config;
use invigil_server::exams::{self, NewExam, NewSeat};
use invigil_server::install::{self, Plan};
use invigil_server::staff::Role;
use invigil_server::staff::accounts::{self, NewAccount};
use invigil_server::{AppState, Shared, http};
use invigil_wire::agent::{self, JoinAnswer};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use tower::ServiceExt;
use zeroize::Zeroizing;

pub const HOST: &str = "exam.example:8443";
pub const PASSWORD: &str = "a password of a test";
pub const PASSPHRASE: &str = "a passphrase of a test";
pub const START_MS: i64 = 1_780_300_800_000; // 2026-06-01T13:00:00+05:00
pub const HOUR_MS: i64 = 3_600_000;

pub struct TestClock {
    wall_ms: AtomicI64,
    boottime_us: AtomicU64,
}

impl Clock for TestClock {
    fn wall_ms(&self) -> i64 {
        self.wall_ms.load(Ordering::SeqCst)
    }
    fn boottime_us(&self) -> u64 {
        self.boottime_us.load(Ordering::SeqCst)
    }
}

impl TestClock {
    pub fn new(wall_ms: i64) -> Self {
        Self { wall_ms: AtomicI64::new(wall_ms), boottime_us: AtomicU64::new(1_000_000_000) }
    }
    /// Time passes.
    pub fn advance(&self, ms: i64) {
        self.wall_ms.fetch_add(ms, Ordering::SeqCst);
        self.boottime_us.fetch_add(u64::try_from(ms).unwrap() * 1000, Ordering::SeqCst);
    }
    /// Somebody sets the clock.
    pub fn set_wall(&self, ms: i64) {
        self.wall_ms.store(ms, Ordering::SeqCst);
    }
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn json<T: serde::de::DeserializeOwned>(&self) -> T {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error} in {} {}", self.status, self.text()))
    }
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
    pub fn error(&self) -> String {
        self.json::<invigil_wire::ErrorBody>().error
    }
}

pub struct Place {
    pub dir: tempfile::TempDir,
    pub state: Shared,
    pub clock: Arc<TestClock>,
    pub router: Router,
}

impl Place {
    /// A fresh installation; its administrator is `admin` with [`PASSWORD`] and holds a review key under [`PASSPHRASE`].
    pub async fn new() -> Self {
        Self::at(START_MS).await
    }

    /// The same at another time.
    pub async fn at(now_ms: i64) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(TestClock::new(now_ms));
        let secret = |text: &str| Zeroizing::new(text.to_owned());
        let plan = Plan {
            organisation: "Test University".into(),
            public_url: format!("https://{HOST}"),
            listen: "127.0.0.1:8443".parse().unwrap(),
            hosts: vec!["exam.example".into()],
            login: "admin".into(),
            password: secret(PASSWORD),
            review_passphrase: secret(PASSPHRASE),
            institution_passphrase: secret("another passphrase of a test"),
            policies: None,
            forms: None,
            now_ms,
        };
        let folder = dir.path().join("server");
        install::build(&folder, &plan).await.unwrap();
        let config = Config::load(&folder.join("server.toml")).unwrap();
        let state = Arc::new(AppState::open(config, clock.clone()).await.unwrap());
        let router = http::router(state.clone());
        Self { dir, state, clock, router }
    }

    /// The server ends and starts again.
    pub async fn restart(self) -> Self {
        let Self { dir, state, clock, router } = self;
        drop((router, state));
        let config = Config::load(&dir.path().join("server/server.toml")).unwrap();
        let state = Arc::new(AppState::open(config, clock.clone()).await.unwrap());
        Self { router: http::router(state.clone()), dir, state, clock }
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        let answer = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = answer.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap().to_vec();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    pub async fn add_account(&self, login: &str, role: Role) {
        let password = Zeroizing::new(PASSWORD.to_owned());
        let new = NewAccount {
            login: login.into(),
            name: format!("Name of {login}"),
            role,
            post: format!("Post of {login}"),
            password,
            review_key: None,
        };
        accounts::add(&self.state.db, new, "cli", self.clock.wall_ms()).await.unwrap();
    }

    pub fn clock_ms(&self) -> i64 {
        self.clock.wall_ms()
    }

    /// Asks for `path` and gives the body before it is read.
    pub async fn begin(&self, browser: &Browser<'_>, path: &str) -> Body {
        let request = Request::get(path).header("host", HOST).header("cookie", &browser.cookie).body(Body::empty()).unwrap();
        let answer = self.router.clone().oneshot(request).await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        answer.into_body()
    }

    /// What the clock guard does while it believes the clock: remembers the time.
    pub async fn note_time(&self) {
        use invigil_server::db::entities::time_guard;
        use sea_orm::{ActiveValue::Set, EntityTrait};
        time_guard::Entity::delete_many().exec(&self.state.db).await.unwrap();
        let row = time_guard::ActiveModel {
            id: Set(1),
            wall_ms: Set(self.clock.wall_ms()),
            boot_id: Set(BootId::from_bytes(invigil_clock::boot_id()).to_string()),
            boottime_us: Set(i64::try_from(self.clock.boottime_us()).unwrap()),
            alarm_since_ms: Set(None),
            alarm: Set(None),
        };
        time_guard::Entity::insert(row).exec(&self.state.db).await.unwrap();
    }

    /// Signs in and gives the browser.
    pub async fn browser(&self, login: &str) -> Browser<'_> {
        let mut browser = Browser { place: self, cookie: String::new() };
        let answer = browser.login(login, PASSWORD).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        browser.cookie = answer.header("set-cookie").split(';').next().unwrap().to_owned();
        browser
    }

    /// An exam of an hour that runs now, with one candidate whose agent has joined.
    pub async fn agent(&self) -> Agent<'_> {
        self.agent_of("kaznu").await
    }

    /// The same under another policy.
    pub async fn agent_of(&self, policy: &str) -> Agent<'_> {
        let now = self.clock.wall_ms();
        let new = NewExam {
            title: "Mathematics 1".into(),
            discipline: "Mathematics".into(),
            starts_ms: now - HOUR_MS / 2,
            ends_ms: now + HOUR_MS / 2,
            policy: policy.into(),
            seats: vec![NewSeat::candidate("A candidate")],
            ..NewExam::default()
        };
        let added = exams::add(&self.state, &new).await.unwrap();
        let device = DeviceKey::from_seed(&[7; 32]).unwrap();
        let code = &added.joins[0].code;
        let proof = device.state(&Join { institution: self.state.institution, code_digest: code_digest(code), wall_ms: now }).unwrap();
        let body = serde_json::json!({ "code": code, "proof": proof, "agent_version": "test" });
        let request = Request::post(agent::JOIN).header("content-type", "application/json").body(Body::from(body.to_string())).unwrap();
        let answer = self.send(request).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        let joined: JoinAnswer = answer.json();
        Agent {
            place: self,
            device,
            exam: added.exam,
            expires_ms: added.expires_ms,
            joined,
            run: RunId::from_random(invigil_clock::random().unwrap()),
            run_key: RunKey::from_bytes([5; 32]),
        }
    }

    /// What the audit log says: who, action, object.
    pub async fn audit(&self, action: &str) -> Vec<(String, String)> {
        use invigil_server::db::entities::audit;
        use sea_orm::EntityTrait;
        assert_eq!(invigil_server::audit::first_broken(&self.state.db).await.unwrap(), None);
        let rows = audit::Entity::find().all(&self.state.db).await.unwrap();
        rows.into_iter().filter(|row| row.action == action).map(|row| (row.who, row.object)).collect()
    }
}

/// A browser with or without a session.
pub struct Browser<'a> {
    pub place: &'a Place,
    pub cookie: String,
}

impl Browser<'_> {
    pub async fn login(&self, login: &str, password: &str) -> Answer {
        let body = serde_json::json!({ "login": login, "password": password }).to_string();
        self.ask(Method::POST, "/api/login", &[("x-invigil", "1"), ("content-type", "application/json")], body).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, &[], String::new()).await
    }

    pub async fn range(&self, path: &str, range: &str) -> Answer {
        self.ask(Method::GET, path, &[("range", range)], String::new()).await
    }

    pub async fn ask(&self, method: Method, path: &str, headers: &[(&str, &str)], body: String) -> Answer {
        let mut request = Request::builder().method(method).uri(path).header("host", HOST);
        if !self.cookie.is_empty() {
            request = request.header("cookie", &self.cookie);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.place.send(request.body(Body::from(body)).unwrap()).await
    }
}

/// What an agent does, as far as these tests need it.
pub struct Agent<'a> {
    pub place: &'a Place,
    pub device: DeviceKey,
    pub exam: ExamId,
    pub expires_ms: i64,
    pub joined: JoinAnswer,
    pub run: RunId,
    pub run_key: RunKey,
}

impl Agent<'_> {
    pub fn recording(&self) -> RecordingId {
        self.joined.recording
    }

    fn institution(&self) -> Fingerprint {
        self.place.state.institution
    }

    async fn ask(&self, method: Method, path: &str, headers: &[(&str, String)], body: Vec<u8>) -> Answer {
        let mut request = Request::builder().method(method).uri(path).header("authorization", format!("Bearer {}", self.joined.token));
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        self.place.send(request.body(Body::from(body)).unwrap()).await
    }

    /// Seals and uploads the run's key record; gives its digest.
    pub async fn key_record(&self) -> invigil_format::Digest {
        self.key_record_of(self.place.clock.wall_ms()).await
    }

    /// The same, dated by a device's clock that may be wrong.
    pub async fn key_record_of(&self, created_ms: i64) -> invigil_format::Digest {
        use invigil_format::{Certificate, Role, SealingKey};
        let mut review = Vec::new();
        let mut erasure = None;
        for statement in &self.joined.certificates {
            let certificate: Certificate = statement.read().unwrap();
            match certificate.role {
                Role::Review => review.push(SealingKey(certificate.subject.0)),
                Role::Erasure => erasure = Some(SealingKey(certificate.subject.0)),
                _ => {}
            }
        }
        let new = NewKeyRecord {
            institution: self.institution(),
            exam: self.exam,
            recording: self.recording(),
            run: self.run,
            review,
            erasure: erasure.unwrap(),
            created_ms,
        };
        let record = KeyRecord::seal(&new, &self.run_key, &self.device).unwrap();
        let body = serde_json::to_vec(&record).unwrap();
        let path = agent::key_record_path(self.run);
        let answer = self.ask(Method::PUT, &path, &[("content-type", "application/json".into())], body).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
        record.digest()
    }

    /// A writer of segment `sequence` of `cam0` and its first bytes.
    pub fn segment(&self, key_record: invigil_format::Digest, sequence: u32) -> (SegmentWriter, Vec<u8>) {
        self.segment_of("cam0", key_record, sequence)
    }

    /// The same of another track: sound if its name begins with `mic`.
    pub fn segment_of(&self, track: &str, key_record: invigil_format::Digest, sequence: u32) -> (SegmentWriter, Vec<u8>) {
        let sound = track.starts_with("mic");
        let start = SegmentStart {
            institution: self.institution(),
            exam: self.exam,
            recording: self.recording(),
            run: self.run,
            track: track.parse().unwrap(),
            kind: if sound { TrackKind::Audio } else { TrackKind::Video },
            codec: if sound { "opus".into() } else { "avc1.42c01e".into() },
            width: if sound { 0 } else { 640 },
            height: if sound { 0 } else { 480 },
            sequence,
            previous_head: None,
            key_record,
            boot_id: BootId::from_random([4; 16]),
            origin_boottime_us: 50_000_000,
        };
        let (mut writer, mut bytes) = SegmentWriter::begin(start, &self.run_key, &self.device).unwrap();
        bytes.extend(writer.init(self.stamp(0), b"initialisation section").unwrap());
        (writer, bytes)
    }

    /// Device's clocks `at_ms` after the track began.
    pub fn stamp(&self, at_ms: i64) -> Stamp {
        Stamp { boottime_us: 50_000_000 + u64::try_from(at_ms).unwrap() * 1000, wall_ms: START_MS + at_ms }
    }

    /// A signed chunk of a second, `plain` sealed.
    pub fn chunk(&self, writer: &mut SegmentWriter, at_ms: i64, plain: &[u8]) -> Vec<u8> {
        let mut bytes = writer.chunk(self.stamp(at_ms), 1_000_000, true, plain).unwrap();
        bytes.extend(writer.signature(self.stamp(at_ms)).unwrap());
        bytes
    }

    /// Final frame, signature and closing record.
    pub fn closing(&self, writer: &mut SegmentWriter, at_ms: i64) -> Vec<u8> {
        let mut bytes = writer.end(self.stamp(at_ms)).unwrap();
        bytes.extend(writer.signature(self.stamp(at_ms)).unwrap());
        bytes.extend(writer.close(CloseReason::Stopped).unwrap());
        bytes
    }

    /// Creates the upload of a segment and gives its path.
    pub async fn create(&self, sequence: u32) -> String {
        let answer = self.ask_to_create(sequence).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
        let location = answer.header("location");
        location.strip_prefix(&format!("https://{HOST}")).unwrap_or(location).to_owned()
    }

    /// The same, whatever the answer.
    pub async fn ask_to_create(&self, sequence: u32) -> Answer {
        self.ask_to_create_of("cam0", sequence).await
    }

    /// The same of another track.
    pub async fn ask_to_create_of(&self, track: &str, sequence: u32) -> Answer {
        let (recording, run, sequence) = (self.recording().to_string(), self.run.to_string(), sequence.to_string());
        let pairs = [("recording", recording.as_str()), ("run", &run), ("track", track), ("sequence", &sequence)];
        let metadata = pairs.map(|(key, value)| format!("{key} {}", STANDARD.encode(value))).join(",");
        let headers = [("tus-resumable", "1.0.0".to_owned()), ("upload-defer-length", "1".to_owned()), ("upload-metadata", metadata)];
        self.ask(Method::POST, agent::FILES, &headers, Vec::new()).await
    }

    /// Appends; `last` says that the file is complete.
    pub async fn append(&self, path: &str, offset: u64, bytes: Vec<u8>, last: bool) {
        let answer = self.patch(path, offset, bytes, last).await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT, "{}", answer.text());
    }

    /// The same, whatever the answer.
    pub async fn patch(&self, path: &str, offset: u64, bytes: Vec<u8>, last: bool) -> Answer {
        let mut headers = vec![
            ("tus-resumable", "1.0.0".to_owned()),
            ("content-type", "application/offset+octet-stream".to_owned()),
            ("upload-offset", offset.to_string()),
        ];
        if last {
            headers.push(("upload-length", (offset + bytes.len() as u64).to_string()));
        }
        self.ask(Method::PATCH, path, &headers, bytes).await
    }

    /// Waits until the server has taken the segment into its store.
    pub async fn stored(&self, path: &str) {
        for _ in 0..500 {
            match self.ask(Method::GET, &format!("{path}/receipt"), &[], Vec::new()).await {
                answer if answer.status == StatusCode::OK => return,
                answer => assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text()),
            }
            invigil_clock::sleep(std::time::Duration::from_millis(10)).await;
        }
        panic!("the segment was not stored within 5 s");
    }

    /// State and durable offset as the server tells the agent.
    pub async fn head(&self, path: &str) -> (String, u64) {
        let answer = self.ask(Method::HEAD, path, &[("tus-resumable", "1.0.0".to_owned())], Vec::new()).await;
        (answer.header(agent::STATE_HEADER).to_owned(), answer.header(agent::DURABLE_HEADER).parse().unwrap())
    }
}
