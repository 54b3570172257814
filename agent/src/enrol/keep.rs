//! The enrolment on disk: with it a restarted agent goes on with the same recording even while the network is away. It is checked again at each use.
//!
//! The file has two lines: the enrolment, and this device's statement about that line. Certificates prove themselves; policy, window and addresses do not.

use super::{EnrolError, Server};
use crate::disk;
use invigil_format::{
    Certificate, DeviceKey, Digest, Error, Fingerprint, Need, Payload, RecordingId, Role, SealingKey, Statement, TrustStore, VerifyingKey,
    digest,
};
use invigil_wire::agent::{JoinAnswer, Trust};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Name of its file in a recording's folder.
pub const FILE: &str = "enrolment.json";

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

/// This device kept these bytes as the server's answer.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    institution: Fingerprint,
    recording: RecordingId,
    digest: Digest,
}

impl Payload for Kept {
    const TYPE: &'static str = "kept-enrolment";
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

    /// Writes it to the recording's folder in the spool, signed.
    pub fn save(&self, recording: &Path, device: &DeviceKey) -> Result<(), EnrolError> {
        let path = recording.join(FILE);
        disk::create_folder(recording).map_err(EnrolError::disk("creating", recording))?;
        let text = serde_json::to_string(self).map_err(|e| EnrolError::disk("writing", &path)(std::io::Error::other(e)))?;
        let kept = Kept { institution: self.fingerprint, recording: self.answer.recording, digest: digest(text.as_bytes()) };
        let proof = device.state(&kept).map_err(|source| EnrolError::Format { attempt: "signing the enrolment", source })?;
        disk::write_atomic(&path, format!("{text}\n{}\n", proof.to_json()).as_bytes()).map_err(EnrolError::disk("writing", &path))
    }

    fn untrusted(&self, reason: Error) -> EnrolError {
        EnrolError::Untrusted { server: self.server.clone(), reason }
    }
}

/// Reads the enrolment of a recording's folder; `None` if there is none.
///
/// # Errors
/// [`EnrolError::Disk`], and [`EnrolError::Altered`] unless it is to the byte what this device kept there.
pub fn load(recording: &Path, device: VerifyingKey) -> Result<Option<Enrolment>, EnrolError> {
    let path = recording.join(FILE);
    let text = match std::fs::read(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        text => text.map_err(EnrolError::disk("reading", &path))?,
    };
    let altered = |reason: &str| EnrolError::Altered { path: path.display().to_string(), reason: reason.to_owned() };
    let (enrolment, proof) = lines(&text);
    if proof.is_empty() {
        return Err(altered("nobody has signed it"));
    }
    let proof = Statement::from_json(proof).and_then(|proof| proof.read_by::<Kept>(&device));
    let kept = proof.map_err(|error| altered(&error.to_string()))?;
    if kept.digest != digest(enrolment) {
        return Err(altered("it is not what this computer signed"));
    }
    let enrolment: Enrolment = serde_json::from_slice(enrolment).map_err(|error| altered(&error.to_string()))?;
    let folder = recording.file_name().is_some_and(|name| *name == *kept.recording.to_string());
    if !folder || (kept.institution, kept.recording) != (enrolment.fingerprint, enrolment.answer.recording) {
        return Err(altered("it is of another recording"));
    }
    Ok(Some(enrolment))
}

/// The enrolment that this join code gave earlier.
///
/// # Errors
/// As for [`load`], where what cannot be used says that it is of this code.
pub fn find(spool: &Path, fingerprint: Fingerprint, code_digest: Digest, device: VerifyingKey) -> Result<Option<Enrolment>, EnrolError> {
    let wanted = |enrolment: &Enrolment| enrolment.fingerprint == fingerprint && enrolment.code_digest == code_digest;
    let Ok(folders) = std::fs::read_dir(spool) else { return Ok(None) };
    let mut refused = None;
    for folder in folders.filter_map(Result::ok).filter(|entry| entry.file_name().to_string_lossy().parse::<RecordingId>().is_ok()) {
        match load(&folder.path(), device) {
            Ok(Some(enrolment)) if wanted(&enrolment) => return Ok(Some(enrolment)),
            Ok(_) => {}
            Err(error) => {
                tracing::warn!(%error, "what was kept of an exam does not count");
                let says = std::fs::read(folder.path().join(FILE)).ok().and_then(|text| serde_json::from_slice(lines(&text).0).ok());
                if says.is_some_and(|says| wanted(&says)) {
                    refused = Some(error);
                }
            }
        }
    }
    refused.map_or(Ok(None), Err)
}

