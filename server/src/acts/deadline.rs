//! Until when the grade can be cancelled from recordings (KazNU 1.19), for an act of an exam.

use crate::db::entities::exams;
use crate::{ApiError, ApiResult, AppState};
use axum::http::StatusCode;
use invigil_evidence::Relation;
use invigil_forms::Form;
use invigil_rules::acts;
use invigil_rules::retention::{ExamEnd, rfc3339};

/// The limit, where there is one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Limit {
    /// From this instant on it is too late, Unix ms.
    pub until_ms: Option<i64>,
    /// The same as RFC 3339 with the university's UTC offset.
    pub until: Option<String>,
    /// Source of the rule.
    pub rule: Option<String>,
}

/// Whether an act of this form cancels a grade: one that revokes another act cancels none.
pub fn decides_grade(form: &Form, relation: Option<&str>) -> bool {
    form.decides_grade && relation != Some(Relation::Revokes.name())
}

/// The limit for acts of this form about this exam.
///
/// # Errors
/// When the exam's policy is gone or the date leaves the calendar.
pub fn limit(state: &AppState, exam: &exams::Model, decides_grade: bool) -> ApiResult<Limit> {
    if !decides_grade {
        return Ok(Limit::default());
    }
    let policy = state.policies.get(&exam.policy)?;
    let end = ExamEnd { scheduled_ms: exam.ends_ms, actual_ms: Some(exam.actual_end_ms), session_ms: None };
    let calendar = |error| ApiError::internal("computing until when a grade can be cancelled", error);
    let until_ms = acts::cancel_until(policy, &end).map_err(calendar)?;
    Limit::at(state, exam, until_ms)
}

impl Limit {
    /// The limit that an act of this exam says.
    ///
    /// # Errors
    /// When the exam's policy is gone or the date leaves the calendar.
    pub fn at(state: &AppState, exam: &exams::Model, until_ms: Option<i64>) -> ApiResult<Self> {
        let policy = state.policies.get(&exam.policy)?;
        let until = until_ms.map(|ms| rfc3339(ms / 1000 * 1000, &policy.zone.value)).transpose();
        let until = until.map_err(|error| ApiError::internal("writing until when a grade can be cancelled", error))?;
        let rule = until_ms.and(policy.acts.as_ref()).map(|acts| acts.cancel_within.source.clone());
        Ok(Self { until_ms, until, rule })
    }

    /// Refuses what comes too late. An act that cites no recordings is not bound by it.
    ///
    /// # Errors
    /// 422 `too-late` with the rule and the date, in words and as members `rule`, `until_ms` and `until`.
    pub fn require(&self, now_ms: i64, cites_recordings: bool) -> ApiResult<()> {
        if !acts::too_late(now_ms, self.until_ms, cites_recordings) {
            return Ok(());
        }
        let (rule, until) = (self.rule.as_deref().unwrap_or_default(), self.until.as_deref().unwrap_or_default());
        let message = format!("{rule}: a grade could be cancelled from recordings until {until}; that is over");
        let error = ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "too-late", message);
        Err(error.with_member("rule", &rule).with_member("until_ms", &self.until_ms).with_member("until", &until))
    }
}
