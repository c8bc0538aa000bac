//! The font's size in this window, until it is closed.

use crate::services::Services;
use crate::window::Window;

/// The smallest and the largest size, in points.
const RANGE: std::ops::RangeInclusive<f32> = 4.0..=120.0;

/// Makes the text larger by `points` (negative: smaller).
pub(crate) fn resize(window: &mut Window, services: &Services, points: f32) {
    let size = services.config.font.size;
    let wanted = (size + window.zoom + points).clamp(*RANGE.start(), *RANGE.end());
    set(window, services, wanted - size);
}

/// Gives the text its configured size.
pub(crate) fn reset(window: &mut Window, services: &Services) {
    set(window, services, 0.0);
}

fn set(window: &mut Window, services: &Services, zoom: f32) {
    if (window.zoom - zoom).abs() > f32::EPSILON {
        window.zoom = zoom;
        window.set_fonts(services);
    }
}
