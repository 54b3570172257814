//! Signing. The last signature makes the act: number, log, statement, state and the end of the sealed draft in one transaction, so that an act is signed once
//! or not at all, and numbers have no gap and no double, whenever the server dies.

use crate::acts::access::{self, Found};
use crate::acts::content;
use crate::acts::people::{self, Circle};
use crate::acts::{deadline, footage, freeze, life, log, prefill, stills, view};
use crate::db;
use crate::db::entities::{act_signatories, acts, exams};
use crate::staff::sign_in::Desk;
use crate::staff::{Who, confirm};
use crate::{ApiError, ApiResult, Shared};
use invigil_evidence::{ActContent, Relation};
use invigil_format::Digest;
use invigil_rules::acts::{Action, State};
use invigil_wire::acts::{ActView, Sign};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use zeroize::Zeroizing;

/// Confirms exactly this content with the signed-in person's own password.
///
/// # Errors
/// 403 for who is not named or `wrong-password`; 409 `content-changed`, `signed-already`, `wrong-state`; 422 `too-late`; 429.
pub async fn sign(state: &Shared, desk: &Desk, who: &Who, id: &str, asked: Sign) -> ApiResult<ActView> {
    let password = Zeroizing::new(asked.password);
    let found = access::find(state, &state.db, who, id).await?;
    life::require(&found, Action::Sign)?;
    let mine = found.signatories.iter().find(|row| row.account_id == who.account);
    let Some(mine) = mine.filter(|_| access::named(&found.rules.sign, who)) else {
        return Err(ApiError::forbidden("this act does not name you to sign it"));
    };
    if mine.signed_ms.is_some() {
        return Err(signed_already());
    }
    require_content(state, who, &found, &asked.content).await?;
    let exam = view::exam_of(state, &found.row).await?;
    let draft = content::open_one(state, &found.row).await?;
    let limit = deadline::limit(state, &exam, deadline::decides_grade(found.form, found.row.relation.as_deref()))?;
    let unfrozen = || ApiError::internal("signing an act", format!("act {}: its content was not frozen", found.row.uuid));
    let frozen = freeze::frozen(&draft)?.ok_or_else(unfrozen)?;
    let cites_recordings = stills::cites_recordings(frozen.evidence.len(), &frozen.attachments);
    limit.require(state.now_ms(), cites_recordings)?;
    confirm::password(state, desk, who, password).await?;

    let tx = db::begin_write(&state.db).await?;
    // From another tab, while the password was being checked: one person signs once.
    if act_signatories::Entity::find_by_id(mine.id).one(&tx).await?.is_some_and(|mine| mine.signed_ms.is_some()) {
        return Err(signed_already());
    }
    let Some(row) = life::unchanged(&tx, &found.row).await? else {
        drop(tx);
        return Err(content_changed(state, who, id).await?);
    };
    let now_ms = state.now_ms();
    limit.require(now_ms, cites_recordings)?;
    let given = act_signatories::ActiveModel {
        id: Set(mine.id),
        signed_ms: Set(Some(now_ms)),
        content: Set(Some(asked.content.to_string())),
        ..Default::default()
    };
    given.update(&tx).await?;
    life::note(&tx, who, "act-signed", &row, now_ms, serde_json::json!({ "content": asked.content })).await?;
    crate::crash::point("act-sign-after-signature");
    let signatories = act_signatories::Entity::find().filter(act_signatories::Column::ActId.eq(row.id));
    let signatories = signatories.order_by_asc(act_signatories::Column::Id).all(&tx).await?;
    let complete = signatories.iter().all(|row| row.signed_ms.is_some());
    let row = if complete { make(state, &tx, who, &found, frozen, &exam, &signatories, now_ms).await? } else { row };
    crate::crash::point("act-sign-before-commit");
    tx.commit().await?;
    crate::crash::point("act-sign-after-commit");
    if complete {
        // The sealed draft is gone from the rows; this takes it out of the old pages, too.
        db::forget_old_pages(&state.db).await?;
    }
    if let (true, Some((other, _))) = (complete, ends(&row)) {
        footage::finish(state, other).await;
    }
    life::shown(state, who, row).await
}

