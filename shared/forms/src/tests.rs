use std::collections::BTreeMap;
use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::{FieldKind, Language, Problem, persons};

fn shipped_dir() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config/forms")
}

fn shipped() -> Forms {
    Forms::load(&shipped_dir()).unwrap()
}

/// The smallest form that has no mistake.
const SMALL: &str = r#"
kind = "small"
series = "Z"
source = "assumed"
about = "student"
decides_grade = true
title = { kk = "а", ru = "б", en = "c" }
preamble = { kk = "а", ru = "б", en = "c" }
decision = { kk = "а", ru = "б", en = "c" }
limit = { kk = "{date} а", ru = "{date} б", en = "{date} c" }
access = { draft = ["board"], read = ["board"], sign = ["board"] }
signatures = { min = 2, at_most = 6 }

[[drawn_up_by]]
id = "examiner"
kk = "а"
ru = "б"
en = "c"

[[section]]
title = { kk = "а", ru = "б", en = "c" }
[[section.field]]
name = "place"
kind = "line"
max_chars = 10
required = true
label = { kk = "а", ru = "б", en = "c" }
prefill = "today"
[[section.field]]
name = "found-on"
kind = "date"
label = { kk = "а", ru = "б", en = "c" }
[[section.field]]
name = "answer"
kind = "choice"
label = { kk = "а", ru = "б", en = "c" }
choices = [{ id = "one", kk = "а", ru = "б", en = "c" }, { id = "two", kk = "а", ru = "б", en = "c" }]
[[section.field]]
name = "kept"
kind = "yes-no"
label = { kk = "а", ru = "б", en = "c" }
[[section.field]]
name = "present"
kind = "persons"
max_chars = 100
label = { kk = "а", ru = "б", en = "c" }

[[point]]
id = "1.14-phone"
source = "1.14"
kk = "а"
ru = "б"
en = "c"

[[aid]]
source = "1.9"
kk = "а"
ru = "б"
en = "c"
"#;

fn small() -> Form {
    Forms::parse([("forms/small.toml", SMALL)]).unwrap().get("small").unwrap().clone()
}

fn mistakes(text: &str) -> Vec<String> {
    Forms::parse([("forms/small.toml", text)]).unwrap_err().iter().map(ToString::to_string).collect()
}

#[test]
fn every_shipped_form_parses_and_is_complete() {
    let forms = shipped();
    let kinds: Vec<&str> = forms.iter().map(|form| form.kind.as_str()).collect();
    assert_eq!(kinds, ["annulment", "impersonation", "masked-borrowings", "removal", "staff-report"]);
    for form in forms.iter() {
        assert!(!form.points.is_empty(), "{}", form.kind);
        assert_eq!(form.decides_grade, form.kind != "staff-report");
        assert!(form.field("routing-number").is_some(), "{}", form.kind);
        assert!(form.field("seen").is_some_and(|field| field.required), "{}", form.kind);
        for language in Language::ALL {
            assert!(form.title.get(language).chars().count() > 10);
        }
    }
    let staff = forms.get("staff-report").unwrap();
    assert_eq!(staff.access.read, [crate::Role::Board]);
    assert!(staff.field("student").is_none());
    assert!(forms.get("annulment").unwrap().point("5.3-standing-up").is_some());
}

/// Kazakh text that was typed with Russian or Latin look-alikes would search and sort wrongly.
#[test]
fn shipped_kazakh_and_russian_have_no_latin_letters_inside_words() {
    for form in shipped().iter() {
        let mut texts = vec![form.title.clone(), form.preamble.clone(), form.decision.clone()];
        texts.extend(form.limit.clone().into_iter().chain(form.appeal.clone()).chain(form.repeated.clone()));
        texts.extend(form.fields().map(|field| field.label.clone()).chain(form.points.iter().map(|point| point.text.clone())));
        for text in texts {
            for word in text.kk.split_whitespace().chain(text.ru.split_whitespace()) {
                let latin = word.chars().any(|c| c.is_ascii_alphabetic());
                let cyrillic = word.chars().any(|c| ('\u{400}'..='\u{52f}').contains(&c));
                assert!(!(latin && cyrillic), "{}: {word}", form.kind);
            }
        }
    }
}

#[test]
fn a_form_of_the_smallest_size_parses_and_names_itself() {
    let form = small();
    assert_eq!(form.number_text(2026, 1), "Z-2026-0001");
    assert_eq!(form.number_text(2026, 12_345), "Z-2026-12345");
    assert_eq!(form.digest().len(), 64);
    assert_ne!(form.digest(), Forms::parse([("small.toml", format!("{SMALL}\n").as_str())]).unwrap().get("small").unwrap().digest());
    assert_eq!(form.field("answer").unwrap().choices.len(), 2);
    assert_eq!(form.field("found-on").unwrap().max_chars, 10);
}

