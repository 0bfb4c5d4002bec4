use std::rc::Rc;

use domain::tokens::family;
use domain::view::{PriceChange, Shock, TokenView};
use smol_str::SmolStr;
use yew::prelude::*;

use super::{LEAST, MOST};
use crate::design::{Icon, Slider, Switch};
use crate::format;
use crate::words::{what_if_falls, what_if_shocks as say};

/// Tokens that have a chip of their own.
const CHIPS: usize = 14;
const PRESETS: [i32; 4] = [-10, -20, -30, -50];
/// What a token that is chosen moves by, at first.
const FIRST: i32 = -20;

/// What the person supposes: tokens and by how many percent each moves.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Shocks {
    chosen: Vec<(SmolStr, i32)>,
    /// Tokens of the same asset family move along.
    families: bool,
    /// All tokens there are, as far as they were told.
    known: Vec<SmolStr>,
}

impl Shocks {
    /// To begin with: a fifth off what most is lent on.
    pub(super) fn first(tokens: &[TokenView]) -> Self {
        let known: Vec<SmolStr> = tokens.iter().map(|token| token.token.clone()).collect();
        let chosen = known.first().map(|token| (token.clone(), FIRST));
        Self { chosen: chosen.into_iter().collect(), families: true, known }
    }

    /// With whatever moves along.
    pub(super) fn all(&self) -> Vec<Shock> {
        let mut all: Vec<(&SmolStr, i32)> =
            self.chosen.iter().map(|(token, percent)| (token, *percent)).collect();
        if self.families {
            for (token, percent) in &self.chosen {
                let Some(of) = family(token) else { continue };
                let along = self.known.iter().filter(|known| family(known) == Some(of));
                for other in along {
                    if all.iter().all(|(there, _)| *there != other) {
                        all.push((other, *percent));
                    }
                }
            }
        }
        let shock = |(token, percent): (&SmolStr, i32)| {
            let change = PriceChange::try_from(percent * 10).ok()?;
            Some(Shock { token: token.clone(), change })
        };
        all.into_iter().filter_map(shock).collect()
    }

    /// How far all of them move, where that is the same: then a share of the way is a move of the price.
    pub(super) fn common(&self) -> Option<(String, i32)> {
        let (first, percent) = self.chosen.first()?;
        let same = self.chosen.iter().all(|(_, other)| other == percent);
        let name = match self.chosen.len() {
            1 => first.to_string(),
            _ => what_if_falls::prices().to_owned(),
        };
        same.then_some((name, *percent))
    }

    fn of(&self, token: &str) -> Option<i32> {
        self.chosen.iter().find(|(of, _)| of == token).map(|(_, percent)| *percent)
    }

    fn toggled(mut self, token: &SmolStr) -> Self {
        if self.of(token).is_some() {
            self.chosen.retain(|(of, _)| of != token);
        } else {
            // As the others do.
            let percent = self.chosen.last().map_or(FIRST, |(_, percent)| *percent);
            self.chosen.push((token.clone(), percent));
        }
        self
    }

    fn moved(mut self, token: &str, to: i32) -> Self {
        for (of, percent) in &mut self.chosen {
            if of == token {
                *percent = to;
            }
        }
        self
    }

    fn all_moved(mut self, to: i32) -> Self {
        self.chosen.iter_mut().for_each(|(_, percent)| *percent = to);
        self
    }
}

#[derive(PartialEq, Properties)]
pub(super) struct ShocksProps {
    pub(super) shocks: Shocks,
    pub(super) tokens: Rc<Vec<TokenView>>,
    pub(super) onchange: Callback<Shocks>,
}

