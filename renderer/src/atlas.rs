//! The glyph atlas: which glyph is where on which page, and what has still to be uploaded.
//!
//! Pages are 1024 pixels square and of two kinds: coverage masks, one byte a pixel, and color. A
//! page is filled shelf by shelf. When a kind has all the pages it may have, the page that was
//! drawn from least recently is emptied whole, but never one that the scene being built draws from.
#![expect(
    clippy::cast_possible_truncation,
    reason = "positions on a page are at most 1024, layers at most 64"
)]

use rustc_hash::FxHashMap;

use crate::font::raster::Bitmap;

/// Width and height of a page in pixels.
pub(crate) const PAGE_SIZE: u32 = 1024;

/// Most pages of masks: 64 MiB.
const MAX_MASK_PAGES: usize = 64;

/// Most pages of color: 64 MiB.
const MAX_COLOR_PAGES: usize = 16;

/// How much larger than a cell characters are drawn (DECDWL, DECDHL).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum Stretch {
    /// They are not.
    #[default]
    None,
    /// Twice as wide.
    Wide,
    /// Twice as wide and as high.
    Large,
}

impl Stretch {
    /// How often the cell's width and height.
    pub(crate) fn factors(self) -> (u8, u8) {
        match self {
            Stretch::None => (1, 1),
            Stretch::Wide => (2, 1),
            Stretch::Large => (2, 2),
        }
    }

    fn bits(self) -> u64 {
        (self as u64) << 44
    }
}

/// What a glyph is known by: see the constructors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct GlyphKey(u64);

impl GlyphKey {
    /// A font's glyph, fitted into `span` columns (0: as it is).
    pub(crate) fn glyph(face: u16, glyph: u16, span: u8, stretch: Stretch) -> Self {
        Self(u64::from(face) | u64::from(glyph) << 16 | u64::from(span) << 32 | stretch.bits())
    }

    /// A character that we draw ourselves.
    pub(crate) fn builtin(c: char, stretch: Stretch) -> Self {
        Self(u64::from(u32::from(c)) | 1 << 40 | stretch.bits())
    }

    /// A form of underline.
    pub(crate) fn decoration(form: u8, stretch: Stretch) -> Self {
        Self(u64::from(form) | 2 << 40 | stretch.bits())
    }
}

/// Coverage or color.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum PageKind {
    Mask,
    Color,
}

impl PageKind {
    /// Bytes of a pixel.
    pub(crate) fn bytes(self) -> usize {
        match self {
            PageKind::Mask => 1,
            PageKind::Color => 4,
        }
    }
}

/// Where a glyph is, and how it lies to the pen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slot {
    pub(crate) kind: PageKind,
    pub(crate) layer: u8,
    pub(crate) u: u16,
    pub(crate) v: u16,
    pub(crate) width: u16,
    pub(crate) height: u16,
    pub(crate) left: i16,
    pub(crate) top: i16,
}

/// Pixels that the device does not have yet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Upload {
    pub(crate) slot: Slot,
    /// Where they begin in [`Atlas::pixels`].
    pub(crate) start: usize,
}

/// A row of glyphs of about one height.
#[derive(Clone, Copy, Debug)]
struct Shelf {
    y: u32,
    height: u32,
    /// Where the next glyph goes.
    x: u32,
}

#[derive(Debug, Default)]
struct Page {
    shelves: Vec<Shelf>,
    /// The scene that last drew from it.
    last_used: u64,
}

impl Page {
    /// Room for a glyph: on the shelf that wastes least, or on a new one.
    fn place(&mut self, width: u32, height: u32) -> Option<(u32, u32)> {
        let fits = |shelf: &&mut Shelf| {
            shelf.x + width <= PAGE_SIZE
                && shelf.height >= height
                && shelf.height <= height + height / 2 + 4
        };
        if let Some(shelf) = self
            .shelves
            .iter_mut()
            .filter(fits)
            .min_by_key(|shelf| shelf.height)
        {
            let at = (shelf.x, shelf.y);
            shelf.x += width;
            return Some(at);
        }
        let y = self
            .shelves
            .last()
            .map_or(0, |shelf| shelf.y + shelf.height);
        if y + height > PAGE_SIZE || width > PAGE_SIZE {
            return None;
        }
        // Heights in steps of four share shelves.
        let shelf = Shelf {
            y,
            height: height.next_multiple_of(4).min(PAGE_SIZE - y),
            x: width,
        };
        self.shelves.push(shelf);
        Some((0, y))
    }
}

/// The atlas, without the textures: those are the pipeline's.
#[derive(Debug)]
pub(crate) struct Atlas {
    masks: Vec<Page>,
    colors: Vec<Page>,
    limits: (usize, usize),
    slots: FxHashMap<GlyphKey, Option<Slot>>,
    uploads: Vec<Upload>,
    pixels: Vec<u8>,
    scene: u64,
    evictions: u64,
    rasterised: u64,
}

