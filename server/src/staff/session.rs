//! Sessions: a random token in a cookie, its digest in the database.

use crate::db::entities::{accounts, review_keys, sessions};
use crate::staff::roles::{Access, Role, may};
use axum::http::{HeaderMap, HeaderValue, header};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter};
use zeroize::Zeroizing;

/// Name of the cookie; a browser takes `__Host-` only over TLS, for this host alone and for all its paths.
pub const COOKIE: &str = "__Host-invigil";
/// A session ends so long after its last use, ms. Polling is not use.
pub const IDLE_MS: i64 = 3_600_000;
/// Use is noted at most so often, ms: watching footage costs no write a request.
const NOTE_MS: i64 = 60_000;
/// A session that began later than now by more than this is not believed: the clock was set back, ms.
const SKEW_MS: i64 = 300_000;

/// A session token; it leaves the server once, in `Set-Cookie`.
pub struct Token(Zeroizing<String>);

impl Token {
    /// A new one, 256 random bits.
    ///
    /// # Errors
    /// When the operating system has no randomness.
    pub fn new() -> Result<Self, invigil_clock::NoRandomness> {
        let bytes = Zeroizing::new(invigil_clock::random::<32>()?);
        Ok(Self(Zeroizing::new(hex::encode(*bytes))))
    }

    /// The token in a request's cookie, if there is one of the right shape.
    pub fn of(headers: &HeaderMap) -> Option<Self> {
        let cookies =
            headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(';'));
        let token = cookies.filter_map(|cookie| cookie.trim().split_once('=')).find(|(name, _)| *name == COOKIE)?.1;
        (token.len() == 64 && token.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))).then(|| Self(Zeroizing::new(token.to_owned())))
    }

    /// SHA-256 of it, hexadecimal: all that the database knows.
    pub fn digest(&self) -> String {
        hex::encode(ring::digest::digest(&ring::digest::SHA256, self.0.as_bytes()))
    }

    /// The header that gives it to the browser. No `Max-Age`: closing the browser forgets it.
    ///
    /// # Errors
    /// Never for a token; the type asks for it.
    pub fn set_cookie(&self) -> Result<HeaderValue, header::InvalidHeaderValue> {
        let mut value = HeaderValue::from_str(&format!("{COOKIE}={}; Path=/; Secure; HttpOnly; SameSite=Strict", self.0.as_str()))?;
        value.set_sensitive(true);
        Ok(value)
    }
}

/// The header that makes a browser forget the token.
pub const FORGET_COOKIE: HeaderValue = HeaderValue::from_static("__Host-invigil=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0");

/// Who makes a request: put into the request's extensions by the guard.
#[derive(Debug, Clone)]
pub struct Who {
    /// Number of the session; [`Who::COMMAND_LINE`]: none.
    pub session: i64,
    /// Number of the account.
    pub account: i64,
    /// Login name.
    pub login: String,
    /// Name for people.
    pub name: String,
    /// Role.
    pub role: Role,
    /// A review key was given to the account.
    pub holds_review_key: bool,
}

impl Who {
    /// In the place of a session: the offline tool acts in their name.
    pub const COMMAND_LINE: i64 = 0;

    /// Whether they may.
    pub const fn may(&self, access: Access) -> bool {
        may(self.role, self.holds_review_key, access)
    }

    /// By what way they do something, if it is not a session of theirs.
    pub fn via(&self) -> Option<&'static str> {
        (self.session == Self::COMMAND_LINE).then_some("command line")
    }

    /// An audit entry's detail, which says so when it is not a session of theirs: `"via": "command line"`.
    pub fn noted(&self, mut detail: serde_json::Value) -> serde_json::Value {
        if let (Some(via), Some(members)) = (self.via(), detail.as_object_mut()) {
            members.insert("via".to_owned(), via.into());
        }
        detail
    }

    /// Their name in the audit log.
    pub fn audit_name(&self) -> String {
        format!("staff:{}", self.account)
    }
}

/// Begins a session that ends at `expires_ms` at the latest, and forgets those of everybody that are over. Returns its number.
///
/// # Errors
/// When the database fails.
pub async fn begin<C: ConnectionTrait>(db: &C, account: i64, token: &Token, now_ms: i64, expires_ms: i64) -> Result<i64, DbErr> {
    sessions::Entity::delete_many()
        .filter(sessions::Column::ExpiresMs.lte(now_ms).or(sessions::Column::LastSeenMs.lte(now_ms - IDLE_MS)))
        .exec(db)
        .await?;
    let row = sessions::ActiveModel {
        token_digest: Set(token.digest()),
        account_id: Set(account),
        created_ms: Set(now_ms),
        last_seen_ms: Set(now_ms),
        expires_ms: Set(expires_ms),
        ..Default::default()
    };
    Ok(sessions::Entity::insert(row).exec(db).await?.last_insert_id)
}

