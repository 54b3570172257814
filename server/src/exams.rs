//! Exams with their candidates and rooms: adding, listing, join codes.

use crate::audit::{self, Entry};
use crate::db::{self, entities};
use crate::joincode;
use crate::state::AppState;
use anyhow::{Context, bail, ensure};
use entities::{certificates, exams, recordings};
use invigil_format::{Certificate, ErasurePrivateKey, ExamId, RecordingId, Role, Statement, code_digest};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
};
use serde::Serialize;

const DAY_MS: i64 = 86_400_000;
/// Validity of what the server key certifies, ms: outlasts every retention and hold that a policy may ask for.
const DELEGATED_MS: i64 = 3 * 365 * DAY_MS;
/// How long before their making certificates count, ms: a device checks them, and dates its key records, by a clock that may be slow.
pub const BACKDATED_MS: i64 = 365 * DAY_MS;

/// An exam to be added.
#[derive(Debug, Clone, Default)]
pub struct NewExam {
    /// Title.
    pub title: String,
    /// Discipline.
    pub discipline: String,
    /// Faculty.
    pub faculty: Option<String>,
    /// Examiner.
    pub examiner: Option<String>,
    /// Form of the exam, in words (written, oral, test).
    pub form: Option<String>,
    /// Platform of an online exam.
    pub platform: Option<String>,
    /// Teacher on duty.
    pub invigilator: Option<String>,
    /// Scheduled start, Unix ms.
    pub starts_ms: i64,
    /// Scheduled end, Unix ms.
    pub ends_ms: i64,
    /// Policy name.
    pub policy: String,
    /// Who is recorded.
    pub seats: Vec<NewSeat>,
}

/// A candidate or a room of a new exam.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewSeat {
    /// `candidate` or `room`.
    pub kind: &'static str,
    /// Name.
    pub who: String,
    /// Id in the university's lists.
    pub external_id: Option<String>,
    /// Extra time, ms.
    pub extra_ms: i64,
    /// Of a candidate, for acts.
    pub details: SeatDetails,
}

impl NewSeat {
    /// A room.
    pub fn room(who: impl Into<String>) -> Self {
        Self { kind: "room", who: who.into(), ..Self::default() }
    }

    /// A candidate without anything else.
    pub fn candidate(who: impl Into<String>) -> Self {
        Self { kind: "candidate", who: who.into(), ..Self::default() }
    }
}

/// What an act says of a candidate beyond name and id; each only if the university gives it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SeatDetails {
    /// Room.
    pub room: Option<String>,
    /// Seat.
    pub seat: Option<String>,
    /// Study programme.
    pub programme: Option<String>,
    /// Year of study.
    pub course: Option<String>,
    /// Which attempt it is.
    pub attempt: Option<String>,
}

/// A join code as it is handed out, once.
#[derive(Debug, Clone, Serialize)]
pub struct Joining {
    /// Candidate or room.
    pub who: String,
    /// `candidate` or `room`.
    pub kind: String,
    /// Recording.
    pub recording: RecordingId,
    /// Code.
    pub code: String,
    /// `CODE.FINGERPRINT`.
    pub join: String,
    /// Join link.
    pub link: String,
}

/// An exam that was added.
#[derive(Debug, Clone, Serialize)]
pub struct Added {
    /// Exam.
    pub exam: ExamId,
    /// Expiry as planned, Unix ms.
    pub expires_ms: i64,
    /// One a candidate or room.
    pub joins: Vec<Joining>,
}