/// All have signed.
#[expect(clippy::too_many_arguments, reason = "all that an act is made of")]
async fn make<C: ConnectionTrait>(
    state: &Shared,
    tx: &C,
    who: &Who,
    found: &Found<'_>,
    frozen: ActContent,
    exam: &exams::Model,
    signatories: &[act_signatories::Model],
    now_ms: i64,
) -> ApiResult<acts::Model> {
    let failed = |error: &dyn std::fmt::Display| ApiError::internal("signing an act", format!("act {}: {error}", found.row.uuid));
    let zone = &state.policies.get(&exam.policy)?.zone.value;
    let year: u32 = prefill::format("%Y", now_ms, zone)?.parse().map_err(|error| failed(&error))?;
    let series_year = i32::try_from(year).map_err(|error| failed(&error))?;
    let of_series = acts::Entity::find().filter(acts::Column::Kind.eq(&found.row.kind)).filter(acts::Column::SeriesYear.eq(series_year));
    let last = of_series.order_by_desc(acts::Column::Number).one(tx).await?.and_then(|row| row.number).unwrap_or(0);
    let number = u64::try_from(last).map_err(|error| failed(&error))? + 1;
    let number_text = found.form.number_text(series_year, u32::try_from(number).map_err(|error| failed(&error))?);
    crate::crash::point("act-sign-after-number");

    let circle = Circle::load(tx).await?;
    freeze::referable(&circle, &found.row)?;
    let repeated = !circle.earlier(tx, &state.acts, &found.row, frozen.subject.as_ref()).await?.is_empty();
    let place = log::next(tx).await?;
    let numbered = freeze::Numbered { number, year, number_text, repeated, signed_ms: now_ms, place };
    let act = freeze::act(frozen, signatories, numbered)?;
    if Some(act.content().digest().to_string()) != found.row.content || act.signatories.iter().any(|s| s.content != act.content().digest())
    {
        return Err(failed(&"its content is not what was confirmed"));
    }
    let statement = state.server_key.state(&act).map_err(|error| failed(&error))?;
    log::enter(tx, found.row.id, "act", place, &statement, now_ms).await?;
    crate::crash::point("act-sign-after-log");

    let change = acts::ActiveModel {
        id: Set(found.row.id),
        state: Set(State::Signed.name().to_owned()),
        sealed: Set(None),
        changed_ms: Set(now_ms),
        changed_by: Set(who.account),
        series_year: Set(Some(series_year)),
        number: Set(Some(i64::try_from(number).map_err(|error| failed(&error))?)),
        statement: Set(Some(statement.to_json())),
        digest: Set(Some(statement.digest().to_string())),
        signed_ms: Set(Some(now_ms)),
        cancel_until_ms: Set(act.cancel_until_ms),
        ..Default::default()
    };
    let row = change.update(tx).await?;
    crate::crash::point("act-sign-after-row");
    let detail = serde_json::json!({ "number": act.number_text, "digest": statement.digest(), "log_index": place.index });
    life::note(tx, who, "act-complete", &row, now_ms, detail).await?;
    if let Some((other, why)) = ends(&row) {
        // That act has no effect any more: what it cites is held no longer. A correction cites for itself what it needs. When it was closed before, that stays.
        footage::release(state, tx, other, why, who).await?;
        let closed = acts::ActiveModel { closed_ms: Set(Some(now_ms)), ..Default::default() };
        let open = acts::Entity::update_many().set(closed).filter(acts::Column::Id.eq(other)).filter(acts::Column::ClosedMs.is_null());
        open.exec(tx).await?;
    }
    Ok(row)
}

/// The act that this one ends or replaces, and why what it cites is held no longer.
fn ends(row: &acts::Model) -> Option<(i64, &'static str)> {
    let why = match people::relation_of(row)? {
        Relation::Revokes => "the act was revoked",
        Relation::Corrects => "the act was corrected",
        Relation::Supplements => return None,
    };
    Some((row.refers_to?, why))
}

fn signed_already() -> ApiError {
    ApiError::conflict("signed-already", "you have signed this act already")
}

async fn require_content(state: &Shared, who: &Who, found: &Found<'_>, content: &Digest) -> ApiResult<()> {
    if found.row.content.as_deref() == Some(content.to_string().as_str()) {
        return Ok(());
    }
    Err(content_changed(state, who, &found.row.uuid).await?)
}

async fn content_changed(state: &Shared, who: &Who, id: &str) -> ApiResult<ApiError> {
    let found = access::find(state, &state.db, who, id).await?;
    let now = view::one(state, who, &found).await?;
    let message = "this is not the content that is to be signed now; nothing was signed: read it again";
    Ok(ApiError::conflict("content-changed", message).with_member("current", &now))
}
