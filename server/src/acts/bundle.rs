//! Evidence bundles (`docs/evidence.md` 5): what they are made of, and the manifest. The server has no key and makes none itself; it signs what it can vouch for:
//! every file that it knows must be the very one, and no file may be there that a bundle does not have.

use crate::acts::access::{self, Found};
use crate::acts::{life, log, pdf};
use crate::audit::{self, Entry};
use crate::db;
use crate::db::entities::{accounts, acts, audit as audit_rows, holds, journal_entries, key_records, recordings, runs, segments};
use crate::holds::By;
use crate::live::lock;
use crate::staff::Who;
use crate::{ApiError, ApiResult, AppState, Shared, trust};
use invigil_evidence::bundle::{Part, Plan, README, document_name, fits};
use invigil_evidence::{Act, BundleFile, BundleManifest, EventKind, MAX_FILES};
use invigil_format::{BundleId, Digest, Statement, digest};
use invigil_forms::Language;
use invigil_rules::acts::{Action, Facts, allowed};
use invigil_wire::acts::{ActRecord, BundleRequest, EvidenceRun, EvidenceSegment, EvidenceSource};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Mutex;

/// Sources remembered; beyond it the oldest is forgotten, and whoever made a bundle of it begins again.
const MAX_REMEMBERED: usize = 64;

/// Digests by name that the files of a bundle may have, which must all be there; none: what only the holder of a review key can make.
type Known = BTreeMap<String, BTreeSet<Digest>>;

/// What was given out lately: a manifest is signed for what was given, while journals and logs go on.
#[derive(Debug, Default)]
pub struct Given(Mutex<Vec<(i64, Known)>>);

impl Given {
    fn remember(&self, act: i64, known: Known) {
        let mut given = lock(&self.0);
        if given.len() >= MAX_REMEMBERED {
            given.remove(0);
        }
        given.push((act, known));
    }

    fn of(&self, act: i64) -> Vec<Known> {
        lock(&self.0).iter().rev().filter(|(id, _)| *id == act).map(|(_, known)| known.clone()).collect()
    }
}

/// Act, keys' records, journals, receipts, certificates: all but the sealed bytes. The act's documents are made first, where nobody has asked for them yet.
///
/// # Errors
/// 404; 409 for an act that is not signed.
pub async fn source(state: &Shared, who: &Who, id: &str) -> ApiResult<EvidenceSource> {
    let found = access::find(state, &state.db, who, id).await?;
    require(&found)?;
    let (statement, act) = log::signed(&found.row)?;
    // Before the events are read, because each document has one. A server that was built without documents has none to give.
    if cfg!(feature = "documents") {
        for language in Language::ALL {
            pdf::document(state, who, id, language.code()).await?;
        }
    }
    let events =
        log::of_act(&state.db, found.row.id).await?.into_iter().filter(|(kind, _)| kind != "act").map(|(_, event)| event).collect();
    let wanted: Vec<String> = act.evidence.iter().map(|stretch| stretch.recording.to_string()).collect();
    let recordings = recordings::Entity::find().filter(recordings::Column::Uuid.is_in(wanted)).all(&state.db).await?;
    let mut certificates = state.trust.certificates.clone();
    for recording in &recordings {
        for certificate in trust::certificates_of(&state.db, recording.exam_id, recording.id).await? {
            if !certificates.contains(&certificate) {
                certificates.push(certificate);
            }
        }
    }
    let (runs, segments) = parts(state, &act).await?;
    let documents = pdf::of_act(&state.db, found.row.id).await?.into_iter().map(|row| row.language).collect();
    let custody = custody(state, who, &act, &recordings).await?;
    let record = ActRecord { act: statement, events };
    let institution = state.trust.institution;
    let source = EvidenceSource { record, institution, certificates, runs, segments, custody, documents };

    let object = format!("act:{}", found.row.uuid);
    let detail = who.noted(json!({ "session": who.session, "segments": source.segments.len() }));
    audit::append(&state.db, state.now_ms(), Entry { who: who.audit_name(), action: "act-evidence-released", object, detail }).await?;
    state.acts.given.remember(found.row.id, known(&source, &act)?);
    Ok(source)
}

