use domain::view::Mode;
use monitor::{TrayIcon, TrayView};

/// The menu's words, which tests and scripts rely on.
pub(super) const OPEN: &str = "Open";
pub(super) const QUIT: &str = "Quit";

/// Which of the project's tray icons is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Picture {
    Live,
    Degraded,
    Down,
    Critical,
}

/// How loud the item is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Attention {
    Normal,
    /// The tray may blink, and shows the item even where it hides others.
    Needed,
}

/// The item as a tray shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) picture: Picture,
    pub(super) attention: Attention,
    pub(super) title: String,
    /// A line of the menu that cannot be clicked.
    pub(super) state_line: String,
    pub(super) tooltip: String,
}

impl Item {
    /// Before the monitor has said anything.
    pub(super) fn starting(mode: &Mode) -> Self {
        let title = crate::window::title(mode).to_owned();
        let state_line = "Starting".to_owned();
        let tooltip = state_line.clone();
        Self { picture: Picture::Down, attention: Attention::Normal, title, state_line, tooltip }
    }
}

impl From<&TrayView> for Item {
    fn from(view: &TrayView) -> Self {
        let (picture, attention) = match view.icon {
            TrayIcon::Live => (Picture::Live, Attention::Normal),
            TrayIcon::Degraded => (Picture::Degraded, Attention::Normal),
            TrayIcon::Down => (Picture::Down, Attention::Normal),
            // The count stands in the state line and the tooltip.
            TrayIcon::Critical { count: _ } => (Picture::Critical, Attention::Needed),
        };
        Self {
            picture,
            attention,
            title: view.title.clone(),
            state_line: view.state_line.clone(),
            tooltip: view.tooltip.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(icon: TrayIcon) -> (Picture, Attention) {
        let view = TrayView {
            icon,
            title: "VaultWatch".into(),
            state_line: "Live · 1 vault".into(),
            tooltip: "Live · 1 vault".into(),
        };
        let item = Item::from(&view);
        assert_eq!((&item.title, &item.state_line), (&view.title, &view.state_line));
        (item.picture, item.attention)
    }

    #[test]
    fn only_what_is_critical_asks_for_attention() {
        assert_eq!(shown(TrayIcon::Live), (Picture::Live, Attention::Normal));
        assert_eq!(shown(TrayIcon::Degraded), (Picture::Degraded, Attention::Normal));
        assert_eq!(shown(TrayIcon::Down), (Picture::Down, Attention::Normal));
        let critical = shown(TrayIcon::Critical { count: 3 });
        assert_eq!(critical, (Picture::Critical, Attention::Needed));
    }

    #[test]
    fn nothing_is_called_live_before_it_is() {
        let item = Item::starting(&Mode::Demo);
        assert_eq!(item.picture, Picture::Down);
        assert_eq!(item.title, "VaultWatch DEMO");
    }
}
