//! `org.freedesktop.Notifications`, spoken to directly: Tauri's plugin sets neither urgency nor the number of the
//! notification to replace.

use std::collections::HashMap;

use domain::view::NotificationId;
use futures_util::StreamExt as _;
use futures_util::stream::{self, Select};
use monitor::{OsNotification, Urgency};
use zbus::message::Type;
use zbus::zvariant::{DynamicType, Value};
use zbus::{Connection, MatchRule, Message, MessageStream};

use super::shown::{ACTIONS, Earlier, Shown};
use super::text::{escape, printable};
use super::{Notifier, NotifyError, Reaction};

const NAME: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";
/// Signals kept while a call waits for its answer. They are told to every program, ours or not.
const SIGNALS: usize = 256;

const APP_NAME: &str = "VaultWatch";
/// Of the icon theme, as the package installs it.
const ICON: &str = "vaultwatch";
/// The desktop file's name without its ending, by which desktops keep their settings for our notifications.
const DESKTOP_ENTRY: &str = "VaultWatch";
const CATEGORY: &str = "x-vaultwatch.risk";

/// Until somebody closes it.
const NEVER: i32 = 0;
const AS_THE_DESKTOP_LIKES: i32 = -1;

/// One kept connection: some services close a notification when whoever sent it leaves the bus, and tell only it
/// about clicks.
#[derive(Default)]
pub(super) struct Freedesktop {
    connected: Option<Connected>,
    shown: Shown,
}

struct Connected {
    bus: Connection,
    signals: Select<MessageStream, MessageStream>,
    /// What the service can do; `None` until it was asked, anew after each change of the service.
    capabilities: Option<Capabilities>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Capabilities {
    actions: bool,
    markup: bool,
}

impl Notifier for Freedesktop {
    async fn show(&mut self, notification: &OsNotification) -> Result<(), NotifyError> {
        let shown = self.try_show(notification).await;
        self.forget_a_dead_bus(&shown);
        shown.map_err(NotifyError::from)
    }

    async fn withdraw(&mut self, id: NotificationId) -> Result<(), NotifyError> {
        let Some(number) = self.shown.remove(id) else { return Ok(()) };
        // What a lost connection showed cannot be closed by another.
        let Some(connected) = &self.connected else { return Ok(()) };
        let closed = connected.close(number).await;
        self.forget_a_dead_bus(&closed);
        closed.map_err(NotifyError::from)
    }

    async fn reaction(&mut self) -> Reaction {
        loop {
            let Some(connected) = &mut self.connected else { return std::future::pending().await };
            match connected.signals.next().await {
                Some(Ok(signal)) => {
                    if let Some(reaction) = self.signal(&signal) {
                        return reaction;
                    }
                }
                Some(Err(error)) => tracing::debug!(%error, "a signal could not be read"),
                None => {
                    tracing::warn!("the connection to the session bus is lost");
                    self.disconnect();
                }
            }
        }
    }
}

impl Freedesktop {
    async fn try_show(&mut self, notification: &OsNotification) -> zbus::Result<()> {
        let OsNotification { id, urgency, title, body, target, .. } = notification;
        let connected = match &mut self.connected {
            Some(connected) => connected,
            none => none.insert(Connected::open().await?),
        };
        let capabilities = connected.capabilities().await?;
        let replaces = match self.shown.earlier(*id, *urgency) {
            Earlier::None => 0,
            Earlier::Replace(number) => number,
            Earlier::Close(number) => {
                self.shown.remove(*id);
                connected.close(number).await?;
                0
            }
        };
        let words = Words::of(title, body, capabilities);
        let number = connected.notify(replaces, &words, *urgency, capabilities).await?;
        self.shown.insert(*id, number, *urgency, target.clone());
        Ok(())
    }

    /// What a signal means for us; it may be about another program's notification.
    fn signal(&mut self, signal: &Message) -> Option<Reaction> {
        let header = signal.header();
        let body = signal.body();
        match header.member()?.as_str() {
            "ActionInvoked" => {
                let (number, key) = body.deserialize::<(u32, String)>().ok()?;
                return self.shown.reaction(number, &key);
            }
            "NotificationClosed" => {
                let (number, _reason) = body.deserialize::<(u32, u32)>().ok()?;
                self.shown.closed(number);
            }
            "NameOwnerChanged" => {
                let (_name, old, _new) = body.deserialize::<(String, String, String)>().ok()?;
                // One that came up was perhaps brought up by our own call, and shows what we sent.
                if !old.is_empty() {
                    self.service_left();
                }
            }
            _ => {}
        }
        None
    }

