//! A list of candidates as a university exports it: CSV with a line of column names.

use crate::exams::{NewSeat, SeatDetails};
use anyhow::{Context, bail, ensure};
use std::io::Read;
use std::path::Path;

/// Longest name, id or detail, bytes of UTF-8.
pub const NAME_BYTES: usize = 200;
/// Most candidates in one list.
pub const MAX_CANDIDATES: usize = 5000;
/// Largest file, bytes.
pub const MAX_BYTES: u64 = 4 * 1024 * 1024;
/// Most extra time, minutes.
const MAX_EXTRA_MINUTES: i64 = 600;

/// The columns that a list may have; only `name` is required.
const COLUMNS: [&str; 8] = ["name", "id", "extra_minutes", "room", "seat", "programme", "course", "attempt"];

/// Reads a list from a file.
///
/// # Errors
/// When it cannot be read, is too large, or as in [`parse`].
pub fn read(path: &Path) -> anyhow::Result<Vec<NewSeat>> {
    let what = || format!("read the list of candidates {}", path.display());
    let file = std::fs::File::open(path).with_context(what)?;
    let mut bytes = Vec::new();
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes).with_context(what)?;
    ensure!(bytes.len() as u64 <= MAX_BYTES, "{}: it is larger than {MAX_BYTES} bytes", what());
    parse(&bytes).with_context(what)
}

/// Candidates from CSV in UTF-8 (RFC 4180; a semicolon may part the cells instead of a comma, as spreadsheets here write it).
///
/// # Errors
/// With line and column, when a cell is not what its column holds; nothing is taken of such a list.
pub fn parse(bytes: &[u8]) -> anyhow::Result<Vec<NewSeat>> {
    let text = std::str::from_utf8(bytes).context("expected UTF-8 (save it as \"CSV UTF-8\")")?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let first = text.lines().next().unwrap_or_default();
    let delimiter = if first.contains(';') { b';' } else { b',' };
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).trim(csv::Trim::All).from_reader(text.as_bytes());
    let columns = columns(reader.headers().context("line 1")?)?;
    let mut seats: Vec<NewSeat> = Vec::new();
    let mut ids = std::collections::HashSet::new();
    for record in reader.records() {
        let record = record.map_err(|error| anyhow::anyhow!("{error}; expected as many cells in each line as in the first"))?;
        let line = record.position().map_or(0, csv::Position::line);
        if record.iter().all(str::is_empty) {
            continue;
        }
        ensure!(seats.len() < MAX_CANDIDATES, "line {line}: expected at most {MAX_CANDIDATES} candidates");
        let seat = seat(&columns, &record).with_context(|| format!("line {line}"))?;
        if let Some(id) = &seat.external_id {
            ensure!(ids.insert(id.clone()), "line {line}: the id {id:?} stands in an earlier line too");
        }
        seats.push(seat);
    }
    ensure!(!seats.is_empty(), "expected a candidate a line below the column names, found none");
    Ok(seats)
}

/// Whether a text may be a name: one line of 1 to [`NAME_BYTES`] bytes.
pub fn is_name(text: &str) -> bool {
    !text.is_empty() && text.len() <= NAME_BYTES && !text.contains(char::is_control)
}

/// The known columns in the order of the file.
fn columns(headers: &csv::StringRecord) -> anyhow::Result<Vec<&'static str>> {
    let mut columns = Vec::with_capacity(headers.len());
    for header in headers {
        let known = COLUMNS.into_iter().find(|column| header.eq_ignore_ascii_case(column));
        let known = known.with_context(|| format!("line 1: unknown column {header:?}; expected of {}", COLUMNS.join(", ")))?;
        ensure!(!columns.contains(&known), "line 1: the column {known} stands there twice");
        columns.push(known);
    }
    ensure!(columns.contains(&"name"), "line 1: expected column names, with a column \"name\" among them, found {headers:?}");
    Ok(columns)
}

