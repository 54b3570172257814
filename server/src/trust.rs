//! Certificates of one recording: what verifies its footage.

use crate::db::entities::certificates;
use invigil_format::{Statement, TrustStore};
use invigil_wire::agent::Trust;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter};

/// The certificates of an exam's erasure key and of a recording's devices, in the order of their making.
///
/// # Errors
/// When the database fails or holds something else.
pub async fn certificates_of<C: ConnectionTrait>(db: &C, exam_row: i64, recording_row: i64) -> anyhow::Result<Vec<Statement>> {
    let rows = certificates::Entity::find()
        .filter(Condition::any().add(certificates::Column::ExamId.eq(exam_row)).add(certificates::Column::RecordingId.eq(recording_row)))
        .all(db)
        .await?;
    rows.iter().map(|row| Ok(Statement::from_json(row.statement.as_bytes())?)).collect()
}

/// Everything that a recording's footage and key records are checked against: `base` (institution, server, review) and the recording's own.
///
/// # Errors
/// When the database fails.
pub async fn store_of<C: ConnectionTrait>(db: &C, base: &Trust, exam_row: i64, recording_row: i64) -> anyhow::Result<TrustStore> {
    let mut certificates = base.certificates.clone();
    certificates.extend(certificates_of(db, exam_row, recording_row).await?);
    Ok(TrustStore::new(invigil_format::Fingerprint::of(&base.institution), base.institution, &certificates)?)
}