/// The enrolment, and the statement about it.
fn lines(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text.iter().position(|byte| *byte == b'\n').unwrap_or(text.len());
    (&text[..end], text[end..].trim_ascii())
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

    #[test]
    fn what_anybody_but_this_device_has_altered_is_refused_and_the_error_says_what_to_do() {
        let (dir, world) = (tempfile::tempdir().unwrap(), World::new());
        let (kept, device) = (&world.enrolment, world.device.public());
        let folder = dir.path().join(kept.answer.recording.to_string());
        let path = folder.join(FILE);
        let find = || find(dir.path(), kept.fingerprint, kept.code_digest, device);
        assert!(matches!((load(&folder, device), find()), (Ok(None), Ok(None))));
        kept.save(&folder, &world.device).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        let (enrolment, proof) = text.split_once('\n').unwrap();
        for found in [load(&folder, device), find()] {
            assert_eq!(serde_json::to_string(&found.unwrap().unwrap()).unwrap(), enrolment);
        }

        // A review certificate of somebody who calls himself the institution.
        let forger = invigil_format::InstitutionKey::from_seed(&[77; 32]).unwrap();
        let review = invigil_format::ReviewPrivateKey::from_bytes([78; 32]).public().unwrap();
        let of = |statement: &Statement| statement.read::<Certificate>().unwrap();
        let own = kept.answer.certificates.iter().map(of).find(|certificate| certificate.role == Role::Review).unwrap();
        let forged = forger.state(&Certificate { subject: review.into(), ..own }).unwrap();
        let altered = |change: &dyn Fn(&mut Enrolment)| {
            let mut altered = kept.clone();
            change(&mut altered);
            let line = serde_json::to_string(&altered).unwrap();
            assert_ne!(line, enrolment);
            line
        };
        let lines = [
            ("policy", altered(&|kept| kept.answer.capture.fps = 1)),
            ("ceiling", altered(&|kept| kept.answer.capture.upload_max_kbits = 1)),
            ("window", altered(&|kept| kept.answer.exam.ends_ms = -1)),
            ("address", altered(&|kept| kept.server = "https://elsewhere:1".into())),
            ("review certificate", altered(&|kept| kept.answer.certificates.push(forged.clone()))),
        ];
        for (what, line) in &lines {
            // With the statement as it was, without one, and with one of another device.
            let stranger = DeviceKey::from_seed(&[79; 32]).unwrap();
            let said = Kept { institution: kept.fingerprint, recording: kept.answer.recording, digest: digest(line.as_bytes()) };
            for proof in [proof, "", &stranger.state(&said).unwrap().to_json(), "no statement"] {
                std::fs::write(&path, format!("{line}\n{proof}\n")).unwrap();
                for refused in [load(&folder, device), find()] {
                    let Err(error) = refused else { panic!("{what}, {proof:?}: it was taken") };
                    assert!(matches!(error, EnrolError::Altered { .. }) && !error.is_passing(), "{what}: {error:?}");
                    let said = error.to_string();
                    assert!(said.contains("enrolment.json") && said.contains("joins anew"), "{what}: {said}");
                }
            }
        }
        // In another recording's place.
        let other = dir.path().join(RecordingId::from_random([8; 16]).to_string());
        std::fs::create_dir(&other).unwrap();
        std::fs::write(other.join(FILE), &text).unwrap();
        assert!(matches!(load(&other, device), Err(EnrolError::Altered { .. })));
        // Joined anew: it counts.
        kept.save(&folder, &world.device).unwrap();
        assert!(find().unwrap().is_some());
    }
}
