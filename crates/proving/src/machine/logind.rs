use std::sync::{Arc, Mutex};

use tokio::sync::watch;
use zbus::Connection;
use zbus::object_server::SignalEmitter;
use zbus::zvariant::{ObjectPath, OwnedObjectPath};

use crate::bus::Bus;

const NAME: &str = "org.freedesktop.login1";
const PATH: &str = "/org/freedesktop/login1";
const SESSION: &str = "/org/freedesktop/login1/session/_32";
const USER: &str = "/org/freedesktop/login1/user/_1000";

/// By what the program's session can be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Knows {
    /// `GetSession("auto")`.
    Auto,
    /// `GetSessionByPID`.
    Process,
    /// The `Display` of the process's user.
    Display,
    /// There is no session.
    Nobody,
}

/// A logind with one session.
#[derive(Debug)]
pub struct Logind {
    bus: Connection,
    knows: Arc<Mutex<Knows>>,
    asked: watch::Sender<bool>,
}

impl Logind {
    /// # Panics
    /// The bus is gone, or has a logind.
    pub async fn serve(bus: &Bus) -> Self {
        Self::who_knows(bus, Knows::Auto).await
    }

    /// # Panics
    /// As [`serve`](Self::serve).
    pub async fn who_knows(bus: &Bus, knows: Knows) -> Self {
        let knows = Arc::new(Mutex::new(knows));
        let asked = watch::Sender::new(false);
        let connection = bus.connect().await;
        let objects = connection.object_server();
        let manager = Manager { knows: Arc::clone(&knows), asked: asked.clone() };
        objects.at(PATH, manager).await.unwrap();
        objects.at(SESSION, Session { locked: false }).await.unwrap();
        objects.at(USER, User).await.unwrap();
        // Last: who is told of the name calls at once.
        connection.request_name(NAME).await.unwrap();
        Self { bus: connection, knows, asked }
    }

    /// Whether somebody has asked for their session: from then on they listen.
    #[must_use]
    pub fn was_asked(&self) -> bool {
        *self.asked.borrow()
    }

    /// Waits until somebody has.
    pub async fn asked(&self) {
        // The sender is here: it cannot be gone.
        let _ = self.asked.subscribe().wait_for(|asked| *asked).await;
    }

    /// The machine is about to sleep.
    ///
    /// # Panics
    /// Here and below: the bus is gone.
    pub async fn sleep(&self) {
        Manager::prepare_for_sleep(&self.emitter(PATH), true).await.unwrap();
    }

    /// It has woken up.
    pub async fn wake(&self) {
        Manager::prepare_for_sleep(&self.emitter(PATH), false).await.unwrap();
    }

    /// The screen is locked, or not any more, as a desktop's locker says.
    pub async fn locked(&self, locked: bool) {
        let session = self.bus.object_server().interface::<_, Session>(SESSION).await.unwrap();
        let mut object = session.get_mut().await;
        object.locked = locked;
        object.locked_hint_changed(session.signal_emitter()).await.unwrap();
    }

    /// Somebody asks for a lock (`loginctl lock-session`), or its end. No locker says what it made of it.
    pub async fn ask_to_lock(&self, locked: bool) {
        let emitter = self.emitter(SESSION);
        let asked = match locked {
            true => Session::lock(&emitter).await,
            false => Session::unlock(&emitter).await,
        };
        asked.unwrap();
    }

    /// The session begins, or ends.
    pub async fn session(&self, knows: Knows) {
        *self.knows.lock().unwrap() = knows;
        let (emitter, path) = (self.emitter(PATH), ObjectPath::try_from(SESSION).unwrap());
        let told = match knows {
            Knows::Nobody => Manager::session_removed(&emitter, "2", path).await,
            _ => Manager::session_new(&emitter, "2", path).await,
        };
        told.unwrap();
    }

    /// It ends, as for an upgrade.
    pub async fn leave(self) {
        self.bus.close().await.unwrap();
    }

    fn emitter(&self, path: &'static str) -> SignalEmitter<'static> {
        SignalEmitter::new(&self.bus, path).unwrap()
    }
}

struct Manager {
    knows: Arc<Mutex<Knows>>,
    asked: watch::Sender<bool>,
}

impl Manager {
    fn answer(&self, known: bool, path: &str) -> zbus::fdo::Result<OwnedObjectPath> {
        let nobody = || zbus::fdo::Error::Failed("no such session".to_owned());
        let path = ObjectPath::try_from(path.to_owned()).unwrap();
        known.then(|| path.into()).ok_or_else(nobody)
    }

    fn knows(&self) -> Knows {
        self.asked.send_replace(true);
        *self.knows.lock().unwrap()
    }
}

#[zbus::interface(name = "org.freedesktop.login1.Manager")]
impl Manager {
    fn get_session(&self, id: &str) -> zbus::fdo::Result<OwnedObjectPath> {
        self.answer(self.knows() == Knows::Auto && id == "auto", SESSION)
    }

    #[zbus(name = "GetSessionByPID")]
    fn get_session_by_pid(&self, _process: u32) -> zbus::fdo::Result<OwnedObjectPath> {
        self.answer(self.knows() == Knows::Process, SESSION)
    }

    #[zbus(name = "GetUserByPID")]
    fn get_user_by_pid(&self, _process: u32) -> zbus::fdo::Result<OwnedObjectPath> {
        self.answer(self.knows() == Knows::Display, USER)
    }

    #[zbus(signal)]
    async fn prepare_for_sleep(emitter: &SignalEmitter<'_>, begins: bool) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn session_new(
        emitter: &SignalEmitter<'_>,
        id: &str,
        path: ObjectPath<'_>,
    ) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn session_removed(
        emitter: &SignalEmitter<'_>,
        id: &str,
        path: ObjectPath<'_>,
    ) -> zbus::Result<()>;
}

struct Session {
    locked: bool,
}

#[zbus::interface(name = "org.freedesktop.login1.Session")]
impl Session {
    #[zbus(property)]
    fn locked_hint(&self) -> bool {
        self.locked
    }

    #[zbus(signal)]
    async fn lock(emitter: &SignalEmitter<'_>) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn unlock(emitter: &SignalEmitter<'_>) -> zbus::Result<()>;
}

struct User;

#[zbus::interface(name = "org.freedesktop.login1.User")]
impl User {
    #[zbus(property)]
    fn display(&self) -> (String, OwnedObjectPath) {
        ("2".to_owned(), ObjectPath::try_from(SESSION).unwrap().into())
    }
}
