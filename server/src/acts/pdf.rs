//! An act as PDF (KazNU 10.4; `invigil-documents`). A signed act's document is made at its first demand in a language and kept, with an event in the log that names
//! its digest; a draft's says that it is one and is not kept.

use crate::acts::access::{self, Found};
#[cfg(feature = "documents")]
use crate::acts::attachments;
use crate::acts::content::{self, Draft};
#[cfg(feature = "documents")]
use crate::acts::wording;
use crate::acts::{footage, freeze, log, stills, view};
use crate::db;
use crate::db::entities::{act_documents, acts};
use crate::staff::Who;
use crate::{ApiError, ApiResult, AppState, Shared};
#[cfg(feature = "documents")]
use invigil_documents as documents;
#[cfg(feature = "documents")]
use invigil_evidence::Relation;
use invigil_evidence::{Act, ActContent, EventKind, Evidence};
use invigil_format::Digest;
use invigil_forms::Language;
use invigil_rules::acts::State;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

/// A document and the name of its file.
pub struct Document {
    /// `A-2026-0001-kk.pdf`.
    pub name: String,
    /// PDF.
    pub bytes: Vec<u8>,
}

/// The document of an act in a language.
///
/// # Errors
/// 404; 410 for a discarded draft; 422 for an unknown language.
pub async fn document(state: &Shared, who: &Who, id: &str, language: &str) -> ApiResult<Document> {
    let unknown = || super::life::unprocessable("bad-language", "expected one of the languages kk, ru and en");
    let language = Language::from_code(language).ok_or_else(unknown)?;
    let found = access::find(state, &state.db, who, id).await?;
    match found.state {
        State::Discarded => Err(ApiError::new(axum::http::StatusCode::GONE, "discarded", "the draft was discarded; nothing of it is left")),
        State::Draft | State::ForSignature => {
            let name = format!("{}-{language}.pdf", draft_word(language));
            let sheet = of_draft(state, &found, language).await?;
            Ok(Document { name, bytes: render(state, sheet, language).await? })
        }
        State::Signed | State::PassedOn | State::GradeCancelled => kept(state, &found, language).await,
    }
}

/// The documents that were made of an act: language and digest.
///
/// # Errors
/// When the database fails.
pub async fn of_act<C: ConnectionTrait>(db: &C, act: i64) -> ApiResult<Vec<act_documents::Model>> {
    Ok(act_documents::Entity::find().filter(act_documents::Column::ActId.eq(act)).all(db).await?)
}

async fn kept(state: &Shared, found: &Found<'_>, language: Language) -> ApiResult<Document> {
    let (statement, act) = log::signed(&found.row)?;
    let name = format!("{}-{language}.pdf", act.number_text);
    if let Some(row) = one(&state.db, found.row.id, language).await? {
        return Ok(Document { name, bytes: row.pdf });
    }
    let referred_ms = referred_ms(state, &found.row).await?;
    let sheet = Sheet { act, to_sign: Vec::new(), digest: Some(statement.digest()), referred_ms };
    let bytes = render(state, sheet, language).await?;
    let tx = db::begin_write(&state.db).await?;
    // Somebody else may have asked for it at the same moment: the first one counts.
    if let Some(row) = one(&tx, found.row.id, language).await? {
        return Ok(Document { name, bytes: row.pdf });
    }
    let (now_ms, digest) = (state.now_ms(), invigil_format::digest(&bytes));
    let detail = [("language", language.code().to_owned()), ("digest", digest.to_string()), ("size_bytes", bytes.len().to_string())];
    let detail = detail.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    log::event(state, &tx, &found.row, EventKind::Document, None, now_ms, detail).await?;
    let row = act_documents::ActiveModel {
        act_id: Set(found.row.id),
        language: Set(language.code().to_owned()),
        digest: Set(digest.to_string()),
        size_bytes: Set(i64::try_from(bytes.len()).map_err(|error| ApiError::internal("keeping a document", error))?),
        pdf: Set(bytes.clone()),
        created_ms: Set(now_ms),
        ..Default::default()
    };
    act_documents::Entity::insert(row).exec(&tx).await?;
    tx.commit().await?;
    Ok(Document { name, bytes })
}

