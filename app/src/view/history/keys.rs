//! What can be done in the panel: by keys, by the menu of a block, and by the line at the panel's foot that names them.

use std::time::Instant;

use egui::{CursorIcon, Key, Label, Modifiers, RichText, Sense};

use super::{CONFIRM, HistoryEvent, HistoryPanel, Page};
use crate::view::tokens::{STEP, TEXT, Tokens};

/// Something to do with the chosen block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    /// Put the command into the prompt.
    Insert,
    /// Put it there and run it.
    Run,
    /// Show the block in a tab of its own.
    Open,
    /// Copy the command.
    Copy,
    /// Set or drop the bookmark.
    Bookmark,
    /// Write a note.
    Note,
    /// Delete the block.
    Forget,
}

/// A deed's key, its name, and whether a line is between it and the one before in the menu.
type Way = (Deed, Modifiers, Key, &'static str, &'static str, bool);

const WAYS: [Way; 7] = [
    (
        Deed::Insert,
        Modifiers::NONE,
        Key::Enter,
        "Enter",
        "Insert",
        false,
    ),
    (
        Deed::Run,
        Modifiers::ALT,
        Key::Enter,
        "Alt+Enter",
        "Run",
        false,
    ),
    (
        Deed::Open,
        Modifiers::CTRL,
        Key::Enter,
        "Ctrl+Enter",
        "Open",
        false,
    ),
    (Deed::Copy, Modifiers::ALT, Key::C, "Alt+C", "Copy", true),
    (
        Deed::Bookmark,
        Modifiers::ALT,
        Key::M,
        "Alt+M",
        "Bookmark",
        false,
    ),
    (Deed::Note, Modifiers::ALT, Key::N, "Alt+N", "Note", false),
    (
        Deed::Forget,
        Modifiers::ALT,
        Key::Delete,
        "Alt+Delete",
        "Forget",
        true,
    ),
];

/// Width of a letter of the line at the foot, in logical pixels.
const KEY_LETTER: f32 = 7.3;
/// Letters between its parts.
const GAP: usize = 3;

/// The keys that are not the field's.
pub(super) fn keys(context: &egui::Context, panel: &mut HistoryPanel) -> Option<HistoryEvent> {
    // A menu or a list of choices has them first.
    if egui::Popup::is_any_open(context) {
        let escape = context.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape));
        if escape {
            egui::Popup::close_all(context);
        }
        return None;
    }
    context.input_mut(|input| {
        crate::view::drop_alt_letters(input);
        // Any key after Enter takes it back.
        let is_key = |event: &egui::Event| {
            matches!(
                event,
                egui::Event::Text(_) | egui::Event::Key { pressed: true, .. }
            )
        };
        if input.events.iter().any(is_key) {
            panel.wish = None;
        }
        if panel.noting.is_some() {
            return note_keys(panel, |key| input.consume_key(Modifiers::NONE, key));
        }
        if let Some(did) = begin_note(input, panel) {
            return did;
        }
        let mut pressed = |modifiers: Modifiers, key| input.consume_key(modifiers, key);
        if pressed(Modifiers::NONE, Key::Escape) {
            return Some(HistoryEvent::Closed);
        }
        if pressed(Modifiers::NONE, Key::Tab) {
            return Some(turn(panel));
        }
        // First those with modifiers: a key without them is met with alt, too.
        let (plain, others): (Vec<Way>, Vec<Way>) = WAYS
            .into_iter()
            .partition(|(_, modifiers, ..)| modifiers.is_none());
        for (deed, modifiers, key, ..) in others.into_iter().chain(plain) {
            if pressed(modifiers, key) {
                return panel.deed(deed);
            }
        }
        let mut times = |modifiers, key| input.count_and_consume_key(modifiers, key);
        filter_keys(panel, &mut times).or_else(|| move_keys(panel, times))
    })
}

