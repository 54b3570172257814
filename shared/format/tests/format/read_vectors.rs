//! Every vector is read as its manifest says, and every kind of error has one.

use crate::vectors::{Manifest, dir};
use invigil_format::{Error, Scanner};
use std::collections::BTreeSet;

pub(crate) fn load() -> Manifest {
    serde_json::from_slice(&std::fs::read(dir().join("manifest.json")).unwrap()).unwrap()
}

#[test]
fn vectors_are_read_as_the_manifest_says() {
    let mut files = BTreeSet::new();
    for dir in [dir(), dir().join("facts"), dir().join("receipts"), dir().join("too-busy")] {
        let manifest: Manifest = serde_json::from_slice(&std::fs::read(dir.join("manifest.json")).unwrap()).unwrap();
        for case in &manifest.cases {
            let found = manifest.read(&case.kind, &std::fs::read(dir.join(&case.file)).unwrap());
            assert_eq!(found.as_ref().err().map(|error| error.name()), case.error.as_deref(), "{}: {found:?}", case.name);
            assert_eq!(found.ok(), case.expect, "{}", case.name);
            files.insert(dir.join(&case.file));
        }
        files.insert(dir.join("manifest.json"));
    }
    for folder in ["good", "malformed", "facts", "receipts", "too-busy"] {
        for file in std::fs::read_dir(dir().join(folder)).unwrap() {
            let path = file.unwrap().path();
            assert!(files.contains(&path), "{} is in no manifest", path.display());
        }
    }
}

/// Names that no bytes lead to: misuse by a caller, failing libraries, and limits whose vectors would be megabytes (`damage.rs` makes those).
const WITHOUT_VECTOR: [&str; 8] =
    ["already-closed", "crypto", "id", "not-sealed", "plain-length", "segment-too-long", "too-many-frames", "weak-key"];

#[test]
fn each_kind_of_error_has_a_vector() {
    let named: BTreeSet<&str> = Error::NAMES.iter().copied().collect();
    assert_eq!(named.len(), Error::NAMES.len(), "two errors of one name");
    let manifest = load();
    let mut seen: BTreeSet<&str> = manifest.cases.iter().filter_map(|case| case.error.as_deref()).collect();
    seen.extend(WITHOUT_VECTOR);
    assert_eq!(seen, named);
}

#[test]
fn segments_read_the_same_in_pieces_of_any_size() {
    let manifest = load();
    for case in manifest.cases.iter().filter(|case| case.kind == "segment") {
        let bytes = std::fs::read(dir().join(&case.file)).unwrap();
        let mut whole = Scanner::new();
        let expected = whole.feed(&bytes);
        for size in [1, 7, 64, 100] {
            let mut scanner = Scanner::new();
            let found = bytes.chunks(size).try_for_each(|piece| scanner.feed(piece));
            assert_eq!(found, expected, "{} in pieces of {size}", case.name);
            assert_eq!((scanner.head(), scanner.whole_bytes()), (whole.head(), whole.whole_bytes()), "{} in pieces of {size}", case.name);
        }
    }
}
