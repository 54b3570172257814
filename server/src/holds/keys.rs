//! The keys of holds: whole runs' under the pending key, single segments' under the effective one.

use super::cover::{Ground, Piece, State, of_recording};
use crate::db::entities::{recordings, segments};
use crate::db::{self, entities::exams, entities::held_runs, entities::held_segments, entities::holds, entities::key_records};
use crate::keystore::Keystore;
use crate::state::AppState;
use crate::store::Store;
use anyhow::Context;
use invigil_evidence::{HeldRun, HeldSegment, NewHeldRun, NewHeldSegment};
use invigil_format::{ErasurePrivateKey, HoldId, InnerKeys, KeyRecord, SealingKey, Statement};
use invigil_wire::holds::SegmentKeyView;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Which of a hold's keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Pending,
    Effective,
}

fn known(hold: &holds::Model, kind: Kind) -> Option<&String> {
    match kind {
        Kind::Pending => hold.pending_key.as_ref(),
        Kind::Effective => hold.effective_key.as_ref(),
    }
}

/// The id of a key of this hold; a new one is written down if there is none. The key itself is made later, so that no key is ever without a row.
pub(super) async fn name<C: ConnectionTrait>(tx: &C, hold: &mut holds::Model, kind: Kind) -> anyhow::Result<Uuid> {
    if let Some(id) = known(hold, kind) {
        return Ok(id.parse()?);
    }
    let id = Uuid::from(HoldId::from_random(invigil_clock::random()?));
    let mut change = holds::ActiveModel { id: Set(hold.id), ..Default::default() };
    match kind {
        Kind::Pending => change.pending_key = Set(Some(id.to_string())),
        Kind::Effective => change.effective_key = Set(Some(id.to_string())),
    }
    *hold = change.update(tx).await?;
    Ok(id)
}

/// The private half of a key of this hold, if it is there.
pub(super) fn load(keystore: &Keystore, hold: &holds::Model, kind: Kind) -> anyhow::Result<Option<ErasurePrivateKey>> {
    let id = known(hold, kind).map(|id| id.parse::<Uuid>()).transpose()?;
    Ok(id.and_then(|id| keystore.peek(id)))
}

/// E1.1: every hold of the recording that is not effective gets a pending key, durable before anything is sealed to it, and under it the keys of the runs
/// that it still needs. Can be repeated. What cannot be opened is logged and left: a damaged key is no reason to keep footage beyond its month.
///
/// # Errors
/// When database, keystore or store fail.
pub async fn keep_runs(state: &AppState, exam: &exams::Model, recording: &recordings::Model) -> anyhow::Result<()> {
    let tx = db::begin_write(&state.db).await?;
    let holds = of_recording(&tx, recording.id).await?;
    if holds.is_empty() {
        return Ok(());
    }
    let ground = Ground::load(&tx, &state.store, recording.clone()).await?;
    let mut pending = Vec::new();
    for mut hold in holds {
        let standing = ground.standing(&hold)?;
        for piece in standing.pieces.iter().filter(|piece| piece.state != "stored") {
            // It stays as it is: from now on the row knows its size.
            segments::ActiveModel { id: Set(piece.id), size_bytes: Set(piece.size_bytes), ..Default::default() }.update(&tx).await?;
        }
        if standing.state == State::Pending {
            name(&tx, &mut hold, Kind::Pending).await?;
            pending.push(hold.id);
        }
    }
    tx.commit().await.context("name the keys of pending holds")?;
    crate::crash::point("hold.pending-named");

    for hold in pending {
        let tx = db::begin_write(&state.db).await?;
        let hold = holds::Entity::find_by_id(hold).one(&tx).await?.context("find the hold")?;
        let ground = Ground::load(&tx, &state.store, recording.clone()).await?;
        let standing = ground.standing(&hold)?;
        if standing.state != State::Pending {
            continue;
        }
        keep_runs_in(state, &tx, exam, &ground, hold, &standing.unsealed).await?;
        crate::crash::point("hold.pending-sealed");
        tx.commit().await.context("write the held runs")?;
    }
    Ok(())
}

/// The keys of the runs of these pieces, under the hold's pending key.
pub(super) async fn keep_runs_in<C: ConnectionTrait>(
    state: &AppState,
    tx: &C,
    exam: &exams::Model,
    ground: &Ground,
    mut hold: holds::Model,
    pieces: &[Piece],
) -> anyhow::Result<()> {
    let id = name(tx, &mut hold, Kind::Pending).await?;
    let public = state.keystore.ensure(id).context("make a hold's pending key")?;
    for run in pieces.iter().map(|piece| piece.run_id).collect::<BTreeSet<_>>() {
        let of = held_runs::Entity::find().filter(held_runs::Column::HoldId.eq(hold.id)).filter(held_runs::Column::RunId.eq(run));
        if of.one(tx).await?.is_some() {
            continue;
        }
        let Some((statement, inner)) = inner_of_run(&state.keystore, tx, exam, ground, run).await? else {
            tracing::error!(hold = hold.uuid, run, "the key of a held run cannot be opened: its held footage cannot either");
            continue;
        };
        let record: KeyRecord = statement.read()?;
        let new = NewHeldRun {
            institution: state.institution,
            hold: hold.uuid.parse()?,
            recording: record.recording,
            run: record.run,
            key_record: statement.digest(),
            review: record.review,
            erasure: public,
            created_ms: state.now_ms(),
        };
        let held = state.server_key.state(&HeldRun::seal(new, &inner)?)?;
        let row = held_runs::ActiveModel {
            hold_id: Set(hold.id),
            run_id: Set(run),
            statement: Set(held.to_json()),
            created_ms: Set(state.now_ms()),
            ..Default::default()
        };
        row.insert(tx).await?;
    }
    Ok(())
}

