//! Keys: first the dialog or text field that has them, then the bindings, then the program.

use config::{Action, ActionName, Lookup};
use terminal::encode::paste::PasteRisk;
use winit::event::{ElementState, KeyEvent};
use winit::keyboard::{Key as WinitKey, NamedKey};

use super::{Window, copy};
use crate::actions;
use crate::input::clipboard::{Purpose, Selection};
use crate::input::keyboard;
use crate::input::modes::Verdict;
use crate::pane::PaneId;
use crate::services::Services;
use crate::settings;
use crate::view::dialog::Question;
use crate::view::notices::Severity;

impl Window {
    pub(super) fn key(&mut self, services: &mut Services, event: &KeyEvent) {
        if event.logical_key == WinitKey::Named(NamedKey::Escape)
            && event.state == ElementState::Pressed
            && self.pointer.drop_carried()
        {
            self.taken_keys.insert(event.physical_key);
            self.overlay.changed();
            self.redraw();
            return;
        }
        if self.overlay.asks() {
            if self.pressed_again(services, event) {
                self.taken_keys.insert(event.physical_key);
                return;
            }
            let decides = matches!(
                event.logical_key,
                WinitKey::Named(NamedKey::Enter | NamedKey::Escape)
            );
            if decides && event.state == ElementState::Pressed {
                self.taken_keys.insert(event.physical_key);
                self.decide(services);
            }
            return;
        }
        let searching = self.overlay.has_keyboard();
        if self.hints.is_some() && !searching {
            // A bare modifier is no key of the mode.
            if let Some(key) = keyboard::key_event(event, self.modifiers, None) {
                self.hint_key(services, &key);
            }
            self.taken_keys.insert(event.physical_key);
            return;
        }
        if self.overlay.shows_numbers() && event.state == ElementState::Pressed {
            self.choose_numbered(services, event);
            return;
        }
        if event.state == ElementState::Pressed && self.bound(services, event, searching) {
            self.taken_keys.insert(event.physical_key);
            return;
        }
        if searching {
            return;
        }
        // With blocks selected, Escape is about them.
        if self.copying.is_none()
            && event.state == ElementState::Pressed
            && event.logical_key == WinitKey::Named(NamedKey::Escape)
            && actions::run(self, services, ActionName::ClearBlockSelection)
        {
            self.taken_keys.insert(event.physical_key);
            return;
        }
        // The release of a key that an action took is not the program's either.
        if event.state == ElementState::Released && self.taken_keys.remove(&event.physical_key) {
            return;
        }
        let told = self.focused_pane().is_some_and(|pane| pane.tells_locks);
        let locks = services.locks.on().filter(|_| told);
        let Some(key) = keyboard::key_event(event, self.modifiers, locks) else {
            return;
        };
        if self.copy_key(services, &key) {
            return;
        }
        let Some(pane) = self.focused_pane() else {
            return;
        };
        let (id, ended) = (pane.id, pane.ended);
        if ended {
            if event.state == ElementState::Pressed {
                let enter = settings::enters(&key) && self.connect_again(services, id);
                if !enter && settings::closes_ended_pane(&key) {
                    self.close_pane(services);
                }
            }
            return;
        }
        if event.state == ElementState::Pressed
            && settings::calls_off(&key)
            && (self.cancel_opening(services, id) || self.give_up_silent(id))
        {
            return;
        }
        let scrolls = services.config.scrollback.scroll_on_key;
        let mut sent = false;
        for target in self.typing_panes() {
            if let Some(pane) = self.panes.get(&target).filter(|pane| !pane.ended) {
                sent |= pane.session.send_key(&key, scrolls);
            }
        }
        if !sent {
            return;
        }
        if event.state == ElementState::Pressed {
            self.typed(services, id, settings::enters(&key));
        }
    }

