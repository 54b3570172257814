//! The content that signatories confirm, and the act that it becomes (`docs/evidence.md` 4).

use crate::acts::access::Found;
use crate::acts::content::{self, Draft};
use crate::acts::people::{self, Circle};
use crate::acts::{deadline, footage, life, log, problems, stills};
use crate::db::entities::{accounts, act_signatories, acts, exams, recordings};
use crate::{ApiError, ApiResult, AppState};
use invigil_evidence::{Act, ActAttachment, ActContent, ActExam, DrawnUpBy, Evidence, RefersTo, Relation, Signatory, ToSign};
use invigil_format::Digest;
use sea_orm::{ConnectionTrait, EntityTrait};
use std::collections::HashMap;

/// Longest content, bytes: number, signatures and place in the log still have to fit into a statement of 64 KiB.
const MAX_CONTENT_BYTES: usize = 56 << 10;

/// What is to be signed.
///
/// # Errors
/// 422 `incomplete` when it does not fit into an act, what is cited is still coming in or does not fit into a bundle, or a still shows what is not cited; 422 `too-late`.
#[expect(clippy::too_many_arguments, reason = "all that an act is made of")]
pub async fn content<C: ConnectionTrait>(
    state: &AppState,
    tx: &C,
    found: &Found<'_>,
    draft: &Draft,
    exam: &exams::Model,
    recording: Option<&recordings::Model>,
    names: &HashMap<i64, accounts::Model>,
    attachments: Vec<ActAttachment>,
) -> ApiResult<ActContent> {
    let row = &found.row;
    let limit = deadline::limit(state, exam, deadline::decides_grade(found.form, row.relation.as_deref()))?;
    limit.require(state.now_ms(), stills::cites_recordings(draft.evidence.len(), &attachments))?;
    if !stills::are_cited(&draft.evidence, &attachments) {
        return Err(problems::incomplete(&[problems::problem("evidence", "still-not-cited")]));
    }
    let evidence = footage::cited(state, tx, row.id, &draft.evidence).await?;
    let evidence = evidence.map_err(|what| problems::incomplete(&[problems::problem("evidence", what)]))?;
    referable(&Circle::load(tx).await?, row)?;
    let content = assemble(state, tx, found, draft, exam, recording, names, attachments, evidence).await?;
    if content.to_json().len() > MAX_CONTENT_BYTES {
        return Err(problems::incomplete(&[problems::problem("act", "too-long")]));
    }
    Ok(content)
}

/// A draft in the shape of what is signed, whether or not it can be signed so.
///
/// # Errors
/// When the database fails or is damaged.
#[expect(clippy::too_many_arguments, reason = "all that an act is made of")]
pub async fn assemble<C: ConnectionTrait>(
    state: &AppState,
    db: &C,
    found: &Found<'_>,
    draft: &Draft,
    exam: &exams::Model,
    recording: Option<&recordings::Model>,
    names: &HashMap<i64, accounts::Model>,
    attachments: Vec<ActAttachment>,
    evidence: Vec<Evidence>,
) -> ApiResult<ActContent> {
    let (row, form) = (&found.row, found.form);
    let limit = deadline::limit(state, exam, deadline::decides_grade(form, row.relation.as_deref()))?;
    let cites_recordings = stills::cites_recordings(draft.evidence.len(), &attachments);
    let author = names.get(&row.created_by).ok_or_else(|| damaged("its author has no account"))?;
    let to_sign = found.signatories.iter().map(|one| {
        let account = names.get(&one.account_id).ok_or_else(|| damaged("a signatory has no account"))?;
        Ok(ToSign { account: account.login.clone(), name: account.name.clone(), post: one.post.clone() })
    });
    // Values of white space count as none.
    let fields = draft.fields.iter().filter(|(_, value)| !value.trim().is_empty()).map(|(name, value)| (name.clone(), value.clone()));
    Ok(ActContent {
        institution: state.institution,
        act: content::act_id(row)?,
        kind: row.kind.clone(),
        form: form.digest().parse().map_err(damaged)?,
        language: row.language.clone(),
        exam: ActExam {
            id: exam.uuid.parse().map_err(damaged)?,
            title: exam.title.clone(),
            discipline: exam.discipline.clone(),
            faculty: exam.faculty.clone().unwrap_or_default(),
            examiner: exam.examiner.clone().unwrap_or_default(),
            starts_ms: exam.starts_ms,
            ends_ms: exam.ends_ms,
            utc_offset_secs: exam.utc_offset_secs,
        },
        subject: people::subject(form, draft, recording),
        fields: fields.collect(),
        points: draft.points.clone(),
        cancel_until_ms: limit.until_ms.filter(|_| cites_recordings),
        evidence,
        attachments,
        drawn_up_by: DrawnUpBy { account: author.login.clone(), name: author.name.clone(), capacity: draft.capacity.clone() },
        to_sign: to_sign.collect::<ApiResult<_>>()?,
        refers_to: refers_to(db, row).await?,
    })
}

