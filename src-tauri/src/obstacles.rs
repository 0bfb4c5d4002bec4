use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use monitor::MonitorHandle;

/// What keeps the person from seeing or hearing an alert, told to the monitor as one.
#[derive(Clone, Debug)]
pub(crate) struct Obstacles {
    monitor: MonitorHandle,
    causes: Arc<Mutex<BTreeMap<Sense, String>>>,
}

/// By what an alert is noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Sense {
    Sight,
    Hearing,
}

impl Obstacles {
    pub(crate) fn new(monitor: MonitorHandle) -> Self {
        Self { monitor, causes: Arc::default() }
    }

    /// `None`: it is in the way no more.
    pub(crate) fn set(&self, sense: Sense, cause: Option<String>) {
        let mut causes = self.causes.lock().unwrap_or_else(PoisonError::into_inner);
        match cause {
            Some(cause) => causes.insert(sense, cause),
            None => causes.remove(&sense),
        };
        let all = causes.values().cloned().collect::<Vec<_>>().join("; ");
        // Under the lock, so that the monitor hears them in order.
        self.monitor.hushed((!all.is_empty()).then_some(all));
    }
}
