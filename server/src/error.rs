//! Answers that are not a success: a status, a stable name and a sentence, as `wire::ErrorBody`.

use axum::Json;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use invigil_wire::ErrorBody;
use invigil_wire::agent::EXPIRED;

/// Why a request was not answered as asked.
#[derive(Debug, thiserror::Error)]
#[error("{code}: {message}")]
pub struct ApiError {
    /// HTTP status.
    pub status: StatusCode,
    /// Stable name for programs, in kebab-case.
    pub code: &'static str,
    /// For people: what was attempted, what was expected, what to do.
    pub message: String,
    /// Further headers of the answer.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// Further members of the body.
    pub members: Vec<(&'static str, serde_json::Value)>,
}

/// Result of a handler.
pub type ApiResult<T> = Result<T, ApiError>;

impl ApiError {
    /// An answer with this status, name and sentence.
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), headers: Vec::new(), members: Vec::new() }
    }

    /// 400.
    pub fn bad(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    /// 401 without a reason that could help a guesser.
    pub fn unauthorized() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", "sign in first: the token or session is missing, wrong or no longer valid")
    }

    /// 403.
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", message)
    }

    /// 404.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", message)
    }

    /// 409.
    pub fn conflict(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, code, message)
    }

    /// 410 `expired`: the exam's footage has expired.
    pub fn expired() -> Self {
        Self::new(StatusCode::GONE, EXPIRED, "this exam's footage has expired: it can be neither read nor added to")
    }

    /// 500; `error` is logged here and nowhere else, and not told to the client.
    pub fn internal(what: &'static str, error: impl std::fmt::Display) -> Self {
        tracing::error!(what, error = format!("{error:#}"), "request failed");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            format!("{what} failed on the server; try again, and tell the IT staff if it goes on"),
        )
    }

    /// Adds a member to the body.
    #[must_use]
    pub fn with_member(mut self, name: &'static str, value: &impl serde::Serialize) -> Self {
        match serde_json::to_value(value) {
            Ok(value) => {
                self.members.push((name, value));
                self
            }
            Err(error) => Self::internal("writing an answer", error),
        }
    }

    /// Adds a header.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: impl Into<HeaderValue>) -> Self {
        self.headers.push((HeaderName::from_static(name), value.into()));
        self
    }
}

impl From<sea_orm::DbErr> for ApiError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::internal("using the database", error)
    }
}

impl From<invigil_clock::NoRandomness> for ApiError {
    fn from(error: invigil_clock::NoRandomness) -> Self {
        Self::internal("getting random bytes", error)
    }
}

impl From<anyhow::Error> for ApiError {
    fn from(error: anyhow::Error) -> Self {
        Self::internal("handling the request", error)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let body = ErrorBody { error: self.code.to_owned(), message: self.message };
        let mut answer = match serde_json::to_value(&body) {
            Ok(serde_json::Value::Object(mut members)) if !self.members.is_empty() => {
                members.extend(self.members.into_iter().map(|(name, value)| (name.to_owned(), value)));
                (self.status, Json(members)).into_response()
            }
            _ => (self.status, Json(body)).into_response(),
        };
        answer.headers_mut().extend(self.headers);
        answer
    }
}
