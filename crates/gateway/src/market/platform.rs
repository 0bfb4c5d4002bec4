use std::fmt::Write;

use smol_str::{SmolStr, format_smolstr};
use wire::UnixMillis;

use super::dice::Dice;
use super::owner::{CRITICAL_ROOM, HIGH_ROOM};
use super::token::Chain;
use super::vault::{Figures, Liquidation, Vault};
use super::{Emission, Kind};

/// The platform's own alerts about one vault. It sees only a share of what happens, as platforms do; who wants to
/// be sure has rules of their own.
#[derive(Debug, Default)]
pub(super) struct Watch {
    level: Level,
    open: Option<Open>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    #[default]
    Normal,
    High,
    Critical,
}

#[derive(Debug)]
struct Open {
    id: SmolStr,
    level: Level,
    category: &'static str,
}

/// A level is left with this much more room than it was entered with.
const EXIT_MARGIN: f64 = 0.02;
/// The share of crossings the platform of the demo notices.
pub(super) const NOTICED: f64 = 0.6;

impl Watch {
    pub(super) fn level(&self) -> Level {
        self.level
    }

    pub(super) fn has_open(&self) -> bool {
        self.open.is_some()
    }

    /// Takes the vault's new figures. True when the vault got into another level: worth an update at once.
    pub(super) fn crossing(&mut self, figures: &Figures) -> bool {
        let entered = level_at(figures.room, 0.0);
        // Leaving takes more room than entering.
        let level = entered.max(self.level.min(level_at(figures.room, EXIT_MARGIN)));
        std::mem::replace(&mut self.level, level) != level
    }

    /// The alert that goes with a crossing, if the platform noticed.
    pub(super) fn alert(
        &mut self,
        vault: &Vault,
        figures: &Figures,
        noticed: f64,
        now: UnixMillis,
        dice: &mut Dice,
    ) -> Option<Emission> {
        if let Some(open) = &mut self.open {
            if self.level < open.level {
                let open = self.open.take().expect("was just seen");
                return Some(solvency(&open, vault, figures, now, "true"));
            }
            if self.level == open.level {
                return None;
            }
            open.level = self.level;
            return Some(solvency(open, vault, figures, now, "false"));
        }
        if self.level == Level::Normal || !dice.chance(noticed) {
            return None;
        }
        let category = if dice.chance(0.8) { "LTV" } else { "HEALTH_FACTOR" };
        let open = Open { id: alert_id(dice), level: self.level, category };
        let emission = solvency(&open, vault, figures, now, "false");
        self.open = Some(open);
        Some(emission)
    }
}

fn level_at(room: f64, margin: f64) -> Level {
    if room <= CRITICAL_ROOM + margin {
        Level::Critical
    } else if room <= HIGH_ROOM + margin {
        Level::High
    } else {
        Level::Normal
    }
}

fn solvency(
    open: &Open,
    vault: &Vault,
    figures: &Figures,
    now: UnixMillis,
    resolved: &str,
) -> Emission {
    let (ty, severity, room) = match open.level {
        Level::Critical => ("CRITICAL", "CRITICAL", CRITICAL_ROOM),
        Level::High | Level::Normal => ("ALERT", "HIGH", HIGH_ROOM),
    };
    let limit = vault.threshold * (1.0 - room);
    let (ltv, id) = (figures.ltv, &vault.id);
    let relation = if resolved == "true" { "back under" } else { "over" };
    let mut data = String::with_capacity(320);
    let _ = write!(
        data,
        "\"id\":\"{}\",\"vaultId\":\"{id}\",\"type\":\"{ty}\",\"severity\":\"{severity}\",\
         \"category\":\"{}\",\"title\":\"{id}: LTV {ltv:.1} %\",\"message\":\"LTV {ltv:.2} % is \
         {relation} {limit:.2} %; liquidation begins at {} %\",\"metadata\":{{\"currentLTV\":{ltv:.4},\
         \"threshold\":{limit:.4}}},\"acknowledged\":false,\"resolved\":{resolved}",
        open.id, open.category, vault.threshold,
    );
    envelope(&data, now)
}

pub(super) fn liquidated(
    vault: &Vault,
    what: Liquidation,
    figures: &Figures,
    now: UnixMillis,
    dice: &mut Dice,
) -> Emission {
    let (ltv, id) = (figures.ltv, &vault.id);
    let mut data = String::with_capacity(320);
    let _ = write!(
        data,
        "\"id\":\"{}\",\"vaultId\":\"{id}\",\"type\":\"CRITICAL\",\"severity\":\"CRITICAL\",\
         \"category\":\"LIQUIDATION\",\"title\":\"{id} liquidated\",\"message\":\"{:.2} {} repaid, \
         ${:.2} of collateral taken; LTV is {ltv:.2} % now\",\"metadata\":{{\"currentLTV\":{ltv:.4},\
         \"threshold\":{},\"repaid\":\"{:.2}\",\"seizedUSD\":{:.2}}},\"acknowledged\":false,\
         \"resolved\":false",
        alert_id(dice),
        what.repaid,
        vault.stable.symbol(),
        what.seized,
        vault.threshold,
        what.repaid,
        what.seized,
    );
    envelope(&data, now)
}

/// About a chain's market rather than a vault.
pub(super) fn stressed(id: &str, chain: Chain, now: UnixMillis, resolved: &str) -> Emission {
    let name = chain.name();
    let mut data = String::with_capacity(256);
    let _ = write!(
        data,
        "\"id\":\"{id}\",\"type\":\"WARNING\",\"severity\":\"MEDIUM\",\"category\":\"MARKET_RISK\",\
         \"title\":\"{name}: market under stress\",\"message\":\"Prices on {name} move several times as \
         far as usual\",\"metadata\":{{\"chainId\":{}}},\"acknowledged\":false,\"resolved\":{resolved}",
        chain.id(),
    );
    envelope(&data, now)
}

pub(super) fn alert_id(dice: &mut Dice) -> SmolStr {
    format_smolstr!("ra-{:016x}", dice.id())
}

fn envelope(data: &str, now: UnixMillis) -> Emission {
    let json = format!(
        "{{\"type\":\"risk_alert\",\"data\":{{{data},\"timestamp\":{now}}},\"timestamp\":{now}}}"
    );
    Emission { ty: SmolStr::new_static("risk_alert"), kind: Kind::Event, json }
}
