use domain::UnixMillis;
use serde::Serialize;

/// Counts since the start.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Statistics {
    pub messages: u64,
    pub invalid: u64,
    pub duplicates: u64,
    /// State messages that gave way to newer ones of their key before they were looked at, because the disk or
    /// the machine was slow. Not among `messages`.
    pub conflated: u64,
    /// State messages older than what was known, by up to 5 s.
    pub late: u64,
    /// State messages whose sender's clock went back by more: applied.
    pub clock_steps: u64,
    pub gaps: u64,
    /// Alerts raised.
    pub alerts: u64,
    pub vaults: u64,
    pub first_message: Option<UnixMillis>,
    pub last_message: Option<UnixMillis>,
}
