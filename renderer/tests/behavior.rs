//! What the renderer promises beside the picture: that it does only what is needed, and survives.

mod common;

use common::{Artist, Page, Picture, attrs, draw, draw_to, fg, gpu, shoot};
use renderer::{
    Backend, FontOptions, FontScan, Gpu, GpuPainter, Look, Offscreen, Rect, Renderer,
    SoftwarePainter, TextStyle, ViewId, Warning,
};
use terminal::cell::Style;
use terminal::frame::FrameRow;
use terminal::{Attrs, Frame, Rgb};

const DARK: Rgb = Rgb::new(0x16, 0x18, 0x1d);

fn renderer(gpu: &Gpu) -> Artist {
    Artist::gpu(gpu, Offscreen::FORMAT, &FontOptions::default(), 1.0).0
}

/// One that draws only what changed since its last picture.
fn software() -> Artist {
    Artist::software(&FontOptions::default(), 1.0)
}

/// Draws a frame once and returns the rows built and the bytes sent for it.
fn work(gpu: &Gpu, renderer: &mut Artist, frame: &Frame, look: &Look) -> (u64, u64) {
    let before = renderer.stats().rows_shaped;
    draw(gpu, renderer, (400, 200), DARK, 1.0, |renderer| {
        renderer.draw_grid(ViewId(1), frame, Rect::new(0, 0, 400, 200), look);
    });
    (
        renderer.stats().rows_shaped - before,
        renderer.stats().uploaded_bytes,
    )
}

fn page() -> Page {
    let mut page = Page::new(40, 10);
    for row in 0..10 {
        page.put(row, 0, &format!("row {row}: some text to draw"), fg(2));
    }
    page.cursor(0, 0);
    page
}

#[test]
fn only_what_changed_is_built_and_sent() {
    let Some(gpu) = gpu() else { return };
    let mut renderer = renderer(&gpu);
    let mut page = page();
    let look = Look::default();
    assert_eq!(
        work(&gpu, &mut renderer, &page.frame, &look).0,
        10,
        "all rows at first"
    );
    assert_eq!(
        work(&gpu, &mut renderer, &page.frame, &look),
        (0, 0),
        "then none"
    );

    page.put(5, 8, "x", fg(1));
    let (rows, bytes) = work(&gpu, &mut renderer, &page.frame, &look);
    assert_eq!(rows, 1, "one row changed");
    assert!(bytes < 2000, "{bytes} bytes for one row");

    page.cursor(3, 0);
    assert_eq!(
        work(&gpu, &mut renderer, &page.frame, &look).0,
        2,
        "the cursor left and came"
    );
    let off = Look {
        focused: false,
        ..Look::default()
    };
    assert_eq!(
        work(&gpu, &mut renderer, &page.frame, &off).0,
        1,
        "the focus went"
    );
    assert_eq!(
        work(&gpu, &mut renderer, &page.frame, &look).0,
        1,
        "the focus came back"
    );

    page.put(7, 0, "blinks", attrs(Attrs::BLINK));
    work(&gpu, &mut renderer, &page.frame, &look);
    let dark = Look {
        text_blink_on: false,
        ..Look::default()
    };
    assert_eq!(
        work(&gpu, &mut renderer, &page.frame, &dark).0,
        1,
        "the row that blinks"
    );
    let hover = Look {
        text_blink_on: false,
        hovered_cells: vec![(2, 0, 3)],
        ..Look::default()
    };
    assert_eq!(
        work(&gpu, &mut renderer, &page.frame, &hover).0,
        1,
        "the row under the pointer"
    );

    page.frame.palette.foreground = Rgb::new(1, 2, 3);
    assert_eq!(
        work(&gpu, &mut renderer, &page.frame, &hover).0,
        10,
        "colors changed"
    );
    let glyphs = renderer.stats().glyphs_rasterised;
    assert!((10..60).contains(&glyphs), "{glyphs} glyphs");
}

