//! Character sets: G0–G3, their designation (ISO 2022, DEC STD 070) and what they map ASCII to.
//!
//! The input is UTF-8, so only the left half (GL) is ever translated; GR is kept for reports.

/// A set of 94 or 96 characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Charset {
    /// US ASCII.
    #[default]
    Ascii,
    /// DEC Special Graphics: line drawing.
    SpecialGraphics,
    /// DEC Technical.
    Technical,
    /// DEC Supplemental, the right half of the Multinational set.
    Supplemental,
    /// ISO Latin-1, right half (a 96-character set).
    Latin1,
    /// British.
    British,
    /// Dutch.
    Dutch,
    /// Finnish.
    Finnish,
    /// French.
    French,
    /// French Canadian.
    FrenchCanadian,
    /// German.
    German,
    /// Italian.
    Italian,
    /// Norwegian and Danish.
    Norwegian,
    /// Portuguese.
    Portuguese,
    /// Spanish.
    Spanish,
    /// Swedish.
    Swedish,
    /// Swiss.
    Swiss,
}

/// DEC Special Graphics from 5F.
const SPECIAL_GRAPHICS: &str = " ◆▒␉␌␍␊°±␤␋┘┐┌└┼⎺⎻─⎼⎽├┤┴┬│≤≥π≠£·";
/// DEC Technical from 21; U+FFFD where the set is empty.
const TECHNICAL: &str = "⎷┌─⌠⌡│⎡⎣⎤⎦⎛⎝⎞⎠⎨⎬\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}≤≠≥∫∴∝∞÷Δ∇ΦΓ∼≃Θ×Λ⇔⇒≡ΠΨ\u{fffd}Σ\u{fffd}\u{fffd}√ΩΞΥ⊂⊃∩∪∧∨¬αβχδεφγηιθκλ\u{fffd}ν∂πψρστ\u{fffd}ƒωξυζ←↑→↓";
/// Where the national sets differ from ASCII, in this order.
const NATIONAL_POSITIONS: &[u8; 13] = b"#@[\\]^_`{|}~$";

impl Charset {
    /// The set that a designation names: `intermediate` is 0 or what stands before the final byte.
    /// National sets need DECNRCM (mode 42); the British one was in the VT100 and does not.
    pub(crate) fn designated(
        intermediate: u8,
        last: u8,
        has_96: bool,
        national: bool,
    ) -> Option<Charset> {
        if has_96 {
            return (intermediate == 0 && last == b'A').then_some(Charset::Latin1);
        }
        let set = match (intermediate, last) {
            (0, b'B' | b'1') => Charset::Ascii,
            (0, b'0' | b'2') => Charset::SpecialGraphics,
            (0, b'A') => Charset::British,
            (0, b'<') | (b'%', b'5') => Charset::Supplemental,
            (0, b'>') => Charset::Technical,
            (0, b'4') => Charset::Dutch,
            (0, b'C' | b'5') => Charset::Finnish,
            (0, b'R' | b'f') => Charset::French,
            (0, b'Q' | b'9') => Charset::FrenchCanadian,
            (0, b'K') => Charset::German,
            (0, b'Y') => Charset::Italian,
            (0, b'`' | b'E' | b'6') => Charset::Norwegian,
            (b'%', b'6') => Charset::Portuguese,
            (0, b'Z') => Charset::Spanish,
            (0, b'H' | b'7') => Charset::Swedish,
            (0, b'=') => Charset::Swiss,
            _ => return None,
        };
        (national || !set.is_national()).then_some(set)
    }

    fn is_national(self) -> bool {
        !matches!(
            self,
            Charset::Ascii
                | Charset::SpecialGraphics
                | Charset::Technical
                | Charset::Supplemental
                | Charset::Latin1
                | Charset::British
        )
    }