#[component]
pub(super) fn ShocksCard(props: &ShocksProps) -> Html {
    let shocks = Shocks {
        known: props.tokens.iter().map(|token| token.token.clone()).collect(),
        ..props.shocks.clone()
    };
    let emit = |change: Box<dyn Fn(Shocks) -> Shocks>| {
        let (shocks, onchange) = (shocks.clone(), props.onchange.clone());
        Callback::from(move |_: MouseEvent| onchange.emit(change(shocks.clone())))
    };
    let chip = |view: &TokenView| {
        let token = view.token.clone();
        let on = shocks.of(&token).is_some();
        let (id, title) = (format!("shock-{token}"), size(view));
        let onclick = emit(Box::new(move |shocks| shocks.toggled(&token)));
        html! {
            <button type="button" class="chip" aria-pressed={on.to_string()} data-testid={id} {title} {onclick}>
                { view.token.as_str() }<span class="chip-count">{ view.vaults }</span>
            </button>
        }
    };
    let preset = |percent: i32| {
        let onclick = emit(Box::new(move |shocks| shocks.all_moved(percent)));
        html! { <button type="button" class="button" data-testid={format!("preset{percent}")} {onclick}>{ words(percent) }</button> }
    };
    let slider = |(token, percent): &(SmolStr, i32)| {
        let onchange = {
            let (shocks, token) = (shocks.clone(), token.clone());
            props.onchange.reform(move |to: i32| shocks.clone().moved(&token, to))
        };
        let remove = {
            let token = token.clone();
            emit(Box::new(move |shocks| shocks.toggled(&token)))
        };
        html! {
            <div class="what-if-token" key={token.as_str()}>
                <Slider id={format!("shock-by-{token}")} label={token.to_string()} value={*percent} least={LEAST} most={MOST} said={words(*percent)} {onchange} />
                <button type="button" class="icon-button small" aria-label={say::leave_one(token)} title={say::leave()} onclick={remove}>{ Icon::Close.html() }</button>
            </div>
        }
    };
    let families = {
        let shocks = shocks.clone();
        props.onchange.reform(move |families: bool| Shocks { families, ..shocks.clone() })
    };
    html! {
        <section class="card" aria-label={say::label()}>
            <h2 class="card-head">{ say::title() }<small>{ say::title_note() }</small></h2>
            <div class="form-part">
                <div class="chips">{ for props.tokens.iter().take(CHIPS).map(chip) }</div>
                <div class="what-if-moves">{ for shocks.chosen.iter().map(slider) }</div>
                if shocks.chosen.is_empty() { <p class="field-note">{ say::none() }</p> }
                <div class="what-if-presets">
                    { for PRESETS.into_iter().map(preset) }
                    <Switch id="shock-families" label={say::families()} hint={say::families_note()} on={shocks.families} onchange={families} />
                </div>
            </div>
        </section>
    }
}

fn words(percent: i32) -> String {
    match percent {
        0 => "0 %".to_owned(),
        percent if percent < 0 => format!("−{} %", -percent),
        percent => format!("+{percent} %"),
    }
}

fn size(view: &TokenView) -> String {
    say::size(view.vaults as usize, &format::usd(view.collateral), &format::usd(view.debt))
}

#[cfg(test)]
mod tests {
    use domain::Usd;

    use super::*;
    use crate::words::{Language, speak};

    fn tokens(names: &[&str]) -> Vec<TokenView> {
        let token = |name: &&str| TokenView {
            token: (*name).into(),
            vaults: 1,
            collateral: Usd::ZERO,
            debt: Usd::ZERO,
        };
        names.iter().map(token).collect()
    }

    fn asked(shocks: &Shocks) -> Vec<(String, i32)> {
        let all = shocks.all();
        all.iter().map(|shock| (shock.token.to_string(), shock.change.permille())).collect()
    }

    #[test]
    fn a_family_moves_along_unless_one_of_it_moves_by_itself() {
        let shocks = Shocks::first(&tokens(&["WETH", "ARB", "wstETH", "USDC"]));
        assert_eq!(asked(&shocks), [("WETH".to_owned(), -200), ("wstETH".to_owned(), -200)]);
        let apart = shocks.clone().toggled(&"wstETH".into()).moved("wstETH", -35);
        assert_eq!(asked(&apart), [("WETH".to_owned(), -200), ("wstETH".to_owned(), -350)]);
        assert_eq!(apart.common(), None);
        let alone = Shocks { families: false, ..shocks };
        assert_eq!(asked(&alone), [("WETH".to_owned(), -200)]);
        assert_eq!(alone.common(), Some(("WETH".to_owned(), -20)));
    }

    #[test]
    fn a_token_that_is_added_moves_as_the_last_one_does() {
        let shocks = Shocks::first(&tokens(&["WETH", "ARB"])).all_moved(-50).toggled(&"ARB".into());
        assert_eq!(asked(&shocks), [("WETH".to_owned(), -500), ("ARB".to_owned(), -500)]);
        assert_eq!(shocks.common(), Some(("prices".to_owned(), -50)));
        let none = shocks.toggled(&"ARB".into()).toggled(&"WETH".into());
        assert!(asked(&none).is_empty() && none.common().is_none());
    }

    #[test]
    fn a_change_is_written_with_its_sign() {
        assert_eq!([words(-20), words(0), words(5)], ["−20 %", "0 %", "+5 %"]);
    }

    #[test]
    fn a_chip_tells_how_much_hangs_on_its_token() {
        let view = TokenView {
            token: "WETH".into(),
            vaults: 1,
            collateral: "1400000".parse().unwrap(),
            debt: "13600".parse().unwrap(),
        };
        assert_eq!(size(&view), "1 vault holds $1.40M of it; $13.6k are owed");
        speak(Language::German);
        let more = TokenView { vaults: 1_200, ..view };
        assert_eq!(size(&more), "1.200 Vaults halten davon $1,40M; $13,6k sind geschuldet");
    }
}
