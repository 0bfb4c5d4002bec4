use serde::Serialize;

/// What a command is called with, as the JSON text of an object. Each value is written at once: what would hold them until
/// then, `serde_json::Value`, weighs 30 kB.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Arguments {
    /// Without its braces.
    members: String,
    names_profile: bool,
}

impl Arguments {
    /// What it is called with besides. A value that JSON cannot have is left out, and the shell says that it is missing.
    #[must_use]
    pub(super) fn with(mut self, name: &'static str, value: &(impl Serialize + ?Sized)) -> Self {
        if let Ok(value) = serde_json::to_string(value) {
            self.put(name, &value);
        }
        self
    }

    /// About this profile, unless another one is named already.
    #[must_use]
    pub(super) fn about(self, profile: &str) -> Self {
        if self.names_profile { self } else { self.with(PROFILE, profile) }
    }

    fn put(&mut self, name: &'static str, value: &str) {
        self.names_profile |= name == PROFILE;
        for part in [if self.members.is_empty() { "\"" } else { ",\"" }, name, "\":", value] {
            self.members.push_str(part);
        }
    }

    /// The whole object.
    pub(super) fn text(&self) -> String {
        ["{", &self.members, "}"].concat()
    }
}

/// Which one a command is about.
const PROFILE: &str = "profile";

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn it_is_the_object_that_a_command_is_called_with() {
        assert_eq!(Arguments::default().text(), "{}");
        let arguments = Arguments::default().with("ids", &[1, 2]).with("text", "a \"b\"");
        let read: serde_json::Value = serde_json::from_str(&arguments.text()).unwrap();
        assert_eq!(read, json!({ "ids": [1, 2], "text": "a \"b\"" }));
    }

    #[test]
    fn a_profile_that_is_named_stays() {
        let about = |arguments: Arguments| arguments.about("acme").text();
        assert_eq!(about(Arguments::default()), r#"{"profile":"acme"}"#);
        let other = Arguments::default().with("profile", "globex");
        assert_eq!(about(other), r#"{"profile":"globex"}"#);
    }
}
