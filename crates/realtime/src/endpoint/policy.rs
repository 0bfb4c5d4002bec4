use serde::{Deserialize, Serialize};

/// Which of several endpoints is tried next. Whatever the policy, those whose circuit is open are left out, each of
/// the others has its turn once before any of them has it twice, and there is one attempt at a time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndpointPolicy {
    /// In the order given. After a fall-back has served for `stickiness`, the next reconnect tries the first again; a
    /// session that works is never ended for it.
    #[default]
    PrimaryFirst,
    /// Each connection goes to the one after the last.
    RoundRobin,
    /// By the dice: spreads many clients over many servers.
    Random,
    /// The one that connected fastest of late; one that has not been tried yet goes first.
    LowestLatency,
}
