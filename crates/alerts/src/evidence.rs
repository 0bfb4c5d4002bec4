//! The values a vault's alert stands on, as people read them.

use domain::level::{Measure, Yardstick};
use domain::solvency::{Health, Limit, Solvency};
use domain::view::{EvidenceView, FigureView};
use domain::{Language, Level, Percent, Vault, text};
use rust_decimal::Decimal;

use crate::say::evidence as say;
use crate::words;

/// Of a vault's solvency. `before` is the LTV before the message that led to it.
#[must_use]
pub fn of_solvency(
    language: Language,
    vault: &Vault,
    now: &Solvency,
    before: Option<Percent>,
    level: Level,
) -> Box<EvidenceView> {
    let percent = |value: Percent| format!("{} %", language.figure(text::percent(value)));
    let room = |value: Percent| format!("{} %", language.figure(text::room(value)));
    let factor = |hf| language.figure(text::health_factor(hf));
    let usd = |usd| language.figure(text::usd_compact(usd));
    let limit = now.limit.map(Limit::percent);
    let (rule, current, previous) = match now.measure {
        Some(Measure::Room(now) | Measure::CorrelatedRoom(now)) => {
            let before = before.zip(limit).and_then(|(ltv, limit)| room_of(ltv, limit));
            (say::room_to_liquidation(language), Some(room(now)), before.map(room))
        }
        Some(Measure::Ltv(ltv)) => (say::ltv(language), Some(percent(ltv)), before.map(percent)),
        Some(Measure::HealthFactor(hf)) => (say::health(language), Some(factor(hf)), None),
        None => (say::judgement(language), None, None),
    };
    let mut figures = Vec::new();
    let mut figure = |label: &str, value: Option<String>| {
        if let Some(value) = value {
            figures.push(FigureView { label: label.to_owned(), value });
        }
    };
    figure(say::room(language), now.room.map(room));
    figure(say::ltv(language), now.ltv.map(percent));
    match now.limit {
        Some(Limit::LiquidationThreshold(limit)) => {
            figure(say::threshold(language), Some(percent(limit)));
        }
        Some(Limit::MaxLtv(limit)) => figure(say::max_ltv(language), Some(percent(limit))),
        None => {}
    }
    match now.health {
        Health::Factor(hf) => figure(say::health(language), Some(factor(hf))),
        Health::Unknown | Health::NoDebt => {}
    }
    figure(say::collateral(language), now.collateral.map(usd));
    figure(say::debt(language), now.debt.map(usd));
    let token = words::only_token(vault);
    let price = |usd| priced(language.figure(text::price(usd)), token);
    figure(say::price(language), now.price.map(price));
    Box::new(EvidenceView {
        rule: rule.to_owned(),
        built_in: now.measure.is_some(),
        threshold: now.measure.and_then(|measure| threshold(language, measure, level)),
        previous: previous.filter(|previous| Some(previous) != current.as_ref()),
        current,
        figures,
        liquidation_price: now.liquidation_price.map(price),
        cure: Some(words::remedy(language, now)).filter(|cure| !cure.is_empty()),
        last_known: false,
    })
}

/// How far the collateral may fall at this LTV, in percent.
pub(crate) fn room_of(ltv: Percent, limit: Percent) -> Option<Percent> {
    let used = ltv.0.checked_div(limit.0)?;
    Some(Percent((Decimal::ONE - used).max(Decimal::ZERO) * Decimal::ONE_HUNDRED))
}

/// `Critical at 8 % or less`.
fn threshold(language: Language, measure: Measure, level: Level) -> Option<String> {
    let (yardstick, unit) = match measure {
        Measure::Room(_) => (Yardstick::Room, " %"),
        Measure::CorrelatedRoom(_) => (Yardstick::CorrelatedRoom, " %"),
        Measure::Ltv(_) => (Yardstick::Ltv, " %"),
        Measure::HealthFactor(_) => (Yardstick::HealthFactor, ""),
    };
    let value = language.figure(text::setting(yardstick.threshold(level)?));
    let (level, value) = (words::level(language, level), format!("{value}{unit}"));
    Some(words::capital(&match yardstick {
        Yardstick::Ltv => say::or_more(language, level, &value),
        _ => say::or_less(language, level, &value),
    }))
}

fn priced(price: String, token: Option<&str>) -> String {
    token.map_or(format!("${price}"), |token| format!("${price} ({token})"))
}

#[cfg(test)]
mod tests {
    use domain::VaultId;

    use super::*;

    #[test]
    fn evidence_in_german() {
        let mut vault = Vault::unknown(VaultId::new("ETH-017").unwrap());
        let patch = r#"{"collateral":{"token":"WETH","amount":"120","valueUSD":232320},"ltv":76,
            "debt":{"token":"USDC","amount":"176500","valueUSD":176500},"liquidationThreshold":82.5}"#;
        vault.apply(serde_json::from_str(patch).unwrap());
        let now = Solvency::of(&vault);
        let before = Some(Percent("74.6".parse().unwrap()));
        let said = of_solvency(Language::German, &vault, &now, before, Level::Critical);
        assert_eq!(said.rule, "Abstand zur Liquidation");
        assert!(said.built_in);
        assert_eq!(said.threshold.as_deref(), Some("Kritisch bei 8 % oder weniger"));
        assert_eq!(said.previous.as_deref(), Some("9,5 %"));
        assert_eq!(said.current.as_deref(), Some("7,8 %"));
        assert_eq!(said.liquidation_price.as_deref(), Some("$1.783 (WETH)"));
        let figures: Vec<_> =
            said.figures.iter().map(|one| format!("{} {}", one.label, one.value)).collect();
        assert_eq!(
            figures,
            [
                "Abstand 7,8 %",
                "LTV 76,0 %",
                "Liquidationslinie 82,5 %",
                "Health-Faktor 1,085",
                "Sicherheiten $232k",
                "Schulden $177k",
                "Preis $1.936 (WETH)",
            ]
        );
    }
}
