//! SGR: every parameter, in every form of writing it.

use crate::testing::{after, check, check_reply};

/// The pen after `input`, as DECRQSS describes it.
#[track_caller]
fn check_pen(input: &str, expected: &str) {
    check_reply(
        &format!("{input}\x1bP$qm\x1b\\"),
        &format!("^P1$r{expected}m^\\"),
    );
}

#[test]
fn attributes_are_set_and_reset() {
    check_pen("", "0");
    check_pen("\x1b[1;2;3;4;5;7;8;9;53m", "0;1;2;3;5;7;8;9;53;4");
    check_pen("\x1b[1;2m\x1b[22m", "0");
    check_pen("\x1b[3m\x1b[23m", "0");
    check_pen("\x1b[4m\x1b[24m", "0");
    check_pen("\x1b[6m", "0;5");
    check_pen("\x1b[5m\x1b[25m", "0");
    check_pen("\x1b[7m\x1b[27m", "0");
    check_pen("\x1b[8m\x1b[28m", "0");
    check_pen("\x1b[9m\x1b[29m", "0");
    check_pen("\x1b[53m\x1b[55m", "0");
    check_pen("\x1b[1;4;31m\x1b[m", "0");
    check_pen("\x1b[1;4;31m\x1b[0;3m", "0;3");
    check_pen("\x1b[10;11;26;50;73;74;75;200;65535m", "0");
}

#[test]
fn underlines_have_forms() {
    check_pen("\x1b[21m", "0;21");
    check_pen("\x1b[4:2m", "0;21");
    check_pen("\x1b[4:3m", "0;4:3");
    check_pen("\x1b[4:4m", "0;4:4");
    check_pen("\x1b[4:5m", "0;4:5");
    check_pen("\x1b[4:3m\x1b[4:0m", "0");
    check_pen("\x1b[4:3m\x1b[4:9m", "0;4:3");
    check_pen("\x1b[4:1m", "0;4");
    check_pen("\x1b[4;3m", "0;3;4");
}

#[test]
fn colors_in_all_forms() {
    check_pen("\x1b[31;42m", "0;31;42");
    check_pen("\x1b[91;102m", "0;91;102");
    check_pen("\x1b[38;5;7m", "0;37");
    check_pen("\x1b[38;5;15;48;5;8m", "0;97;100");
    check_pen("\x1b[38;5;200m", "0;38:5:200");
    check_pen("\x1b[38:5:200m", "0;38:5:200");
    check_pen("\x1b[38;2;1;2;3m", "0;38:2::1:2:3");
    check_pen("\x1b[38:2:1:2:3m", "0;38:2::1:2:3");
    check_pen("\x1b[38:2::1:2:3m", "0;38:2::1:2:3");
    check_pen("\x1b[38:2:99:1:2:3:0:1m", "0;38:2::1:2:3");
    check_pen("\x1b[48:2::1:2:3;58:5:9m", "0;48:2::1:2:3;58:5:9");
    check_pen("\x1b[58;2;1;2;3m", "0;58:2::1:2:3");
    check_pen("\x1b[58:2::1:2:3m\x1b[59m", "0");
    check_pen("\x1b[31;42m\x1b[39;49m", "0");
}

#[test]
fn broken_colors_change_nothing() {
    check_pen("\x1b[38;5m", "0");
    check_pen("\x1b[38m", "0");
    check_pen("\x1b[38;2;1;2m", "0");
    check_pen("\x1b[38;5;256m", "0");
    check_pen("\x1b[38;2;256;0;0m", "0");
    check_pen("\x1b[38:2m", "0");
    check_pen("\x1b[38:5m", "0");
    check_pen("\x1b[38:7:1m", "0");
    check_pen("\x1b[38;2;1;2;3;1m", "0;1;38:2::1:2:3");
    check_pen("\x1b[38:2:1:2:3;1m", "0;1;38:2::1:2:3");
}

#[test]
fn protection_is_not_graphic_rendition() {
    check("\x1b[1\"q\x1b[mab\x1b[?2J", "ab");
}

#[test]
fn pen_is_pushed_and_popped() {
    check_pen("\x1b[1;31m\x1b[#{\x1b[0;3m\x1b[#}", "0;1;31");
    check_pen("\x1b[1;31m\x1b[1#{\x1b[0;3m\x1b[#}", "0;1;3");
    check_pen("\x1b[1;31m\x1b[30#p\x1b[0;3m\x1b[#q", "0;3;31");
    check_pen("\x1b[3m\x1b[#}", "0;3");
}

#[test]
fn the_stack_drops_its_oldest() {
    let pushes: String = (0..20)
        .map(|i| format!("\x1b[38;5;{}m\x1b[#{{", 100 + i))
        .collect();
    let pops = "\x1b[#}".repeat(crate::limits::MAX_SGR_STACK);
    check_pen(&format!("{pushes}{pops}"), "0;38:5:110");
    check_pen(&format!("{pushes}{pops}\x1b[m\x1b[#}}"), "0");
}

#[test]
fn more_parameters_than_fit_are_dropped() {
    let many = "1;".repeat(31) + "3;4;9";
    check_pen(&format!("\x1b[{many}m"), "0;1;3");
    assert_eq!(
        crate::testing::screen(&after(&format!("\x1b[{many}mx"))),
        "x"
    );
}
