use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use serde::Serialize;
use smol_str::SmolStr;
use thiserror::Error;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use wire::control::{Ack, Codec, Nack, Welcome};
use wire::{Message, UnixMillis};

use super::{Peer, PeerError};
use crate::Mode;
use crate::transport::{ByteStream, Dial, Dialing};
use crate::{ConnectError, ConnectErrorKind, Endpoint};

/// How long a step waits for the client, unless told otherwise. Tokio's time: under a paused clock it costs nothing.
const PATIENCE: Duration = Duration::from_secs(300);

/// What happens in one connection, step by step. After the last step the server stays, reads and answers
/// heartbeats until the client leaves.
#[derive(Clone, Debug, Default)]
pub struct Script {
    mode: Mode,
    steps: Vec<Step>,
}

type Predicate = Arc<dyn Fn(&Message) -> bool + Send + Sync>;
type Reply = Arc<dyn Fn(&Message) -> String + Send + Sync>;

#[derive(Clone)]
enum Step {
    Refuse { answer: String },
    Text(String),
    Binary(Bytes),
    Expect { what: String, matches: Predicate, reply: Option<Reply> },
    Wait(Duration),
    Silence(Duration),
    Close { code: u16, reason: String },
    Drop,
}

impl Script {
    /// A server of plain mode.
    #[must_use]
    pub fn plain() -> Self {
        Self::default()
    }

    /// A server of `vaultwatch.v1`. Nothing is answered by itself: begin with [`welcome`](Self::welcome).
    #[must_use]
    pub fn v1() -> Self {
        Self { mode: Mode::V1, steps: Vec::new() }
    }

    fn step(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }

    /// Answers the upgrade with another status (`503 Service Unavailable\r\nRetry-After: 7`) and hangs up. Only as
    /// the first step.
    #[must_use]
    pub fn refuse(self, status_and_headers: &str) -> Self {
        let answer = format!("HTTP/1.1 {status_and_headers}\r\nContent-Length: 0\r\n\r\n");
        self.step(Step::Refuse { answer })
    }

    /// Sends a message without an id, its timestamp 0.
    ///
    /// # Panics
    /// When it is none: type out of its limits, data that is no JSON.
    #[must_use]
    pub fn send(self, ty: &str, data: &impl Serialize) -> Self {
        let message = Message::new(ty, data, UnixMillis(0), None);
        self.send_text(message.expect("a script sends messages").to_json())
    }