    /// Pastes into the text field that has the keyboard, by the keys that paste into panes and by Ctrl+V; `false` when it
    /// was another key. egui knows no clipboard but its own.
    pub(super) fn pastes_into_field(&mut self, services: &Services, event: &KeyEvent) -> bool {
        if event.state != ElementState::Pressed || !self.overlay.has_keyboard() {
            return false;
        }
        let bound = keyboard::press(event, self.modifiers)
            .map(|press| services.config.keys.table(None).lookup(&[press]));
        let selection = match bound {
            Some(Lookup::Bound(Action::Run(ActionName::Paste))) => Selection::Clipboard,
            Some(Lookup::Bound(Action::Run(ActionName::PasteSelection))) => Selection::Primary,
            _ => {
                let is_v = matches!(&event.logical_key, WinitKey::Character(text) if text == "v");
                if !is_v || !self.modifiers.control_key() || self.modifiers.alt_key() {
                    return false;
                }
                Selection::Clipboard
            }
        };
        if let Some(pane) = self.focused_pane() {
            services.clipboard.load(selection, pane.id, Purpose::Field);
        }
        self.taken_keys.insert(event.physical_key);
        true
    }

    /// Closes the panel or palette whose own key was pressed; `false` when it was another key.
    fn pressed_again(&mut self, services: &mut Services, event: &KeyEvent) -> bool {
        if event.state != ElementState::Pressed || event.repeat {
            return false;
        }
        let Some(press) = keyboard::press(event, self.modifiers) else {
            return false;
        };
        let Lookup::Bound(&Action::Run(action)) = services.config.keys.table(None).lookup(&[press])
        else {
            return false;
        };
        if !self.overlay.is_open_by(action) {
            return false;
        }
        if action == ActionName::CommandPalette {
            self.close_palette(services);
            return true;
        }
        actions::run(self, services, action)
    }

    /// Does what a key is bound to, alone or after others; `false` when it is the program's.
    /// While the search bar or copy mode has the keyboard, only some actions are done.
    fn bound(&mut self, services: &mut Services, event: &KeyEvent, searching: bool) -> bool {
        let waits = self.keyboard.is_waiting();
        let Some(press) = keyboard::press(event, self.modifiers) else {
            // Modifiers come before the key that they are held for, and end nothing.
            return waits;
        };
        let keys = &services.config.keys;
        let verdict = self.keyboard.press(keys, press, std::time::Instant::now());
        if waits || self.keyboard.is_waiting() {
            self.overlay.changed();
            self.redraw();
        }
        match verdict {
            // A key alone that can do nothing now is the program's; the last of several is not.
            Verdict::Run(action) if searching => {
                waits
                    | (actions::works_while_searching(&action)
                        && actions::run_bound(self, services, &action))
            }
            Verdict::Run(action) if self.copying.is_some() => {
                waits
                    | (copy::works_while_copying(&action)
                        && actions::run_bound(self, services, &action))
            }
            Verdict::Run(action) => actions::run_bound(self, services, &action) | waits,
            Verdict::Taken => true,
            Verdict::NotBound(text) => {
                self.notify(Severity::Info, "keys", format!("{text} is not bound."));
                true
            }
            Verdict::Program => false,
        }
    }

    /// Begins a mode of the keyboard, or ends the one that is on.
    pub(crate) fn set_key_mode(&mut self, mode: Option<String>) {
        self.keyboard.set_mode(mode);
        self.overlay.changed();
        self.redraw();
    }

    /// A key while panes show their numbers: its pane gets the keyboard; any other key only ends it.
    fn choose_numbered(&mut self, services: &Services, event: &KeyEvent) {
        if let WinitKey::Named(
            NamedKey::Shift | NamedKey::Control | NamedKey::Alt | NamedKey::Super,
        ) = event.logical_key
        {
            return;
        }
        self.taken_keys.insert(event.physical_key);
        self.overlay.set_numbers(false);
        let typed = event.logical_key.to_text().unwrap_or_default();
        if let Some(pane) = self.numbered_pane(typed) {
            self.focus_pane(services, pane);
        }
        self.redraw();
    }

