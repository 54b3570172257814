//! What `invigil-server check` looks at of acts: the log, numbers, keys, wording, attachments and documents.

use crate::acts::{attachments, log, wording};
use crate::config::Config;
use crate::db::entities::{act_attachments, act_documents, act_log, acts, form_texts};
use crate::keys;
use crate::keystore::Keystore;
use anyhow::Context;
use invigil_evidence::{ActEvent, EventKind};
use invigil_format::{ActId, AttachmentId, Statement};
use sea_orm::{ColumnTrait, DatabaseConnection, EntityTrait, QueryFilter, QueryOrder};
use std::collections::{BTreeMap, BTreeSet};

/// With what something is wrong, and what; empty when all is well.
///
/// # Errors
/// When database, keystore or trust file cannot be read at all.
pub async fn check(config: &Config, db: &DatabaseConnection) -> anyhow::Result<Vec<(String, String)>> {
    let (_, trust) = keys::read_trust(&config.paths.trust)?;
    let mut problems = log::verify(db, &trust).await.context("read the log of acts")?;
    let keystore = Keystore::at(&config.paths.keystore, &config.paths.keystore_mirror);
    let rows: BTreeMap<i64, acts::Model> = acts::Entity::find().all(db).await?.into_iter().map(|row| (row.id, row)).collect();
    for row in rows.values() {
        let object = format!("act:{}", row.uuid);
        let id: ActId = row.uuid.parse().context("read an act's row")?;
        let has_key = keystore.peek(id).is_some();
        if row.state == "discarded" && has_key {
            problems.push((object, "it was discarded, but its key is still there: the next start of the server destroys it".into()));
        } else if row.state != "discarded" && !has_key {
            problems.push((object, "its key is missing from the keystore: neither its draft nor its attachments can be opened".into()));
        }
    }
    let mut forms = BTreeSet::new();
    for row in form_texts::Entity::find().all(db).await? {
        match wording::read(&row) {
            Ok(_) => {
                forms.insert(row.digest);
            }
            Err(error) => problems.push((format!("form:{}", row.kind), format!("{error:#}"))),
        }
    }
    for row in rows.values().filter(|row| row.form.is_some() || row.statement.is_some()) {
        let object = format!("act:{}", row.uuid);
        // One that cannot be read is named above.
        let signed = row.statement.as_ref().and_then(|_| log::signed(row).ok());
        if signed.is_some_and(|(_, act)| row.form != Some(act.form.to_string())) {
            problems.push((object, "its row names another form than the one that was signed".into()));
        } else if row.form.as_ref().is_none_or(|digest| !forms.contains(digest)) {
            problems.push((object, "the text of the form that it was written under is missing".into()));
        }
    }
    let mut known = BTreeSet::new();
    for row in act_attachments::Entity::find().all(db).await? {
        let id: AttachmentId = row.uuid.parse().context("read an attachment's row")?;
        let path = config.paths.attachments.join(id.to_string());
        let object = format!("attachment:{}", row.uuid);
        match std::fs::metadata(&path) {
            Ok(file) if i64::try_from(file.len()) == Ok(row.size_bytes) => {}
            Ok(file) => problems.push((object, format!("{} has {} bytes, expected {}", path.display(), file.len(), row.size_bytes))),
            Err(error) => problems.push((object, format!("reading {} fails: {error}", path.display()))),
        }
        if let Some(act) = rows.get(&row.act_id).filter(|act| act.statement.is_some()) {
            let (_, signed) = log::signed(act).map_err(|error| anyhow::anyhow!("{error}"))?;
            let named = attachments::in_act(&row).is_ok_and(|this| signed.attachments.contains(&this));
            if !named {
                problems.push((format!("attachment:{}", row.uuid), "the signed act does not name it so".into()));
            }
        }
        known.insert(id.to_string());
    }
    if let Ok(entries) = std::fs::read_dir(&config.paths.attachments) {
        // An upload that is under way has an ending.
        let names =
            entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).filter(|name| name.parse::<AttachmentId>().is_ok());
        for name in names.filter(|name| !known.contains(name)) {
            problems.push((
                config.paths.attachments.join(name).display().to_string(),
                "this file belongs to no attachment in the database".into(),
            ));
        }
    }
    problems.extend(documents(db, &rows).await?);
    Ok(problems)
}

/// What is wrong with the documents of acts: each is the one that the act's log names last in its language, and none that it names is missing.
async fn documents(db: &DatabaseConnection, acts: &BTreeMap<i64, acts::Model>) -> anyhow::Result<Vec<(String, String)>> {
    let object = |act: i64| acts.get(&act).map_or_else(|| format!("act row {act}"), |act| format!("act:{}", act.uuid));
    let mut named: BTreeMap<(i64, String), String> = BTreeMap::new();
    let kind = log::name(EventKind::Document);
    for row in act_log::Entity::find().filter(act_log::Column::Kind.eq(kind)).order_by_asc(act_log::Column::Entry).all(db).await? {
        // One that cannot be read is named by the log's own check.
        let read = Statement::from_json(row.statement.as_bytes()).and_then(|statement| statement.read::<ActEvent>());
        let Ok(mut event) = read else { continue };
        let mut text = |member: &str| event.detail.remove(member).unwrap_or_default();
        named.insert((row.act_id, text("language")), text("digest"));
    }
    let mut problems = Vec::new();
    for row in act_documents::Entity::find().all(db).await? {
        let mut wrong = |what: &str| problems.push((object(row.act_id), format!("its document in {} {what}", row.language)));
        if invigil_format::digest(&row.pdf).to_string() != row.digest {
            wrong("is not the one that was made: it was altered");
        }
        match named.remove(&(row.act_id, row.language.clone())) {
            Some(digest) if digest == row.digest => {}
            Some(_) => wrong("is not the one that the log of acts names"),
            None => wrong("stands in no entry of the log of acts"),
        }
    }
    for (act, language) in named.into_keys() {
        problems.push((object(act), format!("its document in {language}, which the log of acts names, is missing")));
    }
    Ok(problems)
}
