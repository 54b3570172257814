//! Rooms that have a computer of their own: adding, listing, room codes, withdrawing. The room's name is the one that exams give (`exam add --room`).

use crate::audit::{self, Entry};
use crate::db::{self, entities::recordings, entities::rooms, entities::runs};
use crate::joincode;
use crate::state::AppState;
use anyhow::{Context, bail, ensure};
use invigil_format::{RecordingId, code_digest};
use sea_orm::sea_query::{Expr, Query};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};
use serde::Serialize;

/// A room code as it is handed out, once.
#[derive(Debug, Clone, Serialize)]
pub struct RoomCode {
    /// Room.
    pub room: String,
    /// Code.
    pub code: String,
    /// `CODE.FINGERPRINT`: what goes into the room computer's configuration.
    pub join: String,
    /// The server's address, which goes there too.
    pub server: String,
}

/// A room as it is listed.
#[derive(Debug, Clone, Serialize)]
pub struct RoomView {
    /// Name.
    pub name: String,
    /// `waiting` for its computer, `enrolled` or `withdrawn`.
    pub state: &'static str,
    /// When its computer was enrolled last, Unix ms.
    pub enrolled_ms: Option<i64>,
    /// Version of its agent then.
    pub agent_version: Option<String>,
}

/// Adds a room, or brings back one that was withdrawn, and makes its room code.
///
/// # Errors
/// When there is such a room already.
pub async fn add(state: &AppState, name: &str) -> anyhow::Result<RoomCode> {
    let tx = db::begin_write(&state.db).await?;
    let code = joincode::new_code()?;
    let (room, action) = match by_name(&tx, name).await? {
        Some(row) => {
            ensure!(row.withdrawn_ms.is_some(), "there is a room {name:?} already: for another computer make a new code with `room code`");
            (row.into_active_model(), "room-added-again")
        }
        None => {
            let uuid = RecordingId::from_random(invigil_clock::random()?).to_string();
            (
                rooms::ActiveModel { uuid: Set(uuid), name: Set(name.to_owned()), created_ms: Set(state.now_ms()), ..Default::default() },
                "room-added",
            )
        }
    };
    let room = rooms::ActiveModel {
        code_digest: Set(Some(code_digest(&code).to_string())),
        code_used_ms: Set(None),
        withdrawn_ms: Set(None),
        ..room
    };
    let room = room.save(&tx).await?;
    note(state, &tx, action, room.uuid.as_ref()).await?;
    tx.commit().await?;
    Ok(room_code(state, name, code))
}

/// Makes a new room code, e.g. for a new computer; the old code and the enrolled computer's token are worth nothing from now on.
///
/// # Errors
/// When there is no such room.
pub async fn reissue(state: &AppState, name: &str) -> anyhow::Result<RoomCode> {
    let tx = db::begin_write(&state.db).await?;
    let row = there(&tx, name).await?;
    let (id, uuid) = (row.id, row.uuid.clone());
    let code = joincode::new_code()?;
    let change = rooms::ActiveModel {
        code_digest: Set(Some(code_digest(&code).to_string())),
        code_used_ms: Set(None),
        token_digest: Set(None),
        ..row.into_active_model()
    };
    change.update(&tx).await?;
    // The old computer's places in exams, too: whoever enrols next takes them.
    recordings::Entity::update_many()
        .col_expr(recordings::Column::TokenDigest, Expr::value(Option::<String>::None))
        .filter(recordings::Column::TakenByRoom.eq(id))
        .filter(recordings::Column::FinishedMs.is_null())
        .exec(&tx)
        .await?;
    note(state, &tx, "room-code-reissued", &uuid).await?;
    tx.commit().await?;
    Ok(room_code(state, name, code))
}

/// Withdraws a room: code and token are worth nothing from now on, nor are its computer's places in exams to come. Recordings that it has begun go on.
///
/// # Errors
/// When there is no such room.
pub async fn withdraw(state: &AppState, name: &str) -> anyhow::Result<()> {
    let tx = db::begin_write(&state.db).await?;
    let row = there(&tx, name).await?;
    let (id, uuid) = (row.id, row.uuid.clone());
    let change = rooms::ActiveModel {
        code_digest: Set(None),
        token_digest: Set(None),
        withdrawn_ms: Set(Some(state.now_ms())),
        ..row.into_active_model()
    };
    change.update(&tx).await?;
    let begun = Query::select().column(runs::Column::RecordingId).from(runs::Entity).to_owned();
    recordings::Entity::update_many()
        .col_expr(recordings::Column::TokenDigest, Expr::value(Option::<String>::None))
        .filter(recordings::Column::TakenByRoom.eq(id))
        .filter(recordings::Column::Id.not_in_subquery(begun))
        .exec(&tx)
        .await?;
    note(state, &tx, "room-withdrawn", &uuid).await?;
    Ok(tx.commit().await?)
}

/// All rooms, by name.
///
/// # Errors
/// When the database fails.
pub async fn list(state: &AppState) -> anyhow::Result<Vec<RoomView>> {
    let rows = rooms::Entity::find().order_by_asc(rooms::Column::Name).all(&state.db).await?;
    let view = |row: rooms::Model| RoomView {
        state: match (row.withdrawn_ms, &row.token_digest) {
            (Some(_), _) => "withdrawn",
            (None, Some(_)) => "enrolled",
            (None, None) => "waiting",
        },
        name: row.name,
        enrolled_ms: row.enrolled_ms,
        agent_version: row.agent_version,
    };
    Ok(rows.into_iter().map(view).collect())
}

async fn by_name<C: ConnectionTrait>(tx: &C, name: &str) -> anyhow::Result<Option<rooms::Model>> {
    Ok(rooms::Entity::find().filter(rooms::Column::Name.eq(name)).one(tx).await?)
}

async fn there<C: ConnectionTrait>(tx: &C, name: &str) -> anyhow::Result<rooms::Model> {
    let row = by_name(tx, name).await?;
    let row = row.with_context(|| format!("there is no room {name:?}; `invigil-server room list` lists them"))?;
    if row.withdrawn_ms.is_some() {
        bail!("the room {name:?} was withdrawn; `invigil-server room add` brings it back");
    }
    Ok(row)
}

async fn note<C: ConnectionTrait>(state: &AppState, tx: &C, action: &'static str, uuid: &str) -> anyhow::Result<()> {
    let entry = Entry { who: "cli".into(), action, object: format!("room:{uuid}"), detail: serde_json::json!({}) };
    Ok(audit::append_in(tx, state.now_ms(), entry).await?)
}

fn room_code(state: &AppState, room: &str, code: String) -> RoomCode {
    let join = format!("{code}.{}", state.institution);
    RoomCode { room: room.to_owned(), code, join, server: state.config.listen.public_url.clone() }
}
