//! `terrace doctor`: what works on this machine and what does not, what is wrong first, each with its
//! remedy in one sentence.

use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use config::{Config, Severity};
use renderer::Gpu;

use super::inspect;
use super::picture::Studio;
use super::print;
use crate::cli::DoctorArgs;

/// Libraries that the window loads as it starts, with the Debian package of each: on X11, on Wayland.
const X11_LIBRARIES: [(&str, &str); 4] = [
    ("libX11.so.6", "libx11-6"),
    ("libX11-xcb.so.1", "libx11-xcb1"),
    ("libXi.so.6", "libxi6"),
    ("libxkbcommon-x11.so.0", "libxkbcommon-x11-0"),
];
const WAYLAND_LIBRARIES: [(&str, &str); 2] = [
    ("libwayland-client.so.0", "libwayland-client0"),
    ("libxkbcommon.so.0", "libxkbcommon0"),
];

/// What was found out.
#[derive(Debug, Default)]
struct Report {
    /// Things that keep Terrace from working, with their remedy.
    errors: Vec<String>,
    /// Things that work less well than they might.
    warnings: Vec<String>,
    /// What there is: subject and findings.
    facts: Vec<(&'static str, Vec<String>)>,
}

impl Report {
    fn fact(&mut self, subject: &'static str, finding: impl Into<String>) {
        match self.facts.last_mut() {
            Some((last, findings)) if *last == subject => findings.push(finding.into()),
            _ => self.facts.push((subject, vec![finding.into()])),
        }
    }