#[test]
fn a_form_comes_back_from_its_own_text() {
    let form = small();
    assert_eq!(form.text(), SMALL);
    assert_eq!(Form::parse(&form.kind, form.text()).unwrap(), form);
    assert!(Form::parse("other", form.text()).is_err() && Form::parse("small", "").is_err());
}

/// The names that the browser reads.
#[test]
fn json_has_the_documented_keys() {
    let value = serde_json::to_value(small()).unwrap();
    let keys = |value: &serde_json::Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" ");
    assert_eq!(
        keys(&value),
        "about access aids appeal decides_grade decision digest drawn_up_by kind limit points preamble repeated sections series signatures \
         source subtitle title"
    );
    assert_eq!(keys(&value["sections"][0]), "fields title");
    assert_eq!(keys(&value["sections"][0]["fields"][0]), "choices hint kind label max_chars name prefill required");
    assert_eq!(value["sections"][0]["fields"][0]["prefill"], "today");
    assert_eq!(value["sections"][0]["fields"][3]["kind"], "yes-no");
    assert_eq!(
        value["sections"][0]["fields"][2]["choices"][0],
        serde_json::json!({"id": "one", "label": {"kk": "а", "ru": "б", "en": "c"}})
    );
    assert_eq!(value["points"][0], serde_json::json!({"id": "1.14-phone", "source": "1.14", "text": {"kk": "а", "ru": "б", "en": "c"}}));
    assert_eq!(value["access"]["draft"], serde_json::json!(["board"]));
    assert_eq!(value["about"], "student");
}

/// Names in files and names in JSON are the same.
#[test]
fn names_in_files_and_on_the_wire_agree() {
    for prefill in crate::Prefill::ALL {
        assert_eq!(serde_json::to_value(prefill).unwrap(), prefill.name());
    }
    for kind in FieldKind::ALL {
        assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
    }
    for role in crate::Role::ALL {
        assert_eq!(serde_json::to_value(role).unwrap(), role.name());
    }
}

/// Each kind of mistake: what is replaced, by what, and the start of the only complaint.
const MISTAKES: &[(&str, &str, &str)] = &[
    ("kind = \"small\"", "kind = \"large\"", "forms/small.toml: kind: expected the file's name without .toml, \"small\""),
    ("kind = \"small\"", "kind = \"Small\"", "forms/small.toml: kind: expected 1 to 64 of a-z"),
    ("kind = \"small\"\n", "", "forms/small.toml: kind: expected 1 to 64 of a-z, 0-9, hyphen, dot and underscore, found nothing"),
    ("series = \"Z\"", "series = \"zz\"", "forms/small.toml: series: expected one to four of A-Z"),
    ("series = \"Z\"", "series = \"ABCDE\"", "forms/small.toml: series: expected one to four of A-Z"),
    ("source = \"assumed\"", "source = \" \"", "forms/small.toml: source: expected a text, found nothing"),
    ("about = \"student\"", "about = \"people\"", "forms/small.toml: about: expected \"student\" or \"staff\""),
    ("decides_grade = true\n", "", "forms/small.toml: decides_grade: expected true or false"),
    ("decides_grade = true", "decides_grade = false", "forms/small.toml: limit: expected nothing"),
    ("limit = {", "subtitle = {", "forms/small.toml: limit: expected the time limit in words"),
    ("\"{date} б\"", "\"б\"", "forms/small.toml: limit.ru: expected {date} once"),
    ("title = { kk = \"а\",", "title = {", "forms/small.toml: title.kk: expected a text, found nothing"),
    ("preamble = { kk = \"а\", ru = \"б\"", "preamble = { kk = \"а\", ru = \"\"", "forms/small.toml: preamble.ru: expected a text"),
    ("decision = { kk = \"а\"", "decision = { kk = \"\\u202e\"", "forms/small.toml: decision.kk: expected visible text"),
    ("decision =", "decisions =", "forms/small.toml: expected the keys and kinds of values of a form"),
    ("draft = [\"board\"]", "draft = [\"dean\"]", "forms/small.toml: access.draft: expected one of invigilator, reviewer"),
    ("draft = [\"board\"]", "draft = [\"board\", \"board\"]", "forms/small.toml: access.draft: expected each role once"),
    ("read = [\"board\"]", "read = [\"board\", \"auditor\"]", "forms/small.toml: access.read: expected no auditor"),
    ("sign = [\"board\"]", "sign = []", "forms/small.toml: access.sign: expected at least one role"),
    ("min = 2", "min = 0", "forms/small.toml: signatures: expected min of at least 1"),
    ("min = 2", "min = 7", "forms/small.toml: signatures: expected min of at least 1"),
    ("at_most = 6", "at_most = 13", "forms/small.toml: signatures: expected min of at least 1"),
    ("min = 2", "min = -2", "forms/small.toml: expected the keys and kinds of values of a form"),
    ("id = \"examiner\"", "id = \"Examiner!\"", "forms/small.toml: drawn_up_by[1].id: expected 1 to 64"),
    ("name = \"found-on\"", "name = \"place\"", "forms/small.toml: section[1].field[2].name: expected a name that no other field has"),
    ("kind = \"line\"", "kind = \"number\"", "forms/small.toml: section[1].field[1].kind: expected one of line, text"),
    ("max_chars = 10\n", "", "forms/small.toml: section[1].field[1].max_chars: expected a number from 1 to 20000, found nothing"),
    ("max_chars = 10\n", "max_chars = 30000\n", "forms/small.toml: section[1].field[1].max_chars: expected a number"),
    ("kind = \"date\"", "kind = \"date\"\nmax_chars = 5", "forms/small.toml: section[1].field[2].max_chars: expected nothing for"),
    ("prefill = \"today\"", "prefill = \"tomorrow\"", "forms/small.toml: section[1].field[1].prefill: expected one of exam.title"),
    ("{ id = \"two\"", "{ id = \"one\"", "forms/small.toml: section[1].field[3].choices[2].id: expected an id that no other"),
    ("kind = \"yes-no\"", "kind = \"yes-no\"\nchoices = [{ id = \"x\" }]", "forms/small.toml: section[1].field[4].choices: expected none"),
    ("kind = \"yes-no\"", "kind = \"choice\"", "forms/small.toml: section[1].field[4].choices: expected 2 to 100 of them, found 0"),
    ("source = \"1.14\"\n", "", "forms/small.toml: point[1].source: expected a text"),
    ("source = \"1.9\"\nkk = \"а\"\n", "source = \"1.9\"\n", "forms/small.toml: aid[1].kk: expected a text"),
    ("[[aid]]", "[[aids]]", "forms/small.toml: expected the keys and kinds of values of a form"),
    ("[[aid]]", "[[point]]\nid = \"1.14-phone\"", "forms/small.toml: point[2].id: expected an id that no other"),
];

