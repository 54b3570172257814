//! The database: connection, schema, rows.
//!
//! Rules of the house (design.md, pitfalls): integer keys in order of arrival, ids as text, times as `i64`; whoever writes begins
//! with [`begin_write`], because a SQLite transaction that reads first and writes later fails at once when somebody else wrote in between.

pub mod entities;
mod migrations;

use anyhow::{Context, bail};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseBackend, DatabaseConnection, DatabaseTransaction, DbErr, SqliteTransactionMode,
    TransactionOptions, TransactionTrait,
};
use sea_orm_migration::MigratorTrait;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

/// Opens the SQLite file at `path`, creates it if `create`, and brings its schema up to date.
///
/// # Errors
/// When it cannot be opened, or when a newer program has changed its schema.
pub async fn open(path: &Path, create: bool) -> anyhow::Result<DatabaseConnection> {
    if create {
        // SQLite would make it readable for everybody; its companions take the mode of this one.
        let file = std::fs::OpenOptions::new().create(true).append(true).mode(0o600).open(path);
        file.with_context(|| format!("make the database {}", path.display()))?;
    }
    let text = path.to_str().with_context(|| format!("the database's path {} is not UTF-8", path.display()))?;
    let mut options = ConnectOptions::new(format!("sqlite://{text}?mode={}", if create { "rwc" } else { "rw" }));
    options.max_connections(8).sqlx_logging(false).connect_timeout(Duration::from_secs(10)).acquire_timeout(Duration::from_secs(20));
    options.map_sqlx_sqlite_opts(|options| {
        options
            .busy_timeout(Duration::from_secs(10))
            .foreign_keys(true)
            .pragma("journal_mode", "WAL")
            .pragma("synchronous", "FULL")
            .pragma("secure_delete", "ON")
            // Each connection's own cache, 256 KiB, and its prepared statements: with SQLite's 2 MB and 100 of them the server's memory would grow with the
            // database for hours. The system caches the file.
            .pragma("cache_size", "-256")
            .statement_cache_capacity(40)
    });
    let db = Database::connect(options).await.with_context(|| format!("open the database {}", path.display()))?;
    let known: Vec<String> = migrations::Migrator::migrations().iter().map(|m| m.name().to_owned()).collect();
    let applied = migrations::Migrator::get_migration_models(&db).await.context("read the schema's version")?;
    if let Some(newer) = applied.iter().find(|m| !known.contains(&m.version)) {
        bail!(
            "the database {} has schema {:?}, which this program does not know: it was written by a newer version; use that one",
            path.display(),
            newer.version
        );
    }
    migrations::Migrator::up(&db, None).await.with_context(|| format!("bring the schema of {} up to date", path.display()))?;
    Ok(db)
}

/// Begins a transaction that will write.
///
/// # Errors
/// When the database is busy for more than 10 s or gone.
pub async fn begin_write(db: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    let options = TransactionOptions { sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate), ..Default::default() };
    db.begin_with_options(options).await
}

/// Takes the old text of pages that were changed out of the write-ahead log; `secure_delete` has overwritten it in the pages. Readers may hold it up: then the
/// next one does it.
///
/// # Errors
/// When the database fails.
pub async fn forget_old_pages(db: &DatabaseConnection) -> Result<(), DbErr> {
    if db.get_database_backend() == DatabaseBackend::Sqlite {
        db.execute_unprepared("PRAGMA wal_checkpoint(TRUNCATE)").await?;
    }
    Ok(())
}

/// Runs several statements.
async fn run_script<C: ConnectionTrait>(db: &C, script: &str) -> Result<(), DbErr> {
    db.execute_unprepared(script).await.map(|_| ())
}
