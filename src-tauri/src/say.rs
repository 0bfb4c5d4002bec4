//! Every text that the shell tells people by itself, in each language. The texts are in `locales/<language>/<room>.ftl`; the
//! build makes a module of each room and a function of each message.

use domain::Language;

include!(concat!(env!("OUT_DIR"), "/words.rs"));

/// In the order of [`Language::ALL`].
fn pick(language: Language, texts: [&'static str; Language::ALL.len()]) -> &'static str {
    texts[language as usize]
}

/// The system's, for whoever chose none. Only Unix says it in the environment; elsewhere it is English.
pub(crate) fn systems_language() -> Language {
    Language::of_environment(|name| std::env::var(name).ok())
}
