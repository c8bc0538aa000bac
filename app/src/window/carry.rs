//! Panes carried by the mouse: to another pane's edge, into its place, to a tab or a window of their own; and tabs that
//! are let go over another window.

use renderer::Renderer;
use renderer::units::Rect;
use winit::dpi::PhysicalPosition;

use super::Window;
use super::panes::TabOfPanes;
use crate::input::mouse::contains;
use crate::layout::{Direction, Layout};
use crate::pane::PaneId;
use crate::services::{Request, Services};
use crate::settings;
use crate::tabs::TabId;
use crate::view::badges::Badge;
use crate::view::notices::Severity;
use crate::view::tabs;
use crate::view::tokens::BAR_HEIGHT;

/// A pane is carried once the pointer is so far from where it was pressed, in logical pixels.
const THRESHOLD: f32 = 6.0;
/// So near to an edge, as a share of the pane, a carried pane goes beside the one that it is over.
const EDGE: f64 = 0.3;

/// A pane that is being carried.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Carried {
    /// Which.
    pub(super) pane: PaneId,
    /// Where the button went down.
    from: PhysicalPosition<f64>,
    /// Where it goes when it is let go.
    goal: Goal,
}

/// Where a carried pane goes.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Goal {
    /// Nowhere: it stays.
    Stay,
    /// To a side of another pane; of itself: a new pane opens there.
    Beside(PaneId, Direction),
    /// It changes places with another.
    Swap(PaneId),
    /// To a tab of its own.
    Tab,
    /// To another window, or one of its own.
    Away,
}

/// A place on the screen, in physical pixels.
pub(crate) type ScreenPoint = PhysicalPosition<f64>;

impl Carried {
    /// A pane on which the button went down.
    pub(super) fn new(pane: PaneId, from: PhysicalPosition<f64>) -> Self {
        Self {
            pane,
            from,
            goal: Goal::Stay,
        }
    }
}

/// The edge of a rectangle that a position inside of it is nearest to, and how near, as a share of its length.
fn nearest_edge(area: Rect, at: PhysicalPosition<f64>) -> (Direction, f64) {
    let share = |position: f64, start: i32, length: u32| {
        (position - f64::from(start)) / f64::from(length.max(1))
    };
    let (x, y) = (
        share(at.x, area.x, area.width),
        share(at.y, area.y, area.height),
    );
    let edges = [
        (Direction::Left, x),
        (Direction::Right, 1.0 - x),
        (Direction::Up, y),
        (Direction::Down, 1.0 - y),
    ];
    let nearer = |a: (Direction, f64), b: (Direction, f64)| if b.1 < a.1 { b } else { a };
    edges.into_iter().fold((Direction::Left, x), nearer)
}

/// The half of a rectangle on a side.
fn half(area: Rect, side: Direction) -> Rect {
    let (width, height) = (area.width / 2, area.height / 2);
    match side {
        Direction::Left => Rect { width, ..area },
        Direction::Up => Rect { height, ..area },
        Direction::Right => Rect {
            x: area.x.saturating_add_unsigned(area.width - width),
            width,
            ..area
        },
        Direction::Down => Rect {
            y: area.y.saturating_add_unsigned(area.height - height),
            height,
            ..area
        },
    }
}

impl Window {
    /// Where a carried pane goes from a position of the pointer.
    fn goal_at(&self, carried: PaneId, at: PhysicalPosition<f64>) -> Goal {
        let size = self.handle.inner_size();
        let whole = Rect {
            x: 0,
            y: 0,
            width: size.width,
            height: size.height,
        };
        if !contains(whole, at) {
            return Goal::Away;
        }
        if self.overlay.covers(&self.handle, self.scale, at) {
            return Goal::Tab;
        }
        let Some(target) = self.pane_at(at).and_then(|id| self.panes.get(&id)) else {
            return Goal::Stay;
        };
        let (side, near) = nearest_edge(target.area, at);
        match (target.id == carried, near < EDGE) {
            (_, true) => Goal::Beside(target.id, side),
            (true, false) => Goal::Stay,
            (false, false) => Goal::Swap(target.id),
        }
    }

