//! The names of hosts in OpenSSH's configuration files, with the address that stands beside one, to be shown and
//! found: what a name means is asked of `ssh -G`, when it is needed.
//!
//! A name is a word after `Host` without `*`, `?` and `!`. `Match` names nothing. An `Include` is relative to
//! the user's `~/.ssh` (in the system's file: to `/etc/ssh`), not to the file that includes; one within `Host`
//! or `Match` is conditional, and its hosts are offered all the same.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// How deep files may include others, as in OpenSSH.
const MAX_DEPTH: usize = 16;
/// A configuration file is not longer than this; what is, is no configuration.
const MAX_FILE: u64 = 4 << 20;
/// More names than anybody has.
const MAX_HOSTS: usize = 20_000;

/// What the files say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Hosts {
    /// The names, in the order of the files, each once.
    pub(super) names: Vec<String>,
    /// What a name's own section says that its address is, to be shown: ssh may make another of it.
    pub(super) addresses: BTreeMap<String, String>,
    /// The files that were read, with their times, to know when they change.
    pub(super) files: BTreeMap<PathBuf, Option<SystemTime>>,
}

impl Hosts {
    /// Reads the user's file, then the system's.
    pub(super) fn read(user: &Path, home: &Path, system: &Path) -> Self {
        let mut reader = Reader::default();
        let base = home.join(".ssh");
        reader.file(user, &base, home, 0);
        let base = system.parent().unwrap_or(Path::new("/"));
        reader.file(system, base, home, 0);
        reader.hosts
    }

    /// Whether the files are still those that were read. A pattern that now matches more files goes unnoticed
    /// only until its folder's time changes, which is kept too.
    pub(super) fn is_current(&self) -> bool {
        !self.files.is_empty()
            && self
                .files
                .iter()
                .all(|(path, time)| modified(path) == *time)
    }
}

fn modified(path: &Path) -> Option<SystemTime> {
    std::fs::metadata(path)
        .and_then(|metadata| metadata.modified())
        .ok()
}

#[derive(Default)]
struct Reader {
    hosts: Hosts,
}

impl Reader {
    fn file(&mut self, path: &Path, base: &Path, home: &Path, depth: usize) {
        if depth > MAX_DEPTH || self.hosts.files.contains_key(path) {
            return;
        }
        self.hosts.files.insert(path.to_owned(), modified(path));
        let length = std::fs::metadata(path).map_or(0, |metadata| metadata.len());
        if length > MAX_FILE {
            tracing::warn!(path = %path.display(), "too long for an ssh configuration");
            return;
        }
        let Ok(bytes) = std::fs::read(path) else {
            return;
        };
        let mut section: Vec<String> = Vec::new();
        for line in String::from_utf8_lossy(&bytes).lines() {
            let words = words(line);
            let Some((keyword, arguments)) = words.split_first() else {
                continue;
            };
            if keyword.eq_ignore_ascii_case("host") {
                self.names(arguments);
                section = arguments.to_vec();
            } else if keyword.eq_ignore_ascii_case("match") {
                section.clear();
            } else if keyword.eq_ignore_ascii_case("hostname") {
                self.address(&section, arguments);
            } else if keyword.eq_ignore_ascii_case("include") {
                for pattern in arguments {
                    self.include(pattern, base, home, depth);
                }
            }
        }
    }

    fn names(&mut self, words: &[String]) {
        for name in words {
            let literal = !name.is_empty() && !name.contains(['*', '?', '!']);
            if literal && self.hosts.names.len() < MAX_HOSTS && !self.hosts.names.contains(name) {
                self.hosts.names.push(name.clone());
            }
        }
    }

    fn address(&mut self, section: &[String], arguments: &[String]) {
        let Some(address) = arguments.first() else {
            return;
        };
        for name in section
            .iter()
            .filter(|name| self.hosts.names.contains(name))
        {
            let address = address.replace("%h", name);
            // As ssh has it: the first counts.
            if !address.contains('%') {
                let known = self.hosts.addresses.entry(name.clone());
                known.or_insert(address);
            }
        }
    }

    fn include(&mut self, pattern: &str, base: &Path, home: &Path, depth: usize) {
        // Tokens and variables are left to ssh; a file that is named by them offers no hosts.
        let path = match pattern.strip_prefix("~/") {
            Some(rest) => home.join(rest),
            None => base.join(pattern),
        };
        for path in self.expand(&path) {
            self.file(&path, base, home, depth + 1);
        }
    }

    /// The files that a pattern names, sorted; `*` and `?` stand in any part of the path.
    fn expand(&mut self, pattern: &Path) -> Vec<PathBuf> {
        let mut found = vec![PathBuf::new()];
        for part in pattern.components() {
            let part = part.as_os_str().to_string_lossy().into_owned();
            if !part.contains(['*', '?']) {
                for path in &mut found {
                    path.push(&part);
                }
                continue;
            }
            let mut next = Vec::new();
            for folder in found {
                self.hosts.files.insert(folder.clone(), modified(&folder));
                let entries = std::fs::read_dir(&folder).into_iter().flatten().flatten();
                let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
                let hidden = part.starts_with('.');
                let names = names.filter(|name| hidden || !name.starts_with('.'));
                next.extend(
                    names
                        .filter(|name| matches(&part, name))
                        .map(|name| folder.join(name)),
                );
            }
            next.sort();
            found = next;
        }
        found.retain(|path| path.is_file());
        found
    }
}

