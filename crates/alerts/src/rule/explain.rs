use std::fmt;

use domain::{Language, VaultId};
use smol_str::SmolStr;

use super::policies::Setting;
use super::scope::{Nearness, Outside, Scope};
use crate::say::explain as say;

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
        variant: Scope,
        nearness: Nearness,
        of: usize,
    },
    /// The nearest variant is not enabled.
    Disabled {
        variant: Scope,
        of: usize,
    },
    OffByPolicy {
        policy: Scope,
    },
    /// No variant covers the vault: what each is for, and what leaves the vault out.
    OutOfScope(Vec<(Scope, Outside)>),
    /// It is about markets or the platform.
    NotAboutVaults,
}

impl Verdict {
    #[must_use]
    pub fn applies(&self) -> bool {
        matches!(self, Self::Applies { .. })
    }
}

impl Verdict {
    /// Why, in this language: `for label treasury`, `not enabled for everything`.
    #[must_use]
    pub fn why(&self, language: Language) -> String {
        let among = |why: String, of: usize| match of {
            1 => why,
            of => why + &say::nearest(language, &of.to_string()),
        };
        match self {
            Self::Applies { variant, of, .. } => {
                among(say::for_(language, &variant.words_in(language)), *of)
            }
            Self::Disabled { variant, of } => {
                among(say::not_enabled(language, &variant.words_in(language)), *of)
            }
            Self::OffByPolicy { policy } => say::by_policy(language, &policy.words_in(language)),
            Self::OutOfScope(variants) => {
                let each = variants.iter().map(|(scope, outside)| {
                    let why = match outside {
                        Outside::Chain => say::other_chain(language),
                        Outside::Token => say::no_token(language),
                        Outside::Label => say::no_label(language),
                        Outside::Vault => say::another_vault(language),
                    };
                    say::outside(language, &scope.words_in(language), why)
                });
                each.collect::<Vec<_>>().join("; ")
            }
            Self::NotAboutVaults => say::no_vaults(language).to_owned(),
        }
    }
}

/// In English, with what becomes of the rule in front.
impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Applies { .. } => "applies: ",
            Self::Disabled { .. } | Self::OffByPolicy { .. } => "off: ",
            Self::OutOfScope(_) => "does not apply: ",
            Self::NotAboutVaults => "",
        })?;
        f.write_str(&self.why(Language::English))
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} = {} ({})", self.name, self.value, self.from)
    }
}
