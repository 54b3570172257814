//! The enrolment on disk: with it a restarted agent goes on with the same recording even while the network is away. It is checked again at each use.

use super::{EnrolError, Server};
use crate::disk;
use invigil_format::{Certificate, Digest, Error, Fingerprint, Need, RecordingId, Role, SealingKey, Statement, TrustStore, VerifyingKey};
use invigil_wire::agent::{JoinAnswer, Trust};
use serde::{Deserialize, Serialize};
use std::path::Path;

const FILE: &str = "enrolment.json";

/// Everything that joining gave. Holds the token: never printed, readable by the owner only.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Enrolment {
    /// Server's address when this computer joined.
    pub server: String,
    /// All addresses of it that were given then; the answer may name more.
    #[serde(default)]
    pub servers: Vec<String>,
    /// Institution.
    pub fingerprint: Fingerprint,
    /// Digest of the join code.
    pub code_digest: Digest,
    /// Institution key.
    pub institution: VerifyingKey,
    /// From the trust document; the answer's own stand in it.
    pub certificates: Vec<Statement>,
    /// The server's answer.
    pub answer: JoinAnswer,
}

/// Keys that footage is sealed to, each of them certified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipients {
    /// Review keys.
    pub review: Vec<SealingKey>,
    /// The exam's erasure key.
    pub erasure: SealingKey,
}

impl Enrolment {
    /// From a trust document and a join answer.
    pub fn new(server: &Server, code_digest: Digest, trust: Trust, answer: JoinAnswer) -> Self {
        Self {
            server: server.url(),
            servers: server.addresses.all(),
            fingerprint: server.fingerprint,
            code_digest,
            institution: trust.institution,
            certificates: trust.certificates,
            answer,
        }
    }

    /// Every address of the server that it knows of.
    pub fn addresses(&self) -> Vec<String> {
        [&self.server].into_iter().chain(&self.servers).chain(&self.answer.servers).cloned().collect()
    }

    /// The same with a newer trust document. Certificates that were known stay known.
    pub fn refreshed(mut self, trust: Trust) -> Self {
        let new: Vec<Statement> = trust.certificates.into_iter().filter(|certificate| !self.certificates.contains(certificate)).collect();
        self.certificates.extend(new);
        self
    }

    /// The certificates that it brings, to be asked.
    pub fn trust(&self) -> Result<TrustStore, EnrolError> {
        let all: Vec<Statement> = self.certificates.iter().chain(&self.answer.certificates).cloned().collect();
        TrustStore::new(self.fingerprint, self.institution, &all).map_err(|reason| self.untrusted(reason))
    }

    /// Checks that device, erasure key and review keys are certified now, for this exam and recording, and returns whom to seal to.
    pub fn recipients(&self, device: VerifyingKey, now_ms: i64) -> Result<Recipients, EnrolError> {
        let trust = self.trust()?;
        let untrusted = |reason| self.untrusted(reason);
        let (recording, exam) = (self.answer.recording, self.answer.exam.id);
        trust.require(Need::new(Role::Device, device, now_ms).of_recording(recording)).map_err(untrusted)?;
        trust.current(Role::Server, now_ms).next().ok_or(Error::NotCertified { role: "server" }).map_err(untrusted)?;
        // Review keys of the join answer only: the trust document may name others that this exam does not use.
        let answered = TrustStore::new(self.fingerprint, self.institution, &self.answer.certificates).map_err(untrusted)?;
        let mut review: Vec<SealingKey> = answered.current(Role::Review, now_ms).map(|(c, _)| SealingKey(c.subject.0)).collect();
        review.sort_unstable();
        review.dedup();
        if review.is_empty() {
            return Err(untrusted(Error::NotCertified { role: "review" }));
        }
        let mut erasure = trust.current(Role::Erasure, now_ms).filter(|(c, _)| c.exam == Some(exam));
        let erasure = erasure.next().ok_or(Error::NotCertified { role: "erasure" }).map_err(untrusted)?;
        Ok(Recipients { review, erasure: SealingKey(erasure.0.subject.0) })
    }