async fn one<C: ConnectionTrait>(db: &C, act: i64, language: Language) -> ApiResult<Option<act_documents::Model>> {
    let of = act_documents::Entity::find().filter(act_documents::Column::ActId.eq(act));
    Ok(of.filter(act_documents::Column::Language.eq(language.code())).one(db).await?)
}

/// What is printed: an act, or a draft in the shape of one.
#[cfg_attr(not(feature = "documents"), expect(dead_code, reason = "nothing is printed"))]
struct Sheet {
    act: Act,
    /// Name and post of those who have not signed yet.
    to_sign: Vec<(String, String)>,
    digest: Option<Digest>,
    referred_ms: Option<i64>,
}

async fn referred_ms(state: &AppState, row: &acts::Model) -> ApiResult<Option<i64>> {
    let Some(id) = row.refers_to else { return Ok(None) };
    Ok(acts::Entity::find_by_id(id).one(&state.db).await?.and_then(|row| row.signed_ms))
}

/// A draft in the shape of an act: without number, digest and signatures. What is up for signature is printed word for word.
async fn of_draft(state: &Shared, found: &Found<'_>, language: Language) -> ApiResult<Sheet> {
    let draft = content::open_one(state, &found.row).await?;
    let content = match freeze::frozen(&draft)? {
        Some(frozen) => frozen,
        None => so_far(state, found, &draft).await?,
    };
    let to_sign = content.to_sign.iter().map(|one| (one.name.clone(), one.post.clone())).collect();
    let act = Act { number_text: draft_word(language).to_owned(), signed_ms: state.now_ms(), ..freeze::unsigned(content) };
    Ok(Sheet { act, to_sign, digest: None, referred_ms: referred_ms(state, &found.row).await? })
}

/// A draft as it would be put up for signature, though something is still missing.
async fn so_far(state: &Shared, found: &Found<'_>, draft: &Draft) -> ApiResult<ActContent> {
    let row = &found.row;
    let (exam, recording) = (view::exam_of(state, row).await?, view::recording_of(state, row).await?);
    let (names, attached) = (view::names(state).await?, stills::attached(&state.db, row.id).await?);
    let evidence = stretches(state, row.id, draft).await?;
    freeze::assemble(state, &state.db, found, draft, &exam, recording.as_ref(), &names, attached, evidence).await
}

/// What a draft cites, with its segments if they are all there and not too many.
async fn stretches(state: &Shared, act: i64, draft: &Draft) -> ApiResult<Vec<Evidence>> {
    if let Ok(evidence) = footage::cited(state, &state.db, act, &draft.evidence).await? {
        return Ok(evidence);
    }
    let none = invigil_format::HoldId::from_bytes([0; 16]);
    let bare = |cited: &invigil_wire::acts::Cited| Evidence {
        recording: cited.recording,
        from_ms: cited.from_ms,
        to_ms: cited.to_ms,
        hold: none,
        runs: Vec::new(),
        segments: Vec::new(),
    };
    Ok(draft.evidence.iter().map(bare).collect())
}

/// What stands in the place of a draft's number.
const fn draft_word(language: Language) -> &'static str {
    match language {
        Language::Kk => "ЖОБА",
        Language::Ru => "ПРОЕКТ",
        Language::En => "DRAFT",
    }
}

/// Typesets off the async threads, a few at a time.
async fn render(state: &Shared, sheet: Sheet, language: Language) -> ApiResult<Vec<u8>> {
    let place = state.acts.printing.clone().acquire_owned().await.map_err(|error| ApiError::internal("waiting to print an act", error))?;
    let state = state.clone();
    let printed = tokio::task::spawn_blocking(move || {
        let _place = place;
        typeset(&state, &sheet, language)
    });
    printed.await.map_err(|error| ApiError::internal("printing an act", error))?
}

