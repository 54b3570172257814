//! Ending: capture first, then the journal, then the upload of everything that is left.

use super::earlier::Earlier;
use super::{Begun, Cameras, Home, Live, Options, Outcome};
use crate::account::Account;
use crate::link::LinkState;
use crate::progress::Progress;
use crate::receipt;
use crate::upload::{Records, Uploads};
use anyhow::Context as _;
use invigil_format::FinishedBy;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// How long an earlier exam's recording may stand still before the end does not wait for it, us; longer than the upload's longest pause.
const OTHERS_PATIENCE_US: u64 = 30_000_000;

/// How long a shutting down computer is held up for what waits in the spool: systems kill what has not ended after 20 s and more.
const SHUTDOWN_PATIENCE: Duration = Duration::from_secs(5);

/// How long the end waits for a receipt when everything is stored: the server answered a moment ago.
const RECEIPT_PATIENCE: Duration = Duration::from_secs(20);

/// Why capture ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Somebody at this computer said that it is over: SIGINT (Ctrl-C).
    Stopped,
    /// The system ends this program, as it does when the computer shuts down: SIGTERM. The exam is not over thereby.
    Terminated,
    /// The time that was asked for is over.
    Duration,
    /// The invigilator said so at this computer.
    Collected,
    /// Somebody ended the recording on the server's side.
    FinishedByServer,
    /// Its footage has expired.
    Expired,
}

impl End {
    /// For the journal.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Stopped => "stopped",
            Self::Terminated => "the system ended the program",
            Self::Duration => "duration over",
            Self::Collected => "the papers are collected",
            Self::FinishedByServer => "finished by the server",
            Self::Expired => "expired",
        }
    }

    /// Whether the recording ends with it, and not this run alone.
    fn is_for_good(self) -> bool {
        self != Self::Terminated
    }
}

/// SIGINT and SIGTERM.
pub struct Signals {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
}

impl Signals {
    /// Listens from now on.
    ///
    /// # Errors
    /// When the system does not let it.
    pub fn new() -> anyhow::Result<Self> {
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

    /// Such as nobody sends: a test program is still ended by the others.
    #[cfg(test)]
    pub(crate) fn silent() -> anyhow::Result<Self> {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            Ok(Self { terminate: signal(SignalKind::user_defined1())?, interrupt: signal(SignalKind::user_defined2())? })
        }
        #[cfg(not(unix))]
        Ok(Self {})
    }

    /// Waits for the next one, and says what it means.
    pub async fn next(&mut self) -> End {
        #[cfg(unix)]
        tokio::select! {
            _ = self.terminate.recv() => End::Terminated,
            _ = self.interrupt.recv() => End::Stopped,
        }
        #[cfg(not(unix))]
        {
            let _ = tokio::signal::ctrl_c().await;
            End::Stopped
        }
    }
}

