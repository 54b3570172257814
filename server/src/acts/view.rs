//! Acts as `wire::acts` shows them.

use crate::acts::access::{self, Found};
use crate::acts::content::{self, Draft};
use crate::acts::deadline::{self, Limit};
use crate::acts::people::{self, Circle};
use crate::acts::{attachments, footage, freeze, log, problems};
use crate::db::entities::{accounts, act_signatories, acts, exams, recordings};
use crate::staff::{Access, Role as StaffRole, Who};
use crate::{ApiError, ApiResult, AppState, Shared, views};
use invigil_evidence::{ActContent, ActEvent, ActExam};
use invigil_format::{Role, SealingKey};
use invigil_rules::acts::{Action, Facts, State, allowed};
use invigil_wire::acts::{ActList, ActSummary, ActView, Cited, EventView, Reference, Signatory};
use invigil_wire::review::ExamView;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

/// Everything about an act, for this person.
///
/// # Errors
/// When the database fails or is damaged.
pub async fn one(state: &Shared, who: &Who, found: &Found<'_>) -> ApiResult<ActView> {
    let row = &found.row;
    let exam = exam_of(state, row).await?;
    let recording = recording_of(state, row).await?;
    let circle = Circle::load(&state.db).await?;
    let names = names(state).await?;
    let draft = content::open_all(state, vec![row.clone()]).await?.pop().flatten();
    let holds = footage::holds(state, row.id).await?;
    let attached = attachments::of_act(&state.db, row.id).await?;
    let shown = Shown::of(state, found, draft.as_ref(), recording.as_ref()).await?;
    let earlier = circle.earlier(&state.db, &state.acts, row, shown.subject.as_ref()).await?;
    let problems = match (&draft, found.state) {
        (Some(draft), State::Draft) => problems::of(state, found, draft, &names).await?,
        _ => Vec::new(),
    };
    let drawn_up_by = shown.drawn_up_by.clone().unwrap_or_else(|| name_of(&names, row.created_by));
    let signatories = match &shown.signatories {
        Some(signed) => signed.clone(),
        None => found.signatories.iter().map(|row| signatory(row, &names)).collect(),
    };
    let refers_to = row.refers_to.and_then(|id| circle.uuid(id)).zip(row.relation.as_deref());
    let reference = |(uuid, relation): (&str, &str)| {
        let act = Uuid::parse_str(uuid).map_err(|error| ApiError::internal("reading an act's id", error))?;
        ApiResult::Ok(Reference { act, relation: relation.to_owned() })
    };
    let referred_by = circle.referring(row.id).map(|act| reference((&act.uuid, act.relation.as_deref().unwrap_or_default())));
    // A draft is written under the form's file, which the page has.
    let form = row.form.as_ref().map(|_| serde_json::to_value(found.form)).transpose();
    let form = form.map_err(|error| ApiError::internal("showing the form of an act", error))?;
    let facts = facts(found, &circle);
    let mut exam_view = views::exam(state, &exam).await?;
    if let Some(said) = &shown.exam {
        exam_view = ExamView {
            title: said.title.clone(),
            discipline: said.discipline.clone(),
            starts_ms: said.starts_ms,
            ends_ms: said.ends_ms,
            utc_offset_secs: said.utc_offset_secs,
            ..exam_view
        };
    }
    // An act about it is opened where the exam can be found.
    let finds_exam = who.role != StaffRole::Invigilator || crate::review::runs_now(state, &exam);
    let summary = summary(state, who, found, &shown, &exam, exam_view, &names, &circle, !earlier.is_empty())?;
    Ok(ActView {
        now_ms: state.now_ms(),
        revision: row.revision,
        language: row.language.clone(),
        recording: recording.map(|row| id(&row.uuid)).transpose()?,
        fields: shown.fields,
        points: shown.points,
        evidence: shown.evidence,
        holds,
        capacity: shown.capacity,
        drawn_up_by,
        signatories,
        content: row.content.as_deref().filter(|_| found.state == State::ForSignature).map(id).transpose()?,
        attachments: attached.iter().map(attachments::shown).collect::<ApiResult<_>>()?,
        refers_to: refers_to.map(reference).transpose()?,
        referred_by: referred_by.collect::<ApiResult<_>>()?,
        earlier: earlier.iter().map(|act| id(&act.uuid)).collect::<ApiResult<_>>()?,
        events: events(state, row.id).await?,
        problems,
        may: may(who, found, facts, finds_exam),
        review: review_keys(state),
        close_note: row.close_note.clone(),
        form,
        returned: draft.and_then(|draft| draft.returned),
        summary,
    })
}

