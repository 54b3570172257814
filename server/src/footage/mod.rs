//! Opening a recording's footage with a review key, offline: it needs the data folder and the review key, but neither a running server nor the server key.
//! What is missing, damaged or not authentic is named; the rest is opened all the same.

mod source;
mod write;

use crate::config::Config;
use crate::keys;
use crate::keystore::Keystore;
use crate::policies::Policies;
use crate::retention::Access;
use anyhow::{Context, bail};
use invigil_clock::Clock;
use invigil_format::recording::{RunInput, report_received};
use invigil_format::{ExamId, RecordingId, ReviewPrivateKey, RunId};
use serde::Serialize;
use source::{Piece, Source};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What was opened and what is wrong.
#[derive(Debug, Clone, Serialize)]
pub struct Opened {
    /// Recording.
    pub recording: RecordingId,
    /// Nothing that is known to have been recorded is missing, damaged or not authentic. What came after an unproven end nobody can know.
    pub whole: bool,
    /// The recording has expired: what is not here was destroyed, but for what a hold keeps.
    pub held_only: bool,
    /// Every run's journal has its signed end, so that nothing can be missing after it unnoticed.
    pub end_proven: bool,
    /// The runs of which the end is unproven.
    pub unproven_runs: Vec<RunId>,
    /// Files that were written.
    pub tracks: Vec<TrackFile>,
    /// What is wrong.
    pub problems: Vec<Problem>,
    /// What is no fault but worth knowing: gaps, ends that nobody signed, segments that still grow.
    pub notes: Vec<String>,
}

impl Opened {
    /// In a sentence or two what all of it comes to; never more than is proven.
    pub fn conclusion(&self) -> String {
        if self.held_only {
            let said = if self.whole {
                "what a hold keeps is here and authentic"
            } else {
                "not everything that a hold keeps is here and authentic"
            };
            return said.to_owned();
        }
        let authentic = match (self.whole, self.end_proven) {
            (false, _) => "not everything is here and authentic",
            (true, true) => "everything that was recorded is here and authentic",
            (true, false) => "what is here is authentic",
        };
        let unproven =
            |run: &RunId| format!("; the end of run {run} is unproven (its agent was killed or its last journal entries are missing)");
        self.unproven_runs.iter().map(unproven).fold(authentic.to_owned(), |text, more| text + &more)
    }
}

/// One track as it was written.
#[derive(Debug, Clone, Serialize)]
pub struct TrackFile {
    /// Track.
    pub track: String,
    /// The file, or the folder for pictures.
    pub file: PathBuf,
    /// Segments in it.
    pub segments: usize,
    /// Chunks in it.
    pub chunks: usize,
    /// Sum of their durations, ms.
    pub duration_ms: u64,
    /// Server's time of its beginning, Unix ms.
    pub from_ms: Option<i64>,
}

/// Something wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// `missing`, `damaged` or `not-authentic`.
    pub kind: &'static str,
    /// With what: run, track and sequence.
    pub object: String,
    /// What.
    pub what: String,
}

/// Problems and notes as they are found.
#[derive(Debug, Default)]
struct Findings {
    problems: Vec<Problem>,
    notes: Vec<String>,
    unproven_runs: Vec<RunId>,
}

impl Findings {
    fn problem(&mut self, kind: &'static str, object: impl Into<String>, what: impl Into<String>) {
        self.problems.push(Problem { kind, object: object.into(), what: what.into() });
    }
}

