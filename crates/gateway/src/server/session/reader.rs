use std::sync::Arc;
use std::time::Instant;

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

use super::super::client::{answer, reject};
use super::super::publish::{Refusal, check};
use super::super::tenant::Tenant;
use super::{End, Surroundings, control};
use crate::log::LogError;

/// What the reading half asks of the writing one.
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
    commands: mpsc::Sender<Command>,
    /// Messages the client may publish right now.
    allowance: f64,
    filled: Instant,
}

/// A burst is as much as may be published in so many seconds.
const BURST_SECONDS: f64 = 2.0;

impl<'a> Reader<'a> {
    pub(super) fn new(
        around: Surroundings<'a>,
        tenant: &'a Arc<Tenant>,
        commands: mpsc::Sender<Command>,
    ) -> Self {
        let allowance = f64::from(around.limits.publish_rate) * BURST_SECONDS;
        Self { around, tenant, commands, allowance, filled: Instant::now() }
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
                let _ = self.commands.try_send(Command::Send(Message::Ping(Bytes::new())));
                continue;
            };
            pinged = false;
            let result = match received {
                None => return End::Left,
                Some(Err(error)) => return End::of(&error),
                Some(Ok(Message::Text(text))) => self.receive(text).await,
                Some(Ok(Message::Binary(bytes))) => {
                    let reason = "a client sends text frames only";
                    self.report(&Invalid::new(InvalidKind::NotText, reason, &bytes)).await
                }
                Some(Ok(_)) => Ok(()),
            };
            if let Err(end) = result {
                return end;
            }
        }
    }

    async fn receive(&mut self, text: Utf8Bytes) -> Result<(), End> {
        match Frame::parse(&Bytes::from(text)) {
            Ok(Frame::Single(message)) => self.accept(message).await,
            Ok(Frame::Batch(messages)) => {
                for message in messages {
                    match message {
                        Ok(message) => self.accept(message).await?,
                        Err(invalid) => self.report(&invalid).await?,
                    }
                }
                Ok(())
            }
            Err(invalid) => self.report(&invalid).await,
        }
    }

    async fn accept(&mut self, message: wire::Message) -> Result<(), End> {
        let Some(control) = ClientControl::of(&message).map_err(End::bad)? else {
            return self.publish(message).await;
        };
        match control {
            ClientControl::Hello(_) => Err(End::bad("hello was said before")),
            ClientControl::Resume(resume) => self.tell(Command::Resume(resume)).await,
            ClientControl::Subscribe(topics) => self.tell(Command::Subscribe(topics.topics)).await,
            ClientControl::Unsubscribe(topics) => {
                self.tell(Command::Unsubscribe(topics.topics)).await
            }
            ClientControl::Auth(auth) => {
                if !self.around.access.accepts(auth.token.as_bytes()) {
                    return Err(End::Unauthorised);
                }
                self.send(control::text("authorised", &Authorised::default())).await
            }
            ClientControl::Heartbeat(heartbeat) => self.send(answer(heartbeat)).await,
        }
    }

    async fn publish(&mut self, message: wire::Message) -> Result<(), End> {
        let published = match check(&message, self.around.limits.published_bytes()) {
            Ok(_) if !self.spend() => {
                let message = format!("at most {}/s", self.around.limits.publish_rate);
                Err((Refusal { code: "rate_limited", field: None, message }, true))
            }
            Ok(published) => {
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
            Err(refusal) => {
                let sample = message.data();
                let reason = refusal.message.clone();
                reject(&Invalid::new(InvalidKind::Payload, reason, sample), self.around.hub);
                Err((refusal, false))
            }
        };
        let answer = match (published, message.id) {
            (Ok(_), None) => return Ok(()),
            (Ok(appended), Some(id)) => {
                control::text("ack", &Ack { id, offset: appended[0].offset() })
            }
            (Err((refusal, retryable)), Some(id)) => {
                let Refusal { code, message, .. } = refusal;
                control::text("nack", &Nack { id, code: code.into(), message, retryable })
            }
            (Err((refusal, _)), None) => error(refusal.code, refusal.message),
        };
        self.send(answer).await
    }

    async fn report(&mut self, invalid: &Invalid) -> Result<(), End> {
        reject(invalid, self.around.hub);
        self.send(error("invalid", invalid.to_string())).await
    }

    fn spend(&mut self) -> bool {
        let rate = f64::from(self.around.limits.publish_rate);
        let now = Instant::now();
        let earned = now.duration_since(self.filled).as_secs_f64() * rate;
        (self.allowance, self.filled) = ((self.allowance + earned).min(rate * BURST_SECONDS), now);
        let enough = self.allowance >= 1.0;
        if enough {
            self.allowance -= 1.0;
        }
        enough
    }

    async fn send(&self, text: String) -> Result<(), End> {
        self.tell(Command::Send(Message::text(text))).await
    }

    async fn tell(&self, command: Command) -> Result<(), End> {
        self.commands.send(command).await.map_err(|_| End::Left)
    }
}

fn error(code: &str, message: String) -> String {
    control::text("error", &ErrorReport { code: code.into(), message, retry_after_ms: None })
}
