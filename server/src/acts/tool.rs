//! The offline tool's side of acts: what a reviewer's page does, done on the server's own folder with a review key (`invigil-server bundle make`,
//! `attachment open`). It asks by the very functions that answer the page, so that the same rules, audit entries and signatures apply.

use super::{attachments, bundle, pdf};
use crate::db::entities::{accounts, review_keys, segments};
use crate::files::free_bytes;
use crate::review::keys;
use crate::staff::sign_in::normal_login;
use crate::staff::{Access, Who};
use crate::store::Place;
use crate::{AppState, Shared};
use anyhow::{Context, bail};
use axum::extract::{Path as Route, State};
use axum::{Extension, Json};
use invigil_evidence::bundle::{Institution, PlannedSegment, Report, SegmentBytes, Source, SourceRun, SourceSegment, prepare, verify};
use invigil_evidence::{Act, ActAttachment, Attachment, HeldSegment};
use invigil_format::{
    AttachmentId, BundleId, Digest, InnerKeys, KeyRecord, RecordingId, ReviewPrivateKey, RunId, SegmentKey, TrackName, WrappedKey,
};
use invigil_wire::acts::{BundleFile, BundleRequest, EvidenceSegment, EvidenceSource};
use invigil_wire::review::KeyList;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Longest sealed attachment with its header, bytes.
const MAX_SEALED_BYTES: usize = 34 << 20;

/// In whose name the tool acts: the account to which this wrapped review key was given; if it was given to several, the one with this login.
///
/// # Errors
/// When there is none, it is disabled, or its role is not given footage.
pub async fn actor(state: &AppState, login: Option<&str>, wrapped: &WrappedKey) -> anyhow::Result<Who> {
    let rows = review_keys::Entity::find().filter(review_keys::Column::Public.eq(wrapped.public.to_string()));
    let rows = rows.order_by_asc(review_keys::Column::Id).all(&state.db).await?;
    let same = |row: &review_keys::Model| WrappedKey::from_json(row.wrapped.as_bytes()).is_ok_and(|key| key == *wrapped);
    let given: Vec<i64> = rows.into_iter().filter(same).map(|row| row.account_id).collect();
    let mut found = accounts::Entity::find().filter(accounts::Column::Id.is_in(given)).order_by_asc(accounts::Column::Id);
    if let Some(login) = login {
        found = found.filter(accounts::Column::Login.eq(normal_login(login)));
    }
    // Whoever has this folder could read any account: the key is what shows whose hand it is.
    let Some(account) = found.one(&state.db).await? else {
        match login {
            Some(login) => bail!("this wrapped key was not given to the account {login}: use the one that was"),
            None => bail!("this wrapped key was given to no account: use one that was given with `staff add --review-key`"),
        }
    };
    if account.disabled_ms.is_some() {
        bail!("the account {} is disabled", account.login);
    }
    let role = account.role.parse()?;
    let session = Who::COMMAND_LINE;
    let who = Who { session, account: account.id, login: account.login, name: account.name, role, holds_review_key: true };
    if !who.may(Access::Footage) {
        bail!("the role {} of the account {} is not given footage", who.role, who.login);
    }
    Ok(who)
}

