//! The hash-chained log of acts and their events (`docs/evidence.md` 4). Everything that is entered is entered in the caller's transaction, so that the log has
//! no gap and nothing twice, whenever the server dies.

use crate::db::entities::{accounts, act_log, acts};
use crate::staff::Who;
use crate::{ApiError, ApiResult, AppState};
use invigil_evidence::{Act, ActEvent, By, EventKind};
use invigil_format::{Digest, Need, Role, Statement, TrustStore};
use invigil_rules::acts::State;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use std::collections::{BTreeMap, BTreeSet};

/// The next place in the log.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// `log_index`.
    pub index: u64,
    /// `log_previous`.
    pub previous: Digest,
}

/// The next place; it stays free while the caller's transaction lasts, which must have been begun to write.
///
/// # Errors
/// When the database fails.
pub async fn next<C: ConnectionTrait>(tx: &C) -> ApiResult<Place> {
    let last = act_log::Entity::find().order_by_desc(act_log::Column::Entry).one(tx).await?;
    let damaged = |error: &dyn std::fmt::Display| ApiError::internal("reading the log of acts", error);
    let Some(last) = last else { return Ok(Place { index: 0, previous: Digest([0; 32]) }) };
    let index = u64::try_from(last.entry).map_err(|error| damaged(&error))? + 1;
    Ok(Place { index, previous: last.digest.parse().map_err(|error: invigil_format::ParseIdError| damaged(&error))? })
}

/// Enters a statement.
///
/// # Errors
/// When the database fails.
pub async fn enter<C: ConnectionTrait>(tx: &C, act: i64, kind: &str, place: Place, statement: &Statement, at_ms: i64) -> ApiResult<()> {
    let row = act_log::ActiveModel {
        entry: Set(i64::try_from(place.index).map_err(|error| ApiError::internal("numbering the log of acts", error))?),
        act_id: Set(act),
        kind: Set(kind.to_owned()),
        digest: Set(statement.digest().to_string()),
        statement: Set(statement.to_json()),
        at_ms: Set(at_ms),
        ..Default::default()
    };
    act_log::Entity::insert(row).exec(tx).await?;
    Ok(())
}

/// Signs and enters an event of a signed act; `by` is null for what the server does by itself.
///
/// # Errors
/// When signing or the database fails.
pub async fn event<C: ConnectionTrait>(
    state: &AppState,
    tx: &C,
    row: &acts::Model,
    event: EventKind,
    by: Option<By>,
    at_ms: i64,
    detail: BTreeMap<String, String>,
) -> ApiResult<()> {
    let failed = |error: &dyn std::fmt::Display| ApiError::internal("entering an event of an act", format!("act {}: {error}", row.uuid));
    let digest = row.digest.as_deref().ok_or_else(|| failed(&"it is not signed"))?;
    let place = next(tx).await?;
    let payload = ActEvent {
        institution: state.institution,
        act: row.uuid.parse().map_err(|error: invigil_format::ParseIdError| failed(&error))?,
        digest: digest.parse().map_err(|error: invigil_format::ParseIdError| failed(&error))?,
        event,
        by,
        at_ms,
        detail,
        log_index: place.index,
        log_previous: place.previous,
    };
    let statement = state.server_key.state(&payload).map_err(|error| failed(&error))?;
    crate::crash::point("act-event-before-entry");
    enter(tx, row.id, name(event), place, &statement, at_ms).await?;
    crate::crash::point("act-event-after-entry");
    Ok(())
}

/// How an event names somebody who is signed in.
///
/// # Errors
/// When the database fails.
pub async fn by<C: ConnectionTrait>(db: &C, who: &Who) -> ApiResult<By> {
    let account = accounts::Entity::find_by_id(who.account).one(db).await?;
    Ok(By { account: who.login.clone(), name: who.name.clone(), post: account.map(|account| account.post).unwrap_or_default() })
}

/// The statements of an act, the act itself first.
///
/// # Errors
/// When the database fails or is damaged.
pub async fn of_act<C: ConnectionTrait>(db: &C, act: i64) -> ApiResult<Vec<(String, Statement)>> {
    let rows = act_log::Entity::find().filter(act_log::Column::ActId.eq(act)).order_by_asc(act_log::Column::Entry).all(db).await?;
    let read = |row: act_log::Model| Ok((row.kind, Statement::from_json(row.statement.as_bytes()).map_err(damaged)?));
    rows.into_iter().map(read).collect()
}

/// The signed act of a row.
///
/// # Errors
/// When it is not signed, or the database is damaged.
pub fn signed(row: &acts::Model) -> ApiResult<(Statement, Act)> {
    let text = row.statement.as_deref().ok_or_else(|| ApiError::internal("reading an act", format!("act {} is not signed", row.uuid)))?;
    let statement = Statement::from_json(text.as_bytes()).map_err(damaged)?;
    let act = statement.read().map_err(damaged)?;
    Ok((statement, act))
}

