//! The forms that acts were put up for signature under, word for word. A university edits its form files; an act reads on as it was written (List of
//! violations, 4): it names its form by digest, and the text of that digest stays in the database.

use crate::db::entities::{acts, form_texts};
use crate::{ApiError, ApiResult, AppState};
use anyhow::{Context, anyhow, bail};
use invigil_forms::{Form, Forms};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use std::collections::BTreeMap;
use std::path::Path;

/// The kept forms by digest, as they were at the program's start. What is kept after that are forms that it has loaded itself.
#[derive(Debug, Clone, Default)]
pub struct Wordings(BTreeMap<String, Form>);

impl Wordings {
    /// Reads all of them.
    ///
    /// # Errors
    /// When the database fails, or a text is not the one that was kept.
    pub async fn load<C: ConnectionTrait>(db: &C) -> anyhow::Result<Self> {
        let mut kept = BTreeMap::new();
        for row in form_texts::Entity::find().all(db).await.context("read the forms that acts were written under")? {
            let form = read(&row)?;
            kept.insert(row.digest, form);
        }
        Ok(Self(kept))
    }
}

/// The form of a kept text.
///
/// # Errors
/// When it is not the text of its digest.
pub fn read(row: &form_texts::Model) -> anyhow::Result<Form> {
    let what = || format!("read the form {:?} with digest {} from the database", row.kind, row.digest);
    let refused =
        |mistakes: Vec<invigil_forms::Mistake>| anyhow!("{}", mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "));
    let form = Form::parse(&row.kind, &row.text).map_err(refused).with_context(what)?;
    if form.digest() != row.digest {
        bail!("{}: its text was altered; restore the database from a backup", what());
    }
    Ok(form)
}

/// Keeps the wording of a form that an act is put up for signature under.
///
/// # Errors
/// When the database fails.
pub async fn keep<C: ConnectionTrait>(tx: &C, form: &Form) -> ApiResult<()> {
    let kept = form_texts::Entity::find().filter(form_texts::Column::Digest.eq(form.digest())).one(tx).await?;
    if kept.is_none() {
        let row = form_texts::ActiveModel {
            digest: Set(form.digest().to_owned()),
            kind: Set(form.kind.clone()),
            text: Set(form.text().to_owned()),
            ..Default::default()
        };
        form_texts::Entity::insert(row).exec(tx).await?;
    }
    Ok(())
}

/// The form of this kind and digest: a kept one, or the loaded one if it is the very same.
///
/// # Errors
/// When there is none: the database was damaged.
pub fn of<'a>(state: &'a AppState, kind: &str, digest: &str) -> ApiResult<&'a Form> {
    let kept = state.wordings.0.get(digest).filter(|form| form.kind == kind);
    let found = kept.or_else(|| state.forms.get(kind).filter(|form| form.digest() == digest));
    let missing = || format!("the database has no text of the form {kind:?} with digest {digest}: restore it from a backup");
    found.ok_or_else(|| ApiError::internal("finding the form of an act", missing()))
}

/// Refuses to start without a form of which there are acts: nobody could read or finish them.
///
/// # Errors
/// When one is missing, with its kind and the file that is expected; when the database fails.
pub async fn require<C: ConnectionTrait>(db: &C, forms: &Forms, folder: &Path) -> anyhow::Result<()> {
    let kinds = acts::Entity::find().select_only().column(acts::Column::Kind).distinct();
    let kinds: Vec<String> = kinds.into_tuple().all(db).await.context("read which kinds of acts there are")?;
    let missing = kinds.iter().filter(|kind| forms.get(kind).is_none());
    let missing: Vec<String> =
        missing.map(|kind| format!("{kind:?} (expected the file {})", folder.join(format!("{kind}.toml")).display())).collect();
    if missing.is_empty() {
        return Ok(());
    }
    bail!("there are acts of kinds that have no form: {}; put each file back, then start again", missing.join(", "))
}