#[test]
fn views_are_kept_apart() {
    let Some(gpu) = gpu() else { return };
    let mut renderer = renderer(&gpu);
    let (first, mut second) = (page(), page());
    second.put(0, 0, "another pane", Style::default());
    for round in 0..3 {
        let before = renderer.stats().rows_shaped;
        draw(&gpu, &mut renderer, (800, 200), DARK, 1.0, |renderer| {
            let look = Look::default();
            renderer.draw_grid(ViewId(1), &first.frame, Rect::new(0, 0, 400, 200), &look);
            renderer.draw_grid(ViewId(2), &second.frame, Rect::new(400, 0, 400, 200), &look);
        });
        let built = renderer.stats().rows_shaped - before;
        assert_eq!(built, if round == 0 { 20 } else { 0 });
    }
    renderer.forget_view(ViewId(2));
}

#[test]
fn a_row_that_shrinks_leaves_nothing() {
    let Some(gpu) = gpu() else { return };
    let mut renderer = renderer(&gpu);
    let mut page = Page::new(40, 4);
    page.put(
        1,
        0,
        "a long row that will be gone in the next frame",
        fg(3),
    );
    let paint = |renderer: &mut Artist, page: &Page| {
        draw(
            &gpu,
            renderer,
            (400, 80),
            page.frame.palette.background,
            1.0,
            |renderer| {
                renderer.draw_grid(
                    ViewId(1),
                    &page.frame,
                    Rect::new(0, 0, 400, 80),
                    &Look::default(),
                );
            },
        )
    };
    paint(&mut renderer, &page);
    page.put(1, 0, &" ".repeat(40), Style::default());
    let after = paint(&mut renderer, &page);
    let background = after.at(399, 79);
    assert!(
        after
            .pixels
            .chunks_exact(4)
            .all(|pixel| pixel == background)
    );
    // Fewer rows, then more: the buffers follow.
    page.frame.rows.truncate(2);
    paint(&mut renderer, &page);
    page.frame.rows.resize(9, FrameRow::default());
    paint(&mut renderer, &page);
}

#[test]
fn grids_are_clipped_to_their_rectangle() {
    let Some(gpu) = gpu() else { return };
    let mut renderer = renderer(&gpu);
    let mut page = Page::new(40, 10);
    let filled = Style {
        attrs: Attrs::REVERSE,
        ..Style::default()
    };
    for row in 0..10 {
        page.put(row, 0, &"#".repeat(40), filled);
    }
    let black = Rgb::new(0, 0, 0);
    let picture = draw(&gpu, &mut renderer, (200, 100), black, 1.0, |renderer| {
        renderer.draw_grid(
            ViewId(1),
            &page.frame,
            Rect::new(50, 20, 60, 40),
            &Look::default(),
        );
    });
    for (x, y) in [(49, 30), (110, 30), (60, 19), (60, 60), (0, 0), (199, 99)] {
        assert_eq!(picture.at(x, y), [0, 0, 0, 255], "{x}, {y}");
    }
    assert_ne!(picture.at(50, 20), [0, 0, 0, 255]);
    assert_ne!(picture.at(109, 59), [0, 0, 0, 255]);
}

#[test]
fn colors_reach_the_target_unchanged() {
    let Some(gpu) = gpu() else { return };
    let mut renderer = renderer(&gpu);
    let color = Rgb::new(0x33, 0x99, 0xcc);
    let picture = draw(&gpu, &mut renderer, (40, 20), color, 1.0, |renderer| {
        renderer.draw_quad(Rect::new(10, 0, 10, 20), [255, 128, 1, 255]);
        renderer.draw_quad(Rect::new(0, 0, 0, 20), [1, 1, 1, 255]);
    });
    assert_eq!(picture.at(0, 0), [0x33, 0x99, 0xcc, 255]);
    assert_eq!(picture.at(15, 10), [255, 128, 1, 255]);

    // A translucent window: the color that a compositor expects is premultiplied as encoded.
    let picture = draw(&gpu, &mut renderer, (40, 20), color, 0.5, |_| {});
    let [r, g, b, a] = picture.at(0, 0);
    for (found, expected) in [(r, 0x1a), (g, 0x4d), (b, 0x66), (a, 0x80)] {
        assert!(found.abs_diff(expected) <= 1, "{:?}", picture.at(0, 0));
    }
}

