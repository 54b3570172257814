//! How what is recorded becomes what is wanted: recordings begin, alone, behind another one or beside it.

use super::status::{at_once, titles};
use super::{AGAIN_US, Going, Service};
use crate::encode::Target;
use crate::enrol::{self, Server};
use crate::run::{Capture, HasExpired, Live, Place, Sinks, Waiting, begin, target};
use anyhow::Context as _;
use invigil_format::RecordingId;
use std::sync::Arc;

/// What a trouble means while no recording goes on.
pub(super) const NOTHING: &str = "NOTHING IS RECORDED although an exam is due";

impl Service {
    /// Begins and ends what has to be, as far as that can be done now; the next look does the rest.
    /// `by_own_clock` says that they are wanted by this computer's clock, because no server had told its time.
    pub(super) async fn change_over(&mut self, wanted: &[RecordingId], by_own_clock: bool) {
        let is_over = |going: &Going| !wanted.contains(&going.recording);
        // Of several those that are not over go on; if all are, one is left that passes the cameras on below.
        while self.going.len() > 1
            && let Some(place) = self.going.iter().rposition(is_over)
        {
            self.end_one_of_several(place).await;
        }
        // What cannot begin is tried again with a later look, and keeps none of the others waiting.
        let mut failed = Vec::new();
        if self.going.first().is_some_and(is_over) {
            let begun = self.begin_one(wanted, &mut failed, None, by_own_clock).await;
            let before = self.going.remove(0);
            match begun {
                Some((going, sinks)) => self.hand_over(before, going, sinks).await,
                None => self.put_down(before),
            }
        }
        let may_begin = invigil_clock::boottime_us() >= self.again_us;
        while may_begin && self.going.len() < wanted.len() && !self.stopping && (self.going.is_empty() || self.cameras.is_some()) {
            let opened_for = self.cameras.as_ref().map(|cameras| cameras.target);
            let Some((going, sinks)) = self.begin_one(wanted, &mut failed, opened_for, by_own_clock).await else { break };
            match self.going.is_empty() {
                true => self.open_cameras(&going, sinks),
                false => self.record_beside(&going, sinks).await,
            }
            self.going.push(going);
        }
        if wanted.iter().all(|wanted| self.records(*wanted)) && (wanted.is_empty() || self.cameras.is_some()) {
            self.trouble.clear();
        }
        self.home.together.set(self.going.len());
    }

    fn records(&self, recording: RecordingId) -> bool {
        self.going.iter().any(|going| going.recording == recording)
    }

    /// Begins the first of those that are wanted and can be begun, but for those of which the end of an earlier run, or what that left, is still being dealt with,
    /// and for those that have `failed` already in this look. `opened_for` is what the cameras stay open for.
    async fn begin_one(
        &mut self,
        wanted: &[RecordingId],
        failed: &mut Vec<RecordingId>,
        opened_for: Option<Target>,
        by_own_clock: bool,
    ) -> Option<(Going, Sinks)> {
        for recording in wanted {
            let busy = self.records(*recording) || self.closing.has(*recording) || self.rest.looks_at(*recording);
            if busy || self.stopping || failed.contains(recording) {
                continue;
            }
            match self.begin(*recording, opened_for, by_own_clock).await {
                Some(begun) => return Some(begun),
                None => failed.push(*recording),
            }
        }
        None
    }

    /// Has a recording that begins take the pictures of the open cameras beside those that go on.
    async fn record_beside(&mut self, going: &Going, sinks: Sinks) {
        let Some(cameras) = self.cameras.take() else { return };
        let title = &going.title;
        let mut all: Vec<String> = self.going.iter().map(|before| before.title.clone()).collect();
        let before = titles(&all);
        all.push(title.clone());
        let wanted = target(&going.live.begun.enrolment.answer.capture);
        let shape = |of: Target| (of.width, of.height, of.fps);
        let as_they_are = (shape(cameras.target) != shape(wanted))
            .then(|| format!("; the cameras stay open with the size and rate that {} asks for", all[0]));
        self.cameras = self.with_cameras(cameras, |cameras, _| cameras.record_beside(sinks)).await;
        let text = format!(
            "{}: {title} starts, and nobody has said that the papers of {before} are collected{}",
            at_once(&all),
            as_they_are.unwrap_or_default()
        );
        let beside: Vec<_> = self.going.iter().map(|before| before.recording).collect();
        let more = serde_json::json!({ "recording": going.recording, "beside": beside });
        self.progress.event_with("beside", &text, &more);
    }

