//! Sealed pictures and papers of acts (`docs/evidence.md` 3). The ciphertext lies in a folder of its own, one file each, written once; the header without inner
//! entries and the outer layer, which only the act's key opens, lie in the database.

use crate::acts::access;
use crate::acts::uploads::{Incoming, Unkept, require_space};
use crate::acts::{content, deadline, life, view};
use crate::audit::{self, Entry};
use crate::db;
use crate::db::entities::{act_attachments, acts};
use crate::files;
use crate::staff::Who;
use crate::{ApiError, ApiResult, AppState, Shared};
use anyhow::Context;
use axum::body::Body;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use invigil_evidence::{ActAttachment, AttachmentHeader, AttachmentKind, OuterSeal};
use invigil_format::{AttachmentId, SealingKey};
use invigil_rules::acts::Action;
use invigil_wire::acts::{AttachmentView, StillSource};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use tokio::io::AsyncWriteExt;
use tokio_util::io::ReaderStream;

/// Most attachments of one act.
const MAX_COUNT: usize = 40;
/// Most bytes of one act's attachments together.
const MAX_TOTAL_BYTES: i64 = 256 << 20;
const PREAMBLE_BYTES: usize = 16;
/// Of `docs/evidence.md` 3.
const MAX_HEADER_BYTES: usize = 16_384;

/// Takes a sealed attachment.
///
/// # Errors
/// 400 for what is none, 403, 404, 409, 413 beyond the limits, 422 for another act's, another institution's, or one sealed to other keys than those of the
/// reviewers; 422 `too-late` for a picture from a recording after the time limit; 408 when it stalls, 429 while too many are under way, 507 when the disk is
/// nearly full.
pub async fn add(state: &Shared, who: &Who, id: &str, body: Body) -> ApiResult<AttachmentView> {
    let found = access::find(state, &state.db, who, id).await?;
    access::require_edit(who, &found)?;
    life::require(&found, Action::Edit)?;
    let place = state.acts.uploads.begin(who.account)?;
    let mut upload = Incoming::new(body.into_data_stream());
    let header = read_header(&mut upload).await?;
    let act = content::act_id(&found.row)?;
    let refuse = |message: &str| Err(life::unprocessable("bad-attachment", message));
    if header.act != act || header.institution != state.institution {
        return refuse("the attachment was sealed for another act or institution");
    }
    if matches!(header.kind, AttachmentKind::Still | AttachmentKind::Annex) {
        // A picture binds the act to the month of KazNU 1.19, as a cited stretch does.
        let exam = view::exam_of(state, &found.row).await?;
        let decides = deadline::decides_grade(found.form, found.row.relation.as_deref());
        deadline::limit(state, &exam, decides)?.require(state.now_ms(), true)?;
    }
    if !same(&header.review, &view::review_keys(state)) {
        return refuse(
            "the attachment is sealed to other keys than those that the institution certifies for reviewers now; load the act again",
        );
    }
    let inner = header.inner_bytes().map_err(bad)?;
    if inner.is_empty() {
        return refuse("the attachment has no inner entries: nobody could open it");
    }
    require_room(&state.db, found.row.id, &header).await?;
    let public = found.row.act_public.parse().map_err(|error| ApiError::internal("reading an act's key", error))?;
    let outer = header.purpose().seal_outer(&public, &header.review, &inner).map_err(bad)?;

    let path = path(state, header.attachment);
    if path.exists() {
        return Err(exists());
    }
    let folder = &state.config.paths.attachments;
    files::create_private_dir(folder).map_err(|error| ApiError::internal("making the folder of attachments", error))?;
    require_space(state, folder, header.sealed_bytes())?;
    // Named by chance: two uploads of one id at once do not meet.
    let temporary = path.with_extension(format!("{}.tmp", hex::encode(invigil_clock::random::<8>()?)));
    let unkept = Unkept::new(temporary.clone());
    write(&mut upload, &temporary, header.sealed_bytes()).await?;
    // All bytes are here. What follows is not cut off in its middle by a sender who goes away.
    let (state, who, act) = (state.clone(), who.clone(), found.row);
    let entered = tokio::spawn(async move {
        let (_place, _unkept) = (place, unkept);
        enter(&state, &who, &act, &header, &outer, &temporary, &path).await
    });
    shown(&entered.await.map_err(damaged)??)
}

