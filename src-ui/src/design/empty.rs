//! What stands where there is nothing to show: what happened, what the application does, what you can do.

use yew::prelude::*;

use super::Icon;

#[derive(PartialEq, Properties)]
pub(crate) struct EmptyProps {
    pub(crate) icon: Icon,
    pub(crate) title: AttrValue,
    #[prop_or_default]
    pub(crate) children: Html,
}

#[component]
pub(crate) fn Empty(props: &EmptyProps) -> Html {
    html! {
        <div class="empty" role="status">
            { props.icon.html() }
            <h2>{ &props.title }</h2>
            <div class="empty-text">{ props.children.clone() }</div>
        </div>
    }
}