    /// Its final bytes, for DECCIR.
    pub(crate) fn designator(self) -> &'static str {
        match self {
            Charset::Ascii => "B",
            Charset::SpecialGraphics => "0",
            Charset::Technical => ">",
            Charset::Supplemental => "%5",
            Charset::Latin1 | Charset::British => "A",
            Charset::Dutch => "4",
            Charset::Finnish => "C",
            Charset::French => "R",
            Charset::FrenchCanadian => "Q",
            Charset::German => "K",
            Charset::Italian => "Y",
            Charset::Norwegian => "`",
            Charset::Portuguese => "%6",
            Charset::Spanish => "Z",
            Charset::Swedish => "H",
            Charset::Swiss => "=",
        }
    }

    /// The set that DECCIR's final bytes name.
    pub(crate) fn has_96_characters(self) -> bool {
        self == Charset::Latin1
    }

    /// What an ASCII byte (20–7E) shows in this set.
    pub(crate) fn map(self, byte: u8) -> char {
        let ascii = char::from(byte);
        match self {
            Charset::Ascii => ascii,
            Charset::SpecialGraphics => match byte {
                0x5f.. => SPECIAL_GRAPHICS
                    .chars()
                    .nth(usize::from(byte - 0x5f))
                    .unwrap_or(ascii),
                _ => ascii,
            },
            Charset::Technical => match byte {
                0x21.. => TECHNICAL
                    .chars()
                    .nth(usize::from(byte - 0x21))
                    .unwrap_or(ascii),
                _ => ascii,
            },
            Charset::Supplemental => match byte | 0x80 {
                0xa0 => ' ',
                0xa8 => '¤',
                0xd7 => 'Œ',
                0xdd => 'Ÿ',
                0xf7 => 'œ',
                0xfd => 'ÿ',
                byte => char::from(byte),
            },
            Charset::Latin1 => char::from(byte | 0x80),
            national => {
                let position = NATIONAL_POSITIONS.iter().position(|&at| at == byte);
                position
                    .and_then(|at| national.replacements().chars().nth(at))
                    .unwrap_or(ascii)
            }
        }
    }

    /// A national set's characters at [`NATIONAL_POSITIONS`] but the last, which none changes.
    fn replacements(self) -> &'static str {
        match self {
            Charset::British => "£@[\\]^_`{|}~",
            Charset::Dutch => "£¾ĳ½|^_`¨ƒ¼´",
            Charset::Finnish => "#@ÄÖÅÜ_éäöåü",
            Charset::French => "£à°ç§^_`éùè¨",
            Charset::FrenchCanadian => "#àâçêî_ôéùèû",
            Charset::German => "#§ÄÖÜ^_`äöüß",
            Charset::Italian => "£§°çé^_ùàòèì",
            Charset::Norwegian => "#ÄÆØÅÜ_äæøåü",
            Charset::Portuguese => "#@ÃÇÕ^_`ãçõ~",
            Charset::Spanish => "£§¡Ñ¿^_`°ñç~",
            Charset::Swedish => "#ÉÄÖÅÜ_éäöåü",
            Charset::Swiss => "ùàéçêîèôäöüû",
            _ => "",
        }
    }
}

/// The four designated sets, and which of them are in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Charsets {
    sets: [Charset; 4],
    left: u8,
    right: u8,
    single: Option<u8>,
    /// GL is ASCII and no single shift waits: text goes to the screen as it is.
    plain: bool,
}

impl Default for Charsets {
    fn default() -> Self {
        Self {
            sets: [Charset::Ascii; 4],
            left: 0,
            right: 2,
            single: None,
            plain: true,
        }
    }
}

impl Charsets {
    /// Whether ASCII is ASCII.
    #[inline]
    pub(crate) fn is_plain(&self) -> bool {
        self.plain
    }

    /// SCS: designates G0–G3.
    pub(crate) fn designate(&mut self, slot: usize, set: Charset) {
        if let Some(place) = self.sets.get_mut(slot) {
            *place = set;
        }
        self.update();
    }

    /// SI, SO, LS2, LS3: the set in GL.
    pub(crate) fn lock_left(&mut self, slot: u8) {
        self.left = slot & 3;
        self.update();
    }

    /// LS1R, LS2R, LS3R: the set in GR.
    pub(crate) fn lock_right(&mut self, slot: u8) {
        self.right = slot & 3;
    }

    /// SS2, SS3: the set of the next character.
    pub(crate) fn single_shift(&mut self, slot: u8) {
        self.single = Some(slot & 3);
        self.update();
    }

