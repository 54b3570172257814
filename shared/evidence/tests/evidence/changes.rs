//! Whatever is changed in a bundle is found and named: 1,000 random bytes; structural changes by somebody who can only write files, by somebody with a key of
//! their own, and by somebody who has the server's key and signs the manifest again.

use crate::kit::{Case, Parts, stretch};
use crate::world::World;
use invigil_evidence::Act;
use invigil_evidence::bundle::{Custody, Institution, MANIFEST, Report, verify};
use invigil_evidence::zip::{Archive, FileAt, scan};
use invigil_format::{Digest, ServerKey, Statement};
use serde_json::Value;
use std::io::Cursor;

const SEED: &str = "one thousand changes";
const CHANGES: usize = 1000;

fn found(report: &Report) -> Vec<String> {
    report.problems.iter().map(|problem| format!("{} {}: {}", problem.name, problem.object, problem.detail)).collect()
}

#[track_caller]
fn expect(what: &str, report: &Report, name: &str, object: &str) {
    let hit = report.problems.iter().any(|problem| problem.name == name && problem.object.contains(object));
    assert!(hit, "{what}: expected {name} of {object}, found {:#?}", found(report));
}

/// Which file a byte of the archive belongs to.
fn owner(archive: &Archive, at: usize) -> String {
    let end = |file: &FileAt| file.offset + file.size_bytes;
    let file = archive.files.iter().find(|file| (at as u64) < end(file));
    file.map_or("the archive's directory".into(), |file| file.name.clone())
}

#[test]
fn a_thousand_random_one_byte_changes_are_found_in_the_file_that_they_are_in() {
    println!("seed: {SEED}");
    let case = Case::new(World::new(), 1);
    let bundle = case.bundle();
    let archive = scan(&mut bundle.as_slice()).unwrap();
    for n in 0..CHANGES {
        let random = invigil_format::digest(format!("{SEED} {n}").as_bytes()).0;
        let at = usize::from_be_bytes(random[..8].try_into().unwrap()) % bundle.len();
        let flip = random[8].max(1);
        let mut changed = bundle.clone();
        changed[at] ^= flip;
        let report = case.verify(&changed);
        let owner = owner(&archive, at);
        let named = report.problems.iter().any(|problem| problem.object.contains(&owner));
        assert!(named, "change {n} (byte {at} xor {flip:#x}, in {owner}): {:#?}", found(&report));
    }
}

/// A change, what a stranger's is called, and what it is called when the manifest is signed again with the server's key.
struct Change {
    name: &'static str,
    make: fn(&mut Parts, &Case),
    stranger: (&'static str, &'static str),
    server: (&'static str, &'static str),
}

const SEG_1: &str = "cam0-00000001.seg";
const SEG_2: &str = "cam0-00000002.seg";

fn name(parts: &Parts, end: &str) -> String {
    let names = parts.names();
    (*names.iter().find(|name| name.ends_with(end)).unwrap()).to_owned()
}

fn take(parts: &Parts, end: &str) -> Vec<u8> {
    parts.get(&name(parts, end)).to_vec()
}

fn put(parts: &mut Parts, end: &str, bytes: Vec<u8>) {
    parts.set(&name(parts, end), bytes);
}

fn remove(parts: &mut Parts, end: &str) {
    let at = parts.at(&name(parts, end));
    parts.0.remove(at);
}

fn lines(text: &[u8]) -> Vec<String> {
    String::from_utf8(text.to_vec()).unwrap().lines().map(|line| format!("{line}\n")).collect()
}

fn edit(parts: &mut Parts, file: &str, change: impl FnOnce(&mut Value)) {
    let mut value: Value = serde_json::from_slice(parts.get(file)).unwrap();
    change(&mut value);
    parts.set(file, value.to_string().into_bytes());
}

