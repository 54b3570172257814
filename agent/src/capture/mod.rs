//! Cameras. Each yields pictures stamped with `CLOCK_BOOTTIME` and may fail or hang; [`watch`] keeps it going.

mod decode;
pub mod feed;
mod file;
pub mod given;
mod pace;
mod picture;
mod rtsp;
mod spec;
mod test_picture;
pub mod watch;
mod webcam;
pub mod webcam_child;

pub use feed::{Feed, Sink};
pub use pace::Pace;
pub use picture::{Encoded, Frame, Picture};
pub use spec::{Spec, SpecError};

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

/// Why a camera gave no picture. Texts never hold credentials.
#[derive(Debug, thiserror::Error)]
pub enum CameraError {
    /// The source could not be opened.
    #[error("opening {camera} failed: {reason}")]
    Open {
        /// Camera, without credentials.
        camera: String,
        /// Cause.
        reason: String,
    },
    /// The source stopped delivering.
    #[error("reading {camera} failed: {reason}")]
    Read {
        /// Camera, without credentials.
        camera: String,
        /// Cause.
        reason: String,
    },
    /// One picture came damaged and is not passed on. The only error after which the source goes on: the next call gives the next picture.
    #[error("{camera} delivered a damaged picture: {reason}")]
    Damaged {
        /// Camera, without credentials.
        camera: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Pictures came that nobody could decode, because the connection began between two key frames; they are not passed on. The source goes on.
    #[error("{camera} has not sent a key frame yet")]
    BeforeKey {
        /// Camera, without credentials.
        camera: String,
        /// How many.
        count: u64,
    },
    /// The source was told to stop.
    #[error("stopped")]
    Stopped,
}

/// A source of pictures.
pub trait Camera {
    /// The next picture; blocks until there is one. May hang: callers run it on a thread that they can abandon.
    fn next(&mut self) -> Result<Frame, CameraError>;

    /// The next pictures, at least one: those that came together are handed on together, because each hand-over wakes a thread.
    fn next_batch(&mut self) -> Result<Vec<Frame>, CameraError> {
        self.next().map(|frame| vec![frame])
    }
}

/// What the encoder will make of the pictures, so that a camera need not deliver more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// Pictures a second.
    pub fps: u32,
}

/// Opens the camera that `spec` names. May hang like [`Camera::next`].
pub fn open(spec: &Spec, wanted: Wanted, stop: &Stop) -> Result<Box<dyn Camera>, CameraError> {
    Ok(match spec {
        Spec::Webcam(index) => Box::new(webcam::Webcam::open(&webcam::Seat::new(*index), wanted, stop)?),
        Spec::File(path) => Box::new(file::File::open(path, wanted, stop)?),
        Spec::Rtsp(url) => Box::new(rtsp::Rtsp::open(url, wanted, stop, &rtsp::Seat::default())?),
        Spec::Test => Box::new(test_picture::TestPicture::new(wanted, stop)),
    })
}

/// Tells one life of a camera to stop: sets a flag and runs what the camera registered (killing its child process).
#[derive(Clone, Default)]
pub struct Stop(Arc<Inner>);

#[derive(Default)]
struct Inner {
    stopped: AtomicBool,
    hooks: Mutex<Vec<Box<dyn FnOnce() + Send>>>,
    /// Wakes who sleeps until a time; the lock is that of `hooks`.
    woken: Condvar,
}

impl Stop {
    /// Stops; later calls do nothing.
    pub fn stop(&self) {
        let hooks = {
            let mut hooks = self.0.hooks.lock().unwrap_or_else(PoisonError::into_inner);
            self.0.stopped.store(true, Ordering::SeqCst);
            std::mem::take(&mut *hooks)
        };
        self.0.woken.notify_all();
        hooks.into_iter().for_each(|hook| hook());
    }

    /// Whether [`Stop::stop`] was called.
    pub fn is_stopped(&self) -> bool {
        self.0.stopped.load(Ordering::SeqCst)
    }

    /// Runs `hook` at the stop, at once if that has been.
    pub fn on_stop(&self, hook: impl FnOnce() + Send + 'static) {
        self.0.hooks.lock().unwrap_or_else(PoisonError::into_inner).push(Box::new(hook));
        if self.is_stopped() {
            self.stop();
        }
    }

    /// Sleeps until a boot time. Returns false as soon as it is stopped.
    pub fn sleep_until(&self, boottime_us: u64) -> bool {
        // A sleep does not count what the machine itself sleeps.
        const STEP_US: u64 = 1_000_000;
        let mut lock = self.0.hooks.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if self.is_stopped() {
                return false;
            }
            let now = invigil_clock::boottime_us();
            if now >= boottime_us {
                return true;
            }
            let step = std::time::Duration::from_micros((boottime_us - now).min(STEP_US));
            lock = self.0.woken.wait_timeout(lock, step).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sleeper_wakes_at_its_time_and_at_once_when_stopped() {
        let stop = Stop::default();
        let from_us = invigil_clock::boottime_us();
        assert!(stop.sleep_until(from_us + 20_000));
        assert!(invigil_clock::boottime_us() >= from_us + 20_000);
        let sleeper = std::thread::spawn({
            let stop = stop.clone();
            move || stop.sleep_until(u64::MAX)
        });
        std::thread::sleep(std::time::Duration::from_millis(20));
        stop.stop();
        assert!(!sleeper.join().unwrap());
        assert!(!stop.sleep_until(0), "stopped is stopped");
    }
}
