//! Evidence from end to end: vectors, bundles that hold, and everything that must not.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod vectors;
#[expect(dead_code, reason = "the generator of vectors uses more of it")]
mod world;
