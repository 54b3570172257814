//! Does the store hold what the database says, byte for byte, and nothing else? Reads only; works beside a running server and without one.

use crate::audit;
use crate::config::Config;
use crate::db;
use crate::db::entities::{acts, exams, held_segments, holds, key_records, recordings, runs, segments, tombstones};
use crate::keystore::Keystore;
use crate::policies::Policies;
use crate::retention::{Access, Offline};
use crate::store::{Place, Store};
use anyhow::Context;
use invigil_clock::Clock;
use invigil_format::Scanner;
use invigil_rules::clock_trust::Trust;
use sea_orm::{ColumnTrait, DatabaseConnection, EntityTrait, QueryFilter, QuerySelect};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// What was found.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Report {
    /// Stored segments.
    pub stored: usize,
    /// Growing segments.
    pub incoming: usize,
    /// Refused segments.
    pub refused: usize,
    /// Bytes whose digest was compared.
    pub verified_bytes: u64,
    /// What is wrong; empty when all is well.
    pub problems: Vec<Problem>,
}

/// Something wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// With what: `segment:7`, a path ...
    pub object: String,
    /// What.
    pub what: String,
}

impl Report {
    fn add(&mut self, object: impl Into<String>, what: impl Into<String>) {
        self.problems.push(Problem { object: object.into(), what: what.into() });
    }
}

/// Compares database, store, digests, journals, keystore and audit log.
///
/// # Errors
/// When one of them cannot be read at all.
pub async fn check(config: &Config, clock: &dyn Clock) -> anyhow::Result<Report> {
    let db = db::open(&config.paths.database, false).await?;
    let mut report = Report::default();
    // Files first, rows afterwards: what a running server adds in between is then known, and not taken for an orphan.
    let present = list_files(&config.paths.store)?;
    let known = check_segments(config, &db, &mut report).await?;
    for path in present.difference(&known).filter(|path| path.exists()) {
        report.add(path.display().to_string(), "this file belongs to no segment in the database");
    }
    let judged = Offline::judge(&db, config, clock).await?;
    check_keys(config, &db, &judged, &mut report).await?;
    for (object, what) in crate::acts::check::check(config, &db).await? {
        report.add(object, what);
    }
    let (_, trust) = crate::keys::read_trust(&config.paths.trust)?;
    for (object, what) in crate::journals::check(&db, trust.fingerprint()).await? {
        report.add(object, what);
    }
    if let Some(id) = audit::first_broken(&db).await? {
        report.add(format!("audit:{id}"), "this entry of the audit log does not follow from the one before: one was altered or taken out");
    }
    // What a running server has said, or what it would say.
    let suspect = if let Trust::Suspect(reason) = judged.trust() { Some(reason.to_string()) } else { None };
    if let Some(alarm) = crate::retention::alarm(&db).await?.or(suspect) {
        report.add(
            "clock",
            format!(
                "{alarm}; nothing is destroyed until the clocks agree, and what may have expired is not readable: compare this machine's clock with another one and run `invigil-server clock confirm`"
            ),
        );
    }
    db.close().await?;
    Ok(report)
}

/// Returns the files that belong to the database.
async fn check_segments(config: &Config, db: &DatabaseConnection, report: &mut Report) -> anyhow::Result<BTreeSet<PathBuf>> {
    let store = Store::open(&config.paths.store)?;
    let runs: HashMap<i64, runs::Model> = runs::Entity::find().all(db).await?.into_iter().map(|row| (row.id, row)).collect();
    let recordings: HashMap<i64, String> = recordings::Entity::find().all(db).await?.into_iter().map(|row| (row.id, row.uuid)).collect();
    let records: BTreeMap<i64, String> =
        key_records::Entity::find().all(db).await?.into_iter().map(|row| (row.run_id, row.digest)).collect();
    let mut files = BTreeSet::new();
    for row in segments::Entity::find().all(db).await? {
        let object = format!("segment:{}", row.id);
        let (Some(run), Some(recording)) = (runs.get(&row.run_id), recordings.get(&row.recording_id)) else {
            report.add(object, "its run or recording is not in the database");
            continue;
        };
        let place = Place { recording, run: &run.uuid, track: &row.track, sequence: row.sequence, generation: row.generation };
        files.insert(store.incoming_path(row.id));
        match row.state.as_str() {
            "stored" => {
                report.stored += 1;
                let path = store.object_path(&place);
                match tokio::task::spawn_blocking({
                    let path = path.clone();
                    move || std::fs::read(path)
                })
                .await?
                {
                    Err(error) => report.add(object, format!("the database says stored, but reading {} fails: {error}", path.display())),
                    Ok(bytes) => {
                        report.verified_bytes += bytes.len() as u64;
                        if let Some(what) = differs(&row, &bytes, records.get(&row.run_id)) {
                            report.add(object, format!("{what} ({})", path.display()));
                        }
                    }
                }
                files.insert(path);
            }
            "incoming" => report.incoming += 1,
            _ => {
                report.refused += 1;
                if !store.incoming_path(row.id).exists() {
                    report.add(object, "it was refused, but the bytes that are kept as evidence are gone");
                }
            }
        }
    }
    Ok(files)
}

fn differs(row: &segments::Model, bytes: &[u8], key_record: Option<&String>) -> Option<String> {
    if row.digest.as_deref() != Some(invigil_format::digest(bytes).to_string().as_str()) {
        return Some("the file's digest is not the one that was stored: it was damaged or altered".into());
    }
    let scanner = match Scanner::scan(bytes) {
        Ok(scanner) => scanner,
        Err(error) => return Some(format!("the file is not authentic: {error}")),
    };
    if scanner.closing().is_none() {
        return Some("the file has no closing record".into());
    }
    let named = scanner.header().map(|header| header.key_record.to_string());
    (key_record != named.as_ref()).then(|| "its run's key record is missing or another one: it can never be opened".into())
}

