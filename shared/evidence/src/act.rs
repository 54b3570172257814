//! Acts and their events (`docs/evidence.md` 4). Signed by the server key.

use crate::attachment::{AttachmentKind, Media, StillSource};
use crate::content::{ActContent, ToSign};
use invigil_format::json::nullable;
use invigil_format::{
    ActId, AttachmentId, Digest, Error, ExamId, Fingerprint, HoldId, Payload, RecordingId, RunId, TrackName, VerifyingKey,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// An act, as it was signed. All times Unix ms on the server's clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Act {
    /// Institution.
    pub institution: Fingerprint,
    /// Act.
    pub act: ActId,
    /// Kind: name of the form.
    pub kind: String,
    /// Number within kind and year, from 1.
    pub number: u64,
    /// Year of the number.
    pub year: u32,
    /// Number as written.
    pub number_text: String,
    /// Digest of the form's file.
    pub form: Digest,
    /// Of the free text: `kk`, `ru` or `en`.
    pub language: String,
    /// Exam.
    pub exam: ActExam,
    /// Whom it concerns.
    #[serde(deserialize_with = "nullable")]
    pub subject: Option<ActSubject>,
    /// Fields by name.
    pub fields: BTreeMap<String, String>,
    /// Points violated, by id.
    pub points: Vec<String>,
    /// Cited stretches of footage.
    pub evidence: Vec<Evidence>,
    /// Pictures and papers.
    pub attachments: Vec<ActAttachment>,
    /// Who draws it up.
    pub drawn_up_by: DrawnUpBy,
    /// Who signed.
    pub signatories: Vec<Signatory>,
    /// An earlier act.
    #[serde(deserialize_with = "nullable")]
    pub refers_to: Option<RefersTo>,
    /// Another act for the same person exists.
    pub repeated: bool,
    /// Until when the grade can be cancelled.
    #[serde(deserialize_with = "nullable")]
    pub cancel_until_ms: Option<i64>,
    /// When the last one signed.
    pub signed_ms: i64,
    /// Place in the log of acts.
    pub log_index: u64,
    /// Digest of the statement before; zeros for the first.
    pub log_previous: Digest,
}

impl Act {
    /// What its signatories confirmed, made again from what it says.
    pub fn content(&self) -> ActContent {
        let to_sign = |s: &Signatory| ToSign { account: s.account.clone(), name: s.name.clone(), post: s.post.clone() };
        ActContent {
            institution: self.institution,
            act: self.act,
            kind: self.kind.clone(),
            form: self.form,
            language: self.language.clone(),
            exam: self.exam.clone(),
            subject: self.subject.clone(),
            fields: self.fields.clone(),
            points: self.points.clone(),
            evidence: self.evidence.clone(),
            attachments: self.attachments.clone(),
            drawn_up_by: self.drawn_up_by.clone(),
            to_sign: self.signatories.iter().map(to_sign).collect(),
            refers_to: self.refers_to.clone(),
            cancel_until_ms: self.cancel_until_ms,
        }
    }
}

impl Payload for Act {
    const TYPE: &'static str = "act";

    fn check(&self) -> Result<(), Error> {
        let refuse = |member, expected| Err(Error::BadMember { what: Self::TYPE, member, expected });
        if self.number == 0 {
            return refuse("number", "1 or more");
        }
        if !["kk", "ru", "en"].contains(&self.language.as_str()) {
            return refuse("language", "kk, ru or en");
        }
        if self.evidence.iter().any(|cited| cited.from_ms >= cited.to_ms) {
            return refuse("evidence", "from_ms before to_ms");
        }
        if self.signatories.is_empty() {
            return refuse("signatories", "one or more");
        }
        if (self.log_index == 0) != (self.log_previous == Digest([0; 32])) {
            return refuse("log_previous", "zeros exactly for the first statement of the log");
        }
        Ok(())
    }
}

/// The exam.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActExam {
    /// Exam.
    pub id: ExamId,
    /// Title.
    pub title: String,
    /// Discipline.
    pub discipline: String,
    /// Faculty.
    pub faculty: String,
    /// Examiner.
    pub examiner: String,
    /// Scheduled start.
    pub starts_ms: i64,
    /// Scheduled end.
    pub ends_ms: i64,
    /// Of the university's zone then, seconds east of UTC.
    pub utc_offset_secs: i32,
}

/// Whom an act concerns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActSubject {
    /// Name.
    pub name: String,
    /// Id in the university's lists; may be empty.
    pub external_id: String,
    /// The person's own recording, if there is one.
    #[serde(deserialize_with = "nullable")]
    pub recording: Option<RecordingId>,
}

