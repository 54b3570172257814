//! The content that signatories confirm, and the act that it becomes (`docs/evidence.md` 4).

use crate::acts::access::Found;
use crate::acts::content::{self, Draft};
use crate::acts::people::{self, Circle};
use crate::acts::{deadline, footage, life, log, problems, stills};
use crate::db::entities::{accounts, act_signatories, acts, exams, recordings};
use crate::{ApiError, ApiResult, AppState};
use invigil_evidence::{Act, ActAttachment, ActContent, ActExam, DrawnUpBy, RefersTo, Relation, ToSign};
use sea_orm::{ConnectionTrait, EntityTrait};
use serde_json::Value;
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
    let (row, form) = (&found.row, found.form);
    let limit = deadline::limit(state, exam, deadline::decides_grade(form, row.relation.as_deref()))?;
    let cites_recordings = stills::cites_recordings(draft.evidence.len(), &attachments);
    limit.require(state.now_ms(), cites_recordings)?;
    if !stills::are_cited(&draft.evidence, &attachments) {
        return Err(problems::incomplete(&[problems::problem("evidence", "still-not-cited")]));
    }
    let evidence = footage::cited(state, tx, row.id, &draft.evidence).await?;
    let evidence = evidence.map_err(|what| problems::incomplete(&[problems::problem("evidence", what)]))?;
    let author = names.get(&row.created_by).ok_or_else(|| damaged("its author has no account"))?;
    let to_sign = found.signatories.iter().map(|one| {
        let account = names.get(&one.account_id).ok_or_else(|| damaged("a signatory has no account"))?;
        Ok(ToSign { account: account.login.clone(), name: account.name.clone(), post: one.post.clone() })
    });
    // Values of white space count as none.
    let fields = draft.fields.iter().filter(|(_, value)| !value.trim().is_empty()).map(|(name, value)| (name.clone(), value.clone()));
    let content = ActContent {
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
        refers_to: refers_to(tx, row).await?,
    };
    if content.to_json().len() > MAX_CONTENT_BYTES {
        return Err(problems::incomplete(&[problems::problem("act", "too-long")]));
    }
    Ok(content)
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
/// When the content is not what was confirmed.
pub fn act(frozen: &str, signed: &[act_signatories::Model], numbered: Numbered) -> ApiResult<Act> {
    let Value::Object(mut members) = serde_json::from_str(frozen).map_err(damaged)? else {
        return Err(damaged("its content is no object"));
    };
    let to_sign = members.remove("to_sign").ok_or_else(|| damaged("nobody was to sign it"))?;
    let to_sign: Vec<serde_json::Map<String, Value>> = serde_json::from_value(to_sign).map_err(damaged)?;
    if to_sign.len() != signed.len() {
        return Err(damaged("its signatories are others than its content names"));
    }
    let mut signatories = Vec::with_capacity(signed.len());
    for (mut named, row) in to_sign.into_iter().zip(signed) {
        named.insert("signed_ms".into(), row.signed_ms.ok_or_else(|| damaged("a signature is missing"))?.into());
        named.insert("content".into(), row.content.clone().ok_or_else(|| damaged("a signature is missing"))?.into());
        signatories.push(Value::Object(named));
    }
    for name in ["type", "version"] {
        members.remove(name);
    }
    members.insert("signatories".into(), signatories.into());
    members.insert("number".into(), numbered.number.into());
    members.insert("year".into(), numbered.year.into());
    members.insert("number_text".into(), numbered.number_text.into());
    members.insert("repeated".into(), numbered.repeated.into());
    members.insert("signed_ms".into(), numbered.signed_ms.into());
    members.insert("log_index".into(), numbered.place.index.into());
    members.insert("log_previous".into(), numbered.place.previous.to_string().into());
    serde_json::from_value(Value::Object(members)).map_err(damaged)
}

async fn refers_to<C: ConnectionTrait>(tx: &C, row: &acts::Model) -> ApiResult<Option<RefersTo>> {
    let Some(id) = row.refers_to else { return Ok(None) };
    let other = acts::Entity::find_by_id(id).one(tx).await?.ok_or_else(|| damaged("the act that it refers to is gone"))?;
    if Circle::load(tx).await?.revoked_by(id).is_some() {
        return Err(life::unprocessable("bad-reference", "the act that this one refers to has been revoked meanwhile; discard this draft"));
    }
    let (statement, act) = log::signed(&other)?;
    let relation = match row.relation.as_deref() {
        Some("corrects") => Relation::Corrects,
        Some("revokes") => Relation::Revokes,
        Some("supplements") => Relation::Supplements,
        _ => return Err(damaged("it refers to another act in no known way")),
    };
    Ok(Some(RefersTo { act: act.act, digest: statement.digest(), number_text: act.number_text, relation }))
}

fn damaged(error: impl std::fmt::Display) -> ApiError {
    ApiError::internal("putting an act together", error)
}
