//! The receipt of a recording (format.md 7): what is stored and what is not, by the same account as the views, and signed.

use super::index::Index;
use super::missing::{self, Asked};
use super::timeline::pictures;
use super::{Known, Seen, compute, load, place};
use crate::db::entities::{exams, recordings};
use crate::disconnects;
use crate::state::AppState;
use anyhow::Context;
use invigil_format::{Fingerprint, MissingCause, MissingStretch, ReceiptFile, RecordingReceipt, Role, Subject, TrackTotal};
use invigil_rules::Interval;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::BTreeMap;
use tokio::sync::Semaphore;

/// Receipts that are computed at once: agents ask for them, and keep no person waiting who looks at a recording.
static RECEIPTS: Semaphore = Semaphore::const_new(1);

/// What the server holds of a recording now. Only stored segments count.
///
/// # Errors
/// When the database fails, the exam's policy is gone, or the server key is not certified now.
pub async fn receipt(state: &AppState, exam: &exams::Model, row: &recordings::Model) -> anyhow::Result<ReceiptFile> {
    let now_ms = disconnects::now_ms(state);
    let report = disconnects::report(&state.db, &state.policies, exam, row, now_ms).await?;
    let place = place(&RECEIPTS).await?;
    let known = load(state, row).await?;
    let (institution, exam, row) = (state.institution, exam.clone(), row.clone());
    let receipt = compute(place, move || {
        let asked = Asked { row: &row, outages: &report.outages, live: false, now_ms };
        of_known(institution, &exam, &asked, &known)
    });
    let receipt = receipt.await??;
    let key = Subject::from(state.server_key.public());
    let current = state.trust_store.current(Role::Server, now_ms).filter(|(certificate, _)| certificate.subject == key);
    let file = ReceiptFile {
        institution: state.trust.institution,
        certificates: current.map(|(_, statement)| statement.clone()).collect(),
        receipt: state.server_key.state(&receipt).context("sign the receipt of a recording")?,
    };
    file.check(state.institution).context("check the receipt of a recording that was just made")?;
    Ok(file)
}

/// The receipt, computed.
fn of_known(institution: Fingerprint, exam: &exams::Model, asked: &Asked<'_>, known: &Known) -> anyhow::Result<RecordingReceipt> {
    let (row, now_ms) = (asked.row, asked.now_ms);
    let stored: Vec<Seen> = known.seen.iter().filter(|seen| seen.row.state == "stored").cloned().collect();
    let covered = pictures(&stored);
    let window = missing::window(row, now_ms);
    let window = Interval::new(window.from_ms, window.to_ms.max(window.from_ms));
    let index = Index::new(known);
    let refused = missing::refused(&index, now_ms);
    let missing: Vec<MissingStretch> = missing::stretches(asked, &index, &covered)
        .into_iter()
        .map(|stretch| {
            let hole = Interval::new(stretch.from_ms, stretch.to_ms);
            let cause = match word(&stretch.cause).unwrap_or(MissingCause::Unknown) {
                MissingCause::NotYetUploaded if refused.overlap_ms(hole) * 2 >= hole.len_ms() => MissingCause::Refused,
                cause => cause,
            };
            MissingStretch { from_ms: stretch.from_ms, to_ms: stretch.to_ms, cause }
        })
        .collect();
    let missing_ms: i64 = missing.iter().map(length).sum();
    let (missing, unlisted_ms) = longest(missing);
    let totals = totals(&stored, window)?;
    let count = |wanted: &str| known.seen.iter().filter(|seen| seen.row.state == wanted).count() as u64;
    Ok(RecordingReceipt {
        institution,
        exam: exam.uuid.parse().context("read an exam's row")?,
        recording: row.uuid.parse().context("read a recording's row")?,
        starts_ms: row.starts_ms,
        ends_ms: row.ends_ms + row.extra_ms,
        until_ms: window.to_ms,
        finished: row.finished_ms.is_some(),
        expected_ms: window.len_ms(),
        stored_ms: window.len_ms() - missing_ms,
        missing,
        unlisted_ms,
        segments: totals.iter().map(|track| track.segments).sum(),
        size_bytes: totals.iter().map(|track| track.size_bytes).sum(),
        tracks: totals,
        waiting_segments: count("incoming"),
        refused_segments: count("refused"),
        utc_offset_secs: exam.utc_offset_secs,
        made_ms: now_ms,
    })
}

/// Stored segments track by track; pictures too.
fn totals(stored: &[Seen], window: Interval) -> anyhow::Result<Vec<TrackTotal>> {
    let mut by_track: BTreeMap<&str, Vec<&Seen>> = BTreeMap::new();
    for seen in stored {
        by_track.entry(&seen.row.track).or_default().push(seen);
    }
    let total = |(track, seen): (&str, Vec<&Seen>)| -> anyhow::Result<TrackTotal> {
        let covers = seen.iter().flat_map(|seen| &seen.covers).copied().collect();
        let media_us: i64 = seen.iter().filter_map(|seen| seen.row.duration_us).sum();
        let kind = seen.iter().find_map(|seen| word(seen.kind.as_deref()?)).context("a stored segment has no known kind")?;
        Ok(TrackTotal {
            track: track.parse().context("read a segment's row")?,
            kind,
            segments: seen.len() as u64,
            size_bytes: seen.iter().map(|seen| seen.size_bytes).sum(),
            media_ms: media_us / 1000,
            stored_ms: window.len_ms() - missing::uncovered(window, covers),
        })
    };
    by_track.into_iter().take(RecordingReceipt::MAX_TRACKS).map(total).collect()
}

/// The longest stretches that fit, in order, and the length of the others.
fn longest(mut stretches: Vec<MissingStretch>) -> (Vec<MissingStretch>, i64) {
    stretches.sort_by_key(|stretch| std::cmp::Reverse(length(stretch)));
    let others = stretches.split_off(stretches.len().min(RecordingReceipt::MAX_MISSING));
    stretches.sort_by_key(|stretch| stretch.from_ms);
    (stretches, others.iter().map(length).sum())
}

fn length(stretch: &MissingStretch) -> i64 {
    stretch.to_ms - stretch.from_ms
}

/// A word of the views as the format's.
fn word<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_value(Value::String(text.to_owned())).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_stretches_are_listed_and_the_others_add_up() {
        let stretch = |n: i64, ms: i64| MissingStretch { from_ms: n * 10_000, to_ms: n * 10_000 + ms, cause: MissingCause::Unknown };
        let all: Vec<_> = (0..402).map(|n| stretch(n, if n == 7 { 500 } else { 600 + n })).collect();
        let (listed, unlisted_ms) = longest(all.clone());
        assert_eq!((listed.len(), unlisted_ms), (400, 500 + 600));
        assert!(listed.windows(2).all(|pair| pair[0].to_ms <= pair[1].from_ms) && !listed.contains(&all[7]) && !listed.contains(&all[0]));
        assert_eq!(longest(all[..3].to_vec()), (all[..3].to_vec(), 0));
    }

    #[test]
    fn every_cause_of_the_views_is_one_of_the_format() {
        let causes = [
            "not-joined",
            "agent-stopped",
            "power-or-reboot",
            "suspended",
            "camera-lost",
            "capture-paused",
            "computer-too-busy",
            "not-yet-uploaded",
            "unknown",
        ];
        for cause in causes {
            assert!(word::<MissingCause>(cause).is_some(), "{cause}");
        }
    }
}