/// A cited stretch of one recording.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// Recording.
    pub recording: RecordingId,
    /// From (inclusive).
    pub from_ms: i64,
    /// Until (exclusive).
    pub to_ms: i64,
    /// Hold that keeps it.
    pub hold: HoldId,
    /// Runs that the stretch touches, in order of time.
    pub runs: Vec<CitedRun>,
    /// Segments that overlap the stretch.
    pub segments: Vec<CitedSegment>,
}

/// A run of a cited recording.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CitedRun {
    /// Run.
    pub run: RunId,
    /// Who signed it.
    pub device: VerifyingKey,
    /// Digest of its key record.
    pub key_record: Digest,
    /// Server's time minus the device's boot time, ms.
    pub clock_offset_ms: i64,
}

/// A cited segment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CitedSegment {
    /// Run.
    pub run: RunId,
    /// Track.
    pub track: TrackName,
    /// Number within run and track.
    pub sequence: u32,
    /// Whole file.
    pub size_bytes: u64,
    /// Whole file.
    pub digest: Digest,
    /// Head after the last frame.
    pub head: Digest,
}

/// A picture or paper of an act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActAttachment {
    /// Attachment.
    pub attachment: AttachmentId,
    /// What it is.
    pub kind: AttachmentKind,
    /// Media type.
    pub media: Media,
    /// For people.
    pub name: String,
    /// Of the plain text.
    pub size_bytes: u64,
    /// Of the plain text.
    pub digest: Digest,
    /// Where a still comes from.
    #[serde(deserialize_with = "nullable")]
    pub source: Option<StillSource>,
}

/// Who draws an act up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DrawnUpBy {
    /// Login.
    pub account: String,
    /// Name.
    pub name: String,
    /// Capacity: an id of the form's `drawn_up_by`.
    pub capacity: String,
}

/// Who signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signatory {
    /// Login.
    pub account: String,
    /// Name.
    pub name: String,
    /// Post.
    pub post: String,
    /// When.
    pub signed_ms: i64,
    /// What was confirmed: [`ActContent::digest`].
    pub content: Digest,
}

/// An earlier act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefersTo {
    /// Act.
    pub act: ActId,
    /// Digest of its statement.
    pub digest: Digest,
    /// Its number as written.
    pub number_text: String,
    /// What this one does to it.
    pub relation: Relation,
}

/// What an act does to an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Relation {
    /// Stands in its place.
    Corrects,
    /// Ends it.
    Revokes,
    /// Adds to it.
    Supplements,
}

impl Relation {
    /// Every relation.
    pub const ALL: [Self; 3] = [Self::Corrects, Self::Revokes, Self::Supplements];

    /// Its name in statements, in the database and on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Corrects => "corrects",
            Self::Revokes => "revokes",
            Self::Supplements => "supplements",
        }
    }

    /// The relation of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|relation| relation.name() == name)
    }
}

/// What happened to an act after it was signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActEvent {
    /// Institution.
    pub institution: Fingerprint,
    /// Act.
    pub act: ActId,
    /// Digest of the act's statement.
    pub digest: Digest,
    /// What.
    pub event: EventKind,
    /// Who; null: the server by itself.
    #[serde(deserialize_with = "nullable")]
    pub by: Option<By>,
    /// When.
    pub at_ms: i64,
    /// More: for `document` the members `language`, `digest` and `size_bytes`; for `bundle` `bundle`, `manifest` (digest of its statement), `receiver` and, from the offline tool, `via`.
    pub detail: BTreeMap<String, String>,
    /// Place in the log of acts.
    pub log_index: u64,
    /// Digest of the statement before.
    pub log_previous: Digest,
}

impl Payload for ActEvent {
    const TYPE: &'static str = "act-event";

    fn check(&self) -> Result<(), Error> {
        if self.log_index == 0 {
            return Err(Error::BadMember { what: Self::TYPE, member: "log_index", expected: "1 or more" });
        }
        Ok(())
    }
}

/// Kinds of event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EventKind {
    /// Handed to the commission's responsible member.
    PassedOn,
    /// The grade was cancelled.
    GradeCancelled,
    /// A PDF was made of it.
    Document,
    /// An evidence bundle was released: its manifest was signed.
    Bundle,
}

/// Who did it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct By {
    /// Login.
    pub account: String,
    /// Name.
    pub name: String,
    /// Post.
    pub post: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relations_have_one_spelling() {
        for relation in Relation::ALL {
            assert_eq!(serde_json::to_value(relation).unwrap(), relation.name());
            assert_eq!(Relation::from_name(relation.name()), Some(relation));
        }
        for unknown in ["", "Corrects", "replaces"] {
            assert_eq!(Relation::from_name(unknown), None, "{unknown:?}");
        }
    }
}
