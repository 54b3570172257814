//! Long stories that a bench command tells in full and a test in short.

pub mod cases;
pub mod cuts;
pub mod in_step;
pub mod kill_facts;
pub mod kills;
pub mod soak;
