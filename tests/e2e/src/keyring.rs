//! The real gnome-keyring-daemon as the desktop's keychain.

use std::collections::HashMap;
use std::io::Write as _;
use std::process::Stdio;

use anyhow::{Context, Result};
use zbus::zvariant::OwnedObjectPath;

use crate::{Desktop, patience::until, processes::Process};

const NAME: &str = "org.freedesktop.secrets";
const PATH: &str = "/org/freedesktop/secrets";

#[derive(Debug)]
pub struct Keyring {
    pub process: Process,
}

impl Keyring {
    /// As after a log-in with a password.
    ///
    /// # Errors
    /// When it is not installed or does not start.
    pub async fn unlocked(desktop: &Desktop) -> Result<Self> {
        Self::start(desktop, Some("password")).await
    }

    /// As after a log-in without one.
    ///
    /// # Errors
    /// When it is not installed or does not start.
    pub async fn locked(desktop: &Desktop) -> Result<Self> {
        Self::start(desktop, None).await
    }

    async fn start(desktop: &Desktop, password: Option<&str>) -> Result<Self> {
        let mut command = desktop.command("gnome-keyring-daemon");
        command.args(["--foreground", "--components=secrets"]);
        command.arg(if password.is_some() { "--unlock" } else { "--start" });
        command.stdin(Stdio::piped());
        let mut process = desktop.spawn_with_input("gnome-keyring", &mut command)?;
        // The end of the input ends the password.
        let mut input = process.take_input().context("it has an input")?;
        input.write_all(password.unwrap_or_default().as_bytes())?;
        drop(input);
        until("the keyring on the bus", async || {
            let owned = desktop.bus_name_is_owned(NAME).await?;
            Ok(owned.then_some(()))
        })
        .await?;
        Ok(Self { process })
    }

    /// What a person reads who looks at what VaultWatch keeps in it.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn labels(&self, desktop: &Desktop) -> Result<Vec<String>> {
        let bus = desktop.bus().await?;
        let ours = HashMap::from([("service", "app.vaultwatch.keys")]);
        let service = Some("org.freedesktop.Secret.Service");
        let found = bus.call_method(Some(NAME), PATH, service, "SearchItems", &(ours,)).await?;
        let (unlocked, _locked): (Vec<OwnedObjectPath>, Vec<OwnedObjectPath>) =
            found.body().deserialize()?;
        let mut labels = Vec::new();
        for path in unlocked {
            let item = zbus::Proxy::new(&bus, NAME, path, "org.freedesktop.Secret.Item").await?;
            labels.push(item.get_property("Label").await?);
        }
        Ok(labels)
    }
}
