use serde::{Deserialize, Serialize};

use super::Origin;

/// The steps from a configuration to the first message, in the order in which they are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckStep {
    Configuration,
    /// Where a profile names a source of tokens.
    Token,
    Dns,
    Tcp,
    Proxy,
    Tls,
    Certificate,
    Upgrade,
    Keys,
    Hello,
    FirstMessage,
    RoundTrip,
}

impl CheckStep {
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Configuration => "configuration",
            Self::Token => "token",
            Self::Dns => "DNS",
            Self::Tcp => "TCP",
            Self::Proxy => "proxy",
            Self::Tls => "TLS",
            Self::Certificate => "certificate",
            Self::Upgrade => "upgrade",
            Self::Keys => "keys",
            Self::Hello => "hello",
            Self::FirstMessage => "first message",
            Self::RoundTrip => "round trip",
        }
    }
}

/// What came of one step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckLine {
    pub step: CheckStep,
    pub ok: bool,
    pub detail: String,
    /// What to do: where it failed, or before it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
}

impl CheckLine {
    #[must_use]
    pub fn right(step: CheckStep, detail: impl Into<String>) -> Self {
        Self { step, ok: true, detail: detail.into(), remedy: None }
    }

    /// It works, and something should be seen to all the same.
    #[must_use]
    pub fn remark(step: CheckStep, detail: impl Into<String>, remedy: &str) -> Self {
        Self { remedy: Some(remedy.to_owned()), ..Self::right(step, detail) }
    }

    #[must_use]
    pub fn wrong(step: CheckStep, detail: impl Into<String>, remedy: &str) -> Self {
        Self { ok: false, ..Self::remark(step, detail, remedy) }
    }
}

/// How a check of an address ended; its lines were told by then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckEnd {
    /// The way leads to values, or at least to a feed that says nothing at the moment.
    pub ok: bool,
    /// The first message, where one came.
    pub first: Option<Origin>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_what_the_command_line_prints() {
        let json = |line: &CheckLine| serde_json::to_string(line).unwrap();
        let right = CheckLine::right(CheckStep::FirstMessage, "`risk_alert` after 2.1 ms");
        insta::assert_snapshot!(json(&right), @r#"{"step":"first_message","ok":true,"detail":"`risk_alert` after 2.1 ms"}"#);
        let wrong = CheckLine::wrong(CheckStep::Dns, "not found", "check the name");
        insta::assert_snapshot!(json(&wrong), @r#"{"step":"dns","ok":false,"detail":"not found","remedy":"check the name"}"#);
        assert_eq!(serde_json::from_str::<CheckLine>(&json(&right)).unwrap(), right);
    }
}
