use alerts::rule::Explanation;
use domain::Language;
use domain::solvency::Solvency;
use domain::view::{ExplanationView, SettingView, VaultDetail, VerdictView};

use crate::board::Entry;

/// A vault's page; its verdict is in this language.
pub(crate) fn of(entry: &Entry, language: Language) -> VaultDetail {
    let vault = &entry.vault;
    let solvency = Solvency::of(vault);
    VaultDetail {
        row: entry.fresh_row(),
        verdict: alerts::words::verdict(language, vault, &solvency),
        agent_id: vault.agent_id.clone(),
        collateral: vault.collateral.clone().unwrap_or_default(),
        debt: vault.debt.clone().unwrap_or_default(),
        measure: solvency.measure,
        price: solvency.price,
        recomputed_ltv: solvency.recomputed_ltv,
        reported_health_factor: solvency.reported_health_factor,
        cure: solvency.cure,
        liquidation_protection: vault.liquidation_protection.as_deref().cloned(),
        created_at: vault.created_at,
        updated_at: vault.updated_at,
        last_risk_check: vault.last_risk_check,
    }
}

/// Its card about what watches the vault; why, in this language.
pub(crate) fn explanation(explained: &Explanation, language: Language) -> ExplanationView {
    let settings = explained.settings.iter().map(|setting| SettingView {
        name: setting.name.to_owned(),
        value: setting.value.clone(),
        from: setting.from.clone(),
    });
    let rules = explained.rules.iter().map(|(name, verdict)| VerdictView {
        rule: name.to_string(),
        applies: verdict.applies(),
        why: verdict.why(language),
    });
    ExplanationView { settings: settings.collect(), rules: rules.collect() }
}
