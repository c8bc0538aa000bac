//! Faces: the family's four, and those that stand in for what it lacks.
//!
//! The embedded family needs nothing from the machine. The installed fonts are looked for when
//! another family is asked for, or when a character first turns up that the family lacks; what no
//! font has is remembered, and never looked for again.

use std::sync::Arc;
use std::thread::JoinHandle;

use cosmic_text::fontdb::{self, Database, Source};
use cosmic_text::{Font, FontSystem, harfrust};
use rustc_hash::FxHashMap;

use super::{FontOptions, Warning};

/// The embedded family.
const EMBEDDED_FAMILY: &str = "JetBrains Mono";

/// The embedded faces, in the order of [`FaceStyle`].
const EMBEDDED: [&[u8]; 4] = [
    include_bytes!("../../../assets/fonts/JetBrainsMono-Regular.ttf"),
    include_bytes!("../../../assets/fonts/JetBrainsMono-Bold.ttf"),
    include_bytes!("../../../assets/fonts/JetBrainsMono-Italic.ttf"),
    include_bytes!("../../../assets/fonts/JetBrainsMono-BoldItalic.ttf"),
];

/// The four styles of a family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum FaceStyle {
    Regular,
    Bold,
    Italic,
    BoldItalic,
}

impl FaceStyle {
    pub(crate) const ALL: [FaceStyle; 4] = [
        FaceStyle::Regular,
        FaceStyle::Bold,
        FaceStyle::Italic,
        FaceStyle::BoldItalic,
    ];

    pub(crate) fn new(bold: bool, italic: bool) -> Self {
        match (bold, italic) {
            (false, false) => FaceStyle::Regular,
            (true, false) => FaceStyle::Bold,
            (false, true) => FaceStyle::Italic,
            (true, true) => FaceStyle::BoldItalic,
        }
    }

    pub(crate) fn bold(self) -> bool {
        matches!(self, FaceStyle::Bold | FaceStyle::BoldItalic)
    }

    pub(crate) fn italic(self) -> bool {
        matches!(self, FaceStyle::Italic | FaceStyle::BoldItalic)
    }
}

/// A face by its place in the library.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct FaceId(pub(crate) u16);

/// A face ready to shape and rasterise.
pub(crate) struct Face {
    pub(crate) font: Arc<Font>,
    /// Position on the axes of a variable font.
    pub(crate) coords: Vec<i16>,
    /// Strokes are thickened: the family has no bold face.
    pub(crate) embolden: bool,
    /// Glyphs are slanted: the family has no italic face.
    pub(crate) skew: bool,
    /// Glyphs are fitted into their cells: the face was not made for this grid.
    pub(crate) fitted: bool,
    /// Shaping plans, by script.
    pub(crate) plans: Vec<(harfrust::Script, harfrust::ShapePlan)>,
}

impl Face {
    /// Whether the face has a glyph for `c`.
    pub(crate) fn has(&self, c: char) -> bool {
        self.font.as_swash().charmap().map(c) != 0
    }

    /// Pixels per font unit at `em` pixels.
    pub(crate) fn unit(&self, em: f32) -> f32 {
        em / f32::from(self.font.metrics().units_per_em.max(1))
    }
}

/// What a lookup by name or by character found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Match {
    id: fontdb::ID,
    weight: u16,
    embolden: bool,
    skew: bool,
}

/// Which of 256 code points with the same upper bits a face has.
struct PageCoverage {
    face: fontdb::ID,
    bits: [u64; 4],
}

/// Every face in use, and the fonts of the machine once they are needed.
pub(crate) struct Library {
    system: FontSystem,
    scanned: bool,
    pub(crate) faces: Vec<Face>,
    primary: [FaceId; 4],
    fallback: Vec<String>,
    by_match: FxHashMap<Match, Option<FaceId>>,
    by_char: FxHashMap<(char, FaceStyle, bool), Option<FaceId>>,
    /// Faces that served a class of characters before: the next of the class asks them first.
    by_class: FxHashMap<(Class, FaceStyle), Vec<FaceId>>,
    /// The machine's faces, the likeliest first; filled with the scan.
    order: Vec<fontdb::ID>,
    pages: FxHashMap<u32, Vec<PageCoverage>>,
    embedded: [fontdb::ID; 4],
}

/// Characters that should come from one font.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Class {
    Emoji,
    Han,
    Kana,
    Hangul,
    Private,
    Block(u32),
}

