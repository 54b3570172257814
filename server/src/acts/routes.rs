//! Requests about acts (`wire::acts`), behind the guards of `review::routes`, and what is open to everybody: the check page and the fonts.

use crate::acts::view;
use crate::acts::{access, attachments, bundle, check_page, events, life, log, pdf, registrar, sign};
use crate::db::entities::{accounts, audit};
use crate::staff::Who;
use crate::staff::sign_in::Desk;
use crate::{ApiError, ApiResult, Shared};
use axum::body::Body;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Json, Router};
use invigil_forms::Form;
use invigil_rules::acts::State as Life;
use invigil_wire::acts::{
    ActList, ActRecord, ActView, AttachmentView, BundleRequest, CancelGrade, DraftChange, EvidenceSource, NewAct, Note, PassOn, Person,
    Revision, Sign,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::Deserialize;
use std::sync::Arc;

/// Largest body of a draft, bytes.
pub const MAX_DRAFT_BYTES: usize = 256 << 10;
/// Largest body of a request for a manifest, bytes.
pub const MAX_BUNDLE_BYTES: usize = 256 << 10;
/// Entries of the audit log in one answer.
const AUDIT_PAGE: u64 = 500;

type Asked<T> = Result<Json<T>, JsonRejection>;

fn body<T>(asked: Asked<T>) -> ApiResult<T> {
    let refused = |error: JsonRejection| {
        let status = error.status();
        let code = if status == StatusCode::PAYLOAD_TOO_LARGE { "too-long" } else { "bad-request" };
        // Not the rejection's own words: they may repeat what was sent.
        ApiError::new(status, code, "expected a JSON object as wire::acts has it; load the page again")
    };
    asked.map(|Json(body)| body).map_err(refused)
}

/// `GET /api/forms`: those that the person may draft or read acts of.
pub async fn forms(State(state): State<Shared>, Extension(who): Extension<Who>) -> Json<Vec<Form>> {
    let mine =
        |form: &&Form| [&form.access.draft, &form.access.read, &form.access.sign].into_iter().any(|roles| access::named(roles, &who));
    Json(state.forms.iter().filter(mine).cloned().collect())
}

/// Which acts.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListQuery {
    state: Option<String>,
}

/// `GET /api/acts`.
pub async fn list(State(state): State<Shared>, Extension(who): Extension<Who>, Query(query): Query<ListQuery>) -> ApiResult<Json<ActList>> {
    let unknown = || ApiError::bad("bad-state", "expected one of the states of an act, or none");
    let wanted = query.state.map(|name| Life::from_name(&name).ok_or_else(unknown)).transpose()?;
    Ok(Json(view::list(&state, &who, wanted).await?))
}

/// `POST /api/acts`.
pub async fn create(State(state): State<Shared>, Extension(who): Extension<Who>, asked: Asked<NewAct>) -> ApiResult<Json<ActView>> {
    Ok(Json(Box::pin(life::create(&state, &who, body(asked)?)).await?))
}

/// `GET /api/acts/{id}`.
pub async fn one(State(state): State<Shared>, Extension(who): Extension<Who>, Path(id): Path<String>) -> ApiResult<Json<ActView>> {
    let found = access::find(&state, &state.db, &who, &id).await?;
    Ok(Json(view::one(&state, &who, &found).await?))
}

/// `PUT /api/acts/{id}`.
pub async fn change(
    State(state): State<Shared>,
    Extension(who): Extension<Who>,
    Path(id): Path<String>,
    asked: Asked<DraftChange>,
) -> ApiResult<Json<ActView>> {
    Ok(Json(Box::pin(life::change(&state, &who, &id, body(asked)?)).await?))
}

/// `POST /api/acts/{id}/discard`.
pub async fn discard(
    State(state): State<Shared>,
    Extension(who): Extension<Who>,
    Path(id): Path<String>,
    asked: Asked<Note>,
) -> ApiResult<Json<ActView>> {
    Ok(Json(Box::pin(life::discard(&state, &who, &id, &body(asked)?.note)).await?))
}

/// `POST /api/acts/{id}/for-signature`.
pub async fn for_signature(
    State(state): State<Shared>,
    Extension(who): Extension<Who>,
    Path(id): Path<String>,
    asked: Asked<Revision>,
) -> ApiResult<Json<ActView>> {
    Ok(Json(Box::pin(life::for_signature(&state, &who, &id, body(asked)?.revision)).await?))
}

