//! What is told of a machine by a real bus, on which a logind and a NetworkManager come, go and lie.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::path::Path;
use std::time::{Duration, Instant};

use proving::machine::{Bus, Knows, Logind, NetworkManager};
use proving::patience::PATIENCE;
use session::{Event, Events, Network, Options, Screen, Trust};
use tempfile::TempDir;

const UP: Event = Event::Network(Network::Up);
const DOWN: Event = Event::Network(Network::Down);
const LOCKED: Event = Event::Screen(Screen::Locked);
const UNLOCKED: Event = Event::Screen(Screen::Unlocked);
const UNKNOWN: Event = Event::Screen(Screen::Unknown);

/// What is told, with the kernel's tables in a folder of the test's.
struct Told {
    events: Events,
    _routes: TempDir,
}

impl Told {
    fn of(bus: &Bus, network: Trust) -> Self {
        Self::with(bus, network, Gateway::None)
    }

    fn with(bus: &Bus, network: Trust, gateway: Gateway) -> Self {
        let routes = tempfile::tempdir().unwrap();
        write_routes(routes.path(), gateway);
        let path = routes.path().to_owned();
        let options = Options { bus: Some(bus.address()), network, routes: path };
        Self { events: session::watch(options), _routes: routes }
    }

    async fn next(&mut self) -> Event {
        let next = tokio::time::timeout(PATIENCE, self.events.next()).await;
        next.expect("an event").expect("it listens")
    }

    /// Nothing more is told before this.
    async fn is_next(&mut self, expected: Event) {
        assert_eq!(self.next().await, expected);
    }
}

#[derive(Clone, Copy)]
enum Gateway {
    None,
    One,
}

fn write_routes(folder: &Path, gateway: Gateway) {
    let head = "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\n";
    let link = "eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\n";
    let default = match gateway {
        Gateway::None => "",
        Gateway::One => "eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\n",
    };
    std::fs::write(folder.join("route"), [head, link, default].concat()).unwrap();
}

#[tokio::test]
async fn a_machine_sleeps_and_its_screen_is_locked() {
    let bus = Bus::start();
    let logind = Logind::serve(&bus).await;
    let mut told = Told::of(&bus, Trust::Auto);
    told.is_next(UNLOCKED).await;
    logind.sleep().await;
    told.is_next(Event::Asleep).await;
    logind.locked(true).await;
    told.is_next(LOCKED).await;
    logind.wake().await;
    told.is_next(Event::Awake).await;
    logind.locked(true).await;
    logind.locked(false).await;
    told.is_next(UNLOCKED).await;
    // By somebody who does not say what came of it.
    logind.ask_to_lock(true).await;
    told.is_next(LOCKED).await;
    logind.ask_to_lock(false).await;
    told.is_next(UNLOCKED).await;
}

#[tokio::test]
async fn our_session_is_found_however_it_is_known() {
    for knows in [Knows::Auto, Knows::Process, Knows::Display] {
        let bus = Bus::start();
        let logind = Logind::who_knows(&bus, knows).await;
        let mut told = Told::of(&bus, Trust::Nobody);
        told.is_next(UNLOCKED).await;
        logind.locked(true).await;
        told.is_next(LOCKED).await;
    }
}

#[tokio::test]
async fn a_session_begins_after_us_and_ends_before() {
    let bus = Bus::start();
    let logind = Logind::who_knows(&bus, Knows::Nobody).await;
    let mut told = Told::of(&bus, Trust::Nobody);
    // Nobody knows, which is no news; that it listens is seen by this.
    tokio::time::timeout(PATIENCE, logind.asked()).await.expect("it asks");
    logind.wake().await;
    told.is_next(Event::Awake).await;
    logind.session(Knows::Auto).await;
    told.is_next(UNLOCKED).await;
    logind.session(Knows::Nobody).await;
    told.is_next(UNKNOWN).await;
}

#[tokio::test]
async fn networkmanager_tells_of_the_network() {
    let bus = Bus::start();
    let manager = NetworkManager::serve(&bus, NetworkManager::DISCONNECTED).await;
    let mut told = Told::of(&bus, Trust::NetworkManager);
    told.is_next(DOWN).await;
    manager.state(NetworkManager::CONNECTING).await;
    manager.state(NetworkManager::CONNECTED_LOCAL).await;
    told.is_next(UP).await;
    manager.primary(2).await;
    told.is_next(UP).await;
    // Gone and back within a second is one change. A machine that took longer for that tries again.
    for attempt in 1.. {
        let begun = Instant::now();
        manager.state(NetworkManager::DISCONNECTED).await;
        manager.state(NetworkManager::CONNECTED).await;
        let first = told.next().await;
        if first == UP {
            break;
        }
        assert!(first == DOWN && begun.elapsed() >= Duration::from_secs(1), "{first:?}");
        assert!(attempt < 5, "it is told each time");
        told.is_next(UP).await;
    }
    manager.state(NetworkManager::ASLEEP).await;
    told.is_next(DOWN).await;
    // Without it nobody knows better than that it works.
    manager.leave().await;
    told.is_next(UP).await;
    let _manager = NetworkManager::serve(&bus, NetworkManager::DISCONNECTED).await;
    told.is_next(DOWN).await;
}