/// Its name in the log.
pub const fn name(event: EventKind) -> &'static str {
    match event {
        EventKind::PassedOn => "passed-on",
        EventKind::GradeCancelled => "grade-cancelled",
        EventKind::Document => "document",
        EventKind::Bundle => "bundle",
    }
}

fn damaged(error: impl std::fmt::Display) -> ApiError {
    ApiError::internal("reading the log of acts", error)
}

/// What is wrong with the log and with the acts that should stand in it: with what, and what; empty when all is well.
///
/// # Errors
/// When the database fails.
pub async fn verify<C: ConnectionTrait>(db: &C, trust: &TrustStore) -> Result<Vec<(String, String)>, sea_orm::DbErr> {
    let rows = act_log::Entity::find().order_by_asc(act_log::Column::Entry).all(db).await?;
    let all: BTreeMap<i64, acts::Model> = acts::Entity::find().all(db).await?.into_iter().map(|row| (row.id, row)).collect();
    let mut acts = all.clone();
    let mut happened: BTreeSet<(i64, &str)> = BTreeSet::new();
    let mut numbers: BTreeMap<(String, u32), u64> = BTreeMap::new();
    let mut problems = Vec::new();
    let mut previous = Digest([0; 32]);
    for (expected, row) in (0_u64..).zip(&rows) {
        let mut wrong = |what: String| problems.push((format!("act-log:{}", row.entry), what));
        if u64::try_from(row.entry) != Ok(expected) {
            wrong(format!("entry {expected} of the log of acts is missing"));
        }
        let Ok(statement) = Statement::from_json(row.statement.as_bytes()) else {
            wrong("it is not a statement".into());
            continue;
        };
        if statement.digest().to_string() != row.digest {
            wrong("its digest is not that of the statement: it was altered".into());
        }
        if let Err(error) = trust.require(Need::new(Role::Server, statement.key, row.at_ms)) {
            wrong(format!("whoever signed it was not this institution's server then: {error}"));
        }
        let place = if row.kind == "act" {
            statement.read::<Act>().map(|act| {
                let number = numbers.entry((act.kind.clone(), act.year)).or_default();
                if act.number != *number + 1 {
                    wrong(format!("its number is {}, expected {} in the series {} of {}", act.number, *number + 1, act.kind, act.year));
                }
                *number = act.number;
                match acts.remove(&row.act_id) {
                    Some(found) if found.uuid == act.act.to_string() && found.digest.as_deref() == Some(&row.digest) => {
                        if found.statement.as_deref() != Some(&row.statement)
                            || found.number.and_then(|n| u64::try_from(n).ok()) != Some(act.number)
                        {
                            wrong("the act in the database is not the one that was signed".into());
                        }
                    }
                    _ => wrong("the database has no such act, or another one".into()),
                }
                if act.signatories.iter().any(|signatory| signatory.content != act.content().digest()) {
                    wrong("a signatory confirmed another content than the act has".into());
                }
                (act.log_index, act.log_previous)
            })
        } else {
            statement.read::<ActEvent>().map(|event| {
                if name(event.event) != row.kind {
                    wrong("the statement is of another event".into());
                }
                let digest = event.digest.to_string();
                match all.get(&row.act_id) {
                    Some(act) if act.uuid == event.act.to_string() && act.digest.as_deref() == Some(&digest) => {}
                    Some(act) if act.uuid == event.act.to_string() => wrong("it names another statement of its act than was signed".into()),
                    _ => wrong("the statement is of another act".into()),
                }
                happened.insert((row.act_id, name(event.event)));
                (event.log_index, event.log_previous)
            })
        };
        match place {
            Err(error) => wrong(format!("it does not verify: {error}")),
            Ok(place) if place != (expected, previous) => {
                wrong("it does not follow from the one before: one was altered, moved or taken out".into())
            }
            Ok(_) => {}
        }
        previous = statement.digest();
    }
    for row in all.values() {
        let has = |event| happened.contains(&(row.id, name(event)));
        let said = match (has(EventKind::PassedOn), has(EventKind::GradeCancelled)) {
            (_, true) => Some(State::GradeCancelled),
            (true, false) => Some(State::PassedOn),
            (false, false) => None,
        };
        let stands = State::from_name(&row.state).filter(|state| matches!(state, State::PassedOn | State::GradeCancelled));
        if stands != said {
            let said = said.map_or("neither passed on nor that its grade was cancelled", State::name);
            problems.push((format!("act:{}", row.uuid), format!("its state is {}, but the log of acts says {said}", row.state)));
        }
    }
    for row in acts.values().filter(|row| row.statement.is_some() || row.number.is_some()) {
        problems.push((format!("act:{}", row.uuid), "it is signed, but the log of acts has no entry for it".into()));
    }
    Ok(problems)
}
