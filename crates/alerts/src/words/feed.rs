//! Of what does not arrive: no data at all, or none of one vault. And of the settings' file.

use std::time::Duration;

use domain::solvency::Solvency;
use domain::{Language, UnixMillis, Vault, text};
use jiff::tz::TimeZone;

use super::{sentences, shortened, span};
use crate::Exposure;
use crate::quiet::clock;
use crate::say::{common, feed as say};

/// `No data for 60 s: Acme feed` / `300 vaults unwatched, 2 critical at 03:12. Retrying. Check the lender directly.`
#[must_use]
pub fn feed_down(
    language: Language,
    exposure: &Exposure,
    gone: Duration,
    lost: UnixMillis,
    zone: &TimeZone,
) -> (String, String) {
    let title = say::no_data(language, &span(language, gone), &exposure.feed);
    let done =
        if exposure.no_network { say::no_network(language) } else { say::retrying(language) };
    // Never connected since the start: the address is the likelier fault.
    if exposure.vaults == 0 {
        let watched = say::nothing_watched(language);
        return (title, sentences([watched, done, say::check_address(language)]));
    }
    let vaults = common::vaults(language, exposure.vaults);
    let unwatched = match exposure.critical {
        0 => say::unwatched(language, &vaults),
        critical => {
            let at = clock(language, lost, zone);
            say::unwatched_critical(language, &vaults, &critical.to_string(), &at)
        }
    };
    (title, sentences([&unwatched, done, say::check_directly(language)]))
}

/// `ETH-017 stale for 4 min` / `Usually 12 s. Last: 7.9 % left. The feed is up. Check the lender.`
#[must_use]
pub fn stale(
    language: Language,
    vault: &Vault,
    last: &Solvency,
    age: Duration,
    usual: Option<Duration>,
) -> (String, String) {
    let usual = usual.filter(|usual| usual.as_secs() > 0);
    let usual = usual.map(|usual| say::usual(language, &span(language, usual)));
    let last = match (last.room, last.ltv) {
        (Some(room), _) => say::last_room(language, &language.figure(text::room(room))),
        (None, Some(ltv)) => say::last_ltv(language, &language.figure(text::percent(ltv))),
        (None, None) => String::new(),
    };
    let title = say::stale(language, &shortened(vault.label(), 40), &span(language, age));
    (title, sentences([&usual.unwrap_or_default(), &last, say::feed_up(language)]))
}

/// `ETH-017 heard again after 4 min`.
#[must_use]
pub fn heard_again(language: Language, vault: &Vault, gone: Duration) -> (String, String) {
    let title = say::heard_again(language, &shortened(vault.label(), 40), &span(language, gone));
    (title, sentences([say::live(language), common::nothing_to_do(language)]))
}

/// What an open alert says of its figures while no newer ones arrive, behind what it said before.
pub(crate) fn last_known(language: Language) -> String {
    format!(" {}", say::last_known(language))
}

/// The same taken away, in whichever language it was written there.
pub(crate) fn without_last_known(message: &mut String) {
    let said = Language::ALL.into_iter().map(last_known);
    let length = said.filter(|said| message.ends_with(said.as_str())).map(|said| said.len()).max();
    message.truncate(message.len() - length.unwrap_or_default());
}

/// `Feed back after 14 s: Acme feed`.
#[must_use]
pub fn feed_back(language: Language, feed: &str, gone: Duration) -> (String, String) {
    let gone = span(language, gone);
    let title = if feed.is_empty() {
        say::back(language, &gone)
    } else {
        say::back_named(language, &gone, feed)
    };
    (title, sentences([say::all_watched(language), common::nothing_to_do(language)]))
}

/// `The settings can be read again`.
pub(crate) fn settings_back(language: Language) -> (String, String) {
    let message = sentences([say::settings_hold(language), common::nothing_to_do(language)]);
    (say::settings_back(language).to_owned(), message)
}

#[cfg(test)]
mod tests {
    use domain::{Percent, VaultId};

    use super::*;

    const DE: Language = Language::German;

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn no_data_in_german() {
        let said = |exposure: Exposure| {
            let lost = UnixMillis(3 * 3_600_000 + 12 * 60_000);
            feed_down(DE, &exposure, seconds(60), lost, &TimeZone::UTC)
        };
        let exposure = Exposure { feed: "acme".into(), vaults: 300, ..Exposure::default() };
        let (title, message) = said(Exposure { critical: 2, ..exposure.clone() });
        assert_eq!(title, "Seit 60 s keine Daten: acme");
        assert_eq!(
            message,
            "300 Vaults nicht überwacht, 2 davon um 03:12 kritisch. Wird erneut versucht. \
             Direkt beim Kreditgeber nachsehen."
        );
        let (_, message) = said(Exposure { vaults: 1, no_network: true, ..exposure });
        assert_eq!(
            message,
            "1 Vault nicht überwacht. Dieser Rechner hat kein Netz. Direkt beim Kreditgeber nachsehen."
        );
        assert_eq!(
            said(Exposure::default()).1,
            "Nichts wird überwacht. Wird erneut versucht. Adresse prüfen und beim Kreditgeber nachsehen."
        );
        let (title, message) = feed_back(DE, "acme", seconds(14));
        assert_eq!(title, "Feed nach 14 s wieder da: acme");
        assert_eq!(message, "Alle Vaults werden wieder überwacht. Nichts zu tun.");
    }

    #[test]
    fn a_silent_vault_in_german() {
        let vault = Vault::unknown(VaultId::new("ETH-017").unwrap());
        let room = Percent("7.98".parse().unwrap());
        let last = Solvency { room: Some(room), ..Solvency::of(&vault) };
        let (title, message) = stale(DE, &vault, &last, seconds(240), Some(seconds(12)));
        assert_eq!(title, "ETH-017 seit 4 min veraltet");
        assert_eq!(
            message,
            "Üblich sind 12 s. Zuletzt noch 7,9 %. Der Feed läuft. Beim Kreditgeber nachsehen."
        );
        let (title, _) = heard_again(DE, &vault, seconds(240));
        assert_eq!(title, "ETH-017 meldet sich nach 4 min wieder");
    }

    #[test]
    fn what_stood_behind_a_text_is_taken_away_in_whichever_language_it_was() {
        for language in Language::ALL {
            let mut message = format!("Repay.{}", last_known(language));
            without_last_known(&mut message);
            assert_eq!(message, "Repay.");
        }
        let mut other = "Repay.".to_owned();
        without_last_known(&mut other);
        assert_eq!(other, "Repay.");
    }
}