    /// The user typed: the cursor is shown, the pointer is not, the selection goes. `entered`: it was Enter.
    fn typed(&mut self, services: &Services, id: PaneId, entered: bool) {
        let now = std::time::Instant::now();
        let was_off = !self.pace.blink_shown;
        self.blink.restart(now);
        self.pace.echo_expected = true;
        self.pace.typed = Some(now);
        if services.config.mouse.hide_when_typing {
            self.hide_pointer();
        }
        let Some(pane) = self.panes.get_mut(&id) else {
            return;
        };
        if let Some(environment) = &mut pane.environment {
            environment.used = now;
            if environment.is_logging_in() {
                let (_, parsed) = pane.session.parsed();
                environment.typed(pane.session.reads_lines(), entered, parsed, now);
            }
            if std::mem::take(&mut environment.pointed_out) {
                self.forget_idle();
            }
        }
        let Some(pane) = self.panes.get_mut(&id) else {
            return;
        };
        let unselected = pane.blocks.clear_selection();
        let damaged = {
            let mut terminal = pane.session.lock();
            terminal.clear_selection();
            terminal.is_damaged()
        };
        if damaged || was_off || unselected {
            self.request_frame();
        }
    }

    /// Pastes into a pane, asking first where the text may do more than it seems. Returns the panes that have it now.
    pub(crate) fn paste(&mut self, services: &Services, id: PaneId, text: &str) -> Vec<PaneId> {
        let Some(pane) = self.panes.get(&id) else {
            return Vec::new();
        };
        if pane.ended || text.is_empty() {
            return Vec::new();
        }
        let paste = pane.session.prepare_paste(text);
        let bracketed = pane.session.lock().input_modes().bracketed_paste;
        let mut reasons: Vec<&'static str> = paste
            .risks
            .iter()
            .filter(|risk| settings::warns_of_paste(&services.config, **risk, bracketed))
            .map(|risk| reason(*risk))
            .collect();
        // A paste may go to several panes.
        let targets = self.typing_panes();
        let targets = targets
            .iter()
            .filter(|_| targets.contains(&id))
            .chain([&id]);
        let production = targets
            .filter_map(|id| self.panes.get(id)?.environment.as_ref())
            .any(|environment| environment.look.production == Some(true));
        if production && text.trim_end().contains(['\n', '\r']) {
            reasons.insert(
                0,
                "It has several lines, and this is a production environment.",
            );
        }
        if reasons.is_empty() {
            return self.paste_now(id, text);
        }
        self.ask(Question::Paste {
            pane: id,
            text: text.to_owned(),
            reasons,
        });
        Vec::new()
    }

    /// Pastes without asking; a paste is typing, so that it may go to several panes. Returns those that took it.
    pub(super) fn paste_now(&mut self, id: PaneId, text: &str) -> Vec<PaneId> {
        let mut took = Vec::new();
        let mut targets = self.typing_panes();
        if !targets.contains(&id) {
            targets = vec![id];
        }
        for target in targets {
            let Some(pane) = self.panes.get(&target).filter(|pane| !pane.ended) else {
                continue;
            };
            pane.session.lock().clear_selection();
            match pane.session.paste(text) {
                Ok(()) => took.push(target),
                Err(error) => self.notify(Severity::Error, "paste", format!("{error:#}")),
            }
        }
        self.pace.echo_expected = true;
        self.redraw();
        took
    }
}

fn reason(risk: PasteRisk) -> &'static str {
    match risk {
        PasteRisk::Newlines => "It has several lines, and the program would run each at once.",
        PasteRisk::Controls => "It holds control characters; they will be replaced by spaces.",
        PasteRisk::Large => "It is larger than 64 KiB.",
        PasteRisk::Invisible => "It holds characters that cannot be seen.",
    }
}
