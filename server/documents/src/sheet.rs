//! What the layout is given: every word already in the document's language, every text by people made safe.

use invigil_forms::{Field, FieldKind, Form, persons};
use serde::Serialize;

use crate::dates::Dates;
use crate::kazakh::soft_hyphens;
use crate::safe::{line, paragraphs};
use crate::words::{Words, reference, revoked, words};
use crate::{ActDocument, Error, Relation};

/// Values longer than this stand under their label over the whole width.
const WIDE_CHARS: usize = 160;
/// Values longer than this may go on on the next page.
const WHOLE_CHARS: usize = 800;

#[derive(Serialize)]
pub(crate) struct Sheet {
    pub(crate) lang: &'static str,
    pub(crate) heading: String,
    organisation: String,
    emblem_alt: String,
    title: String,
    subtitle: String,
    number: String,
    day: String,
    refers_to: String,
    preamble: String,
    sections: Vec<Part>,
    points: Option<Points>,
    evidence: Option<EvidencePart>,
    annexes: Option<Annexes>,
    decision_title: &'static str,
    decision: Vec<String>,
    decision_whole: bool,
    notes: Vec<String>,
    drawn_up_title: &'static str,
    drawn_up: Signed,
    signatures_title: &'static str,
    confirmed: &'static str,
    signatures: Vec<Signed>,
    signatures_whole: bool,
    check: Check,
    page: &'static str,
}

#[derive(Serialize)]
struct Part {
    title: String,
    rows: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    label: String,
    wide: bool,
    whole: bool,
    paragraphs: Vec<String>,
}

#[derive(Serialize)]
struct Points {
    title: &'static str,
    items: Vec<(String, String)>,
    aids: Vec<(String, String)>,
}

