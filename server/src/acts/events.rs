//! What happens to an act after it was signed: it is handed to the commission's responsible member, and the grade is cancelled. The act itself never changes.

use crate::acts::access::{self, Found};
use crate::acts::people::Circle;
use crate::acts::{deadline, footage, life, log, view};
use crate::db;
use crate::db::entities::acts;
use crate::staff::Who;
use crate::{ApiError, ApiResult, Shared};
use invigil_evidence::EventKind;
use invigil_rules::acts::{Action, State, allowed};
use invigil_wire::acts::{ActView, CancelGrade, PassOn};
use sea_orm::{ActiveModelTrait, ActiveValue::Set};
use std::collections::BTreeMap;

/// Hands the act to the commission's responsible member (KazNU 10.4). An act that cancels no grade is closed then, and what it cites is held no longer.
///
/// # Errors
/// 404, 409.
pub async fn pass_on(state: &Shared, who: &Who, id: &str, to: PassOn) -> ApiResult<ActView> {
    for (what, text) in [("name", &to.to_name), ("post", &to.to_post)] {
        if !(1..=200).contains(&text.trim().chars().count()) {
            return Err(ApiError::bad("bad-receiver", format!("expected the receiver's {what} in 1 to 200 characters")));
        }
    }
    let detail = [("to_name", to.to_name.trim().to_owned()), ("to_post", to.to_post.trim().to_owned())];
    let (now_ms, found) = (state.now_ms(), access::find(state, &state.db, who, id).await?);
    // An act that cancels no grade is done with then.
    let closes = !deadline::decides_grade(found.form, found.row.relation.as_deref());
    let change =
        acts::ActiveModel { state: Set(State::PassedOn.name().to_owned()), closed_ms: Set(closes.then_some(now_ms)), ..Default::default() };
    step(state, who, found, Action::PassOn, EventKind::PassedOn, now_ms, change, detail.into()).await
}

/// Confirms that the grade was cancelled in the university's records; the footage that the act cites is held no longer.
///
/// # Errors
/// 404, 409, 422 `too-late`.
pub async fn cancel_grade(state: &Shared, who: &Who, id: &str, asked: CancelGrade) -> ApiResult<ActView> {
    let (now_ms, found) = (state.now_ms(), access::find(state, &state.db, who, id).await?);
    let minute = |ms: i64| ms.div_euclid(60_000);
    if asked.cancelled_ms > now_ms || found.row.signed_ms.is_some_and(|signed_ms| minute(asked.cancelled_ms) < minute(signed_ms)) {
        return Err(ApiError::bad("bad-time", "a grade is cancelled after the act was signed and not in the future; correct the time"));
    }
    if asked.routing.chars().count() > 64 {
        return Err(ApiError::bad("bad-routing", "a document-routing number has at most 64 characters"));
    }
    let detail = [("cancelled_ms", asked.cancelled_ms.to_string()), ("routing", asked.routing.trim().to_owned())];
    let change = acts::ActiveModel {
        state: Set(State::GradeCancelled.name().to_owned()),
        cancelled_ms: Set(Some(now_ms)),
        closed_ms: Set(Some(now_ms)),
        ..Default::default()
    };
    step(state, who, found, Action::CancelGrade, EventKind::GradeCancelled, now_ms, change, detail.into()).await
}

#[expect(clippy::too_many_arguments, reason = "one step of an act's life, said in full")]
async fn step(
    state: &Shared,
    who: &Who,
    found: Found<'_>,
    action: Action,
    event: EventKind,
    now_ms: i64,
    mut change: acts::ActiveModel,
    detail: BTreeMap<&'static str, String>,
) -> ApiResult<ActView> {
    let closes = matches!(change.closed_ms, Set(Some(_)));
    let exam = view::exam_of(state, &found.row).await?;
    let tx = db::begin_write(&state.db).await?;
    let Some(row) = life::unchanged(&tx, &found.row).await? else {
        drop(tx);
        return Err(life::changed_meanwhile(state, who, &found.row.uuid).await?);
    };
    let facts = view::facts(&found, &Circle::load(&tx).await?);
    if !allowed(found.state, facts, action) {
        let why = match () {
            () if facts.revoked => "it has been revoked",
            () if facts.corrected => "it has been corrected: do this with the act that stands in its place",
            () => found.state.name(),
        };
        return Err(ApiError::conflict("wrong-state", format!("this cannot be done with this act now ({why}); load it again")));
    }
    if action == Action::CancelGrade {
        let cites = state.acts.brief(&tx, row.id).await?.cites_recordings;
        deadline::limit(state, &exam, facts.decides_grade)?.require(now_ms, cites)?;
    }
    if closes {
        let why = if action == Action::CancelGrade { "the grade is cancelled" } else { "the act was passed on" };
        footage::release(state, &tx, row.id, why, who).await?;
    }
    let by = log::by(&tx, who).await?;
    let detail = detail.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    log::event(state, &tx, &row, event, Some(by), now_ms, detail).await?;
    change.id = Set(row.id);
    change.changed_ms = Set(now_ms);
    change.changed_by = Set(who.account);
    let row = change.update(&tx).await?;
    let name = if action == Action::CancelGrade { "act-grade-cancelled" } else { "act-passed-on" };
    life::note(&tx, who, name, &row, now_ms, serde_json::json!({})).await?;
    crate::crash::point("act-event-before-commit");
    tx.commit().await?;
    if closes {
        footage::finish(state, row.id).await;
    }
    life::shown(state, who, row).await
}