/// Takes an attachment out of a draft.
///
/// # Errors
/// 403, 404, 409.
pub async fn remove(state: &Shared, who: &Who, id: &str, attachment: &str) -> ApiResult<()> {
    let found = access::find(state, &state.db, who, id).await?;
    access::require_edit(who, &found)?;
    life::require(&found, Action::Edit)?;
    let tx = db::begin_write(&state.db).await?;
    if life::unchanged(&tx, &found.row).await?.is_none() {
        drop(tx);
        return Err(life::changed_meanwhile(state, who, id).await?);
    }
    let row = one(&tx, found.row.id, attachment).await?;
    act_attachments::Entity::delete_by_id(row.id).exec(&tx).await?;
    life::note(&tx, who, "act-attachment-removed", &found.row, state.now_ms(), serde_json::json!({ "attachment": row.uuid })).await?;
    tx.commit().await?;
    let path = path(state, row.uuid.parse().map_err(damaged)?);
    let removed = tokio::task::spawn_blocking(move || files::remove_durably(&path)).await;
    removed.map_err(damaged)?.map_err(|error| ApiError::internal("removing an attachment", error))
}

/// Gives an attachment with its outer layer opened.
///
/// # Errors
/// 404.
pub async fn fetch(state: &Shared, who: &Who, id: &str, attachment: &str) -> ApiResult<Response> {
    let found = access::find(state, &state.db, who, id).await?;
    let row = one(&state.db, found.row.id, attachment).await?;
    let stored = read(&row)?;
    let outer = OuterSeal {
        enc: hex::decode(&row.outer_enc).map_err(damaged)?.try_into().map_err(|_| damaged("an encapsulated key of another length"))?,
        sealed: hex::decode(&row.outer_sealed).map_err(damaged)?,
    };
    let (act, keys) = (content::act_id(&found.row)?, state.clone());
    let opened = tokio::task::spawn_blocking(move || -> ApiResult<Vec<u8>> {
        let key = keys.keystore.load(act)?.ok_or_else(|| damaged("the act's key is missing from the keystore"))?;
        let inner = stored.purpose().open_outer(&key, &stored.review, &outer).map_err(damaged)?;
        stored.with_inner(&inner).to_bytes().map_err(damaged)
    });
    let head = opened.await.map_err(damaged)??;
    let file = tokio::fs::File::open(path(state, row.uuid.parse().map_err(damaged)?)).await;
    let file = file.map_err(|error| ApiError::internal("opening an attachment", error))?;
    let detail = who.noted(serde_json::json!({ "attachment": row.uuid, "session": who.session }));
    let object = format!("act:{}", found.row.uuid);
    audit::append(&state.db, state.now_ms(), Entry { who: who.audit_name(), action: "act-attachment-released", object, detail }).await?;

    let length = head.len() as u64 + u64::try_from(row.size_bytes).map_err(damaged)?;
    let stream = futures_util::stream::once(async move { Ok(bytes::Bytes::from(head)) }).chain(ReaderStream::new(file));
    let headers = [(header::CONTENT_TYPE, "application/octet-stream".to_owned()), (header::CONTENT_LENGTH, length.to_string())];
    Ok((headers, Body::from_stream(stream)).into_response())
}

/// The attachments of an act, in order of arrival.
///
/// # Errors
/// When the database fails.
pub async fn of_act<C: ConnectionTrait>(db: &C, act: i64) -> ApiResult<Vec<act_attachments::Model>> {
    let all = act_attachments::Entity::find().filter(act_attachments::Column::ActId.eq(act));
    Ok(all.order_by_asc(act_attachments::Column::Id).all(db).await?)
}

/// As the page shows it.
///
/// # Errors
/// When its row is damaged.
pub fn shown(row: &act_attachments::Model) -> ApiResult<AttachmentView> {
    let header = read(row)?;
    Ok(AttachmentView {
        id: header.attachment.into(),
        kind: kind_name(header.kind).to_owned(),
        media: header.media.as_str().to_owned(),
        name: header.name,
        size_bytes: header.size_bytes,
        digest: header.digest,
        source: header.source.map(|s| StillSource { recording: s.recording, track: s.track.as_str().to_owned(), at_ms: s.at_ms }),
        created_ms: row.created_ms,
    })
}

/// As the act names it.
///
/// # Errors
/// When its row is damaged.
pub fn in_act(row: &act_attachments::Model) -> ApiResult<ActAttachment> {
    let AttachmentHeader { attachment, kind, media, name, size_bytes, digest, source, .. } = read(row)?;
    Ok(ActAttachment { attachment, kind, media, name, size_bytes, digest, source })
}

/// Where its ciphertext lies.
pub fn path(state: &AppState, attachment: AttachmentId) -> PathBuf {
    state.config.paths.attachments.join(attachment.to_string())
}

/// `still`, `annex` or `scan`.
pub const fn kind_name(kind: AttachmentKind) -> &'static str {
    match kind {
        AttachmentKind::Still => "still",
        AttachmentKind::Annex => "annex",
        AttachmentKind::Scan => "scan",
    }
}