/// Makes an act's evidence bundle at `out` and verifies what was written.
///
/// # Errors
/// When something that the act names is not here or not as it was, a key does not open it, the bundle would be too large, or `out` cannot be written or exists.
pub async fn make_bundle(
    state: &Shared,
    who: &Who,
    act: &str,
    review: &ReviewPrivateKey,
    receiver: &str,
    out: &Path,
) -> anyhow::Result<Report> {
    let evidence = bundle::source(state, who, act).await?;
    let named: Act = evidence.record.act.read()?;
    let mut places = Vec::new();
    let mut sources = Vec::new();
    for recording in named.evidence.iter().map(|stretch| stretch.recording).collect::<BTreeSet<_>>() {
        let Json(list) = keys::keys(State(state.clone()), Extension(who.clone()), Route(recording.to_string())).await?;
        for segment in evidence.segments.iter().filter(|segment| segment.recording == recording) {
            let track: TrackName = segment.track.parse()?;
            let key = segment_key(&list, segment, &track, review)?;
            places.push((segment.run, track.clone(), segment.sequence, object(state, recording, segment).await?));
            sources.push(SourceSegment { run: segment.run, track, sequence: segment.sequence, key, receipt: segment.receipt.clone() });
        }
    }
    let mut documents = BTreeMap::new();
    for language in &evidence.documents {
        documents.insert(language.clone(), pdf::document(state, who, act, language).await?.bytes);
    }
    let mut opened = BTreeMap::new();
    for attachment in &named.attachments {
        opened.insert(attachment.attachment, open_attachment(state, who, act, attachment.attachment, review).await?);
    }
    let EvidenceSource { record, institution, certificates, runs, custody, .. } = evidence;
    let run = |run: invigil_wire::acts::EvidenceRun| SourceRun { run: run.run, key_record: run.key_record, journal: run.journal };
    let runs = runs.into_iter().map(run).collect();
    let (act_statement, events) = (record.act, record.events);
    let source =
        Source { act: act_statement, events, institution, certificates, runs, segments: sources, custody, documents, attachments: opened };
    let id = BundleId::from_random(invigil_clock::random()?);
    let mut store = Objects { places: places.clone(), open: None };
    let prepared = tokio::task::spawn_blocking(move || prepare(source, &mut store, id)).await??;

    let file = |file: invigil_evidence::BundleFile| BundleFile { name: file.name, size_bytes: file.size_bytes, digest: file.digest };
    let files = prepared.manifest(0).files.into_iter().map(file).collect();
    let asked = BundleRequest { bundle: id.into(), receiver: receiver.to_owned(), files };
    // Asking enters the release for ever: what can be known to fail fails before.
    let sink = create(out)?;
    require_room(out, prepared.archive_bytes()).map_err(|error| taken_back(out, error))?;
    let manifest = match bundle::manifest(state, who, act, asked).await {
        Ok(manifest) => manifest,
        Err(error) => return Err(taken_back(out, error.into())),
    };
    let (institution, path) = (Institution(Digest(state.institution.0)), out.to_owned());
    let work = tokio::task::spawn_blocking(move || -> anyhow::Result<Report> {
        let written = prepared.write(&manifest, &mut Objects { places, open: None }, sink)?;
        written.into_inner().context("write the bundle")?.sync_all().context("sync the bundle")?;
        let file = File::open(&path).with_context(|| format!("read {}", path.display()))?;
        Ok(verify(&mut BufReader::new(file), &institution)?)
    });
    let written = work.await?.with_context(|| format!("write {}", out.display()));
    written.map_err(|error| taken_back(out, error))
}

/// Opens the attachments of an act, drafts too, and writes each as a file into `out`.
///
/// # Errors
/// When one does not open, or a file cannot be written or exists.
pub async fn open_attachments(
    state: &Shared,
    who: &Who,
    act: &str,
    review: &ReviewPrivateKey,
    out: &Path,
) -> anyhow::Result<Vec<(ActAttachment, PathBuf)>> {
    let found = super::access::find(state, &state.db, who, act).await?;
    std::fs::create_dir_all(out).with_context(|| format!("make {}", out.display()))?;
    let mut written = Vec::new();
    for row in attachments::of_act(&state.db, found.row.id).await? {
        let attachment = attachments::in_act(&row)?;
        let plain = open_attachment(state, who, act, attachment.attachment, review).await?;
        let kind = attachments::kind_name(attachment.kind);
        let path = out.join(format!("{kind}-{}.{}", attachment.attachment, attachment.media.extension()));
        let mut file = create(&path)?;
        io::Write::write_all(&mut file, &plain)
            .and_then(|()| io::Write::flush(&mut file))
            .with_context(|| format!("write {}", path.display()))?;
        written.push((attachment, path));
    }
    Ok(written)
}

async fn open_attachment(
    state: &Shared,
    who: &Who,
    act: &str,
    attachment: AttachmentId,
    review: &ReviewPrivateKey,
) -> anyhow::Result<Zeroizing<Vec<u8>>> {
    let answer = attachments::fetch(state, who, act, &attachment.to_string()).await?;
    let bytes = axum::body::to_bytes(answer.into_body(), MAX_SEALED_BYTES).await.context("read an attachment")?;
    let what = || format!("open attachment {attachment}");
    Attachment::parse(&bytes).and_then(|sealed| sealed.open(review)).with_context(what)
}

