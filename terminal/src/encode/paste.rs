//! The paste filter (`security.md` 3): the only way outside text gets to a program.

/// Why a paste should be confirmed first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PasteRisk {
    /// Several lines and no bracketed paste: the shell would run them.
    Newlines,
    /// It held control characters, which were replaced.
    Controls,
    /// Over 64 KiB.
    Large,
    /// It holds bidi controls, zero-width characters or tags.
    Invisible,
}

/// Text made fit to be pasted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilteredPaste {
    /// What to write to the program, brackets included.
    pub bytes: Vec<u8>,
    /// Why to ask first, if at all.
    pub risks: Vec<PasteRisk>,
}

/// The length past which a paste is worth a question, in bytes.
pub const LARGE_PASTE: usize = 64 * 1024;

/// Filters `text`: dangerous controls (C0 but tab and newline, DEL, C1, and the terminal's current special
/// characters `special`) become spaces; newlines become CR unless `bracketed`.
///
/// - A newline is CR LF, LF or CR. Unbracketed it becomes CR, as the Enter key sends; bracketed
///   it becomes LF, as kitty, Alacritty and Ghostty send it and every line editor takes it.
/// - Tab and newline stay what they are, even if `special` has them.
/// - Invisible characters stay; they are reported. [`without_invisible`] removes them.
///
/// The time is linear in the length.
pub fn filter_paste(text: &str, bracketed: bool, special: &[u8]) -> FilteredPaste {
    const BEGIN: &[u8] = b"\x1b[200~";
    const END: &[u8] = b"\x1b[201~";
    let newline = if bracketed { b'\n' } else { b'\r' };
    let mut bytes = Vec::with_capacity(text.len() + BEGIN.len() + END.len());
    if bracketed {
        bytes.extend_from_slice(BEGIN);
    }
    let begin = bytes.len();
    let (mut newlines, mut controls) = (false, false);
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\r' | '\n' => {
                if character == '\r' {
                    characters.next_if_eq(&'\n');
                }
                newlines = true;
                bytes.push(newline);
            }
            '\t' => bytes.push(b'\t'),
            _ if is_dangerous(character, special) => {
                controls = true;
                bytes.push(b' ');
            }
            _ => {
                let mut buffer = [0; 4];
                bytes.extend_from_slice(character.encode_utf8(&mut buffer).as_bytes());
            }
        }
    }
    debug_assert!(
        !bytes[begin..].contains(&0x1b),
        "an escape went through the filter"
    );
    if bracketed {
        bytes.extend_from_slice(END);
    }
    let risks = [
        (newlines && !bracketed, PasteRisk::Newlines),
        (controls, PasteRisk::Controls),
        (text.len() > LARGE_PASTE, PasteRisk::Large),
        (has_invisible(text), PasteRisk::Invisible),
    ];
    let risks = risks
        .into_iter()
        .filter_map(|(is_there, risk)| is_there.then_some(risk))
        .collect();
    FilteredPaste { bytes, risks }
}

/// `text` without the characters that [`PasteRisk::Invisible`] is about.
pub fn without_invisible(text: &str) -> String {
    with_neighbors(text)
        .filter(|(_, invisible)| !invisible)
        .map(|(c, _)| c)
        .collect()
}

/// `text` with what cannot be seen made visible, to ask the user by: control pictures for
/// controls, code points for C1 and invisible characters. Tabs and newlines stay.
pub fn reveal(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    for (character, invisible) in with_neighbors(text) {
        match character {
            '\t' | '\n' => result.push(character),
            '\0'..='\x1f' => {
                result.extend(char::from_u32(0x2400 + u32::from(character)));
            }
            '\x7f' => result.push('\u{2421}'),
            _ if invisible || character.is_control() => {
                result.push_str(&format!("<U+{:04X}>", u32::from(character)));
            }
            _ => result.push(character),
        }
    }
    result
}

/// A dropped file's path as one word of a shell's language, good for POSIX shells, zsh and
/// fish; `None` for an empty one and for one with control characters, a newline among them.
pub fn quote_path(path: &str) -> Option<String> {
    if path.is_empty() || path.chars().any(char::is_control) {
        return None;
    }
    let plain = |c: char| c.is_alphanumeric() || "/._-+,:@%".contains(c);
    // A word that begins with a dash would be an option.
    let prefix = if path.starts_with('-') { "./" } else { "" };
    if path.chars().all(plain) {
        return Some(format!("{prefix}{path}"));
    }
    // The two characters that one or the other shell treats apart within single quotes stand
    // outside of them.
    let mut quoted = format!("{prefix}'");
    for character in path.chars() {
        match character {
            '\'' | '\\' => quoted.extend(['\'', '\\', character, '\'']),
            _ => quoted.push(character),
        }
    }
    quoted.push('\'');
    Some(quoted)
}

/// What must not be typed for the user: controls, and what the line discipline would take for a
/// command (`c_cc`; xterm's `disallowedPasteControls`).
fn is_dangerous(character: char, special: &[u8]) -> bool {
    character.is_control()
        || u8::try_from(character).is_ok_and(|byte| byte.is_ascii() && special.contains(&byte))
}

fn has_invisible(text: &str) -> bool {
    // Nearly all text is ASCII, which has none.
    !text.is_ascii() && with_neighbors(text).any(|(_, invisible)| invisible)
}

/// Each character, and whether it is an invisible one where it stands.
fn with_neighbors(text: &str) -> impl Iterator<Item = (char, bool)> {
    let mut before = None;
    let mut characters = text.chars().peekable();
    std::iter::from_fn(move || {
        let character = characters.next()?;
        let invisible = is_invisible(character, before, characters.peek().copied());
        before = Some(character);
        Some((character, invisible))
    })
}

/// Bidi controls, zero-width characters, fillers and tags. The joiners are part of emoji and of
/// Persian and Indic words: between two characters beyond Latin they are no trick.
fn is_invisible(character: char, before: Option<char>, after: Option<char>) -> bool {
    let beyond_latin =
        |c: Option<char>| c.is_some_and(|c| c > '\u{24f}' && !matches!(c, '\u{200b}'..='\u{200f}'));
    match character {
        '\u{200c}' | '\u{200d}' => !(beyond_latin(before) && beyond_latin(after)),
        '\u{ad}'
        | '\u{61c}'
        | '\u{115f}'..='\u{1160}'
        | '\u{17b4}'..='\u{17b5}'
        | '\u{180e}'
        | '\u{200b}'
        | '\u{200e}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{3164}'
        | '\u{feff}'
        | '\u{ffa0}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}' => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests;
