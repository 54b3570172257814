//! Acts: review page to server (`docs/evidence.md` 3-5). Same rules as [`crate::review`].
//!
//! | request | who | answer |
//! | --- | --- | --- |
//! | `GET /api/forms` | signed in | the forms that the role may draft or read (`invigil_forms::Form` as JSON) |
//! | `GET /api/acts?state=S` | read acts | [`ActList`], by days left; staff reports only for their own readers |
//! | `POST /api/acts` [`NewAct`] | draft acts | [`ActView`]; opens the hold; 422 `too-late` with rule and date, `bad-reference` |
//! | `GET /api/acts/{id}` | read acts | [`ActView`] |
//! | `PUT /api/acts/{id}` [`DraftChange`] | draft acts | [`ActView`]; 409 `changed-meanwhile` with the newest [`ActView`] as `current`, nothing is written |
//! | `POST /api/acts/{id}/discard` [`Note`] | draft acts | [`ActView`]; releases the hold, destroys the act's key, fields and attachments |
//! | `POST /api/acts/{id}/for-signature` [`Revision`] | draft acts | [`ActView`]; freezes the content; 422 `incomplete` with the problems |
//! | `POST /api/acts/{id}/back-to-draft` [`Note`] | read acts; who may change it, or is to sign it | [`ActView`]; signatures so far are void |
//! | `POST /api/acts/{id}/sign` [`Sign`] | read acts; whom form and draft name | [`ActView`]; the last one makes the act; 403 `wrong-password`; 409 `content-changed`, `signed-already` |
//! | `POST /api/acts/{id}/pass-on` [`PassOn`] | sign acts | [`ActView`] |
//! | `POST /api/acts/{id}/cancel-grade` [`CancelGrade`] | sign acts | [`ActView`]; closes the case; 422 `too-late` |
//! | `POST /api/acts/{id}/attachments` body: `docs/evidence.md` 3 | draft acts | [`AttachmentView`]; 408 `upload-stalled`, 429 `too-many-uploads`, 507 `disk-full` |
//! | `DELETE /api/acts/{id}/attachments/{attachment}` | draft acts | 204 |
//! | `GET /api/acts/{id}/attachments/{attachment}` | footage | the sealed attachment, outer layer opened |
//! | `GET /api/acts/{id}/pdf?language=kk` | read acts | the document; made at its first demand once signed; a draft's is marked as a draft and not kept |
//! | `GET /api/acts/{id}/statement` | read acts | [`ActRecord`] |
//! | `GET /api/acts/{id}/evidence` | footage | [`EvidenceSource`]: what a bundle is made of |
//! | `POST /api/acts/{id}/bundle` [`BundleRequest`] | footage | the manifest's statement; 422 `wrong-file` when a file that the server knows has another digest, `too-large` for what no bundle can be |
//! | `GET /api/registrar/annulments?from=DAY&to=DAY&format=csv` | registrar | CSV or JSON list of [`Annulment`] |
//! | `GET /api/accounts` | draft acts | list of [`Person`]: who can be named to sign |
//! | `GET /api/audit?after=N` | logs | list of audit entries |
//! | `GET /check/{act}` | anyone | page: number, kind, date, whether it stands; no name |

use crate::holds::HoldView;
use crate::review::ExamView;
use invigil_format::{Digest, ExamId, RecordingId, RunId, SealingKey, Statement, VerifyingKey};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Opens a draft.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewAct {
    /// Kind: name of a form.
    pub kind: String,
    /// Exam.
    pub exam: ExamId,
    /// Recording of the person concerned; null for a room as a whole or a report on staff.
    pub recording: Option<RecordingId>,
    /// Language of the free text.
    pub language: String,
    /// Stretches of footage that it cites; may be empty and follow later.
    pub evidence: Vec<Cited>,
    /// First values of fields; with `refers_to` those left out come from that act, as far as the form still knows them.
    pub fields: BTreeMap<String, String>,
    /// Points violated, by id; with `refers_to` and none given those of that act that the form still knows.
    pub points: Vec<String>,
    /// An earlier act, which the person must be able to read, that this one corrects, revokes or supplements.
    pub refers_to: Option<Reference>,
}

/// A cited stretch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cited {
    /// Recording.
    pub recording: RecordingId,
    /// From (inclusive), server's clock, Unix ms.
    pub from_ms: i64,
    /// Until (exclusive); at most 2 hours.
    pub to_ms: i64,
}

/// Another act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reference {
    /// Act.
    pub act: Uuid,
    /// `corrects`, `revokes` or `supplements`.
    pub relation: String,
}

/// New content of a draft, as a whole.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DraftChange {
    /// Revision that it is based on.
    pub revision: i64,
    /// Language of the free text.
    pub language: String,
    /// Fields.
    pub fields: BTreeMap<String, String>,
    /// Points violated.
    pub points: Vec<String>,
    /// Cited stretches: new ones are held, dropped ones released.
    pub evidence: Vec<Cited>,
    /// In which capacity the draft's author draws it up: an id of the form's `drawn_up_by`.
    pub capacity: String,
    /// Who is to sign.
    pub to_sign: Vec<ToSign>,
}

