//! Linux: logind tells of sleep and the screen, NetworkManager and the kernel of the network.

mod bus;
mod kernel;
mod routes;
mod sense;
mod signal;

use tokio::sync::mpsc;

use self::routes::Routes;
use self::sense::{Manager, Sense};
use crate::telling::Report;
use crate::{Options, Screen, Trust};

/// News that waits to be judged.
const WAITING: usize = 64;

/// What somebody says.
#[derive(Clone, Debug, PartialEq, Eq)]
enum News {
    Asleep,
    Awake,
    Screen(Screen),
    /// NetworkManager's word on the network; `None`: it does not run.
    Manager(Option<Manager>),
    /// The connection that NetworkManager uses first, by its path; another one is another network.
    Primary(String),
    Routes(Routes),
}

/// Listens for as long as it is polled.
pub(crate) async fn ask(options: Options, reports: mpsc::Sender<Report>) {
    let Options { bus, network, routes } = options;
    let (news, mut inbox) = mpsc::channel(WAITING);
    let kernel = async {
        if network != Trust::Nobody {
            kernel::listen(&routes, &news).await;
        }
    };
    let judge = async {
        let mut sense = Sense::new(network);
        while let Some(news) = inbox.recv().await {
            let report = match news {
                News::Asleep => Some(Report::Asleep),
                News::Awake => Some(Report::Awake),
                News::Screen(screen) => Some(Report::Screen(screen)),
                News::Manager(manager) => sense.manager_is(manager).map(Report::Network),
                News::Primary(path) => sense.primary_is(path).map(Report::Network),
                News::Routes(routes) => sense.routes_are(routes).map(Report::Network),
            };
            if let Some(report) = report
                && reports.send(report).await.is_err()
            {
                return;
            }
        }
    };
    tokio::join!(kernel, bus::listen(bus.as_deref(), &news), judge);
}
