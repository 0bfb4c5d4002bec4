//! No text for people stands in the window's sources: all of them are in the catalogue, in each of its languages.
//!
//! What is for developers may stay where it is: the gallery, the recorded backend, tests, and what an assertion says.

#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, reason = "a test fails by it")]

use std::fs;
use std::path::{Path, PathBuf};

/// Attributes that are read, or read out.
const ATTRIBUTES: [&str; 7] =
    ["title", "aria-label", "placeholder", "label", "hint", "note", "alt"];
/// The same in every language: names, two of them those of rules that are built in, a unit, and examples of what a machine
/// reads.
const THE_SAME: [&str; 13] = [
    "Room to liquidation",
    "Health factor",
    "VaultWatch",
    "vaultwatchctl keys",
    "ms",
    "30s",
    "2m",
    "30m",
    "Europe/Berlin",
    "WETH, wstETH",
    "ETH-017, DAO-*",
    "performanceMetrics.successRate",
    "wss://feed.example/ws",
];
/// Who is told by what stands behind these is no user.
const FOR_DEVELOPERS: [&str; 7] =
    ["expect(", "reason =", "error(", "error_1(&", "warn_1(&", "panic!(", "assert!("];
const NOT_FOR_PEOPLE: [&str; 4] = ["gallery", "recorded", "tests.rs", "fixture.rs"];

#[test]
fn no_source_bears_a_text_for_people() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    sources(&root.join("src"), &mut files);
    assert!(files.len() > 100, "{} files are not the window", files.len());
    let mut faults = Vec::new();
    for file in files {
        let source = fs::read_to_string(&file).unwrap();
        let name = file.strip_prefix(root).unwrap().display().to_string();
        faults.extend(texts(&source).map(|(line, text)| format!("{name}:{line}: \"{text}\"")));
    }
    assert!(faults.is_empty(), "texts that belong into the catalogue:\n{}", faults.join("\n"));
}

#[test]
fn no_sentence_was_left_in_the_other_language() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("locales");
    for file in fs::read_dir(root.join("en")).unwrap() {
        let name = file.unwrap().file_name();
        let read = |language: &str| fs::read_to_string(root.join(language).join(&name)).unwrap();
        let (english, german) = (read("en"), read("de"));
        let is_sentence = |line: &&str| {
            let words =
                line.split_whitespace().filter(|word| word.starts_with(char::is_alphabetic));
            words.count() > 4 && !line.starts_with('#')
        };
        for line in english.lines().filter(is_sentence) {
            assert!(!german.lines().any(|one| one == line), "{}: {line}", name.display());
        }
    }
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut all: Vec<_> = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    all.sort();
    for path in all {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if NOT_FOR_PEOPLE.contains(&&*name) {
            continue;
        }
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Lines of a source, and the texts for people in them.
fn texts(source: &str) -> impl Iterator<Item = (usize, &str)> {
    let tests = source.find("#[cfg(test)]\nmod tests").unwrap_or(source.len());
    let source = &source[..tests];
    literals(source).into_iter().filter(Literal::is_for_people).map(|literal| {
        let line = literal.before.matches('\n').count() + 1;
        (line, literal.text)
    })
}

/// A text in a source.
struct Literal<'a> {
    text: &'a str,
    /// All of the source before it.
    before: &'a str,
    inside: Inside<'a>,
}

/// What the innermost brackets are that tell.
#[derive(Clone, Copy, PartialEq)]
enum Inside<'a> {
    Code,
    Html,
    Attribute(&'a str),
}

impl Literal<'_> {
    fn is_for_people(&self) -> bool {
        let said = without_holes(self.text);
        if !said.contains(char::is_alphabetic) || THE_SAME.contains(&said.trim()) {
            return false;
        }
        if let Some(name) = attribute(self.before) {
            return self.inside != Inside::Code && ATTRIBUTES.contains(&name);
        }
        match self.inside {
            Inside::Attribute(name) => ATTRIBUTES.contains(&name),
            Inside::Html if is_child(self.before) => true,
            Inside::Html | Inside::Code => {
                let before = self.before.trim_end();
                is_phrase(&said) && !FOR_DEVELOPERS.iter().any(|what| before.ends_with(what))
            }
        }
    }
}

/// `{ "text" }` or `{ format!("text") }`.
fn is_child(before: &str) -> bool {
    let before = before.trim_end();
    before.strip_suffix("format!(").unwrap_or(before).trim_end().ends_with('{')
}

/// Begins as a sentence does: `No alert matches`.
fn is_phrase(said: &str) -> bool {
    let words: Vec<&str> = said.split(' ').collect();
    words.windows(2).any(|pair| {
        let mut first = pair[0].chars();
        first.next().is_some_and(char::is_uppercase)
            && pair[0].chars().count() > 1
            && first.all(char::is_lowercase)
            && pair[1].starts_with(char::is_lowercase)
    })
}