    /// What it showed is gone with it, and the next one may be another.
    fn service_left(&mut self) {
        tracing::info!("the notification service is gone");
        self.shown.clear();
        if let Some(connected) = &mut self.connected {
            connected.capabilities = None;
        }
    }

    /// The next call connects anew.
    fn forget_a_dead_bus<T>(&mut self, result: &zbus::Result<T>) {
        if let Err(zbus::Error::InputOutput(error)) = result {
            tracing::warn!(%error, "the connection to the session bus is lost");
            self.disconnect();
        }
    }

    fn disconnect(&mut self) {
        self.connected = None;
        self.shown.clear();
    }
}

impl Connected {
    async fn open() -> zbus::Result<Self> {
        let bus = Connection::session().await?;
        let of_the_service = MatchRule::builder()
            .msg_type(Type::Signal)
            .sender(NAME)?
            .path(PATH)?
            .interface(NAME)?;
        let of_its_name = MatchRule::builder()
            .msg_type(Type::Signal)
            .sender("org.freedesktop.DBus")?
            .member("NameOwnerChanged")?
            .arg(0, NAME)?;
        let signals = |rule| MessageStream::for_match_rule(rule, &bus, Some(SIGNALS));
        let signals = stream::select(
            signals(of_the_service.build()).await?,
            signals(of_its_name.build()).await?,
        );
        Ok(Self { bus, signals, capabilities: None })
    }

    async fn capabilities(&mut self) -> zbus::Result<Capabilities> {
        if let Some(capabilities) = self.capabilities {
            return Ok(capabilities);
        }
        let answer = self.call("GetCapabilities", &()).await?;
        let names: Vec<String> = answer.body().deserialize()?;
        let has = |name: &str| names.iter().any(|known| known == name);
        let capabilities = Capabilities { actions: has("actions"), markup: has("body-markup") };
        tracing::info!(?names, "the notification service can");
        Ok(*self.capabilities.insert(capabilities))
    }

    /// The service's number for what it shows now.
    async fn notify(
        &self,
        replaces: u32,
        words: &Words,
        urgency: Urgency,
        capabilities: Capabilities,
    ) -> zbus::Result<u32> {
        let actions: &[&str] = if capabilities.actions { &ACTIONS } else { &[] };
        let hints = HashMap::from([
            ("urgency", Value::from(level(urgency))),
            ("desktop-entry", Value::from(DESKTOP_ENTRY)),
            ("category", Value::from(CATEGORY)),
        ]);
        let (title, body) = (words.title.as_str(), words.body.as_str());
        let arguments = (APP_NAME, replaces, ICON, title, body, actions, hints, expiry(urgency));
        self.call("Notify", &arguments).await?.body().deserialize()
    }

