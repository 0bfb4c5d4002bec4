use std::path::Path;

use jiff::Timestamp;
use serde::Deserialize;
use smol_str::SmolStr;
use toml::Spanned;
use wire::UnixMillis;

use super::super::super::hub::{DEFAULT_TENANT, is_tenant_name};
use super::super::super::topics::Topics;
use super::super::grant::{Bearer, Grant};
use super::super::token::Digest;
use super::{ListedToken, NewToken, TokenFileError};

/// The tokens of a file, as grants.
#[derive(Clone, Debug, Default)]
pub(in crate::server::access) struct TokenSet(Vec<(Digest, Grant)>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tokens {
    #[serde(default)]
    token: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: Spanned<String>,
    #[serde(default = "default_tenant")]
    tenant: String,
    sha256: String,
    #[serde(default)]
    read: Vec<SmolStr>,
    #[serde(default)]
    publish: Vec<SmolStr>,
    expires: Option<toml::value::Datetime>,
    #[serde(default)]
    metrics: bool,
}

fn default_tenant() -> String {
    DEFAULT_TENANT.to_owned()
}

impl TokenSet {
    /// Reads what a file holds; `path` is what errors call it.
    pub(super) fn parse(text: &str, path: &Path) -> Result<Self, TokenFileError> {
        let shown = || path.display().to_string();
        let tokens: Tokens = toml::from_str(text)
            .map_err(|error| TokenFileError::Toml { path: shown(), reason: error.to_string() })?;
        let mut set: Vec<(Digest, Grant)> = Vec::new();
        for entry in &tokens.token {
            let fault = |reason: String| {
                let before = &text.as_bytes()[..entry.name.span().start];
                let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
                let name = entry.name.get_ref().clone();
                TokenFileError::Token { path: shown(), line, name, reason }
            };
            let (digest, grant) = read(entry).map_err(fault)?;
            if set.iter().any(|(_, known)| known.name == grant.name) {
                return Err(fault("is there twice: give each its own name".into()));
            }
            if set.iter().any(|(known, _)| known.is(&digest)) {
                let reason = "has the same `sha256` as another: make it with `token new`";
                return Err(fault(reason.into()));
            }
            set.push((digest, grant));
        }
        Ok(Self(set))
    }

    /// Compares with every token, so that the time tells nothing of which one it was like.
    pub(in crate::server::access) fn grant(&self, digest: &Digest) -> Option<&Grant> {
        let mut found = None;
        for (known, grant) in &self.0 {
            if known.is(digest) {
                found = Some(grant);
            }
        }
        found
    }

    pub(in crate::server::access) fn len(&self) -> usize {
        self.0.len()
    }

    /// All of them, without their hashes.
    pub(super) fn listed(&self) -> Vec<ListedToken> {
        let texts = |topics: &Topics| topics.names().iter().map(ToString::to_string).collect();
        let listed = |(_, grant): &(Digest, Grant)| ListedToken {
            name: grant.name.to_string(),
            tenant: grant.tenant.as_deref().unwrap_or(DEFAULT_TENANT).to_owned(),
            read: texts(&grant.read),
            publish: texts(&grant.publish),
            expires: grant.expires.and_then(|at| Timestamp::from_millisecond(at.0).ok()),
            metrics: grant.metrics,
        };
        self.0.iter().map(listed).collect()
    }
}

/// What a token of these fields may do.
struct Rights {
    read: Topics,
    publish: Topics,
}

impl Rights {
    /// # Errors
    /// What is wrong with them, to go on after the token's name.
    fn of(name: &str, tenant: &str, read: &[SmolStr], publish: &[SmolStr]) -> Result<Self, String> {
        if !(1..=64).contains(&name.len()) || name.chars().any(char::is_control) {
            return Err("is to be named with 1 to 64 characters".into());
        }
        if !is_tenant_name(tenant) {
            return Err("has a tenant that is not 1 to 64 of a-z, 0-9, _ and -".into());
        }
        let topics = |field: &str, list: &[SmolStr]| {
            Topics::default().with(list).map_err(|error| format!("has a bad `{field}`: {error}"))
        };
        Ok(Self { read: topics("read", read)?, publish: topics("publish", publish)? })
    }
}

/// Whether a token can be made like this.
///
/// # Errors
/// What is wrong with it, to go on after its name.
pub(super) fn check(new: &NewToken) -> Result<(), String> {
    let topics = |list: &[String]| list.iter().map(SmolStr::new).collect::<Vec<_>>();
    Rights::of(&new.name, &new.tenant, &topics(&new.read), &topics(&new.publish)).map(drop)
}

fn read(entry: &Entry) -> Result<(Digest, Grant), String> {
    let name = entry.name.get_ref();
    let rights = Rights::of(name, &entry.tenant, &entry.read, &entry.publish)?;
    let digest: Digest = entry
        .sha256
        .parse()
        .map_err(|()| "has a `sha256` that is not 64 hexadecimal digits".to_owned())?;
    let expires = match &entry.expires {
        None => None,
        Some(datetime) => {
            let at: Timestamp = datetime.to_string().parse().map_err(
                |_| "has an `expires` without a time zone: write it like 2027-01-31T00:00:00Z",
            )?;
            Some(UnixMillis(at.as_millisecond()))
        }
    };
    let grant = Grant {
        name: SmolStr::new(name),
        tenant: Some(SmolStr::new(&entry.tenant)),
        read: rights.read,
        publish: rights.publish,
        metrics: entry.metrics,
        expires,
        bearer: Bearer::Token(digest),
    };
    Ok((digest, grant))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<TokenSet, TokenFileError> {
        TokenSet::parse(text, Path::new("x.toml"))
    }

    #[test]
    fn what_is_wrong_is_named() {
        let hash = "0".repeat(64);
        let entry = |more: &str| format!("[[token]]\nname = \"n\"\nsha256 = \"{hash}\"\n{more}");
        let ok = parse(&entry("expires = 2027-01-01T00:00:00+02:00")).unwrap();
        assert_eq!(ok.0[0].1.tenant.as_deref(), Some("default"));
        for (text, named) in [
            ("token = 1".to_owned(), "token = 1"),
            (entry("rights = 1"), "unknown field `rights`"),
            ("[[token]]\nname = \"n\"".to_owned(), "sha256"),
        ] {
            let error = parse(&text).unwrap_err();
            assert!(matches!(error, TokenFileError::Toml { .. }), "{error:?}");
            assert!(error.to_string().contains(named), "{text}: {error}");
        }
        for (text, at, named) in [
            ("[[token]]\nname = \"n\"\nsha256 = \"x\"".to_owned(), 2, "64 hexadecimal"),
            (entry("tenant = \"A\""), 2, "tenant"),
            (entry("read = [\"*a\"]"), 2, "`read`"),
            (entry("expires = 2027-01-01T00:00:00"), 2, "time zone"),
            (entry("expires = 2027-01-01"), 2, "time zone"),
            (format!("{}{}", entry(""), entry("")), 5, "twice"),
            (format!("{}# m\n{}", entry(""), entry("").replace("\"n\"", "\"m\"")), 6, "`sha256`"),
        ] {
            let error = parse(&text).unwrap_err();
            assert!(error.to_string().contains(named), "{text}: {error}");
            let TokenFileError::Token { path, line, .. } = error else { panic!("{text}") };
            assert_eq!((path.as_str(), line), ("x.toml", at), "{text}");
        }
    }
}
