//! What recordings that have ended still have to send, in the background of whatever is recorded now; each ends with its receipt.

use super::state::Kept;
use crate::account::Pass;
use crate::disk;
use crate::link::LinkState;
use crate::progress::Progress;
use crate::run::{HeldBack, Home, bring, in_spool, these};
use crate::spool::{Layout, layout, runs};
use crate::upload::Uploads;
use invigil_format::RecordingId;
use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::Arc;
use tokio::task::{AbortHandle, JoinHandle, JoinSet};

/// Recordings whose rest goes up.
pub(super) struct Rest {
    home: Arc<Home>,
    progress: Arc<Progress>,
    tasks: JoinSet<()>,
    of: HashMap<RecordingId, AbortHandle>,
    /// Looks through what earlier lives left of these.
    looking: VecDeque<(BTreeSet<RecordingId>, JoinHandle<Vec<Uploads>>)>,
}

impl Rest {
    pub(super) fn new(home: Arc<Home>, progress: Arc<Progress>) -> Self {
        Self { home, progress, tasks: JoinSet::new(), of: HashMap::new(), looking: VecDeque::new() }
    }

    /// Begins to look through what earlier lives left in the spool, which may take minutes; [`Rest::found`] gives it. Recordings that go on and those that may still
    /// begin are left alone: their next run takes up what is theirs. So are those that `is_busy` names: somebody deals with them.
    pub(super) fn look(&mut self, kept: &Kept, now_ms: i64, is_busy: impl Fn(RecordingId) -> bool) {
        let (but, names) = (left_alone(kept, now_ms), &self.home.spool.layout);
        let mut over = in_spool(names, &self.home.queue);
        // What was taken ahead and not recorded has nothing to send.
        over.retain(|recording| !but.contains(recording) && !runs(names, *recording).is_empty());
        over.retain(|recording| !self.looks_at(*recording) && !is_busy(*recording));
        self.look_through(over, kept.ended.clone());
    }

    /// The same for one recording that somebody has ended while no run of it went on.
    pub(super) fn look_again(&mut self, recording: RecordingId) {
        self.forget(recording);
        if !runs(&self.home.spool.layout, recording).is_empty() {
            self.look_through(vec![recording], vec![recording]);
        }
    }

    /// `ended` are to be finished on the server.
    fn look_through(&mut self, over: Vec<RecordingId>, ended: Vec<RecordingId>) {
        let (home, of) = (Arc::clone(&self.home), over.iter().copied().collect());
        let task = tokio::spawn(async move {
            let names = home.spool.layout.clone();
            let _ = tokio::task::spawn_blocking(move || mark_finished(&names, &ended)).await;
            these(&home, over, &Arc::<LinkState>::default()).await.unwrap_or_else(|error| {
                tracing::error!(error = format!("{error:#}"), "earlier recordings in the spool could not be taken up");
                Vec::new()
            })
        });
        self.looking.push_back((of, task));
    }

    /// Waits for what was found; forever if nobody looks.
    pub(super) async fn found(&mut self) -> Vec<Uploads> {
        let Some((_, task)) = self.looking.front_mut() else { return std::future::pending().await };
        let found = task.await;
        self.looking.pop_front();
        found.inspect_err(|error| tracing::error!(%error, "looking through the spool broke down")).unwrap_or_default()
    }

    /// Whether this recording is being looked at: it must not begin meanwhile.
    pub(super) fn looks_at(&self, recording: RecordingId) -> bool {
        self.looking.iter().any(|(of, _)| of.contains(&recording))
    }

    /// Brings up what was found.
    pub(super) fn take_up(&mut self, found: Vec<Uploads>, pass: &Pass) {
        found.into_iter().for_each(|uploads| self.bring(uploads, pass.clone()));
    }

    /// Brings one up.
    pub(super) fn bring(&mut self, uploads: Uploads, pass: Pass) {
        let recording = uploads.account.recording;
        while self.tasks.try_join_next().is_some() {}
        let task = self.tasks.spawn(bring(Arc::clone(&self.home), Arc::clone(&self.progress), uploads, pass, HeldBack::Wait));
        self.of.retain(|_, task| !task.is_finished());
        self.of.insert(recording, task);
    }

    /// It is recorded again: its new run takes up what is left.
    pub(super) fn forget(&mut self, recording: RecordingId) {
        if let Some(task) = self.of.remove(&recording) {
            task.abort();
            self.home.queue.forget(recording);
        }
    }
}

/// Recordings that go on, or may begin.
fn left_alone(kept: &Kept, now_ms: i64) -> BTreeSet<RecordingId> {
    let ended = kept.ended();
    let open = kept.slots(None).into_iter().filter(|slot| slot.stays || now_ms < slot.ends_ms).map(|slot| slot.recording);
    open.chain(kept.going_on()).filter(|recording| !ended.contains(recording)).collect()
}

/// The word that a recording is finished may have been cut off; said twice it does no harm.
fn mark_finished(names: &Layout, ended: &[RecordingId]) {
    for recording in ended {
        if let Some(run) = runs(names, *recording).last().copied()
            && let Err(error) = disk::write_atomic(&layout::finish(&names.run(*recording, run)), b"")
        {
            tracing::warn!(%error, %recording, "noting that the recording is to be finished failed");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::tests::Hall;
    use invigil_format::ExamId;
    use invigil_wire::agent::ExamInfo;
    use invigil_wire::room::RoomExam;

    fn exam(n: u8, ends_ms: i64, begun: bool) -> RoomExam {
        let id = ExamId::from_random([n; 16]);
        let exam = ExamInfo { id, title: "T".into(), discipline: "D".into(), starts_ms: 1, ends_ms, utc_offset_secs: 0 };
        RoomExam { recording: RecordingId::from_random([n; 16]), exam, lead_ms: 0, ended_ms: None, by_code: false, begun }
    }

    #[test]
    fn what_goes_on_or_may_begin_is_left_alone_and_what_is_over_is_not() {
        let [goes_on, comes, waits, missed, ended] = [(1, 50, false), (2, 200, false), (3, 50, true), (4, 50, false), (5, 200, false)]
            .map(|(n, ends_ms, begun)| exam(n, ends_ms, begun));
        let [a, b, c, d, e] = [&goes_on, &comes, &waits, &missed, &ended].map(|exam| exam.recording);
        let mut kept = Kept { exams: vec![goes_on, comes, waits, missed, ended], ..Kept::default() };
        kept.begin(a, false);
        kept.end(e);
        assert_eq!(left_alone(&kept, 100), [a, b, c].into());
        kept.end(a);
        assert_eq!(left_alone(&kept, 100), [b, c].into());
        assert!(!left_alone(&kept, 100).contains(&d));
    }

    #[tokio::test]
    async fn what_somebody_deals_with_is_not_looked_through_at_the_same_time() {
        let hall = Hall::new();
        let recording = hall.exam.recording;
        hall.home.spool.create_run(&hall.world.run(), &[]).unwrap();
        hall.state.update(|kept| kept.end(recording));
        let kept = hall.state.get();
        let mut rest = Rest::new(Arc::clone(&hall.home), Arc::new(Progress::new(false)));
        rest.look(&kept, 0, |busy| busy == recording);
        assert!(!rest.looks_at(recording), "it is recorded, or being closed");
        assert!(rest.found().await.is_empty());
        rest.look_again(recording);
        rest.look(&kept, 0, |_| false);
        assert!(rest.looks_at(recording));
        // Once, and then nothing.
        assert_eq!([rest.found().await.len(), rest.found().await.len()], [1, 0]);
        assert!(!rest.looks_at(recording) && rest.looking.is_empty());
    }
}
