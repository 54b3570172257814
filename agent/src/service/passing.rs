//! How cameras pass from one recording to the next, and how recordings end in the background.

use super::change::NOTHING;
use super::status::titles;
use super::{Going, PATIENCE, Service};
use crate::capture::Stop;
use crate::run::{Cameras, End, Sinks, target};
use crate::upload::Uploads;
use invigil_format::{FinishedBy, RecordingId};
use std::collections::HashMap;
use std::sync::Arc;
use tokio::task::{Id, JoinSet};

/// A recording that was put down, with what is left of it; none when it was not ended as it should be, or only cameras were closed.
pub(super) type Closed = Option<Box<Uploads>>;

/// What is being closed in the background.
#[derive(Default)]
pub(super) struct Closing {
    tasks: JoinSet<Closed>,
    of: HashMap<Id, RecordingId>,
}

impl Closing {
    /// A run of this recording is being closed: no other one may begin yet.
    pub(super) fn has(&self, recording: RecordingId) -> bool {
        self.of.values().any(|closing| *closing == recording)
    }

    /// Waits for the next one; none when there is none.
    pub(super) async fn next(&mut self) -> Option<Closed> {
        let joined = self.tasks.join_next_with_id().await?;
        let (id, closed) = joined.unwrap_or_else(|error| {
            tracing::error!(%error, "closing a recording broke down");
            (error.id(), None)
        });
        self.of.remove(&id);
        Some(closed)
    }

    fn recording(&mut self, recording: RecordingId, closing: impl Future<Output = Closed> + Send + 'static) {
        let id = self.tasks.spawn(closing).id();
        self.of.insert(id, recording);
    }

    fn cameras(&mut self, cameras: Cameras) {
        cameras.close();
        self.tasks.spawn_blocking(move || {
            cameras.join();
            None
        });
    }
}

impl Service {
    /// Opens the cameras for a recording that begins. When that fails none are open afterwards.
    pub(super) fn open_cameras(&mut self, going: &Going, sinks: Sinks) {
        let target = target(&going.live.begun.enrolment.answer.capture);
        match Cameras::open(&self.capture, target, sinks) {
            Ok(cameras) => self.cameras = Some(cameras),
            Err(error) => self.fail(NOTHING, &format!("{error:#}")),
        }
    }

    /// Passes the cameras on without closing them; the earlier recording ends behind its last picture.
    pub(super) async fn hand_over(&mut self, before: Going, mut going: Going, sinks: Sinks) {
        let wanted = target(&going.live.begun.enrolment.answer.capture);
        going.follows = Some((before.title.clone(), invigil_clock::boottime_us()));
        match self.cameras.take() {
            Some(cameras) if cameras.target == wanted => {
                let titles = format!("from {} to {}", before.title, going.title);
                self.going.push(going);
                self.cameras = self.with_cameras(cameras, |cameras, hurry| cameras.hand_over(sinks, hurry)).await;
                if self.cameras.is_some() {
                    self.progress.event("handed-over", &format!("the cameras went on without a break, {titles}"));
                }
            }
            // Another size or rate: they have to be opened anew.
            other => {
                self.cameras = other;
                if let Some(cameras) = self.cameras.take() {
                    self.closing.cameras(cameras);
                }
                self.open_cameras(&going, sinks);
                self.going.push(going);
            }
        }
        self.close(before, None);
    }

    /// One of several that are recorded at once ends behind its last picture; the others go on as they are.
    pub(super) async fn end_one_of_several(&mut self, place: usize) {
        let before = self.going.remove(place);
        if let Some(cameras) = self.cameras.take() {
            self.cameras = self.with_cameras(cameras, move |cameras, hurry| cameras.end(place, hurry)).await;
        }
        let now_us = invigil_clock::boottime_us();
        let mut stay = Vec::new();
        for stays in self.going.iter_mut().filter(|stays| stays.end.is_none()) {
            stays.follows = Some((before.title.clone(), now_us));
            stay.push(stays.title.as_str());
        }
        let how_many = match stay.len() {
            0 => None,
            1 => Some("goes on from the same cameras without a break: one exam is recorded now".to_owned()),
            many => Some(format!("go on from the same cameras without a break: {many} exams are recorded now")),
        };
        if let Some(how_many) = how_many {
            self.progress.event("goes-on", &format!("{} ends, and {} {how_many}", before.title, titles(&stay)));
        }
        self.close(before, None);
    }

