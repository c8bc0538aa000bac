//! "Did you mean …?": the nearest known name to a mistyped one.

/// The known name nearest to `typed`, if one is near enough that the guess helps.
pub(crate) fn nearest<'a>(
    typed: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let folded = fold(typed);
    known
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(&folded, &fold(name)), name))
        // A third of the letters wrong is another word.
        .filter(|(distance, name)| *distance <= (typed.chars().count().max(name.len()) / 3).max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// Letter case, `-`, `_` and spaces are what people get wrong without thinking it another word.
fn fold(name: &str) -> String {
    name.chars()
        .filter(|c| !matches!(c, '-' | '_' | ' '))
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(typed: &str, expected: Option<&str>) {
        let known = ["columns", "rows", "padding", "dynamic_padding", "opacity"];
        assert_eq!(nearest(typed, known), expected, "{typed}");
    }

    #[test]
    fn finds_the_near_and_only_the_near() {
        check("colums", Some("columns"));
        check("column", Some("columns"));
        check("opactiy", Some("opacity"));
        check("row", Some("rows"));
        check("dynamicPadding", Some("dynamic_padding"));
        check("dynamic-padding", Some("dynamic_padding"));
        check("shell", None);
        check("x", None);
        check("", None);
    }
}
