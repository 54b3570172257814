//! Adding, listing and disabling accounts: what the command line and `init` do.

use crate::audit::{self, Entry};
use crate::db::{self, entities::accounts, entities::review_keys};
use crate::staff::sign_in::{MAX_LOGIN_BYTES, normal_login};
use crate::staff::{Role, password, session};
use anyhow::{Context, bail, ensure};
use invigil_format::{Need, Role as CertifiedRole, SealingKey, TrustStore, WrappedKey};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseConnection, DbErr, EntityTrait, QueryFilter, QueryOrder};
use zeroize::Zeroizing;

/// An account to be added.
pub struct NewAccount {
    /// Login name: 1 to 64 bytes without white space; case does not matter.
    pub login: String,
    /// Name for people.
    pub name: String,
    /// Role.
    pub role: Role,
    /// What its holder is, as it is to stand in acts; may be empty.
    pub post: String,
    /// Password.
    pub password: Zeroizing<String>,
    /// A review key for it.
    pub review_key: Option<GivenKey>,
}

/// A review key, wrapped under a passphrase that only its holder knows.
#[derive(Debug, Clone)]
pub struct GivenKey {
    /// Public half.
    pub public: SealingKey,
    /// Name for people.
    pub name: String,
    /// The file of format.md 8, JSON.
    pub wrapped: String,
}

/// Reads a wrapped review key (format.md 8) that is to be given to an account. The institution must certify it: agents seal to no other.
///
/// # Errors
/// When the text is no wrapped key, or no certificate counts for it at `now_ms`.
pub fn given_key(trust: &TrustStore, text: &str, now_ms: i64) -> anyhow::Result<GivenKey> {
    let wrapped = WrappedKey::from_json(text.as_bytes()).context("expected a wrapped review key as init writes it")?;
    let certificate = trust.require(Need::new(CertifiedRole::Review, wrapped.public, now_ms));
    let name = certificate.context("the institution does not certify this review key now")?.name.clone();
    Ok(GivenKey { public: wrapped.public, name, wrapped: wrapped.to_json() })
}

/// Adds an account; `who` is the audit log's name of who does it. Returns its number.
///
/// # Errors
/// When a value is not acceptable, the login is taken, or the database fails.
pub async fn add(db: &DatabaseConnection, new: NewAccount, who: &str, now_ms: i64) -> anyhow::Result<i64> {
    let login = normal_login(&new.login);
    let fits = (1..=MAX_LOGIN_BYTES).contains(&login.len()) && !login.contains(|c: char| c.is_whitespace() || c.is_control());
    ensure!(fits, "a login has 1 to {MAX_LOGIN_BYTES} bytes without white space, found {:?}", new.login);
    let name = new.name.trim().to_owned();
    ensure!(!name.is_empty() && name.len() <= 200, "an account needs the name of its holder, at most 200 bytes");
    let post = new.post.trim().to_owned();
    ensure!(post.chars().count() <= 200, "a post has at most 200 characters");
    let password = new.password;
    let hash = tokio::task::spawn_blocking(move || password::hash(&password)).await.context("hash the password")??;

    let tx = db::begin_write(db).await?;
    if find(&tx, &login).await?.is_some() {
        bail!("the login {login:?} is taken; choose another, or disable that account");
    }
    let row = accounts::ActiveModel {
        login: Set(login),
        name: Set(name),
        role: Set(new.role.to_string()),
        password_hash: Set(hash),
        created_ms: Set(now_ms),
        disabled_ms: Set(None),
        post: Set(post),
        ..Default::default()
    };
    let account = accounts::Entity::insert(row).exec(&tx).await?.last_insert_id;
    let detail = serde_json::json!({ "role": new.role.name(), "review_key": new.review_key.as_ref().map(|key| key.public) });
    if let Some(key) = new.review_key {
        let row = review_keys::ActiveModel {
            account_id: Set(account),
            public: Set(key.public.to_string()),
            name: Set(key.name),
            wrapped: Set(key.wrapped),
            created_ms: Set(now_ms),
            ..Default::default()
        };
        review_keys::Entity::insert(row).exec(&tx).await?;
    }
    let entry = Entry { who: who.to_owned(), action: "account-added", object: format!("staff:{account}"), detail };
    audit::append_in(&tx, now_ms, entry).await?;
    tx.commit().await.context("commit the account")?;
    Ok(account)
}

