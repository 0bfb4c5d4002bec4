use std::fmt;

/// What a configuration file says; empty where there is none. There may be a token in it, so it is never shown.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ConfigText(String);

impl ConfigText {
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for ConfigText {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for ConfigText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ConfigText({} bytes)", self.0.len())
    }
}
