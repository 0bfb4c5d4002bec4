use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use domain::{ChainId, Vault, VaultId};
use jiff::tz::TimeZone;
use smol_str::SmolStr;

use super::fault::{Fault, RuleError};
use super::options::{Entry, PolicyOptions};
use super::said::Said;
use super::scope::{Label, Nearness, Pattern, Scope};
use super::validate::{Faults, Labels};
use crate::{Cause, Policy};

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
    said: Vec<Said>,
    rules: Vec<(SmolStr, bool)>,
}

/// One number of a vault's policy, and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// As in the configuration: `hold.critical`.
    pub name: &'static str,
    /// In words: `15 s`.
    pub value: String,
    /// Where it is one.
    pub time: Option<Duration>,
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
            match Override::new(options, index, labels, rules, &default.zone) {
                Ok(policy) => overrides.push(policy),
                Err(found) => faults.extend(found),
            }
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let all = overrides.iter().flat_map(|policy| &policy.said);
        for (index, policy) in overrides.iter().enumerate() {
            let wrong = Said::calls_before_sound(&policy.said, all.clone(), &default);
            faults.extend(wrong.map(|field| RuleError {
                entry: Entry::Policy(index),
                name: None,
                field: field.to_owned(),
                fault: Fault::CallOutBeforeSound,
            }));
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
        self.over(&self.default, vault)
    }

    /// The same where everything else is as `base` says.
    pub(crate) fn over<'a>(&self, base: &'a Policy, vault: &Vault) -> Cow<'a, Policy> {
        said_over(base, self.covering(vault))
    }

    /// As [`Policies::over`], of what is known of an alert: the vault it is about, and what it has in common with others.
    /// Of an incident that is its cause alone.
    pub(crate) fn of_alert<'a>(
        &self,
        base: &'a Policy,
        vault: Option<&VaultId>,
        causes: &[Cause],
    ) -> Cow<'a, Policy> {
        let covers = |policy: &&Override| policy.scope.covers_alert(vault, causes);
        said_over(base, self.overrides.iter().filter(covers))
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
        let setting = |said: &Said, from: String| Setting {
            name: said.name(),
            value: said.to_string(),
            time: said.time(),
            from,
        };
        let all = Said::all_of(&self.default);
        let mut settings: Vec<_> =
            all.iter().map(|said| setting(said, BUILT_IN.to_owned())).collect();
        for policy in self.covering(vault) {
            for said in &policy.said {
                let known = settings.iter_mut().find(|setting| setting.name == said.name());
                if let Some(known) = known {
                    *known = setting(said, policy.scope.words());
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
        zone: &TimeZone,
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
        let said = Said::read(options, zone, &mut faults);
        for name in options.rules.keys().filter(|name| !known.contains(name)) {
            faults.add(format!("rules.{name}"), Fault::UnknownRule);
        }
        let rules = options.rules.iter().map(|(name, on)| (name.clone(), *on)).collect();
        let found = faults.into_found();
        if found.is_empty() { Ok(Self { scope, said, rules }) } else { Err(found) }
    }

    fn apply(&self, policy: &mut Policy) {
        self.said.iter().for_each(|said| said.apply(policy));
    }
}

/// The nearest last. Without any that says something nothing is copied: this runs for every update of a vault that is
/// not well.
fn said_over<'a, 'p>(
    base: &'a Policy,
    covering: impl Iterator<Item = &'p Override>,
) -> Cow<'a, Policy> {
    let mut policy = Cow::Borrowed(base);
    for found in covering.filter(|found| !found.said.is_empty()) {
        found.apply(policy.to_mut());
    }
    policy
}
