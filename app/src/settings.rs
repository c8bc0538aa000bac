//! From the settings to what each crate takes: the only place that knows both sides.
//!
//! Pure functions of [`Config`]; a reload calls them again.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::time::Duration;

use config::cursor::{Blink, CursorShape as ConfigShape, UnfocusedCursor};
use config::shell::Hold;
use config::tabs::{TabBar, TabPosition};
use config::terminal::{ClipboardPolicy, PasteWarning};
use config::window::{ConfirmClose, Decorations, Startup};
use config::{Appearance, Config, Modifiers};
use pty::{Command, Identity, ShellKind};
use renderer::{Backend, FontOptions, Latency, Look};
use terminal::encode::key::{Key, KeyEvent, NamedKey};
use terminal::encode::paste::PasteRisk;
use terminal::frame::{CursorShape, FrameCursor, FrameRow};
use terminal::terminal::Link;
use terminal::{GridSize, Options, Origin, Palette, Point, Rgb, Terminal};
use winit::keyboard::ModifiersState;
use winit::window::{Fullscreen, Icon, WindowAttributes};

use crate::input::keyboard::chord_modifiers;
use crate::session::{Exit, Session};
use crate::view::blocks::BlockLook;
use crate::view::canvas::CanvasOptions;
use crate::view::tabs::TabLook;
use crate::window::Rhythm;

/// A theme's colors as the core has them.
pub(crate) fn palette(theme: &config::Theme) -> Palette {
    let rgb = |color: config::Rgb| Rgb::new(color.r, color.g, color.b);
    Palette {
        indexed: theme.palette.map(rgb),
        foreground: rgb(theme.foreground),
        background: rgb(theme.background),
        cursor: Some(rgb(theme.cursor)),
        cursor_text: Some(rgb(theme.cursor_text)),
        selection_background: Some(rgb(theme.selection_background)),
        selection_foreground: theme.selection_foreground.map(rgb),
    }
}

/// What the core takes from the settings.
pub(crate) fn terminal_options(config: &Config, theme: &config::Theme, hostname: &str) -> Options {
    let palette = palette(theme);
    let dark = theme.appearance == Appearance::Dark;
    Options {
        scrollback_lines: config.scrollback.lines,
        scrollback_bytes: config.scrollback.bytes(),
        palette,
        dark,
        cursor_shape: match config.cursor.shape {
            ConfigShape::Block => CursorShape::Block,
            ConfigShape::Beam => CursorShape::Beam,
            ConfigShape::Underline => CursorShape::Underline,
        },
        cursor_blinking: matches!(config.cursor.blink, Blink::On | Blink::Always),
        word_separators: config.mouse.word_separators.clone(),
        checksum_reports: config.terminal.checksum_reports,
        ambiguous_wide: config.terminal.ambiguous_wide,
        origin: Origin::Local,
        hostname: hostname.to_owned(),
        clipboard_write: config.terminal.clipboard_write != ClipboardPolicy::Deny,
        clipboard_read: config.terminal.clipboard_read != ClipboardPolicy::Deny,
    }
}

/// What the fonts are, `zoom` points larger than configured.
pub(crate) fn font_options(config: &Config, zoom: f32) -> FontOptions {
    let font = &config.font;
    let named = |family: &str| (!family.is_empty()).then(|| family.to_owned());
    FontOptions {
        family: font.family.clone(),
        bold: named(&font.bold_family),
        italic: named(&font.italic_family),
        bold_italic: named(&font.bold_italic_family),
        fallback: font.fallback.clone(),
        size_points: (font.size + zoom).clamp(2.0, 200.0),
        line_height: font.line_height,
        letter_spacing: font.letter_spacing,
        ligatures: font.ligatures,
        thin_strokes: font.thin_strokes,
        builtin_box_drawing: font.builtin_box_drawing,
    }
}

/// What the window's picture takes from the settings.
pub(crate) fn canvas_options(config: &Config, zoom: f32) -> CanvasOptions {
    CanvasOptions {
        backend: backend(config),
        latency: match config.renderer.latency {
            config::renderer::Latency::Lowest => Latency::Lowest,
            config::renderer::Latency::Vsync => Latency::Vsync,
        },
        transparent: config.window.opacity < 1.0,
        fonts: font_options(config, zoom),
    }
}

