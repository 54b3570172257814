//! Prints every form of a folder in every language with made-up contents, so that a university sees its wording on paper before it uses it.
//!
//! `cargo run -p invigil-documents --example sample-acts -- config/forms OUT [EMBLEM]`; names that end in `-long` have very long entries,
//! those that end in `-to-sign` are not signed yet.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context;
use invigil_documents::{ActDocument, Attachment, DrawnUpBy, Evidence, Exam, RefersTo, Relation, Segment, Signatory, Subject, render};
use invigil_forms::{Field, FieldKind, Form, Forms, Language};

/// 22 November 2026, 14:03:05 in Almaty.
const AT: i64 = 1_795_338_185_000;
const MINUTE: i64 = 60_000;
const DIGESTS: [&str; 3] = [
    "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae",
];

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args_os().skip(1);
    let forms = arguments.next().context("name the folder of forms")?;
    let out = arguments.next().context("name the folder to write to")?;
    let emblem =
        arguments.next().map(|path| std::fs::read(&path).with_context(|| format!("read {}", Path::new(&path).display()))).transpose()?;
    std::fs::create_dir_all(&out)?;
    for form in Forms::load(Path::new(&forms))?.iter() {
        for language in Language::ALL {
            for (variant, long, signed) in [("", false, true), ("-long", true, true), ("-to-sign", false, false)] {
                let pdf = sample(form, language, emblem.as_deref(), long, signed)?;
                let name = format!("{}-{language}{variant}.pdf", form.kind);
                std::fs::write(Path::new(&out).join(&name), &pdf).with_context(|| format!("write {name}"))?;
                println!("{name}: {} bytes", pdf.len());
            }
        }
    }
    Ok(())
}

fn sample(form: &Form, language: Language, emblem: Option<&[u8]>, long: bool, signed: bool) -> anyhow::Result<Vec<u8>> {
    let (organisation, name, seen, chair, member) = words(language);
    let name = if long { [name; 9].join("-") } else { name.to_owned() };
    let seen = if long { vec![seen; 22].join(" ") } else { seen.to_owned() };
    let fields: BTreeMap<String, String> =
        form.fields().filter_map(|field| Some((field.name.clone(), value(field, language, &name, &seen)?))).collect();
    let points: Vec<String> = form.points.iter().take(if long { 20 } else { 2 }).map(|point| point.id.clone()).collect();
    let segments: Vec<Segment<'_>> = (0..if long { 36 } else { 3 })
        .map(|n| Segment { track: "camera-1", sequence: 14 + n, digest: DIGESTS[n as usize % 3], size_bytes: 10_481_223 + n * 99_991 })
        .collect();
    let evidence = [Evidence {
        recording: "018f3b5e-5b7c-7cc1-9f2e-0b3f2a6d9a11",
        from_ms: AT - 62 * MINUTE,
        to_ms: AT - 51 * MINUTE,
        segments: &segments,
    }];
    let annexes = [
        Attachment { kind: "annex", name: "stills.pdf", digest: DIGESTS[1], size_bytes: 812_331 },
        Attachment { kind: "scan", name: "act-on-paper.pdf", digest: DIGESTS[2], size_bytes: 1_292_331 },
    ];
    let signatories = [
        Signatory { name: chair.0, post: chair.1, signed_ms: signed.then_some(AT - 7 * MINUTE) },
        Signatory { name: member.0, post: member.1, signed_ms: signed.then_some(AT) },
    ];
    let (student, number) = (form.field("student").is_some(), form.number_text(2026, 17));
    let document = ActDocument {
        form,
        language,
        organisation,
        emblem,
        number_text: if signed { &number } else { "–" },
        act_id: "018f3b60-77aa-7f10-8a41-5c0d2f9e3b7d",
        statement_digest: signed.then_some(DIGESTS[0]),
        signed_ms: AT,
        utc_offset_secs: 5 * 3600,
        fields: &fields,
        points: &points,
        drawn_up_by: DrawnUpBy { name: member.0, post: &form.drawn_up_by[0].id },
        signatories: &signatories,
        exam: Some(Exam {
            title: "CSCI 2104",
            discipline: "Algorithms",
            faculty: "FIT",
            from_ms: AT - 180 * MINUTE,
            to_ms: AT - 30 * MINUTE,
        }),
        subject: student.then_some(Subject { name: &name, id: "21B030123" }),
        evidence: &evidence,
        attachments: &annexes,
        refers_to: long.then_some(RefersTo { relation: Relation::Corrects, number_text: "A-2026-0009", signed_ms: AT - 3_000 * MINUTE }),
        repeated: long,
        deadline_ms: Some(AT + 30 * 24 * 60 * MINUTE),
        check_url: "https://proctor.example.kz/check/018f3b6077aa7f108a415c0d2f9e3b7d",
    };
    Ok(render(&document)?)
}