/// Adds an exam: makes its erasure key (keystore K1) and certificate, then rows and join codes in one transaction.
///
/// # Errors
/// When a value is not acceptable, or keystore or database fail. An erasure key without exam that a crash leaves behind opens nothing; `check` names it.
pub async fn add(state: &AppState, new: &NewExam) -> anyhow::Result<Added> {
    ensure!(!new.title.trim().is_empty() && !new.discipline.trim().is_empty(), "an exam needs a title and a discipline");
    ensure!(new.starts_ms < new.ends_ms, "the exam must end after it starts");
    ensure!(!new.seats.is_empty(), "an exam needs at least one room or candidate: give --room or --candidate");
    let policy = state.policies.get(&new.policy)?;
    let utc_offset_secs = invigil_rules::retention::utc_offset_secs(new.starts_ms, &policy.zone.value)?;
    let (now_ms, exam) = (state.now_ms(), ExamId::from_random(invigil_clock::random()?));
    let key = ErasurePrivateKey::from_bytes(invigil_clock::random()?);
    let erasure_public = key.public()?;
    let certificate = state.server_key.state(&Certificate {
        role: Role::Erasure,
        institution: state.institution,
        subject: erasure_public.into(),
        name: format!("erasure key of exam {exam}"),
        not_before_ms: now_ms - BACKDATED_MS,
        not_after_ms: now_ms.max(new.ends_ms) + DELEGATED_MS,
        exam: Some(exam),
        recording: None,
        delegate: None,
    })?;
    let last_end_ms = new.seats.iter().map(|seat| new.ends_ms + seat.extra_ms).max().unwrap_or(new.ends_ms);
    let row = exams::ActiveModel {
        uuid: Set(exam.to_string()),
        title: Set(new.title.trim().to_owned()),
        discipline: Set(new.discipline.trim().to_owned()),
        faculty: Set(new.faculty.clone()),
        examiner: Set(new.examiner.clone()),
        form: Set(new.form.clone()),
        platform: Set(new.platform.clone()),
        invigilator: Set(new.invigilator.clone()),
        policy: Set(new.policy.clone()),
        starts_ms: Set(new.starts_ms),
        ends_ms: Set(new.ends_ms),
        actual_end_ms: Set(last_end_ms),
        utc_offset_secs: Set(utc_offset_secs),
        erasure_public: Set(erasure_public.to_string()),
        created_ms: Set(now_ms),
        ..Default::default()
    };
    // Inside the transaction, so that `check` can tell a key whose exam is about to be committed from one that a crash left behind; before its commit (K1),
    // so that nothing is ever sealed to a key that is not durable.
    let tx = db::begin_write(&state.db).await?;
    state.keystore.create(exam, &key).context("keep the exam's erasure key")?;
    crate::crash::point("exam-add-after-key");
    let row = row.insert(&tx).await?;
    insert_certificate(&tx, &certificate, now_ms, Some(row.id), None).await?;
    let mut joins = Vec::with_capacity(new.seats.len());
    for seat in &new.seats {
        joins.push(add_seat(state, &tx, &row, seat).await?);
    }
    let expires_ms = state.policies.expires_ms(&row)?;
    let detail = serde_json::json!({ "policy": new.policy, "recordings": joins.len() });
    audit::append_in(&tx, now_ms, Entry { who: "cli".into(), action: "exam-added", object: format!("exam:{exam}"), detail }).await?;
    tx.commit().await.context("commit the exam")?;
    Ok(Added { exam, expires_ms, joins })
}

/// Makes a new join code for a recording; the old code and the token of the device that used it are worth nothing from now on.
///
/// # Errors
/// When there is no such recording, or it has expired.
pub async fn reissue(state: &AppState, recording: RecordingId) -> anyhow::Result<Joining> {
    let tx = db::begin_write(&state.db).await?;
    let row = recordings::Entity::find().filter(recordings::Column::Uuid.eq(recording.to_string())).one(&tx).await?;
    let row = row.with_context(|| format!("there is no recording {recording}; `invigil-server recordings` lists them"))?;
    let exam = exams::Entity::find_by_id(row.exam_id).one(&tx).await?.with_context(|| format!("recording {recording} has no exam"))?;
    if row.expired_ms.is_some() || exam.destroyed_ms.is_some() || state.now_ms() >= state.policies.expires_ms(&exam)? {
        bail!("recording {recording} has expired: nobody can join it any more");
    }
    let (who, kind) = (row.who.clone(), row.kind.clone());
    let code = joincode::new_code()?;
    let mut change = row.into_active_model();
    change.code_digest = Set(Some(code_digest(&code).to_string()));
    change.code_used_ms = Set(None);
    change.token_digest = Set(None);
    change.update(&tx).await?;
    let object = format!("recording:{recording}");
    let entry = Entry { who: "cli".into(), action: "join-code-reissued", object, detail: serde_json::json!({}) };
    audit::append_in(&tx, state.now_ms(), entry).await?;
    tx.commit().await?;
    Ok(joining(state, who, kind, recording, code))
}

