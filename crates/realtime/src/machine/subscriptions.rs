use smol_str::SmolStr;

use super::protocol::TopicChange;
use crate::Topic;

/// What is wanted: everything, or what one of some topics matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Subscriptions {
    Everything,
    Topics(Vec<Topic>),
}

impl Subscriptions {
    pub(super) fn new(topics: &[Topic]) -> Self {
        if topics.is_empty() { Self::Everything } else { Self::Topics(topics.to_vec()) }
    }

    pub(super) fn is_everything(&self) -> bool {
        *self == Self::Everything
    }

    pub(super) fn wants(&self, ty: &str) -> bool {
        match self {
            Self::Everything => true,
            Self::Topics(topics) => topics.iter().any(|topic| topic.matches(ty)),
        }
    }

    /// Takes a change over; returns the part of it that is one. Whoever has everything has nothing to add, and takes
    /// nothing away: there is no way to ask for everything but this.
    pub(super) fn change(&mut self, change: TopicChange) -> Option<TopicChange> {
        let Self::Topics(topics) = self else { return None };
        match change {
            TopicChange::Subscribe(mut new) => {
                new.retain(|topic| !topics.contains(topic));
                new.dedup();
                topics.extend(new.iter().cloned());
                (!new.is_empty()).then_some(TopicChange::Subscribe(new))
            }
            TopicChange::Unsubscribe(mut old) => {
                old.retain(|topic| topics.contains(topic));
                topics.retain(|topic| !old.contains(topic));
                (!old.is_empty()).then_some(TopicChange::Unsubscribe(old))
            }
        }
    }

    /// As topics, for whoever must know what a snapshot is about.
    pub(super) fn topics(&self) -> Vec<Topic> {
        match self {
            Self::Everything => vec![Topic::parse("*").expect("`*` is a topic")],
            Self::Topics(topics) => topics.clone(),
        }
    }

    /// As `hello` names them, where none stands for everything. Nothing at all is a type that no message can have.
    pub(super) fn names(&self) -> Vec<SmolStr> {
        match self {
            Self::Everything => Vec::new(),
            Self::Topics(topics) if topics.is_empty() => vec![wire::HEARTBEAT.into()],
            Self::Topics(topics) => topics.iter().cloned().map(Into::into).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn topics(names: &[&str]) -> Vec<Topic> {
        names.iter().map(|name| Topic::parse(name).unwrap()).collect()
    }

    #[test]
    fn only_what_changes_is_asked_for() {
        let mut all = Subscriptions::new(&[]);
        assert_eq!(all.change(TopicChange::Subscribe(topics(&["a"]))), None);
        assert_eq!(all.change(TopicChange::Unsubscribe(topics(&["a"]))), None);
        assert!(all.wants("anything") && all.names().is_empty());

        let mut some = Subscriptions::new(&topics(&["a"]));
        let more = TopicChange::Subscribe(topics(&["a", "b*"]));
        assert_eq!(some.change(more), Some(TopicChange::Subscribe(topics(&["b*"]))));
        assert!(some.wants("a") && some.wants("bc") && !some.wants("c"));
        let fewer = TopicChange::Unsubscribe(topics(&["c", "a", "b*"]));
        assert_eq!(some.change(fewer), Some(TopicChange::Unsubscribe(topics(&["a", "b*"]))));
        assert!(!some.wants("a"));
        assert_eq!(some.names(), ["heartbeat"], "none at all would mean everything");
    }
}
