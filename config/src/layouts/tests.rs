//! Layouts are read with every mistake told, and written so that they read back.

use super::*;

fn read(text: &str) -> (Layouts, Vec<String>) {
    let table = DeTable::parse(text).expect("TOML");
    let mut layouts = Layouts::default();
    let value = table.get_ref().get("layouts").expect("layouts");
    let problems = layouts.read(value);
    let told = problems.into_iter().map(|(span, problem)| {
        let (line, column) = crate::diagnostic::line_and_column(text, span.start);
        format!("{line}:{column}: {problem}")
    });
    (layouts, told.collect())
}

const WORK: &str = "[[layouts]]\nname = \"work\"\n\n[[layouts.tabs]]\nname = \"edit\"\nsplit = \"columns\"\npanes = [\n  { share = 2.0, folder = \"~/src\", command = [\"nvim\", \".\"] },\n  { split = \"rows\", panes = [{ run = \"make watch\" }, { focus = true }] },\n]\n\n[[layouts.tabs]]\nfolder = \"/tmp\"\n";

#[test]
fn a_layout_is_read_and_written() {
    let (layouts, told) = read(WORK);
    assert_eq!(told, [""; 0]);
    let work = layouts.get("work").expect("it was read");
    assert_eq!(work.tabs.len(), 2);
    assert_eq!(work.tabs[0].name.as_deref(), Some("edit"));
    let NodeSpec::Split { split, parts } = &work.tabs[0].root else {
        panic!("no split")
    };
    assert_eq!((*split, parts.len(), parts[0].0), (Split::Columns, 2, 2.0));
    assert_eq!(work.write(), WORK);
    let (again, _) = read(&work.write());
    assert_eq!(again, layouts);
}

#[test]
fn mistakes_are_told_with_their_place() {
    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let (layouts, told) = read(text);
        assert_eq!(told, expected);
        assert_eq!(layouts.iter().count(), 0);
    }
    check(
        "layouts = 3",
        &["1:11: found 3; expected [[layouts]]: tables with a name and tabs"],
    );
    check(
        "[[layouts]]\n[[layouts.tabs]]\n",
        &["1:1: the layout has no name; expected name = \"…\""],
    );
    check(
        "[[layouts]]\nname = \"x\"\n",
        &["1:1: the layout has no tabs; expected [[layouts.tabs]]"],
    );
    check(
        "[[layouts]]\nname = \"x\"\n[[layouts.tabs]]\nfoldr = \"a\"\n",
        &[
            "4:1: unknown \"foldr\" (did you mean \"folder\"?); expected name, folder, command, run, focus, split, panes",
        ],
    );
    check(
        "[[layouts]]\nname = \"x\"\n[[layouts.tabs]]\nsplit = \"cols\"\npanes = [{}, {}]\n",
        &["4:9: found \"cols\"; expected \"columns\" (side by side) or \"rows\""],
    );
    check(
        "[[layouts]]\nname = \"x\"\n[[layouts.tabs]]\npanes = [{}]\n",
        &["4:9: found an array; expected an array of two panes or more"],
    );
    check(
        "[[layouts]]\nname = \"x\"\n[[layouts.tabs]]\npanes = [{ share = 0 }, { command = \"ls\" }]\n",
        &[
            "4:20: share: found 0; expected a number from 0.01 to 100",
            "4:37: command: found \"ls\"; expected an array of texts: [\"a\", \"b\"]",
        ],
    );
    check(
        "[[layouts]]\nname = \"x\"\n[[layouts.tabs]]\nrun = \"a\\nb\"\n",
        &["3:1: run: \"a\\nb\" has control characters; expected one line"],
    );
}

#[test]
fn a_wrong_layout_costs_itself_only() {
    let text = format!("[[layouts]]\nname = \"bad\"\n\n{WORK}");
    let (layouts, told) = read(&text);
    assert_eq!(told.len(), 1);
    assert_eq!(layouts.iter().count(), 1);
    assert_eq!(
        layouts.get("wrok").unwrap_err(),
        "no layout \"wrok\" (did you mean \"work\"?)"
    );
    assert_eq!(
        layouts.get("other").unwrap_err(),
        "no layout \"other\"; there are work"
    );
    assert_eq!(
        Layouts::default().get("x").unwrap_err(),
        "no layout \"x\"; the settings have no [[layouts]]"
    );
}