impl Atlas {
    pub(crate) fn new() -> Self {
        Self::with_limits(MAX_MASK_PAGES, MAX_COLOR_PAGES)
    }

    fn with_limits(masks: usize, colors: usize) -> Self {
        Self {
            masks: Vec::new(),
            colors: Vec::new(),
            limits: (masks, colors),
            slots: FxHashMap::default(),
            uploads: Vec::new(),
            pixels: Vec::new(),
            scene: 0,
            evictions: 0,
            rasterised: 0,
        }
    }

    /// A new scene begins: pages used from now on stay until the next one.
    pub(crate) fn begin_scene(&mut self) {
        self.scene += 1;
    }

    /// Counts up when glyphs were thrown out: what was built before may point at others' pixels.
    pub(crate) fn evictions(&self) -> u64 {
        self.evictions
    }

    /// Glyphs rasterised so far.
    pub(crate) fn rasterised(&self) -> u64 {
        self.rasterised
    }

    /// Pages of a kind.
    pub(crate) fn pages(&self, kind: PageKind) -> usize {
        match kind {
            PageKind::Mask => self.masks.len(),
            PageKind::Color => self.colors.len(),
        }
    }

    /// Bytes of all pages.
    pub(crate) fn bytes(&self) -> u64 {
        let page = u64::from(PAGE_SIZE) * u64::from(PAGE_SIZE);
        page * self.masks.len() as u64 + 4 * page * self.colors.len() as u64
    }

    /// Forgets every glyph; the pages stay.
    pub(crate) fn clear(&mut self) {
        self.slots.clear();
        self.uploads.clear();
        self.pixels.clear();
        for page in self.masks.iter_mut().chain(&mut self.colors) {
            page.shelves.clear();
        }
        self.evictions += 1;
    }

    /// A glyph's slot; `None` when it has no pixels. `draw` rasterises it on first use.
    pub(crate) fn get(
        &mut self,
        key: GlyphKey,
        draw: impl FnOnce() -> Option<Bitmap>,
    ) -> Option<Slot> {
        if let Some(&known) = self.slots.get(&key) {
            if let Some(slot) = known {
                self.touch(slot.kind, slot.layer);
            }
            return known;
        }
        self.rasterised += 1;
        let bitmap = draw().filter(|bitmap| bitmap.width > 0 && bitmap.height > 0);
        let slot = match bitmap {
            Some(bitmap) => Some(self.insert(&bitmap)?),
            None => None,
        };
        self.slots.insert(key, slot);
        slot
    }

    /// Marks a page as drawn from in this scene.
    pub(crate) fn touch(&mut self, kind: PageKind, layer: u8) {
        let scene = self.scene;
        let pages = match kind {
            PageKind::Mask => &mut self.masks,
            PageKind::Color => &mut self.colors,
        };
        if let Some(page) = pages.get_mut(usize::from(layer)) {
            page.last_used = scene;
        }
    }

    /// What the device has to receive, and the pixels.
    pub(crate) fn uploads(&self) -> (&[Upload], &[u8]) {
        (&self.uploads, &self.pixels)
    }

    /// The device has it.
    pub(crate) fn uploaded(&mut self) {
        self.uploads.clear();
        self.pixels.clear();
    }

    fn insert(&mut self, bitmap: &Bitmap) -> Option<Slot> {
        let kind = if bitmap.color {
            PageKind::Color
        } else {
            PageKind::Mask
        };
        let Some((layer, u, v)) = self.place(kind, bitmap.width, bitmap.height) else {
            tracing::warn!(
                width = bitmap.width,
                height = bitmap.height,
                "glyph atlas is full"
            );
            return None;
        };
        let slot = Slot {
            kind,
            layer: layer as u8,
            u: u as u16,
            v: v as u16,
            width: bitmap.width as u16,
            height: bitmap.height as u16,
            left: bitmap.left as i16,
            top: bitmap.top as i16,
        };
        self.uploads.push(Upload {
            slot,
            start: self.pixels.len(),
        });
        self.pixels.extend_from_slice(&bitmap.data);
        Some(slot)
    }

