//! What recordings that have ended still have to send; each ends with its receipt.

use super::{Home, Outcome, Signals, others};
use crate::account::Pass;
use crate::link::LinkState;
use crate::progress::Progress;
use crate::receipt;
use crate::spool::{Segment, runs};
use crate::upload::Uploads;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::task::JoinSet;

/// How long a receipt is waited for when everything is stored.
const RECEIPT: Duration = Duration::from_secs(60);

/// Whether what a disk holds back is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeldBack {
    /// For ever, as a service does, which lives for weeks.
    Wait,
    /// Not after some tries.
    Leave,
}

/// Uploads what one recording left, until nothing is left or it has expired, and gets its receipt.
pub async fn bring(home: Arc<Home>, progress: Arc<Progress>, uploads: Uploads, pass: Pass, held_back: HeldBack) {
    let (account, records, queue) = (Arc::clone(&uploads.account), Arc::clone(&uploads.records), Arc::clone(&uploads.queue));
    let recording = account.recording;
    let done = async {
        let waits = |segment: &Arc<Segment>| segment.recording == recording && (held_back == HeldBack::Wait || !records.hold_back(segment));
        let records_wait = || !records.is_complete() || (held_back == HeldBack::Wait && records.has_unread());
        while records_wait() || queue.is_reading(recording) || queue.pending().iter().any(waits) {
            let _ = tokio::time::timeout(Duration::from_millis(500), queue.changed.notified()).await;
        }
        let path = home.spool.layout.recording_receipt(recording);
        if !account.is_expired() && !receipt::is_final(&path, account.fingerprint, recording) {
            receipt::bring(&account, &path, RECEIPT, &progress).await;
        }
    };
    tokio::select! {
        () = done => {}
        // These end only when the recording has expired.
        () = uploads.run() => {}
        () = account.keep_renewed(&pass, &home.device) => {}
    }
}

/// Uploads what all recordings in a spool left, and records nothing. Ends when nothing is left, at a signal, or after `patience`.
///
/// # Errors
/// When the spool cannot be used, or another agent uses it.
pub async fn upload(spool: &Path, json: bool, patience: Option<Duration>) -> anyhow::Result<Outcome> {
    let progress = Arc::new(Progress::new(json));
    let mut signals = Signals::new()?;
    let home = Arc::new(Home::open(spool)?);
    let mut rest = others(&home, None, &Arc::<LinkState>::default()).await?;
    // What was joined ahead and not recorded yet has nothing to send.
    rest.retain(|uploads| !runs(&home.spool.layout, uploads.account.recording).is_empty());
    let waiting = |rest: &[Uploads]| {
        let unfinished = rest.iter().filter(|uploads| !uploads.account.is_expired() && !uploads.records.is_complete()).count();
        (home.queue.waiting(), unfinished)
    };
    let (segments, recordings) = waiting(&rest);
    progress.event("uploading", &format!("{segments} segments and the records of {recordings} recordings wait here; nothing is recorded"));
    let mut tasks = JoinSet::new();
    for uploads in &rest {
        tasks.spawn(bring(Arc::clone(&home), Arc::clone(&progress), uploads.clone(), Pass::Nothing, HeldBack::Leave));
    }
    let limit = async {
        match patience {
            Some(patience) => invigil_clock::sleep(patience).await,
            None => std::future::pending().await,
        }
    };
    let done = async { while tasks.join_next().await.is_some() {} };
    let shown = async {
        loop {
            invigil_clock::sleep(Duration::from_secs(5)).await;
            progress.event("uploading", &format!("{} segments wait, {} KiB", home.queue.waiting(), home.queue.spooled_bytes() >> 10));
        }
    };
    tokio::select! {
        () = done => {}
        () = limit => {}
        () = shown => {}
        _ = signals.next() => {}
    }
    let (segments, recordings) = waiting(&rest);
    let refused = home.queue.refused.load(Ordering::SeqCst) > 0 || rest.iter().any(|uploads| uploads.records.has_refused());
    let unread = home.queue.has_unread() || rest.iter().any(|uploads| uploads.records.has_unread());
    let outcome = if segments == 0 && recordings == 0 && !refused && !unread { Outcome::Stored } else { Outcome::Left };
    let text = match outcome {
        Outcome::Stored => "everything is stored on the server".to_owned(),
        _ if refused => "the server refused something that stays here: ask the IT staff, and keep this folder".to_owned(),
        _ if unread => {
            "the disk fails at something that stays here (its log names it): keep this folder, and start again when the disk is well"
                .to_owned()
        }
        _ => format!("{segments} segments and the records of {recordings} recordings still wait here; start again to send them"),
    };
    progress.event("ended", &text);
    Ok(outcome)
}
