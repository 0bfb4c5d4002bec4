use std::collections::BTreeMap;

use domain::{ChainId, Vault};
use smol_str::SmolStr;

use super::definition::Rule;
use super::explain::{Explanation, Verdict};
use super::fault::{Fault, RuleError};
use super::metric::Metric;
use super::options::{Entry, RulesOptions};
use super::policies::Policies;
use super::scope::Scope;
use super::validate;
use crate::Policy;

/// All rules and policies of one profile.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleBook {
    /// In the order of the file.
    rules: Vec<Rule>,
    names: Vec<Name>,
    policies: Policies,
}

/// A rule by its name: on vaults, one of its variants applies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Name {
    pub(super) name: SmolStr,
    pub(super) about: About,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum About {
    /// Indices of its variants, the nearest first; of equally near ones the first of the file.
    Vaults(Vec<u16>),
    Markets(u16),
    Status(u16),
}

impl RuleBook {
    /// Most `[[rule]]` entries.
    pub const LIMIT: usize = 500;
    /// Most `[[policy]]` entries.
    pub const POLICY_LIMIT: usize = 500;

    /// Of everything a file says, for one profile. `policy` has the numbers where the file is silent.
    ///
    /// # Errors
    /// Everything that makes no sense, in the order of the file; rules for other profiles included.
    pub fn new(
        options: &RulesOptions,
        policy: Policy,
        profile: &str,
    ) -> Result<Self, Vec<RuleError>> {
        let (labels, mut faults) = validate::labels(&options.labels);
        let all = |entry, field: &str, fault| RuleError {
            entry,
            name: None,
            field: field.to_owned(),
            fault,
        };
        if options.rule.len() > Self::LIMIT {
            let fault = Fault::TooMany { limit: Self::LIMIT };
            return Err(vec![all(Entry::Rule(Self::LIMIT), "", fault)]);
        }
        if options.policy.len() > Self::POLICY_LIMIT {
            let fault = Fault::TooMany { limit: Self::POLICY_LIMIT };
            return Err(vec![all(Entry::Policy(Self::POLICY_LIMIT), "", fault)]);
        }
        let mut rules = Vec::new();
        for (index, options) in options.rule.iter().enumerate() {
            match validate::rule(options, index, &labels) {
                Ok(rule) => rules.push((index, rule)),
                Err(found) => faults.extend(found),
            }
        }
        faults.extend(doubled(&rules));
        let known: Vec<_> = options.rule.iter().map(|rule| &rule.name).collect();
        let policies = Policies::new(&options.policy, policy, &labels, &known, profile);
        match policies {
            Ok(policies) if faults.is_empty() => {
                let rules = rules.into_iter().map(|(_, rule)| rule);
                let of_this = |rule: &Rule| {
                    let profiles = &rule.scope.profiles;
                    profiles.is_empty() || profiles.iter().any(|p| p == profile)
                };
                let rules: Vec<_> = rules.filter(of_this).collect();
                Ok(Self { names: names(&rules), rules, policies })
            }
            Ok(_) => Err(faults),
            Err(found) => {
                faults.extend(found);
                Err(faults)
            }
        }
    }

    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    #[must_use]
    pub fn policies(&self) -> &Policies {
        &self.policies
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// The same policies with only the rules of this name.
    #[must_use]
    pub fn only(&self, name: &str) -> Self {
        let rules: Vec<_> = self.rules.iter().filter(|r| r.name == name).cloned().collect();
        Self { names: names(&rules), rules, policies: self.policies.clone() }
    }

    pub(super) fn names(&self) -> &[Name] {
        &self.names
    }

    pub(super) fn rule(&self, index: u16) -> &Rule {
        &self.rules[usize::from(index)]
    }

    /// The variant of a name that applies to a vault.
    pub(super) fn variant(&self, name: &Name, vault: &Vault) -> Option<u16> {
        let About::Vaults(variants) = &name.about else { return None };
        let nearest = self.nearest(variants, vault)?;
        let on = self.rule(nearest).enabled && self.policies.off(vault, &name.name).is_none();
        on.then_some(nearest)
    }

    fn nearest(&self, variants: &[u16], vault: &Vault) -> Option<u16> {
        variants.iter().copied().find(|index| self.rule(*index).scope.covers(vault).is_ok())
    }

    /// Whether a rule on markets applies to this one.
    pub(super) fn applies_to_chain(&self, index: u16, chain: ChainId) -> bool {
        self.applies_in_general(index) && self.rule(index).scope.covers_chain(Some(chain))
    }

    pub(super) fn applies_in_general(&self, index: u16) -> bool {
        let rule = self.rule(index);
        rule.enabled && !self.policies.off_in_general(&rule.name)
    }

    /// Which rules and which policy apply to a vault, and why.
    #[must_use]
    pub fn explain(&self, vault: &Vault) -> Explanation {
        let verdict = |name: &Name| {
            let About::Vaults(variants) = &name.about else { return Verdict::NotAboutVaults };
            let Some(nearest) = self.nearest(variants, vault) else {
                let outside = |index: &u16| {
                    let scope = &self.rule(*index).scope;
                    Some((scope.clone(), scope.covers(vault).err()?))
                };
                return Verdict::OutOfScope(variants.iter().filter_map(outside).collect());
            };
            let rule = self.rule(nearest);
            let of = variants.len();
            if let Some(scope) = self.policies.off(vault, &name.name) {
                Verdict::OffByPolicy { policy: scope.clone() }
            } else if !rule.enabled {
                Verdict::Disabled { variant: rule.scope.clone(), of }
            } else {
                Verdict::Applies {
                    variant: rule.scope.clone(),
                    nearness: rule.scope.nearness(),
                    of,
                }
            }
        };
        let rules = self.names.iter().map(|name| (name.name.clone(), verdict(name))).collect();
        Explanation { vault: vault.id.clone(), settings: self.policies.settings(vault), rules }
    }
}

fn names(rules: &[Rule]) -> Vec<Name> {
    let mut names: Vec<Name> = Vec::new();
    for (index, rule) in rules.iter().enumerate() {
        let index = u16::try_from(index).expect("the number of rules is limited");
        match names.iter_mut().find(|known| known.name == rule.name) {
            Some(Name { about: About::Vaults(variants), .. }) => variants.push(index),
            Some(_) => unreachable!("only rules on vaults have variants"),
            None => names.push(Name {
                name: rule.name.clone(),
                about: match rule.metric {
                    Metric::Vault(_) => About::Vaults(vec![index]),
                    Metric::Market(_) => About::Markets(index),
                    Metric::Status(_) => About::Status(index),
                },
            }),
        }
    }
    for name in &mut names {
        if let About::Vaults(variants) = &mut name.about {
            // Stable: of equally near ones the first of the file stays first.
            variants.sort_by_key(|i| std::cmp::Reverse(rules[usize::from(*i)].scope.nearness()));
        }
    }
    names
}

/// Rules of one name between which nothing decides.
fn doubled(rules: &[(usize, Rule)]) -> Vec<RuleError> {
    let mut known: BTreeMap<&str, Vec<(&Scope, bool)>> = BTreeMap::new();
    let mut faults = Vec::new();
    for (index, rule) in rules {
        let on_vaults = matches!(rule.metric, Metric::Vault(_));
        let others = known.entry(&rule.name).or_default();
        let fault = if others.iter().any(|(scope, _)| **scope == rule.scope) {
            Some(Fault::DuplicateName)
        } else if others.iter().any(|(_, vaults)| !vaults || !on_vaults) {
            Some(Fault::NoVariants)
        } else {
            None
        };
        if let Some(fault) = fault {
            let name = Some(rule.name.clone());
            let field = "name".to_owned();
            faults.push(RuleError { entry: Entry::Rule(*index), name, field, fault });
        }
        others.push((&rule.scope, on_vaults));
    }
    faults
}
