//! Makes `vectors/v1/` once. Vectors are kept for ever and never edited: the manifest with what it names, and each further folder, is made only where there is
//! none.
//! `cargo run -p invigil-format --example make-vectors`
//!
//! All keys come from fixed seeds; only HPKE's ephemeral keys are random, so a second run would differ in the key records and in what names their digests.
#![expect(clippy::unwrap_used, reason = "a generator that is run once and stops at the first thing that is not as it should be")]

#[path = "../../tests/format/common.rs"]
mod common;
#[path = "../../tests/format/vectors.rs"]
mod vectors;

mod facts;
mod in_band;
mod malformed;
mod receipts;
mod too_busy;

use common::{BOOT_US, Forge, T0_MS, World, stamp};
use invigil_format::{
    CloseReason, Event, Expired, FinishedBy, Join, JournalWriter, KdfCost, Receipt, Scanner, SegmentWriter, Statement, TrackKind,
    WrappedKey, code_digest, recover_closing,
};
use serde_json::{Value, json};
use vectors::{Case, Manifest};

/// Collects cases; what each expects is what this library finds, and `tests/reader/` must find the same.
pub(crate) struct Maker {
    world: World,
    manifest: Manifest,
}

fn main() {
    in_band::make();
    facts::make();
    receipts::make();
    too_busy::make();
    if vectors::dir().join("manifest.json").exists() {
        println!("manifest.json: is there already");
        return;
    }
    let world = World::new();
    assert!(world.trust().refused().is_empty());
    let manifest = Manifest {
        fingerprint: world.fingerprint,
        institution: world.institution.public(),
        review_private: hex::encode(world.review.expose()),
        erasure_private: hex::encode(world.erasure.expose()),
        certificates: world.certificates(),
        key_records: vec![world.key_record(0), world.key_record(1)],
        cases: Vec::new(),
    };
    let mut maker = Maker { world, manifest };
    good_segments(&mut maker);
    good_statements(&mut maker);
    good_journal_and_recordings(&mut maker);
    good_mp4(&mut maker);
    malformed::segments(&mut maker);
    malformed::statements(&mut maker);
    malformed::others(&mut maker);
    let text = serde_json::to_string_pretty(&maker.manifest).unwrap();
    std::fs::write(vectors::dir().join("manifest.json"), text).unwrap();
}

impl Maker {
    /// A vector that must be read without complaint.
    fn good(&mut self, kind: &str, name: &str, bytes: &[u8]) {
        let file = self.write("good", kind, name, bytes);
        let expect = self.manifest.read(kind, bytes).unwrap_or_else(|e| panic!("{name}: {e}"));
        self.manifest.cases.push(Case { name: name.into(), kind: kind.into(), file, error: None, expect: Some(expect) });
    }

    /// A vector that must be refused with this name.
    fn bad(&mut self, kind: &str, error: &str, name: &str, bytes: &[u8]) {
        let file = self.write("malformed", kind, name, bytes);
        let found = self.manifest.read(kind, bytes).map_err(|e| e.name());
        assert_eq!(found.as_ref().err(), Some(&error), "{name}: {found:?}");
        self.manifest.cases.push(Case { name: name.into(), kind: kind.into(), file, error: Some(error.into()), expect: None });
    }

