//! When an exam really ended (mission rule 1): the latest moment that was captured of it, if that is later than its schedule.
//!
//! A message that says "finished" moves nothing by itself: the agent of an exam may deliver it weeks later.

use crate::db::entities::exams;
use crate::policies::Policies;
use invigil_rules::retention::readable;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ConnectionTrait, EntityTrait};

/// What is captured later than this after the scheduled end is no part of the exam, ms: an agent that nobody stops, or that is started again weeks later,
/// must not put off the deletion for ever.
pub const OVERRUN_MS: i64 = 86_400_000;

/// The actual end after a capture at `captured_ms`. What has expired by `now_ms` stays expired.
fn moved(known_ms: i64, scheduled_ms: i64, expires_ms: i64, captured_ms: i64, now_ms: i64) -> i64 {
    let counts = captured_ms <= now_ms && captured_ms <= scheduled_ms.saturating_add(OVERRUN_MS) && readable(now_ms, expires_ms);
    if counts { known_ms.max(captured_ms) } else { known_ms }
}

/// Notes that something of the exam was captured at `captured_ms`, and returns its actual end, Unix ms. `tx` must have been begun with
/// [`crate::db::begin_write`]; `now_ms` is the server's time.
///
/// # Errors
/// When the database fails or the exam's policy is gone.
pub async fn captured<C: ConnectionTrait>(
    tx: &C,
    policies: &Policies,
    exam_row: i64,
    captured_ms: i64,
    now_ms: i64,
) -> anyhow::Result<Option<i64>> {
    let Some(exam) = exams::Entity::find_by_id(exam_row).one(tx).await? else { return Ok(None) };
    let known_ms = exam.actual_end_ms;
    if captured_ms <= known_ms || exam.destroyed_ms.is_some() {
        return Ok(Some(known_ms));
    }
    let end_ms = moved(known_ms, exam.ends_ms, policies.expires_ms(&exam)?, captured_ms, now_ms);
    if end_ms > known_ms {
        exams::ActiveModel { id: Set(exam.id), actual_end_ms: Set(end_ms), ..Default::default() }.update(tx).await?;
    }
    Ok(Some(end_ms))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn captures_move_the_end_within_a_day_and_never_after_expiry() {
        const END: i64 = 1_000_000_000;
        const EXPIRES: i64 = END + 30 * OVERRUN_MS;
        let rows = [
            ("before the end", END - 1, END, END),
            ("a minute late", END + 60_000, END + 60_000, END + 60_000),
            ("by a clock that is fast", END + 60_001, END + 60_000, END),
            ("a day late", END + OVERRUN_MS, END + OVERRUN_MS, END + OVERRUN_MS),
            ("later than that", END + OVERRUN_MS + 1, END + 2 * OVERRUN_MS, END),
            ("known weeks later", END + 60_000, EXPIRES - 1, END + 60_000),
            ("known after expiry", END + 60_000, EXPIRES, END),
        ];
        for (what, captured_ms, now_ms, expected_ms) in rows {
            assert_eq!(moved(END, END, EXPIRES, captured_ms, now_ms), expected_ms, "{what}");
        }
        assert_eq!(moved(END + 7, END, EXPIRES, END + 5, END + 9), END + 7);
    }
}
