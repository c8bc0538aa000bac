//! The chrome's colors, spacing and type scale, all derived from the theme, so that grid and chrome look
//! like one thing in the lightest and the darkest theme.

use config::{Appearance, Rgb, Theme};
use egui::{Color32, CornerRadius, FontFamily, FontId, Margin, Stroke, TextStyle, Visuals};

/// Height of the tab bar, in logical pixels.
pub(crate) const BAR_HEIGHT: f32 = 32.0;
/// One step of spacing, in logical pixels; gaps are multiples of it.
pub(crate) const STEP: f32 = 4.0;
/// Text of the chrome, in logical pixels.
pub(crate) const TEXT: f32 = 13.0;
/// Headings of dialogs, in logical pixels.
pub(crate) const HEADING: f32 = 15.0;
/// Corner radius of cards and buttons, in logical pixels.
pub(crate) const RADIUS: u8 = 6;

/// The chrome's colors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tokens {
    /// Behind the shown tab: the grid's own background.
    pub(crate) surface: Color32,
    /// Behind the other tabs.
    pub(crate) bar: Color32,
    /// Behind cards, dialogs and what the pointer is on.
    pub(crate) raised: Color32,
    /// Lines between things.
    pub(crate) line: Color32,
    /// Text.
    pub(crate) text: Color32,
    /// Less important text of the tab bar, at least 4.5 : 1 on `bar`.
    pub(crate) muted: Color32,
    /// Less important text on `raised` and on `surface`, at least 4.5 : 1.
    pub(crate) subtle: Color32,
    /// What is shown or chosen.
    pub(crate) accent: Color32,
    /// Letters that were found, at least 4.5 : 1 on `raised` and on `surface`.
    pub(crate) mark: Color32,
    /// What runs, what went well.
    pub(crate) success: Color32,
    /// Warnings.
    pub(crate) warning: Color32,
    /// Errors.
    pub(crate) error: Color32,
    /// Behind text that a search found.
    pub(crate) found: Color32,
    /// Behind the chosen one of what it found.
    pub(crate) found_chosen: Color32,
    /// Whether the theme is dark.
    pub(crate) dark: bool,
}

impl Tokens {
    /// The chrome's colors for a theme. Where a theme's own are hard to read on each other they are moved
    /// toward its text, then toward black or white.
    pub(crate) fn new(theme: &Theme) -> Self {
        let (ground, text, chrome) = (theme.background, theme.foreground, &theme.chrome);
        let bar = chrome.background;
        let raised = ground.mix(text, 0.10);
        let muted = bar.mix(chrome.foreground, 0.65);
        Self {
            surface: color32(ground),
            bar: color32(bar),
            raised: color32(raised),
            line: color32(at_least(chrome.border, ground, text, 1.5)),
            text: color32(at_least(text, raised, text, 4.5)),
            muted: color32(at_least(muted, bar, chrome.foreground, 4.5)),
            subtle: color32(on_both(raised.mix(text, 0.6), raised, ground, text)),
            mark: color32(on_both(chrome.accent, raised, ground, text)),
            accent: color32(at_least(chrome.accent, bar, text, 3.0)),
            success: color32(at_least(theme.palette[2], raised, text, 3.0)),
            warning: color32(at_least(theme.palette[3], raised, text, 3.0)),
            error: color32(at_least(theme.palette[1], raised, text, 3.0)),
            found: color32(ground.mix(theme.palette[3], 0.35)),
            found_chosen: color32(at_least(theme.palette[3], ground, text, 1.8)),
            dark: theme.appearance == Appearance::Dark,
        }
    }

    /// A color of the settings, moved like the theme's own where it is hard to see on `surface` or `raised`: at least
    /// 3 : 1.
    pub(crate) fn visible(&self, [r, g, b]: [u8; 3]) -> Color32 {
        let (color, text) = (Rgb::new(r, g, b), rgb(self.text));
        let [surface, raised] = [self.surface, self.raised].map(rgb);
        let moved = at_least(color, surface, text, 3.0);
        if moved.contrast(raised) >= 3.0 {
            color32(moved)
        } else {
            color32(at_least(moved, raised, text, 3.0))
        }
    }

