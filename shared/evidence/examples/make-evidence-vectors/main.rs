//! Makes `vectors/v1/` once. Vectors are kept for ever and never edited: each folder is made only where there is none.
//! `cargo run -p invigil-evidence --features age --example make-evidence-vectors`
#![expect(clippy::unwrap_used, reason = "a generator that is run once and stops at the first thing that is not as it should be")]

#[path = "../../tests/evidence/kit.rs"]
#[expect(dead_code, reason = "the tests use more of it")]
mod kit;
#[path = "../../tests/evidence/world.rs"]
mod world;

mod bundle;
mod range;
#[cfg(feature = "age")]
mod receiver;
mod sealed;

use std::path::{Path, PathBuf};

fn main() {
    range::make(&folder("range"));
    range::make_in_band(&folder("in-band"));
    range::make_zip(&folder("zip"));
    sealed::make(&folder("sealed"));
    bundle::make(&folder("bundle"));
    #[cfg(feature = "age")]
    receiver::make(&folder("receiver"));
}

/// A folder of vectors; nothing when it is there already.
fn folder(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/v1").join(name);
    if path.exists() {
        println!("{name}: is there already");
        return None;
    }
    std::fs::create_dir_all(&path).unwrap();
    Some(path)
}
