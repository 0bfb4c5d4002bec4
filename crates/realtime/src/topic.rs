use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use thiserror::Error;

/// Which messages somebody wants: one exact type (`risk_alert`), or every type that begins with something
/// (`vault_update_*`; `*` alone is everything).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "SmolStr", into = "SmolStr")]
pub struct Topic(Pattern);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Pattern {
    Exact(SmolStr),
    Prefix(SmolStr),
}

impl Topic {
    /// Reads a topic.
    ///
    /// # Errors
    /// [`InvalidTopic`] when it is empty, longer than a type can be, has a control character, or a `*` that is not
    /// its last character.
    pub fn parse(text: &str) -> Result<Self, InvalidTopic> {
        let (body, is_prefix) = match text.strip_suffix('*') {
            Some(body) => (body, true),
            None => (text, false),
        };
        if body.is_empty() && !is_prefix {
            return Err(InvalidTopic::Empty);
        }
        if body.len() > wire::TYPE_LIMIT {
            return Err(InvalidTopic::TooLong { bytes: body.len() });
        }
        if body.contains('*') {
            return Err(InvalidTopic::InnerWildcard);
        }
        if body.chars().any(char::is_control) {
            return Err(InvalidTopic::ControlCharacter);
        }
        let body = SmolStr::new(body);
        Ok(Self(if is_prefix { Pattern::Prefix(body) } else { Pattern::Exact(body) }))
    }

    /// Whether a message of this type is wanted.
    #[must_use]
    pub fn matches(&self, ty: &str) -> bool {
        match &self.0 {
            Pattern::Exact(exact) => ty == exact,
            Pattern::Prefix(prefix) => ty.starts_with(prefix.as_str()),
        }
    }
}

/// Why a text is no topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[expect(missing_docs, reason = "a variant says what its fields are")]
pub enum InvalidTopic {
    /// It has no character.
    #[error("a topic must not be empty; `*` alone stands for everything")]
    Empty,
    /// Longer than [`wire::TYPE_LIMIT`], in bytes.
    #[error("a topic may be {} bytes long, this one has {bytes}", wire::TYPE_LIMIT)]
    TooLong { bytes: usize },
    /// A `*` before its end.
    #[error("a topic may have a `*` at its end only")]
    InnerWildcard,
    /// One that no type may contain.
    #[error("a topic must not contain control characters")]
    ControlCharacter,
}

impl FromStr for Topic {
    type Err = InvalidTopic;

    fn from_str(text: &str) -> Result<Self, InvalidTopic> {
        Self::parse(text)
    }
}

impl TryFrom<SmolStr> for Topic {
    type Error = InvalidTopic;

    fn try_from(text: SmolStr) -> Result<Self, InvalidTopic> {
        Self::parse(&text)
    }
}

impl From<Topic> for SmolStr {
    fn from(topic: Topic) -> Self {
        topic.to_string().into()
    }
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Pattern::Exact(exact) => f.write_str(exact),
            Pattern::Prefix(prefix) => write!(f, "{prefix}*"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exact_and_prefix() {
        for (topic, ty, expected) in [
            ("risk_alert", "risk_alert", true),
            ("risk_alert", "risk_alert_2", false),
            ("vault_update_*", "vault_update_ETH-001", true),
            ("vault_update_*", "vault_update_", true),
            ("vault_update_*", "vault_update", false),
            ("*", "anything", true),
        ] {
            assert_eq!(Topic::parse(topic).unwrap().matches(ty), expected, "{topic} {ty}");
            assert_eq!(Topic::parse(topic).unwrap().to_string(), topic);
        }
    }

    #[test]
    fn what_is_no_topic() {
        assert_eq!(Topic::parse(""), Err(InvalidTopic::Empty));
        assert_eq!(Topic::parse("a*b"), Err(InvalidTopic::InnerWildcard));
        assert_eq!(Topic::parse("**"), Err(InvalidTopic::InnerWildcard));
        assert_eq!(Topic::parse("a\nb"), Err(InvalidTopic::ControlCharacter));
        assert_eq!(Topic::parse(&"x".repeat(257)), Err(InvalidTopic::TooLong { bytes: 257 }));
    }
}