fn class(c: char, emoji: bool) -> Class {
    match u32::from(c) {
        _ if emoji => Class::Emoji,
        0x2e80..=0x2fff | 0x3400..=0x9fff | 0xf900..=0xfaff | 0x2_0000..=0x3_ffff => Class::Han,
        0x3000..=0x30ff | 0x31f0..=0x31ff | 0xff00..=0xffef => Class::Kana,
        0x1100..=0x11ff | 0xac00..=0xd7ff => Class::Hangul,
        0xe000..=0xf8ff | 0xf_0000.. => Class::Private,
        code => Class::Block(code >> 7),
    }
}

/// The machine's fonts, being read by a thread of their own: tens of milliseconds that a window
/// can spend on its graphics device. Hand it to
/// [`Renderer::with_scan`](crate::Renderer::with_scan).
#[derive(Debug)]
pub struct FontScan {
    thread: JoinHandle<(Database, [fontdb::ID; 4])>,
}

impl FontScan {
    /// Begins to read, if `options` ask for fonts that are not embedded.
    pub fn start(options: &FontOptions) -> Option<FontScan> {
        let families = [&options.bold, &options.italic, &options.bold_italic];
        let others = families.into_iter().flatten().chain(&options.fallback);
        if others
            .chain([&options.family])
            .all(|family| is_embedded(family))
        {
            return None;
        }
        let thread = std::thread::Builder::new().name("fonts".into()).spawn(|| {
            let (mut db, embedded) = embedded_fonts();
            db.load_system_fonts();
            (db, embedded)
        });
        thread.ok().map(|thread| FontScan { thread })
    }
}

/// Whether a family's name means the embedded one.
fn is_embedded(family: &str) -> bool {
    let family = family.trim();
    family.is_empty() || family.eq_ignore_ascii_case(EMBEDDED_FAMILY)
}

/// A database of the embedded faces, and their ids.
fn embedded_fonts() -> (Database, [fontdb::ID; 4]) {
    let mut db = Database::new();
    let ids = EMBEDDED.map(|bytes| {
        let ids = db.load_font_source(Source::Binary(Arc::new(bytes)));
        ids.first().copied().unwrap_or_else(fontdb::ID::dummy)
    });
    (db, ids)
}

impl Library {
    /// The embedded fonts, and what a scan found; without one the machine's fonts are read when
    /// they are first needed.
    pub(crate) fn new(scan: Option<FontScan>) -> Self {
        let scanned = scan.and_then(|scan| scan.thread.join().ok());
        let is_scanned = scanned.is_some();
        let (db, embedded) = scanned.unwrap_or_else(embedded_fonts);
        let mut library = Self {
            system: FontSystem::new_with_locale_and_db(locale(), db),
            scanned: is_scanned,
            faces: Vec::new(),
            primary: [FaceId(0); 4],
            fallback: Vec::new(),
            by_match: FxHashMap::default(),
            by_char: FxHashMap::default(),
            by_class: FxHashMap::default(),
            order: Vec::new(),
            pages: FxHashMap::default(),
            embedded,
        };
        if is_scanned {
            library.rank();
        }
        library
    }