    /// Sends a message of `vaultwatch.v1` with its place in the log.
    ///
    /// # Panics
    /// As [`send`](Self::send).
    #[must_use]
    pub fn send_at(self, offset: u64, prev: u64, ty: &str, data: &impl Serialize) -> Self {
        let message = Message::new(ty, data, UnixMillis(0), None);
        let mut json = message.expect("a script sends messages").to_json();
        json.truncate(json.len() - 1);
        self.send_text(format!(r#"{json},"offset":{offset},"prev":{prev}}}"#))
    }

    /// Sends a text frame, whatever it holds.
    #[must_use]
    pub fn send_text(self, text: impl Into<String>) -> Self {
        self.step(Step::Text(text.into()))
    }

    /// Sends a binary frame.
    #[must_use]
    pub fn send_binary(self, bytes: impl Into<Bytes>) -> Self {
        self.step(Step::Binary(bytes.into()))
    }

    /// Waits for a message of this type. Another one in its place ends the script with a fault.
    #[must_use]
    pub fn expect(self, ty: &str) -> Self {
        let wanted = ty.to_owned();
        self.expect_that(ty, move |message| message.ty() == wanted)
    }

    /// Waits for a message that fits; `what` says in words which.
    #[must_use]
    pub fn expect_that(
        self,
        what: &str,
        matches: impl Fn(&Message) -> bool + Send + Sync + 'static,
    ) -> Self {
        let (what, matches) = (what.to_owned(), Arc::new(matches));
        self.step(Step::Expect { what, matches, reply: None })
    }

    /// Waits for a message of this type and answers with a text made from it.
    #[must_use]
    pub fn answer(
        self,
        ty: &str,
        reply: impl Fn(&Message) -> String + Send + Sync + 'static,
    ) -> Self {
        let (what, wanted) = (ty.to_owned(), ty.to_owned());
        let matches = Arc::new(move |message: &Message| message.ty() == wanted);
        self.step(Step::Expect { what, matches, reply: Some(Arc::new(reply)) })
    }

    /// Waits for `hello` and answers with a `welcome` of a log whose head is `offset`; `change` alters it.
    #[must_use]
    pub fn welcome(
        self,
        offset: u64,
        change: impl Fn(&mut Welcome) + Send + Sync + 'static,
    ) -> Self {
        self.answer("hello", move |_| {
            let mut welcome = welcome(offset, None);
            change(&mut welcome);
            control("welcome", &welcome)
        })
    }

    /// Waits for a publish of this type and acknowledges it at this offset.
    #[must_use]
    pub fn ack(self, ty: &str, offset: u64) -> Self {
        self.answer(ty, move |message| {
            let id = message.id().map(SmolStr::new).unwrap_or_default();
            control("ack", &Ack { id, offset })
        })
    }

    /// Waits for a publish of this type and refuses it.
    #[must_use]
    pub fn nack(self, ty: &str, code: &'static str, retryable: bool) -> Self {
        self.answer(ty, move |message| {
            let id = message.id().map(SmolStr::new).unwrap_or_default();
            let message = "refused by the script".to_owned();
            control("nack", &Nack { id, code: code.into(), message, retryable })
        })
    }

    /// Lets time pass. The server goes on answering pings and heartbeats; other messages wait.
    #[must_use]
    pub fn wait(self, time: Duration) -> Self {
        self.step(Step::Wait(time))
    }

    /// Lets time pass and answers nothing, as a peer that died.
    #[must_use]
    pub fn silence(self, time: Duration) -> Self {
        self.step(Step::Silence(time))
    }

    /// Closes cleanly. The last step.
    #[must_use]
    pub fn close(self, code: u16, reason: &str) -> Self {
        self.step(Step::Close { code, reason: reason.to_owned() })
    }

    /// Hangs up without a word. The last step.
    #[must_use]
    pub fn hang_up(self) -> Self {
        self.step(Step::Drop)
    }
}

/// A `welcome` as a plain server of v1 would give it.
pub(super) fn welcome(offset: u64, compress: Option<Codec>) -> Welcome {
    Welcome {
        session: "session".into(),
        tenant: "default".into(),
        epoch: "epoch".into(),
        offset,
        heartbeat_ms: 15_000,
        grace_ms: 10_000,
        compress,
        max_message_bytes: 1 << 20,
        dedup_ms: 600_000,
        resumed: false,
        replay: 0,
        token_expires_at: None,
    }
}

/// The text of a control message.
pub(super) fn control(ty: &str, data: &impl Serialize) -> String {
    let message = Message::new(ty, data, UnixMillis(0), None);
    message.expect("control messages are within their limits").to_json()
}

impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refuse { answer } => write!(f, "refuse with {answer:?}"),
            Self::Text(text) => write!(f, "send {text:?}"),
            Self::Binary(bytes) => write!(f, "send {} bytes", bytes.len()),
            Self::Expect { what, .. } => write!(f, "expect {what}"),
            Self::Wait(time) => write!(f, "wait {time:?}"),
            Self::Silence(time) => write!(f, "be silent for {time:?}"),
            Self::Close { code, .. } => write!(f, "close with {code}"),
            Self::Drop => f.write_str("hang up"),
        }
    }
}

/// Where a script could not go on.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("connection {connection}, step {step} ({what}): {reason}")]
pub struct ScriptFault {
    /// Counted from 1.
    pub connection: usize,
    /// Counted from 1.
    pub step: usize,
    /// The step in words.
    pub what: String,
    /// What happened instead.
    pub reason: String,
}

/// A server that follows scripts: the first connection the first one, and so on. One connection too many is refused.
///
/// ```
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use realtime::testing::{Script, ScriptedServer, options};
///
/// let server = ScriptedServer::new([
///     Script::plain().send("risk_alert", &1).hang_up(),
///     Script::plain().expect("back_again").send("risk_alert", &2),
/// ]);
/// let (handle, mut messages) = realtime::open_with(options(), server.dial());
/// handle.connect()?;
/// assert_eq!(messages.recv().await.unwrap().messages.len(), 1);
/// let (_, mut state) = handle.subscribe_state();
/// state.wait_for(|state| state.kind() == realtime::StateKind::Backoff).await?;
/// handle.connected().await?;
/// handle.send_typed("back_again", &())?;
/// server.finished().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct ScriptedServer(Arc<Stage>);

#[derive(Debug)]
struct Stage {
    scripts: Mutex<VecDeque<Script>>,
    received: Mutex<Vec<Message>>,
    progress: watch::Sender<Progress>,
}

#[derive(Clone, Debug, Default)]
struct Progress {
    begun: usize,
    /// Scripts that are not done yet.
    left: usize,
    fault: Option<ScriptFault>,
}

impl ScriptedServer {
    /// With as many connections as scripts.
    #[must_use]
    pub fn new(scripts: impl IntoIterator<Item = Script>) -> Self {
        let scripts: VecDeque<Script> = scripts.into_iter().collect();
        let progress = Progress { left: scripts.len(), ..Progress::default() };
        Self(Arc::new(Stage {
            scripts: Mutex::new(scripts),
            received: Mutex::default(),
            progress: watch::Sender::new(progress),
        }))
    }

