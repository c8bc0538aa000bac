//! Seams, symmetry and coverage of the characters that we draw ourselves, at many sizes.

use super::*;

fn cell(width: u32, height: u32) -> CellMetrics {
    CellMetrics {
        width,
        height,
        baseline: height * 4 / 5,
        underline_position: height * 4 / 5 + 1,
        underline_thickness: (height / 16).max(1),
        strikethrough_position: height / 2,
        strikethrough_thickness: (height / 16).max(1),
        box_thickness: (width / 8).max(1),
    }
}

const SIZES: [(u32, u32); 7] = [
    (6, 13),
    (7, 14),
    (9, 19),
    (10, 20),
    (13, 27),
    (18, 38),
    (41, 83),
];

fn column(bitmap: &Bitmap, x: u32) -> Vec<u8> {
    (0..bitmap.height)
        .map(|y| bitmap.data[(y * bitmap.width + x) as usize])
        .collect()
}

fn line(bitmap: &Bitmap, y: u32) -> Vec<u8> {
    bitmap.data[(y * bitmap.width) as usize..((y + 1) * bitmap.width) as usize].to_vec()
}

/// The right edge of `left` meets the left edge of `right`, at every size.
#[track_caller]
fn check_joins(left: char, right: char) {
    for (width, height) in SIZES {
        let cell = cell(width, height);
        let (a, b) = (draw(left, &cell).unwrap(), draw(right, &cell).unwrap());
        assert_eq!(
            column(&a, width - 1),
            column(&b, 0),
            "{left}{right} at {width}×{height}"
        );
        assert!(
            column(&b, 0).contains(&255),
            "{left}{right} at {width}×{height} meet nowhere"
        );
    }
}

/// The bottom edge of `upper` meets the top edge of `lower`, at every size.
#[track_caller]
fn check_stacks(upper: char, lower: char) {
    for (width, height) in SIZES {
        let cell = cell(width, height);
        let (a, b) = (draw(upper, &cell).unwrap(), draw(lower, &cell).unwrap());
        assert_eq!(
            line(&a, height - 1),
            line(&b, 0),
            "{upper}/{lower} at {width}×{height}"
        );
        assert!(
            line(&b, 0).contains(&255),
            "{upper}/{lower} at {width}×{height} meet nowhere"
        );
    }
}

#[test]
fn boxes_join() {
    for (left, right) in [
        ('─', '─'),
        ('┌', '─'),
        ('─', '┐'),
        ('├', '┤'),
        ('┼', '┼'),
        ('━', '┛'),
        ('┏', '━'),
        ('═', '═'),
        ('╔', '═'),
        ('═', '╗'),
        ('╬', '╬'),
        ('╠', '╣'),
        ('╞', '╡'),
        ('╭', '─'),
        ('─', '╮'),
        ('╰', '╯'),
        ('╼', '━'),
        ('╪', '╪'),
        ('╫', '─'),
        ('╾', '─'),
        ('╒', '╤'),
        ('╓', '─'),
        ('╙', '╨'),
        ('┝', '━'),
        ('█', '▉'),
        ('▄', '▟'),
        ('▀', '▜'),
    ] {
        check_joins(left, right);
    }
}

#[test]
fn boxes_stack() {
    for (upper, lower) in [
        ('│', '│'),
        ('┌', '│'),
        ('│', '└'),
        ('┬', '┴'),
        ('┃', '┗'),
        ('║', '║'),
        ('╔', '║'),
        ('╦', '╩'),
        ('╥', '╨'),
        ('╓', '║'),
        ('╒', '│'),
        ('╤', '╧'),
        ('╭', '╰'),
        ('╷', '│'),
        ('╿', '╽'),
        ('█', '▜'),
        ('▌', '▌'),
        ('┰', '┸'),
    ] {
        check_stacks(upper, lower);
    }
}

