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