/// The graphics interface.
pub(crate) fn backend(config: &Config) -> Backend {
    match config.renderer.backend {
        config::renderer::Backend::Auto => Backend::Auto,
        config::renderer::Backend::Vulkan => Backend::Vulkan,
        config::renderer::Backend::Gl => Backend::Gl,
        config::renderer::Backend::Software => Backend::Software,
    }
}

/// How the cursor and blinking text blink.
pub(crate) fn blink_rhythm(config: &Config) -> Rhythm {
    let cursor = &config.cursor;
    let timeout = u64::from(cursor.blink_timeout);
    Rhythm {
        interval: Duration::from_millis(u64::from(cursor.blink_interval)),
        rests_after: (timeout > 0).then(|| Duration::from_secs(timeout)),
    }
}

/// Lays the settings that programs cannot change over a frame's cursor.
pub(crate) fn force_cursor(config: &Config, cursor: &mut FrameCursor, focused: bool) {
    match config.cursor.blink {
        Blink::Never => cursor.blinking = false,
        Blink::Always => cursor.blinking = true,
        Blink::Off | Blink::On => {}
    }
    if !focused && config.cursor.unfocused == UnfocusedCursor::Hidden {
        cursor.visible = false;
    }
}

/// How grids look under the settings, focus and blinking left aside. `cell_width` in physical pixels.
pub(crate) fn look(config: &Config, cell_width: u32, scale: f32) -> Look {
    #[expect(clippy::cast_precision_loss, reason = "a few pixels")]
    let cell_width = cell_width as f32 / scale;
    Look {
        minimum_contrast: config.colors.minimum_contrast,
        bold_is_bright: config.colors.bold_is_bright,
        cursor_thickness: (config.cursor.thickness * cell_width).max(1.0),
        unfocused_hollow: config.cursor.unfocused == UnfocusedCursor::Hollow,
        background_opacity: config.window.opacity,
        dim: config.tabs.dim_inactive_panes,
        ..Look::default()
    }
}

/// How the system's window begins. It is sized for its cells once the font is known, and shown then.
pub(crate) fn window_attributes(config: &Config, title: &str) -> WindowAttributes {
    let window = &config.window;
    let attributes = WindowAttributes::default()
        .with_title(title)
        .with_visible(false)
        .with_transparent(window.opacity < 1.0)
        .with_decorations(window.decorations == Decorations::Full)
        .with_window_icon(icon())
        .with_maximized(window.startup == Startup::Maximized)
        .with_fullscreen(
            (window.startup == Startup::Fullscreen).then_some(Fullscreen::Borderless(None)),
        );
    platform_attributes(attributes, &window.class)
}

#[cfg(all(unix, not(target_os = "macos")))]
fn platform_attributes(attributes: WindowAttributes, class: &str) -> WindowAttributes {
    // One call for each system, since winit keeps one name for both.
    winit::platform::wayland::WindowAttributesExtWayland::with_name(attributes, class, class)
}

#[cfg(not(all(unix, not(target_os = "macos"))))]
fn platform_attributes(attributes: WindowAttributes, _class: &str) -> WindowAttributes {
    attributes
}

/// Has the frame that we draw around the window ourselves on Wayland fit the theme. Elsewhere the frame is
/// the system's, and winit would take ours for the desktop's preference.
pub(crate) fn set_frame_theme(window: &winit::window::Window, theme: &config::Theme) {
    if cfg!(all(unix, not(target_os = "macos"))) {
        window.set_theme(Some(match theme.appearance {
            Appearance::Dark => winit::window::Theme::Dark,
            Appearance::Light => winit::window::Theme::Light,
        }));
    }
}

/// The icon of the window; `None` if the embedded picture does not decode, which a test excludes.
fn icon() -> Option<Icon> {
    let png = include_bytes!("../../assets/icons/terrace-64.png");
    let mut reader = png::Decoder::new(std::io::Cursor::new(&png[..]))
        .read_info()
        .ok()?;
    let mut rgba = vec![0; reader.output_buffer_size()?];
    let info = reader.next_frame(&mut rgba).ok()?;
    Icon::from_rgba(rgba, info.width, info.height).ok()
}

/// Space around the cells in physical pixels: left and right, top and bottom.
pub(crate) fn padding(config: &Config, scale: f32) -> (u32, u32) {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a few hundred pixels, positive"
    )]
    let px = |logical: u16| (f32::from(logical) * scale).round() as u32;
    (px(config.window.padding.x), px(config.window.padding.y))
}

