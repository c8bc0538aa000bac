//! Caps Lock and Num Lock, which the kitty keyboard protocol tells programs and winit tells nobody.
//!
//! Under X11 a connection of our own hears of them from XKB ("The X Keyboard Extension: Protocol Specification",
//! `XkbStateNotify`), on a thread that begins when a program first asks for the protocol and then sleeps until a lock
//! changes. A Wayland compositor tells the locks with the keyboard alone, which is winit's: there they are not known.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::thread;

use anyhow::{Context, Result};
use terminal::encode::key::Modifiers;
use x11rb::connection::Connection;
use x11rb::protocol::Event;
use x11rb::protocol::xkb::{
    ConnectionExt as _, EventType, ID, MapPart, SelectEventsAux, SelectEventsAuxStateNotify,
    StatePart,
};
use x11rb::protocol::xproto::{ConnectionExt as _, ModMask};

/// `XK_Num_Lock` (X11/keysymdef.h).
const NUM_LOCK: u32 = 0xff7f;
/// Set beside the locks once they are known.
const KNOWN: u8 = 1;
const CAPS: u8 = 2;
const NUM: u8 = 4;

/// Which locks are on, if anybody tells.
#[derive(Debug, Default)]
pub(crate) struct Locks(Option<Arc<AtomicU8>>);

impl Locks {
    /// Begins to listen to the X server, unless that was begun before.
    pub(crate) fn listen(&mut self) {
        if self.0.is_some() {
            return;
        }
        let state = Arc::new(AtomicU8::new(0));
        self.0 = Some(Arc::clone(&state));
        let listen = move || {
            if let Err(error) = hear(&state) {
                state.store(0, Ordering::Relaxed);
                tracing::warn!(error = format!("{error:#}"), "lock keys are not known");
            }
        };
        if let Err(error) = thread::Builder::new()
            .name("locks".into())
            .stack_size(128 * 1024)
            .spawn(listen)
        {
            tracing::warn!(%error, "lock keys are not known");
        }
    }

    /// The locks that are on; `None` while they are not known.
    pub(crate) fn on(&self) -> Option<Modifiers> {
        let state = self.0.as_ref()?.load(Ordering::Relaxed);
        (state & KNOWN != 0).then(|| {
            let mut on = Modifiers::empty();
            on.set(Modifiers::CAPS_LOCK, state & CAPS != 0);
            on.set(Modifiers::NUM_LOCK, state & NUM != 0);
            on
        })
    }
}

/// Hears of the locks until the connection ends.
fn hear(state: &AtomicU8) -> Result<()> {
    let (connection, _) = x11rb::connect(None).context("no X server")?;
    let extension = connection.xkb_use_extension(1, 0)?.reply()?;
    anyhow::ensure!(extension.supported, "the X server has no XKB");
    let num_lock = num_lock_mask(&connection)?;
    let tell = |locked: ModMask| {
        let mut now = KNOWN;
        if locked.contains(ModMask::LOCK) {
            now |= CAPS;
        }
        if num_lock != 0 && u16::from(locked) & num_lock != 0 {
            now |= NUM;
        }
        state.store(now, Ordering::Relaxed);
    };
    let keyboard = u16::from(ID::USE_CORE_KBD);
    let details = SelectEventsAux::new().state_notify(SelectEventsAuxStateNotify {
        affect_state: StatePart::MODIFIER_LOCK,
        state_details: StatePart::MODIFIER_LOCK,
    });
    let (none, no_map) = (EventType::from(0_u16), MapPart::from(0_u16));
    connection
        .xkb_select_events(keyboard, none, none, no_map, no_map, &details)?
        .check()?;
    tell(connection.xkb_get_state(keyboard)?.reply()?.locked_mods);
    loop {
        if let Event::XkbStateNotify(changed) = connection.wait_for_event()? {
            tell(changed.locked_mods);
        }
    }
}

/// The modifier that Num Lock is, among the eight of the core protocol; 0 where it is none.
fn num_lock_mask(connection: &impl Connection) -> Result<u16> {
    let setup = connection.setup();
    let (first, last) = (setup.min_keycode, setup.max_keycode);
    let keys = connection
        .get_keyboard_mapping(first, (last - first).saturating_add(1))?
        .reply()?;
    let modifiers = connection.get_modifier_mapping()?.reply()?;
    let per_key = usize::from(keys.keysyms_per_keycode).max(1);
    let is_num_lock = |code: &u8| {
        let index = usize::from(code.saturating_sub(first));
        let symbols = keys.keysyms.chunks(per_key).nth(index);
        *code >= first && symbols.is_some_and(|symbols| symbols.contains(&NUM_LOCK))
    };
    let per_modifier = usize::from(modifiers.keycodes_per_modifier()).max(1);
    let sets = modifiers.keycodes.chunks(per_modifier);
    let modifier = (0..8)
        .zip(sets)
        .find(|(_, codes)| codes.iter().any(is_num_lock));
    Ok(modifier.map_or(0, |(index, _)| 1 << index))
}
