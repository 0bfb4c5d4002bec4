//! The history as a program uses it: a handle on a thread, a reader in another process.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod handle;
mod opening;
mod size;

use domain::patch::Patch;
use domain::sample::Sample;
use domain::vault::{HoldingPatch, HoldingsPatch, VaultPatch};
use domain::{Amount, Percent, UnixMillis, Usd, Vault, VaultId};
use rust_decimal::Decimal;
use store::{Fold, Recorded, SeriesKey};

pub(crate) const MINUTE: i64 = 60_000;
pub(crate) const HOUR: i64 = 60 * MINUTE;
pub(crate) const DAY: i64 = 24 * HOUR;
/// The beginning of a day.
pub(crate) const START: i64 = 1_763_510_400_000;

pub(crate) fn key(vault: u32) -> SeriesKey {
    SeriesKey::Vault(VaultId::new(&format!("ETH-{vault:05}")).unwrap())
}

/// What is recorded of a vault whose LTV is so many hundredths of a percent.
pub(crate) fn sample(ltv: i64) -> Sample {
    let mut vault = Vault::unknown(VaultId::new("V").unwrap());
    let holding = |token: &str, amount: Decimal, value: Decimal| {
        Patch::Set(Box::new(HoldingsPatch::One(HoldingPatch {
            token: Some(token.into()),
            amount: Patch::Set(Amount::from(amount)),
            value: Patch::Set(Usd(value)),
            last_updated: Patch::Keep,
        })))
    };
    let debt = Decimal::new(17_659_087, 2);
    let ltv = Decimal::new(ltv, 2);
    let collateral = (debt * Decimal::ONE_HUNDRED / ltv).round_dp(2);
    vault.apply(VaultPatch {
        ltv: Patch::Set(Percent(ltv)),
        liquidation_threshold: Patch::Set(Percent(Decimal::new(825, 1))),
        collateral: holding("WETH", Decimal::from(120), collateral),
        debt: holding("USDC", debt, debt),
        ..VaultPatch::default()
    });
    Sample::of(&vault)
}

pub(crate) fn recorded(vault: u32, at: i64, samples: &[Sample]) -> Recorded {
    let mut fold = Fold::default();
    for sample in samples {
        fold.add(key(vault), sample, UnixMillis(at));
    }
    fold.take().remove(0)
}
