use std::collections::HashMap;
use std::sync::Arc;

use domain::view::NotificationId;
use futures_util::future::BoxFuture;
use futures_util::stream::{self, Select};
use monitor::{OsNotification, Urgency};
use tokio::sync::OnceCell;
use zbus::message::Type;
use zbus::zvariant::{DynamicType, Value};
use zbus::{Connection, MatchRule, Message, MessageStream};

use super::super::NotifyError;
use super::super::mirror::{Answer, Step, What, actions};
use super::super::text::{escape, printable};
use super::super::veil::{self, Face};
use super::{NAME, PATH};

/// Signals kept while they are not read. They are told to every program, ours or not.
const SIGNALS: usize = 256;

const APP_NAME: &str = "VaultWatch";
/// Of the icon theme, as the package installs it.
const ICON: &str = "vaultwatch";
/// The desktop file's name without its ending, by which desktops keep their settings for our notifications.
pub(super) const DESKTOP_ENTRY: &str = "VaultWatch";
const CATEGORY: &str = "x-vaultwatch.risk";
/// Of the sound theme: what a service that can play sounds plays with a critical notification.
const SOUND: &str = "alarm-clock-elapsed";

/// Longest title and text, in characters. More is nowhere to be read, and some services refuse it.
const TITLE: usize = 150;
const BODY: usize = 600;

/// Until somebody closes it.
const NEVER: i32 = 0;
const AS_THE_DESKTOP_LIKES: i32 = -1;

/// The notification service as seen over one connection.
pub(super) struct Service {
    bus: Connection,
    pub(super) signals: Select<MessageStream, MessageStream>,
    /// Who answers now; `None`: nobody, or it was not asked.
    owner: Option<String>,
    /// What it can do, asked before the first call, anew after each change of the service.
    capabilities: Arc<OnceCell<Capabilities>>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Capabilities {
    pub(super) actions: bool,
    pub(super) markup: bool,
    /// Keeps what nobody has looked at.
    pub(super) persistence: bool,
    pub(super) sound: bool,
}

impl Service {
    pub(super) async fn open(address: Option<&str>) -> zbus::Result<Self> {
        let bus = match address {
            None => Connection::session().await?,
            Some(address) => zbus::connection::Builder::address(address)?.build().await?,
        };
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
        let dbus = zbus::fdo::DBusProxy::new(&bus).await?;
        // After the signals: nothing that happens in between is missed.
        let owner = dbus.get_name_owner(NAME.try_into()?).await.ok();
        let owner = owner.map(|owner| owner.to_string());
        Ok(Self { bus, signals, owner, capabilities: Arc::default() })
    }

    pub(super) fn bus(&self) -> &Connection {
        &self.bus
    }

    /// Names what is on the screen: the bus and who answers on it. Numbers of another one mean nothing.
    pub(super) fn identity(&self) -> Option<String> {
        self.owner.as_ref().map(|owner| format!("{} {owner}", self.bus.server_guid()))
    }

    pub(super) fn owner_changed(&mut self, new: &str) {
        self.owner = (!new.is_empty()).then(|| new.to_owned());
        self.capabilities = Arc::default();
    }

    /// Makes a call. It waits for as long as the service is there.
    pub(super) fn carry_out(
        &self,
        step: Step,
    ) -> BoxFuture<'static, (NotificationId, u64, Answer)> {
        let (bus, capabilities) = (self.bus.clone(), Arc::clone(&self.capabilities));
        Box::pin(async move {
            let Step { id, flight, what } = step;
            let answer = match &what {
                What::Show { notification, face, replaces } => {
                    match show(&bus, &capabilities, notification, *face, *replaces).await {
                        Ok(number) => {
                            let title = &notification.title;
                            tracing::info!(%id, title, "shown by the operating system");
                            Answer::Shown(number)
                        }
                        Err(error) => {
                            tracing::warn!(%id, %error, "not shown by the operating system");
                            Answer::Failed(error.into())
                        }
                    }
                }
                What::Close { number } => match close(&bus, *number).await {
                    Ok(()) => Answer::Closed,
                    Err(error) => {
                        tracing::warn!(%id, %error, "a notification could not be closed");
                        Answer::Failed(error.into())
                    }
                },
            };
            (id, flight, answer)
        })
    }

    /// Closes what nobody knows.
    pub(super) fn close_stray(&self, number: u32) {
        let bus = self.bus.clone();
        tokio::spawn(async move {
            if let Err(error) = close(&bus, number).await {
                tracing::warn!(number, %error, "a notification could not be closed");
            }
        });
    }
}

/// The service's number for what it shows now.
async fn show(
    bus: &Connection,
    capabilities: &OnceCell<Capabilities>,
    notification: &OsNotification,
    face: Face,
    replaces: u32,
) -> zbus::Result<u32> {
    let can = *capabilities.get_or_try_init(|| ask(bus)).await?;
    let OsNotification { urgency, sound, language, .. } = notification;
    let (title, body) = veil::words(notification, face);
    let words = Words::of(title, body, can);
    let actions = if can.actions { &actions(*language)[..] } else { &[] };
    let hints = hints(*urgency, *sound, can);
    let (title, body) = (words.title.as_str(), words.body.as_str());
    let arguments = (APP_NAME, replaces, ICON, title, body, actions, hints, expiry(*urgency));
    call(bus, "Notify", &arguments).await?.body().deserialize()
}