async fn exactly(upload: &mut Incoming, len: usize) -> ApiResult<Vec<u8>> {
    let mut out = Vec::with_capacity(len);
    while out.len() < len {
        let more = upload.next(len - out.len()).await?;
        if more.is_empty() {
            return Err(bad("it ends inside its header"));
        }
        out.extend_from_slice(&more);
    }
    Ok(out)
}

/// Reads preamble and header. A header has one spelling: written again it must be the very bytes that came.
async fn read_header(upload: &mut Incoming) -> ApiResult<AttachmentHeader> {
    let mut came = exactly(upload, PREAMBLE_BYTES).await?;
    let len = came.last_chunk::<4>().map(|len| u32::from_be_bytes(*len)).and_then(|len| usize::try_from(len).ok()).unwrap_or(0);
    if len == 0 || len > MAX_HEADER_BYTES {
        return Err(bad("expected an attachment with a header of 1 to 16384 bytes"));
    }
    let text = exactly(upload, len).await?;
    let header = AttachmentHeader::from_json(&text).map_err(bad)?;
    came.extend_from_slice(&text);
    if header.to_bytes().map_err(bad)? == came { Ok(header) } else { Err(bad("expected an attachment of version 1")) }
}

/// Writes the ciphertext, durably.
async fn write(upload: &mut Incoming, temporary: &std::path::Path, expected: u64) -> ApiResult<()> {
    let failed = |error: io::Error| ApiError::internal("writing an attachment", error);
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    let mut file = tokio::fs::OpenOptions::from(options).open(temporary).await.map_err(failed)?;
    let mut written = 0_u64;
    loop {
        let bytes = upload.next(1 << 20).await?;
        if bytes.is_empty() {
            break;
        }
        written += bytes.len() as u64;
        if written > expected {
            return Err(bad("more bytes follow than its header says"));
        }
        file.write_all(&bytes).await.map_err(failed)?;
    }
    if written != expected {
        return Err(bad(format!("expected {expected} bytes after its header, found {written}")));
    }
    file.flush().await.map_err(failed)?;
    file.sync_all().await.map_err(failed)
}

/// Gives the file its name, then the row: a file without a row is removed at the next start.
async fn enter(
    state: &Shared,
    who: &Who,
    act: &acts::Model,
    header: &AttachmentHeader,
    outer: &OuterSeal,
    temporary: &std::path::Path,
    path: &std::path::Path,
) -> ApiResult<act_attachments::Model> {
    let tx = db::begin_write(&state.db).await?;
    let still_a_draft = acts::Entity::find_by_id(act.id).one(&tx).await?.is_some_and(|row| row.state == act.state);
    if !still_a_draft {
        return Err(ApiError::conflict("wrong-state", "the act is not a draft any more; load it again"));
    }
    require_room(&tx, act.id, header).await?;
    // Another upload of this id may have come first: what it gave its name to is not written over.
    let of_id = act_attachments::Entity::find().filter(act_attachments::Column::Uuid.eq(header.attachment.to_string()));
    if of_id.one(&tx).await?.is_some() || path.exists() {
        return Err(exists());
    }
    let (from, to) = (temporary.to_owned(), path.to_owned());
    let renamed = tokio::task::spawn_blocking(move || -> io::Result<()> {
        std::fs::rename(&from, &to)?;
        files::sync_dir(to.parent().unwrap_or(std::path::Path::new(".")))
    });
    // Only now: what stood there before is another upload's.
    let unkept = Unkept::new(path.to_owned());
    renamed.await.map_err(damaged)?.map_err(|error| ApiError::internal("naming an attachment", error))?;
    crate::crash::point("act-attachment-after-rename");
    let now_ms = state.now_ms();
    let row = act_attachments::ActiveModel {
        uuid: Set(header.attachment.to_string()),
        act_id: Set(act.id),
        header: Set(header.without_inner().to_json()),
        outer_enc: Set(hex::encode(outer.enc)),
        outer_sealed: Set(hex::encode(&outer.sealed)),
        size_bytes: Set(i64::try_from(header.sealed_bytes()).map_err(damaged)?),
        created_ms: Set(now_ms),
        created_by: Set(who.account),
        ..Default::default()
    };
    let row = act_attachments::Entity::insert(row).exec_with_returning(&tx).await?;
    let detail = serde_json::json!({ "attachment": row.uuid, "kind": kind_name(header.kind), "bytes": row.size_bytes });
    life::note(&tx, who, "act-attachment-added", act, now_ms, detail).await?;
    let committed = tx.commit().await;
    // A row that did come to stand, though the database says otherwise, has its file.
    if committed.is_ok() || !matches!(act_attachments::Entity::find_by_id(row.id).one(&state.db).await, Ok(None)) {
        unkept.keep();
    }
    committed?;
    Ok(row)
}

