//! What the data folder holds of a recording.

use super::Findings;
use crate::config::Config;
use crate::db::{
    self, entities::exams, entities::journal_entries, entities::key_records, entities::recordings, entities::runs, entities::segments,
};
use crate::holds::{self, HeldKeys};
use crate::keystore::Keystore;
use crate::retention::Offline;
use crate::store::{Place, Store};
use crate::trust;
use anyhow::Context;
use invigil_clock::Clock;
use invigil_evidence::HeldSegment;
use invigil_format::{
    ErasurePrivateKey, Error, FrameKind, InnerKeys, KeyRecord, Need, Opener, RecordingId, ReviewPrivateKey, Role, RunId, RunKey, Scanner,
    SegmentKey, Statement, TrustStore,
};
use invigil_wire::agent::Trust;
use invigil_wire::holds::SegmentKeyView;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

/// A recording as the database has it.
pub(super) struct Source {
    pub(super) exam: exams::Model,
    pub(super) recording: recordings::Model,
    pub(super) trust: TrustStore,
    pub(super) runs: Vec<Run>,
    segments: Vec<segments::Model>,
    /// Segments that a hold keeps, and what opens them after expiry.
    held: (HashSet<i64>, HeldKeys),
    /// Whether what has expired may be read.
    pub(super) clock: Offline,
}

/// What opens segments.
#[derive(Default)]
pub(super) struct Keys {
    runs: HashMap<i64, RunKey>,
    segments: HashMap<i64, SegmentKey>,
}

/// A run with what was signed of it.
pub(super) struct Run {
    pub(super) row: runs::Model,
    pub(super) key_record: Option<Statement>,
    /// Server's time when its key record came, Unix ms.
    pub(super) received_ms: i64,
    pub(super) journal: Vec<Statement>,
}

/// A segment that was read, and opens once it is unlocked.
pub(super) struct Piece {
    pub(super) row: segments::Model,
    pub(super) name: String,
    pub(super) path: PathBuf,
    pub(super) scanner: Scanner,
    /// Server's time minus the device's boot time, ms.
    pub(super) offset_ms: i64,
    pub(super) opener: Option<Opener>,
}

impl Source {
    pub(super) async fn open(
        config: &Config,
        keystore: &Keystore,
        base: &Trust,
        recording: RecordingId,
        clock: &dyn Clock,
    ) -> anyhow::Result<Self> {
        let db = db::open(&config.paths.database, false).await?;
        let row = recordings::Entity::find().filter(recordings::Column::Uuid.eq(recording.to_string())).one(&db).await?;
        let row = row.with_context(|| format!("there is no recording {recording}; `invigil-server recordings` lists them"))?;
        let exam = exams::Entity::find_by_id(row.exam_id).one(&db).await?.with_context(|| format!("recording {recording} has no exam"))?;
        let trust = trust::store_of(&db, base, exam.id, row.id).await?;
        let mut found = Vec::new();
        for run in runs::Entity::find().filter(runs::Column::RecordingId.eq(row.id)).order_by_asc(runs::Column::Id).all(&db).await? {
            let record = key_records::Entity::find().filter(key_records::Column::RunId.eq(run.id)).one(&db).await?;
            let journal = journal_entries::Entity::find().filter(journal_entries::Column::RunId.eq(run.id));
            let journal = journal.order_by_asc(journal_entries::Column::Entry).all(&db).await?;
            let read = |text: &str| Statement::from_json(text.as_bytes());
            found.push(Run {
                key_record: record.as_ref().map(|record| read(&record.statement)).transpose()?,
                received_ms: record.map_or(run.first_seen_ms, |record| record.received_ms),
                journal: journal.iter().map(|entry| read(&entry.statement)).collect::<Result<_, _>>()?,
                row: run,
            });
        }
        let segments = segments::Entity::find().filter(segments::Column::RecordingId.eq(row.id)).order_by_asc(segments::Column::RunId);
        let segments = segments.order_by_asc(segments::Column::Track).order_by_asc(segments::Column::Sequence).all(&db).await?;
        let clock = Offline::judge(&db, config, clock).await?;
        let store = Store::open(&config.paths.store)?;
        let held = holds::held_segments(&db, &store, &row).await?;
        let keys = if held.is_empty() { HeldKeys::default() } else { holds::opened(&db, &store, keystore, &exam, &row).await? };
        db.close().await?;
        Ok(Self { exam, recording: row, trust, runs: found, segments, held: (held, keys), clock })
    }

