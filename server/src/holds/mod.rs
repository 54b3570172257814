//! Holds: footage that is kept beyond its month because an act, an appeal or another reason cites it (mission rule 2; `docs/evidence.md` 2;
//! steps in `docs/lifecycle.md`, section Holds).
//!
//! What a hold covers, and whether it is effective, is nowhere written down: both are computed from the segments that there are, so that a segment that
//! arrives late is covered too, and nothing can say "effective" that is not.
//!
//! Whoever drafts an act calls [`open_in`] in the draft's transaction and [`release_in`] in the one that discards it; after its commit [`finish`].

mod cover;
mod keys;
mod open;
mod release;
pub mod routes;
mod seal;
mod view;

pub use cover::{Ground, Piece, Standing, State, held_segments, of_recording};
pub use keys::{HeldKeys, OpenedRun, keep_runs, opened};
pub use open::{Opening, may_open, open, open_in};
pub use release::{finish, finish_all, release, release_in};
pub use view::{list, stretches, view};

use crate::db::entities::holds;
use crate::{ApiError, ApiResult};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

/// Who opens or releases a hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct By {
    /// Account; 0: the command line; [`By::SERVER`]: the server by itself.
    pub account: i64,
    /// As the audit log names it.
    pub audit: String,
}

impl By {
    /// The account of what the server does by itself.
    pub const SERVER: i64 = -1;

    /// The server by itself.
    pub fn server() -> Self {
        Self { account: Self::SERVER, audit: "server".to_owned() }
    }

    /// Whoever has a shell on the server.
    pub fn command_line() -> Self {
        Self { account: 0, audit: "cli".to_owned() }
    }
}

impl From<&crate::staff::Who> for By {
    fn from(who: &crate::staff::Who) -> Self {
        Self { account: who.account, audit: who.audit_name() }
    }
}

/// Why footage is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// An act cites it: row of the act.
    Act(i64),
    /// An appeal.
    Appeal,
    /// Something else, in words.
    Other,
}

impl Reason {
    /// Its name in the database and in answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Act(_) => "act",
            Self::Appeal => "appeal",
            Self::Other => "other",
        }
    }

    /// A reason that needs no act, by its name.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Appeal, Self::Other].into_iter().find(|reason| reason.name() == text)
    }
}

/// A hold by its public id.
///
/// # Errors
/// 404.
pub async fn find<C: ConnectionTrait>(db: &C, id: Uuid) -> ApiResult<holds::Model> {
    let row = holds::Entity::find().filter(holds::Column::Uuid.eq(id.to_string())).one(db).await?;
    row.ok_or_else(|| ApiError::not_found("there is no such hold; load the list of holds again"))
}

/// Tracks of a hold; `None`: all.
fn tracks(hold: &holds::Model) -> anyhow::Result<Option<Vec<String>>> {
    Ok(hold.tracks.as_deref().map(serde_json::from_str).transpose()?)
}

/// Words that go with a hold or its release.
fn check_note(note: &str) -> ApiResult<()> {
    let length = note.trim().chars().count();
    let right = (1..=500).contains(&length);
    right.then_some(()).ok_or_else(|| ApiError::bad("bad-note", format!("expected a reason in 1 to 500 characters, found {length}")))
}
