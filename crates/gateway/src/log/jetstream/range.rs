//! Reading many messages in a row, by a consumer that lives for as long as that takes.
//!
//! A page without a consumer ([`super::direct`]) costs the server a search for each message; a consumer knows where it
//! is, and its messages come without the headers that a page has to be told apart by.

use std::time::Duration;

use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, pull};
use async_nats::jetstream::{Message, stream::Stream};
use futures_util::StreamExt;
use serde::Serialize;
use tokio::time::timeout;

use super::super::logs::random_name;
use super::super::{LogError, PAGE_BYTES};
use super::direct::Found;
use super::{JetStream, unavailable};

/// Below that a page without a consumer is there sooner.
pub(super) const WORTH_IT: usize = 500;
/// For the consumer, and between two messages. Whoever gets nothing reads page by page, which any replica can answer.
const PATIENCE: Duration = Duration::from_secs(2);
/// Looked at together, for one look at the clock.
const CHUNK: usize = 256;
/// How long the server keeps a consumer that was left behind.
const FORGOTTEN: Duration = Duration::from_secs(5);

#[derive(Serialize)]
struct Request {
    batch: usize,
    max_bytes: usize,
    no_wait: bool,
}

/// The messages from a sequence on, at most `count` of them and as many bytes as are read at a time; fewer also where
/// the replica that was asked is behind.
pub(super) async fn read(
    nats: &JetStream,
    stream: &Stream,
    from: u64,
    count: usize,
) -> Result<Vec<Found>, LogError> {
    let name = format!("read-{}", random_name()?);
    let config = pull::Config {
        name: Some(name.clone()),
        deliver_policy: DeliverPolicy::ByStartSequence { start_sequence: from.max(1) },
        ack_policy: AckPolicy::None,
        inactive_threshold: FORGOTTEN,
        num_replicas: 1,
        memory_storage: true,
        ..pull::Config::default()
    };
    let made = timeout(PATIENCE, stream.create_consumer(config)).await;
    made.map_err(|_| unanswered())?.map_err(unavailable)?;
    let found = fetch(nats, stream, &name, count).await;
    // It would go by itself; a thousand clients that come back at once need not leave a thousand of them.
    let stream = stream.clone();
    tokio::spawn(async move { timeout(PATIENCE, stream.delete_consumer(&name)).await.map(drop) });
    found
}

async fn fetch(
    nats: &JetStream,
    stream: &Stream,
    consumer: &str,
    count: usize,
) -> Result<Vec<Found>, LogError> {
    let client = &nats.client;
    let inbox = client.new_inbox();
    let answers = client.subscribe(inbox.clone()).await.map_err(unavailable)?;
    let request = Request { batch: count, max_bytes: PAGE_BYTES, no_wait: true };
    let request = serde_json::to_vec(&request).expect("numbers");
    let stream = &stream.cached_info().config.name;
    let subject = format!("$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer}");
    let asked = client.publish_with_reply(subject, inbox, request.into()).await;
    asked.map_err(unavailable)?;
    let mut answers = answers.ready_chunks(CHUNK);
    let mut context = nats.context.clone();
    let mut found = Vec::new();
    while found.len() < count {
        let chunk = timeout(PATIENCE, answers.next()).await.map_err(|_| unanswered())?;
        let Some(chunk) = chunk else {
            return Err(LogError::Unavailable("the connection to NATS ended".into()));
        };
        for message in chunk {
            // Whatever it says, it is the last word: there are no more, or no more bytes.
            if message.status.is_some() {
                return Ok(found);
            }
            let delivery = Message { message, context };
            let sequence = delivery.info().map_err(unavailable)?.stream_sequence;
            let message;
            Message { message, context } = delivery;
            found.push(Found { sequence, subject: message.subject.to_string(), message });
        }
    }
    Ok(found)
}

fn unanswered() -> LogError {
    LogError::Unavailable("NATS does not answer".into())
}
