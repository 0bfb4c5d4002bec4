//! The webhook that an Alertmanager notifies.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::routing::post;
use serde::Deserialize;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::timeout;

use crate::script::{Told, Transcript};

/// Far more than anything takes, on the slowest machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Debug)]
pub(crate) struct Receiver {
    pub(crate) address: SocketAddr,
    transcript: watch::Receiver<Transcript>,
}

#[derive(Debug, Clone)]
struct Desk {
    transcript: watch::Sender<Transcript>,
    began: Instant,
}

#[derive(Debug, Deserialize)]
struct Notification {
    alerts: Vec<Notified>,
}

#[derive(Debug, Deserialize)]
struct Notified {
    status: Status,
    labels: Labels,
}

#[derive(Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Status {
    Firing,
    Resolved,
}

#[derive(Debug, Deserialize)]
struct Labels {
    alertname: String,
}

impl Receiver {
    /// `began`: what the moments are counted from.
    pub(crate) async fn listen(began: Instant) -> Self {
        let (sender, transcript) = watch::channel(Transcript::default());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let desk = Desk { transcript: sender, began };
        let router = Router::new().route("/", post(notified)).with_state(desk);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, transcript }
    }

    /// Waits until so many notifications came in all.
    pub(crate) async fn until(&mut self, times: usize) {
        let enough = self.transcript.wait_for(|transcript| transcript.told.len() >= times);
        let came = timeout(PATIENCE, enough).await.map(drop);
        assert!(came.is_ok(), "{times} notifications; there came {:?}", self.told());
    }

    pub(crate) fn told(&self) -> Vec<Told> {
        self.transcript.borrow().told.clone()
    }
}

async fn notified(State(desk): State<Desk>, body: Bytes) {
    let at = desk.began.elapsed();
    let notification: Notification = serde_json::from_slice(&body).unwrap();
    let (firing, over): (Vec<_>, Vec<_>) =
        notification.alerts.into_iter().partition(|one| one.status == Status::Firing);
    let names = |all: Vec<Notified>| -> BTreeSet<String> {
        all.into_iter().map(|one| one.labels.alertname).collect()
    };
    desk.transcript.send_modify(|transcript| {
        if firing.is_empty() {
            transcript.is_over(names(over), at);
        } else {
            transcript.fires(names(firing), at);
        }
    });
}
