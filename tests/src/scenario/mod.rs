//! Long stories that a bench command tells in full and a test in short.

pub mod cuts;
pub mod kills;
