//! The language that is spoken.

use std::cell::Cell;

use domain::view::LanguageChoice;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    English,
    German,
}

thread_local! {
    static SPOKEN: Cell<Language> = const { Cell::new(Language::English) };
}

impl Language {
    /// In the order of the catalogue.
    pub(crate) const ALL: [Self; 2] = [Self::English, Self::German];

    /// As HTML names it.
    pub(crate) fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
        }
    }

    /// What was chosen; else the first of the system's languages that is known here, such as `de-CH`; else English.
    pub(crate) fn of<'a>(
        choice: LanguageChoice,
        mut system: impl Iterator<Item = &'a str>,
    ) -> Self {
        match choice {
            LanguageChoice::English => Self::English,
            LanguageChoice::German => Self::German,
            LanguageChoice::System => {
                let known = |tag: &str| {
                    let language = tag.split(['-', '_']).next().unwrap_or_default();
                    Self::ALL.into_iter().find(|known| known.tag().eq_ignore_ascii_case(language))
                };
                system.find_map(known).unwrap_or(Self::English)
            }
        }
    }
}

pub(crate) fn language() -> Language {
    SPOKEN.get()
}

/// From now on. What is drawn already keeps its words until it is drawn anew.
pub(crate) fn speak(language: Language) {
    SPOKEN.set(language);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_choice_counts_and_else_the_first_language_that_is_known() {
        let of = |choice, system: &[&str]| Language::of(choice, system.iter().copied());
        assert_eq!(of(LanguageChoice::System, &["fr-FR", "de-CH", "en"]), Language::German);
        assert_eq!(of(LanguageChoice::System, &["en-GB", "de"]), Language::English);
        assert_eq!(of(LanguageChoice::System, &["fr", "default"]), Language::English);
        assert_eq!(of(LanguageChoice::English, &["de"]), Language::English);
        assert_eq!(of(LanguageChoice::German, &[]), Language::German);
    }
}