/// Signs the manifest of a bundle and enters its release.
///
/// # Errors
/// 404; 409 for an act that is not signed, or without a source that was given before; 422 `wrong-file` for a file that is not the one that the server knows,
/// `too-large` for what no bundle can be.
pub async fn manifest(state: &Shared, who: &Who, id: &str, asked: BundleRequest) -> ApiResult<Statement> {
    let found = access::find(state, &state.db, who, id).await?;
    require(&found)?;
    let receiver = asked.receiver.trim().to_owned();
    if !(1..=200).contains(&receiver.chars().count()) {
        return Err(ApiError::bad("bad-receiver", "expected for whom the bundle is, in 1 to 200 characters"));
    }
    if !(1..=MAX_FILES).contains(&asked.files.len()) {
        return Err(life::unprocessable("wrong-file", format!("a bundle has 1 to {MAX_FILES} files, found {}", asked.files.len())));
    }
    let (statement, act) = log::signed(&found.row)?;
    let given = state.acts.given.of(found.row.id);
    if given.is_empty() {
        let message = "the server does not remember what it gave for this bundle; ask for the evidence again and make the bundle of that";
        return Err(ApiError::conflict("stale-source", message));
    }
    let documents: Known = (pdf::of_act(&state.db, found.row.id).await?.iter())
        .map(|row| Ok((document_name(&row.language), BTreeSet::from([row.digest.parse().map_err(damaged)?]))))
        .collect::<ApiResult<_>>()?;
    let plan = Plan::of(&act.evidence, &act.attachments, &[]).map_err(damaged)?;
    let videos: BTreeSet<&str> = plan.video_names().collect();
    // The newest source first; what is wrong is said of it.
    let mut refusal = None;
    let right = given.iter().any(|known| {
        let wrong = compare(known, &documents, &videos, &asked.files);
        if refusal.is_none() {
            refusal.clone_from(&wrong);
        }
        wrong.is_none()
    });
    if let Some(what) = refusal.filter(|_| !right) {
        return Err(life::unprocessable("wrong-file", what));
    }

    let files: Vec<BundleFile> =
        asked.files.into_iter().map(|f| BundleFile { name: f.name, size_bytes: f.size_bytes, digest: f.digest }).collect();
    // Before anything is signed and entered: what no bundle can be is not released.
    fits(&files).map_err(|error| life::unprocessable("too-large", error.to_string()))?;
    let now_ms = state.now_ms();
    let (institution, bundle, act) = (state.institution, BundleId::from(asked.bundle), statement.digest());
    let manifest = BundleManifest { institution, bundle, act, created_ms: now_ms, files };
    let signed = state
        .server_key
        .state(&manifest)
        .map_err(|error| life::unprocessable("wrong-file", format!("the manifest cannot be signed: {error}")))?;
    let tx = db::begin_write(&state.db).await?;
    let by = log::by(&tx, who).await?;
    let detail = [("bundle", asked.bundle.to_string()), ("manifest", signed.digest().to_string()), ("receiver", receiver)];
    let via = who.via().map(|via| ("via", via.to_owned()));
    let detail = detail.into_iter().chain(via).map(|(name, value)| (name.to_owned(), value)).collect();
    log::event(state, &tx, &found.row, EventKind::Bundle, Some(by), now_ms, detail).await?;
    let detail = json!({ "bundle": asked.bundle, "manifest": signed.digest(), "files": manifest.files.len() });
    life::note(&tx, who, "bundle-released", &found.row, now_ms, detail).await?;
    tx.commit().await?;
    Ok(signed)
}

fn require(found: &Found<'_>) -> ApiResult<()> {
    let facts = Facts { decides_grade: false, revoked: false, corrected: false };
    if allowed(found.state, facts, Action::Bundle) {
        return Ok(());
    }
    Err(ApiError::conflict("wrong-state", "only a signed act has evidence to be given; have it signed first"))
}

