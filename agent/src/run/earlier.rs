//! What earlier exams' recordings left in the spool goes up beside the one that is recorded now.

use super::{Home, others};
use crate::account::Pass;
use crate::link::LinkState;
use crate::upload::Uploads;
use futures_util::future::BoxFuture;
use invigil_format::RecordingId;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tokio::task::JoinHandle;

/// Recordings of earlier exams. Looking what they left reads all of it, which may take minutes: no exam begins later because of that.
pub(super) struct Earlier {
    looking: Option<JoinHandle<anyhow::Result<Vec<Uploads>>>>,
    found: Vec<Uploads>,
}

impl Earlier {
    /// Begins to look, in the background. `current` is the recording that goes on, `link` wakes the uploads after an outage.
    pub(super) fn look(home: &Arc<Home>, current: RecordingId, link: &Arc<LinkState>) -> Self {
        let (home, link) = (Arc::clone(home), Arc::clone(link));
        let looking = tokio::spawn(async move { others(&home, Some(current), &link).await });
        Self { looking: Some(looking), found: Vec::new() }
    }

    /// Nobody knows yet what they left.
    pub(super) fn is_looking(&self) -> bool {
        self.looking.is_some()
    }

    /// What was found so far.
    pub(super) fn uploads(&self) -> &[Uploads] {
        &self.found
    }

    /// Waits until it was found. May be dropped and called again.
    pub(super) async fn found(&mut self, home: &Home) {
        let Some(looking) = &mut self.looking else { return };
        let found = looking.await;
        self.looking = None;
        self.found = found.map_err(anyhow::Error::from).flatten().unwrap_or_else(|error| {
            // What is not taken up is not called stored.
            home.queue.unread.fetch_add(1, Ordering::SeqCst);
            tracing::error!(error = format!("{error:#}"), "earlier recordings in the spool could not be taken up");
            Vec::new()
        });
    }

    /// Gives the tasks that bring up what was found to `spawn`.
    pub(super) fn bring_up(&self, home: &Home, mut spawn: impl FnMut(BoxFuture<'static, ()>)) {
        for uploads in &self.found {
            let (account, device) = (Arc::clone(&uploads.account), home.device.clone());
            spawn(Box::pin(async move { account.keep_renewed(&Pass::Nothing, &device).await }));
            spawn(Box::pin(uploads.clone().run()));
        }
    }
}