/// Every account, in order of creation.
///
/// # Errors
/// When the database fails.
pub async fn list<C: ConnectionTrait>(db: &C) -> Result<Vec<accounts::Model>, DbErr> {
    accounts::Entity::find().order_by_asc(accounts::Column::Id).all(db).await
}

/// Disables an account and ends its sessions at once. Its review keys stay with it, wrapped; acts and audit entries go on naming it.
///
/// # Errors
/// When there is no such account, or the database fails.
pub async fn disable(db: &DatabaseConnection, login: &str, who: &str, now_ms: i64) -> anyhow::Result<()> {
    let login = normal_login(login);
    let tx = db::begin_write(db).await?;
    let account = find(&tx, &login).await?.with_context(|| format!("there is no account {login:?}; `staff list` shows all"))?;
    ensure!(account.disabled_ms.is_none(), "the account {login:?} is disabled already");
    accounts::Entity::update_many()
        .col_expr(accounts::Column::DisabledMs, Expr::value(now_ms))
        .filter(accounts::Column::Id.eq(account.id))
        .exec(&tx)
        .await?;
    let sessions = session::end_all(&tx, account.id).await?;
    let detail = serde_json::json!({ "sessions_ended": sessions });
    let entry = Entry { who: who.to_owned(), action: "account-disabled", object: format!("staff:{}", account.id), detail };
    audit::append_in(&tx, now_ms, entry).await?;
    tx.commit().await.context("commit disabling the account")
}

async fn find<C: ConnectionTrait>(db: &C, login: &str) -> Result<Option<accounts::Model>, DbErr> {
    accounts::Entity::find().filter(accounts::Column::Login.eq(login)).one(db).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new(login: &str) -> NewAccount {
        let password = Zeroizing::new("long enough 1".to_owned());
        NewAccount { login: login.into(), name: "Somebody".into(), role: Role::Reviewer, post: String::new(), password, review_key: None }
    }

    #[tokio::test]
    async fn logins_are_unique_whatever_their_case_and_disabling_is_recorded() {
        let dir = tempfile::tempdir().unwrap();
        let db = db::open(&dir.path().join("a.db"), true).await.unwrap();
        let id = add(&db, new(" Aigul "), "cli", 5).await.unwrap();
        assert!(add(&db, new("aigul"), "cli", 6).await.unwrap_err().to_string().contains("taken"));
        for wrong in ["", "a b", &"x".repeat(65)] {
            assert!(add(&db, new(wrong), "cli", 6).await.is_err(), "{wrong:?}");
        }
        let short = NewAccount { password: Zeroizing::new("short".into()), ..new("b") };
        assert!(add(&db, short, "cli", 6).await.unwrap_err().to_string().contains("10 characters"));

        session::begin(&db, id, &session::Token::new().unwrap(), 7, 1000).await.unwrap();
        disable(&db, "AIGUL", "cli", 8).await.unwrap();
        assert!(disable(&db, "aigul", "cli", 9).await.unwrap_err().to_string().contains("already"));
        assert!(disable(&db, "nobody", "cli", 9).await.is_err());
        let accounts = list(&db).await.unwrap();
        assert_eq!(accounts.iter().map(|a| (a.login.as_str(), a.disabled_ms)).collect::<Vec<_>>(), [("aigul", Some(8))]);
        assert_eq!(session::end_all(&db, id).await.unwrap(), 0, "its session ended");

        use crate::db::entities::audit as log;
        let actions: Vec<_> = log::Entity::find().all(&db).await.unwrap().into_iter().map(|e| (e.action, e.object)).collect();
        let object = format!("staff:{id}");
        assert_eq!(actions, [("account-added".to_owned(), object.clone()), ("account-disabled".to_owned(), object)]);
    }
}
