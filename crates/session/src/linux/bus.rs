//! The system bus: logind on sleep and the screen, NetworkManager on the network. Either may be missing, come later or
//! be started anew; so may the bus itself.
//!
//! Nobody is started for our sake: a service is called by the name that the bus gave it, which no other one gets.

use std::time::Duration;

use futures_util::StreamExt as _;
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};
use zbus::zvariant::{DynamicType, OwnedValue};
use zbus::{Connection, Message, MessageStream};

use super::News;
use super::sense::Manager;
use super::signal::{
    DBUS, LOGIND_MANAGER, LOGIND_SESSION, NETWORK_MANAGER, Owners, PROPERTIES, Service, Signal,
    path_in, path_of,
};
use crate::Screen;

/// A call that takes longer is given up.
const PATIENCE: Duration = Duration::from_secs(5);
/// Between two attempts to reach the bus: the first is soon, each further one takes twice as long, up to a minute.
const SOON: Duration = Duration::from_secs(1);
const LATEST: Duration = Duration::from_secs(60);
/// Signals that wait while an answer is awaited: with the queue full, no answer would come through.
const SIGNALS: usize = 256;

const DBUS_PATH: &str = "/org/freedesktop/DBus";
const LOGIND_PATH: &str = "/org/freedesktop/login1";
const NETWORK_MANAGER_PATH: &str = "/org/freedesktop/NetworkManager";

/// What the bus is asked to pass on. Of NetworkManager only what is about the whole: its devices have much to tell.
const RULES: [&str; 4] = [
    "type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged',arg0='org.freedesktop.login1'",
    "type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged',arg0='org.freedesktop.NetworkManager'",
    "type='signal',sender='org.freedesktop.login1'",
    "type='signal',sender='org.freedesktop.NetworkManager',path='/org/freedesktop/NetworkManager'",
];

/// Listens for ever; that there is no bus is told once.
pub(super) async fn listen(address: Option<&str>, news: &mpsc::Sender<News>) {
    let mut pause = SOON;
    let mut told = false;
    loop {
        let ended = match timeout(PATIENCE, open(address)).await {
            Ok(Ok(bus)) => {
                tracing::debug!("the system bus is there");
                (pause, told) = (SOON, false);
                let mut listener = Listener::new(bus, news);
                let ended = listener.listen().await;
                listener.forget().await;
                ended.err().map(|error| error.to_string())
            }
            Ok(Err(error)) => Some(error.to_string()),
            Err(_) => Some(format!("no answer within {PATIENCE:?}")),
        };
        let cause = ended.unwrap_or_else(|| "it has closed the connection".to_owned());
        if std::mem::replace(&mut told, true) {
            tracing::debug!(cause, "no system bus");
        } else {
            tracing::warn!(
                cause,
                "no system bus: nobody tells of sleep and screen lock, and the network is watched by its routes alone"
            );
        }
        sleep(pause).await;
        pause = (pause * 2).min(LATEST);
    }
}

async fn open(address: Option<&str>) -> zbus::Result<Connection> {
    match address {
        None => Connection::system().await,
        Some(address) => zbus::connection::Builder::address(address)?.build().await,
    }
}

/// One connection to the bus.
struct Listener<'a> {
    bus: Connection,
    news: &'a mpsc::Sender<News>,
    owners: Owners,
    /// Our own session, by its path.
    session: Option<String>,
}

impl<'a> Listener<'a> {
    fn new(bus: Connection, news: &'a mpsc::Sender<News>) -> Self {
        Self { bus, news, owners: Owners::default(), session: None }
    }

    /// Until the connection ends.
    async fn listen(&mut self) -> zbus::Result<()> {
        let mut messages = MessageStream::from(&self.bus);
        messages.set_max_queued(SIGNALS);
        for rule in RULES {
            self.call(DBUS, DBUS_PATH, DBUS, "AddMatch", &(rule,)).await?;
        }
        // After the rules: nothing that happens in between is missed.
        for service in Service::ALL {
            let name = (service.name(),);
            let owner = self.call(DBUS, DBUS_PATH, DBUS, "GetNameOwner", &name).await.ok();
            let owner = owner.and_then(|owner| owner.body().deserialize::<String>().ok());
            self.owner_is(service, owner).await;
        }
        while let Some(message) = messages.next().await {
            for signal in self.owners.read(&message?) {
                self.hear(signal).await;
            }
        }
        Ok(())
    }

    async fn hear(&mut self, signal: Signal) {
        match signal {
            Signal::Owner(service, owner) => self.owner_is(service, owner).await,
            Signal::Sleep { begins: true } => self.tell(News::Asleep).await,
            Signal::Sleep { begins: false } => {
                self.tell(News::Awake).await;
                // It may have been locked on the way.
                self.look_at_screen().await;
            }
            Signal::Sessions => self.find_session().await,
            Signal::Lock { session, locked } => {
                if self.session.as_ref() == Some(&session) {
                    self.screen_is(locked).await;
                }
            }
            Signal::State(state) => self.tell(News::Manager(Some(Manager::of(state)))).await,
            Signal::Primary(path) => self.tell(News::Primary(path)).await,
        }
    }

