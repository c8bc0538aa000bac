//! Tests of `grid.rs`: rows, their borders and their ids.

use super::*;

fn grid_of(rows: &[&str]) -> Grid {
    let mut grid = Grid::new(6, 4);
    for (row, text) in rows.iter().enumerate() {
        let cells = grid.write(row, 0, text.len(), RowFlags::empty());
        for (cell, c) in cells.iter_mut().zip(text.chars()) {
            *cell = Cell::char(c, CellWidth::Narrow, 0);
        }
    }
    grid
}

fn row_text(grid: &Grid, row: usize) -> String {
    let cell = |cell: &Cell| match cell.content() {
        crate::cell::Content::Char(c) => c,
        _ => '·',
    };
    grid.cells(row).iter().map(cell).collect()
}

#[track_caller]
fn check(act: impl FnOnce(&mut Grid), expected: [&str; 4]) {
    let mut grid = grid_of(&["abcdef", "ghi", "", "jk"]);
    act(&mut grid);
    let rows: Vec<_> = (0..4).map(|row| row_text(&grid, row)).collect();
    assert_eq!(rows, expected);
}

#[test]
fn what_is_past_the_occupied_cells_is_blank_though_old_bytes_are_there() {
    check(|g| g.erase(0, 2, 6, Cell::BLANK), ["ab", "ghi", "", "jk"]);
    check(
        |g| {
            g.erase(0, 0, 6, Cell::BLANK);
            g.write(0, 3, 4, RowFlags::empty())[0] = Cell::char('x', CellWidth::Narrow, 0);
        },
        ["···x", "ghi", "", "jk"],
    );
    check(
        |g| {
            g.erase(0, 1, 6, Cell::BLANK);
            g.edit(0, 4);
        },
        ["a···", "ghi", "", "jk"],
    );
    check(
        |g| g.erase(0, 1, 3, Cell::BLANK),
        ["a··def", "ghi", "", "jk"],
    );
    check(|g| g.copy_cells(1, 0, 2, 5), ["abi··f", "ghi··", "", "jk"]);
    let line = LineId(99);
    check(
        |g| g.reset_row(0, line, 0, Cell::BLANK),
        ["", "ghi", "", "jk"],
    );
}

#[test]
fn rotating_moves_rows_without_touching_them() {
    check(|g| g.rotate_up(0, 3, 1), ["ghi", "", "jk", "abcdef"]);
    check(|g| g.rotate_up(0, 3, 2), ["", "jk", "abcdef", "ghi"]);
    check(|g| g.rotate_up(1, 2, 1), ["abcdef", "", "ghi", "jk"]);
    check(|g| g.rotate_down(0, 3, 1), ["jk", "abcdef", "ghi", ""]);
    let mut grid = grid_of(&["a", "b"]);
    let generation = grid.meta(1).generation;
    grid.rotate_up(0, 3, 1);
    assert_eq!(grid.meta(0).generation, generation);
}

#[test]
fn every_change_gives_a_row_a_generation_of_its_own() {
    let mut grid = grid_of(&["a", "b"]);
    let mut seen = std::collections::HashSet::new();
    let mut fresh = |grid: &Grid, row: usize| assert!(seen.insert(grid.meta(row).generation));
    fresh(&grid, 0);
    grid.erase(0, 0, 1, Cell::BLANK);
    fresh(&grid, 0);
    grid.edit(0, 2);
    fresh(&grid, 0);
    grid.reset_row(0, LineId(7), 0, Cell::BLANK);
    fresh(&grid, 0);
    grid.join_below(1);
    fresh(&grid, 1);
    grid.unwrap_row(1);
    fresh(&grid, 1);
}

#[test]
fn wide_cells_are_cut_at_borders() {
    let mut grid = grid_of(&[]);
    let cells = grid.write(0, 0, 4, RowFlags::WIDE);
    for half in cells.chunks_mut(2) {
        half[0] = Cell::char('中', CellWidth::Wide, 0);
        half[1] = Cell::blank(CellWidth::Spacer, 0);
    }
    grid.cut(0, 2);
    assert_eq!(row_text(&grid, 0), "中·中·");
    grid.cut(0, 3);
    assert_eq!(row_text(&grid, 0), "中···");
    assert_eq!(grid.get(0, 2).width(), CellWidth::Narrow);
}

#[test]
fn ids_between_lines_keep_their_order() {
    let mut grid = grid_of(&[]);
    let above = grid.meta(0).line;
    let first = grid.line_between(above, 1, Neighbor::Above);
    let second = grid.line_between(above, 1, Neighbor::Below);
    assert!(above < first && first < second && second < grid.meta(1).line);
    // No room: everything below moves up.
    let tight = LineId(grid.meta(1).line.0 - 1);
    let old = grid.meta(3).line;
    let squeezed = grid.line_between(tight, 1, Neighbor::Above);
    assert!(old < squeezed && squeezed < grid.meta(1).line);
    assert!(grid.meta(1).line < grid.meta(2).line && grid.meta(2).line < grid.meta(3).line);
}

#[test]
fn joining_and_breaking_rows_moves_lines_with_them() {
    let mut grid = grid_of(&["abcdef", "ghijkl", "mn"]);
    let lines: Vec<_> = (0..4).map(|row| grid.meta(row).line).collect();
    grid.join_below(1);
    grid.join_below(0);
    let place = |grid: &Grid, row: usize| (grid.meta(row).line, grid.meta(row).offset);
    assert_eq!(
        [1, 2].map(|row| place(&grid, row)),
        [(lines[0], 6), (lines[0], 12)]
    );
    grid.break_below(0);
    assert_eq!(place(&grid, 1).1, 0);
    assert_eq!(place(&grid, 2), (grid.meta(1).line, 6));
    assert!(lines[0] < grid.meta(1).line && grid.meta(1).line < lines[3]);
    assert!(!grid.meta(0).flags.contains(RowFlags::WRAPPED));
    assert!(grid.meta(1).flags.contains(RowFlags::WRAPPED));
}
