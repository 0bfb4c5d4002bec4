use smol_str::SmolStr;

use super::opening::Act;
use super::owner::Temper;
use super::path::Turn;
use super::token::{Chain, Quoted, Stable, Token};
use super::weather::Weather;
use crate::Rate;
use crate::replay::Speed;

/// A market as a scenario's file describes it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Plan {
    pub(crate) seed: u64,
    pub(crate) rate: Rate,
    pub(crate) speed: Speed,
    pub(crate) weather: Weather,
    /// The share of crossings the platform notices.
    pub(crate) noticed: f64,
    pub(crate) vaults: Vec<VaultPlan>,
    /// Vaults beside those, made up.
    pub(crate) population: u16,
    pub(crate) prices: Vec<(Quoted, Turn)>,
    /// By milliseconds since the start.
    pub(crate) acts: Vec<(i64, Act)>,
}

/// A vault as it begins.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct VaultPlan {
    pub(crate) id: SmolStr,
    pub(crate) chain: Chain,
    /// One or two, each with its amount.
    pub(crate) collateral: Vec<(Token, f64)>,
    pub(crate) stable: Stable,
    pub(crate) borrowed: f64,
    /// Percent.
    pub(crate) max_ltv: f64,
    /// Percent.
    pub(crate) threshold: f64,
    pub(crate) temper: Temper,
    /// Mean seconds until its owner reacts to danger.
    pub(crate) patience: f64,
}

impl Token {
    /// Percent that may be borrowed on it, and percent at which a vault of it may be liquidated.
    pub(crate) fn limits(self) -> (f64, f64) {
        (self.facts().max_ltv, self.facts().threshold)
    }
}
