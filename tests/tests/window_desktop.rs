//! What the desktop says and is told on a session bus: its preference for dark or light windows, by a settings
//! portal; notifications.

use std::collections::HashMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};

use anyhow::{Context, Result};
use tests::display::{Display, Window, wait_for};
use zbus::blocking::{Connection, connection};
use zbus::zvariant::{OwnedValue, Value};

const PATH: &str = "/org/freedesktop/portal/desktop";
const NAMESPACE: &str = "org.freedesktop.appearance";
const KEY: &str = "color-scheme";
const DARK: [u8; 3] = [0x10, 0x10, 0x10];
const LIGHT: [u8; 3] = [0xf0, 0xf0, 0xf0];

/// A session bus, ended with the test.
struct Bus(Child);

impl Bus {
    /// Starts one and gives its address; `None`, with the reason printed, where there is no dbus-daemon.
    fn start(display: &mut Display) -> Result<Option<(Self, String)>> {
        if !tests::is_installed("dbus-daemon") {
            #[expect(
                clippy::print_stderr,
                reason = "why a test checked nothing must be seen"
            )]
            {
                eprintln!("skipped: dbus is not installed; run `make test`");
            }
            return Ok(None);
        }
        let mut daemon = Command::new("dbus-daemon")
            .args(["--session", "--nofork", "--nopidfile", "--print-address"])
            .arg(format!("--address=unix:dir={}", display.folder().display()))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let mut address = String::new();
        let out = daemon.stdout.take().context("the bus has no output")?;
        BufReader::new(out).read_line(&mut address)?;
        let address = address.trim().to_owned();
        display.set_env("DBUS_SESSION_BUS_ADDRESS", &address);
        Ok(Some((Self(daemon), address)))
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A portal of version 1, whose only call wraps its answer twice, or of version 2.
struct Portal {
    scheme: u32,
    old: bool,
}

#[zbus::interface(name = "org.freedesktop.portal.Settings")]
impl Portal {
    fn read_one(&self, namespace: &str, key: &str) -> zbus::fdo::Result<Value<'static>> {
        if self.old || (namespace, key) != (NAMESPACE, KEY) {
            return Err(zbus::fdo::Error::UnknownMethod("ReadOne".to_owned()));
        }
        Ok(Value::U32(self.scheme))
    }

    fn read(&self, namespace: &str, key: &str) -> zbus::fdo::Result<Value<'static>> {
        if (namespace, key) != (NAMESPACE, KEY) {
            return Err(zbus::fdo::Error::UnknownMethod("Read".to_owned()));
        }
        Ok(Value::Value(Box::new(Value::U32(self.scheme))))
    }
}

fn serve(address: &str, portal: Portal) -> Result<Connection> {
    Ok(connection::Builder::address(address)?
        .name("org.freedesktop.portal.Desktop")?
        .serve_at(PATH, portal)?
        .build()?)
}

fn tell(connection: &Connection, namespace: &str, scheme: u32) -> Result<()> {
    Ok(connection.emit_signal(
        None::<&str>,
        PATH,
        "org.freedesktop.portal.Settings",
        "SettingChanged",
        &(namespace, KEY, Value::U32(scheme)),
    )?)
}

fn wait_ground(window: &Window<'_>, color: [u8; 3]) -> Result<()> {
    wait_for(&format!("the ground {color:?}"), || {
        Ok((window.picture()?.count(color) > 100_000).then_some(()))
    })
}

#[test]
fn the_theme_follows_the_desktop() -> Result<()> {
    for old in [false, true] {
        let Some(mut display) = Display::start()? else {
            return Ok(());
        };
        let Some((_bus, address)) = Bus::start(&mut display)? else {
            return Ok(());
        };
        let themes = display.folder().join("themes");
        fs::create_dir_all(&themes)?;
        for (name, foreground, background) in
            [("Night", "f0f0f0", "101010"), ("Day", "101010", "f0f0f0")]
        {
            let palette = vec![format!("\"#{foreground}\""); 16].join(", ");
            fs::write(
                themes.join(format!("{name}.toml")),
                format!(
                    "name = \"{name}\"\nforeground = \"#{foreground}\"\n\
                     background = \"#{background}\"\npalette = [{palette}]\n"
                ),
            )?;
        }
        let portal = serve(&address, Portal { scheme: 2, old })?;
        let settings = "[colors]\ntheme = { dark = \"Night\", light = \"Day\" }\n";
        let window = Window::open(&display, settings, &[])?;
        wait_ground(&window, LIGHT)?;
        tell(&portal, NAMESPACE, 1)?;
        wait_ground(&window, DARK)?;
        // Another setting of that name is none of ours.
        tell(&portal, "org.example", 2)?;
        tell(&portal, NAMESPACE, 0)?;
        wait_ground(&window, DARK)?;
        tell(&portal, NAMESPACE, 2)?;
        wait_ground(&window, LIGHT)?;
    }
    Ok(())
}

/// A notification service that hands on what it is told.
struct Notifications(Sender<(String, String)>);

#[zbus::interface(name = "org.freedesktop.Notifications")]
impl Notifications {
    #[expect(clippy::too_many_arguments, reason = "the interface has so many")]
    fn notify(
        &self,
        _application: String,
        _replaces: u32,
        _icon: String,
        summary: String,
        body: String,
        _actions: Vec<String>,
        _hints: HashMap<String, OwnedValue>,
        _expires: i32,
    ) -> u32 {
        // The test may have ended.
        let _ = self.0.send((summary, body));
        1
    }
}

/// The next notification.
fn told(notifications: &Receiver<(String, String)>) -> Result<(String, String)> {
    wait_for("a notification", || Ok(notifications.try_recv().ok()))
}

#[test]
fn the_end_of_a_long_command_is_told_while_nobody_looks() -> Result<()> {
    let Some(mut display) = Display::start()? else {
        return Ok(());
    };
    let Some((_bus, address)) = Bus::start(&mut display)? else {
        return Ok(());
    };
    let (sender, receiver) = channel();
    let _service = connection::Builder::address(address.as_str())?
        .name("org.freedesktop.Notifications")?
        .serve_at("/org/freedesktop/Notifications", Notifications(sender))?
        .build()?;
    let settings = "[blocks]\nnotify_after = 1\n[cursor]\nblink = \"never\"\n";
    let window = Window::open(&display, settings, &["--", "bash"])?;
    let done = display.folder().join("done");
    let go = display.folder().join("go");
    // Short ones, and long ones that the user watches, are not told; nor what only looked long.
    let wait = format!("until [ -e {go} ]; do sleep 0.05; done", go = go.display());
    window.type_text(&format!("sleep 1.1; > {}\n", done.display()))?;
    wait_for("a command that is watched", || {
        Ok(done.exists().then_some(()))
    })?;
    window.type_text(&format!(
        "{wait}; rm {}; sleep 1.2; (exit 3)\n",
        go.display()
    ))?;
    window.unfocus()?;
    fs::write(&go, "")?;
    let (summary, body) = told(&receiver)?;
    assert!(summary.contains("until"), "{summary}");
    assert!(body.starts_with("exit 3, "), "{body}");
    assert!(receiver.try_recv().is_err(), "only one was to be told");
    Ok(())
}
