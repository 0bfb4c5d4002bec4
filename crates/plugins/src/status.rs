use std::collections::BTreeMap;

use serde::Serialize;
use smol_str::SmolStr;
use wire::UnixMillis;

use crate::{ErrorKind, Hook, PluginError};

/// What one plugin is and did since the program started, for diagnostics.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PluginStatus {
    /// The file's name without `.rhai`.
    pub name: SmolStr,
    /// A fingerprint of the version that runs; `None`: none does.
    pub version: Option<String>,
    pub loaded_at: Option<UnixMillis>,
    pub hooks: Vec<Hook>,
    /// What is wrong with the file as it is now, where an older version runs or none.
    pub broken: Option<PluginError>,
    /// Calls of hooks, those that failed included.
    pub calls: u64,
    pub errors: BTreeMap<ErrorKind, u64>,
    pub last_error: Option<PluginError>,
    /// Failures since the last call that went well.
    pub failures_in_a_row: u32,
    pub changed: u64,
    pub dropped: u64,
    pub emitted: u64,
    pub notified: u64,
    pub refused: Refusals,
    /// Messages that passed unseen: too large, nested too deeply, or with a field given twice.
    pub unseen: u64,
    /// Outputs that nobody fetched in time.
    pub lost: u64,
    pub paused_until: Option<UnixMillis>,
}

/// What it wanted and was not given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Refusals {
    /// Messages it wanted to drop and must not.
    pub drops: u64,
    /// Changes that would have weakened or forged something.
    pub changes: u64,
    /// Messages of types that are not custom, too large or too many.
    pub emits: u64,
    /// Notifications beyond those of a minute.
    pub notifications: u64,
}

impl PluginStatus {
    pub(crate) fn new(name: SmolStr) -> Self {
        Self {
            name,
            version: None,
            loaded_at: None,
            hooks: Vec::new(),
            broken: None,
            calls: 0,
            errors: BTreeMap::new(),
            last_error: None,
            failures_in_a_row: 0,
            changed: 0,
            dropped: 0,
            emitted: 0,
            notified: 0,
            refused: Refusals::default(),
            unseen: 0,
            lost: 0,
            paused_until: None,
        }
    }
}