#[test]
fn only_the_default_background_is_translucent() {
    let Some(gpu) = gpu() else { return };
    let mut renderer = renderer(&gpu);
    let mut page = Page::new(4, 1);
    page.put(
        0,
        0,
        "  ",
        Style {
            attrs: Attrs::REVERSE,
            ..Style::default()
        },
    );
    let look = Look {
        background_opacity: 0.5,
        ..Look::default()
    };
    let background = page.frame.palette.background;
    let metrics = renderer.metrics();
    let at = Rect::new(0, 0, metrics.width * 4, metrics.height);
    let alpha = |renderer: &mut Artist, clear: Rgb| {
        let picture = draw(
            &gpu,
            renderer,
            (at.width, at.height),
            clear,
            0.5,
            |renderer| {
                renderer.draw_grid(ViewId(1), &page.frame, at, &look);
            },
        );
        [picture.at(0, 0)[3], picture.at(at.width - 1, 0)[3]]
    };
    for artist in [&mut renderer, &mut software()] {
        assert_eq!(alpha(artist, background), [255, 128]);
        // The grid fills its own rectangle where the scene has another color: once, not twice.
        assert_eq!(alpha(artist, Rgb::new(200, 0, 0)), [255, 128]);
    }
}

#[test]
fn text_weighs_the_same_on_dark_and_on_light() {
    let Some(gpu) = gpu() else { return };
    let ink = |foreground: u8, background: u8| {
        let mut page = Page::new(40, 1);
        page.put(
            0,
            0,
            "the same strokes, whatever is behind",
            Style::default(),
        );
        page.frame.palette.foreground = Rgb::new(foreground, foreground, foreground);
        page.frame.palette.background = Rgb::new(background, background, background);
        let picture = shoot(&gpu, &page, &FontOptions::default(), 1.0, &Look::default());
        let away = |pixel: &[u8]| u64::from(pixel[0].abs_diff(background));
        picture.pixels.chunks_exact(4).map(away).sum::<u64>()
    };
    let (on_dark, on_light) = (ink(255, 0), ink(0, 255));
    let ratio = on_dark as f64 / on_light as f64;
    assert!(
        (0.97..1.03).contains(&ratio),
        "light on dark has {ratio} of the ink"
    );
}

#[test]
fn nothing_is_drawn_on_no_area() {
    let Some(gpu) = gpu() else { return };
    let (mut renderer, _) = Renderer::new(&FontOptions::default(), 1.0);
    let mut painter = GpuPainter::new(&gpu, Offscreen::FORMAT);
    let mut software = SoftwarePainter::new();
    let page = page();
    let target = Offscreen::new(&gpu, 1, 1);
    for (width, height) in [(0, 0), (0, 100), (100, 0), (1, 1)] {
        renderer.begin(width, height, DARK, 1.0);
        let at = Rect::new(0, 0, width, height);
        renderer.draw_grid(ViewId(1), &page.frame, at, &Look::default());
        renderer.draw_grid(
            ViewId(2),
            &page.frame,
            Rect::new(-50, -50, 40, 40),
            &Look::default(),
        );
        let mut encoder = gpu.device().create_command_encoder(&Default::default());
        painter.paint(&mut renderer, &gpu, &mut encoder, target.view());
        gpu.queue().submit([encoder.finish()]);
        software.paint(&mut renderer);
        let picture = software.picture();
        assert_eq!((picture.width(), picture.height()), (width, height));
    }
    assert_eq!(target.read_rgba(&gpu).len(), 4);
}

#[test]
fn a_lost_device_is_replaced() {
    let Some(gpu) = gpu() else { return };
    assert!(!gpu.is_lost());
    let page = page();
    let before = shoot(&gpu, &page, &FontOptions::default(), 1.0, &Look::default());
    gpu.mark_lost();
    assert!(gpu.is_lost());
    let gpu = Gpu::offscreen(Backend::Auto).expect("it opened before");
    assert!(!gpu.is_lost());
    let after = shoot(&gpu, &page, &FontOptions::default(), 1.0, &Look::default());
    assert_eq!(before.pixels, after.pixels);
}

