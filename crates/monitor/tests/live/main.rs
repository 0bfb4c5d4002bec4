//! The core with a real gateway, real connections and real databases.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod answers;
mod desk;
mod profiles;
mod restart;
mod run;
mod side_by_side;
