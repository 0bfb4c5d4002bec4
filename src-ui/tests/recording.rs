//! The recording speaks German, too: each of its texts that people read has its German one, with the same figures.

#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, reason = "a test fails by it")]

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

const RECORDING: &str = include_str!("../src/backend/recorded/recorded.json");
const GERMAN: &str = include_str!("../src/backend/recorded/recorded.de.json");

fn german() -> BTreeMap<String, String> {
    serde_json::from_str(GERMAN).unwrap()
}

/// Whatever the core would have said.
fn texts() -> BTreeSet<String> {
    let recording: Value = serde_json::from_str(RECORDING).unwrap();
    let mut found = BTreeSet::new();
    let told = recording["news"].as_array().unwrap().iter().map(|news| &news["notification"]);
    let asked = ["test", "incident", "member"].map(|name| &recording[name]);
    let all = recording["attached"]["notifications"].as_array().unwrap().iter();
    for one in all.chain(told).chain(asked) {
        let evidence = &one["evidence"];
        found.extend(["title", "message"].map(|name| text(&one[name])));
        for known in ["rule", "threshold", "cure"].map(|name| &evidence[name]) {
            found.extend(known.as_str().map(str::to_owned));
        }
        let figures = evidence["figures"].as_array().into_iter().flatten();
        found.extend(figures.map(|figure| text(&figure["label"])));
        found.extend(one["action"]["label"].as_str().map(str::to_owned));
    }
    let details = recording["details"].as_object().unwrap().values();
    found.extend(details.map(|detail| text(&detail["verdict"])));
    let rules = recording["explanation"]["rules"].as_array().unwrap();
    found.extend(rules.iter().map(|rule| text(&rule["why"])));
    found.extend(["elsewhere", "sparse"].map(|name| text(&recording[name])));
    found
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// The numbers in a text, and its holes.
fn figures(text: &str) -> Vec<&str> {
    let figure = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | '{' | '}');
    let found = text.split(|c: char| !figure(c)).map(|one| one.trim_matches(['.', ',']));
    let mut found: Vec<_> = found.filter(|one| !one.is_empty()).collect();
    found.sort_unstable();
    found
}

#[test]
fn no_text_of_the_recording_lacks_its_german_one() {
    let german = german();
    let texts = texts();
    assert!(texts.len() > 40, "{} texts are not the recording", texts.len());
    let missing: Vec<_> = texts.iter().filter(|text| !german.contains_key(*text)).collect();
    assert!(missing.is_empty(), "without a German text: {missing:#?}");
    let left: Vec<_> = german.keys().filter(|text| !texts.contains(*text)).collect();
    assert!(left.is_empty(), "nothing says this any more: {left:#?}");
}

#[test]
fn the_german_text_has_the_same_figures_and_is_no_english_one() {
    for (english, german) in german() {
        let local = domain::Language::German.figure(english.clone());
        assert_eq!(figures(&local), figures(&german), "{english}: {german}");
        assert!(english != german || !english.contains(' '), "{english} is not translated");
    }
}