/// Waits for whatever ends capture.
pub(super) async fn wait(duration: Option<Duration>, account: &Account, link: &LinkState, signals: &mut Signals) -> End {
    let duration = async {
        match duration {
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
        end = signals.next() => end,
        () = duration => End::Duration,
        end = word => end,
    }
}

/// Closes the segments, ends the journal, uploads the rest. A second signal leaves at once: the spool keeps the rest.
#[expect(clippy::too_many_arguments, reason = "everything that an end touches, named once")]
pub(super) async fn finish(
    options: &Options,
    home: &Home,
    live: &mut Live,
    cameras: Cameras,
    earlier: &mut Earlier,
    end: End,
    signals: &mut Signals,
    progress: &Progress,
) -> anyhow::Result<Outcome> {
    let by_agent = !options.no_finish && end.is_for_good() && end != End::FinishedByServer;
    let abandon = live.abandon.clone();
    let closing = async {
        tokio::task::spawn_blocking(move || cameras.join()).await.context("closing the cameras broke down")?;
        live.close(end, by_agent.then_some(FinishedBy::Agent)).await
    };
    tokio::select! {
        closed = closing => closed?,
        _ = signals.next() => {
            abandon.stop();
            return Ok(Outcome::Left);
        }
    }
    let drained = async {
        // As long as nobody has looked what earlier exams left, nobody can say that all is stored.
        if earlier.is_looking() {
            earlier.found(home).await;
            earlier.bring_up(home, |task| live.spawn(task));
        }
        let rest = Rest { begun: &live.begun, others: earlier.uploads() };
        let mut patience = Patience::new(rest.of_others(), invigil_clock::boottime_us());
        let mut enough = || rest.is_drained(false) && patience.is_over(rest.of_others(), invigil_clock::boottime_us());
        while !rest.is_drained(true) && !enough() {
            let _ = tokio::time::timeout(Duration::from_millis(300), rest.begun.queue.changed.notified()).await;
        }
    };
    let limit = async {
        let shutdown = (!end.is_for_good()).then_some(SHUTDOWN_PATIENCE);
        match options.drain.into_iter().chain(shutdown).min() {
            Some(limit) => invigil_clock::sleep(limit).await,
            None => std::future::pending().await,
        }
    };
    // A receipt is worth waiting for once everything is there; before, it says at once what is not.
    let patience = tokio::select! {
        () = drained => Some(RECEIPT_PATIENCE),
        () = limit => Some(Duration::from_secs(3)),
        _ = signals.next() => None,
    };
    let rest = Rest { begun: &live.begun, others: earlier.uploads() };
    if let Some(patience) = patience {
        tokio::select! {
            () = receipts(options, home, &rest, patience, progress) => {}
            _ = signals.next() => {}
        }
    }
    let begun = &live.begun;
    let drained = !earlier.is_looking() && rest.is_drained(true);
    let unread = begun.queue.has_unread() || rest.records().any(Records::has_unread);
    let refused = begun.queue.refused.load(Ordering::SeqCst) > 0 || begun.records.has_refused();
    let all = drained && !unread && !refused;
    Ok(if begun.account.is_expired() {
        Outcome::Expired
    } else if all {
        Outcome::Stored
    } else {
        Outcome::Left
    })
}

/// Asks for the receipt of this recording, and of those of earlier exams that have arrived since their last receipt.
async fn receipts(options: &Options, home: &Home, rest: &Rest<'_>, patience: Duration, progress: &Progress) {
    let names = &home.spool.layout;
    let others = rest.others.iter().filter(|uploads| uploads.records.is_complete()).map(|uploads| &uploads.account);
    let others = others.filter(|account| !account.is_expired()).map(|account| (account, names.recording_receipt(account.recording)));
    for (account, path) in others.filter(|(account, path)| !receipt::is_final(path, account.fingerprint, account.recording)) {
        receipt::bring(account, &path, patience.min(Duration::from_secs(5)), progress).await;
    }
    if !rest.begun.account.is_expired() {
        let path = options.receipt.clone().unwrap_or_else(|| names.recording_receipt(rest.begun.run.recording));
        receipt::bring(&rest.begun.account, &path, patience, progress).await;
    }
}

/// What has still to go up: of this recording and of earlier exams' ones.
struct Rest<'a> {
    begun: &'a Begun,
    others: &'a [Uploads],
}

impl Rest<'_> {
    fn records(&self) -> impl Iterator<Item = &Records> {
        self.others.iter().map(|uploads| &*uploads.records).chain([&*self.begun.records])
    }

    /// Nothing waits in the spool any more, of this recording or, if they count, of those of earlier exams.
    fn is_drained(&self, with_others: bool) -> bool {
        let begun = self.begun;
        let others = self.others.iter().filter(|_| with_others).map(|uploads| (&uploads.account, &uploads.records));
        let mut all = others.chain([(&begun.account, &begun.records)]);
        let recording = begun.run.recording;
        // Before the look at what is pending: what was read in between is pending.
        let reads = if with_others { begun.queue.to_read() > 0 } else { begun.queue.is_reading(recording) };
        let mut pending = begun.queue.pending();
        pending.retain(|segment| !self.records().any(|records| records.hold_back(segment)));
        !reads
            && pending.iter().all(|segment| !with_others && segment.recording != recording)
            && all.all(|(account, records): (&Arc<Account>, _)| account.is_expired() || records.is_complete())
    }

    /// What earlier exams' recordings still have to send: segments, bytes, and recordings with records.
    fn of_others(&self) -> (usize, u64, usize) {
        let mut segments = self.begun.queue.pending();
        segments.retain(|segment| segment.recording != self.begun.run.recording);
        let bytes =
            segments.iter().map(|segment| segment.state()).map(|state| state.synced_bytes.saturating_sub(state.acknowledged_bytes)).sum();
        (segments.len() + self.begun.queue.to_read(), bytes, self.others.iter().filter(|uploads| !uploads.records.is_complete()).count())
    }
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