/// The act with something else in it, signed by the server like any act.
fn other_act(parts: &mut Parts, case: &Case, change: impl FnOnce(&mut Act)) {
    let mut act = case.act.clone();
    change(&mut act);
    let statement = case.world.server.state(&act).unwrap();
    parts.set("act/act.json", statement.to_json().into_bytes());
    let mut manifest = parts.manifest();
    manifest.act = statement.digest();
    parts.set(MANIFEST, case.world.server.state(&manifest).unwrap().to_json().into_bytes());
}

const CHANGED: &str = "file-changed";
const CHANGES_OF_FILES: &[Change] = &[
    Change {
        name: "two segments swapped",
        make: |p, _| {
            let (one, two) = (take(p, SEG_1), take(p, SEG_2));
            put(p, SEG_1, two);
            put(p, SEG_2, one);
        },
        stranger: (CHANGED, SEG_1),
        server: ("other-segment", SEG_1),
    },
    Change { name: "a segment dropped", make: |p, _| remove(p, SEG_1), stranger: ("file-missing", SEG_1), server: ("file-missing", SEG_1) },
    Change {
        name: "a segment there twice",
        make: |p, _| {
            let (at, bytes) = (p.at(&name(p, SEG_1)), take(p, SEG_1));
            let copy = p.0[at].0.replace("00000001", "00000009");
            p.0.insert(at + 1, (copy, bytes));
        },
        stranger: ("file-added", "cam0-00000009.seg"),
        server: ("file-added", "cam0-00000009.seg"),
    },
    Change {
        name: "files in another order",
        make: |p, _| {
            let (one, two) = (p.at(&name(p, SEG_1)), p.at(&name(p, SEG_2)));
            p.0.swap(one, two);
        },
        stranger: ("file-order", SEG_2),
        server: ("file-order", SEG_2),
    },
    Change {
        name: "another recording's segment",
        make: |p, _| {
            let other = World::seeded(1);
            put(p, SEG_1, other.segments.iter().find(|s| s.sequence == 1).unwrap().bytes.clone());
        },
        stranger: (CHANGED, SEG_1),
        server: ("other-segment", SEG_1),
    },
    Change {
        name: "another segment of the same track",
        make: |p, case| put(p, SEG_1, case.world.segments[0].bytes.clone()),
        stranger: (CHANGED, SEG_1),
        server: ("other-segment", SEG_1),
    },
    Change {
        name: "a segment cut at a frame",
        make: |p, _| {
            let bytes = take(p, SEG_1);
            let scanner = invigil_format::Scanner::scan(&bytes).unwrap();
            let end = usize::try_from(scanner.frames()[3].offset).unwrap();
            put(p, SEG_1, bytes[..end].to_vec());
        },
        stranger: (CHANGED, SEG_1),
        server: ("segment-not-closed", SEG_1),
    },
    Change {
        name: "a byte of a picture",
        make: |p, _| {
            let mut bytes = take(p, SEG_1);
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
            put(p, SEG_1, bytes);
        },
        stranger: (CHANGED, SEG_1),
        server: ("chain-broken", SEG_1),
    },
    Change {
        name: "another act",
        make: |p, _| p.set("act/act.json", Case::new(World::new(), 2).statement.to_json().into_bytes()),
        stranger: (CHANGED, "act/act.json"),
        server: ("other-act", "act/act.json"),
    },
    Change {
        name: "an older version of the act",
        make: |p, case| {
            let mut act = case.act.clone();
            act.fields.insert("seen".into(), "ничего".into());
            let content = act.content().digest();
            act.signatories.iter_mut().for_each(|signatory| signatory.content = content);
            p.set("act/act.json", case.world.server.state(&act).unwrap().to_json().into_bytes());
        },
        stranger: (CHANGED, "act/act.json"),
        server: ("other-act", "act/act.json"),
    },
    Change {
        name: "an act whose content is not what was confirmed",
        make: |p, case| other_act(p, case, |act| drop(act.fields.insert("seen".into(), "другое".into()))),
        stranger: (CHANGED, "act/act.json"),
        server: ("act-content", "act/act.json"),
    },
    Change {
        name: "an act with another time",
        make: |p, case| {
            other_act(p, case, |act| {
                act.evidence[0].runs[0].clock_offset_ms += 3_600_000;
                let content = act.content().digest();
                act.signatories.iter_mut().for_each(|signatory| signatory.content = content);
            });
        },
        stranger: (CHANGED, "act/act.json"),
        server: ("clock-offset", SEG_1),
    },
    Change {
        name: "a line of the journal dropped",
        make: |p, _| {
            let mut all = lines(&take(p, "journal.jsonl"));
            all.remove(4);
            put(p, "journal.jsonl", all.concat().into_bytes());
        },
        stranger: (CHANGED, "journal.jsonl"),
        server: ("journal-index", "journal.jsonl"),
    },
    Change {
        name: "the journal's last line dropped",
        make: |p, _| {
            let mut all = lines(&take(p, "journal.jsonl"));
            all.pop();
            put(p, "journal.jsonl", all.concat().into_bytes());
        },
        stranger: (CHANGED, "journal.jsonl"),
        server: ("journal-chain", "journal.jsonl"),
    },
    Change {
        name: "a line added to the journal",
        make: |p, case| {
            let mut all = lines(&take(p, "journal.jsonl"));
            all.push(case.world.journals[1][2].to_json() + "\n");
            put(p, "journal.jsonl", all.concat().into_bytes());
        },
        stranger: (CHANGED, "journal.jsonl"),
        server: ("wrong-scope", "journal.jsonl"),
    },
    Change {
        name: "a receipt dropped",
        make: |p, _| remove(p, "cam0-00000001.receipt.json"),
        stranger: ("file-missing", "cam0-00000001.receipt.json"),
        server: ("file-missing", "cam0-00000001.receipt.json"),
    },
    Change {
        name: "another segment's receipt",
        make: |p, _| {
            let other = take(p, "cam0-00000002.receipt.json");
            put(p, "cam0-00000001.receipt.json", other);
        },
        stranger: (CHANGED, "cam0-00000001.receipt.json"),
        server: ("other-receipt", "cam0-00000001.receipt.json"),
    },
    Change {
        name: "another run's key record",
        make: |p, case| put(p, "key-record.json", case.world.key_records[1].to_json().into_bytes()),
        stranger: (CHANGED, "key-record.json"),
        server: ("other-key-record", "key-record.json"),
    },
    Change {
        name: "another key",
        make: |p, _| edit(p, "keys.json", |keys| keys["segments"][0]["key"] = "00".repeat(32).into()),
        stranger: (CHANGED, "keys.json"),
        server: ("commitment", SEG_1),
    },
    Change {
        name: "a key of a segment that is not cited",
        make: |p, case| {
            let first = &case.world.segments[0];
            edit(p, "keys.json", |keys| {
                let mut key = keys["segments"][0].clone();
                key["sequence"] = 0.into();
                key["key"] = hex::encode(first.key.expose()).into();
                keys["segments"].as_array_mut().unwrap().push(key);
            });
        },
        stranger: (CHANGED, "keys.json"),
        server: ("key-added", "cam0 0"),
    },
    Change {
        name: "a key dropped",
        make: |p, _| edit(p, "keys.json", |keys| drop(keys["segments"].as_array_mut().unwrap().pop())),
        stranger: (CHANGED, "keys.json"),
        server: ("key-missing", "keys.json"),
    },
    Change {
        name: "a file added",
        make: |p, _| p.0.push(("video/more.mp4".into(), b"more".to_vec())),
        stranger: ("file-added", "video/more.mp4"),
        server: ("file-added", "video/more.mp4"),
    },
    Change {
        name: "a file removed",
        make: |p, _| remove(p, "README.ru.txt"),
        stranger: ("file-missing", "README.ru.txt"),
        server: ("file-missing", "README.ru.txt"),
    },
    Change {
        name: "a file renamed",
        make: |p, _| {
            let at = p.at("act/annex.pdf");
            p.0[at].0 = "act/annex-2.pdf".into();
        },
        stranger: ("file-missing", "act/annex.pdf"),
        server: ("file-added", "act/annex-2.pdf"),
    },
    Change {
        name: "the video of another range",
        make: |p, _| {
            let world = World::new();
            let evidence = vec![stretch(&world, 5500, 7000, 60)];
            let other = Parts::of(&Case::citing(world, 1, evidence).bundle());
            put(p, "cam0.mp4", take(&other, "cam0.mp4"));
        },
        stranger: (CHANGED, "cam0.mp4"),
        server: ("other-video", "cam0.mp4"),
    },
    Change {
        name: "the video longer than the range",
        make: |p, _| {
            let bytes = [take(p, "cam0.mp4"), b"\0\0\0\x08free".to_vec()].concat();
            put(p, "cam0.mp4", bytes);
        },
        stranger: (CHANGED, "cam0.mp4"),
        server: ("other-video", "cam0.mp4"),
    },
    Change {
        name: "the video dropped",
        make: |p, _| remove(p, "cam0.mp4"),
        stranger: ("file-missing", "cam0.mp4"),
        server: ("file-missing", "cam0.mp4"),
    },
    Change {
        name: "another act's document",
        make: |p, _| put(p, "act-kk.pdf", b"%PDF-1.7 another act".to_vec()),
        stranger: (CHANGED, "act/act-kk.pdf"),
        server: ("other-document", "act/act-kk.pdf"),
    },
    Change {
        name: "another annex",
        make: |p, _| put(p, "annex.pdf", b"%PDF-1.7 another annex".to_vec()),
        stranger: (CHANGED, "act/annex.pdf"),
        server: ("other-attachment", "act/annex.pdf"),
    },
    Change {
        name: "an event dropped from the middle",
        make: |p, _| {
            let mut all = lines(p.get("act/events.jsonl"));
            all.remove(1);
            p.set("act/events.jsonl", all.concat().into_bytes());
        },
        stranger: (CHANGED, "act/events.jsonl"),
        server: ("file-added", "act/act-kk.pdf"),
    },
    Change {
        name: "events in another order",
        make: |p, _| {
            let mut all = lines(p.get("act/events.jsonl"));
            all.swap(0, 2);
            p.set("act/events.jsonl", all.concat().into_bytes());
        },
        stranger: (CHANGED, "act/events.jsonl"),
        server: ("event-order", "act/events.jsonl"),
    },
    Change {
        name: "another act's event",
        make: |p, _| {
            let other = Case::new(World::new(), 2);
            let text: String = other.events.iter().map(|event| event.to_json() + "\n").collect();
            p.set("act/events.jsonl", text.into_bytes());
        },
        stranger: (CHANGED, "act/events.jsonl"),
        server: ("other-act", "act/events.jsonl"),
    },
    Change {
        name: "a hold taken out of the custody",
        make: |p, _| p.set("custody.json", Custody::default().to_json().into_bytes()),
        stranger: (CHANGED, "custody.json"),
        server: ("hold-missing", "custody.json"),
    },
    Change {
        name: "the device's certificate dropped",
        make: |p, _| edit(p, "certificates.json", |all| drop(all["certificates"].as_array_mut().unwrap().pop())),
        stranger: (CHANGED, "certificates.json"),
        server: ("not-certified", "key-record.json"),
    },
];

