//! Many messages: published in order, each acknowledged, or packed for a server that acknowledges nothing.

use std::collections::VecDeque;
use std::time::Duration;

use realtime::wire::Message;
use realtime::{BatchOptions, Batcher, ErrorKind, Handle, Outcome, Publishing};
use serde::Serialize;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until};

use super::lines::Line;
use super::{SendArgs, Way, failed, is_settled, json, print, trouble};
use crate::End;

/// Messages on their way without an outcome. As many as the connection has in flight by default.
const WINDOW: usize = 100;
/// Of what is wrong with messages, so many are told one by one; all are counted.
const TOLD: u64 = 10;
/// How long a full queue is given before it is tried again.
const ROOM: Duration = Duration::from_millis(20);

/// What became of them.
#[derive(Debug, Default, Serialize)]
struct Tally {
    acknowledged: u64,
    /// Left this machine; plain mode knows no more.
    written: u64,
    /// The server, or a stage on the way out, does not want them.
    refused: u64,
    /// On disk, and sent later.
    kept: u64,
    /// Nobody knows whether they arrived, or they did not.
    lost: u64,
    /// Lines that are no message.
    bad: u64,
    #[serde(skip)]
    told: u64,
}

impl Tally {
    fn tell(&mut self, line: u64, what: &str) {
        self.told += 1;
        if self.told <= TOLD {
            crate::remark(&format!("line {line}: {what}"));
        }
    }

    fn end(&self, args: &SendArgs) -> anyhow::Result<End> {
        if args.json {
            let mut object = serde_json::to_value(self)?;
            object["event"] = "summary".into();
            print(&object.to_string());
        } else {
            let counts = [
                (self.acknowledged, "Acknowledged"),
                (self.written, "Written, which is all that plain mode knows"),
                (self.refused, "Refused"),
                (self.kept, "Not acknowledged yet, and kept to be sent later"),
                (self.lost, "Not acknowledged, and not kept"),
                (self.bad, "Lines that are no message"),
            ];
            for (count, what) in counts {
                if count > 0 {
                    print(&format!("{what}: {count}"));
                }
            }
        }
        Ok(if self.kept + self.lost > 0 {
            End::ConnectionFailed
        } else if self.refused + self.bad > 0 {
            End::Wrong
        } else {
            End::AsAsked
        })
    }
}

/// Publishes what comes in lines, and says what became of it.
pub(super) async fn publish(
    args: &SendArgs,
    way: &Way,
    lines: mpsc::Receiver<Line>,
) -> anyhow::Result<End> {
    let tally = if args.batch {
        pack(args, way, lines).await
    } else {
        one_by_one(args, way, lines).await?
    };
    tally.end(args)
}

/// A message on its way.
struct Waiting {
    line: u64,
    publishing: Publishing,
    until: Instant,
}

async fn one_by_one(
    args: &SendArgs,
    way: &Way,
    mut lines: mpsc::Receiver<Line>,
) -> anyhow::Result<Tally> {
    let mut tally = Tally::default();
    let mut waiting: VecDeque<Waiting> = VecDeque::new();
    // One that found no room.
    let mut next: Option<(u64, Message)> = None;
    let mut is_more = true;
    // Once one was not answered in time, the others are not waited for in turn.
    let mut gave_up = false;
    while is_more || next.is_some() || !waiting.is_empty() {
        let has_room = waiting.len() < WINDOW && next.is_none();
        tokio::select! {
            biased;
            outcome = oldest(&mut waiting, &way.connection, gave_up) => {
                let Some(done) = waiting.pop_front() else { continue };
                gave_up |= outcome.is_none();
                settled(args, &mut tally, &done, outcome.as_ref(), &way.connection)?;
                // What is not kept is not sent into nowhere.
                if gave_up && !args.durable {
                    tally.lost += u64::from(next.take().is_some());
                    is_more = stops(is_more);
                }
            }
            line = turn(way, &mut lines), if is_more && has_room => match line {
                None => is_more = false,
                Some(Line { number, message: Ok(message) }) => next = Some((number, message)),
                Some(Line { number, message: Err(reason) }) => {
                    tally.bad += 1;
                    tally.tell(number, &reason);
                }
            },
        }
        if waiting.len() >= WINDOW {
            continue;
        }
        let Some((line, message)) = next.take() else { continue };
        way.paced().await;
        match way.publish(args, message.clone()).await {
            Ok(publishing) => {
                waiting.push_back(Waiting { line, publishing, until: Instant::now() + args.wait });
            }
            // There is room again when the oldest has its outcome. A durable one is on disk by now.
            Err(error)
                if error.kind() == ErrorKind::QueueFull && !args.durable && !waiting.is_empty() =>
            {
                next = Some((line, message));
            }
            Err(error) => {
                let is_over = matches!(error.kind(), ErrorKind::Failed | ErrorKind::Closed);
                unsent(args, &mut tally, line, error);
                if is_over && !args.durable {
                    is_more = stops(is_more);
                }
            }
        }
    }
    Ok(tally)
}