/// Runs and segments that an act names.
async fn parts(state: &AppState, act: &Act) -> ApiResult<(Vec<EvidenceRun>, Vec<EvidenceSegment>)> {
    let (mut out_runs, mut out_segments): (Vec<EvidenceRun>, Vec<EvidenceSegment>) = Default::default();
    for stretch in &act.evidence {
        for cited in &stretch.runs {
            if out_runs.iter().any(|run| run.run == cited.run) {
                continue;
            }
            let run = runs::Entity::find().filter(runs::Column::Uuid.eq(cited.run.to_string())).one(&state.db).await?;
            let run = run.ok_or_else(|| damaged("a run that the act names is gone"))?;
            let record = key_records::Entity::find().filter(key_records::Column::RunId.eq(run.id)).one(&state.db).await?;
            let record = record.ok_or_else(|| damaged("a key record that the act names is gone"))?;
            let journal = journal_entries::Entity::find().filter(journal_entries::Column::RunId.eq(run.id));
            let journal = journal.order_by_asc(journal_entries::Column::Entry).all(&state.db).await?;
            out_runs.push(EvidenceRun {
                recording: stretch.recording,
                run: cited.run,
                clock_offset_ms: cited.clock_offset_ms,
                key_record: read(&record.statement)?,
                journal: journal.iter().map(|row| read(&row.statement)).collect::<ApiResult<_>>()?,
            });
        }
        let ids: Vec<String> = stretch.runs.iter().map(|run| run.run.to_string()).collect();
        let rows = runs::Entity::find().filter(runs::Column::Uuid.is_in(ids)).all(&state.db).await?;
        for cited in &stretch.segments {
            let same = |other: &EvidenceSegment| {
                (other.run, other.track.as_str(), other.sequence) == (cited.run, cited.track.as_str(), cited.sequence)
            };
            if out_segments.iter().any(same) {
                continue;
            }
            let run = rows.iter().find(|run| run.uuid == cited.run.to_string()).ok_or_else(|| damaged("a segment's run is gone"))?;
            let of = Condition::all().add(segments::Column::RunId.eq(run.id)).add(segments::Column::Track.eq(cited.track.as_str()));
            let row = segments::Entity::find().filter(of.add(segments::Column::Sequence.eq(cited.sequence))).one(&state.db).await?;
            // After the act is closed its footage goes with its month: then there is no bundle any more.
            let row = row.ok_or_else(ApiError::expired)?;
            let receipt = row.receipt.as_deref().ok_or_else(|| damaged("a stored segment has no receipt"))?;
            out_segments.push(EvidenceSegment {
                id: row.id,
                recording: stretch.recording,
                run: cited.run,
                track: cited.track.as_str().to_owned(),
                sequence: cited.sequence,
                size_bytes: cited.size_bytes,
                digest: cited.digest,
                receipt: read(receipt)?,
            });
        }
    }
    Ok((out_runs, out_segments))
}

/// Who held, opened and released the footage of these recordings, as far as the person may know it: a bundle goes to a court, and says no more of other acts
/// than they may read. The holds that this act names are there in any case.
async fn custody(state: &AppState, who: &Who, act: &Act, recordings: &[recordings::Model]) -> ApiResult<String> {
    let names: HashMap<i64, String> = accounts::Entity::find().all(&state.db).await?.into_iter().map(|row| (row.id, row.login)).collect();
    let account = |id: i64| match id {
        By::SERVER => "server".to_owned(),
        _ => names.get(&id).cloned().unwrap_or_else(|| "cli".to_owned()),
    };
    let ids: Vec<i64> = recordings.iter().map(|row| row.id).collect();
    let all = holds::Entity::find().filter(holds::Column::RecordingId.is_in(ids)).order_by_asc(holds::Column::Id).all(&state.db).await?;
    let mut rows = Vec::with_capacity(all.len());
    for row in all {
        let named = act.evidence.iter().any(|stretch| stretch.hold.to_string() == row.uuid);
        let may_know = match row.act_id {
            Some(id) if !named => {
                let other = acts::Entity::find_by_id(id).one(&state.db).await?.ok_or_else(|| damaged("a hold's act is gone"))?;
                access::may_read(who, &access::with_form(state, &state.db, other).await?)
            }
            _ => true,
        };
        if may_know {
            rows.push(row);
        }
    }
    let mut objects: Vec<String> = recordings.iter().map(|row| format!("recording:{}", row.uuid)).collect();
    let mut held = Vec::new();
    for row in &rows {
        objects.push(format!("hold:{}", row.uuid));
        let recording = recordings.iter().find(|known| known.id == row.recording_id).map(|known| known.uuid.as_str());
        held.push(json!({
            "hold": row.uuid, "recording": recording, "from_ms": row.from_ms, "to_ms": row.to_ms, "reason": row.reason,
            "opened_by": account(row.opened_by), "opened_ms": row.opened_ms,
            "released_by": row.released_by.map(account), "released_ms": row.released_ms,
        }));
    }
    let entries = audit_rows::Entity::find().filter(audit_rows::Column::Object.is_in(objects)).order_by_asc(audit_rows::Column::Id);
    let who = |who: &str| match who.strip_prefix("staff:").and_then(|id| id.parse().ok()) {
        Some(id) => account(id),
        None => who.to_owned(),
    };
    let entries = entries.all(&state.db).await?;
    let log: Vec<_> = entries.iter().map(|row| json!({ "at_ms": row.at_ms, "who": who(&row.who), "action": row.action })).collect();
    Ok(json!({ "holds": held, "log": log }).to_string())
}

