//! `vaultwatch.v1` from the client's side: a server that keeps the rules, and servers that do not.

use proptest::prelude::*;
use serde_json::{Value, json};
use wire::control::{Codec, ServerState};
use wire::{Compressed, Place, Position};

use super::super::publishes::Keeping;
use super::*;
use crate::close::{CloseOverride, Verdict};
use crate::persistence::{Sequence, Settlement};
use crate::{Offer, ProtocolFault, Topic};

mod continuity;
mod greeting;
mod liar;
mod order;
mod parting;
mod publishing;
mod restart;
mod tokens;
mod topics;

fn envelope(ty: &str, data: Value) -> String {
    json!({"type": ty, "data": data, "timestamp": 1}).to_string()
}

fn logged(offset: u64, prev: u64) -> String {
    let id = format!("m{offset}");
    json!({"type": "number", "data": offset, "timestamp": offset, "id": id, "offset": offset, "prev": prev})
        .to_string()
}

fn welcome(change: Value) -> String {
    let mut data = json!({
        "session": "s", "tenant": "t", "epoch": "e", "offset": 10, "heartbeatMs": 15_000, "graceMs": 10_000,
        "compress": null, "maxMessageBytes": 1 << 20, "dedupMs": 600_000, "resumed": false, "replay": 0,
    });
    for (key, value) in change.as_object().unwrap() {
        data[key] = value.clone();
    }
    envelope("welcome", data)
}

impl Bench {
    /// Up to `hello`, which is returned.
    fn greet(&mut self) -> Value {
        self.input(Input::Command(Command::Connect));
        self.upgrade()
    }

    fn upgrade(&mut self) -> Value {
        self.transport(TransportEvent::Opened { mode: Mode::V1, renew_in: None });
        assert_eq!(self.kind(), StateKind::Handshaking);
        let hello: Value = serde_json::from_str(&self.written.pop().unwrap()).unwrap();
        assert_eq!(hello["type"], "hello");
        hello["data"].clone()
    }

    /// A session that began with an empty snapshot at 10.
    fn v1(&mut self) {
        self.greet();
        self.text(&welcome(json!({})));
        self.text(&envelope("snapshot_end", json!({"offset": 10, "lostEvents": 0})));
        assert!(self.machine.state().is_connected());
        self.delivered.clear();
        self.events.clear();
    }

    /// The numbers that were delivered since this was asked last.
    fn numbers(&mut self) -> Vec<u64> {
        let number = |inbound| match inbound {
            Inbound::Message(message) => Some(message.decode().unwrap()),
            Inbound::Invalid(_) | Inbound::SnapshotEnd(_) => None,
        };
        self.delivered.drain(..).filter_map(number).collect()
    }

    fn faults(&self) -> Vec<&ProtocolFault> {
        self.events
            .iter()
            .filter_map(|event| match event {
                Event::ProtocolFault { fault, .. } => Some(fault),
                _ => None,
            })
            .collect()
    }

    fn gaps(&self) -> Vec<(u64, u64, bool)> {
        let gap = |event: &Event| match event {
            Event::Gap { from, to, recovered, .. } => Some((*from, *to, *recovered)),
            _ => None,
        };
        self.events.iter().filter_map(gap).collect()
    }

    fn position(&self) -> Option<u64> {
        self.machine.position().map(|position| position.offset)
    }

    /// What was written since this was asked last, as types and data.
    fn said(&mut self) -> Vec<(String, Value)> {
        let parse = |text: String| {
            let value: Value = serde_json::from_str(&text).unwrap();
            (value["type"].as_str().unwrap().to_owned(), value["data"].clone())
        };
        self.written.drain(..).map(parse).collect()
    }

    /// The ids of the publishes written since this was asked last.
    fn sent(&mut self) -> Vec<String> {
        self.written
            .drain(..)
            .filter_map(|text| text.strip_prefix("publish ").map(Into::into))
            .collect()
    }

    pub(super) fn publish(&mut self, request: u64, id: &str, durable: bool) {
        let keeping = if durable {
            Keeping::Durable {
                sequence: Sequence(i64::try_from(request).unwrap()),
                expires: self.now.wall.plus(secs(24 * 3_600)),
                first_sent: None,
            }
        } else {
            let Some(reservation) = self.budget.reserve(10) else { return };
            Keeping::Volatile(reservation)
        };
        let publish = Publish {
            request: Some(RequestId(request)),
            id: id.into(),
            ty: "t".into(),
            text: format!("publish {id}"),
            keeping,
        };
        self.input(Input::Command(Command::Publish(publish)));
    }

    fn ack(&mut self, id: &str, offset: u64) {
        self.text(&envelope("ack", json!({"id": id, "offset": offset})));
    }

    fn nack(&mut self, id: &str, retryable: bool) {
        let data = json!({"id": id, "code": "no", "message": "m", "retryable": retryable});
        self.text(&envelope("nack", data));
    }

    fn outcome(&self, request: u64) -> Option<&Outcome> {
        self.settled.iter().find(|(r, _)| r.0 == request).map(|(_, outcome)| outcome)
    }

    /// The disk notes what it is told to.
    fn disk_agrees(&mut self) {
        for persist in std::mem::take(&mut self.persisted) {
            if let Persist::Sending { ids } = persist {
                self.input(Input::Persisted(Persisted::Sending { ids, failed: None }));
            }
        }
    }

    fn settlements(&mut self) -> Vec<(String, Settlement)> {
        let mut all = Vec::new();
        for persist in self.persisted.drain(..) {
            if let Persist::Settle { settled } = persist {
                all.extend(settled.into_iter().map(|(id, s)| (id.to_string(), s)));
            }
        }
        all
    }
}

fn topic(name: &str) -> Topic {
    Topic::parse(name).unwrap()
}