    /// Chooses the four faces of `options`; forgets every face chosen before.
    pub(crate) fn configure(&mut self, options: &FontOptions) -> Vec<Warning> {
        self.faces.clear();
        self.by_match.clear();
        self.by_char.clear();
        self.by_class.clear();
        self.fallback.clone_from(&options.fallback);
        let mut warnings = Vec::new();
        let families: [(&str, &'static str); 4] = [
            (&options.family, "font.family"),
            (
                options.bold.as_deref().unwrap_or(&options.family),
                "font.bold",
            ),
            (
                options.italic.as_deref().unwrap_or(&options.family),
                "font.italic",
            ),
            (
                options.bold_italic.as_deref().unwrap_or(&options.family),
                "font.bold_italic",
            ),
        ];
        for (slot, (style, (family, option))) in
            FaceStyle::ALL.into_iter().zip(families).enumerate()
        {
            let face = match self.named(family, style) {
                Some(found) => self.load(found, false).or_else(|| {
                    warnings.push(Warning::Unreadable {
                        family: family.to_owned(),
                        option,
                    });
                    None
                }),
                None => {
                    // The family is named once; its other styles follow it.
                    if slot == 0 || family != options.family {
                        let family = family.to_owned();
                        warnings.push(Warning::FamilyNotFound { family, option });
                    }
                    None
                }
            };
            let face = face.or_else(|| {
                let id = self.embedded[slot];
                self.load(
                    Match {
                        id,
                        weight: weight(style),
                        embolden: false,
                        skew: false,
                    },
                    false,
                )
            });
            self.primary[slot] = face.unwrap_or(FaceId(0));
        }
        let fitted = !self.is_monospaced(self.primary[0]);
        if fitted {
            for face in &mut self.faces {
                face.fitted = true;
            }
        }
        for family in options.fallback.clone() {
            if self.named(&family, FaceStyle::Regular).is_none() {
                warnings.push(Warning::FamilyNotFound {
                    family,
                    option: "font.fallback",
                });
            }
        }
        warnings
    }

    /// The family's face of a style.
    pub(crate) fn primary(&self, style: FaceStyle) -> FaceId {
        self.primary[style as usize]
    }

    pub(crate) fn face(&self, id: FaceId) -> &Face {
        &self.faces[usize::from(id.0)]
    }

    /// A name for a face of its own, and its place in its file.
    pub(crate) fn origin(&self, face: &Face) -> Option<(String, u32)> {
        let id = face.font.id();
        let info = self.system.db().face(id)?;
        Some((format!("{} {id}", info.post_script_name), info.index))
    }

    /// Whether letters of different shape have one width in this face.
    fn is_monospaced(&self, id: FaceId) -> bool {
        let face = self.face(id);
        let font = face.font.as_swash();
        let metrics = font.glyph_metrics(&face.coords);
        let advance = |c: char| metrics.advance_width(font.charmap().map(c));
        (advance('i') - advance('M')).abs() < 1.0
    }

    /// The face to draw `text` (one grapheme cluster) with; `None` when no font has its first
    /// character. With `emoji`, color glyphs come first.
    pub(crate) fn resolve(&mut self, text: &str, style: FaceStyle, emoji: bool) -> Option<FaceId> {
        let mut chars = text.chars();
        let base = chars.next()?;
        let found = self.resolve_char(base, style, emoji)?;
        let lacks = |library: &Self, id: FaceId| {
            text.chars()
                .skip(1)
                .any(|c| !is_ignorable(c) && !library.face(id).has(c))
        };
        if chars.all(is_ignorable) || !lacks(self, found) {
            return Some(found);
        }
        // A face that has base and marks places them best.
        let candidates = self.candidates(base);
        for id in candidates {
            let found = self.sibling(id, style);
            if let Some(face) = self.load(found, true)
                && !lacks(self, face)
            {
                return Some(face);
            }
        }
        Some(found)
    }

    /// The face for one character.
    pub(crate) fn resolve_char(
        &mut self,
        c: char,
        style: FaceStyle,
        emoji: bool,
    ) -> Option<FaceId> {
        let primary = self.primary(style);
        if c.is_ascii() {
            return Some(primary);
        }
        if let Some(&known) = self.by_char.get(&(c, style, emoji)) {
            return known;
        }
        let found = self.search(c, style, emoji);
        self.by_char.insert((c, style, emoji), found);
        found
    }

    fn search(&mut self, c: char, style: FaceStyle, emoji: bool) -> Option<FaceId> {
        if !emoji {
            let primary = self.primary(style);
            if self.face(primary).has(c) {
                return Some(primary);
            }
            let regular = self.primary(FaceStyle::Regular);
            if regular != primary && self.face(regular).has(c) {
                return Some(regular);
            }
        }
        for family in self.fallback.clone() {
            if let Some(found) = self.named(&family, style)
                && let Some(face) = self.load(found, true)
                && self.face(face).has(c)
            {
                return Some(face);
            }
        }
        let class = class(c, emoji);
        if let Some(known) = self.by_class.get(&(class, style))
            && let Some(&face) = known.iter().find(|&&face| self.face(face).has(c))
        {
            return Some(face);
        }
        let found = self.installed(c, style, emoji).or_else(|| {
            // Text that has no text glyph is better in color than not at all, and the reverse.
            let primary = self.primary(style);
            (emoji && self.face(primary).has(c)).then_some(primary)
        });
        match found {
            Some(face) => self.by_class.entry((class, style)).or_default().push(face),
            None => tracing::debug!(code = u32::from(c), "no font has this character"),
        }
        found
    }

    /// The best installed face that has `c`.
    fn installed(&mut self, c: char, style: FaceStyle, emoji: bool) -> Option<FaceId> {
        let candidates = self.candidates(c);
        let wanted = class(c, false);
        let locale = self.system.locale().to_owned();
        let db = self.system.db();
        let rank = |&id: &fontdb::ID| {
            let face = db.face(id);
            let family = face.and_then(|face| face.families.first());
            let family = family.map_or("", |(name, _)| name.as_str());
            let is_color = family.contains("Emoji") && !family.eq("Noto Emoji");
            (is_color != emoji, regional_rank(family, wanted, &locale))
        };
        // `candidates` is in the library's order already; the sort is stable.
        let best = candidates.iter().copied().min_by_key(rank)?;
        let found = self.sibling(best, style);
        self.load(found, true)
            .filter(|&face| self.face(face).has(c))
            .or_else(|| {
                let found = Match {
                    id: best,
                    weight: 400,
                    embolden: false,
                    skew: false,
                };
                self.load(found, true)
            })
    }

    /// The likeliest installed face that has `c`.
    #[cfg(test)]
    pub(crate) fn resolve_installed(&mut self, c: char) -> Option<fontdb::ID> {
        self.candidates(c).first().copied()
    }

    /// The installed faces that have `c`, the likeliest first.
    fn candidates(&mut self, c: char) -> Vec<fontdb::ID> {
        self.scan();
        let code = u32::from(c);
        let page = code >> 8;
        if !self.pages.contains_key(&page) {
            let db = self.system.db();
            let coverage = self.order.iter().filter_map(|&face| {
                let bits = db.with_face_data(face, |data, index| {
                    let font = swash::FontRef::from_index(data, index as usize)?;
                    let charmap = font.charmap();
                    let mut bits = [0_u64; 4];
                    for low in 0..256_u32 {
                        if charmap.map(page << 8 | low) != 0 {
                            bits[(low >> 6) as usize] |= 1 << (low & 63);
                        }
                    }
                    (bits != [0; 4]).then_some(bits)
                })??;
                Some(PageCoverage { face, bits })
            });
            let coverage = coverage.collect();
            self.pages.insert(page, coverage);
        }
        let low = code & 0xff;
        self.pages[&page]
            .iter()
            .filter(|coverage| coverage.bits[(low >> 6) as usize] >> (low & 63) & 1 != 0)
            .map(|coverage| coverage.face)
            .collect()
    }

    /// Reads what fonts the machine has, once.
    fn scan(&mut self) {
        if self.scanned {
            return;
        }
        self.scanned = true;
        let start = std::time::Instant::now();
        self.system.db_mut().load_system_fonts();
        self.rank();
        let elapsed_ms = start.elapsed().as_millis();
        tracing::debug!(faces = self.order.len(), elapsed_ms, "installed fonts read");
    }

    /// Orders the machine's faces by how well they stand in for others.
    fn rank(&mut self) {
        let db = self.system.db();
        let mut order: Vec<_> = db
            .faces()
            .filter(|face| !self.embedded.contains(&face.id))
            .collect();
        order.sort_by_key(|face| {
            let family = face.families.first().map_or("", |(name, _)| name.as_str());
            let slanted = face.style != fontdb::Style::Normal;
            let last_resort = family.contains("LastResort") || family.contains("Last Resort");
            (
                last_resort,
                slanted,
                face.weight.0.abs_diff(400),
                !face.monospaced,
                !(family.contains("Mono") || family.contains("Sans")),
                face.post_script_name.clone(),
            )
        });
        self.order = order.into_iter().map(|face| face.id).collect();
    }

    /// A family's face of a style, by name.
    fn named(&mut self, family: &str, style: FaceStyle) -> Option<Match> {
        let trimmed = family.trim();
        if is_embedded(trimmed) {
            let id = self.embedded[style as usize];
            return Some(Match {
                id,
                weight: weight(style),
                embolden: false,
                skew: false,
            });
        }
        self.scan();
        let db = self.system.db();
        let name = if trimmed.eq_ignore_ascii_case("monospace") {
            db.family_name(&fontdb::Family::Monospace)
        } else {
            trimmed
        };
        let faces = db.faces().filter(|face| {
            face.families
                .iter()
                .any(|(known, _)| known.eq_ignore_ascii_case(name))
        });
        closest(db, faces, style)
    }

    /// The face of a style in the family of `id`.
    fn sibling(&self, id: fontdb::ID, style: FaceStyle) -> Match {
        let regular = Match {
            id,
            weight: 400,
            embolden: style.bold(),
            skew: style.italic(),
        };
        let db = self.system.db();
        let Some((family, _)) = db.face(id).and_then(|face| face.families.first()) else {
            return regular;
        };
        let faces = db.faces().filter(|face| {
            face.families
                .first()
                .is_some_and(|(name, _)| name == family)
        });
        closest(db, faces, style).unwrap_or(regular)
    }

    /// The face of a match, opened on first use.
    fn load(&mut self, found: Match, fitted: bool) -> Option<FaceId> {
        if let Some(&known) = self.by_match.get(&found) {
            return known;
        }
        let face = self.open(found, fitted);
        let id = face.and_then(|face| {
            let id = u16::try_from(self.faces.len()).ok()?;
            self.faces.push(face);
            Some(FaceId(id))
        });
        self.by_match.insert(found, id);
        id
    }

    fn open(&mut self, found: Match, fitted: bool) -> Option<Face> {
        let font = self
            .system
            .get_font(found.id, fontdb::Weight(found.weight))?;
        let swash = font.as_swash();
        let wght = swash::tag_from_bytes(b"wght");
        let coords = match swash.variations().find_by_tag(wght) {
            Some(axis) => {
                let value = f32::from(found.weight).clamp(axis.min_value(), axis.max_value());
                swash
                    .variations()
                    .normalized_coords([(wght, value)])
                    .collect()
            }
            None => Vec::new(),
        };
        let (embolden, skew) = (found.embolden, found.skew);
        Some(Face {
            font,
            coords,
            embolden,
            skew,
            fitted,
            plans: Vec::new(),
        })
    }

    /// Names of the installed families that are monospaced, sorted, for reports.
    pub(crate) fn monospaced_families(&mut self) -> Vec<String> {
        self.scan();
        let faces = self.system.db().faces().filter(|face| face.monospaced);
        let mut names: Vec<_> = faces
            .filter_map(|face| Some(face.families.first()?.0.clone()))
            .collect();
        names.sort();
        names.dedup();
        names
    }
}

/// The face nearest to a style, and what has to be feigned.
fn closest<'a>(
    db: &Database,
    faces: impl Iterator<Item = &'a fontdb::FaceInfo>,
    style: FaceStyle,
) -> Option<Match> {
    let wanted = weight(style);
    let best = faces.min_by_key(|face| {
        let slanted = face.style != fontdb::Style::Normal;
        let stretch = face.stretch.to_number().abs_diff(5);
        (
            slanted != style.italic(),
            stretch,
            face.weight.0.abs_diff(wanted),
        )
    })?;
    let slanted = best.style != fontdb::Style::Normal;
    let variable = db
        .with_face_data(best.id, |data, index| {
            let font = swash::FontRef::from_index(data, index as usize)?;
            let axis = font
                .variations()
                .find_by_tag(swash::tag_from_bytes(b"wght"))?;
            Some(axis.max_value() >= f32::from(wanted) - 50.0)
        })
        .flatten()
        .unwrap_or(false);
    Some(Match {
        id: best.id,
        weight: if variable { wanted } else { best.weight.0 },
        embolden: style.bold() && !variable && best.weight.0 < 600,
        skew: style.italic() && !slanted,
    })
}