#[test]
fn opengl_draws_what_vulkan_draws() {
    let Some(gpu) = gpu() else { return };
    let fallback = match Gpu::offscreen(Backend::Gl) {
        Ok(fallback) => fallback,
        Err(error) => {
            eprintln!("skipped: OpenGL: {error}");
            return;
        }
    };
    let mut page = page();
    page.put(0, 0, "┌─┐ ▞▚ bold", attrs(Attrs::BOLD | Attrs::REVERSE));
    let shoot = |gpu| shoot(gpu, &page, &FontOptions::default(), 1.0, &Look::default());
    let (first, second) = (shoot(&gpu), shoot(&fallback));
    let pairs = first.pixels.iter().zip(&second.pixels);
    let far = pairs.filter(|(a, b)| a.abs_diff(**b) > 16).count();
    assert!(
        far * 1000 < first.pixels.len(),
        "{far} of {} bytes differ",
        first.pixels.len()
    );
}

#[test]
fn missing_families_warn_and_text_is_drawn() {
    let fonts = FontOptions {
        family: "No Such Font".into(),
        fallback: vec!["Nor This One".into()],
        ..FontOptions::default()
    };
    let (renderer, warnings) = Renderer::new(&fonts, 1.0);
    let warning = |family: &str, option| Warning::FamilyNotFound {
        family: family.into(),
        option,
    };
    assert_eq!(
        warnings,
        [
            warning("No Such Font", "font.family"),
            warning("Nor This One", "font.fallback")
        ]
    );
    assert_eq!(
        warnings[0].to_string(),
        "font \"No Such Font\" not found; see font.family"
    );
    assert_eq!(renderer.metrics(), software().metrics());
    assert_eq!(renderer.font_data().len(), 4);
}

#[test]
fn fonts_read_ahead_are_the_same() {
    assert!(
        FontScan::start(&FontOptions::default()).is_none(),
        "the embedded font suffices"
    );
    let fonts = FontOptions {
        family: "monospace".into(),
        ..FontOptions::default()
    };
    let scan = FontScan::start(&fonts);
    assert!(scan.is_some());
    let (ahead, warnings) = Renderer::with_scan(&fonts, 1.0, scan);
    let (plain, same) = Renderer::new(&fonts, 1.0);
    assert_eq!(warnings, same);
    assert_eq!(ahead.metrics(), plain.metrics());
    assert_eq!(ahead.font_data(), plain.font_data());
}

#[test]
fn sizes_make_cells() {
    let cell = |fonts: &FontOptions, scale| {
        let (renderer, warnings) = Renderer::new(fonts, scale);
        warnings.is_empty().then(|| {
            let metrics = renderer.metrics();
            (metrics.width, metrics.height)
        })
    };
    let plain = FontOptions::default();
    assert_eq!(cell(&plain, 1.0), Some((9, 19)));
    assert_eq!(cell(&plain, 2.0), Some((18, 39)));
    let spaced = FontOptions {
        line_height: 1.5,
        letter_spacing: 2.0,
        ..plain.clone()
    };
    assert_eq!(cell(&spaced, 1.0), Some((11, 29)));
    let wild = FontOptions {
        size_points: f32::NAN,
        line_height: f32::INFINITY,
        ..plain
    };
    assert_eq!(cell(&wild, 1.0), Some((9, 19)));
    let dejavu = FontOptions {
        family: "DejaVu Sans Mono".into(),
        size_points: 8.0,
        ..FontOptions::default()
    };
    match cell(&dejavu, 1.0) {
        Some(size) => assert_eq!(size, (6, 13)),
        None => eprintln!("skipped: DejaVu Sans Mono is not installed"),
    }
}

