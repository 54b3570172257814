//! What is journalled of a computer that does not keep up, and the cause that a receipt names then.

use crate::common::{BOOT_US, World, stamp};
use crate::vectors::{self, Case, Manifest};
use crate::{facts, journal_case, receipts};
use invigil_format::{DroppedBecause, DroppedStretch, Event, JournalWriter, MissingCause, MissingStretch, RecordingReceipt, Statement};
use serde_json::{Value, json};

/// `shared/format/vectors/v1/too-busy/`, only where there is none.
pub(crate) fn make() {
    let dir = vectors::dir().join("too-busy");
    if dir.exists() {
        println!("too-busy: is there already");
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
    let mut cases = vec![
        ("journal", "journal", None, journal_case(&w, 0, &entries).to_string()),
        ("receipt", "receipt-file", None, receipts::file(&w, &receipt(&w))),
    ];
    for (name, error, event) in malformed() {
        let entries = [entries[0].clone(), facts::resigned(&w.device, &entries[1], &event)];
        cases.push((name, "journal", Some(error), journal_case(&w, 0, &entries).to_string()));
    }
    for (name, kind, error, text) in cases {
        let found = manifest.read(kind, text.as_bytes());
        assert_eq!(found.as_ref().err().map(invigil_format::Error::name), error, "{name}: {found:?}");
        let file = format!("{name}.json");
        std::fs::write(dir.join(&file), text).unwrap();
        let error = error.map(ToOwned::to_owned);
        manifest.cases.push(Case { name: name.into(), kind: kind.into(), file, error, expect: found.ok() });
    }
    std::fs::write(dir.join("manifest.json"), serde_json::to_string_pretty(&manifest).unwrap()).unwrap();
}

/// Dropped pictures with each reason and without, and a time without processor.
fn entries(w: &World) -> Vec<Statement> {
    let mut journal = JournalWriter::new(w.fingerprint, w.recording, w.runs[0], w.boot_id, None, &w.device);
    let dropped = |stretch| Event::FramesDropped { track: "cam0".parse().unwrap(), count: 45, reason: "made up".into(), stretch };
    let mut events =
        vec![Event::RunStarted { agent_version: "0.1.0".into(), previous_run: None, key_record: w.key_record(0).digest() }, dropped(None)];
    for because in [DroppedBecause::TooBusy, DroppedBecause::DiskFailure, DroppedBecause::NoKeyFrame] {
        events.push(dropped(Some(DroppedStretch { from_us: BOOT_US, to_us: BOOT_US + 3_000_000, because })));
    }
    events.push(Event::HeldUp { from_us: BOOT_US + 4_000_000, to_us: BOOT_US + 10_000_000 });
    events.into_iter().enumerate().map(|(i, event)| journal.entry(event, stamp(i as u64 * 1000)).unwrap()).collect()
}

/// The usual one, with a stretch of this cause.
fn receipt(w: &World) -> RecordingReceipt {
    let mut receipt = receipts::receipt(w);
    let from_ms = receipt.starts_ms + 3_000_000;
    receipt.missing.push(MissingStretch { from_ms, to_ms: from_ms + 6_000, cause: MissingCause::ComputerTooBusy });
    receipt.stored_ms -= 6_000;
    receipt.tracks.iter_mut().for_each(|track| track.stored_ms -= 6_000);
    receipt
}

fn malformed() -> [(&'static str, &'static str, Value); 6] {
    let dropped = |stretch: Value| json!({ "kind": "frames-dropped", "track": "cam0", "count": 45, "reason": "", "stretch": stretch });
    [
        ("stretch-null", "json", dropped(Value::Null)),
        ("stretch-without-end", "json", dropped(json!({ "from_us": 1, "because": "too-busy" }))),
        ("stretch-without-reason", "json", dropped(json!({ "from_us": 1, "to_us": 2 }))),
        ("unknown-reason", "json", dropped(json!({ "from_us": 1, "to_us": 2, "because": "laziness" }))),
        ("stretch-member-unknown", "unknown-member", dropped(json!({ "from_us": 1, "to_us": 2, "because": "too-busy", "fps": 15 }))),
        ("held-up-as-text", "json", json!({ "kind": "held-up", "from_us": "1", "to_us": 2 })),
    ]
}
