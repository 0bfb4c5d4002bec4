use yew::prelude::*;

#[derive(PartialEq, Properties)]
pub(crate) struct FigureProps {
    pub(crate) text: AttrValue,
}

/// A figure that flashes once, in grey, when it changes after it was first seen.
///
/// Two animations of one look take turns: changing the name is what makes the browser start anew.
#[component]
pub(crate) fn Figure(props: &FigureProps) -> Html {
    let shown = use_mut_ref(|| (props.text.clone(), 0u8));
    let turn = {
        let mut shown = shown.borrow_mut();
        if shown.0 != props.text {
            *shown = (props.text.clone(), if shown.1 == 1 { 2 } else { 1 });
        }
        shown.1
    };
    let class = match turn {
        0 => "figure",
        1 => "figure flash-1",
        _ => "figure flash-2",
    };
    html! { <span {class}>{ &props.text }</span> }
}
