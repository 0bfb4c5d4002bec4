use std::fmt;

use domain::VaultId;
use smol_str::SmolStr;

use super::policies::Setting;
use super::scope::{Nearness, Outside};

/// Which rules and which policy apply to a vault, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    pub vault: VaultId,
    pub settings: Vec<Setting>,
    /// By name, in the order of the file.
    pub rules: Vec<(SmolStr, Verdict)>,
}

/// What becomes of one rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The nearest of so many variants is for this.
    Applies {
        variant: String,
        nearness: Nearness,
        of: usize,
    },
    /// The nearest variant is not enabled.
    Disabled {
        variant: String,
        of: usize,
    },
    OffByPolicy {
        policy: String,
    },
    /// No variant covers the vault: what each is for, and what leaves the vault out.
    OutOfScope(Vec<(String, Outside)>),
    /// It is about markets or the platform.
    NotAboutVaults,
}

impl Verdict {
    #[must_use]
    pub fn applies(&self) -> bool {
        matches!(self, Self::Applies { .. })
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let among = |of: usize| {
            if of == 1 { String::new() } else { format!(", the nearest of {of} variants") }
        };
        match self {
            Self::Applies { variant, of, .. } => write!(f, "applies: for {variant}{}", among(*of)),
            Self::Disabled { variant, of } => {
                write!(f, "off: not enabled for {variant}{}", among(*of))
            }
            Self::OffByPolicy { policy } => {
                write!(f, "off: switched off by the policy for {policy}")
            }
            Self::OutOfScope(variants) => {
                f.write_str("does not apply: ")?;
                for (n, (scope, outside)) in variants.iter().enumerate() {
                    let what = match outside {
                        Outside::Chain => "the vault is on another chain, or on none that is known",
                        Outside::Token => "no such collateral",
                        Outside::Label => "the vault has no such label",
                        Outside::Vault => "another vault",
                    };
                    write!(f, "{}for {scope} ({what})", if n == 0 { "" } else { "; " })?;
                }
                Ok(())
            }
            Self::NotAboutVaults => f.write_str("is about markets or the platform"),
        }
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} = {} ({})", self.name, self.value, self.from)
    }
}
