//! What sequences act on: the screens, modes, colors, titles and stacks of one terminal.
//!
//! The families (`c0.rs`, `esc.rs`, `csi.rs`, `osc.rs`, `dcs.rs`) are `impl State` blocks; the operations
//! that several of them share are here.

use crate::blocks::capture::stays_below;
use crate::blocks::{Anchor, Blocks, Mark, MarkKind, Marks};
use crate::charset::Charsets;
use crate::color::Palette;
use crate::event::Event;
use crate::frame::CursorShape;
use crate::limits::{MAX_KEYBOARD_STACK, MAX_TITLE, MAX_TITLE_STACK};
use crate::modes::{KeyboardFlags, Mode, Modes};
use crate::parser::{Csi, Handler, StringKind};
use crate::reply::{Replies, Reply};
use crate::screen::{EditModes, Erase, Resize, Screen};
use crate::sgr::SavedSgr;
use crate::size::{GridSize, PixelSize};
use crate::terminal::Options;
use crate::terminal::clean::clean_text;
use crate::terminal::colors::Colors;
use crate::terminal::effects::Effects;
use crate::terminal::pacing::{Inversions, Sync};

/// The state of a terminal, the parser's aside.
pub(crate) struct State {
    pub(crate) options: Options,
    primary: Screen,
    alternate: Screen,
    pub(crate) cell: PixelSize,
    pub(crate) modes: Modes,
    pub(crate) charsets: Charsets,
    /// What DECSC saved beside what the screen saves: of the primary and the alternate screen.
    saved_charsets: [Charsets; 2],
    /// The sets before a program made it a VT52.
    pub(crate) ansi_charsets: Charsets,
    pub(crate) keyboard: Keyboard,
    pub(crate) cursor: CursorStyle,
    pub(crate) titles: Titles,
    pub(crate) colors: Colors,
    pub(crate) dec: DecSettings,
    pub(crate) sgr_stack: Vec<SavedSgr>,
    pub(crate) pointers: Vec<&'static str>,
    pub(crate) effects: Effects,
    pub(crate) replies: Replies,
    pub(crate) marks: Marks,
    pub(crate) blocks: Blocks,
    /// Pages of scrollback that had left when blocks were last compared with it.
    seen_left: u64,
    /// Contexts that were opened (OSC 3008), the innermost last.
    pub(crate) contexts: Vec<crate::osc::context::Open>,
    pub(crate) folder: Option<String>,
    pub(crate) notification: crate::osc::notify::Pending,
    pub(super) sync: Option<Sync>,
    pub(super) inversions: Inversions,
}

/// Settings of DEC terminals that are not modes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DecSettings {
    /// The conformance level, 1–5 (DECSCL).
    pub(crate) level: u8,
    /// Which kind of protection was used last.
    pub(crate) protection: Protection,
    /// DECSACE: 0 and 1 stream, 2 rectangle.
    pub(crate) extent: u16,
    /// XTCHECKSUM.
    pub(crate) checksum_flags: u16,
}

impl Default for DecSettings {
    fn default() -> Self {
        // A VT420, as xterm says it is.
        Self {
            level: 4,
            protection: Protection::Off,
            extent: 0,
            checksum_flags: 0,
        }
    }
}

/// Whose protected cells there may be; xterm tells them apart, since ISO protection also stops ED, EL, ECH.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protection {
    /// None since the last reset.
    Off,
    /// DECSCA.
    Dec,
    /// SPA, EPA.
    Iso,
}

/// How keys are reported.
#[derive(Clone, Debug, Default)]
pub(crate) struct Keyboard {
    /// Kitty's flags and those pushed below, of the primary and the alternate screen.
    screens: [(KeyboardFlags, Vec<KeyboardFlags>); 2],
    /// XTMODKEYS 4.
    pub(crate) modify_other: u8,
    /// XTFMTKEYS 4.
    pub(crate) format_other: u8,
}

/// DECSCUSR.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CursorStyle {
    pub(crate) shape: CursorShape,
    pub(crate) blinking: bool,
}

/// Window title and icon name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Titles {
    pub(crate) title: String,
    pub(crate) icon: String,
    stack: Vec<(Option<String>, Option<String>)>,
}

/// Which of the two names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TitleKind {
    Both,
    Icon,
    Window,
}