/// While a note is written.
fn note_keys(
    panel: &mut HistoryPanel,
    mut pressed: impl FnMut(Key) -> bool,
) -> Option<HistoryEvent> {
    if pressed(Key::Escape) {
        panel.noting = None;
    } else if pressed(Key::Enter) {
        let (uid, note) = panel.noting.take()?;
        return Some(HistoryEvent::Note(uid, note.trim().to_owned()));
    }
    None
}

/// Begins a note if its key is among the events: what was typed after it is the note's, not the field's. Returns what
/// came of it; `None` if the key is not among them.
fn begin_note(
    input: &mut egui::InputState,
    panel: &mut HistoryPanel,
) -> Option<Option<HistoryEvent>> {
    let is_note = |event: &egui::Event| {
        matches!(event, egui::Event::Key { key: Key::N, pressed: true, modifiers, .. }
            if modifiers.alt && !modifiers.ctrl)
    };
    let at = input.events.iter().position(is_note)?;
    let after = input.events.split_off(at);
    let _ = panel.deed(Deed::Note);
    for event in after.into_iter().skip(1) {
        let pressed = match &event {
            egui::Event::Key {
                key, pressed: true, ..
            } => Some(*key),
            _ => None,
        };
        match (event, &mut panel.noting) {
            (egui::Event::Text(text), Some((_, note))) => note.push_str(&text),
            (_, Some(_)) if matches!(pressed, Some(Key::Enter | Key::Escape)) => {
                return Some(note_keys(panel, |key| pressed == Some(key)));
            }
            (event, _) => input.events.push(event),
        }
    }
    Some(None)
}

/// Shows the other page.
pub(super) fn turn(panel: &mut HistoryPanel) -> HistoryEvent {
    panel.page = match panel.page {
        Page::Blocks => Page::Stats,
        Page::Stats => Page::Blocks,
    };
    panel.sought()
}

fn filter_keys(
    panel: &mut HistoryPanel,
    pressed: &mut impl FnMut(Modifiers, Key) -> usize,
) -> Option<HistoryEvent> {
    // Several presses may have come since the last layout.
    let mut times = |key| pressed(Modifiers::ALT, key);
    let mut changed = false;
    for _ in 0..times(Key::T) {
        panel.span = panel.span.next();
        changed = true;
    }
    let hosts = panel.host_choices();
    let projects = panel.project_choices();
    for _ in 0..times(Key::H) {
        changed |= next(&mut panel.host, &hosts);
    }
    for _ in 0..times(Key::P) {
        changed |= next(&mut panel.project, &projects);
    }
    if panel.page == Page::Blocks {
        let kinds = panel.kind_choices();
        for _ in 0..times(Key::K) {
            changed |= next(&mut panel.kind, &kinds);
        }
        for (key, on) in [
            (Key::F, &mut panel.in_folder),
            (Key::S, &mut panel.in_session),
            (Key::X, &mut panel.failed),
            (Key::B, &mut panel.bookmarked),
        ] {
            if times(key) % 2 == 1 {
                *on = !*on;
                changed = true;
            }
        }
    }
    changed.then(|| panel.sought())
}

/// Chooses the value after the chosen one; after the last one, none. Returns whether there is a choice.
fn next<T: Clone + PartialEq>(chosen: &mut Option<T>, values: &[(T, String)]) -> bool {
    if values.len() < 2 && chosen.is_none() {
        return false;
    }
    let at = match chosen {
        None => Some(0),
        Some(value) => {
            let at = values.iter().position(|(one, _)| one == value);
            at.map(|at| at + 1)
        }
    };
    *chosen = at
        .and_then(|at| values.get(at))
        .map(|(value, _)| value.clone());
    true
}

