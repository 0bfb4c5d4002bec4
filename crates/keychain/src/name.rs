use std::fmt;

use realtime::encryption::{InvalidTenant, Tenant};

/// Where the access tokens of feeds lie among the rings, each under its profile's name. No profile is called so.
pub const FEED_TOKENS: &str = "feed-token";
/// Where the secrets of channels lie, each under the channel's name. No profile is called so, either.
pub const CHANNELS: &str = "channels";

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

    /// What it is, in words for whoever looks into their keychain.
    pub(crate) fn label(&self) -> String {
        let Self { profile, tenant } = self;
        match profile.as_str() {
            FEED_TOKENS => format!("VaultWatch: token of profile {tenant}"),
            CHANNELS => format!("VaultWatch: secret of channel {tenant}"),
            profile => format!("VaultWatch: encryption keys of {tenant} ({profile})"),
        }
    }
}

/// As the keychain has it: `profile/tenant`.
impl fmt::Display for RingName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.profile, self.tenant)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_reads_in_the_keychain_what_an_entry_is() {
        let label = |profile, tenant| RingName::new(profile, tenant).unwrap().label();
        assert_eq!(label(FEED_TOKENS, "acme"), "VaultWatch: token of profile acme");
        assert_eq!(label(CHANNELS, "ntfy"), "VaultWatch: secret of channel ntfy");
        assert_eq!(label("desk", "acme"), "VaultWatch: encryption keys of acme (desk)");
    }
}
