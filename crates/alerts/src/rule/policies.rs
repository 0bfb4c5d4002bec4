use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use domain::{ChainId, Level, Vault};
use smol_str::SmolStr;

use super::fault::{Fault, RuleError};
use super::options::{Entry, PolicyOptions};
use super::scope::{Label, Nearness, Pattern, Scope};
use super::validate::{self, Faults, Labels};
use crate::Policy;

const LIMIT: Duration = Duration::from_secs(24 * 3_600);
const LEVELS: [Level; 3] = [Level::Medium, Level::High, Level::Critical];

/// The numbers of the alerts about each vault: the built-in ones, changed setting by setting by the nearest policy
/// that says something about it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policies {
    default: Policy,
    /// The farthest first; of equally near ones the first of the file last.
    overrides: Vec<Override>,
}

/// One `[[policy]]`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Override {
    scope: Scope,
    hold: [Option<Duration>; 3],
    recovery: Option<Duration>,
    rules: Vec<(SmolStr, bool)>,
}

/// One number of a vault's policy, and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// As in the configuration: `hold.critical`.
    pub name: &'static str,
    pub value: Duration,
    /// `built in`, or what the policy is for: `label treasury`.
    pub from: String,
}

impl Policies {
    /// # Errors
    /// Everything that is wrong with any of them. `rules` are the names there are.
    pub(super) fn new(
        options: &[PolicyOptions],
        default: Policy,
        labels: &Labels,
        rules: &[&SmolStr],
        profile: &str,
    ) -> Result<Self, Vec<RuleError>> {
        let mut faults = Vec::new();
        let mut overrides = Vec::new();
        for (index, options) in options.iter().enumerate() {
            match Override::new(options, index, labels, rules) {
                Ok(policy) => overrides.push(policy),
                Err(found) => faults.extend(found),
            }
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let of_this = |policy: &Override| {
            policy.scope.profiles.is_empty() || policy.scope.profiles.iter().any(|p| p == profile)
        };
        overrides.retain(of_this);
        overrides.reverse();
        overrides.sort_by_key(|policy| policy.scope.nearness());
        Ok(Self { default, overrides })
    }

    fn covering(&self, vault: &Vault) -> impl DoubleEndedIterator<Item = &Override> {
        let covers = |policy: &&Override| policy.scope.covers(vault).is_ok();
        self.overrides.iter().filter(covers)
    }

    /// What holds where no vault is concerned.
    #[must_use]
    pub fn general(&self) -> Policy {
        let mut policy = self.default.clone();
        for found in self.overrides.iter().filter(|p| p.scope.nearness() <= Nearness::Profile) {
            found.apply(&mut policy);
        }
        policy
    }

    /// The numbers for a vault.
    #[must_use]
    pub fn of(&self, vault: &Vault) -> Cow<'_, Policy> {
        let mut policy = Cow::Borrowed(&self.default);
        for found in self.covering(vault) {
            if found.changes_numbers() {
                found.apply(policy.to_mut());
            }
        }
        policy
    }

    /// Whether the nearest policy that mentions the rule switches it off, and what that policy is for.
    pub(super) fn off(&self, vault: &Vault, rule: &str) -> Option<&Scope> {
        let says = |policy: &'_ Override| {
            policy.rules.iter().find(|(name, _)| name == rule).map(|(_, on)| *on)
        };
        let (policy, on) =
            self.covering(vault).rev().find_map(|policy| Some((policy, says(policy)?)))?;
        (!on).then_some(&policy.scope)
    }

    /// As [`Policies::off`], for rules that are about no vault.
    pub(super) fn off_in_general(&self, rule: &str) -> bool {
        let general = self.overrides.iter().filter(|p| p.scope.nearness() <= Nearness::Profile);
        let mut says = general.rev().flat_map(|policy| &policy.rules);
        says.find(|(name, _)| name == rule).is_some_and(|(_, on)| !on)
    }

    /// Every number with the policy it comes from.
    #[must_use]
    pub fn settings(&self, vault: &Vault) -> Vec<Setting> {
        let mut settings = Vec::new();
        for (name, level) in ["hold.medium", "hold.high", "hold.critical"].into_iter().zip(LEVELS) {
            let value = self.default.hold.of(level);
            settings.push(Setting { name, value, from: BUILT_IN.to_owned() });
        }
        let value = self.default.recovery;
        settings.push(Setting { name: "recovery", value, from: BUILT_IN.to_owned() });
        for policy in self.covering(vault) {
            let said = policy.hold.into_iter().chain([policy.recovery]);
            for (setting, said) in settings.iter_mut().zip(said) {
                if let Some(value) = said {
                    *setting = Setting { name: setting.name, value, from: policy.scope.words() };
                }
            }
        }
        settings
    }
}

const BUILT_IN: &str = "built in";

impl Override {
    fn new(
        options: &PolicyOptions,
        index: usize,
        labels: &Labels,
        known: &[&SmolStr],
    ) -> Result<Self, Vec<RuleError>> {
        let mut faults = Faults::of(Entry::Policy(index), None);
        let given = [
            ("profile", options.profile.is_some()),
            ("chain", options.chain.is_some()),
            ("token", options.token.is_some()),
            ("label", options.label.is_some()),
            ("vault", options.vault.is_some()),
        ];
        for (field, _) in given.iter().filter(|(_, given)| *given).skip(1) {
            faults.add(*field, Fault::NotHere { why: "a policy is for one kind of thing" });
        }
        let mut scope = Scope {
            profiles: options.profile.iter().cloned().collect(),
            chains: options.chain.iter().map(|chain| ChainId(*chain)).collect(),
            tokens: options.token.iter().cloned().collect(),
            ..Scope::default()
        };
        if let Some(name) = &options.label {
            match labels.get(name) {
                Some(vaults) => {
                    scope.labels.push(Label { name: name.clone(), vaults: Arc::clone(vaults) });
                }
                None => faults.add("label", Fault::UnknownLabel),
            }
        }
        if let Some(vault) = &options.vault {
            let fault = || Fault::BadVault;
            scope.vaults.extend(faults.take("vault", Pattern::new(vault).ok_or_else(fault)));
        }
        let mut hold = [None; 3];
        for (key, text) in &options.hold {
            let field = format!("hold.{key}");
            let Some(level) = faults.take(&field, validate::level(key)) else { continue };
            let time = faults.take(&field, validate::limited(text, LIMIT, "24 h"));
            let place = LEVELS.iter().position(|l| *l == level).expect("a level with a hold");
            hold[place] = time;
        }
        let recovery = options
            .recovery
            .as_ref()
            .and_then(|text| faults.take("recovery", validate::limited(text, LIMIT, "24 h")));
        for name in options.rules.keys().filter(|name| !known.contains(name)) {
            faults.add(format!("rules.{name}"), Fault::UnknownRule);
        }
        let rules = options.rules.iter().map(|(name, on)| (name.clone(), *on)).collect();
        let found = faults.into_found();
        if found.is_empty() { Ok(Self { scope, hold, recovery, rules }) } else { Err(found) }
    }

    fn changes_numbers(&self) -> bool {
        self.recovery.is_some() || self.hold.iter().any(Option::is_some)
    }

    fn apply(&self, policy: &mut Policy) {
        let hold = &mut policy.hold;
        let times = [&mut hold.medium, &mut hold.high, &mut hold.critical, &mut policy.recovery];
        let said = self.hold.into_iter().chain([self.recovery]);
        for (time, said) in times.into_iter().zip(said) {
            if let Some(said) = said {
                *time = said;
            }
        }
    }
}
