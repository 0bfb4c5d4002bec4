//! Reading a stream by position, a page per round trip and without a consumer.

use async_nats::jetstream::stream::{RawMessageErrorKind, Stream};
use async_nats::{Client, Message};
use futures_util::StreamExt;
use serde::Serialize;
use tokio::time::timeout;

use super::super::logs::PATIENCE;
use super::super::{LogError, PAGE_BYTES};
use super::unavailable;

#[derive(Serialize)]
struct Request<'a> {
    seq: u64,
    batch: usize,
    max_bytes: usize,
    next_by_subj: &'a str,
}

/// A stored message and its sequence.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) sequence: u64,
    pub(super) subject: String,
    pub(super) message: Message,
}

const END_OF_BATCH: u16 = 204;
const NOT_FOUND: u16 = 404;

/// At most `count` messages on these subjects from a sequence on, fewer if they are long. Any replica may answer: one that
/// is behind leaves out the newest, see [`is_end`].
pub(super) async fn page(
    client: &Client,
    stream: &str,
    subjects: &str,
    from: u64,
    count: usize,
) -> Result<Vec<Found>, LogError> {
    // The server counts subjects and headers, too, and sends the one that goes beyond.
    let request =
        Request { seq: from.max(1), batch: count, max_bytes: PAGE_BYTES, next_by_subj: subjects };
    let request = serde_json::to_vec(&request).expect("numbers and a string");
    let inbox = client.new_inbox();
    let mut answers = client.subscribe(inbox.clone()).await.map_err(unavailable)?;
    let subject = format!("$JS.API.DIRECT.GET.{stream}");
    let asked = client.publish_with_reply(subject, inbox, request.into()).await;
    asked.map_err(unavailable)?;
    let mut found = Vec::new();
    loop {
        let answer = timeout(PATIENCE, answers.next()).await;
        let answer = answer.map_err(|_| LogError::Unavailable("NATS does not answer".into()))?;
        let Some(message) = answer else {
            return Err(LogError::Unavailable("the connection to NATS ended".into()));
        };
        match message.status.map(|status| status.as_u16()) {
            None => {}
            Some(END_OF_BATCH | NOT_FOUND) => return Ok(found),
            Some(status) => {
                let reason = message.description.unwrap_or_default();
                return Err(LogError::Unavailable(format!("NATS answered {status} {reason}")));
            }
        }
        let header = |name: &str| {
            let headers = message.headers.as_ref()?;
            Some(headers.get_last(name)?.as_str().to_owned())
        };
        let sequence = header("Nats-Sequence").and_then(|number| number.parse().ok());
        let (Some(sequence), Some(subject)) = (sequence, header("Nats-Subject")) else {
            return Err(LogError::Unavailable("NATS answered without a sequence".into()));
        };
        found.push(Found { sequence, subject, message });
    }
}

/// Whether the stream holds nothing on these subjects with `from <= sequence <= upto`. The leader knows.
pub(super) async fn is_end(
    stream: &Stream,
    subjects: &str,
    from: u64,
    upto: u64,
) -> Result<bool, LogError> {
    if from > upto {
        return Ok(true);
    }
    Ok(next(stream, subjects, from).await?.is_none_or(|sequence| sequence > upto))
}

/// The sequence of the first message there is on these subjects from another one on.
pub(super) async fn next(
    stream: &Stream,
    subjects: &str,
    from: u64,
) -> Result<Option<u64>, LogError> {
    let next = stream.raw_message_builder().sequence(from).next_by_subject(subjects).send().await;
    match next {
        Ok(message) => Ok(Some(message.sequence)),
        Err(error) if error.kind() == RawMessageErrorKind::NoMessageFound => Ok(None),
        Err(error) => Err(unavailable(error)),
    }
}
