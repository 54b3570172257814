//! The independent reader in `tests/reader/`: it reads our vectors, and we read what it writes.

use crate::vectors::{Manifest, dir};
use invigil_format::{CloseReason, KeyRecord, Opener, Scanner};
use std::path::Path;
use std::process::Command;

/// Debian's own interpreter, because its `cryptography` is the packaged one. Missing, the test fails: nothing is skipped in silence.
fn reader(arguments: &[&Path]) -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/reader/invigil_reader.py");
    let output =
        Command::new("/usr/bin/python3").arg("-B").arg(script).args(arguments).output().expect("start /usr/bin/python3: install python3");
    let text = [output.stdout.as_slice(), &output.stderr].map(String::from_utf8_lossy).concat();
    assert!(output.status.success(), "the reader failed (it needs the package python3-cryptography):\n{text}");
    text
}

#[test]
fn a_reader_without_our_code_reads_every_vector_as_we_do() {
    let text = reader(&[Path::new("vectors"), &dir()]);
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines.len() == 4 && lines.iter().all(|line| line.contains(" 0 otherwise")), "{text}");
}

#[test]
fn we_read_what_the_other_reader_writes() {
    let folder = tempfile::tempdir().unwrap();
    reader(&[Path::new("write"), folder.path()]);
    let manifest: Manifest = serde_json::from_slice(&std::fs::read(folder.path().join("manifest.json")).unwrap()).unwrap();
    let bytes = std::fs::read(folder.path().join("segment.ivs")).unwrap();
    let scanner = Scanner::scan(&bytes).unwrap();
    let statement = &manifest.key_records[0];
    let record: KeyRecord = statement.read().unwrap();
    record.check_trust(statement, &manifest.trust(), record.created_ms).unwrap();
    scanner.check_trust(&manifest.trust(), record.created_ms).unwrap();
    assert_eq!(scanner.header().unwrap().key_record, statement.digest());
    assert_eq!(scanner.closing().unwrap().reason, CloseReason::Stopped);
    let run_key = record.open_inner(&record.open_outer(&manifest.erasure()).unwrap(), &manifest.review()).unwrap();
    let opener = Opener::new(&scanner, &run_key).unwrap();
    let plain: Vec<String> = scanner
        .frames()
        .iter()
        .filter(|frame| frame.kind.sealed())
        .map(|frame| {
            let from = usize::try_from(frame.body_offset()).unwrap();
            hex::encode(opener.open(frame, &bytes[from..from + frame.body_len as usize]).unwrap())
        })
        .collect();
    let expected: Vec<String> = serde_json::from_slice(&std::fs::read(folder.path().join("plain.json")).unwrap()).unwrap();
    assert_eq!(plain, expected);
}