#[test]
fn each_kind_of_mistake_is_named_with_file_and_key() {
    for (part, instead, complaint) in MISTAKES {
        assert!(SMALL.contains(part), "{part}");
        let found = mistakes(&SMALL.replacen(part, instead, 1));
        assert_eq!(found.len(), 1, "{instead}: {found:?}");
        assert!(found[0].starts_with(complaint), "{}", found[0]);
    }
}

#[test]
fn all_mistakes_are_reported_at_once() {
    let found = mistakes(&SMALL.replace("series = \"Z\"", "series = \"z\"").replace("min = 2", "min = 0").replace("\"today\"", "\"x\""));
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(mistakes("this is no TOML")[0].contains("line 1"));
    let nothing = mistakes("");
    assert!(nothing.iter().any(|m| m.contains("section: expected 1 to 100 of them")), "{nothing:?}");
    assert!(nothing.iter().any(|m| m.contains("drawn_up_by: expected 1 to 100 of them")), "{nothing:?}");
}

#[test]
fn kinds_and_series_are_unique_between_files() {
    let other = SMALL.replace("kind = \"small\"", "kind = \"other\"");
    let found = Forms::parse([("small.toml", SMALL), ("other.toml", other.as_str())]).unwrap_err();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].to_string(), "other.toml: series: expected one that no other form has, found \"Z\", which small.toml has too");
    let found = Forms::parse([("a/small.toml", SMALL), ("b/small.toml", SMALL)]).unwrap_err();
    assert!(found[0].to_string().starts_with("b/small.toml: kind: expected one that no other form has"), "{}", found[0]);
    assert_eq!(Forms::parse([]).unwrap_err().len(), 1);
}

#[test]
fn a_folder_with_mistakes_does_not_load_and_says_where() {
    let dir = tempfile::tempdir().unwrap();
    assert!(matches!(Forms::load(&dir.path().join("none")), Err(LoadError::Read { .. })));
    std::fs::write(dir.path().join("small.toml"), SMALL.replace("min = 2", "min = 0")).unwrap();
    std::fs::write(dir.path().join("README.md"), "not a form").unwrap();
    let text = Forms::load(dir.path()).unwrap_err().to_string();
    assert!(text.starts_with("read the forms of acts: 1 to correct:\n") && text.contains("small.toml: signatures: expected"), "{text}");
    std::fs::write(dir.path().join("small.toml"), SMALL).unwrap();
    assert_eq!(Forms::load(dir.path()).unwrap().iter().len(), 1);
    std::fs::write(dir.path().join("small.toml"), [0xff, 0xfe]).unwrap();
    assert!(matches!(Forms::load(dir.path()), Err(LoadError::Read { .. })));
}

