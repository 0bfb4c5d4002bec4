//! Channels as they stand in a TOML file, and what makes no sense there.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use thiserror::Error;
use toml::Spanned;
use url::{Host, Url};

use crate::{DeadMan, Ntfy, Secret, Webhook};

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebhookEntry {
    pub(crate) url: Spanned<String>,
    secret: Option<Spanned<String>>,
    secret_env: Option<Spanned<String>>,
    secret_file: Option<Spanned<PathBuf>>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NtfyEntry {
    url: Spanned<String>,
    token: Option<Spanned<String>>,
    token_env: Option<Spanned<String>>,
    token_file: Option<Spanned<PathBuf>>,
    priority: Option<Spanned<u8>>,
    click: Option<Spanned<String>>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeadManEntry {
    url: Spanned<String>,
    /// Milliseconds.
    every: Option<Spanned<u64>>,
}

/// Why an entry cannot be used.
#[derive(Debug, Error)]
pub enum EntryError {
    /// A file that it names cannot be read.
    #[error("cannot read {path}: {source}", path = path.display())]
    Io { path: PathBuf, source: std::io::Error },
    /// A value that makes no sense.
    #[error("line {line}: `{field}` {reason}")]
    Invalid {
        /// The first one is 1.
        line: usize,
        field: String,
        /// Goes on after the field's name.
        reason: String,
    },
}

/// A file that is being read: its text, and where it lies.
#[derive(Clone, Copy, Debug)]
pub struct Reading<'a> {
    pub text: &'a str,
    pub path: &'a Path,
}

impl WebhookEntry {
    /// The file that its secret is in, as it is written.
    #[must_use]
    pub fn secret_file(&self) -> Option<&Path> {
        self.secret_file.as_ref().map(|path| path.get_ref().as_path())
    }
}

impl NtfyEntry {
    /// The file that its token is in, as it is written.
    #[must_use]
    pub fn token_file(&self) -> Option<&Path> {
        self.token_file.as_ref().map(|path| path.get_ref().as_path())
    }
}

/// A secret as it may be given.
struct Given<'a> {
    name: &'a str,
    inline: Option<&'a Spanned<String>>,
    variable: Option<&'a Spanned<String>>,
    file: Option<&'a Spanned<PathBuf>>,
}

