//! A checked form.

use serde::Serialize;

use crate::{Mistake, Texts, file};

/// A kind of act. As JSON (`GET /api/forms` answers a list of these) it has this shape; what is optional may be null, lists may be empty:
///
/// ```json
/// {
///   "kind": "annulment", "series": "A", "source": "KazNU 1.17, 1.19", "about": "student", "decides_grade": true,
///   "title": {"kk": "…", "ru": "…", "en": "…"}, "subtitle": {…}, "preamble": {…}, "decision": {…},
///   "limit": {…} or null, "appeal": {…} or null, "repeated": {…} or null,
///   "access": {"draft": ["invigilator", "reviewer"], "read": ["reviewer", "board"], "sign": ["board"]},
///   "signatures": {"min": 2, "at_most": 6},
///   "drawn_up_by": [{"id": "examiner", "label": {…}}],
///   "sections": [{"title": {…}, "fields": [
///     {"name": "seen", "kind": "text", "required": true, "max_chars": 8000, "label": {…}, "hint": {…} or null,
///      "choices": [{"id": "refused", "label": {…}}], "prefill": "exam.title" or null}]}],
///   "points": [{"id": "1.14-phone", "source": "KazNU 1.14", "text": {…}}],
///   "aids": [{"source": "KazNU 1.9", "text": {…}}],
///   "digest": "64 hex digits"
/// }
/// ```
///
/// `kind` of a field is `line`, `text`, `date`, `choice`, `yes-no` or `persons`; see [`FieldKind`] for how its value is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Form {
    /// The kind: the file's name without `.toml`, in lower case with hyphens.
    pub kind: String,
    /// Prefix of the numbers of this kind, one to four of A-Z and 0-9.
    pub series: String,
    /// The rules that the form rests on.
    pub source: String,
    /// Whom an act of this kind is about.
    pub about: About,
    /// Whether a signed act has the mark F set; the time limit for cancelling a grade then applies.
    pub decides_grade: bool,
    /// What the document is called.
    pub title: Texts,
    /// What stands under the title.
    pub subtitle: Option<Texts>,
    /// What stands before the fields.
    pub preamble: Texts,
    /// What is decided or asked for.
    pub decision: Texts,
    /// The time limit in words, with `{date}` where the last date goes; there when `decides_grade` is.
    pub limit: Option<Texts>,
    /// What the act says about appeals.
    pub appeal: Option<Texts>,
    /// What the act says when it is not the student's first.
    pub repeated: Option<Texts>,
    /// Who may do what with acts of this kind.
    pub access: Access,
    /// How many sign.
    pub signatures: Signatures,
    /// Who may be named as having drawn it up.
    pub drawn_up_by: Vec<Choice>,
    /// The fields, in the document's order.
    pub sections: Vec<Section>,
    /// The points that can be violated.
    pub points: Vec<Point>,
    /// What is permitted and therefore no violation; shown beside the points.
    pub aids: Vec<Aid>,
    /// SHA-256 of the file's bytes, 64 hex digits; see [`Form::digest`].
    pub(crate) digest: String,
    /// The file's text; see [`Form::text`].
    #[serde(skip)]
    pub(crate) text: String,
}

impl Form {
    /// One form by itself: what [`Form::text`] gave, and the kind that goes with it.
    ///
    /// # Errors
    /// Every mistake found.
    pub fn parse(kind: &str, text: &str) -> Result<Self, Vec<Mistake>> {
        file::parse(&format!("{kind}.toml"), text)
    }

    /// The text of the form's file, word for word: an act that was written under it reads by this text when the file has long been another.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// SHA-256 of the bytes of the form's file, 64 hex digits in lower case: it names the wording that an act was written under.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// A number as it is written: `A-2026-0001`. More than 9999 a year makes it longer, nothing else.
    pub fn number_text(&self, year: i32, number: u32) -> String {
        format!("{}-{year:04}-{number:04}", self.series)
    }

    /// The field of that name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields().find(|field| field.name == name)
    }

    /// All fields in the document's order.
    pub fn fields(&self) -> impl Iterator<Item = &Field> {
        self.sections.iter().flat_map(|section| &section.fields)
    }

    /// The point of that id.
    pub fn point(&self, id: &str) -> Option<&Point> {
        self.points.iter().find(|point| point.id == id)
    }

    /// The choice of that id among those who may draw it up.
    pub fn post(&self, id: &str) -> Option<&Choice> {
        self.drawn_up_by.iter().find(|choice| choice.id == id)
    }
}

/// Whom an act is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum About {
    /// A candidate: the act names one.
    Student,
    /// A member of staff: the act names no candidate; its fields name the person.
    Staff,
}

/// Who may do what with acts of a kind. The auditor reads logs and may do none of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Access {
    /// Who may draft; whoever drafted an act may read that act.
    pub draft: Vec<Role>,
    /// Who may read all acts of the kind.
    pub read: Vec<Role>,
    /// Who may be named to sign; whoever is named may read that act.
    pub sign: Vec<Role>,
}

/// A role of staff, by its name on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Teacher on duty.
    Invigilator,
    /// IT staff who find and review footage.
    Reviewer,
    /// University commission and Faculty Board.
    Board,
    /// Registrar and dean's office.
    Registrar,
    /// Runs the server.
    Admin,
}

impl Role {
    /// All that a form may name.
    pub const ALL: [Self; 5] = [Self::Invigilator, Self::Reviewer, Self::Board, Self::Registrar, Self::Admin];

    /// Its name in files, in the database and on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Invigilator => "invigilator",
            Self::Reviewer => "reviewer",
            Self::Board => "board",
            Self::Registrar => "registrar",
            Self::Admin => "admin",
        }
    }

    /// The role of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }
}

