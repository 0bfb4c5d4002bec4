//! Each chain's prices and conditions.

use std::rc::Rc;

use domain::ChainId;
use domain::market::Sentiment;
use domain::view::{Freshness, MarketView, PriceTrend, TokenPriceView};
use smol_str::SmolStr;
use yew::prelude::*;

use crate::clock::Age;
use crate::design::{Empty, Figure, Icon};
use crate::format::{self, NONE};
use crate::live::Topic;
use crate::session::{Asked, Pace, use_asked, use_live};
use crate::words::{self, markets as say};

/// A line of a day changes slowly.
const PACE: Pace = Pace { settle: 0, period: 120_000 };
/// The room of a line, and the least that it rises or falls by, in hundredths of a percent: noise must not look like a move.
const WIDTH: f64 = 96.0;
const HEIGHT: f64 = 22.0;
const LEAST_SPAN: i32 = 100;

#[component]
pub(crate) fn Markets() -> Html {
    let markets =
        use_live(Topic::Markets, |state| state.board.markets().cloned().collect::<Vec<_>>());
    let begun = use_live(Topic::View, |state| state.board.begun);
    html! {
        // It holds nothing to be focused, and may be longer than the window: the keyboard scrolls the page itself.
        <main class="page markets" data-testid="markets" tabindex="0">
            if markets.is_empty() && begun {
                <Empty icon={Icon::Markets} title={say::none_yet()}>
                    <p>{ say::none_yet_why() }</p>
                    <p><a href="#/system">{ say::received_so_far() }</a></p>
                </Empty>
            } else if markets.is_empty() {
                <div class="skeleton" role="status" aria-label={say::loading()}><div class="skeleton-totals" /><div class="skeleton-table" /></div>
            }
            <div class="market-cards">
                { for markets.iter().map(|market| html! { <Market key={market.chain_id.0} market={Rc::clone(market)} /> }) }
            </div>
        </main>
    }
}

#[derive(PartialEq, Properties)]
struct MarketProps {
    market: Rc<MarketView>,
}

#[component]
fn Market(props: &MarketProps) -> Html {
    let market = &props.market;
    let chain = market.chain_id;
    let stale = market.freshness == Freshness::Stale;
    let tokens: Vec<SmolStr> = market.prices.iter().map(|price| price.token.clone()).collect();
    let trends = use_trends(chain, tokens);
    let fact = |name: &'static str, value: Option<Html>| {
        html! { if let Some(value) = value { <div class="fact"><span class="label">{ name }</span><span class="fact-value">{ value }</span></div> } }
    };
    html! {
        <section class="card market" data-testid={format!("market-{}", chain.0)} data-freshness={if stale { "stale" } else { "live" }}
            aria-label={chain.name().into_owned()}>
            <h2 class="card-head">
                { chain.name() }
                { for market.sentiment.map(sentiment) }
                <small>{ if stale { say::last_known() } else { "" } }<Age at={market.received} /></small>
            </h2>
            <div class="market-facts">
                { fact(say::day(), market.price_change_24h.map(|change| changed(change.0))) }
                { fact(say::volatility(), market.volatility.map(|volatility| html! { { format!("{} %", format::percent(volatility)) } })) }
                { fact(say::gas(), market.gas_price.as_ref().map(|gas| html! { { format::group(&gas.to_string()) } })) }
                { fact(say::block(), market.block_number.map(|block| html! { { format::group(&block.to_string()) } })) }
            </div>
            <table class="prices">
                <thead><tr><th>{ say::token() }</th><th class="trend-head">{ say::day() }</th><th><span class="visually-hidden">{ say::change() }</span></th><th>{ say::price() }</th></tr></thead>
                <tbody>{ for market.prices.iter().map(|price| line(price, &trends)) }</tbody>
            </table>
        </section>
    }
}

/// As recorded; nothing where no history is kept.
#[hook]
fn use_trends(chain: ChainId, tokens: Vec<SmolStr>) -> Rc<Vec<PriceTrend>> {
    let asked = use_asked((chain, tokens), PACE, |session, (chain, tokens)| {
        session.price_trends(*chain, tokens.clone())
    });
    match asked {
        Asked::Answer(trends) => trends,
        // The prices themselves do not wait for it.
        Asked::Waiting | Asked::Failed(_) => Rc::default(),
    }
}

fn line(price: &TokenPriceView, trends: &[PriceTrend]) -> Html {
    let trend = trends.iter().find(|trend| trend.token == price.token);
    let change = trend.and_then(PriceTrend::change);
    let change = change.map(|hundredths| changed(f64::from(hundredths) / 100.0));
    let drawn = trend.and_then(|trend| path(&trend.points)).map(|path| {
        html! {
            <svg class="sparkline" viewBox={format!("0 0 {WIDTH} {HEIGHT}")} preserveAspectRatio="none" aria-hidden="true"><path d={path} /></svg>
        }
    });
    html! {
        <tr key={price.token.as_str()}>
            <th scope="row">{ price.token.as_str() }</th>
            <td class="price-trend">{ for drawn }</td>
            <td>{ change.unwrap_or_else(|| html! { { NONE } }) }</td>
            <td title={words::local(format!("${}", price.price))}><Figure text={format::price(price.price)} /></td>
        </tr>
    }
}

fn changed(percent: f64) -> Html {
    let class = if percent < 0.0 { "falls" } else { "rises" };
    html! { <span {class}>{ format::signed_percent(percent) }</span> }
}

/// A line with gaps where nothing is known; `None` below two points.
fn path(points: &[Option<i32>]) -> Option<String> {
    let known = || points.iter().flatten();
    if known().count() < 2 {
        return None;
    }
    let (low, high) = (*known().min()?, *known().max()?);
    let middle = f64::from(low + high) / 2.0;
    let span = f64::from((high - low).max(LEAST_SPAN));
    let step = WIDTH / (points.len() - 1) as f64;
    let mut path = String::with_capacity(points.len() * 10);
    let mut pen_down = false;
    for (index, point) in points.iter().enumerate() {
        let Some(point) = point else {
            pen_down = false;
            continue;
        };
        let y = HEIGHT / 2.0 - (f64::from(*point) - middle) / span * (HEIGHT - 4.0);
        let command = if pen_down { 'L' } else { 'M' };
        path.push_str(&format!(
            "{command}{} {}",
            format::fixed(index as f64 * step, 1),
            format::fixed(y, 1)
        ));
        pen_down = true;
    }
    Some(path)
}

fn sentiment(sentiment: Sentiment) -> Html {
    let (word, sign) = match sentiment {
        Sentiment::Bearish => (say::bearish(), "▾"),
        Sentiment::Neutral => (say::neutral(), "•"),
        Sentiment::Bullish => (say::bullish(), "▴"),
    };
    html! { <span class="pill sentiment">{ sign }{ " " }{ word }</span> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_stays_a_gap_and_noise_is_nearly_flat() {
        assert_eq!(path(&[Some(0), None, None]), None);
        let line = path(&[Some(0), Some(-400), None, Some(0), Some(0)]).unwrap();
        assert_eq!(line, "M0.0 2.0L24.0 20.0M72.0 2.0L96.0 2.0");
        assert_eq!(path(&[Some(0), Some(2)]).unwrap(), "M0.0 11.2L96.0 10.8");
    }
}