fn values(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn problems(pairs: &[(&str, &str)], points: &[&str], complete: bool) -> Vec<Problem> {
    let points: Vec<String> = points.iter().map(|point| (*point).to_owned()).collect();
    small().check(&values(pairs), &points, complete).err().unwrap_or_default()
}

#[test]
fn values_that_fit_are_accepted() {
    let full = [("place", "Алматы"), ("found-on", "2028-02-29"), ("answer", "two"), ("kept", "yes"), ("present", "Ә. Ө.; оқытушы\n\nB; C")];
    assert_eq!(problems(&full, &["1.14-phone"], true), []);
    assert_eq!(problems(&[], &[], false), []);
    assert_eq!(problems(&[("place", "0123456789"), ("answer", ""), ("found-on", " ")], &["1.14-phone"], true), []);
    assert_eq!(problems(&[("present", "Ә. Ө.")], &[], false), []);
}

#[test]
fn each_kind_of_problem_is_found() {
    let place = || "place".to_owned();
    assert_eq!(problems(&[("no-such", "x")], &[], false), [Problem::UnknownField { field: "no-such".into() }]);
    assert_eq!(problems(&[("place", " ")], &["1.14-phone"], true), [Problem::Missing { field: place() }]);
    assert_eq!(problems(&[("place", "Қазақстанда")], &[], false), [Problem::TooLong { field: place(), max_chars: 10, found: 11 }]);
    for (text, code) in [("a\nb", 0xa), ("a\0", 0), ("\u{202e}a", 0x202e), ("\u{fffe}", 0xfffe), ("a\u{1b}[1m", 0x1b)] {
        assert_eq!(problems(&[("place", text)], &[], false), [Problem::BadCharacter { field: place(), code }]);
    }
    for day in ["2026-02-29", "2026-13-01", "2026-00-01", "2026-01-00", "2026-1-1", "01.01.2026", "2026-01-32", "+026-01-01", "0000-01-01"]
    {
        assert_eq!(problems(&[("found-on", day)], &[], false), [Problem::BadDate { field: "found-on".into() }], "{day}");
    }
    assert_eq!(problems(&[("answer", "three")], &[], false), [Problem::BadChoice { field: "answer".into() }]);
    assert_eq!(problems(&[("kept", "maybe")], &[], false), [Problem::BadChoice { field: "kept".into() }]);
    let place = ("place", "x");
    let present = Problem::BadPerson { field: "present".into(), line: 2 };
    assert_eq!(problems(&[place, ("present", "A; b\nC")], &["1.14-phone"], true), [present]);
    assert_eq!(problems(&[place], &["9.9"], true), [Problem::UnknownPoint { point: "9.9".into() }]);
    assert_eq!(problems(&[place], &["1.14-phone", "1.14-phone"], true), [Problem::RepeatedPoint { point: "1.14-phone".into() }]);
    assert_eq!(problems(&[place], &[], true), [Problem::NoPoint]);
    let json = serde_json::to_value(Problem::TooLong { field: "seen".into(), max_chars: 8000, found: 8100 }).unwrap();
    assert_eq!(json, serde_json::json!({"problem": "too-long", "field": "seen", "max_chars": 8000, "found": 8100}));
}

#[test]
fn persons_are_read_line_by_line() {
    let found: Vec<_> = persons("Ахметова Ә. ; дежурный; 2-й корпус\r\n\n Іңкәр\n").map(|p| (p.name, p.post)).collect();
    assert_eq!(found, [("Ахметова Ә.", "дежурный; 2-й корпус"), ("Іңкәр", "")]);
}

proptest! {
    #[test]
    fn parsing_never_panics(text in "\\PC{0,400}", cut in 0..SMALL.len(), put in "[\\[\\]{}=\"'a-z0-9\n.]{0,12}") {
        let _ = Forms::parse([("x.toml", text.as_str())]);
        let at = (0..=cut).rev().find(|&at| SMALL.is_char_boundary(at)).unwrap_or(0);
        let _ = Forms::parse([("small.toml", format!("{}{put}{}", &SMALL[..at], &SMALL[at..]).as_str())]);
        let _ = Forms::parse([("small.toml", &SMALL[..at])]);
    }

    #[test]
    fn checking_never_panics_and_a_complete_act_is_a_good_draft(name in "place|found-on|answer|kept|present|x", value in "\\PC{0,20}|[0-9-]{0,10}|yes|one", complete: bool) {
        let form = small();
        let given = BTreeMap::from([(name, value)]);
        if form.check(&given, &["1.14-phone".to_owned()], complete).is_ok() {
            prop_assert!(form.check(&given, &[], false).is_ok());
        }
    }
}
