use domain::view::{FeedState, Mode};

/// What the tray shows: a pure model, compared before it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrayView {
    pub icon: TrayIcon,
    /// `VaultWatch`, or `VaultWatch DEMO`.
    pub title: String,
    /// The disabled first line of the menu: `Live · 200 vaults · 2 critical`.
    pub state_line: String,
    pub tooltip: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrayIcon {
    Live,
    /// Some values are stale, or notifications are blocked.
    Degraded,
    /// No data arrive.
    Down,
    Critical {
        count: u32,
    },
}

/// What the tray is made of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Circumstances<'a> {
    pub(crate) mode: &'a Mode,
    pub(crate) feed: &'a FeedState,
    pub(crate) vaults: usize,
    pub(crate) critical: usize,
    pub(crate) stale: usize,
    pub(crate) blocked: Option<&'a str>,
}

impl TrayView {
    pub(crate) fn of(c: &Circumstances<'_>) -> Self {
        let live = matches!(c.feed, FeedState::Live);
        let icon = if c.critical > 0 {
            TrayIcon::Critical { count: u32::try_from(c.critical).unwrap_or(u32::MAX) }
        } else if !live {
            TrayIcon::Down
        } else if c.stale > 0 || c.blocked.is_some() {
            TrayIcon::Degraded
        } else {
            TrayIcon::Live
        };
        let mut parts = vec![c.feed.word().to_owned()];
        parts.push(if c.vaults == 1 {
            "1 vault".to_owned()
        } else {
            format!("{} vaults", c.vaults)
        });
        let known = if live { "" } else { " when last seen" };
        if c.critical > 0 {
            parts.push(format!("{} critical{known}", c.critical));
        }
        if live && c.stale > 0 {
            parts.push(format!("{} stale", c.stale));
        }
        let state_line = parts.join(" · ");
        let title = match c.mode {
            Mode::Demo => "VaultWatch DEMO".to_owned(),
            Mode::Profile(_) => "VaultWatch".to_owned(),
        };
        let tooltip = match c.blocked {
            Some(reason) => format!("{state_line}\nNotifications cannot be shown: {reason}"),
            None => state_line.clone(),
        };
        Self { icon, title, state_line, tooltip }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_news_wins() {
        let calm = Circumstances {
            mode: &Mode::Demo,
            feed: &FeedState::Live,
            vaults: 200,
            critical: 0,
            stale: 0,
            blocked: None,
        };
        let of = |c| TrayView::of(&c);
        assert_eq!(of(calm).icon, TrayIcon::Live);
        assert_eq!(of(calm).title, "VaultWatch DEMO");
        assert_eq!(of(Circumstances { stale: 1, ..calm }).icon, TrayIcon::Degraded);
        assert_eq!(of(Circumstances { blocked: Some("x"), ..calm }).icon, TrayIcon::Degraded);
        let down = Circumstances { feed: &FeedState::Offline, stale: 200, ..calm };
        assert_eq!(of(down).icon, TrayIcon::Down);
        let critical = of(Circumstances { critical: 2, ..down });
        assert_eq!(critical.icon, TrayIcon::Critical { count: 2 });
        assert_eq!(critical.state_line, "Offline · 200 vaults · 2 critical when last seen");
    }
}
