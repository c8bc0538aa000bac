//! `[notifications]`: what programs and quiet tabs may say on the desktop.

use crate::section::{choice, section};

section! {
    /// What programs ask to be told on the desktop (OSC 9, 99, 777). At most one a second and ten a minute
    /// come from a pane; a click shows the pane.
    pub struct Notifications in "notifications" {
        /// When a program's notification is shown.
        show: ShowNotifications = ShowNotifications::Unfocused;
        /// Where: by the desktop, or in the window. What the desktop cannot show is shown in the window.
        place: NotificationPlace = NotificationPlace::Desktop;
        /// Show the progress that programs tell (OSC 9;4) in the taskbar, where the desktop can.
        taskbar_progress: bool = true;
    }
}

choice! {
    /// When a notification is shown.
    pub enum ShowNotifications {
        /// While its pane has no keyboard.
        Unfocused = "unfocused",
        /// Always.
        Always = "always",
        /// Never.
        Never = "never",
    }
}

choice! {
    /// Where a notification is shown.
    pub enum NotificationPlace {
        /// By the desktop's notification service.
        Desktop = "desktop",
        /// In the window's corner.
        Window = "window",
    }
}