    /// After expiry: leaves only the segments that a hold keeps. `false` when there are none.
    pub(super) fn keep_held(&mut self) -> bool {
        let held = &self.held.0;
        self.segments.retain(|segment| held.contains(&segment.id));
        !self.segments.is_empty()
    }

    /// Opens what the holds keep: single segments' keys, and the keys of runs where a hold is still pending.
    pub(super) fn held_keys(&self, review: &ReviewPrivateKey, findings: &mut Findings) -> Keys {
        let (mut keys, held) = (Keys::default(), &self.held.1);
        for run in &self.runs {
            let Some(inner) = held.runs.get(&run.row.id).and_then(|opened| opened.inner.as_ref()) else { continue };
            match run.key_record.as_ref().map(|statement| self.run_key(run, statement, review, |_| Ok(inner.clone()))).transpose() {
                Ok(key) => keys.runs.extend(key.map(|key| (run.row.id, key))),
                Err(error) => findings.problem("not-authentic", format!("run {}", run.row.uuid), format!("its key record: {error}")),
            }
        }
        for segment in &held.segments {
            match self.segment_key(segment, review) {
                Ok(key) => drop(keys.segments.insert(segment.id, key)),
                Err(error) => findings.problem("not-authentic", format!("segment {}", segment.id), format!("its held key: {error:#}")),
            }
        }
        keys
    }

    fn segment_key(&self, view: &SegmentKeyView, review: &ReviewPrivateKey) -> anyhow::Result<SegmentKey> {
        let held: HeldSegment = view.record.read()?;
        self.trust.require(Need::new(Role::Server, view.record.key, held.created_ms))?;
        let inner = hex::decode(&view.inner)?;
        Ok(SegmentKey::from_bytes(*held.purpose().open_inner(review, &held.review, &inner)?))
    }

    /// Whether the run's key record is here.
    pub(super) fn has_key_record(&self, run: RunId) -> bool {
        self.runs.iter().any(|known| known.key_record.is_some() && known.row.uuid == run.to_string())
    }

    /// Opens each run's key record: the outer wrap with the erasure key, the inner one with the review key.
    pub(super) fn run_keys(&self, erasure: &ErasurePrivateKey, review: &ReviewPrivateKey, findings: &mut Findings) -> Keys {
        let mut keys = Keys::default();
        for run in &self.runs {
            let object = format!("run {}", run.row.uuid);
            let Some(statement) = &run.key_record else {
                // A run that was heard of and never recorded anything has none.
                if self.segments.iter().any(|segment| segment.run_id == run.row.id) {
                    findings.problem("missing", object, "its key record is not here: its footage cannot be opened");
                }
                continue;
            };
            match self.run_key(run, statement, review, |record| record.open_outer(erasure)) {
                Ok(key) => drop(keys.runs.insert(run.row.id, key)),
                Err(error) => findings.problem("not-authentic", object, format!("its key record: {error}")),
            }
        }
        keys
    }

    fn run_key(
        &self,
        run: &Run,
        statement: &Statement,
        review: &ReviewPrivateKey,
        outer: impl FnOnce(&KeyRecord) -> Result<InnerKeys, Error>,
    ) -> Result<RunKey, Error> {
        let record: KeyRecord = statement.read()?;
        // The server's clock when it came decides, because a device's clock may be wrong.
        record.check_trust(statement, &self.trust, run.received_ms)?;
        record.open_inner(&outer(&record)?, review)
    }

