//! A notification service that remembers every call.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Instant,
};

use anyhow::Result;
use tokio::sync::watch;
use zbus::{object_server::SignalEmitter, zvariant::OwnedValue};

use crate::{Desktop, record::Record};

const PATH: &str = "/org/freedesktop/Notifications";
const NAME: &str = "org.freedesktop.Notifications";

/// The urgency that keeps a notification on the screen until somebody reacts.
pub const CRITICAL: u8 = 2;

/// What a client asked the service for.
#[derive(Clone, Debug)]
pub enum Call {
    Notify(Arc<Notification>),
    Close { id: u32 },
}

/// One `Notify` with all its arguments.
#[derive(Debug)]
pub struct Notification {
    /// The identifier it was given: a new one, or that of the notification it replaces.
    pub id: u32,
    pub app_name: String,
    /// 0 for a new notification.
    pub replaces_id: u32,
    pub summary: String,
    pub body: String,
    /// Key and label in turn, as sent.
    pub actions: Vec<String>,
    pub hints: BTreeMap<String, OwnedValue>,
    pub at: Instant,
}

impl Notification {
    /// The hint `urgency`: 0 low, 1 normal, 2 critical.
    #[must_use]
    pub fn urgency(&self) -> Option<u8> {
        self.hints.get("urgency").and_then(|value| value.downcast_ref::<u8>().ok())
    }

    #[must_use]
    pub fn is_new(&self) -> bool {
        self.replaces_id == 0
    }

    #[must_use]
    pub fn offers(&self, action: &str) -> bool {
        self.actions.iter().step_by(2).any(|key| key == action)
    }
}

/// How the service behaves towards `Notify`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    Answers,
    /// Says nothing until it behaves otherwise.
    Hangs,
    Refuses,
}

/// The running service. Its `record` holds the calls in order.
#[derive(Debug)]
pub struct Notifications {
    pub record: Record<Call>,
    manner: watch::Sender<Manner>,
    capabilities: Arc<Mutex<Vec<String>>>,
    bus: zbus::Connection,
}

impl Notifications {
    /// Takes the service's name on the bus.
    ///
    /// # Errors
    /// When the name is taken or the bus is gone.
    pub async fn serve(desktop: &Desktop) -> Result<Self> {
        let record = Record::default();
        let capabilities = ["actions", "body", "body-markup", "persistence"].map(String::from);
        let capabilities = Arc::new(Mutex::new(capabilities.to_vec()));
        let (manner, manners) = watch::channel(Manner::Answers);
        let service = Service {
            record: record.clone(),
            manner: manners,
            inhibited: false,
            capabilities: Arc::clone(&capabilities),
            last_id: AtomicU32::new(0),
        };
        let bus = desktop.serve(NAME, PATH, service).await?;
        Ok(Self { record, manner, capabilities, bus })
    }

    /// Behaves like this from now on. Calls that hung are dealt with, too.
    pub fn behave(&self, manner: Manner) {
        self.manner.send_replace(manner);
    }

    /// Switches the desktop's Do Not Disturb.
    ///
    /// # Errors
    /// When the bus is gone.
    pub async fn inhibit(&self, inhibited: bool) -> Result<()> {
        let service = self.bus.object_server().interface::<_, Service>(PATH).await?;
        service.get_mut().await.inhibited = inhibited;
        Ok(())
    }

    /// Goes, with everything it shows and without a word, as a crash does.
    ///
    /// # Errors
    /// When the bus is gone.
    pub async fn crash(self) -> Result<()> {
        Ok(self.bus.close().await?)
    }

    /// What `GetCapabilities` answers from now on.
    pub fn set_capabilities(&self, capabilities: &[&str]) {
        let mut held = self.capabilities.lock().expect("no one panics while holding it");
        *held = capabilities.iter().map(ToString::to_string).collect();
    }

    /// All `Notify` calls so far.
    #[must_use]
    pub fn shown(&self) -> Vec<Arc<Notification>> {
        let notify = |call| if let Call::Notify(n) = call { Some(n) } else { None };
        self.record.all().into_iter().filter_map(notify).collect()
    }

    /// The `Notify` calls so far that were about `subject`, by summary.
    #[must_use]
    pub fn about(&self, subject: &str) -> Vec<Arc<Notification>> {
        self.shown().into_iter().filter(|n| n.summary.contains(subject)).collect()
    }

