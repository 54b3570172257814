//! Sound, where the policy asks for it: the microphone's way to a track of its own (`docs/decisions/sound.md`).
//!
//! ```text
//! driver -> child process -> pipe -> Microphone -> bounded channel -> encoder -> spool
//! ```
//!
//! [`child`] alone touches the driver and may be killed. [`Microphone`] keeps it going, whoever listens: another track can take over its channel
//! without the device being opened again. [`start`] makes a track of what comes: [`line`](self) puts it on the boot clock, [`packets`](self) encodes and
//! cuts it. What begins and ends is journalled as a camera's events are.

pub mod child;
mod clock;
mod device;
pub mod level;
mod line;
mod opus;
mod packets;
mod process;
mod source;
mod spec;
mod track;

pub use device::Found;
pub use opus::{Opus, OpusError};
pub use process::{Process, SoundError, list};
pub use source::{Hear, Heard, Microphone};
pub use spec::{Spec, SpecError};
pub use track::{Say, start};

/// What a track of sound needs, bytes a second: 32 kbit/s with its boxes and seals.
pub const BYTES_PER_SEC: u64 = 5_600;

/// Sound as a microphone gave it, all channels mixed to one.
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    /// When its first sample was heard, boot time, us: as well as the driver knows.
    pub boottime_us: u64,
    /// Samples a second by the device's own clock.
    pub rate: u32,
    /// From -1 to 1.
    pub samples: Vec<f32>,
    /// It does not follow the block before it: the stream has just begun, or something was lost in between.
    pub anew: bool,
}

impl Block {
    /// Length by the device's clock, us.
    pub fn length_us(&self) -> u64 {
        self.samples.len() as u64 * 1_000_000 / u64::from(self.rate.max(1))
    }
}
