//! The whole path with the real binaries. Each test starts its own server, agents and network; none depends on another.

mod cuts;
mod demo;
mod expiry;
mod kills;
mod review_page;
mod rtsp;
mod secrets;
mod webcam_vm;
