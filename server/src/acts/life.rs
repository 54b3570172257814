//! From a draft to what is put up for signature, and back. Every change is one transaction; whoever changes an older revision is told the newest, and
//! nothing is written.

use crate::acts::access::{self, Found};
use crate::acts::content::{self, Draft};
use crate::acts::people::{self, Circle};
use crate::acts::{deadline, discard, footage, freeze, log, prefill, problems, stills, view, wording};
use crate::audit::{self, Entry};
use crate::db;
use crate::db::entities::{accounts, act_signatories, acts, exams, recordings};
use crate::staff::sign_in::normal_login;
use crate::staff::{Access, Role, Who};
use crate::{ApiError, ApiResult, Shared, keys};
use axum::http::StatusCode;
use invigil_evidence::Relation;
use invigil_format::{ActId, ErasurePrivateKey};
use invigil_forms::{About, Form, Language};
use invigil_rules::acts::{Action, Facts, State, allowed};
use invigil_wire::acts::{ActView, DraftChange, NewAct, Returned, ToSign};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

/// Opens a draft, and with it the holds of what it cites. What refers to another act begins with what that one says, as far as the form still knows it.
///
/// # Errors
/// 403, 404, 410, 422 `too-late`, `bad-evidence`, `unknown-kind`, `bad-reference`.
pub async fn create(state: &Shared, who: &Who, mut new: NewAct) -> ApiResult<ActView> {
    let unknown = || unprocessable("unknown-kind", "there is no form of that name; load the forms again");
    let form = state.forms.get(&new.kind).ok_or_else(unknown)?;
    if !access::may_draft(who, &form.access) {
        return Err(ApiError::forbidden(format!("the role {} may not draw up acts of this kind", who.role)));
    }
    check_language(&new.language)?;
    problems::refuse_unknown(form, &new.fields, &new.points)?;
    let (exam, recording) = concerned(state, who, form, &new).await?;
    if !new.evidence.is_empty() {
        require_footage(who)?;
        footage::check(state, exam.id, &new.evidence).await?;
    }
    let relation = new.refers_to.as_ref().map(|reference| reference.relation.as_str());
    let limit = deadline::limit(state, &exam, deadline::decides_grade(form, relation))?;
    limit.require(state.now_ms(), !new.evidence.is_empty())?;
    let referred = referred(state, who, &new).await?;
    if let Some(other) = &referred {
        prefill::take_over(form, &log::signed(other)?.1, &mut new);
    }

    let zone = &state.policies.get(&exam.policy)?.zone.value;
    let fields = prefill::fields(form, &new, &exam, recording.as_ref(), who, zone, state.now_ms())?;
    let draft = Draft { fields, points: new.points, evidence: new.evidence, ..Draft::default() };
    let act = ActId::from_random(invigil_clock::random()?);
    let key = ErasurePrivateKey::from_bytes(*keys::random_secret()?);
    let public = key.public().map_err(|error| ApiError::internal("making an act's key", error))?;
    let now_ms = state.now_ms();
    let row = acts::ActiveModel {
        uuid: Set(act.to_string()),
        kind: Set(form.kind.clone()),
        state: Set(State::Draft.name().to_owned()),
        exam_id: Set(exam.id),
        recording_id: Set(recording.map(|row| row.id)),
        language: Set(new.language),
        revision: Set(1),
        act_public: Set(public.to_string()),
        sealed: Set(Some(content::seal(state, act, &public, 1, &draft)?)),
        created_ms: Set(now_ms),
        created_by: Set(who.account),
        changed_ms: Set(now_ms),
        changed_by: Set(who.account),
        refers_to: Set(referred.map(|row| row.id)),
        relation: Set(new.refers_to.map(|reference| reference.relation)),
        ..Default::default()
    };
    let tx = db::begin_write(&state.db).await?;
    let row = row.insert(&tx).await?;
    footage::change(state, &tx, row.id, &draft.evidence, who).await?;
    let detail = serde_json::json!({ "kind": row.kind, "exam": exam.uuid, "evidence": draft.evidence.len() });
    note(&tx, who, "act-opened", &row, now_ms, detail).await?;
    // Durable before anything that was sealed to it is (K1), and after all that can be refused, which would leave it behind; inside the transaction, so that `check` can tell
    // it from a key that a crash left behind.
    state.keystore.create(act, &key)?;
    crate::crash::point("act-create-after-key");
    crate::crash::point("act-create-before-commit");
    tx.commit().await?;
    shown(state, who, row).await
}

