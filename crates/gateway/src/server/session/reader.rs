use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::SplitStream;
use smol_str::SmolStr;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};
use wire::control::{Ack, Authorised, ClientControl, ErrorReport, Nack, Resume};
use wire::{Frame, Invalid, InvalidKind};

use super::super::access::Lapse;
use super::super::allowance::{Allowance, spend};
use super::super::client::{answer, reject};
use super::super::publish::{Refusal, check};
use super::super::refusals::Reason;
use super::super::stats::Counters;
use super::super::tenant::Tenant;
use super::{End, Surroundings, control};
use crate::log::LogError;

/// What the reading half asks of the writing one. Handed over in a box: a channel keeps room for 32 of them from its start.
#[derive(Debug)]
pub(super) enum Command {
    Send(Message),
    Resume(Resume),
    Subscribe(Vec<SmolStr>),
    Unsubscribe(Vec<SmolStr>),
}

/// The half that listens to the client.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    around: Surroundings<'a>,
    tenant: &'a Arc<Tenant>,
    of_tenant: &'a Allowance,
    commands: mpsc::Sender<Box<Command>>,
    /// What this client alone may send.
    own: Allowance,
    /// Messages that may still be refused before the client counts as one that does not listen.
    patience: Allowance,
}

/// Refusals per second that are put up with, twice as many at once. A client that was told to wait and sends on costs
/// as much as one that may.
const REFUSALS: u32 = 500;

impl<'a> Reader<'a> {
    pub(super) fn new(
        around: Surroundings<'a>,
        tenant: &'a Arc<Tenant>,
        of_tenant: &'a Allowance,
        commands: mpsc::Sender<Box<Command>>,
    ) -> Self {
        let own = Allowance::new(around.limits.publish_rate, around.limits.address_bytes);
        let patience = Allowance::new(REFUSALS, u32::MAX);
        Self { around, tenant, of_tenant, commands, own, patience }
    }