/// Physical pixels that the gutter of blocks needs left of the cells, beside the padding.
pub(crate) fn gutter(config: &Config, scale: f32) -> u32 {
    if !config.blocks.gutter {
        return 0;
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a few pixels, positive"
    )]
    let width = (crate::view::blocks::gutter::WIDTH * scale).round() as u32;
    width.saturating_sub(padding(config, scale).0)
}

/// How blocks are shown.
pub(crate) fn block_look(config: &Config) -> BlockLook {
    let blocks = &config.blocks;
    BlockLook {
        headers: blocks.headers,
        sticky: blocks.sticky_header,
        toolbar: blocks.toolbar,
        time: blocks.time,
        duration_from: Duration::from_millis(u64::from(blocks.duration_from)),
        home: std::env::home_dir().and_then(|home| home.to_str().map(str::to_owned)),
    }
}

/// Whether a command's output is folded by itself when it ends with so many rows.
pub(crate) fn folds(config: &Config, command: &str, succeeded: bool, rows: usize) -> bool {
    let blocks = &config.blocks;
    let limit = usize::try_from(blocks.fold_over).unwrap_or(usize::MAX);
    let first = command.split_whitespace().next().unwrap_or_default();
    let named =
        blocks.fold_commands.is_empty() || blocks.fold_commands.iter().any(|word| word == first);
    limit > 0 && succeeded && rows > limit && named
}

/// What a comparison of blocks passes over at first.
pub(crate) fn compare_rules(config: &Config) -> history::diff::Rules {
    let has = |name: &str| config.blocks.compare_ignore.iter().any(|one| one == name);
    history::diff::Rules {
        times: has("times"),
        durations: has("durations"),
        hex: has("addresses"),
        temporary_paths: has("temporary-files"),
        blanks: has("blanks"),
        numbers: has("numbers"),
    }
}

/// The size of a new window in cells.
pub(crate) fn grid_size(config: &Config) -> GridSize {
    GridSize::new(config.window.columns, config.window.rows)
}

/// Whether the tab bar is shown with this many tabs.
pub(crate) fn shows_tab_bar(config: &Config, tabs: usize) -> bool {
    match config.tabs.bar {
        TabBar::Auto => tabs > 1,
        TabBar::Always => true,
        TabBar::Never => false,
    }
}

/// What the settings say of the tab bar's looks.
pub(crate) fn tab_look(config: &Config) -> TabLook {
    TabLook {
        at_top: bar_at_top(config),
        max_width: f32::from(config.tabs.max_width),
        numbers: config.tabs.numbers,
        close_button: config.tabs.close_button,
    }
}

/// Whether the tab bar is above the panes.
pub(crate) fn bar_at_top(config: &Config) -> bool {
    config.tabs.position == TabPosition::Top
}

/// Whether a pane stays when its program has ended so; `held` is the command line's `--hold`, `lived` whether
/// the program ran for more than a second.
pub(crate) fn keeps_pane(config: &Config, exit: &Exit, held: bool, lived: bool) -> bool {
    let failed = exit.reason.is_some() || exit.status.is_some_and(|status| !status.success());
    match config.shell.hold {
        _ if held => true,
        Hold::Always => true,
        Hold::OnFailure => exit.reason.is_some() || (failed && !lived),
        Hold::Never => false,
    }
}

/// The program to be named when closing a session must be asked about; `None`: close at once.
pub(crate) fn asks_before_closing(config: &Config, session: &Session) -> Option<String> {
    match config.window.confirm_close {
        ConfirmClose::Never => None,
        ConfirmClose::Always => Some(session.program_name()),
        ConfirmClose::Running => session.running_program(),
    }
}

/// Whether the settings ask before a paste with this risk.
pub(crate) fn warns_of_paste(config: &Config, risk: PasteRisk, bracketed: bool) -> bool {
    match config.terminal.paste_warning {
        PasteWarning::Never => false,
        PasteWarning::Always => true,
        // Inside brackets the program takes several lines as one text.
        PasteWarning::Auto => risk != PasteRisk::Newlines || !bracketed,
    }
}

/// Whether the held modifiers make links clickable.
pub(crate) fn opens_links(config: &Config, held: ModifiersState) -> bool {
    chord_modifiers(held) == config.links.modifiers.0
}

