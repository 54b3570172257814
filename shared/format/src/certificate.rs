//! Certificates and what follows from them (`docs/format.md` 3).

use crate::error::Error;
use crate::ids::{ExamId, Fingerprint, RecordingId, Subject, VerifyingKey};
use crate::json::present;
use crate::statement::{Payload, Statement};
use serde::{Deserialize, Serialize};

/// What a key is certified for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Signs receipts, beacons and delegated certificates.
    Server,
    /// A TLS certificate's public key.
    Tls,
    /// Opens run keys.
    Review,
    /// Opens the outer seal of one exam's key records.
    Erasure,
    /// Signs one recording's footage.
    Device,
}

impl Role {
    /// The word in the certificate.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Tls => "tls",
            Self::Review => "review",
            Self::Erasure => "erasure",
            Self::Device => "device",
        }
    }
}

/// The payload of a certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Certificate {
    /// For what.
    pub role: Role,
    /// Whose.
    pub institution: Fingerprint,
    /// Which key.
    pub subject: Subject,
    /// For people.
    pub name: String,
    /// Valid from, Unix ms, inclusive.
    pub not_before_ms: i64,
    /// Valid until, Unix ms, exclusive.
    pub not_after_ms: i64,
    /// Exactly for [`Role::Erasure`].
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub exam: Option<ExamId>,
    /// Exactly for [`Role::Device`].
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub recording: Option<RecordingId>,
    /// Exactly for [`Role::Server`]: which roles it may certify.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub delegate: Option<Vec<Role>>,
}

impl Payload for Certificate {
    const TYPE: &'static str = "certificate";

    fn check(&self) -> Result<(), Error> {
        let refuse = |member, expected| Err(Error::BadMember { what: Self::TYPE, member, expected });
        if self.exam.is_some() != (self.role == Role::Erasure) {
            return refuse("exam", "present exactly for the role erasure");
        }
        if self.recording.is_some() != (self.role == Role::Device) {
            return refuse("recording", "present exactly for the role device");
        }
        if self.delegate.is_some() != (self.role == Role::Server) {
            return refuse("delegate", "present exactly for the role server");
        }
        if self.delegate.iter().flatten().any(|role| matches!(role, Role::Server | Role::Review)) {
            return refuse("delegate", "tls, erasure and device only");
        }
        Ok(())
    }
}

/// A question to a [`TrustStore`].
#[derive(Debug, Clone, Copy)]
pub struct Need {
    /// In which role.
    pub role: Role,
    /// Which key.
    pub subject: Subject,
    /// At which time, Unix ms.
    pub at_ms: i64,
    /// For [`Role::Erasure`]: of which exam (`None`: any).
    pub exam: Option<ExamId>,
    /// For [`Role::Device`]: of which recording (`None`: any).
    pub recording: Option<RecordingId>,
}

impl Need {
    /// A key in a role at a time, of any exam or recording.
    pub fn new(role: Role, subject: impl Into<Subject>, at_ms: i64) -> Self {
        Self { role, subject: subject.into(), at_ms, exam: None, recording: None }
    }
    /// Only of this exam.
    #[must_use]
    pub fn of_exam(mut self, exam: ExamId) -> Self {
        self.exam = Some(exam);
        self
    }
    /// Only of this recording.
    #[must_use]
    pub fn of_recording(mut self, recording: RecordingId) -> Self {
        self.recording = Some(recording);
        self
    }
}

/// The certificates that count for one institution.
#[derive(Debug, Clone)]
pub struct TrustStore {
    fingerprint: Fingerprint,
    institution: VerifyingKey,
    entries: Vec<(Certificate, Statement)>,
    refused: Vec<(Statement, Error)>,
}

