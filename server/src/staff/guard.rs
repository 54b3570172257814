//! Stands before every route of the review API: same origin, session, role. A route cannot be mounted without it.

use crate::staff::{Access, session};
use crate::{ApiError, ApiResult, Shared};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::Response;
use invigil_wire::review::CSRF_HEADER;

/// What a route needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// What the account must be allowed.
    pub access: Access,
    /// Whether asking for it keeps the session from becoming idle.
    pub is_use: bool,
}

/// Lets a request through that comes from our own page and from somebody who may, and tells the handler who that is
/// (`Extension<Who>`; not where anyone may).
///
/// # Errors
/// 401 without a session, 403 from another site, without the header, or for a role that may not.
pub async fn guard(State((state, rule)): State<(Shared, Rule)>, mut request: Request, next: Next) -> ApiResult<Response> {
    same_origin(request.method(), request.uri(), request.headers())?;
    if rule.access != Access::Anyone {
        let token = session::Token::of(request.headers()).ok_or_else(ApiError::unauthorized)?;
        let who = session::find(&state.db, &token, state.clock.wall_ms(), rule.is_use).await?.ok_or_else(ApiError::unauthorized)?;
        if !who.may(rule.access) {
            return Err(ApiError::forbidden(format!("the role {} may not do this; ask an administrator for another account", who.role)));
        }
        request.extensions_mut().insert(who);
    }
    Ok(next.run(request).await)
}

/// Refuses what another site made a browser send.
///
/// The cookie is `SameSite=Strict` already; beside it the browser's own word (`Sec-Fetch-Site`, `Origin`) is heard on every request, and
/// what changes something must carry [`CSRF_HEADER`], which no form and no foreign script can add without being asked first.
///
/// # Errors
/// 403 `cross-site` or `csrf`.
pub fn same_origin(method: &Method, uri: &Uri, headers: &HeaderMap) -> ApiResult<()> {
    let changes = !(method == Method::GET || method == Method::HEAD);
    let cross_site = || {
        ApiError::new(
            StatusCode::FORBIDDEN,
            "cross-site",
            "the request came from another site's page; open this server's own address instead",
        )
    };
    if let Some(site) = headers.get("sec-fetch-site") {
        let own = site == "same-origin" || (site == "none" && !changes);
        if !own {
            return Err(cross_site());
        }
    }
    if let Some(origin) = headers.get(header::ORIGIN) {
        let host = uri.authority().map(|a| a.as_str().as_bytes()).or_else(|| headers.get(header::HOST).map(|h| h.as_bytes()));
        let own = origin.as_bytes().strip_prefix(b"https://").zip(host).is_some_and(|(origin, host)| origin.eq_ignore_ascii_case(host));
        if !own {
            return Err(cross_site());
        }
    }
    if changes && !headers.contains_key(CSRF_HEADER) {
        let message = format!("a request that changes something carries the header {CSRF_HEADER}; load the page again and retry");
        return Err(ApiError::new(StatusCode::FORBIDDEN, "csrf", message));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderName;

    fn check(method: Method, headers: &[(&'static str, &str)]) -> Result<(), &'static str> {
        let headers = headers.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()));
        let headers = HeaderMap::from_iter(headers.chain([(header::HOST, "exam.example:8443".parse().unwrap())]));
        same_origin(&method, &"/api/logout".parse().unwrap(), &headers).map_err(|error| error.code)
    }

    #[test]
    fn changes_need_the_header_and_nothing_comes_from_other_sites() {
        let csrf = (CSRF_HEADER, "1");
        let own = ("origin", "https://exam.example:8443");
        assert_eq!(check(Method::GET, &[]), Ok(()));
        assert_eq!(check(Method::GET, &[("sec-fetch-site", "none")]), Ok(()));
        assert_eq!(check(Method::GET, &[("sec-fetch-site", "cross-site")]), Err("cross-site"));
        assert_eq!(check(Method::GET, &[("sec-fetch-site", "same-site")]), Err("cross-site"));
        assert_eq!(check(Method::POST, &[]), Err("csrf"));
        assert_eq!(check(Method::POST, &[own]), Err("csrf"));
        assert_eq!(check(Method::POST, &[csrf]), Ok(()));
        assert_eq!(check(Method::POST, &[csrf, own, ("sec-fetch-site", "same-origin")]), Ok(()));
        assert_eq!(check(Method::POST, &[csrf, ("sec-fetch-site", "none")]), Err("cross-site"));
        for other in
            ["null", "https://exam.example", "http://exam.example:8443", "https://evil.example:8443", "https://exam.example:8443.evil"]
        {
            assert_eq!(check(Method::POST, &[csrf, ("origin", other)]), Err("cross-site"), "{other}");
        }
        assert_eq!(check(Method::DELETE, &[]), Err("csrf"));
    }
}