    fn write(&self, folder: &str, kind: &str, name: &str, bytes: &[u8]) -> String {
        let extension = if kind == "segment" { "ivs" } else { "json" };
        let file = format!("{folder}/{name}.{extension}");
        let path = vectors::dir().join(&file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        assert!(!path.exists(), "two vectors named {name}");
        std::fs::write(path, bytes).unwrap();
        file
    }

    fn good_json(&mut self, kind: &str, name: &str, value: &Value) {
        self.good(kind, name, value.to_string().as_bytes());
    }

    fn bad_json(&mut self, kind: &str, error: &str, name: &str, value: &Value) {
        self.bad(kind, error, name, value.to_string().as_bytes());
    }

    fn record_digest(&self, run: usize) -> invigil_format::Digest {
        self.manifest.key_records[run].digest()
    }
}

fn good_segments(maker: &mut Maker) {
    let record = maker.record_digest(0);
    let w = World::new();
    let (minimal, writer) = w.segment(w.start(0, "cam0", 0, None, record), 0, &[1], Some(CloseReason::Stopped));
    maker.good("segment", "minimal", &minimal);
    let (chunks, _) = w.segment(
        w.start(0, "cam0", 1, Some(writer.head()), record),
        1_000_000,
        &[1000, 1, 333, 64, 4096, 15, 16, 17],
        Some(CloseReason::Full),
    );
    maker.good("segment", "chunks", &chunks);
    let (growing, _) = w.segment(w.start(0, "cam0", 3, None, record), 12_000_000, &[100, 200, 300, 400], None);
    maker.good("segment", "growing", &growing);
    maker.good("segment", "torn", &growing[..growing.len() - 7]);
    let scanner = Scanner::scan(&growing[..growing.len() - 7]).unwrap();
    let recovery = recover_closing(&scanner, &w.device, stamp(60_000_000)).unwrap();
    let kept = &growing[..usize::try_from(recovery.truncate_to).unwrap()];
    maker.good("segment", "recovered", &[kept, &recovery.append].concat());
    let recovery_head = recovery.head;
    let (mut writer, start) = SegmentWriter::begin(w.start(0, "cam1", 0, None, record), &w.run_keys[0], &w.device).unwrap();
    maker.good("segment", "header-only", &start);
    let recovery = recover_closing(&Scanner::scan(&start).unwrap(), &w.device, stamp(60_000_000)).unwrap();
    maker.good("segment", "recovered-before-init", &[start.as_slice(), &recovery.append].concat());
    let init = [start, writer.init(stamp(0), b"init").unwrap()].concat();
    maker.good("segment", "init-only", &init);
    let pictures: Vec<usize> = vec![700, 800];
    let (thumbs, _) = w.segment(w.start(0, "thumb0", 0, None, record), 0, &pictures, Some(CloseReason::Stopped));
    maker.good("segment", "pictures", &thumbs);
    let record2 = maker.record_digest(1);
    let last = recovery_head;
    let (second, _) = w.segment(w.start(1, "cam0", 0, Some(last), record2), 20_000_000, &[50, 60], Some(CloseReason::Stopped));
    maker.good("segment", "second-run", &second);
}

fn good_statements(maker: &mut Maker) {
    let w = World::new();
    let scanner = Scanner::scan(&std::fs::read(vectors::dir().join("good/minimal.ivs")).unwrap()).unwrap();
    let header = scanner.header().unwrap();
    let receipt = Receipt {
        institution: w.fingerprint,
        recording: w.recording,
        run: header.run,
        track: header.track.clone(),
        sequence: 0,
        size_bytes: scanner.whole_bytes(),
        digest: scanner.digest(),
        head: scanner.head(),
        stored_ms: T0_MS + 9000,
    };
    let expired = Expired { institution: w.fingerprint, recording: w.recording, expired_ms: T0_MS + 2_678_400_000 };
    let join = Join { institution: w.fingerprint, code_digest: code_digest("k7f-q2m"), wall_ms: T0_MS };
    for (asked, statement) in [
        ("receipt", w.server.state(&receipt).unwrap()),
        ("expired", w.server.state(&expired).unwrap()),
        ("join", w.device.state(&join).unwrap()),
    ] {
        maker.good("statement", asked, format!("{asked}\n{}", statement.to_json()).as_bytes());
    }
    // White space around the payload is not signed.
    let spaced = serde_json::to_string_pretty(&w.server.state(&expired).unwrap()).unwrap();
    maker.good("statement", "spaced", format!("expired\n{spaced}\n").as_bytes());
    for run in 0..2 {
        let statement = maker.manifest.key_records[run].clone();
        maker.good_json("key-record", &format!("key-record-{run}"), &json!({ "statement": statement }));
    }
    let second = hex::encode(w.review2.expose());
    let statement = maker.manifest.key_records[0].clone();
    maker.good_json("key-record", "second-reviewer", &json!({ "statement": statement, "review_private": second }));
    maker.good("beacon", "beacon", w.beacon().to_hex().as_bytes());
    let case = |role: &str, subject: Value| {
        json!({ "fingerprint": w.fingerprint, "institution": w.institution.public(),
            "role": role, "subject": subject, "at_ms": T0_MS, "exam": Value::Null, "recording": Value::Null })
    };
    maker.good_json("certificates", "server", &case("server", json!(w.server.public())));
    maker.good_json("certificates", "review", &case("review", json!(w.review.public().unwrap())));
    let mut delegated = case("device", json!(w.device.public()));
    delegated["recording"] = json!(w.recording);
    maker.good_json("certificates", "delegated-device", &delegated);
    let mut delegated = case("erasure", json!(w.erasure.public().unwrap()));
    delegated["exam"] = json!(w.exam);
    maker.good_json("certificates", "delegated-erasure", &delegated);
    let mut first = case("tls", json!(hex::encode([99; 32])));
    first["at_ms"] = json!(T0_MS - 86_400_000);
    maker.good_json("certificates", "first-instant", &first);
    maker.good_json("wrapped-key", "wrapped-key", &wrapped(&w, "пароль é"));
    // The same passphrase with its accent as a character of its own: NFC makes them one.
    let mut decomposed = wrapped(&w, "пароль é");
    decomposed["passphrase"] = json!("пароль e\u{301}");
    maker.good_json("wrapped-key", "wrapped-key-decomposed", &decomposed);
}

/// A wrapped key whose Argon2id output stands beside it, for readers that lack Argon2id.
pub(crate) fn wrapped(w: &World, passphrase: &str) -> Value {
    let cost = KdfCost { memory_kib: 64, iterations: 1, parallelism: 2 };
    let text = WrappedKey::wrap(&w.review, passphrase, cost, [21; 16], [22; 12]).unwrap().to_json();
    let mut derived = [0; 32];
    let params = argon2::Params::new(cost.memory_kib, cost.iterations, cost.parallelism, Some(32)).unwrap();
    argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params)
        .hash_password_into(passphrase.as_bytes(), &[21; 16], &mut derived)
        .unwrap();
    json!({ "text": text, "passphrase": passphrase, "derived": hex::encode(derived) })
}

