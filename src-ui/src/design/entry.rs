//! Fields of a form that is saved as a whole: what is typed stays, and what is wrong with it stands beside it.

use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::Dropdown;

#[derive(PartialEq, Properties)]
pub(crate) struct EntryProps {
    /// Unique on the page.
    pub(crate) id: AttrValue,
    pub(crate) label: AttrValue,
    pub(crate) value: AttrValue,
    pub(crate) oninput: Callback<String>,
    #[prop_or_default]
    pub(crate) unit: AttrValue,
    #[prop_or_default]
    pub(crate) hint: AttrValue,
    #[prop_or_default]
    pub(crate) placeholder: AttrValue,
    /// Why it makes no sense; goes on where the label ends.
    #[prop_or_default]
    pub(crate) fault: Option<AttrValue>,
    /// The id of a list of proposals.
    #[prop_or_default]
    pub(crate) list: Option<AttrValue>,
    /// In a cell of a table whose head has the label: it is there to be read out only.
    #[prop_or_default]
    pub(crate) bare: bool,
    #[prop_or_default]
    pub(crate) wide: bool,
    /// The focus is here when its dialog opens.
    #[prop_or_default]
    pub(crate) first: bool,
    /// Nobody who looks over the shoulder is to read it.
    #[prop_or_default]
    pub(crate) secret: bool,
}

/// A line to type in.
#[component]
pub(crate) fn Entry(props: &EntryProps) -> Html {
    let oninput = props.oninput.reform(|event: InputEvent| {
        event.target_dyn_into::<HtmlInputElement>().map(|input| input.value()).unwrap_or_default()
    });
    let note = format!("{}-note", props.id);
    let invalid = props.fault.is_some();
    let class = classes!(
        "field",
        "entry",
        invalid.then_some("invalid"),
        props.wide.then_some("wide"),
        props.bare.then_some("bare")
    );
    html! {
        <div {class}>
            <label for={props.id.clone()} class={props.bare.then_some("visually-hidden")}>{ &props.label }</label>
            <span class="field-input">
                <input id={props.id.clone()} data-testid={props.id.clone()} type={if props.secret { "password" } else { "text" }} autocomplete="off" autocapitalize="off" spellcheck="false"
                    placeholder={props.placeholder.clone()} autofocus={props.first} list={props.list.clone()} value={props.value.clone()}
                    aria-invalid={invalid.to_string()} aria-describedby={note.clone()} {oninput} />
                if !props.unit.is_empty() { <span class="field-unit">{ &props.unit }</span> }
            </span>
            { note_of(&note, props.fault.as_ref(), &props.hint, props.bare) }
        </div>
    }
}

#[derive(PartialEq, Properties)]
pub(crate) struct SelectProps {
    pub(crate) id: AttrValue,
    pub(crate) label: AttrValue,
    pub(crate) value: AttrValue,
    pub(crate) onchange: Callback<String>,
    #[prop_or_default]
    pub(crate) hint: AttrValue,
    #[prop_or_default]
    pub(crate) fault: Option<AttrValue>,
    #[prop_or_default]
    pub(crate) first: bool,
    /// `option` and `optgroup` elements; [`option`] makes one.
    pub(crate) children: Html,
}

/// One of a few.
#[component]
pub(crate) fn Select(props: &SelectProps) -> Html {
    let note = format!("{}-note", props.id);
    let invalid = props.fault.is_some();
    html! {
        <div class={classes!("field", "entry", invalid.then_some("invalid"))}>
            <label for={props.id.clone()}>{ &props.label }</label>
            <Dropdown id={props.id.clone()} chosen={props.value.clone()} on_choose={props.onchange.clone()} first={props.first} {invalid} note={note.clone()}>
                { props.children.clone() }
            </Dropdown>
            { note_of(&note, props.fault.as_ref(), &props.hint, false) }
        </div>
    }
}

fn note_of(id: &str, fault: Option<&AttrValue>, hint: &AttrValue, bare: bool) -> Html {
    // Without a hint a cell keeps no room for one.
    let class = classes!("field-note", (bare && fault.is_none()).then_some("visually-hidden"));
    html! {
        <p id={id.to_owned()} {class} role={fault.map(|_| "alert")}>
            { match fault {
                Some(why) => sentence(why),
                None => hint.to_string(),
            } }
        </p>
    }
}

/// `is missing` as it stands under the field it is about: `Is missing.`
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_a_sentence() {
        assert_eq!(sentence("is missing: above or below"), "Is missing: above or below.");
        assert_eq!(sentence(""), ".");
    }
}
