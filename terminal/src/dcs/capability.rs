//! XTGETTCAP: terminfo's capabilities by name, answered from a table; an unknown name is not repeated.

use crate::limits::MAX_CAPABILITY_NAMES;
use crate::reply::Reply;
use crate::terminal::state::State;

/// Name and value; a boolean has none. Those that programs ask for, as `xterm-256color` has them, and the
/// extensions of tmux and neovim.
const CAPABILITIES: &[(&str, Option<&str>)] = &[
    ("TN", Some("xterm-256color")),
    ("name", Some("xterm-256color")),
    ("Co", Some("256")),
    ("colors", Some("256")),
    ("RGB", Some("8")),
    ("Tc", None),
    ("Su", None),
    ("bce", None),
    ("am", None),
    ("xenl", None),
    ("mir", None),
    ("msgr", None),
    ("km", None),
    ("AX", None),
    ("XT", None),
    ("it", Some("8")),
    ("cols", Some("80")),
    ("lines", Some("24")),
    ("bel", Some("\x07")),
    ("clear", Some("\x1b[H\x1b[2J")),
    ("E3", Some("\x1b[3J")),
    ("cup", Some("\x1b[%i%p1%d;%p2%dH")),
    ("smcup", Some("\x1b[?1049h\x1b[22;0;0t")),
    ("rmcup", Some("\x1b[?1049l\x1b[23;0;0t")),
    (
        "setaf",
        Some("\x1b[%?%p1%{8}%<%t3%p1%d%e%p1%{16}%<%t9%p1%{8}%-%d%e38;5;%p1%d%;m"),
    ),
    (
        "setab",
        Some("\x1b[%?%p1%{8}%<%t4%p1%d%e%p1%{16}%<%t10%p1%{8}%-%d%e48;5;%p1%d%;m"),
    ),
    ("setrgbf", Some("\x1b[38:2:%p1%d:%p2%d:%p3%dm")),
    ("setrgbb", Some("\x1b[48:2:%p1%d:%p2%d:%p3%dm")),
    ("Smulx", Some("\x1b[4:%p1%dm")),
    (
        "Setulc",
        Some("\x1b[58:2::%p1%{65536}%/%d:%p1%{256}%/%{255}%&%d:%p1%{255}%&%dm"),
    ),
    ("ol", Some("\x1b[59m")),
    ("Smol", Some("\x1b[53m")),
    ("smxx", Some("\x1b[9m")),
    ("rmxx", Some("\x1b[29m")),
    ("sitm", Some("\x1b[3m")),
    ("ritm", Some("\x1b[23m")),
    ("Ss", Some("\x1b[%p1%d q")),
    ("Se", Some("\x1b[0 q")),
    ("Cs", Some("\x1b]12;%p1%s\x07")),
    ("Cr", Some("\x1b]112\x07")),
    ("Ms", Some("\x1b]52;%p1%s;%p2%s\x07")),
    ("Sync", Some("\x1b[?2026%?%p1%{1}%-%tl%eh%;")),
    ("BD", Some("\x1b[?2004l")),
    ("BE", Some("\x1b[?2004h")),
    ("PS", Some("\x1b[200~")),
    ("PE", Some("\x1b[201~")),
    ("fe", Some("\x1b[?1004h")),
    ("fd", Some("\x1b[?1004l")),
    ("kxIN", Some("\x1b[I")),
    ("kxOUT", Some("\x1b[O")),
    ("XM", Some("\x1b[?1006;1000%?%p1%{1}%=%th%el%;")),
    ("kmous", Some("\x1b[<")),
    ("XR", Some("\x1b[>0q")),
    ("rep", Some("%p1%c\x1b[%p2%{1}%-%db")),
    ("kbs", Some("\x7f")),
    ("kcbt", Some("\x1b[Z")),
    ("kcuu1", Some("\x1bOA")),
    ("kcud1", Some("\x1bOB")),
    ("kcuf1", Some("\x1bOC")),
    ("kcub1", Some("\x1bOD")),
    ("khome", Some("\x1bOH")),
    ("kend", Some("\x1bOF")),
    ("kich1", Some("\x1b[2~")),
    ("kdch1", Some("\x1b[3~")),
    ("kpp", Some("\x1b[5~")),
    ("knp", Some("\x1b[6~")),
    ("kf1", Some("\x1bOP")),
    ("kf2", Some("\x1bOQ")),
    ("kf3", Some("\x1bOR")),
    ("kf4", Some("\x1bOS")),
    ("kf5", Some("\x1b[15~")),
    ("kf6", Some("\x1b[17~")),
    ("kf7", Some("\x1b[18~")),
    ("kf8", Some("\x1b[19~")),
    ("kf9", Some("\x1b[20~")),
    ("kf10", Some("\x1b[21~")),
    ("kf11", Some("\x1b[23~")),
    ("kf12", Some("\x1b[24~")),
    // Termcap's names of the keys, which vim asks xterm for.
    ("kb", Some("\x7f")),
    ("kB", Some("\x1b[Z")),
    ("ku", Some("\x1bOA")),
    ("kd", Some("\x1bOB")),
    ("kr", Some("\x1bOC")),
    ("kl", Some("\x1bOD")),
    ("kh", Some("\x1bOH")),
    ("@7", Some("\x1bOF")),
    ("kI", Some("\x1b[2~")),
    ("kD", Some("\x1b[3~")),
    ("kP", Some("\x1b[5~")),
    ("kN", Some("\x1b[6~")),
    ("k1", Some("\x1bOP")),
    ("k2", Some("\x1bOQ")),
    ("k3", Some("\x1bOR")),
    ("k4", Some("\x1bOS")),
    ("k5", Some("\x1b[15~")),
    ("k6", Some("\x1b[17~")),
    ("k7", Some("\x1b[18~")),
    ("k8", Some("\x1b[19~")),
    ("k9", Some("\x1b[20~")),
    ("k;", Some("\x1b[21~")),
    ("F1", Some("\x1b[23~")),
    ("F2", Some("\x1b[24~")),
];

impl State {
    /// XTGETTCAP: names in hexadecimal, joined by `;`; one answer each.
    pub(super) fn request_capabilities(&mut self, names: &[u8]) {
        for name in names.split(|&byte| byte == b';').take(MAX_CAPABILITY_NAMES) {
            self.replies.push(Reply::Capability(capability(name)));
        }
    }
}

fn capability(hexadecimal: &[u8]) -> Option<(&'static str, Option<&'static str>)> {
    let digit = |digit: &u8| char::from(*digit).to_digit(16);
    let (pairs, rest) = hexadecimal.as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    let name: Option<Vec<u8>> = pairs
        .iter()
        .map(|[high, low]| u8::try_from(digit(high)? << 4 | digit(low)?).ok())
        .collect();
    let name = name?;
    CAPABILITIES
        .iter()
        .find(|(known, _)| known.as_bytes() == name)
        .copied()
}
