//! Every text that people are told, in each language. The texts are in `locales/<language>/<room>.ftl`; the build makes a
//! module of each room and a function of each message: `say::feed::live(language)`. [`words`](crate::words) puts them
//! together.

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
