//! What a signal on the system bus says, as far as it concerns us.

use std::collections::HashMap;

use zbus::Message;
use zbus::message::Type;
use zbus::zvariant::{OwnedObjectPath, OwnedValue, Value};

pub(super) const DBUS: &str = "org.freedesktop.DBus";
pub(super) const PROPERTIES: &str = "org.freedesktop.DBus.Properties";
pub(super) const LOGIND: &str = "org.freedesktop.login1";
pub(super) const LOGIND_MANAGER: &str = "org.freedesktop.login1.Manager";
pub(super) const LOGIND_SESSION: &str = "org.freedesktop.login1.Session";
pub(super) const NETWORK_MANAGER: &str = "org.freedesktop.NetworkManager";

/// A service that is listened to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Service {
    Logind,
    NetworkManager,
}

impl Service {
    pub(super) const ALL: [Self; 2] = [Self::Logind, Self::NetworkManager];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Logind => LOGIND,
            Self::NetworkManager => NETWORK_MANAGER,
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Signal {
    /// `None`: it is gone.
    Owner(Service, Option<String>),
    /// `PrepareForSleep`: before it, or after.
    Sleep {
        begins: bool,
    },
    /// A session is there, or gone.
    Sessions,
    /// Of that session.
    Lock {
        session: String,
        locked: bool,
    },
    /// NetworkManager's global state.
    State(u32),
    Primary(String),
}

/// Who answers to each name now. Anybody may send a signal to us alone that says what it likes: what counts is who it
/// is from, and that is the bus's word.
#[derive(Debug, Default)]
pub(super) struct Owners([Option<String>; Service::ALL.len()]);

impl Owners {
    pub(super) fn of(&self, service: Service) -> Option<&str> {
        self.0[service as usize].as_deref()
    }

    pub(super) fn set(&mut self, service: Service, owner: Option<String>) {
        self.0[service as usize] = owner;
    }

    /// What a message means for us; most mean nothing.
    pub(super) fn read(&self, message: &Message) -> Vec<Signal> {
        let header = message.header();
        if header.message_type() != Type::Signal {
            return Vec::new();
        }
        let (Some(sender), Some(interface), Some(member), Some(path)) =
            (header.sender(), header.interface(), header.member(), header.path())
        else {
            return Vec::new();
        };
        let (sender, interface, member) = (sender.as_str(), interface.as_str(), member.as_str());
        if sender == DBUS && member == "NameOwnerChanged" {
            return owner(message).into_iter().collect();
        }
        let from = |service| self.of(service) == Some(sender);
        if from(Service::Logind) {
            let session = || path.as_str().to_owned();
            let one = match (interface, member) {
                (LOGIND_MANAGER, "PrepareForSleep") => {
                    let begins = message.body().deserialize::<bool>();
                    begins.ok().map(|begins| Signal::Sleep { begins })
                }
                (LOGIND_MANAGER, "SessionNew" | "SessionRemoved") => Some(Signal::Sessions),
                (LOGIND_SESSION, "Lock") => Some(Signal::Lock { session: session(), locked: true }),
                (LOGIND_SESSION, "Unlock") => {
                    Some(Signal::Lock { session: session(), locked: false })
                }
                (PROPERTIES, "PropertiesChanged") => {
                    let hint = changed(message, LOGIND_SESSION, "LockedHint");
                    let hint = hint.and_then(|hint| bool::try_from(hint).ok());
                    hint.map(|locked| Signal::Lock { session: session(), locked })
                }
                _ => None,
            };
            return one.into_iter().collect();
        }
        if !from(Service::NetworkManager) {
            return Vec::new();
        }
        match (interface, member) {
            (NETWORK_MANAGER, "StateChanged") => {
                message.body().deserialize::<u32>().map(Signal::State).into_iter().collect()
            }
            (PROPERTIES, "PropertiesChanged") => {
                let of = |name| changed(message, NETWORK_MANAGER, name);
                let state = of("State").and_then(|state| u32::try_from(state).ok());
                let primary = of("PrimaryConnection").and_then(|path| path_of(&path));
                let state = state.map(Signal::State);
                state.into_iter().chain(primary.map(Signal::Primary)).collect()
            }
            _ => Vec::new(),
        }
    }
}

fn owner(message: &Message) -> Option<Signal> {
    let (name, _old, new) = message.body().deserialize::<(String, String, String)>().ok()?;
    let service = Service::ALL.into_iter().find(|service| service.name() == name)?;
    Some(Signal::Owner(service, Some(new).filter(|new| !new.is_empty())))
}

/// The new value of a property, if it is among those that changed.
fn changed(message: &Message, interface: &str, name: &str) -> Option<OwnedValue> {
    type Changed = (String, HashMap<String, OwnedValue>, Vec<String>);
    let (of, mut changed, _) = message.body().deserialize::<Changed>().ok()?;
    if of == interface { changed.remove(name) } else { None }
}

/// The path that a value is.
pub(super) fn path_of(value: &OwnedValue) -> Option<String> {
    match &**value {
        Value::ObjectPath(path) => Some(path.as_str().to_owned()),
        // logind's `Display` of a user: the session's id and path.
        Value::Structure(fields) => match fields.fields() {
            [_, Value::ObjectPath(path)] => Some(path.as_str().to_owned()),
            _ => None,
        },
        _ => None,
    }
}

/// The path that an answer is.
pub(super) fn path_in(answer: &Message) -> Option<String> {
    let path = answer.body().deserialize::<OwnedObjectPath>().ok()?;
    Some(path.as_str().to_owned())
}
