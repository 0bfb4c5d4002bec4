//! Of a vault's own figures: how far it is from liquidation, what became of that, what to do.

use std::time::Duration;

use domain::cure::Remedy;
use domain::solvency::{Health, Solvency};
use domain::{Amount, Language, Level, Percent, UnixMillis, Vault, text};
use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use super::{Course, capital, lasted, level, sentences, shortened, span};
use crate::quiet::clock;
use crate::say::{common, vault as say};

/// `ETH-017: 7.9 % to liquidation` / `WETH $1,936, liquidates $1,783. LTV 74.6 → 76.0 %. Repay … → 15 %.`
#[must_use]
pub fn raised(
    language: Language,
    vault: &Vault,
    now: &Solvency,
    ltv_before: Option<Percent>,
) -> (String, String) {
    let name = shortened(vault.label(), 40);
    let title = match (now.room, now.ltv, now.health) {
        (Some(room), ..) => say::room(language, &name, &language.figure(text::room(room))),
        (None, Some(ltv), _) => say::ltv_is(language, &name, &language.figure(text::percent(ltv))),
        (None, None, Health::Factor(hf)) => {
            say::health_is(language, &name, &language.figure(text::health_factor(hf)))
        }
        _ => say::at_risk(language, &name),
    };
    (title, figures(language, vault, now, ltv_before))
}

/// `ETH-017: 3.0 % left, was 7.9 %` / `WETH −5.0 % in 6 min, liquidates $1,783. Repay … → 15 %.`
///
/// The body begins with what has made it worse since the alert was raised. Where that is not the price, the rest is as
/// in [`raised`]: `Debt +13,700 USDC in 27 s. WETH $1,936, liquidates $1,783. …` So it is where nothing of that is known.
#[must_use]
pub fn worse(
    language: Language,
    vault: &Vault,
    now: &Solvency,
    ltv_before: Option<Percent>,
    course: &Course,
    at: UnixMillis,
) -> (String, String) {
    let (title, mut body) = raised(language, vault, now, ltv_before);
    let fall = course.fall(language, vault, now);
    let liquidation = now.liquidation_price.filter(|_| fall.is_some());
    let mut changes = course.burdens(language, vault, now);
    if let Some(first) = changes.first_mut() {
        *first = capital(first);
    }
    // The price last, so that it stands beside the one that liquidates.
    changes.extend(fall);
    if !changes.is_empty() {
        let changes = changes.join(", ");
        let span = span(language, at.since(course.began));
        body = match liquidation {
            Some(liquidation) => {
                let liquidation = language.figure(text::price(liquidation));
                let changes = say::changes_price(language, &changes, &span, &liquidation);
                sentences([&changes, &remedy(language, now)])
            }
            None => sentences([&say::changes(language, &changes, &span), &body]),
        };
    }
    match (now.room, course.first_room) {
        (Some(room), Some(first)) if room < first => {
            let name = shortened(vault.label(), 40);
            let [room, first] = [room, first].map(|room| language.figure(text::room(room)));
            (say::room_was(language, &name, &room, &first), body)
        }
        _ => (title, body),
    }
}

/// The symbol of the only collateral.
pub(crate) fn only_token(vault: &Vault) -> Option<&str> {
    match vault.collateral.as_deref() {
        Some([only]) if !only.token.is_empty() => Some(&only.token),
        _ => None,
    }
}

/// `ETH-017 recovered: 21.4 % left` / `LTV 80.0 → 65.2 %. Critical for 14 min, low 2.7 %. Nothing to do.`
#[must_use]
pub fn recovered(
    language: Language,
    vault: &Vault,
    now: &Solvency,
    level: Level,
    time: Duration,
    course: &Course,
) -> (String, String) {
    let name = shortened(vault.label(), 40);
    let title = match now.room {
        Some(room) => say::recovered_to(language, &name, &language.figure(text::room(room))),
        None => say::recovered(language, &name),
    };
    let lasted = lasted(language, level, time);
    let lasted = match course.lowest_room {
        Some(low) => say::lasted_low(language, &lasted, &language.figure(text::room(low))),
        None => format!("{lasted}."),
    };
    let ltv = ltv_change(language, course.worst_ltv, now.ltv);
    (title, sentences([&ltv, &capital(&lasted), common::nothing_to_do(language)]))
}