fn list_files(store: &Path) -> anyhow::Result<BTreeSet<PathBuf>> {
    let (mut folders, mut files) = (vec![store.join("incoming"), store.join("objects")], BTreeSet::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).with_context(|| format!("list {}", folder.display()))? {
            let path = entry.with_context(|| format!("list {}", folder.display()))?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.insert(path);
            }
        }
    }
    Ok(files)
}

/// Keys that nothing in the database is sealed to.
async fn check_orphans(config: &Config, db: &DatabaseConnection, keys: &BTreeSet<Uuid>, report: &mut Report) -> anyhow::Result<()> {
    let orphans = |known: &BTreeSet<String>| keys.iter().map(ToString::to_string).filter(|key| !known.contains(key)).collect::<Vec<_>>();
    if orphans(&known_keys(db).await?).is_empty() {
        return Ok(());
    }
    // An `exam add` under way makes the key inside its transaction, and a hold or a draft may: once this lock is given, it has committed or is gone.
    drop(db::begin_write(db).await?);
    for key in orphans(&known_keys(db).await?) {
        let (folder, mirror) = (config.paths.keystore.display(), config.paths.keystore_mirror.display());
        report.add(
            format!("exam:{key}"),
            format!(
                "its erasure key is in the keystore, but neither an exam nor a hold nor an act in the database has it. Either `exam add` was interrupted, or the opening of a hold or a draft: then nothing was ever sealed to the key, so do it again and remove {folder}/{key}.key and {mirror}/{key}.key. Or an older copy of the database was put back: then keep the key and restore the newest one"
            ),
        );
    }
    Ok(())
}

/// Holds whose keys are not there, or are there for no reason.
async fn check_holds(db: &DatabaseConnection, keys: &BTreeSet<Uuid>, report: &mut Report) -> anyhow::Result<()> {
    for hold in holds::Entity::find().all(db).await? {
        let object = format!("hold:{}", hold.uuid);
        for key in [&hold.pending_key, &hold.effective_key].into_iter().flatten() {
            let is_there = keys.contains(&key.parse().context("read a hold's row")?);
            let sealed = held_segments::Entity::find().filter(held_segments::Column::HoldId.eq(hold.id));
            if hold.released_ms.is_some() && is_there {
                report.add(&object, "it was released, but a key of it is still there");
            } else if hold.released_ms.is_none() && !is_there && Some(key) == hold.effective_key.as_ref() && sealed.one(db).await?.is_some()
            {
                report.add(&object, "its key is missing: the footage that it keeps will not open once it has expired");
            }
        }
    }
    Ok(())
}

async fn known_keys(db: &DatabaseConnection) -> anyhow::Result<BTreeSet<String>> {
    let mut known: BTreeSet<String> = exams::Entity::find().all(db).await?.into_iter().map(|exam| exam.uuid).collect();
    known.extend(acts::Entity::find().select_only().column(acts::Column::Uuid).into_tuple::<String>().all(db).await?);
    for hold in holds::Entity::find().all(db).await? {
        known.extend([hold.pending_key, hold.effective_key].into_iter().flatten());
    }
    Ok(known)
}

async fn check_keys(config: &Config, db: &DatabaseConnection, clock: &Offline, report: &mut Report) -> anyhow::Result<()> {
    let keystore = Keystore::at(&config.paths.keystore, &config.paths.keystore_mirror);
    for difference in keystore.differences()? {
        report.add("keystore", difference);
    }
    let keys = keystore.list()?;
    let policies = Policies::load(&config.paths.policies)?;
    let dead: BTreeSet<String> = tombstones::Entity::find().all(db).await?.into_iter().map(|row| row.recording).collect();
    let recordings = recordings::Entity::find().all(db).await?;
    // With footage that no hold keeps.
    let store = Store::open(&config.paths.store)?;
    let mut with_footage = BTreeSet::new();
    let segments = segments::Entity::find().select_only().columns([segments::Column::Id, segments::Column::RecordingId]);
    let segments = segments.into_tuple::<(i64, i64)>().all(db).await?;
    for row in &recordings {
        let held = crate::holds::held_segments(db, &store, row).await?;
        if segments.iter().any(|(segment, recording)| *recording == row.id && !held.contains(segment)) {
            with_footage.insert(row.id);
        }
    }
    check_orphans(config, db, &keys, report).await?;
    check_holds(db, &keys, report).await?;
    for exam in exams::Entity::find().all(db).await? {
        let (object, id): (_, Uuid) = (format!("exam:{}", exam.uuid), exam.uuid.parse().context("read an exam's row")?);
        // Not by a clock that nobody believes: then keys and bytes rightly wait.
        let access = clock.access(policies.expires_ms(&exam)?, exam.destroyed_ms.is_some());
        let expired = access == Access::Expired;
        let has_key = keys.contains(&id);
        let left = recordings.iter().any(|row| row.exam_id == exam.id && with_footage.contains(&row.id));
        if expired && has_key {
            report.add(&object, "it has expired, but its erasure key is still there");
        }
        if expired && left {
            report.add(&object, "it has expired, but segments of it are still there");
        }
        if !expired && !has_key {
            report.add(&object, "its erasure key is missing: none of its footage can be opened");
        }
    }
    for row in recordings.iter().filter(|row| dead.contains(&row.uuid) && with_footage.contains(&row.id)) {
        report.add(format!("recording:{}", row.uuid), "it has a tombstone, but segments of it are there");
    }
    Ok(())
}
