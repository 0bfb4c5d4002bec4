//! Of many alerts in one: an incident, a summary, the daily list.

use std::time::Duration;

use domain::{Language, Level, Percent, Usd, text};

use super::{lasted, level, sentences, shortened, span};
use crate::Cause;
use crate::prices::Fall;
use crate::say::{common, many as say};

/// What an incident adds up.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sum {
    pub(crate) count: usize,
    pub(crate) level: Level,
    pub(crate) liquidated: usize,
    pub(crate) debt: Option<Usd>,
    pub(crate) cure: Option<Usd>,
    /// The name of the worst vault, and its room.
    pub(crate) worst: Option<(String, Option<Percent>)>,
}

/// `40 vaults critical, $18.2M debt` / `WETH −12.4 % in 8 min. Worst: ETH-017, 0.8 %. $1.3M restores 15 %. Open triage.`
pub(crate) fn incident(
    language: Language,
    sum: &Sum,
    cause: &Cause,
    fall: Option<&Fall>,
) -> (String, String) {
    let (vaults, level) = (common::vaults(language, sum.count), level(language, sum.level));
    let dollars = |usd: Usd| language.figure(text::usd_compact(usd));
    let title = match sum.debt {
        Some(debt) => say::incident_debt(language, &vaults, level, &dollars(debt)),
        None => say::incident(language, &vaults, level),
    };
    let shared = match (fall, cause) {
        (Some(fall), _) => {
            let by = language.figure(text::percent(fall.by));
            say::fall(language, &fall.token, &by, &span(language, fall.within))
        }
        (None, Cause::Token(token)) => say::all_hold(language, &shortened(token, 20)),
        (None, Cause::Chain(chain)) => say::all_on(language, &chain.name()),
    };
    let liquidated = match sum.liquidated {
        0 => String::new(),
        count => say::liquidated(language, &count.to_string()),
    };
    let worst = sum.worst.as_ref().map(|(name, room)| {
        let name = shortened(name, 40);
        let room = room.map(|room| language.figure(text::room(room)));
        let said = room.map(|room| say::worst_room(language, &name, &room));
        common::worst(language, &said.unwrap_or(name))
    });
    let cure = sum.cure.filter(|cure| !cure.0.is_zero());
    let cure = cure.map(|cure| say::restores(language, &dollars(cure)));
    let body = [
        &shared,
        &liquidated,
        &worst.unwrap_or_default(),
        &cure.unwrap_or_default(),
        common::open_triage(language),
    ];
    (title, sentences(body))
}

/// `40 vaults recovered` / `WETH: critical for 14 min. Nothing to do.`
pub(crate) fn incident_over(
    language: Language,
    total: usize,
    level: Level,
    cause: &Cause,
    time: Duration,
) -> (String, String) {
    let cause = match cause {
        Cause::Token(token) => shortened(token, 20),
        Cause::Chain(chain) => chain.name().into_owned(),
    };
    let title = say::recovered(language, &common::vaults(language, total));
    let was = say::was(language, &cause, &lasted(language, level, time));
    (title, sentences([&was, common::nothing_to_do(language)]))
}

/// `12 alerts, 9 critical` / `Worst: ETH-017: 0.8 % to liquidation. Open triage.`
pub(crate) fn summary(
    language: Language,
    total: usize,
    critical: usize,
    worst: &str,
) -> (String, String) {
    let title = match critical {
        0 => say::alerts(language, total),
        _ => say::alerts_critical(language, total, &critical.to_string()),
    };
    let worst = common::worst(language, &shortened(worst, 80));
    (title, sentences([&worst, common::open_triage(language)]))
}

/// `3 vaults to keep an eye on` / `A: 17.2 % to liquidation. B: …`
pub(crate) fn digest(language: Language, titles: &[String]) -> (String, String) {
    const LISTED: usize = 5;
    let title = say::watch(language, &common::vaults(language, titles.len()));
    let mut body: Vec<_> = titles.iter().take(LISTED).map(|title| shortened(title, 60)).collect();
    if titles.len() > LISTED {
        body.push(say::more(language, &(titles.len() - LISTED).to_string()));
    }
    (title, format!("{}.", body.join(". ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DE: Language = Language::German;

    #[test]
    fn many_alerts_in_german() {
        let usd = |usd: u64| Some(Usd(usd.into()));
        let worst = Some(("ETH-017".to_owned(), Some(Percent("0.8".parse().unwrap()))));
        let level = Level::Critical;
        let sum = Sum {
            count: 40,
            level,
            debt: usd(18_200_000),
            cure: usd(1_300_000),
            worst,
            liquidated: 2,
        };
        let fall = Fall {
            token: "WETH".into(),
            by: Percent("12.4".parse().unwrap()),
            within: Duration::from_secs(480),
        };
        let weth = Cause::Token("WETH".into());
        let (title, message) = incident(DE, &sum, &weth, Some(&fall));
        assert_eq!(title, "40 Vaults kritisch, $18,20M Schulden");
        assert_eq!(
            message,
            "WETH −12,4 % in 8 min. 2 liquidiert. Am schlimmsten: ETH-017, 0,8 %. Mit $1,30M wieder 15 %. \
             Übersicht öffnen."
        );
        assert!(incident(DE, &Sum::default(), &weth, None).1.starts_with("Alle halten WETH. Über"));
        let (title, message) = incident_over(DE, 1, level, &weth, Duration::from_secs(840));
        assert_eq!(title, "1 Vault erholt");
        assert_eq!(message, "WETH: 14 min lang kritisch. Nichts zu tun.");
    }

    #[test]
    fn a_summary_and_a_daily_list_in_german() {
        let (title, message) = summary(DE, 12, 9, "ETH-017: 0,8 % bis zur Liquidation");
        assert_eq!(title, "12 Alarme, 9 kritisch");
        assert_eq!(
            message,
            "Am schlimmsten: ETH-017: 0,8 % bis zur Liquidation. Übersicht öffnen."
        );
        assert_eq!(summary(DE, 1, 0, "A").0, "1 Alarm");
        let titles: Vec<_> = (1..=7).map(|n| format!("A-{n}: gefährdet")).collect();
        let (title, message) = digest(DE, &titles);
        assert_eq!(title, "7 Vaults im Auge behalten");
        assert!(message.ends_with("A-5: gefährdet. 2 weitere."), "{message}");
    }
}
