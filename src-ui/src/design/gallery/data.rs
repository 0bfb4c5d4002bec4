use std::rc::Rc;

use domain::solvency::{Health, Limit};
use domain::view::{Freshness, VaultRow};
use domain::{ChainId, HealthFactor, Level, Percent, UnixMillis, Usd, VaultId};
use rust_decimal::Decimal;
use web_sys::Element;
use yew::prelude::*;

use super::super::chart::{Band, Chart, Fit, Mark, Sample, Scale};
use super::super::{ltv_bar, sparkline, style_of};
use super::{Themed, part};
use crate::backend::Plot;
use crate::clock;
use crate::live::{Entry, Trend};
use crate::pages::TableCells;

/// A vault whose debt is that many percent of its collateral, to be liquidated at 82.5.
fn row(id: &str, level: Option<Level>, ltv: i64, freshness: Freshness) -> Option<VaultRow> {
    let percent = |hundredths: i64| Percent(Decimal::new(hundredths, 2));
    let factor = Decimal::new(8_250, 2).checked_div(Decimal::from(ltv))?;
    Some(VaultRow {
        id: VaultId::new(id).ok()?,
        name: None,
        tokens: "WETH".into(),
        chain_id: Some(ChainId(1)),
        status: None,
        level,
        freshness,
        received: clock::now(),
        room: Some(percent(8_250 - ltv * 100)),
        health: Health::Factor(HealthFactor(factor)),
        ltv: Some(percent(ltv * 100)),
        max_ltv: Some(percent(8_000)),
        limit: Some(Limit::LiquidationThreshold(percent(8_250))),
        liquidation_price: Some(Usd(Decimal::from(1_783))),
        collateral: Some(Usd(Decimal::from(141_000))),
        debt: Some(Usd(Decimal::from(107_000))),
        cure: level.filter(|level| *level >= Level::High).map(|_| Usd(Decimal::from(8_300))),
    })
}

fn rows(theme: &str) -> Vec<VaultRow> {
    let live = Freshness::Live;
    [
        ("CRITICAL", Some(Level::Critical), 76, live),
        ("HIGH", Some(Level::High), 71, live),
        ("MEDIUM", Some(Level::Medium), 62, live),
        ("LOW", Some(Level::Low), 40, live),
        ("STALE", Some(Level::High), 72, Freshness::Stale),
        ("UNKNOWN", None, 30, live),
    ]
    .into_iter()
    .filter_map(|(name, level, ltv, freshness)| {
        row(&format!("{name}-{theme}"), level, ltv, freshness)
    })
    .collect()
}

/// As the overview has them, chosen and pointed at included.
#[component]
pub(super) fn TableRows(props: &Themed) -> Html {
    let rows = use_memo((), |()| rows(props.theme));
    let line = |(index, row): (usize, &VaultRow)| {
        html! { <SampleRow row={row.clone()} selected={index == 2} here={index == 3} /> }
    };
    let bar = |row: &VaultRow| {
        html! { <span class="gallery-bar" data-level={style_of(row)}>{ ltv_bar(row) }</span> }
    };
    html! {
        <>
            <div class="card gallery-part" data-part="Table">
                <h3 class="card-head">{ "Table" }</h3>
                <div class="gallery-table" role="grid" aria-label="Sample rows" style="--row:32px;--section:26px">
                    <div role="rowgroup">{ for rows.iter().enumerate().map(line) }</div>
                </div>
            </div>
            { part("LTV bars", html! { <>{ for rows.iter().map(bar) }</> }) }
        </>
    }
}

#[derive(PartialEq, Properties)]
struct SampleRowProps {
    row: VaultRow,
    selected: bool,
    here: bool,
}

#[component]
fn SampleRow(props: &SampleRowProps) -> Html {
    let row = use_memo((), |()| sample(props.row.clone()));
    let Some(row) = &*row else { return Html::default() };
    // As the table's own row does, of which neither changes here.
    drop(row.set_attribute("aria-selected", if props.selected { "true" } else { "false" }));
    if props.here {
        drop(row.set_attribute("data-here", "true"));
    }
    Html::VRef(row.clone().into())
}

