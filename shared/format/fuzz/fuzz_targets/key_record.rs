//! Any payload as a key record that the device signed, and any inner text of a right one.
#![no_main]

use invigil_format::{ErasurePrivateKey, InnerKeys, KeyRecord, ReviewPrivateKey, SigningKey, Statement};
use libfuzzer_sys::fuzz_target;

const MANIFEST: &str = include_str!("../../vectors/v1/manifest.json");

fuzz_target!(|data: &[u8]| {
    let (erasure, review) = (ErasurePrivateKey::from_bytes([6; 32]), ReviewPrivateKey::from_bytes([4; 32]));
    let key = SigningKey::from_seed(&[3; 32]).unwrap();
    if let Ok(text) = std::str::from_utf8(data)
        && let Ok(statement) = Statement::sign_text(text.into(), &key)
        && let Ok(record) = statement.read::<KeyRecord>()
        && let Ok(inner) = record.open_outer(&erasure)
    {
        let _ = record.open_inner(&inner, &review);
    }
    let manifest: serde_json::Value = serde_json::from_str(MANIFEST).unwrap();
    let statement: Statement = serde_json::from_value(manifest["key_records"][0].clone()).unwrap();
    let record: KeyRecord = statement.read().unwrap();
    let right = record.open_outer(&erasure).unwrap();
    let opened = record.open_inner(&InnerKeys::from_bytes(data.to_vec()), &review);
    assert!(opened.is_err() || data.get(..80) == right.as_bytes().get(..80));
});
