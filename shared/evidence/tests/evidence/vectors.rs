//! Vectors that were made once must be read, and made again, for ever.

use invigil_evidence::bundle::{Institution, Plan, verify};
use invigil_evidence::range::{Piece, select, write, write_appending};
use invigil_evidence::zip::{Checksum, Writer, scan};
use invigil_evidence::{Act, ActAttachment, Attachment, Evidence, HeldRun, HeldSegment, OuterSeal, open_draft};
use invigil_format::{
    ActId, Digest, ErasurePrivateKey, Fingerprint, Frame, KeyRecord, Opener, ReviewPrivateKey, Scanner, SegmentKey, Statement,
};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub(crate) fn dir(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/v1").join(name)
}

pub(crate) fn json(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

#[test]
fn ranges_are_made_again_byte_by_byte() {
    let (mut at_first, now) = (stored("range"), stored("in-band"));
    assert_eq!(made("range", true), at_first);
    assert_eq!(made("in-band", false), now);
    // Today's way differs only where the second run comes in with another sample description.
    let mut today = made("range", false);
    assert_eq!(today.remove("whole"), now.get("whole").copied());
    assert_ne!(at_first.remove("whole"), now.get("whole").copied());
    assert_eq!(today, at_first);
}

/// Digest of each video of a folder.
fn stored(folder: &str) -> BTreeMap<String, Digest> {
    let mut out = BTreeMap::new();
    for case in json(&dir(folder).join("range.json"))["cases"].as_array().unwrap() {
        let Some(file) = case["file"].as_str() else { continue };
        let digest = invigil_format::digest(&std::fs::read(dir(folder).join(file)).unwrap());
        assert_eq!(digest.to_string(), case["digest"].as_str().unwrap());
        out.insert(case["name"].as_str().unwrap().to_owned(), digest);
    }
    out
}

/// The same, made again.
fn made(folder: &str, appending: bool) -> BTreeMap<String, Digest> {
    videos(folder, appending).into_iter().map(|(name, bytes)| (name, invigil_format::digest(&bytes))).collect()
}

/// The videos of a folder's cases.
pub(crate) fn videos(folder: &str, appending: bool) -> BTreeMap<String, Vec<u8>> {
    let dir = dir(folder);
    let vectors = json(&dir.join("range.json"));
    let mut sealed = Vec::new();
    for segment in vectors["segments"].as_array().unwrap() {
        let bytes = std::fs::read(dir.join(segment["file"].as_str().unwrap())).unwrap();
        let key: [u8; 32] = hex::decode(segment["key"].as_str().unwrap()).unwrap().try_into().unwrap();
        let scanner = Scanner::scan(&bytes).unwrap();
        let opener = Opener::with_segment_key(&scanner, &SegmentKey::from_bytes(key)).unwrap();
        sealed.push((bytes, scanner, opener, segment["clock_offset_ms"].as_i64().unwrap()));
    }
    let pieces: Vec<Piece> =
        sealed.iter().map(|(_, scanner, opener, offset)| Piece { scanner, opener, clock_offset_ms: *offset }).collect();
    let mut made = BTreeMap::new();
    for case in vectors["cases"].as_array().unwrap() {
        let selection = select(&pieces, case["from_ms"].as_i64().unwrap(), case["to_ms"].as_i64().unwrap());
        if case["file"].is_null() {
            assert_eq!(selection, None, "{case}");
            continue;
        }
        let selection = selection.unwrap();
        assert_eq!(selection.chunks.len() as u64, case["chunks"].as_u64().unwrap(), "{case}");
        let mut read = |piece: usize, frame: &Frame| -> Result<Vec<u8>, String> {
            let range = usize::try_from(frame.body_offset()).unwrap()..usize::try_from(frame.end_offset()).unwrap();
            Ok(sealed[piece].0[range].to_vec())
        };
        let mut out = Vec::new();
        let mut keep = |bytes: &[u8]| {
            out.extend_from_slice(bytes);
            Ok(())
        };
        let make = if appending { write_appending } else { write };
        make(&pieces, &selection, &mut read, &mut keep).unwrap();
        made.insert(case["name"].as_str().unwrap().to_owned(), out);
    }
    made
}

#[test]
fn the_small_zip_is_made_again_byte_by_byte() {
    let dir = dir("zip");
    let vector = json(&dir.join("zip.json"));
    let bytes = std::fs::read(dir.join(vector["zip"].as_str().unwrap())).unwrap();
    let mut writer = Writer::new(Vec::new());
    for file in vector["files"].as_array().unwrap() {
        let contents = hex::decode(file["contents"].as_str().unwrap()).unwrap();
        writer.file(file["name"].as_str().unwrap(), &Checksum::of(&contents)).unwrap();
        writer.write(&contents).unwrap();
    }
    assert_eq!(writer.finish().unwrap(), bytes);
    assert_eq!(scan(&mut bytes.as_slice()).unwrap().faults, []);
}

fn bytes32(value: &Value) -> [u8; 32] {
    hex::decode(value.as_str().unwrap()).unwrap().try_into().unwrap()
}

fn statement(value: &Value) -> Statement {
    Statement::from_json(value.to_string().as_bytes()).unwrap()
}

#[test]
fn what_was_sealed_opens_for_ever() {
    let dir = dir("sealed");
    let vectors = json(&dir.join("sealed.json"));
    let review = ReviewPrivateKey::from_bytes(bytes32(&vectors["review_private"]));

    let one = &vectors["attachment"];
    let bytes = std::fs::read(dir.join(one["file"].as_str().unwrap())).unwrap();
    let attachment = Attachment::parse(&bytes).unwrap();
    let plain = hex::decode(one["plain"].as_str().unwrap()).unwrap();
    assert_eq!(*attachment.open(&review).unwrap(), plain);
    let act_key = ErasurePrivateKey::from_bytes(bytes32(&one["act_private"]));
    let sealed = hex::decode(one["outer"]["sealed"].as_str().unwrap()).unwrap();
    let outer = OuterSeal { enc: bytes32(&one["outer"]["enc"]), sealed };
    let header = &attachment.header;
    assert_eq!(header.purpose().open_outer(&act_key, &header.review, &outer).unwrap(), header.inner_bytes().unwrap());

    let one = &vectors["held_run"];
    let held: HeldRun = statement(&one["statement"]).read().unwrap();
    let record: KeyRecord = statement(&one["key_record"]).read().unwrap();
    assert_eq!(held.key_record, statement(&one["key_record"]).digest());
    let inner = held.open_outer(&ErasurePrivateKey::from_bytes(bytes32(&one["pending_private"]))).unwrap();
    assert_eq!(*record.open_inner(&inner, &review).unwrap().expose(), bytes32(&one["run_key"]));

    let one = &vectors["held_segment"];
    let held: HeldSegment = statement(&one["statement"]).read().unwrap();
    let inner = held.open_outer(&ErasurePrivateKey::from_bytes(bytes32(&one["effective_private"]))).unwrap();
    let key = held.purpose().open_inner(&review, &held.review, &inner).unwrap();
    assert_eq!(*key, bytes32(&one["key"]));
    let scanner = Scanner::scan(&std::fs::read(dir.join(one["segment"].as_str().unwrap())).unwrap()).unwrap();
    assert!(Opener::with_segment_key(&scanner, &SegmentKey::from_bytes(*key)).is_ok());

    let one = &vectors["draft"];
    let act: ActId = one["act"].as_str().unwrap().parse().unwrap();
    let institution = Fingerprint(bytes32(&vectors["institution"]));
    let sealed = hex::decode(one["sealed"].as_str().unwrap()).unwrap();
    let plain = open_draft(institution, act, one["revision"].as_u64().unwrap(), &act_key, &sealed).unwrap();
    assert_eq!(hex::encode(plain), one["plain"].as_str().unwrap());
}

#[test]
fn the_small_bundle_holds_for_ever_and_is_reported_on_as_ever() {
    let dir = dir("bundle");
    let vector = json(&dir.join("bundle.json"));
    let bundle = std::fs::read(dir.join(vector["bundle"].as_str().unwrap())).unwrap();
    for by in ["institution", "fingerprint"] {
        let institution: Institution = vector[by].as_str().unwrap().parse().unwrap();
        let report = verify(&mut std::io::Cursor::new(&bundle), &institution).unwrap();
        assert_eq!(serde_json::to_value(&report).unwrap(), vector["report"]);
    }
    let parts = crate::kit::Parts::of(&bundle);
    let act: Act = Statement::from_json(parts.get("act/act.json")).unwrap().read().unwrap();
    assert_eq!(act.content().digest().to_string(), vector["act_content"].as_str().unwrap());
}

/// The page has a list of its own, which is compared with the same vector.
#[test]
fn the_files_of_a_bundle_are_named_as_ever() {
    let vector = json(&dir("names").join("names.json"));
    let evidence: Vec<Evidence> = serde_json::from_value(vector["evidence"].clone()).unwrap();
    let attachments: Vec<ActAttachment> = serde_json::from_value(vector["attachments"].clone()).unwrap();
    let documents: Vec<&str> = vector["documents"].as_array().unwrap().iter().map(|language| language.as_str().unwrap()).collect();
    let plan = Plan::of(&evidence, &attachments, &documents).unwrap();
    let files: Vec<&str> = plan.files.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(Value::from(files), vector["files"]);
    assert_eq!(Value::from(plan.video_names().collect::<Vec<_>>()), vector["videos"]);
}

/// `tests/reader/`, which has none of our code, opens the same.
#[test]
fn the_other_reader_opens_what_was_sealed_and_checks_the_bundle() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/reader/evidence_reader.py");
    let mut python = std::process::Command::new("/usr/bin/python3");
    let output = python.arg("-B").arg(script).arg(dir("")).output().expect("start /usr/bin/python3: install python3");
    let text = [output.stdout.as_slice(), &output.stderr].map(String::from_utf8_lossy).concat();
    assert!(output.status.success(), "the reader failed (it needs the package python3-cryptography):\n{text}");
}