    /// Until when this would do for beginning a run without asking the server, Unix ms; `now_ms` if it does not do even now.
    pub fn counts_until(&self, device: VerifyingKey, now_ms: i64) -> i64 {
        let does = |at_ms: i64| self.recipients(device, at_ms).is_ok();
        if !does(now_ms) {
            return now_ms;
        }
        let all = self.certificates.iter().chain(&self.answer.certificates);
        let mut ends: Vec<i64> = all.filter_map(|statement| statement.read::<Certificate>().ok()).map(|c| c.not_after_ms).collect();
        ends.retain(|end_ms| *end_ms > now_ms);
        ends.sort_unstable();
        // It changes only where a certificate ends.
        ends.into_iter().find(|end_ms| !does(*end_ms)).unwrap_or(i64::MAX)
    }

    /// Writes it to the recording's folder in the spool.
    pub fn save(&self, recording: &Path) -> Result<(), EnrolError> {
        let path = recording.join(FILE);
        disk::create_folder(recording).map_err(EnrolError::disk("creating", recording))?;
        let text = serde_json::to_vec(self).map_err(|e| EnrolError::disk("writing", &path)(std::io::Error::other(e)))?;
        disk::write_atomic(&path, &text).map_err(EnrolError::disk("writing", &path))
    }

    fn untrusted(&self, reason: Error) -> EnrolError {
        EnrolError::Untrusted { server: self.server.clone(), reason }
    }
}

/// Reads the enrolment of a recording's folder; `None` if there is none or it is not readable (then joining again is the way).
pub fn load(recording: &Path) -> Option<Enrolment> {
    let text = std::fs::read(recording.join(FILE)).ok()?;
    serde_json::from_slice(&text).map_err(|error| tracing::warn!(%error, folder = %recording.display(), "enrolment is not readable")).ok()
}

/// The enrolment that this join code gave earlier.
pub fn find(spool: &Path, fingerprint: Fingerprint, code_digest: Digest) -> Option<Enrolment> {
    let folders = std::fs::read_dir(spool).ok()?;
    folders
        .filter_map(Result::ok)
        .filter(|entry| entry.file_name().to_string_lossy().parse::<RecordingId>().is_ok())
        .filter_map(|entry| load(&entry.path()))
        .find(|enrolment| enrolment.fingerprint == fingerprint && enrolment.code_digest == code_digest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::World;

    /// The same certificate with another end, signed again.
    fn ending(world: &World, role: Role, not_after_ms: i64) -> Statement {
        let (certificate, statement) = world
            .enrolment
            .answer
            .certificates
            .iter()
            .filter_map(|statement| Some((statement.read::<Certificate>().ok()?, statement)))
            .find(|(certificate, _)| certificate.role == role)
            .unwrap();
        let certificate = Certificate { not_after_ms, ..certificate };
        if statement.key == world.server.public() { world.says(&certificate) } else { world.institution.state(&certificate).unwrap() }
    }

    #[test]
    fn it_counts_until_the_first_certificate_that_it_cannot_do_without_ends() {
        let world = World::new();
        let device = world.device.public();
        assert_eq!(world.enrolment.counts_until(device, 1), i64::MAX);
        let mut kept = world.enrolment.clone();
        for (role, end_ms) in [(Role::Device, 900), (Role::Erasure, 700), (Role::Review, 500), (Role::Server, 300)] {
            kept.answer.certificates.retain(|statement| statement.read::<Certificate>().unwrap().role != role);
            kept.answer.certificates.push(ending(&world, role, end_ms));
            assert_eq!(kept.counts_until(device, 1), end_ms, "{role:?}");
            assert!(kept.recipients(device, end_ms - 1).is_ok());
            assert!(
                matches!(kept.recipients(device, end_ms), Err(EnrolError::Untrusted { .. })),
                "never sealed to a key that is not certified"
            );
        }
        // A second certificate of the same keys: it goes on.
        kept.certificates.push(ending(&world, Role::Server, 400));
        assert_eq!(kept.counts_until(device, 1), 400);
        assert_eq!(kept.counts_until(device, 450), 450);
    }
}
