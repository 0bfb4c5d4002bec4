//! Rows and notifications for the tests.

use std::ops::Deref;

use domain::solvency::Health;
use domain::view::{
    DeliveryView, Freshness, NotificationId, NotificationState, NotificationView, Tone, VaultRow,
};
use domain::{ChainId, Level, UnixMillis, Usd, VaultId};
use smol_str::SmolStr;

#[derive(Clone)]
pub(crate) struct Row(pub(crate) VaultRow);

pub(crate) fn row(id: &str) -> Row {
    Row(VaultRow {
        id: VaultId::new(id).unwrap(),
        name: None,
        tokens: SmolStr::default(),
        chain_id: None,
        status: None,
        level: None,
        freshness: Freshness::Live,
        received: UnixMillis(0),
        room: None,
        health: Health::Unknown,
        ltv: None,
        max_ltv: None,
        limit: None,
        liquidation_price: None,
        collateral: None,
        debt: None,
        cure: None,
    })
}

impl Row {
    pub(crate) fn tokens(mut self, tokens: &str) -> Self {
        self.0.tokens = tokens.into();
        self
    }

    pub(crate) fn chain(mut self, chain: u64) -> Self {
        self.0.chain_id = Some(ChainId(chain));
        self
    }

    pub(crate) fn debt(mut self, debt: &str) -> Self {
        self.0.debt = Some(debt.parse::<Usd>().unwrap());
        self
    }

    pub(crate) fn stale(mut self) -> Self {
        self.0.freshness = Freshness::Stale;
        self
    }

    pub(crate) fn critical(self, room: &str) -> Self {
        self.level(Level::Critical, room)
    }

    pub(crate) fn high(self, room: &str) -> Self {
        self.level(Level::High, room)
    }

    pub(crate) fn low(self, room: &str) -> Self {
        self.level(Level::Low, room)
    }

    fn level(mut self, level: Level, room: &str) -> Self {
        self.0.level = Some(level);
        self.0.room = Some(room.parse().unwrap());
        self
    }
}

impl Deref for Row {
    type Target = VaultRow;

    fn deref(&self) -> &VaultRow {
        &self.0
    }
}

/// An unread alert of the vault ETH-017 that holds, raised at the moment of its own number.
pub(crate) fn notification(id: i64, severity: Level) -> NotificationView {
    NotificationView {
        id: NotificationId(id),
        tone: Tone::Warning,
        title: String::new(),
        message: String::new(),
        timestamp: UnixMillis(id),
        updated: UnixMillis(id),
        read: false,
        action: None,
        auto_dismiss: None,
        severity,
        vault: Some(VaultId::new("ETH-017").unwrap()),
        state: NotificationState::Firing,
        occurrences: 1,
        suppressed: 0,
        incident: None,
        acknowledged: None,
        snoozed_until: None,
        evidence: None,
        late: false,
        delivery: DeliveryView::NotWanted,
    }
}