    fn text(&self) -> String {
        let mut text = String::new();
        for error in &self.errors {
            let _ = writeln!(text, "error: {error}");
        }
        for warning in &self.warnings {
            let _ = writeln!(text, "warning: {warning}");
        }
        if self.errors.is_empty() && self.warnings.is_empty() {
            text.push_str("nothing is wrong\n");
        }
        text.push('\n');
        for (subject, findings) in &self.facts {
            for (i, finding) in findings.iter().enumerate() {
                let subject = if i == 0 { *subject } else { "" };
                let _ = writeln!(text, "{subject:<10} {finding}");
            }
        }
        text
    }
}

/// Runs the command; the exit status is 1 when something keeps Terrace from working.
pub(super) fn run(args: &DoctorArgs) -> anyhow::Result<ExitCode> {
    let mut report = Report::default();
    report.fact(
        "terrace",
        format!("{} on {}", env!("CARGO_PKG_VERSION"), system()),
    );
    let loaded = config::load(&args.settings.sources());
    graphics(&mut report, &loaded.config);
    display(&mut report);
    fonts(&mut report);
    shell(&mut report, &loaded.config);
    settings(&mut report, args, &loaded);
    print(&report.text())?;
    Ok(if report.errors.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// The system's name, as it calls itself (os-release(5)).
fn system() -> String {
    let release = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    let name = release
        .lines()
        .find_map(|line| line.strip_prefix("PRETTY_NAME="));
    name.map_or(std::env::consts::OS, |name| name.trim_matches('"'))
        .to_owned()
}

/// What draws the window, the adapters that there are, and the embedded or chosen font.
fn graphics(report: &mut Report, config: &Config) {
    let adapters = Gpu::adapters();
    match Studio::new(config, 1.0) {
        Ok(studio) => {
            let chosen = studio.gpu().map(Gpu::adapter_info);
            let name = match &chosen {
                Some(chosen) => format!("{} through {}, chosen", chosen.name, chosen.backend),
                None => "the processor, without a driver, chosen".to_owned(),
            };
            report.fact("graphics", name);
            let asked = config.renderer.backend == config::renderer::Backend::Software;
            let slow = chosen
                .as_ref()
                .is_none_or(|chosen| chosen.device_type == wgpu::DeviceType::Cpu);
            if slow && !asked {
                report.warnings.push(
                    "no graphics hardware with a driver: the processor draws; if there is a graphics card, \
                     install its Vulkan driver (on Debian: mesa-vulkan-drivers)"
                        .into(),
                );
            }
            for adapter in adapters {
                let is_chosen = chosen.as_ref().is_some_and(|chosen| {
                    (&adapter.name, adapter.backend) == (&chosen.name, chosen.backend)
                });
                if !is_chosen {
                    report.fact(
                        "graphics",
                        format!("{} through {}", adapter.name, adapter.backend),
                    );
                }
            }
            report.warnings.extend(studio.warnings().iter().cloned());
            let family = match config.font.family.as_str() {
                "" => "JetBrains Mono (embedded)",
                family => family,
            };
            let cell = studio.cell();
            report.fact(
                "font",
                format!(
                    "{family}, {} points: cells of {} × {} pixels",
                    config.font.size, cell.width, cell.height
                ),
            );
        }
        Err(error) => {
            report.errors.push(format!("{error:#}"));
            report.fact("graphics", "no adapter that works");
        }
    }
}

/// The display server, and the libraries to talk to it.
fn display(report: &mut Report) {
    let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let wayland = variable("WAYLAND_DISPLAY");
    let x11 = variable("DISPLAY");
    let runtime = variable("XDG_RUNTIME_DIR").map(PathBuf::from);
    let mut works = false;
    if let Some(name) = &wayland {
        let socket = match &runtime {
            Some(folder) => folder.join(name),
            None => PathBuf::from(name),
        };
        if UnixStream::connect(&socket).is_ok() {
            works = true;
            report.fact("display", format!("Wayland at {}", socket.display()));
            libraries(report, &WAYLAND_LIBRARIES);
        } else {
            report.fact(
                "display",
                format!("no Wayland compositor at {}", socket.display()),
            );
        }
    }
    if let Some(name) = &x11 {
        match x11_answers(name) {
            true => {
                works = true;
                report.fact("display", format!("X11 at {name}"));
                libraries(report, &X11_LIBRARIES);
            }
            false => report.fact("display", format!("no X server answers at {name}")),
        }
    }
    if !works {
        report.errors.push(if wayland.is_none() && x11.is_none() {
            "no display: neither WAYLAND_DISPLAY nor DISPLAY is set; start Terrace from a desktop session, \
             or use `terrace run` and `terrace shot`, which need none"
                .to_owned()
        } else {
            "no display server answers where WAYLAND_DISPLAY or DISPLAY point; start Terrace from a \
             desktop session"
                .to_owned()
        });
        if wayland.is_none() && x11.is_none() {
            report.fact("display", "none");
        }
    }
    match runtime {
        Some(folder) if !folder.is_dir() => report.warnings.push(format!(
            "XDG_RUNTIME_DIR is {}, which is no folder; log in anew, or unset it",
            folder.display()
        )),
        _ => {}
    }
}

/// Whether an X server listens where DISPLAY says: `:0`, `unix:0.0`, `host:0`.
fn x11_answers(display: &str) -> bool {
    let Some((host, number)) = display.rsplit_once(':') else {
        return false;
    };
    let number = number.split('.').next().unwrap_or_default();
    let Ok(number) = number.parse::<u16>() else {
        return false;
    };
    if host.is_empty() || host == "unix" {
        let path = format!("/tmp/.X11-unix/X{number}");
        if UnixStream::connect(path).is_ok() {
            return true;
        }
    }
    let host = if host.is_empty() || host == "unix" {
        "localhost"
    } else {
        host
    };
    let port = 6000u16.saturating_add(number);
    std::net::ToSocketAddrs::to_socket_addrs(&(host, port)).is_ok_and(|mut addresses| {
        let patience = std::time::Duration::from_secs(2);
        addresses.any(|address| std::net::TcpStream::connect_timeout(&address, patience).is_ok())
    })
}

/// Names the libraries that the dynamic linker does not know.
fn libraries(report: &mut Report, needed: &[(&str, &str)]) {
    if !cfg!(target_os = "linux") {
        return;
    }
    let known = ["/sbin/ldconfig", "/usr/sbin/ldconfig"]
        .iter()
        .find_map(|program| Command::new(program).arg("-p").output().ok());
    let Some(known) = known.filter(|output| output.status.success()) else {
        return;
    };
    let known = String::from_utf8_lossy(&known.stdout).into_owned();
    for (library, package) in needed {
        let there = known
            .lines()
            .any(|line| line.split_whitespace().next() == Some(library));
        if !there {
            report.errors.push(format!(
                "library {library} is missing; install it (on Debian and Ubuntu: apt install {package})"
            ));
        }
    }
}

/// Fonts for what the embedded one lacks, where fontconfig can be asked.
fn fonts(report: &mut Report) {
    const SAMPLES: [(&str, &str, &str); 2] = [
        ("Chinese, Japanese and Korean", "5b57", "fonts-noto-cjk"),
        ("emoji", "1f600", "fonts-noto-color-emoji"),
    ];
    for (what, code, package) in SAMPLES {
        let output = Command::new("fc-list")
            .args([&format!(":charset={code}"), "family"])
            .output();
        let Ok(output) = output else {
            report.fact(
                "fonts",
                "not looked at: fc-list (package fontconfig) is not installed",
            );
            return;
        };
        let families = String::from_utf8_lossy(&output.stdout).into_owned();
        let mut families: Vec<&str> = families
            .lines()
            .filter_map(|line| line.split(',').next())
            .map(str::trim)
            .collect();
        families.sort_unstable();
        families.dedup();
        match &families[..] {
            [] => {
                report.fact("fonts", format!("{what}: none"));
                report.warnings.push(format!(
                    "no font for {what}; install one (on Debian and Ubuntu: apt install {package})"
                ));
            }
            [first] => report.fact("fonts", format!("{what}: {first}")),
            [first, rest @ ..] => {
                report.fact("fonts", format!("{what}: {first} and {} more", rest.len()));
            }
        }
    }
}

/// The shell, its folder, TERM and the locale.
fn shell(report: &mut Report, config: &Config) {
    let program = match config.shell.program.as_str() {
        "" => pty::user_shell(),
        program => PathBuf::from(program),
    };
    match find_program(&program) {
        Some(path) => report.fact("shell", path.display().to_string()),
        None => {
            report.fact(
                "shell",
                format!("{}, which cannot be run", program.display()),
            );
            report.errors.push(format!(
                "shell \"{}\" not found or not executable; see shell.program",
                program.display()
            ));
        }
    }
    let term = &config.shell.term;
    match terminfo(term) {
        Some(path) => report.fact("term", format!("{term}, described in {}", path.display())),
        None => {
            report.fact("term", format!("{term}, not described on this machine"));
            report.warnings.push(format!(
                "no terminfo entry for TERM={term}; install it (on Debian and Ubuntu: apt install \
                 ncurses-base), or see shell.term"
            ));
        }
    }
    // POSIX: the first of these that is set and not empty decides.
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
    let locale = locale.unwrap_or_else(|| "C".to_owned());
    let folded = locale.to_ascii_lowercase().replace('-', "");
    report.fact("locale", locale.clone());
    if !folded.contains("utf8") {
        report.warnings.push(format!(
            "the locale is {locale}, which is not UTF-8: programs print ? or garbage for many characters; \
             set LANG to a UTF-8 locale, as C.UTF-8"
        ));
    }
}

/// The program's file, looked up in PATH if it is a bare name, if it may be executed.
fn find_program(program: &Path) -> Option<PathBuf> {
    let runs = |path: &Path| {
        std::fs::metadata(path).is_ok_and(|it| it.is_file() && it.permissions().mode() & 0o111 != 0)
    };
    if program.components().count() > 1 || program.is_absolute() {
        return runs(program).then(|| program.to_path_buf());
    }
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|path| runs(path))
}

/// The terminfo entry's file (terminfo(5), "Fetching Compiled Descriptions").
fn terminfo(term: &str) -> Option<PathBuf> {
    let first = term.chars().next()?;
    let home = std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".terminfo"));
    let own = std::env::var_os("TERMINFO").map(PathBuf::from);
    let system = [
        "/etc/terminfo",
        "/lib/terminfo",
        "/usr/share/terminfo",
        "/usr/lib/terminfo",
    ];
    let folders = own.into_iter().chain(home).chain(system.map(PathBuf::from));
    folders
        .flat_map(|folder| {
            let by_letter = folder.join(first.to_string()).join(term);
            let by_code = folder.join(format!("{:x}", u32::from(first))).join(term);
            [by_letter, by_code]
        })
        .find(|path| path.is_file())
}

