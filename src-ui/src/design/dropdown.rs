use web_sys::HtmlSelectElement;
use yew::prelude::*;

#[derive(PartialEq, Properties)]
pub(crate) struct DropdownProps {
    /// Unique on the page.
    pub(crate) id: AttrValue,
    /// The value of one of the options.
    pub(crate) chosen: AttrValue,
    pub(crate) on_choose: Callback<String>,
    /// What it is called, where no label says so.
    #[prop_or_default]
    pub(crate) label: Option<AttrValue>,
    #[prop_or_default]
    pub(crate) class: Classes,
    /// The focus is here when its dialog opens.
    #[prop_or_default]
    pub(crate) first: bool,
    #[prop_or_default]
    pub(crate) disabled: bool,
    #[prop_or_default]
    pub(crate) invalid: bool,
    /// The id of what is said about it.
    #[prop_or_default]
    pub(crate) note: Option<AttrValue>,
    /// `option` and `optgroup` elements; [`option`] makes one.
    pub(crate) children: Html,
}

/// A list of which one is chosen.
#[component]
pub(crate) fn Dropdown(props: &DropdownProps) -> Html {
    let element = use_node_ref();
    {
        // An option that somebody has picked once is deaf to its attribute: what is chosen elsewhere, or taken back,
        // would not be seen.
        let element = element.clone();
        let shown = (props.chosen.clone(), props.children.clone());
        use_effect_with(shown, move |(chosen, _)| {
            if let Some(element) = element.cast::<HtmlSelectElement>() {
                element.set_value(chosen);
            }
        });
    }
    let onchange = props.on_choose.reform(|event: Event| {
        event.target_dyn_into::<HtmlSelectElement>().map(|list| list.value()).unwrap_or_default()
    });
    html! {
        <select ref={element} id={props.id.clone()} class={classes!("select", props.class.clone())} autofocus={props.first} disabled={props.disabled}
            data-testid={props.id.clone()} aria-label={props.label.clone()} aria-invalid={props.invalid.to_string()} aria-describedby={props.note.clone()} {onchange}>
            { props.children.clone() }
        </select>
    }
}

/// A line of it.
pub(crate) fn option(value: &str, label: &str, chosen: &str) -> Html {
    html! { <option value={value.to_owned()} selected={value == chosen}>{ label.to_owned() }</option> }
}
