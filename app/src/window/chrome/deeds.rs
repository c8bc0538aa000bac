//! What the user did to the chrome, and what comes of it.

use crate::actions;
use crate::control::grants::Decision;
use crate::input::clipboard::Selection;
use crate::palette::{Mode, PaletteEvent};
use crate::services::{Request, Services};
use crate::view::blocks::compare::CompareAction;
use crate::view::blocks::dialogs::{FilterAction, Left};
use crate::view::dialog::{Answer, Question};
use crate::view::environments::PanelEvent;
use crate::view::history::HistoryEvent;
use crate::view::menu::MenuAction;
use crate::view::notices::{Clicked, Severity};
use crate::view::search::SearchAction;
use crate::view::tabs::TabAction;
use crate::window::Window;
use crate::window::panes::{load_for_program, store_for_program};

/// What the user did in one layout.
#[derive(Default)]
pub(super) struct Did {
    pub(super) tabs: Vec<TabAction>,
    pub(super) menu: Option<MenuAction>,
    pub(super) history: Option<HistoryEvent>,
    pub(super) search: Vec<SearchAction>,
    pub(super) palette: Vec<PaletteEvent>,
    pub(super) notice: Option<Clicked>,
    pub(super) environments: Option<PanelEvent>,
    pub(super) filter: Option<FilterAction>,
    pub(super) compare: Option<CompareAction>,
    pub(super) note: Option<Left>,
    pub(super) answer: Option<Answer>,
}

impl Window {
    pub(super) fn after_layout(&mut self, services: &mut Services, did: Did) {
        for action in did.tabs {
            self.tab_action(services, action);
        }
        if let Some(clicked) = did.notice {
            match clicked {
                Clicked::Offer(action) => {
                    actions::run(self, services, action);
                }
                Clicked::Pane(pane) => self.show_pane(services, pane),
            }
            self.overlay.changed();
            self.redraw();
        }
        for event in did.palette {
            self.palette_event(services, event);
        }
        if let Some(event) = did.environments {
            actions::environments::run(self, services, event);
            self.overlay.changed();
            self.redraw();
        }
        if let Some(action) = did.menu {
            self.overlay.menu = None;
            self.menu_action(services, action);
            self.overlay.changed();
            self.redraw();
        }
        if let Some(event) = did.history {
            self.history_event(services, event);
        }
        for action in did.search {
            self.search_action(services, action);
        }
        if let Some(action) = did.filter {
            self.filter_action(action);
        }
        if let Some(action) = did.compare {
            self.compare_action(services, action);
        }
        if let Some(left) = did.note {
            self.note_left(left);
        }
        if let Some(answer) = did.answer
            && let Some(dialog) = self.overlay.dialog.take()
        {
            self.answered(services, dialog.question, answer);
            self.overlay.changed();
            self.redraw();
        }
    }

    fn tab_action(&mut self, services: &mut Services, action: TabAction) {
        match action {
            TabAction::Show(index) => self.tabs.show(index),
            TabAction::MoveTo(index) => self.tabs.move_active_to(index),
            TabAction::Close(id) => self.close_tab(services, id),
            TabAction::New => self.new_tab(services),
            TabAction::TearOff(id) => self.drop_tab(services, id),
            TabAction::Menu(index, at) => {
                self.tabs.show(index);
                self.overlay.open_tab_menu(at);
            }
            TabAction::List => {
                let request = Request::Palette(self.handle.id(), Mode::Only('#'));
                services.requests.push(request);
            }
            TabAction::Rename(id) => {
                if self.tabs.active().is_some_and(|tab| tab.id == id) {
                    self.rename_tab(services);
                }
            }
            TabAction::Named(id, name) => {
                self.overlay.renaming = None;
                if let Some(tab) = self.tabs.get_mut(id) {
                    tab.name = (!name.is_empty()).then_some(name);
                }
            }
            TabAction::NotNamed => self.overlay.renaming = None,
        }
        if !self.closing {
            self.focus_moved(services);
        }
    }

    fn menu_action(&mut self, services: &mut Services, action: MenuAction) {
        match action {
            MenuAction::Run(action) => {
                actions::run(self, services, action);
            }
            MenuAction::OpenLink(uri) => {
                if let Some(id) = self.focused_pane().map(|pane| pane.id) {
                    self.open_link(services, id, &uri, None);
                }
            }
            MenuAction::CopyLink(uri) => services.clipboard.store(Selection::Clipboard, uri),
            MenuAction::Close => {}
        }
    }

    fn answered(&mut self, services: &mut Services, question: Question, answer: Answer) {
        if let Question::Control { ticket, .. } = question {
            let decision = match answer {
                Answer::Yes => Decision::Once,
                Answer::Lasting => Decision::Lasting,
                Answer::No | Answer::AsOneLine | Answer::OtherShell => Decision::No,
            };
            if let Some(tokens) = &services.tokens {
                tokens.decide(ticket, decision);
            }
            return;
        }
        if answer == Answer::No {
            return;
        }
        match question {
            Question::Control { .. } => {}
            Question::CloseTab { tab, .. } => self.close_tab_now(services, tab),
            Question::ClosePane { pane, .. } => self.close_pane_now(services, pane),
            Question::CloseWindow { .. } => self.closing = true,
            Question::Quit { .. } => services.requests.push(Request::QuitNow),
            Question::Paste { pane, text, .. } => {
                let text = match answer {
                    Answer::AsOneLine => text.lines().collect::<Vec<_>>().join(" "),
                    Answer::Yes | Answer::Lasting | Answer::OtherShell | Answer::No => text,
                };
                self.paste_now(pane, &text);
            }
            Question::OpenLink { uri, .. } => {
                if let Err(error) = services.open_link(&uri) {
                    self.notify(Severity::Warning, "link", format!("{error:#}"));
                }
            }
            Question::Environment { id, act, .. } => {
                self.act_on(services, id, act);
            }
            Question::RunIn { command, right, .. } => {
                actions::parity::run(self, services, &command, &right);
            }
            Question::Integrate {
                pane,
                key,
                local,
                typed,
                other,
                ..
            } => {
                let typed = match answer {
                    Answer::OtherShell => other,
                    _ => typed,
                };
                self.integrate(pane, &key, local, typed);
            }
            Question::ReadClipboard { pane, selections } => {
                load_for_program(services, pane, selections);
            }
            Question::WriteClipboard { selections, text } => {
                store_for_program(services, &selections, text);
            }
        }
    }
}