/// `ETH-017 liquidated` / `03:14: 88,251 USDC repaid, 52.0 WETH taken. Left: 68.0 WETH, HF 1.13. Review the remainder.`
/// `before`: what the only collateral and the only debt amounted to.
#[must_use]
pub fn liquidated(
    language: Language,
    vault: &Vault,
    before: Option<&(Amount, Amount)>,
    at: UnixMillis,
    zone: &TimeZone,
) -> (String, String) {
    let solvency = Solvency::of(vault);
    let amount = |amount: Decimal, token: &str| {
        format!("{} {token}", language.figure(text::quantity(amount)))
    };
    let mut taken = None;
    if let (Some((collateral, debt)), Some([held]), Some([owed])) =
        (before, vault.collateral.as_deref(), vault.debt.as_deref())
    {
        let lost = |before: &Amount, now: &domain::vault::Holding| {
            let lost = before.value().checked_sub(now.amount.as_ref()?.value())?;
            (lost > Decimal::ZERO).then(|| amount(lost, &now.token))
        };
        let both = lost(debt, owed).zip(lost(collateral, held));
        taken = both.map(|(repaid, taken)| say::taken(language, &repaid, &taken));
    }
    let mut left = Vec::new();
    for holding in vault.collateral.iter().flatten() {
        if let Some(held) = &holding.amount {
            left.push(amount(held.value(), &holding.token));
        }
    }
    if let Health::Factor(hf) = solvency.health {
        left.push(format!("HF {}", language.figure(text::health_factor(hf))));
    }
    let left = (!left.is_empty()).then(|| say::left(language, &left.join(", ")));
    let told = [&taken.unwrap_or_default(), &left.unwrap_or_default(), say::review(language)];
    let title = common::liquidated(language, &shortened(vault.label(), 40));
    (title, say::liquidated_at(language, &clock(language, at, zone), &sentences(told)))
}

/// One sentence for the vault's page: how it stands, what to do.
#[must_use]
pub fn verdict(language: Language, vault: &Vault, now: &Solvency) -> String {
    let level = match now.level {
        None => return say::unknown(language).to_owned(),
        Some(level) => level,
    };
    if now.health == Health::NoDebt {
        return say::no_debt(language).to_owned();
    }
    let sentence = match (now.room, now.ltv) {
        (Some(room), _) => {
            let room = language.figure(text::room(room));
            match only_token(vault) {
                Some(token) => say::may_fall(language, token, &room),
                None => say::has_room(language, &room),
            }
        }
        (None, Some(ltv)) => say::no_limit_ltv(language, &language.figure(text::percent(ltv))),
        (None, None) => capital(&say::judged(language, self::level(language, level))),
    };
    if level == Level::Low {
        return sentence;
    }
    sentences([&sentence, &remedy(language, now)])
}

pub(crate) fn figures(
    language: Language,
    vault: &Vault,
    now: &Solvency,
    ltv_before: Option<Percent>,
) -> String {
    let mut price = None;
    if let (Some(now), Some(liquidation), Some([only])) =
        (now.price, now.liquidation_price, vault.collateral.as_deref())
    {
        let [now, liquidation] = [now, liquidation].map(|usd| language.figure(text::price(usd)));
        price = Some(say::price(language, &only.token, &now, &liquidation));
    }
    let no_limit = now.room.is_none() && now.ltv.is_some();
    let body = sentences([
        &price.unwrap_or_default(),
        &ltv_change(language, ltv_before, now.ltv),
        if no_limit { say::no_limit(language) } else { "" },
        &remedy(language, now),
    ]);
    if body.is_empty() { say::check(language).to_owned() } else { body }
}

/// `LTV 74.6 → 76.0 %.`, `LTV 76.0 %.`, or nothing.
fn ltv_change(language: Language, before: Option<Percent>, now: Option<Percent>) -> String {
    let figure = |ltv| language.figure(text::percent(ltv));
    let Some(now) = now.map(figure) else { return String::new() };
    match before.map(figure).filter(|before| *before != now) {
        Some(before) => say::ltv_change(language, &before, &now),
        None => say::ltv(language, &now),
    }
}

/// `Repay 13,700 USDC or add 10.1 WETH → 15 %.`, or nothing.
pub(crate) fn remedy(language: Language, now: &Solvency) -> String {
    let Some(cure) = &now.cure else { return String::new() };
    let target = language.figure(text::setting(cure.target_room.0));
    let [repay, add] = [&cure.repay, &cure.add].map(|remedy| quantity(language, remedy));
    say::remedy(language, &repay, &add, &target)
}

fn quantity(language: Language, remedy: &Remedy) -> String {
    match &remedy.tokens {
        Some(tokens) => {
            let amount = text::at_least(tokens.amount.value());
            format!("{} {}", language.figure(amount), tokens.token)
        }
        None => language.figure(text::usd_at_least(remedy.usd)),
    }
}

#[cfg(test)]
mod tests {
    use domain::VaultId;

    use super::*;

    const DE: Language = Language::German;
    const AT: UnixMillis = UnixMillis(11_640_000);