/// Replaces a draft's content.
///
/// # Errors
/// 409 `changed-meanwhile` with the newest as `current`; 403, 410, 422.
pub async fn change(state: &Shared, who: &Who, id: &str, new: DraftChange) -> ApiResult<ActView> {
    let found = access::find(state, &state.db, who, id).await?;
    access::require_edit(who, &found)?;
    require(&found, Action::Edit)?;
    current(state, who, &found, new.revision).await?;
    check_language(&new.language)?;
    problems::refuse_unknown(found.form, &new.fields, &new.points)?;
    let old = content::open_one(state, &found.row).await?;
    let exam = view::exam_of(state, &found.row).await?;
    if new.evidence != old.evidence {
        require_footage(who)?;
        footage::check(state, exam.id, &new.evidence).await?;
        let more = new.evidence.iter().any(|cited| !old.evidence.contains(cited));
        let decides = deadline::decides_grade(found.form, found.row.relation.as_deref());
        deadline::limit(state, &exam, decides)?.require(state.now_ms(), more)?;
    }
    let (act, revision) = (content::act_id(&found.row)?, found.row.revision + 1);
    let draft = Draft {
        fields: new.fields,
        points: new.points,
        evidence: new.evidence,
        capacity: new.capacity,
        frozen: None,
        returned: old.returned.clone(),
    };
    let public = found.row.act_public.parse().map_err(|error| ApiError::internal("reading an act's key", error))?;
    let sealed = content::seal(state, act, &public, revision, &draft)?;

    let tx = db::begin_write(&state.db).await?;
    let Some(row) = unchanged(&tx, &found.row).await? else {
        drop(tx);
        return Err(changed_meanwhile(state, who, id).await?);
    };
    let named = resolve(&tx, found.form, &new.to_sign).await?;
    name_signatories(&tx, row.id, &found.signatories, &named).await?;
    let now_ms = state.now_ms();
    if draft.evidence != old.evidence {
        footage::change(state, &tx, row.id, &draft.evidence, who).await?;
    }
    if row.changed_by != who.account || draft.evidence != old.evidence {
        let detail = serde_json::json!({ "revision": revision, "evidence": draft.evidence.len() });
        note(&tx, who, "act-changed", &row, now_ms, detail).await?;
    }
    let change = acts::ActiveModel {
        id: Set(row.id),
        language: Set(new.language),
        revision: Set(revision),
        sealed: Set(Some(sealed)),
        changed_ms: Set(now_ms),
        changed_by: Set(who.account),
        ..Default::default()
    };
    let row = change.update(&tx).await?;
    tx.commit().await?;
    if draft.evidence != old.evidence {
        footage::finish(state, row.id).await;
    }
    shown(state, who, row).await
}

/// Freezes a draft's content for the signatories.
///
/// # Errors
/// 422 `incomplete` with the problems; 409, 403.
pub async fn for_signature(state: &Shared, who: &Who, id: &str, revision: i64) -> ApiResult<ActView> {
    let found = access::find(state, &state.db, who, id).await?;
    access::require_edit(who, &found)?;
    require(&found, Action::ForSignature)?;
    current(state, who, &found, revision).await?;
    let mut draft = content::open_one(state, &found.row).await?;
    let names = view::names(state).await?;
    let missing = problems::of(state, &found, &draft, &names).await?;
    if !missing.is_empty() {
        return Err(problems::incomplete(&missing));
    }
    let exam = view::exam_of(state, &found.row).await?;
    let recording = view::recording_of(state, &found.row).await?;

    let tx = db::begin_write(&state.db).await?;
    let Some(row) = unchanged(&tx, &found.row).await? else {
        drop(tx);
        return Err(changed_meanwhile(state, who, id).await?);
    };
    let attached = stills::attached(&tx, row.id).await?;
    let content = freeze::content(state, &tx, &found, &draft, &exam, recording.as_ref(), &names, attached).await?;
    wording::keep(&tx, found.form).await?;
    let digest = content.digest();
    draft.frozen = Some(content.to_json());
    draft.returned = None;
    let next = row.revision + 1;
    let public = row.act_public.parse().map_err(|error| ApiError::internal("reading an act's key", error))?;
    let now_ms = state.now_ms();
    let change = acts::ActiveModel {
        id: Set(row.id),
        state: Set(State::ForSignature.name().to_owned()),
        revision: Set(next),
        sealed: Set(Some(content::seal(state, content.act, &public, next, &draft)?)),
        changed_ms: Set(now_ms),
        changed_by: Set(who.account),
        content: Set(Some(digest.to_string())),
        form: Set(Some(found.form.digest().to_owned())),
        ..Default::default()
    };
    let row = change.update(&tx).await?;
    note(&tx, who, "act-for-signature", &row, now_ms, serde_json::json!({ "content": digest })).await?;
    crate::crash::point("act-for-signature-before-commit");
    tx.commit().await?;
    crate::crash::point("act-for-signature-after-commit");
    shown(state, who, row).await
}

