//! Everything the window says itself, in each of its languages. The texts are in `locales/<language>/<room>.ftl`;
//! `build.rs` makes a module of each room and a function of each message: `words::rail::overview()`.
//!
//! What the core says (alerts, refusals, causes) comes as it is written there.

mod language;
mod number;

use yew::prelude::*;

pub(crate) use language::{Language, language, speak};
pub(crate) use number::{local, number, typed};

include!(concat!(env!("OUT_DIR"), "/words.rs"));

/// Stands in a text for what is no text: a link, a key, a time. See [`set`].
pub(crate) const SLOT: &str = "\u{1a}";

/// As HTML names the language of what the core says, so that no other voice reads it out.
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

/// Puts values where the pattern has the characters 1, 2 and so on.
fn fill(pattern: &str, values: &[&str]) -> String {
    let mut text = String::with_capacity(pattern.len() + 16);
    for c in pattern.chars() {
        match (c as usize).checked_sub(1).and_then(|place| values.get(place)) {
            Some(value) => text.push_str(value),
            None => text.push(c),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stand_where_the_language_wants_them() {
        assert_eq!(fill("\u{2} of \u{1}\u{1}", &["a", "b"]), "b of aa");
        assert_eq!(fill("nothing", &[]), "nothing");
    }

    #[test]
    fn counts_decide_and_are_grouped() {
        assert_eq!(common::vaults(1), "1 vault");
        assert_eq!(common::vaults(1_200), "1,200 vaults");
        speak(Language::German);
        assert_eq!(common::vaults(0), "0 Vaults");
        assert_eq!(common::vaults(1_200), "1.200 Vaults");
    }
}
