//! Who may do what with which act: the role's right ([`Access`]) opens the route, the form's lists decide about the act.

use crate::acts::wording;
use crate::db::entities::{act_signatories, acts};
use crate::staff::{Access, Role, Who};
use crate::{ApiError, ApiResult, AppState};
use invigil_format::ActId;
use invigil_forms::{Access as FormAccess, Form, Role as FormRole};
use invigil_rules::acts::State;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

/// An act with its form and who is to sign it.
#[derive(Debug, Clone)]
pub struct Found<'a> {
    /// Row.
    pub row: acts::Model,
    /// Its form: the file's while it is a draft, after that the one that it was put up for signature under.
    pub form: &'a Form,
    /// Who may do what with acts of its kind now, as the form's file says.
    pub rules: &'a FormAccess,
    /// Where it is in its life.
    pub state: State,
    /// Who is to sign, in order.
    pub signatories: Vec<act_signatories::Model>,
}

/// An act by the id in a path, if the person may read it; else it is as if it did not exist.
///
/// # Errors
/// 404.
pub async fn find<'a, C: ConnectionTrait>(state: &'a AppState, db: &C, who: &Who, id: &str) -> ApiResult<Found<'a>> {
    let none = || ApiError::not_found("there is no such act, or it is not for you; go back to the list of acts");
    let id: ActId = id.parse().map_err(|_| none())?;
    let row = acts::Entity::find().filter(acts::Column::Uuid.eq(id.to_string())).one(db).await?.ok_or_else(none)?;
    let found = with_form(state, db, row).await?;
    if may_read(who, &found) { Ok(found) } else { Err(none()) }
}

/// An act's row with what belongs to it.
///
/// # Errors
/// When the form of its kind is gone, or the database fails.
pub async fn with_form<'a, C: ConnectionTrait>(state: &'a AppState, db: &C, row: acts::Model) -> ApiResult<Found<'a>> {
    let signatories = act_signatories::Entity::find().filter(act_signatories::Column::ActId.eq(row.id));
    let signatories = signatories.order_by_asc(act_signatories::Column::Id).all(db).await?;
    found(state, row, signatories)
}

/// The same with signatories that are known already.
///
/// # Errors
/// When the form of its kind is gone, or it is in no known state.
pub fn found(state: &AppState, row: acts::Model, signatories: Vec<act_signatories::Model>) -> ApiResult<Found<'_>> {
    let (form, rules) = (form_of_act(state, &row)?, &form_of(state, &row.kind)?.access);
    let life = State::from_name(&row.state)
        .ok_or_else(|| ApiError::internal("reading an act", format!("act {} is in no known state", row.uuid)))?;
    Ok(Found { row, form, rules, state: life, signatories })
}

/// The form that an act reads by: from the moment at which it was put up for signature, the text that was kept then.
///
/// # Errors
/// When it is gone.
pub fn form_of_act<'a>(state: &'a AppState, row: &acts::Model) -> ApiResult<&'a Form> {
    match &row.form {
        Some(digest) => wording::of(state, &row.kind, digest),
        None => form_of(state, &row.kind),
    }
}

/// The form of a kind of which there are acts, as its file is now.
///
/// # Errors
/// When somebody took it away; then the next start is refused ([`wording::require`]).
pub fn form_of<'a>(state: &'a AppState, kind: &str) -> ApiResult<&'a Form> {
    let missing =
        || format!("there are acts of kind {kind:?}, but no form of that name in {}: put it back", state.config.paths.forms.display());
    state.forms.get(kind).ok_or_else(|| ApiError::internal("finding the form of an act", missing()))
}

/// Whether one of the roles is this person's. An admin who holds a review key does what a reviewer does, as with footage.
pub fn named(roles: &[FormRole], who: &Who) -> bool {
    let own = match who.role {
        Role::Invigilator => FormRole::Invigilator,
        Role::Reviewer => FormRole::Reviewer,
        Role::Board => FormRole::Board,
        Role::Registrar => FormRole::Registrar,
        Role::Admin => FormRole::Admin,
        Role::Auditor => return false,
    };
    roles.contains(&own) || (own == FormRole::Admin && who.holds_review_key && roles.contains(&FormRole::Reviewer))
}

/// Whether they may draft acts of this kind.
pub fn may_draft(who: &Who, rules: &FormAccess) -> bool {
    who.may(Access::DraftActs) && named(&rules.draft, who)
}

/// Whether they may read this act: their own, one that they are to sign, a signed one of a kind that their role reads, and a draft if it also writes them.
pub fn may_read(who: &Who, act: &Found<'_>) -> bool {
    let signs = act.signatories.iter().any(|row| row.account_id == who.account);
    let reads = named(&act.rules.read, who);
    let public = act.state.is_signed() || named(&act.rules.draft, who) || named(&act.rules.sign, who);
    who.may(Access::ReadActs) && (act.row.created_by == who.account || signs || (reads && public))
}

/// Whether they may change this draft: their own, and those of others that they may read.
pub fn may_edit(who: &Who, act: &Found<'_>) -> bool {
    may_draft(who, act.rules) && may_read(who, act)
}

/// Whether a role may be named to sign acts of this form.
pub fn may_be_named(form: &Form, role: &str) -> bool {
    FormRole::from_name(role).is_some_and(|role| form.access.sign.contains(&role))
}

/// Refuses those who may not change this draft.
///
/// # Errors
/// 403.
pub fn require_edit(who: &Who, act: &Found<'_>) -> ApiResult<()> {
    let refused = || ApiError::forbidden(format!("the role {} may not change acts of this kind; ask who drew this one up", who.role));
    if may_edit(who, act) { Ok(()) } else { Err(refused()) }
}
