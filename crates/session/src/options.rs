use std::path::PathBuf;
use std::str::FromStr;

use thiserror::Error;

/// Whom to ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Address of the system bus; `None`: `DBUS_SYSTEM_BUS_ADDRESS`, or its usual place. Linux only.
    pub bus: Option<String>,
    /// Who is believed about the network. Default: [`Trust::Auto`].
    pub network: Trust,
    /// Where the kernel tells its routes, as `route` and `ipv6_route`. Default: `/proc/net`. Linux only.
    pub routes: PathBuf,
}

/// Who is believed when it says that there is no network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Trust {
    /// NetworkManager, where the kernel has no way out either; the kernel alone where NetworkManager does not run.
    #[default]
    Auto,
    /// NetworkManager alone, for machines on which a route stays when the network goes (some VPNs).
    NetworkManager,
    /// Nobody: the network is always up. Sleep and screen lock are told all the same.
    Nobody,
}

/// A word that names no [`Trust`].
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{0}` is none of `auto`, `networkmanager` and `ignore`")]
pub struct UnknownTrust(String);

impl Options {
    /// Names who is believed about the network, by a word of [`Trust`].
    pub const VARIABLE: &str = "VAULTWATCH_NETWORK";

    /// As the environment says. A word that means nothing is warned of, and the default stays.
    #[must_use]
    pub fn from_env() -> Self {
        let mut options = Self::default();
        if let Some(word) = std::env::var(Self::VARIABLE).ok().filter(|word| !word.is_empty()) {
            match word.parse() {
                Ok(trust) => options.network = trust,
                Err(error) => tracing::warn!(%error, "{} is passed over", Self::VARIABLE),
            }
        }
        options
    }
}

impl Default for Options {
    fn default() -> Self {
        Self { bus: None, network: Trust::default(), routes: PathBuf::from("/proc/net") }
    }
}

impl FromStr for Trust {
    type Err = UnknownTrust;

    fn from_str(word: &str) -> Result<Self, UnknownTrust> {
        match word {
            "auto" => Ok(Self::Auto),
            "networkmanager" => Ok(Self::NetworkManager),
            "ignore" => Ok(Self::Nobody),
            other => Err(UnknownTrust(other.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_words_are_known() {
        let of = |word: &str| word.parse::<Trust>();
        assert_eq!(of("auto"), Ok(Trust::Auto));
        assert_eq!(of("networkmanager"), Ok(Trust::NetworkManager));
        assert_eq!(of("ignore"), Ok(Trust::Nobody));
        assert_eq!(of("Auto"), Err(UnknownTrust("Auto".to_owned())));
    }
}