/// The settings' files and the mistakes in them.
fn settings(report: &mut Report, args: &DoctorArgs, loaded: &config::Loaded) {
    match inspect::file(&args.settings) {
        Some(file) if file.exists() => report.fact("settings", file.display().to_string()),
        Some(file) => {
            report.fact(
                "settings",
                format!("the defaults; {} does not exist", file.display()),
            );
        }
        None => report.fact("settings", "the defaults; there is no home folder"),
    }
    for diagnostic in &loaded.diagnostics {
        match diagnostic.severity {
            Severity::Error => report.errors.push(diagnostic.to_string()),
            Severity::Warning => report.warnings.push(diagnostic.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_comes_first() {
        let mut report = Report::default();
        report.fact("a", "one");
        report.fact("a", "two");
        assert_eq!(
            report.text(),
            "nothing is wrong\n\na          one\n           two\n"
        );
        report.warnings.push("careful".into());
        report.errors.push("broken".into());
        assert!(
            report
                .text()
                .starts_with("error: broken\nwarning: careful\n\n")
        );
    }

    #[test]
    fn programs_are_looked_up_as_a_shell_does() {
        assert_eq!(find_program(Path::new("/bin/sh")), Some("/bin/sh".into()));
        assert!(find_program(Path::new("sh")).is_some_and(|path| path.is_absolute()));
        assert_eq!(find_program(Path::new("/etc/passwd")), None);
        assert_eq!(find_program(Path::new("/")), None);
        assert_eq!(find_program(Path::new("no-such-program-here")), None);
    }

    #[test]
    fn displays_that_cannot_be() {
        assert!(!x11_answers("nonsense"));
        assert!(!x11_answers(":nonsense"));
        assert!(!x11_answers(":64999"));
    }
}