/// Somebody who is to sign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ToSign {
    /// Login.
    pub login: String,
    /// Post, as it is to stand in the act.
    pub post: String,
}

/// A reason in words.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Note {
    /// 1 to 500 characters.
    pub note: String,
}

/// Which revision is meant.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Revision {
    /// Revision.
    pub revision: i64,
}

/// A signature: the signed-in person's own password once more.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sign {
    /// Password of the signed-in account.
    pub password: String,
    /// Digest of the content that the person has read.
    pub content: Digest,
}

/// Handing over to the commission's responsible member (KazNU 10.4).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PassOn {
    /// Name of that person.
    pub to_name: String,
    /// Post.
    pub to_post: String,
}

/// Confirmation that the grade is cancelled.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CancelGrade {
    /// When it was cancelled in the university's records, Unix ms; not in the future.
    pub cancelled_ms: i64,
    /// Document-routing number or order, if any.
    pub routing: String,
}

/// Acts that somebody may see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActList {
    /// Server's clock.
    pub now_ms: i64,
    /// Those with a time limit first, the shortest left on top.
    pub acts: Vec<ActSummary>,
}

/// An act in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActSummary {
    /// Id.
    pub id: Uuid,
    /// Kind.
    pub kind: String,
    /// `draft`, `for-signature`, `signed`, `passed-on`, `grade-cancelled` or `discarded`.
    pub state: String,
    /// Number as written, once signed.
    pub number_text: Option<String>,
    /// Exam.
    pub exam: ExamView,
    /// Whom it concerns.
    pub subject: Option<String>,
    /// Created.
    pub created_ms: i64,
    /// By.
    pub created_by: String,
    /// Signed.
    pub signed_ms: Option<i64>,
    /// Until when the grade can be cancelled; null where no limit applies (any more).
    pub cancel_until_ms: Option<i64>,
    /// The same as RFC 3339 with the university's UTC offset.
    pub cancel_until: Option<String>,
    /// Source of that rule.
    pub cancel_rule: Option<String>,
    /// Signatures given and needed.
    pub signatures: (u32, u32),
    /// Whether the signed-in person is asked to sign and has not.
    pub yours_to_sign: bool,
    /// A later act that revokes it.
    pub revoked_by: Option<Uuid>,
    /// A later act that corrects it and stands in its place; one that was revoked itself does not count.
    pub corrected_by: Option<Uuid>,
    /// Another act for the same person exists: Ethics Council (KazNU 1.18).
    pub repeated: bool,
}

/// Everything about an act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActView {
    /// As in the list.
    pub summary: ActSummary,
    /// Server's clock.
    pub now_ms: i64,
    /// Revision.
    pub revision: i64,
    /// Language of the free text.
    pub language: String,
    /// Whom it concerns.
    pub recording: Option<RecordingId>,
    /// Fields.
    pub fields: BTreeMap<String, String>,
    /// Points violated.
    pub points: Vec<String>,
    /// Cited stretches.
    pub evidence: Vec<Cited>,
    /// Their holds.
    pub holds: Vec<HoldView>,
    /// Capacity of who draws it up.
    pub capacity: String,
    /// Who draws it up.
    pub drawn_up_by: String,
    /// Who signs.
    pub signatories: Vec<Signatory>,
    /// Digest to sign, while for signature.
    pub content: Option<Digest>,
    /// Sealed pictures and papers.
    pub attachments: Vec<AttachmentView>,
    /// What it refers to.
    pub refers_to: Option<Reference>,
    /// Acts that refer to it.
    pub referred_by: Vec<Reference>,
    /// Earlier acts for the same person.
    pub earlier: Vec<Uuid>,
    /// Events since it was signed: time, name, who.
    pub events: Vec<EventView>,
    /// What is wrong or missing before it can be signed: field and message id.
    pub problems: Vec<Problem>,
    /// What the signed-in person may do now: `edit`, `discard`, `for-signature`, `back-to-draft`, `sign`, `pass-on`, `cancel-grade`, `correct`, `bundle`, `attach`.
    pub may: Vec<String>,
    /// Review keys that attachments are to be sealed to.
    pub review: Vec<SealingKey>,
    /// Why and when discarded.
    pub close_note: Option<String>,
    /// The form that it reads by from the moment at which it was put up for signature (`invigil_forms::Form` as JSON); null for a draft, which `GET /api/forms` has it for.
    pub form: Option<serde_json::Value>,
    /// Why it was sent back to draft the last time, until it is put up for signature again.
    pub returned: Option<Returned>,
}

/// Why an act was sent back to draft.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Returned {
    /// Reason in words.
    pub note: String,
    /// Name of who sent it back.
    pub by: String,
    /// When, server's clock, Unix ms.
    pub at_ms: i64,
}

