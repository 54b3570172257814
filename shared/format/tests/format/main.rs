//! Tests over the public interface: vectors, damage, round trips, and the independent reader.

mod common;
mod damage;
mod mutations;
mod read_vectors;
mod reader;
mod vectors;
