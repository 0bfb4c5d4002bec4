use web_sys::HtmlInputElement;
use yew::prelude::*;

#[derive(PartialEq, Properties)]
pub(crate) struct SliderProps {
    /// Unique on the page.
    pub(crate) id: AttrValue,
    pub(crate) label: AttrValue,
    pub(crate) value: i32,
    pub(crate) least: i32,
    pub(crate) most: i32,
    #[prop_or(1)]
    pub(crate) step: i32,
    /// The value in words.
    pub(crate) said: AttrValue,
    pub(crate) onchange: Callback<i32>,
}

/// A whole number within limits, by pointer or arrow keys. It is told while it moves.
#[component]
pub(crate) fn Slider(props: &SliderProps) -> Html {
    let oninput = {
        let onchange = props.onchange.clone();
        Callback::from(move |event: InputEvent| {
            let input = event.target_dyn_into::<HtmlInputElement>();
            if let Some(value) = input.and_then(|input| input.value().parse().ok()) {
                onchange.emit(value);
            }
        })
    };
    // `Home` and `End` walk here, and the arrows are no wish to walk in a table.
    let onkeydown = Callback::from(|event: KeyboardEvent| {
        if event.key() != "Escape" {
            event.stop_propagation();
        }
    });
    html! {
        <div class="slider">
            <label for={props.id.clone()}>{ &props.label }</label>
            <output for={props.id.clone()}>{ &props.said }</output>
            <input id={props.id.clone()} data-testid={props.id.clone()} type="range" min={props.least.to_string()} max={props.most.to_string()}
                step={props.step.to_string()} value={props.value.to_string()} aria-valuetext={props.said.clone()} {oninput} {onkeydown} />
        </div>
    }
}