fn exists() -> ApiError {
    ApiError::conflict("attachment-exists", "there is an attachment of this id already")
}

/// Whether it is sealed to all reviewers and to nobody else: whom it leaves out could not open what the act names.
fn same(sealed_to: &[SealingKey], reviewers: &[SealingKey]) -> bool {
    sealed_to.iter().all(|key| reviewers.contains(key)) && reviewers.iter().all(|key| sealed_to.contains(key))
}

async fn require_room<C: ConnectionTrait>(db: &C, act: i64, new: &AttachmentHeader) -> ApiResult<()> {
    let there = of_act(db, act).await?;
    let total: i64 = there.iter().map(|row| row.size_bytes).sum();
    let too_much = |message: String| Err(ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "too-much", message));
    if there.len() >= MAX_COUNT || total.saturating_add_unsigned(new.sealed_bytes()) > MAX_TOTAL_BYTES {
        return too_much(format!("an act has at most {MAX_COUNT} attachments of {} MiB together; remove one first", MAX_TOTAL_BYTES >> 20));
    }
    let another_annex = |row: &act_attachments::Model| read(row).is_ok_and(|header| header.kind == AttachmentKind::Annex);
    if new.kind == AttachmentKind::Annex && there.iter().any(another_annex) {
        return Err(ApiError::conflict("annex-exists", "an act has one annex of stills; remove the old one first"));
    }
    Ok(())
}

async fn one<C: ConnectionTrait>(db: &C, act: i64, attachment: &str) -> ApiResult<act_attachments::Model> {
    let none = || ApiError::not_found("the act has no such attachment; load it again");
    let id: AttachmentId = attachment.parse().map_err(|_| none())?;
    let of = act_attachments::Entity::find().filter(act_attachments::Column::ActId.eq(act));
    of.filter(act_attachments::Column::Uuid.eq(id.to_string())).one(db).await?.ok_or_else(none)
}

fn read(row: &act_attachments::Model) -> ApiResult<AttachmentHeader> {
    AttachmentHeader::from_json(row.header.as_bytes()).map_err(damaged)
}

/// Removes the files of these attachments and then their rows. Can be repeated.
///
/// # Errors
/// When the folder or the database fails.
pub async fn destroy(state: &AppState, act: i64) -> anyhow::Result<()> {
    for row in act_attachments::Entity::find().filter(act_attachments::Column::ActId.eq(act)).all(&state.db).await? {
        let path = path(state, row.uuid.parse().context("read an attachment's id")?);
        tokio::task::spawn_blocking(move || files::remove_durably(&path)).await?.context("remove an attachment")?;
        crate::crash::point("act-discard-after-file");
        act_attachments::Entity::delete_by_id(row.id).exec(&state.db).await?;
    }
    Ok(())
}

/// Removes files that belong to no attachment: what an upload that was cut off left behind. Only while nothing is uploaded.
///
/// # Errors
/// When the folder or the database fails.
pub async fn sweep(state: &AppState) -> anyhow::Result<()> {
    let folder = &state.config.paths.attachments;
    files::create_private_dir(folder).with_context(|| format!("make {}", folder.display()))?;
    let known: std::collections::HashSet<String> =
        act_attachments::Entity::find().all(&state.db).await?.into_iter().map(|row| row.uuid).collect();
    for entry in std::fs::read_dir(folder).with_context(|| format!("list {}", folder.display()))? {
        let path = entry?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let ours = name.ends_with(".tmp") || name.parse::<AttachmentId>().is_ok();
        if ours && !known.contains(&name) {
            files::remove_durably(&path).with_context(|| format!("remove {}", path.display()))?;
        }
    }
    Ok(())
}

fn bad(error: impl std::fmt::Display) -> ApiError {
    ApiError::bad("bad-attachment", format!("this is no sealed attachment: {error}"))
}

fn damaged(error: impl std::fmt::Display) -> ApiError {
    ApiError::internal("handling an attachment", error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attachment_is_sealed_to_all_review_keys_and_to_no_other() {
        let [a, b, c] = [1, 2, 3].map(|byte| SealingKey([byte; 32]));
        assert!(same(&[a, b], &[a, b]) && same(&[b, a], &[a, b]));
        for wrong in [&[][..], &[a], &[b], &[a, c], &[a, b, c]] {
            assert!(!same(wrong, &[a, b]), "{wrong:?}");
        }
    }
}
