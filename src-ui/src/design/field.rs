use std::rc::Rc;

use web_sys::HtmlInputElement;
use yew::prelude::*;

#[derive(PartialEq, Properties)]
pub(crate) struct FieldProps {
    /// Unique on the page.
    pub(crate) id: AttrValue,
    pub(crate) label: AttrValue,
    /// What stands in the field while nobody types.
    pub(crate) value: AttrValue,
    #[prop_or_default]
    pub(crate) unit: Option<AttrValue>,
    #[prop_or_default]
    pub(crate) hint: Option<AttrValue>,
    /// Takes the text over, or says why not: that stands at the field until it is mended.
    pub(crate) accept: Accept,
}

type AcceptFn = dyn Fn(&str) -> Result<(), String>;

/// What is done with a text that was typed.
#[derive(Clone)]
pub(crate) struct Accept(Rc<AcceptFn>);

impl PartialEq for Accept {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl Accept {
    pub(crate) fn new(accept: impl Fn(&str) -> Result<(), String> + 'static) -> Self {
        Self(Rc::new(accept))
    }
}

/// What stands in a field while somebody types, and why it is refused.
#[derive(Clone, PartialEq)]
struct Typed {
    text: AttrValue,
    refused: Option<AttrValue>,
}

/// A line to type a value in. It is taken over with each change that makes sense, without a button.
#[component]
pub(crate) fn Field(props: &FieldProps) -> Html {
    // Written anew with each letter, `1` would become `1.0000` before anybody could go on to `1936`.
    let typed = use_state_eq(|| None::<Typed>);
    let oninput = {
        let (accept, typed) = (props.accept.clone(), typed.setter());
        Callback::from(move |event: InputEvent| {
            if let Some(input) = event.target_dyn_into::<HtmlInputElement>() {
                let text = input.value();
                let refused = (accept.0)(&text).err().map(AttrValue::from);
                typed.set(Some(Typed { text: text.into(), refused }));
            }
        })
    };
    // What was refused does not stay: the field shows what holds.
    let onblur = {
        let typed = typed.setter();
        Callback::from(move |_: FocusEvent| typed.set(None))
    };
    let note = format!("{}-note", props.id);
    let (value, refused) = match &*typed {
        Some(typed) => (typed.text.clone(), typed.refused.clone()),
        None => (props.value.clone(), None),
    };
    let invalid = refused.is_some();
    html! {
        <div class={classes!("field", invalid.then_some("invalid"))}>
            <label for={props.id.clone()}>{ &props.label }</label>
            <span class="field-input">
                <input id={props.id.clone()} data-testid={props.id.clone()} type="text" inputmode="decimal" autocomplete="off" spellcheck="false"
                    {value} aria-invalid={invalid.to_string()} aria-describedby={note.clone()} {oninput} {onblur} />
                { for props.unit.as_ref().map(|unit| html! { <span class="field-unit">{ unit }</span> }) }
            </span>
            <p id={note} class="field-note" role={invalid.then_some("alert")}>
                { refused.or_else(|| props.hint.clone()).unwrap_or_default() }
            </p>
        </div>
    }
}

#[derive(PartialEq, Properties)]
pub(crate) struct SwitchProps {
    pub(crate) id: AttrValue,
    pub(crate) label: AttrValue,
    #[prop_or_default]
    pub(crate) hint: Option<AttrValue>,
    pub(crate) on: bool,
    pub(crate) onchange: Callback<bool>,
}

/// Something that is on or off.
#[component]
pub(crate) fn Switch(props: &SwitchProps) -> Html {
    let onchange = {
        let onchange = props.onchange.clone();
        Callback::from(move |event: Event| {
            if let Some(input) = event.target_dyn_into::<HtmlInputElement>() {
                onchange.emit(input.checked());
            }
        })
    };
    html! {
        <label class="switch" for={props.id.clone()}>
            <input id={props.id.clone()} data-testid={props.id.clone()} type="checkbox" role="switch" checked={props.on} {onchange} />
            <span class="switch-track" aria-hidden="true" />
            <span class="switch-text">
                { &props.label }
                { for props.hint.as_ref().map(|hint| html! { <small>{ hint }</small> }) }
            </span>
        </label>
    }
}