/// Somebody who signs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signatory {
    /// Login.
    pub login: String,
    /// Name.
    pub name: String,
    /// Post in this act.
    pub post: String,
    /// When signed.
    pub signed_ms: Option<i64>,
}

/// A sealed attachment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttachmentView {
    /// Id.
    pub id: Uuid,
    /// `still`, `annex` or `scan`.
    pub kind: String,
    /// Media type.
    pub media: String,
    /// Name for people.
    pub name: String,
    /// Size of the plain text.
    pub size_bytes: u64,
    /// Digest of the plain text.
    pub digest: Digest,
    /// Where a still comes from.
    pub source: Option<StillSource>,
    /// When it arrived.
    pub created_ms: i64,
}

/// Where a still comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StillSource {
    /// Recording.
    pub recording: RecordingId,
    /// Track.
    pub track: String,
    /// Moment on the server's clock.
    pub at_ms: i64,
}

/// Something that happened to a signed act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventView {
    /// Event.
    pub event: String,
    /// When.
    pub at_ms: i64,
    /// Who.
    pub by: Option<String>,
    /// More.
    pub detail: BTreeMap<String, String>,
}

/// What is missing or wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Field, or `points`, `signatories`, `evidence`, `capacity`.
    pub field: String,
    /// Stable name: `missing`, `too-long`, `bad-date`, `bad-choice`, `unknown`, `too-few`, `too-many`, `growing`, `still-not-cited`, `too-much-footage`.
    pub problem: String,
}

/// Somebody who can be named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Login.
    pub login: String,
    /// Name.
    pub name: String,
    /// Post.
    pub post: String,
    /// Role.
    pub role: String,
}

/// The signed record of an act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActRecord {
    /// Statement `act`.
    pub act: Statement,
    /// Statements `act-event`, in order.
    pub events: Vec<Statement>,
}

/// What a bundle is made of, but for the sealed bytes, PDFs and attachments, which have addresses of their own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidenceSource {
    /// Act and events.
    pub record: ActRecord,
    /// Institution public key.
    pub institution: VerifyingKey,
    /// Certificates.
    pub certificates: Vec<Statement>,
    /// Runs touched.
    pub runs: Vec<EvidenceRun>,
    /// Cited segments.
    pub segments: Vec<EvidenceSegment>,
    /// `custody.json` as it is to stand in the bundle, the very text.
    pub custody: String,
    /// Languages of documents that exist.
    pub documents: Vec<String>,
}

/// A run in a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidenceRun {
    /// Recording.
    pub recording: RecordingId,
    /// Run.
    pub run: RunId,
    /// Server's time minus the device's boot time, ms.
    pub clock_offset_ms: i64,
    /// Key record.
    pub key_record: Statement,
    /// Journal so far.
    pub journal: Vec<Statement>,
}

/// A segment in a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidenceSegment {
    /// Server's number, for `/api/segments/{id}`.
    pub id: i64,
    /// Recording.
    pub recording: RecordingId,
    /// Run.
    pub run: RunId,
    /// Track.
    pub track: String,
    /// Sequence.
    pub sequence: u32,
    /// Bytes.
    pub size_bytes: u64,
    /// Digest.
    pub digest: Digest,
    /// Receipt.
    pub receipt: Statement,
}

/// Asks for a manifest.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BundleRequest {
    /// Id of the bundle, made by the page.
    pub bundle: Uuid,
    /// For whom, 1 to 200 characters.
    pub receiver: String,
    /// All files but the manifest, in order.
    pub files: Vec<BundleFile>,
}

/// A file in a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BundleFile {
    /// Name.
    pub name: String,
    /// Size.
    pub size_bytes: u64,
    /// SHA-256.
    pub digest: Digest,
}

/// A row of the registrar's list (KazNU 1.20).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Annulment {
    /// Act's number.
    pub number: String,
    /// Act.
    pub act: Uuid,
    /// Kind.
    pub kind: String,
    /// Student.
    pub student: String,
    /// Student's id in the university's lists.
    pub student_id: String,
    /// Exam.
    pub exam: ExamId,
    /// Title.
    pub title: String,
    /// Discipline.
    pub discipline: String,
    /// Scheduled start, RFC 3339 with offset.
    pub exam_starts: String,
    /// Points violated.
    pub points: Vec<String>,
    /// Signed, RFC 3339 with offset.
    pub signed: String,
    /// Grade cancelled, RFC 3339 with offset.
    pub cancelled: Option<String>,
    /// Who confirmed.
    pub confirmed_by: Option<String>,
    /// Revoked by the act with this number.
    pub revoked_by: Option<String>,
    /// Corrected by the act with this number, which stands in its place.
    pub corrected_by: Option<String>,
    /// Whether it goes to the Ethics Council (1.18).
    pub repeated: bool,
    /// Address of the act.
    pub address: String,
}
