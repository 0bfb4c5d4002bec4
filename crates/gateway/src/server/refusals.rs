use std::sync::atomic::{AtomicU64, Ordering};

/// Why somebody was turned away, or something not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    /// A web page that is not listed.
    Origin,
    /// No token, or none that opens.
    Token,
    /// So many bad tokens from one address that the next has to wait.
    Attempts,
    /// A tenant, a topic or a type that the token does not cover.
    Forbidden,
    /// As many connections as there may be, altogether, from one address, or of one tenant.
    Connections,
    AddressConnections,
    TenantConnections,
    /// Too many messages or bytes at a time.
    Rate,
    /// No room for another tenant.
    Tenants,
    /// A message of a plain client that the log did not take.
    Log,
}

impl Reason {
    pub(super) const ALL: [Self; 10] = [
        Self::Origin,
        Self::Token,
        Self::Attempts,
        Self::Forbidden,
        Self::Connections,
        Self::AddressConnections,
        Self::TenantConnections,
        Self::Rate,
        Self::Tenants,
        Self::Log,
    ];

    /// As the figures call it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Origin => "origin",
            Self::Token => "token",
            Self::Attempts => "attempts",
            Self::Forbidden => "forbidden",
            Self::Connections => "connections",
            Self::AddressConnections => "address_connections",
            Self::TenantConnections => "tenant_connections",
            Self::Rate => "rate",
            Self::Tenants => "tenants",
            Self::Log => "log",
        }
    }
}

/// How many were refused, by reason.
#[derive(Debug, Default)]
pub(super) struct Refusals([AtomicU64; Reason::ALL.len()]);

impl Refusals {
    pub(super) fn note(&self, reason: Reason) {
        self.0[reason as usize].fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn count(&self, reason: Reason) -> u64 {
        self.0[reason as usize].load(Ordering::Relaxed)
    }

    pub(super) fn total(&self) -> u64 {
        Reason::ALL.into_iter().map(|reason| self.count(reason)).sum()
    }
}