    /// The character that an ASCII byte prints now; ends a single shift.
    pub(crate) fn translate(&mut self, byte: u8) -> char {
        let slot = match self.single.take() {
            Some(slot) => {
                self.update();
                slot
            }
            None => self.left,
        };
        self.sets[usize::from(slot)].map(byte)
    }

    /// A character outside ASCII was printed: it ends a single shift too.
    pub(crate) fn end_single_shift(&mut self) {
        if self.single.take().is_some() {
            self.update();
        }
    }

    /// For DECCIR: the sets, GL, GR, the single shift.
    pub(crate) fn report(&self) -> ([Charset; 4], u8, u8, Option<u8>) {
        (self.sets, self.left, self.right, self.single)
    }

    fn update(&mut self) {
        self.plain = self.single.is_none() && self.sets[usize::from(self.left)] == Charset::Ascii;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(set: Charset, input: &str, expected: &str) {
        let mapped: String = input.bytes().map(|byte| set.map(byte)).collect();
        assert_eq!(mapped, expected, "{set:?}");
    }

    #[test]
    fn sets_map_ascii() {
        check(Charset::Ascii, "#az~", "#az~");
        check(Charset::SpecialGraphics, "_`lqkxmj~a", " ◆┌─┐│└┘·▒");
        check(Charset::Technical, "!<{~p", "⎷≤←↓π");
        check(Charset::Supplemental, "iW(", "éŒ¤");
        check(Charset::Latin1, "i ", "é\u{a0}");
        check(Charset::British, "#$", "£$");
        check(Charset::Dutch, "#@[\\]{|}~", "£¾ĳ½|¨ƒ¼´");
        check(Charset::German, "@[\\]{|}~", "§ÄÖÜäöüß");
        check(Charset::French, "#@[\\]{|}~", "£à°ç§éùè¨");
        check(Charset::FrenchCanadian, "@[\\]^`{|}~", "àâçêîôéùèû");
        check(Charset::Swiss, "#@[\\]^_`{|}~", "ùàéçêîèôäöüû");
        check(Charset::Swedish, "@[\\]^`{|}~", "ÉÄÖÅÜéäöåü");
        check(Charset::Norwegian, "@[\\]^`{|}~", "ÄÆØÅÜäæøåü");
        check(Charset::Spanish, "#@[\\]{|}", "£§¡Ñ¿°ñç");
        check(Charset::Italian, "#@[\\]`{|}~", "£§°çéùàòèì");
        check(Charset::Portuguese, "[\\]{|}", "ÃÇÕãçõ");
        check(Charset::Finnish, "[\\]^`{|}~", "ÄÖÅÜéäöåü");
    }

    #[test]
    fn tables_have_the_length_of_their_range() {
        assert_eq!(SPECIAL_GRAPHICS.chars().count(), 0x7f - 0x5f);
        assert_eq!(TECHNICAL.chars().count(), 0x7f - 0x21);
        for last in b"4CRQKYZH=`A" {
            let set = Charset::designated(0, *last, false, true).unwrap();
            assert_eq!(
                set.replacements().chars().count(),
                NATIONAL_POSITIONS.len() - 1,
                "{set:?}"
            );
        }
    }

    #[test]
    fn national_sets_need_their_mode() {
        assert_eq!(Charset::designated(0, b'K', false, false), None);
        assert_eq!(
            Charset::designated(0, b'K', false, true),
            Some(Charset::German)
        );
        assert_eq!(
            Charset::designated(0, b'A', false, false),
            Some(Charset::British)
        );
        assert_eq!(
            Charset::designated(0, b'A', true, false),
            Some(Charset::Latin1)
        );
        assert_eq!(
            Charset::designated(b'%', b'5', false, false),
            Some(Charset::Supplemental)
        );
        assert_eq!(Charset::designated(b'"', b'?', false, true), None);
    }

    #[test]
    fn a_single_shift_lasts_one_character() {
        let mut charsets = Charsets::default();
        charsets.designate(2, Charset::SpecialGraphics);
        charsets.single_shift(2);
        assert!(!charsets.is_plain());
        assert_eq!(charsets.translate(b'q'), '─');
        assert!(charsets.is_plain());
        assert_eq!(charsets.translate(b'q'), 'q');
    }
}
