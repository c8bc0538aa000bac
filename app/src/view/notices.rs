//! Notices: short messages at the bottom right that go away by themselves, errors stay until closed.

use std::time::{Duration, Instant};

use config::ActionName;
use egui::{Align2, CornerRadius, Frame, Margin, RichText, Stroke};

use super::tokens::{RADIUS, STEP, Tokens};
use crate::pane::PaneId;

/// How much a notice matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Severity {
    /// Something happened.
    Info,
    /// Something is not as asked, and we coped.
    Warning,
    /// The user must act.
    Error,
}

/// One message.
#[derive(Clone, Debug)]
struct Notice {
    severity: Severity,
    /// What replaces what: a new notice of the same topic takes the old one's place.
    topic: &'static str,
    text: String,
    offer: Option<Offer>,
    /// The pane that a click brings to the front.
    pane: Option<PaneId>,
    until: Option<Instant>,
}

/// What the user did to a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Clicked {
    /// Pressed its button.
    Offer(ActionName),
    /// Clicked on what a pane said.
    Pane(PaneId),
}

/// Something that can be done about a message, by a button in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Offer {
    /// What the button says.
    pub(crate) label: String,
    /// What it does.
    pub(crate) action: ActionName,
}

/// The messages shown now, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Notices {
    list: Vec<Notice>,
    /// One is new: its size is known only after it was laid out once, and with it its place.
    fresh: bool,
}

/// More than these at once would cover the shell; the oldest goes.
const MAX_NOTICES: usize = 4;
const LIFETIME: Duration = Duration::from_secs(6);

impl Notices {
    /// Shows a message.
    pub(crate) fn push(
        &mut self,
        severity: Severity,
        topic: &'static str,
        text: impl Into<String>,
        now: Instant,
    ) {
        let until = (severity != Severity::Error).then(|| now + LIFETIME);
        self.add(Notice {
            severity,
            topic,
            text: text.into(),
            offer: None,
            pane: None,
            until,
        });
    }

    /// Shows what goes on, until its topic is cleared.
    pub(crate) fn push_lasting(&mut self, topic: &'static str, text: String) {
        self.add(Notice {
            severity: Severity::Info,
            topic,
            text,
            offer: None,
            pane: None,
            until: None,
        });
    }

    /// Shows what a program in a pane has to say.
    pub(crate) fn push_from(&mut self, pane: PaneId, text: String, now: Instant) {
        self.add(Notice {
            severity: Severity::Info,
            topic: "program",
            text,
            offer: None,
            pane: Some(pane),
            until: Some(now + LIFETIME),
        });
    }

    /// Shows a message with something to be done about it, until it is too late for that.
    pub(crate) fn push_offer(
        &mut self,
        severity: Severity,
        topic: &'static str,
        text: impl Into<String>,
        offer: Offer,
        until: Instant,
    ) {
        self.clear(topic);
        self.add(Notice {
            severity,
            topic,
            text: text.into(),
            offer: Some(offer),
            pane: None,
            until: Some(until),
        });
    }

    fn add(&mut self, notice: Notice) {
        self.list
            .retain(|known| known.topic != notice.topic || known.text != notice.text);
        self.fresh = true;
        self.list.push(notice);
        if self.list.len() > MAX_NOTICES {
            self.list.remove(0);
        }
    }

    /// Whether a message of a topic is shown.
    pub(crate) fn has(&self, topic: &str) -> bool {
        self.list.iter().any(|notice| notice.topic == topic)
    }

    /// Takes every message of a topic away.
    pub(crate) fn clear(&mut self, topic: &str) {
        self.list.retain(|notice| notice.topic != topic);
    }

    /// Takes away what has been shown long enough; returns whether anything went.
    pub(crate) fn expire(&mut self, now: Instant) -> bool {
        let before = self.list.len();
        self.list
            .retain(|notice| notice.until.is_none_or(|until| until > now));
        self.list.len() != before
    }

    /// When the next one goes.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.list.iter().filter_map(|notice| notice.until).min()
    }

    /// Whether there is anything to show.
    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Draws them, `bottom` above the lower edge of the window; a click takes one away. Gives what it asks for.
    pub(crate) fn show(
        &mut self,
        context: &egui::Context,
        tokens: &Tokens,
        bottom: f32,
    ) -> Option<Clicked> {
        if std::mem::take(&mut self.fresh) {
            context.request_repaint();
        }
        let mut closed = None;
        let mut chosen = None;
        egui::Area::new(egui::Id::unique("notices"))
            .anchor(
                Align2::RIGHT_BOTTOM,
                egui::vec2(-STEP * 4.0, -STEP * 4.0 - bottom),
            )
            .order(egui::Order::Foreground)
            .show(context, |ui| {
                for (index, notice) in self.list.iter().enumerate() {
                    let (response, offered) = card(ui, notice, tokens);
                    if offered {
                        let offer = notice.offer.as_ref();
                        chosen = offer.map(|offer| Clicked::Offer(offer.action));
                    } else if response.clicked() {
                        chosen = notice.pane.map(Clicked::Pane);
                    }
                    if offered || response.clicked() {
                        closed = Some(index);
                    }
                }
            });
        if let Some(index) = closed {
            self.list.remove(index);
        }
        chosen
    }
}

/// One message, and whether its button was pressed.
fn card(ui: &mut egui::Ui, notice: &Notice, tokens: &Tokens) -> (egui::Response, bool) {
    let (mark, color) = match notice.severity {
        Severity::Info => ("i", tokens.accent),
        Severity::Warning => ("!", tokens.warning),
        Severity::Error => ("×", tokens.error),
    };
    let frame = Frame::new()
        .fill(tokens.raised)
        .stroke(Stroke::new(1.0, tokens.line))
        .corner_radius(CornerRadius::same(RADIUS))
        .inner_margin(Margin::symmetric(12, 8));
    let width = (ui.ctx().content_rect().width() - STEP * 16.0).clamp(160.0, 520.0);
    let mut offered = false;
    let shown = frame.show(ui, |ui| {
        ui.horizontal_top(|ui| {
            ui.label(RichText::new(mark).color(color).strong());
            ui.vertical(|ui| {
                ui.set_max_width(width);
                ui.add(egui::Label::new(&notice.text).wrap());
                if let Some(offer) = &notice.offer {
                    offered = ui.button(&offer.label).clicked();
                }
            });
        });
    });
    let response = shown
        .response
        .interact(egui::Sense::click())
        .on_hover_cursor(egui::CursorIcon::PointingHand);
    (response, offered)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notices_go_and_errors_stay() {
        let now = Instant::now();
        let mut notices = Notices::default();
        notices.push(Severity::Info, "a", "copied", now);
        notices.push(Severity::Error, "config", "1:2: wrong", now);
        assert_eq!(notices.deadline(), Some(now + LIFETIME));
        assert!(notices.expire(now + LIFETIME));
        assert!(!notices.is_empty());
        notices.clear("config");
        assert!(notices.is_empty());
    }

    #[test]
    fn the_same_text_is_shown_once_and_many_do_not_pile_up() {
        let now = Instant::now();
        let mut notices = Notices::default();
        for _ in 0..3 {
            notices.push(Severity::Warning, "font", "not found", now);
        }
        assert_eq!(notices.list.len(), 1);
        for n in 0..10 {
            notices.push(Severity::Warning, "font", format!("not found: {n}"), now);
        }
        assert_eq!(notices.list.len(), MAX_NOTICES);
    }
}
