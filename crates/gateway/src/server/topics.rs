use smol_str::SmolStr;
use wire::TYPE_LIMIT;

use crate::log::EntryKind;

/// What a connection wants to hear of: exact types, and prefixes that end in `*`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Topics(Vec<SmolStr>);

/// Most topics of one connection.
const LIMIT: usize = 1_000;

/// Why topics were refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum TopicError {
    /// Empty, too long, with a control character, or with a `*` that is not the last character.
    #[error("a topic is an exact type of 1 to 256 bytes, or a prefix ending in *")]
    Malformed,
    /// More than a connection may have.
    #[error("a connection has at most 1000 topics: use prefixes")]
    TooMany,
}

impl Topics {
    pub(super) fn everything() -> Self {
        Self(vec!["*".into()])
    }

    /// These topics as well.
    pub(super) fn with(&self, more: &[SmolStr]) -> Result<Self, TopicError> {
        let mut topics = self.0.clone();
        for topic in more {
            let stem = topic.strip_suffix('*').unwrap_or(topic);
            let bad = stem.contains('*') || stem.chars().any(char::is_control);
            if bad || topic.is_empty() || topic.len() > TYPE_LIMIT {
                return Err(TopicError::Malformed);
            }
            if !topics.contains(topic) {
                topics.push(topic.clone());
            }
            if topics.len() > LIMIT {
                return Err(TopicError::TooMany);
            }
        }
        Ok(Self(topics))
    }

    pub(super) fn without(&self, less: &[SmolStr]) -> Self {
        Self(self.0.iter().filter(|topic| !less.contains(topic)).cloned().collect())
    }

    /// What both select. Besides, those topics of ours of which `rights` selects nothing.
    pub(super) fn within(&self, rights: &Self) -> (Self, Vec<SmolStr>) {
        let (mut both, mut outside): (Vec<SmolStr>, Vec<SmolStr>) = Default::default();
        for topic in &self.0 {
            let mut shared = rights.0.iter().filter_map(|right| narrower(topic, right)).peekable();
            if shared.peek().is_none() {
                outside.push(topic.clone());
            }
            for topic in shared {
                if !both.contains(topic) {
                    both.push(topic.clone());
                }
            }
        }
        (Self(both), outside)
    }

    /// Whether nothing is left out.
    pub(super) fn is_everything(&self) -> bool {
        self.0.iter().any(|topic| topic == "*")
    }

    pub(super) fn names(&self) -> Vec<SmolStr> {
        self.0.clone()
    }

    pub(super) fn select(&self, entry: &EntryKind) -> bool {
        self.matches(&entry.ty) || entry.key().is_some_and(|key| self.matches(key))
    }

    pub(super) fn matches(&self, name: &str) -> bool {
        self.0.iter().any(|topic| match topic.strip_suffix('*') {
            Some(prefix) => name.starts_with(prefix),
            None => topic == name,
        })
    }
}

/// What two topics both select is one of the two, or nothing.
fn narrower<'a>(a: &'a SmolStr, b: &'a SmolStr) -> Option<&'a SmolStr> {
    let covers = |wide: &str, narrow: &str| match wide.strip_suffix('*') {
        Some(prefix) => narrow.strip_suffix('*').unwrap_or(narrow).starts_with(prefix),
        None => wide == narrow,
    };
    match () {
        () if covers(b, a) => Some(a),
        () if covers(a, b) => Some(b),
        () => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn topics() -> impl Strategy<Value = Topics> {
        proptest::collection::vec("[ab]{0,3}\\*|[ab]{1,3}", 0..4)
            .prop_map(|list| list.into_iter().map(SmolStr::new).collect::<Vec<_>>())
            .prop_map(|list| Topics::default().with(&list).unwrap())
    }

    proptest! {
        #[test]
        fn what_is_shared_is_what_both_select(a in topics(), b in topics(), name in "[ab]{1,4}") {
            let (both, outside) = a.within(&b);
            prop_assert_eq!(both.matches(&name), a.matches(&name) && b.matches(&name));
            let outside = Topics(outside);
            prop_assert!(!(outside.matches(&name) && both.matches(&name) && outside == a));
        }
    }

    #[test]
    fn topics_without_a_right_are_named() {
        let asked = Topics::default().with(&["a*".into(), "b".into(), "cd".into()]).unwrap();
        let rights = Topics::default().with(&["a1".into(), "c*".into()]).unwrap();
        let (both, outside) = asked.within(&rights);
        assert_eq!((both.names(), outside), (vec!["a1".into(), "cd".into()], vec!["b".into()]));
        let (both, outside) = Topics::everything().within(&Topics::default());
        assert_eq!((both, outside), (Topics::default(), vec!["*".into()]));
    }

    #[test]
    fn exact_types_and_prefixes() {
        let topics =
            Topics::default().with(&["vault_update_*".into(), "risk_alert".into()]).unwrap();
        for (name, selected) in [
            ("vault_update_1", true),
            ("vault_update", false),
            ("risk_alert", true),
            ("risk_alert2", false),
        ] {
            assert_eq!(topics.matches(name), selected, "{name}");
        }
        assert!(!topics.without(&["risk_alert".into()]).matches("risk_alert"));
        assert!(Topics::everything().matches("anything") && !Topics::default().matches("anything"));
        for bad in ["", "a*b", "a\n", "**"] {
            assert_eq!(topics.with(&[bad.into()]), Err(TopicError::Malformed), "{bad:?}");
        }
        let many: Vec<SmolStr> = (0..1_001).map(|n| smol_str::format_smolstr!("t{n}")).collect();
        assert_eq!(topics.with(&many), Err(TopicError::TooMany));
    }
}
