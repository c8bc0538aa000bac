//! The desktop's preference for dark or light windows, where winit does not tell it: on X11 and Wayland
//! it is the desktop portal's (`org.freedesktop.appearance color-scheme`, XDG Desktop Portal's
//! `org.freedesktop.portal.Settings`).

use winit::event_loop::EventLoopProxy;

use crate::event::AppEvent;

/// Tells the preference, now and whenever it changes, from a thread of its own. Without a session bus or
/// a portal it tells nothing.
#[cfg(all(unix, not(target_os = "macos")))]
pub(crate) fn follow(proxy: EventLoopProxy<AppEvent>) {
    let tell = move |dark| proxy.send_event(AppEvent::DesktopIsDark(dark)).is_ok();
    let thread = std::thread::Builder::new().name("desktop".to_owned());
    let spawned = thread.spawn(move || {
        if let Err(error) = portal::follow(tell) {
            tracing::debug!("the desktop does not tell whether it is dark: {error}");
        }
    });
    if let Err(error) = spawned {
        tracing::warn!("the desktop's preference is not followed: {error}");
    }
}

/// winit tells it there ([`winit::event::WindowEvent::ThemeChanged`]).
#[cfg(not(all(unix, not(target_os = "macos"))))]
pub(crate) fn follow(_: EventLoopProxy<AppEvent>) {}

#[cfg(all(unix, not(target_os = "macos")))]
mod portal {
    use zbus::blocking::{Connection, Proxy};
    use zbus::zvariant::{OwnedValue, Value};

    const SERVICE: &str = "org.freedesktop.portal.Desktop";
    const PATH: &str = "/org/freedesktop/portal/desktop";
    const INTERFACE: &str = "org.freedesktop.portal.Settings";
    const SETTING: (&str, &str) = ("org.freedesktop.appearance", "color-scheme");

    /// Calls `tell` until it says that nobody listens, or the bus is gone.
    pub(super) fn follow(tell: impl Fn(bool) -> bool) -> zbus::Result<()> {
        let connection = Connection::session()?;
        let settings = Proxy::new(&connection, SERVICE, PATH, INTERFACE)?;
        // Listened for before the first look, so that no change falls between.
        let changes = settings
            .receive_signal_with_args("SettingChanged", &[(0, SETTING.0), (1, SETTING.1)])?;
        // Portals before version 2 of the interface have only the older call.
        let value: OwnedValue = settings
            .call("ReadOne", &SETTING)
            .or_else(|_| settings.call("Read", &SETTING))?;
        if !tell(is_dark(&value)) {
            return Ok(());
        }
        for change in changes {
            let body = change.body();
            let Ok((_, _, value)) = body.deserialize::<(&str, &str, Value<'_>)>() else {
                continue;
            };
            if !tell(is_dark(&value)) {
                break;
            }
        }
        Ok(())
    }

    /// 0 is no preference, 1 dark, 2 light; the older call wraps the answer once more.
    fn is_dark(value: &Value<'_>) -> bool {
        match value {
            Value::Value(inner) => is_dark(inner),
            Value::U32(scheme) => *scheme != 2,
            _ => true,
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn the_portals_answers_are_understood() {
            #[track_caller]
            fn check(value: Value<'_>, dark: bool) {
                assert_eq!(is_dark(&value), dark);
                assert_eq!(is_dark(&Value::Value(Box::new(value))), dark, "wrapped");
            }
            check(Value::U32(0), true);
            check(Value::U32(1), true);
            check(Value::U32(2), false);
            check(Value::from("light"), true);
        }
    }
}