/// How many sign an act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Signatures {
    /// At least so many, 1 or more.
    pub min: u32,
    /// At most so many, `min` to 12.
    pub at_most: u32,
}

/// One of several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Choice {
    /// Its name in data.
    pub id: String,
    /// Its name for people.
    pub label: Texts,
}

/// Fields that belong together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Section {
    /// Heading.
    pub title: Texts,
    /// In the document's order; at least one.
    pub fields: Vec<Field>,
}

/// A field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Field {
    /// Its name in data, unique in the form.
    pub name: String,
    /// What it holds.
    pub kind: FieldKind,
    /// Whether an act without it can be put up for signature.
    pub required: bool,
    /// Most characters (Unicode scalar values).
    pub max_chars: u32,
    /// Its name for people.
    pub label: Texts,
    /// What to write there.
    pub hint: Option<Texts>,
    /// What can be chosen, when `kind` is `choice`.
    pub choices: Vec<Choice>,
    /// What a new draft has there.
    pub prefill: Option<Prefill>,
}

/// What a field holds, and how its value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FieldKind {
    /// One line.
    Line,
    /// Paragraphs, parted by line breaks.
    Text,
    /// A day, `2026-01-31`.
    Date,
    /// The `id` of one of the field's choices.
    Choice,
    /// `yes` or `no`.
    YesNo,
    /// One person a line: name, semicolon, post. [`crate::persons`] reads it.
    Persons,
}

impl FieldKind {
    /// All kinds.
    pub const ALL: [Self; 6] = [Self::Line, Self::Text, Self::Date, Self::Choice, Self::YesNo, Self::Persons];

    /// Its name in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Line => "line",
            Self::Text => "text",
            Self::Date => "date",
            Self::Choice => "choice",
            Self::YesNo => "yes-no",
            Self::Persons => "persons",
        }
    }
}

/// What a new draft has in a field. Where the system does not know it, the field stays empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Prefill {
    /// Title of the exam.
    #[serde(rename = "exam.title")]
    ExamTitle,
    /// Discipline.
    #[serde(rename = "exam.discipline")]
    ExamDiscipline,
    /// Faculty.
    #[serde(rename = "exam.faculty")]
    ExamFaculty,
    /// Form of the exam (written, oral ...).
    #[serde(rename = "exam.form")]
    ExamForm,
    /// Platform of an online exam.
    #[serde(rename = "exam.platform")]
    ExamPlatform,
    /// The scheduled window, with its UTC offset.
    #[serde(rename = "exam.window")]
    ExamWindow,
    /// Examiner.
    #[serde(rename = "exam.examiner")]
    ExamExaminer,
    /// Teacher on duty.
    #[serde(rename = "exam.invigilator")]
    ExamInvigilator,
    /// Room.
    #[serde(rename = "exam.room")]
    ExamRoom,
    /// The candidate's name.
    #[serde(rename = "candidate.name")]
    CandidateName,
    /// The candidate's number.
    #[serde(rename = "candidate.id")]
    CandidateId,
    /// Study programme.
    #[serde(rename = "candidate.programme")]
    CandidateProgramme,
    /// Course (year of study).
    #[serde(rename = "candidate.course")]
    CandidateCourse,
    /// Attempt.
    #[serde(rename = "candidate.attempt")]
    CandidateAttempt,
    /// Seat.
    #[serde(rename = "candidate.seat")]
    CandidateSeat,
    /// The cited time range, with its UTC offset.
    #[serde(rename = "evidence.window")]
    EvidenceWindow,
    /// Name of who is signed in.
    #[serde(rename = "me.name")]
    MeName,
    /// Today, as a date.
    #[serde(rename = "today")]
    Today,
}

impl Prefill {
    /// All of them.
    pub const ALL: [Self; 18] = [
        Self::ExamTitle,
        Self::ExamDiscipline,
        Self::ExamFaculty,
        Self::ExamForm,
        Self::ExamPlatform,
        Self::ExamWindow,
        Self::ExamExaminer,
        Self::ExamInvigilator,
        Self::ExamRoom,
        Self::CandidateName,
        Self::CandidateId,
        Self::CandidateProgramme,
        Self::CandidateCourse,
        Self::CandidateAttempt,
        Self::CandidateSeat,
        Self::EvidenceWindow,
        Self::MeName,
        Self::Today,
    ];

    /// Its name in files and on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ExamTitle => "exam.title",
            Self::ExamDiscipline => "exam.discipline",
            Self::ExamFaculty => "exam.faculty",
            Self::ExamForm => "exam.form",
            Self::ExamPlatform => "exam.platform",
            Self::ExamWindow => "exam.window",
            Self::ExamExaminer => "exam.examiner",
            Self::ExamInvigilator => "exam.invigilator",
            Self::ExamRoom => "exam.room",
            Self::CandidateName => "candidate.name",
            Self::CandidateId => "candidate.id",
            Self::CandidateProgramme => "candidate.programme",
            Self::CandidateCourse => "candidate.course",
            Self::CandidateAttempt => "candidate.attempt",
            Self::CandidateSeat => "candidate.seat",
            Self::EvidenceWindow => "evidence.window",
            Self::MeName => "me.name",
            Self::Today => "today",
        }
    }
}

/// A point that can be violated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Point {
    /// Its name in data, unique in the form: lower case, digits, hyphens and dots.
    pub id: String,
    /// The rule.
    pub source: String,
    /// What was violated.
    pub text: Texts,
}

/// Something that is permitted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Aid {
    /// The rule.
    pub source: String,
    /// What is permitted.
    pub text: Texts,
}