/// What is up for signature, if the draft is: what is shown, printed and signed is this, whatever became of the rows that it was made of.
///
/// # Errors
/// When it is not the text that was frozen.
pub fn frozen(draft: &Draft) -> ApiResult<Option<ActContent>> {
    draft.frozen.as_deref().map(ActContent::from_json).transpose().map_err(damaged)
}

/// Where and when the act stands in the log.
pub struct Numbered {
    /// Number within kind and year.
    pub number: u64,
    /// Year.
    pub year: u32,
    /// Number as written.
    pub number_text: String,
    /// It is not the person's first.
    pub repeated: bool,
    /// When the last one signed, Unix ms.
    pub signed_ms: i64,
    /// Place in the log.
    pub place: log::Place,
}

/// The act: the frozen content with its number and signatures, which are in the order of `to_sign`.
///
/// # Errors
/// When a signature is missing.
pub fn act(content: ActContent, signed: &[act_signatories::Model], numbered: Numbered) -> ApiResult<Act> {
    if content.to_sign.len() != signed.len() {
        return Err(damaged("its signatories are others than its content names"));
    }
    let signatory = |(named, row): (&ToSign, &act_signatories::Model)| {
        let (Some(signed_ms), Some(confirmed)) = (row.signed_ms, &row.content) else { return Err(damaged("a signature is missing")) };
        let ToSign { account, name, post } = named.clone();
        Ok(Signatory { account, name, post, signed_ms, content: confirmed.parse().map_err(damaged)? })
    };
    let signatories = content.to_sign.iter().zip(signed).map(signatory).collect::<ApiResult<_>>()?;
    Ok(Act {
        signatories,
        number: numbered.number,
        year: numbered.year,
        number_text: numbered.number_text,
        repeated: numbered.repeated,
        signed_ms: numbered.signed_ms,
        log_index: numbered.place.index,
        log_previous: numbered.place.previous,
        ..unsigned(content)
    })
}

/// Content in the shape of an act: without number, signatures and place in the log.
pub fn unsigned(content: ActContent) -> Act {
    Act {
        institution: content.institution,
        act: content.act,
        kind: content.kind,
        number: 0,
        year: 0,
        number_text: String::new(),
        form: content.form,
        language: content.language,
        exam: content.exam,
        subject: content.subject,
        fields: content.fields,
        points: content.points,
        evidence: content.evidence,
        attachments: content.attachments,
        drawn_up_by: content.drawn_up_by,
        signatories: Vec::new(),
        refers_to: content.refers_to,
        repeated: false,
        cancel_until_ms: content.cancel_until_ms,
        signed_ms: 0,
        log_index: 0,
        log_previous: Digest([0; 32]),
    }
}

/// Refuses an act that refers to one that has been ended meanwhile, and a second correction of one act: two acts would stand in its place.
///
/// # Errors
/// 422 `bad-reference`.
pub fn referable(circle: &Circle, row: &acts::Model) -> ApiResult<()> {
    let Some(other) = row.refers_to else { return Ok(()) };
    let bad = |message: &str| Err(life::unprocessable("bad-reference", message));
    if circle.revoked_by(other).is_some() {
        return bad("the act that this one refers to has been revoked meanwhile; discard this draft");
    }
    if people::relation_of(row) == Some(Relation::Corrects) && circle.corrected_by(other).is_some() {
        return bad(
            "the act that this one corrects has been corrected meanwhile; discard this draft and correct the act that stands in its place",
        );
    }
    Ok(())
}

async fn refers_to<C: ConnectionTrait>(db: &C, row: &acts::Model) -> ApiResult<Option<RefersTo>> {
    let Some(id) = row.refers_to else { return Ok(None) };
    let other = acts::Entity::find_by_id(id).one(db).await?.ok_or_else(|| damaged("the act that it refers to is gone"))?;
    let (statement, act) = log::signed(&other)?;
    let relation = people::relation_of(row).ok_or_else(|| damaged("it refers to another act in no known way"))?;
    Ok(Some(RefersTo { act: act.act, digest: statement.digest(), number_text: act.number_text, relation }))
}

fn damaged(error: impl std::fmt::Display) -> ApiError {
    ApiError::internal("putting an act together", error)
}
