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

#[cfg(test)]
mod tests {
    use super::*;

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
