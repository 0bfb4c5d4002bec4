//! What things are called on the broker: part of what several gateways agree on, so never changed.

use std::fmt::Write;

use super::super::escapes::unescaped;

/// Of a state message: what it does to its value.
pub(super) const PART: &str = "Vaultwatch-Part";
/// The envelope's type, where the subject does not say it.
pub(super) const TYPE: &str = "Vaultwatch-Type";
/// The gateway and the plain client that is not to hear its own message.
pub(super) const FROM: &str = "Vaultwatch-From";

/// The names of one tenant.
#[derive(Clone, Debug)]
pub(super) struct Names {
    /// The stream that is the log.
    pub(super) stream: String,
    /// The stream with the values that outlive their messages. Tenants have no capitals, so neither is another's.
    pub(super) values: String,
    prefix: String,
    values_prefix: String,
}

impl Names {
    /// `tenant` is `[a-z0-9_-]{1,64}`.
    pub(super) fn of(tenant: &str) -> Self {
        Self {
            stream: format!("VAULTWATCH_{tenant}"),
            values: format!("VAULTWATCH_VALUES_{tenant}"),
            prefix: format!("vaultwatch.{tenant}"),
            values_prefix: format!("vaultwatch-values.{tenant}"),
        }
    }

    pub(super) fn all(&self) -> String {
        format!("{}.>", self.prefix)
    }

    pub(super) fn events(&self) -> String {
        format!("{}.event.>", self.prefix)
    }

    /// Of messages that only find out whether there is room.
    pub(super) fn probe(&self) -> String {
        format!("{}.probe", self.prefix)
    }

    pub(super) fn event(&self, ty: &str) -> String {
        format!("{}.event.{}", self.prefix, token(ty))
    }

    pub(super) fn state(&self, key: &str) -> String {
        format!("{}.state.{}", self.prefix, token(key))
    }

    pub(super) fn all_values(&self) -> String {
        format!("{}.>", self.values_prefix)
    }

    pub(super) fn value(&self, key: &str) -> String {
        format!("{}.key.{}", self.values_prefix, token(key))
    }

    pub(super) fn mark(&self) -> String {
        format!("{}.mark", self.values_prefix)
    }
}

/// Any text as one token of a subject or as a header: letters, digits, `-` and `_` as they are, other bytes as `=2A`.
pub(super) fn token(text: &str) -> String {
    let mut token = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_') {
            token.push(char::from(byte));
        } else {
            write!(token, "={byte:02X}").expect("a string takes everything");
        }
    }
    token
}

/// The text a token stands for.
pub(super) fn text(token: &str) -> Option<String> {
    unescaped(token, b'=')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_text_is_a_token_and_comes_back(original in "\\PC{1,40}") {
            let token = token(&original);
            prop_assert!(!token.contains(['.', '*', '>', ' ']) && token.is_ascii(), "{token}");
            prop_assert_eq!(text(&token), Some(original));
        }
    }

    #[test]
    fn what_is_no_token_is_no_text() {
        for bad in ["=", "=4", "=GG", "=FF"] {
            assert_eq!(text(bad), None, "{bad}");
        }
    }
}
