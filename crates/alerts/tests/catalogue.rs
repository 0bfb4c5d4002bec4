//! What is told in German is German.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::Path;

/// Words that German has not.
const ENGLISH: [&str; 12] =
    ["the", "is", "of", "at", "and", "for", "from", "left", "with", "nothing", "alert", "alerts"];

/// The texts of a file, without their names, comments and what is filled in.
fn texts(path: &Path) -> Vec<String> {
    let file = fs::read_to_string(path).unwrap();
    let lines = file.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    let texts = lines.map(|line| {
        // A variant stands in a line of its own.
        let text = line.split_once(" = ").map_or(line, |(_, text)| text);
        let mut depth = 0;
        let outside = text.chars().filter(|c| {
            depth += i32::from(*c == '{');
            let outside = depth == 0;
            depth -= i32::from(*c == '}');
            outside
        });
        outside.collect()
    });
    texts.collect()
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty())
}

/// What is told outside of the window: by the alerts, by the core and by the shell.
const CATALOGUES: [(&str, usize); 3] =
    [("locales", 150), ("../monitor/locales", 60), ("../../src-tauri/locales", 30)];

/// The same in both languages.
const SHARED: [&str; 3] = ["Liquidation", "Live", "Offline"];

#[test]
fn no_text_was_left_in_the_other_language() {
    for (locales, at_least) in CATALOGUES {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(locales);
        let mut read = 0;
        for file in fs::read_dir(root.join("de")).unwrap() {
            let name = file.unwrap().file_name();
            let [english, german] =
                ["en", "de"].map(|language| texts(&root.join(language).join(&name)));
            for text in german {
                read += 1;
                // Names and signs are the same everywhere: `LTV { $ltv } %`.
                let says =
                    words(&text).any(|word| word.chars().count() > 3 && !SHARED.contains(&word));
                assert!(!(says && english.contains(&text)), "{}: {text}", name.display());
                let mut foreign = words(&text).filter(|word| ENGLISH.contains(word));
                assert_eq!(foreign.next(), None, "{}: {text}", name.display());
            }
        }
        assert!(read > at_least, "{read} texts are not the catalogue {locales}");
    }
}