/// A run's key record and its inner text: by the exam's key while there is one, else by the pending key of whichever hold keeps the run.
pub(super) async fn inner_of_run<C: ConnectionTrait>(
    keystore: &Keystore,
    db: &C,
    exam: &exams::Model,
    ground: &Ground,
    run: i64,
) -> anyhow::Result<Option<(Statement, InnerKeys)>> {
    let record = key_records::Entity::find().filter(key_records::Column::RunId.eq(run)).one(db).await?;
    let Some(record) = record else { return Ok(None) };
    let statement = Statement::from_json(record.statement.as_bytes())?;
    if let Some(key) = keystore.peek(exam.uuid.parse::<Uuid>()?) {
        let opened = statement.read::<KeyRecord>().and_then(|record| record.open_outer(&key));
        return Ok(opened.map(|inner| (statement, inner)).inspect_err(|error| tracing::error!(run, %error, "open a key record")).ok());
    }
    for hold in of_recording(db, ground.recording.id).await? {
        let Some(key) = load(keystore, &hold, Kind::Pending)? else { continue };
        let of = held_runs::Entity::find().filter(held_runs::Column::HoldId.eq(hold.id)).filter(held_runs::Column::RunId.eq(run));
        let Some(row) = of.one(db).await? else { continue };
        let held: HeldRun = Statement::from_json(row.statement.as_bytes())?.read()?;
        match held.open_outer(&key) {
            Ok(inner) => return Ok(Some((statement, inner))),
            Err(error) => tracing::error!(hold = hold.uuid, run, %error, "open a held run"),
        }
    }
    Ok(None)
}

/// A run's key with its outer layer opened.
pub struct OpenedRun {
    /// Key record, as the device signed it.
    pub record: Statement,
    /// Its inner text; `None` when only single segments of the run open.
    pub inner: Option<InnerKeys>,
}

/// What opens the held footage of a recording after its expiry, and nothing else.
#[derive(Default)]
pub struct HeldKeys {
    /// Runs with held segments, by row.
    pub runs: BTreeMap<i64, OpenedRun>,
    /// Keys of single segments.
    pub segments: Vec<SegmentKeyView>,
}

/// Opens the outer layers of what the holds of a recording keep: for each segment its own record, and where there is none yet its run's.
///
/// # Errors
/// When database, keystore or store fail.
pub async fn opened<C: ConnectionTrait>(
    db: &C,
    store: &Store,
    keystore: &Keystore,
    exam: &exams::Model,
    recording: &recordings::Model,
) -> anyhow::Result<HeldKeys> {
    let ground = Ground::load(db, store, recording.clone()).await?;
    let mut keys = HeldKeys::default();
    let (mut runs, mut wanted) = (BTreeSet::new(), BTreeSet::new());
    for hold in of_recording(db, recording.id).await? {
        let standing = ground.standing(&hold)?;
        runs.extend(standing.pieces.iter().map(|piece| piece.run_id));
        wanted.extend(standing.unsealed.iter().map(|piece| piece.run_id));
        let effective = load(keystore, &hold, Kind::Effective)?;
        let of = held_segments::Entity::find().filter(held_segments::Column::HoldId.eq(hold.id));
        for row in of.filter(held_segments::Column::ConfirmedMs.is_not_null()).all(db).await? {
            let known = keys.segments.iter().any(|key| key.id == row.segment_id);
            if known || !standing.pieces.iter().any(|piece| piece.id == row.segment_id) {
                continue;
            }
            match effective.as_ref().map(|key| open_segment(&row, key)).transpose() {
                Ok(Some(view)) => keys.segments.push(view),
                Ok(None) => tracing::error!(hold = hold.uuid, "the hold's effective key is missing from the keystore"),
                Err(error) => tracing::error!(hold = hold.uuid, segment = row.segment_id, error = format!("{error:#}"), "open a held key"),
            }
        }
    }
    for run in runs {
        let inner = if wanted.contains(&run) { inner_of_run(keystore, db, exam, &ground, run).await? } else { None };
        let opened = match inner {
            Some((record, inner)) => OpenedRun { record, inner: Some(inner) },
            None => {
                let record = key_records::Entity::find().filter(key_records::Column::RunId.eq(run)).one(db).await?;
                let Some(record) = record else { continue };
                OpenedRun { record: Statement::from_json(record.statement.as_bytes())?, inner: None }
            }
        };
        keys.runs.insert(run, opened);
    }
    Ok(keys)
}

/// A segment's record with its outer layer opened.
pub(super) fn open_segment(row: &held_segments::Model, key: &ErasurePrivateKey) -> anyhow::Result<SegmentKeyView> {
    let record = Statement::from_json(row.statement.as_bytes())?;
    let held: HeldSegment = record.read()?;
    let inner = hex::encode(held.open_outer(key)?);
    Ok(SegmentKeyView { id: row.segment_id, hold: held.hold.into(), record, inner })
}

/// A record of another hold with its outer layer exchanged: what the reviewer sealed stays as it is, and with it the hold that it names.
pub(super) fn pass_on(state: &AppState, row: &held_segments::Model, from: &ErasurePrivateKey, to: SealingKey) -> anyhow::Result<Statement> {
    let held: HeldSegment = Statement::from_json(row.statement.as_bytes())?.read()?;
    let inner = held.open_outer(from)?;
    let new = NewHeldSegment {
        institution: held.institution,
        hold: held.hold,
        recording: held.recording,
        run: held.run,
        track: held.track,
        sequence: held.sequence,
        commitment: held.commitment,
        review: held.review,
        erasure: to,
        created_ms: state.now_ms(),
    };
    Ok(state.server_key.state(&HeldSegment::seal(new, &inner)?)?)
}
