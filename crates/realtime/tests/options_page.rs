//! The page for users names every option there is.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeSet;

use realtime::Options;

const PAGE: &str = include_str!("../../../docs/configuration.md");

/// By the names they have in a file, as the reader of such a file tells them to somebody who mistyped one.
fn names() -> BTreeSet<String> {
    let error = serde_json::from_str::<Options>(r#"{"noSuchOption": 1}"#).unwrap_err().to_string();
    let (_, known) = error.split_once("expected one of").unwrap();
    let mut names: BTreeSet<_> = known.split('`').skip(1).step_by(2).map(str::to_owned).collect();
    // The name of the field in the program; in a file it is written as `url`.
    names.remove("endpoints");
    names.insert("url".to_owned());
    names
}

/// The first column of the table.
fn described() -> Vec<&'static str> {
    let (_, section) = PAGE.split_once("\n## Options of a connection\n").unwrap();
    let section = section.split("\n## ").next().unwrap();
    let row = |line: &'static str| line.strip_prefix("| `")?.split_once('`').map(|(name, _)| name);
    section.lines().filter_map(row).collect()
}

#[test]
fn every_option_has_its_row_and_no_row_is_of_the_past() {
    let (names, rows) = (names(), described());
    assert!(names.len() > 50, "{names:?}");
    let unique: BTreeSet<_> = rows.iter().map(|row| (*row).to_owned()).collect();
    assert_eq!(unique.len(), rows.len(), "a row is there twice");
    let missing: Vec<_> = names.difference(&unique).collect();
    assert!(missing.is_empty(), "docs/configuration.md does not tell of {missing:?}");
    let stale: Vec<_> = unique.difference(&names).collect();
    assert!(stale.is_empty(), "docs/configuration.md tells of {stale:?}, which are no options");
}
