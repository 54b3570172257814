//! Every numbered step of `docs/lifecycle.md` is cited by a test, and no test cites a step that the document does not have.
//!
//! A test cites in a name (`t4_2_a_segment_waits`, `s5_to_s10_segments_are_whole`) or in its text (`T4.2`, `S5-S10`). `T1` alone names the group of T1.1 and
//! T1.2 and cites neither.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails as the test does")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// First letters of steps. (The keystore's K1-K3 stand in its own module.)
const LETTERS: &str = "DEGHRST";

#[test]
fn every_step_of_the_lifecycle_is_cited_by_a_test_and_no_other_is() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let document = fs::read_to_string(root.join("docs/lifecycle.md")).unwrap();
    let steps: Vec<String> = document.lines().filter_map(|line| step(line.strip_prefix("- ")?)).map(|(step, _)| step).collect();
    assert!(steps.len() > 40, "this test does not read the document: {steps:?}");
    let mut files = Vec::new();
    for folder in ["agent", "server", "shared", "tests"] {
        sources(&root.join(folder), &mut files);
    }
    let (mut cited, mut unknown) = (BTreeSet::new(), Vec::new());
    for file in files.iter().filter(|file| !file.ends_with("tests/docs/lifecycle.rs")) {
        let text = fs::read_to_string(file).unwrap();
        for citation in citations(tests_of(file, &text)) {
            match resolve(&citation, &steps) {
                Some(found) => cited.extend(found.iter().cloned()),
                None => unknown.push(format!("{citation:?} in {}", file.display())),
            }
        }
    }
    assert!(unknown.is_empty(), "docs/lifecycle.md has no such step: {unknown:#?}");
    let missing: Vec<_> = steps.iter().filter(|step| !cited.contains(*step)).collect();
    assert!(missing.is_empty(), "no test cites these steps of docs/lifecycle.md: {missing:?}");
}

/// From one step to another one, or the same one twice.
type Citation = (String, String);

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            if !path.ends_with("node_modules") && !path.ends_with("target") {
                sources(&path, found);
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The part of a file that is tests: all of it in a folder or file of that name, else what follows the attribute (tests stand last).
fn tests_of<'a>(file: &Path, text: &'a str) -> &'a str {
    let is_tests = file.components().any(|part| ["tests", "tests.rs"].iter().any(|name| part.as_os_str() == *name));
    if is_tests { text } else { text.split_once("#[cfg(test)]\nmod tests {").map_or("", |(_, tests)| tests) }
}

/// A step at the beginning of a text, and the rest.
fn step(text: &str) -> Option<(String, &str)> {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let len = 1 + digits(text.strip_prefix(|first| LETTERS.contains(first))?);
    let more = text[len..].strip_prefix('.').map_or(0, digits);
    let end = if more > 0 { len + 1 + more } else { len };
    // H264 is none: no section has a hundred steps.
    let whole = (2..=3).contains(&len) && !text[end..].starts_with(|next: char| next.is_alphanumeric() || next == '_');
    whole.then(|| (text[..end].to_owned(), &text[end..]))
}

fn citations(text: &str) -> Vec<Citation> {
    let mut found = Vec::new();
    let mut before = ' ';
    for (at, letter) in text.char_indices() {
        if !before.is_alphanumeric()
            && !['_', '-'].contains(&before)
            && let Some((from, rest)) = step(&text[at..])
        {
            let to = rest.strip_prefix('-').and_then(step).map_or_else(|| from.clone(), |(to, _)| to);
            found.push((from, to));
        }
        before = letter;
    }
    for name in text.split("fn ").skip(1).filter_map(|rest| rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next()) {
        found.extend(citations_of_name(name));
    }
    found
}

/// `t4_2_...` is T4.2, `s5_to_s10_...` is S5-S10.
fn citations_of_name(name: &str) -> Vec<Citation> {
    let parts: Vec<String> = name.split('_').map(str::to_uppercase).collect();
    let is_step = |part: &String| step(part).is_some_and(|(_, rest)| rest.is_empty());
    let mut found: Vec<Citation> = Vec::new();
    let mut range = false;
    for (at, part) in parts.iter().enumerate().filter(|(_, part)| is_step(part)) {
        let number = parts.get(at + 1).filter(|next| !next.is_empty() && next.bytes().all(|byte| byte.is_ascii_digit()));
        let cited = number.map_or_else(|| part.clone(), |number| format!("{part}.{number}"));
        match found.last_mut().filter(|_| range) {
            Some((_, to)) => *to = cited,
            None => found.push((cited.clone(), cited)),
        }
        range = parts.get(at + 1 + usize::from(number.is_some())).is_some_and(|next| next == "TO");
    }
    found
}

/// The steps that are cited: none by a group's name alone; `None` when the document has no such step or group.
fn resolve<'a>((from, to): &Citation, steps: &'a [String]) -> Option<&'a [String]> {
    let at = |cited: &String| steps.iter().position(|step| step == cited);
    if let (Some(from), Some(to)) = (at(from), at(to)) {
        return steps.get(from..=to);
    }
    let is_group = |cited: &String| steps.iter().any(|step| step.strip_prefix(cited.as_str()).is_some_and(|rest| rest.starts_with('.')));
    (is_group(from) && is_group(to)).then_some(&[])
}

#[test]
fn citations_are_read_as_they_are_meant() {
    let read = |text| citations(text).into_iter().map(|(from, to)| format!("{from}-{to}")).collect::<Vec<_>>();
    assert_eq!(read("// S5-S10, then T4.2 (E1).\n"), ["S5-S10", "T4.2-T4.2", "E1-E1"]);
    assert_eq!(read("fn t1_to_t4_dies()\nfn r3_rubbish_and_t4_2_is_kept()"), ["T1-T4", "R3-R3", "T4.2-T4.2"]);
    assert_eq!(read("SHA256 x-S5 UTF_E1 S5x P3 fn e2e_h264()"), [""; 0]);
    let steps = ["S1", "S2", "T1.1", "T1.2"].map(str::to_owned);
    let resolved = |from: &str, to: &str| resolve(&(from.into(), to.into()), &steps).map(<[String]>::len);
    assert_eq!(resolved("S1", "S2"), Some(2));
    assert_eq!(
        (resolved("T1", "T1"), resolved("T1.2", "T1.2"), resolved("S3", "S3"), resolved("T2", "T2")),
        (Some(0), Some(1), None, None)
    );
}
