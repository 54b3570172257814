//! From rows to the rule's facts, and from its answer to rows and views.

use super::{downtime, evidence::Journals};
use crate::audit::{self, Entry};
use crate::db::entities::{exams, findings, outages, recordings};
use crate::policies::Policies;
use anyhow::Context;
use invigil_rules::disconnect::{self, Assessment, Facts, Finding, Outage, Subject, Window};
use invigil_rules::policy::{Cause, Policy};
use invigil_rules::{Interval, retention};
use invigil_wire::review::{FindingView, OutageView};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};

/// A recording's disconnects and what the rule says of them.
#[derive(Debug, Clone)]
pub struct Report {
    /// Disconnects of the exam, in order.
    pub outages: Vec<OutageView>,
    /// Finding.
    pub finding: FindingView,
}

/// Assesses a recording as of `now_ms` and changes nothing. Works without a running server, too.
///
/// # Errors
/// When the database fails or the exam's policy is gone.
pub async fn report<C: ConnectionTrait>(
    db: &C,
    policies: &Policies,
    exam: &exams::Model,
    recording: &recordings::Model,
    now_ms: i64,
) -> anyhow::Result<Report> {
    let policy = policies.get(&exam.policy)?;
    let down = downtime::since(db, recording.starts_ms - lead_ms(policy), now_ms).await?;
    let rows = rows(db, recording.id).await?;
    let (rows, assessment) = assess(policy, exam, recording, rows, down, now_ms);
    let deadline = assessment.deadline_ms.map(|at_ms| retention::rfc3339(at_ms, &policy.zone.value)).transpose()?;
    let views = rows.iter().zip(&assessment.outages).map(|(row, counted)| OutageView {
        from_ms: row.from_ms,
        to_ms: row.to_ms,
        upper_ms: counted.upper_ms,
        lower_ms: counted.lower_ms,
        counted_upper_ms: counted.counted_upper_ms,
        counted_lower_ms: counted.counted_lower_ms,
        cause: row.cause.clone(),
        ongoing: counted.ongoing,
        provisional: counted.provisional,
    });
    Ok(Report {
        outages: views.collect(),
        finding: FindingView {
            kind: assessment.finding.name().to_owned(),
            provisional: assessment.provisional,
            longest_upper_ms: assessment.longest_upper_ms,
            longest_lower_ms: assessment.longest_lower_ms,
            total_upper_ms: assessment.total_upper_ms,
            threshold_ms: assessment.threshold_ms,
            deadline_ms: assessment.deadline_ms,
            deadline,
            source: policy.disconnect.threshold.source.clone(),
        },
    })
}

/// Those of `recordings` that have a disconnect whose lower bound may still change.
pub(super) async fn unsettled<C: ConnectionTrait>(db: &C, recordings: &[i64]) -> Result<Vec<i64>, sea_orm::DbErr> {
    outages::Entity::find()
        .select_only()
        .column(outages::Column::RecordingId)
        .distinct()
        .filter(outages::Column::RecordingId.is_in(recordings.iter().copied()))
        .filter(may_change())
        .into_tuple::<i64>()
        .all(db)
        .await
}

/// Takes `journals`, if any disconnect of the recording waits for them, into account, assesses it, writes what changed, and returns when to ask again.
///
/// `tx` must have been begun with [`crate::db::begin_write`].
pub(super) async fn renew<C: ConnectionTrait>(
    tx: &C,
    policies: &Policies,
    recording: i64,
    journals: Option<&Journals>,
    down: &[Interval],
    now_ms: i64,
) -> anyhow::Result<Option<i64>> {
    let recording = recordings::Entity::find_by_id(recording).one(tx).await?.context("find the recording of a disconnect")?;
    let exam = exams::Entity::find_by_id(recording.exam_id).one(tx).await?.context("find the exam of a recording")?;
    let policy = policies.get(&exam.policy)?;
    if let Some(journals) = journals {
        settle(tx, recording.id, journals, down, now_ms).await?;
    }
    let rows = rows(tx, recording.id).await?;
    let (_, assessment) = assess(policy, &exam, &recording, rows, down.to_vec(), now_ms);
    save(tx, policy, &recording, &assessment, now_ms).await?;
    Ok(assessment.ask_again_ms)
}

/// How long before the scheduled start contacts belong to the exam, ms.
pub fn lead_ms(policy: &Policy) -> i64 {
    i64::from(policy.capture.room_lead_minutes.value) * 60_000
}

async fn rows<C: ConnectionTrait>(db: &C, recording: i64) -> Result<Vec<outages::Model>, sea_orm::DbErr> {
    outages::Entity::find().filter(outages::Column::RecordingId.eq(recording)).order_by_asc(outages::Column::FromMs).all(db).await
}

/// Disconnects that are over and wait for a journal.
fn may_change() -> Condition {
    Condition::all().add(outages::Column::Provisional.eq(true)).add(outages::Column::ToMs.is_not_null())
}