#[test]
fn every_promised_character_has_ink() {
    let cell = cell(9, 19);
    let ranges = [
        0x23ba..=0x23bd,
        0x2500..=0x259f_u32,
        0x2801..=0x28ff,
        0xe0b0..=0xe0c7,
        0xe0cc..=0xe0d1,
        0x1_fb00..=0x1_fbaf,
        0x25e2..=0x25e5,
    ];
    for code in ranges
        .into_iter()
        .flatten()
        .chain([0xe0c8, 0xe0ca, 0xe0d2, 0xe0d4, 0xe0d6, 0xe0d7])
    {
        let c = char::from_u32(code).unwrap();
        let bitmap = draw(c, &cell).unwrap_or_else(|| panic!("U+{code:04X} is not ours"));
        assert!(
            bitmap.data.iter().any(|&ink| ink > 60),
            "U+{code:04X} is blank"
        );
    }
    for c in ['a', ' ', '\u{2600}', '\u{e0a0}', '\u{1fbb0}'] {
        assert!(!covers(c), "{c:?}");
        assert_eq!(draw(c, &cell), None);
    }
}

#[test]
fn patterns_are_told_apart() {
    // Two characters that look the same would be a mistake in a table.
    for ranges in [
        vec![0x2500..=0x257f_u32],
        vec![0x2580..=0x259f, 0x1_fb00..=0x1_fb8b],
    ] {
        let cell = cell(24, 48);
        let mut seen = std::collections::HashMap::new();
        for code in ranges.into_iter().flatten() {
            let c = char::from_u32(code).unwrap();
            let data = draw(c, &cell).unwrap().data;
            if let Some(twin) = seen.insert(data, code) {
                panic!("U+{code:04X} looks like U+{twin:04X}");
            }
        }
    }
}

/// How much of the cell is covered, in percent.
fn coverage(c: char) -> u32 {
    let bitmap = draw(c, &cell(24, 48)).unwrap();
    let sum: u64 = bitmap.data.iter().map(|&ink| u64::from(ink)).sum();
    u32::try_from((sum * 100 + 24 * 48 * 128) / (24 * 48 * 255)).unwrap()
}

#[test]
fn areas_are_right() {
    let check = |c: char, expected: u32| {
        let found = coverage(c);
        assert!(
            found.abs_diff(expected) <= 1,
            "{c}: {found} % instead of {expected} %"
        );
    };
    for (c, expected) in [
        ('█', 100),
        ('▀', 50),
        ('▄', 50),
        ('▌', 50),
        ('▐', 50),
        ('▁', 13),
        ('▏', 13),
        ('░', 25),
        ('▒', 50),
        ('▓', 75),
        ('▙', 75),
        ('▚', 50),
        ('▖', 25),
        ('\u{e0b0}', 50),
        ('◢', 50),
        ('\u{1fb00}', 17),
        ('\u{1fb3b}', 83),
        ('\u{1fb3c}', 8),
        ('\u{1fb47}', 8),
        ('\u{1fb68}', 75),
        ('\u{1fb6f}', 25),
        ('\u{1fb9a}', 50),
        ('\u{1fb95}', 50),
        ('\u{1fb41}', 92),
        ('\u{1fb57}', 8),
        ('\u{e0b4}', 79),
    ] {
        check(c, expected);
    }
}

#[test]
fn waves_and_dots_join() {
    for (width, height) in SIZES {
        let cell = cell(width, height);
        for form in [Decoration::Curly, Decoration::Dotted, Decoration::Dashed] {
            let bitmap = decoration(form, &cell).unwrap();
            assert_eq!(bitmap.width, width);
            let top = i32::try_from(cell.baseline).unwrap() - bitmap.top;
            let bottom = top + i32::try_from(bitmap.height).unwrap();
            let height = i32::try_from(height).unwrap();
            assert!(
                top >= 0 && bottom <= height,
                "{form:?} at {width}×{height} leaves the cell"
            );
            assert!(
                bitmap.data.iter().any(|&ink| ink > 128),
                "{form:?} at {width}×{height}"
            );
        }
        let curl = decoration(Decoration::Curly, &cell).unwrap();
        assert_eq!(
            column(&curl, 0),
            column(&curl, width - 1),
            "crests at {width}×{height}"
        );
    }
}
