use std::fmt::Write;

use smol_str::{SmolStr, format_smolstr};
use wire::UnixMillis;

use super::token::Stable;
use super::vault::{Figures, Leg, Status, Vault};
use super::{Emission, Kind};

/// Writes a vault's `vault_update_{id}` messages: the whole vault now and then, otherwise what changed since the
/// last one.
#[derive(Debug)]
pub(super) struct Reporter {
    ty: SmolStr,
    last: Option<Reported>,
    /// Messages until the next complete one.
    until_full: u32,
}

/// What readers of the last message know.
#[derive(Debug)]
struct Reported {
    figures: Figures,
    collateral: Vec<Leg>,
    borrowed: f64,
    status: Status,
}

/// One message in so many is complete, so that a reader who missed one is right again soon.
const FULL_EVERY: u32 = 50;

impl Reporter {
    pub(super) fn new(vault: &Vault) -> Self {
        Self { ty: format_smolstr!("vault_update_{}", vault.id), last: None, until_full: 0 }
    }

    /// Makes the next message a complete one.
    pub(super) fn renew(&mut self) {
        self.until_full = 0;
    }

    pub(super) fn report(&mut self, vault: &Vault, figures: Figures, now: UnixMillis) -> Emission {
        let mut json = String::with_capacity(320);
        json.push_str("{\"type\":\"");
        json.push_str(&self.ty);
        json.push_str("\",\"data\":{");
        let full = match &self.last {
            Some(last) if self.until_full > 0 => {
                self.until_full -= 1;
                write_changes(&mut json, vault, &figures, last);
                false
            }
            _ => {
                self.until_full = FULL_EVERY;
                write_all(&mut json, vault, &figures);
                true
            }
        };
        // Writing to a string cannot fail.
        let _ = write!(json, "\"updatedAt\":{now}}},\"timestamp\":{now}}}");
        self.last = Some(Reported {
            figures,
            collateral: vault.collateral.clone(),
            borrowed: vault.borrowed,
            status: vault.status,
        });
        Emission { ty: self.ty.clone(), kind: Kind::State { full }, json }
    }
}

fn write_all(json: &mut String, vault: &Vault, figures: &Figures) {
    let _ = write!(
        json,
        "\"full\":true,\"id\":\"{}\",\"agentId\":\"agent-{}\",\"chainId\":{},",
        vault.id,
        vault.agent,
        vault.chain.id(),
    );
    write_status(json, vault.status);
    write_collateral(json, &vault.collateral, figures);
    write_debt(json, vault.stable, vault.borrowed, figures.debt);
    let _ = write!(
        json,
        "\"maxLTV\":{},\"liquidationThreshold\":{},\"liquidationProtection\":{{\"enabled\":{},\
         \"threshold\":{:.1},\"cooldown\":3600}},\"createdAt\":{},",
        vault.max_ltv,
        vault.threshold,
        vault.agent.is_multiple_of(2),
        vault.threshold * 0.95,
        vault.created,
    );
    write_risk(json, figures);
}

fn write_changes(json: &mut String, vault: &Vault, figures: &Figures, last: &Reported) {
    if vault.status != last.status {
        write_status(json, vault.status);
    }
    let pledged = (&vault.collateral, &figures.collateral);
    let pledged_changed = pledged != (&last.collateral, &last.figures.collateral);
    if pledged_changed {
        write_collateral(json, &vault.collateral, figures);
    }
    let owed_changed = (vault.borrowed, figures.debt) != (last.borrowed, last.figures.debt);
    if owed_changed {
        write_debt(json, vault.stable, vault.borrowed, figures.debt);
    }
    // With new values the ratios are told again, even when they round to the same: a reader would have to take
    // them for outdated otherwise.
    if pledged_changed || owed_changed {
        write_risk(json, figures);
    }
}

fn write_status(json: &mut String, status: Status) {
    let _ = write!(json, "\"status\":\"{}\",", status.name());
}

fn write_collateral(json: &mut String, legs: &[Leg], figures: &Figures) {
    json.push_str("\"collateral\":");
    let list = legs.len() > 1;
    if list {
        json.push('[');
    }
    for (i, (leg, usd)) in legs.iter().zip(&figures.collateral).enumerate() {
        let facts = leg.token.facts();
        let comma = if i > 0 { "," } else { "" };
        let _ = write!(
            json,
            "{comma}{{\"token\":\"{}\",\"amount\":\"{:.*}\",\"valueUSD\":{usd:.2}}}",
            facts.symbol, facts.digits, leg.amount
        );
    }
    json.push_str(if list { "]," } else { "," });
}

fn write_debt(json: &mut String, stable: Stable, borrowed: f64, usd: f64) {
    let symbol = stable.symbol();
    let _ = write!(
        json,
        "\"debt\":{{\"token\":\"{symbol}\",\"amount\":\"{borrowed:.2}\",\"valueUSD\":{usd:.2}}},"
    );
}

fn write_risk(json: &mut String, figures: &Figures) {
    let _ = write!(json, "\"ltv\":{:.4},\"healthFactor\":", figures.ltv);
    let _ = match figures.health_factor {
        Some(health_factor) => write!(json, "{health_factor:.4},"),
        None => write!(json, "null,"),
    };
}
