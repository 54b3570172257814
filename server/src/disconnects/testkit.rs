//! A server in a temporary folder with a clock that tests move.

use crate::config::Config;
use crate::db::entities::{journal_entries, recordings, runs};
use crate::exams::{self, Added, NewExam, NewSeat};
use crate::ingest::auth::token_digest;
use crate::keys;
use crate::policies::SHIPPED;
use crate::state::{AppState, Shared};
use invigil_clock::Clock;
use invigil_format::{BootId, Certificate, Fingerprint, InstitutionKey, Role, RunId, ServerKey, Signature, Statement, VerifyingKey};
use invigil_wire::agent::{Heartbeat, Trust};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use serde_json::Value;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// 10 June 2026, 09:00 in Almaty.
pub(crate) const START: i64 = 1_781_064_000_000;
pub(crate) const MIN: i64 = 60_000;
pub(crate) const TOKEN: [u8; 32] = [9; 32];

/// Wall and boot time, apart if a test wants that.
#[derive(Debug, Default)]
pub(crate) struct TestClock {
    pub wall: AtomicI64,
    pub boot: AtomicI64,
}

impl Clock for TestClock {
    fn wall_ms(&self) -> i64 {
        self.wall.load(Ordering::SeqCst)
    }
    fn boottime_us(&self) -> u64 {
        u64::try_from(self.boot.load(Ordering::SeqCst)).unwrap() * 1000
    }
}

impl TestClock {
    pub(crate) fn pass(&self, ms: i64) {
        self.wall.fetch_add(ms, Ordering::SeqCst);
        self.boot.fetch_add(ms, Ordering::SeqCst);
    }
    pub(crate) fn step(&self, ms: i64) {
        self.wall.fetch_add(ms, Ordering::SeqCst);
    }
}

pub(crate) struct Bench {
    pub dir: tempfile::TempDir,
    pub clock: Arc<TestClock>,
    pub state: Shared,
    /// How far the device's wall clock is ahead of the server's, ms: somebody sets it.
    pub device_ahead_ms: i64,
}

impl Bench {
    /// An installation half an hour before [`START`], with a policy `short` that keeps footage for 30 s.
    pub(crate) async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(TestClock::default());
        clock.wall.store(START - 30 * MIN, Ordering::SeqCst);
        clock.boot.store(1_000_000, Ordering::SeqCst);
        make(dir.path()).await;
        let state = open(dir.path(), &clock).await;
        Self { dir, clock, state, device_ahead_ms: 0 }
    }

    /// The process dies and starts again; what was only in memory is gone.
    pub(crate) async fn restart(&mut self) {
        self.state = open(self.dir.path(), &self.clock).await;
    }

    pub(crate) async fn exam(&self, policy: &str) -> Added {
        let new = NewExam {
            title: "Physics".into(),
            discipline: "PHY1".into(),
            starts_ms: START,
            ends_ms: START + 120 * MIN,
            policy: policy.into(),
            seats: vec![NewSeat::candidate("A. Candidate")],
            ..NewExam::default()
        };
        exams::add(&self.state, &new).await.unwrap()
    }

    /// Row of the only recording, joined with [`TOKEN`].
    pub(crate) async fn join(&self) -> recordings::Model {
        let row = recordings::Entity::find().one(&self.state.db).await.unwrap().unwrap();
        let change = recordings::ActiveModel {
            id: Set(row.id),
            joined_ms: Set(Some(self.clock.wall_ms())),
            device_key: Set(Some(device().to_string())),
            token_digest: Set(Some(hex::encode(token_digest(&TOKEN)))),
            ..Default::default()
        };
        change.update(&self.state.db).await.unwrap()
    }

    /// A run that the server has heard of, as the first heartbeat leaves it.
    pub(crate) async fn run(&self, recording: i64, run: u8, boot: u8) -> i64 {
        let row = runs::ActiveModel {
            uuid: Set(run_id(run).to_string()),
            recording_id: Set(recording),
            device_key: Set(device().to_string()),
            boot_id: Set(Some(boot_id(boot).to_string())),
            first_seen_ms: Set(self.clock.wall_ms()),
            clock_offset_ms: Set(Some(self.clock.wall_ms() - self.device_ms())),
            ..Default::default()
        };
        row.insert(&self.state.db).await.unwrap().id
    }

    /// The device's boot time, ms.
    pub(crate) fn device_ms(&self) -> i64 {
        self.clock.boot.load(Ordering::SeqCst) + 777
    }

    /// The device's wall clock, Unix ms.
    pub(crate) fn device_wall_ms(&self) -> i64 {
        self.clock.wall_ms() + self.device_ahead_ms
    }

    pub(crate) fn beat(&self, recording: &str, run: u8, boot: u8, sequence: u64) -> Heartbeat {
        Heartbeat {
            recording: recording.parse().unwrap(),
            run: run_id(run),
            sequence,
            boot_id: boot_id(boot),
            boottime_us: u64::try_from(self.device_ms()).unwrap() * 1000,
            wall_ms: self.device_wall_ms(),
            capturing: true,
            spooled_bytes: 0,
        }
    }

    /// A journal entry at a device's boot time, with the digest of the entry before it.
    pub(crate) async fn journal(&self, run: i64, boot: u8, boottime_ms: i64, event: Value, previous: Option<&str>) -> String {
        let of = journal_entries::Entity::find().filter(journal_entries::Column::RunId.eq(run));
        let index = i64::try_from(of.all(&self.state.db).await.unwrap().len()).unwrap();
        let payload = serde_json::json!({ "previous": previous, "index": index }).to_string();
        let statement = Statement { payload, key: VerifyingKey([0; 32]), signature: Signature([0; 64]) };
        let digest = format!("digest-{run}-{index}");
        let row = journal_entries::ActiveModel {
            run_id: Set(run),
            entry: Set(index),
            digest: Set(digest.clone()),
            kind: Set(event["kind"].as_str().unwrap().to_owned()),
            boot_id: Set(boot_id(boot).to_string()),
            boottime_us: Set(boottime_ms * 1000),
            wall_ms: Set(self.device_wall_ms()),
            event: Set(event.to_string()),
            statement: Set(statement.to_json()),
            received_ms: Set(0),
            ..Default::default()
        };
        row.insert(&self.state.db).await.unwrap();
        digest
    }
}