/// Opens a frozen draft again; signatures so far are void.
///
/// # Errors
/// 403, 409.
pub async fn back_to_draft(state: &Shared, who: &Who, id: &str, reason: &str) -> ApiResult<ActView> {
    check_note(reason)?;
    let found = access::find(state, &state.db, who, id).await?;
    let signs = found.signatories.iter().any(|row| row.account_id == who.account);
    if !signs {
        access::require_edit(who, &found)?;
    }
    require(&found, Action::BackToDraft)?;
    let mut draft = content::open_one(state, &found.row).await?;
    let now_ms = state.now_ms();
    draft.frozen = None;
    draft.returned = Some(Returned { note: reason.trim().to_owned(), by: who.name.clone(), at_ms: now_ms });
    let (act, revision) = (content::act_id(&found.row)?, found.row.revision + 1);
    let public = found.row.act_public.parse().map_err(|error| ApiError::internal("reading an act's key", error))?;
    let sealed = content::seal(state, act, &public, revision, &draft)?;

    let tx = db::begin_write(&state.db).await?;
    let Some(row) = unchanged(&tx, &found.row).await? else {
        drop(tx);
        return Err(changed_meanwhile(state, who, id).await?);
    };
    let void = act_signatories::ActiveModel { signed_ms: Set(None), content: Set(None), ..Default::default() };
    act_signatories::Entity::update_many().set(void).filter(act_signatories::Column::ActId.eq(row.id)).exec(&tx).await?;
    let change = acts::ActiveModel {
        id: Set(row.id),
        state: Set(State::Draft.name().to_owned()),
        revision: Set(revision),
        sealed: Set(Some(sealed)),
        changed_ms: Set(now_ms),
        changed_by: Set(who.account),
        content: Set(None),
        form: Set(None),
        ..Default::default()
    };
    let row = change.update(&tx).await?;
    note(&tx, who, "act-back-to-draft", &row, now_ms, serde_json::json!({})).await?;
    tx.commit().await?;
    shown(state, who, row).await
}

/// Gives a draft up. What was personal in it is gone when this returns, from backups too.
///
/// # Errors
/// 403, 409.
pub async fn discard(state: &Shared, who: &Who, id: &str, reason: &str) -> ApiResult<ActView> {
    check_note(reason)?;
    let found = access::find(state, &state.db, who, id).await?;
    access::require_edit(who, &found)?;
    require(&found, Action::Discard)?;
    let tx = db::begin_write(&state.db).await?;
    let Some(row) = unchanged(&tx, &found.row).await? else {
        drop(tx);
        return Err(changed_meanwhile(state, who, id).await?);
    };
    let now_ms = state.now_ms();
    footage::release(state, &tx, row.id, "the draft was discarded", who).await?;
    act_signatories::Entity::delete_many().filter(act_signatories::Column::ActId.eq(row.id)).exec(&tx).await?;
    let change = acts::ActiveModel {
        id: Set(row.id),
        state: Set(State::Discarded.name().to_owned()),
        recording_id: Set(None),
        revision: Set(row.revision + 1),
        sealed: Set(None),
        changed_ms: Set(now_ms),
        changed_by: Set(who.account),
        content: Set(None),
        closed_ms: Set(Some(now_ms)),
        close_note: Set(Some(reason.trim().to_owned())),
        ..Default::default()
    };
    let row = change.update(&tx).await?;
    note(&tx, who, "act-discarded", &row, now_ms, serde_json::json!({})).await?;
    tx.commit().await?;
    crate::crash::point("act-discard-after-commit");
    discard::finish(state, &row).await?;
    footage::finish(state, row.id).await;
    shown(state, who, row).await
}