fn move_keys(
    panel: &mut HistoryPanel,
    mut pressed: impl FnMut(Modifiers, Key) -> usize,
) -> Option<HistoryEvent> {
    let page = match panel.page {
        Page::Blocks => panel.rows_shown.max(2).cast_signed() - 1,
        Page::Stats => panel.figures.page(),
    };
    let mut by = 0;
    for (modifiers, key, step) in [
        (Modifiers::NONE, Key::ArrowDown, 1),
        (Modifiers::NONE, Key::ArrowUp, -1),
        (Modifiers::CTRL, Key::N, 1),
        (Modifiers::CTRL, Key::P, -1),
        (Modifiers::NONE, Key::PageDown, page),
        (Modifiers::NONE, Key::PageUp, -page),
    ] {
        by += step * pressed(modifiers, key).cast_signed();
    }
    match panel.page {
        _ if by == 0 => None,
        Page::Blocks => panel.step(by),
        Page::Stats => {
            panel.figures.step(by);
            None
        }
    }
}

impl HistoryPanel {
    /// Does something with the chosen block; Enter's deeds wait for what is sought.
    pub(super) fn deed(&mut self, deed: Deed) -> Option<HistoryEvent> {
        if self.page == Page::Stats {
            self.wish = None;
            return None;
        }
        match deed {
            Deed::Insert | Deed::Run | Deed::Open => {
                self.wish = Some(deed);
                None
            }
            Deed::Copy => self.chosen_event(|row| HistoryEvent::Copy(row.hit.command.clone())),
            Deed::Bookmark => self.chosen_event(|row| {
                let marked = row.hit.flags.contains(history::Flags::BOOKMARK);
                HistoryEvent::Bookmark(row.hit.uid, !marked)
            }),
            Deed::Note => {
                self.noting = self
                    .chosen()
                    .map(|row| (row.hit.uid, row.hit.note.clone().unwrap_or_default()));
                None
            }
            Deed::Forget => self.forget(Instant::now()),
        }
    }

    /// The chosen block goes with another press.
    fn is_deleting(&self) -> bool {
        self.deleting.is_some_and(|(uid, since)| {
            since.elapsed() < CONFIRM && self.chosen().is_some_and(|row| row.hit.uid == uid)
        })
    }
}

/// The menu of the chosen block; returns what was chosen.
pub(super) fn menu(ui: &mut egui::Ui, panel: &mut HistoryPanel) -> Option<HistoryEvent> {
    let mut event = None;
    for (deed, _, _, key, name, parted) in WAYS {
        if parted {
            ui.separator();
        }
        if ui.add(egui::Button::new(name).shortcut_text(key)).clicked() {
            event = panel.deed(deed);
            ui.close();
        }
    }
    event
}

/// What a part of the line at the foot does when it is clicked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Deed(Deed),
    Turn,
    Close,
    None,
}

/// The parts of the line at the foot: the most wanted first.
fn parts(panel: &HistoryPanel) -> Vec<(String, Part)> {
    let owned = |text: &str, part| (text.to_owned(), part);
    match panel.page {
        Page::Stats => vec![
            owned("Tab commands", Part::Turn),
            owned("Esc close", Part::Close),
            owned("Alt+H P T filters", Part::None),
        ],
        Page::Blocks if panel.is_deleting() => vec![owned(
            "Alt+Delete again, or a click here, deletes this block for good",
            Part::Deed(Deed::Forget),
        )],
        Page::Blocks => {
            let named = |deed| {
                let ways = WAYS.iter().filter(|(one, ..)| *one == deed);
                let texts = ways.map(|(_, _, _, key, name, _)| {
                    (format!("{key} {}", name.to_lowercase()), Part::Deed(deed))
                });
                texts.collect::<Vec<_>>()
            };
            [
                named(Deed::Insert),
                named(Deed::Run),
                named(Deed::Open),
                named(Deed::Copy),
                named(Deed::Bookmark),
                vec![
                    owned("Tab inner loop", Part::Turn),
                    owned("Alt+F S X B H P K T filters", Part::None),
                ],
                named(Deed::Note),
                named(Deed::Forget),
            ]
            .concat()
        }
    }
}

