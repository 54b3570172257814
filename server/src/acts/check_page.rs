//! The page behind the QR code of an act: whether there is such an act, and whether it stands. No name is on it.

use crate::acts::people::Circle;
use crate::acts::{log, prefill, wording};
use crate::db::entities::acts;
use crate::{ApiResult, Shared};
use axum::extract::{Path, State as Extracted};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use invigil_format::ActId;
use invigil_forms::Language;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

/// How an act stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Stands,
    Corrected,
    Revoked,
}

/// What the page says of an act.
struct Said {
    number: String,
    kind: [String; 3],
    day: String,
    digest: String,
    standing: Standing,
    cancelled: bool,
}

/// `GET /check/{act}`.
pub async fn page(Extracted(state): Extracted<Shared>, Path(id): Path<String>) -> ApiResult<Response> {
    let said = look(&state, &id).await?;
    let status = if said.is_some() { StatusCode::OK } else { StatusCode::NOT_FOUND };
    let body =
        html(&state.config.organisation, Language::ALL.map(|language| state.config.organisation_in(language).to_owned()), said.as_ref());
    Ok((status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], body).into_response())
}

async fn look(state: &Shared, id: &str) -> ApiResult<Option<Said>> {
    let Ok(id) = id.parse::<ActId>() else { return Ok(None) };
    let row = acts::Entity::find().filter(acts::Column::Uuid.eq(id.to_string())).one(&state.db).await?;
    // A draft is nobody's business.
    let Some(row) = row.filter(|row| row.statement.is_some()) else { return Ok(None) };
    let (statement, act) = log::signed(&row)?;
    let form = wording::of(state, &act.kind, &act.form.to_string())?;
    let exam = super::view::exam_of(state, &row).await?;
    let zone = &state.policies.get(&exam.policy)?.zone.value;
    let circle = Circle::load(&state.db).await?;
    let standing = match () {
        () if circle.revoked_by(row.id).is_some() => Standing::Revoked,
        () if circle.corrected_by(row.id).is_some() => Standing::Corrected,
        () => Standing::Stands,
    };
    Ok(Some(Said {
        number: act.number_text,
        kind: Language::ALL.map(|language| form.title.get(language).to_owned()),
        day: prefill::format("%Y-%m-%d", act.signed_ms, zone)?,
        digest: statement.digest().to_string().chars().take(16).collect(),
        standing,
        cancelled: row.cancelled_ms.is_some(),
    }))
}

struct Words {
    language: &'static str,
    title: &'static str,
    none: &'static str,
    labels: [&'static str; 5],
    standing: [&'static str; 3],
    cancelled: &'static str,
    how: &'static str,
}

const WORDS: [Words; 3] = [
    Words {
        language: "kk",
        title: "Актіні тексеру",
        none: "Бұл серверде мұндай қол қойылған акт жоқ. Мекенжайды құжаттан қайта теріп көріңіз.",
        labels: ["Ұйым", "Нөмірі", "Түрі", "Қол қойылған күні", "Дайджестінің алғашқы 16 таңбасы"],
        standing: ["Акт күшінде.", "Акт түзетілген: түзететін актіні қараңыз.", "Актінің күші жойылған."],
        cancelled: "Бағаның жойылғаны расталған.",
        how: "Құжаттағы нөмір, күн және дайджест осындағымен бірдей болуы тиіс. Адамдардың есімдері бұл бетте көрсетілмейді.",
    },
    Words {
        language: "ru",
        title: "Проверка акта",
        none: "На этом сервере нет такого подписанного акта. Наберите адрес с документа ещё раз.",
        labels: ["Организация", "Номер", "Вид", "Дата подписания", "Первые 16 знаков дайджеста"],
        standing: ["Акт действует.", "Акт исправлен: смотрите исправляющий акт.", "Акт отменён."],
        cancelled: "Аннулирование оценки подтверждено.",
        how: "Номер, дата и дайджест на документе должны совпадать с указанными здесь. Имена людей на этой странице не показываются.",
    },
    Words {
        language: "en",
        title: "Checking an act",
        none: "There is no such signed act on this server. Type the address from the document once more.",
        labels: ["Organisation", "Number", "Kind", "Signed on", "First 16 digits of the digest"],
        standing: ["The act stands.", "The act has been corrected: see the correcting act.", "The act has been revoked."],
        cancelled: "The cancellation of the grade is confirmed.",
        how: "Number, date and digest on the document must be the same as here. No names of people are shown on this page.",
    },
];

fn html(organisation: &str, organisations: [String; 3], said: Option<&Said>) -> String {
    let mut out = format!(
        "<!doctype html>\n<html lang=\"kk\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"robots\" content=\"noindex\">\n<title>{}: {}</title>\n<link rel=\"stylesheet\" href=\"/join.css\">\n</head>\n<body>\n<main>\n",
        escape(organisation),
        WORDS.map(|words| words.title).join(" · ")
    );
    for (place, words) in WORDS.iter().enumerate() {
        let language = words.language;
        out += &format!("<section lang=\"{language}\" aria-labelledby=\"{language}\">\n<h1 id=\"{language}\">{}</h1>\n", words.title);
        match said {
            None => out += &format!("<p>{}</p>\n", words.none),
            Some(said) => {
                let standing = match said.standing {
                    Standing::Stands => words.standing[0],
                    Standing::Corrected => words.standing[1],
                    Standing::Revoked => words.standing[2],
                };
                out += &format!("<p><strong>{standing}</strong></p>\n<dl>\n");
                let values = [&organisations[place], &said.number, &said.kind[place], &said.day, &said.digest];
                for (label, value) in words.labels.iter().zip(values) {
                    out += &format!("<dt>{label}</dt><dd>{}</dd>\n", escape(value));
                }
                out += "</dl>\n";
                if said.cancelled {
                    out += &format!("<p>{}</p>\n", words.cancelled);
                }
                out += &format!("<p>{}</p>\n", words.how);
            }
        }
        out += "</section>\n";
    }
    out + "</main>\n</body>\n</html>\n"
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_says_it_in_three_languages_and_escapes_what_a_university_wrote() {
        let said = Said {
            number: "A-2026-0001".into(),
            kind: ["Акт".into(), "Акт <б>".into(), "Act".into()],
            day: "2026-06-01".into(),
            digest: "0123456789abcdef".into(),
            standing: Standing::Revoked,
            cancelled: true,
        };
        let page = html("K & B", ["қ".into(), "р".into(), "e".into()], Some(&said));
        assert_eq!(page.matches("A-2026-0001").count(), 3);
        assert!(page.contains("<title>K &amp; B: ") && page.contains("Акт &lt;б&gt;") && page.contains("Актінің күші жойылған."));
        assert!(!page.contains("style=") && !page.contains("<script"));
        assert_eq!(html("K", Default::default(), None).matches("<section").count(), 3);
    }
}