impl State {
    pub(crate) fn new(size: GridSize, options: Options) -> Self {
        let mut state = Self {
            primary: Screen::new(size, options.scrollback_lines, options.scrollback_bytes),
            alternate: Screen::new(size, 0, 0),
            cell: PixelSize::default(),
            modes: Modes::default(),
            charsets: Charsets::default(),
            saved_charsets: [Charsets::default(); 2],
            ansi_charsets: Charsets::default(),
            keyboard: Keyboard::default(),
            cursor: CursorStyle {
                shape: options.cursor_shape,
                blinking: options.cursor_blinking,
            },
            titles: Titles::default(),
            colors: Colors::new(options.palette.clone()),
            dec: DecSettings::default(),
            sgr_stack: Vec::new(),
            pointers: Vec::new(),
            effects: Effects::default(),
            replies: Replies::default(),
            marks: Marks::default(),
            blocks: Blocks::default(),
            seen_left: 0,
            contexts: Vec::new(),
            folder: None,
            notification: crate::osc::notify::Pending::default(),
            sync: None,
            inversions: Inversions::default(),
            options,
        };
        state.modes.assign(Mode::CursorBlink, state.cursor.blinking);
        state.update_edit_modes();
        state
    }

    // --- screens ---------------------------------------------------------------------------------

    pub(crate) fn is_alternate(&self) -> bool {
        self.modes.is_set(Mode::AlternateScreen)
    }

    #[inline]
    pub(crate) fn screen(&self) -> &Screen {
        if self.is_alternate() {
            &self.alternate
        } else {
            &self.primary
        }
    }

    #[inline]
    pub(crate) fn screen_mut(&mut self) -> &mut Screen {
        if self.is_alternate() {
            &mut self.alternate
        } else {
            &mut self.primary
        }
    }

    pub(crate) fn primary(&self) -> &Screen {
        &self.primary
    }

    pub(crate) fn primary_mut(&mut self) -> &mut Screen {
        &mut self.primary
    }

    /// The active screen and whether it is the alternate one, and the palette with its generation.
    pub(crate) fn parts(&mut self) -> ((&mut Screen, bool), &Palette, u64) {
        let alternate = self.is_alternate();
        let screen = if alternate {
            &mut self.alternate
        } else {
            &mut self.primary
        };
        (
            (screen, alternate),
            self.colors.palette(),
            self.colors.generation(),
        )
    }

    pub(crate) fn screens(&self) -> [&Screen; 2] {
        [&self.primary, &self.alternate]
    }

    pub(crate) fn size(&self) -> GridSize {
        self.primary.size()
    }

    /// Shows the other screen. xterm's screens share cursor, pen, margins and tab stops.
    fn switch_screen(&mut self, alternate: bool) {
        if alternate == self.is_alternate() {
            return;
        }
        if alternate {
            self.note_alternate();
        }
        let from = self.screen();
        let cursor = (from.cursor_row(), from.cursor_column());
        let (top, bottom) = from.vertical_margins();
        let (left, right) = from.horizontal_margins();
        let (pen, tabs) = (from.pen(), from.tab_stops());
        for mode in [
            Mode::AlternateScreen,
            Mode::AlternateScreenCleared,
            Mode::AlternateScreenSaved,
        ] {
            self.modes.assign(mode, alternate);
        }
        self.update_edit_modes();
        let to = self.screen_mut();
        if to.tab_stops() != tabs {
            to.clear_all_tabs();
            for column in tabs {
                to.goto_column(column);
                to.set_tab();
            }
        }
        to.set_vertical_margins(top, bottom);
        to.set_horizontal_margins(left, right);
        to.set_pen(pen);
        to.set_pen_link(None);
        to.goto(cursor.0, cursor.1);
    }

    /// 47, 1047, 1049 and their differences (xterm ctlseqs).
    fn set_alternate_screen(&mut self, mode: Mode, set: bool) {
        if !self.modes.is_set(Mode::AllowAlternateScreen) {
            return;
        }
        match (mode, set) {
            (Mode::AlternateScreenSaved, true) => {
                self.save_cursor();
                self.switch_screen(true);
                self.screen_mut().erase_screen(Erase::All);
            }
            (Mode::AlternateScreenSaved, false) => {
                let was_alternate = self.is_alternate();
                if was_alternate {
                    self.screen_mut().erase_screen(Erase::All);
                }
                self.switch_screen(false);
                self.restore_cursor();
            }
            (Mode::AlternateScreenCleared, false) => {
                if self.is_alternate() {
                    self.screen_mut().erase_screen(Erase::All);
                }
                self.switch_screen(false);
            }
            (_, set) => self.switch_screen(set),
        }
    }

