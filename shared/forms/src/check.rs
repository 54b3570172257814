//! An act's values, held against its form.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::{Field, FieldKind, Form};

/// What is wrong with an act's values; as JSON `{"problem": "too-long", "field": "seen", "max_chars": 8000, "found": 8100}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "problem", rename_all = "kebab-case")]
pub enum Problem {
    /// The form has no such field.
    #[error("field {field:?}: the form has none of that name")]
    UnknownField {
        /// The name given.
        field: String,
    },
    /// A required field is empty.
    #[error("field {field:?}: expected an entry, found nothing")]
    Missing {
        /// The field.
        field: String,
    },
    /// Too many characters.
    #[error("field {field:?}: expected at most {max_chars} characters, found {found}")]
    TooLong {
        /// The field.
        field: String,
        /// Most characters.
        max_chars: u32,
        /// Characters given.
        found: usize,
    },
    /// A character that a document cannot show, or that changes the order in which others are shown.
    #[error("field {field:?}: expected visible text, found the character U+{code:04X}")]
    BadCharacter {
        /// The field.
        field: String,
        /// Unicode scalar value.
        code: u32,
    },
    /// Not a day of the calendar.
    #[error("field {field:?}: expected a day such as 2026-01-31")]
    BadDate {
        /// The field.
        field: String,
    },
    /// Not one of the choices.
    #[error("field {field:?}: expected one of the form's choices")]
    BadChoice {
        /// The field.
        field: String,
    },
    /// A person without name or post.
    #[error("field {field:?}: expected one person a line, as name, semicolon, post; line {line} has something else")]
    BadPerson {
        /// The field.
        field: String,
        /// The line, from 1.
        line: usize,
    },
    /// The form has no such point.
    #[error("point {point:?}: the form has none of that id")]
    UnknownPoint {
        /// The id given.
        point: String,
    },
    /// A point twice.
    #[error("point {point:?}: named twice")]
    RepeatedPoint {
        /// The id given.
        point: String,
    },
    /// No point at all.
    #[error("expected at least one point of the rules, found none")]
    NoPoint,
}

impl Problem {
    /// The field it is about, or `points`.
    pub fn field(&self) -> &str {
        match self {
            Self::UnknownField { field }
            | Self::Missing { field }
            | Self::TooLong { field, .. }
            | Self::BadCharacter { field, .. }
            | Self::BadDate { field }
            | Self::BadChoice { field }
            | Self::BadPerson { field, .. } => field,
            Self::UnknownPoint { .. } | Self::RepeatedPoint { .. } | Self::NoPoint => "points",
        }
    }

    /// A short name: `missing`, `too-long`, `bad-character`, `bad-date`, `bad-choice`, `bad-person`, `unknown` or `repeated`.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::UnknownField { .. } | Self::UnknownPoint { .. } => "unknown",
            Self::Missing { .. } | Self::NoPoint => "missing",
            Self::TooLong { .. } => "too-long",
            Self::BadCharacter { .. } => "bad-character",
            Self::BadDate { .. } => "bad-date",
            Self::BadChoice { .. } => "bad-choice",
            Self::BadPerson { .. } => "bad-person",
            Self::RepeatedPoint { .. } => "repeated",
        }
    }
}

impl Form {
    /// Holds values (by field name) and points (ids) against the form. An empty value, or one of white space, counts as none.
    ///
    /// A draft may be incomplete; with `complete` required fields and at least one point must be there and every person needs a post.
    ///
    /// # Errors
    /// All problems, in the form's order.
    pub fn check(&self, values: &BTreeMap<String, String>, points: &[String], complete: bool) -> Result<(), Vec<Problem>> {
        let mut problems: Vec<Problem> =
            values.keys().filter(|name| self.field(name).is_none()).map(|name| Problem::UnknownField { field: name.clone() }).collect();
        for field in self.fields() {
            match values.get(&field.name).filter(|value| !value.trim().is_empty()) {
                Some(value) => problems.extend(check_value(field, value, complete)),
                None if complete && field.required => problems.push(Problem::Missing { field: field.name.clone() }),
                None => {}
            }
        }
        let mut seen = BTreeSet::new();
        for point in points {
            if self.point(point).is_none() {
                problems.push(Problem::UnknownPoint { point: point.clone() });
            } else if !seen.insert(point) {
                problems.push(Problem::RepeatedPoint { point: point.clone() });
            }
        }
        if complete && points.is_empty() && !self.points.is_empty() {
            problems.push(Problem::NoPoint);
        }
        if problems.is_empty() { Ok(()) } else { Err(problems) }
    }
}

/// A person of a `persons` field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person<'a> {
    /// Name; may be empty in a draft.
    pub name: &'a str,
    /// Post; may be empty in a draft.
    pub post: &'a str,
}

/// The persons of a `persons` value: one a line, name and post parted by the first semicolon. Empty lines are passed over.
pub fn persons(value: &str) -> impl Iterator<Item = Person<'_>> {
    value.lines().filter(|line| !line.trim().is_empty()).map(person)
}

fn person(line: &str) -> Person<'_> {
    let (name, post) = line.split_once(';').unwrap_or((line, ""));
    Person { name: name.trim(), post: post.trim() }
}

fn check_value(field: &Field, value: &str, complete: bool) -> Option<Problem> {
    let name = || field.name.clone();
    let found = value.chars().count();
    if found > field.max_chars as usize {
        return Some(Problem::TooLong { field: name(), max_chars: field.max_chars, found });
    }
    let breaks = matches!(field.kind, FieldKind::Text | FieldKind::Persons);
    if let Some(bad) = value.chars().find(|&c| !(shows(c) || breaks && matches!(c, '\n' | '\r' | '\t'))) {
        return Some(Problem::BadCharacter { field: name(), code: u32::from(bad) });
    }
    match field.kind {
        FieldKind::Line | FieldKind::Text => None,
        FieldKind::Date => (!is_date(value)).then(|| Problem::BadDate { field: name() }),
        FieldKind::Choice => field.choices.iter().all(|choice| choice.id != value).then(|| Problem::BadChoice { field: name() }),
        FieldKind::YesNo => (!matches!(value, "yes" | "no")).then(|| Problem::BadChoice { field: name() }),
        FieldKind::Persons => value
            .lines()
            .map(person)
            .position(|found| complete && found.name.is_empty() != found.post.is_empty())
            .map(|index| Problem::BadPerson { field: name(), line: index + 1 }),
    }
}

/// Whether a character can stand in a document: no control character, no noncharacter, none that reorders the text around it.
pub(crate) fn shows(c: char) -> bool {
    let code = u32::from(c);
    !c.is_control()
        && !matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}' | '\u{feff}')
        && !matches!(code, 0xfdd0..=0xfdef | 0xfff9..=0xfffc)
        && code & 0xfffe != 0xfffe
}

fn is_date(value: &str) -> bool {
    let bytes = value.as_bytes();
    let number = |from: usize, to: usize| {
        let part = value.get(from..to)?;
        part.bytes().all(|b| b.is_ascii_digit()).then(|| part.parse::<u32>().ok()).flatten()
    };
    if bytes.len() != 10 || bytes.get(4) != Some(&b'-') || bytes.get(7) != Some(&b'-') {
        return false;
    }
    let (Some(year), Some(month), Some(day)) = (number(0, 4), number(5, 7), number(8, 10)) else {
        return false;
    };
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => return false,
    };
    (1..=days).contains(&day) && year > 0
}