#[derive(Serialize)]
struct EvidencePart {
    title: &'static str,
    record_title: &'static str,
    record: String,
    recording: &'static str,
    stretch: &'static str,
    headers: [&'static str; 4],
    items: Vec<Stretch>,
    note: &'static str,
}

#[derive(Serialize)]
struct Stretch {
    recording: String,
    range: String,
    segments: Vec<[String; 4]>,
}

#[derive(Serialize)]
struct Annexes {
    title: &'static str,
    headers: [&'static str; 3],
    rows: Vec<[String; 4]>,
}

#[derive(Serialize)]
struct Signed {
    name: String,
    post: String,
    at: String,
}

#[derive(Serialize)]
struct Check {
    title: &'static str,
    text: &'static str,
    url: String,
    qr_alt: String,
    ids: Vec<(&'static str, String)>,
}

pub(crate) fn sheet(act: &ActDocument<'_>) -> Result<Sheet, Error> {
    let (language, words) = (act.language, words(act.language));
    let dates = Dates::new(language, act.utc_offset_secs)?;
    let title = line(act.form.title.get(language));
    let number = line(act.number_text);
    let numbered = format!("{}\u{a0}{number}", words.number);
    let wording = |texts: &invigil_forms::Texts| line(texts.get(language));
    let (refers_to, decision, notes) = decided(act, dates)?;
    let mut sections = Vec::new();
    for section in &act.form.sections {
        let rows: Vec<Row> = section.fields.iter().filter_map(|field| row(act, field, dates, words)).collect();
        if !rows.is_empty() {
            sections.push(Part { title: wording(&section.title), rows });
        }
    }
    Ok(Sheet {
        lang: language.code(),
        heading: format!("{title} {numbered}"),
        organisation: line(act.organisation),
        emblem_alt: format!("{} {}", words.emblem, line(act.organisation)),
        title,
        subtitle: act.form.subtitle.as_ref().map(wording).unwrap_or_default(),
        number: numbered,
        day: dates.day(act.signed_ms)?,
        refers_to,
        preamble: flow(language, wording(&act.form.preamble)),
        sections,
        points: points(act, words),
        evidence: evidence(act, dates, words)?,
        annexes: annexes(act, words),
        decision_title: words.decision,
        decision_whole: decision.iter().chain(&notes).map(|text| text.chars().count()).sum::<usize>() <= 2 * WHOLE_CHARS,
        decision: decision.into_iter().map(|text| flow(language, text)).collect(),
        notes: notes.into_iter().map(|text| flow(language, text)).collect(),
        drawn_up_title: words.drawn_up_by,
        drawn_up: Signed { name: line(act.drawn_up_by.name), post: post(act.form, act), at: String::new() },
        signatures_title: words.signatures,
        confirmed: words.confirmed,
        signatures_whole: act.signatories.iter().map(|who| 100 + who.name.chars().count() + who.post.chars().count()).sum::<usize>()
            <= 2 * WHOLE_CHARS,
        signatures: act
            .signatories
            .iter()
            .map(|who| {
                let at = who.signed_ms.map(|at_ms| dates.moment(at_ms)).transpose()?;
                Ok(Signed { name: line(who.name), post: line(who.post), at: at.unwrap_or_default() })
            })
            .collect::<Result<_, Error>>()?,
        check: Check {
            title: words.check,
            text: words.check_text,
            url: line(act.check_url),
            qr_alt: format!("{} {}", words.qr, line(act.check_url)),
            ids: [(words.act_id, Some(line(act.act_id))), (words.statement, act.statement_digest.map(digest))]
                .into_iter()
                .filter_map(|(name, id)| Some((name, id?)))
                .collect(),
        },
        page: words.page,
    })
}

/// What the act refers to, its decision and the notes under it. A revocation has neither the form's decision nor its time limit.
fn decided(act: &ActDocument<'_>, dates: Dates) -> Result<(String, Vec<String>, Vec<String>), Error> {
    let (form, language) = (act.form, act.language);
    let mut refers_to = String::new();
    let mut decision = paragraphs(form.decision.get(language));
    let mut notes = Vec::new();
    let mut revokes = false;
    if let Some(earlier) = &act.refers_to {
        let (number, day) = (line(earlier.number_text), dates.day(earlier.signed_ms)?);
        refers_to = reference(language, earlier.relation, &number, &day);
        revokes = earlier.relation == Relation::Revokes;
        if revokes {
            decision = vec![revoked(language, &number, &day)];
        }
    }
    if !revokes {
        if let (Some(limit), Some(deadline_ms)) = (&form.limit, act.deadline_ms) {
            notes.push(line(&limit.get(language).replace("{date}", &dates.moment(deadline_ms)?)));
        }
        notes.extend(form.appeal.iter().map(|texts| line(texts.get(language))));
        notes.extend(form.repeated.iter().filter(|_| act.repeated).map(|texts| line(texts.get(language))));
    }
    Ok((refers_to, decision, notes))
}

/// Running text, which may be parted at the end of a line.
fn flow(language: invigil_forms::Language, text: String) -> String {
    if language == invigil_forms::Language::Kk { soft_hyphens(&text) } else { text }
}

fn post(form: &Form, act: &ActDocument<'_>) -> String {
    let given = act.drawn_up_by.post;
    line(form.post(given).map_or(given, |choice| choice.label.get(act.language)))
}

/// A field with its value; none when it is empty.
fn row(act: &ActDocument<'_>, field: &Field, dates: Dates, words: &Words) -> Option<Row> {
    let value = act.fields.get(&field.name).filter(|value| !value.trim().is_empty())?;
    let paragraphs = match field.kind {
        FieldKind::Line => vec![line(value)],
        FieldKind::Text => paragraphs(value).into_iter().map(|text| flow(act.language, text)).collect(),
        FieldKind::Date => vec![line(&dates.field(value))],
        FieldKind::Choice => {
            let choice = field.choices.iter().find(|choice| choice.id == *value);
            vec![line(choice.map_or(value.as_str(), |choice| choice.label.get(act.language)))]
        }
        FieldKind::YesNo => vec![match value.as_str() {
            "yes" => words.yes.to_owned(),
            "no" => words.no.to_owned(),
            other => line(other),
        }],
        FieldKind::Persons => persons(value)
            .filter(|person| !person.name.is_empty() || !person.post.is_empty())
            .map(|person| if person.post.is_empty() { line(person.name) } else { format!("{} – {}", line(person.name), line(person.post)) })
            .collect(),
    };
    let chars = paragraphs.iter().flat_map(|text| text.chars()).filter(|c| *c != '\u{ad}').count();
    let wide = field.kind == FieldKind::Text && chars > WIDE_CHARS;
    Some(Row { label: line(field.label.get(act.language)), wide, whole: chars <= WHOLE_CHARS, paragraphs })
}

fn points(act: &ActDocument<'_>, words: &'static Words) -> Option<Points> {
    let named = |source: &str| match act.language {
        invigil_forms::Language::Kk => format!("{}-{}", line(source), words.point),
        _ => format!("{}\u{a0}{}", words.point, line(source)),
    };
    let items: Vec<_> = act
        .points
        .iter()
        .filter_map(|id| act.form.point(id))
        .map(|point| (named(&point.source), flow(act.language, line(point.text.get(act.language)))))
        .collect();
    let aids = act
        .form
        .aids
        .iter()
        .map(|aid| (format!("{} ({})", words.permitted, named(&aid.source)), flow(act.language, line(aid.text.get(act.language)))));
    (!items.is_empty()).then(|| Points { title: words.points, items, aids: aids.collect() })
}

fn evidence(act: &ActDocument<'_>, dates: Dates, words: &'static Words) -> Result<Option<EvidencePart>, Error> {
    let mut record = Vec::new();
    if let Some(exam) = &act.exam {
        for (label, value) in [(words.exam, exam.title), (words.discipline, exam.discipline), (words.faculty, exam.faculty)] {
            record.extend((!value.trim().is_empty()).then(|| format!("{label} {}", line(value))));
        }
        record.push(format!("{} {}", words.window, dates.range(exam.from_ms, exam.to_ms)?));
    }
    if let Some(subject) = &act.subject {
        let id = if subject.id.trim().is_empty() { String::new() } else { format!(" ({} {})", words.id, line(subject.id)) };
        record.push(format!("{} {}{id}", words.candidate, line(subject.name)));
    }
    if record.is_empty() && act.evidence.is_empty() {
        return Ok(None);
    }
    let mut items = Vec::new();
    for stretch in act.evidence {
        let segments = stretch
            .segments
            .iter()
            .map(|segment| [line(segment.track), segment.sequence.to_string(), grouped(segment.size_bytes), digest(segment.digest)]);
        items.push(Stretch {
            recording: line(stretch.recording),
            range: dates.range(stretch.from_ms, stretch.to_ms)?,
            segments: segments.collect(),
        });
    }
    Ok(Some(EvidencePart {
        title: if items.is_empty() { words.system_record } else { words.evidence },
        record_title: words.system_record,
        record: record.join("; "),
        recording: words.recording,
        stretch: words.stretch,
        headers: [words.track, words.segment, words.size, words.digest],
        note: if items.is_empty() { "" } else { words.evidence_note },
        items,
    }))
}

fn annexes(act: &ActDocument<'_>, words: &'static Words) -> Option<Annexes> {
    let rows: Vec<_> = act
        .attachments
        .iter()
        .map(|annex| {
            let kind = match annex.kind {
                "annex" => words.annex.to_owned(),
                "still" => words.still.to_owned(),
                "scan" => words.scan.to_owned(),
                other => line(other),
            };
            [kind, line(annex.name), grouped(annex.size_bytes), digest(annex.digest)]
        })
        .collect();
    (!rows.is_empty()).then_some(Annexes { title: words.annexes, headers: [words.annexes_name, words.size, words.digest], rows })
}

/// A digest stays whole: it fits its column.
fn digest(hex: &str) -> String {
    if hex.len() <= 64 && hex.bytes().all(|b| b.is_ascii_hexdigit()) { hex.to_owned() } else { line(hex) }
}

/// A number with its thousands apart.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.char_indices() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push('\u{a0}');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        let plain = |n| grouped(n).replace('\u{a0}', " ");
        assert_eq!([plain(0), plain(999), plain(1_000), plain(12_345_678)], ["0", "999", "1 000", "12 345 678"]);
    }
}