/// Two runs: the first killed while it wrote, its torn segment closed by the second.
fn good_journal_and_recordings(maker: &mut Maker) {
    let w = World::new();
    let track: invigil_format::TrackName = "cam0".parse().unwrap();
    let scan = |file: &str| Scanner::scan(&std::fs::read(vectors::dir().join(file)).unwrap()).unwrap();
    let started = |file: &str, sequence| Event::SegmentStarted { track: track.clone(), sequence, head: scan(file).head0() };
    let closed = |file: &str, sequence, reason, run: usize| Event::SegmentClosed {
        track: track.clone(),
        sequence,
        head: scan(file).head(),
        reason,
        run: w.runs[run],
    };
    let mut first = JournalWriter::new(w.fingerprint, w.recording, w.runs[0], w.boot_id, None, &w.device);
    let events = [
        Event::RunStarted { agent_version: "0.1.0".into(), previous_run: None, key_record: maker.record_digest(0) },
        Event::TrackStarted { track: track.clone(), camera: "file:clip.mp4".into(), reason: "started".into() },
        started("good/minimal.ivs", 0),
        closed("good/minimal.ivs", 0, CloseReason::Stopped, 0),
        started("good/chunks.ivs", 1),
        closed("good/chunks.ivs", 1, CloseReason::Full, 0),
        Event::SegmentStarted { track: track.clone(), sequence: 2, head: w.certificates()[0].digest() },
        started("good/growing.ivs", 3),
        Event::LinkLost { first_failed_start_us: BOOT_US + 1, first_failed_end_us: BOOT_US + 2_000_001 },
        Event::LinkBack {
            first_failed_start_us: BOOT_US + 1,
            first_failed_end_us: BOOT_US + 2_000_001,
            last_failed_start_us: BOOT_US + 4_000_000,
            last_failed_end_us: BOOT_US + 6_000_000,
            attempts: 3,
            error: "timed out".into(),
        },
        Event::CameraLost { track: track.clone(), reason: "unplugged".into() },
        Event::CameraBack { track: track.clone(), reason: "plugged in".into() },
        Event::CapturePaused { track: track.clone(), reason: "spool full".into() },
        Event::CaptureResumed { track: track.clone(), reason: "space again".into() },
        Event::FramesDropped { track: track.clone(), count: 12, reason: "slow disk".into(), stretch: None },
        Event::TrackEnded { track: track.clone(), camera: "file:clip.mp4".into(), reason: "stopped".into() },
    ];
    let first_entries: Vec<Statement> =
        events.into_iter().enumerate().map(|(i, event)| first.entry(event, stamp(i as u64 * 1000)).unwrap()).collect();
    let mut second = JournalWriter::new(w.fingerprint, w.recording, w.runs[1], w.boot_id, first.last(), &w.device);
    let events = [
        Event::RunStarted { agent_version: "0.1.0".into(), previous_run: Some(w.runs[0]), key_record: maker.record_digest(1) },
        closed("good/recovered.ivs", 3, CloseReason::Recovered, 0),
        started("good/second-run.ivs", 0),
        closed("good/second-run.ivs", 0, CloseReason::Stopped, 1),
        Event::Finished { by: FinishedBy::Candidate },
        Event::RunEnded { reason: "finished".into() },
    ];
    let second_entries: Vec<Statement> =
        events.into_iter().enumerate().map(|(i, event)| second.entry(event, stamp(20_000_000 + i as u64)).unwrap()).collect();
    for (run, entries) in [(0, &first_entries), (1, &second_entries)] {
        maker.good_json("journal", &format!("journal-{run}"), &journal_case(&w, run, entries));
    }
    let runs = json!([
        { "run": w.runs[0], "key_record": maker.manifest.key_records[0], "journal": first_entries,
          "segments": ["good/recovered.ivs", "good/minimal.ivs", "good/chunks.ivs"] },
        { "run": w.runs[1], "key_record": maker.manifest.key_records[1], "journal": second_entries, "segments": ["good/second-run.ivs"] },
    ]);
    maker.good_json("recording", "two-runs", &runs);
    let damaged = json!([
        { "run": w.runs[1], "key_record": Value::Null, "journal": second_entries[..1], "segments": ["good/second-run.ivs"] },
    ]);
    maker.good_json("recording", "no-key-record", &damaged);
    let cut = json!([
        { "run": w.runs[0], "key_record": maker.manifest.key_records[0], "journal": first_entries[..6],
          "segments": ["good/minimal.ivs", "good/chunks.ivs"] },
        { "run": w.runs[1], "key_record": maker.manifest.key_records[1], "journal": second_entries, "segments": ["good/second-run.ivs"] },
    ]);
    maker.good_json("recording", "journal-tail-cut", &cut);
    let alone = json!([
        { "run": w.runs[1], "key_record": maker.manifest.key_records[1], "journal": second_entries[..2], "segments": ["good/second-run.ivs"] },
    ]);
    maker.good_json("recording", "missing-run", &alone);
    let foreign = json!([
        { "run": w.runs[1], "key_record": maker.manifest.key_records[1], "journal": [second_entries[1]], "segments": ["good/minimal.ivs"] },
    ]);
    maker.good_json("recording", "foreign-segment", &foreign);
}

