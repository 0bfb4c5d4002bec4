use domain::text;
use domain::vault::Holding;
use yew::prelude::*;

use crate::format::NONE;

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
                        <tr><th>{ "Token" }</th><th>{ "Amount" }</th><th>{ "Price $" }</th><th>{ "Value $" }</th></tr>
                    </thead>
                    <tbody>{ for holdings.iter().map(line) }</tbody>
                </table>
            }
        </section>
    }
}

fn line(holding: &Holding) -> Html {
    let amount = holding.amount.as_ref().map(|amount| text::group(&amount.to_string()));
    let cell =
        |figure: Option<String>| html! { <td>{ figure.unwrap_or_else(|| NONE.to_owned()) }</td> };
    html! {
        <tr>
            <th scope="row">{ if holding.token.is_empty() { "Unnamed" } else { holding.token.as_str() } }</th>
            { cell(amount) }
            { cell(holding.price().map(text::price)) }
            { cell(holding.value.map(|value| text::group(&value.to_string()))) }
        </tr>
    }
}