/// The link at a point, as far as the settings look for links: those that programs mark (OSC 8) always, those
/// in plain text unless `links.detect` is off.
pub(crate) fn link_at(config: &Config, terminal: &Terminal, point: Point) -> Option<Link> {
    let link = terminal.link_at(point)?;
    let marked = || {
        let mut row = FrameRow::default();
        terminal.read_row(point.line, &mut row)
            && row
                .cells
                .get(usize::from(point.column.0))
                .is_some_and(|cell| cell.link != 0)
    };
    (config.links.detect || marked()).then_some(link)
}

/// Whether the held modifiers make a drag carry the pane.
pub(crate) fn carries_pane(config: &Config, held: ModifiersState) -> bool {
    let modifiers = config.mouse.pane_modifiers.0;
    !modifiers.is_empty() && chord_modifiers(held) == modifiers
}

/// Whether the held modifiers make a drag select a rectangle.
pub(crate) fn selects_block(config: &Config, held: ModifiersState) -> bool {
    chord_modifiers(held).without(Modifiers::SHIFT) == config.mouse.block_selection.0
}

/// Whether a key closes a pane whose program has ended.
pub(crate) fn closes_ended_pane(key: &KeyEvent) -> bool {
    matches!(
        key.key,
        Key::Named(NamedKey::Enter | NamedKey::Escape | NamedKey::KeypadEnter)
    ) || (key.key == Key::Character('d') && key.modifiers == terminal::encode::key::Modifiers::CTRL)
}

/// Whether a key is Enter: it ends a line, and opens a lost environment again.
pub(crate) fn enters(key: &KeyEvent) -> bool {
    matches!(key.key, Key::Named(NamedKey::Enter | NamedKey::KeypadEnter))
}

/// Whether a key calls off an environment that is being opened.
pub(crate) fn calls_off(key: &KeyEvent) -> bool {
    key.key == Key::Named(NamedKey::Escape)
        || (key.key == Key::Character('c')
            && key.modifiers == terminal::encode::key::Modifiers::CTRL)
}

/// A command that opens a shell elsewhere, with the variables and the identity of the settings.
pub(crate) fn environment_command(config: &Config, command: Command) -> Command {
    let folder = command.working_folder().map(Path::to_owned);
    let own: Vec<(OsString, Option<OsString>)> = command
        .variable_changes()
        .map(|(name, value)| (name.to_owned(), value.map(OsStr::to_owned)))
        .collect();
    let mut command = with_environment(config, command, folder.as_deref());
    // What the provider sets goes before what is set for every shell.
    for (name, value) in own {
        command = match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command
}

/// The command for a new tab: the configured program, else the user's shell, in `inherited` or the folder that
/// the settings name.
pub(crate) fn shell_command(config: &Config, inherited: Option<&Path>) -> Command {
    let shell = &config.shell;
    let kind = if shell.login {
        ShellKind::Login
    } else {
        ShellKind::default()
    };
    let program = match shell.program.as_str() {
        "" => pty::user_shell(),
        program => PathBuf::from(program),
    };
    with_environment(
        config,
        Command::shell(&program, kind).args(&shell.args),
        inherited,
    )
}

/// The command for a program named on the command line, in the environment that a shell would get.
pub(crate) fn program_command(
    config: &Config,
    program: &OsStr,
    args: &[OsString],
    inherited: Option<&Path>,
) -> Command {
    with_environment(config, Command::new(program).args(args), inherited)
}

/// A path with `~` or `~/` at its start replaced by the home folder.
pub(crate) fn expand_home(path: &str) -> PathBuf {
    let rest = if path == "~" {
        Some("")
    } else {
        path.strip_prefix("~/")
    };
    match (rest, std::env::home_dir()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(path),
    }
}

fn with_environment(config: &Config, mut command: Command, inherited: Option<&Path>) -> Command {
    let shell = &config.shell;
    command = command.identity(Identity {
        term: shell.term.clone(),
        ..Identity::default()
    });
    for (name, value) in &shell.env {
        command = match value.as_str() {
            "" => command.env_remove(name),
            value => command.env(name, value),
        };
    }
    let home = || std::env::home_dir();
    let folder = match shell.working_directory.as_str() {
        "inherit" => inherited
            .map(Path::to_owned)
            .or_else(|| std::env::current_dir().ok()),
        "home" => home(),
        path => Some(expand_home(path)),
    };
    match folder {
        Some(folder) => command.folder(folder),
        None => command,
    }
}
