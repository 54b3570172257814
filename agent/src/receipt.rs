//! The receipt of a recording (format.md 7): asked for at the end, checked, kept in a file for the person at the machine, said in plain words.

use crate::account::{Account, CallError};
use crate::disk;
use crate::progress::Progress;
use indicatif::HumanBytes;
use invigil_format::{Error, Fingerprint, MissingCause, ReceiptFile, RecordingId, RecordingReceipt};
use invigil_wire::agent::recording_receipt_path;
use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};
use reqwest::Method;
use std::fmt::Write;
use std::path::Path;
use std::time::Duration;

/// Longest answer, bytes: 64 KiB of receipt, escaped, and some certificates.
const MAX_BYTES: usize = 512 << 10;
/// Longest wait for one answer: the server looks at every segment of the recording.
const TIMEOUT: Duration = Duration::from_secs(20);
/// Distance of attempts.
const AGAIN: Duration = Duration::from_secs(1);

/// Why there is no receipt.
#[derive(Debug, thiserror::Error)]
pub enum ReceiptError {
    /// Asking failed.
    #[error("asking the server for the receipt failed: {0}")]
    Call(#[from] CallError),
    /// The answer is no receipt that counts.
    #[error("the server's receipt does not count: {0}")]
    Untrusted(#[from] Error),
    /// A receipt of something else.
    #[error("the server's receipt is for recording {0}")]
    OtherRecording(RecordingId),
    /// The answer is too long.
    #[error("the server's receipt is longer than {MAX_BYTES} bytes")]
    TooLong,
    /// Keeping it failed.
    #[error("writing the receipt {path} failed: {source}; choose another place with --receipt")]
    Disk {
        /// File.
        path: String,
        /// Cause.
        source: std::io::Error,
    },
}

impl ReceiptError {
    fn is_passing(&self) -> bool {
        match self {
            Self::Call(CallError::Network(_) | CallError::Unauthorized) => true,
            Self::Call(CallError::Refused { status, .. }) => *status >= 500 || *status == 429,
            _ => false,
        }
    }
}

/// Asks for the receipt until there is one or `patience` is over, keeps it at `path` and says it. What fails is said, too; it loses no footage.
pub async fn bring(account: &Account, path: &Path, patience: Duration, progress: &Progress) {
    let asked = async {
        loop {
            match fetch(account).await {
                Err(error) if error.is_passing() => {
                    tracing::debug!(%error, "no receipt yet");
                    invigil_clock::sleep(AGAIN).await;
                }
                other => return other,
            }
        }
    };
    let file = match tokio::time::timeout(patience, asked).await {
        Ok(file) => file,
        Err(_) => Err(CallError::Network("no answer in time".into()).into()),
    };
    let kept = file.and_then(|(file, receipt)| {
        let failed = |source| ReceiptError::Disk { path: path.display().to_string(), source };
        disk::write_atomic(path, file.to_json().as_bytes()).map_err(failed).map(|()| receipt)
    });
    match kept {
        Ok(receipt) => {
            let text = format!("{}\nreceipt kept in {}", describe(&receipt), path.display());
            progress.event_with("receipt", &text, &serde_json::json!({ "receipt": receipt, "file": path.display().to_string() }));
        }
        Err(error) => progress.event("no-receipt", &error.to_string()),
    }
}

async fn fetch(account: &Account) -> Result<(ReceiptFile, RecordingReceipt), ReceiptError> {
    let client = account.server.client().map_err(|error| CallError::Network(error.to_string()))?;
    let request = account.request(&client, Method::GET, &recording_receipt_path(account.recording)).timeout(TIMEOUT);
    let mut answer = account.send(request).await?;
    let mut body = Vec::new();
    while let Some(part) = answer.chunk().await.map_err(|error| CallError::Network(crate::enrol::causes(&error)))? {
        body.extend_from_slice(&part);
        if body.len() > MAX_BYTES {
            return Err(ReceiptError::TooLong);
        }
    }
    checked(&body, account.fingerprint, account.recording)
}

fn checked(body: &[u8], fingerprint: Fingerprint, recording: RecordingId) -> Result<(ReceiptFile, RecordingReceipt), ReceiptError> {
    let file = ReceiptFile::from_json(body)?;
    let receipt = file.check(fingerprint)?;
    if receipt.recording != recording {
        return Err(ReceiptError::OtherRecording(receipt.recording));
    }
    Ok((file, receipt))
}

/// Whether a kept receipt says that everything has arrived; without one, or with one that is none, not.
pub fn is_final(path: &Path, fingerprint: Fingerprint, recording: RecordingId) -> bool {
    let kept = std::fs::read(path).ok().and_then(|text| checked(&text, fingerprint, recording).ok());
    kept.is_some_and(|(_, receipt)| receipt.has_all_that_exists())
}

/// A receipt in plain words, several lines.
pub fn describe(receipt: &RecordingReceipt) -> String {
    let at = |ms| time(ms, receipt.utc_offset_secs);
    let mut text = format!("receipt of recording {}, made by the server {}", receipt.recording, at(receipt.made_ms));
    let mut line = |part: String| {
        // Writing to a text does not fail.
        let _ = write!(text, "\n{part}");
    };
    line(format!(
        "expected {} (from {} to {}{}), stored {}, missing {}",
        length(receipt.expected_ms),
        at(receipt.starts_ms),
        at(receipt.until_ms),
        if receipt.until_ms < receipt.ends_ms && !receipt.finished { ", the exam is not over" } else { "" },
        length(receipt.stored_ms),
        length(receipt.expected_ms - receipt.stored_ms),
    ));
    for stretch in &receipt.missing {
        let secs = length(stretch.to_ms - stretch.from_ms);
        line(format!("missing from {} to {} ({secs}): {}", at(stretch.from_ms), at(stretch.to_ms), words(stretch.cause)));
    }
    if receipt.unlisted_ms > 0 {
        line(format!("missing besides, in shorter stretches: {}", length(receipt.unlisted_ms)));
    }
    for track in &receipt.tracks {
        let (media, bytes) = (length(track.media_ms), HumanBytes(track.size_bytes));
        line(format!(
            "{}: {} segments, {bytes}, {media} in all, {} of what is expected",
            track.track,
            track.segments,
            length(track.stored_ms)
        ));
    }
    if receipt.waiting_segments > 0 {
        line(format!("not yet arrived whole: {} segments", receipt.waiting_segments));
    }
    if receipt.refused_segments > 0 {
        line(format!("not accepted, because damaged: {} segments; tell the IT staff", receipt.refused_segments));
    }
    text
}

fn words(cause: MissingCause) -> &'static str {
    match cause {
        MissingCause::NotJoined => "nobody had joined yet",
        MissingCause::AgentStopped => "the recording program was not running or had ended",
        MissingCause::PowerOrReboot => "the computer was off or started anew",
        MissingCause::Suspended => "the computer slept",
        MissingCause::CameraLost => "the camera delivered no pictures",
        MissingCause::CapturePaused => "this computer could not record: no room on its disk, or the disk failed",
        MissingCause::ComputerTooBusy => "this computer was too busy: its processor or its disk did not keep up",
        MissingCause::NotYetUploaded => "not yet arrived at the server",
        MissingCause::Refused => "arrived damaged and was not accepted",
        MissingCause::Unknown => "no cause is known",
    }
}

/// `1:02:03.4`, rounded down.
pub(crate) fn length(ms: i64) -> String {
    let tenths = ms.max(0) / 100;
    let secs = tenths / 10;
    format!("{}:{:02}:{:02}.{}", secs / 3600, secs / 60 % 60, secs % 60, tenths % 10)
}

/// A time with the exam's UTC offset.
pub(crate) fn time(ms: i64, offset_secs: i32) -> String {
    let zone = Offset::from_seconds(offset_secs).map_or(TimeZone::UTC, TimeZone::fixed);
    Timestamp::from_millisecond(ms)
        .map_or_else(|_| format!("{ms} ms"), |at| at.to_zoned(zone).strftime("%Y-%m-%d %H:%M:%S %:z").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::World;
    use invigil_format::{MissingStretch, TrackKind, TrackTotal};

    fn receipt(world: &World) -> RecordingReceipt {
        RecordingReceipt {
            institution: world.enrolment.fingerprint,
            exam: world.enrolment.answer.exam.id,
            recording: world.enrolment.answer.recording,
            starts_ms: 1_780_300_800_000,
            ends_ms: 1_780_300_800_000 + 3_600_000,
            until_ms: 1_780_300_800_000 + 60_000,
            finished: true,
            expected_ms: 60_000,
            stored_ms: 52_500,
            missing: vec![MissingStretch { from_ms: 1_780_300_810_000, to_ms: 1_780_300_817_500, cause: MissingCause::CameraLost }],
            unlisted_ms: 0,
            tracks: vec![TrackTotal {
                track: "cam0".parse().unwrap(),
                kind: TrackKind::Video,
                segments: 2,
                size_bytes: 3 << 20,
                media_ms: 3_660_000,
                stored_ms: 52_500,
            }],
            segments: 2,
            size_bytes: 3 << 20,
            waiting_segments: 0,
            refused_segments: 1,
            utc_offset_secs: 18_000,
            made_ms: 1_780_300_900_000,
        }
    }

    #[test]
    fn a_receipt_is_said_in_plain_words() {
        let said = describe(&receipt(&World::new()));
        let lines: Vec<&str> = said.lines().collect();
        assert_eq!(
            lines[1..],
            [
                "expected 0:01:00.0 (from 2026-06-01 13:00:00 +05:00 to 2026-06-01 13:01:00 +05:00), stored 0:00:52.5, missing 0:00:07.5",
                "missing from 2026-06-01 13:00:10 +05:00 to 2026-06-01 13:00:17 +05:00 (0:00:07.5): the camera delivered no pictures",
                "cam0: 2 segments, 3.00 MiB, 1:01:00.0 in all, 0:00:52.5 of what is expected",
                "not accepted, because damaged: 1 segments; tell the IT staff",
            ]
        );
        assert!(lines[0].ends_with("made by the server 2026-06-01 13:01:40 +05:00"), "{said}");
    }

    #[test]
    fn only_a_receipt_of_this_recording_and_institution_counts_and_only_a_whole_one_is_final() {
        let (dir, world) = (tempfile::tempdir().unwrap(), World::new());
        let (fingerprint, recording) = (world.enrolment.fingerprint, world.enrolment.answer.recording);
        let file = |receipt: &RecordingReceipt| ReceiptFile {
            institution: world.enrolment.institution,
            certificates: world.enrolment.answer.certificates.clone(),
            receipt: world.says(receipt),
        };
        let path = dir.path().join("receipt.json");
        let is_final_of = |receipt: &RecordingReceipt| {
            std::fs::write(&path, file(receipt).to_json()).unwrap();
            is_final(&path, fingerprint, recording)
        };
        let good = receipt(&world);
        assert!(!is_final(&path, fingerprint, recording));
        assert!(is_final_of(&good));
        assert!(!is_final_of(&RecordingReceipt { waiting_segments: 1, ..good.clone() }));
        let other = RecordingId::from_random([77; 16]);
        assert!(!is_final_of(&RecordingReceipt { recording: other, ..good.clone() }));
        let text = file(&good).to_json();
        assert!(matches!(checked(text.as_bytes(), fingerprint, other), Err(ReceiptError::OtherRecording(_))));
        let stranger = Fingerprint::of(&world.device.public());
        assert!(matches!(checked(text.as_bytes(), stranger, recording), Err(ReceiptError::Untrusted(Error::WrongInstitution { .. }))));
        let forged = ReceiptFile { receipt: world.device.state(&good).unwrap(), ..file(&good) };
        assert!(checked(forged.to_json().as_bytes(), fingerprint, recording).is_err());
    }
}
