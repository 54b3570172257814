//! Acts as PDF: [`render`] makes an official document from a form and an act's data, the same bytes from the same input.
//!
//! The document is PDF/A-2a and PDF/UA-1: tagged, with its language and title, every font embedded; typst refuses to export what does not conform.
//! What people typed is data: it reaches the layout as JSON strings and is never read as markup. There is no clock, no network and no file
//! access here. Pictures from footage are not in the document, because the server cannot see them; the act names their digests.
//!
//! Russian and English are hyphenated by the typesetter's patterns, Kazakh by its syllables. A limit: a character that neither font has (an emoji, a Chinese
//! letter) is written as its code point, `[U+1F600]`.

mod dates;
mod fonts;
mod kazakh;
mod safe;
mod sheet;
mod words;
mod world;

use std::collections::BTreeMap;

use invigil_forms::{Form, Language};

pub use fonts::fonts;

/// Everything that a document says.
#[derive(Debug, Clone, Copy)]
pub struct ActDocument<'a> {
    /// The act's form: wording and order of fields.
    pub form: &'a Form,
    /// Language of the document. Fields stay as they were typed.
    pub language: Language,
    /// The university's name, in the document's language.
    pub organisation: &'a str,
    /// The university's emblem, SVG or PNG.
    pub emblem: Option<&'a [u8]>,
    /// The number as written, `A-2026-0001`.
    pub number_text: &'a str,
    /// The act's id.
    pub act_id: &'a str,
    /// SHA-256 of the signed statement, 64 hex digits; none while there is no such statement.
    pub statement_digest: Option<&'a str>,
    /// When the last signature was given, Unix ms: the document's date.
    pub signed_ms: i64,
    /// The university's offset from UTC in seconds; all times are written with it.
    pub utc_offset_secs: i32,
    /// The act's values by field name. Those that the form does not have are passed over.
    pub fields: &'a BTreeMap<String, String>,
    /// Ids of the points violated. Those that the form does not have are passed over.
    pub points: &'a [String],
    /// Who drew it up.
    pub drawn_up_by: DrawnUpBy<'a>,
    /// Who signed, or is to sign, in order.
    pub signatories: &'a [Signatory<'a>],
    /// The exam as the system knows it.
    pub exam: Option<Exam<'a>>,
    /// The candidate as the system knows them; none in a report on staff.
    pub subject: Option<Subject<'a>>,
    /// Cited footage.
    pub evidence: &'a [Evidence<'a>],
    /// Annexes.
    pub attachments: &'a [Attachment<'a>],
    /// The earlier act that this one corrects, revokes or supplements.
    pub refers_to: Option<RefersTo<'a>>,
    /// Whether it is not the student's first: adds the form's note on the Ethics Council (KazNU 1.18).
    pub repeated: bool,
    /// Last moment for cancelling the grade, Unix ms; printed where the form decides a grade.
    pub deadline_ms: Option<i64>,
    /// Address at which the act can be checked, also as a QR code.
    pub check_url: &'a str,
}

/// Who drew an act up.
#[derive(Debug, Clone, Copy)]
pub struct DrawnUpBy<'a> {
    /// Name.
    pub name: &'a str,
    /// The id of one of the form's choices, or a post in words.
    pub post: &'a str,
}

/// Who signed an act, or is to sign it.
#[derive(Debug, Clone, Copy)]
pub struct Signatory<'a> {
    /// Name.
    pub name: &'a str,
    /// Post in this act.
    pub post: &'a str,
    /// When confirmed with the own account, Unix ms; none while it is up for signature: a line to sign by hand stands in its place.
    pub signed_ms: Option<i64>,
}

/// An exam.
#[derive(Debug, Clone, Copy)]
pub struct Exam<'a> {
    /// Title; may be empty.
    pub title: &'a str,
    /// Discipline; may be empty.
    pub discipline: &'a str,
    /// Faculty; may be empty.
    pub faculty: &'a str,
    /// Scheduled start, Unix ms.
    pub from_ms: i64,
    /// Scheduled end, Unix ms.
    pub to_ms: i64,
}

/// A candidate.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// Name.
    pub name: &'a str,
    /// The university's number; may be empty.
    pub id: &'a str,
}

/// A cited stretch of a recording.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'a> {
    /// Recording.
    pub recording: &'a str,
    /// Start of the stretch, Unix ms.
    pub from_ms: i64,
    /// End of the stretch, Unix ms.
    pub to_ms: i64,
    /// The segments that hold it.
    pub segments: &'a [Segment<'a>],
}

/// A cited segment.
#[derive(Debug, Clone, Copy)]
pub struct Segment<'a> {
    /// Track.
    pub track: &'a str,
    /// Number in the track.
    pub sequence: u64,
    /// SHA-256 of the sealed file, 64 hex digits.
    pub digest: &'a str,
    /// Size of the sealed file.
    pub size_bytes: u64,
}

/// An annex.
#[derive(Debug, Clone, Copy)]
pub struct Attachment<'a> {
    /// `still`, `annex` or `scan`; another word is printed as it is.
    pub kind: &'a str,
    /// Name for people.
    pub name: &'a str,
    /// SHA-256 of the plain file, 64 hex digits.
    pub digest: &'a str,
    /// Size of the plain file.
    pub size_bytes: u64,
}

/// What an act does to an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// Corrects it.
    Corrects,
    /// Revokes it: the form's decision is then replaced by saying so.
    Revokes,
    /// Adds to it.
    Supplements,
}

/// An earlier act.
#[derive(Debug, Clone, Copy)]
pub struct RefersTo<'a> {
    /// What is done to it.
    pub relation: Relation,
    /// Its number as written.
    pub number_text: &'a str,
    /// When it was signed, Unix ms.
    pub signed_ms: i64,
}

/// A document cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The emblem's bytes.
    #[error("read the emblem: expected an SVG or PNG file")]
    Emblem,
    /// The address for checking.
    #[error("make the QR code: expected an address of at most 1000 bytes, found {0}")]
    CheckUrl(usize),
    /// A time that no calendar has, or an offset beyond a day.
    #[error("write a time: expected a Unix time in milliseconds within the years 1 to 9999, found {0}")]
    Time(i64),
    /// The data did not become JSON.
    #[error("hand the act to the layout: {0}")]
    Data(#[from] serde_json::Error),
    /// Typst refused the layout, which names an unreadable emblem or a mistake in the template.
    #[error("lay out the act: {0}")]
    Layout(String),
    /// Typst refused to write a conforming PDF. The message may quote a few characters of the document.
    #[error("write the act as PDF/A: {0}")]
    Export(String),
}

/// Makes the PDF. It takes tens of milliseconds of CPU: call it off the async threads.
///
/// # Errors
/// The emblem is no picture, a time is out of range, or the document could not conform to PDF/A; see [`Error`].
pub fn render(act: &ActDocument<'_>) -> Result<Vec<u8>, Error> {
    world::pdf(act)
}

#[cfg(test)]
mod tests;
