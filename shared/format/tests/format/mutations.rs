//! No parser panics, whatever the bytes: every vector, mutated at random.

use crate::read_vectors::load;
use crate::vectors::dir;
use invigil_format::{Beacon, KeyRecord, Scanner, Statement, TrackName, WrappedKey, mp4, recover_closing};
use proptest::prelude::*;
use proptest::sample::Index;

/// Changed bytes, a cut, inserted bytes.
type Mutation = (Vec<(Index, u8)>, Option<Index>, Option<(Index, Vec<u8>)>);

fn mutated() -> impl Strategy<Value = Mutation> {
    let edits = proptest::collection::vec((any::<Index>(), any::<u8>()), 0..4);
    (edits, proptest::option::of(any::<Index>()), proptest::option::of((any::<Index>(), proptest::collection::vec(any::<u8>(), 1..9))))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_parser_panics((edits, cut, inserted) in mutated()) {
        let manifest = load();
        let w = crate::common::World::new();
        for case in &manifest.cases {
            let mut bytes = std::fs::read(dir().join(&case.file)).unwrap();
            for (at, byte) in &edits {
                if !bytes.is_empty() {
                    let at = at.index(bytes.len());
                    bytes[at] = *byte;
                }
            }
            if let Some(cut) = cut {
                bytes.truncate(cut.index(bytes.len() + 1));
            }
            if let Some((at, more)) = &inserted {
                let at = at.index(bytes.len() + 1);
                bytes.splice(at..at, more.iter().copied());
            }
            let mut scanner = Scanner::new();
            let _ = scanner.feed(&bytes);
            let _ = recover_closing(&scanner, &w.device, crate::common::stamp(0));
            if let Ok(statement) = Statement::from_json(&bytes) {
                let _ = statement.read::<KeyRecord>();
            }
            let _ = WrappedKey::from_json(&bytes);
            let _ = Beacon::read(manifest.fingerprint, &bytes);
            let _ = Beacon::from_hex(manifest.fingerprint, &String::from_utf8_lossy(&bytes));
            let _ = String::from_utf8_lossy(&bytes).parse::<TrackName>();
            // The payloads and boxes inside the JSON of the other cases are mutated where they can be reached: after decoding.
            for inner in strings(&bytes) {
                let _ = Statement::from_json(inner.as_bytes());
                let _ = WrappedKey::from_json(inner.as_bytes());
                if let Ok(boxes) = hex::decode(&inner)
                    && let Ok((mut joiner, _)) = mp4::Joiner::new(&[&boxes])
                {
                    let _ = joiner.fragment(0, -1, &boxes);
                }
            }
        }
    }

    #[test]
    fn no_mp4_panics((edits, cut, inserted) in mutated(), shift in any::<i64>()) {
        let case: serde_json::Value = serde_json::from_slice(&std::fs::read(dir().join("good/joined.json")).unwrap()).unwrap();
        let part = |name: &str| hex::decode(case[name][0].as_str().unwrap()).unwrap();
        let mutate = |mut bytes: Vec<u8>| {
            for (at, byte) in &edits {
                let at = at.index(bytes.len());
                bytes[at] = *byte;
            }
            if let Some(cut) = cut {
                bytes.truncate(cut.index(bytes.len() + 1));
            }
            if let Some((at, more)) = &inserted {
                let at = at.index(bytes.len() + 1);
                bytes.splice(at..at, more.iter().copied());
            }
            bytes
        };
        let _ = mp4::Joiner::new(&[part("inits"), mutate(part("inits"))]);
        let (mut joiner, _) = mp4::Joiner::new(&[part("inits")]).unwrap();
        let _ = joiner.fragment(0, shift, &mutate(part("fragments")));
        let _ = mp4::decode_time(&mutate(part("fragments")));

        let in_band: serde_json::Value =
            serde_json::from_slice(&std::fs::read(dir().join("in-band/joining.json")).unwrap()).unwrap();
        for case in in_band["cases"].as_array().unwrap() {
            let bytes = |value: &serde_json::Value| hex::decode(value.as_str().unwrap()).unwrap();
            let inits: Vec<Vec<u8>> = case["inits"].as_array().unwrap().iter().map(bytes).collect();
            let damaged: Vec<Vec<u8>> = inits.iter().enumerate().map(|(i, init)| if i == 0 { init.clone() } else { mutate(init.clone()) }).collect();
            for inits in [inits, damaged] {
                let Ok((mut joiner, start)) = mp4::Joiner::new(&inits) else { continue };
                assert!(mp4::Joiner::new(&[start]).is_ok());
                for fragment in case["fragments"].as_array().unwrap() {
                    let fragment = mutate(bytes(&fragment["bytes"]));
                    if let Ok(joined) = joiner.fragment(inits.len() - 1, 0, &fragment) {
                        assert!(joiner.fragment(0, 0, &joined).is_ok(), "{}: {}", case["name"], hex::encode(fragment));
                    }
                }
            }
        }
    }
}

fn strings(bytes: &[u8]) -> Vec<String> {
    fn collect(value: &serde_json::Value, out: &mut Vec<String>) {
        match value {
            serde_json::Value::String(text) => out.push(text.clone()),
            serde_json::Value::Array(items) => items.iter().for_each(|item| collect(item, out)),
            serde_json::Value::Object(members) => members.values().for_each(|member| collect(member, out)),
            _ => {}
        }
    }
    let mut out = Vec::new();
    if let Ok(value) = serde_json::from_slice(bytes) {
        collect(&value, &mut out);
    }
    out
}