/// `POST /api/acts/{id}/back-to-draft`.
pub async fn back_to_draft(
    State(state): State<Shared>,
    Extension(who): Extension<Who>,
    Path(id): Path<String>,
    asked: Asked<Note>,
) -> ApiResult<Json<ActView>> {
    Ok(Json(Box::pin(life::back_to_draft(&state, &who, &id, &body(asked)?.note)).await?))
}

/// `POST /api/acts/{id}/sign`.
pub async fn sign(
    State(state): State<Shared>,
    Extension(who): Extension<Who>,
    Extension(desk): Extension<Arc<Desk>>,
    Path(id): Path<String>,
    asked: Asked<Sign>,
) -> ApiResult<Json<ActView>> {
    Ok(Json(Box::pin(sign::sign(&state, &desk, &who, &id, body(asked)?)).await?))
}

/// `POST /api/acts/{id}/pass-on`.
pub async fn pass_on(
    State(state): State<Shared>,
    Extension(who): Extension<Who>,
    Path(id): Path<String>,
    asked: Asked<PassOn>,
) -> ApiResult<Json<ActView>> {
    Ok(Json(Box::pin(events::pass_on(&state, &who, &id, body(asked)?)).await?))
}

/// `POST /api/acts/{id}/cancel-grade`.
pub async fn cancel_grade(
    State(state): State<Shared>,
    Extension(who): Extension<Who>,
    Path(id): Path<String>,
    asked: Asked<CancelGrade>,
) -> ApiResult<Json<ActView>> {
    Ok(Json(Box::pin(events::cancel_grade(&state, &who, &id, body(asked)?)).await?))
}

/// `POST /api/acts/{id}/attachments`.
pub async fn attach(
    State(state): State<Shared>,
    Extension(who): Extension<Who>,
    Path(id): Path<String>,
    body: Body,
) -> ApiResult<(StatusCode, Json<AttachmentView>)> {
    Ok((StatusCode::CREATED, Json(Box::pin(attachments::add(&state, &who, &id, body)).await?)))
}

