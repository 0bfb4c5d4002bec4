//! Publishes numbered events one after the other, each until it is acknowledged, and remembers where it lies.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::program::request;

/// A publisher at work.
pub(crate) struct Publisher {
    stop: Arc<AtomicBool>,
    acknowledged: Arc<AtomicUsize>,
    task: JoinHandle<Account>,
}

/// What was acknowledged.
#[derive(Debug, Default)]
pub(crate) struct Account {
    /// The offset of each number.
    pub(crate) offsets: Vec<u64>,
    /// How often a gateway said that it could not.
    pub(crate) refused: usize,
}

impl Publisher {
    /// To the first of these ports that answers, and from one that does not to the next.
    pub(crate) fn start(ports: Vec<u16>) -> Self {
        let (stop, acknowledged) = (Arc::new(AtomicBool::new(false)), Arc::default());
        let task = tokio::spawn(publish(ports, Arc::clone(&stop), Arc::clone(&acknowledged)));
        Self { stop, acknowledged, task }
    }

    pub(crate) fn acknowledged(&self) -> usize {
        self.acknowledged.load(Ordering::Acquire)
    }

    pub(crate) async fn finish(self) -> Account {
        self.stop.store(true, Ordering::Release);
        self.task.await.unwrap()
    }
}

async fn publish(
    ports: Vec<u16>,
    stop: Arc<AtomicBool>,
    acknowledged: Arc<AtomicUsize>,
) -> Account {
    let (mut account, mut port) = (Account::default(), 0);
    while !stop.load(Ordering::Acquire) {
        let n = account.offsets.len();
        let id = format!("n{n}");
        let message = json!({"type": "note", "data": n, "timestamp": 1, "id": id}).to_string();
        loop {
            match request(ports[port], "POST", "/v1/publish", &message).await {
                Some((200, body)) => {
                    let answer: Value = serde_json::from_str(&body).unwrap();
                    assert_eq!(answer["accepted"], 1, "{answer}");
                    account.offsets.push(answer["offsets"][0].as_u64().unwrap());
                    acknowledged.store(account.offsets.len(), Ordering::Release);
                    break;
                }
                Some((503, _)) => account.refused += 1,
                Some((status, body)) => panic!("{status}: {body}"),
                None => port = (port + 1) % ports.len(),
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    account
}
