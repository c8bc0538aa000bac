//! From the settings to what each crate takes: the only place that knows both sides.
//!
//! Pure functions of [`Config`]; a reload calls them again.

use config::cursor::{Blink, CursorShape as ConfigShape, UnfocusedCursor};
use config::terminal::ClipboardPolicy;
use config::{Appearance, Config};
use renderer::{Backend, FontOptions, Look};
use terminal::frame::CursorShape;
use terminal::{Options, Origin, Palette, Rgb};

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

/// The graphics interface.
pub(crate) fn backend(config: &Config) -> Backend {
    match config.renderer.backend {
        config::renderer::Backend::Auto => Backend::Auto,
        config::renderer::Backend::Vulkan => Backend::Vulkan,
        config::renderer::Backend::Gl => Backend::Gl,
        config::renderer::Backend::Software => Backend::Auto,
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
