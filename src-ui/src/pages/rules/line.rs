//! A rule in a line, as one reads it.

use domain::rules::RuleOptions;

use super::draft::Draft;
use super::level::{self, LEVELS};
use super::metric;
use crate::words::rules_line as say;

/// `Price of WETH, change in % over 30m below -10 % (critical)`.
pub(super) fn about(rule: &RuleOptions) -> String {
    format!("{} {}", quantity(rule), levels(rule))
}

/// `Price of WETH, change in % over 30m`.
fn quantity(rule: &RuleOptions) -> String {
    let metric = metric::word(&rule.metric);
    let quantity = match (&rule.field, &rule.token) {
        (Some(field), _) => say::of_status(field),
        (None, Some(token)) => say::of_token(metric, token),
        (None, None) => metric.to_owned(),
    };
    match (rule.change.as_deref(), &rule.over) {
        (Some("percent"), Some(over)) => say::change_percent(&quantity, over),
        (Some(_), Some(over)) => say::change_absolute(&quantity, over),
        _ => quantity,
    }
}

/// `below 15 % (high), 8 % (critical)`.
fn levels(rule: &RuleOptions) -> String {
    let draft = Draft::of(None, rule);
    if draft.is_flag() {
        let words = rule.is.as_deref().unwrap_or_default().join(say::or());
        return say::is(&words, level::in_words(&draft.severity));
    }
    let (sign, unit) = match draft.unit() {
        "%" => ("", " %"),
        "$" => ("$", ""),
        _ => ("", ""),
    };
    let levels = LEVELS.iter().zip(&draft.rungs).filter(|(_, rung)| !rung.enter.is_empty());
    let levels: Vec<_> = levels
        .map(|((name, _), rung)| format!("{sign}{}{unit} ({})", rung.enter, level::in_words(name)))
        .collect();
    let levels = levels.join(", ");
    match rule.when.as_deref() {
        Some("below") => say::below(&levels),
        Some("above") => say::above(&levels),
        unknown => format!("{} {levels}", unknown.unwrap_or_default()),
    }
}

/// `chain 1, 10 · at certain hours`; empty: everywhere and always.
pub(super) fn scope(rule: &RuleOptions) -> String {
    let scope = &rule.scope;
    let chains: Vec<_> = scope.chains.iter().map(ToString::to_string).collect();
    let part = |told: fn(&str) -> String, all: String| (!all.is_empty()).then(|| told(&all));
    let parts = [
        part(say::chains, chains.join(", ")),
        part(say::tokens, scope.tokens.join(", ")),
        part(say::labels, scope.labels.join(", ")),
        part(say::vaults, scope.vaults.join(", ")),
        part(say::profiles, scope.profiles.join(", ")),
        rule.schedule.is_some().then(|| say::at_hours().to_owned()),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

#[cfg(test)]
mod tests {
    use domain::rules::{Number, ScopeOptions};

    use super::*;
    use crate::words::{Language, speak};

    #[test]
    fn a_rule_is_told_in_a_line() {
        let rule = RuleOptions {
            name: "falls".into(),
            metric: "price".into(),
            token: Some("WETH".into()),
            change: Some("percent".into()),
            over: Some("30m".into()),
            when: Some("below".into()),
            enter: Some(Number::new("-7.5")),
            severity: Some("critical".into()),
            scope: ScopeOptions { chains: vec![1, 10], ..ScopeOptions::default() },
            ..RuleOptions::default()
        };
        let flag = RuleOptions {
            metric: "vault_status".into(),
            is: Some(vec!["SUSPENDED".into(), "CLOSED".into()]),
            severity: Some("high".into()),
            ..RuleOptions::default()
        };
        assert_eq!(about(&rule), "Price of WETH, change in % over 30m below -7.5 % (critical)");
        assert_eq!(about(&flag), "Status of a vault is SUSPENDED or CLOSED (high)");
        assert_eq!(scope(&rule), "chain 1, 10");
        speak(Language::German);
        assert_eq!(
            about(&rule),
            "Preis von WETH, Änderung in % binnen 30m unter -7,5 % (kritisch)"
        );
        assert_eq!(about(&flag), "Status eines Vaults ist SUSPENDED oder CLOSED (hoch)");
        assert_eq!(scope(&rule), "Chain 1, 10");
    }
}
