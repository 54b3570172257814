//! Ending: capture first, then the journal, then the upload of everything that is left.

use super::{Begun, End, Options, Outcome};
use crate::account::Account;
use crate::capture::Stop;
use crate::disk;
use crate::link::LinkState;
use crate::pipeline::Pipeline;
use crate::progress::Progress;
use crate::receipt;
use crate::spool::layout;
use anyhow::Context as _;
use invigil_format::{Event, FinishedBy};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// How long an earlier exam's recording may stand still before the end does not wait for it, us; longer than the upload's longest pause.
const OTHERS_PATIENCE_US: u64 = 30_000_000;

/// How long the end waits for a receipt when everything is stored: the server answered a moment ago.
const RECEIPT_PATIENCE: Duration = Duration::from_secs(20);

/// SIGINT and SIGTERM.
pub(super) struct Signals {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
}

impl Signals {
    pub(super) fn new() -> anyhow::Result<Self> {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            let failed = "listening for signals failed";
            Ok(Self {
                terminate: signal(SignalKind::terminate()).context(failed)?,
                interrupt: signal(SignalKind::interrupt()).context(failed)?,
            })
        }
        #[cfg(not(unix))]
        Ok(Self {})
    }

    pub(super) async fn next(&mut self) {
        #[cfg(unix)]
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
        #[cfg(not(unix))]
        let _ = tokio::signal::ctrl_c().await;
    }
}

/// Waits for whatever ends capture.
pub(super) async fn wait(options: &Options, account: &Account, link: &LinkState, signals: &mut Signals) -> End {
    let duration = async {
        match options.duration {
            Some(duration) => invigil_clock::sleep(duration).await,
            None => std::future::pending().await,
        }
    };
    let word = async {
        loop {
            if account.is_expired() {
                return End::Expired;
            }
            if link.finished.load(Ordering::SeqCst) {
                return End::FinishedByServer;
            }
            let _ = tokio::time::timeout(Duration::from_secs(1), link.changed.notified()).await;
        }
    };
    tokio::select! {
        () = signals.next() => End::Signal,
        () = duration => End::Duration,
        end = word => end,
    }
}

/// Closes the segments, ends the journal, uploads the rest. A second signal leaves at once: the spool keeps the rest.
pub(super) async fn finish(
    options: &Options,
    begun: Begun,
    tracks: Vec<Pipeline>,
    end: End,
    abandon: &Stop,
    signals: &mut Signals,
    progress: &Progress,
) -> anyhow::Result<Outcome> {
    let closing = tokio::task::spawn_blocking({
        let (journal, folder, no_finish) = (begun.journal.clone(), begun.folder.clone(), options.no_finish);
        let abandon = abandon.clone();
        move || -> anyhow::Result<()> {
            let ended: Vec<_> = tracks.iter().map(|track| (track.track.clone(), track.camera.clone())).collect();
            tracks.into_iter().for_each(Pipeline::join);
            if end == End::Expired {
                return Ok(());
            }
            for (track, camera) in ended {
                journal.record(Event::TrackEnded { track, camera, reason: end.reason().into() });
            }
            if !no_finish && end != End::FinishedByServer {
                let mark = || disk::write_atomic(&layout::finish(&folder), b"");
                disk::insist(mark, |_| !abandon.is_stopped()).context("noting that the recording is to be finished failed")?;
                journal.record(Event::Finished { by: FinishedBy::Agent });
            }
            journal.record_durably(Event::RunEnded { reason: end.reason().into() });
            Ok(())
        }
    });
    tokio::select! {
        closed = closing => closed.context("closing the segments broke down")??,
        () = signals.next() => {
            abandon.stop();
            return Ok(Outcome::Left);
        }
    }
    begun.records.entries(begun.run.run, begun.journal.entries());
    let drained = async {
        let mut others = Patience::new(rest_of_others(&begun), invigil_clock::boottime_us());
        let mut enough = || is_drained(&begun, false) && others.is_over(rest_of_others(&begun), invigil_clock::boottime_us());
        while !is_drained(&begun, true) && !enough() {
            let _ = tokio::time::timeout(Duration::from_millis(300), begun.queue.changed.notified()).await;
        }
    };
    let limit = async {
        match options.drain {
            Some(limit) => invigil_clock::sleep(limit).await,
            None => std::future::pending().await,
        }
    };
    // A receipt is worth waiting for once everything is there; before, it says at once what is not.
    let patience = tokio::select! {
        () = drained => Some(RECEIPT_PATIENCE),
        () = limit => Some(Duration::from_secs(3)),
        () = signals.next() => None,
    };
    if let Some(patience) = patience {
        tokio::select! {
            () = receipts(options, &begun, patience, progress) => {}
            () = signals.next() => {}
        }
    }
    let all = is_drained(&begun, true) && begun.queue.refused.load(Ordering::SeqCst) == 0 && !begun.records.has_refused();
    Ok(if begun.account.is_expired() {
        Outcome::Expired
    } else if all {
        Outcome::Stored
    } else {
        Outcome::Left
    })
}

