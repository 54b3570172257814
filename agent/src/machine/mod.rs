//! What happens to the machine around the recording, for the journal: the wall clock is moved, the machine sleeps, network interfaces come and go, and
//! what stands outside (gateway, name service, exam platform, our server) stops answering. With it the cause of an outage can be told.
//!
//! [`clocks`], [`network`] and [`probes`] decide without I/O and with times as arguments; [`watch`] feeds them.

pub mod clocks;
pub mod network;
pub mod probes;
mod watch;

pub use watch::{Watch, watch};
