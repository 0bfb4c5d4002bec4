use domain::view::Target;
use yew::prelude::*;

use crate::design::{Discard, DiscardProps, MenuList, MenuListProps};
use crate::pages::{
    FirstRun, HeadMenu, HeadMenuProps, OtherPage, RowMenu, RowMenuProps, SaveView, SaveViewProps,
    Trends,
};
use crate::shell::{
    AlertPanel, AlertPanelProps, DoubtDialog, LeaveQuestion, Notices, Palette, PaletteProps,
    Shortcuts, ShortcutsProps, Toasts, UndoBar,
};

/// What the second program consists of. To name one costs the first program nothing but what it is asked with.
#[derive(Clone, PartialEq)]
pub(crate) enum Part {
    /// Any but the overview.
    Page(Target),
    FirstRun,
    AlertPanel(AlertPanelProps),
    Notices,
    Toasts,
    UndoBar,
    Palette(PaletteProps),
    Shortcuts(ShortcutsProps),
    DoubtDialog,
    LeaveQuestion,
    Discard(DiscardProps),
    MenuList(MenuListProps),
    HeadMenu(HeadMenuProps),
    RowMenu(RowMenuProps),
    SaveView(SaveViewProps),
    Trends,
}

impl Part {
    pub(super) fn is_page(&self) -> bool {
        matches!(self, Self::Page(_))
    }

    /// The second program begins here.
    pub(super) fn draw(&self) -> Html {
        match self.clone() {
            Self::Page(route) => html! { <OtherPage {route} /> },
            Self::FirstRun => html! { <FirstRun /> },
            Self::AlertPanel(props) => html! { <AlertPanel ..props /> },
            Self::Notices => html! { <Notices /> },
            Self::Toasts => html! { <Toasts /> },
            Self::UndoBar => html! { <UndoBar /> },
            Self::Palette(props) => html! { <Palette ..props /> },
            Self::Shortcuts(props) => html! { <Shortcuts ..props /> },
            Self::DoubtDialog => html! { <DoubtDialog /> },
            Self::LeaveQuestion => html! { <LeaveQuestion /> },
            Self::Discard(props) => html! { <Discard ..props /> },
            Self::MenuList(props) => html! { <MenuList ..props /> },
            Self::HeadMenu(props) => html! { <HeadMenu ..props /> },
            Self::RowMenu(props) => html! { <RowMenu ..props /> },
            Self::SaveView(props) => html! { <SaveView ..props /> },
            Self::Trends => html! { <Trends /> },
        }
    }
}
