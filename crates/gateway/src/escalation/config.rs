use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use smol_str::SmolStr;
use toml::Spanned;
use url::{Host, Url};

use super::error::EscalationError;
use crate::lapse::Lapse;
use crate::server::is_tenant_name;

/// Whom to call, by tenant. `docs/gateway/alerts.md` is the file's reference.
#[derive(Clone, Debug)]
pub struct Alerts {
    /// Where it is kept who was called.
    pub(super) state: PathBuf,
    /// Trusted beside the system's.
    pub(super) authorities: Option<PathBuf>,
    /// For one call, from the name's look-up to the status.
    pub(super) timeout: Duration,
    pub(super) tenants: BTreeMap<SmolStr, Tenant>,
}

/// Whom to call for one tenant.
#[derive(Clone, Debug)]
pub(super) struct Tenant {
    /// How long its clients have to acknowledge.
    pub(super) after: Duration,
    pub(super) webhook: Option<Webhook>,
    pub(super) ntfy: Option<Ntfy>,
}

#[derive(Clone, Debug)]
pub(super) struct Webhook {
    pub(super) url: Url,
    pub(super) secret: Secret,
}

#[derive(Clone, Debug)]
pub(super) struct Ntfy {
    /// The server, without the topic.
    pub(super) server: Url,
    pub(super) topic: String,
    pub(super) token: Option<Secret>,
    /// 1 to 5.
    pub(super) priority: u8,
    /// What a tap opens; `{vaultId}` and `{alertId}` are filled in.
    pub(super) click: Option<String>,
}

/// Not shown by `Debug`.
#[derive(Clone)]
pub(super) struct Secret(String);

impl Secret {
    pub(super) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    state: PathBuf,
    ca_file: Option<PathBuf>,
    after: Option<Spanned<Lapse>>,
    timeout: Option<Spanned<Lapse>>,
    #[serde(default)]
    tenants: BTreeMap<Spanned<SmolStr>, TenantEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TenantEntry {
    after: Option<Spanned<Lapse>>,
    webhook: Option<WebhookEntry>,
    ntfy: Option<NtfyEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WebhookEntry {
    url: Spanned<String>,
    secret: Option<Spanned<String>>,
    secret_env: Option<Spanned<String>>,
    secret_file: Option<Spanned<PathBuf>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NtfyEntry {
    url: Spanned<String>,
    token: Option<Spanned<String>>,
    token_env: Option<Spanned<String>>,
    token_file: Option<Spanned<PathBuf>>,
    priority: Option<Spanned<u8>>,
    click: Option<Spanned<String>>,
}

/// How long somebody has to acknowledge, unless the file says otherwise.
const AFTER: Duration = Duration::from_secs(120);
const TIMEOUT: Duration = Duration::from_secs(10);
/// Shorter ones can be guessed.
const SECRET_BYTES: usize = 16;

impl Alerts {
    /// Reads the file and the secrets it names.
    ///
    /// # Errors
    /// [`EscalationError::Io`] for a file that cannot be read, [`EscalationError::Toml`] when it is not TOML or has a
    /// field of a wrong name or kind, [`EscalationError::Invalid`] when a value makes no sense.
    pub fn open(path: &Path) -> Result<Self, EscalationError> {
        let text = read(path)?;
        let file: File = toml::from_str(&text).map_err(|source| EscalationError::Toml {
            path: path.to_owned(),
            source: Box::new(source),
        })?;
        Reading { text: &text, path }.alerts(file)
    }

    /// The tenants somebody is called for.
    pub fn tenants(&self) -> impl Iterator<Item = &str> {
        self.tenants.keys().map(SmolStr::as_str)
    }
}

fn read(path: &Path) -> Result<String, EscalationError> {
    std::fs::read_to_string(path)
        .map_err(|source| EscalationError::Io { path: path.to_owned(), source })
}

struct Reading<'a> {
    text: &'a str,
    path: &'a Path,
}

/// A secret as it may be given.
struct Given<'a> {
    name: &'a str,
    inline: Option<&'a Spanned<String>>,
    variable: Option<&'a Spanned<String>>,
    file: Option<&'a Spanned<PathBuf>>,
}

impl Reading<'_> {
    fn fault(&self, offset: usize, field: &str, reason: impl Into<String>) -> EscalationError {
        let before = &self.text.as_bytes()[..offset.min(self.text.len())];
        let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
        let (field, reason) = (field.to_owned(), reason.into());
        EscalationError::Invalid { path: self.path.to_owned(), line, field, reason }
    }

