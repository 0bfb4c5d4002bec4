use domain::vault::Holding;
use yew::prelude::*;

use crate::format::{self, NONE};
use crate::words::vault as say;

/// The tokens of one side of the loan. Amounts keep every digit that was sent.
pub(crate) fn composition(title: &'static str, none: &'static str, holdings: &[Holding]) -> Html {
    html! {
        <section class="card" aria-label={title}>
            <h2 class="card-head">{ title }</h2>
            if holdings.is_empty() {
                <p class="card-empty">{ none }</p>
            } else {
                <table class="holdings">
                    <thead>
                        <tr><th>{ say::token() }</th><th>{ say::amount() }</th><th>{ say::price() }</th><th>{ say::value() }</th></tr>
                    </thead>
                    <tbody>{ for holdings.iter().map(line) }</tbody>
                </table>
            }
        </section>
    }
}

fn line(holding: &Holding) -> Html {
    let amount = holding.amount.as_ref().map(|amount| format::group(&amount.to_string()));
    let cell =
        |figure: Option<String>| html! { <td>{ figure.unwrap_or_else(|| NONE.to_owned()) }</td> };
    html! {
        <tr>
            <th scope="row">{ if holding.token.is_empty() { say::unnamed() } else { holding.token.as_str() } }</th>
            { cell(amount) }
            { cell(holding.price().map(format::price)) }
            { cell(holding.value.map(|value| format::group(&value.to_string()))) }
        </tr>
    }
}