    /// Changes the size; reports it (2048) and ends a synchronized update.
    pub(crate) fn resize(&mut self, size: GridSize, cell: PixelSize) {
        let changed = size != self.size() || cell != self.cell;
        self.cell = cell;
        self.blocks.unsettled |= !self.blocks.is_empty();
        let frozen = if self.is_alternate() {
            None
        } else {
            self.prompt_row().or_else(|| self.live_row())
        };
        self.primary.resize(size, Resize::Reflow { frozen });
        self.alternate.resize(size, Resize::Cut);
        self.end_sync();
        if changed && self.modes.is_set(Mode::InBandResize) {
            self.report_size();
        }
    }

    /// Mode 2048's report.
    fn report_size(&mut self) {
        let GridSize { columns, rows } = self.size();
        self.replies.push(Reply::InBandSize {
            rows,
            columns,
            height: u32::from(rows) * u32::from(self.cell.height),
            width: u32::from(columns) * u32::from(self.cell.width),
        });
    }

    // --- cursor ----------------------------------------------------------------------------------

    /// DECSC.
    pub(crate) fn save_cursor(&mut self) {
        self.screen_mut().save_cursor();
        self.saved_charsets[usize::from(self.is_alternate())] = self.charsets;
    }

    /// DECRC.
    pub(crate) fn restore_cursor(&mut self) {
        self.screen_mut().restore_cursor();
        self.charsets = self.saved_charsets[usize::from(self.is_alternate())];
        let origin = self.screen().modes.origin;
        self.modes.assign(Mode::Origin, origin);
        self.update_edit_modes();
    }

    /// CUP: 0-based, relative to the margins in origin mode.
    pub(crate) fn cursor_address(&mut self, row: u16, column: u16) {
        let screen = self.screen_mut();
        if screen.modes.origin {
            let (top, bottom) = screen.vertical_margins();
            let (left, right) = screen.horizontal_margins();
            let row = row.saturating_add(top).min(bottom);
            let column = column.saturating_add(left).min(right);
            screen.goto(row, column);
        } else {
            screen.goto(row, column);
        }
    }

    /// The cursor as CUP would address it.
    pub(crate) fn cursor_addressed(&self) -> (u16, u16) {
        let screen = self.screen();
        let (row, column) = (screen.cursor_row(), screen.cursor_column());
        if screen.modes.origin {
            let (top, left) = (screen.vertical_margins().0, screen.horizontal_margins().0);
            (row.saturating_sub(top), column.saturating_sub(left))
        } else {
            (row, column)
        }
    }

    /// DECSCUSR: 0 is the user's choice, then block, underline, beam, each blinking first.
    pub(crate) fn set_cursor_style(&mut self, style: u16) {
        let shape = match style {
            0 => self.options.cursor_shape,
            1 | 2 => CursorShape::Block,
            3 | 4 => CursorShape::Underline,
            5 | 6 => CursorShape::Beam,
            _ => return,
        };
        let blinking = if style == 0 {
            self.options.cursor_blinking
        } else {
            style % 2 == 1
        };
        self.cursor = CursorStyle { shape, blinking };
        self.modes.assign(Mode::CursorBlink, blinking);
    }

    // --- modes -----------------------------------------------------------------------------------