async fn ask(bus: &Connection) -> zbus::Result<Capabilities> {
    let names: Vec<String> = match call(bus, "GetCapabilities", &()).await {
        Ok(answer) => answer.body().deserialize()?,
        // Whoever has not even that can show a plain text.
        Err(zbus::Error::MethodError(name, ..))
            if name.as_str() == "org.freedesktop.DBus.Error.UnknownMethod" =>
        {
            Vec::new()
        }
        Err(error) => return Err(error),
    };
    tracing::info!(?names, "the notification service can");
    Ok(Capabilities::of(&names))
}

async fn close(bus: &Connection, number: u32) -> zbus::Result<()> {
    match call(bus, "CloseNotification", &(number,)).await {
        Ok(_) => Ok(()),
        // The specification wants an error for one that is gone already.
        Err(zbus::Error::MethodError(..)) => Ok(()),
        Err(error) => Err(error),
    }
}

async fn call<B>(bus: &Connection, method: &str, arguments: &B) -> zbus::Result<Message>
where
    B: serde::Serialize + DynamicType + Sync,
{
    bus.call_method(Some(NAME), PATH, Some(NAME), method, arguments).await
}

impl Capabilities {
    fn of(names: &[String]) -> Self {
        let has = |name: &str| names.iter().any(|known| known == name);
        Self {
            actions: has("actions"),
            markup: has("body-markup"),
            persistence: has("persistence"),
            sound: has("sound"),
        }
    }
}

fn hints(
    urgency: Urgency,
    sound: bool,
    can: Capabilities,
) -> HashMap<&'static str, Value<'static>> {
    let mut hints = HashMap::from([
        ("urgency", Value::from(level(urgency))),
        ("desktop-entry", Value::from(DESKTOP_ENTRY)),
        ("category", Value::from(CATEGORY)),
    ]);
    if !sound {
        hints.insert("suppress-sound", Value::from(true));
    } else if can.sound && urgency == Urgency::Critical {
        hints.insert("sound-name", Value::from(SOUND));
    }
    if can.persistence && urgency == Urgency::Low {
        // A recovery need not wait in the list for somebody to clear it away.
        hints.insert("transient", Value::from(true));
    }
    hints
}

/// Title and text, fit for the service.
struct Words {
    title: String,
    body: String,
}

impl Words {
    fn of(title: &str, body: &str, can: Capabilities) -> Self {
        let body = printable(body, BODY);
        Self {
            // A title is never read as markup.
            title: printable(title, TITLE),
            body: if can.markup { escape(&body).into_owned() } else { body },
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
                // The last is what is said of a service that ends before it has answered.
                "org.freedesktop.DBus.Error.ServiceUnknown"
                | "org.freedesktop.DBus.Error.NameHasNoOwner"
                | "org.freedesktop.DBus.Error.NoReply" => Self::NoService,
                // It is installed and does not come up.
                name if name.starts_with("org.freedesktop.DBus.Error.Spawn.") => Self::NoService,
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
    use super::*;

    #[test]
    fn critical_is_loud_and_stays() {
        let all = [Urgency::Low, Urgency::Normal, Urgency::Critical];
        assert_eq!(all.map(level), [0, 1, 2]);
        assert_eq!(all.map(expiry), [-1, -1, 0]);
        let can = Capabilities { sound: true, persistence: true, ..Capabilities::default() };
        assert_eq!(
            all.map(|urgency| hints(urgency, true, can).contains_key("sound-name")),
            [false, false, true]
        );
        assert!(!hints(Urgency::Critical, true, can).contains_key("transient"));
        let silent = Capabilities::default();
        assert!(!hints(Urgency::Critical, true, silent).contains_key("sound-name"));
        let quiet = hints(Urgency::Critical, false, can);
        assert!(quiet.contains_key("suppress-sound") && !quiet.contains_key("sound-name"));
    }

    #[test]
    fn only_a_body_is_read_as_markup() {
        let plain = Capabilities::default();
        let words = Words::of("A<b>", "1 < 2", plain);
        assert_eq!((words.title.as_str(), words.body.as_str()), ("A<b>", "1 < 2"));
        let words = Words::of("A<b>", "1 < 2", Capabilities { markup: true, ..plain });
        assert_eq!((words.title.as_str(), words.body.as_str()), ("A<b>", "1 &lt; 2"));
    }

    #[tokio::test]
    async fn a_missing_bus_is_told_apart() {
        let missing = Service::open(Some("unix:path=/nonexistent/bus")).await;
        let Err(missing) = missing else { panic!("there is no such bus") };
        assert_eq!(NotifyError::from(missing), NotifyError::NoBus);
        let other = zbus::Error::Failure("odd".into());
        assert!(matches!(NotifyError::from(other), NotifyError::Refused(_)));
    }
}
