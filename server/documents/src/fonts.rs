//! The typefaces: Libertinus Serif for text, DejaVu Sans Mono for digests, both from typst's own bundle.

use std::sync::LazyLock;

use typst::foundations::Bytes;
use typst::text::{Font, FontBook, FontInfo, FontStyle, FontWeight};
use typst::utils::LazyHash;

/// The family of the text.
pub(crate) const TEXT: &str = "Libertinus Serif";
/// The family of digests.
pub(crate) const MONO: &str = "DejaVu Sans Mono";

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

/// Those of typst's bundle that are used: file name, bytes, face.
fn chosen() -> impl Iterator<Item = (&'static str, &'static [u8], Font)> {
    typst_assets::fonts().filter_map(|bytes| {
        let font = Font::new(Bytes::new(bytes), 0)?;
        let FontInfo { family, variant, .. } = font.info();
        let name = match (family.as_str(), variant.style, variant.weight) {
            (TEXT, FontStyle::Normal, FontWeight::REGULAR) => "LibertinusSerif-Regular.otf",
            (TEXT, FontStyle::Normal, FontWeight::BOLD) => "LibertinusSerif-Bold.otf",
            (TEXT, FontStyle::Italic, FontWeight::REGULAR) => "LibertinusSerif-Italic.otf",
            (MONO, FontStyle::Normal, FontWeight::REGULAR) => MONO_FILE,
            _ => return None,
        };
        Some((name, bytes, font))
    })
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
    fn the_faces_for_others_are_three_files() {
        let names: Vec<&str> = fonts().iter().map(|(name, _)| *name).collect();
        assert_eq!(names, ["LibertinusSerif-Regular.otf", "LibertinusSerif-Bold.otf", "LibertinusSerif-Italic.otf"]);
        assert!(fonts().iter().all(|(_, bytes)| bytes.starts_with(b"OTTO")));
    }
}