    fn at<T>(&self, value: &Spanned<T>, field: &str, reason: impl Into<String>) -> EscalationError {
        self.fault(value.span().start, field, reason)
    }

    /// Beside the configuration, unless it is given in full.
    fn beside(&self, path: &Path) -> PathBuf {
        self.path.parent().unwrap_or(Path::new("")).join(path)
    }

    fn alerts(&self, file: File) -> Result<Alerts, EscalationError> {
        if file.tenants.is_empty() {
            let reason = "is missing: without a [tenants.NAME] nobody is called";
            return Err(self.fault(0, "tenants", reason));
        }
        let after = self.after(file.after.as_ref())?.unwrap_or(AFTER);
        let timeout = match &file.timeout {
            Some(time) if !(100..=120_000).contains(&time.get_ref().millis()) => {
                return Err(self.at(time, "timeout", "must be from 100ms to 2m"));
            }
            time => time.as_ref().map_or(TIMEOUT, |time| time.get_ref().0),
        };
        let mut tenants = BTreeMap::new();
        for (name, entry) in &file.tenants {
            if !is_tenant_name(name.get_ref()) {
                let reason = "is no tenant: 1 to 64 of a-z, 0-9, _ and -";
                return Err(self.at(name, &format!("tenants.{}", name.get_ref()), reason));
            }
            tenants.insert(name.get_ref().clone(), self.tenant(name, entry, after)?);
        }
        Ok(Alerts {
            state: self.beside(&file.state),
            authorities: file.ca_file.as_deref().map(|path| self.beside(path)),
            timeout,
            tenants,
        })
    }

    fn after(&self, after: Option<&Spanned<Lapse>>) -> Result<Option<Duration>, EscalationError> {
        match after {
            Some(after) if !(100..=86_400_000).contains(&after.get_ref().millis()) => {
                Err(self.at(after, "after", "must be from 100ms to 1d"))
            }
            after => Ok(after.map(|after| after.get_ref().0)),
        }
    }

    fn tenant(
        &self,
        name: &Spanned<SmolStr>,
        entry: &TenantEntry,
        after: Duration,
    ) -> Result<Tenant, EscalationError> {
        if entry.webhook.is_none() && entry.ntfy.is_none() {
            let field = format!("tenants.{}", name.get_ref());
            return Err(self.at(name, &field, "needs a webhook or an ntfy address"));
        }
        let webhook = entry.webhook.as_ref().map(|webhook| self.webhook(webhook)).transpose()?;
        let ntfy = entry.ntfy.as_ref().map(|ntfy| self.ntfy(ntfy)).transpose()?;
        let after = self.after(entry.after.as_ref())?.unwrap_or(after);
        Ok(Tenant { after, webhook, ntfy })
    }

    fn webhook(&self, entry: &WebhookEntry) -> Result<Webhook, EscalationError> {
        let given = Given {
            name: "webhook.secret",
            inline: entry.secret.as_ref(),
            variable: entry.secret_env.as_ref(),
            file: entry.secret_file.as_ref(),
        };
        let url = self.url(&entry.url, "webhook.url")?;
        let Some((secret, at)) = self.secret(&given)? else {
            let reason = "is missing: give `secret`, `secret_env` or `secret_file`, so that the receiver can \
                          tell our calls from anybody's";
            return Err(self.at(&entry.url, "webhook.secret", reason));
        };
        if secret.0.len() < SECRET_BYTES {
            let reason = format!(
                "must have {SECRET_BYTES} bytes at least; `openssl rand -hex 32` makes one"
            );
            return Err(self.fault(at, "webhook.secret", reason));
        }
        Ok(Webhook { url, secret })
    }

    fn ntfy(&self, entry: &NtfyEntry) -> Result<Ntfy, EscalationError> {
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

    fn url(&self, text: &Spanned<String>, field: &str) -> Result<Url, EscalationError> {
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
    fn secret(&self, given: &Given<'_>) -> Result<Option<(Secret, usize)>, EscalationError> {
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
            (None, None, Some(path)) => (read(&self.beside(path.get_ref()))?, path.span().start),
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
        // Editors end files with a line.
        let text = text.trim().to_owned();
        if text.is_empty() || text.chars().any(char::is_control) {
            return Err(self.fault(
                at,
                given.name,
                "must not be empty, nor have line breaks in it",
            ));
        }
        Ok(Some((Secret(text), at)))
    }
}
