//! A disk that cannot bear a new run may be full of footage that waits: it goes up meanwhile, so that there is room.

use super::Home;
use super::earlier::Earlier;
use crate::account::Pass;
use crate::upload::Uploads;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

/// How long the disk may take before that is begun: as a rule a run begins at once.
const PATIENCE: Duration = Duration::from_secs(2);

/// Who brings up what waits in the spool while a run cannot begin.
#[derive(Clone)]
pub struct Waiting {
    /// What the recording's token is renewed with.
    pub pass: Pass,
    /// Nobody else brings up the recordings of earlier exams.
    pub others: bool,
}

/// Brings up what earlier runs left, from the moment when the new one has to wait.
pub(super) struct MakeRoom {
    home: Arc<Home>,
    uploads: Uploads,
    waiting: Waiting,
    earlier: Option<Earlier>,
    tasks: JoinSet<()>,
    begun: bool,
}

impl MakeRoom {
    /// `uploads` are the recording's own.
    pub(super) fn new(home: &Arc<Home>, uploads: Uploads, waiting: Waiting) -> Self {
        Self { home: Arc::clone(home), uploads, waiting, earlier: None, tasks: JoinSet::new(), begun: false }
    }

    /// Waits for what needs the disk and does not say itself when that is full.
    pub(super) async fn wait_for<T>(&mut self, done: impl Future<Output = T>) -> T {
        let mut done = std::pin::pin!(done);
        if !self.begun {
            tokio::select! {
                biased;
                done = &mut done => return done,
                () = invigil_clock::sleep(PATIENCE) => {}
            }
            self.begin();
        }
        self.until(done).await
    }

    /// Waits for something.
    pub(super) async fn until<T>(&mut self, done: impl Future<Output = T>) -> T {
        let mut done = std::pin::pin!(done);
        loop {
            let looks = self.earlier.as_ref().is_some_and(Earlier::is_looking);
            tokio::select! {
                biased;
                done = &mut done => return done,
                () = Self::found(self.earlier.as_mut(), &self.home), if looks => {
                    self.earlier.iter().for_each(|earlier| earlier.bring_up(&self.home, |task| drop(self.tasks.spawn(task))));
                }
            }
        }
    }

    /// The disk has said that it cannot.
    pub(super) fn begin(&mut self) {
        if std::mem::replace(&mut self.begun, true) {
            return;
        }
        let (account, device, pass) = (Arc::clone(&self.uploads.account), self.home.device.clone(), self.waiting.pass.clone());
        self.tasks.spawn(async move { account.keep_renewed(&pass, &device).await });
        self.tasks.spawn(self.uploads.clone().run());
        if self.waiting.others {
            self.earlier = Some(Earlier::look(&self.home, self.uploads.account.recording, &self.uploads.link));
        }
    }

    /// The run has begun; from now on its own tasks bring up what waits. What was found of earlier exams is given on.
    pub(super) fn end(self) -> Option<Earlier> {
        self.earlier
    }

    async fn found(earlier: Option<&mut Earlier>, home: &Home) {
        if let Some(earlier) = earlier {
            earlier.found(home).await;
        }
    }
}