    /// Does something with the open cameras that may wait for key frames or for a disk, and answers people meanwhile; a signal ends the wait.
    pub(super) async fn with_cameras(
        &mut self,
        mut cameras: Cameras,
        what: impl FnOnce(&mut Cameras, &Stop) + Send + 'static,
    ) -> Option<Cameras> {
        let (hurry, stopper) = (Stop::default(), cameras.stopper());
        if self.stopping {
            hurry.stop();
        }
        let mut handing = tokio::task::spawn_blocking({
            let hurry = hurry.clone();
            move || {
                what(&mut cameras, &hurry);
                cameras
            }
        });
        let handed = loop {
            tokio::select! {
                handed = &mut handing => break handed,
                _ = self.signals.next(), if !self.stopping => {
                    self.stopping = true;
                    hurry.stop();
                }
                Some(asked) = self.commands.recv() => self.answer(asked),
            }
        };
        if let Err(error) = &handed {
            tracing::error!(%error, "handing the cameras over broke down");
            // They are opened anew.
            stopper.stop();
            self.fail(NOTHING, "handing the cameras over broke down");
        }
        handed.ok()
    }

    pub(super) fn put_down(&mut self, before: Going) {
        let cameras = self.cameras.take();
        self.close(before, cameras);
    }

    /// Ends a recording in the background; what is left of it goes up later.
    fn close(&mut self, going: Going, cameras: Option<Cameras>) {
        let Going { mut live, recording, title, end, .. } = going;
        let end = end.unwrap_or(End::FinishedByServer);
        let by = (end == End::Collected).then_some(FinishedBy::Invigilator);
        self.progress.event("stopping", &format!("the recording of {title} ends ({}); what is left of it is uploaded", end.reason()));
        let progress = Arc::clone(&self.progress);
        if let Some(cameras) = &cameras {
            cameras.close();
        }
        self.closing.recording(recording, async move {
            if let Some(cameras) = cameras {
                let _ = tokio::task::spawn_blocking(move || cameras.join()).await;
            }
            match live.close(end, by).await {
                Ok(()) => {
                    progress.event("ended", &format!("the recording of {title} has ended"));
                    Some(Box::new(live.into_rest().1))
                }
                Err(error) => {
                    progress.event("ended", &format!("the recording {recording} was not ended as it should be: {error:#}"));
                    None
                }
            }
        });
    }

    pub(super) fn closed(&mut self, closed: Closed) {
        if let Some(uploads) = closed {
            self.rest.bring(*uploads, self.pass());
        }
    }

    /// Closes what is open; nothing is finished. A second signal, or a disk that fails for too long, leaves the rest to the next start.
    pub(super) async fn stop(&mut self) {
        let mut abandon = Vec::new();
        for mut going in std::mem::take(&mut self.going) {
            // The next start goes on with it, unless somebody has ended it just now.
            going.end = Some(going.end.unwrap_or(End::Stopped));
            abandon.push(going.live.abandon.clone());
            self.put_down(going);
        }
        let closing = async { while self.closing.next().await.is_some() {} };
        tokio::select! {
            () = closing => {}
            () = invigil_clock::sleep(PATIENCE) => {}
            _ = self.signals.next() => {}
        }
        abandon.iter().for_each(Stop::stop);
        self.progress.event("stopped", "the service has ended; what it recorded goes on at its next start");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_recording_counts_as_being_closed_until_that_is_over_even_when_it_breaks_down() {
        let [whole, broken] = [1, 2].map(|n| RecordingId::from_random([n; 16]));
        let mut closing = Closing::default();
        assert!(closing.next().await.is_none() && !closing.has(whole));
        closing.recording(whole, async { None });
        closing.recording(broken, async { panic!("a disk that is no disk") });
        assert!(closing.has(whole) && closing.has(broken));
        while closing.next().await.is_some() {}
        assert!(!closing.has(whole) && !closing.has(broken));
    }
}
