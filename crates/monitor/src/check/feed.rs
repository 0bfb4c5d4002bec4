use std::time::{Duration, Instant};

use domain::payload::Payload;
use domain::view::CheckStep;
use realtime::{Builder, ConnectionState, Handle, Inbound, Messages, Mode, ValidOptions};

use super::{Arrived, Check, Report, took};
use crate::origins;

/// How long the keychain is waited for: somebody waits for the answer, and it is asked again next time.
const KEYCHAIN: Duration = Duration::from_secs(3);
/// How long the server's greeting and the first message may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// The client asks for a sign of life this often here, to have a round trip to tell of.
const HEARTBEAT: Duration = Duration::from_millis(200);
/// How long the answer to it is waited for.
const ANSWER: Duration = Duration::from_secs(3);

const INVALID: &str = "the server does not send what VaultWatch understands; see docs/protocol.md";

/// From the open socket to the first message and the round-trip time, through what the app's messages go through, too:
/// decryption and all. `None` where the way ends.
pub(super) async fn check(
    check: &Check,
    report: &dyn Report,
    options: ValidOptions,
) -> Option<Arrived> {
    let mut values = options.values().clone();
    values.heartbeat_interval = HEARTBEAT;
    values.heartbeat_at_least_every = HEARTBEAT;
    let options = values.validate().ok()?;
    if let Some(keys) = check.keys.clone() {
        // Where the keychain is only late, a watch goes on without the keys. Here that is what is wrong.
        if let Err(error) = keys.waited_for(KEYCHAIN).arrive().await {
            let remedy = "see `vaultwatchctl keys list`, and whether the keychain is unlocked";
            report.wrong(CheckStep::Keys, &error.to_string(), remedy);
            return None;
        }
        report.right(CheckStep::Keys, "encrypted messages can be read");
    }
    let stages = check.stages.iter().cloned();
    let (handle, mut messages) = stages.fold(Builder::new(options), Builder::stage).open();
    let checked = converse(report, &handle, &mut messages).await;
    handle.disconnect().await;
    checked
}

async fn converse(
    report: &dyn Report,
    handle: &Handle,
    messages: &mut Messages,
) -> Option<Arrived> {
    let begun = Instant::now();
    if let Err(cause) = greeted(handle).await {
        let remedy =
            "the server answered the upgrade, but not as its mode asks; see docs/protocol.md";
        report.wrong(CheckStep::Hello, &cause, remedy);
        return None;
    }
    let words = match handle.metrics().mode {
        Mode::V1 => "the server welcomes us",
        Mode::Plain => "connected; plain mode has no greeting",
    };
    report.right(CheckStep::Hello, &format!("{words}; {}", took(begun.elapsed())));
    let first = first_message(report, messages, begun).await;
    round_trip(report, handle).await;
    first
}

/// Waits until the client calls it connected.
async fn greeted(handle: &Handle) -> Result<(), String> {
    let (_, mut states) = handle.subscribe_state();
    handle.connect().map_err(|error| error.to_string())?;
    let state = async {
        loop {
            let state = states.borrow_and_update().clone();
            match state {
                ConnectionState::Connected { .. } => return Ok(()),
                ConnectionState::Backoff { cause, .. }
                | ConnectionState::Suspended { cause, .. }
                | ConnectionState::Failed { error: cause } => return Err(cause.to_string()),
                _ => {}
            }
            if states.changed().await.is_err() {
                return Err("the client ended".to_owned());
            }
        }
    };
    let limit = PATIENCE * 2;
    let late = || Err(format!("no answer within {} s", limit.as_secs()));
    tokio::time::timeout(limit, state).await.unwrap_or_else(|_| late())
}

async fn first_message(
    report: &dyn Report,
    messages: &mut Messages,
    begun: Instant,
) -> Option<Arrived> {
    let first = tokio::time::timeout(PATIENCE, messages.recv()).await;
    let first = first.ok().flatten().and_then(|delivery| delivery.messages.into_iter().next());
    let after = took(begun.elapsed());
    let why = match first {
        Some(Inbound::Message(message)) => match Payload::of(&message) {
            Ok(_) => {
                report.right(CheckStep::FirstMessage, &format!("`{}` after {after}", message.ty()));
                return Some(Arrived { first: Some(origins::of(&message)) });
            }
            Err(why) => format!("`{}`: {why}", message.ty()),
        },
        Some(Inbound::Invalid(why)) => why.to_string(),
        Some(Inbound::SnapshotEnd(end)) => {
            let offset = end.offset;
            let detail = format!("a snapshot without any state, at offset {offset}; {after}");
            report.right(CheckStep::FirstMessage, &detail);
            return Some(Arrived { first: None });
        }
        // A quiet feed is no fault of the connection's.
        None => {
            let detail = format!("none within {} s", PATIENCE.as_secs());
            let remedy = "if values are expected, ask whether this account gets any";
            report.remark(CheckStep::FirstMessage, &detail, remedy);
            return Some(Arrived { first: None });
        }
    };
    report.wrong(CheckStep::FirstMessage, &why, INVALID);
    None
}

async fn round_trip(report: &dyn Report, handle: &Handle) {
    let answered = async {
        loop {
            if let Some(ms) = handle.metrics().rtt.last {
                return ms;
            }
            tokio::time::sleep(HEARTBEAT / 4).await;
        }
    };
    match tokio::time::timeout(ANSWER, answered).await {
        Ok(ms) => report.right(CheckStep::RoundTrip, &format!("{ms:.1} ms")),
        Err(_) => {
            let remedy = "it should answer heartbeat messages; a dead line is found later without";
            report.remark(CheckStep::RoundTrip, "not known: heartbeats are not answered", remedy);
        }
    }
}