/// Acts that this person may see, those with a time limit first; `wanted`: only in this state.
///
/// # Errors
/// When the database fails or is damaged.
pub async fn list(state: &Shared, who: &Who, wanted: Option<State>) -> ApiResult<ActList> {
    let mut query = acts::Entity::find().order_by_desc(acts::Column::Id);
    if let Some(wanted) = wanted {
        query = query.filter(acts::Column::State.eq(wanted.name()));
    }
    let mut signatories: HashMap<i64, Vec<act_signatories::Model>> = HashMap::new();
    for row in act_signatories::Entity::find().order_by_asc(act_signatories::Column::Id).all(&state.db).await? {
        signatories.entry(row.act_id).or_default().push(row);
    }
    let mut seen = Vec::new();
    for row in query.all(&state.db).await? {
        let named = signatories.remove(&row.id).unwrap_or_default();
        // An act that cannot be read is said to be so: left out, it would be missed by nobody.
        let found = access::found(state, row, named)?;
        if access::may_read(who, &found) {
            seen.push(found);
        }
    }
    let drafts = content::open_all(state, seen.iter().map(|found| found.row.clone()).collect()).await?;
    let (circle, names) = (Circle::load(&state.db).await?, names(state).await?);
    let mut exams: HashMap<i64, (exams::Model, ExamView)> = HashMap::new();
    let mut out = Vec::with_capacity(seen.len());
    for (found, draft) in seen.iter().zip(&drafts) {
        if !exams.contains_key(&found.row.exam_id) {
            let exam = exam_of(state, &found.row).await?;
            let view = views::exam(state, &exam).await?;
            exams.insert(exam.id, (exam, view));
        }
        let Some((exam, view)) = exams.get(&found.row.exam_id) else { continue };
        let recording = recording_of(state, &found.row).await?;
        let shown = Shown::brief(state, found, draft.as_ref(), recording.as_ref()).await?;
        let earlier = match draft {
            Some(_) => !circle.earlier(&state.db, &state.acts, &found.row, shown.subject.as_ref()).await?.is_empty(),
            None => false,
        };
        out.push(summary(state, who, found, &shown, exam, view.clone(), &names, &circle, earlier)?);
    }
    out.sort_by_key(|act| (act.cancel_until_ms.unwrap_or(i64::MAX), std::cmp::Reverse(act.created_ms)));
    Ok(ActList { now_ms: state.now_ms(), acts: out })
}

/// The exam of an act.
///
/// # Errors
/// When the database fails.
pub async fn exam_of(state: &AppState, row: &acts::Model) -> ApiResult<exams::Model> {
    let exam = exams::Entity::find_by_id(row.exam_id).one(&state.db).await?;
    exam.ok_or_else(|| ApiError::internal("finding the exam of an act", format!("act {} has none", row.uuid)))
}

/// The recording of the person whom an act concerns.
///
/// # Errors
/// When the database fails.
pub async fn recording_of(state: &AppState, row: &acts::Model) -> ApiResult<Option<recordings::Model>> {
    match row.recording_id {
        Some(id) => Ok(recordings::Entity::find_by_id(id).one(&state.db).await?),
        None => Ok(None),
    }
}

/// All accounts by their rows.
///
/// # Errors
/// When the database fails.
pub async fn names(state: &AppState) -> ApiResult<HashMap<i64, accounts::Model>> {
    Ok(accounts::Entity::find().all(&state.db).await?.into_iter().map(|row| (row.id, row)).collect())
}

/// What decides what may become of an act.
pub fn facts(found: &Found<'_>, circle: &Circle) -> Facts {
    let decides_grade = deadline::decides_grade(found.form, found.row.relation.as_deref());
    let id = found.row.id;
    Facts { decides_grade, revoked: circle.revoked_by(id).is_some(), corrected: circle.corrected_by(id).is_some() }
}

/// Review keys that attachments are sealed to.
pub fn review_keys(state: &AppState) -> Vec<SealingKey> {
    state.trust_store.current(Role::Review, state.now_ms()).map(|(certificate, _)| SealingKey(certificate.subject.0)).collect()
}

