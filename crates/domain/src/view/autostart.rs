use serde::{Deserialize, Serialize};

/// How the start with the session stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AutostartView {
    /// The app will be started with the next session, as far as can be seen.
    pub on: bool,
    /// What does it: `systemd`, `desktop-file` or `launch-agent`.
    pub by: Option<String>,
    /// What is not as it should be, and what to do: sentences.
    pub remarks: Vec<String>,
}