/// `DELETE /api/acts/{id}/attachments/{attachment}`.
pub async fn detach(
    State(state): State<Shared>,
    Extension(who): Extension<Who>,
    Path((id, attachment)): Path<(String, String)>,
) -> ApiResult<StatusCode> {
    attachments::remove(&state, &who, &id, &attachment).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /api/acts/{id}/attachments/{attachment}`.
pub async fn attachment(
    State(state): State<Shared>,
    Extension(who): Extension<Who>,
    Path((id, attachment)): Path<(String, String)>,
) -> ApiResult<Response> {
    attachments::fetch(&state, &who, &id, &attachment).await
}

/// Which document.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PdfQuery {
    language: String,
}

/// `GET /api/acts/{id}/pdf`.
pub async fn pdf(
    State(state): State<Shared>,
    Extension(who): Extension<Who>,
    Path(id): Path<String>,
    Query(query): Query<PdfQuery>,
) -> ApiResult<Response> {
    let document = Box::pin(pdf::document(&state, &who, &id, &query.language)).await?;
    // RFC 8187, for names with other letters than ASCII's.
    let name: String = document
        .name
        .bytes()
        .map(|b| if b.is_ascii_alphanumeric() || b"-.".contains(&b) { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect();
    let disposition = format!("inline; filename=\"act.pdf\"; filename*=UTF-8''{name}");
    Ok(([(header::CONTENT_TYPE, "application/pdf".to_owned()), (header::CONTENT_DISPOSITION, disposition)], document.bytes).into_response())
}

/// `GET /api/acts/{id}/statement`.
pub async fn statement(State(state): State<Shared>, Extension(who): Extension<Who>, Path(id): Path<String>) -> ApiResult<Json<ActRecord>> {
    let found = access::find(&state, &state.db, &who, &id).await?;
    record(&state, found.row.id).await?.map(Json).ok_or_else(|| ApiError::conflict("wrong-state", "the act is not signed yet"))
}

/// The signed record of an act, if it is signed.
///
/// # Errors
/// When the database fails or is damaged.
pub async fn record(state: &Shared, act: i64) -> ApiResult<Option<ActRecord>> {
    let mut statements = log::of_act(&state.db, act).await?.into_iter().map(|(_, statement)| statement);
    Ok(statements.next().map(|act| ActRecord { act, events: statements.collect() }))
}

/// `GET /api/acts/{id}/evidence`.
pub async fn evidence(
    State(state): State<Shared>,
    Extension(who): Extension<Who>,
    Path(id): Path<String>,
) -> ApiResult<Json<EvidenceSource>> {
    Ok(Json(bundle::source(&state, &who, &id).await?))
}

/// `POST /api/acts/{id}/bundle`.
pub async fn make_bundle(
    State(state): State<Shared>,
    Extension(who): Extension<Who>,
    Path(id): Path<String>,
    asked: Asked<BundleRequest>,
) -> ApiResult<Json<invigil_format::Statement>> {
    Ok(Json(bundle::manifest(&state, &who, &id, body(asked)?).await?))
}

/// Which days, and in which form.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnnulmentQuery {
    from: String,
    to: String,
    format: Option<String>,
}

/// `GET /api/registrar/annulments`.
pub async fn annulments(
    State(state): State<Shared>,
    Extension(who): Extension<Who>,
    Query(query): Query<AnnulmentQuery>,
) -> ApiResult<Response> {
    let csv = match query.format.as_deref() {
        None | Some("json") => false,
        Some("csv") => true,
        Some(other) => return Err(ApiError::bad("bad-format", format!("expected the format csv or json, found {other:?}"))),
    };
    let rows = registrar::annulments(&state, &who, &query.from, &query.to).await?;
    let object = format!("annulments:{}..{}", query.from, query.to);
    let detail = serde_json::json!({ "acts": rows.len() });
    let entry = crate::audit::Entry { who: who.audit_name(), action: "annulments-exported", object, detail };
    crate::audit::append(&state.db, state.now_ms(), entry).await?;
    if !csv {
        return Ok(Json(rows).into_response());
    }
    let kind = (header::CONTENT_TYPE, "text/csv; charset=utf-8; header=present");
    let name = (header::CONTENT_DISPOSITION, "attachment; filename=\"annulments.csv\"");
    Ok(([kind, name], registrar::csv(&rows)?).into_response())
}

/// `GET /api/accounts`: who can be named to sign some act that the person may draft; nobody else's login is told.
pub async fn people(State(state): State<Shared>, Extension(who): Extension<Who>) -> ApiResult<Json<Vec<Person>>> {
    let drafts: Vec<&Form> = state.forms.iter().filter(|form| access::may_draft(&who, &form.access)).collect();
    let active = accounts::Entity::find().filter(accounts::Column::DisabledMs.is_null()).order_by_asc(accounts::Column::Name);
    let signs = |row: &accounts::Model| drafts.iter().any(|form| access::may_be_named(form, &row.role));
    let person = |row: accounts::Model| Person { login: row.login, name: row.name, post: row.post, role: row.role };
    Ok(Json(active.all(&state.db).await?.into_iter().filter(signs).map(person).collect()))
}

/// After which entry.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuditQuery {
    after: Option<i64>,
}

/// `GET /api/audit`: the next entries after one.
pub async fn audit(State(state): State<Shared>, Query(query): Query<AuditQuery>) -> ApiResult<Json<Vec<serde_json::Value>>> {
    let next =
        audit::Entity::find().filter(audit::Column::Id.gt(query.after.unwrap_or(0))).order_by_asc(audit::Column::Id).limit(AUDIT_PAGE);
    let entry = |row: audit::Model| {
        let detail: serde_json::Value = serde_json::from_str(&row.detail).unwrap_or_default();
        serde_json::json!({
            "id": row.id, "at_ms": row.at_ms, "who": row.who, "action": row.action, "object": row.object, "detail": detail,
            "previous": row.previous, "digest": row.digest,
        })
    };
    Ok(Json(next.all(&state.db).await?.into_iter().map(entry).collect()))
}

/// What is open to everybody.
pub fn public() -> Router<Shared> {
    Router::new().route("/check/{act}", get(check_page::page)).route("/fonts/{name}", get(font))
}

/// `GET /fonts/{name}`: the fonts of documents, for what the page puts beside them.
async fn font(Path(name): Path<String>) -> ApiResult<Response> {
    #[cfg(feature = "documents")]
    let fonts = invigil_documents::fonts();
    #[cfg(not(feature = "documents"))]
    let fonts: &[(&str, &[u8])] = &[];
    let font = fonts.iter().find(|(known, _)| *known == name);
    let (_, bytes) = font.ok_or_else(|| ApiError::not_found("there is no such font"))?;
    let kind = if name.ends_with(".ttf") { "font/ttf" } else { "font/otf" };
    Ok(([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "public, max-age=31536000, immutable")], *bytes).into_response())
}
