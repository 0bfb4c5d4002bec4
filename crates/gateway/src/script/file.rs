use serde::Deserialize;
use smol_str::SmolStr;
use toml::Spanned;

use crate::lapse::Lapse;
use crate::market::Weather;

/// A scenario as it is written. `docs/gateway/scenarios.md` is its reference.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) title: Option<String>,
    #[serde(default = "one")]
    pub(super) seed: u64,
    #[serde(default)]
    pub(super) weather: Weather,
    pub(super) rate: Option<Spanned<u32>>,
    pub(super) length: Option<Spanned<Lapse>>,
    pub(super) noticed: Option<Spanned<f64>>,
    pub(super) population: Option<Spanned<u16>>,
    #[serde(default, rename = "vault")]
    pub(super) vaults: Vec<Vault>,
    #[serde(default, rename = "price")]
    pub(super) prices: Vec<Price>,
    #[serde(default, rename = "act")]
    pub(super) acts: Vec<Deed>,
    #[serde(default, rename = "fault")]
    pub(super) faults: Vec<Trouble>,
}

fn one() -> u64 {
    1
}

/// A vault as it begins.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Vault {
    pub(super) id: Spanned<SmolStr>,
    pub(super) chain: Option<Spanned<u32>>,
    pub(super) collateral: Spanned<Vec<Holding>>,
    pub(super) debt: Spanned<Holding>,
    pub(super) max_ltv: Option<Spanned<f64>>,
    pub(super) threshold: Option<Spanned<f64>>,
    #[serde(default)]
    pub(super) owner: Owner,
    pub(super) reacts_within: Option<Spanned<Lapse>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Holding {
    pub(super) token: Spanned<SmolStr>,
    pub(super) amount: Spanned<f64>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Owner {
    #[default]
    Absent,
    Steady,
    Bold,
}

/// A price goes elsewhere.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Price {
    pub(super) token: Spanned<SmolStr>,
    pub(super) at: Option<Spanned<Lapse>>,
    pub(super) over: Option<Spanned<Lapse>>,
    pub(super) to: Option<Spanned<f64>>,
    pub(super) by: Option<Spanned<f64>>,
    pub(super) volatility: Option<Spanned<f64>>,
}

/// An owner does something.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Deed {
    pub(super) at: Spanned<Lapse>,
    pub(super) vault: Spanned<SmolStr>,
    pub(super) repay: Option<Spanned<f64>>,
    pub(super) borrow: Option<Spanned<f64>>,
    pub(super) deposit: Option<Spanned<f64>>,
    pub(super) withdraw: Option<Spanned<f64>>,
}

/// Something goes wrong on the way.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Trouble {
    pub(super) at: Spanned<Lapse>,
    pub(super) kind: Spanned<Kind>,
    #[serde(rename = "for")]
    pub(super) time: Option<Spanned<Lapse>>,
    pub(super) by: Option<Spanned<Lapse>>,
    pub(super) types: Option<Spanned<Vec<SmolStr>>>,
    pub(super) count: Option<Spanned<u32>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    Silence,
    Late,
    Burst,
    Duplicate,
    MalformedFrame,
    MalformedData,
    Disconnect,
    Restart,
}
