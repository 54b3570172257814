//! Confirming something with one's own password once more, though signed in: a signature is more than a session that somebody left open.

use crate::db::entities::accounts;
use crate::staff::Who;
use crate::staff::limit::RetryAfter;
use crate::staff::sign_in::{Desk, digest, too_many};
use crate::{ApiError, ApiResult, AppState};
use axum::http::StatusCode;
use sea_orm::EntityTrait;
use zeroize::Zeroizing;

/// Checks the password of the signed-in account. Tries are counted with those of signing in.
///
/// # Errors
/// 403 `wrong-password`; 429 after too many tries.
pub async fn password(state: &AppState, desk: &Desk, who: &Who, password: Zeroizing<String>) -> ApiResult<()> {
    let tried = digest(&who.login);
    let place = desk.passwords.queue().map_err(|_| too_many(RetryAfter(2)))?;
    desk.limit.try_login(tried, state.clock.boottime_us()).map_err(too_many)?;
    let account = accounts::Entity::find_by_id(who.account).one(&state.db).await?;
    let hash = account.filter(|account| account.disabled_ms.is_none()).map(|account| account.password_hash);
    let right = desk.passwords.verify(place, password, hash).await.map_err(|error| ApiError::internal("checking a password", error))?;
    if !right {
        tracing::warn!(account = who.account, "a signature was refused: wrong password");
        let message = "the password is not that of the signed-in account; nothing was signed";
        return Err(ApiError::new(StatusCode::FORBIDDEN, "wrong-password", message));
    }
    desk.limit.succeeded(tried);
    Ok(())
}
