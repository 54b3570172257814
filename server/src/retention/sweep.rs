//! The sweep: what has expired is destroyed, exam by exam, in the numbered steps of `docs/lifecycle.md`, section Expiry.
//!
//! The last complete step stands in `deletions.step`; each step's effect can be repeated, so a crash anywhere is answered by going on.

use super::{purge, trust};
use crate::audit::{self, Entry};
use crate::db::{self, entities};
use crate::state::Shared;
use crate::{crash, holds};
use anyhow::{Context, bail};
use entities::{deletions, exams, recordings, segments, tombstones};
use invigil_format::{ExamId, Expired, RecordingId};
use invigil_rules::clock_trust::Trust;
use invigil_rules::retention::readable;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect,
};

/// Steps of destroying one exam's footage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    /// Decided, recorded, tombstones set: nothing is taken any more.
    E1,
    /// Keys of held runs are under the keys of their holds.
    Holds,
    /// Erasure key destroyed in both folders.
    E2,
    /// Files removed.
    E3,
    /// Rows of segments and key records removed.
    E4,
    /// Done and written down.
    E5,
}

impl Step {
    const ALL: [Self; 6] = [Self::E1, Self::Holds, Self::E2, Self::E3, Self::E4, Self::E5];

    fn name(self) -> &'static str {
        match self {
            Self::E1 => "E1",
            Self::Holds => "E1.1",
            Self::E2 => "E2",
            Self::E3 => "E3",
            Self::E4 => "E4",
            Self::E5 => "E5",
        }
    }

    fn after(name: &str) -> anyhow::Result<Option<Self>> {
        match Self::ALL.iter().position(|step| step.name() == name) {
            Some(at) => Ok(Self::ALL.get(at + 1).copied()),
            None => bail!("a deletion is at step {name:?}, which this program does not know"),
        }
    }
}

/// Goes on with destructions that were begun and, if the clock is believed, begins those that are due. Returns how many exams were finished.
///
/// # Errors
/// When database, keystore or store fail; all other exams were tried.
pub async fn sweep(state: &Shared) -> anyhow::Result<usize> {
    let mut due = Vec::new();
    for row in deletions::Entity::find().filter(deletions::Column::FinishedMs.is_null()).all(&state.db).await? {
        due.push(row.exam_id);
    }
    if trust(state) == Trust::Trusted {
        let begun = |exam: &exams::Model| due.contains(&exam.id);
        let candidates =
            exams::Entity::find().filter(exams::Column::DestroyedMs.is_null()).order_by_asc(exams::Column::Id).all(&state.db).await?;
        for exam in candidates.into_iter().filter(|exam| !begun(exam)).collect::<Vec<_>>() {
            match state.policies.expires_ms(&exam) {
                Ok(expires_ms) if readable(state.now_ms(), expires_ms) => {}
                Ok(_) => due.push(exam.id),
                Err(error) => tracing::error!(exam = exam.uuid, error = format!("{error:#}"), "cannot tell when this exam expires"),
            }
        }
    }
    let mut failed = holds::finish_all(state).await.context("go on with releases of holds").err();
    let mut finished = 0;
    for exam in due {
        match destroy(state, exam, Step::E5).await {
            Ok(true) => finished += 1,
            Ok(false) => {}
            Err(error) => failed = Some(error.context(format!("destroy the footage of exam row {exam}"))),
        }
    }
    failed.map_or(Ok(finished), Err)
}

/// Destroys an exam's footage up to and including step `last`; says whether that was reached.
pub(super) async fn destroy(state: &Shared, exam: i64, last: Step) -> anyhow::Result<bool> {
    loop {
        let known = deletions::Entity::find().filter(deletions::Column::ExamId.eq(exam)).one(&state.db).await?;
        let next = match &known {
            None => Some(Step::E1),
            Some(row) => Step::after(&row.step)?,
        };
        let Some(step) = next.filter(|step| *step <= last) else { return Ok(true) };
        if step == Step::E1 {
            if !begin(state, exam).await? {
                return Ok(false);
            }
        } else {
            effect(state, exam, step).await?;
            crash::point(&format!("expiry.{}", step.name()));
            complete(state, exam, step).await?;
        }
        crash::point(&format!("expiry.{}.done", step.name()));
    }
}