/// The newest row, if nobody changed it since it was read.
///
/// # Errors
/// When the database fails.
pub async fn unchanged<C: ConnectionTrait>(tx: &C, read: &acts::Model) -> ApiResult<Option<acts::Model>> {
    let row = acts::Entity::find_by_id(read.id).one(tx).await?;
    Ok(row.filter(|row| row.revision == read.revision && row.state == read.state))
}

/// 409 with the newest as `current`.
///
/// # Errors
/// When that cannot be read.
pub async fn changed_meanwhile(state: &Shared, who: &Who, id: &str) -> ApiResult<ApiError> {
    let found = access::find(state, &state.db, who, id).await?;
    let now = view::one(state, who, &found).await?;
    let message = "somebody else has changed the act meanwhile; nothing was written: compare with what it is now and try again";
    Ok(ApiError::conflict("changed-meanwhile", message).with_member("current", &now))
}

/// Refuses what an act in this state does not allow.
///
/// # Errors
/// 409 `wrong-state`.
pub fn require(found: &Found<'_>, action: Action) -> ApiResult<()> {
    let decides_grade = deadline::decides_grade(found.form, found.row.relation.as_deref());
    let facts = Facts { decides_grade, revoked: false, corrected: false };
    if allowed(found.state, facts, action) {
        return Ok(());
    }
    let message = format!("this cannot be done with an act in the state {}; load it again", found.state.name());
    Err(ApiError::conflict("wrong-state", message))
}

/// The act as it is now.
///
/// # Errors
/// When it cannot be read.
pub async fn shown(state: &Shared, who: &Who, row: acts::Model) -> ApiResult<ActView> {
    view::one(state, who, &access::with_form(state, &state.db, row).await?).await
}

/// Enters what was done in the audit log.
///
/// # Errors
/// When the database fails.
pub async fn note<C: ConnectionTrait>(
    tx: &C,
    who: &Who,
    action: &'static str,
    row: &acts::Model,
    now_ms: i64,
    detail: serde_json::Value,
) -> ApiResult<()> {
    let object = format!("act:{}", row.uuid);
    let detail = who.noted(detail);
    Ok(audit::append_in(tx, now_ms, Entry { who: who.audit_name(), action, object, detail }).await?)
}

/// A reason in words.
///
/// # Errors
/// 400 `bad-note`.
pub fn check_note(note: &str) -> ApiResult<()> {
    let length = note.trim().chars().count();
    let message = || format!("expected a reason in 1 to 500 characters, found {length}");
    if (1..=500).contains(&length) { Ok(()) } else { Err(ApiError::bad("bad-note", message())) }
}

/// 422.
pub fn unprocessable(code: &'static str, message: impl Into<String>) -> ApiError {
    ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, code, message)
}

async fn current(state: &Shared, who: &Who, found: &Found<'_>, revision: i64) -> ApiResult<()> {
    if found.row.revision == revision { Ok(()) } else { Err(changed_meanwhile(state, who, &found.row.uuid).await?) }
}

fn check_language(language: &str) -> ApiResult<()> {
    let unknown = || unprocessable("bad-language", "expected one of the languages kk, ru and en");
    Language::from_code(language).map(|_| ()).ok_or_else(unknown)
}

/// Citing footage holds it: for those who may see it.
fn require_footage(who: &Who) -> ApiResult<()> {
    let message = || format!("the role {} may draw up an act, but not cite footage: leave that to IT staff or the board", who.role);
    if who.may(Access::Footage) { Ok(()) } else { Err(ApiError::forbidden(message())) }
}

