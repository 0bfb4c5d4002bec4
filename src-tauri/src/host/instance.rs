//! One application in a session: the first start takes a name on the session bus, and later ones hand it their words.
//! Name and call are those of Tauri's plug-in for single instances, which the application had before: whatever version
//! runs, it understands the other.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
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

/// One that quits has let go of its name after this long, or hangs.
const FAREWELL: Duration = Duration::from_secs(15);
const LOOK: Duration = Duration::from_millis(50);

/// Our name on the bus. It goes with the connection.
#[derive(Debug)]
pub(super) struct Claim {
    bus: Connection,
    leaving: Arc<AtomicBool>,
}

/// What became of what this start was told.
enum Told {
    /// One runs, and does it.
    Heard,
    /// None runs.
    Nobody,
    /// One is about to end, and does nothing any more.
    Leaving,
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
    matches!(tell().await, Ok(Told::Heard))
}

/// Takes the name, or hands on what this start was told.
pub(super) async fn claim() -> Claimed {
    loop {
        let (words, said) = mpsc::channel(WAITING);
        match take(words).await {
            Ok(Some(claim)) => return Claimed::Ours(claim, said),
            Ok(None) => match tell().await {
                Ok(Told::Heard) => return Claimed::HandedOn,
                // It has ended in this moment.
                Ok(Told::Nobody) => {}
                Ok(Told::Leaving) => {
                    tracing::info!("another one is quitting; starting as soon as it is gone");
                    if let Err(error) = released().await {
                        return Claimed::Hung(error);
                    }
                }
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
    let leaving = Arc::<AtomicBool>::default();
    bus.object_server().at(PATH, Later { words, leaving: Arc::clone(&leaving) }).await?;
    let flags = RequestNameFlags::DoNotQueue.into();
    match bus.request_name_with_flags(NAME, flags).await {
        Ok(RequestNameReply::PrimaryOwner | RequestNameReply::AlreadyOwner) => {
            Ok(Some(Claim { bus, leaving }))
        }
        Ok(RequestNameReply::Exists | RequestNameReply::InQueue) | Err(zbus::Error::NameTaken) => {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

impl Claim {
    /// From now on a start is not for this one any more.
    pub(super) fn leave(&self) {
        self.leaving.store(true, Ordering::Release);
    }

    /// Returns when the session's bus is gone, and the session with it.
    pub(super) async fn lost(&self) {
        let mut messages = MessageStream::from(&self.bus);
        while messages.next().await.is_some_and(|message| message.is_ok()) {}
    }
}

/// What a later start calls.
struct Later {
    words: mpsc::Sender<Vec<String>>,
    leaving: Arc<AtomicBool>,
}

#[zbus::interface(name = "org.SingleInstance.DBus")]
impl Later {
    fn execute_callback(&self, words: Vec<String>, _folder: String) -> zbus::fdo::Result<()> {
        if self.leaving.load(Ordering::Acquire) {
            return Err(zbus::fdo::Error::Failed("VaultWatch is quitting".to_owned()));
        }
        if let Err(error) = self.words.try_send(words) {
            tracing::warn!(%error, "too many starts at once; this one does nothing");
        }
        Ok(())
    }
}

async fn tell() -> zbus::Result<Told> {
    tokio::time::timeout(PATIENCE, call()).await.unwrap_or_else(|_| Err(timed_out()))
}

fn timed_out() -> zbus::Error {
    zbus::Error::InputOutput(Arc::new(std::io::ErrorKind::TimedOut.into()))
}

/// Returns when nobody has the name.
async fn released() -> zbus::Result<()> {
    let gone = async {
        let bus = Connection::session().await?;
        let buses = DBusProxy::new(&bus).await?;
        while buses.name_has_owner(BusName::try_from(NAME)?).await? {
            tokio::time::sleep(LOOK).await;
        }
        Ok(())
    };
    tokio::time::timeout(FAREWELL, gone).await.unwrap_or_else(|_| Err(timed_out()))
}

async fn call() -> zbus::Result<Told> {
    let bus = Connection::session().await?;
    let name = BusName::try_from(NAME)?;
    if !DBusProxy::new(&bus).await?.name_has_owner(name.clone()).await? {
        return Ok(Told::Nobody);
    }
    let words = std::env::args_os().map(|word| word.to_string_lossy().into_owned());
    // Where the other one's window is to be, and by whose leave it comes to the front.
    let words = words.chain(Display::of_this_start().to_words());
    let words = words.chain(Token::of_this_start().map(|token| token.to_word()));
    let folder = std::env::current_dir().unwrap_or_default();
    let told = (words.collect::<Vec<String>>(), folder.to_string_lossy().into_owned());
    let interface = Some("org.SingleInstance.DBus");
    match bus.call_method(Some(name), PATH, interface, "ExecuteCallback", &told).await {
        Ok(_) => Ok(Told::Heard),
        // It says that it is quitting, or was gone before it could.
        Err(zbus::Error::MethodError(..)) => Ok(Told::Leaving),
        Err(error) => Err(error),
    }
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
