//! Any text as an id, digest, key or track name: one spelling each.
#![no_main]

use invigil_format::{Digest, RunId, Signature, TrackName};
use libfuzzer_sys::fuzz_target;

fn one_spelling<T: std::str::FromStr + std::fmt::Display>(text: &str) {
    if let Ok(id) = text.parse::<T>() {
        assert_eq!(id.to_string(), text);
    }
}

fuzz_target!(|data: &[u8]| {
    if let Ok(text) = std::str::from_utf8(data) {
        one_spelling::<RunId>(text);
        one_spelling::<Digest>(text);
        one_spelling::<Signature>(text);
        one_spelling::<TrackName>(text);
    }
});
