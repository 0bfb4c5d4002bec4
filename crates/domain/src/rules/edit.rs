use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::{Entry, PolicyOptions, RuleOptions, RulesOptions};

/// One change that somebody makes to the rules in a form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "do", content = "with")]
pub enum RulesEdit {
    /// In place of the rule at that position; none: as the last one.
    PutRule {
        at: Option<usize>,
        rule: Box<RuleOptions>,
    },
    RemoveRule {
        at: usize,
    },
    /// In place of the policy at that position; none: as the last one.
    PutPolicy {
        at: Option<usize>,
        policy: Box<PolicyOptions>,
    },
    RemovePolicy {
        at: usize,
    },
    /// The vaults of a label, which is new or has others so far.
    PutLabel {
        name: SmolStr,
        vaults: Vec<SmolStr>,
    },
    RemoveLabel {
        name: SmolStr,
    },
}

impl RulesEdit {
    /// What stands in the options afterwards. `None`: what was to be changed is not there.
    #[must_use]
    pub fn applied(&self, options: &RulesOptions) -> Option<RulesOptions> {
        let mut options = options.clone();
        match self.clone() {
            Self::PutRule { at, rule } => put(&mut options.rule, at, *rule)?,
            Self::RemoveRule { at } => remove(&mut options.rule, at)?,
            Self::PutPolicy { at, policy } => put(&mut options.policy, at, *policy)?,
            Self::RemovePolicy { at } => remove(&mut options.policy, at)?,
            Self::PutLabel { name, vaults } => {
                options.labels.insert(name, vaults);
            }
            Self::RemoveLabel { name } => {
                options.labels.remove(&name)?;
            }
        }
        Some(options)
    }

    /// The same change to rules that somebody else has changed since they were `seen`: made to the same entry, wherever it
    /// stands `now`. `None`: that entry is another one by now, or gone.
    #[must_use]
    pub fn rebased(&self, seen: &RulesOptions, now: &RulesOptions) -> Option<Self> {
        let mut edit = self.clone();
        match &mut edit {
            Self::PutRule { at: Some(at), .. } | Self::RemoveRule { at } => {
                *at = stands(*at, &seen.rule, &now.rule)?;
            }
            Self::PutPolicy { at: Some(at), .. } | Self::RemovePolicy { at } => {
                *at = stands(*at, &seen.policy, &now.policy)?;
            }
            Self::PutLabel { name, .. } | Self::RemoveLabel { name } => {
                if seen.labels.get(name) != now.labels.get(name) {
                    return None;
                }
            }
            Self::PutRule { at: None, .. } | Self::PutPolicy { at: None, .. } => {}
        }
        Some(edit)
    }

    /// Where the changed entry stands afterwards: what is wrong there is told at the form. `None`: it is gone.
    #[must_use]
    pub fn entry(&self, options: &RulesOptions) -> Option<Entry> {
        match self {
            Self::PutRule { at, .. } => Some(Entry::Rule(at.unwrap_or(options.rule.len()))),
            Self::PutPolicy { at, .. } => Some(Entry::Policy(at.unwrap_or(options.policy.len()))),
            Self::PutLabel { .. } => Some(Entry::Labels),
            Self::RemoveRule { .. } | Self::RemovePolicy { .. } | Self::RemoveLabel { .. } => None,
        }
    }
}

fn put<T>(list: &mut Vec<T>, at: Option<usize>, one: T) -> Option<()> {
    match at {
        Some(at) => *list.get_mut(at)? = one,
        None => list.push(one),
    }
    Some(())
}

/// Where what stood there is now, as it was.
fn stands<T: PartialEq>(at: usize, seen: &[T], now: &[T]) -> Option<usize> {
    let entry = seen.get(at)?;
    now.iter().position(|one| one == entry)
}

fn remove<T>(list: &mut Vec<T>, at: usize) -> Option<()> {
    if at >= list.len() {
        return None;
    }
    list.remove(at);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(name: &str) -> Box<RuleOptions> {
        Box::new(RuleOptions { name: name.into(), metric: "room".into(), ..RuleOptions::default() })
    }

    fn names(options: &RulesOptions) -> Vec<&str> {
        options.rule.iter().map(|rule| rule.name.as_str()).collect()
    }

    #[test]
    fn each_change_is_made_where_it_belongs() {
        let none = RulesOptions::default();
        let one = RulesEdit::PutRule { at: None, rule: rule("a") }.applied(&none).unwrap();
        let two = RulesEdit::PutRule { at: None, rule: rule("b") };
        assert_eq!(two.entry(&one), Some(Entry::Rule(1)));
        let two = two.applied(&one).unwrap();
        let other = RulesEdit::PutRule { at: Some(0), rule: rule("c") };
        assert_eq!(names(&other.applied(&two).unwrap()), ["c", "b"]);
        assert_eq!(names(&RulesEdit::RemoveRule { at: 0 }.applied(&two).unwrap()), ["b"]);
        assert_eq!(RulesEdit::RemoveRule { at: 2 }.applied(&two), None);
        assert_eq!(RulesEdit::PutRule { at: Some(2), rule: rule("d") }.applied(&two), None);
        let label = RulesEdit::PutLabel { name: "x".into(), vaults: vec!["A".into()] };
        let labelled = label.applied(&two).unwrap();
        let gone = RulesEdit::RemoveLabel { name: "x".into() };
        assert_eq!(gone.applied(&labelled).unwrap(), two);
        assert_eq!(gone.applied(&two), None);
    }

    #[test]
    fn a_change_follows_its_entry_and_is_made_to_no_other() {
        let options = |names: &[&str]| RulesOptions {
            rule: names.iter().map(|name| *rule(name)).collect(),
            ..RulesOptions::default()
        };
        let seen = options(&["a", "b"]);
        let change = RulesEdit::PutRule { at: Some(1), rule: rule("c") };
        let first = options(&["new", "a", "b"]);
        let moved = change.rebased(&seen, &first).unwrap();
        assert_eq!(names(&moved.applied(&first).unwrap()), ["new", "a", "c"]);
        let gone = RulesEdit::RemoveRule { at: 0 };
        assert_eq!(gone.rebased(&seen, &options(&["b"])), None, "it is gone already");
        let mut other = seen.clone();
        other.rule[1].hold = Some("5m".into());
        assert_eq!(change.rebased(&seen, &other), None, "somebody else has changed it");
        let added = RulesEdit::PutRule { at: None, rule: rule("d") };
        assert_eq!(added.rebased(&seen, &first).as_ref(), Some(&added));
        let label = RulesEdit::PutLabel { name: "x".into(), vaults: vec!["A".into()] };
        assert_eq!(label.rebased(&seen, &first).as_ref(), Some(&label));
        other.labels.insert("x".into(), vec!["B".into()]);
        assert_eq!(label.rebased(&seen, &other), None);
    }

    #[test]
    fn a_change_is_read_back_as_it_was_written() {
        let mut rule = rule("a");
        rule.hold = Some("5m".into());
        rule.scope.chains = vec![1];
        let edit = RulesEdit::PutRule { at: Some(3), rule };
        let json = serde_json::to_string(&edit).unwrap();
        insta::assert_snapshot!(json, @r#"{"do":"putRule","with":{"at":3,"rule":{"name":"a","metric":"room","for":"5m","scope":{"chains":[1]}}}}"#);
        assert_eq!(serde_json::from_str::<RulesEdit>(&json).unwrap(), edit);
    }
}
