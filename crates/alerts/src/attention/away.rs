//! What happened while nobody was watching, gathered before somebody is told.

use std::collections::BTreeSet;

use domain::UnixMillis;
use domain::view::{AwayView, NotificationId};
use serde::{Deserialize, Serialize};

use crate::Policy;

/// News of a gap in watching, until the feed has been back for a while.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Away {
    pub(super) view: AwayView,
    /// When the feed was back.
    pub(super) back: Option<UnixMillis>,
    /// What somebody would have been told by the operating system.
    pub(super) waiting: BTreeSet<NotificationId>,
    /// What was counted as liquidated or as critical.
    #[serde(default, alias = "critical")]
    pub(super) counted: BTreeSet<NotificationId>,
    /// What was found, or found worse, long after it happened.
    #[serde(default)]
    pub(super) late: BTreeSet<NotificationId>,
}

impl Away {
    pub(super) fn new(from: UnixMillis, to: UnixMillis) -> Self {
        let view = AwayView { from, to, ..AwayView::default() };
        Self {
            view,
            back: None,
            waiting: BTreeSet::new(),
            counted: BTreeSet::new(),
            late: BTreeSet::new(),
        }
    }

    /// When it is told at the latest.
    pub(super) fn ends(&self, policy: &Policy) -> UnixMillis {
        let latest = self.view.to.plus(policy.gather_at_most);
        self.back.map_or(latest, |back| back.plus(policy.gather).min(latest))
    }
}
