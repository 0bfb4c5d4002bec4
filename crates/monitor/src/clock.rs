use std::fmt::Debug;
use std::time::{SystemTime, UNIX_EPOCH};

use domain::UnixMillis;

/// Where the core takes the time from; tests bring their own.
pub trait Clock: Debug + Send + Sync + 'static {
    fn now(&self) -> UnixMillis;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> UnixMillis {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        UnixMillis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}
