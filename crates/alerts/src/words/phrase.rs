//! What sentences are put together from.

use std::time::Duration;

use domain::platform_alert::Category;
use domain::{Language, Level};

use crate::say;
use crate::say::common;

/// `critical`, as within a sentence.
pub(crate) fn level(language: Language, level: Level) -> &'static str {
    match level {
        Level::Low => common::low(language),
        Level::Medium => common::medium(language),
        Level::High => common::high(language),
        Level::Critical => common::critical(language),
    }
}

/// `critical for 14 min`.
pub(crate) fn lasted(language: Language, level: Level, time: Duration) -> String {
    common::lasted(language, self::level(language, level), &span(language, time))
}

/// `14 s`, `14 min`, `3 h`, `2 days`.
pub(crate) fn span(language: Language, duration: Duration) -> String {
    let whole = |seconds: u64, unit: u64| (seconds / unit).to_string();
    match duration.as_secs() {
        seconds @ 0..=119 => common::seconds(language, &whole(seconds, 1)),
        seconds @ 120..=7_199 => common::minutes(language, &whole(seconds, 60)),
        seconds @ 7_200..=172_799 => common::hours(language, &whole(seconds, 3_600)),
        seconds => common::days(language, &whole(seconds, 86_400)),
    }
}

/// What an alert of a category is about.
pub(crate) fn about(language: Language, category: Option<Category>) -> &'static str {
    use say::platform as of;
    match category {
        Some(Category::Ltv) => of::ltv(language),
        Some(Category::HealthFactor) => of::health_factor(language),
        Some(Category::MarketRisk) => of::market_risk(language),
        Some(Category::Liquidation) => of::liquidation(language),
        Some(Category::Performance) => of::performance(language),
        Some(Category::System) => of::system(language),
        None => of::alert(language),
    }
}

/// As it begins a sentence.
pub(crate) fn capital(sentence: &str) -> String {
    let mut chars = sentence.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// One after the other, those that say something.
pub(crate) fn sentences<const MOST: usize>(all: [&str; MOST]) -> String {
    let mut text = String::new();
    for sentence in all.into_iter().filter(|sentence| !sentence.is_empty()) {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(sentence);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_as_long_as_they_need_be() {
        for (seconds, english, german) in [
            (14, "14 s", "14 s"),
            (119, "119 s", "119 s"),
            (240, "4 min", "4 min"),
            (7_200, "2 h", "2 h"),
            (3 * 86_400, "3 days", "3 T"),
        ] {
            let time = Duration::from_secs(seconds);
            assert_eq!(span(Language::English, time), english);
            assert_eq!(span(Language::German, time), german);
        }
    }

    #[test]
    fn a_sentence_begins_with_a_capital_and_ends_before_the_next() {
        assert_eq!(capital("ähnlich"), "Ähnlich");
        assert_eq!(capital("14 min lang kritisch"), "14 min lang kritisch");
        assert_eq!(capital(""), "");
        assert_eq!(sentences(["A.", "", "B."]), "A. B.");
    }
}