    pub(super) async fn run<S>(&mut self, stream: &mut SplitStream<WebSocketStream<S>>) -> End
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let mut pinged = false;
        loop {
            let Ok(received) = timeout(self.around.limits.silence, stream.next()).await else {
                if pinged {
                    return End::Silent;
                }
                pinged = true;
                // A full channel is a client that does not read; its silence will tell.
                let ping = Command::Send(Message::Ping(Bytes::new()));
                let _ = self.commands.try_send(Box::new(ping));
                continue;
            };
            pinged = false;
            let result = match received {
                None => return End::Left,
                Some(Err(error)) => return End::of(&error),
                // On the heap while it lasts: an idle connection should not have room for it.
                Some(Ok(Message::Text(text))) => Box::pin(self.receive(text)).await,
                Some(Ok(Message::Binary(bytes))) => {
                    let reason = "a client sends text frames only";
                    let invalid = Invalid::new(InvalidKind::NotText, reason, &bytes);
                    Box::pin(self.complain(&invalid, bytes.len())).await
                }
                // Answered by the protocol layer; whoever sends too many is never told, but not put up with either.
                Some(Ok(message @ (Message::Ping(_) | Message::Pong(_)))) => {
                    let bytes = message.len();
                    Counters::add(&self.around.hub.counters.received_bytes, bytes as u64);
                    self.spend(bytes).map(drop)
                }
                Some(Ok(_)) => Ok(()),
            };
            if let Err(end) = result {
                return end;
            }
        }
    }

    async fn receive(&mut self, text: Utf8Bytes) -> Result<(), End> {
        let bytes = text.len();
        Counters::add(&self.around.hub.counters.received_bytes, bytes as u64);
        match Frame::parse_text(text) {
            Ok(Frame::Single(message)) => self.accept(message, bytes).await,
            Ok(Frame::Batch(messages)) if messages.is_empty() => match self.spend(bytes)? {
                Some(wait) => self.send(rate_limited(wait)).await,
                None => Ok(()),
            },
            Ok(Frame::Batch(messages)) => {
                // The frame is paid for with its first message.
                let mut bytes = bytes;
                for message in messages {
                    let bytes = std::mem::take(&mut bytes);
                    match message {
                        Ok(message) => self.accept(message, bytes).await?,
                        Err(invalid) => self.complain(&invalid, bytes).await?,
                    }
                }
                Ok(())
            }
            Err(invalid) => self.complain(&invalid, bytes).await,
        }
    }

    async fn accept(&mut self, message: wire::Message, bytes: usize) -> Result<(), End> {
        let over = self.spend(bytes)?;
        let Some(control) = ClientControl::of(&message).map_err(End::bad)? else {
            return self.publish(message, over).await;
        };
        if let Some(wait) = over
            && !matches!(control, ClientControl::Heartbeat(_) | ClientControl::Auth(_))
        {
            return self.send(rate_limited(wait)).await;
        }
        match control {
            ClientControl::Hello(_) => Err(End::bad("hello was said before")),
            ClientControl::Resume(resume) => self.tell(Command::Resume(resume)).await,
            ClientControl::Subscribe(topics) => self.tell(Command::Subscribe(topics.topics)).await,
            ClientControl::Unsubscribe(topics) => {
                self.tell(Command::Unsubscribe(topics.topics)).await
            }
            ClientControl::Auth(auth) => self.renew(auth.token.as_bytes()).await,
            ClientControl::Heartbeat(heartbeat) => self.send(answer(heartbeat)).await,
        }
    }

    /// A new token in the place of the one that will expire.
    async fn renew(&self, token: &[u8]) -> Result<(), End> {
        let around = &self.around;
        let Some(grant) = around.access.grant(token) else {
            // The next attempt takes a new connection, where it has to wait for its turn.
            let _ = around.front.attempts.failed(around.visitor.peer, Instant::now());
            around.refuse(Reason::Token);
            return Err(End::Unauthorised);
        };
        let current = around.grant.borrow().clone();
        if grant.tenant != current.tenant {
            around.refuse(Reason::Forbidden);
            return Err(End::Forbidden);
        }
        if !grant.replaces(&current) {
            return Err(End::Lapsed(Lapse::Changed));
        }
        let authorised = Authorised { token_expires_at: grant.expires };
        around.grant.send_replace(grant);
        self.send(control::text("authorised", &authorised)).await
    }

    async fn publish(&mut self, message: wire::Message, over: Option<Duration>) -> Result<(), End> {
        let checked = {
            let rights = &self.around.grant.borrow().publish;
            check(&message, self.around.limits.published_bytes(), rights)
        };
        let published = match (checked, over) {
            (Ok(_), Some(wait)) => {
                let message = format!("too many at a time: wait {} ms", millis(wait));
                Err((Refusal { code: RATE_LIMITED, field: None, message }, true))
            }
            (Ok(published), None) => {
                let published = self.tenant.publish(None, vec![published]).await;
                published.map_err(|error| {
                    let code = match error {
                        LogError::TooLarge { .. } => "too_large",
                        _ => "unavailable",
                    };
                    let message = error.to_string();
                    (Refusal { code, field: None, message }, error.is_retryable())
                })
            }
            (Err(refusal), _) => {
                self.around.hub.counters.note(&refusal);
                let reason = refusal.message.clone();
                let invalid = Invalid::new(InvalidKind::Payload, reason, message.data());
                self.around.hub.invalid.report(&invalid);
                Err((refusal, false))
            }
        };
        let answer = match (published, message.id()) {
            (Ok(_), None) => return Ok(()),
            (Ok(appended), Some(id)) => {
                control::text("ack", &Ack { id: id.into(), offset: appended[0].offset() })
            }
            (Err((refusal, retryable)), Some(id)) => {
                let Refusal { code, message, .. } = refusal;
                control::text(
                    "nack",
                    &Nack { id: id.into(), code: code.into(), message, retryable },
                )
            }
            (Err((refusal, _)), None) => match over {
                Some(wait) if refusal.code == RATE_LIMITED => rate_limited(wait),
                _ => error(refusal.code, refusal.message),
            },
        };
        self.send(answer).await
    }

    async fn report(&mut self, invalid: &Invalid) -> Result<(), End> {
        reject(invalid, self.around.hub);
        self.send(error("invalid", invalid.to_string())).await
    }

    async fn complain(&mut self, invalid: &Invalid, bytes: usize) -> Result<(), End> {
        // Told what is wrong in any case: that does not get better by waiting.
        self.spend(bytes)?;
        self.report(invalid).await
    }

    /// Takes one message from what may be sent, or tells how long to wait.
    fn spend(&self, bytes: usize) -> Result<Option<Duration>, End> {
        let now = Instant::now();
        let allowances = [&self.own, self.of_tenant, &self.around.visitor.address.allowance];
        let Err(wait) = spend(&allowances, 1, bytes, now) else { return Ok(None) };
        self.around.refuse(Reason::Rate);
        match spend(&[&self.patience], 1, 0, now) {
            Ok(()) => Ok(Some(wait)),
            Err(_) => Err(End::Flood { retry: wait }),
        }
    }

    async fn send(&self, text: String) -> Result<(), End> {
        self.tell(Command::Send(Message::text(text))).await
    }

    async fn tell(&self, command: Command) -> Result<(), End> {
        self.commands.send(Box::new(command)).await.map_err(|_| End::Left)
    }
}

const RATE_LIMITED: &str = "rate_limited";

fn rate_limited(wait: Duration) -> String {
    let report = ErrorReport {
        code: RATE_LIMITED.into(),
        message: "more messages or bytes than may be sent".into(),
        retry_after_ms: Some(millis(wait)),
    };
    control::text("error", &report)
}

/// Rounded up: who waits for less comes too early.
fn millis(wait: Duration) -> u64 {
    u64::try_from(wait.as_millis()).unwrap_or(u64::MAX).saturating_add(1)
}

fn error(code: &str, message: String) -> String {
    control::text("error", &ErrorReport { code: code.into(), message, retry_after_ms: None })
}
