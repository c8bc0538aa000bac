//! DECRQSS: the settings a program may ask for, written from our own state (CVE-2008-2383, CVE-2022-45872).

use crate::cell::Attrs;
use crate::frame::CursorShape;
use crate::reply::Reply;
use crate::sgr;
use crate::terminal::state::State;

impl State {
    /// DECRQSS.
    pub(super) fn request_setting(&mut self, request: &[u8]) {
        let setting = self.setting(request);
        self.replies.push(Reply::Setting(setting));
    }

    /// The setting as the sequence, less its CSI, that would restore it; `None` if it is unknown.
    fn setting(&self, request: &[u8]) -> Option<String> {
        let screen = self.screen();
        let size = self.size();
        let pair =
            |(first, last): (u16, u16), end: &str| format!("{};{}{end}", first + 1, last + 1);
        Some(match request {
            b"m" => format!("{}m", sgr::describe(&screen.pen())), // SGR
            b"r" => pair(screen.vertical_margins(), "r"),         // DECSTBM
            b"s" if self.dec.level >= 4 => pair(screen.horizontal_margins(), "s"), // DECSLRM
            b"t" => format!("{}t", size.rows),                    // DECSLPP
            b"$|" => format!("{}$|", size.columns),               // DECSCPP
            b"*|" => format!("{}*|", size.rows),                  // DECSNLS
            b"\"p" => {
                let controls = if self.replies.eight_bit { 0 } else { 1 };
                format!("6{};{controls}\"p", self.dec.level) // DECSCL
            }
            b"\"q" => {
                let protected = screen.pen().attrs.contains(Attrs::PROTECTED);
                format!("{}\"q", u8::from(protected)) // DECSCA
            }
            b" q" => {
                let steady = match self.cursor.shape {
                    CursorShape::Block => 2,
                    CursorShape::Underline => 4,
                    CursorShape::Beam => 6,
                };
                format!("{} q", steady - u8::from(self.cursor.blinking)) // DECSCUSR
            }
            b"*x" => format!("{}*x", self.dec.extent), // DECSACE
            // There is no status line: output goes to the main display (DECSASD, DECSSDT).
            b"$}" => "0$}".to_owned(),
            b"$~" => "0$~".to_owned(),
            _ => return None,
        })
    }
}
