//! Signing in and out.

use crate::audit::{self, Entry};
use crate::db::{self, entities::accounts};
use crate::staff::limit::{LoginLimit, RetryAfter};
use crate::staff::password::{MAX_BYTES, Passwords};
use crate::staff::session::{self, FORGET_COOKIE, Token, Who};
use crate::{ApiError, ApiResult, AppState, Shared};
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use invigil_format::Digest;
use invigil_wire::review::{Login, Me};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use std::sync::Arc;
use zeroize::Zeroizing;

/// Most bytes of a login name.
pub const MAX_LOGIN_BYTES: usize = 64;

/// What signing in keeps in memory.
#[derive(Debug)]
pub struct Desk {
    pub(super) limit: LoginLimit,
    pub(super) passwords: Passwords,
}

impl Desk {
    /// With so many tries of one login in 15 minutes.
    pub fn new(login_tries: u32) -> Self {
        Self { limit: LoginLimit::new(login_tries), passwords: Passwords::default() }
    }
}

/// One spelling of a login name.
pub fn normal_login(login: &str) -> String {
    login.trim().to_lowercase()
}

/// `POST /api/login`.
pub async fn login(
    State(state): State<Shared>,
    Extension(desk): Extension<Arc<Desk>>,
    headers: HeaderMap,
    body: Result<Json<Login>, JsonRejection>,
) -> ApiResult<Response> {
    let Json(body) = body.map_err(|_| ApiError::bad("bad-request", "expected a JSON object with login and password"))?;
    let password = Zeroizing::new(body.password);
    let login = normal_login(&body.login);
    // Nobody has these, so there is nothing to count or to hash, and nothing long waits in memory.
    if login.len() > MAX_LOGIN_BYTES || password.len() > MAX_BYTES {
        return Err(wrong_login());
    }
    let tried = digest(&login);
    // A place first: tries that are turned away for want of one cost their login nothing and fill no table.
    let place = desk.passwords.queue().map_err(|_| too_many(RetryAfter(2)))?;
    desk.limit.try_login(tried, state.clock.boottime_us()).map_err(too_many)?;

    let found = accounts::Entity::find()
        .filter(accounts::Column::Login.eq(&login))
        .filter(accounts::Column::DisabledMs.is_null())
        .one(&state.db)
        .await?;
    let hash = found.as_ref().map(|account| account.password_hash.clone());
    let right = desk.passwords.verify(place, password, hash).await.map_err(|error| ApiError::internal("checking a password", error))?;
    let account = match found {
        Some(account) if right => account,
        other => {
            tracing::warn!(account = other.map(|account| account.id), "sign-in refused");
            return Err(wrong_login());
        }
    };
    desk.limit.succeeded(tried);

    let now_ms = state.clock.wall_ms();
    let token = Token::new()?;
    let tx = db::begin_write(&state.db).await?;
    if let Some(old) = Token::of(&headers) {
        session::end(&tx, &old).await?;
    }
    let session = session::begin(&tx, account.id, &token, now_ms, now_ms + i64::from(state.config.staff.session_hours) * 3_600_000).await?;
    let object = format!("session:{session}");
    let entry = Entry { who: format!("staff:{}", account.id), action: "signed-in", object, detail: serde_json::json!({}) };
    audit::append_in(&tx, now_ms, entry).await?;
    tx.commit().await?;

    let cookie = token.set_cookie().map_err(|error| ApiError::internal("writing a cookie", error))?;
    Ok(([(header::SET_COOKIE, cookie)], Json(me_of(&state, account.login, account.name, account.role))).into_response())
}

/// `POST /api/logout`.
pub async fn logout(State(state): State<Shared>, Extension(who): Extension<Who>, headers: HeaderMap) -> ApiResult<Response> {
    let tx = db::begin_write(&state.db).await?;
    if let Some(token) = Token::of(&headers) {
        session::end(&tx, &token).await?;
    }
    let object = format!("session:{}", who.session);
    let entry = Entry { who: who.audit_name(), action: "signed-out", object, detail: serde_json::json!({}) };
    audit::append_in(&tx, state.clock.wall_ms(), entry).await?;
    tx.commit().await?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, FORGET_COOKIE)]).into_response())
}

/// `GET /api/me`.
pub async fn me(State(state): State<Shared>, Extension(who): Extension<Who>) -> Json<Me> {
    Json(me_of(&state, who.login, who.name, who.role.to_string()))
}

fn me_of(state: &AppState, login: String, name: String, role: String) -> Me {
    Me { login, name, role, organisation: state.config.organisation.clone(), institution: state.institution }
}

pub(super) fn digest(login: &str) -> Digest {
    let mut out = [0; 32];
    out.copy_from_slice(ring::digest::digest(&ring::digest::SHA256, login.as_bytes()).as_ref());
    Digest(out)
}

fn wrong_login() -> ApiError {
    ApiError::new(StatusCode::UNAUTHORIZED, "wrong-login", "login or password is wrong; check both and try again")
}

pub(super) fn too_many(RetryAfter(secs): RetryAfter) -> ApiError {
    let message = format!("too many tries to sign in; try again in {secs} s");
    ApiError::new(StatusCode::TOO_MANY_REQUESTS, "too-many-tries", message).with_header("retry-after", secs)
}