#[cfg(feature = "documents")]
fn typeset(state: &AppState, sheet: &Sheet, language: Language) -> ApiResult<Vec<u8>> {
    let act = &sheet.act;
    let text = |id: &dyn std::fmt::Display| id.to_string();
    // Owned texts first: what is printed borrows them.
    let evidence: Vec<(String, Vec<(String, String)>)> = act
        .evidence
        .iter()
        .map(|e| (text(&e.recording), e.segments.iter().map(|s| (s.track.as_str().to_owned(), text(&s.digest))).collect()))
        .collect();
    let segments: Vec<Vec<documents::Segment<'_>>> = (act.evidence.iter().zip(&evidence))
        .map(|(stretch, (_, texts))| {
            let all = stretch.segments.iter().zip(texts);
            let one = all.map(|(segment, (track, digest))| documents::Segment {
                track,
                sequence: segment.sequence.into(),
                digest,
                size_bytes: segment.size_bytes,
            });
            one.collect()
        })
        .collect();
    let cited: Vec<documents::Evidence<'_>> = (act.evidence.iter().zip(&evidence).zip(&segments))
        .map(|((stretch, (recording, _)), segments)| documents::Evidence {
            recording,
            from_ms: stretch.from_ms,
            to_ms: stretch.to_ms,
            segments,
        })
        .collect();
    let digests: Vec<String> = act.attachments.iter().map(|attachment| text(&attachment.digest)).collect();
    let annexes: Vec<documents::Attachment<'_>> = (act.attachments.iter().zip(&digests))
        .map(|(attachment, digest)| documents::Attachment {
            kind: attachments::kind_name(attachment.kind),
            name: &attachment.name,
            digest,
            size_bytes: attachment.size_bytes,
        })
        .collect();
    let signed = act.signatories.iter().map(|s| documents::Signatory { name: &s.name, post: &s.post, signed_ms: Some(s.signed_ms) });
    let to_sign = sheet.to_sign.iter().map(|(name, post)| documents::Signatory { name, post, signed_ms: None });
    let signatories: Vec<documents::Signatory<'_>> = signed.chain(to_sign).collect();
    let (act_id, digest) = (text(&act.act), sheet.digest.map(|digest| text(&digest)));
    let check_url = format!("{}/check/{act_id}", state.config.listen.public_url);
    let document = documents::ActDocument {
        form: wording::of(state, &act.kind, &act.form.to_string())?,
        language,
        organisation: state.config.organisation_in(language),
        emblem: state.emblem.as_deref(),
        number_text: &act.number_text,
        act_id: &act_id,
        statement_digest: digest.as_deref(),
        signed_ms: act.signed_ms,
        utc_offset_secs: act.exam.utc_offset_secs,
        fields: &act.fields,
        points: &act.points,
        drawn_up_by: documents::DrawnUpBy { name: &act.drawn_up_by.name, post: &act.drawn_up_by.capacity },
        signatories: &signatories,
        exam: Some(documents::Exam {
            title: &act.exam.title,
            discipline: &act.exam.discipline,
            faculty: &act.exam.faculty,
            from_ms: act.exam.starts_ms,
            to_ms: act.exam.ends_ms,
        }),
        subject: act.subject.as_ref().map(|subject| documents::Subject { name: &subject.name, id: &subject.external_id }),
        evidence: &cited,
        attachments: &annexes,
        refers_to: act.refers_to.as_ref().map(|other| documents::RefersTo {
            relation: match other.relation {
                Relation::Corrects => documents::Relation::Corrects,
                Relation::Revokes => documents::Relation::Revokes,
                Relation::Supplements => documents::Relation::Supplements,
            },
            number_text: &other.number_text,
            signed_ms: sheet.referred_ms.unwrap_or(act.signed_ms),
        }),
        repeated: act.repeated,
        deadline_ms: act.cancel_until_ms,
        check_url: &check_url,
    };
    documents::render(&document).map_err(|error| match error {
        // Its words may quote the act; the log names no people.
        documents::Error::Layout(_) | documents::Error::Export(_) => {
            ApiError::internal("printing an act", format!("act {act_id} cannot be typeset in {language}: the typesetter refused it"))
        }
        other => ApiError::internal("printing an act", other),
    })
}

#[cfg(not(feature = "documents"))]
fn typeset(_: &AppState, _: &Sheet, _: Language) -> ApiResult<Vec<u8>> {
    let message = "this server was built without PDF documents; ask the IT staff for one that has them";
    Err(ApiError::new(axum::http::StatusCode::NOT_IMPLEMENTED, "no-documents", message))
}
