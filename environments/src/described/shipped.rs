//! The descriptions that come with Terrace, and the user's own beside them.

use std::path::{Path, PathBuf};

use super::description::Description;
use super::problem::Problem;
use super::read::MAX_BYTES;

/// A description that was found, read or not.
#[derive(Debug)]
pub struct Found {
    /// Where it is.
    pub origin: Origin,
    /// The description, or all that is wrong with it.
    pub read: Result<Description, Vec<Problem>>,
}

/// Where a description is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// In Terrace itself: the file's name.
    Shipped(&'static str),
    /// In the user's folder.
    File(PathBuf),
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Shipped(name) => write!(f, "<terrace>/environments/{name}"),
            Self::File(path) => path.display().fmt(f),
        }
    }
}

macro_rules! shipped {
    ($($name:literal)*) => {
        /// The files that come with Terrace: name and text.
        const SHIPPED: &[(&str, &str)] = &[
            $((
                concat!($name, ".toml"),
                include_str!(concat!("../../../assets/environments/", $name, ".toml")),
            ),)*
        ];
    };
}

shipped! {
    "ampt"
    "aws-ec2"
    "aws-ecs"
    "coder"
    "codespaces"
    "daytona"
    "devpod"
    "distrobox"
    "gcloud-compute"
    "gcloud-workstations"
    "localstack"
    "nix"
    "nix-shell"
    "ona"
    "qovery"
    "qovery-rde"
    "system-initiative"
    "telepresence"
    "telepresence-workloads"
    "toolbox"
    "vagrant"
    "wing"
    "wsl"
}

/// The descriptions that come with Terrace.
#[must_use]
pub fn shipped() -> Vec<Found> {
    let read = |(name, text): &(&'static str, &str)| Found {
        origin: Origin::Shipped(name),
        read: Description::parse(text),
    };
    SHIPPED.iter().map(read).collect()
}

/// The descriptions in a folder of the user's, by name.
#[must_use]
pub fn users(folder: &Path) -> Vec<Found> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut paths: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "toml")
        })
        .collect();
    paths.sort();
    let read = |path: PathBuf| Found {
        read: read_file(&path),
        origin: Origin::File(path),
    };
    paths.into_iter().map(read).collect()
}

/// Reads one file.
///
/// # Errors
/// All that is wrong with it.
pub fn read_file(path: &Path) -> Result<Description, Vec<Problem>> {
    let whole = |message: String| {
        vec![Problem {
            line: 1,
            column: 1,
            message,
            expected: None,
        }]
    };
    let length = std::fs::metadata(path).map(|about| about.len());
    if length.is_ok_and(|length| length > MAX_BYTES as u64) {
        return Err(whole(format!("longer than {MAX_BYTES} bytes")));
    }
    let text = std::fs::read_to_string(path);
    let text = text.map_err(|error| whole(format!("cannot be read: {error}")))?;
    Description::parse(&text)
}

/// All descriptions for this system: the user's own first, which replace shipped ones of the same id.
/// What cannot be read is in there too, with what is wrong.
#[must_use]
pub fn all(folder: Option<&Path>) -> Vec<Found> {
    let mut found = folder.map(users).unwrap_or_default();
    let id = |found: &Found| found.read.as_ref().ok().map(|read| read.id.clone());
    let own: Vec<String> = found.iter().filter_map(id).collect();
    found.extend(
        shipped()
            .into_iter()
            .filter(|one| !id(one).is_some_and(|id| own.contains(&id))),
    );
    found.retain(|one| match &one.read {
        Ok(description) => fits_here(description),
        Err(_) => true,
    });
    found
}

fn fits_here(description: &Description) -> bool {
    let os = &description.os;
    os.is_empty() || os.iter().any(|os| os == std::env::consts::OS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_is_shipped_can_be_read() {
        for found in shipped() {
            match found.read {
                Ok(description) => {
                    let name = format!("{}.toml", description.id);
                    assert_eq!(found.origin, Origin::Shipped(name_of(&name)));
                }
                Err(problems) => {
                    let lines: Vec<String> = problems
                        .iter()
                        .map(|one| format!("{}:{one}", found.origin))
                        .collect();
                    panic!("{}", lines.join("\n"));
                }
            }
        }
    }

    fn name_of(name: &str) -> &'static str {
        SHIPPED
            .iter()
            .map(|(file, _)| *file)
            .find(|file| *file == name)
            .unwrap_or("")
    }

    #[test]
    fn every_file_in_the_folder_is_shipped() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../assets/environments");
        for path in std::fs::read_dir(folder).unwrap() {
            let path = path.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let known = SHIPPED.iter().any(|(file, _)| *file == name);
            assert!(
                known || !name.ends_with(".toml"),
                "{name} is not in the list"
            );
        }
    }

    #[test]
    fn a_users_description_replaces_a_shipped_one() {
        let folder = tempfile::tempdir().unwrap();
        let text = "schema = 1\nid = \"coder\"\nname = \"Mine\"\nprogram = \"x\"\n[list]\nargs = [\"l\"]\noutput = \"lines\"\n[shell]\nargs = [\"s\", \"{id}\"]\n";
        std::fs::write(folder.path().join("a.toml"), text).unwrap();
        std::fs::write(folder.path().join("b.toml"), "schema = 2").unwrap();
        let found = all(Some(folder.path()));
        let names: Vec<&str> = found
            .iter()
            .filter_map(|one| Some(one.read.as_ref().ok()?.name.as_str()))
            .collect();
        assert!(names.contains(&"Mine") && !names.contains(&"Coder"));
        assert_eq!(found.iter().filter(|one| one.read.is_err()).count(), 1);
    }
}