pub(crate) fn journal_case(w: &World, run: usize, entries: &[Statement]) -> Value {
    json!({ "institution": w.fingerprint, "recording": w.recording, "run": w.runs[run], "device": w.device.public(), "entries": entries })
}

fn good_mp4(maker: &mut Maker) {
    let case = mp4_case(&init_section(15_360, b"avc1"), &init_section(15_360, b"avc3"), &fragment(0x02_0000, 100));
    maker.good_json("mp4", "joined", &case);
}

pub(crate) fn mp4_case(first: &[u8], second: &[u8], fragment: &[u8]) -> Value {
    json!({ "inits": [hex::encode(first), hex::encode(second)], "last_init": 1, "shift_us": 2_000_000,
        "fragments": [hex::encode(fragment), hex::encode(fragment)] })
}

pub(crate) fn mp4_box(name: &[u8; 4], body: &[u8]) -> Vec<u8> {
    [(u32::try_from(body.len()).unwrap() + 8).to_be_bytes().as_slice(), name, body].concat()
}

/// The least that counts as an init section of one track.
pub(crate) fn init_section(timescale: u32, codec: &[u8; 4]) -> Vec<u8> {
    let stsd = mp4_box(b"stsd", &[[0, 0, 0, 0, 0, 0, 0, 1].as_slice(), &mp4_box(codec, &[0; 16])].concat());
    let minf = mp4_box(b"minf", &mp4_box(b"stbl", &stsd));
    let mdhd = mp4_box(b"mdhd", &[[0; 12].as_slice(), &timescale.to_be_bytes(), &[0; 8]].concat());
    let tkhd = mp4_box(b"tkhd", &[[0; 12].as_slice(), &1u32.to_be_bytes(), &[0; 8]].concat());
    let trak = mp4_box(b"trak", &[tkhd, mp4_box(b"mdia", &[mdhd, minf].concat())].concat());
    [mp4_box(b"ftyp", b"cmfc"), mp4_box(b"moov", &trak)].concat()
}

/// One fragment with one sample of 5 bytes.
pub(crate) fn fragment(tfhd_flags: u32, time: u32) -> Vec<u8> {
    let tfhd = mp4_box(b"tfhd", &[tfhd_flags.to_be_bytes(), 1u32.to_be_bytes()].concat());
    let tfdt = mp4_box(b"tfdt", &[0u32.to_be_bytes(), time.to_be_bytes()].concat());
    let trun = mp4_box(b"trun", &[0x201u32, 1, 8 + 16 + 8 + 16 + 16 + 24 + 8, 5].map(u32::to_be_bytes).concat());
    let moof = mp4_box(b"moof", &[mp4_box(b"mfhd", &[0; 8]), mp4_box(b"traf", &[tfhd, tfdt, trun].concat())].concat());
    [moof, mp4_box(b"mdat", b"hello")].concat()
}

/// A forged segment's beginning: this world's header for run 0.
pub(crate) fn forge(maker: &Maker) -> Forge {
    let w = &maker.world;
    let (writer, _) = SegmentWriter::begin(w.start(0, "cam0", 9, None, maker.record_digest(0)), &w.run_keys[0], &w.device).unwrap();
    assert_eq!(writer.header().kind, TrackKind::Video);
    Forge::new(writer.header())
}