    /// The pointer moved with a pane in hand.
    pub(super) fn carry_to(&mut self, at: PhysicalPosition<f64>) {
        let Some(carried) = self.pointer.carried() else {
            return;
        };
        let (dx, dy) = (at.x - carried.from.x, at.y - carried.from.y);
        let far = dx.hypot(dy) >= f64::from(THRESHOLD * self.scale);
        if !far && carried.goal == Goal::Stay {
            return;
        }
        let goal = self.goal_at(carried.pane, at);
        if let Some(carried) = self.pointer.carried_mut()
            && carried.goal != goal
        {
            carried.goal = goal;
            self.overlay.changed();
            self.redraw();
        }
    }

    /// The carried pane is let go.
    pub(super) fn put_down(&mut self, services: &mut Services, carried: &Carried) {
        let pane = carried.pane;
        self.overlay.changed();
        self.redraw();
        match carried.goal {
            Goal::Stay => {}
            Goal::Beside(target, side) if target == pane => self.split(services, side),
            Goal::Beside(target, side) => self.move_beside(services, pane, target, side),
            Goal::Swap(target) => self.change_layout(services, |layout| layout.swap(pane, target)),
            Goal::Tab => self.pane_to_new_tab(services),
            Goal::Away => services.requests.push(Request::DropPane {
                from: self.handle.id(),
                pane,
                at: self.on_screen(),
            }),
        }
    }

    /// Moves a pane to a side of another one of the same tab. Where there is no room it says so.
    fn move_beside(&mut self, services: &Services, pane: PaneId, target: PaneId, side: Direction) {
        let Some(tab) = self.tabs.active() else {
            return;
        };
        let Some(rest) = tab.layout.clone().without(pane) else {
            return;
        };
        let layout = rest.split(target, side, pane);
        if !self.fits(services, &layout) {
            let text = "The pane there is too small to be split.";
            self.notify(Severity::Warning, "split", text);
            return;
        }
        self.change_layout(services, |known| *known = layout);
        self.focus_pane(services, pane);
    }

    /// Whether every pane of a tree has the room that it needs at least.
    fn fits(&self, services: &Services, layout: &Layout) -> bool {
        let spacing = self.spacing(services);
        let places = layout.rectangles(self.pane_area(services), spacing);
        places
            .iter()
            .all(|(_, area)| area.width >= spacing.minimum.0 && area.height >= spacing.minimum.1)
    }

    /// Where the pointer is on the screen, if the desktop tells where windows are.
    pub(super) fn on_screen(&self) -> Option<ScreenPoint> {
        let origin = self.handle.inner_position().ok()?.cast::<f64>();
        let at = self.pointer.position();
        Some(PhysicalPosition::new(origin.x + at.x, origin.y + at.y))
    }

    /// A place on the screen as one of this window, if it is in it.
    pub(crate) fn place_of(&self, at: ScreenPoint) -> Option<PhysicalPosition<f64>> {
        let origin = self.handle.inner_position().ok()?.cast::<f64>();
        let size = self.handle.inner_size();
        let at = PhysicalPosition::new(at.x - origin.x, at.y - origin.y);
        let whole = Rect {
            x: 0,
            y: 0,
            width: size.width,
            height: size.height,
        };
        contains(whole, at).then_some(at)
    }

    /// Whether a place of the window is where its tab bar is, or would be.
    pub(crate) fn is_at_bar(&self, services: &Services, at: PhysicalPosition<f64>) -> bool {
        let bar = f64::from(BAR_HEIGHT * self.scale);
        if settings::bar_at_top(&services.config) {
            at.y < bar
        } else {
            at.y >= f64::from(self.handle.inner_size().height) - bar
        }
    }