/// Whether a pattern with `*` and `?` matches the whole of a text.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(c) if *c == '?' || *c == text[t] => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((at, from)) => {
                    star = Some((at, from + 1));
                    p = at + 1;
                    t = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

/// A line's words: keyword, then white space or one `=`, then arguments, which may be in double quotes. What
/// follows `#` is a comment.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = line.trim();
    while !rest.is_empty() && !rest.starts_with('#') {
        if let Some(quoted) = rest.strip_prefix('"') {
            let end = quoted.find('"').unwrap_or(quoted.len());
            words.push(quoted[..end].to_owned());
            rest = quoted.get(end + 1..).unwrap_or_default();
        } else {
            let first = words.is_empty();
            let end = rest.find(|c: char| c.is_whitespace() || c == '"' || (first && c == '='));
            let end = end.unwrap_or(rest.len());
            words.push(rest[..end].to_owned());
            rest = &rest[end..];
        }
        rest = rest.trim_start();
        if words.len() == 1 {
            rest = rest.strip_prefix('=').unwrap_or(rest).trim_start();
        }
    }
    words
}

/// The names in a `known_hosts` file that can be read: not hashed, not patterns, not marked.
pub(super) fn known_hosts(path: &Path) -> Vec<String> {
    if std::fs::metadata(path).map_or(0, |metadata| metadata.len()) > MAX_FILE {
        return Vec::new();
    }
    let bytes = std::fs::read(path).unwrap_or_default();
    let mut names: Vec<String> = Vec::new();
    for line in String::from_utf8_lossy(&bytes).lines() {
        let Some(hosts) = line
            .split_whitespace()
            .next()
            .filter(|word| !word.starts_with(['#', '@', '|']))
        else {
            continue;
        };
        // Of a name and its addresses the name is offered.
        let named = hosts.split(',').find(|host| {
            host.contains(|c: char| c.is_ascii_alphabetic())
                && !host.contains(['*', '?', '!', '[', ':'])
        });
        if let Some(name) = named
            && names.len() < MAX_HOSTS
            && !names.iter().any(|one| one == name)
        {
            names.push(name.to_owned());
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::{Hosts, known_hosts, matches, words};
    use std::fs;

    #[track_caller]
    fn check_words(line: &str, expected: &[&str]) {
        assert_eq!(words(line), expected, "{line}");
    }

    #[test]
    fn lines_are_cut_as_ssh_cuts_them() {
        check_words("Host web db", &["Host", "web", "db"]);
        check_words("  Host=web", &["Host", "web"]);
        check_words("Host = web", &["Host", "web"]);
        check_words(
            "Host=\"quoted name\" plain",
            &["Host", "quoted name", "plain"],
        );
        check_words("# Host no", &[]);
        check_words("Host a # b", &["Host", "a"]);
        check_words("SetEnv A=b", &["SetEnv", "A=b"]);
        check_words("", &[]);
    }

    #[test]
    fn patterns_match_whole_names() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("*.conf", "a.conf", true),
            ("*.conf", "a.conf.bak", false),
            ("a?c", "abc", true),
            ("a*b*c", "axxbyyc", true),
            ("prod-*", "staging", false),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn hosts_come_from_all_files_in_order() {
        let home = tempfile::tempdir().expect("a folder");
        let ssh = home.path().join(".ssh");
        fs::create_dir_all(ssh.join("conf.d")).expect("writable");
        fs::create_dir_all(home.path().join("elsewhere/conf.d")).expect("writable");
        let write = |name: &str, text: &str| fs::write(ssh.join(name), text).expect("writable");
        write("conf.d/b.conf", "Host b\nInclude config\n");
        write("conf.d/a.conf", "Match host x\nHost a\n");
        write("conf.d/no.txt", "Host no\n");
        fs::write(home.path().join("elsewhere/conf.d/c.conf"), "Host wrong\n").expect("writable");
        let main = home.path().join("elsewhere/config");
        let text = "Host first *.internal !secret.internal dev-?\n  User me\n  HostName %h.example\nInclude conf.d/*.conf\nMatch exec \"false\"\nHost last first\nHost *\n";
        fs::write(&main, text).expect("writable");
        let system = home.path().join("system/ssh_config");
        let hosts = Hosts::read(&main, home.path(), &system);
        assert_eq!(hosts.names, ["first", "a", "b", "last"]);
        assert_eq!(hosts.addresses["first"], "first.example");
        assert!(hosts.is_current());
        fs::remove_file(ssh.join("conf.d/a.conf")).expect("removable");
        assert!(!hosts.is_current());
    }

    #[test]
    fn an_include_of_itself_ends() {
        let home = tempfile::tempdir().expect("a folder");
        let main = home.path().join("config");
        fs::write(&main, format!("Host a\nInclude {}\n", main.display())).expect("writable");
        let hosts = Hosts::read(&main, home.path(), &home.path().join("none"));
        assert_eq!(hosts.names, ["a"]);
    }

    #[test]
    fn known_names_are_those_that_can_be_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("known_hosts");
        let text = "web.example,10.0.0.1 ssh-ed25519 A\n|1|x|y ssh-rsa B\n[127.0.0.1]:22022 ssh-rsa C\n@revoked bad ssh-rsa D\n10.0.0.2 ssh-rsa E\nweb.example ssh-rsa F\n";
        fs::write(&file, text).expect("writable");
        assert_eq!(known_hosts(&file), ["web.example"]);
    }
}
