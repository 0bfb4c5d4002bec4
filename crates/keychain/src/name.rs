use std::fmt;

use realtime::encryption::{InvalidTenant, Tenant};

/// Which ring: that of a tenant, for one profile of this user's.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RingName {
    /// Profiles are named as tenants are.
    profile: Tenant,
    tenant: Tenant,
}

impl RingName {
    /// # Errors
    /// [`InvalidTenant`] when either name is out of its limits.
    pub fn new(profile: &str, tenant: &str) -> Result<Self, InvalidTenant> {
        Ok(Self { profile: Tenant::parse(profile)?, tenant: Tenant::parse(tenant)? })
    }

    #[must_use]
    pub fn profile(&self) -> &str {
        self.profile.as_str()
    }

    #[must_use]
    pub fn tenant(&self) -> &Tenant {
        &self.tenant
    }
}

/// As the keychain has it: `profile/tenant`.
impl fmt::Display for RingName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.profile, self.tenant)
    }
}
