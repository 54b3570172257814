//! The small bundle of the vectors with one of its files replaced by any bytes, in a ZIP that is canonical again: never does it hold.
#![no_main]

use invigil_evidence::bundle::{Institution, verify};
use invigil_evidence::zip::{Checksum, Writer, scan};
use libfuzzer_sys::fuzz_target;
use std::io::Cursor;
use std::sync::LazyLock;

const BUNDLE: &[u8] = include_bytes!("../../vectors/v1/bundle/small.zip");

static FILES: LazyLock<Vec<(String, Vec<u8>)>> = LazyLock::new(|| {
    let mut source = Cursor::new(BUNDLE);
    let files = scan(&mut &*BUNDLE).unwrap().files;
    let read = |file: &invigil_evidence::zip::FileAt| file.read_at(&mut source, 0, usize::try_from(file.size_bytes).unwrap()).unwrap();
    let contents: Vec<Vec<u8>> = files.iter().map(read).collect();
    files.into_iter().map(|file| file.name).zip(contents).collect()
});

fuzz_target!(|data: &[u8]| {
    let Some((which, replaced)) = data.split_first() else { return };
    let which = usize::from(*which) % FILES.len();
    let mut writer = Writer::new(Vec::new());
    for (place, (name, contents)) in FILES.iter().enumerate() {
        let contents = if place == which { replaced } else { contents };
        writer.file(name, &Checksum::of(contents)).unwrap();
        writer.write(contents).unwrap();
    }
    let zip = writer.finish().unwrap();
    let report = verify(&mut Cursor::new(zip), &INSTITUTION).unwrap();
    assert!(!report.holds() || replaced == FILES[which].1);
});

static INSTITUTION: LazyLock<Institution> = LazyLock::new(|| {
    let vector = include_str!("../../vectors/v1/bundle/bundle.json");
    let digits = vector.split("\"institution\": \"").nth(1).unwrap();
    digits[..64].parse().unwrap()
});
