//! The playable range and the ZIP: for whoever writes them a second time.

use crate::world::{OFFSET_MS, T0_MS, World};
use invigil_evidence::range::{Piece, select, write, write_appending};
use invigil_evidence::zip::{Checksum, Writer};
use invigil_format::{Frame, Opener, Scanner};
use serde_json::{Value, json};
use std::path::PathBuf;

/// As the first bundles had it.
pub(crate) fn make(folder: &Option<PathBuf>) {
    let cases = [
        ("whole", 5500, 16_500),
        ("one-segment", 6000, 6001),
        ("before-the-first", 1000, 4500),
        ("ends-in-a-gap", 7999, 13_500),
        ("second-run-only", 14_500, 60_000),
        ("nothing", 1000, 4000),
    ];
    make_cases(folder, &cases, true);
}

/// Where the sample description changes on the way, as it is made now.
pub(crate) fn make_in_band(folder: &Option<PathBuf>) {
    make_cases(folder, &[("whole", 5500, 16_500), ("at-the-change", 11_500, 14_500)], false);
}

fn make_cases(folder: &Option<PathBuf>, wanted: &[(&str, i64, i64)], appending: bool) {
    let Some(folder) = folder else { return };
    let world = World::new();
    let cited: Vec<_> = world.segments.iter().filter(|s| s.track.as_str() == "cam0" && (s.run, s.sequence) != (0, 0)).collect();
    let scanners: Vec<Scanner> = cited.iter().map(|s| Scanner::scan(&s.bytes).unwrap()).collect();
    let openers: Vec<Opener> = cited.iter().zip(&scanners).map(|(s, scanner)| Opener::with_segment_key(scanner, &s.key).unwrap()).collect();
    // The second run's offset is not the first's: the device's clock was asked again.
    let offset = |run: usize| OFFSET_MS + [0, 3][run];
    let pieces: Vec<Piece> = cited
        .iter()
        .zip(scanners.iter().zip(&openers))
        .map(|(s, (scanner, opener))| Piece { scanner, opener, clock_offset_ms: offset(s.run) })
        .collect();
    let mut segments = Vec::new();
    for s in &cited {
        let file = format!("run{}-{}.seg", s.run, s.sequence);
        std::fs::write(folder.join(&file), &s.bytes).unwrap();
        segments.push(json!({ "file": file, "key": hex::encode(s.key.expose()), "clock_offset_ms": offset(s.run) }));
    }
    let mut cases = Vec::new();
    for (name, from_ms, to_ms) in wanted {
        let (from_ms, to_ms) = (T0_MS + from_ms, T0_MS + to_ms);
        let Some(selection) = select(&pieces, from_ms, to_ms) else {
            cases.push(json!({ "name": name, "from_ms": from_ms, "to_ms": to_ms, "file": Value::Null }));
            continue;
        };
        let mut read = |piece: usize, frame: &Frame| -> Result<Vec<u8>, String> {
            let range = usize::try_from(frame.body_offset()).unwrap()..usize::try_from(frame.end_offset()).unwrap();
            Ok(cited[piece].bytes[range].to_vec())
        };
        let mut out = Vec::new();
        let mut keep = |bytes: &[u8]| {
            out.extend_from_slice(bytes);
            Ok(())
        };
        let make = if appending { write_appending } else { write };
        make(&pieces, &selection, &mut read, &mut keep).unwrap();
        let file = format!("{name}.mp4");
        std::fs::write(folder.join(&file), &out).unwrap();
        cases.push(json!({ "name": name, "from_ms": from_ms, "to_ms": to_ms, "file": file, "size_bytes": out.len(),
            "digest": invigil_format::digest(&out), "chunks": selection.chunks.len() }));
    }
    let text = serde_json::to_string_pretty(&json!({ "segments": segments, "cases": cases })).unwrap();
    std::fs::write(folder.join("range.json"), text + "\n").unwrap();
}

pub(crate) fn make_zip(folder: &Option<PathBuf>) {
    let Some(folder) = folder else { return };
    let files: [(&str, &[u8]); 4] = [
        ("manifest.json", b"{}"),
        ("README.kk.txt", "Бұл — айғақтар бумасы.\n".as_bytes()),
        ("runs/0a/cam0-00000001.seg", &[0, 1, 2, 0xff]),
        ("act/events.jsonl", b""),
    ];
    let mut writer = Writer::new(Vec::new());
    for (name, bytes) in files {
        writer.file(name, &Checksum::of(bytes)).unwrap();
        writer.write(bytes).unwrap();
    }
    let out = writer.finish().unwrap();
    std::fs::write(folder.join("small.zip"), &out).unwrap();
    let listed: Vec<Value> = files.iter().map(|(name, bytes)| json!({ "name": name, "contents": hex::encode(bytes) })).collect();
    let value = json!({ "files": listed, "zip": "small.zip", "size_bytes": out.len(), "digest": invigil_format::digest(&out) });
    std::fs::write(folder.join("zip.json"), serde_json::to_string_pretty(&value).unwrap() + "\n").unwrap();
}
