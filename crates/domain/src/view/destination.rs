use super::{BadLink, Target};

/// What comes before the profile's name at the end of a link.
const QUERY: &str = "?profile=";

/// A page, and of which profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    /// `None`: the one that has what is looked for, the one that is shown before all others.
    pub profile: Option<String>,
    pub target: Target,
}

impl Destination {
    #[must_use]
    pub fn of(profile: &str, target: Target) -> Self {
        Self { profile: Some(profile.to_owned()), target }
    }

    /// As [`Target::from_link`], with the one query that a link may have: `vaultwatch://vault/ETH-001?profile=acme`.
    ///
    /// # Errors
    /// The first variant of [`BadLink`] that fits; [`BadLink::Reserved`] for any other query.
    pub fn from_link(link: &str) -> Result<Self, BadLink> {
        if link.len() > Target::LINK_BYTES {
            return Err(BadLink::TooLong);
        }
        match link.split_once(QUERY) {
            Some((page, profile)) => {
                let target = Target::from_link(page)?;
                match is_profile(profile) {
                    true => Ok(Self::of(profile, target)),
                    false => Err(BadLink::Reserved),
                }
            }
            None => Target::from_link(link).map(Self::from),
        }
    }
}

impl From<Target> for Destination {
    fn from(target: Target) -> Self {
        Self { profile: None, target }
    }
}

/// Whether a profile may be called so: its name is a folder's, and a tenant's on the wire.
fn is_profile(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::VaultId;

    #[test]
    fn a_link_may_name_its_profile_and_ask_for_nothing_else() {
        let vault = || Target::Vault(VaultId::new("ETH-001").unwrap());
        let read = |link: &str| Destination::from_link(link);
        assert_eq!(read("vaultwatch://vault/ETH-001"), Ok(vault().into()));
        let of_acme = read("vaultwatch://vault/ETH-001?profile=acme");
        assert_eq!(of_acme, Ok(Destination::of("acme", vault())));
        let alerts = read("VAULTWATCH://alerts/?profile=a-b_9");
        assert_eq!(alerts, Ok(Destination::of("a-b_9", Target::Alerts)));
        let long = format!("vaultwatch://alerts?profile={}", "a".repeat(600));
        for (link, why) in [
            ("vaultwatch://vault/ETH-001?profile=", BadLink::Reserved),
            ("vaultwatch://vault/ETH-001?profile=Acme", BadLink::Reserved),
            ("vaultwatch://vault/ETH-001?profile=../x", BadLink::Reserved),
            ("vaultwatch://vault/ETH-001?profile=a&acknowledge=1", BadLink::Reserved),
            ("vaultwatch://vault/ETH-001?profile=a?profile=b", BadLink::Reserved),
            ("vaultwatch://vault/ETH-001?quit=1&profile=a", BadLink::Reserved),
            ("vaultwatch://?profile=acme", BadLink::NoPage),
            ("https://vault/ETH-001?profile=acme", BadLink::NotOurs),
            (long.as_str(), BadLink::TooLong),
        ] {
            assert_eq!(read(link), Err(why), "{link}");
        }
    }
}