/// Brings the lower bounds of disconnects that are over up to date with the journals.
async fn settle<C: ConnectionTrait>(tx: &C, recording: i64, journals: &Journals, down: &[Interval], now_ms: i64) -> anyhow::Result<()> {
    let of_recording = outages::Entity::find().filter(outages::Column::RecordingId.eq(recording));
    for row in of_recording.filter(may_change()).all(tx).await? {
        let Some(to_ms) = row.to_ms else { continue };
        let lower = journals.lower(&row, to_ms, cause(&row), now_ms);
        let bound = lower.bound;
        let upper = Interval::new(row.from_ms, to_ms);
        let settled = outages::Model {
            lower_ms: bound.map(|bound| bound.len_ms()),
            lower_from_ms: bound.map(|bound| bound.from_ms),
            lower_to_ms: bound.map(|bound| bound.to_ms),
            provisional: !lower.settled,
            server_down_ms: upper.len_ms() - upper.len_without_ms(down),
            ..row.clone()
        };
        if settled == row {
            continue;
        }
        let mut change = row.clone().into_active_model();
        change.lower_ms = Set(settled.lower_ms);
        change.lower_from_ms = Set(settled.lower_from_ms);
        change.lower_to_ms = Set(settled.lower_to_ms);
        change.provisional = Set(settled.provisional);
        change.server_down_ms = Set(settled.server_down_ms);
        change.update(tx).await?;
        if lower.settled {
            tracing::info!(
                outage = row.id,
                recording,
                upper_ms = upper.len_ms(),
                lower_ms = bound.map(|b| b.len_ms()),
                cause = row.cause,
                "disconnect is settled"
            );
        }
    }
    Ok(())
}

fn cause(row: &outages::Model) -> Cause {
    Cause::from_name(&row.cause).unwrap_or(Cause::Unknown)
}

fn assess(
    policy: &Policy,
    exam: &exams::Model,
    recording: &recordings::Model,
    rows: Vec<outages::Model>,
    server_down: Vec<Interval>,
    now_ms: i64,
) -> (Vec<outages::Model>, Assessment) {
    let ends_ms = recording.ends_ms + recording.extra_ms;
    let opens_ms = recording.starts_ms - lead_ms(policy);
    let all: Vec<Outage> = rows.iter().map(fact).collect();
    let (joined_ms, outages) = disconnect::attending(recording.joined_ms, &all, opens_ms);
    let facts = Facts {
        subject: if recording.kind == "room" { Subject::Room } else { Subject::Candidate },
        window: Window { starts_ms: recording.starts_ms, ends_ms, finished_ms: recording.finished_ms },
        exam_end_ms: ends_ms.max(exam.ends_ms),
        joined_ms,
        outages,
        server_down,
        decided_ms: None,
    };
    let rows = rows.into_iter().filter(|row| row.from_ms >= opens_ms).collect();
    (rows, disconnect::assess(&policy.disconnect, &facts, now_ms))
}

fn fact(row: &outages::Model) -> Outage {
    let lower = row.lower_from_ms.zip(row.lower_to_ms).map(|(from_ms, to_ms)| Interval::new(from_ms, to_ms));
    Outage { from_ms: row.from_ms, to_ms: row.to_ms, lower, cause: cause(row), journal_arrived: !row.provisional }
}

async fn save<C: ConnectionTrait>(
    tx: &C,
    policy: &Policy,
    recording: &recordings::Model,
    assessment: &Assessment,
    now_ms: i64,
) -> anyhow::Result<()> {
    let known = findings::Entity::find().filter(findings::Column::RecordingId.eq(recording.id)).one(tx).await?;
    let kind = assessment.finding.name();
    let before = known.as_ref().map_or((Finding::None.name(), false), |row| (row.kind.as_str(), row.provisional));
    let differs = before != (kind, assessment.provisional);
    let opened_ms = known.as_ref().and_then(|row| row.opened_ms).or_else(|| (assessment.finding != Finding::None).then_some(now_ms));
    let row = findings::ActiveModel {
        recording_id: Set(recording.id),
        kind: Set(kind.to_owned()),
        provisional: Set(assessment.provisional),
        longest_upper_ms: Set(assessment.longest_upper_ms),
        longest_lower_ms: Set(assessment.longest_lower_ms),
        total_upper_ms: Set(assessment.total_upper_ms),
        threshold_ms: Set(assessment.threshold_ms),
        deadline_ms: Set(assessment.deadline_ms),
        source: Set(policy.disconnect.threshold.source.clone()),
        opened_ms: Set(opened_ms),
        computed_ms: Set(now_ms),
        ..Default::default()
    };
    match &known {
        Some(old) => findings::ActiveModel { id: Set(old.id), ..row }.update(tx).await?,
        None => row.insert(tx).await?,
    };
    if differs {
        tracing::info!(recording = recording.uuid, finding = kind, provisional = assessment.provisional, "finding changed");
        let detail = serde_json::json!({
            "before": before.0,
            "finding": kind,
            "provisional": assessment.provisional,
            "longest_upper_ms": assessment.longest_upper_ms,
            "longest_lower_ms": assessment.longest_lower_ms,
            "deadline_ms": assessment.deadline_ms,
        });
        let entry = Entry { who: "server".into(), action: "finding-changed", object: format!("recording:{}", recording.uuid), detail };
        audit::append_in(tx, now_ms, entry).await?;
    }
    Ok(())
}
