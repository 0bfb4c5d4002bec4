//! Each chain's prices and conditions.

use std::rc::Rc;

use domain::market::Sentiment;
use domain::text;
use domain::view::{Freshness, MarketView};
use yew::prelude::*;

use crate::clock::Age;
use crate::design::{Empty, Figure, Icon};
use crate::format;
use crate::live::Topic;
use crate::session::use_live;

#[component]
pub(crate) fn Markets() -> Html {
    let markets =
        use_live(Topic::Markets, |state| state.board.markets().cloned().collect::<Vec<_>>());
    html! {
        <main class="page markets" data-testid="markets">
            if markets.is_empty() {
                <Empty icon={Icon::Markets} title="No market data yet">
                    <p>{ "Prices appear as soon as the feed sends them. Vaults are judged by the figures sent with them, so monitoring does not wait for prices." }</p>
                </Empty>
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
    let fact = |name: &'static str, value: Option<Html>| {
        html! { if let Some(value) = value { <div class="fact"><span class="label">{ name }</span><span class="fact-value">{ value }</span></div> } }
    };
    html! {
        <section class="card market" data-testid={format!("market-{}", chain.0)} data-freshness={if stale { "stale" } else { "live" }}
            aria-label={chain.name().into_owned()}>
            <h2 class="card-head">
                { chain.name() }
                { for market.sentiment.map(sentiment) }
                <small>{ if stale { "last known, " } else { "" } }<Age at={market.received} /></small>
            </h2>
            <div class="market-facts">
                { fact("24 h", market.price_change_24h.map(|change| html! {
                    <span class={if change.0 < 0.0 { "falls" } else { "rises" }}>{ format::signed_percent(change.0) }</span>
                })) }
                { fact("Volatility", market.volatility.map(|volatility| html! { { format!("{} %", text::percent(volatility)) } })) }
                { fact("Gas", market.gas_price.as_ref().map(|gas| html! { { text::group(&gas.to_string()) } })) }
                { fact("Block", market.block_number.map(|block| html! { { text::group(&block.to_string()) } })) }
            </div>
            <table class="prices">
                <thead><tr><th>{ "Token" }</th><th>{ "Price $" }</th></tr></thead>
                <tbody>
                    { for market.prices.iter().map(|price| html! {
                        <tr key={price.token.as_str()}>
                            <th scope="row">{ price.token.as_str() }</th>
                            <td title={format!("${}", price.price)}><Figure text={text::price(price.price)} /></td>
                        </tr>
                    }) }
                </tbody>
            </table>
        </section>
    }
}

fn sentiment(sentiment: Sentiment) -> Html {
    let (word, sign) = match sentiment {
        Sentiment::Bearish => ("Bearish", "▾"),
        Sentiment::Neutral => ("Neutral", "•"),
        Sentiment::Bullish => ("Bullish", "▴"),
    };
    html! { <span class="pill sentiment">{ sign }{ " " }{ word }</span> }
}
