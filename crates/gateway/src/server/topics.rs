use smol_str::SmolStr;
use wire::TYPE_LIMIT;

use crate::log::EntryKind;

/// What a connection wants to hear of: exact types, and prefixes that end in `*`. There may be a thousand of them, and each
/// message is compared with those of each connection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Topics {
    /// In the order they were given in.
    names: Vec<SmolStr>,
    /// Sorted.
    exact: Vec<SmolStr>,
    /// Sorted, and none begins with another one: so the last that is not greater than a name is the only one it may begin
    /// with.
    prefixes: Vec<SmolStr>,
}

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
    fn of(names: Vec<SmolStr>) -> Self {
        let (mut exact, mut prefixes): (Vec<SmolStr>, Vec<SmolStr>) = Default::default();
        for name in &names {
            match name.strip_suffix('*') {
                Some(prefix) => prefixes.push(prefix.into()),
                None => exact.push(name.clone()),
            }
        }
        exact.sort_unstable();
        prefixes.sort_unstable();
        prefixes.dedup_by(|later, earlier| later.starts_with(earlier.as_str()));
        // Each connection has some of these, most of them with a single `*`.
        exact.shrink_to_fit();
        prefixes.shrink_to_fit();
        Self { names, exact, prefixes }
    }

    pub(super) fn everything() -> Self {
        Self::of(vec!["*".into()])
    }

    /// These topics as well.
    pub(super) fn with(&self, more: &[SmolStr]) -> Result<Self, TopicError> {
        let mut topics = self.names.clone();
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
        Ok(Self::of(topics))
    }

    pub(super) fn without(&self, less: &[SmolStr]) -> Self {
        Self::of(self.names.iter().filter(|topic| !less.contains(topic)).cloned().collect())
    }

    /// What both select. Besides, those topics of ours of which `rights` selects nothing.
    pub(super) fn within(&self, rights: &Self) -> (Self, Vec<SmolStr>) {
        let (mut both, mut outside): (Vec<SmolStr>, Vec<SmolStr>) = Default::default();
        for topic in &self.names {
            let mut shared =
                rights.names.iter().filter_map(|right| narrower(topic, right)).peekable();
            if shared.peek().is_none() {
                outside.push(topic.clone());
            }
            for topic in shared {
                if !both.contains(topic) {
                    both.push(topic.clone());
                }
            }
        }
        (Self::of(both), outside)
    }

    /// Whether nothing is left out.
    pub(super) fn is_everything(&self) -> bool {
        self.prefixes.first().is_some_and(|prefix| prefix.is_empty())
    }

    pub(super) fn names(&self) -> Vec<SmolStr> {
        self.names.clone()
    }

    pub(super) fn select(&self, entry: &EntryKind) -> bool {
        self.matches(&entry.ty) || entry.key().is_some_and(|key| self.matches(key))
    }

    pub(super) fn matches(&self, name: &str) -> bool {
        let after = self.prefixes.partition_point(|prefix| prefix.as_str() <= name);
        let begins = after > 0 && name.starts_with(self.prefixes[after - 1].as_str());
        begins || self.exact.binary_search_by(|exact| exact.as_str().cmp(name)).is_ok()
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
        /// Against the plainest of comparisons.
        #[test]
        fn a_name_is_selected_by_any_of_them(topics in topics(), name in "[abc]{1,4}") {
            let selects = |topic: &SmolStr| match topic.strip_suffix('*') {
                Some(prefix) => name.starts_with(prefix),
                None => *topic == name,
            };
            prop_assert_eq!(topics.matches(&name), topics.names.iter().any(selects));
            let everything = topics.names.iter().any(|topic| topic == "*");
            prop_assert_eq!(topics.is_everything(), everything);
        }

        #[test]
        fn what_is_shared_is_what_both_select(a in topics(), b in topics(), name in "[ab]{1,4}") {
            let (both, outside) = a.within(&b);
            prop_assert_eq!(both.matches(&name), a.matches(&name) && b.matches(&name));
            let outside = Topics::of(outside);
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
