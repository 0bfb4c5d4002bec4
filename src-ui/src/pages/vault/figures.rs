use domain::solvency::Limit;
use domain::vault::VaultStatus;
use domain::view::{VaultDetail, VaultRow};
use domain::{Amount, UnixMillis, text};
use yew::prelude::*;

use crate::clock::Age;
use crate::design::{Figure, ltv_bar, style_of};
use crate::format::{self, NONE};

/// The figures side by side, the decisive one first.
pub(crate) fn figures(row: &VaultRow, detail: &VaultDetail) -> Html {
    let id = &row.id;
    let or_none = |figure: Option<String>| figure.unwrap_or_else(|| NONE.to_owned());
    let price = detail.price.map(|price| format!("now ${}", text::price(price)));
    html! {
        <section class="totals vault-figures" aria-label="Figures" data-level={style_of(row)}>
            <div class="total">
                <span class="label">{ "To liquidation" }</span>
                <span class="total-figure tinted">
                    <Figure text={row.room.map_or_else(|| NONE.to_owned(), |room| format!("{} %", text::room(room)))} />
                </span>
            </div>
            <div class="total total-ltv">
                <span class="label">{ "LTV" }</span>
                <span class="total-figure" data-testid={format!("vault-ltv-{id}")} data-value={row.ltv.map(|ltv| ltv.to_string())}>
                    <Figure text={row.ltv.map_or_else(|| NONE.to_owned(), |ltv| format!("{} %", text::percent(ltv)))} />
                    { " " }<small>{ limits(row) }</small>
                </span>
                { ltv_bar(row) }
            </div>
            <div class="total">
                <span class="label">{ "Health factor" }</span>
                <span class="total-figure" data-testid={format!("vault-hf-{id}")}><Figure text={format::health(row.health)} /></span>
            </div>
            <div class="total total-price">
                <span class="label">{ "Liquidation price" }</span>
                <span class="total-figure">
                    { or_none(row.liquidation_price.map(|price| format!("${}", text::price(price)))) }
                    { " " }<small>{ price.unwrap_or_default() }</small>
                </span>
            </div>
            <div class="total">
                <span class="label">{ "Debt" }</span>
                <span class="total-figure">{ or_none(row.debt.map(text::usd_compact)) }</span>
            </div>
            <div class="total">
                <span class="label">{ "Collateral" }</span>
                <span class="total-figure">{ or_none(row.collateral.map(text::usd_compact)) }</span>
            </div>
        </section>
    }
}

fn limits(row: &VaultRow) -> String {
    let max = row.max_ltv.map(|max| format!("max {}", text::percent(max)));
    let limit = match row.limit {
        Some(Limit::LiquidationThreshold(limit)) => Some(format!("liq. {}", text::percent(limit))),
        // It stands for the liquidation line, which is not known.
        Some(Limit::MaxLtv(_)) => Some("liquidation line unknown".to_owned()),
        None => None,
    };
    [max, limit].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

pub(super) fn status(status: VaultStatus) -> &'static str {
    match status {
        VaultStatus::Active => "Active",
        VaultStatus::Liquidated => "Liquidated",
        VaultStatus::Closed => "Closed",
        VaultStatus::Suspended => "Suspended",
    }
}

/// What else is known, and where the platform's figures differ from our own.
pub(crate) fn particulars(row: &VaultRow, detail: &VaultDetail) -> Html {
    let mut lines: Vec<(&'static str, Html)> = Vec::new();
    let mut tell = |name, value: Option<Html>| lines.extend(value.map(|value| (name, value)));
    let ago = |at: UnixMillis| html! { <><Age {at} />{ " ago" }</> };
    let digits = |amount: &Amount| text::group(&amount.to_string());

    tell("LTV, exact", row.ltv.map(|ltv| html! { { format!("{ltv} %") } }));
    tell(
        "LTV by our own sums",
        detail.recomputed_ltv.map(|ltv| html! { { format!("{} %", text::percent(ltv)) } }),
    );
    tell(
        "Health factor as sent",
        detail.reported_health_factor.map(|factor| html! { { factor.to_string() } }),
    );
    tell("Status", row.status.map(|is| html! { { status(is) } }));
    tell("Agent", detail.agent_id.as_ref().map(|id| html! { { id.as_str() } }));
    tell(
        "Liquidation protection",
        detail.liquidation_protection.as_ref().map(|guard| {
            let mut parts = vec![if guard.enabled { "on" } else { "off" }.to_owned()];
            parts.extend(guard.threshold.map(|at| format!("from {} %", text::percent(at))));
            parts.extend(guard.cooldown.as_ref().map(|wait| format!("cooldown {}", digits(wait))));
            html! { { parts.join(", ") } }
        }),
    );
    tell("Last risk check", detail.last_risk_check.map(ago));
    tell("Changed", detail.updated_at.map(ago));
    tell("Created", detail.created_at.map(ago));
    html! {
        <section class="card" aria-label="Particulars">
            <h2 class="card-head">{ "Particulars" }</h2>
            <dl class="facts-list">
                { for lines.into_iter().map(|(name, value)| html! { <><dt>{ name }</dt><dd>{ value }</dd></> }) }
            </dl>
        </section>
    }
}
