use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use channels::{EntryError, Ntfy, NtfyEntry, Reading, Webhook, WebhookEntry};
use serde::Deserialize;
use smol_str::SmolStr;
use toml::Spanned;

use super::error::EscalationError;
use crate::files::Files;
use crate::lapse::Lapse;
use crate::server::is_tenant_name;

/// Whom to call, by tenant. `docs/gateway/alerts.md` is the file's reference.
#[derive(Clone, Debug)]
pub struct Alerts {
    path: PathBuf,
    /// All it was read from: itself, secrets and certificates.
    pub(super) files: Files,
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

/// How long somebody has to acknowledge, unless the file says otherwise.
const AFTER: Duration = Duration::from_secs(120);

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
        alerts(Reading { text: &text, path }, file).map_err(|error| located(path, error))
    }

    /// Reads the file again.
    ///
    /// # Errors
    /// As [`Alerts::open`], and [`EscalationError::State`] when it names another `state`, which belongs to a gateway for
    /// as long as that runs.
    pub(super) fn again(&self) -> Result<Self, EscalationError> {
        let new = Self::open(&self.path)?;
        if new.state == self.state {
            return Ok(new);
        }
        Err(EscalationError::State { path: self.path.clone(), state: new.state })
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

fn located(path: &Path, error: EntryError) -> EscalationError {
    match error {
        EntryError::Io { path, source } => EscalationError::Io { path, source },
        EntryError::Invalid { line, field, reason } => {
            EscalationError::Invalid { path: path.to_owned(), line, field, reason }
        }
    }
}

fn alerts(reading: Reading<'_>, file: File) -> Result<Alerts, EntryError> {
    if file.tenants.is_empty() {
        let reason = "is missing: without a [tenants.NAME] nobody is called";
        return Err(reading.fault(0, "tenants", reason));
    }
    let after = lapse(reading, file.after.as_ref())?.unwrap_or(AFTER);
    let timeout = match &file.timeout {
        Some(time) if !(100..=120_000).contains(&time.get_ref().millis()) => {
            return Err(reading.at(time, "timeout", "must be from 100ms to 2m"));
        }
        time => time.as_ref().map_or(channels::TIMEOUT, |time| time.get_ref().0),
    };
    let mut tenants = BTreeMap::new();
    for (name, entry) in &file.tenants {
        if !is_tenant_name(name.get_ref()) {
            let reason = "is no tenant: 1 to 64 of a-z, 0-9, _ and -";
            return Err(reading.at(name, &format!("tenants.{}", name.get_ref()), reason));
        }
        tenants.insert(name.get_ref().clone(), tenant(reading, name, entry, after)?);
    }
    let authorities = file.ca_file.as_deref().map(|path| reading.beside(path));
    let own = (reading.path.to_owned(), reading.text.as_bytes().to_vec());
    let mut files = Files::loaded(vec![own.0], vec![own.1]);
    for entry in file.tenants.values() {
        let secret = entry.webhook.as_ref().and_then(WebhookEntry::secret_file);
        let token = entry.ntfy.as_ref().and_then(NtfyEntry::token_file);
        secret.into_iter().chain(token).for_each(|path| files.add(reading.beside(path)));
    }
    authorities.iter().for_each(|path| files.add(path.clone()));
    Ok(Alerts {
        path: reading.path.to_owned(),
        files,
        state: reading.beside(&file.state),
        authorities,
        timeout,
        tenants,
    })
}

fn lapse(
    reading: Reading<'_>,
    after: Option<&Spanned<Lapse>>,
) -> Result<Option<Duration>, EntryError> {
    match after {
        Some(after) if !(100..=86_400_000).contains(&after.get_ref().millis()) => {
            Err(reading.at(after, "after", "must be from 100ms to 1d"))
        }
        after => Ok(after.map(|after| after.get_ref().0)),
    }
}

fn tenant(
    reading: Reading<'_>,
    name: &Spanned<SmolStr>,
    entry: &TenantEntry,
    after: Duration,
) -> Result<Tenant, EntryError> {
    if entry.webhook.is_none() && entry.ntfy.is_none() {
        let field = format!("tenants.{}", name.get_ref());
        return Err(reading.at(name, &field, "needs a webhook or an ntfy address"));
    }
    let webhook = entry.webhook.as_ref().map(|webhook| reading.webhook(webhook)).transpose()?;
    let ntfy = entry.ntfy.as_ref().map(|ntfy| reading.ntfy(ntfy)).transpose()?;
    let after = lapse(reading, entry.after.as_ref())?.unwrap_or(after);
    Ok(Tenant { after, webhook, ntfy })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_says_nothing_of_times_gives_two_minutes_and_the_nearest_word_counts() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("alerts.toml");
        let after = |head: &str, own: &str| {
            let text = format!(
                "state = \"a.db\"\n{head}\n[tenants.desk]\n{own}\nntfy = {{ url = \"https://ntfy.example/t\" }}\n"
            );
            std::fs::write(&path, text).unwrap();
            Alerts::open(&path).unwrap().tenants["desk"].after
        };
        assert_eq!(after("", ""), Duration::from_secs(120));
        assert_eq!(after("after = \"5m\"", ""), Duration::from_secs(300));
        assert_eq!(after("after = \"5m\"", "after = \"30s\""), Duration::from_secs(30));
    }
}
