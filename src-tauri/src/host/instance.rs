//! One application in a session: the first start takes a name on the session bus, and later ones hand it their words.
//! Name and call are those of Tauri's plug-in for single instances, which the application had before: whatever version
//! runs, it understands the other.

use std::time::Duration;

use futures_util::StreamExt as _;
use tokio::sync::mpsc;
use zbus::fdo::{DBusProxy, RequestNameFlags, RequestNameReply};
use zbus::names::BusName;
use zbus::{Connection, MessageStream};

use crate::window::{Display, Token};

/// As the plug-in makes them of the identifier in `tauri.conf.json`.
const NAME: &str = "app.vaultwatch.desktop.SingleInstance";
const PATH: &str = "/app/vaultwatch/desktop/SingleInstance";
/// Starts whose words wait to be heard.
const WAITING: usize = 16;
/// One that runs answers at once. Whoever does not is hung.
const PATIENCE: Duration = Duration::from_secs(5);

/// Our name on the bus. It goes with the connection.
#[derive(Debug)]
pub(super) struct Claim {
    bus: Connection,
}

/// Whose the name is.
pub(super) enum Claimed {
    /// Ours, and this is what later starts say.
    Ours(Claim, mpsc::Receiver<Vec<String>>),
    /// Another start came in between, and has been told what this one was.
    HandedOn,
    /// Without a session bus nobody can be told apart.
    NoBus,
    /// One runs, and does not answer. Two would write the same files.
    Hung(zbus::Error),
}

/// Hands what this start was told to the one that runs. Whether there is one, and it was told.
pub(crate) async fn hand_on() -> bool {
    // Whatever goes wrong here goes wrong once more when the name is taken, and is told then.
    tell().await.unwrap_or(false)
}

/// Takes the name, or hands on what this start was told.
pub(super) async fn claim() -> Claimed {
    loop {
        let (words, said) = mpsc::channel(WAITING);
        match take(words).await {
            Ok(Some(claim)) => return Claimed::Ours(claim, said),
            Ok(None) => match tell().await {
                Ok(true) => return Claimed::HandedOn,
                // It has ended in this moment.
                Ok(false) => {}
                Err(error) => return Claimed::Hung(error),
            },
            Err(error) => {
                tracing::warn!(%error, "no session bus: a second start would not notice this one");
                return Claimed::NoBus;
            }
        }
    }
}

/// `None`: it is taken.
async fn take(words: mpsc::Sender<Vec<String>>) -> zbus::Result<Option<Claim>> {
    let bus = Connection::session().await?;
    // Before the name: whoever finds it may call at once.
    bus.object_server().at(PATH, Later(words)).await?;
    let flags = RequestNameFlags::DoNotQueue.into();
    match bus.request_name_with_flags(NAME, flags).await {
        Ok(RequestNameReply::PrimaryOwner | RequestNameReply::AlreadyOwner) => {
            Ok(Some(Claim { bus }))
        }
        Ok(RequestNameReply::Exists | RequestNameReply::InQueue) | Err(zbus::Error::NameTaken) => {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

impl Claim {
    /// Returns when the session's bus is gone, and the session with it.
    pub(super) async fn lost(&self) {
        let mut messages = MessageStream::from(&self.bus);
        while messages.next().await.is_some_and(|message| message.is_ok()) {}
    }
}

/// What a later start calls.
struct Later(mpsc::Sender<Vec<String>>);

#[zbus::interface(name = "org.SingleInstance.DBus")]
impl Later {
    fn execute_callback(&self, words: Vec<String>, _folder: String) {
        if let Err(error) = self.0.try_send(words) {
            tracing::warn!(%error, "too many starts at once; this one does nothing");
        }
    }
}

async fn tell() -> zbus::Result<bool> {
    tokio::time::timeout(PATIENCE, call()).await.unwrap_or_else(|_| {
        Err(zbus::Error::InputOutput(std::sync::Arc::new(std::io::ErrorKind::TimedOut.into())))
    })
}

async fn call() -> zbus::Result<bool> {
    let bus = Connection::session().await?;
    let name = BusName::try_from(NAME)?;
    if !DBusProxy::new(&bus).await?.name_has_owner(name.clone()).await? {
        return Ok(false);
    }
    let words = std::env::args_os().map(|word| word.to_string_lossy().into_owned());
    // Where the other one's window is to be, and by whose leave it comes to the front.
    let words = words.chain(Display::of_this_start().to_words());
    let words = words.chain(Token::of_this_start().map(|token| token.to_word()));
    let folder = std::env::current_dir().unwrap_or_default();
    let told = (words.collect::<Vec<String>>(), folder.to_string_lossy().into_owned());
    let interface = Some("org.SingleInstance.DBus");
    bus.call_method(Some(name), PATH, interface, "ExecuteCallback", &told).await?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_called_what_the_plug_in_calls_it() {
        let config: serde_json::Value =
            serde_json::from_str(include_str!("../../../tauri.conf.json")).unwrap();
        let identifier = config["identifier"].as_str().unwrap();
        assert_eq!(NAME, format!("{identifier}.SingleInstance"));
        assert_eq!(PATH, format!("/{}", NAME.replace('.', "/")));
    }
}
