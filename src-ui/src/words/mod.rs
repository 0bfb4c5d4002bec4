//! Everything the window says itself, in each of its languages. The texts are in `locales/<language>/<room>.ftl`;
//! `build.rs` makes a module of each room and a function of each message: `words::rail::overview()`.
//!
//! What the core says comes as it is written there: alerts and notices in the language that was spoken when they were,
//! refusals and causes in English.

mod language;
mod number;

use yew::prelude::*;

pub(crate) use language::{Language, language, speak};
pub(crate) use number::{local, number, typed};

include!(concat!(env!("OUT_DIR"), "/words.rs"));

/// Stands in a text for what is no text: a link, a key, a time. See [`set`].
pub(crate) const SLOT: &str = "\u{1a}";

/// As HTML names the language of refusals, causes of errors and what the connection did, which the core says in English,
/// so that no other voice reads them out. Alerts and verdicts are none of these.
pub(crate) const CORE: &str = "en";

/// A text with its [`SLOT`]s filled, in their order.
pub(crate) fn set(text: &str, parts: impl IntoIterator<Item = Html>) -> Html {
    let mut parts = parts.into_iter();
    let pieces = text.split(SLOT).enumerate().map(|(index, piece)| {
        let part = if index == 0 { None } else { parts.next() };
        html! { <>{ for part }{ piece.to_owned() }</> }
    });
    pieces.collect()
}

/// The text in the language that is spoken; in the order of [`Language::ALL`].
fn pick(texts: [&'static str; Language::ALL.len()]) -> &'static str {
    texts[language() as usize]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_decide_and_are_grouped() {
        assert_eq!(common::vaults(1), "1 vault");
        assert_eq!(common::vaults(1_200), "1,200 vaults");
        speak(Language::German);
        assert_eq!(common::vaults(0), "0 Vaults");
        assert_eq!(common::vaults(1_200), "1.200 Vaults");
    }
}
