//! Journal entries about cameras, machine and network.

use crate::common::{BOOT_US, World, stamp};
use crate::journal_case;
use crate::vectors::{self, Case, Manifest};
use invigil_format::{Condition, DeviceKey, Event, JournalWriter, ProbeTarget, Statement};
use serde_json::{Value, json};

/// `shared/format/vectors/v1/facts/`, only where there is none.
pub(crate) fn make() {
    let dir = vectors::dir().join("facts");
    if dir.exists() {
        println!("facts: is there already");
        return;
    }
    std::fs::create_dir_all(&dir).unwrap();
    let w = World::new();
    let mut manifest = Manifest {
        fingerprint: w.fingerprint,
        institution: w.institution.public(),
        review_private: hex::encode(w.review.expose()),
        erasure_private: hex::encode(w.erasure.expose()),
        certificates: w.certificates(),
        key_records: Vec::new(),
        cases: Vec::new(),
    };
    let entries = entries(&w);
    let mut cases = vec![("facts", entries.clone())];
    for (name, event) in malformed() {
        cases.push((name, vec![entries[0].clone(), resigned(&w.device, &entries[1], &event)]));
    }
    for (name, entries) in cases {
        let bytes = journal_case(&w, 0, &entries).to_string().into_bytes();
        let (file, found) = (format!("{name}.json"), manifest.read("journal", &bytes));
        assert_eq!(found.is_ok(), name == "facts", "{name}: {found:?}");
        std::fs::write(dir.join(&file), bytes).unwrap();
        let (error, expect) = (found.as_ref().err().map(|e| e.name().to_owned()), found.ok());
        manifest.cases.push(Case { name: name.into(), kind: "journal".into(), file, error, expect });
    }
    std::fs::write(dir.join("manifest.json"), serde_json::to_string_pretty(&manifest).unwrap()).unwrap();
}

/// Each event once, conditions and probes of every name.
fn entries(w: &World) -> Vec<Statement> {
    let track: invigil_format::TrackName = "cam0".parse().unwrap();
    let mut journal = JournalWriter::new(w.fingerprint, w.recording, w.runs[0], w.boot_id, None, &w.device);
    let mut events = vec![
        Event::RunStarted { agent_version: "0.1.0".into(), previous_run: None, key_record: w.key_record(0).digest() },
        Event::FramesDamaged { track: track.clone(), count: 3, reason: "JPEG that cannot be decoded".into() },
        Event::RateLowered { track: track.clone(), fps: 5, reason: "link too slow".into() },
        Event::RateRaised { track: track.clone(), fps: 15 },
        Event::ClockStepped { by_ms: -3_600_000 },
        Event::Suspended { from_us: BOOT_US, to_us: BOOT_US + 60_000_000 },
        Event::NetworkChanged { interfaces: vec!["eth0 up".into(), "wlan0 up".into()] },
        Event::NetworkChanged { interfaces: Vec::new() },
        Event::ServerChanged { server: "https://second.example:8443".into() },
        Event::EndPassed { ends_ms: 1_771_500_000_000 },
    ];
    for condition in Condition::ALL {
        let track = (!matches!(condition, Condition::LowDisk | Condition::SlowDisk | Condition::Cpu)).then(|| track.clone());
        events.push(Event::ConditionBegan { condition, track: track.clone(), since_us: BOOT_US, reason: "made up".into() });
        events.push(Event::ConditionEnded { condition, track, since_us: BOOT_US, until_us: BOOT_US + 5_000_000 });
    }
    for target in [ProbeTarget::Server, ProbeTarget::Platform, ProbeTarget::Gateway, ProbeTarget::Dns] {
        events.push(Event::ProbeFailed { target, since_us: BOOT_US, error: "no answer in time".into() });
        events.push(Event::ProbeBack { target, since_us: BOOT_US, until_us: BOOT_US + 9_000_000, attempts: 4 });
    }
    events.into_iter().enumerate().map(|(i, event)| journal.entry(event, stamp(i as u64 * 1000)).unwrap()).collect()
}

fn malformed() -> [(&'static str, Value); 6] {
    [
        ("unknown-condition", json!({ "kind": "condition-began", "condition": "bored", "track": null, "since_us": 1, "reason": "" })),
        ("condition-without-track", json!({ "kind": "condition-ended", "condition": "dark", "since_us": 1, "until_us": 2 })),
        ("rate-as-text", json!({ "kind": "rate-raised", "track": "cam0", "fps": "15" })),
        ("rate-too-large", json!({ "kind": "rate-raised", "track": "cam0", "fps": 4_294_967_296_u64 })),
        ("interfaces-as-text", json!({ "kind": "network-changed", "interfaces": "eth0" })),
        ("unknown-target", json!({ "kind": "probe-failed", "target": "moon", "since_us": 1, "error": "" })),
    ]
}

/// The same entry with another event, signed by the device again: only the event is wrong.
pub(crate) fn resigned(device: &DeviceKey, entry: &Statement, event: &Value) -> Statement {
    let mut payload: Value = serde_json::from_str(&entry.payload).unwrap();
    payload["event"] = event.clone();
    Statement::sign_text(payload.to_string(), device).unwrap()
}
