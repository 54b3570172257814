//! The registrar's list of annulments, for the transcript (KazNU 1.20): JSON, or CSV for a spreadsheet.

use crate::acts::people::{Circle, Light};
use crate::acts::{access, deadline, log, prefill, view};
use crate::db::entities::{act_log, acts};
use crate::staff::Who;
use crate::{ApiError, ApiResult, Shared};
use invigil_evidence::{Act, ActEvent};
use invigil_format::Statement;
use invigil_forms::About;
use invigil_rules::retention::rfc3339;
use invigil_wire::acts::Annulment;
use jiff::civil::Date;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use std::collections::HashMap;

/// Acts that cancel a grade, signed from day to day (both inclusive, in the university's zone), of the kinds that the person's role reads.
///
/// # Errors
/// 400 for a day that is none.
pub async fn annulments(state: &Shared, who: &Who, from: &str, to: &str) -> ApiResult<Vec<Annulment>> {
    let day = |text: &str| {
        text.parse::<Date>().map_err(|_| ApiError::bad("bad-day", format!("expected a day such as 2026-01-31, found {text:?}")))
    };
    let (from, to) = (day(from)?, day(to)?);
    let circle = Circle::load(&state.db).await?;
    let mut events: HashMap<i64, (ActEvent, i64)> = HashMap::new();
    for row in act_log::Entity::find().filter(act_log::Column::Kind.eq("grade-cancelled")).all(&state.db).await? {
        let event: ActEvent = Statement::from_json(row.statement.as_bytes()).and_then(|text| text.read()).map_err(damaged)?;
        events.insert(row.act_id, (event, row.at_ms));
    }
    let mut out = Vec::new();
    let signed = acts::Entity::find().filter(acts::Column::SignedMs.is_not_null()).order_by_asc(acts::Column::SignedMs);
    for row in signed.order_by_asc(acts::Column::Id).all(&state.db).await? {
        // What it decides stands in the form that it was signed under; who reads it, in the file as it is now.
        let form = access::form_of_act(state, &row)?;
        let listed = form.about == About::Student && deadline::decides_grade(form, row.relation.as_deref());
        if !listed || !access::named(&access::form_of(state, &row.kind)?.access.read, who) {
            continue;
        }
        let exam = view::exam_of(state, &row).await?;
        let zone = &state.policies.get(&exam.policy)?.zone.value;
        let (_, act): (_, Act) = log::signed(&row)?;
        let day: Date = prefill::format("%Y-%m-%d", act.signed_ms, zone)?.parse().map_err(damaged)?;
        if day < from || day > to {
            continue;
        }
        let at = |ms: i64| rfc3339(ms / 1000 * 1000, zone).map_err(damaged);
        let event = events.get(&row.id).map(|(event, confirmed_ms)| {
            let when = event.detail.get("cancelled_ms").and_then(|ms| ms.parse().ok()).unwrap_or(*confirmed_ms);
            (when, event.by.as_ref().map(|by| by.name.clone()))
        });
        let number = async |other: Option<&Light>| match other {
            Some(other) => ApiResult::Ok(Some(state.acts.brief(&state.db, other.id).await?.number_text.clone())),
            None => Ok(None),
        };
        let (revoked_by, corrected_by) = (number(circle.revoked_by(row.id)).await?, number(circle.corrected_by(row.id)).await?);
        let subject = act.subject.as_ref();
        out.push(Annulment {
            number: act.number_text,
            act: act.act.into(),
            kind: act.kind,
            student: subject.map(|subject| subject.name.clone()).unwrap_or_default(),
            student_id: subject.map(|subject| subject.external_id.clone()).unwrap_or_default(),
            exam: act.exam.id,
            title: act.exam.title,
            discipline: act.exam.discipline,
            exam_starts: at(act.exam.starts_ms)?,
            points: act.points,
            signed: at(act.signed_ms)?,
            cancelled: event.as_ref().map(|(when, _)| at(*when)).transpose()?,
            confirmed_by: event.and_then(|(_, by)| by),
            revoked_by,
            corrected_by,
            repeated: act.repeated,
            address: format!("{}/check/{}", state.config.listen.public_url, act.act),
        });
    }
    Ok(out)
}

/// CSV (RFC 4180) with a byte order mark, so that a spreadsheet reads it as UTF-8, and with no cell that it would take for a formula.
///
/// # Errors
/// When memory fails; never for what stands in a cell.
pub fn csv(rows: &[Annulment]) -> ApiResult<String> {
    let heads = [
        "number",
        "act",
        "kind",
        "student",
        "student_id",
        "exam",
        "title",
        "discipline",
        "exam_starts",
        "points",
        "signed",
        "cancelled",
        "confirmed_by",
        "revoked_by",
        "corrected_by",
        "repeated",
        "address",
    ];
    let mut lines = vec![heads.map(str::to_owned)];
    for row in rows {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let cells = [
            row.number.clone(),
            row.act.to_string(),
            row.kind.clone(),
            row.student.clone(),
            row.student_id.clone(),
            row.exam.to_string(),
            row.title.clone(),
            row.discipline.clone(),
            row.exam_starts.clone(),
            row.points.join(" "),
            row.signed.clone(),
            text(&row.cancelled),
            text(&row.confirmed_by),
            text(&row.revoked_by),
            text(&row.corrected_by),
            if row.repeated { "yes" } else { "no" }.to_owned(),
            row.address.clone(),
        ];
        lines.push(cells.map(as_text));
    }
    written(&lines).map_err(damaged)
}

fn written<const N: usize>(lines: &[[String; N]]) -> anyhow::Result<String> {
    // All quoted: a spreadsheet set to Russian parts cells at semicolons as well.
    let mut writer =
        csv::WriterBuilder::new().quote_style(csv::QuoteStyle::Always).terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    for line in lines {
        writer.write_record(line)?;
    }
    Ok(format!("\u{feff}{}", String::from_utf8(writer.into_inner()?)?))
}

/// A spreadsheet calculates what begins as a formula does; an apostrophe makes it a text.
fn as_text(cell: String) -> String {
    let formula = cell.trim_start().starts_with(['=', '+', '-', '@']) || cell.starts_with(['\t', '\r', '\n']);
    if formula { format!("'{cell}") } else { cell }
}

fn damaged(error: impl std::fmt::Display) -> ApiError {
    ApiError::internal("listing annulments", error)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(text: &str) -> String {
        written(&[[as_text(text.to_owned())]]).unwrap().trim_start_matches('\u{feff}').to_owned()
    }

    #[test]
    fn cells_are_quoted_and_formulas_are_texts() {
        assert_eq!(cell("Сұлтанова Әлия"), "\"Сұлтанова Әлия\"\r\n");
        assert_eq!(cell("a \"b\", c"), "\"a \"\"b\"\", c\"\r\n");
        assert_eq!(cell("two\nlines"), "\"two\nlines\"\r\n");
        for formula in ["=1+1", "+1", "-1", "@x", " =1", "\t=1", "=HYPERLINK(\"http://x\",\"y\")"] {
            assert!(cell(formula).starts_with("\"'"), "{formula}");
        }
        assert_eq!(written(&[["a".to_owned(), String::new()]]).unwrap(), "\u{feff}\"a\",\"\"\r\n");
        assert!(csv(&[]).unwrap().starts_with("\u{feff}\"number\",\"act\","));
    }
}