/// The exam and the recording that a new act names.
async fn concerned(state: &Shared, who: &Who, form: &Form, new: &NewAct) -> ApiResult<(exams::Model, Option<recordings::Model>)> {
    let exam = exams::Entity::find().filter(exams::Column::Uuid.eq(new.exam.to_string())).one(&state.db).await?;
    let exam = exam.filter(|exam| who.role != Role::Invigilator || crate::review::runs_now(state, exam));
    let exam = exam.ok_or_else(|| ApiError::not_found("there is no such exam; go back to the list of exams"))?;
    let Some(id) = new.recording else { return Ok((exam, None)) };
    if form.about == About::Staff {
        return Err(unprocessable("bad-recording", "a report on staff concerns no candidate: leave the recording out"));
    }
    let recording = recordings::Entity::find().filter(recordings::Column::Uuid.eq(id.to_string())).one(&state.db).await?;
    let recording = recording.filter(|row| row.exam_id == exam.id);
    let recording =
        recording.ok_or_else(|| unprocessable("bad-recording", "the exam has no such recording; choose one of its recordings"))?;
    Ok((exam, Some(recording)))
}

/// The row of the act that a new one refers to; whoever draws it up must be able to read it.
async fn referred(state: &Shared, who: &Who, new: &NewAct) -> ApiResult<Option<acts::Model>> {
    let Some(reference) = &new.refers_to else { return Ok(None) };
    let bad = |message: &str| unprocessable("bad-reference", message);
    let unknown = || bad("expected one of the relations corrects, revokes and supplements");
    let relation = Relation::from_name(&reference.relation).ok_or_else(unknown)?;
    let found = access::find(state, &state.db, who, &reference.act.to_string()).await?;
    let exam = view::exam_of(state, &found.row).await?;
    if found.row.kind != new.kind || exam.uuid != new.exam.to_string() {
        return Err(bad("an act refers to an act of its own kind and exam"));
    }
    let facts = view::facts(&found, &Circle::load(&state.db).await?);
    if !allowed(found.state, facts, Action::Refer) {
        return Err(bad("only a signed act that stands can be corrected, revoked or supplemented"));
    }
    if relation == Relation::Revokes && people::relation_of(&found.row) == Some(Relation::Revokes) {
        return Err(bad("an act that revokes another is not revoked: draw up a new act"));
    }
    if relation == Relation::Corrects && facts.corrected {
        return Err(bad("this act has been corrected already: correct the act that stands in its place"));
    }
    Ok(Some(found.row))
}

/// The accounts of those who are to sign.
async fn resolve<C: ConnectionTrait>(tx: &C, form: &Form, to_sign: &[ToSign]) -> ApiResult<Vec<(i64, String)>> {
    let mut named: Vec<(i64, String)> = Vec::with_capacity(to_sign.len());
    if to_sign.len() > 12 {
        return Err(unprocessable("bad-signatory", "at most 12 people sign an act"));
    }
    for one in to_sign {
        let login = normal_login(&one.login);
        let account = accounts::Entity::find().filter(accounts::Column::Login.eq(&login)).one(tx).await?;
        let account = account.filter(|account| account.disabled_ms.is_none() && access::may_be_named(form, &account.role));
        let refused = || {
            unprocessable(
                "bad-signatory",
                format!("{login:?} cannot be named to sign: no such account, disabled, or its role does not sign such acts"),
            )
        };
        let account = account.ok_or_else(refused)?;
        if one.post.chars().count() > 200 || named.iter().any(|(id, _)| *id == account.id) {
            return Err(unprocessable("bad-signatory", format!("{login:?} is named twice, or the post has more than 200 characters")));
        }
        named.push((account.id, one.post.trim().to_owned()));
    }
    Ok(named)
}

async fn name_signatories<C: ConnectionTrait>(tx: &C, act: i64, old: &[act_signatories::Model], new: &[(i64, String)]) -> ApiResult<()> {
    if old.iter().map(|row| (row.account_id, row.post.as_str())).eq(new.iter().map(|(id, post)| (*id, post.as_str()))) {
        return Ok(());
    }
    act_signatories::Entity::delete_many().filter(act_signatories::Column::ActId.eq(act)).exec(tx).await?;
    for (account, post) in new {
        let row =
            act_signatories::ActiveModel { act_id: Set(act), account_id: Set(*account), post: Set(post.clone()), ..Default::default() };
        act_signatories::Entity::insert(row).exec(tx).await?;
    }
    Ok(())
}
