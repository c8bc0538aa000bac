//! `terrace theme import`: another terminal's scheme, written to the themes folder.

use std::fs;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use config::theme::MAX_THEME_BYTES;
use config::theme::import::{Format, import};

use crate::cli::ThemeImportArgs;
use crate::headless::print;

/// The largest file that is read: a `settings.json` or an Alacritty configuration is not large either.
const MAX_BYTES: u64 = 4 * 1024 * 1024;

/// Imports a scheme as `args` say; `folder` is the user's themes folder.
pub(super) fn run(args: &ThemeImportArgs, folder: Option<&Path>) -> anyhow::Result<()> {
    let text = read(&args.file)?;
    let file_name = args
        .file
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let format = args
        .format
        .or_else(|| Format::guess(&file_name, &text))
        .with_context(|| {
            format!(
                "{}: cannot tell whose scheme this is; name it with --format",
                args.file.display()
            )
        })?;
    let stem = args
        .file
        .file_stem()
        .map(|stem| stem.to_string_lossy().into_owned())
        .filter(|stem| stem != "-")
        .unwrap_or_default();
    let imported = import(&text, format, args.name.as_deref(), &stem)
        .with_context(|| args.file.display().to_string())?;
    if args.print {
        print(&imported.text)?;
    } else {
        let folder = folder.context("no home folder; set HOME, or use --print")?;
        let file = write(folder, &imported.name, &imported.text, args.force)?;
        let name = &imported.name;
        print(&format!(
            "{}: written; choose it with colors.theme = \"{}\"\n",
            file.display(),
            name.escape_debug()
        ))?;
    }
    let mut errors = std::io::stderr();
    for note in &imported.notes {
        let _ = writeln!(errors, "note: {note}");
    }
    Ok(())
}

/// The scheme's text.
fn read(file: &Path) -> anyhow::Result<String> {
    let mut bytes = Vec::new();
    let limit = MAX_BYTES + 1;
    if file == Path::new("-") {
        std::io::stdin()
            .lock()
            .take(limit)
            .read_to_end(&mut bytes)?;
    } else {
        let opened = fs::File::open(file).with_context(|| file.display().to_string())?;
        if opened.metadata()?.is_dir() {
            bail!("{}: is a folder; name one file", file.display());
        }
        opened.take(limit).read_to_end(&mut bytes)?;
    }
    if bytes.len() as u64 > MAX_BYTES {
        bail!(
            "{}: larger than {MAX_BYTES} bytes; no color scheme is",
            file.display()
        );
    }
    let text = String::from_utf8(bytes)
        .with_context(|| format!("{}: not text in UTF-8", file.display()))?;
    Ok(text
        .strip_prefix('\u{feff}')
        .map_or(text.clone(), str::to_owned))
}

/// Writes the theme beside the others, whole or not at all.
fn write(folder: &Path, name: &str, text: &str, force: bool) -> anyhow::Result<PathBuf> {
    debug_assert!(text.len() as u64 <= MAX_THEME_BYTES);
    // The name of a file, not a path, and none that `list` passes over.
    let stem: String = name
        .chars()
        .map(|c| if c == '/' || c == '\\' { '-' } else { c })
        .collect();
    let stem = stem.trim_start_matches('.');
    let file = folder.join(format!("{stem}.toml"));
    if !force && file.exists() {
        bail!("{}: exists; --force writes over it", file.display());
    }
    fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    let partial = folder.join(format!(".{stem}.toml.{}", std::process::id()));
    let written = (|| {
        let mut options = fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        // Whatever the umask says: a theme that others may write is refused.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o644);
        let mut out = options.open(&partial)?;
        #[cfg(unix)]
        out.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644))?;
        out.write_all(text.as_bytes())?;
        out.sync_all()?;
        fs::rename(&partial, &file)
    })();
    if let Err(error) = written {
        let _ = fs::remove_file(&partial);
        return Err(error).with_context(|| file.display().to_string());
    }
    Ok(file)
}
