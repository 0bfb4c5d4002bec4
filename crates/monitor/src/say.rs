//! Every text that the core tells people by itself, in each language; alerts have theirs in the crate `alerts`. The texts
//! are in `locales/<language>/<room>.ftl`; the build makes a module of each room and a function of each message.

use domain::Language;

include!(concat!(env!("OUT_DIR"), "/words.rs"));

/// In the order of [`Language::ALL`].
fn pick(language: Language, texts: [&'static str; Language::ALL.len()]) -> &'static str {
    texts[language as usize]
}

/// How many: bare digits in each language.
fn number(_language: Language, count: usize) -> String {
    count.to_string()
}
