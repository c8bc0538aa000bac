//! One table of every mode: number, name, default.

/// What mouse events are reported (DECSET 9, 1000, 1002, 1003).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum MouseTracking {
    /// None.
    #[default]
    Off,
    /// Presses only (9, X10).
    Press,
    /// Presses and releases (1000).
    Click,
    /// And motion with a button held (1002).
    Drag,
    /// All motion (1003).
    Motion,
}

/// How mouse events are written (DECSET 1005, 1006, 1015, 1016).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum MouseEncoding {
    /// `CSI M` and three bytes.
    #[default]
    Default,
    /// UTF-8 coordinates (1005).
    Utf8,
    /// SGR (1006).
    Sgr,
    /// urxvt (1015).
    Urxvt,
    /// SGR in pixels (1016).
    SgrPixels,
}

bitflags::bitflags! {
    /// The kitty keyboard protocol's progressive enhancements.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub struct KeyboardFlags: u8 {
        /// Disambiguate escape codes.
        const DISAMBIGUATE = 1;
        /// Report press, repeat and release.
        const EVENT_TYPES = 2;
        /// Report shifted and base-layout keys.
        const ALTERNATE_KEYS = 4;
        /// Report all keys as escape codes.
        const ALL_KEYS = 8;
        /// Report the text with the key.
        const ASSOCIATED_TEXT = 16;
    }
}

/// The state a key encoder needs; see [`crate::encode::key`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeyModes {
    /// DECCKM (1): cursor keys send SS3.
    pub application_cursor: bool,
    /// DECNKM (66) / DECKPAM: the keypad sends SS3.
    pub application_keypad: bool,
    /// LNM (20): Enter sends CR LF.
    pub newline: bool,
    /// DECBKM (67): Backspace sends BS instead of DEL.
    pub backarrow_sends_bs: bool,
    /// Mode 1036 (altSendsEscape); on by default.
    pub alt_sends_escape: bool,
    /// xterm's modifyOtherKeys: 0, 1 or 2.
    pub modify_other_keys: u8,
    /// xterm's formatOtherKeys (0: `CSI 27 ; m ; c ~`, 1: `CSI c ; m u`).
    pub format_other_keys: u8,
    /// The kitty keyboard protocol's flags now in force.
    pub keyboard_flags: KeyboardFlags,
    /// DECANM (2) is reset: cursor and keypad keys are a VT52's, and no protocol counts.
    pub vt52: bool,
}

/// The state the mouse, paste and focus encoders need.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InputModes {
    /// What mouse events are reported.
    pub mouse_tracking: MouseTracking,
    /// How they are written.
    pub mouse_encoding: MouseEncoding,
    /// 1004: focus in and out are reported.
    pub focus_reports: bool,
    /// 2004: pastes are bracketed.
    pub bracketed_paste: bool,
    /// 1007: the wheel sends cursor keys on the alternate screen.
    pub alternate_scroll: bool,
    /// True on the alternate screen.
    pub alternate_screen: bool,
}

