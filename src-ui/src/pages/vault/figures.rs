use domain::Amount;
use domain::solvency::Limit;
use domain::vault::VaultStatus;
use domain::view::{VaultDetail, VaultRow};
use yew::prelude::*;

use crate::clock::ago;
use crate::design::{Figure, ltv_bar, style_of};
use crate::format::{self, NONE};
use crate::words::{self, vault_figures as say};

/// The figures side by side, the decisive one first.
pub(crate) fn figures(row: &VaultRow, detail: &VaultDetail) -> Html {
    let id = &row.id;
    let or_none = |figure: Option<String>| figure.unwrap_or_else(|| NONE.to_owned());
    let price = detail.price.map(|price| say::price_now(&format::price(price)));
    html! {
        <section class="totals vault-figures" aria-label={say::figures()} data-level={style_of(row)}>
            <div class="total">
                <span class="label">{ say::room() }</span>
                <span class="total-figure tinted">
                    <Figure text={row.room.map_or_else(|| NONE.to_owned(), |room| format!("{} %", format::room(room)))} />
                </span>
            </div>
            <div class="total total-ltv">
                <span class="label">{ say::ltv() }</span>
                <span class="total-figure" data-testid={format!("vault-ltv-{id}")} data-value={row.ltv.map(|ltv| ltv.to_string())}>
                    <Figure text={row.ltv.map_or_else(|| NONE.to_owned(), |ltv| format!("{} %", format::percent(ltv)))} />
                    { " " }<small>{ limits(row) }</small>
                </span>
                { ltv_bar(row) }
            </div>
            <div class="total">
                <span class="label">{ say::health() }</span>
                <span class="total-figure" data-testid={format!("vault-hf-{id}")}><Figure text={format::health(row.health)} /></span>
            </div>
            <div class="total total-price">
                <span class="label">{ say::liquidation_price() }</span>
                <span class="total-figure">
                    { or_none(row.liquidation_price.map(|price| format!("${}", format::price(price)))) }
                    { " " }<small>{ price.unwrap_or_default() }</small>
                </span>
            </div>
            <div class="total">
                <span class="label">{ say::debt() }</span>
                <span class="total-figure">{ or_none(row.debt.map(format::usd)) }</span>
            </div>
            <div class="total">
                <span class="label">{ say::collateral() }</span>
                <span class="total-figure">{ or_none(row.collateral.map(format::usd)) }</span>
            </div>
        </section>
    }
}

fn limits(row: &VaultRow) -> String {
    let max = row.max_ltv.map(|max| say::max(&format::percent(max)));
    let limit = match row.limit {
        Some(Limit::LiquidationThreshold(limit)) => Some(say::limit(&format::percent(limit))),
        // It stands for the liquidation line, which is not known.
        Some(Limit::MaxLtv(_)) => Some(say::limit_unknown().to_owned()),
        None => None,
    };
    [max, limit].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

pub(super) fn status(status: VaultStatus) -> &'static str {
    match status {
        VaultStatus::Active => say::active(),
        VaultStatus::Liquidated => say::liquidated(),
        VaultStatus::Closed => say::closed(),
        VaultStatus::Suspended => say::suspended(),
    }
}

/// What else is known, and where the platform's figures differ from our own.
pub(crate) fn particulars(row: &VaultRow, detail: &VaultDetail) -> Html {
    let mut lines: Vec<(&'static str, Html)> = Vec::new();
    let mut tell = |name, value: Option<Html>| lines.extend(value.map(|value| (name, value)));
    let digits = |amount: &Amount| format::group(&amount.to_string());

    tell(say::ltv_exact(), row.ltv.map(|ltv| html! { { words::local(format!("{ltv} %")) } }));
    tell(
        say::ltv_own(),
        detail.recomputed_ltv.map(|ltv| html! { { format!("{} %", format::percent(ltv)) } }),
    );
    tell(
        say::health_sent(),
        detail.reported_health_factor.map(|factor| html! { { words::local(factor.to_string()) } }),
    );
    tell(say::status(), row.status.map(|is| html! { { status(is) } }));
    tell(say::agent(), detail.agent_id.as_ref().map(|id| html! { { id.as_str() } }));
    tell(
        say::protection(),
        detail.liquidation_protection.as_ref().map(|guard| {
            let on = if guard.enabled { say::protection_on() } else { say::protection_off() };
            let from = guard.threshold.map(|at| say::protection_from(&format::percent(at)));
            let wait = guard.cooldown.as_ref().map(|wait| say::protection_cooldown(&digits(wait)));
            let parts: Vec<_> = [Some(on.to_owned()), from, wait].into_iter().flatten().collect();
            html! { { parts.join(", ") } }
        }),
    );
    tell(say::risk_check(), detail.last_risk_check.map(ago));
    tell(say::changed(), detail.updated_at.map(ago));
    tell(say::created(), detail.created_at.map(ago));
    html! {
        <section class="card" aria-label={say::particulars()}>
            <h2 class="card-head">{ say::particulars() }</h2>
            <dl class="facts-list">
                { for lines.into_iter().map(|(name, value)| html! { <><dt>{ name }</dt><dd>{ value }</dd></> }) }
            </dl>
        </section>
    }
}
