//! The typefaces: Libertinus Serif for text, DejaVu Sans Mono for digests, both from typst's own bundle.

use std::sync::LazyLock;

use typst::foundations::Bytes;
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;

/// The family of the text.
const TEXT: &str = "Libertinus Serif";

/// The faces of the text as files: name and OpenType bytes of regular, bold and italic. Whoever makes pages beside the act (an annex of
/// stills) uses the same. There is no bold italic: that face has no Kazakh letters. Libertinus Serif, SIL Open Font License 1.1.
pub fn fonts() -> &'static [(&'static str, &'static [u8])] {
    static FILES: LazyLock<Vec<(&str, &[u8])>> =
        LazyLock::new(|| chosen().map(|(name, bytes, _)| (name, bytes)).filter(|(name, _)| *name != MONO_FILE).collect());
    &FILES
}

/// The faces that documents are set in, and their index.
pub(crate) struct Faces {
    pub(crate) fonts: Vec<Font>,
    pub(crate) book: LazyHash<FontBook>,
}

pub(crate) fn faces() -> &'static Faces {
    static FACES: LazyLock<Faces> = LazyLock::new(|| {
        let fonts: Vec<Font> = chosen().map(|(_, _, font)| font).collect();
        let book = LazyHash::new(FontBook::from_fonts(&fonts));
        Faces { fonts, book }
    });
    &FACES
}

const MONO_FILE: &str = "DejaVuSansMono.ttf";

/// Those of typst's bundle that are used: file name, bytes, face. They are picked by place, not by looking at all of them, so that an optimised
/// binary leaves the other 8 MB out; a test holds the places against the faces.
fn chosen() -> impl Iterator<Item = (&'static str, &'static [u8], Font)> {
    [
        ("LibertinusSerif-Regular.otf", typst_assets::fonts().next()),
        ("LibertinusSerif-Bold.otf", typst_assets::fonts().nth(1)),
        ("LibertinusSerif-Italic.otf", typst_assets::fonts().nth(2)),
        (MONO_FILE, typst_assets::fonts().nth(16)),
    ]
    .into_iter()
    .filter_map(|(name, bytes)| Some((name, bytes?, Font::new(Bytes::new(bytes?), 0)?)))
}

/// Whether the document can show a character: each text face has it, or the digests' face does.
pub(crate) fn covers(c: char) -> bool {
    let has = |font: &Font| font.info().coverage.contains(u32::from(c));
    let (text, mono): (Vec<&Font>, Vec<&Font>) = faces().fonts.iter().partition(|font| font.info().family == TEXT);
    text.into_iter().all(has) || mono.into_iter().any(has)
}

#[cfg(test)]
mod tests {
    use super::*;
    use typst::text::{FontStyle, FontWeight};

    #[test]
    fn every_face_has_the_kazakh_letters_in_both_cases() {
        let letters = "әғқңөұүһіӘҒҚҢӨҰҮҺІёЁ№«»–—−абвгдежзийклмнопрстуфхцчшщъыьэюяАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ";
        assert_eq!(faces().fonts.len(), 4);
        for font in &faces().fonts {
            for letter in letters.chars() {
                assert!(font.info().coverage.contains(u32::from(letter)), "{} has no {letter}", font.info().family);
            }
        }
        assert!(covers('₸') && !covers('\u{1f600}'));
    }

    #[test]
    fn the_faces_are_those_that_their_names_say() {
        let found: Vec<_> = chosen()
            .map(|(name, _, font)| (name, font.info().family.clone(), font.info().variant.style, font.info().variant.weight))
            .collect();
        let face = |name, family: &str, style, weight| (name, family.to_owned(), style, weight);
        assert_eq!(
            found,
            [
                face("LibertinusSerif-Regular.otf", TEXT, FontStyle::Normal, FontWeight::REGULAR),
                face("LibertinusSerif-Bold.otf", TEXT, FontStyle::Normal, FontWeight::BOLD),
                face("LibertinusSerif-Italic.otf", TEXT, FontStyle::Italic, FontWeight::REGULAR),
                face(MONO_FILE, "DejaVu Sans Mono", FontStyle::Normal, FontWeight::REGULAR),
            ]
        );
        assert!(fonts().len() == 3 && fonts().iter().all(|(name, bytes)| name.starts_with("Libertinus") && bytes.starts_with(b"OTTO")));
    }
}