#[test]
fn structural_changes_are_found_and_named_even_when_the_manifest_is_signed_again() {
    let case = Case::new(World::new(), 1);
    let good = Parts::of(&case.bundle());
    assert!(CHANGES_OF_FILES.len() >= 20);
    for change in CHANGES_OF_FILES {
        let mut parts = good.clone();
        (change.make)(&mut parts, &case);
        let mut stranger = parts.clone();
        // A stranger has the old manifest only.
        stranger.set(MANIFEST, good.get(MANIFEST).to_vec());
        expect(change.name, &case.verify(&stranger.zip()), change.stranger.0, change.stranger.1);
        parts.sign_again(&case.world.server);
        let report = case.verify(&parts.zip());
        expect(change.name, &report, change.server.0, change.server.1);
        assert!(!report.problems.iter().any(|problem| problem.name == CHANGED), "{}: {:#?}", change.name, found(&report));
    }
}

#[test]
fn a_manifest_signed_with_a_self_made_key_is_refused_by_name() {
    let case = Case::new(World::new(), 1);
    let mut parts = Parts::of(&case.bundle());
    parts.set("act/annex.pdf", b"%PDF-1.7 another annex".to_vec());
    parts.sign_again(&ServerKey::from_seed(&[77; 32]).unwrap());
    expect("self-made key", &case.verify(&parts.zip()), "not-certified", MANIFEST);
}