    /// SM, RM, DECSET, DECRST.
    pub(crate) fn set_mode(&mut self, mode: Mode, set: bool) {
        match mode {
            Mode::Ansi => self.set_ansi(set),
            Mode::Columns132 => self.set_columns_132(set),
            Mode::LeftRightMargins if self.dec.level < 4 => {}
            Mode::NoClearOnColumns if self.dec.level < 5 => {}
            Mode::LeftRightMargins => {
                self.modes.assign(mode, set);
                self.update_edit_modes();
                if set {
                    // There are no double lines between such margins (VT420).
                    self.primary.make_all_single();
                    self.alternate.make_all_single();
                } else {
                    let right = self.size().columns - 1;
                    self.screen_mut().set_horizontal_margins(0, right);
                }
            }
            Mode::Origin => {
                self.modes.assign(mode, set);
                self.update_edit_modes();
                self.cursor_address(0, 0);
            }
            Mode::CursorBlink => {
                self.modes.assign(mode, set);
                self.cursor.blinking = set;
            }
            Mode::MousePress | Mode::MouseClick | Mode::MouseDrag | Mode::MouseMotion => {
                for other in [
                    Mode::MousePress,
                    Mode::MouseClick,
                    Mode::MouseDrag,
                    Mode::MouseMotion,
                ] {
                    self.modes.assign(other, set && other == mode);
                }
            }
            Mode::MouseUtf8 | Mode::MouseSgr | Mode::MouseUrxvt | Mode::MouseSgrPixels => {
                let others = [
                    Mode::MouseUtf8,
                    Mode::MouseSgr,
                    Mode::MouseUrxvt,
                    Mode::MouseSgrPixels,
                ];
                for other in others {
                    if set || other == mode {
                        self.modes.assign(other, set && other == mode);
                    }
                }
            }
            Mode::AlternateScreen | Mode::AlternateScreenCleared | Mode::AlternateScreenSaved => {
                self.set_alternate_screen(mode, set);
            }
            Mode::SavedCursor if set => self.save_cursor(),
            Mode::SavedCursor => self.restore_cursor(),
            Mode::SynchronizedOutput if set => self.begin_sync(),
            Mode::SynchronizedOutput => self.end_sync(),
            Mode::InBandResize => {
                self.modes.assign(mode, set);
                if set {
                    self.report_size();
                }
            }
            _ => {
                self.modes.assign(mode, set);
                self.update_edit_modes();
            }
        }
    }

    /// DECCOLM: the window keeps its size; screen, margins and cursor are reset as if it had changed.
    fn set_columns_132(&mut self, set: bool) {
        if !self.modes.is_set(Mode::AllowColumns132) {
            return;
        }
        self.modes.assign(Mode::Columns132, set);
        self.modes.assign(Mode::LeftRightMargins, false);
        self.update_edit_modes();
        let keep = self.modes.is_set(Mode::NoClearOnColumns);
        let screen = self.screen_mut();
        screen.reset_margins();
        if !keep {
            screen.erase_screen(Erase::All);
        }
        self.cursor_address(0, 0);
    }

    /// Tells both screens the modes that decide how cells are edited.
    pub(crate) fn update_edit_modes(&mut self) {
        let modes = EditModes {
            autowrap: self.modes.is_set(Mode::Autowrap) && !self.blocks.shells.in_right_prompt(),
            insert: self.modes.is_set(Mode::Insert),
            origin: self.modes.is_set(Mode::Origin),
            reverse_wrap: self.modes.is_set(Mode::ReverseWrap),
            reverse_wrap_extended: self.modes.is_set(Mode::ReverseWrapExtended),
            left_right_margins: self.modes.is_set(Mode::LeftRightMargins),
            grapheme_clusters: self.modes.is_set(Mode::GraphemeClusters),
            ambiguous_wide: self.options.ambiguous_wide,
        };
        self.primary.modes = modes;
        self.alternate.modes = modes;
    }

    // --- resets ----------------------------------------------------------------------------------

    /// DECSTR: what programs may have left behind, the screen's content and the cursor's place aside.
    pub(crate) fn soft_reset(&mut self) {
        use Mode::{
            ApplicationCursor, ApplicationKeypad, Autowrap, CursorVisible, Insert, KeyboardAction,
            LeftRightMargins, NationalCharsets, Origin, ReverseWrap, ReverseWrapExtended,
        };
        for mode in [Autowrap, CursorVisible] {
            self.modes.assign(mode, true);
        }
        for mode in [
            ApplicationCursor,
            ApplicationKeypad,
            Insert,
            KeyboardAction,
            LeftRightMargins,
            NationalCharsets,
            Origin,
            ReverseWrap,
            ReverseWrapExtended,
        ] {
            self.modes.assign(mode, false);
        }
        self.update_edit_modes();
        self.charsets = Charsets::default();
        self.saved_charsets = [Charsets::default(); 2];
        self.keyboard = Keyboard::default();
        self.dec.protection = Protection::Off;
        self.dec.extent = 0;
        self.sgr_stack.clear();
        self.set_cursor_style(0);
        let screen = self.screen_mut();
        screen.reset_margins();
        screen.set_pen(crate::cell::Style::default());
        screen.set_pen_link(None);
        screen.forget_saved_cursor();
    }

