//! What the watches find: conditions that begin, get worse, change and end. Whom that wakes is decided in
//! [`attention`](crate::attention).

use domain::solvency::Solvency;
use domain::view::EvidenceView;
use domain::{ChainId, Level, Percent, UnixMillis, Usd, Vault};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::{Cause, Condition};

/// A condition's next step. Each names the alert as it is *after* it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// A new alert.
    Raise(Alert),
    /// The same alert, worse.
    Worsen(Alert),
    /// Its figures changed, or it is less bad.
    Update(Alert),
    /// It is over.
    Resolve(Alert),
}

impl Finding {
    #[must_use]
    pub fn alert(&self) -> &Alert {
        match self {
            Self::Raise(alert)
            | Self::Worsen(alert)
            | Self::Update(alert)
            | Self::Resolve(alert) => alert,
        }
    }

    pub(crate) fn alert_mut(&mut self) -> &mut Alert {
        match self {
            Self::Raise(alert)
            | Self::Worsen(alert)
            | Self::Update(alert)
            | Self::Resolve(alert) => alert,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    pub condition: Condition,
    /// The worst level while it is open; the level it had when resolved.
    pub severity: Level,
    /// How far beyond critical: how many of the steps 5, 3, 1 and 0 % of room are passed.
    pub depth: u8,
    pub title: String,
    pub message: String,
    pub raised: UnixMillis,
    /// Repetitions of the same thing that were not shown on their own.
    pub suppressed: u32,
    pub evidence: Option<Box<EvidenceView>>,
    pub facts: Facts,
    /// The platform's id of what it said last about this.
    pub source: Option<SmolStr>,
    /// When it happened by the sender's clock, where that is known.
    pub happened: Option<UnixMillis>,
}

/// What an incident adds up.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// The vault's name.
    pub label: SmolStr,
    /// What it may have in common with others: its chain and its collateral tokens.
    pub causes: Vec<Cause>,
    pub room: Option<Percent>,
    pub debt: Option<Usd>,
    /// Dollars to repay for 15 % room.
    pub cure: Option<Usd>,
}

impl Facts {
    #[must_use]
    pub fn of(vault: &Vault, solvency: &Solvency) -> Self {
        let tokens = vault.collateral.iter().flatten().map(|holding| holding.token.clone());
        let tokens = tokens.filter(|token| !token.is_empty()).map(Cause::Token);
        let mut causes: Vec<_> = tokens.chain(vault.chain_id.map(Cause::Chain)).collect();
        causes.dedup();
        Self {
            label: vault.label().into(),
            causes,
            room: solvency.room,
            debt: solvency.debt,
            cure: solvency.cure.as_ref().map(|cure| cure.repay.usd),
        }
    }
}

impl Facts {
    /// Of a chain's market.
    #[must_use]
    pub fn of_chain(chain: ChainId) -> Self {
        Self { causes: vec![Cause::Chain(chain)], ..Self::default() }
    }
}

impl Alert {
    /// An alert of which no more is known than what it says.
    #[must_use]
    pub fn new(
        condition: Condition,
        severity: Level,
        (title, message): (String, String),
        raised: UnixMillis,
    ) -> Self {
        Self {
            condition,
            severity,
            depth: 0,
            title,
            message,
            raised,
            suppressed: 0,
            evidence: None,
            facts: Facts::default(),
            source: None,
            happened: None,
        }
    }

    #[must_use]
    pub fn suppressed(self, suppressed: u32) -> Self {
        Self { suppressed, ..self }
    }

    #[must_use]
    pub fn evidence(self, evidence: Box<EvidenceView>) -> Self {
        Self { evidence: Some(evidence), ..self }
    }

    #[must_use]
    pub fn facts(self, facts: Facts) -> Self {
        Self { facts, ..self }
    }
}

/// An alert with no more than what it says, and how much of it was not told on its own.
pub(crate) fn alert(
    condition: Condition,
    severity: Level,
    said: (String, String),
    raised: UnixMillis,
    suppressed: u32,
) -> Alert {
    Alert::new(condition, severity, said, raised).suppressed(suppressed)
}