/// The key of a segment: from its run's, or from what a hold kept of it.
fn segment_key(list: &KeyList, segment: &EvidenceSegment, track: &TrackName, review: &ReviewPrivateKey) -> anyhow::Result<SegmentKey> {
    let what = || format!("open the key of segment {track} {} of run {}", segment.sequence, segment.run);
    if let Some(run) = list.runs.iter().find(|run| run.run == segment.run && !run.inner.is_empty()) {
        let record: KeyRecord = run.record.read()?;
        let key = record.open_inner(&InnerKeys::from_bytes(hex::decode(&run.inner)?), review).with_context(what)?;
        return Ok(key.segment_key(segment.recording, segment.run, track, segment.sequence)?);
    }
    let held = list.segments.iter().find(|held| held.id == segment.id).with_context(what)?;
    let record: HeldSegment = held.record.read()?;
    let key = record.purpose().open_inner(review, &record.review, &hex::decode(&held.inner)?).with_context(what)?;
    Ok(SegmentKey::from_bytes(*key))
}

async fn object(state: &AppState, recording: RecordingId, segment: &EvidenceSegment) -> anyhow::Result<PathBuf> {
    let row = segments::Entity::find_by_id(segment.id).one(&state.db).await?.context("a segment that the act cites is gone")?;
    let (recording, run) = (recording.to_string(), segment.run.to_string());
    let place = Place { recording: &recording, run: &run, track: &segment.track, sequence: row.sequence, generation: row.generation };
    Ok(state.store.object_path(&place))
}

/// Segments in the store, one file open at a time.
struct Objects {
    places: Vec<(RunId, TrackName, u32, PathBuf)>,
    open: Option<(PathBuf, File)>,
}

impl SegmentBytes for Objects {
    fn read(&mut self, segment: &PlannedSegment, from: u64, len: usize) -> io::Result<Vec<u8>> {
        let same =
            |place: &&(RunId, TrackName, u32, PathBuf)| (place.0, &place.1, place.2) == (segment.run, &segment.track, segment.sequence);
        let (_, _, _, path) = self.places.iter().find(same).ok_or(io::ErrorKind::NotFound)?;
        if self.open.as_ref().is_none_or(|(open, _)| open != path) {
            self.open = Some((path.clone(), File::open(path)?));
        }
        let (_, file) = self.open.as_mut().ok_or(io::ErrorKind::NotFound)?;
        file.seek(SeekFrom::Start(from))?;
        let mut out = vec![0; len];
        file.read_exact(&mut out)?;
        Ok(out)
    }
}

/// What is not whole does not stay.
fn taken_back(out: &Path, error: anyhow::Error) -> anyhow::Error {
    // The first error is the one that matters.
    let _ = std::fs::remove_file(out);
    error
}

/// Refuses to begin what the disk of `out` has no room for.
fn require_room(out: &Path, needed_bytes: u64) -> anyhow::Result<()> {
    let free_bytes = free_bytes(out).with_context(|| format!("look how much room there is for {}", out.display()))?;
    if free_bytes < needed_bytes {
        bail!("{} would have {needed_bytes} bytes, and its disk has {free_bytes} left: free some, or write it elsewhere", out.display());
    }
    Ok(())
}

/// A new file that only its owner reads.
fn create(path: &Path) -> anyhow::Result<BufWriter<File>> {
    let file = File::options().write(true).create_new(true).mode(0o600).open(path);
    Ok(BufWriter::new(file.with_context(|| format!("make {}: it must not exist yet", path.display()))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_disk_has_no_room_for_is_not_begun() {
        let dir = tempfile::tempdir().unwrap();
        assert!(require_room(dir.path(), 1).is_ok());
        let refused = require_room(dir.path(), u64::MAX).unwrap_err().to_string();
        assert!(refused.contains("18446744073709551615 bytes"), "{refused}");
    }
}
