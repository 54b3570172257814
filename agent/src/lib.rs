//! Invigil's agent: records cameras, seals what they see, spools it, uploads it (`docs/architecture.md`).
//!
//! Data flows one way, with bounded channels: [`capture`] -> [`encode`] -> [`segment`] -> [`seal`] -> [`spool`] -> [`upload`].
//! [`sound`] is a microphone's way from the driver to the spool. Beside them stand [`link`] (heartbeats), [`rate`] (fewer pictures while disk or link run
//! short), [`journal`], [`health`] (states that a person should see to, thumbnails), [`machine`] (clocks, interfaces, probes), [`enrol`] (trust and join),
//! [`run`] (one recording), [`service`] (a room's exams one after another) and [`progress`].

pub mod account;
pub mod capture;
pub mod check;
mod child;
pub mod cli;
pub mod disk;
pub mod encode;
pub mod enrol;
mod ffi;
pub mod health;
pub mod journal;
pub mod link;
pub mod machine;
pub mod memory;
pub mod pipeline;
pub mod progress;
pub mod rate;
pub mod receipt;
pub mod run;
pub mod seal;
pub mod segment;
pub mod service;
pub mod sound;
pub mod spool;
#[cfg(test)]
mod testing;
pub mod upload;

/// Once in every process before any picture is touched. libav's own messages are turned off: they may hold URLs with passwords.
pub fn init() {
    // Registering is all that can fail, and the libraries do it by themselves since version 4.
    let _ = ffmpeg_next::init();
    ffmpeg_next::util::log::set_level(ffmpeg_next::util::log::Level::Quiet);
    // A second call finds the provider installed.
    let _ = rustls::crypto::ring::default_provider().install_default();
}
