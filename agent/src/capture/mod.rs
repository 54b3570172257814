//! Cameras. Each yields pictures stamped with `CLOCK_BOOTTIME` and may fail or hang; [`watch`] keeps it going.

mod decode;
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

pub use pace::Pace;
pub use picture::{Encoded, Frame, Picture};
pub use spec::{Spec, SpecError};

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

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
    /// The source was told to stop.
    #[error("stopped")]
    Stopped,
}

/// A source of pictures.
pub trait Camera {
    /// The next picture; blocks until there is one. May hang: callers run it on a thread that they can abandon.
    fn next(&mut self) -> Result<Frame, CameraError>;
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
        Spec::Rtsp(url) => Box::new(rtsp::Rtsp::open(url, wanted, stop)?),
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
}

impl Stop {
    /// Stops; later calls do nothing.
    pub fn stop(&self) {
        self.0.stopped.store(true, Ordering::SeqCst);
        let hooks = std::mem::take(&mut *self.0.hooks.lock().unwrap_or_else(PoisonError::into_inner));
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

    /// Sleeps until a boot time, in steps short enough to notice the stop. Returns false when stopped.
    pub fn sleep_until(&self, boottime_us: u64) -> bool {
        loop {
            let now = invigil_clock::boottime_us();
            if self.is_stopped() {
                return false;
            }
            if now >= boottime_us {
                return true;
            }
            std::thread::sleep(std::time::Duration::from_micros((boottime_us - now).min(100_000)));
        }
    }
}
