//! The recording itself. Moments in it are written `"@-5000"`: milliseconds from the moment it is read.

use std::collections::BTreeMap;

use domain::UnixMillis;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::backend::BackendError;
use crate::clock;

const RECORDING: &str = include_str!("recorded.json");

#[derive(Deserialize)]
pub(super) struct Recording<'a> {
    #[serde(borrow)]
    pub(super) attached: &'a RawValue,
    pub(super) first: &'a RawValue,
    pub(super) batches: Vec<&'a RawValue>,
    pub(super) details: BTreeMap<String, &'a RawValue>,
    /// Told after two seconds.
    pub(super) news: Vec<&'a RawValue>,
    /// The critical alert that somebody asks for.
    pub(super) test: &'a RawValue,
    /// A collapse, with a hole for the number of vaults, and what each of them says, with one for its name.
    pub(super) incident: &'a RawValue,
    pub(super) member: &'a RawValue,
    /// The worst alert of a profile that is not shown.
    pub(super) elsewhere: &'a str,
    /// The verdict on a vault of which only the row was recorded.
    pub(super) sparse: &'a str,
    pub(super) explanation: &'a RawValue,
}

pub(super) fn recording() -> Recording<'static> {
    serde_json::from_str(RECORDING).expect("the recording is part of this build")
}

pub(super) fn read<T: DeserializeOwned>(raw: &RawValue) -> Result<T, BackendError> {
    serde_json::from_str(&dated(raw.get(), clock::now())).map_err(|error| {
        BackendError::Unreadable { what: "the recording", reason: error.to_string() }
    })
}

/// The text with each `"@n"` replaced by the moment `n` milliseconds from now.
fn dated(text: &str, now: UnixMillis) -> String {
    let mut dated = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\"@") {
        let (offset, after) = after.split_once('"').unwrap_or((after, ""));
        dated.push_str(before);
        dated.push_str(&(now.0 + offset.parse::<i64>().unwrap_or(0)).to_string());
        rest = after;
    }
    dated.push_str(rest);
    dated
}