/// The weight that a style asks for (OpenType `usWeightClass`).
fn weight(style: FaceStyle) -> u16 {
    if style.bold() { 700 } else { 400 }
}

/// Among fonts for Chinese, Japanese and Korean, the one of the reader's country comes first: they
/// share code points whose forms differ.
fn regional_rank(family: &str, class: Class, locale: &str) -> u8 {
    let region = match class {
        Class::Kana => "JP",
        Class::Hangul => "KR",
        Class::Han => match locale.get(..2).unwrap_or("") {
            "ja" => "JP",
            "ko" => "KR",
            "zh" if ["TW", "HK", "Hant"]
                .iter()
                .any(|place| locale.contains(place)) =>
            {
                "TC"
            }
            _ => "SC",
        },
        Class::Emoji | Class::Private | Class::Block(_) => return 0,
    };
    let regional = ["JP", "KR", "TC", "HK", "SC"]
        .iter()
        .any(|suffix| family.ends_with(suffix));
    match (family.ends_with(region), regional) {
        (true, _) => 0,
        (false, false) => 1,
        (false, true) => 2,
    }
}

/// Whether a character asks for a form rather than having one: joiners, variation selectors, tags.
pub(crate) fn is_ignorable(c: char) -> bool {
    matches!(u32::from(c),
        0x00ad | 0x034f | 0x061c | 0x115f..=0x1160 | 0x17b4..=0x17b5 | 0x180b..=0x180f
        | 0x200b..=0x200f | 0x202a..=0x202e | 0x2060..=0x206f | 0xfe00..=0xfe0f | 0xfeff
        | 0xfff0..=0xfff8 | 0xe_0000..=0xe_0fff)
}

/// The user's language, for [`regional_rank`]: as `ja_JP` or `zh-TW`.
fn locale() -> String {
    ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
        .unwrap_or_else(|| "en-US".to_owned())
}