fn sample(row: VaultRow) -> Option<Element> {
    let mut trend = Trend::default();
    for minute in 0..40 {
        trend.record(UnixMillis(minute * 60_000), (minute % 7) as f64 + 8.0);
    }
    let mut cells = TableCells::build(&row.id)?;
    cells.paint(&Entry { row: Rc::new(row), trend: Rc::new(trend) });
    Some(cells.row().clone())
}

#[component]
pub(super) fn Sparklines() -> Html {
    let trend = |values: &[f64]| {
        let mut trend = Trend::default();
        for (second, value) in (0..).zip(values) {
            trend.record(UnixMillis(second * 1_000), *value);
        }
        html! { <span class="gallery-spark">{ sparkline(&trend) }</span> }
    };
    part(
        "Sparklines: falling, rising, noise, too little",
        html! {
            <>
                { trend(&[22.0, 21.0, 21.5, 18.0, 12.0, 8.0]) }
                { trend(&[8.0, 9.0, 12.0, 11.5, 16.0]) }
                { trend(&[20.0, 20.02, 20.01, 20.03]) }
                { trend(&[20.0]) }
            </>
        },
    )
}

#[component]
pub(super) fn Charts(props: &Themed) -> Html {
    let day = use_memo((), |()| wave());
    let many = use_memo((), |()| many());
    let bands = vec![
        Band { level: Level::Critical, lower: 0.0, upper: 8.0, label: "Critical 8".into() },
        Band { level: Level::High, lower: 8.0, upper: 15.0, label: "High 15".into() },
        Band { level: Level::Medium, lower: 15.0, upper: 25.0, label: "Medium 25".into() },
    ];
    let marks =
        vec![Mark { at: UnixMillis(43_000_000), level: Level::High, title: "an alert".into() }];
    let to = UnixMillis(86_400_000);
    let theme = props.theme;
    html! {
        <>
            <div class="card gallery-part" data-part="Chart" data-testid={format!("gallery-chart-{theme}")}>
                <h3 class="card-head">{ "Chart: bands, gap, spread, mark, crosshair, zoom" }</h3>
                <Chart label="An example" samples={day} from={UnixMillis(0)} {to} scale={Scale::from_zero(26.0, 12.0)} fit={Fit::FromZero(12.0)}
                    decimals={1} unit=" %" {bands} {marks} on_export={Callback::<Plot>::noop()} />
            </div>
            <div class="card gallery-part" data-part="Chart of 100,000" data-testid={format!("gallery-many-{theme}")}>
                <h3 class="card-head">{ "Chart of 100,000 values, one spike among them" }</h3>
                <Chart label="Many values" samples={many} from={UnixMillis(0)} to={UnixMillis(100_000_000)} scale={Scale::from_zero(26.0, 12.0)} decimals={1} />
            </div>
        </>
    }
}

/// A day with a fall and an hour without data.
fn wave() -> Vec<Sample> {
    let minute = 60_000;
    (0..1_440)
        .filter(|n| !(900..960).contains(n))
        .map(|n| {
            let slope =
                if n < 700 { 22.0 - f64::from(n) / 50.0 } else { 8.0 + f64::from(n - 700) / 60.0 };
            let last = slope + f64::from(n % 37) / 20.0;
            Sample {
                at: UnixMillis(i64::from(n) * minute),
                span: minute,
                min: last - 0.6,
                max: last + 0.4,
                last,
            }
        })
        .collect()
}

fn many() -> Vec<Sample> {
    (0..100_000)
        .map(|n| {
            let last = if n == 70_123 { 1.0 } else { 18.0 + f64::from(n % 41) / 10.0 };
            let at = UnixMillis(i64::from(n) * 1_000);
            Sample { at, span: 1_000, min: last, max: last, last }
        })
        .collect()
}