/// E1, in one transaction: whoever appends locks the same rows and finds them expired.
async fn begin(state: &Shared, exam_row: i64) -> anyhow::Result<bool> {
    let now_ms = state.now_ms();
    let tx = db::begin_write(&state.db).await?;
    let exam = exams::Entity::find_by_id(exam_row).one(&tx).await?.context("find the exam")?;
    let expires_ms = state.policies.expires_ms(&exam)?;
    // The exam may have moved since it was found due.
    if readable(now_ms, expires_ms) {
        return Ok(false);
    }
    let all = recordings::Entity::find().filter(recordings::Column::ExamId.eq(exam_row)).all(&tx).await?;
    let mut listed = Vec::new();
    let (mut count, mut bytes) = (0_i64, 0_i64);
    for recording in &all {
        let of = || segments::Entity::find().filter(segments::Column::RecordingId.eq(recording.id));
        let number = i64::try_from(of().count(&tx).await?)?;
        let size: Vec<i64> = of().select_only().column(segments::Column::SizeBytes).into_tuple().all(&tx).await?;
        let size: i64 = size.iter().sum();
        (count, bytes) = (count + number, bytes + size);
        listed.push(serde_json::json!({ "recording": recording.uuid, "segments": number, "bytes": size }));
        bury(state, &tx, &exam, recording, expires_ms).await?;
    }
    recordings::Entity::update_many()
        .col_expr(recordings::Column::ExpiredMs, Expr::value(now_ms))
        .filter(recordings::Column::ExamId.eq(exam_row))
        .exec(&tx)
        .await?;
    let row = deletions::ActiveModel {
        exam_id: Set(exam_row),
        step: Set(Step::E1.name().to_owned()),
        started_ms: Set(now_ms),
        segments: Set(count),
        bytes: Set(bytes),
        detail: Set(serde_json::json!({ "expired_ms": expires_ms, "recordings": listed }).to_string()),
        ..Default::default()
    };
    row.insert(&tx).await?;
    let detail = serde_json::json!({ "expired_ms": expires_ms, "segments": count, "bytes": bytes });
    audit::append_in(&tx, now_ms, Entry { who: "server".into(), action: "expiry-began", object: format!("exam:{}", exam.uuid), detail })
        .await?;
    crash::point("expiry.E1");
    tx.commit().await.context("record that destruction begins")?;
    for recording in &all {
        state.live.forget_agent(recording.id);
    }
    tracing::info!(exam = exam.uuid, segments = count, bytes, "an exam's footage has expired");
    Ok(true)
}

/// A tombstone, once.
async fn bury<C: ConnectionTrait>(
    state: &Shared,
    tx: &C,
    exam: &exams::Model,
    recording: &recordings::Model,
    expired_ms: i64,
) -> anyhow::Result<()> {
    if tombstones::Entity::find().filter(tombstones::Column::Recording.eq(&recording.uuid)).one(tx).await?.is_some() {
        return Ok(());
    }
    let id: RecordingId = recording.uuid.parse()?;
    let statement = state.server_key.state(&Expired { institution: state.institution, recording: id, expired_ms })?;
    let row = tombstones::ActiveModel {
        recording: Set(recording.uuid.clone()),
        exam: Set(exam.uuid.clone()),
        expired_ms: Set(expired_ms),
        statement: Set(Some(statement.to_json())),
        ..Default::default()
    };
    row.insert(tx).await?;
    Ok(())
}

