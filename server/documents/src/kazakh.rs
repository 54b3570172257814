//! Places where a Kazakh word may be parted, as soft hyphens: the typesetter has patterns for Russian and English, and none for Kazakh.
//!
//! Kazakh is parted by syllables, each with one vowel: between two vowels (қи-ын), before a single consonant (ба-ла), after the first of two (ал-ма), after the
//! second of three (ұлт-тық). A letter is never left alone, and ь and ъ stay with the letter before. `у` behind a vowel is a consonant (тау-лар, ба-уыр).

const SHY: char = '\u{ad}';

/// The text with a soft hyphen wherever a word may be parted.
pub(crate) fn soft_hyphens(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    let mut word = Vec::new();
    for c in text.chars() {
        if is_letter(c) {
            word.push(c);
        } else {
            part(&mut word, &mut out);
            out.push(c);
        }
    }
    part(&mut word, &mut out);
    out
}

/// Cyrillic letters; what else a word holds (digits, Latin letters) ends it.
fn is_letter(c: char) -> bool {
    matches!(c, '\u{400}'..='\u{52f}')
}

fn part(word: &mut Vec<char>, out: &mut String) {
    // An abbreviation is not parted.
    let lower: Vec<char> = word.iter().flat_map(|c| c.to_lowercase()).collect();
    let shouted = word.len() < 8 && word.iter().all(|c| c.is_uppercase());
    let breaks = if shouted || lower.len() != word.len() { Vec::new() } else { breaks(&lower) };
    for (at, c) in word.drain(..).enumerate() {
        if breaks.contains(&at) {
            out.push(SHY);
        }
        out.push(c);
    }
}

/// Positions before which the word may be parted.
fn breaks(word: &[char]) -> Vec<usize> {
    let vowels: Vec<usize> = (0..word.len()).filter(|&at| is_vowel(word, at)).collect();
    let mut found = Vec::new();
    for pair in vowels.windows(2) {
        let (from, to) = (pair[0], pair[1]);
        let mut at = match to - from - 1 {
            0 => to,
            1 => to - 1,
            2 => from + 2,
            _ => from + 3,
        };
        while at < to && matches!(word[at], 'ь' | 'ъ') {
            at += 1;
        }
        if at >= 2 && at + 2 <= word.len() {
            found.push(at);
        }
    }
    found
}

fn is_vowel(word: &[char], at: usize) -> bool {
    match word[at] {
        'а' | 'ә' | 'о' | 'ө' | 'ұ' | 'ү' | 'ы' | 'і' | 'е' | 'э' | 'и' | 'ё' | 'ю' | 'я' => true,
        'у' => !at.checked_sub(1).is_some_and(|before| is_vowel(word, before)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_parted_by_syllables() {
        for (word, parted) in [
            ("бала", "ба-ла"),
            ("алма", "ал-ма"),
            ("ұлттық", "ұлт-тық"),
            ("қиын", "қи-ын"),
            ("таулар", "тау-лар"),
            ("бауыр", "ба-уыр"),
            ("оқу", "оқу"),
            ("ай", "ай"),
            ("университеті", "уни-вер-си-те-ті"),
            ("Қазақстан", "Қа-зақс-тан"),
            ("емтихан", "ем-ти-хан"),
            ("жұмысының", "жұ-мы-сы-ның"),
            ("күшін", "кү-шін"),
            ("бұзушылық", "бұ-зу-шы-лық"),
            ("комиссия", "ко-мис-сия"),
            ("әл-Фараби", "әл-Фа-ра-би"),
            ("КБТУ", "КБТУ"),
        ] {
            assert_eq!(soft_hyphens(word).replace(SHY, "-"), parted, "{word}");
        }
    }

    #[test]
    fn nothing_else_is_changed() {
        let text = "2.5-тармақ: «Ғ. Мүсірепов» – үйде жасалған жазба, F (abc), ЪЬъь ууу яяя\n";
        assert_eq!(soft_hyphens(text).replace(SHY, ""), text);
    }
}