    /// 120 WETH that owe USDC.
    fn vault(json: &str) -> Vault {
        let mut vault = Vault::unknown(VaultId::new("ETH-017").unwrap());
        vault.apply(serde_json::from_str(json).unwrap());
        vault
    }

    fn eth_017() -> Vault {
        vault(
            r#"{"collateral":{"token":"WETH","amount":"120","valueUSD":232320},"ltv":76,
            "debt":{"token":"USDC","amount":"176500","valueUSD":176500},"liquidationThreshold":82.5}"#,
        )
    }

    fn percent(text: &str) -> Percent {
        Percent(text.parse().unwrap())
    }

    #[track_caller]
    fn check(said: (String, String), title: &str, message: &str) {
        assert_eq!((said.0.as_str(), said.1.as_str()), (title, message));
    }

    #[test]
    fn how_close_it_is_in_german() {
        let vault = eth_017();
        let now = Solvency::of(&vault);
        check(
            raised(DE, &vault, &now, Some(percent("74.6"))),
            "ETH-017: 7,8 % bis zur Liquidation",
            "WETH $1.936, Liquidation bei $1.783. LTV 74,6 → 76,0 %. \
             13.600 USDC zurückzahlen oder 10,1 WETH hinzufügen → 15 %.",
        );
        let unlimited = Solvency { room: None, ..Solvency::of(&self::vault(r#"{"ltv":91}"#)) };
        check(
            raised(DE, &vault, &unlimited, None),
            "ETH-017: LTV 91,0 %",
            "LTV 91,0 %. Liquidationslinie unbekannt.",
        );
        let nothing = self::vault("{}");
        check(
            raised(DE, &nothing, &Solvency::of(&nothing), None),
            "ETH-017: gefährdet",
            "Vault prüfen.",
        );
    }

    #[test]
    fn what_made_it_worse_in_german() {
        let before = vault(
            r#"{"collateral":{"token":"WETH","amount":"120","valueUSD":232320},"ltv":70,
            "debt":{"token":"USDC","amount":"162000","valueUSD":162000},"liquidationThreshold":84}"#,
        );
        let course = Course::start(&before, &Solvency::of(&before), AT);
        let vault = eth_017();
        let now = Solvency::of(&vault);
        let (title, message) =
            worse(DE, &vault, &now, None, &course, AT.plus(Duration::from_secs(360)));
        assert_eq!(title, "ETH-017: noch 7,8 %, zuvor 16,6 %");
        assert!(
            message.starts_with(
                "Schulden +14.500 USDC, Liquidationslinie 84 → 82,5 % in 6 min. WETH $1.936, Liq"
            ),
            "{message}"
        );
    }

    #[test]
    fn a_recovery_in_german() {
        let vault = eth_017();
        let mut now = Solvency::of(&vault);
        let course = Course::start(&vault, &now, AT);
        (now.room, now.ltv) = (Some(percent("21.4")), Some(percent("65.2")));
        check(
            recovered(DE, &vault, &now, Level::Critical, Duration::from_secs(840), &course),
            "ETH-017 erholt: wieder 21,4 %",
            "LTV 76,0 → 65,2 %. 14 min lang kritisch, am tiefsten 7,8 %. Nichts zu tun.",
        );
    }

    #[test]
    fn a_liquidation_in_german() {
        let amount = |text: &str| Amount::parse(text).unwrap();
        let before = (amount("120"), amount("176500"));
        let vault = vault(
            r#"{"collateral":{"token":"WETH","amount":"68"},"debt":{"token":"USDC","amount":"88249"}}"#,
        );
        check(
            liquidated(DE, &vault, Some(&before), AT, &TimeZone::UTC),
            "ETH-017 liquidiert",
            "03:14: 88.251 USDC zurückgezahlt, 52,0 WETH eingezogen. Übrig: 68,0 WETH. Den Rest prüfen.",
        );
    }

    #[test]
    fn a_verdict_in_german() {
        let said = |vault: &Vault| verdict(DE, vault, &Solvency::of(vault));
        let vault = eth_017();
        assert_eq!(
            said(&vault),
            "WETH darf noch 7,8 % fallen, bevor dieser Vault liquidiert werden kann. \
             13.600 USDC zurückzahlen oder 10,1 WETH hinzufügen → 15 %."
        );
        assert_eq!(
            said(&self::vault("{}")),
            "Um diesen Vault zu beurteilen, ist zu wenig bekannt."
        );
        let judged = self::vault(r#"{"riskLevel":"HIGH"}"#);
        let now = Solvency { level: Some(Level::High), ..Solvency::of(&judged) };
        assert_eq!(verdict(DE, &judged, &now), "Hoch nach dem Urteil der Plattform.");
    }
}
