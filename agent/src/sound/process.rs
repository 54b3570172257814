//! The parent's side of the microphone: starts the child process, reads sound from its pipe, kills it.

use super::child::{HEADER_LEN, Header, Kind};
use super::{Block, Found, Hear, Spec};
use crate::capture::Stop;
use crate::child;
use std::io::Read;
use std::process::{Child, ChildStdout};
use std::sync::mpsc::channel;
use std::time::Duration;

/// Why there is no sound.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SoundError {
    /// The child process could not be started.
    #[error("starting the microphone's process failed: {0}")]
    Start(String),
    /// It ended, or sent what is no sound.
    #[error("{0}")]
    Read(String),
}

/// A microphone behind a child process, or behind whatever writes its messages.
pub struct Process<R = ChildStdout> {
    pipe: R,
}

/// Kills with `SIGKILL` and reaps, on a thread of its own: a process that hangs in the driver dies only when the driver lets go.
fn kill(mut child: Child) {
    std::thread::spawn(move || {
        let _ = child.kill();
        let _ = child.wait();
    });
}

impl Process {
    /// Starts the child process; `stop` kills it.
    pub fn open(spec: &Spec, stop: &Stop) -> Result<Self, SoundError> {
        Self::spawn(&spec.name().map_or_else(|| vec!["--default"], |name| vec!["--name", name]), stop)
    }

    fn spawn(arguments: &[&str], stop: &Stop) -> Result<Self, SoundError> {
        let failed = |error: std::io::Error| SoundError::Start(error.to_string());
        let mut child = child::command("microphone-child").map_err(failed)?.args(arguments).spawn().map_err(failed)?;
        let pipe = child.stdout.take().ok_or_else(|| SoundError::Start("it has no output".into()))?;
        // The child's standard input stays open, inside `child`, until the kill: its end tells an orphan to go.
        stop.on_stop(move || kill(child));
        Ok(Self::reading(pipe))
    }
}

impl<R: Read> Process<R> {
    fn reading(pipe: R) -> Self {
        Self { pipe }
    }

    fn message(&mut self) -> Result<(Header, Vec<u8>), SoundError> {
        let mut bytes = [0; HEADER_LEN];
        self.pipe.read_exact(&mut bytes).map_err(|_| SoundError::Read("the microphone's process ended".into()))?;
        let header = Header::from_bytes(&bytes).ok_or_else(|| SoundError::Read("the microphone's process sent what is no sound".into()))?;
        let mut body = vec![0; header.len as usize];
        self.pipe.read_exact(&mut body).map_err(|_| SoundError::Read("the microphone's process ended".into()))?;
        Ok((header, body))
    }
}

impl<R: Read> Hear for Process<R> {
    fn next(&mut self) -> Result<Block, SoundError> {
        let (header, bytes) = self.message()?;
        let anew = header.kind == Kind::Anew;
        match header.kind {
            Kind::Sound | Kind::Anew => {
                let value = |sample: &[u8]| sample.try_into().map(f32::from_le_bytes).unwrap_or(0.0);
                // What is no number must not go through the filters.
                let finite = |sample: f32| if sample.is_finite() { sample.clamp(-1.0, 1.0) } else { 0.0 };
                let samples = bytes.chunks_exact(4).map(value).map(finite).collect();
                Ok(Block { boottime_us: header.boottime_us, rate: header.rate, samples, anew })
            }
            Kind::List | Kind::Failure => Err(SoundError::Read(String::from_utf8_lossy(&bytes).into_owned())),
        }
    }
}

/// The microphones of this computer. Asking takes at most `limit`: a sound system that hangs lists nothing.
pub fn list(limit: Duration) -> Result<Vec<Found>, SoundError> {
    let stop = Stop::default();
    let mut process = Process::spawn(&["--list"], &stop)?;
    let (sender, answer) = channel();
    std::thread::spawn(move || drop(sender.send(process.message())));
    let answer = answer.recv_timeout(limit);
    stop.stop();
    let (header, bytes) =
        answer.map_err(|_| SoundError::Read(format!("the sound system did not answer within {} s", limit.as_secs())))??;
    match header.kind {
        Kind::List => serde_json::from_slice(&bytes).map_err(|error| SoundError::Read(format!("the list of microphones: {error}"))),
        _ => Err(SoundError::Read(String::from_utf8_lossy(&bytes).into_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::super::child::Pipe;
    use super::*;

    #[test]
    fn sound_arrives_as_it_was_heard_and_a_failure_ends_it() {
        let mut pipe = Pipe(Vec::new());
        let block = |samples: &[f32], anew| Block { boottime_us: 7_000_000, rate: 44_100, samples: samples.to_vec(), anew };
        pipe.block(&block(&[0.0, 0.5, -1.0], true)).unwrap();
        pipe.block(&block(&[f32::NAN, 9.0, -0.25], false)).unwrap();
        pipe.text(Kind::Failure, "it is not there").unwrap();
        let mut process = Process::reading(pipe.0.as_slice());
        assert_eq!(process.next(), Ok(block(&[0.0, 0.5, -1.0], true)));
        assert_eq!(process.next(), Ok(block(&[0.0, 1.0, -0.25], false)));
        assert_eq!(process.next(), Err(SoundError::Read("it is not there".into())));
        assert_eq!(process.next(), Err(SoundError::Read("the microphone's process ended".into())));
        assert!(Process::reading([0_u8; 30].as_slice()).next().unwrap_err().to_string().contains("no sound"));
    }
}