#[test]
fn fonts_change_at_run_time() {
    let Some(gpu) = gpu() else { return };
    let mut renderer = renderer(&gpu);
    let page = page();
    work(&gpu, &mut renderer, &page.frame, &Look::default());
    let large = FontOptions {
        size_points: 15.0,
        ..FontOptions::default()
    };
    assert!(renderer.set_fonts(&large, 1.0).is_empty());
    assert_eq!(renderer.metrics().width, 12);
    assert_eq!(
        work(&gpu, &mut renderer, &page.frame, &Look::default()).0,
        10
    );
    assert!(renderer.set_fonts(&FontOptions::default(), 1.0).is_empty());
    let picture = draw(&gpu, &mut renderer, (400, 200), DARK, 1.0, |renderer| {
        renderer.draw_grid(
            ViewId(1),
            &page.frame,
            Rect::new(0, 0, 400, 200),
            &Look::default(),
        );
    });
    let mut fresh = self::renderer(&gpu);
    let expected = draw(&gpu, &mut fresh, (400, 200), DARK, 1.0, |renderer| {
        renderer.draw_grid(
            ViewId(1),
            &page.frame,
            Rect::new(0, 0, 400, 200),
            &Look::default(),
        );
    });
    assert_eq!(picture.pixels, expected.pixels);
}

#[test]
fn text_takes_its_columns() {
    let Some(gpu) = gpu() else { return };
    let mut renderer = renderer(&gpu);
    let style = TextStyle {
        color: Rgb::new(255, 255, 255),
        background: DARK,
        bold: true,
        italic: false,
    };
    renderer.begin(100, 100, DARK, 1.0);
    for (text, columns) in [("", 0), ("abc", 3), ("日本", 4), ("e\u{301}─", 2)] {
        assert_eq!(renderer.draw_text(0, 0, text, style), columns, "{text}");
    }
}

#[test]
fn drawing_does_not_depend_on_history() {
    let Some(gpu) = gpu() else { return };
    // A long session of changing rows ends in the same picture as a fresh renderer's.
    let mut renderer = renderer(&gpu);
    let mut page = Page::new(40, 10);
    let mut picture = None;
    for step in 0..60_usize {
        let row = step * 7 % 10;
        page.put(
            row,
            step % 5,
            &"xyz ─ W ".repeat(step % 6),
            fg(u8::try_from(step % 16).unwrap()),
        );
        page.cursor(
            u16::try_from(step % 10).unwrap(),
            u16::try_from(step % 40).unwrap(),
        );
        picture = Some(draw(
            &gpu,
            &mut renderer,
            (400, 200),
            DARK,
            1.0,
            |renderer| {
                renderer.draw_grid(
                    ViewId(1),
                    &page.frame,
                    Rect::new(0, 0, 400, 200),
                    &Look::default(),
                );
            },
        ));
    }
    let mut fresh = self::renderer(&gpu);
    let expected = draw(&gpu, &mut fresh, (400, 200), DARK, 1.0, |renderer| {
        renderer.draw_grid(
            ViewId(9),
            &page.frame,
            Rect::new(0, 0, 400, 200),
            &Look::default(),
        );
    });
    assert_eq!(picture.map(|picture| picture.pixels), Some(expected.pixels));
}

/// Bars, panes and flashes come and go over grids that change below them.
#[test]
fn overlays_leave_nothing_behind() {
    let Some(gpu) = gpu() else { return };
    let mut renderer = software();
    let (mut left, mut right) = (page(), page());
    let scene = |renderer: &mut Artist, step: usize, left: &Page, right: &Page| -> Picture {
        draw(&gpu, renderer, (800, 200), DARK, 1.0, |renderer| {
            let look = Look {
                focused: step.is_multiple_of(3),
                ..Look::default()
            };
            renderer.draw_grid(ViewId(1), &left.frame, Rect::new(5, 5, 380, 190), &look);
            if step % 4 != 1 {
                renderer.draw_quad(
                    Rect::new(380, 3 * i32::try_from(step).unwrap(), 6, 30),
                    [255, 255, 255, 90],
                );
            }
            let other = Rect::new(400, 5, 380, 190);
            renderer.draw_grid(ViewId(2), &right.frame, other, &Look::default());
            if step % 5 == 2 {
                renderer.draw_quad(Rect::new(0, 0, 800, 200), [255, 255, 255, 60]);
            }
        })
    };
    for step in 0..30 {
        left.put(step % 10, step % 7, "changed", fg(3));
        right.cursor(u16::try_from(step % 9).unwrap(), 2);
        let picture = scene(&mut renderer, step, &left, &right);
        let fresh = scene(&mut software(), step, &left, &right);
        assert!(
            picture.pixels == fresh.pixels,
            "step {step} differs from a fresh picture"
        );
    }
}

