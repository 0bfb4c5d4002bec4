use zbus::Connection;
use zbus::object_server::{InterfaceRef, SignalEmitter};
use zbus::zvariant::{ObjectPath, OwnedObjectPath};

use crate::bus::Bus;

const NAME: &str = "org.freedesktop.NetworkManager";
const PATH: &str = "/org/freedesktop/NetworkManager";

/// A NetworkManager that has whatever network a test wants.
#[derive(Debug)]
pub struct NetworkManager {
    bus: Connection,
}

impl NetworkManager {
    /// `NM_STATE_ASLEEP`, and so on.
    pub const ASLEEP: u32 = 10;
    pub const DISCONNECTED: u32 = 20;
    pub const CONNECTING: u32 = 40;
    pub const CONNECTED_LOCAL: u32 = 50;
    pub const CONNECTED: u32 = 70;

    /// In that state.
    ///
    /// # Panics
    /// The bus is gone, or has a NetworkManager.
    pub async fn serve(bus: &Bus, state: u32) -> Self {
        let connection = bus.connect().await;
        let primary = connection_path(1);
        connection.object_server().at(PATH, Object { state, primary }).await.unwrap();
        // Last: who is told of the name calls at once.
        connection.request_name(NAME).await.unwrap();
        Self { bus: connection }
    }

    /// Its state is this one now.
    ///
    /// # Panics
    /// Here and below: the bus is gone.
    pub async fn state(&self, state: u32) {
        let object = self.object().await;
        object.get_mut().await.state = state;
        object.get().await.state_changed(object.signal_emitter()).await.unwrap();
        Object::state_changed_signal(object.signal_emitter(), state).await.unwrap();
    }

    /// Its first connection is this one now, connected as before.
    pub async fn primary(&self, number: u32) {
        let object = self.object().await;
        object.get_mut().await.primary = connection_path(number);
        let told = object.get().await.primary_connection_changed(object.signal_emitter()).await;
        told.unwrap();
    }

    /// It ends.
    pub async fn leave(self) {
        self.bus.close().await.unwrap();
    }

    async fn object(&self) -> InterfaceRef<Object> {
        self.bus.object_server().interface::<_, Object>(PATH).await.unwrap()
    }
}

fn connection_path(number: u32) -> OwnedObjectPath {
    let path = format!("{PATH}/ActiveConnection/{number}");
    ObjectPath::try_from(path).unwrap().into()
}

struct Object {
    state: u32,
    primary: OwnedObjectPath,
}

#[zbus::interface(name = "org.freedesktop.NetworkManager")]
impl Object {
    #[zbus(property)]
    fn state(&self) -> u32 {
        self.state
    }

    #[zbus(property)]
    fn primary_connection(&self) -> OwnedObjectPath {
        self.primary.clone()
    }

    #[zbus(signal, name = "StateChanged")]
    async fn state_changed_signal(emitter: &SignalEmitter<'_>, state: u32) -> zbus::Result<()>;
}
