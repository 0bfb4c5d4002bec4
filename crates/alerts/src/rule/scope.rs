use std::fmt;
use std::sync::Arc;

use domain::{ChainId, Language, Vault, VaultId};
use smol_str::SmolStr;

use crate::say::explain as of;
use crate::{Cause, say};

/// How closely something is about a vault. The nearest wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Nearness {
    Everything,
    Profile,
    Chain,
    Token,
    /// A label, or a pattern of ids.
    Label,
    Vault,
}

impl fmt::Display for Nearness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Everything => "everything",
            Self::Profile => "profile",
            Self::Chain => "chain",
            Self::Token => "token",
            Self::Label => "label",
            Self::Vault => "vault",
        })
    }
}

/// A vault's id, or the beginning of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    text: SmolStr,
    prefix: bool,
}

impl Pattern {
    /// `None` where no vault can have such an id.
    pub(super) fn new(text: &str) -> Option<Self> {
        let (text, prefix) = text.strip_suffix('*').map_or((text, false), |head| (head, true));
        let good = if prefix && text.is_empty() { true } else { VaultId::new(text).is_ok() };
        (good && !text.contains('*')).then(|| Self { text: SmolStr::new(text), prefix })
    }

    fn matches(&self, id: &str) -> bool {
        if self.prefix { id.starts_with(self.text.as_str()) } else { id == self.text }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.text, if self.prefix { "*" } else { "" })
    }
}

/// A named group of vaults.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    pub name: SmolStr,
    pub vaults: Arc<[Pattern]>,
}

/// Which vaults, or markets, a rule is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    pub(super) profiles: Vec<SmolStr>,
    pub(super) chains: Vec<ChainId>,
    pub(super) tokens: Vec<SmolStr>,
    pub(super) labels: Vec<Label>,
    pub(super) vaults: Vec<Pattern>,
}

/// Why a scope leaves a vault out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outside {
    Chain,
    Token,
    Label,
    Vault,
}

impl Scope {
    #[must_use]
    pub fn nearness(&self) -> Nearness {
        if self.vaults.iter().any(|vault| !vault.prefix) {
            Nearness::Vault
        } else if !self.labels.is_empty() || !self.vaults.is_empty() {
            Nearness::Label
        } else if !self.tokens.is_empty() {
            Nearness::Token
        } else if !self.chains.is_empty() {
            Nearness::Chain
        } else if !self.profiles.is_empty() {
            Nearness::Profile
        } else {
            Nearness::Everything
        }
    }

    /// # Errors
    /// The first kind of thing that leaves the vault out.
    pub fn covers(&self, vault: &Vault) -> Result<(), Outside> {
        if !self.covers_chain(vault.chain_id) {
            return Err(Outside::Chain);
        }
        if !self.tokens.is_empty() && !self.tokens.iter().any(|token| holds(vault, token)) {
            return Err(Outside::Token);
        }
        let id = vault.id.as_str();
        let of_label = |label: &Label| label.vaults.iter().any(|pattern| pattern.matches(id));
        if !self.labels.is_empty() && !self.labels.iter().any(of_label) {
            return Err(Outside::Label);
        }
        if !self.vaults.is_empty() && !self.vaults.iter().any(|pattern| pattern.matches(id)) {
            return Err(Outside::Vault);
        }
        Ok(())
    }

    /// As [`Scope::covers`], by what is known of an alert.
    pub(super) fn covers_alert(&self, vault: Option<&VaultId>, causes: &[Cause]) -> bool {
        let on_chain = causes
            .iter()
            .any(|cause| matches!(cause, Cause::Chain(chain) if self.chains.contains(chain)));
        let of_token = |token: &SmolStr| self.tokens.iter().any(|t| t.eq_ignore_ascii_case(token));
        let holding =
            causes.iter().any(|cause| matches!(cause, Cause::Token(token) if of_token(token)));
        let is_one = |patterns: &[Pattern]| {
            vault.is_some_and(|id| patterns.iter().any(|pattern| pattern.matches(id.as_str())))
        };
        (self.chains.is_empty() || on_chain)
            && (self.tokens.is_empty() || holding)
            && (self.labels.is_empty() || self.labels.iter().any(|label| is_one(&label.vaults)))
            && (self.vaults.is_empty() || is_one(&self.vaults))
    }

    #[must_use]
    pub fn covers_chain(&self, chain: Option<ChainId>) -> bool {
        self.chains.is_empty() || chain.is_some_and(|chain| self.chains.contains(&chain))
    }

    /// Of everything it asks for, in words: `chain 1, label treasury`.
    #[must_use]
    pub fn words(&self) -> String {
        self.words_in(Language::English)
    }

    /// The same in this language.
    #[must_use]
    pub fn words_in(&self, language: Language) -> String {
        let mut parts = Vec::new();
        let mut part = |one: Phrase, many: Phrase, entries: Vec<String>| match &entries[..] {
            [] => {}
            [only] => parts.push(one(language, only)),
            all => parts.push(many(language, &all.join(say::rule::or(language)))),
        };
        let texts = |list: &[SmolStr]| list.iter().map(ToString::to_string).collect();
        part(of::profile, of::profiles, texts(&self.profiles));
        let chains = self.chains.iter().map(|chain| chain.0.to_string()).collect();
        part(of::chain, of::chains, chains);
        part(of::token, of::tokens, texts(&self.tokens));
        let labels = self.labels.iter().map(|label| label.name.to_string()).collect();
        part(of::label, of::labels, labels);
        part(of::vault, of::vaults, self.vaults.iter().map(ToString::to_string).collect());
        if parts.is_empty() { of::everything(language).to_owned() } else { parts.join(", ") }
    }
}

/// Words around a name, or around several.
type Phrase = fn(Language, &str) -> String;

fn holds(vault: &Vault, token: &str) -> bool {
    vault.collateral.iter().flatten().any(|holding| holding.token.eq_ignore_ascii_case(token))
}