/// What is shown of an act's content: a draft's, what was frozen, a signed one's, or nothing any more.
#[derive(Default)]
struct Shown {
    subject: Option<invigil_evidence::ActSubject>,
    /// As the act says it from the moment at which it was put up for signature.
    exam: Option<ActExam>,
    /// The last moment that stands in what was frozen.
    cancel_until_ms: Option<i64>,
    /// Of a signed act; the limit counts for every draft, as footage may follow.
    cites_recordings: bool,
    number_text: Option<String>,
    repeated: bool,
    fields: BTreeMap<String, String>,
    points: Vec<String>,
    evidence: Vec<Cited>,
    capacity: String,
    drawn_up_by: Option<String>,
    signatories: Option<Vec<Signatory>>,
}

impl Shown {
    /// What a list needs.
    async fn brief(state: &AppState, found: &Found<'_>, draft: Option<&Draft>, recording: Option<&recordings::Model>) -> ApiResult<Self> {
        if let Some(draft) = draft {
            if let Some(frozen) = freeze::frozen(draft)? {
                return Ok(Self::frozen(frozen, &found.signatories));
            }
            let subject = people::subject(found.form, draft, recording);
            return Ok(Self { subject, ..Self::default() });
        }
        if !found.state.is_signed() {
            return Ok(Self::default());
        }
        let brief = state.acts.brief(&state.db, found.row.id).await?;
        Ok(Self {
            subject: brief.subject.clone(),
            cites_recordings: brief.cites_recordings,
            number_text: Some(brief.number_text.clone()),
            repeated: brief.repeated,
            ..Self::default()
        })
    }

    async fn of(state: &AppState, found: &Found<'_>, draft: Option<&Draft>, recording: Option<&recordings::Model>) -> ApiResult<Self> {
        let brief = Self::brief(state, found, draft, recording).await?;
        if draft.is_some_and(|draft| draft.frozen.is_some()) {
            return Ok(brief);
        }
        if let Some(draft) = draft {
            let (fields, points, evidence) = (draft.fields.clone(), draft.points.clone(), draft.evidence.clone());
            return Ok(Self { fields, points, evidence, capacity: draft.capacity.clone(), ..brief });
        }
        if !found.state.is_signed() {
            return Ok(brief);
        }
        let (_, act) = log::signed(&found.row)?;
        let evidence = stretches(&act.evidence);
        let signatories = act.signatories.into_iter();
        let signatories = signatories.map(|s| Signatory { login: s.account, name: s.name, post: s.post, signed_ms: Some(s.signed_ms) });
        Ok(Self {
            fields: act.fields,
            points: act.points,
            evidence,
            capacity: act.drawn_up_by.capacity,
            drawn_up_by: Some(act.drawn_up_by.name),
            signatories: Some(signatories.collect()),
            exam: Some(act.exam),
            ..brief
        })
    }

    /// What is up for signature, word for word: nothing of it is read from rows that may have changed since.
    fn frozen(content: ActContent, rows: &[act_signatories::Model]) -> Self {
        let to_sign = content.to_sign.into_iter().zip(rows);
        let signatory = |(named, row): (invigil_evidence::ToSign, &act_signatories::Model)| Signatory {
            login: named.account,
            name: named.name,
            post: named.post,
            signed_ms: row.signed_ms,
        };
        Self {
            subject: content.subject,
            exam: Some(content.exam),
            cancel_until_ms: content.cancel_until_ms,
            evidence: stretches(&content.evidence),
            fields: content.fields,
            points: content.points,
            capacity: content.drawn_up_by.capacity,
            drawn_up_by: Some(content.drawn_up_by.name),
            signatories: Some(to_sign.map(signatory).collect()),
            ..Self::default()
        }
    }
}

fn stretches(evidence: &[invigil_evidence::Evidence]) -> Vec<Cited> {
    evidence.iter().map(|e| Cited { recording: e.recording, from_ms: e.from_ms, to_ms: e.to_ms }).collect()
}