    /// Takes a tab in that was let go at a place of the bar.
    pub(crate) fn take_tab_at(
        &mut self,
        services: &mut Services,
        tab: TabOfPanes,
        at: PhysicalPosition<f64>,
    ) {
        let scale = self.scale;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_precision_loss,
            reason = "pixels of a window"
        )]
        let (x, width) = (
            at.x as f32 / scale,
            self.handle.inner_size().width as f32 / scale,
        );
        let look = settings::tab_look(&services.config);
        let shown = self.tabs.active_index();
        let place = tabs::place_at(x, width, look, self.tabs.len(), shown);
        self.adopt(services, tab, true);
        self.tabs.move_active_to(place.min(self.tabs.len() - 1));
        self.focus_moved(services);
        self.come_forward();
    }

    /// Takes panes in that were let go at a place of the window.
    pub(crate) fn take_panes_at(
        &mut self,
        services: &mut Services,
        panes: TabOfPanes,
        at: PhysicalPosition<f64>,
    ) {
        let target = self.pane_at(at).and_then(|id| self.panes.get(&id));
        let target = target.map(|pane| (pane.id, nearest_edge(pane.area, at).0));
        match target {
            Some((target, side)) if !self.is_at_bar(services, at) => {
                let carried: Vec<PaneId> = panes.panes.iter().map(|pane| pane.id).collect();
                for pane in panes.panes {
                    self.panes.insert(pane.id, pane);
                }
                self.focus_pane(services, target);
                for id in carried {
                    self.place_beside_focused(services, side, id);
                    self.pane_changed(services, id);
                }
                self.come_forward();
            }
            _ => self.take_tab_at(services, panes, at),
        }
    }

    /// Takes a pane out for another window, and closes this one with its last.
    pub(crate) fn take_pane(
        &mut self,
        services: &mut Services,
        pane: PaneId,
    ) -> Option<TabOfPanes> {
        self.focus_pane(services, pane);
        let focused = self.tabs.active()?.focused;
        (focused == pane)
            .then(|| self.take_pane_for_good(services))
            .flatten()
    }

    /// Whether a pane is all that the window has.
    pub(crate) fn has_more_than(&self, pane: PaneId) -> bool {
        self.panes.keys().any(|id| *id != pane)
    }

    /// A tab was dragged out of the bar and let go.
    pub(super) fn drop_tab(&self, services: &mut Services, tab: TabId) {
        services.requests.push(Request::DropTab {
            from: self.handle.id(),
            tab,
            at: self.on_screen(),
        });
    }

    /// Shows where a carried pane would go.
    pub(super) fn draw_goal(&self, renderer: &mut Renderer) {
        let Some(carried) = self.pointer.carried() else {
            return;
        };
        let target = match carried.goal {
            Goal::Beside(target, _) | Goal::Swap(target) => target,
            Goal::Stay | Goal::Tab | Goal::Away => return,
        };
        let Some(area) = self.panes.get(&target).map(|pane| pane.area) else {
            return;
        };
        let area = match carried.goal {
            Goal::Beside(_, side) => half(area, side),
            _ => area,
        };
        let [r, g, b, _] = self.overlay.tokens().accent.to_array();
        renderer.draw_quad(area, [r, g, b, 70]);
        let width = super::draw::line_width(self.scale);
        for line in super::draw::frame(area, width) {
            renderer.draw_quad(line, [r, g, b, 255]);
        }
    }

    /// What is said while a pane is carried.
    pub(super) fn carry_badge(&self) -> Option<Badge> {
        let carried = self.pointer.carried()?;
        let title = match carried.goal {
            Goal::Stay => return None,
            Goal::Beside(target, _) if target == carried.pane => "Open a new pane here",
            Goal::Beside(..) => "Move the pane here",
            Goal::Swap(_) => "Change places with this pane",
            Goal::Tab => "Move the pane to a tab of its own",
            Goal::Away => "Move the pane to this window, or one of its own",
        };
        Some(Badge {
            title: title.to_owned(),
            lines: Vec::new(),
            note: "Escape leaves it where it is".to_owned(),
            warns: false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AREA: Rect = Rect {
        x: 100,
        y: 50,
        width: 201,
        height: 100,
    };

    #[test]
    fn the_nearest_edge_is_told_by_share() {
        #[track_caller]
        fn check(x: f64, y: f64, expected: Direction) {
            let (side, near) = nearest_edge(AREA, PhysicalPosition::new(x, y));
            assert_eq!(side, expected);
            assert!((0.0..=0.5).contains(&near));
        }
        check(110.0, 100.0, Direction::Left);
        check(290.0, 100.0, Direction::Right);
        check(200.0, 52.0, Direction::Up);
        check(200.0, 148.0, Direction::Down);
        // 20 of 201 pixels are nearer than 20 of 100.
        check(120.0, 70.0, Direction::Left);
    }

    #[test]
    fn halves_lie_at_their_side() {
        #[track_caller]
        fn check(side: Direction, x: i32, y: i32, width: u32, height: u32) {
            assert_eq!(half(AREA, side), Rect::new(x, y, width, height));
        }
        check(Direction::Left, 100, 50, 100, 100);
        check(Direction::Right, 201, 50, 100, 100);
        check(Direction::Up, 100, 50, 201, 50);
        check(Direction::Down, 100, 100, 201, 50);
    }
}