fn value(field: &Field, language: Language, name: &str, seen: &str) -> Option<String> {
    let text = match field.kind {
        FieldKind::Date => "2026-11-22",
        FieldKind::YesNo => "yes",
        FieldKind::Choice => &field.choices.first()?.id,
        FieldKind::Persons => match language {
            Language::Kk => "Ахметова Әлия Ғалымқызы; кезекші оқытушы\nЖүнісов Іңкәрбек; деканат маманы",
            Language::Ru => "Ахметова Алия Галымовна; дежурный преподаватель\nЖунусов Инкарбек; специалист деканата",
            Language::En => "Aliya Akhmetova; teacher on duty\nInkarbek Zhunusov; specialist of the dean’s office",
        },
        FieldKind::Text => seen,
        FieldKind::Line => match field.name.as_str() {
            "student" | "person" => name,
            "student-id" => "21B030123",
            "place" => "Almaty, Tole bi 59, 304",
            "basis" => "№ 112-Ө, 02.11.2026",
            "window" => "22.11.2026, 11:03 – 13:33 (UTC+05:00)",
            "violated-at" => "22.11.2026, 13:01:05 – 13:12:05 (UTC+05:00)",
            "room" => "304",
            "seat" => "17",
            "attempt" => "1",
            "course" => "2",
            "platform" | "explanation" => return None,
            "routing-number" => "SO-2026/4417",
            "examiner" | "invigilator" => "Ахметова Ә. Ғ.",
            _ => "6B06101 Computer Science",
        },
    };
    Some(text.chars().take(field.max_chars as usize).collect())
}

type Words = (&'static str, &'static str, &'static str, (&'static str, &'static str), (&'static str, &'static str));

fn words(language: Language) -> Words {
    match language {
        Language::Kk => (
            "«Әл-Фараби атындағы Қазақ ұлттық университеті» коммерциялық емес акционерлік қоғамы",
            "Әбдіғаппарұлы Өмірсерік",
            "Студент 13:01-де сол қолындағы телефонды үстелдің астынан шығарып, экранына қарап отырды, содан кейін жауап парағына көшіріп жазды. \
             Кезекші оқытушының ескертуінен кейін де телефонды жасырды. Үстел үстінде рұқсат етілген калькулятор ғана болуы тиіс еді.",
            ("Сәрсенова Үміт Қайратқызы", "мониторинг комиссиясының төрайымы"),
            ("Нұрғалиев Ұлан Һамитұлы", "факультет комиссиясының мүшесі"),
        ),
        Language::Ru => (
            "Некоммерческое акционерное общество «Казахский национальный университет имени аль-Фараби»",
            "Абдигаппаров Умирсерик",
            "В 13:01 студент достал из-под стола телефон, который держал в левой руке, смотрел на его экран и затем переписывал в лист ответа. \
             После замечания дежурного преподавателя телефон был спрятан. На столе допускался только калькулятор.",
            ("Сарсенова Умит Кайратовна", "председатель комиссии по мониторингу"),
            ("Нургалиев Улан Хамитович", "член рабочей комиссии факультета"),
        ),
        Language::En => (
            "Al-Farabi Kazakh National University, Non-profit Joint-Stock Company",
            "Umirserik Abdigapparov",
            "At 13:01 the student took a telephone from under the desk in the left hand, looked at its screen and then copied into the answer \
             sheet. After a warning by the teacher on duty the telephone was put away. Only a calculator was permitted on the desk.",
            ("Umit Sarsenova", "chair of the monitoring commission"),
            ("Ulan Nurgaliyev", "member of the Faculty Board"),
        ),
    }
}
