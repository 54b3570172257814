//! The rules of `config/policies/` as pure functions: policy, facts and `now` in, decision and "when should I be asked again" out.
//!
//! No standard library, no I/O, no clock and no randomness: everything is an argument. All times are Unix milliseconds on the server's
//! clock unless a name says otherwise, and all intervals are half open. Rule numbers in comments are those of a policy's sources.
#![no_std]

extern crate alloc;

pub mod acts;
pub mod clock_trust;
pub mod disconnect;
pub mod interval;
pub mod outage;
pub mod policy;
pub mod retention;

pub use interval::Interval;
pub use policy::{Policy, PolicyFile};
