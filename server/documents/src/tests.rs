use std::collections::BTreeMap;
use std::path::Path;

use invigil_forms::{FieldKind, Form, Forms, Language};
use typst::layout::{Frame, FrameItem};

use super::*;

/// 22 November 2026, 09:03:05 UTC.
const AT: i64 = 1_795_338_185_000;
const MINUTE: i64 = 60_000;
const DIGEST: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
const EMBLEM: &[u8] =
    br##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><circle cx="5" cy="5" r="4" fill="#00617f"/></svg>"##;

fn forms() -> Forms {
    Forms::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config/forms")).unwrap()
}

/// A value that every field of the form accepts, different for each.
fn values(form: &Form) -> BTreeMap<String, String> {
    let value = |field: &invigil_forms::Field| match field.kind {
        FieldKind::Line => format!("Жол {}", field.name).chars().take(field.max_chars as usize).collect(),
        FieldKind::Text => format!("Мәтін {}\nСледующий абзац.", field.name),
        FieldKind::Date => "2026-11-22".to_owned(),
        FieldKind::Choice => field.choices[0].id.clone(),
        FieldKind::YesNo => "yes".to_owned(),
        FieldKind::Persons => "Ахметова Әлия Ғалымқызы; кезекші оқытушы\nІңкәр Һ. Ө.; деканат маманы".to_owned(),
    };
    form.fields().map(|field| (field.name.clone(), value(field))).collect()
}

/// The parts of a document that tests change.
struct Given {
    form: Form,
    fields: BTreeMap<String, String>,
    points: Vec<String>,
}

impl Given {
    fn new(kind: &str) -> Self {
        let form = forms().get(kind).unwrap().clone();
        let points = form.points.iter().map(|point| point.id.clone()).collect();
        let given = Self { fields: values(&form), points, form };
        given.form.check(&given.fields, &given.points, true).unwrap();
        given
    }

    fn act(&self, language: Language) -> ActDocument<'_> {
        ActDocument {
            form: &self.form,
            language,
            organisation: "Әл-Фараби атындағы Қазақ ұлттық университеті",
            emblem: Some(EMBLEM),
            number_text: "A-2026-0001",
            act_id: "018f3b5e-5b7c-7cc1-9f2e-0b3f2a6d9a11",
            statement_digest: Some(DIGEST),
            signed_ms: AT,
            utc_offset_secs: 5 * 3600,
            fields: &self.fields,
            points: &self.points,
            drawn_up_by: DrawnUpBy { name: "Нұрғалиев Ұлан", post: &self.form.drawn_up_by[0].id },
            signatories: &[
                Signatory {
                    name: "Сәрсенова Үміт Қайратқызы", post: "комиссия төрайымы", signed_ms: Some(AT - MINUTE)
                },
                Signatory { name: "Іңкәр Һ. Ө.", post: "комиссия мүшесі", signed_ms: Some(AT) },
            ],
            exam: Some(Exam {
                title: "Алгоритмдер", discipline: "Информатика", faculty: "АТ", from_ms: AT - 180 * MINUTE, to_ms: AT
            }),
            subject: Some(Subject { name: "Жұмабаев Мағжан", id: "21B030123" }),
            evidence: &[Evidence {
                recording: "018f3b5e-0000-7cc1-9f2e-0b3f2a6d9a11",
                from_ms: AT - 12 * MINUTE,
                to_ms: AT - 5 * MINUTE,
                segments: &[
                    Segment { track: "camera-1", sequence: 7, digest: DIGEST, size_bytes: 10_481_223 },
                    Segment { track: "camera-1", sequence: 8, digest: DIGEST, size_bytes: 9_981_223 },
                ],
            }],
            attachments: &[
                Attachment { kind: "annex", name: "Кадрлар", digest: DIGEST, size_bytes: 812_331 },
                Attachment { kind: "scan", name: "Қағаз түпнұсқа.pdf", digest: DIGEST, size_bytes: 92_331 },
            ],
            refers_to: None,
            repeated: true,
            deadline_ms: Some(AT + 30 * 24 * 60 * MINUTE),
            check_url: "https://proctor.example.kz/check/018f3b5e5b7c7cc19f2e0b3f2a6d9a11",
        }
    }
}

