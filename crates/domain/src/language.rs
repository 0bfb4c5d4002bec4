//! The languages that people are spoken to in, and how each writes figures.

use crate::view::LanguageChoice;

/// A language that window and alerts speak. What programs read is the same in each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    #[default]
    English,
    German,
}

impl Language {
    /// In the order of the catalogues.
    pub const ALL: [Self; 2] = [Self::English, Self::German];

    /// As HTML names it: `en`, `de`.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
        }
    }

    /// What was chosen, else the system's.
    #[must_use]
    pub fn chosen(choice: LanguageChoice, system: Self) -> Self {
        match choice {
            LanguageChoice::English => Self::English,
            LanguageChoice::German => Self::German,
            LanguageChoice::System => system,
        }
    }

    /// What was chosen; else the first of the system's languages that is known here, such as `de-CH`; else English.
    #[must_use]
    pub fn of<'a>(choice: LanguageChoice, system: impl Iterator<Item = &'a str>) -> Self {
        Self::chosen(choice, Self::first_known(system).unwrap_or_default())
    }

    /// The system's by the environment of a Unix, whose variables `get` looks up, as gettext reads it: the locale is the
    /// first of `LC_ALL`, `LC_MESSAGES` and `LANG` that says anything; where that is `C` or `POSIX` it is English,
    /// whatever else there is, else the first known one of `LANGUAGE`, and then the locale's. English where neither is
    /// known.
    #[must_use]
    pub fn of_environment(get: impl Fn(&str) -> Option<String>) -> Self {
        let said = |name: &&str| get(name).filter(|value| !value.is_empty());
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(said).unwrap_or_default();
        if matches!(locale.as_str(), "C" | "POSIX") {
            return Self::English;
        }
        let languages = said(&"LANGUAGE").unwrap_or_default();
        let all = languages.split(':').chain([locale.as_str()]);
        Self::first_known(all).unwrap_or_default()
    }

    fn first_known<'a>(mut tags: impl Iterator<Item = &'a str>) -> Option<Self> {
        tags.find_map(|tag| {
            // `de-CH`, `de_AT.UTF-8`, `de.utf8`, `de@euro`.
            let language = tag.split(['-', '_', '.', '@']).next().unwrap_or_default();
            Self::ALL.into_iter().find(|known| known.tag().eq_ignore_ascii_case(language))
        })
    }

    /// A figure that was written the English way, as those of [`text`](crate::text) are, in the language's: `1,234.5` is
    /// `1.234,5` in German.
    #[must_use]
    pub fn figure(self, english: String) -> String {
        match self {
            Self::English => english,
            Self::German => {
                let swapped = english.chars().map(|c| match c {
                    '.' => ',',
                    ',' => '.',
                    other => other,
                });
                swapped.collect()
            }
        }
    }
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

    #[track_caller]
    fn environment(variables: &[(&str, &str)], expected: Language) {
        let get = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        assert_eq!(Language::of_environment(get), expected, "{variables:?}");
    }

    #[test]
    fn a_unix_tells_its_language_as_it_tells_gettext() {
        use Language::{English, German};
        environment(&[], English);
        environment(&[("LANG", "de_DE.UTF-8")], German);
        environment(&[("LANG", "de")], German);
        environment(&[("LANG", "de.utf8")], German);
        environment(&[("LANG", "en_US.UTF-8")], English);
        environment(&[("LANG", "fr_FR.UTF-8")], English);
        environment(&[("LC_ALL", "de_AT@euro"), ("LANG", "en_US.UTF-8")], German);
        environment(&[("LC_ALL", ""), ("LC_MESSAGES", "de_CH"), ("LANG", "en_US")], German);
        environment(&[("LC_TIME", "de_DE.UTF-8"), ("LANG", "en_US.UTF-8")], English);
        environment(&[("LANGUAGE", "fr:de:en"), ("LANG", "en_US.UTF-8")], German);
        environment(&[("LANGUAGE", "en:de"), ("LANG", "de_DE.UTF-8")], English);
        environment(&[("LANGUAGE", "fr:it"), ("LANG", "de_DE.UTF-8")], German);
        environment(&[("LANGUAGE", ""), ("LANG", "de_DE.UTF-8")], German);
        environment(&[("LANGUAGE", "de"), ("LC_ALL", "C"), ("LANG", "de_DE.UTF-8")], English);
        environment(&[("LANGUAGE", "de"), ("LANG", "POSIX")], English);
        environment(&[("LANG", "C.UTF-8")], English);
    }

    #[test]
    fn german_has_the_comma_where_english_has_the_point() {
        assert_eq!(Language::English.figure("$1,234.5".to_owned()), "$1,234.5");
        assert_eq!(Language::German.figure("$1,234.5".to_owned()), "$1.234,5");
        assert_eq!(Language::German.figure("∞".to_owned()), "∞");
    }
}