    /// Reads and scans every segment, stored, refused or still coming in.
    pub(super) fn pieces(&self, config: &Config, findings: &mut Findings) -> anyhow::Result<Vec<Piece>> {
        let store = Store::open(&config.paths.store)?;
        let mut pieces = Vec::new();
        for row in &self.segments {
            let Some(run) = self.runs.iter().find(|run| run.row.id == row.run_id) else { continue };
            let name = format!("run {} track {} sequence {}", run.row.uuid, row.track, row.sequence);
            let (recording, generation) = (self.recording.uuid.as_str(), row.generation);
            let place = Place { recording, run: &run.row.uuid, track: &row.track, sequence: row.sequence, generation };
            let path = if row.state == "stored" { store.object_path(&place) } else { store.incoming_path(row.id) };
            let bytes = match std::fs::read(&path) {
                Ok(bytes) => bytes,
                Err(error) => {
                    findings.problem("missing", name, format!("reading {} fails: {error}", path.display()));
                    continue;
                }
            };
            let mut scanner = Scanner::new();
            if let Err(error) = scanner.feed(&bytes) {
                findings.problem("damaged", &name, error.to_string());
            }
            let digest = invigil_format::digest(&bytes).to_string();
            if row.digest.as_ref().is_some_and(|stored| *stored != digest) && scanner.error().is_none() {
                findings.problem("damaged", &name, "its digest is not the one that was stored");
            }
            if let Some(reason) = &row.refused {
                findings.problem("not-authentic", &name, format!("the server refused it: {reason}"));
            }
            if scanner.header().is_none() {
                if row.state != "incoming" {
                    findings.problem("damaged", name, "it has no header");
                }
                continue;
            }
            if let Err(error) = scanner.check_trust(&self.trust, row.created_ms) {
                findings.problem("not-authentic", &name, error.to_string());
                continue;
            }
            if scanner.closing().is_none() && scanner.error().is_none() {
                let unsigned = scanner.whole_bytes() - scanner.signed_bytes();
                findings.notes.push(format!("{name}: still growing, or torn; the last {unsigned} bytes are unsigned"));
            }
            let offset_ms = self.offset_ms(run, &scanner);
            pieces.push(Piece { row: row.clone(), name, path, scanner, offset_ms, opener: None });
        }
        Ok(pieces)
    }

    /// One offset for all runs of a boot: their boot times share one clock, and so their pictures keep their order.
    fn offset_ms(&self, run: &Run, scanner: &Scanner) -> i64 {
        let of_boot = || self.runs.iter().filter(|other| run.row.boot_id.is_some() && other.row.boot_id == run.row.boot_id);
        let first = of_boot().find_map(|other| other.row.clock_offset_ms).or(run.row.clock_offset_ms);
        first.or_else(|| crate::clock_map::wall_minus_boot_ms(scanner.frames())).unwrap_or(0)
    }
}

impl Piece {
    /// Puts the segment's own key to it, or its run's, and tries every seal. `false` when nothing of it opens.
    pub(super) fn unlock(&mut self, keys: &Keys, findings: &mut Findings) -> bool {
        let opener = match (keys.segments.get(&self.row.id), keys.runs.get(&self.row.run_id)) {
            (Some(key), _) => Opener::with_segment_key(&self.scanner, key),
            (None, Some(key)) => Opener::new(&self.scanner, key),
            (None, None) => return false,
        };
        match opener {
            Ok(opener) => {
                self.opener = Some(opener);
                true
            }
            Err(error) => {
                findings.problem("not-authentic", &self.name, error.to_string());
                false
            }
        }
    }

    /// Whether the segment carries pictures instead of CMAF.
    pub(super) fn is_pictures(&self) -> bool {
        use invigil_format::TrackKind;
        self.scanner.header().is_some_and(|header| matches!(header.kind, TrackKind::Thumbnail | TrackKind::Photo))
    }

    /// Server's time of its first picture, us.
    pub(super) fn first_us(&self) -> Option<i64> {
        let first = self.scanner.frames().iter().find(|frame| frame.kind == FrameKind::Chunk)?;
        Some(self.offset_ms * 1000 + i64::try_from(first.at.boottime_us).ok()?)
    }
}