/// Text in the body and in the footer, which begins 273 mm down the page.
fn collect(frame: &Frame, top: f64, body: &mut String, footer: &mut String) {
    for (at, item) in frame.items() {
        let y = top + at.y.to_mm();
        match item {
            FrameItem::Group(group) => collect(&group.frame, y, body, footer),
            FrameItem::Text(text) => (if y > 273.5 { &mut *footer } else { &mut *body }).push_str(&text.text),
            _ => {}
        }
    }
}

/// The text of the body and of the footers without white space, hyphens and break marks: lines are broken anywhere.
fn text(act: &ActDocument<'_>) -> (String, String) {
    let document = world::lay_out(act, &sheet::sheet(act).unwrap()).unwrap();
    let (mut body, mut footer) = (String::new(), String::new());
    document.pages().iter().for_each(|page| collect(&page.frame, 0.0, &mut body, &mut footer));
    (bare(&body), bare(&footer))
}

fn bare(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '\u{200b}' | '\u{ad}' | '-' | '\u{2010}')).collect()
}

#[track_caller]
fn assert_says(said: &str, wanted: &str) {
    assert!(said.contains(&bare(wanted)), "{wanted:?} is not in the document");
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

#[test]
fn every_kind_renders_in_every_language_as_pdf_a_2a() {
    for form in forms().iter() {
        let given = Given::new(&form.kind);
        for language in Language::ALL {
            let pdf = render(&given.act(language)).unwrap();
            assert!(pdf.starts_with(b"%PDF-1.7"));
            for marker in
                [&b"pdfaid:part>2<"[..], b"pdfaid:conformance>A<", b"pdfuaid:part>1<", format!("/Lang({language}").as_bytes(), b"/MarkInfo"]
            {
                assert!(contains(&pdf, marker), "{} {language}: no {}", form.kind, String::from_utf8_lossy(marker));
            }
            assert!(!contains(&pdf, b"/JavaScript") && !contains(&pdf, b"/EmbeddedFiles"));
        }
    }
}

#[test]
fn the_text_has_every_field_point_and_digest() {
    for form in forms().iter() {
        let given = Given::new(&form.kind);
        for language in Language::ALL {
            let act = given.act(language);
            let (said, _) = text(&act);
            for texts in [&form.title, &form.preamble, &form.decision].into_iter().chain(&form.appeal).chain(&form.repeated) {
                assert_says(&said, texts.get(language));
            }
            for field in form.fields() {
                assert_says(&said, field.label.get(language));
                let value = &given.fields[&field.name];
                match field.kind {
                    FieldKind::Line => assert_says(&said, value),
                    FieldKind::Text => value.lines().for_each(|line| assert_says(&said, line)),
                    FieldKind::Choice => assert_says(&said, field.choices[0].label.get(language)),
                    FieldKind::Persons => assert_says(&said, "Іңкәр Һ. Ө. – деканат маманы"),
                    FieldKind::Date => assert_says(&said, &dates::Dates::new(language, 0).unwrap().field(value)),
                    FieldKind::YesNo => assert_says(&said, words::words(language).yes),
                }
            }
            for point in &form.points {
                assert_says(&said, point.text.get(language));
                assert_says(&said, &point.source);
            }
            for part in
                ["A-2026-0001", DIGEST, "10 481 223", "camera-1", act.check_url, act.act_id, act.organisation, "21B030123", "Сәрсенова"]
            {
                assert_says(&said, part);
            }
            assert_says(&said, form.drawn_up_by[0].label.get(language));
            assert_says(&said, "13:51:05 – 13:58:05 (UTC+05:00)");
            assert_eq!(
                said.contains(&bare(&dates::Dates::new(language, 5 * 3600).unwrap().moment(act.deadline_ms.unwrap()).unwrap())),
                form.decides_grade
            );
        }
    }
}

#[test]
fn the_same_input_gives_the_same_bytes_and_another_act_gives_others() {
    let given = Given::new("annulment");
    let act = given.act(Language::Kk);
    let first = render(&act).unwrap();
    assert_eq!(first, render(&act).unwrap());
    let threads: Vec<Vec<u8>> = std::thread::scope(|scope| {
        let running: Vec<_> = (0..3).map(|_| scope.spawn(|| render(&act).unwrap())).collect();
        running.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(threads.iter().all(|pdf| *pdf == first));
    assert_ne!(first, render(&ActDocument { number_text: "A-2026-0002", ..act }).unwrap());
    assert!(contains(&first, b"D:20261122140305+05'00"), "the date is the signature's");
}

#[test]
fn who_is_still_to_sign_has_a_line_and_no_confirmation() {
    let given = Given::new("annulment");
    for language in [Language::Kk, Language::Ru, Language::En] {
        let confirmed = words::words(language).confirmed;
        let act = given.act(language);
        let (signed, _) = text(&act);
        assert_eq!(signed.matches(&bare(confirmed)).count(), 2);
        let to_sign = act.signatories.iter().map(|who| Signatory { signed_ms: None, ..*who }).collect::<Vec<_>>();
        let (unsigned, _) = text(&ActDocument { signatories: &to_sign, ..act });
        assert!(!unsigned.contains(&bare(confirmed)), "{language:?}");
        assert!(to_sign.iter().all(|who| unsigned.contains(&bare(who.name)) && unsigned.contains(&bare(who.post))), "{language:?}");
    }
}

/// Text that would be markup, code, another direction or nothing at all if it were not data.
const HOSTILE: &[&str] = &[
    "#panic(\"x\")",
    "#import \"@preview/x:1.0.0\": *",
    "#read(\"/etc/passwd\")",
    "*x* _y_ `z` $ sum_1^n $ @ref <label>",
    "\\ \\u{41} \\",
    "\"); #panic(\"y",
    "= not a heading",
    "// not a comment /* nor this */",
    "[unbalanced ] { brackets } (",
    "https://example.org/a?b=c#d -- --- ... '\"' ~",
];

#[test]
fn hostile_text_is_printed_and_not_obeyed() {
    for part in HOSTILE {
        let mut given = Given::new("annulment");
        given.fields.insert("seen".into(), (*part).to_owned());
        given.fields.insert("place".into(), (*part).to_owned());
        let act = ActDocument {
            organisation: part,
            number_text: part,
            subject: Some(Subject { name: part, id: part }),
            drawn_up_by: DrawnUpBy { name: part, post: part },
            signatories: &[Signatory { name: part, post: part, signed_ms: Some(AT) }],
            attachments: &[Attachment { kind: part, name: part, digest: part, size_bytes: 1 }],
            ..given.act(Language::En)
        };
        let (said, _) = text(&act);
        assert!(said.matches(&bare(part)).count() >= 10, "{part}");
        render(&act).unwrap();
    }
}

#[test]
fn text_that_no_font_has_is_written_as_code_points_and_still_conforms() {
    let odd = "👩\u{200d}🚀 王小明 \u{202e}evil\u{202c} \0\u{1b}[31m \u{fffe}\u{e000} e\u{301} \u{ad}zero\u{200b}width";
    let mut given = Given::new("annulment");
    given.fields.insert("seen".into(), format!("{odd}\n{}", odd.repeat(50)));
    given.fields.insert("student".into(), odd.to_owned());
    let act =
        ActDocument { organisation: odd, subject: Some(Subject { name: "محمد علي שלום", id: odd }), ..given.act(Language::Ru) };
    let (said, _) = text(&act);
    assert_says(&said, "[U+1F469][U+1F680] [U+738B][U+5C0F][U+660E] [U+202E]evil[U+202C] [U+0000][U+001B][31m");
    render(&act).unwrap();
}

#[test]
fn very_long_texts_take_pages_and_lose_nothing() {
    let mut given = Given::new("annulment");
    let name = "Әбдіқадырұлы-Қонысбайқызы ".repeat(8).trim().to_owned();
    let long: String = (0..600).map(|n| format!("Сөйлем{n} ")).collect();
    let unbroken = "щ".repeat(2_000);
    given.fields.insert("student".into(), name.clone());
    given.fields.insert("seen".into(), long.clone());
    given.fields.insert("explanation".into(), unbroken.clone());
    let act = ActDocument { subject: Some(Subject { name: &name, id: "" }), ..given.act(Language::Kk) };
    let (said, footer) = text(&act);
    for part in [&name, &long, &unbroken] {
        assert_says(&said, part);
    }
    assert_says(&footer, "A-2026-0001 бет 1 / 5");
    assert_says(&footer, "A-2026-0001 бет 5 / 5");
    nothing_sticks_out(&act);
    render(&act).unwrap();
}

#[test]
fn many_signatories_with_long_names_and_long_wording_stay_on_the_sheets() {
    let mut given = Given::new("removal");
    given.form.decision.ru = "решение комиссии ".repeat(230);
    given.form.appeal = Some(given.form.decision.clone());
    given.form.title.ru = "Акт о нарушении ".repeat(12);
    given.fields.insert("present".into(), "Әбдіқадырұлы Қонысбай; кезекші оқытушы\n".repeat(50));
    let name = "Константинопольский-Преображенский ".repeat(6);
    for who in ["Іңкәр", name.trim()] {
        let signatories: Vec<_> = (0..12).map(|n| Signatory { name: who, post: who, signed_ms: Some(AT + n * MINUTE) }).collect();
        let act = ActDocument { signatories: &signatories, organisation: who, ..given.act(Language::Ru) };
        let (said, _) = text(&act);
        assert_eq!(said.matches(&bare(words::words(Language::Ru).confirmed)).count(), 12);
        nothing_sticks_out(&act);
    }
}

/// No text begins or ends outside the margins of A4: 28 mm left, 16 mm right, 18 mm above; the footer stands 12 mm above the edge.
fn nothing_sticks_out(act: &ActDocument<'_>) {
    fn walk(frame: &Frame, left: f64, top: f64, worst: &mut [f64; 4]) {
        for (at, item) in frame.items() {
            let (x, y) = (left + at.x.to_mm(), top + at.y.to_mm());
            match item {
                FrameItem::Group(group) => walk(&group.frame, x, y, worst),
                FrameItem::Text(text) => {
                    *worst = [worst[0].min(x), worst[1].max(x + text.width().to_mm()), worst[2].min(y), worst[3].max(y)];
                }
                _ => {}
            }
        }
    }
    let document = world::lay_out(act, &sheet::sheet(act).unwrap()).unwrap();
    let mut worst = [f64::MAX, 0.0, f64::MAX, 0.0];
    document.pages().iter().for_each(|page| walk(&page.frame, 0.0, 0.0, &mut worst));
    assert!(worst[0] > 27.5 && worst[1] < 210.0 - 15.5 && worst[2] > 18.0 && worst[3] < 297.0 - 12.0, "{worst:?}");
}

#[test]
fn empty_optional_fields_and_sections_are_left_out() {
    let mut given = Given::new("annulment");
    for name in ["programme", "found", "explanation", "routing-number"] {
        given.fields.remove(name);
    }
    let act = ActDocument {
        emblem: None,
        evidence: &[],
        attachments: &[],
        exam: None,
        subject: None,
        repeated: false,
        ..given.act(Language::En)
    };
    let (said, _) = text(&act);
    let words = words::words(Language::En);
    for gone in ["Study programme", "Registration", words.evidence, words.annexes, words.system_record, "for Ethics"] {
        assert!(!said.contains(&bare(gone)), "{gone}");
    }
    render(&act).unwrap();
}

#[test]
fn a_revocation_says_what_it_revokes_instead_of_deciding_again() {
    let given = Given::new("annulment");
    for (language, wanted) in [(Language::Kk, "күші жойылды"), (Language::Ru, "отменён"), (Language::En, "is revoked")] {
        let refers_to = |relation| Some(RefersTo { relation, number_text: "A-2025-0007", signed_ms: AT });
        let (said, _) = text(&ActDocument { refers_to: refers_to(Relation::Revokes), ..given.act(language) });
        assert_says(&said, wanted);
        assert_says(&said, "A-2025-0007");
        assert!(!said.contains(&bare(given.form.decision.get(language))));
        let (said, _) = text(&ActDocument { refers_to: refers_to(Relation::Corrects), ..given.act(language) });
        assert_says(&said, given.form.decision.get(language));
        assert_says(&said, "A-2025-0007");
    }
}

#[test]
fn what_cannot_be_printed_is_refused() {
    let given = Given::new("annulment");
    let act = given.act(Language::Kk);
    assert!(matches!(render(&ActDocument { emblem: Some(b"GIF89a"), ..act }), Err(Error::Emblem)));
    assert!(matches!(render(&ActDocument { emblem: Some(b"<svg broken"), ..act }), Err(Error::Layout(_))));
    assert!(matches!(render(&ActDocument { check_url: &"x".repeat(1_001), ..act }), Err(Error::CheckUrl(1_001))));
    assert!(matches!(render(&ActDocument { signed_ms: i64::MAX, ..act }), Err(Error::Time(_))));
    render(&ActDocument { check_url: &format!("https://example.kz/{}", "x".repeat(900)), ..act }).unwrap();
}