    /// Applies colors, spacing and type scale to egui.
    pub(crate) fn apply(&self, context: &egui::Context) {
        let mut visuals = if self.dark {
            Visuals::dark()
        } else {
            Visuals::light()
        };
        visuals.override_text_color = Some(self.text);
        visuals.panel_fill = self.bar;
        visuals.window_fill = self.raised;
        visuals.window_stroke = Stroke::new(1.0, self.line);
        visuals.window_corner_radius = CornerRadius::same(RADIUS);
        visuals.extreme_bg_color = self.surface;
        visuals.selection.bg_fill = self.accent.gamma_multiply(0.4);
        visuals.selection.stroke = Stroke::new(1.0, self.accent);
        visuals.hyperlink_color = self.accent;
        // The window would be drawn twice a second for as long as a field is open.
        visuals.text_cursor.blink = false;
        let widgets = &mut visuals.widgets;
        for widget in [&mut widgets.inactive, &mut widgets.noninteractive] {
            widget.bg_fill = self.surface;
            widget.weak_bg_fill = self.surface;
            widget.bg_stroke = Stroke::new(1.0, self.line);
        }
        for widget in [&mut widgets.hovered, &mut widgets.active, &mut widgets.open] {
            widget.bg_fill = self.raised;
            widget.weak_bg_fill = self.raised;
            widget.bg_stroke = Stroke::new(1.0, self.accent);
            widget.fg_stroke = Stroke::new(1.0, self.text);
        }
        for widget in [
            &mut widgets.inactive,
            &mut widgets.noninteractive,
            &mut widgets.hovered,
            &mut widgets.active,
            &mut widgets.open,
        ] {
            widget.corner_radius = CornerRadius::same(RADIUS - 2);
            widget.expansion = 0.0;
        }
        context.all_styles_mut(|style| {
            style.visuals = visuals.clone();
            style.spacing.item_spacing = egui::vec2(STEP * 2.0, STEP * 2.0);
            style.spacing.button_padding = egui::vec2(STEP * 3.0, STEP * 1.5);
            style.spacing.window_margin = Margin::same(16);
            style.interaction.selectable_labels = false;
            style.animation_time = 0.0;
            for (text_style, size) in [
                (TextStyle::Small, TEXT - 1.0),
                (TextStyle::Body, TEXT),
                (TextStyle::Button, TEXT),
                (TextStyle::Monospace, TEXT),
                (TextStyle::Heading, HEADING),
            ] {
                let font = FontId::new(size, FontFamily::Monospace);
                style.text_styles.insert(text_style, font);
            }
        });
    }
}

fn rgb(color: Color32) -> Rgb {
    Rgb::new(color.r(), color.g(), color.b())
}

/// `color` as egui has it.
pub(crate) fn color32(color: Rgb) -> Color32 {
    Color32::from_rgb(color.r, color.g, color.b)
}

/// `color`, drawn toward `toward` (and past it, to black or white) until its WCAG contrast on `background`
/// reaches `ratio`.
fn at_least(color: Rgb, background: Rgb, toward: Rgb, ratio: f32) -> Rgb {
    let dark = background.luminance() < 0.18;
    let extreme = if dark {
        Rgb::new(255, 255, 255)
    } else {
        Rgb::new(0, 0, 0)
    };
    let steps = || (0..=10u8).map(|n| f32::from(n) / 10.0);
    let nearer = steps().map(|share| color.mix(toward, share));
    let further = steps().map(|share| toward.mix(extreme, share));
    nearer
        .chain(further)
        .find(|c| c.contrast(background) >= ratio)
        .unwrap_or(extreme)
}

/// `color`, drawn toward `toward` until it is legible on both grounds, which are near each other.
fn on_both(color: Rgb, a: Rgb, b: Rgb, toward: Rgb) -> Rgb {
    let on_a = at_least(color, a, toward, 4.5);
    if on_a.contrast(b) >= 4.5 {
        on_a
    } else {
        at_least(color, b, toward, 4.5)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chrome_is_legible_in_every_theme() {
        for entry in config::theme::list(None) {
            let theme = config::theme::find(&entry.name, None).unwrap();
            let tokens = Tokens::new(&theme);
            let check = |a, b, ratio| {
                let got = rgb(a).contrast(rgb(b));
                assert!(got >= ratio, "{}: {a:?} on {b:?} is {got:.2}", theme.name);
            };
            check(tokens.text, tokens.raised, 4.5);
            check(tokens.muted, tokens.bar, 4.5);
            for ground in [tokens.raised, tokens.surface] {
                check(tokens.subtle, ground, 4.5);
                check(tokens.mark, ground, 4.5);
                for color in [[229, 192, 123], [0, 0, 0], [255, 255, 255], [128, 128, 128]] {
                    check(tokens.visible(color), ground, 3.0);
                }
            }
            check(tokens.text, tokens.surface, 4.5);
            check(tokens.accent, tokens.bar, 3.0);
            check(tokens.success, tokens.raised, 3.0);
            check(tokens.warning, tokens.raised, 3.0);
            check(tokens.error, tokens.raised, 3.0);
            check(tokens.found_chosen, tokens.surface, 1.8);
            check(tokens.found_chosen, tokens.found, 1.15);
            let apart = rgb(tokens.accent).difference(rgb(tokens.error));
            assert!(
                apart >= config::theme::TOLD_APART * 0.9,
                "{}: {:?} and {:?} are {apart:.3} apart",
                theme.name,
                tokens.accent,
                tokens.error
            );
        }
    }
}
