//! A window that pictures made by the processor are shown in: memory shared with the X server or the Wayland
//! compositor, of which only what changed is handed over.

use std::collections::VecDeque;
use std::fmt::{self, Debug};
use std::num::NonZeroU32;
use std::sync::Arc;

use wgpu::rwh::{HasDisplayHandle, HasWindowHandle, RawWindowHandle};

use crate::damage::Damage;
use crate::{Error, Lost, PixmapMut, Rect};

/// Most buffers that a compositor passes around.
const MAX_AGE: usize = 4;

/// A window, whatever its type.
trait Target: HasWindowHandle + HasDisplayHandle + Debug {}

impl<W: HasWindowHandle + HasDisplayHandle + Debug> Target for W {}

type Handle = Arc<dyn Target + Send + Sync>;

/// A window's surface without a graphics device.
pub struct SoftwareSurface {
    surface: softbuffer::Surface<Handle, Handle>,
    size: (u32, u32),
    /// The size of the buffers, once there are any.
    allocated: Option<(u32, u32)>,
    /// What changed in the last frames, the newest first: buffers come back some frames old.
    recent: VecDeque<Damage>,
}

impl Debug for SoftwareSurface {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SoftwareSurface")
            .field("size", &self.size)
            .finish_non_exhaustive()
    }
}

impl SoftwareSurface {
    /// The surface of `window`, of `width` × `height` physical pixels, either of which may be 0.
    /// `transparent` says whether alpha must reach the compositor.
    ///
    /// # Errors
    ///
    /// [`Error::Surface`] when the display takes no such pictures: an X server without 24-bit color, a
    /// transparent window under Wayland.
    pub fn new<W>(
        window: Arc<W>,
        (width, height): (u32, u32),
        transparent: bool,
    ) -> Result<SoftwareSurface, Error>
    where
        W: HasWindowHandle + HasDisplayHandle + Debug + Send + Sync + 'static,
    {
        let x11 = window.window_handle().is_ok_and(|handle| {
            matches!(
                handle.as_raw(),
                RawWindowHandle::Xlib(_) | RawWindowHandle::Xcb(_)
            )
        });
        if transparent && !x11 {
            return Err(Error::Surface(
                "a transparent window needs a graphics driver here".into(),
            ));
        }
        let handle: Handle = window;
        let failed = |error: softbuffer::SoftBufferError| Error::Surface(error.to_string());
        let context = softbuffer::Context::new(Arc::clone(&handle)).map_err(failed)?;
        let surface = softbuffer::Surface::new(&context, handle).map_err(failed)?;
        tracing::info!(width, height, "drawing without a graphics device");
        Ok(SoftwareSurface {
            surface,
            size: (width, height),
            allocated: None,
            recent: VecDeque::new(),
        })
    }

    /// Follows the window's size, in physical pixels; either may be 0.
    pub fn resize(&mut self, width: u32, height: u32) {
        self.size = (width, height);
    }

    /// Width and height of the next frame in physical pixels.
    pub fn size(&self) -> (u32, u32) {
        self.size
    }

    /// Shows a frame that differs from the last one at `changed`, or everywhere if the window lost its picture
    /// (`exposed`). `draw` is asked for each rectangle that the buffer at hand lacks. `before` is called before
    /// the buffer is handed over.
    ///
    /// # Errors
    ///
    /// [`Lost`] when the display takes no buffer: make the surface anew.
    pub fn show(
        &mut self,
        changed: &[Rect],
        exposed: bool,
        mut draw: impl FnMut(&mut PixmapMut<'_>, &Rect),
        before: impl FnOnce(),
    ) -> Result<(), Lost> {
        let (Some(width), Some(height)) =
            (NonZeroU32::new(self.size.0), NonZeroU32::new(self.size.1))
        else {
            return Ok(());
        };
        let whole = Rect::new(0, 0, width.get(), height.get());
        if self.allocated != Some(self.size) {
            self.surface.resize(width, height).map_err(lost)?;
            self.allocated = Some(self.size);
            self.recent.clear();
        }
        let mut damage = Damage::default();
        changed.iter().for_each(|rect| damage.add(*rect));
        damage.clip(&whole);
        let mut buffer = self.surface.buffer_mut().map_err(lost)?;
        let age = usize::from(buffer.age());
        let mut missing = damage.clone();
        if age == 0 || age - 1 > self.recent.len() {
            missing.set(whole);
        } else {
            let older = self.recent.iter().take(age - 1).flat_map(Damage::rects);
            older.for_each(|rect| missing.add(*rect));
        }
        let mut target = PixmapMut::new(width.get(), &mut buffer).ok_or(Lost)?;
        for rect in missing.rects() {
            draw(&mut target, rect);
        }
        if exposed || age == 0 {
            damage.set(whole);
        }
        self.recent.truncate(MAX_AGE - 1);
        let shown: Vec<softbuffer::Rect> = damage.rects().iter().filter_map(rectangle).collect();
        self.recent.push_front(damage);
        before();
        buffer.present_with_damage(&shown).map_err(lost)
    }
}

fn lost(error: softbuffer::SoftBufferError) -> Lost {
    tracing::warn!(%error, "the window's surface is lost");
    Lost
}

fn rectangle(rect: &Rect) -> Option<softbuffer::Rect> {
    Some(softbuffer::Rect {
        x: u32::try_from(rect.x).ok()?,
        y: u32::try_from(rect.y).ok()?,
        width: NonZeroU32::new(rect.width)?,
        height: NonZeroU32::new(rect.height)?,
    })
}