impl TrustStore {
    /// From the fingerprint that somebody trusts already (a join link carries it), the institution key that belongs to it, and certificates from anywhere,
    /// in any order. A certificate that is not right is left out and listed in [`TrustStore::refused`].
    ///
    /// # Errors
    /// [`Error::WrongInstitution`] when the key does not have this fingerprint.
    pub fn new(fingerprint: Fingerprint, institution: VerifyingKey, certificates: &[Statement]) -> Result<Self, Error> {
        if Fingerprint::of(&institution) != fingerprint {
            return Err(Error::WrongInstitution { what: "institution key" });
        }
        let mut store = Self { fingerprint, institution, entries: Vec::new(), refused: Vec::new() };
        for statement in certificates {
            store.add(statement);
        }
        Ok(store)
    }

    /// Adds one certificate; one that is not right joins [`TrustStore::refused`].
    pub fn add(&mut self, statement: &Statement) {
        if self.entries.iter().any(|(_, known)| known == statement) {
            return;
        }
        match statement.read::<Certificate>() {
            Ok(certificate) if certificate.institution == self.fingerprint => self.entries.push((certificate, statement.clone())),
            Ok(_) => self.refused.push((statement.clone(), Error::WrongInstitution { what: "certificate" })),
            Err(error) => self.refused.push((statement.clone(), error)),
        }
    }

    /// Whose store this is.
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }
    /// The institution's public key.
    pub fn institution(&self) -> VerifyingKey {
        self.institution
    }
    /// Statements that were no certificates of this institution, with the reason.
    pub fn refused(&self) -> &[(Statement, Error)] {
        &self.refused
    }

    /// Certificates of a role that count at a time, with the statements that carry them.
    pub fn current(&self, role: Role, at_ms: i64) -> impl Iterator<Item = (&Certificate, &Statement)> {
        self.entries
            .iter()
            .filter(move |(c, s)| c.role == role && self.counts(c, s, at_ms).is_ok())
            .map(|(certificate, statement)| (certificate, statement))
    }

    /// The certificate that answers the need.
    ///
    /// # Errors
    /// [`Error::NotCertified`] if nothing names the key in that role; else why the certificate that does so does not count: [`Error::WrongScope`],
    /// [`Error::NotYetValid`], [`Error::CertificateExpired`], [`Error::UntrustedIssuer`], [`Error::NotDelegated`].
    pub fn require(&self, need: Need) -> Result<&Certificate, Error> {
        let mut why = Error::NotCertified { role: need.role.as_str() };
        for (certificate, statement) in &self.entries {
            if certificate.role != need.role || certificate.subject != need.subject {
                continue;
            }
            match scope(certificate, &need).and_then(|()| self.counts(certificate, statement, need.at_ms)) {
                Ok(()) => return Ok(certificate),
                Err(error) => why = error,
            }
        }
        Err(why)
    }

    fn counts(&self, certificate: &Certificate, statement: &Statement, at_ms: i64) -> Result<(), Error> {
        valid(certificate, at_ms)?;
        if statement.key == self.institution {
            return Ok(());
        }
        let role = certificate.role.as_str();
        let mut why = Error::UntrustedIssuer { role };
        for (issuer, issued) in &self.entries {
            if issuer.role != Role::Server || issuer.subject != Subject::from(statement.key) || issued.key != self.institution {
                continue;
            }
            if !issuer.delegate.iter().flatten().any(|delegated| *delegated == certificate.role) {
                why = Error::NotDelegated { role };
            } else if let Err(error) = valid(issuer, at_ms) {
                why = error;
            } else {
                return Ok(());
            }
        }
        Err(why)
    }
}

fn scope(certificate: &Certificate, need: &Need) -> Result<(), Error> {
    let wrong = |member| Err(Error::WrongScope { what: "certificate", member });
    if need.exam.is_some() && certificate.exam != need.exam {
        return wrong("exam");
    }
    if need.recording.is_some() && certificate.recording != need.recording {
        return wrong("recording");
    }
    Ok(())
}

fn valid(certificate: &Certificate, at_ms: i64) -> Result<(), Error> {
    let role = certificate.role.as_str();
    if at_ms < certificate.not_before_ms {
        Err(Error::NotYetValid { role })
    } else if at_ms >= certificate.not_after_ms {
        Err(Error::CertificateExpired { role })
    } else {
        Ok(())
    }
}