/// Who holds this token, if its session is not over and the account not disabled. `is_use` keeps the session from becoming idle.
///
/// # Errors
/// When the database fails.
pub async fn find<C: ConnectionTrait>(db: &C, token: &Token, now_ms: i64, is_use: bool) -> Result<Option<Who>, DbErr> {
    let Some(session) = sessions::Entity::find().filter(sessions::Column::TokenDigest.eq(token.digest())).one(db).await? else {
        return Ok(None);
    };
    let over = now_ms >= session.expires_ms || now_ms >= session.last_seen_ms + IDLE_MS || now_ms < session.created_ms - SKEW_MS;
    if over {
        return Ok(None);
    }
    let Some(account) = accounts::Entity::find_by_id(session.account_id).one(db).await? else { return Ok(None) };
    let (None, Ok(role)) = (account.disabled_ms, account.role.parse()) else { return Ok(None) };
    let keys = review_keys::Entity::find().filter(review_keys::Column::AccountId.eq(account.id)).count(db).await?;
    if is_use && now_ms >= session.last_seen_ms + NOTE_MS {
        sessions::Entity::update_many()
            .col_expr(sessions::Column::LastSeenMs, Expr::value(now_ms))
            .filter(sessions::Column::Id.eq(session.id))
            .exec(db)
            .await?;
    }
    let (login, name) = (account.login, account.name);
    Ok(Some(Who { session: session.id, account: account.id, login, name, role, holds_review_key: keys > 0 }))
}

/// Ends the session of this token, if there is one.
///
/// # Errors
/// When the database fails.
pub async fn end<C: ConnectionTrait>(db: &C, token: &Token) -> Result<(), DbErr> {
    sessions::Entity::delete_many().filter(sessions::Column::TokenDigest.eq(token.digest())).exec(db).await.map(|_| ())
}

/// Ends every session of an account.
///
/// # Errors
/// When the database fails.
pub async fn end_all<C: ConnectionTrait>(db: &C, account: i64) -> Result<u64, DbErr> {
    Ok(sessions::Entity::delete_many().filter(sessions::Column::AccountId.eq(account)).exec(db).await?.rows_affected)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db;

    async fn account(db: &sea_orm::DatabaseConnection) -> i64 {
        let row = accounts::ActiveModel {
            login: Set("a".into()),
            name: Set("A".into()),
            role: Set("reviewer".into()),
            password_hash: Set("x".into()),
            created_ms: Set(0),
            disabled_ms: Set(None),
            ..Default::default()
        };
        accounts::Entity::insert(row).exec(db).await.unwrap().last_insert_id
    }

    #[tokio::test]
    async fn a_session_ends_idle_or_old_or_when_the_account_is_disabled() {
        let dir = tempfile::tempdir().unwrap();
        let db = db::open(&dir.path().join("a.db"), true).await.unwrap();
        let account = account(&db).await;
        let token = Token::new().unwrap();
        let (start, absolute) = (1_700_000_000_000, 12 * 3_600_000);
        begin(&db, account, &token, start, start + absolute).await.unwrap();

        assert!(find(&db, &token, start + IDLE_MS - 1, false).await.unwrap().is_some(), "polling up to the hour");
        assert!(find(&db, &token, start + IDLE_MS, false).await.unwrap().is_none(), "polling did not keep it");
        let mut now = start;
        while now < start + absolute - IDLE_MS {
            now += IDLE_MS - 1;
            assert!(find(&db, &token, now, true).await.unwrap().is_some(), "use keeps it");
        }
        assert!(find(&db, &token, start + absolute - 1, true).await.unwrap().is_some());
        assert!(find(&db, &token, start + absolute, true).await.unwrap().is_none(), "twelve hours");
        assert!(find(&db, &token, start - SKEW_MS - 1, true).await.unwrap().is_none(), "clock set back");

        let other = Token::new().unwrap();
        begin(&db, account, &other, now, now + absolute).await.unwrap();
        assert!(find(&db, &other, now, true).await.unwrap().is_some());
        accounts::Entity::update_many().col_expr(accounts::Column::DisabledMs, Expr::value(now)).exec(&db).await.unwrap();
        assert!(find(&db, &other, now, true).await.unwrap().is_none(), "disabled");
        assert_eq!(end_all(&db, account).await.unwrap(), 2);
    }

    #[test]
    fn only_the_right_cookie_of_the_right_shape_is_a_token() {
        let token = "0123456789abcdef".repeat(4);
        let of = |cookie: &str| Token::of(&HeaderMap::from_iter([(header::COOKIE, cookie.parse().unwrap())])).map(|t| t.0.to_string());
        assert_eq!(of(&format!("a=b; {COOKIE}={token}; c=d")), Some(token.clone()));
        assert_eq!(of(&format!("invigil={token}")), None);
        assert_eq!(of(&format!("x{COOKIE}={token}")), None);
        assert_eq!(of(&format!("{COOKIE}={}", token.to_uppercase())), None);
        assert_eq!(of(&format!("{COOKIE}={}", &token[1..])), None);
        assert_eq!(of(COOKIE), None);
        assert_eq!(Token(Zeroizing::new(token.clone())).digest().len(), 64);
        assert_ne!(Token(Zeroizing::new(token.clone())).digest(), token);
    }
}
