//! The whole path with the real binaries. Each test starts its own server, agents and network; none depends on another.

mod acts;
mod check;
mod clap;
mod collected_page;
mod crash_points;
mod cuts;
mod demo;
mod ending;
mod expiry;
mod health;
mod held_up;
mod kills;
mod link;
mod offline;
mod review_page;
mod rtsp;
mod rtsp_many;
mod rtsp_streams;
mod secrets;
mod service;
mod sound;
mod sound_page;
mod spool_disk;
mod spool_recovery;
mod spool_start;
mod suspend_vm;
mod webcam_vm;

mod turns;

use turns::Turn;

/// The machine for one story alone: it records with several cameras, kills, or drives a browser, and a machine that is too busy drops pictures.
fn turn() -> Turn {
    turns::take(2)
}

/// Half of the machine: a story that mostly waits, with one or two small agents.
fn half() -> Turn {
    turns::take(1)
}