#[test]
fn another_institutions_bundle_is_refused_by_name() {
    let case = Case::new(World::new(), 1);
    let other = Case::new(World::seeded(60), 1);
    let bundle = other.bundle();
    assert!(other.verify(&bundle).holds());
    expect("other institution", &case.verify(&bundle), "other-institution", "certificates.json");
    let fingerprint = Institution(Digest(case.world.fingerprint.0));
    expect("fingerprint", &verify(&mut Cursor::new(&bundle), &fingerprint).unwrap(), "other-institution", "certificates.json");
}

#[test]
fn a_manifest_for_another_act_is_refused_by_name() {
    let case = Case::new(World::new(), 1);
    let mut parts = Parts::of(&case.bundle());
    let other = Parts::of(&Case::new(World::new(), 2).bundle());
    parts.set(MANIFEST, other.get(MANIFEST).to_vec());
    let report = case.verify(&parts.zip());
    expect("manifest", &report, "other-act", "act/act.json");
    expect("manifest", &report, CHANGED, "act/act.json");
}

#[test]
fn what_only_a_zip_can_have_is_refused_by_name() {
    let case = Case::new(World::new(), 1);
    let good = case.bundle();
    let at = |file: usize| usize::try_from(scan(&mut &good[..]).unwrap().files[file].offset).unwrap() - 30;
    let manifest = at(0) - MANIFEST.len();
    let changed = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = good.clone();
        change(&mut bytes);
        case.verify(&bytes)
    };
    let comment = changed(&|bytes| {
        let end = bytes.len();
        bytes[end - 2] = 5;
        bytes.extend(b"hello");
    });
    expect("a comment", &comment, "zip-directory", "directory");
    let extra = changed(&|bytes| {
        bytes[manifest + 28] = 4;
        let end = manifest + 30 + MANIFEST.len();
        bytes.splice(end..end, [0; 4]);
    });
    expect("an extra field", &extra, "zip-header", MANIFEST);
    expect("compressed", &changed(&|bytes| bytes[manifest + 8] = 8), "zip-header", MANIFEST);
    expect("a time", &changed(&|bytes| bytes[manifest + 10] = 1), "zip-header", MANIFEST);
    expect("more behind it", &changed(&|bytes| bytes.push(0)), "zip-trailing", "directory");
    expect("cut off", &changed(&|bytes| bytes.truncate(bytes.len() / 2)), "zip-cut-off", "");
    let between = changed(&|bytes| {
        let second = at(1) - "README.kk.txt".len();
        bytes.splice(second..second, *b"gap!");
    });
    expect("a gap", &between, "zip-header", "README.kk.txt");
}

#[test]
fn a_bundle_by_an_expired_server_certificate_is_refused_by_name() {
    let case = Case::new(World::new(), 1);
    let mut parts = Parts::of(&case.bundle());
    let mut manifest = parts.manifest();
    manifest.created_ms += 400 * 86_400_000;
    parts.set(MANIFEST, case.world.server.state(&manifest).unwrap().to_json().into_bytes());
    expect("expired", &case.verify(&parts.zip()), "certificate-expired", MANIFEST);
    let statement = Statement::from_json(parts.get(MANIFEST)).unwrap();
    assert!(statement.verify_signature().is_ok());
}
