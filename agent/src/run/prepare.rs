//! Joining ahead of the exam: everything that recording needs is asked for, checked and kept.

use super::begin::{Place, enrol_now};
use crate::enrol::{self, EnrolError, JoinLink};
use crate::spool::Spool;
use invigil_format::{Fingerprint, RecordingId};
use invigil_wire::agent::{CapturePolicy, ExamInfo};
use std::path::Path;
use std::time::Duration;

/// How long the server may take.
const LIMIT: Duration = Duration::from_secs(30);

/// What an agent that joined ahead has.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Prepared {
    /// Recording.
    pub recording: RecordingId,
    /// Exam with its window.
    pub exam: ExamInfo,
    /// Candidate or room, for the person at the machine.
    pub who: String,
    /// What the policy asks for.
    pub capture: CapturePolicy,
    /// Institution.
    pub fingerprint: Fingerprint,
    /// Review keys that footage will be sealed to, as of now.
    pub review_keys: usize,
    /// From then on what is kept does not count any more, Unix ms.
    pub counts_until_ms: i64,
    /// It counts until the exam's end at least.
    pub lasts: bool,
}

/// Joins and keeps the enrolment in the spool, where [`super::run`] finds it.
pub async fn prepare(server: &str, join: &str, spool: &Path) -> anyhow::Result<Prepared> {
    let join = JoinLink::parse(join)?;
    let spool = Spool::open(spool)?;
    let device = enrol::device_key(&spool.layout.state())?;
    let address = server.to_owned();
    let joining = enrol_now(std::slice::from_ref(&address), &spool.layout, &join, &device);
    let late = || EnrolError::Unreachable { attempt: "joining", server: server.to_owned(), reason: "no answer in time".into() };
    let Place { enrolment, recipients, .. } = tokio::time::timeout(LIMIT, joining).await.map_err(|_| late())??;
    let counts_until_ms = enrolment.counts_until(device.public(), enrol::now_ms());
    Ok(Prepared {
        recording: enrolment.answer.recording,
        lasts: counts_until_ms > enrolment.answer.exam.ends_ms,
        exam: enrolment.answer.exam,
        who: enrolment.answer.who,
        capture: enrolment.answer.capture,
        fingerprint: enrolment.fingerprint,
        review_keys: recipients.review.len(),
        counts_until_ms,
    })
}
