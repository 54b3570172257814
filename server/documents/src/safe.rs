//! Text by people, made fit for a document: visible, covered by the fonts, and able to break.

use core::fmt::Write;

use crate::fonts::covers;

/// Characters after which a word without a break is given one.
const LONGEST_RUN: usize = 24;

/// One line: every character is shown or, where no font has it or it would reorder the text, written as `[U+202E]`.
///
/// Words of more than 24 characters get invisible places to break, so that nothing runs out of the page.
pub(crate) fn line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut run = 0;
    for c in text.trim().chars() {
        if matches!(c, '\n' | '\r' | '\t' | ' ') {
            out.push(' ');
            run = 0;
            continue;
        }
        if ignorable(c) {
            continue;
        }
        if run == LONGEST_RUN {
            out.push('\u{200b}');
            run = 0;
        }
        run += 1;
        if covers(c) && shown(c) {
            out.push(c);
        } else {
            let _ = write!(out, "[U+{:04X}]", u32::from(c));
            run += 8;
            run = run.min(LONGEST_RUN);
        }
    }
    out
}

/// Paragraphs: parted by line breaks, empty ones left out.
pub(crate) fn paragraphs(text: &str) -> Vec<String> {
    text.lines().map(line).filter(|text| !text.is_empty()).collect()
}

/// Joiners and variation selectors, which mean nothing in a face without the letters they join.
fn ignorable(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
}

fn shown(c: char) -> bool {
    !c.is_control()
        && !matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2061}'..='\u{206f}' | '\u{fff9}'..='\u{fffc}' | '\u{e000}'..='\u{f8ff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_text_is_left_as_it_is() {
        for text in ["Ғ. Мүсірепов атындағы №5 аудитория", "«F» — «неудовлетворительно»", "#panic() *x* _y_ $z$ \\ @a <b> // c", "שלום"]
        {
            assert_eq!(line(text), text);
        }
    }

    #[test]
    fn what_no_font_has_or_would_reorder_is_named() {
        assert_eq!(line("a\u{1f600}b"), "a[U+1F600]b");
        assert_eq!(line("a\u{202e}b\0c\u{7}"), "a[U+202E]b[U+0000]c[U+0007]");
        assert_eq!(line("王"), "[U+738B]");
        assert_eq!(line("\u{e000}"), "[U+E000]");
        assert_eq!(line("👩\u{200d}🚀"), "[U+1F469][U+1F680]");
    }

    #[test]
    fn long_words_can_break_and_lines_become_paragraphs() {
        let long = line(&"щ".repeat(100));
        assert_eq!(long.matches('\u{200b}').count(), 4);
        assert_eq!(paragraphs("a\r\n\n  b\tc \n"), ["a", "b c"]);
        assert_eq!(line(" a\nb "), "a b");
    }
}
