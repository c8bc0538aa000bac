//! Text of a program on its way out of the grid: titles, notifications.

/// Text of a program for display outside the grid: without C0, C1, DEL, bidi and zero-width controls, at
/// most `most` bytes (`security.md` 2.2).
pub(crate) fn clean_text(text: &str, most: usize) -> String {
    let mut clean = String::new();
    for character in text.chars().filter(|&character| !is_hidden(character)) {
        if clean.len() + character.len_utf8() > most {
            break;
        }
        clean.push(character);
    }
    clean
}

/// Controls, bidi controls, zero-width characters, line separators, tags.
pub(crate) fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}'
                | '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(clean_text(text, 8), expected, "{text:?}");
    }

    #[test]
    fn controls_and_what_cannot_be_seen_are_removed() {
        check("a\tb\x1bc\x7fd\u{9b}e", "abcde");
        check("a\u{202e}b\u{2066}c\u{200b}d\u{feff}e\u{e0041}", "abcde");
        check("éü漢", "éü漢");
    }

    #[test]
    fn text_is_cut_between_characters() {
        check("123456789", "12345678");
        check("1234567é", "1234567");
    }
}