#[tokio::test]
async fn a_network_that_is_not_networkmanagers_is_one() {
    let bus = Bus::start();
    let manager = NetworkManager::serve(&bus, NetworkManager::CONNECTED).await;
    let mut told = Told::with(&bus, Trust::Auto, Gateway::One);
    // The first that it hears of is what it compares with.
    for number in 2.. {
        manager.primary(number).await;
        let heard = tokio::time::timeout(Duration::from_secs(2), told.events.next()).await;
        if let Ok(event) = heard {
            assert_eq!(event, Some(UP));
            break;
        }
    }
    // Not the loss of it: the kernel has a way out. What is told is the change after that.
    manager.state(NetworkManager::DISCONNECTED).await;
    manager.primary(1).await;
    told.is_next(UP).await;
    drop(told);
    let mut told = Told::with(&bus, Trust::Auto, Gateway::None);
    told.is_next(DOWN).await;
}

#[tokio::test]
async fn whoever_is_not_the_service_is_not_believed() {
    let bus = Bus::start();
    let logind = Logind::serve(&bus).await;
    let manager = NetworkManager::serve(&bus, NetworkManager::CONNECTED).await;
    let mut told = Told::of(&bus, Trust::NetworkManager);
    told.is_next(UNLOCKED).await;
    let liar = bus.connect().await;
    let names = zbus::fdo::DBusProxy::new(&liar).await.unwrap().list_names().await.unwrap();
    let all = names.iter().filter(|name| name.as_str().starts_with(':'));
    for name in all {
        let to = Some(name.as_str());
        for (path, interface, member) in [
            ("/org/freedesktop/login1", "org.freedesktop.login1.Manager", "PrepareForSleep"),
            ("/org/freedesktop/NetworkManager", "org.freedesktop.NetworkManager", "StateChanged"),
        ] {
            let sent = match member {
                "StateChanged" => liar.emit_signal(to, path, interface, member, &(20_u32,)).await,
                _ => liar.emit_signal(to, path, interface, member, &(false,)).await,
            };
            sent.unwrap();
        }
    }
    let session = "/org/freedesktop/login1/session/_32";
    let lock = "org.freedesktop.login1.Session";
    liar.emit_signal(None::<&str>, session, lock, "Lock", &()).await.unwrap();
    // The bus keeps the order of one sender only: so the liar's last word is waited for.
    zbus::fdo::DBusProxy::new(&liar).await.unwrap().get_id().await.unwrap();
    logind.sleep().await;
    told.is_next(Event::Asleep).await;
    // A loss that was believed would be told instead of this.
    manager.primary(2).await;
    told.is_next(UP).await;
}

#[tokio::test]
async fn a_service_and_the_bus_itself_come_go_and_come_again() {
    let mut bus = Bus::absent();
    let mut told = Told::of(&bus, Trust::Auto);
    bus.come();
    let logind = Logind::serve(&bus).await;
    told.is_next(UNLOCKED).await;
    logind.leave().await;
    told.is_next(UNKNOWN).await;
    let logind = Logind::serve(&bus).await;
    told.is_next(UNLOCKED).await;
    logind.sleep().await;
    told.is_next(Event::Asleep).await;
    bus.go();
    told.is_next(UNKNOWN).await;
    bus.come();
    let logind = Logind::serve(&bus).await;
    told.is_next(UNLOCKED).await;
    logind.wake().await;
    told.is_next(Event::Awake).await;
}

#[tokio::test]
async fn whoever_listens_no_more_leaves_nothing_behind() {
    let bus = Bus::start();
    let logind = Logind::serve(&bus).await;
    let mut told = Told::of(&bus, Trust::Auto);
    told.is_next(UNLOCKED).await;
    drop(told);
    let watcher = bus.connect().await;
    let names = zbus::fdo::DBusProxy::new(&watcher).await.unwrap();
    // The bus itself, logind and this one.
    let gone = async {
        let unique = |name: &&zbus::names::OwnedBusName| name.as_str().starts_with(':');
        while names.list_names().await.unwrap().iter().filter(unique).count() > 2 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, gone).await.expect("its connection has gone");
    drop(logind);
}
