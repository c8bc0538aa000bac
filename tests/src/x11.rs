//! Another program on the X server, as Terrace meets it: one that drops files (the XDND protocol, version 5), and
//! the desktop's settings daemon (XSETTINGS).

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use x11rb::connection::Connection;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    Atom, ClientMessageEvent, ConnectionExt as _, CreateWindowAux, EventMask, PropMode,
    SELECTION_NOTIFY_EVENT, SelectionNotifyEvent, SelectionRequestEvent, Window, WindowClass,
};
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;
use x11rb::{COPY_DEPTH_FROM_PARENT, COPY_FROM_PARENT, CURRENT_TIME};

use crate::display::{Display, wait_for};

/// A client with a window of its own, never seen.
struct Client {
    connection: RustConnection,
    screen: usize,
    window: Window,
    atoms: BTreeMap<&'static str, Atom>,
}

impl Client {
    fn connect(display: &Display, atoms: &[&'static str]) -> Result<Self> {
        let (connection, screen) = x11rb::connect(Some(display.name()))?;
        let window = connection.generate_id()?;
        let root = connection.setup().roots[screen].root;
        connection.create_window(
            COPY_DEPTH_FROM_PARENT,
            window,
            root,
            0,
            0,
            1,
            1,
            0,
            WindowClass::INPUT_OUTPUT,
            COPY_FROM_PARENT,
            &CreateWindowAux::new(),
        )?;
        let mut known = BTreeMap::new();
        for name in atoms {
            let atom = connection
                .intern_atom(false, name.as_bytes())?
                .reply()?
                .atom;
            known.insert(*name, atom);
        }
        Ok(Self {
            connection,
            screen,
            window,
            atoms: known,
        })
    }

    fn own(&self, selection: &str) -> Result<()> {
        let selection = self.atoms[selection];
        self.connection
            .set_selection_owner(self.window, selection, CURRENT_TIME)?;
        let owner = self
            .connection
            .get_selection_owner(selection)?
            .reply()?
            .owner;
        ensure!(owner == self.window, "somebody else has the selection");
        Ok(())
    }

    fn send(&self, to: Window, kind: &str, data: [u32; 5]) -> Result<()> {
        let event = ClientMessageEvent::new(32, to, self.atoms[kind], data);
        self.connection
            .send_event(false, to, EventMask::NO_EVENT, event)?;
        self.connection.flush()?;
        Ok(())
    }

    /// Puts `text` where another program asked for it.
    fn answer(&self, request: &SelectionRequestEvent, text: &str) -> Result<()> {
        self.connection.change_property8(
            PropMode::REPLACE,
            request.requestor,
            request.property,
            request.target,
            text.as_bytes(),
        )?;
        let event = SelectionNotifyEvent {
            response_type: SELECTION_NOTIFY_EVENT,
            sequence: 0,
            time: request.time,
            requestor: request.requestor,
            selection: request.selection,
            target: request.target,
            property: request.property,
        };
        self.connection
            .send_event(false, request.requestor, EventMask::NO_EVENT, event)?;
        self.connection.flush()?;
        Ok(())
    }
}

/// Drops files on a window, by their URIs, as a file manager does.
///
/// # Errors
/// When the window does not take them.
pub fn drop_files(display: &Display, window: Window, uris: &[&str]) -> Result<()> {
    let client = Client::connect(
        display,
        &[
            "XdndSelection",
            "XdndEnter",
            "XdndPosition",
            "XdndStatus",
            "XdndDrop",
            "XdndFinished",
            "XdndActionCopy",
            "text/uri-list",
        ],
    )?;
    client.own("XdndSelection")?;
    let me = client.window;
    let list = client.atoms["text/uri-list"];
    client.send(window, "XdndEnter", [me, 5 << 24, list, 0, 0])?;
    let copy = client.atoms["XdndActionCopy"];
    let at = (60 << 16) | 60;
    client.send(window, "XdndPosition", [me, 0, at, CURRENT_TIME, copy])?;
    let text: String = uris.iter().map(|uri| format!("{uri}\r\n")).collect();
    let mut dropped = false;
    wait_for("the drop to be taken", || {
        while let Some(event) = client.connection.poll_for_event()? {
            match event {
                Event::SelectionRequest(request) => client.answer(&request, &text)?,
                Event::ClientMessage(message) if message.type_ == client.atoms["XdndStatus"] => {
                    ensure!(
                        message.data.as_data32()[1] & 1 == 1,
                        "the files are refused"
                    );
                    if !std::mem::replace(&mut dropped, true) {
                        client.send(window, "XdndDrop", [me, 0, CURRENT_TIME, 0, 0])?;
                    }
                }
                Event::ClientMessage(message) if message.type_ == client.atoms["XdndFinished"] => {
                    return Ok(Some(()));
                }
                _ => {}
            }
        }
        Ok(None)
    })
}

/// The desktop's settings, of which only the resolution is told.
pub struct DesktopSettings {
    client: Client,
    serial: u32,
}

impl DesktopSettings {
    /// Takes the place of the settings daemon.
    ///
    /// # Errors
    /// When there is one already.
    pub fn start(display: &Display, scale: f32) -> Result<Self> {
        let names = ["_XSETTINGS_S0", "_XSETTINGS_SETTINGS", "MANAGER"];
        let client = Client::connect(display, &names)?;
        let mut settings = Self { client, serial: 0 };
        // The value before the owner: whoever sees the owner reads it at once.
        settings.set_scale(scale)?;
        settings.client.own("_XSETTINGS_S0")?;
        let root = settings.client.connection.setup().roots[settings.client.screen].root;
        let atoms = &settings.client.atoms;
        let data = [
            CURRENT_TIME,
            atoms["_XSETTINGS_S0"],
            settings.client.window,
            0,
            0,
        ];
        let event = ClientMessageEvent::new(32, root, atoms["MANAGER"], data);
        settings
            .client
            .connection
            .send_event(false, root, EventMask::STRUCTURE_NOTIFY, event)?;
        settings.client.connection.sync()?;
        Ok(settings)
    }

    /// Says that everything is to be drawn `scale` times as large as at 96 dots an inch (`Xft/DPI`, in 1024ths).
    ///
    /// # Errors
    /// When the server is gone.
    pub fn set_scale(&mut self, scale: f32) -> Result<()> {
        #[expect(clippy::cast_possible_truncation, reason = "a small number")]
        let dpi = (scale * 96.0 * 1024.0) as i32;
        self.serial += 1;
        let name = b"Xft/DPI";
        let mut value = vec![0, 0, 0, 0];
        value.extend(self.serial.to_le_bytes());
        value.extend(1_u32.to_le_bytes());
        // An integer: its kind, a gap, the name padded to four bytes, when it last changed, the value.
        value.extend([0, 0, 7, 0]);
        value.extend(name);
        value.push(0);
        value.extend(self.serial.to_le_bytes());
        value.extend(dpi.to_le_bytes());
        let property = self.client.atoms["_XSETTINGS_SETTINGS"];
        self.client.connection.change_property8(
            PropMode::REPLACE,
            self.client.window,
            property,
            property,
            &value,
        )?;
        self.client.connection.sync()?;
        Ok(())
    }
}
