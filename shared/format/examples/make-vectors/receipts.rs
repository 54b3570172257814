//! Receipts of recordings, as the files that people keep.

use crate::common::{T0_MS, World};
use crate::vectors::{self, Case, Manifest};
use invigil_format::{
    Certificate, Expired, InstitutionKey, MissingCause, MissingStretch, ReceiptFile, RecordingReceipt, Role, Statement, TrackKind,
    TrackTotal,
};
use serde_json::{Value, json};

/// Error, name and what is changed.
type Wrong<'a> = (&'a str, &'a str, &'a dyn Fn(&mut Value));

const SEC: i64 = 1000;

/// `shared/format/vectors/v1/receipts/`, only where there is none.
pub(crate) fn make() {
    let dir = vectors::dir().join("receipts");
    if dir.exists() {
        println!("receipts: is there already");
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
    let receipt = receipt(&w);
    let early = RecordingReceipt {
        until_ms: receipt.starts_ms,
        finished: false,
        expected_ms: 0,
        stored_ms: 0,
        missing: Vec::new(),
        tracks: Vec::new(),
        segments: 0,
        size_bytes: 0,
        waiting_segments: 0,
        refused_segments: 0,
        made_ms: receipt.starts_ms - SEC,
        ..receipt.clone()
    };
    let mut cases = vec![("whole", None, file(&w, &receipt)), ("before-the-window", None, file(&w, &early))];
    cases.extend(changed(&w, &receipt));
    cases.extend(files(&w, &receipt));
    for (name, error, text) in cases {
        let found = manifest.read("receipt-file", text.as_bytes());
        assert_eq!(found.as_ref().err().map(invigil_format::Error::name), error, "{name}: {found:?}");
        let path = format!("{name}.json");
        std::fs::write(dir.join(&path), &text).unwrap();
        let error = error.map(ToOwned::to_owned);
        manifest.cases.push(Case { name: name.into(), kind: "receipt-file".into(), file: path, error, expect: found.ok() });
    }
    std::fs::write(dir.join("manifest.json"), serde_json::to_string_pretty(&manifest).unwrap()).unwrap();
}

/// An hour of which a minute is missing, on three tracks.
pub(crate) fn receipt(w: &World) -> RecordingReceipt {
    let starts_ms = T0_MS;
    let causes = [
        MissingCause::NotJoined,
        MissingCause::AgentStopped,
        MissingCause::PowerOrReboot,
        MissingCause::Suspended,
        MissingCause::CameraLost,
        MissingCause::NotYetUploaded,
        MissingCause::Refused,
        MissingCause::Unknown,
    ];
    let missing = (0..).zip(causes).map(|(n, cause)| {
        let from_ms = starts_ms + n * 60 * SEC;
        MissingStretch { from_ms, to_ms: from_ms + 7 * SEC + 500, cause }
    });
    let track = |name: &str, kind, segments, size_bytes, secs: i64| TrackTotal {
        track: name.parse().unwrap(),
        kind,
        segments,
        size_bytes,
        media_ms: (secs + 5) * SEC,
        stored_ms: secs * SEC,
    };
    RecordingReceipt {
        institution: w.fingerprint,
        exam: w.exam,
        recording: w.recording,
        starts_ms,
        ends_ms: starts_ms + 7200 * SEC,
        until_ms: starts_ms + 3600 * SEC,
        finished: true,
        expected_ms: 3600 * SEC,
        stored_ms: 3540 * SEC,
        missing: missing.collect(),
        unlisted_ms: 0,
        tracks: vec![
            track("cam0", TrackKind::Video, 12, 14_000_000, 3540),
            track("cam1", TrackKind::Video, 11, 13_000_000, 3300),
            track("thumb0", TrackKind::Thumbnail, 12, 900_000, 3540),
        ],
        segments: 35,
        size_bytes: 27_900_000,
        waiting_segments: 1,
        refused_segments: 1,
        utc_offset_secs: 18_000,
        made_ms: starts_ms + 3610 * SEC,
    }
}

pub(crate) fn file(w: &World, receipt: &RecordingReceipt) -> String {
    of(w, w.server.state(receipt).unwrap()).to_json()
}

fn of(w: &World, receipt: Statement) -> ReceiptFile {
    ReceiptFile { institution: w.institution.public(), certificates: w.certificates()[..1].to_vec(), receipt }
}

/// Only the payload is wrong; it is signed as it stands.
fn changed(w: &World, receipt: &RecordingReceipt) -> Vec<(&'static str, Option<&'static str>, String)> {
    let payload: Value = serde_json::from_str(&w.server.state(receipt).unwrap().payload).unwrap();
    let with = |change: &dyn Fn(&mut Value)| {
        let mut payload = payload.clone();
        change(&mut payload);
        of(w, Statement::sign_text(payload.to_string(), &w.server).unwrap()).to_json()
    };
    let cases: Vec<Wrong<'_>> = vec![
        ("member-missing", "json", &|v| drop(v.as_object_mut().unwrap().remove("unlisted_ms"))),
        ("member-unknown", "unknown-member", &|v| v["lost_ms"] = json!(0)),
        ("stretch-member-unknown", "unknown-member", &|v| v["missing"][0]["why"] = json!("")),
        ("track-member-unknown", "unknown-member", &|v| v["tracks"][0]["name"] = json!("")),
        ("cause-unknown", "json", &|v| v["missing"][0]["cause"] = json!("laziness")),
        ("kind-unknown", "json", &|v| v["tracks"][0]["kind"] = json!("smell")),
        ("finished-as-number", "json", &|v| v["finished"] = json!(1)),
        ("expected-as-text", "json", &|v| v["expected_ms"] = json!("3600000")),
        ("segments-negative", "json", &|v| v["segments"] = json!(-35)),
        ("ends-before-it-starts", "bad-member", &|v| v["ends_ms"] = json!(T0_MS - 1)),
        ("accounted-beyond-the-end", "bad-member", &|v| v["until_ms"] = json!(T0_MS + 7201 * SEC)),
        ("accounted-beyond-now", "bad-member", &|v| v["made_ms"] = json!(T0_MS + 3599 * SEC)),
        ("expected-otherwise", "bad-member", &|v| v["expected_ms"] = json!(3601 * SEC)),
        ("expected-beyond-numbers", "bad-member", &|v| v["starts_ms"] = json!(i64::MIN)),
        ("stored-more-than-is-left", "bad-member", &|v| v["stored_ms"] = json!(3541 * SEC)),
        ("missing-not-in-order", "bad-member", &|v| v["missing"].as_array_mut().unwrap().swap(0, 1)),
        ("missing-twice", "bad-member", &|v| v["missing"][1] = v["missing"][0].clone()),
        ("missing-of-no-length", "bad-member", &|v| v["missing"][0]["to_ms"] = json!(T0_MS)),
        ("missing-outside", "bad-member", &|v| v["missing"][0]["from_ms"] = json!(T0_MS - 1)),
        ("missing-too-many", "bad-member", &|v| {
            let stretch = |n: i64| json!({ "from_ms": T0_MS + n * SEC, "to_ms": T0_MS + n * SEC + 500, "cause": "unknown" });
            v["missing"] = (0..401).map(stretch).collect();
            v["stored_ms"] = json!(3600 * SEC - 401 * 500);
        }),
        ("unlisted-though-there-is-room", "bad-member", &|v| {
            v["unlisted_ms"] = json!(1);
            v["stored_ms"] = json!(3540 * SEC - 1);
        }),
        ("unlisted-negative", "bad-member", &|v| {
            v["unlisted_ms"] = json!(-1);
            v["stored_ms"] = json!(3540 * SEC + 1);
        }),
        ("track-twice", "bad-member", &|v| v["tracks"][1]["track"] = json!("cam0")),
        ("track-without-segment", "bad-member", &|v| v["tracks"][0]["segments"] = json!(0)),
        ("track-longer-than-expected", "bad-member", &|v| v["tracks"][0]["stored_ms"] = json!(3601 * SEC)),
        ("segments-do-not-add-up", "bad-member", &|v| v["segments"] = json!(34)),
        ("segments-beyond-numbers", "bad-member", &|v| v["tracks"][0]["segments"] = json!(u64::MAX)),
        ("bytes-do-not-add-up", "bad-member", &|v| v["size_bytes"] = json!(1)),
        ("offset-of-a-day", "bad-member", &|v| v["utc_offset_secs"] = json!(86_400)),
        ("of-another-institution", "wrong-institution", &|v| v["institution"] = json!("00".repeat(32))),
        ("made-after-the-certificate", "certificate-expired", &|v| v["made_ms"] = json!(T0_MS + 86_400_000)),
        ("version-2", "unsupported-version", &|v| v["version"] = json!(2)),
        ("type-receipt", "wrong-type", &|v| v["type"] = json!("receipt")),
    ];
    cases.into_iter().map(|(name, error, change)| (name, Some(error), with(change))).collect()
}

