//! The audit log: who did what to what, when; each entry names the digest of the one before, so that none can be changed or taken out unseen.

use crate::db::{self, entities::audit};
use ring::digest::{Context, SHA256};
use sea_orm::{ActiveValue::Set, ConnectionTrait, DatabaseConnection, DbErr, EntityTrait, QueryOrder};

const FIRST: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// What is to be recorded. Never the name of a person, a token, a key, a code or a password.
#[derive(Debug, Clone)]
pub struct Entry {
    /// `staff:ID`, `device:KEY`, `server` or `cli`.
    pub who: String,
    /// What was done, kebab-case.
    pub action: &'static str,
    /// To what: `exam:ID`, `recording:ID` ...
    pub object: String,
    /// More, as a JSON object.
    pub detail: serde_json::Value,
}

/// Appends one entry in a transaction of its own.
///
/// # Errors
/// When the database fails; then nothing was recorded and the caller must not do what it wanted to record.
pub async fn append(db: &DatabaseConnection, at_ms: i64, entry: Entry) -> Result<(), DbErr> {
    let tx = db::begin_write(db).await?;
    append_in(&tx, at_ms, entry).await?;
    tx.commit().await
}

/// Appends one entry in the caller's transaction, which must have been begun with [`db::begin_write`].
///
/// # Errors
/// When the database fails.
pub async fn append_in<C: ConnectionTrait>(tx: &C, at_ms: i64, entry: Entry) -> Result<(), DbErr> {
    let last = audit::Entity::find().order_by_desc(audit::Column::Id).one(tx).await?;
    let previous = last.map_or_else(|| FIRST.to_owned(), |row| row.digest);
    let detail = entry.detail.to_string();
    let digest = digest(&previous, at_ms, &entry.who, entry.action, &entry.object, &detail);
    let row = audit::ActiveModel {
        at_ms: Set(at_ms),
        who: Set(entry.who),
        action: Set(entry.action.to_owned()),
        object: Set(entry.object),
        detail: Set(detail),
        previous: Set(previous),
        digest: Set(digest),
        ..Default::default()
    };
    audit::Entity::insert(row).exec(tx).await.map(|_| ())
}

/// Number of the first entry that does not follow from the one before it, if any.
///
/// # Errors
/// When the database fails.
pub async fn first_broken<C: ConnectionTrait>(db: &C) -> Result<Option<i64>, DbErr> {
    let mut previous = FIRST.to_owned();
    for row in audit::Entity::find().order_by_asc(audit::Column::Id).all(db).await? {
        if row.previous != previous || row.digest != digest(&row.previous, row.at_ms, &row.who, &row.action, &row.object, &row.detail) {
            return Ok(Some(row.id));
        }
        previous = row.digest;
    }
    Ok(None)
}

fn digest(previous: &str, at_ms: i64, who: &str, action: &str, object: &str, detail: &str) -> String {
    let mut hash = Context::new(&SHA256);
    hash.update(b"invigil v1 audit entry\0");
    for part in [previous, &at_ms.to_string(), who, action, object, detail] {
        hash.update(&(part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    hex::encode(hash.finish())
}

#[cfg(test)]
mod tests {
    use super::*;
    use sea_orm::{ActiveModelTrait, IntoActiveModel};

    #[tokio::test]
    async fn a_changed_or_missing_entry_is_found() {
        let dir = tempfile::tempdir().unwrap();
        let db = db::open(&dir.path().join("a.db"), true).await.unwrap();
        for n in 0..4 {
            let entry = Entry { who: "cli".into(), action: "test", object: format!("exam:{n}"), detail: serde_json::json!({ "n": n }) };
            append(&db, n, entry).await.unwrap();
        }
        assert_eq!(first_broken(&db).await.unwrap(), None);
        let mut row = audit::Entity::find_by_id(2).one(&db).await.unwrap().unwrap().into_active_model();
        row.who = Set("server".into());
        row.update(&db).await.unwrap();
        assert_eq!(first_broken(&db).await.unwrap(), Some(2));
        audit::Entity::delete_by_id(2).exec(&db).await.unwrap();
        assert_eq!(first_broken(&db).await.unwrap(), Some(3));
    }
}