/// All exams, newest first.
///
/// # Errors
/// When the database fails.
pub async fn list<C: ConnectionTrait>(db: &C) -> Result<Vec<exams::Model>, DbErr> {
    exams::Entity::find().order_by_desc(exams::Column::StartsMs).order_by_desc(exams::Column::Id).all(db).await
}

/// Keeps a certificate.
///
/// # Errors
/// When it is none, or the database fails.
pub async fn insert_certificate<C: ConnectionTrait>(
    db: &C,
    statement: &Statement,
    now_ms: i64,
    exam: Option<i64>,
    recording: Option<i64>,
) -> anyhow::Result<()> {
    let certificate: Certificate = statement.read()?;
    let row = certificates::ActiveModel {
        role: Set(certificate.role.as_str().to_owned()),
        subject: Set(certificate.subject.to_string()),
        exam_id: Set(exam),
        recording_id: Set(recording),
        not_before_ms: Set(certificate.not_before_ms),
        not_after_ms: Set(certificate.not_after_ms),
        statement: Set(statement.to_json()),
        created_ms: Set(now_ms),
        ..Default::default()
    };
    certificates::Entity::insert(row).exec(db).await?;
    Ok(())
}

/// The certificate of a device for a recording, valid from a year ago ([`BACKDATED_MS`]).
///
/// # Errors
/// When signing fails.
pub fn certify_device(state: &AppState, device: invigil_format::VerifyingKey, recording: RecordingId) -> anyhow::Result<Statement> {
    let now_ms = state.now_ms();
    Ok(state.server_key.state(&Certificate {
        role: Role::Device,
        institution: state.institution,
        subject: device.into(),
        name: format!("device of recording {recording}"),
        not_before_ms: now_ms - BACKDATED_MS,
        not_after_ms: now_ms + DELEGATED_MS,
        exam: None,
        recording: Some(recording),
        delegate: None,
    })?)
}

async fn add_seat<C: ConnectionTrait>(state: &AppState, tx: &C, exam: &exams::Model, seat: &NewSeat) -> anyhow::Result<Joining> {
    let recording = RecordingId::from_random(invigil_clock::random()?);
    let code = joincode::new_code()?;
    let details = seat.details.clone();
    let row = recordings::ActiveModel {
        uuid: Set(recording.to_string()),
        exam_id: Set(exam.id),
        kind: Set(seat.kind.to_owned()),
        who: Set(seat.who.clone()),
        external_id: Set(seat.external_id.clone()),
        starts_ms: Set(exam.starts_ms),
        ends_ms: Set(exam.ends_ms),
        extra_ms: Set(seat.extra_ms),
        code_digest: Set(Some(code_digest(&code).to_string())),
        room: Set(details.room),
        seat: Set(details.seat),
        programme: Set(details.programme),
        course: Set(details.course),
        attempt: Set(details.attempt),
        ..Default::default()
    };
    recordings::Entity::insert(row).exec(tx).await?;
    Ok(joining(state, seat.who.clone(), seat.kind.to_owned(), recording, code))
}

fn joining(state: &AppState, who: String, kind: String, recording: RecordingId, code: String) -> Joining {
    let join = format!("{code}.{}", state.institution);
    let link = format!("{}/join#{join}", state.config.listen.public_url);
    Joining { who, kind, recording, code, join, link }
}