/// How many of some texts fit whole into a room of so many letters.
fn fitting(parts: &[(String, Part)], room: f32) -> usize {
    let mut used = 0;
    let fits = |(text, _): &&(String, Part)| {
        used += text.chars().count();
        #[expect(clippy::cast_precision_loss, reason = "a line of text")]
        let fits = used as f32 <= room;
        used += GAP;
        fits
    };
    parts.iter().take_while(fits).count()
}

/// What the keys do, or what a second press would do; each part can be clicked.
pub(super) fn line(
    ui: &mut egui::Ui,
    panel: &mut HistoryPanel,
    tokens: &Tokens,
) -> Option<HistoryEvent> {
    let color = if panel.page == Page::Blocks && panel.is_deleting() {
        tokens.error
    } else {
        tokens.subtle
    };
    let parts = parts(panel);
    // The first ones are the most wanted; the others are in the manual.
    let room = ((ui.available_width() - STEP * 6.0) / KEY_LETTER).max(0.0);
    let mut clicked = Part::None;
    ui.add_space(STEP * 1.5);
    ui.horizontal(|ui| {
        ui.add_space(STEP * 3.0);
        #[expect(clippy::cast_precision_loss, reason = "three letters")]
        let gap = GAP as f32 * KEY_LETTER;
        ui.spacing_mut().item_spacing.x = gap;
        for (text, part) in &parts[..fitting(&parts, room)] {
            let text = RichText::new(text).size(TEXT - 1.0).color(color);
            let label = Label::new(text).selectable(false);
            if *part == Part::None {
                ui.add(label);
                continue;
            }
            let shown = ui.add(label.sense(Sense::click()));
            if shown.on_hover_cursor(CursorIcon::PointingHand).clicked() {
                clicked = *part;
            }
        }
    });
    match clicked {
        Part::Deed(deed) => panel.deed(deed),
        Part::Turn => Some(turn(panel)),
        Part::Close => Some(HistoryEvent::Closed),
        Part::None => None,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use history::HostKind;
    use history::query::Place;

    use super::*;
    use crate::history::seeker::Row;
    use crate::view::history::Here;

    fn press(panel: &mut HistoryPanel, events: Vec<egui::Event>) -> Option<HistoryEvent> {
        let input = egui::RawInput {
            events,
            ..egui::RawInput::default()
        };
        let mut did = None;
        let mut output = egui::Context::default().run_ui(input, |ui| {
            did = keys(ui.ctx(), panel);
        });
        output.textures_delta.clear();
        did
    }

    fn key(modifiers: Modifiers, key: Key) -> Vec<egui::Event> {
        vec![egui::Event::Key {
            key,
            physical_key: None,
            pressed: true,
            repeat: false,
            modifiers,
        }]
    }

    #[test]
    fn enter_waits_for_what_is_sought_and_is_taken_back_by_any_key() {
        let enter = |modifiers| key(modifiers, Key::Enter);
        let mut panel = HistoryPanel::new(Page::Blocks, Here::default());
        press(&mut panel, enter(Modifiers::ALT));
        assert_eq!(panel.wish, Some(Deed::Run));
        assert!(panel.grant().is_none(), "nothing was found yet");
        press(&mut panel, enter(Modifiers::NONE));
        assert_eq!(panel.wish, Some(Deed::Insert));
        press(&mut panel, vec![egui::Event::Text("a".to_owned())]);
        assert_eq!(panel.wish, None);
        // Where no commands are listed, none is run.
        let mut panel = HistoryPanel::new(Page::Stats, Here::default());
        press(&mut panel, enter(Modifiers::ALT));
        assert_eq!(panel.wish, None);
    }

    fn row(uid: history::Uid) -> Row {
        let now = std::time::SystemTime::now();
        Row {
            hit: history::Hit {
                id: 1,
                uid,
                session: uid,
                shell: String::new(),
                command: "make".to_owned(),
                folder: None,
                project: None,
                git: None,
                host: crate::history::local_host(),
                started: now,
                duration: None,
                exit: history::Exit::default(),
                state: history::State::Done,
                trust: history::Trust::Local,
                flags: history::Flags::default(),
                name: None,
                note: None,
                lines: 0,
                bytes: 0,
            },
            when: String::new(),
            snippet: None,
        }
    }

    #[test]
    fn a_note_is_kept_by_enter_alone() {
        let uid = history::Uid::new(std::time::SystemTime::now());
        let mut panel = HistoryPanel::new(Page::Blocks, Here::default());
        panel.noting = Some((uid, " slow ".to_owned()));
        let kept = press(&mut panel, key(Modifiers::NONE, Key::Enter));
        assert_eq!(kept, Some(HistoryEvent::Note(uid, "slow".to_owned())));
        assert_eq!((panel.noting.take(), panel.wish), (None, None));
        // All at once.
        let mut events = vec![egui::Event::Text("make".to_owned())];
        events.extend(key(Modifiers::ALT, Key::N));
        events.extend(key(Modifiers::NONE, Key::S));
        events.push(egui::Event::Text("slow".to_owned()));
        events.extend(key(Modifiers::NONE, Key::Enter));
        panel.set_rows(Arc::new(vec![row(uid)]));
        assert_eq!(
            press(&mut panel, events),
            Some(HistoryEvent::Note(uid, "slow".to_owned()))
        );
        panel.noting = Some((uid, "slow".to_owned()));
        assert_eq!(
            press(&mut panel, key(Modifiers::NONE, Key::Escape)),
            None,
            "the panel stays"
        );
        assert_eq!(panel.noting, None);
    }

    #[test]
    fn each_filter_has_a_key() {
        let place = |name: &str, kind| Place {
            name: name.to_owned(),
            kind,
        };
        let mut panel = HistoryPanel::new(Page::Blocks, Here::default());
        let hosts = [
            place("desk", HostKind::Local),
            place("web", HostKind::Container),
        ];
        let projects = ["/a", "/b"].map(|root| place(root, HostKind::Local));
        panel.set_places(Arc::new(hosts.into()), Arc::new(projects.into()));
        let mut chosen = |letter| {
            let changed = press(&mut panel, key(Modifiers::ALT, letter));
            assert_eq!(changed, Some(HistoryEvent::Changed), "{letter:?}");
            let filter = panel.filter();
            (filter.host, filter.project, filter.kind)
        };
        let none = || (None, None, None);
        assert_eq!(chosen(Key::H).0.as_deref(), Some("desk"));
        assert_eq!(chosen(Key::H).0.as_deref(), Some("web"));
        assert_eq!(chosen(Key::H), none());
        assert_eq!(chosen(Key::P).1.as_deref(), Some("/a"));
        assert_eq!(chosen(Key::P).1.as_deref(), Some("/b"));
        assert_eq!(chosen(Key::P), none());
        assert_eq!(chosen(Key::K).2, Some(HostKind::Local));
        assert_eq!(chosen(Key::K).2, Some(HostKind::Container));
        assert_eq!(chosen(Key::K), none());
        // On the other page a filter asks for figures.
        panel.page = Page::Stats;
        let asked = press(&mut panel, key(Modifiers::ALT, Key::T));
        assert_eq!(asked, Some(HistoryEvent::Stats));
        // Nothing to choose from.
        let mut panel = HistoryPanel::new(Page::Blocks, Here::default());
        assert_eq!(press(&mut panel, key(Modifiers::ALT, Key::P)), None);
    }

    #[test]
    fn parts_are_shown_as_far_as_they_fit_whole() {
        let parts = ["Enter insert", "Esc close"].map(|text| (text.to_owned(), Part::None));
        assert_eq!(fitting(&parts, 100.0), 2);
        assert_eq!(fitting(&parts, 24.0), 2);
        assert_eq!(fitting(&parts, 23.0), 1);
        assert_eq!(fitting(&parts, 5.0), 0);
    }
}
