//! Any text as a wrapped review key. Costs are refused before they are paid; small ones are paid.
#![no_main]

use invigil_format::WrappedKey;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(wrapped) = WrappedKey::from_json(data) {
        assert_eq!(WrappedKey::from_json(wrapped.to_json().as_bytes()), Ok(wrapped.clone()));
        if wrapped.memory_kib <= 256 && wrapped.iterations <= 2 {
            let _ = wrapped.unwrap_with("secret");
        }
    }
});