pub(crate) fn run_id(n: u8) -> RunId {
    RunId::from_random([n; 16])
}

pub(crate) fn boot_id(n: u8) -> BootId {
    BootId::from_random([n; 16])
}

pub(crate) fn device() -> VerifyingKey {
    VerifyingKey([5; 32])
}

async fn open(dir: &Path, clock: &Arc<TestClock>) -> Shared {
    let config = Config::load(&dir.join("server.toml")).unwrap();
    Arc::new(AppState::open(config, clock.clone()).await.unwrap())
}

async fn make(dir: &Path) {
    let text = "organisation = \"T\"\n[listen]\naddress = \"127.0.0.1:1\"\npublic_url = \"https://127.0.0.1:1\"\n";
    std::fs::write(dir.join("server.toml"), text).unwrap();
    for folder in ["data", "keys", "policies", "forms"] {
        std::fs::create_dir(dir.join(folder)).unwrap();
    }
    for (name, text) in SHIPPED {
        std::fs::write(dir.join("policies").join(name), text).unwrap();
    }
    for (name, text) in crate::acts::SHIPPED_FORMS {
        std::fs::write(dir.join("forms").join(name), text).unwrap();
    }
    let short = SHIPPED[0].1.replace("name = \"kbtu\"", "name = \"short\"").replace("\"P1M\"", "\"PT30S\"");
    std::fs::write(dir.join("policies/short.toml"), short).unwrap();
    let institution = InstitutionKey::from_seed(&[1; 32]).unwrap();
    let server = ServerKey::from_seed(&[2; 32]).unwrap();
    let config = Config::load(&dir.join("server.toml")).unwrap();
    keys::write_server_key(&config.paths.server_key, &server, &[2; 32]).unwrap();
    let certificate = Certificate {
        role: Role::Server,
        institution: Fingerprint::of(&institution.public()),
        subject: server.public().into(),
        name: "server".into(),
        not_before_ms: 0,
        not_after_ms: START * 2,
        exam: None,
        recording: None,
        delegate: Some(vec![Role::Tls, Role::Erasure, Role::Device]),
    };
    let trust = Trust { institution: institution.public(), certificates: vec![institution.state(&certificate).unwrap()] };
    std::fs::write(&config.paths.trust, serde_json::to_string(&trust).unwrap()).unwrap();
    crate::db::open(&config.paths.database, true).await.unwrap();
}
