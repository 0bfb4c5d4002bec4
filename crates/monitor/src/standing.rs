use domain::Level;
use domain::view::FeedState;

use crate::tray::{Circumstances, TrayAlert};

/// How a watch stands, in figures: what a tray, or a list of profiles, makes its words of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    pub feed: FeedState,
    pub vaults: usize,
    pub critical: usize,
    /// Vaults whose values are old.
    pub stale: usize,
    /// Notifications that nobody has read.
    pub unread: usize,
    /// The worst alert that holds and that nobody has acknowledged, of high level at least: its level and title.
    pub worst: Option<(Level, String)>,
    /// Why notifications are not shown, or not seen.
    pub blocked: Option<String>,
}

impl Standing {
    pub(crate) fn of(c: &Circumstances<'_>, unread: usize) -> Self {
        let unseen = c.alerts.first().filter(|alert| TrayAlert::is_unseen(alert));
        Self {
            feed: c.feed.clone(),
            vaults: c.vaults,
            critical: c.critical,
            stale: c.stale,
            unread,
            worst: unseen.map(|alert| (alert.severity, alert.text.clone())),
            blocked: c.blocked.map(str::to_owned),
        }
    }
}