#[expect(clippy::too_many_arguments, reason = "the parts of one summary, loaded once for a whole list")]
fn summary(
    state: &AppState,
    who: &Who,
    found: &Found<'_>,
    shown: &Shown,
    exam: &exams::Model,
    exam_view: ExamView,
    names: &HashMap<i64, accounts::Model>,
    circle: &Circle,
    earlier: bool,
) -> ApiResult<ActSummary> {
    let (row, facts) = (&found.row, facts(found, circle));
    let limit = match found.state {
        State::Draft => deadline::limit(state, exam, facts.decides_grade)?,
        State::ForSignature => Limit::at(state, exam, shown.cancel_until_ms)?,
        State::Signed | State::PassedOn if shown.cites_recordings && facts.stands() => deadline::limit(state, exam, facts.decides_grade)?,
        State::Signed | State::PassedOn | State::GradeCancelled | State::Discarded => Limit::default(),
    };
    let given = found.signatories.iter().filter(|row| row.signed_ms.is_some()).count();
    let needed = found.signatories.len().max(usize::try_from(found.form.signatures.min).unwrap_or(0));
    let needed = if found.state == State::Draft { needed } else { found.signatories.len() };
    let unsigned = |row: &&act_signatories::Model| row.account_id == who.account && row.signed_ms.is_none();
    Ok(ActSummary {
        id: id(&row.uuid)?,
        kind: row.kind.clone(),
        state: found.state.name().to_owned(),
        number_text: shown.number_text.clone(),
        exam: exam_view,
        subject: shown.subject.as_ref().map(|subject| subject.name.clone()),
        created_ms: row.created_ms,
        created_by: name_of(names, row.created_by),
        signed_ms: row.signed_ms,
        cancel_until_ms: limit.until_ms,
        cancel_until: limit.until,
        cancel_rule: limit.rule,
        signatures: (u32::try_from(given).unwrap_or(u32::MAX), u32::try_from(needed).unwrap_or(u32::MAX)),
        yours_to_sign: found.state == State::ForSignature && found.signatories.iter().any(|row| unsigned(&row)),
        revoked_by: circle.revoked_by(row.id).map(|act| id(&act.uuid)).transpose()?,
        corrected_by: circle.corrected_by(row.id).map(|act| id(&act.uuid)).transpose()?,
        repeated: shown.repeated || earlier && !found.state.is_signed(),
    })
}

/// What this person may do with the act now, as the page names it.
fn may(who: &Who, found: &Found<'_>, facts: Facts, finds_exam: bool) -> Vec<String> {
    let unsigned = found.signatories.iter().any(|row| row.account_id == who.account && row.signed_ms.is_none());
    let edits = access::may_edit(who, found);
    let all = [
        ("edit", Action::Edit, edits),
        ("attach", Action::Edit, edits),
        ("discard", Action::Discard, edits),
        ("for-signature", Action::ForSignature, edits),
        ("back-to-draft", Action::BackToDraft, edits),
        ("sign", Action::Sign, unsigned),
        ("pass-on", Action::PassOn, who.may(Access::SignActs)),
        ("cancel-grade", Action::CancelGrade, who.may(Access::SignActs)),
        ("correct", Action::Refer, finds_exam && access::may_draft(who, found.rules)),
        ("bundle", Action::Bundle, who.may(Access::Footage)),
    ];
    let now = all.into_iter().filter(|(_, action, entitled)| *entitled && allowed(found.state, facts, *action));
    now.map(|(name, ..)| name.to_owned()).collect()
}

async fn events(state: &AppState, act: i64) -> ApiResult<Vec<EventView>> {
    let mut out = Vec::new();
    for (kind, statement) in log::of_act(&state.db, act).await? {
        if kind != "act" {
            let event: ActEvent = statement.read().map_err(|error| ApiError::internal("reading the log of acts", error))?;
            out.push(EventView { event: kind, at_ms: event.at_ms, by: event.by.map(|by| by.name), detail: event.detail });
        }
    }
    Ok(out)
}

fn signatory(row: &act_signatories::Model, names: &HashMap<i64, accounts::Model>) -> Signatory {
    let login = names.get(&row.account_id).map(|account| account.login.clone()).unwrap_or_default();
    Signatory { login, name: name_of(names, row.account_id), post: row.post.clone(), signed_ms: row.signed_ms }
}

fn name_of(names: &HashMap<i64, accounts::Model>, account: i64) -> String {
    names.get(&account).map(|account| account.name.clone()).unwrap_or_default()
}

fn id<T: std::str::FromStr>(text: &str) -> ApiResult<T>
where
    T::Err: std::fmt::Display,
{
    text.parse().map_err(|error| ApiError::internal("reading an id from the database", error))
}
