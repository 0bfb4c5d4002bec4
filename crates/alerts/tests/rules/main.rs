//! Rules: what is refused, what each metric is, what applies to which vault, and what comes of it.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod course;
mod documentation;
mod dry_run;
mod language;
mod metrics;
mod nearest;
mod properties;
mod refusals;
mod renewal;
mod restart;

use std::collections::HashMap;

use alerts::rule::{RuleBook, RuleWatch, RulesOptions};
use alerts::{Finding, Policy, Vaults};
use domain::market::{Market, MarketPatch};
use domain::vault::VaultPatch;
use domain::{ChainId, UnixMillis, Vault, VaultId};

pub(crate) fn options(toml: &str) -> RulesOptions {
    toml::from_str(toml).unwrap()
}

#[track_caller]
pub(crate) fn book(toml: &str) -> RuleBook {
    RuleBook::new(&options(toml), Policy::default(), "acme").unwrap()
}

/// Seconds after some moment.
pub(crate) fn at(seconds: i64) -> UnixMillis {
    UnixMillis(1_764_150_000_000 + seconds * 1_000)
}

pub(crate) fn id(name: &str) -> VaultId {
    VaultId::new(name).unwrap()
}

/// Vaults and rules, with everything that came of them in words: `raise HIGH ETH-017: …`.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) watch: RuleWatch,
    pub(crate) vaults: Known,
    markets: HashMap<u64, Market>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Known(pub(crate) HashMap<VaultId, Vault>);

impl Vaults for Known {
    fn vault(&self, id: &VaultId) -> Option<&Vault> {
        self.0.get(id)
    }
}

impl World {
    pub(crate) fn new(toml: &str) -> Self {
        Self {
            watch: RuleWatch::new(book(toml)),
            vaults: Known::default(),
            markets: HashMap::new(),
        }
    }

    pub(crate) fn vault(&mut self, name: &str, json: &str, seconds: i64) -> Vec<String> {
        let patch: VaultPatch = serde_json::from_str(json).unwrap();
        let vault = self.vaults.0.entry(id(name)).or_insert_with(|| Vault::unknown(id(name)));
        vault.apply(patch);
        let mut effects = Vec::new();
        self.watch.vault_changed(vault, at(seconds), &mut effects);
        told(effects)
    }

    pub(crate) fn market(&mut self, chain: u64, json: &str, seconds: i64) -> Vec<String> {
        let patch: MarketPatch = serde_json::from_str(json).unwrap();
        let market = self.markets.entry(chain).or_insert_with(|| Market::unknown(ChainId(chain)));
        market.apply(patch);
        let mut effects = Vec::new();
        self.watch.market_changed(market, at(seconds), &mut effects);
        told(effects)
    }

    pub(crate) fn status(&mut self, json: &str, seconds: i64) -> Vec<String> {
        let mut effects = Vec::new();
        let status = serde_json::from_str(json).unwrap();
        let extra = domain::status::extra_fields(json.as_bytes());
        self.watch.status_changed(&status, &extra, at(seconds), &mut effects);
        told(effects)
    }

    pub(crate) fn tick(&mut self, seconds: i64) -> Vec<String> {
        self.tick_while(true, seconds)
    }

    pub(crate) fn tick_while(&mut self, fed: bool, seconds: i64) -> Vec<String> {
        let mut effects = Vec::new();
        self.watch.tick(&self.vaults, fed, at(seconds), &mut effects);
        told(effects)
    }
}

pub(crate) fn told(effects: Vec<Finding>) -> Vec<String> {
    let one = |effect: &Finding| {
        let what = match effect {
            Finding::Raise(_) => "raise",
            Finding::Worsen(_) => "worse",
            Finding::Update(_) => "update",
            Finding::Resolve(_) => "over",
        };
        let alert = effect.alert();
        format!("{what} {:?} [{}] {}", alert.severity, alert.condition, alert.title)
    };
    let mut told: Vec<_> = effects.iter().map(one).collect();
    // Of one moment, in no order.
    told.sort();
    told
}

/// One rule of one level, entered at once.
pub(crate) fn simple(metric: &str, when: &str, enter: &str, more: &str) -> String {
    format!(
        "[[rule]]\nname = \"r\"\nmetric = \"{metric}\"\nwhen = \"{when}\"\nenter = {enter}\n\
         severity = \"high\"\nfor = \"0s\"\nrecovery = \"0s\"\n{more}\n"
    )
}
