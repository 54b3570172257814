//! Join codes: 13 characters of Crockford's base 32, 65 bits, grouped for reading aloud. Only their digest is kept.

use invigil_clock::NoRandomness;

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A new code, e.g. `7KQ4-9XWD-A2M8V`.
///
/// # Errors
/// When the system gives no randomness.
pub fn new_code() -> Result<String, NoRandomness> {
    let random: [u8; 13] = invigil_clock::random()?;
    // 256 is a multiple of 32, so every character is equally likely.
    let characters: Vec<u8> = random.iter().map(|byte| ALPHABET[usize::from(byte & 31)]).collect();
    let groups = [&characters[..4], &characters[4..8], &characters[8..]];
    Ok(groups.map(|group| group.iter().map(|c| char::from(*c)).collect::<String>()).join("-"))
}

/// The code as it is digested: letters that people mistake for digits are read as those (Crockford), spaces do not count. `None` when it cannot be a code.
pub fn normalise(typed: &str) -> Option<String> {
    let code: String = typed
        .chars()
        .filter(|c| *c != '-' && !c.is_whitespace())
        .map(|c| match c.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        })
        .collect();
    (code.len() == 13 && code.bytes().all(|b| ALPHABET.contains(&b))).then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_survive_being_typed() {
        let code = new_code().unwrap();
        assert_eq!(code.len(), 15);
        let plain = code.replace('-', "");
        assert_eq!(normalise(&code.to_lowercase()).unwrap(), plain);
        assert_eq!(normalise(" 7kq4 9xwd-a2m8o").unwrap(), "7KQ49XWDA2M80");
        assert_eq!(normalise("7KQ4-9XWD-A2M8"), None);
        assert_eq!(normalise("7KQ4-9XWD-A2M8U"), None);
        assert_ne!(new_code().unwrap(), code);
    }
}
