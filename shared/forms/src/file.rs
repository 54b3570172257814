//! A form's file as written, and how it becomes a [`Form`] or a list of mistakes.

use core::fmt;
use std::collections::BTreeSet;

use serde::Deserialize;

use crate::form::{About, Access, Aid, Choice, Field, FieldKind, Form, Point, Prefill, Role, Section, Signatures};
use crate::{Language, Texts};

/// Most characters of any wording.
const MAX_WORDING: usize = 4_000;
/// Most characters that a field may allow.
const MAX_CHARS: u32 = 20_000;
/// Most sections, fields in one, choices, points or aids.
const MAX_ITEMS: usize = 100;

/// A mistake in a form's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The file.
    pub file: String,
    /// The key, such as `section[2].field[1].label.kk` (counted from 1); empty when the file cannot be read as TOML.
    pub key: String,
    /// What was expected there.
    pub expected: String,
    /// What was found.
    pub found: String,
}

impl Mistake {
    pub(crate) fn new(file: &str, key: &str, expected: impl Into<String>, found: impl Into<String>) -> Self {
        Self { file: file.to_owned(), key: key.to_owned(), expected: expected.into(), found: found.into() }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, key, expected, found } = self;
        if key.is_empty() {
            return write!(f, "{file}: expected {expected}, found {found}");
        }
        write!(f, "{file}: {key}: expected {expected}, found {found}")
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawForm {
    kind: Option<String>,
    series: Option<String>,
    source: Option<String>,
    about: Option<String>,
    decides_grade: Option<bool>,
    title: Option<RawTexts>,
    subtitle: Option<RawTexts>,
    preamble: Option<RawTexts>,
    decision: Option<RawTexts>,
    limit: Option<RawTexts>,
    appeal: Option<RawTexts>,
    repeated: Option<RawTexts>,
    access: Option<RawAccess>,
    signatures: Option<RawSignatures>,
    #[serde(default)]
    drawn_up_by: Vec<RawChoice>,
    #[serde(default)]
    section: Vec<RawSection>,
    #[serde(default)]
    point: Vec<RawPoint>,
    #[serde(default)]
    aid: Vec<RawAid>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawTexts {
    kk: Option<String>,
    ru: Option<String>,
    en: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawAccess {
    #[serde(default)]
    draft: Vec<String>,
    #[serde(default)]
    read: Vec<String>,
    #[serde(default)]
    sign: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSignatures {
    min: u32,
    at_most: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawChoice {
    id: Option<String>,
    kk: Option<String>,
    ru: Option<String>,
    en: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSection {
    title: Option<RawTexts>,
    #[serde(default)]
    field: Vec<RawField>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawField {
    name: Option<String>,
    kind: Option<String>,
    #[serde(default)]
    required: bool,
    max_chars: Option<u32>,
    label: Option<RawTexts>,
    hint: Option<RawTexts>,
    #[serde(default)]
    choices: Vec<RawChoice>,
    prefill: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPoint {
    id: Option<String>,
    source: Option<String>,
    kk: Option<String>,
    ru: Option<String>,
    en: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawAid {
    source: Option<String>,
    kk: Option<String>,
    ru: Option<String>,
    en: Option<String>,
}

/// Reads one file: `file` is its path, whose last part has to be `<kind>.toml`.
pub(crate) fn parse(file: &str, text: &str) -> Result<Form, Vec<Mistake>> {
    let raw: RawForm = toml::from_str(text).map_err(|error| {
        let found = error.to_string().trim_end().replace('\n', "\n    ");
        vec![Mistake::new(file, "", "the keys and kinds of values of a form", found)]
    })?;
    let mut check = Checker { file, mistakes: Vec::new() };
    let form = check.form(raw, text);
    if check.mistakes.is_empty() { Ok(form) } else { Err(check.mistakes) }
}

/// Collects mistakes; where there is one, the value returned is a stand-in that nobody sees.
struct Checker<'a> {
    file: &'a str,
    mistakes: Vec<Mistake>,
}

impl Checker<'_> {
    fn mistake(&mut self, key: &str, expected: impl Into<String>, found: impl Into<String>) {
        self.mistakes.push(Mistake::new(self.file, key, expected, found));
    }

    fn form(&mut self, raw: RawForm, text: &str) -> Form {
        let kind = self.name("kind", raw.kind);
        let stem = self.file.rsplit(['/', '\\']).next().and_then(|name| name.strip_suffix(".toml")).unwrap_or_default().to_owned();
        if kind != stem && !kind.is_empty() {
            self.mistake("kind", format!("the file's name without .toml, {stem:?}"), format!("{kind:?}"));
        }
        if raw.decides_grade.is_none() {
            self.mistake("decides_grade", "true or false", "nothing");
        }
        let limit = self.optional_texts("limit", raw.limit);
        match (&limit, raw.decides_grade) {
            (Some(limit), Some(true)) => self.has_date(limit),
            (None, Some(true)) => self.mistake("limit", "the time limit in words, because decides_grade is true", "nothing"),
            (Some(_), Some(false)) => self.mistake("limit", "nothing, because decides_grade is false", "a text"),
            (None, Some(false)) | (_, None) => {}
        }
        let series = self.series(raw.series);
        let about = self.about(raw.about.as_deref());
        let title = self.texts("title", raw.title);
        let preamble = self.texts("preamble", raw.preamble);
        let decision = self.texts("decision", raw.decision);
        let access = self.access(raw.access);
        let signatures = self.signatures(raw.signatures);
        let drawn_up_by = self.choices("drawn_up_by", raw.drawn_up_by, 1);
        let sections = self.sections(raw.section);
        let points = self.points(raw.point);
        let aids = self.aids(raw.aid);
        Form {
            kind,
            series,
            source: self.wording("source", raw.source),
            about,
            decides_grade: raw.decides_grade.unwrap_or_default(),
            title,
            subtitle: self.optional_texts("subtitle", raw.subtitle),
            preamble,
            decision,
            limit,
            appeal: self.optional_texts("appeal", raw.appeal),
            repeated: self.optional_texts("repeated", raw.repeated),
            access,
            signatures,
            drawn_up_by,
            sections,
            points,
            aids,
            digest: hex::encode(ring::digest::digest(&ring::digest::SHA256, text.as_bytes())),
            text: text.to_owned(),
        }
    }

    fn has_date(&mut self, limit: &Texts) {
        for language in Language::ALL {
            if limit.get(language).matches("{date}").count() != 1 {
                self.mistake(&format!("limit.{language}"), "{date} once, where the last date goes", format!("{:?}", limit.get(language)));
            }
        }
    }

    fn series(&mut self, series: Option<String>) -> String {
        let series = series.unwrap_or_default();
        if !(1..=4).contains(&series.len()) || !series.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()) {
            self.mistake("series", "one to four of A-Z and 0-9", format!("{series:?}"));
        }
        series
    }

    fn about(&mut self, about: Option<&str>) -> About {
        match about {
            Some("student") => About::Student,
            Some("staff") => About::Staff,
            other => {
                self.mistake("about", "\"student\" or \"staff\"", found(other));
                About::Student
            }
        }
    }

    fn access(&mut self, raw: Option<RawAccess>) -> Access {
        let raw = raw.unwrap_or_default();
        Access {
            draft: self.roles("access.draft", &raw.draft),
            read: self.roles("access.read", &raw.read),
            sign: self.roles("access.sign", &raw.sign),
        }
    }

    fn roles(&mut self, key: &str, names: &[String]) -> Vec<Role> {
        let mut roles = Vec::new();
        for name in names {
            match Role::from_name(name) {
                Some(role) if roles.contains(&role) => self.mistake(key, "each role once", format!("{name:?} twice")),
                Some(role) => roles.push(role),
                None if name == "auditor" => self.mistake(key, "no auditor: the auditor reads logs, not acts", "\"auditor\""),
                None => self.mistake(key, one_of(Role::ALL.map(Role::name)), format!("{name:?}")),
            }
        }
        if names.is_empty() {
            self.mistake(key, "at least one role", "none");
        }
        roles
    }

    fn signatures(&mut self, raw: Option<RawSignatures>) -> Signatures {
        let raw = raw.unwrap_or(RawSignatures { min: 0, at_most: 0 });
        if raw.min < 1 || raw.at_most < raw.min || raw.at_most > 12 {
            self.mistake(
                "signatures",
                "min of at least 1 and at_most from min to 12",
                format!("min = {}, at_most = {}", raw.min, raw.at_most),
            );
        }
        Signatures { min: raw.min, at_most: raw.at_most }
    }

    fn sections(&mut self, raw: Vec<RawSection>) -> Vec<Section> {
        self.count("section", raw.len(), 1);
        let mut names = BTreeSet::new();
        let mut sections = Vec::new();
        for (index, section) in raw.into_iter().take(MAX_ITEMS).enumerate() {
            let key = format!("section[{}]", index + 1);
            let title = self.texts(&format!("{key}.title"), section.title);
            self.count(&format!("{key}.field"), section.field.len(), 1);
            let fields = section.field.into_iter().take(MAX_ITEMS).enumerate();
            let fields = fields.map(|(at, field)| self.field(&format!("{key}.field[{}]", at + 1), field, &mut names)).collect();
            sections.push(Section { title, fields });
        }
        sections
    }

    fn field(&mut self, key: &str, raw: RawField, names: &mut BTreeSet<String>) -> Field {
        let name = self.name(&format!("{key}.name"), raw.name);
        if !name.is_empty() && !names.insert(name.clone()) {
            self.mistake(&format!("{key}.name"), "a name that no other field has", format!("{name:?}"));
        }
        let kind = FieldKind::ALL.into_iter().find(|kind| Some(kind.name()) == raw.kind.as_deref()).unwrap_or_else(|| {
            self.mistake(&format!("{key}.kind"), one_of(FieldKind::ALL.map(FieldKind::name)), found(raw.kind.as_deref()));
            FieldKind::Line
        });
        let choices = match kind {
            FieldKind::Choice => self.choices(&format!("{key}.choices"), raw.choices, 2),
            _ => {
                if !raw.choices.is_empty() {
                    self.mistake(&format!("{key}.choices"), format!("none for the kind {}", kind.name()), "some");
                }
                Vec::new()
            }
        };
        let prefill = raw.prefill.and_then(|wanted| {
            let known = Prefill::ALL.into_iter().find(|prefill| prefill.name() == wanted);
            if known.is_none() {
                self.mistake(&format!("{key}.prefill"), one_of(Prefill::ALL.map(Prefill::name)), format!("{wanted:?}"));
            }
            known
        });
        Field {
            name,
            kind,
            required: raw.required,
            max_chars: self.max_chars(&format!("{key}.max_chars"), kind, raw.max_chars),
            label: self.texts(&format!("{key}.label"), raw.label),
            hint: self.optional_texts(&format!("{key}.hint"), raw.hint),
            choices,
            prefill,
        }
    }

    fn max_chars(&mut self, key: &str, kind: FieldKind, given: Option<u32>) -> u32 {
        match (kind, given) {
            (FieldKind::Date, None) => 10,
            (FieldKind::Choice | FieldKind::YesNo, None) => 64,
            (FieldKind::Date | FieldKind::Choice | FieldKind::YesNo, Some(given)) => {
                self.mistake(key, format!("nothing for the kind {}", kind.name()), given.to_string());
                given
            }
            (_, Some(given)) if (1..=MAX_CHARS).contains(&given) => given,
            (_, given) => {
                self.mistake(key, format!("a number from 1 to {MAX_CHARS}"), given.map_or("nothing".into(), |n| n.to_string()));
                1
            }
        }
    }

    fn choices(&mut self, key: &str, raw: Vec<RawChoice>, at_least: usize) -> Vec<Choice> {
        self.count(key, raw.len(), at_least);
        let mut ids = BTreeSet::new();
        let mut choices = Vec::new();
        for (index, RawChoice { id, kk, ru, en }) in raw.into_iter().take(MAX_ITEMS).enumerate() {
            let key = format!("{key}[{}]", index + 1);
            let id = self.id(&format!("{key}.id"), id, &mut ids);
            choices.push(Choice { id, label: self.texts(&key, Some(RawTexts { kk, ru, en })) });
        }
        choices
    }

    fn points(&mut self, raw: Vec<RawPoint>) -> Vec<Point> {
        self.count("point", raw.len(), 0);
        let mut ids = BTreeSet::new();
        let mut points = Vec::new();
        for (index, RawPoint { id, source, kk, ru, en }) in raw.into_iter().take(MAX_ITEMS).enumerate() {
            let key = format!("point[{}]", index + 1);
            let id = self.id(&format!("{key}.id"), id, &mut ids);
            let source = self.wording(&format!("{key}.source"), source);
            points.push(Point { id, source, text: self.texts(&key, Some(RawTexts { kk, ru, en })) });
        }
        points
    }

    fn aids(&mut self, raw: Vec<RawAid>) -> Vec<Aid> {
        self.count("aid", raw.len(), 0);
        let mut aids = Vec::new();
        for (index, RawAid { source, kk, ru, en }) in raw.into_iter().take(MAX_ITEMS).enumerate() {
            let key = format!("aid[{}]", index + 1);
            let source = self.wording(&format!("{key}.source"), source);
            aids.push(Aid { source, text: self.texts(&key, Some(RawTexts { kk, ru, en })) });
        }
        aids
    }

    fn count(&mut self, key: &str, found: usize, at_least: usize) {
        if !(at_least..=MAX_ITEMS).contains(&found) {
            self.mistake(key, format!("{at_least} to {MAX_ITEMS} of them"), found.to_string());
        }
    }

    fn id(&mut self, key: &str, id: Option<String>, ids: &mut BTreeSet<String>) -> String {
        let id = self.name(key, id);
        if !id.is_empty() && !ids.insert(id.clone()) {
            self.mistake(key, "an id that no other of the list has", format!("{id:?}"));
        }
        id
    }

    /// A name in data.
    fn name(&mut self, key: &str, name: Option<String>) -> String {
        let good = |name: &str| {
            (1..=64).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-._".contains(&b))
        };
        match name {
            Some(name) if good(&name) => name,
            other => {
                self.mistake(key, "1 to 64 of a-z, 0-9, hyphen, dot and underscore", found(other.as_deref()));
                String::new()
            }
        }
    }

    fn wording(&mut self, key: &str, text: Option<String>) -> String {
        let text = text.unwrap_or_default().trim().to_owned();
        if text.is_empty() {
            self.mistake(key, "a text", "nothing");
        } else if text.chars().count() > MAX_WORDING {
            self.mistake(key, format!("at most {MAX_WORDING} characters"), text.chars().count().to_string());
        } else if let Some(bad) = text.chars().find(|&c| !crate::check::shows(c) && c != '\n') {
            self.mistake(key, "visible text", format!("the character U+{:04X}", u32::from(bad)));
        }
        text
    }

    fn optional_texts(&mut self, key: &str, texts: Option<RawTexts>) -> Option<Texts> {
        texts.map(|texts| self.texts(key, Some(texts)))
    }

    fn texts(&mut self, key: &str, texts: Option<RawTexts>) -> Texts {
        let RawTexts { kk, ru, en } = texts.unwrap_or(RawTexts { kk: None, ru: None, en: None });
        let mut one = |text: Option<String>, code: &str| self.wording(&format!("{key}.{code}"), text);
        Texts { kk: one(kk, "kk"), ru: one(ru, "ru"), en: one(en, "en") }
    }
}

fn found(value: Option<&str>) -> String {
    value.map_or_else(|| "nothing".to_owned(), |value| format!("{value:?}"))
}

fn one_of<const N: usize>(names: [&str; N]) -> String {
    format!("one of {}", names.join(", "))
}