    fn place(&mut self, kind: PageKind, width: u32, height: u32) -> Option<(usize, u32, u32)> {
        if width > PAGE_SIZE || height > PAGE_SIZE {
            return None;
        }
        let scene = self.scene;
        let (pages, limit) = match kind {
            PageKind::Mask => (&mut self.masks, self.limits.0),
            PageKind::Color => (&mut self.colors, self.limits.1),
        };
        // The newest pages have the room.
        for (layer, page) in pages.iter_mut().enumerate().rev() {
            if let Some((u, v)) = page.place(width, height) {
                page.last_used = scene;
                return Some((layer, u, v));
            }
        }
        if pages.len() >= limit {
            let oldest = pages
                .iter()
                .enumerate()
                .min_by_key(|(_, page)| page.last_used);
            let (layer, page) = oldest?;
            if page.last_used == scene {
                return None;
            }
            pages[layer].shelves.clear();
            pages[layer].last_used = scene;
            let at = pages[layer].place(width, height)?;
            self.evictions += 1;
            self.slots.retain(|_, slot| {
                !slot.is_some_and(|slot| slot.kind == kind && usize::from(slot.layer) == layer)
            });
            self.uploads.retain(|upload| {
                upload.slot.kind != kind || usize::from(upload.slot.layer) != layer
            });
            tracing::debug!(?kind, layer, "glyph page evicted");
            return Some((layer, at.0, at.1));
        }
        let mut page = Page {
            last_used: scene,
            ..Page::default()
        };
        let (u, v) = page.place(width, height)?;
        pages.push(page);
        Some((pages.len() - 1, u, v))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bitmap(width: u32, height: u32, color: bool) -> Bitmap {
        let bytes = width * height * if color { 4 } else { 1 };
        Bitmap {
            width,
            height,
            color,
            data: vec![255; bytes as usize],
            ..Bitmap::default()
        }
    }

    fn put(atlas: &mut Atlas, id: u16, width: u32, height: u32) -> Option<Slot> {
        atlas.get(GlyphKey::glyph(0, id, 0, Stretch::None), || {
            Some(bitmap(width, height, false))
        })
    }

    #[test]
    fn glyphs_never_overlap() {
        let mut atlas = Atlas::with_limits(4, 1);
        let mut slots = Vec::new();
        for id in 0..2000_u16 {
            let (width, height) = (u32::from(id % 23) + 1, u32::from(id % 37) + 1);
            slots.push(put(&mut atlas, id, width, height).expect("there is room"));
        }
        for (i, a) in slots.iter().enumerate() {
            assert!(u32::from(a.u + a.width) <= PAGE_SIZE);
            assert!(u32::from(a.v + a.height) <= PAGE_SIZE);
            for b in &slots[..i] {
                let apart = a.layer != b.layer
                    || a.u + a.width <= b.u
                    || b.u + b.width <= a.u
                    || a.v + a.height <= b.v
                    || b.v + b.height <= a.v;
                assert!(apart, "{a:?} {b:?}");
            }
        }
    }

    #[test]
    fn glyphs_are_drawn_once() {
        let mut atlas = Atlas::new();
        let first = put(&mut atlas, 1, 8, 16);
        let again = atlas.get(GlyphKey::glyph(0, 1, 0, Stretch::None), || {
            unreachable!("drawn twice")
        });
        assert_eq!(first, again);
        assert_eq!(atlas.rasterised(), 1);
        assert_eq!(
            atlas.get(GlyphKey::builtin(' ', Stretch::None), || None),
            None
        );
        assert_eq!(
            atlas.get(GlyphKey::builtin(' ', Stretch::None), || unreachable!(
                "drawn twice"
            )),
            None
        );
        assert_eq!(atlas.uploads().0.len(), 1);
        atlas.uploaded();
        assert!(atlas.uploads().0.is_empty());
    }

    #[test]
    fn the_page_longest_unused_goes_first() {
        let mut atlas = Atlas::with_limits(2, 1);
        let full = PAGE_SIZE;
        atlas.begin_scene();
        put(&mut atlas, 1, full, full);
        atlas.begin_scene();
        put(&mut atlas, 2, full, full);
        assert_eq!(atlas.evictions(), 0);
        atlas.begin_scene();
        put(&mut atlas, 1, full, full);
        let slot = put(&mut atlas, 3, full, full).expect("the second page is free to go");
        assert_eq!((slot.layer, atlas.evictions()), (1, 1));
        // Both pages are drawn from in this scene: there is no room, and nothing is lost.
        assert_eq!(put(&mut atlas, 4, full, full), None);
        assert_eq!(atlas.evictions(), 1);
        assert_eq!(atlas.bytes(), 2 << 20);
    }

    #[test]
    fn color_has_its_own_pages() {
        let mut atlas = Atlas::new();
        let color = atlas.get(GlyphKey::glyph(0, 1, 2, Stretch::None), || {
            Some(bitmap(18, 17, true))
        });
        assert_eq!(color.map(|slot| slot.kind), Some(PageKind::Color));
        assert_eq!(
            (atlas.pages(PageKind::Mask), atlas.pages(PageKind::Color)),
            (0, 1)
        );
        assert_eq!(atlas.bytes(), 4 << 20);
        assert_eq!(
            put(&mut atlas, 9, PAGE_SIZE + 1, 1),
            None,
            "larger than a page"
        );
    }
}