/// What is left when nothing is filled in.
fn without_holes(text: &str) -> String {
    let mut said = String::new();
    let mut depth = 0u32;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => {
                chars.next();
            }
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            c if depth == 0 => said.push(c),
            _ => {}
        }
    }
    said
}

/// Every text of a source, comments aside.
fn literals(source: &str) -> Vec<Literal<'_>> {
    let mut found = Vec::new();
    // Brackets that are open; `None` is as it is around.
    let mut open: Vec<Option<Inside<'_>>> = Vec::new();
    let mut at = 0;
    while let Some(first) = source[at..].chars().next() {
        let (before, rest) = source.split_at(at);
        if rest.starts_with("//") {
            at += rest.find('\n').unwrap_or(rest.len());
        } else if let Some(length) = character(rest) {
            at += length;
        } else if let Some((text, length)) = text(before, rest) {
            let inside = open.iter().rev().find_map(|inside| *inside).unwrap_or(Inside::Code);
            found.push(Literal { text, before, inside });
            at += length;
        } else {
            match first {
                '{' if before.trim_end().ends_with("html!") => open.push(Some(Inside::Html)),
                '{' => open.push(attribute(before).map(Inside::Attribute)),
                '}' => {
                    open.pop();
                }
                _ => {}
            }
            at += first.len_utf8();
        }
    }
    found
}

/// The attribute whose value begins here, as Yew writes it: without a space around the sign.
fn attribute(before: &str) -> Option<&str> {
    let before = before.strip_suffix('=')?;
    let name = before.rsplit(|c: char| !(c.is_ascii_lowercase() || c == '-' || c == '_')).next()?;
    (!name.is_empty()).then_some(name)
}

/// The length of a character's literal. A lifetime is none.
fn character(rest: &str) -> Option<usize> {
    let inner = rest.strip_prefix('\'')?;
    let (escape, inner) = match inner.strip_prefix('\\') {
        Some(escaped) => (1, escaped),
        None => (0, inner),
    };
    let first = inner.chars().next()?.len_utf8();
    let more = if escape == 1 { inner[first..].find('\'')? } else { 0 };
    inner[first + more..].starts_with('\'').then_some(1 + escape + first + more + 1)
}

/// A text, and the length of its literal.
fn text<'a>(before: &str, rest: &'a str) -> Option<(&'a str, usize)> {
    if let Some(raw) = rest.strip_prefix('r') {
        if before.ends_with(|c: char| c.is_alphanumeric() || c == '_') {
            return None;
        }
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        let inner = raw[hashes..].strip_prefix('"')?;
        let end = inner.find(&format!("\"{}", "#".repeat(hashes)))?;
        return Some((&inner[..end], end + 3 + 2 * hashes));
    }
    let inner = rest.strip_prefix('"')?;
    let mut escaped = false;
    let end = inner.find(|c| {
        let ends = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        ends
    })?;
    Some((&inner[..end], end + 2))
}

#[test]
fn a_text_is_told_from_what_is_none() {
    let check = |source: &str, expected: &[&str]| {
        let found: Vec<_> = texts(source).map(|(_, text)| text).collect();
        assert_eq!(found, expected, "{source}");
    };
    check(r#"html! { <p>{ "Hello" }</p> }"#, &["Hello"]);
    check(r#"html! { <p>{ format!("{n} more") }</p> }"#, &["{n} more"]);
    check(r#"html! { <p>{ if x { "on" } else { "off" } }</p> }"#, &["on", "off"]);
    check(r#"html! { <p>{ " " }{ "–" }{ format!("{a}: {b}") }{ say::hello() }</p> }"#, &[]);
    check(r#"html! { <i title="Close" class="Some thing" /> }"#, &["Close"]);
    check(
        r#"html! { <i aria-label={format!("Close {x}")} id={format!("row-{x}")} /> }"#,
        &["Close {x}"],
    );
    check(r#"html! { <i class={if x { "up" } else { "down" }} /> }"#, &[]);
    check(r#"html! { <i onclick={go} /> } let a = if x { "up" } else { "down" };"#, &[]);
    check(r#"let note = "No vault is watched";"#, &["No vault is watched"]);
    check(
        r#"x.expect("No vault is watched"); key == "Page"; '"'; "\"No vault is\"""#,
        &["\\\"No vault is\\\""],
    );
    check("// \"No vault is watched\"\nfn a<'a>(b: &'a str) {}", &[]);
    check("r#\"No vault is watched\"#", &["No vault is watched"]);
    check("#[cfg(test)]\nmod tests { \"No vault is watched\" }", &[]);
    assert_eq!(texts("\n\nf(\"No vault is\")").next(), Some((3, "No vault is")));
}