#[test]
fn targets_without_srgb_look_alike() {
    let Some(gpu) = gpu() else { return };
    let mut page = page();
    page.put(0, 0, "bold", attrs(Attrs::BOLD | Attrs::REVERSE));
    let picture = |format| {
        let (mut renderer, _) = Artist::gpu(&gpu, format, &FontOptions::default(), 1.0);
        let target = Offscreen::with_format(&gpu, format, 400, 200);
        draw_to(&gpu, &mut renderer, &target, DARK, 1.0, |renderer| {
            let at = Rect::new(0, 0, 400, 200);
            renderer.draw_grid(ViewId(1), &page.frame, at, &Look::default());
        })
    };
    let linear = picture(Offscreen::FORMAT);
    let plain = picture(Offscreen::FORMAT.remove_srgb_suffix());
    let pairs = linear.pixels.iter().zip(&plain.pixels);
    let difference: u64 = pairs.map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    let mean = difference as f64 / linear.pixels.len() as f64;
    assert!(mean < 0.5, "they differ by {mean} levels on average");
}

/// Scrolls rows of a page as a terminal does: the generations move with the rows.
fn scroll(page: &mut Page, first: usize, last: usize, up: i32, step: usize) {
    let rows = &mut page.frame.rows[first..=last];
    let by = up.unsigned_abs() as usize;
    let fresh = if up > 0 {
        rows.rotate_left(by);
        last + 1 - by..=last
    } else {
        rows.rotate_right(by);
        first..=first + by - 1
    };
    for row in fresh {
        page.put(row, 0, &" ".repeat(40), Style::default());
        page.put(row, step % 9, &format!("line {step} gjÅ"), fg(2));
    }
}

#[test]
fn scrolled_rows_are_not_built_again() {
    let Some(gpu) = gpu() else { return };
    let mut renderer = renderer(&gpu);
    let mut page = page();
    page.frame.cursor.visible = false;
    let look = Look::default();
    work(&gpu, &mut renderer, &page.frame, &look);
    for (step, (first, last, up)) in [
        (0, 9, 1),
        (0, 9, 2),
        (0, 9, -1),
        (2, 7, 1),
        (2, 7, -3),
        (0, 8, 1),
    ]
    .into_iter()
    .enumerate()
    {
        scroll(&mut page, first, last, up, step);
        let (rows, _) = work(&gpu, &mut renderer, &page.frame, &look);
        assert_eq!(
            rows,
            u64::from(up.unsigned_abs()),
            "scrolled {first}–{last} by {up}"
        );
    }
}

#[test]
fn scrolling_leaves_the_picture_right() {
    let Some(gpu) = gpu() else { return };
    let mut renderer = software();
    let mut page = page();
    let paint = |renderer: &mut Artist, page: &Page, step: usize| {
        draw(&gpu, renderer, (400, 210), DARK, 1.0, |renderer| {
            let at = Rect::new(7, 9, 380, 190);
            renderer.draw_grid(ViewId(1), &page.frame, at, &Look::default());
            if step % 6 == 4 {
                renderer.draw_quad(Rect::new(370, 30, 8, 60), [255, 255, 255, 128]);
            }
        })
    };
    paint(&mut renderer, &page, 0);
    for step in 0..60 {
        let (first, last) = if step % 4 == 3 { (2, 7) } else { (0, 9) };
        let up = [1, 2, -1, 3, -2][step % 5];
        scroll(&mut page, first, last, up, step);
        page.cursor(u16::try_from(step % 10).unwrap(), 3);
        if step % 7 == 0 {
            page.put(4, 20, "changed too", fg(5));
        }
        if step % 11 == 0 {
            // A scene that is begun and given up: the window was hidden.
            renderer.begin(400, 210, DARK, 1.0);
            let at = Rect::new(7, 9, 380, 190);
            renderer.draw_grid(ViewId(1), &page.frame, at, &Look::default());
            scroll(&mut page, 0, 9, 1, step);
        }
        let picture = paint(&mut renderer, &page, step);
        let fresh = paint(&mut software(), &page, step);
        assert!(
            picture.pixels == fresh.pixels,
            "step {step} differs from a fresh picture"
        );
    }
}