/// The files of a bundle that the server knows. A statement has two spellings: the page's and the tool's.
fn known(source: &EvidenceSource, act: &Act) -> ApiResult<Known> {
    let plan = Plan::of(&act.evidence, &act.attachments, &[]).map_err(damaged)?;
    let gone = || damaged("something that the act names is not in its bundle's source");
    let both = |statement: &Statement| vec![statement.to_json(), page(statement)];
    let lines = |statements: &[Statement]| {
        let join = |spell: fn(&Statement) -> String| statements.iter().map(|statement| spell(statement) + "\n").collect::<String>();
        vec![join(Statement::to_json), join(page)]
    };
    let run = |place: usize| {
        let planned = plan.runs.get(place).ok_or_else(gone)?;
        source.runs.iter().find(|run| run.run == planned.cited.run).ok_or_else(gone)
    };
    let mut known = Known::new();
    for (name, part) in &plan.files {
        let texts = match *part {
            Part::Readme(place) => vec![README.get(place).ok_or_else(gone)?.1.to_owned()],
            Part::Act => both(&source.record.act),
            Part::Events => lines(&source.record.events),
            Part::Certificates => {
                let sorted = json!({ "institution": source.institution, "certificates": source.certificates }).to_string();
                let certificates: Vec<String> = source.certificates.iter().map(page).collect();
                vec![sorted, format!("{{\"institution\":\"{}\",\"certificates\":[{}]}}", source.institution, certificates.join(","))]
            }
            Part::Custody => vec![source.custody.clone()],
            Part::KeyRecord(place) => both(&run(place)?.key_record),
            Part::Journal(place) => lines(&run(place)?.journal),
            Part::Receipt(place) => {
                let planned = plan.segments.get(place).ok_or_else(gone)?;
                let same = |segment: &&EvidenceSegment| {
                    (segment.run, segment.track.as_str(), segment.sequence) == (planned.run, planned.track.as_str(), planned.sequence)
                };
                both(&source.segments.iter().find(same).ok_or_else(gone)?.receipt)
            }
            Part::Keys | Part::Document(_) | Part::Attachment(_) | Part::Segment(_) => Vec::new(),
        };
        let named = match *part {
            Part::Attachment(place) => Some(act.attachments.get(place).ok_or_else(gone)?.digest),
            Part::Segment(place) => Some(plan.segments.get(place).ok_or_else(gone)?.digest),
            _ => None,
        };
        known.insert(name.clone(), texts.iter().map(|text| digest(text.as_bytes())).chain(named).collect());
    }
    Ok(known)
}

/// As a browser writes a statement that the server sent.
fn page(statement: &Statement) -> String {
    serde_json::to_string(statement).unwrap_or_default()
}

/// What is wrong with these files, if anything.
fn compare(known: &Known, documents: &Known, videos: &BTreeSet<&str>, files: &[invigil_wire::acts::BundleFile]) -> Option<String> {
    let mut names = BTreeSet::new();
    for file in files {
        if !names.insert(file.name.as_str()) {
            return Some(format!("{:?} is there twice", file.name));
        }
        match known.get(&file.name).or_else(|| documents.get(&file.name)) {
            Some(right) if right.is_empty() || right.contains(&file.digest) => {}
            Some(_) => return Some(format!("{:?} is not the file that the server knows: its digest is another", file.name)),
            None if videos.contains(file.name.as_str()) => {}
            None => return Some(format!("{:?} is no file of this act's bundle", file.name)),
        }
    }
    known.keys().map(String::as_str).find(|name| !names.contains(name)).map(|name| format!("{name:?} is missing"))
}

fn read(text: &str) -> ApiResult<Statement> {
    Statement::from_json(text.as_bytes()).map_err(damaged)
}

fn damaged(error: impl std::fmt::Display) -> ApiError {
    ApiError::internal("putting an act's evidence together", error)
}
