//! Keys with modifiers, as they are written: `ctrl+shift+t`, `f11`, `alt+plus`.

use std::fmt;
use std::str::FromStr;

use toml::de::DeValue;

use crate::nearest::nearest;
use crate::value::{Problem, Setting};

/// What stands before a key that is meant by its place.
const PHYSICAL: &str = "physical:";
/// The characters of an American keyboard, unshifted.
const AMERICAN: &str = "abcdefghijklmnopqrstuvwxyz0123456789`-=[]\\;',./";
/// How a place is told, for messages.
const PLACES: &str = "what the key gives on an American keyboard: physical:w, physical:minus";

/// What a chord looks like, for messages.
const EXPECTED: &str = "modifiers and a key such as \"ctrl+shift+t\" or \"f11\"";

/// A set of modifier keys. Which side of the keyboard they are on does not matter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Modifiers(u8);

impl Modifiers {
    /// No modifier.
    pub const NONE: Self = Self(0);
    /// Shift.
    pub const SHIFT: Self = Self(1);
    /// Alt, also called option.
    pub const ALT: Self = Self(2);
    /// Control.
    pub const CTRL: Self = Self(4);
    /// Super, also called Windows or command.
    pub const SUPER: Self = Self(8);

    /// In the order in which they are written.
    const NAMES: [(&'static str, Self); 4] = [
        ("ctrl", Self::CTRL),
        ("alt", Self::ALT),
        ("shift", Self::SHIFT),
        ("super", Self::SUPER),
    ];

    /// Both sets together.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// This set less the other.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether all of the other set are in this one.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether the set is empty.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    fn from_name(name: &str) -> Option<Self> {
        match name {
            "ctrl" | "control" => Some(Self::CTRL),
            "alt" | "option" | "opt" => Some(Self::ALT),
            "shift" => Some(Self::SHIFT),
            "super" | "cmd" | "command" | "win" | "logo" => Some(Self::SUPER),
            _ => None,
        }
    }
}

impl fmt::Display for Modifiers {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let held = Self::NAMES.iter().filter(|(_, one)| self.contains(*one));
        let names: Vec<&str> = held.map(|(name, _)| *name).collect();
        formatter.write_str(&names.join("+"))
    }
}

/// Modifiers as the value of an option: `"ctrl"`, `"ctrl+alt"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ModifierSet(pub Modifiers);

impl Setting for ModifierSet {
    fn expected() -> String {
        "\"ctrl\", \"alt\", \"shift\", \"super\" or several joined with +".to_owned()
    }

    fn read(value: &DeValue<'_>) -> Result<Self, Problem> {
        let problem = || Problem::kind(Self::expected(), value);
        let text = value.as_str().ok_or_else(problem)?.to_lowercase();
        let mut all = Modifiers::NONE;
        for name in text.split('+') {
            all = all.with(Modifiers::from_name(name.trim()).ok_or_else(problem)?);
        }
        Ok(Self(all))
    }

    fn write(&self) -> toml::Value {
        toml::Value::String(self.0.to_string())
    }
}

/// A key, apart from its modifiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyName {
    /// A key by the character that it gives without modifiers; a letter is lower case.
    Char(char),
    /// A function key, F1 to F35.
    Function(u8),
    /// A key that has a name instead of a character.
    Named(NamedKey),
    /// A key by its place: the character that is there on an American keyboard, whatever it gives on the
    /// user's.
    Physical(char),
}

impl KeyName {
    /// The key of a character: `T` and `t` are one key.
    #[must_use]
    pub fn of_char(c: char) -> Self {
        let mut lower = c.to_lowercase();
        match (lower.next(), lower.next()) {
            (Some(' '), None) => Self::Named(NamedKey::Space),
            (Some(one), None) => Self::Char(one),
            // A letter without a lower case of one character stays as it is.
            _ => Self::Char(c),
        }
    }
}

