//! What `invigil-server check` looks at of acts: the log, numbers, keys, wording, attachments and documents.

use crate::acts::{attachments, log, wording};
use crate::config::Config;
use crate::db::entities::{act_attachments, act_documents, acts, form_texts};
use crate::keys;
use crate::keystore::Keystore;
use anyhow::Context;
use invigil_format::{ActId, AttachmentId};
use sea_orm::{DatabaseConnection, EntityTrait};
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
    for row in act_documents::Entity::find().all(db).await? {
        if invigil_format::digest(&row.pdf).to_string() != row.digest {
            let object = rows.get(&row.act_id).map_or_else(|| format!("document:{}", row.id), |act| format!("act:{}", act.uuid));
            problems.push((object, format!("its document in {} is not the one that was made: it was altered", row.language)));
        }
    }
    Ok(problems)
}
