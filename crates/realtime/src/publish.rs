use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use serde::Serialize;
use smol_str::SmolStr;
use tokio::sync::{mpsc, oneshot};

use crate::handle::Order;
use crate::machine::{Command, RequestId};

/// How a publish ended. Each one ends exactly once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
#[expect(missing_docs, reason = "a variant says what its fields are")]
pub enum Outcome {
    /// The server has it, at this offset of its log.
    Acknowledged { offset: u64 },
    /// Plain mode: it left this machine, which is the most there is to know.
    Written,
    /// The server does not want it, and why, as a code and in words; the same publish will not succeed later. A durable
    /// one is parked.
    Refused { code: SmolStr, message: String },
    /// No answer within `requestTimeout`. The server may have it. A durable one is never settled so: it is sent again.
    TimedOut,
    /// It waited longer than `queueTtl`, or a durable one than `durableTtl`, and was not sent.
    Expired,
    /// It was cancelled. If it had been sent before, the server may have it.
    Cancelled,
    /// The connection was closed or failed for good before it was sent. A durable one is kept and sent at the next
    /// start.
    ConnectionFailed,
    /// It was sent, and the connection came back too late for the server to recognise it as the same: the server may
    /// have it or not. A durable one is parked.
    OutcomeUnknown,
}

impl Outcome {
    /// It arrived, as far as the mode can know.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        matches!(self, Self::Acknowledged { .. } | Self::Written)
    }
}

/// A publish under way: await it for its [`Outcome`]. Dropping it cancels nothing.
#[derive(Debug)]
pub struct Publishing {
    pub(crate) id: SmolStr,
    pub(crate) request: RequestId,
    pub(crate) outcome: oneshot::Receiver<Outcome>,
    pub(crate) orders: mpsc::WeakSender<Order>,
}

impl Publishing {
    /// The message's id: its own, or the one that was made for it.
    #[must_use]
    pub fn id(&self) -> &SmolStr {
        &self.id
    }

    /// Asks that it be not sent any more. The outcome tells whether that came in time.
    pub fn cancel(&self) {
        if let Some(orders) = self.orders.upgrade() {
            // When the queue of orders is full the publish goes on, as it may in any case.
            let _ = orders.try_send(Order::Command(Command::Cancel(self.request)));
        }
    }
}

impl Future for Publishing {
    type Output = Outcome;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Outcome> {
        // The task ends only with the last handle, or the runtime.
        let ended = |_| Outcome::ConnectionFailed;
        Pin::new(&mut self.outcome).poll(cx).map(|outcome| outcome.unwrap_or_else(ended))
    }
}

/// An id nobody else will make: 122 random bits, written as a version 4 UUID.
pub(crate) fn make_id(rng: &mut fastrand::Rng) -> SmolStr {
    let bits = rng.u128(..) & !(0xf << 76) & !(0x3 << 62) | 0x4 << 76 | 0x2 << 62;
    let hex = format!("{bits:032x}");
    let parts = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]];
    parts.join("-").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_version_4_uuids_and_differ() {
        let mut rng = fastrand::Rng::with_seed(1);
        let ids: std::collections::HashSet<_> = (0..1_000).map(|_| make_id(&mut rng)).collect();
        assert_eq!(ids.len(), 1_000);
        for id in ids {
            let parts: Vec<_> = id.split('-').map(str::len).collect();
            assert_eq!(parts, [8, 4, 4, 4, 12]);
            assert!(id[14..].starts_with('4') && "89ab".contains(&id[19..20]), "{id}");
        }
    }
}
