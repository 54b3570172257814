//! The cameras of this computer while they are open, whichever recording takes their pictures, or several at once.

use super::live::{Capture, Sinks};
use crate::capture::{Stop, feed};
use crate::encode::Target;
use crate::pipeline::CameraThread;
use crate::sound::{self, Heard, Microphone};
use anyhow::Context as _;
use std::sync::mpsc::SyncSender;
use std::time::Duration;

/// How long a hand-over waits for key frames of cameras' own H.264, of all of them together. Until then the earlier recording goes on with their pictures.
const KEY_FRAMES: Duration = Duration::from_secs(60);

/// Open cameras and, where the policy asks for it, the open microphone.
pub struct Cameras {
    /// What they were opened for.
    pub target: Target,
    threads: Vec<CameraThread>,
    microphone: sound::Spec,
    /// With what stops it alone: the next exam's policy may not ask for sound.
    open_microphone: Option<(Microphone, Stop)>,
    stop: Stop,
    /// Recordings that get their pictures and sound now.
    recordings: usize,
}

impl Cameras {
    /// Opens them; their pictures go into these sinks, one each, and sound into its own.
    ///
    /// # Errors
    /// When a camera's thread cannot be started.
    pub fn open(capture: &Capture, target: Target, sinks: Sinks) -> anyhow::Result<Self> {
        let microphone = capture.microphone.clone();
        let mut cameras = Self { target, threads: Vec::new(), microphone, open_microphone: None, stop: Stop::default(), recordings: 1 };
        for (number, (spec, sink)) in capture.cameras.iter().zip(sinks.cameras).enumerate() {
            let started = CameraThread::start(number, spec, target, sink, &cameras.stop);
            let thread = started.inspect_err(|_| cameras.stop.stop());
            cameras.threads.push(thread.with_context(|| format!("starting the thread for {spec} failed"))?);
        }
        cameras.pass_sound(0, sinks.sound);
        Ok(cameras)
    }

    /// Passes all of them on to another recording without closing them: each camera at its next picture that decoding can start with, the microphone at once.
    /// Blocks until that is done, a minute at most; `abandon` ends the wait.
    pub fn hand_over(&mut self, sinks: Sinks, abandon: &Stop) {
        for (thread, sink) in self.threads.iter().zip(sinks.cameras) {
            thread.feed.switch(sink);
        }
        self.pass_sound(0, sinks.sound);
        self.wait_switched(abandon);
    }

    /// From now on another recording, the last in order, gets the same pictures and sound as the first: of each camera from its next picture on that decoding can
    /// start with.
    pub fn record_beside(&mut self, sinks: Sinks) {
        for (thread, sink) in self.threads.iter().zip(sinks.cameras) {
            thread.feed.record_beside(sink);
        }
        self.pass_sound(self.recordings, sinks.sound);
        self.recordings += 1;
    }

    /// The recording at this place, from 0 and in the order in which they came, of several ends; the others go on. Where it is the first, blocks as
    /// [`Cameras::hand_over`] does while a camera's first picture for the next one has not come.
    pub fn end(&mut self, place: usize, abandon: &Stop) {
        self.threads.iter().for_each(|thread| match place.checked_sub(1) {
            None => thread.feed.end_first(),
            Some(beside) => thread.feed.end_beside(beside),
        });
        self.recordings = self.recordings.saturating_sub(1);
        if let Some((microphone, _)) = &self.open_microphone {
            microphone.end(place);
        }
        self.close_unheard();
        self.wait_switched(abandon);
    }

    /// Closes the cameras from elsewhere, as [`Cameras::close`] does.
    pub fn stopper(&self) -> Stop {
        self.stop.clone()
    }

    /// The thread of one has ended although nobody closes them.
    pub fn has_broken_down(&self) -> bool {
        !self.stop.is_stopped() && self.threads.iter().any(CameraThread::is_finished)
    }

    fn wait_switched(&self, abandon: &Stop) {
        let feeds: Vec<_> = self.threads.iter().map(|thread| &*thread.feed).collect();
        for camera in feed::wait_all(&feeds, KEY_FRAMES, abandon) {
            tracing::warn!(camera, "no key frame came for the hand-over: the next recording begins with the one after");
        }
    }

    /// Sound of the recording at this place goes there from now on; where it goes nowhere at all the microphone is closed.
    fn pass_sound(&mut self, place: usize, sink: Option<SyncSender<Heard>>) {
        match (&self.open_microphone, sink) {
            (Some((microphone, _)), sink) => microphone.deliver(place, sink),
            (None, Some(sink)) => {
                let stop = Stop::default();
                match Microphone::start(&self.microphone, &stop) {
                    Ok(microphone) => {
                        microphone.deliver(place, Some(sink));
                        self.open_microphone = Some((microphone, stop));
                    }
                    // The track has room: it is new.
                    Err(error) => drop(sink.try_send(Heard::Lost(format!("starting the microphone's thread failed: {error}")))),
                }
            }
            (None, None) => {}
        }
        self.close_unheard();
    }

    fn close_unheard(&mut self) {
        if self.open_microphone.as_ref().is_some_and(|(microphone, _)| !microphone.is_heard()) {
            self.close_microphone();
        }
    }

    fn close_microphone(&mut self) {
        if let Some((microphone, stop)) = self.open_microphone.take() {
            stop.stop();
            microphone.join();
        }
    }

    /// Closes them. Returns at once; [`Cameras::join`] waits.
    pub fn close(&self) {
        self.stop.stop();
        if let Some((_, stop)) = &self.open_microphone {
            stop.stop();
        }
    }

    /// Waits until they are closed.
    pub fn join(mut self) {
        self.close_microphone();
        self.threads.into_iter().for_each(CameraThread::join);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::{Sink, Spec, watch};

    impl Cameras {
        /// The thread of the only one has ended, and nobody closes it.
        pub(crate) fn broken_down() -> Self {
            let target = Target { width: 640, height: 480, fps: 15, max_kbits: 300 };
            let sink = Sink { pieces: watch::channel(1).0, counters: Default::default(), report: Box::new(|_| {}) };
            let of_the_thread = Stop::default();
            of_the_thread.stop();
            let thread = CameraThread::start(0, &Spec::Test, target, sink, &of_the_thread).unwrap();
            while !thread.is_finished() {
                std::thread::sleep(Duration::from_millis(5));
            }
            Self {
                target,
                threads: vec![thread],
                microphone: sound::Spec::None,
                open_microphone: None,
                stop: Stop::default(),
                recordings: 1,
            }
        }
    }

    #[test]
    fn a_thread_that_ends_by_itself_has_broken_down_and_one_that_was_closed_has_not() {
        let cameras = Cameras::broken_down();
        assert!(cameras.has_broken_down());
        cameras.close();
        assert!(!cameras.has_broken_down());
        cameras.join();
    }
}
