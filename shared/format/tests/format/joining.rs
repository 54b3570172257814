//! What joined MP4 bytes mean. Playing them is the end-to-end tests' business.

use crate::vectors::dir;
use invigil_format::mp4::{Joiner, decode_time};

fn be(bytes: &[u8], at: usize) -> usize {
    u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap()) as usize
}

/// Where a box's body begins, by its name: the test's boxes have no names in their bodies.
fn body(bytes: &[u8], name: &[u8]) -> usize {
    bytes.windows(4).position(|window| window == name).unwrap() + 4
}

#[test]
fn fragments_move_on_the_time_line_and_keep_their_own_description() {
    let case: serde_json::Value = serde_json::from_slice(&std::fs::read(dir().join("good/joined.json")).unwrap()).unwrap();
    let part = |name: &str, i: usize| hex::decode(case[name][i].as_str().unwrap()).unwrap();
    let (first, second, fragment) = (part("inits", 0), part("inits", 1), part("fragments", 0));
    let (mut joiner, start) = Joiner::new(&[&first, &second, &first]).unwrap();
    // Two different descriptions of three, behind one another, and every box around them as much longer.
    assert_eq!(be(&start, body(&start, b"stsd") + 4), 2);
    assert_eq!(start.len() - first.len(), 24);
    for name in [b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd"] {
        assert_eq!(be(&start, body(&start, name) - 8) - be(&first, body(&first, name) - 8), 24);
    }
    assert!(Joiner::new(&[&start]).is_ok());
    for (i, (init, description)) in [(0, 1), (1, 2), (2, 1)].into_iter().enumerate() {
        let joined = joiner.fragment(init, 2_000_000, &fragment).unwrap();
        assert_eq!(decode_time(&joined).unwrap(), 100 + 2 * 15_360);
        assert_eq!(be(&joined, body(&joined, b"mfhd") + 4), i + 1);
        assert_eq!(be(&joined, body(&joined, b"tfhd") + 8), description);
        let data = be(&joined, body(&joined, b"trun") + 8);
        assert_eq!(&joined[data..data + 5], b"hello");
    }
    let before = joiner.fragment(0, -1_000_000, &fragment).unwrap_err();
    assert_eq!(before.name(), "mp4");
}

/// `server/web/test/evidence-range.test.ts` reads the same.
#[test]
fn h264_of_different_parameters_is_joined_as_the_vectors_say() {
    let vectors: serde_json::Value = serde_json::from_slice(&std::fs::read(dir().join("in-band/joining.json")).unwrap()).unwrap();
    let bytes = |value: &serde_json::Value| hex::decode(value.as_str().unwrap()).unwrap();
    for case in vectors["cases"].as_array().unwrap() {
        let inits: Vec<Vec<u8>> = case["inits"].as_array().unwrap().iter().map(bytes).collect();
        let made = Joiner::new(&inits).and_then(|(mut joiner, mut out)| {
            for fragment in case["fragments"].as_array().unwrap() {
                let init = usize::try_from(fragment["init"].as_u64().unwrap()).unwrap();
                out.extend(joiner.fragment_at(init, fragment["at_us"].as_u64().unwrap(), &bytes(&fragment["bytes"]))?);
            }
            Ok(out)
        });
        match case.get("joined") {
            Some(joined) => assert_eq!(made.map(hex::encode).as_deref(), Ok(joined.as_str().unwrap()), "{}", case["name"]),
            None => assert_eq!(made.unwrap_err().name(), case["error"].as_str().unwrap(), "{}", case["name"]),
        }
    }
}