/// A message that could not even be handed over.
fn unsent(args: &SendArgs, tally: &mut Tally, line: u64, error: realtime::Error) {
    let kept = args.durable && matches!(error.kind(), ErrorKind::QueueFull | ErrorKind::Closed);
    match error.kind() {
        _ if kept => tally.kept += 1,
        ErrorKind::Failed | ErrorKind::Closed | ErrorKind::NotKept | ErrorKind::QueueFull => {
            tally.lost += 1;
        }
        _ => tally.refused += 1,
    }
    let reason = format!("{:#}", anyhow::Error::from(error));
    if args.json {
        let object = serde_json::json!({
            "event": "published", "outcome": "not_sent", "line": line, "reason": reason, "kept": kept,
        });
        print(&object.to_string());
    }
    if !kept {
        tally.tell(line, &reason);
    }
}

/// The next line, when its turn comes.
async fn turn(way: &Way, lines: &mut mpsc::Receiver<Line>) -> Option<Line> {
    way.paced().await;
    lines.recv().await
}

/// Nothing more is read; said once.
fn stops(is_more: bool) -> bool {
    if is_more {
        crate::remark("What follows is not sent.");
    }
    false
}

/// The outcome of the oldest that is on its way; `None` when there is none in time.
async fn oldest(
    waiting: &mut VecDeque<Waiting>,
    connection: &Handle,
    gave_up: bool,
) -> Option<Outcome> {
    let Some(first) = waiting.front_mut() else { return std::future::pending().await };
    let until = if gave_up { Instant::now() } else { first.until };
    tokio::select! {
        biased;
        outcome = &mut first.publishing => Some(outcome),
        () = sleep_until(until) => None,
        () = failed(connection) => None,
    }
}

fn settled(
    args: &SendArgs,
    tally: &mut Tally,
    done: &Waiting,
    outcome: Option<&Outcome>,
    connection: &Handle,
) -> anyhow::Result<()> {
    let kept = args.durable && !outcome.is_some_and(is_settled);
    match outcome {
        Some(Outcome::Acknowledged { .. }) => tally.acknowledged += 1,
        Some(Outcome::Written) => tally.written += 1,
        Some(Outcome::Refused { code, message }) => {
            tally.refused += 1;
            tally.tell(done.line, &format!("refused: {message} ({code})"));
        }
        _ if kept => tally.kept += 1,
        Some(Outcome::OutcomeUnknown | Outcome::Expired | Outcome::Cancelled) => {
            tally.lost += 1;
            tally.tell(done.line, "sent too late to be recognised, or not at all");
        }
        Some(Outcome::ConnectionFailed | Outcome::TimedOut) | None => {
            tally.lost += 1;
            tally.tell(done.line, &trouble(connection));
        }
    }
    if args.json {
        let mut object = json(done.publishing.id(), outcome, kept)?;
        object["line"] = done.line.into();
        print(&object.to_string());
    }
    Ok(())
}

/// All but the last as batches. The last is published by itself, behind them: when it is written, all are.
async fn pack(args: &SendArgs, way: &Way, mut lines: mpsc::Receiver<Line>) -> Tally {
    let mut tally = Tally::default();
    let deadline = Instant::now() + args.wait;
    tokio::select! {
        connected = way.connection.connected() => if connected.is_err() {
            return not_connected(tally, way);
        },
        () = sleep_until(deadline) => return not_connected(tally, way),
    }
    let batcher = Batcher::new(way.connection.clone(), BatchOptions::default());
    let mut last: Option<(u64, Message)> = None;
    let mut sent = 0;
    while let Some(Line { number, message }) = turn(way, &mut lines).await {
        let message = match message {
            Ok(message) => message,
            Err(reason) => {
                tally.bad += 1;
                tally.tell(number, &reason);
                continue;
            }
        };
        let Some((line, message)) = last.replace((number, message)) else { continue };
        match hand_over(way, &batcher, message, args.wait).await {
            Ok(()) => sent += 1,
            Err(error) => {
                let is_over = matches!(
                    error.kind(),
                    ErrorKind::Failed | ErrorKind::Closed | ErrorKind::QueueFull
                );
                unsent(args, &mut tally, line, error);
                if is_over {
                    stops(true);
                    break;
                }
            }
        }
    }
    let left = batcher.close().len() as u64;
    let arrived = match last {
        None => true,
        Some((line, message)) => {
            let is_written = written(args, way, message).await;
            if !is_written {
                tally.tell(line, &trouble(&way.connection));
            }
            sent += 1;
            is_written
        }
    };
    if arrived {
        tally.lost += left;
        tally.written += sent - left;
    } else {
        tally.lost += sent;
    }
    tally
}

fn not_connected(mut tally: Tally, way: &Way) -> Tally {
    tally.lost += 1;
    tally.tell(1, &format!("not sent, nor what follows: {}", trouble(&way.connection)));
    tally
}

/// A full queue is waited for.
async fn hand_over(
    way: &Way,
    batcher: &Batcher,
    message: Message,
    patience: Duration,
) -> Result<(), realtime::Error> {
    let until = Instant::now() + patience;
    loop {
        way.paced().await;
        match batcher.send(message.clone()) {
            Err(error) if error.kind() == ErrorKind::QueueFull && Instant::now() < until => {
                sleep(ROOM).await;
            }
            done => return done,
        }
    }
}

async fn written(args: &SendArgs, way: &Way, message: Message) -> bool {
    let Ok(publishing) = way.connection.publish(message) else { return false };
    tokio::select! {
        outcome = publishing => outcome.is_ok(),
        () = sleep(args.wait) => false,
        () = failed(&way.connection) => false,
    }
}