    /// RIS. Scrollback, title, folder and marks stay: they are the user's.
    pub(crate) fn reset(&mut self) {
        self.switch_screen(false);
        self.modes = Modes::default();
        self.replies.eight_bit = false;
        self.end_sync();
        self.dec = DecSettings::default();
        self.soft_reset();
        self.titles.stack.clear();
        if !self.pointers.is_empty() {
            self.pointers.clear();
            self.effects.pointer("default");
        }
        self.notification = crate::osc::notify::Pending::default();
        let generation = self.colors.generation();
        self.colors.reset();
        if generation != self.colors.generation() {
            self.effects.palette();
        }
        self.alternate.reset();
        self.primary.reset();
        self.update_edit_modes();
    }

    // --- keyboard --------------------------------------------------------------------------------

    fn keyboard_screen(&mut self) -> &mut (KeyboardFlags, Vec<KeyboardFlags>) {
        let index = usize::from(self.is_alternate());
        &mut self.keyboard.screens[index]
    }

    /// Kitty's flags now in force.
    pub(crate) fn keyboard_flags(&self) -> KeyboardFlags {
        self.keyboard.screens[usize::from(self.is_alternate())].0
    }

    /// `CSI = flags ; how u`: 1 sets all, 2 adds, 3 removes.
    pub(crate) fn set_keyboard_flags(&mut self, flags: KeyboardFlags, how: u16) {
        let (current, _) = self.keyboard_screen();
        match how {
            1 => *current = flags,
            2 => current.insert(flags),
            3 => current.remove(flags),
            _ => {}
        }
    }

    /// `CSI > flags u`.
    pub(crate) fn push_keyboard_flags(&mut self, flags: KeyboardFlags) {
        let (current, stack) = self.keyboard_screen();
        if stack.len() == MAX_KEYBOARD_STACK {
            stack.remove(0);
        }
        stack.push(std::mem::replace(current, flags));
    }

    /// `CSI < n u`.
    pub(crate) fn pop_keyboard_flags(&mut self, n: u16) {
        let (current, stack) = self.keyboard_screen();
        for _ in 0..usize::from(n).min(MAX_KEYBOARD_STACK + 1) {
            *current = stack.pop().unwrap_or_default();
        }
    }

    // --- titles ----------------------------------------------------------------------------------

    /// OSC 0, 1, 2.
    pub(crate) fn set_title(&mut self, kind: TitleKind, text: &str) {
        let text = clean_text(text, MAX_TITLE);
        if kind != TitleKind::Window && self.titles.icon != text {
            self.titles.icon.clone_from(&text);
            self.effects.icon_name(text.clone());
        }
        if kind != TitleKind::Icon && self.titles.title != text {
            self.titles.title.clone_from(&text);
            self.effects.title(text);
        }
    }

    /// XTWINOPS 22.
    pub(crate) fn push_title(&mut self, kind: TitleKind) {
        if self.titles.stack.len() == MAX_TITLE_STACK {
            self.titles.stack.remove(0);
        }
        let icon = (kind != TitleKind::Window).then(|| self.titles.icon.clone());
        let title = (kind != TitleKind::Icon).then(|| self.titles.title.clone());
        self.titles.stack.push((icon, title));
    }

    /// XTWINOPS 23.
    pub(crate) fn pop_title(&mut self, kind: TitleKind) {
        let Some((icon, title)) = self.titles.stack.pop() else {
            return;
        };
        if let Some(icon) = icon.filter(|_| kind != TitleKind::Window) {
            self.set_title(TitleKind::Icon, &icon);
        }
        if let Some(title) = title.filter(|_| kind != TitleKind::Icon) {
            self.set_title(TitleKind::Window, &title);
        }
    }

    // --- marks -----------------------------------------------------------------------------------

    /// Keeps a prompt mark at the cursor. The alternate screen has none.
    pub(crate) fn mark(&mut self, kind: MarkKind) {
        if self.is_alternate() {
            return;
        }
        let (line, offset) = self.primary.cursor_anchor();
        let mark = Mark { kind, line, offset };
        if self.marks.push(mark) {
            self.effects.mark(mark);
        }
    }

    // --- blocks ----------------------------------------------------------------------------------

    /// The cursor's place on the primary screen, where blocks are.
    pub(crate) fn cursor_anchor(&self) -> Anchor {
        self.primary.cursor_place()
    }

    /// Where a command's output ends, and whether it lacks a newline there.
    pub(crate) fn output_end(&self) -> (Anchor, bool) {
        self.primary.output_end()
    }

