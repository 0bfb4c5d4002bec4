//! What a Debian package says of itself.

use super::recipe::{MAINTAINER, Recipe};
use super::release::Release;
use super::tree::Entry;

/// The text of `DEBIAN/control`.
///
/// `libraries` are the packages that the programs' shared libraries come from, with the least version of each.
pub(crate) fn control(
    recipe: &Recipe,
    release: &Release,
    architecture: &str,
    libraries: &[String],
    entries: &[Entry],
) -> String {
    let mut fields = vec![
        ("Package", recipe.name.to_owned()),
        ("Version", release.sortable()),
        ("Architecture", architecture.to_owned()),
        ("Maintainer", MAINTAINER.to_owned()),
        ("Installed-Size", installed_size(entries).to_string()),
        ("Section", recipe.section.to_owned()),
        ("Priority", "optional".to_owned()),
    ];
    let depends = depends(libraries, &recipe.debian.depends);
    for (name, list) in [("Depends", &depends), ("Recommends", &recipe.debian.recommends)] {
        if !list.is_empty() {
            fields.push((name, list.join(", ")));
        }
    }
    fields.push(("Description", description(&recipe.summary, &recipe.description)));
    fields.iter().map(|(name, value)| format!("{name}: {value}\n")).collect()
}

/// What it stands on: what was found out and what was written down by hand, each once. Of two versions the later one, for
/// both are needed: what was found out knows nothing of how relocations are packed, and what is written down nothing of
/// a newer compiler.
fn depends(found: &[String], by_hand: &[String]) -> Vec<String> {
    let mut relations = found.to_vec();
    for relation in by_hand {
        let name = Relation::of(relation).name;
        let same = relations.iter_mut().find(|other| Relation::of(other).name == name);
        match same {
            Some(other) => {
                if Relation::of(relation).version > Relation::of(other).version {
                    other.clone_from(relation);
                }
            }
            None => relations.push(relation.clone()),
        }
    }
    relations
}

/// A relation such as `libc6 (>= 2.36)`.
#[derive(Debug, PartialEq, Eq)]
struct Relation<'a> {
    name: &'a str,
    /// The numbers of the least version, as far as they are compared here; none: any version.
    version: Vec<u64>,
}

impl<'a> Relation<'a> {
    fn of(text: &'a str) -> Self {
        let (name, rest) = text.split_once(" (>= ").unwrap_or((text, ""));
        let numbers = rest.trim_end_matches(')').split(|c: char| !c.is_ascii_digit());
        Self { name, version: numbers.map_while(|number| number.parse().ok()).collect() }
    }
}

/// In kibibytes, as `dpkg` counts: each file by itself, and something for each.
fn installed_size(entries: &[Entry]) -> u64 {
    entries.iter().map(|entry| entry.size.div_ceil(1024) + 1).sum()
}

/// The summary, then the paragraphs: indented, and with a dot where a line is empty.
fn description(summary: &str, paragraphs: &[String]) -> String {
    let paragraphs: Vec<_> = paragraphs.iter().map(|text| wrapped(text)).collect();
    format!("{summary}\n{}", paragraphs.join("\n .\n"))
}

/// Lines of at most this many characters.
const WIDTH: usize = 78;

fn wrapped(text: &str) -> String {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let full = lines.last().is_some_and(|line| line.len() + 1 + word.len() > WIDTH);
        if full {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            line.push(' ');
            line.push_str(word);
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bundle::recipe;

    fn texts(list: &[&str]) -> Vec<String> {
        list.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn every_field_is_there_and_no_line_is_taken_for_another() {
        let recipe = recipe::app().unwrap();
        let entries = [Entry { path: "/usr/bin/vaultwatch".into(), size: 2049 }];
        let libraries = texts(&["libc6 (>= 2.36)", "libgtk-3-0 (>= 3.21.4)"]);
        let text = control(&recipe, &Release::example(), "amd64", &libraries, &entries);
        for line in [
            "Package: vaultwatch",
            "Version: 1.2.0~rc.1",
            "Architecture: amd64",
            "Installed-Size: 4",
            "Description: Watches credit vaults and wakes you before one is liquidated",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}: {text}");
        }
        assert!(text.contains("\nDepends: libc6 (>= 2.36), libgtk-3-0 (>= 3.21.4), "), "{text}");
        assert!(text.contains("\nRecommends: "), "{text}");
        let (_, body) = text.split_once("Description: ").unwrap();
        for line in body.lines().skip(1) {
            assert!(
                line.starts_with(' ') && line.len() <= WIDTH + 1 && line.trim() != "",
                "{line:?}"
            );
        }
    }

    #[test]
    fn of_two_versions_the_later_one_is_asked_for() {
        let depends = |found: &[&str], by_hand: &[&str]| depends(&texts(found), &texts(by_hand));
        let (glibc, older) = ("libc6 (>= 2.36)", "libc6 (>= 2.9)");
        assert_eq!(depends(&[older, "libgtk-3-0"], &[glibc]), [glibc, "libgtk-3-0"]);
        assert_eq!(depends(&[glibc], &[older, "ca-certificates"]), [glibc, "ca-certificates"]);
        assert_eq!(depends(&["libc6"], &[glibc]), [glibc]);
        assert_eq!(depends(&[], &["a | b"]), ["a | b"]);
    }

    #[test]
    fn a_text_is_broken_between_words() {
        let long = "word ".repeat(40);
        let text = wrapped(&long);
        assert!(text.lines().all(|line| line.starts_with(" word") && line.len() <= WIDTH));
        assert_eq!(text.split_whitespace().count(), 40);
    }
}