/// Makes [`NamedKey`] with the names that its keys have in the file, the first being the usual one.
macro_rules! named_keys {
    ($( $(#[doc = $doc:literal])* $variant:ident = $name:literal $(| $other:literal)*, )*) => {
        /// A key that has a name instead of a character.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum NamedKey {
            $( $(#[doc = $doc])* $variant, )*
        }

        impl NamedKey {
            /// Every named key.
            pub const ALL: &'static [Self] = &[$( Self::$variant, )*];

            /// The key's name in the file.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $( Self::$variant => $name, )* }
            }

            /// The key of a name, in lower case.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $( $name $(| $other)* => Some(Self::$variant), )* _ => None }
            }
        }
    };
}

named_keys! {
    /// Enter, on the main keyboard.
    Enter = "enter" | "return",
    /// Tab.
    Tab = "tab",
    /// The space bar.
    Space = "space",
    /// Backspace.
    Backspace = "backspace" | "back",
    /// Escape.
    Escape = "escape" | "esc",
    /// Insert.
    Insert = "insert" | "ins",
    /// Delete.
    Delete = "delete" | "del",
    /// Home.
    Home = "home",
    /// End.
    End = "end",
    /// Page up.
    PageUp = "pageup" | "page_up" | "page-up" | "pgup" | "prior",
    /// Page down.
    PageDown = "pagedown" | "page_down" | "page-down" | "pgdn" | "next",
    /// Arrow up.
    Up = "up",
    /// Arrow down.
    Down = "down",
    /// Arrow left.
    Left = "left",
    /// Arrow right.
    Right = "right",
    /// The menu key.
    Menu = "menu",
    /// Print screen.
    PrintScreen = "print" | "printscreen" | "print_screen",
    /// Pause.
    Pause = "pause",
    /// The edit key "copy".
    Copy = "copy",
    /// The edit key "paste".
    Paste = "paste",
    /// The edit key "cut".
    Cut = "cut",
    /// 0 on the keypad.
    Keypad0 = "kp_0",
    /// 1 on the keypad.
    Keypad1 = "kp_1",
    /// 2 on the keypad.
    Keypad2 = "kp_2",
    /// 3 on the keypad.
    Keypad3 = "kp_3",
    /// 4 on the keypad.
    Keypad4 = "kp_4",
    /// 5 on the keypad.
    Keypad5 = "kp_5",
    /// 6 on the keypad.
    Keypad6 = "kp_6",
    /// 7 on the keypad.
    Keypad7 = "kp_7",
    /// 8 on the keypad.
    Keypad8 = "kp_8",
    /// 9 on the keypad.
    Keypad9 = "kp_9",
    /// Plus on the keypad.
    KeypadAdd = "kp_add" | "kp_plus",
    /// Minus on the keypad.
    KeypadSubtract = "kp_subtract" | "kp_minus",
    /// Times on the keypad.
    KeypadMultiply = "kp_multiply",
    /// The division sign on the keypad.
    KeypadDivide = "kp_divide",
    /// The decimal sign on the keypad.
    KeypadDecimal = "kp_decimal",
    /// Enter on the keypad.
    KeypadEnter = "kp_enter",
}

/// Names for characters that are hard to read, or mean something else, in a chord.
const CHARACTER_NAMES: &[(&str, char)] = &[
    ("plus", '+'),
    ("minus", '-'),
    ("equal", '='),
    ("comma", ','),
    ("period", '.'),
    ("slash", '/'),
    ("backslash", '\\'),
    ("semicolon", ';'),
    ("apostrophe", '\''),
    ("grave", '`'),
    ("underscore", '_'),
    ("bracketleft", '['),
    ("bracketright", ']'),
];

impl fmt::Display for KeyName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Function(number) => write!(formatter, "f{number}"),
            Self::Named(key) => formatter.write_str(key.name()),
            Self::Physical(c) => write!(formatter, "{PHYSICAL}{}", Self::Char(*c)),
            Self::Char(c) => match CHARACTER_NAMES.iter().find(|(_, one)| one == c) {
                Some((name, _)) => formatter.write_str(name),
                None => write!(formatter, "{c}"),
            },
        }
    }
}

impl FromStr for KeyName {
    type Err = Problem;

    fn from_str(text: &str) -> Result<Self, Problem> {
        let mut chars = text.chars();
        if let (Some(c), None) = (chars.next(), chars.next())
            && !c.is_control()
        {
            return Ok(Self::of_char(c));
        }
        let name = text.to_lowercase();
        if let Some(place) = name.strip_prefix(PHYSICAL) {
            return match place.parse() {
                Ok(Self::Char(c)) if AMERICAN.contains(c) => Ok(Self::Physical(c)),
                _ => {
                    let message = format!("unknown place \"{}\"", place.escape_debug());
                    Err(Problem::meaning(message, PLACES))
                }
            };
        }
        if let Some(number) = name
            .strip_prefix('f')
            .and_then(|digits| digits.parse::<u8>().ok())
            && (1..=35).contains(&number)
        {
            return Ok(Self::Function(number));
        }
        if let Some(key) = NamedKey::from_name(&name) {
            return Ok(Self::Named(key));
        }
        if let Some((_, c)) = CHARACTER_NAMES.iter().find(|(one, _)| *one == name) {
            return Ok(Self::Char(*c));
        }
        let mut message = format!("unknown key \"{}\"", text.escape_debug());
        let known = NamedKey::ALL.iter().map(|key| key.name());
        if let Some(near) = nearest(&name, known.chain(CHARACTER_NAMES.iter().map(|(n, _)| *n))) {
            message.push_str(&format!(" (did you mean \"{near}\"?)"));
        }
        Err(Problem::meaning(message, EXPECTED))
    }
}

/// A key with the modifiers held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Chord {
    /// The modifiers: these and no others.
    pub modifiers: Modifiers,
    /// The key.
    pub key: KeyName,
}

impl fmt::Display for Chord {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.modifiers.is_empty() {
            write!(formatter, "{}+", self.modifiers)?;
        }
        self.key.fmt(formatter)
    }
}

impl FromStr for Chord {
    type Err = Problem;

    fn from_str(text: &str) -> Result<Self, Problem> {
        let text = text.trim();
        // In "ctrl++" the last plus is the key.
        let (held, key) = if text == "+" {
            (None, "+")
        } else if let Some(held) = text.strip_suffix("++") {
            (Some(held), "+")
        } else {
            text.rsplit_once('+')
                .map_or((None, text), |(held, key)| (Some(held), key))
        };
        if key.trim().is_empty() {
            return Err(Problem::meaning(
                format!("no key in \"{}\"", text.escape_debug()),
                EXPECTED,
            ));
        }
        let mut modifiers = Modifiers::NONE;
        for name in held
            .into_iter()
            .flat_map(|held| held.split('+'))
            .map(str::trim)
        {
            let one = Modifiers::from_name(&name.to_lowercase()).ok_or_else(|| {
                let message = format!("unknown modifier \"{}\"", name.escape_debug());
                Problem::meaning(message, "ctrl, alt, shift or super")
            })?;
            modifiers = modifiers.with(one);
        }
        Ok(Self {
            modifiers,
            key: key.trim().parse()?,
        })
    }
}