/// What is wrong lies outside the payload.
fn files(w: &World, receipt: &RecordingReceipt) -> Vec<(&'static str, Option<&'static str>, String)> {
    let good = of(w, w.server.state(receipt).unwrap());
    let other = InstitutionKey::from_seed(&[71; 32]).unwrap();
    let by_device = w.device.state(receipt).unwrap();
    let expired = Expired { institution: w.fingerprint, recording: w.recording, expired_ms: T0_MS };
    let mut altered = good.receipt.clone();
    altered.payload = altered.payload.replace("3540000", "3541000");
    let late = Certificate { not_before_ms: T0_MS + 3611 * SEC, ..w.certificate(Role::Server, w.server.public()) };
    let late = w.institution.state(&late).unwrap();
    let text = good.to_json();
    vec![
        ("payload-altered", Some("bad-signature"), ReceiptFile { receipt: altered, ..good.clone() }.to_json()),
        ("signed-by-the-device", Some("not-certified"), ReceiptFile { receipt: by_device, ..good.clone() }.to_json()),
        ("another-statement", Some("wrong-type"), ReceiptFile { receipt: w.server.state(&expired).unwrap(), ..good.clone() }.to_json()),
        ("another-institution-key", Some("wrong-institution"), ReceiptFile { institution: other.public(), ..good.clone() }.to_json()),
        ("without-certificate", Some("not-certified"), ReceiptFile { certificates: Vec::new(), ..good.clone() }.to_json()),
        ("certificate-too-late", Some("not-yet-valid"), ReceiptFile { certificates: vec![late], ..good.clone() }.to_json()),
        ("certificate-is-none", Some("not-certified"), ReceiptFile { certificates: vec![good.receipt.clone()], ..good }.to_json()),
        ("file-member-unknown", Some("unknown-member"), text.replacen('{', "{\"note\": \"\",", 1)),
        ("file-member-twice", Some("duplicate-member"), text.replacen('{', "{\"certificates\": [],", 1)),
        ("file-cut-off", Some("json"), text[..text.len() / 2].to_owned()),
    ]
}