    /// Whether blocks may have lost their last line.
    pub(crate) fn has_evictions(&self) -> bool {
        self.primary.scrollback.left() != self.seen_left
    }

    /// Looks which blocks lost their last line, if any may have.
    #[inline]
    pub(crate) fn notice_evictions(&mut self) {
        if self.has_evictions() {
            self.detach_blocks();
        }
    }

    #[cold]
    fn detach_blocks(&mut self) {
        self.seen_left = self.primary.scrollback.left();
        let oldest = match self.primary.scrollback.oldest_line() {
            Some(line) => line,
            None => self.primary.first_live_anchor().line,
        };
        for id in self.blocks.detach_before(oldest) {
            self.effects.block(crate::blocks::BlockEvent::Detached(id));
        }
    }
}

impl Handler for State {
    #[inline]
    fn print_ascii(&mut self, text: &[u8]) {
        if self.charsets.is_plain() {
            self.screen_mut().print_ascii(text);
        } else {
            let translated: String = text
                .iter()
                .map(|&byte| self.charsets.translate(byte))
                .collect();
            self.screen_mut().print_str(&translated);
        }
    }

    fn print_str(&mut self, text: &str) {
        if self.charsets.is_plain() {
            self.screen_mut().print_str(text);
            return;
        }
        let mut translated = String::with_capacity(text.len());
        for character in text.chars() {
            match u8::try_from(character) {
                Ok(byte @ 0x20..=0x7e) => translated.push(self.charsets.translate(byte)),
                _ => {
                    self.charsets.end_single_shift();
                    translated.push(character);
                }
            }
        }
        self.screen_mut().print_str(&translated);
    }

    #[inline]
    fn execute(&mut self, control: u8) {
        self.execute_c0(control);
    }

    #[inline]
    fn print_line(&mut self, text: &[u8]) {
        self.print_ascii(text);
        self.end_line();
    }

    fn print_lines(&mut self, bytes: &[u8]) -> Result<usize, usize> {
        if self.is_alternate() || !self.charsets.is_plain() || self.blocks.shells.awaits_enter() {
            return Err(0);
        }
        self.primary.print_lines(bytes)
    }

    #[inline]
    fn end_line(&mut self) {
        self.screen_mut().end_line();
        if self.blocks.shells.awaits_enter() {
            self.line_feed_after_enter();
        }
    }

    fn escape(&mut self, intermediates: &[u8], last: u8) {
        if self.blocks.unsettled && !self.is_alternate() {
            match (intermediates, last) {
                ([], b'8' | b'M' | b'c' | b'D' | b'E') | ([b'#'], _) => self.settle(),
                _ => {}
            }
        }
        let from = self.primary().cursor_row();
        self.dispatch_escape(intermediates, last);
        if intermediates.is_empty()
            && matches!(last, b'8' | b'M')
            && self.blocks.live.is_some()
            && !self.is_alternate()
        {
            self.note_way_up(from, last == b'8');
        }
    }

    #[inline]
    fn csi(&mut self, sequence: &Csi) {
        // SGR comes first, since it is most of what there is.
        if sequence.last != b'm'
            && (self.blocks.unsettled || self.blocks.live.is_some())
            && (sequence.last == b'G' || !stays_below(sequence))
        {
            return self.dispatch_moving(sequence);
        }
        self.dispatch_csi(sequence);
    }

    #[inline]
    fn is_vt52(&self) -> bool {
        !self.modes.is_set(Mode::Ansi)
    }

    fn vt52_escape(&mut self, last: u8) {
        self.dispatch_vt52(last);
    }

    fn vt52_address(&mut self, row: u8, column: u8) {
        self.cursor_address(row.into(), column.into());
    }

    fn string(&mut self, kind: StringKind, data: &[u8], bell: bool) {
        match kind {
            StringKind::Osc => self.dispatch_osc(data, bell),
            StringKind::Dcs => self.dispatch_dcs(data),
            // No APC is understood; kitty graphics will begin here.
            StringKind::Apc | StringKind::Ignored => {}
        }
    }
}

/// Events that several families send.
impl State {
    /// OSC 4, 10–19, 104–119, XTPOPCOLORS: the palette may have changed.
    pub(crate) fn colors_changed(&mut self, generation_before: u64) {
        if self.colors.generation() != generation_before {
            self.effects.palette();
        }
    }

    /// OSC 52.
    pub(crate) fn clipboard(&mut self, event: Event) {
        self.effects.clipboard(event);
    }
}
