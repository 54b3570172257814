//! Evidence from end to end: vectors, bundles that hold, and everything that must not.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod changes;
mod decoding;
mod holds;
mod kit;
#[cfg(feature = "age")]
mod receiver;
mod vectors;

mod world;