impl Reading<'_> {
    /// Something is wrong at that byte of the text.
    #[must_use]
    pub fn fault(&self, offset: usize, field: &str, reason: impl Into<String>) -> EntryError {
        let before = &self.text.as_bytes()[..offset.min(self.text.len())];
        let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
        EntryError::Invalid { line, field: field.to_owned(), reason: reason.into() }
    }

    /// Something is wrong with that value.
    #[must_use]
    pub fn at<T>(&self, value: &Spanned<T>, field: &str, reason: impl Into<String>) -> EntryError {
        self.fault(value.span().start, field, reason)
    }

    /// A path as the file means it: beside it, unless it is given in full.
    #[must_use]
    pub fn beside(&self, path: &Path) -> PathBuf {
        self.path.parent().unwrap_or(Path::new("")).join(path)
    }

    /// A webhook with its secret.
    ///
    /// # Errors
    /// [`EntryError::Io`] when the file of the secret cannot be read, [`EntryError::Invalid`] for everything else.
    pub fn webhook(&self, entry: &WebhookEntry) -> Result<Webhook, EntryError> {
        let (url, secret) = self.webhook_parts(entry)?;
        let Some(secret) = secret else {
            let reason = "is missing: give `secret`, `secret_env` or `secret_file`, so that the receiver can \
                          tell our calls from anybody's";
            return Err(self.at(&entry.url, "webhook.secret", reason));
        };
        Ok(Webhook { url, secret })
    }

    /// A webhook whose secret may be kept elsewhere.
    ///
    /// # Errors
    /// As [`Reading::webhook`].
    pub fn webhook_parts(&self, entry: &WebhookEntry) -> Result<(Url, Option<Secret>), EntryError> {
        let given = Given {
            name: "webhook.secret",
            inline: entry.secret.as_ref(),
            variable: entry.secret_env.as_ref(),
            file: entry.secret_file.as_ref(),
        };
        let url = self.url(&entry.url, "webhook.url")?;
        let Some((secret, at)) = self.secret(&given)? else { return Ok((url, None)) };
        if secret.expose().len() < Secret::LEAST_BYTES {
            let least = Secret::LEAST_BYTES;
            let reason =
                format!("must have {least} bytes at least; `openssl rand -hex 32` makes one");
            return Err(self.fault(at, "webhook.secret", reason));
        }
        Ok((url, Some(secret)))
    }

    /// # Errors
    /// As [`Reading::webhook`].
    pub fn ntfy(&self, entry: &NtfyEntry) -> Result<Ntfy, EntryError> {
        let given = Given {
            name: "ntfy.token",
            inline: entry.token.as_ref(),
            variable: entry.token_env.as_ref(),
            file: entry.token_file.as_ref(),
        };
        let mut server = self.url(&entry.url, "ntfy.url")?;
        let topic = server.path().trim_matches('/').to_owned();
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        if !(1..=64).contains(&topic.len()) || !topic.bytes().all(fits) {
            let reason = "must end with a topic: 1 to 64 letters, digits, - or _, as in https://ntfy.sh/my-desk";
            return Err(self.at(&entry.url, "ntfy.url", reason));
        }
        server.set_path("/");
        server.set_query(None);
        let priority = match &entry.priority {
            Some(priority) if !(1..=5).contains(priority.get_ref()) => {
                return Err(self.at(priority, "ntfy.priority", "must be 1 (least) to 5 (most)"));
            }
            priority => priority.as_ref().map_or(5, |priority| *priority.get_ref()),
        };
        if let Some(click) = &entry.click {
            let filled = click.get_ref().replace(['{', '}'], "");
            if Url::parse(&filled).is_err() {
                let reason = "must be a URL, as in https://desk.example/vaults/{vaultId}";
                return Err(self.at(click, "ntfy.click", reason));
            }
        }
        let click = entry.click.as_ref().map(|click| click.get_ref().clone());
        let token = self.secret(&given)?.map(|(token, _)| token);
        Ok(Ntfy { server, topic, token, priority, click })
    }

    /// # Errors
    /// [`EntryError::Invalid`].
    pub fn dead_man(&self, entry: &DeadManEntry) -> Result<DeadMan, EntryError> {
        let url = self.url(&entry.url, "dead_man.url")?;
        let every = match &entry.every {
            // Much less would be a load to somebody, more would say nothing in time.
            Some(every) if !(10_000..=3_600_000).contains(every.get_ref()) => {
                let reason = "must be 10000 (10 s) to 3600000 (1 h) milliseconds";
                return Err(self.at(every, "dead_man.every", reason));
            }
            every => every
                .as_ref()
                .map_or(DeadMan::EVERY, |every| Duration::from_millis(*every.get_ref())),
        };
        Ok(DeadMan { url, every })
    }

    /// A secret in the file itself, which others read when they read the file.
    pub(crate) fn inline_secret<'e>(
        webhook: Option<&'e WebhookEntry>,
        ntfy: Option<&'e NtfyEntry>,
    ) -> Option<(&'e Spanned<String>, &'static str)> {
        let secret = webhook.and_then(|webhook| webhook.secret.as_ref());
        let token = ntfy.and_then(|ntfy| ntfy.token.as_ref());
        let secret = secret.map(|secret| (secret, "webhook.secret"));
        secret.or(token.map(|token| (token, "ntfy.token")))
    }

    fn url(&self, text: &Spanned<String>, field: &str) -> Result<Url, EntryError> {
        // What was typed is not repeated: a URL may have a secret in it.
        let url = Url::parse(text.get_ref())
            .map_err(|error| self.at(text, field, format!("is no URL: {error}")))?;
        let local = match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
            None => false,
        };
        match url.scheme() {
            "https" if url.host().is_some() => {}
            "http" if local => {}
            "http" => {
                let reason = "must be https: what goes to another machine could be read and changed on the way";
                return Err(self.at(text, field, reason));
            }
            _ => return Err(self.at(text, field, "must begin with https://")),
        }
        if !url.username().is_empty() || url.password().is_some() {
            let reason = "must not have a user or password in it; a token has a field of its own";
            return Err(self.at(text, field, reason));
        }
        Ok(url)
    }

    /// A secret and where the file names it.
    fn secret(&self, given: &Given<'_>) -> Result<Option<(Secret, usize)>, EntryError> {
        let (text, at) = match (given.inline, given.variable, given.file) {
            (None, None, None) => return Ok(None),
            (Some(text), None, None) => (text.get_ref().clone(), text.span().start),
            (None, Some(name), None) => {
                let text = std::env::var(name.get_ref()).map_err(|_| {
                    let reason = format!(
                        "is to come from the environment variable {}, which is not set",
                        name.get_ref()
                    );
                    self.at(name, given.name, reason)
                })?;
                (text, name.span().start)
            }
            (None, None, Some(path)) => {
                let at = path.span().start;
                let path = self.beside(path.get_ref());
                let text = std::fs::read_to_string(&path)
                    .map_err(|source| EntryError::Io { path, source })?;
                (text, at)
            }
            (inline, variable, file) => {
                let spans = [
                    inline.map(Spanned::span),
                    variable.map(Spanned::span),
                    file.map(Spanned::span),
                ];
                let last = spans.into_iter().flatten().map(|span| span.start).max();
                let reason =
                    "is given more than once: in the file, by the environment or by another file";
                return Err(self.fault(last.unwrap_or(0), given.name, reason));
            }
        };
        let secret = Secret::new(&text);
        let secret = secret.map_err(|error| self.fault(at, given.name, error.to_string()))?;
        Ok(Some((secret, at)))
    }
}