    async fn close(&self, number: u32) -> zbus::Result<()> {
        match self.call("CloseNotification", &(number,)).await {
            Ok(_) => Ok(()),
            // The specification wants an error for one that is gone already.
            Err(zbus::Error::MethodError(..)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn call<B>(&self, method: &str, arguments: &B) -> zbus::Result<Message>
    where
        B: serde::Serialize + DynamicType + Sync,
    {
        self.bus.call_method(Some(NAME), PATH, Some(NAME), method, arguments).await
    }
}

/// Title and text, fit for the service.
struct Words {
    title: String,
    body: String,
}

impl Words {
    fn of(title: &str, body: &str, capabilities: Capabilities) -> Self {
        let body = printable(body);
        Self {
            // A title is never read as markup.
            title: printable(title),
            body: if capabilities.markup { escape(&body).into_owned() } else { body },
        }
    }
}

/// The byte of the hint `urgency`.
fn level(urgency: Urgency) -> u8 {
    match urgency {
        Urgency::Low => 0,
        Urgency::Normal => 1,
        Urgency::Critical => 2,
    }
}

/// Milliseconds after which the service takes it away.
fn expiry(urgency: Urgency) -> i32 {
    match urgency {
        Urgency::Critical => NEVER,
        Urgency::Normal | Urgency::Low => AS_THE_DESKTOP_LIKES,
    }
}

impl From<zbus::Error> for NotifyError {
    fn from(error: zbus::Error) -> Self {
        match &error {
            zbus::Error::MethodError(name, text, _) => match name.as_str() {
                "org.freedesktop.DBus.Error.ServiceUnknown"
                | "org.freedesktop.DBus.Error.NameHasNoOwner" => Self::NoService,
                // It is installed and does not come up.
                name if name.starts_with("org.freedesktop.DBus.Error.Spawn.") => Self::NoService,
                "org.freedesktop.DBus.Error.NoReply" => Self::TimedOut,
                _ => Self::Refused(text.clone().unwrap_or_else(|| name.to_string())),
            },
            zbus::Error::InputOutput(_)
            | zbus::Error::Connection(..)
            | zbus::Error::Address(_)
            | zbus::Error::Handshake(_) => Self::NoBus,
            other => Self::Refused(other.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::view::Target;

    use super::*;

    #[test]
    fn critical_is_loud_and_stays() {
        let hints = [Urgency::Low, Urgency::Normal, Urgency::Critical];
        assert_eq!(hints.map(level), [0, 1, 2]);
        assert_eq!(hints.map(expiry), [-1, -1, 0]);
    }

    #[test]
    fn only_a_body_is_read_as_markup() {
        let plain = Capabilities::default();
        let words = Words::of("A<b>", "1 < 2", plain);
        assert_eq!((words.title.as_str(), words.body.as_str()), ("A<b>", "1 < 2"));
        let words = Words::of("A<b>", "1 < 2", Capabilities { markup: true, ..plain });
        assert_eq!((words.title.as_str(), words.body.as_str()), ("A<b>", "1 &lt; 2"));
    }

    /// Shows one notification under the number 70.
    fn showing() -> Freedesktop {
        let mut notifier = Freedesktop::default();
        notifier.shown.insert(ID, 70, Urgency::Critical, Target::Alerts);
        notifier
    }

    const ID: NotificationId = NotificationId(3);

    fn signal<B: serde::Serialize + DynamicType>(member: &str, body: &B) -> Message {
        Message::signal(PATH, NAME, member).unwrap().build(body).unwrap()
    }

    #[test]
    fn a_click_is_understood() {
        let reaction = showing().signal(&signal("ActionInvoked", &(70_u32, "default")));
        assert_eq!(reaction, Some(Reaction::Opened(Target::Alerts)));
        assert_eq!(showing().signal(&signal("ActionInvoked", &(70_u32, 5_u32))), None);
        assert_eq!(showing().signal(&signal("ActionInvoked", &())), None, "nonsense is no panic");
    }

    #[test]
    fn what_the_person_closed_is_shown_anew() {
        let mut notifier = showing();
        notifier.signal(&signal("NotificationClosed", &(70_u32, 2_u32)));
        assert_eq!(notifier.shown.earlier(ID, Urgency::Critical), Earlier::None);
    }

    /// The service was started by our own call, and that was told after the call's answer: the notification could
    /// neither be clicked nor closed any more.
    #[test]
    fn a_service_that_comes_up_keeps_what_it_shows() {
        let mut notifier = showing();
        notifier.signal(&signal("NameOwnerChanged", &(NAME, "", ":1.5")));
        assert_eq!(notifier.shown.earlier(ID, Urgency::Critical), Earlier::Replace(70));
        notifier.signal(&signal("NameOwnerChanged", &(NAME, ":1.5", "")));
        assert_eq!(notifier.shown.earlier(ID, Urgency::Critical), Earlier::None);
    }

    #[tokio::test]
    async fn a_missing_bus_is_told_apart() {
        let nowhere = zbus::connection::Builder::address("unix:path=/nonexistent/bus").unwrap();
        let missing = nowhere.build().await.unwrap_err();
        assert!(matches!(NotifyError::from(missing), NotifyError::NoBus));
        let other = zbus::Error::Failure("odd".into());
        assert!(matches!(NotifyError::from(other), NotifyError::Refused(_)));
    }
}
