//! Times in words, in the university's offset.

use invigil_forms::Language;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;

use crate::Error;

const KK: [&str; 12] =
    ["қаңтар", "ақпан", "наурыз", "сәуір", "мамыр", "маусым", "шілде", "тамыз", "қыркүйек", "қазан", "қараша", "желтоқсан"];
const RU: [&str; 12] =
    ["января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября", "декабря"];
const EN: [&str; 12] =
    ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

/// Writes times of one document.
#[derive(Clone, Copy)]
pub(crate) struct Dates {
    language: Language,
    offset: Offset,
}

impl Dates {
    pub(crate) fn new(language: Language, utc_offset_secs: i32) -> Result<Self, Error> {
        let offset = Offset::from_seconds(utc_offset_secs).map_err(|_| Error::Time(i64::from(utc_offset_secs)))?;
        Ok(Self { language, offset })
    }

    /// The wall clock at that instant.
    pub(crate) fn civil(self, ms: i64) -> Result<DateTime, Error> {
        let civil = Timestamp::from_millisecond(ms).map_err(|_| Error::Time(ms))?.to_zoned(self.offset.to_time_zone()).datetime();
        if civil.year() < 1 { Err(Error::Time(ms)) } else { Ok(civil) }
    }

    /// The day, `22 November 2026`.
    pub(crate) fn day(self, ms: i64) -> Result<String, Error> {
        Ok(self.date(self.civil(ms)?.date()))
    }

    /// Day, time and offset, `22 November 2026, 14:03:05 (UTC+05:00)`.
    pub(crate) fn moment(self, ms: i64) -> Result<String, Error> {
        let civil = self.civil(ms)?;
        Ok(format!("{}, {} ({})", self.date(civil.date()), time(civil), self.utc()))
    }

    /// From and to with the offset; the day once when it is the same.
    pub(crate) fn range(self, from_ms: i64, to_ms: i64) -> Result<String, Error> {
        let (from, to) = (self.civil(from_ms)?, self.civil(to_ms)?);
        let day = if from.date() == to.date() { String::new() } else { format!("{}, ", self.date(to.date())) };
        Ok(format!("{}, {} – {day}{} ({})", self.date(from.date()), time(from), time(to), self.utc()))
    }

    /// A date as fields hold it, in words; anything else as it is.
    pub(crate) fn field(self, value: &str) -> String {
        value.parse::<Date>().map_or_else(|_| value.to_owned(), |date| self.date(date))
    }

    fn date(self, date: Date) -> String {
        let (year, day, month) = (date.year(), date.day(), usize::from(date.month().unsigned_abs()).saturating_sub(1));
        let name = |names: [&'static str; 12]| names.get(month).copied().unwrap_or_default();
        match self.language {
            Language::Kk => format!("{year}\u{a0}жылғы {day}\u{a0}{}", name(KK)),
            Language::Ru => format!("{day}\u{a0}{} {year}\u{a0}г.", name(RU)),
            Language::En => format!("{day}\u{a0}{} {year}", name(EN)),
        }
    }

    fn utc(self) -> String {
        let minutes = self.offset.seconds() / 60;
        format!("UTC{}{:02}:{:02}", if minutes < 0 { '−' } else { '+' }, minutes.abs() / 60, minutes.abs() % 60)
    }
}

fn time(civil: DateTime) -> String {
    format!("{:02}:{:02}:{:02}", civil.hour(), civil.minute(), civil.second())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 22 November 2026, 09:03:05 UTC.
    const AT: i64 = 1_795_338_185_000;

    fn dates(language: Language) -> Dates {
        Dates::new(language, 5 * 3600).unwrap()
    }

    #[test]
    fn days_and_times_are_written_in_each_language() {
        let plain = |text: String| text.replace('\u{a0}', " ");
        assert_eq!(plain(dates(Language::Kk).day(AT).unwrap()), "2026 жылғы 22 қараша");
        assert_eq!(plain(dates(Language::Ru).moment(AT).unwrap()), "22 ноября 2026 г., 14:03:05 (UTC+05:00)");
        assert_eq!(plain(dates(Language::En).range(AT, AT + 60_000).unwrap()), "22 November 2026, 14:03:05 – 14:04:05 (UTC+05:00)");
        let west = Dates::new(Language::En, -(3 * 3600 + 1800)).unwrap();
        assert_eq!(plain(west.moment(AT).unwrap()), "22 November 2026, 05:33:05 (UTC−03:30)");
    }

    #[test]
    fn a_range_over_midnight_names_both_days_and_the_offset_moves_the_day() {
        let text = dates(Language::En).range(AT, AT + 12 * 3_600_000).unwrap().replace('\u{a0}', " ");
        assert_eq!(text, "22 November 2026, 14:03:05 – 23 November 2026, 02:03:05 (UTC+05:00)");
    }

    #[test]
    fn dates_of_fields_are_put_in_words_and_others_are_left() {
        assert_eq!(dates(Language::Kk).field("2026-01-31").replace('\u{a0}', " "), "2026 жылғы 31 қаңтар");
        assert_eq!(dates(Language::Kk).field("soon"), "soon");
        assert!(dates(Language::En).day(i64::MAX).is_err());
        assert!(Dates::new(Language::En, i32::MAX).is_err());
    }
}
