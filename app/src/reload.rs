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
    /// Watches the folders of `files`; a folder that does not exist yet is left out.
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
            if folder.is_dir() {
                watcher
                    .watch(folder, RecursiveMode::NonRecursive)
                    .with_context(|| format!("{} cannot be watched", folder.display()))?;
            }
        }
        Ok(Self { _watcher: watcher })
    }
}

/// A path given may be a folder of themes itself; anything else is watched through its parent.
fn folder(path: &Path) -> Option<&Path> {
    if path.is_dir() {
        Some(path)
    } else {
        path.parent().filter(|p| !p.as_os_str().is_empty())
    }
}

fn concerns(watched: &BTreeSet<PathBuf>, path: &Path) -> bool {
    watched.contains(path) || path.parent().is_some_and(|parent| watched.contains(parent))
}
