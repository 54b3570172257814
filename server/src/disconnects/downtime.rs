//! When this server itself was not there. The open row of `server_downtime` is its sign of life, written each second; what lies between the last one
//! and the next start was downtime, whether it ended by itself, by `kill -9` or with the power.

use crate::db::entities::server_downtime as rows;
use invigil_rules::Interval;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
};

/// A sign of life that is older is downtime that goes on, as another process sees it, ms.
const SILENT_MS: i64 = 5_000;

/// Ends the downtime before this start, begins a new life, and returns its row.
pub(super) async fn begin<C: ConnectionTrait>(tx: &C, now_ms: i64) -> Result<i64, DbErr> {
    for row in rows::Entity::find().filter(rows::Column::ToMs.is_null()).all(tx).await? {
        let kind = if row.kind == "alive" { "crashed".to_owned() } else { row.kind.clone() };
        let to_ms = now_ms.max(row.from_ms);
        let mut change = row.into_active_model();
        change.kind = Set(kind);
        change.to_ms = Set(Some(to_ms));
        change.update(tx).await?;
    }
    let row = rows::ActiveModel { from_ms: Set(now_ms), to_ms: Set(None), kind: Set("alive".to_owned()), ..Default::default() };
    Ok(row.insert(tx).await?.id)
}

/// A sign of life; `stopping` when it is the last one of an orderly end.
pub(super) async fn alive<C: ConnectionTrait>(tx: &C, row: i64, now_ms: i64, stopping: bool) -> Result<(), DbErr> {
    let kind = if stopping { "stopped" } else { "alive" };
    let row = rows::ActiveModel { id: Set(row), from_ms: Set(now_ms), kind: Set(kind.to_owned()), ..Default::default() };
    row.update(tx).await.map(|_| ())
}

/// A stretch in which the database took nothing for so long that contacts were left out, or in which this server stood still: as if it had
/// been down.
pub(super) async fn unwritten<C: ConnectionTrait>(tx: &C, stretch: &Interval) -> Result<(), DbErr> {
    let row = rows::ActiveModel {
        from_ms: Set(stretch.from_ms),
        to_ms: Set(Some(stretch.to_ms)),
        kind: Set("unwritten".to_owned()),
        ..Default::default()
    };
    row.insert(tx).await.map(|_| ())
}

/// Downtimes that reach into the time after `since_ms`; the one that goes on ends now.
///
/// # Errors
/// When the database fails.
pub async fn since<C: ConnectionTrait>(db: &C, since_ms: i64, now_ms: i64) -> Result<Vec<Interval>, DbErr> {
    let found = rows::Entity::find().order_by_asc(rows::Column::FromMs).all(db).await?;
    let ended = |row: &rows::Model| row.to_ms.or_else(|| (now_ms - row.from_ms > SILENT_MS).then_some(now_ms));
    let intervals = found.iter().filter_map(|row| Some(Interval::new(row.from_ms, ended(row)?)));
    Ok(intervals.filter(|interval| interval.to_ms > since_ms && interval.len_ms() > 0).collect())
}
