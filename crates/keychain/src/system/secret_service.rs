//! What the Secret Service tells about itself over D-Bus, before it is used and while it is waited for.

use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::select;
use zbus::zvariant::OwnedObjectPath;
use zbus::{Connection, MatchRule, MessageStream, blocking};

use crate::KeychainError;

const NAME: &str = "org.freedesktop.secrets";
const PATH: &str = "/org/freedesktop/secrets";
/// D-Bus may have to start the service first.
const PATIENCE: Duration = Duration::from_secs(10);

/// Whether there is an unlocked default keyring.
///
/// # Errors
/// [`KeychainError::NotAvailable`], [`KeychainError::NoDefaultKeyring`], [`KeychainError::Locked`].
pub(super) fn probe() -> Result<(), KeychainError> {
    let bus = blocking::connection::Builder::session()
        .and_then(|builder| builder.method_timeout(PATIENCE).build())
        .map_err(|error| not_available("there is no D-Bus session", &error))?;
    let no_answer = |error: zbus::Error| not_available("no Secret Service answers", &error);
    let default: OwnedObjectPath = bus
        .call_method(
            Some(NAME),
            PATH,
            Some("org.freedesktop.Secret.Service"),
            "ReadAlias",
            &("default",),
        )
        .and_then(|answer| answer.body().deserialize())
        .map_err(no_answer)?;
    if default.as_str() == "/" {
        return Err(KeychainError::NoDefaultKeyring);
    }
    let keyring = blocking::Proxy::new(&bus, NAME, default, "org.freedesktop.Secret.Collection");
    let locked = keyring.and_then(|keyring| keyring.get_property::<bool>("Locked"));
    if locked.map_err(no_answer)? { Err(KeychainError::Locked) } else { Ok(()) }
}

fn not_available(what: &str, error: &zbus::Error) -> KeychainError {
    KeychainError::NotAvailable { reason: format!("{what} ({error})") }
}

/// Completes when the service has appeared, or tells of a change. Without a bus never: a session's bus is there from
/// its beginning, or will not come.
pub(super) async fn changed() {
    match watch().await {
        Ok((mut owners, mut signals)) => {
            select(owners.next(), signals.next()).await;
        }
        Err(error) => {
            tracing::debug!(%error, "the keychain cannot be waited for");
            std::future::pending::<()>().await;
        }
    }
}

async fn watch() -> zbus::Result<(MessageStream, MessageStream)> {
    let bus = Connection::session().await?;
    let owners = MatchRule::builder()
        .msg_type(zbus::message::Type::Signal)
        .sender("org.freedesktop.DBus")?
        .member("NameOwnerChanged")?
        .arg(0, NAME)?
        .build();
    let signals = MatchRule::builder()
        .msg_type(zbus::message::Type::Signal)
        .sender(NAME)?
        .path_namespace(PATH)?
        .build();
    let owners = MessageStream::for_match_rule(owners, &bus, Some(8)).await?;
    let signals = MessageStream::for_match_rule(signals, &bus, Some(8)).await?;
    Ok((owners, signals))
}
