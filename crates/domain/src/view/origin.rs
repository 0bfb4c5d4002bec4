use serde::{Deserialize, Serialize};

/// The message an alert was raised from, or made worse by: the platform's own envelope, as far as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Origin {
    /// JSON, digit for digit; of a long one the first [`Origin::LIMIT`] bytes.
    pub text: String,
    /// How long the whole of it is.
    pub bytes: u64,
}

impl Origin {
    /// Longest text kept, in bytes. An envelope of a vault has some 300; what is longer may be anything.
    pub const LIMIT: usize = 4_096;

    /// Of an envelope, of which a long one is cut between two characters.
    #[must_use]
    pub fn new(mut envelope: String) -> Self {
        let bytes = envelope.len() as u64;
        envelope.truncate(envelope.floor_char_boundary(Self::LIMIT));
        envelope.shrink_to_fit();
        Self { text: envelope, bytes }
    }

    /// Whether the text is not all of it.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        (self.text.len() as u64) < self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_message_is_cut_between_two_characters_and_says_so() {
        let whole = Origin::new(r#"{"type":"risk_alert"}"#.to_owned());
        assert!(!whole.is_cut() && whole.text.len() as u64 == whole.bytes);
        let limit = Origin::new("x".repeat(Origin::LIMIT));
        assert!(!limit.is_cut());
        let long = Origin::new(format!("x{}", "é".repeat(Origin::LIMIT)));
        assert_eq!((long.text.len(), long.bytes), (Origin::LIMIT - 1, 2 * 4_096 + 1));
        assert!(long.is_cut() && long.text.ends_with('é'));
    }
}