/// What a step does. Can be repeated.
pub(super) async fn effect(state: &Shared, exam_row: i64, step: Step) -> anyhow::Result<()> {
    let exam = exams::Entity::find_by_id(exam_row).one(&state.db).await?.context("find the exam")?;
    match step {
        Step::E1 | Step::E5 => Ok(()),
        Step::Holds => {
            for recording in recordings_of(&state.db, exam_row).await? {
                // What still grows stays as it is from here on, so that what is held is known.
                state.store.end_recording(recording.id).await;
                holds::keep_runs(state, &exam, &recording).await?;
            }
            Ok(())
        }
        Step::E2 => {
            let id: ExamId = exam.uuid.parse()?;
            state.keystore.destroy(id).context("destroy the erasure key")
        }
        Step::E3 => remove_files(state, exam_row).await,
        Step::E4 => remove_rows(state, exam_row).await,
    }
}

/// Writes down that a step is complete.
async fn complete(state: &Shared, exam_row: i64, step: Step) -> anyhow::Result<()> {
    let now_ms = state.now_ms();
    let tx = db::begin_write(&state.db).await?;
    let row = deletions::Entity::find().filter(deletions::Column::ExamId.eq(exam_row)).one(&tx).await?.context("find the deletion")?;
    let mut change = deletions::ActiveModel { id: Set(row.id), step: Set(step.name().to_owned()), ..Default::default() };
    if step == Step::E2 {
        exams::ActiveModel { id: Set(exam_row), destroyed_ms: Set(Some(now_ms)), ..Default::default() }.update(&tx).await?;
    }
    if step == Step::E4 {
        // What a hold keeps was not destroyed.
        let (segments, bytes) = left(&tx, exam_row).await?;
        let mut detail: serde_json::Value = serde_json::from_str(&row.detail).context("read a deletion's detail")?;
        detail["held"] = serde_json::json!({ "segments": segments, "bytes": bytes });
        change.detail = Set(detail.to_string());
        change.segments = Set((row.segments - segments).max(0));
        change.bytes = Set((row.bytes - bytes).max(0));
    }
    if step == Step::E5 {
        change.finished_ms = Set(Some(now_ms));
        let exam = exams::Entity::find_by_id(exam_row).one(&tx).await?.context("find the exam")?;
        let (held, _) = left(&tx, exam_row).await?;
        let detail = serde_json::json!({ "segments": row.segments, "bytes": row.bytes, "held_segments": held, "began_ms": row.started_ms });
        let entry = Entry { who: "server".into(), action: "footage-destroyed", object: format!("exam:{}", exam.uuid), detail };
        audit::append_in(&tx, now_ms, entry).await?;
        tracing::info!(exam = exam.uuid, segments = row.segments, bytes = row.bytes, "an exam's footage is destroyed");
    }
    change.update(&tx).await?;
    tx.commit().await.with_context(|| format!("record step {}", step.name()))
}

/// Segments of an exam that are there, and their bytes.
async fn left<C: ConnectionTrait>(db: &C, exam_row: i64) -> anyhow::Result<(i64, i64)> {
    let ids = recordings_of(db, exam_row).await?.into_iter().map(|recording| recording.id);
    let of = segments::Entity::find().filter(segments::Column::RecordingId.is_in(ids));
    let sizes: Vec<i64> = of.select_only().column(segments::Column::SizeBytes).into_tuple().all(db).await?;
    Ok((i64::try_from(sizes.len())?, sizes.iter().sum()))
}

async fn remove_files(state: &Shared, exam_row: i64) -> anyhow::Result<()> {
    for recording in recordings_of(&state.db, exam_row).await? {
        purge::files(state, &recording).await?;
    }
    Ok(())
}

/// Journals, outages, findings and runs stay: they are no footage.
async fn remove_rows(state: &Shared, exam_row: i64) -> anyhow::Result<()> {
    let tx = db::begin_write(&state.db).await?;
    for recording in recordings_of(&tx, exam_row).await? {
        purge::rows(state, &tx, &recording).await?;
    }
    tx.commit().await.context("remove the rows of segments and key records")?;
    Ok(db::forget_old_pages(&state.db).await?)
}

async fn recordings_of<C: ConnectionTrait>(db: &C, exam_row: i64) -> Result<Vec<recordings::Model>, DbErr> {
    recordings::Entity::find().filter(recordings::Column::ExamId.eq(exam_row)).all(db).await
}