fn seat(columns: &[&'static str], record: &csv::StringRecord) -> anyhow::Result<NewSeat> {
    let (mut who, mut external_id, mut extra_ms, mut details) = (None, None, 0, SeatDetails::default());
    for (column, cell) in columns.iter().zip(record).filter(|(_, cell)| !cell.is_empty()) {
        let cell_named = || format!("column {column}: {cell:?}");
        ensure!(is_name(cell), "{}: expected at most {NAME_BYTES} bytes in one line", cell_named());
        let value = Some(cell.to_owned());
        match *column {
            "name" => who = value,
            "id" => external_id = value,
            "room" => details.room = value,
            "seat" => details.seat = value,
            "programme" => details.programme = value,
            "course" => details.course = value,
            "attempt" => details.attempt = value,
            "extra_minutes" => match cell.parse::<i64>() {
                Ok(minutes @ 0..=MAX_EXTRA_MINUTES) => extra_ms = minutes * 60_000,
                _ => bail!("{}: expected minutes from 0 to {MAX_EXTRA_MINUTES}", cell_named()),
            },
            _ => {}
        }
    }
    let who = who.context("column name: it is empty")?;
    Ok(NewSeat { external_id, extra_ms, details, ..NewSeat::candidate(who) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn wrong(text: &str) -> String {
        format!("{:#}", parse(text.as_bytes()).unwrap_err())
    }

    #[test]
    fn a_list_is_read_with_all_its_columns() {
        let text = "\u{feff}ID;Name;Extra_minutes;room;seat;programme;course;attempt\r\n\
                    20B1; Сұлтанова, Әлия ;25;305;12;Информатика;2;1\r\n;;;;;;;\r\n20B2;\"Ivanov; Ivan\";;;;;;\r\n";
        let [aliya, ivan] = parse(text.as_bytes()).unwrap().try_into().unwrap();
        assert_eq!((aliya.who.as_str(), aliya.external_id.as_deref(), aliya.extra_ms), ("Сұлтанова, Әлия", Some("20B1"), 1_500_000));
        let text = |text: &str| Some(text.to_owned());
        let details =
            SeatDetails {
                room: text("305"), seat: text("12"), programme: text("Информатика"), course: text("2"), attempt: text("1")
            };
        assert_eq!(aliya.details, details);
        assert_eq!(ivan, NewSeat { external_id: Some("20B2".into()), ..NewSeat::candidate("Ivanov; Ivan") });
        assert_eq!(parse(b"name\nA B").unwrap(), [NewSeat::candidate("A B")]);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line_and_column() {
        assert_eq!(
            wrong("name,colour\nA,red"),
            "line 1: unknown column \"colour\"; expected of name, id, extra_minutes, room, seat, programme, course, attempt"
        );
        assert!(wrong("id\n1").starts_with("line 1: expected column names, with a column \"name\""));
        assert_eq!(wrong("name,id,id\nA,1,1"), "line 1: the column id stands there twice");
        assert_eq!(wrong("name,id\nA,1\nB,1"), "line 3: the id \"1\" stands in an earlier line too");
        assert_eq!(wrong("name,id\nA,1\n,2"), "line 3: column name: it is empty");
        assert_eq!(wrong("name,extra_minutes\nA,-5"), "line 2: column extra_minutes: \"-5\": expected minutes from 0 to 600");
        assert!(wrong("name,id\nA").contains("expected as many cells in each line"));
        assert!(wrong(&format!("name\n{}", "a".repeat(201))).contains("at most 200 bytes"));
        assert!(wrong("name\n").contains("found none") && wrong("").contains("column \"name\""));
        assert!(format!("{:#}", parse(b"name\n\xcf\xf0").unwrap_err()).contains("CSV UTF-8"));
        assert!(wrong(&format!("name\n{}", "a\n".repeat(5001))).contains("line 5002: expected at most 5000"));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic_and_whoever_is_read_has_a_name(bytes in proptest::collection::vec(any::<u8>(), 0..300), lines in "[a,;\"\n ]{0,80}") {
            let _ = parse(&bytes);
            if let Ok(seats) = parse(format!("name,id,room\n{lines}").as_bytes()) {
                prop_assert!(seats.iter().all(|seat| is_name(&seat.who)));
            }
        }
    }
}
