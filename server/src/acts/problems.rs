//! What is wrong or missing before a draft can be put up for signature.

use crate::acts::access::{self, Found};
use crate::acts::content::Draft;
use crate::acts::{footage, stills};
use crate::db::entities::accounts;
use crate::{ApiError, ApiResult, AppState};
use axum::http::StatusCode;
use invigil_forms::Problem as FormProblem;
use invigil_wire::acts::Problem;
use std::collections::HashMap;

/// All of it, in the form's order.
///
/// # Errors
/// When the database fails.
pub async fn of(state: &AppState, found: &Found<'_>, draft: &Draft, names: &HashMap<i64, accounts::Model>) -> ApiResult<Vec<Problem>> {
    let mut problems: Vec<Problem> = match found.form.check(&draft.fields, &draft.points, true) {
        Ok(()) => Vec::new(),
        Err(found) => found.iter().map(of_form).collect(),
    };
    if draft.capacity.is_empty() {
        problems.push(problem("capacity", "missing"));
    } else if found.form.post(&draft.capacity).is_none() {
        problems.push(problem("capacity", "unknown"));
    }
    let (named, wanted) = (found.signatories.len(), found.form.signatures);
    if named < usize::try_from(wanted.min).unwrap_or(usize::MAX) {
        problems.push(problem("signatories", "too-few"));
    }
    if named > usize::try_from(wanted.at_most).unwrap_or(usize::MAX) {
        problems.push(problem("signatories", "too-many"));
    }
    let may_sign = |account: &accounts::Model| account.disabled_ms.is_none() && access::may_be_named(found.form, &account.role);
    if found.signatories.iter().any(|row| !names.get(&row.account_id).is_some_and(may_sign)) {
        problems.push(problem("signatories", "unknown"));
    }
    if found.signatories.iter().any(|row| row.post.trim().is_empty()) {
        problems.push(problem("signatories", "missing"));
    }
    if let Err(what) = footage::cited(state, &state.db, found.row.id, &draft.evidence).await? {
        problems.push(problem("evidence", what));
    }
    if !stills::are_cited(&draft.evidence, &stills::attached(&state.db, found.row.id).await?) {
        problems.push(problem("evidence", "still-not-cited"));
    }
    Ok(problems)
}

/// The refusal that names them.
pub fn incomplete(problems: &[Problem]) -> ApiError {
    let message = format!("the act cannot be put up for signature: {} things are missing or wrong; correct them first", problems.len());
    ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "incomplete", message).with_member("problems", &problems)
}

/// One problem.
pub fn problem(field: &str, problem: &str) -> Problem {
    Problem { field: field.to_owned(), problem: problem.to_owned() }
}

/// What no draft may have: fields and points that its form does not know.
///
/// # Errors
/// 422 `unknown` with the problems.
pub fn refuse_unknown(
    found: &invigil_forms::Form,
    fields: &std::collections::BTreeMap<String, String>,
    points: &[String],
) -> ApiResult<()> {
    let all = found.check(fields, points, false).err().unwrap_or_default();
    let unknown = |problem: &&FormProblem| matches!(problem, FormProblem::UnknownField { .. } | FormProblem::UnknownPoint { .. });
    let unknown: Vec<Problem> = all.iter().filter(unknown).map(of_form).collect();
    if unknown.is_empty() {
        return Ok(());
    }
    let message = "the form has no such field or point; load the forms again";
    Err(ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "unknown", message).with_member("problems", &unknown))
}

fn of_form(found: &FormProblem) -> Problem {
    problem(found.field(), found.name())
}
