//! Tests over the public interface: vectors, damage, round trips, and the independent reader.
#![expect(clippy::unwrap_used, reason = "helpers of tests stop at the first thing that is not as it should be, too")]

mod common;
mod damage;
mod joining;
mod mutations;
mod read_vectors;
mod reader;
mod recordings;
mod vectors;
