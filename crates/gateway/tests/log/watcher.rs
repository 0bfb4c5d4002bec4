//! The real-time client, which notes what it is given.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use realtime::wire::control::ServerState;
use realtime::wire::{Message, Place};
use realtime::{ConnectionState, Event, Handle, Inbound, Options};
use serde_json::Value;

use crate::publisher::Account;
use crate::until;

/// A client that goes from one of its endpoints to the next when it has to.
pub(crate) struct Watcher {
    pub(crate) handle: Handle,
    noted: Arc<Mutex<Noted>>,
}

#[derive(Debug, Default)]
struct Noted {
    /// Offset and message, in the order they came. Snapshots apart.
    messages: Vec<(u64, Message)>,
    states: Vec<ServerState>,
    /// Gaps, snapshots that lost events, broken rules.
    faults: Vec<String>,
    snapshots: usize,
}

impl Watcher {
    /// Connected, with its first snapshot.
    pub(crate) async fn start(endpoints: Vec<String>) -> Self {
        let options = Options {
            endpoints,
            reconnect_interval: Duration::from_millis(50),
            reconnect_cap: Duration::from_secs(1),
            ..Options::default()
        };
        let (handle, mut messages) = realtime::open(options.validate().unwrap());
        let mut events = handle.subscribe_events();
        let noted: Arc<Mutex<Noted>> = Arc::default();
        let (note, tell) = (Arc::clone(&noted), Arc::clone(&noted));
        tokio::spawn(async move {
            while let Some(delivery) = messages.recv().await {
                let mut noted = note.lock().unwrap();
                for inbound in delivery.messages {
                    match inbound {
                        Inbound::Message(message) => {
                            if let Some(Place::Log { offset, .. }) = message.place {
                                noted.messages.push((offset, message.detached()));
                            }
                        }
                        Inbound::Invalid(invalid) => noted.faults.push(invalid.to_string()),
                        Inbound::SnapshotEnd(_) => noted.snapshots += 1,
                    }
                }
            }
        });
        tokio::spawn(async move {
            while let Some(event) = events.recv().await {
                let mut noted = tell.lock().unwrap();
                match event {
                    Event::ServerStatus { status, .. } => noted.states.push(status.state),
                    Event::Gap { .. } | Event::ProtocolFault { .. } => {
                        noted.faults.push(format!("{event:?}"));
                    }
                    Event::Snapshot { lost_events: Some(0), .. } => {}
                    Event::Snapshot { .. } => noted.faults.push(format!("{event:?}")),
                    _ => {}
                }
            }
        });
        handle.connect().unwrap();
        let watcher = Self { handle, noted };
        until("the first snapshot", async || watcher.snapshots() == 1).await;
        watcher
    }

    pub(crate) fn snapshots(&self) -> usize {
        self.noted.lock().unwrap().snapshots
    }

    pub(crate) fn count(&self) -> usize {
        self.noted.lock().unwrap().messages.len()
    }

    pub(crate) fn offsets(&self) -> Vec<u64> {
        self.noted.lock().unwrap().messages.iter().map(|(offset, _)| *offset).collect()
    }

    pub(crate) fn faults(&self) -> Vec<String> {
        self.noted.lock().unwrap().faults.clone()
    }

    /// The newest message: its offset, and the number it is.
    pub(crate) fn last(&self) -> Option<(u64, u64)> {
        let noted = self.noted.lock().unwrap();
        let (offset, message) = noted.messages.last()?;
        Some((*offset, message.decode::<Value>().unwrap().as_u64().unwrap()))
    }

    pub(crate) fn states(&self) -> Vec<ServerState> {
        self.noted.lock().unwrap().states.clone()
    }

    pub(crate) fn is_connected(&self) -> bool {
        matches!(self.handle.state(), ConnectionState::Connected { .. })
    }

    /// Everything acknowledged came, once, in order and from where the publisher was told it lies; after a resume, not
    /// with another snapshot.
    pub(crate) async fn check(&self, account: &Account) {
        until("all messages", async || self.count() >= account.offsets.len()).await;
        let noted = self.noted.lock().unwrap();
        let came: Vec<(u64, u64)> = noted
            .messages
            .iter()
            .map(|(offset, message)| {
                (*offset, message.decode::<Value>().unwrap().as_u64().unwrap())
            })
            .collect();
        let stored: Vec<(u64, u64)> = account.offsets.iter().copied().zip(0..).collect();
        assert_eq!(came, stored);
        assert!(stored.is_sorted_by(|(a, _), (b, _)| a < b));
        assert_eq!(noted.faults, [""; 0]);
        assert_eq!(noted.snapshots, 1, "resumed, not begun anew");
    }
}