    /// Begins the recording of an exam; says why when it cannot.
    async fn begin(&mut self, recording: RecordingId, opened_for: Option<Target>, by_own_clock: bool) -> Option<(Going, Sinks)> {
        match self.try_begin(recording, opened_for, by_own_clock).await {
            Ok(begun) => begun,
            Err(error) => {
                let recorded: Vec<_> = self.going.iter().filter(|going| going.end.is_none()).map(|going| going.title.as_str()).collect();
                let what = match recorded.len() {
                    0 => NOTHING.to_owned(),
                    1 => format!("ONLY {} IS RECORDED although another exam is due, too", recorded[0]),
                    _ => format!("ONLY {} ARE RECORDED although another exam is due, too", titles(&recorded)),
                };
                self.fail(&what, &format!("{error:#}"));
                self.failed.insert(recording, invigil_clock::boottime_us() + 2 * AGAIN_US);
                None
            }
        }
    }

    /// Says each trouble once; the next attempt is in a while.
    pub(super) fn fail(&mut self, what: &str, trouble: &str) {
        self.again_us = invigil_clock::boottime_us() + AGAIN_US;
        if self.trouble != trouble {
            self.progress.event("not-recording", &format!("{what}: {trouble}; trying again"));
        }
        trouble.clone_into(&mut self.trouble);
    }

    async fn try_begin(
        &mut self,
        recording: RecordingId,
        opened_for: Option<Target>,
        by_own_clock: bool,
    ) -> anyhow::Result<Option<(Going, Sinks)>> {
        let place = self.place(recording)?;
        self.rest.forget(recording);
        let (home, progress) = (Arc::clone(&self.home), Arc::clone(&self.progress));
        // It may wait for a disk for long; people are answered meanwhile.
        let waiting = Waiting { pass: self.pass(), others: false };
        let mut beginning = Box::pin(begin(&home, place, waiting, &progress));
        let begun = loop {
            tokio::select! {
                begun = &mut beginning => break begun,
                _ = self.signals.next() => {
                    self.stopping = true;
                    return Ok(None);
                }
                Some(asked) = self.commands.recv() => self.answer(asked),
                // What other recordings left may be what the disk is full of.
                found = self.rest.found() => self.rest.take_up(found, &self.pass()),
                Some(closed) = self.closing.next() => self.closed(closed),
            }
        };
        let begun = begun.inspect_err(|error| {
            if error.is::<HasExpired>() {
                self.state.update(|kept| kept.end(recording));
            }
        })?;
        // A server may have told its time meanwhile; what said that this exam is due was the clock before that.
        self.state.update(|kept| kept.begin(recording, by_own_clock));
        let exam = &begun.enrolment.answer.exam;
        let (title, utc_offset_secs) = (exam.title.clone(), exam.utc_offset_secs);
        let capture = Capture { opened_for, ..self.capture.clone() };
        let started = Live::start(begun, &self.home, &capture, self.pass(), &self.progress);
        // Another attempt finds in the spool what this one found.
        let (live, sinks) = started.inspect_err(|_| self.home.queue.forget(recording))?;
        self.progress.event("started", &format!("recording {recording} for {title}"));
        Ok(Some((Going { live, recording, title, utc_offset_secs, end: None, asked: None, by_code: false, follows: None }, sinks)))
    }

    /// What was kept of an exam, checked again.
    fn place(&self, recording: RecordingId) -> anyhow::Result<Place> {
        let enrolment = enrol::load(&self.home.spool.layout.recording(recording), self.home.device.public())?;
        let enrolment = enrolment.with_context(|| format!("what recording {recording} needs is not on this computer"))?;
        enrol::not_before(enrolment.answer.server_time_ms);
        let now_ms = enrol::now_ms();
        let recipients = enrolment.recipients(self.home.device.public(), now_ms)?;
        let addresses: Vec<String> = self.config.servers.iter().cloned().chain(enrolment.addresses()).collect();
        let server = Server::known(&addresses, &enrolment.trust()?, now_ms)?;
        Ok(Place { server, enrolment, recipients })
    }
}
