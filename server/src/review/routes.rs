//! The one table of the review API: each route with what it needs. A route that is not in it does not exist, and none can be in it
//! without saying who may use it.

use super::bytes::{self, Released};
use super::revisions::Revisions;
use super::{exams, keys, segments};
use crate::Shared;
use crate::acts::routes as acts;
use crate::holds::routes::{self as holds, Sealers};
use crate::staff::Access;
use crate::staff::guard::{Rule, guard};
use crate::staff::sign_in::{self, Desk};
use axum::extract::DefaultBodyLimit;
use axum::handler::Handler;
use axum::http::Method;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodRouter, delete, get, post, put};
use axum::{Extension, Router};
use std::sync::Arc;

/// Largest body of a request, bytes: a sign-in is the largest there is.
const MAX_BODY_BYTES: usize = 16 << 10;

/// A method, a path and what they need.
pub struct Route {
    /// Method; `GET` answers `HEAD` too.
    pub method: Method,
    /// Path, as axum matches it.
    pub path: &'static str,
    /// What the account must be allowed.
    pub rule: Rule,
    handler: MethodRouter<Shared>,
}

impl Route {
    fn get<T: 'static, H: Handler<T, Shared>>(path: &'static str, access: Access, handler: H) -> Self {
        Self { method: Method::GET, path, rule: Rule { access, is_use: true }, handler: get(handler) }
    }

    fn post<T: 'static, H: Handler<T, Shared>>(path: &'static str, access: Access, handler: H) -> Self {
        Self { method: Method::POST, path, rule: Rule { access, is_use: true }, handler: post(handler) }
    }

    fn put<T: 'static, H: Handler<T, Shared>>(path: &'static str, access: Access, handler: H) -> Self {
        Self { method: Method::PUT, path, rule: Rule { access, is_use: true }, handler: put(handler) }
    }

    fn delete<T: 'static, H: Handler<T, Shared>>(path: &'static str, access: Access, handler: H) -> Self {
        Self { method: Method::DELETE, path, rule: Rule { access, is_use: true }, handler: delete(handler) }
    }

    /// The request may have a larger body, bytes.
    fn with_body(mut self, max_bytes: usize) -> Self {
        self.handler = self.handler.layer(DefaultBodyLimit::max(max_bytes));
        self
    }

    /// The page asks this again and again by itself, so it does not keep a session from becoming idle.
    fn polled(mut self) -> Self {
        self.rule.is_use = false;
        self
    }
}

/// Every route of the review API.
pub fn table() -> Vec<Route> {
    vec![
        Route::post("/api/login", Access::Anyone, sign_in::login),
        Route::post("/api/logout", Access::SignedIn, sign_in::logout),
        Route::get("/api/me", Access::SignedIn, sign_in::me).polled(),
        Route::get("/api/exams", Access::Exams, exams::exams).polled(),
        Route::get("/api/exams/{id}/recordings", Access::Exams, exams::recordings).polled(),
        Route::get("/api/recordings/{id}", Access::Facts, exams::recording).polled(),
        Route::get("/api/recordings/{id}/receipt", Access::Facts, exams::receipt),
        Route::post("/api/recordings/{id}/collected", Access::EndRooms, exams::collected),
        Route::get("/api/recordings/{id}/segments", Access::Facts, segments::segments).polled(),
        Route::get("/api/recordings/{id}/keys", Access::Footage, keys::keys),
        Route::get("/api/segments/{id}", Access::Footage, bytes::bytes),
        Route::get("/api/review-keys", Access::SignedIn, keys::review_keys),
        Route::get("/api/holds", Access::Footage, holds::list).polled(),
        Route::post("/api/holds", Access::Footage, holds::open),
        Route::get("/api/holds/{id}/covered", Access::Footage, holds::covered),
        Route::post("/api/holds/{id}/seal", Access::Footage, holds::seal).with_body(holds::MAX_SEAL_BYTES),
        Route::post("/api/holds/{id}/confirm", Access::Footage, holds::confirm),
        Route::post("/api/holds/{id}/release", Access::Footage, holds::release),
        Route::get("/api/forms", Access::SignedIn, acts::forms),
        Route::get("/api/acts", Access::ReadActs, acts::list).polled(),
        Route::post("/api/acts", Access::DraftActs, acts::create).with_body(acts::MAX_DRAFT_BYTES),
        Route::get("/api/acts/{id}", Access::ReadActs, acts::one).polled(),
        Route::put("/api/acts/{id}", Access::DraftActs, acts::change).with_body(acts::MAX_DRAFT_BYTES),
        Route::post("/api/acts/{id}/discard", Access::DraftActs, acts::discard),
        Route::post("/api/acts/{id}/for-signature", Access::DraftActs, acts::for_signature),
        // Whoever is to sign may send it back, too.
        Route::post("/api/acts/{id}/back-to-draft", Access::ReadActs, acts::back_to_draft),
        // Whom the form's roles and the draft name.
        Route::post("/api/acts/{id}/sign", Access::ReadActs, acts::sign),
        Route::post("/api/acts/{id}/pass-on", Access::SignActs, acts::pass_on),
        Route::post("/api/acts/{id}/cancel-grade", Access::SignActs, acts::cancel_grade),
        // The handler reads it a piece at a time and counts.
        Route::post("/api/acts/{id}/attachments", Access::DraftActs, acts::attach),
        Route::delete("/api/acts/{id}/attachments/{attachment}", Access::DraftActs, acts::detach),
        Route::get("/api/acts/{id}/attachments/{attachment}", Access::Footage, acts::attachment),
        Route::get("/api/acts/{id}/pdf", Access::ReadActs, acts::pdf),
        Route::get("/api/acts/{id}/statement", Access::ReadActs, acts::statement),
        Route::get("/api/acts/{id}/evidence", Access::Footage, acts::evidence),
        Route::post("/api/acts/{id}/bundle", Access::Footage, acts::make_bundle).with_body(acts::MAX_BUNDLE_BYTES),
        Route::get("/api/registrar/annulments", Access::Registrar, acts::annulments),
        Route::get("/api/accounts", Access::DraftActs, acts::people),
        Route::get("/api/audit", Access::Logs, acts::audit),
    ]
}

/// The routes behind their guards.
pub fn router(state: &Shared) -> Router<Shared> {
    let mut router = Router::new();
    for route in table() {
        let guarded = route.handler.layer(from_fn_with_state((state.clone(), route.rule), guard));
        router = router.route(route.path, guarded);
    }
    router
        .layer(Extension(Arc::new(Desk::new(state.config.staff.login_tries))))
        .layer(Extension(Arc::new(Released::default())))
        .layer(Extension(Arc::new(Revisions::default())))
        .layer(Extension(Arc::new(Sealers::default())))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
}