/// Opens a recording and writes one playable file a track into `out`.
///
/// # Errors
/// When the recording has expired or does not exist, or nothing can be read or written at all. What is wrong with the footage is no error but in the result.
pub async fn open(
    config: &Config,
    recording: RecordingId,
    review: &ReviewPrivateKey,
    out: &Path,
    clock: &dyn Clock,
) -> anyhow::Result<Opened> {
    let (trust, _) = keys::read_trust(&config.paths.trust)?;
    let keystore = Keystore::at(&config.paths.keystore, &config.paths.keystore_mirror);
    let mut source = Source::open(config, &keystore, &trust, recording, clock).await?;
    let policies = Policies::load(&config.paths.policies)?;
    let expired = "has expired: its erasure key is destroyed, and nobody can open its footage any more";
    let exam: ExamId = source.exam.uuid.parse().context("read the exam's row")?;
    let gone = source.exam.destroyed_ms.is_some() || source.recording.expired_ms.is_some() || keystore.is_destroyed(exam);
    let held_only = match source.clock.access(policies.expires_ms(&source.exam)?, gone) {
        Access::Open => false,
        Access::Expired if source.keep_held() => true,
        Access::Expired => bail!("recording {recording} {expired}"),
        Access::Suspended => bail!(
            "this machine's clock is in doubt, and by the time that the server knew last recording {recording} may have expired: compare the clock with another one, set it right, and run `invigil-server clock confirm`"
        ),
    };
    let mut findings = Findings::default();
    let keys = if held_only {
        findings.notes.push("it has expired: only what a hold keeps is here".to_owned());
        source.held_keys(review, &mut findings)
    } else {
        let Some(erasure) = keystore.peek(exam) else {
            bail!("the erasure key of exam {exam} is missing or damaged in both keystores: restore it, or the footage stays closed");
        };
        source.run_keys(&erasure, review, &mut findings)
    };
    std::fs::create_dir_all(out).with_context(|| format!("make {}", out.display()))?;
    let mut pieces = source.pieces(config, &mut findings)?;
    pieces.retain_mut(|piece| piece.unlock(&keys, &mut findings));
    name_what_is_missing(&source, &pieces, held_only, &mut findings);
    let out = out.to_owned();
    let work = tokio::task::spawn_blocking(move || -> anyhow::Result<_> {
        let tracks = write::tracks(&pieces, &out, &mut findings)?;
        Ok((tracks, findings))
    });
    let (tracks, findings) = work.await.context("open the footage")??;
    let whole = findings.problems.is_empty();
    let Findings { problems, notes, unproven_runs } = findings;
    Ok(Opened { recording, whole, held_only, end_proven: unproven_runs.is_empty(), unproven_runs, tracks, problems, notes })
}

/// Missing runs and sequences, broken journals, gaps: what only shows when all of a recording is looked at together. `held_only`: what is missing was
/// destroyed at its expiry.
fn name_what_is_missing(source: &Source, pieces: &[Piece], held_only: bool, findings: &mut Findings) {
    let scanners: Vec<Vec<&_>> = source
        .runs
        .iter()
        .map(|run| pieces.iter().filter(|piece| piece.row.run_id == run.row.id).map(|piece| &piece.scanner).collect())
        .collect();
    let inputs: Vec<RunInput<'_>> = source
        .runs
        .iter()
        .zip(&scanners)
        .filter_map(|(run, segments)| {
            let id = run.row.uuid.parse().ok()?;
            Some(RunInput { run: id, key_record: run.key_record.as_ref(), journal: &run.journal, segments })
        })
        .collect();
    // As for the key records: the server's clock decides whether certificates count, not a device's.
    let received: BTreeMap<RunId, i64> = source.runs.iter().filter_map(|run| Some((run.row.uuid.parse().ok()?, run.received_ms))).collect();
    let report = report_received(&source.trust, &inputs, &received);
    for run in report.missing_runs.iter().filter(|_| !held_only) {
        findings.problem("missing", format!("run {run}"), "a later run names it, but nothing of it is here");
    }
    for run in &report.runs {
        let object = format!("run {}", run.run);
        if let Some((index, error)) = &run.journal {
            findings.problem("not-authentic", &object, format!("journal entry {index}: {error}"));
        }
        if let Some(error) = run.key_record.as_ref().filter(|_| source.has_key_record(run.run)) {
            let what = format!("its key record: {error}");
            if !findings.problems.iter().any(|known| known.object == object && known.what == what) {
                findings.problem("not-authentic", &object, what);
            }
        }
        if !run.end_proven {
            findings.unproven_runs.push(run.run);
            findings.notes.push(format!("{object}: end unproven, its journal has no run-ended"));
        }
        for track in &run.tracks {
            let object = format!("{object} track {}", track.track);
            for sequence in track.missing_sequences.iter().filter(|_| !held_only) {
                findings.problem("missing", format!("{object} sequence {sequence}"), "it was recorded, but is not here");
            }
            for gap in track.gaps.iter().filter(|_| !held_only) {
                let secs = (gap.to_us - gap.from_us) / 100_000;
                findings.notes.push(format!("{object}: gap of {}.{} s from boot time {} us", secs / 10, secs % 10, gap.from_us));
            }
            for segment in &track.segments {
                for error in &segment.problems {
                    let object = format!("{object} sequence {}", segment.sequence);
                    // What is wrong with the bytes of one segment has been named already.
                    if !findings.problems.iter().any(|known| known.object == object && known.what == error.to_string()) {
                        findings.problem("not-authentic", object, error.to_string());
                    }
                }
            }
        }
    }
}
