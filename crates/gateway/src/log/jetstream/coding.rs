use std::sync::Arc;

use async_nats::HeaderMap;
use async_nats::header::{NATS_MESSAGE_ID, NATS_MESSAGE_TTL};
use bytes::Bytes;
use tokio_tungstenite::tungstenite::Utf8Bytes;
use wire::Frame;

use super::super::{Change, ClientId, Entry, EntryKind, Part, Record};
use super::names::{FROM, Names, PART, TYPE, text, token};

/// How a gateway writes its messages.
#[derive(Debug)]
pub(super) struct Coding {
    pub(super) names: Names,
    /// Of this process: a client's number means something nowhere else.
    pub(super) gateway: String,
    /// How long a state message stays, if the stream can tell.
    pub(super) state_ttl: Option<String>,
}

/// A message for the stream.
#[derive(Debug)]
pub(super) struct Outgoing {
    pub(super) subject: String,
    pub(super) headers: HeaderMap,
    pub(super) payload: Bytes,
}

impl Coding {
    pub(super) fn encode(&self, record: Record) -> Outgoing {
        let mut headers = HeaderMap::new();
        if let Some(id) = &record.id {
            headers.insert(NATS_MESSAGE_ID, token(id));
        }
        if let Some(ClientId(client)) = record.from {
            headers.insert(FROM, format!("{}/{client}", self.gateway));
        }
        let EntryKind { ty, change, text } = record.entry;
        let subject = match &change {
            None => self.names.event(&ty),
            Some(change) => {
                headers.insert(PART, change.part.name());
                if change.key != ty {
                    headers.insert(TYPE, token(&ty));
                }
                if let Some(ttl) = &self.state_ttl {
                    headers.insert(NATS_MESSAGE_TTL, ttl.as_str());
                }
                self.names.state(&change.key)
            }
        };
        Outgoing { subject, headers, payload: Bytes::from(text) }
    }

    /// A message of the stream. None when it is not one of ours.
    pub(super) fn decode(
        &self,
        offset: u64,
        subject: &str,
        headers: Option<&HeaderMap>,
        payload: Bytes,
    ) -> Option<Arc<Entry>> {
        let header = |name: &str| headers.and_then(|headers| headers.get(name)).map(|v| v.as_str());
        let mut tokens = subject.rsplit('.');
        let (name, class) = (text(tokens.next()?)?, tokens.next()?);
        let change = match class {
            "event" => None,
            "state" => {
                Some(Change { key: name.as_str().into(), part: Part::named(header(PART)?)? })
            }
            _ => return None,
        };
        let ty = match header(TYPE) {
            Some(token) => text(token)?,
            None => name,
        };
        let from = header(FROM).and_then(|from| from.split_once('/'));
        let from = from.filter(|(gateway, _)| *gateway == self.gateway);
        let from = from.and_then(|(_, client)| client.parse().ok()).map(ClientId);
        let text = Utf8Bytes::try_from(payload).ok().filter(is_placeable)?;
        let kind = EntryKind { ty: ty.into(), change, text };
        Some(Arc::new(Entry::new(offset, kind, from)))
    }
}

/// Whether it is one envelope without a place, as gateways write them. Whoever may write to the stream can write anything,
/// and clients could neither read it nor get past it.
fn is_placeable(text: &Utf8Bytes) -> bool {
    let single = match Frame::parse_text(text.clone()) {
        Ok(Frame::Single(message)) => message.place.is_none(),
        _ => false,
    };
    single && text.starts_with('{')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(ty: &str, change: Option<(&str, Part)>) {
        let coding = |gateway: &str| Coding {
            names: Names::of("desk"),
            gateway: gateway.into(),
            state_ttl: Some("5s".into()),
        };
        let change = change.map(|(key, part)| Change { key: key.into(), part });
        let text = format!(r#"{{"type":"{ty}","data":{{}},"timestamp":1}}"#);
        let entry = EntryKind { ty: ty.into(), change: change.clone(), text: text.into() };
        let record = Record { entry, id: Some("é id".into()), from: Some(ClientId(7)) };
        let Outgoing { subject, headers, payload } = coding("here").encode(record);
        assert_eq!(headers.get(NATS_MESSAGE_ID).unwrap().as_str(), "=C3=A9=20id");
        assert_eq!(headers.get(NATS_MESSAGE_TTL).is_some(), change.is_some(), "events stay longer");
        let decode =
            |gateway| coding(gateway).decode(9, &subject, Some(&headers), payload.clone()).unwrap();
        let entry = decode("here");
        assert_eq!((entry.offset, entry.kind.ty.as_str()), (9, ty));
        assert_eq!((&entry.kind.change, entry.from), (&change, Some(ClientId(7))));
        assert_eq!(decode("there").from, None, "another gateway's client 7 is somebody else");
    }

    #[test]
    fn what_is_written_is_read_back() {
        check("risk_alert", None);
        check("a.b * >", None);
        check("vault_update_ETH-001", Some(("vault_update_ETH-001", Part::Fields)));
        check("vault_update", Some(("vault_update_é.1", Part::SealedFull)));
    }

    #[test]
    fn what_others_put_into_the_stream_is_left_out() {
        let coding = Coding { names: Names::of("desk"), gateway: "g".into(), state_ttl: None };
        let decode = |subject: &str, payload: &'static str| {
            coding.decode(1, subject, None, Bytes::from_static(payload.as_bytes()))
        };
        let good = r#"{"type":"note","data":1,"timestamp":1}"#;
        assert!(decode("vaultwatch.desk.event.note", good).is_some());
        assert!(decode("vaultwatch.desk.state.k", good).is_none(), "a part of what?");
        assert!(decode("vaultwatch.desk.other.k", good).is_none());
        assert!(decode("note", good).is_none());
        for bad in [
            "",
            "text",
            "{}",
            r#"{"type":"note","data":1}"#,
            r#" {"type":"note","data":1,"timestamp":1}"#,
            r#"{"offset":9,"prev":8,"type":"note","data":1,"timestamp":1}"#,
            r#"{"type":"batch_update","data":{"updates":[]},"timestamp":1}"#,
        ] {
            assert!(decode("vaultwatch.desk.event.note", bad).is_none(), "{bad}");
        }
    }
}