/// Makes [`Mode`] and its table: the only place that knows numbers and defaults.
macro_rules! modes {
    ($($(#[$doc:meta])* $name:ident = $number:literal, $default:literal;)*) => {
        /// A mode of SM/RM (ANSI) or DECSET/DECRST (DEC private).
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub(crate) enum Mode {
            $($(#[$doc])* $name,)*
        }

        /// Every mode that can be changed, with its number (ANSI modes negative) and whether it is set
        /// after a reset.
        const TABLE: &[(Mode, i32, bool)] = &[$((Mode::$name, $number, $default),)*];

        impl Mode {
            /// The mode with this number (ANSI modes negative).
            pub(crate) fn from_number(number: i32) -> Option<Mode> {
                match number {
                    $($number => Some(Mode::$name),)*
                    _ => None,
                }
            }
        }
    };
}

modes! {
    /// KAM: the keyboard is locked. Kept for its report; a program cannot lock the user out.
    KeyboardAction = -2, false;
    /// IRM: printing inserts.
    Insert = -4, false;
    /// SRM: no local echo. There is none to begin with.
    SendReceive = -12, true;
    /// LNM: LF also returns the carriage, Enter sends CR LF.
    Newline = -20, false;
    /// DECCKM: cursor keys send SS3.
    ApplicationCursor = 1, false;
    /// DECANM: reset, the terminal is a VT52, and only `ESC <` sets it again.
    Ansi = 2, true;
    /// DECCOLM: 132 columns. The window's size is the user's, so only the side effects happen.
    Columns132 = 3, false;
    /// DECSCLM: smooth scrolling.
    SmoothScroll = 4, false;
    /// DECSCNM: the whole screen in reverse video.
    ReverseScreen = 5, false;
    /// DECOM: addresses count from the margins.
    Origin = 6, false;
    /// DECAWM: printing wraps at the right margin.
    Autowrap = 7, true;
    /// X10 mouse reports.
    MousePress = 9, false;
    /// The cursor blinks (att610).
    CursorBlink = 12, false;
    /// DECPFF: print form feed.
    PrintFormFeed = 18, false;
    /// DECPEX: print extent.
    PrintExtent = 19, true;
    /// DECTCEM: the cursor is visible.
    CursorVisible = 25, true;
    /// DECHEBM: Hebrew keyboard.
    HebrewKeyboard = 35, false;
    /// DECCOLM is allowed (xterm).
    AllowColumns132 = 40, false;
    /// xterm's fix for curses: a tab at a pending wrap wraps.
    MoreFix = 41, false;
    /// DECNRCM: national character sets.
    NationalCharsets = 42, false;
    /// The margin bell; there is none.
    MarginBell = 44, false;
    /// Reverse wraparound.
    ReverseWrap = 45, false;
    /// The alternate screen.
    AlternateScreen = 47, false;
    /// DECNKM: the keypad sends SS3.
    ApplicationKeypad = 66, false;
    /// DECBKM: Backspace sends BS.
    BackarrowSendsBackspace = 67, false;
    /// DECLRMM: left and right margins can be set.
    LeftRightMargins = 69, false;
    /// DECSDM: sixel display mode.
    SixelDisplay = 80, false;
    /// DECNCSM: DECCOLM does not clear the screen.
    NoClearOnColumns = 95, false;
    /// Mouse presses and releases.
    MouseClick = 1000, false;
    /// And motion with a button held.
    MouseDrag = 1002, false;
    /// All motion.
    MouseMotion = 1003, false;
    /// Focus reports.
    FocusReports = 1004, false;
    /// UTF-8 mouse coordinates.
    MouseUtf8 = 1005, false;
    /// SGR mouse reports.
    MouseSgr = 1006, false;
    /// The wheel sends cursor keys on the alternate screen.
    AlternateScroll = 1007, true;
    /// Output scrolls the viewport to the bottom.
    ScrollOnOutput = 1010, false;
    /// Keys scroll the viewport to the bottom.
    ScrollOnKey = 1011, true;
    /// urxvt mouse reports.
    MouseUrxvt = 1015, false;
    /// SGR mouse reports in pixels.
    MouseSgrPixels = 1016, false;
    /// Meta sets the eighth bit.
    EightBitMeta = 1034, false;
    /// Meta sends ESC.
    MetaSendsEscape = 1036, true;
    /// Alt sends ESC; most keyboards' Alt is Meta, so this one matters when 1036 was reset.
    AltSendsEscape = 1039, false;
    /// BEL marks the window urgent.
    BellIsUrgent = 1042, false;
    /// Extended reverse wraparound.
    ReverseWrapExtended = 1045, false;
    /// Switching to the alternate screen is allowed.
    AllowAlternateScreen = 1046, true;
    /// The alternate screen, cleared on leaving.
    AlternateScreenCleared = 1047, false;
    /// A saved cursor.
    SavedCursor = 1048, false;
    /// The alternate screen with a saved cursor, cleared on entering.
    AlternateScreenSaved = 1049, false;
    /// Pastes are bracketed.
    BracketedPaste = 2004, false;
    /// Synchronized output.
    SynchronizedOutput = 2026, false;
    /// Grapheme clusters decide widths; on from the start, as in the terminals that know the mode best.
    GraphemeClusters = 2027, true;
    /// Changes of the color scheme are reported.
    ColorSchemeReports = 2031, false;
    /// Changes of the size are reported.
    InBandResize = 2048, false;
}

/// Modes that exist but never change: DECRQM's answer is the value.
const PERMANENT: &[(i32, u8)] = &[
    // GATM, SRTM, VEM, HEM, PUM, FEAM, FETM, MATM, TTM, SATM, TSM, EBM of ECMA-48.
    (-1, 4),
    (-5, 4),
    (-7, 4),
    (-10, 4),
    (-11, 4),
    (-13, 4),
    (-14, 4),
    (-15, 4),
    (-16, 4),
    (-17, 4),
    (-18, 4),
    (-19, 4),
    // DECARM: keys repeat as the system says.
    (8, 3),
    // DECTEK and logging (xterm): absent. Highlight mouse tracking (1001): refused, since it can hang.
    (38, 4),
    (46, 4),
    (1001, 4),
];

impl Mode {
    /// Every mode that can be changed, with its number.
    pub(crate) fn all() -> impl Iterator<Item = (Mode, i32)> {
        TABLE.iter().map(|&(mode, number, _)| (mode, number))
    }

    const fn bit(self) -> u64 {
        1 << self as u8
    }
}

/// DECRQM's answer for modes that never change: 3 set, 4 reset.
pub(crate) fn permanent(number: i32) -> Option<u8> {
    PERMANENT
        .iter()
        .find(|&&(at, _)| at == number)
        .map(|&(_, answer)| answer)
}

/// Which modes are set, and which were saved by XTSAVE.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Modes {
    set: u64,
    saved: u64,
}

const DEFAULTS: u64 = {
    let mut bits = 0;
    let mut at = 0;
    while at < TABLE.len() {
        if TABLE[at].2 {
            bits |= TABLE[at].0.bit();
        }
        at += 1;
    }
    bits
};

impl Default for Modes {
    fn default() -> Self {
        Self {
            set: DEFAULTS,
            saved: DEFAULTS,
        }
    }
}

impl Modes {
    /// Whether the mode is set.
    #[inline]
    pub(crate) fn is_set(&self, mode: Mode) -> bool {
        self.set & mode.bit() != 0
    }

    /// Sets or resets the mode's bit; what else that means is the caller's.
    pub(crate) fn assign(&mut self, mode: Mode, set: bool) {
        if set {
            self.set |= mode.bit();
        } else {
            self.set &= !mode.bit();
        }
    }

    /// XTSAVE: keeps the mode as it is.
    pub(crate) fn save(&mut self, mode: Mode) {
        self.saved = self.saved & !mode.bit() | self.set & mode.bit();
    }

    /// XTRESTORE: what was saved, or the default.
    pub(crate) fn saved(&self, mode: Mode) -> bool {
        self.saved & mode.bit() != 0
    }

    /// What mouse events are reported. The modes exclude each other, so at most one bit is set.
    pub(crate) fn mouse_tracking(&self) -> MouseTracking {
        match () {
            () if self.is_set(Mode::MouseMotion) => MouseTracking::Motion,
            () if self.is_set(Mode::MouseDrag) => MouseTracking::Drag,
            () if self.is_set(Mode::MouseClick) => MouseTracking::Click,
            () if self.is_set(Mode::MousePress) => MouseTracking::Press,
            () => MouseTracking::Off,
        }
    }

    /// How they are written; at most one bit is set here, too.
    pub(crate) fn mouse_encoding(&self) -> MouseEncoding {
        match () {
            () if self.is_set(Mode::MouseSgrPixels) => MouseEncoding::SgrPixels,
            () if self.is_set(Mode::MouseSgr) => MouseEncoding::Sgr,
            () if self.is_set(Mode::MouseUrxvt) => MouseEncoding::Urxvt,
            () if self.is_set(Mode::MouseUtf8) => MouseEncoding::Utf8,
            () => MouseEncoding::Default,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_fits_its_set() {
        assert!(TABLE.len() <= 64);
        for &(mode, number, default) in TABLE {
            assert_eq!(Mode::from_number(number), Some(mode));
            assert_eq!(Modes::default().is_set(mode), default, "{number}");
            assert_eq!(permanent(number), None, "{number}");
        }
        assert_eq!(Mode::from_number(1234), None);
        assert_eq!(Mode::from_number(-1), None);
    }

    #[test]
    fn saved_modes_come_back() {
        let mut modes = Modes::default();
        modes.assign(Mode::Autowrap, false);
        modes.save(Mode::Autowrap);
        modes.assign(Mode::Autowrap, true);
        assert!(!modes.saved(Mode::Autowrap));
        assert!(modes.saved(Mode::CursorVisible), "never saved: the default");
    }
}
