//! Vectors that were made once must be read, and made again, for ever.

use invigil_evidence::range::{Piece, select, write};
use invigil_evidence::zip::{Checksum, Writer, scan};
use invigil_format::{Frame, Opener, Scanner, SegmentKey};
use serde_json::Value;
use std::path::{Path, PathBuf};

fn dir(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/v1").join(name)
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

#[test]
fn ranges_are_made_again_byte_by_byte() {
    let dir = dir("range");
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
    for case in vectors["cases"].as_array().unwrap() {
        let selection = select(&pieces, case["from_ms"].as_i64().unwrap(), case["to_ms"].as_i64().unwrap());
        let Some(file) = case["file"].as_str() else {
            assert_eq!(selection, None, "{case}");
            continue;
        };
        let selection = selection.unwrap();
        assert_eq!(selection.chunks.len() as u64, case["chunks"].as_u64().unwrap(), "{case}");
        let mut read = |piece: usize, frame: &Frame| -> Result<Vec<u8>, String> {
            let range = usize::try_from(frame.body_offset()).unwrap()..usize::try_from(frame.end_offset()).unwrap();
            Ok(sealed[piece].0[range].to_vec())
        };
        let mut out = Vec::new();
        write(&pieces, &selection, &mut read, &mut |bytes| {
            out.extend_from_slice(bytes);
            Ok(())
        })
        .unwrap();
        assert_eq!(out, std::fs::read(dir.join(file)).unwrap(), "{file}");
        assert_eq!(invigil_format::digest(&out).to_string(), case["digest"].as_str().unwrap());
    }
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
