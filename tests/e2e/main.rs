//! The whole path with the real binaries. Each test starts its own server, agents and network; none depends on another.

mod acts;
mod check;
mod crash_points;
mod cuts;
mod demo;
mod ending;
mod expiry;
mod health;
mod kills;
mod link;
mod offline;
mod review_page;
mod rtsp;
mod rtsp_many;
mod rtsp_streams;
mod secrets;
mod spool_disk;
mod webcam_vm;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// One story at a time: each records, encodes and is measured in real time, and a machine that is too busy drops pictures.
fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}