    /// The first notification, past or future, that `wanted` accepts.
    ///
    /// # Errors
    /// When there is none within [`crate::patience::PATIENCE`].
    pub async fn wait_for(
        &self,
        what: &str,
        wanted: impl Fn(&Notification) -> bool,
    ) -> Result<Arc<Notification>> {
        let accepts = |call: &Call| matches!(call, Call::Notify(n) if wanted(n));
        match self.record.wait_for(what, accepts).await? {
            Call::Notify(notification) => Ok(notification),
            Call::Close { .. } => unreachable!("only a notification is accepted"),
        }
    }

    /// Presses a button of a notification, or with the key `default` the notification itself, as a person does: the
    /// service tells the client, and then that the notification is gone.
    ///
    /// # Errors
    /// When the bus is gone.
    pub async fn invoke_action(&self, id: u32, key: &str) -> Result<()> {
        let service = self.bus.object_server().interface::<_, Service>(PATH).await?;
        Service::action_invoked(service.signal_emitter(), id, key).await?;
        Service::notification_closed(service.signal_emitter(), id, CLOSED_BY_PERSON).await?;
        Ok(())
    }

    /// Gives the client the token by which its window may come to the front, for a click on that notification that comes
    /// next: version 1.2 of the specification.
    ///
    /// # Errors
    /// When the bus is gone.
    pub async fn give_token(&self, id: u32, token: &str) -> Result<()> {
        let service = self.bus.object_server().interface::<_, Service>(PATH).await?;
        Service::activation_token(service.signal_emitter(), id, token).await?;
        Ok(())
    }
}

const CLOSED_BY_PERSON: u32 = 2;
const CLOSED_BY_CALL: u32 = 3;

struct Service {
    record: Record<Call>,
    manner: watch::Receiver<Manner>,
    inhibited: bool,
    capabilities: Arc<Mutex<Vec<String>>>,
    last_id: AtomicU32,
}

#[zbus::interface(name = "org.freedesktop.Notifications")]
impl Service {
    #[expect(clippy::too_many_arguments, reason = "the specification's method has as many")]
    async fn notify(
        &self,
        app_name: String,
        replaces_id: u32,
        _app_icon: String,
        summary: String,
        body: String,
        actions: Vec<String>,
        hints: HashMap<String, OwnedValue>,
        _expire_timeout: i32,
    ) -> zbus::fdo::Result<u32> {
        let mut manner = self.manner.clone();
        let manner = manner.wait_for(|manner| *manner != Manner::Hangs).await;
        // The sender is gone with the test.
        if manner.is_ok_and(|manner| *manner == Manner::Refuses) {
            return Err(zbus::fdo::Error::AccessDenied("not today".into()));
        }
        let id = match replaces_id {
            0 => self.last_id.fetch_add(1, Ordering::Relaxed) + 1,
            id => id,
        };
        let hints = hints.into_iter().collect();
        let at = Instant::now();
        let notification =
            Notification { id, app_name, replaces_id, summary, body, actions, hints, at };
        self.record.push(Call::Notify(Arc::new(notification)));
        Ok(id)
    }

    #[zbus(property)]
    fn inhibited(&self) -> bool {
        self.inhibited
    }

    async fn close_notification(
        &self,
        id: u32,
        #[zbus(signal_emitter)] emitter: SignalEmitter<'_>,
    ) -> zbus::fdo::Result<()> {
        self.record.push(Call::Close { id });
        Ok(Self::notification_closed(&emitter, id, CLOSED_BY_CALL).await?)
    }

    fn get_capabilities(&self) -> Vec<String> {
        self.capabilities.lock().expect("no one panics while holding it").clone()
    }

    fn get_server_information(&self) -> (String, String, String, String) {
        ("recorder".into(), "VaultWatch tests".into(), "1".into(), "1.2".into())
    }

    #[zbus(signal)]
    async fn action_invoked(
        emitter: &SignalEmitter<'_>,
        id: u32,
        action_key: &str,
    ) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn activation_token(
        emitter: &SignalEmitter<'_>,
        id: u32,
        token: &str,
    ) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn notification_closed(
        emitter: &SignalEmitter<'_>,
        id: u32,
        reason: u32,
    ) -> zbus::Result<()>;
}
