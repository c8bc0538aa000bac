//! Watches the configuration and theme files; a change becomes one [`AppEvent::ConfigChanged`].
//!
//! Editors save by renaming over the file, so the folders are watched, not the files.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use winit::event_loop::EventLoopProxy;

use crate::event::AppEvent;

/// Watches until dropped.
pub(crate) struct ConfigWatcher {
    _watcher: RecommendedWatcher,
}

impl ConfigWatcher {
    /// Watches the folders of `files`; where one does not exist yet, the nearest above it that does.
    ///
    /// # Errors
    /// When the system's file notification is not to be had.
    pub(crate) fn start(files: &[PathBuf], proxy: EventLoopProxy<AppEvent>) -> Result<Self> {
        // A name given on the command line may be one without a folder.
        let whole = |file: &PathBuf| std::path::absolute(file).unwrap_or_else(|_| file.clone());
        let names: BTreeSet<PathBuf> = files.iter().map(whole).collect();
        let watched = names.clone();
        let mut watcher =
            notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
                let Ok(event) = event else { return };
                let changed = matches!(
                    event.kind,
                    EventKind::Create(_) | EventKind::Modify(_) | EventKind::Remove(_)
                );
                if changed && event.paths.iter().any(|path| concerns(&watched, path)) {
                    // The loop has ended when this fails, and the watcher with it.
                    let _ = proxy.send_event(AppEvent::ConfigChanged);
                }
            })
            .context("the configuration cannot be watched for changes")?;
        let folders: BTreeSet<&Path> = names.iter().filter_map(|file| folder(file)).collect();
        for folder in folders {
            watcher
                .watch(folder, RecursiveMode::NonRecursive)
                .with_context(|| format!("{} cannot be watched", folder.display()))?;
        }
        Ok(Self { _watcher: watcher })
    }
}

/// A path given may be a folder of themes itself; anything else is watched through the nearest folder above it.
fn folder(path: &Path) -> Option<&Path> {
    path.ancestors().find(|folder| folder.is_dir())
}

/// Whether a change is of a file that is watched, of one in a folder that is, or of a folder above.
fn concerns(watched: &BTreeSet<PathBuf>, path: &Path) -> bool {
    let inside = path.parent().is_some_and(|parent| watched.contains(parent));
    inside || watched.iter().any(|one| one.starts_with(path))
}