    /// What [`open_with`](crate::open_with) or [`Builder::dial`](crate::Builder::dial) takes.
    #[must_use]
    pub fn dial(&self) -> impl Dial + Clone + use<> {
        self.clone()
    }

    /// Waits until every script is done.
    ///
    /// # Errors
    /// The first step that could not be done.
    pub async fn finished(&self) -> Result<(), ScriptFault> {
        let mut progress = self.0.progress.subscribe();
        let over = progress.wait_for(|p| p.left == 0 || p.fault.is_some()).await;
        let fault = over.expect("the sender is held here").fault.clone();
        fault.map_or(Ok(()), Err)
    }

    /// Connections made so far.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.0.progress.borrow().begun
    }

    /// What came in and was expected so far, in order.
    #[must_use]
    pub fn received(&self) -> Vec<Message> {
        self.0.received.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Dial for ScriptedServer {
    fn dial(&self, _: &Endpoint) -> Dialing {
        let stage = Arc::clone(&self.0);
        Box::pin(async move {
            let next = stage.scripts.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
            let Some(script) = next else {
                return Err(ConnectError::new(ConnectErrorKind::Tcp, "the last script is over"));
            };
            let (ours, theirs) = duplex(64 * 1024);
            stage.progress.send_modify(|progress| progress.begun += 1);
            let connection = stage.progress.borrow().begun;
            tokio::spawn(async move { stage.play(connection, script, theirs).await });
            Ok(Box::new(ours) as Box<dyn ByteStream>)
        })
    }
}

impl Stage {
    async fn play(&self, connection: usize, script: Script, mut stream: DuplexStream) {
        if let Some(Step::Refuse { answer }) = script.steps.first() {
            // However much of the request has come: the answer is the same.
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(answer.as_bytes()).await;
            return self.done();
        }
        let fault = |step: usize, reason: String| ScriptFault {
            connection,
            step: step + 1,
            what: script.steps.get(step).map(|step| format!("{step:?}")).unwrap_or_default(),
            reason,
        };
        let mut peer = match Peer::accept(stream, script.mode).await {
            Ok(peer) => peer,
            Err(error) => return self.failed(fault(0, error.to_string())),
        };
        let mut early = VecDeque::new();
        for (i, step) in script.steps.iter().enumerate() {
            let result = match step {
                Step::Close { code, reason } => {
                    self.done();
                    return peer.close(*code, reason).await;
                }
                Step::Drop => return self.done(),
                step => self.take(step, &mut peer, &mut early).await,
            };
            if let Err(reason) = result {
                return self.failed(fault(i, reason));
            }
        }
        self.done();
        while peer.next().await.is_ok() {}
    }

    async fn take(
        &self,
        step: &Step,
        peer: &mut Peer,
        early: &mut VecDeque<Message>,
    ) -> Result<(), String> {
        let told = |error: PeerError| error.to_string();
        match step {
            Step::Refuse { .. } => Err("a refusal has to be the first step".into()),
            Step::Text(text) => peer.send_text(text.clone()).await.map_err(told),
            Step::Binary(bytes) => peer.send_binary(bytes.clone()).await.map_err(told),
            Step::Silence(time) => {
                sleep(*time).await;
                Ok(())
            }
            Step::Wait(time) => {
                let hear = async {
                    loop {
                        early.push_back(peer.next().await?);
                    }
                };
                match timeout(*time, hear).await {
                    Ok(Err::<(), _>(error)) => Err(told(error)),
                    Ok(Ok(())) | Err(_) => Ok(()),
                }
            }
            Step::Expect { what, matches, reply } => {
                let message = match early.pop_front() {
                    Some(message) => message,
                    None => timeout(PATIENCE, peer.next())
                        .await
                        .map_err(|_| format!("nothing came within {PATIENCE:?}"))?
                        .map_err(told)?,
                };
                if !matches(&message) {
                    return Err(format!("{message:?} came instead of {what}"));
                }
                let reply = reply.as_ref().map(|reply| reply(&message));
                self.received.lock().unwrap_or_else(PoisonError::into_inner).push(message);
                match reply {
                    Some(text) => peer.send_text(text).await.map_err(told),
                    None => Ok(()),
                }
            }
            Step::Close { .. } | Step::Drop => Ok(()),
        }
    }

    fn done(&self) {
        self.progress.send_modify(|progress| progress.left -= 1);
    }

    fn failed(&self, fault: ScriptFault) {
        self.progress.send_modify(|progress| {
            progress.fault.get_or_insert(fault);
        });
    }
}
