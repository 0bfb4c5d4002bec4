use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use smol_str::SmolStr;

use super::access::Token;
use super::invalid_log::InvalidLog;
use super::limits::Limits;
use super::stats::{Counters, Stats};
use super::tenant::Tenant;
use crate::GatewayError;
use crate::log::{MemoryLog, Retention};

/// The tenants of a gateway, who know nothing of each other.
#[derive(Debug)]
pub(crate) struct Hub {
    default: Arc<Tenant>,
    others: Mutex<BTreeMap<SmolStr, Arc<Tenant>>>,
    limits: Limits,
    pub(super) counters: Arc<Counters>,
    pub(super) invalid: InvalidLog,
}

/// The tenant of whoever names none, and of plain mode.
pub(super) const DEFAULT_TENANT: &str = "default";

impl Hub {
    pub(crate) fn new(limits: Limits) -> Result<Self, GatewayError> {
        let counters = Arc::new(Counters::default());
        let default = open(DEFAULT_TENANT, &limits, &counters)?;
        let (others, invalid) = (Mutex::default(), InvalidLog::default());
        Ok(Self { default, others, limits, counters, invalid })
    }

    pub(crate) fn default_tenant(&self) -> &Arc<Tenant> {
        &self.default
    }

    /// A tenant's log, opened when it is first asked for. None when there are too many.
    pub(super) fn tenant(&self, name: &str) -> Option<Arc<Tenant>> {
        if name == DEFAULT_TENANT {
            return Some(Arc::clone(&self.default));
        }
        let mut others = self.others.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(tenant) = others.get(name) {
            return Some(Arc::clone(tenant));
        }
        if others.len() + 1 >= self.limits.tenants {
            return None;
        }
        let tenant = open(name, &self.limits, &self.counters).ok()?;
        others.insert(name.into(), Arc::clone(&tenant));
        Some(tenant)
    }

    pub(crate) fn stats(&self) -> Stats {
        self.counters.read()
    }
}

/// `[a-z0-9_-]{1,64}`.
pub(crate) fn is_tenant_name(name: &str) -> bool {
    let fits = |byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-');
    (1..=64).contains(&name.len()) && name.bytes().all(fits)
}

fn open(
    name: &str,
    limits: &Limits,
    counters: &Arc<Counters>,
) -> Result<Arc<Tenant>, GatewayError> {
    let retention = Retention {
        messages: limits.log_messages,
        bytes: limits.log_bytes,
        age: limits.log_age,
        dedup: limits.dedup,
        ids: limits.dedup_ids,
    };
    let epoch = SmolStr::new(&Token::random()?.as_str()[..32]);
    let log = Arc::new(MemoryLog::new(epoch, retention));
    Ok(Arc::new(Tenant::new(name.into(), log, limits.clone(), Arc::clone(counters))))
}
