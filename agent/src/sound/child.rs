//! The microphone's child process: it alone touches the sound system, which may hang with the device in hand, and it can be killed.
//!
//! It writes messages to standard output, each as a [`Header`] and the bytes; it ends when standard input closes, so that it never outlives the agent.
//! What the system's libraries print goes to standard error, which the parent throws away.

use super::{Block, device};
use crate::child;
use std::io::{self, Write};
use std::panic::AssertUnwindSafe;

/// Bytes of a [`Header`].
pub const HEADER_LEN: usize = 24;
/// Largest message, bytes: a second and more at the highest rate.
pub const MAX_LEN: usize = 1 << 20;
/// Rates that are taken, samples a second.
pub const RATES: std::ops::RangeInclusive<u32> = 8_000..=192_000;
const MAGIC: [u8; 4] = *b"IVM1";

/// What a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// Samples, as 32-bit floats, little-endian, that follow the last ones.
    Sound = 1,
    /// Samples before which something is missing.
    Anew = 2,
    /// The system's microphones, as JSON.
    List = 3,
    /// The reason, as text, why there will be no more.
    Failure = 255,
}

/// What stands before each message on the pipe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// How the bytes are to be read.
    pub kind: Kind,
    /// Samples a second.
    pub rate: u32,
    /// `CLOCK_BOOTTIME` of the first sample, us; the clock is the same in both processes.
    pub boottime_us: u64,
    /// Bytes that follow.
    pub len: u32,
}

impl Header {
    /// As bytes.
    pub fn to_bytes(self) -> [u8; HEADER_LEN] {
        let mut bytes = [0; HEADER_LEN];
        bytes[..4].copy_from_slice(&MAGIC);
        bytes[4] = self.kind as u8;
        bytes[8..12].copy_from_slice(&self.rate.to_be_bytes());
        bytes[12..20].copy_from_slice(&self.boottime_us.to_be_bytes());
        bytes[20..24].copy_from_slice(&self.len.to_be_bytes());
        bytes
    }

    /// From bytes; `None` if they are no header.
    pub fn from_bytes(bytes: &[u8; HEADER_LEN]) -> Option<Self> {
        let word = |at: usize| u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
        let kinds = [Kind::Sound, Kind::Anew, Kind::List, Kind::Failure];
        let kind = kinds.into_iter().find(|kind| *kind as u8 == bytes[4] && bytes[..4] == MAGIC)?;
        let header = Self { kind, rate: word(8), boottime_us: u64::from(word(12)) << 32 | u64::from(word(16)), len: word(20) };
        let sound = matches!(kind, Kind::Sound | Kind::Anew);
        (header.len as usize <= MAX_LEN && (!sound || (RATES.contains(&header.rate) && header.len.is_multiple_of(4)))).then_some(header)
    }
}

/// The writing end of the pipe.
pub struct Pipe<W>(pub W);

impl<W: Write> Pipe<W> {
    /// Sends sound.
    pub fn block(&mut self, block: &Block) -> io::Result<()> {
        let bytes: Vec<u8> = block.samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
        self.message(if block.anew { Kind::Anew } else { Kind::Sound }, block.rate, block.boottime_us, &bytes)
    }

    /// Sends text: a list, or a failure.
    pub fn text(&mut self, kind: Kind, text: &str) -> io::Result<()> {
        self.message(kind, 0, 0, text.as_bytes().get(..MAX_LEN).unwrap_or(text.as_bytes()))
    }

    fn message(&mut self, kind: Kind, rate: u32, boottime_us: u64, bytes: &[u8]) -> io::Result<()> {
        let len = u32::try_from(bytes.len()).map_err(io::Error::other)?;
        self.0.write_all(&Header { kind, rate, boottime_us, len }.to_bytes())?;
        self.0.write_all(bytes)?;
        self.0.flush()
    }
}

/// What the process is asked for.
pub enum Task<'a> {
    /// The sound of this microphone, or of the default one.
    Deliver(Option<&'a str>),
    /// The microphones that there are.
    List,
}

/// Delivers until standard input closes, the microphone fails or the reader goes away; or lists.
pub fn run(task: &Task<'_>) -> anyhow::Result<()> {
    child::end_with_parent();
    let mut out = Pipe(std::io::stdout().lock());
    let work = AssertUnwindSafe(|| match task {
        Task::Deliver(name) => device::deliver(*name, &mut out),
        Task::List => Ok(out.text(Kind::List, &serde_json::to_string(&device::list())?)?),
    });
    let result = child::guarded("the sound system", work);
    if let Err(error) = &result {
        out.text(Kind::Failure, &format!("{error:#}"))?;
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_survive_the_pipe_and_rubbish_is_refused() {
        for kind in [Kind::Sound, Kind::Anew, Kind::List, Kind::Failure] {
            let header = Header { kind, rate: 44_100, boottime_us: 0x0102_0304_0506_0708, len: 4000 };
            assert_eq!(Header::from_bytes(&header.to_bytes()), Some(header));
            let mut huge = header.to_bytes();
            huge[20] = 0xFF;
            assert_eq!(Header::from_bytes(&huge), None);
        }
        for (rate, len) in [(0, 4), (7_999, 4), (200_000, 4), (48_000, 3)] {
            assert_eq!(Header::from_bytes(&Header { kind: Kind::Sound, rate, boottime_us: 1, len }.to_bytes()), None, "{rate} {len}");
        }
        assert_eq!(Header::from_bytes(&[0; HEADER_LEN]), None);
    }
}