    async fn owner_is(&mut self, service: Service, owner: Option<String>) {
        let there = owner.is_some();
        tracing::debug!(?service, there, "who tells of the machine");
        self.owners.set(service, owner);
        match service {
            Service::Logind => {
                // Its paths are its own.
                self.session = None;
                self.find_session().await;
            }
            Service::NetworkManager => {
                let state = self.network_manager("State").await;
                let state = state.and_then(|state| u32::try_from(state).ok());
                // One that is there and does not answer says nothing.
                let manager = there.then(|| Manager::of(state.unwrap_or_default()));
                self.tell(News::Manager(manager)).await;
                let primary = self.network_manager("PrimaryConnection").await;
                if let Some(path) = primary.and_then(|path| path_of(&path)) {
                    self.tell(News::Primary(path)).await;
                }
            }
        }
    }

    /// A program may be started before its session, and outlive it.
    async fn find_session(&mut self) {
        let found = self.own_session().await;
        if found != self.session || found.is_none() {
            tracing::debug!(session = found, "the session to tell of");
            self.session = found;
            self.look_at_screen().await;
        }
    }

    /// A program of the user's service manager belongs to no session: then it is the one that logind calls `auto`, by
    /// older versions the one with the user's display.
    async fn own_session(&self) -> Option<String> {
        if let Some(path) = self.logind("GetSession", &("auto",)).await {
            return Some(path);
        }
        if let Ok(id) = std::env::var("XDG_SESSION_ID")
            && let Some(path) = self.logind("GetSession", &(id.as_str(),)).await
        {
            return Some(path);
        }
        let process = (std::process::id(),);
        if let Some(path) = self.logind("GetSessionByPID", &process).await {
            return Some(path);
        }
        let user = self.logind("GetUserByPID", &process).await?;
        let owner = self.owners.of(Service::Logind)?;
        let display = self.property(owner, &user, "org.freedesktop.login1.User", "Display").await;
        // Without a display it is `/`.
        path_of(&display?).filter(|path| path != "/")
    }

    async fn look_at_screen(&self) {
        let hint = match (&self.session, self.owners.of(Service::Logind)) {
            (Some(session), Some(owner)) => {
                self.property(owner, session, LOGIND_SESSION, "LockedHint").await
            }
            _ => None,
        };
        match hint.and_then(|hint| bool::try_from(hint).ok()) {
            Some(locked) => self.screen_is(locked).await,
            None => self.tell(News::Screen(Screen::Unknown)).await,
        }
    }

    async fn screen_is(&self, locked: bool) {
        let screen = if locked { Screen::Locked } else { Screen::Unlocked };
        self.tell(News::Screen(screen)).await;
    }

    /// The connection is gone: what was known over it is not known any more.
    async fn forget(&self) {
        self.tell(News::Screen(Screen::Unknown)).await;
        self.tell(News::Manager(None)).await;
    }

    async fn tell(&self, news: News) {
        // Nobody listens any more: then this is not polled again either.
        let _ = self.news.send(news).await;
    }

    /// The path that logind answers with.
    async fn logind<B>(&self, method: &str, arguments: &B) -> Option<String>
    where
        B: serde::Serialize + DynamicType + Sync,
    {
        let owner = self.owners.of(Service::Logind)?;
        let answer = self.call(owner, LOGIND_PATH, LOGIND_MANAGER, method, arguments).await;
        path_in(&answer.ok()?)
    }

    async fn network_manager(&self, name: &str) -> Option<OwnedValue> {
        let owner = self.owners.of(Service::NetworkManager)?;
        self.property(owner, NETWORK_MANAGER_PATH, NETWORK_MANAGER, name).await
    }

    async fn property(
        &self,
        owner: &str,
        path: &str,
        interface: &str,
        name: &str,
    ) -> Option<OwnedValue> {
        let answer = self.call(owner, path, PROPERTIES, "Get", &(interface, name)).await;
        answer.ok()?.body().deserialize().ok()
    }

    async fn call<B>(
        &self,
        to: &str,
        path: &str,
        interface: &str,
        method: &str,
        arguments: &B,
    ) -> zbus::Result<Message>
    where
        B: serde::Serialize + DynamicType + Sync,
    {
        let call = self.bus.call_method(Some(to), path, Some(interface), method, arguments);
        let answer = timeout(PATIENCE, call).await;
        let answer = answer.unwrap_or_else(|_| Err(zbus::Error::Failure("no answer".to_owned())));
        if let Err(error) = &answer {
            tracing::debug!(method, %error, "the system bus");
        }
        answer
    }
}