/// Asks for the receipt of this recording, and of those of earlier exams that have arrived since their last receipt.
async fn receipts(options: &Options, begun: &Begun, patience: Duration, progress: &Progress) {
    let names = &begun.spool.layout;
    let others = begun.others.iter().filter(|uploads| uploads.records.is_complete()).map(|uploads| &uploads.account);
    let others = others.filter(|account| !account.is_expired()).map(|account| (account, names.recording_receipt(account.recording)));
    for (account, path) in others.filter(|(account, path)| !receipt::is_final(path, account.fingerprint, account.recording)) {
        receipt::bring(account, &path, patience.min(Duration::from_secs(5)), progress).await;
    }
    if !begun.account.is_expired() {
        let path = options.receipt.clone().unwrap_or_else(|| names.recording_receipt(begun.run.recording));
        receipt::bring(&begun.account, &path, patience, progress).await;
    }
}

/// Nothing waits in the spool any more, of this recording or, if they count, of those of earlier exams.
fn is_drained(begun: &Begun, with_others: bool) -> bool {
    let others = begun.others.iter().filter(|_| with_others).map(|uploads| (&uploads.account, &uploads.records));
    let mut all = others.chain([(&begun.account, &begun.records)]);
    let recording = begun.run.recording;
    begun.queue.pending().iter().all(|segment| !with_others && segment.recording != recording)
        && all.all(|(account, records): (&Arc<Account>, _)| account.is_expired() || records.is_complete())
}

/// What earlier exams' recordings still have to send: segments, bytes, and recordings with records.
fn rest_of_others(begun: &Begun) -> (usize, u64, usize) {
    let mut segments = begun.queue.pending();
    segments.retain(|segment| segment.recording != begun.run.recording);
    let bytes =
        segments.iter().map(|segment| segment.state()).map(|state| state.synced_bytes.saturating_sub(state.acknowledged_bytes)).sum();
    (segments.len(), bytes, begun.others.iter().filter(|uploads| !uploads.records.is_complete()).count())
}

/// Bears with earlier exams' recordings as long as they get on: their server may be gone for good.
struct Patience<T> {
    rest: T,
    since_us: u64,
}

impl<T: PartialEq> Patience<T> {
    fn new(rest: T, now_us: u64) -> Self {
        Self { rest, since_us: now_us }
    }

    fn is_over(&mut self, rest: T, now_us: u64) -> bool {
        if rest != self.rest {
            *self = Self::new(rest, now_us);
        }
        now_us.saturating_sub(self.since_us) >= OTHERS_PATIENCE_US
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn earlier_recordings_are_waited_for_only_while_they_get_on() {
        let mut patience = Patience::new(5, 0);
        assert!(!patience.is_over(5, OTHERS_PATIENCE_US - 1));
        assert!(!patience.is_over(4, OTHERS_PATIENCE_US));
        assert!(!patience.is_over(4, 2 * OTHERS_PATIENCE_US - 1));
        assert!(patience.is_over(4, 2 * OTHERS_PATIENCE_US));
    }
}
