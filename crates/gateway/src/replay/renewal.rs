use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
use smol_str::{SmolStr, format_smolstr};
use wire::{ID_LIMIT, Message, UnixMillis};

use super::speed::Speed;
use crate::recording::Header;

/// Makes recorded messages those of today: moments move to now, and ids are new in each round, or de-duplication would
/// take the second round for the first one sent again. Every other digit stays as it was.
#[derive(Clone, Copy, Debug)]
pub(super) struct Renewal {
    recorded_at: UnixMillis,
    speed: Speed,
    start: u64,
    round: u64,
}

/// Fields of `data` that say when.
const MOMENTS: [&str; 7] =
    ["timestamp", "updatedAt", "lastUpdated", "lastCheck", "lastRiskCheck", "detectedAt", "until"];

impl Renewal {
    pub(super) fn new(header: &Header, speed: Speed, start: u64, round: u64) -> Self {
        Self { recorded_at: header.started_at, speed, start, round }
    }

    /// A message as it is played in a round that began at `played_at`. One that is end-to-end encrypted stays as it is:
    /// its id and moment are sealed with it.
    ///
    /// # Errors
    /// Why it makes no message.
    pub(super) fn renew(
        &self,
        message: &Message,
        played_at: UnixMillis,
    ) -> Result<Message, String> {
        let text = std::str::from_utf8(message.data()).map_err(|error| error.to_string())?;
        let timestamp = self.moved(message.timestamp, played_at);
        let id = message.id().map(|id| self.id(id));
        let Ok(fields) = serde_json::from_str::<Fields<'_>>(text) else {
            let data: &RawValue = serde_json::from_str(text).map_err(|error| error.to_string())?;
            return Message::new(message.ty(), &data, timestamp, id.as_deref())
                .map_err(|invalid| invalid.to_string());
        };
        if fields.0.iter().any(|(name, _)| name == "enc") {
            return Ok(message.clone());
        }
        let fields = fields.0.into_iter();
        let fields: Vec<_> = fields
            .map(|(name, raw)| {
                let value = self.field(message.ty(), &name, raw, played_at);
                (name, value)
            })
            .collect();
        Message::new(message.ty(), &Renewed(&fields), timestamp, id.as_deref())
            .map_err(|invalid| invalid.to_string())
    }

    fn field<'a>(
        &self,
        ty: &str,
        name: &str,
        raw: &'a RawValue,
        played_at: UnixMillis,
    ) -> Value<'a> {
        if MOMENTS.contains(&name) {
            // Whole milliseconds; a date written out stays.
            return match raw.get().parse() {
                Ok(moment) => Value::Moment(self.moved(UnixMillis(moment), played_at)),
                Err(_) => Value::Same(raw),
            };
        }
        // An alert of the last round may have been acknowledged in the meantime; this one was not.
        let names_alert = matches!((ty, name), ("risk_alert", "id") | ("alert_state", "alertId"));
        match serde_json::from_str::<SmolStr>(raw.get()) {
            Ok(id) if names_alert && self.round > 1 => {
                Value::Id(format_smolstr!("{id}~{}", self.round))
            }
            _ => Value::Same(raw),
        }
    }

    fn moved(&self, moment: UnixMillis, played_at: UnixMillis) -> UnixMillis {
        // By the same measure for what lies before the start of the recording, so that the order stays.
        let after = moment.0.saturating_sub(self.recorded_at.0) / i64::from(self.speed.times());
        UnixMillis(played_at.0.saturating_add(after))
    }

    fn id(&self, id: &str) -> SmolStr {
        let new = format_smolstr!("{:x}-{}-", self.start, self.round);
        if new.len() + id.len() <= ID_LIMIT {
            return format_smolstr!("{new}{id}");
        }
        // The end is what tells ids of one sender apart.
        let mut from = id.len() - (ID_LIMIT - new.len());
        while !id.is_char_boundary(from) {
            from += 1;
        }
        format_smolstr!("{new}{}", &id[from..])
    }
}

/// An object's fields in their order.
struct Fields<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Fields<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Each;
        impl<'de> Visitor<'de> for Each {
            type Value = Fields<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Fields(fields))
            }
        }
        deserializer.deserialize_map(Each)
    }
}

enum Value<'a> {
    Same(&'a RawValue),
    Moment(UnixMillis),
    Id(SmolStr),
}

impl Serialize for Value<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Same(raw) => raw.serialize(serializer),
            Self::Moment(moment) => moment.serialize(serializer),
            Self::Id(id) => id.serialize(serializer),
        }
    }
}

struct Renewed<'a>(&'a [(String, Value<'a>)]);

impl Serialize for Renewed<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use wire::Frame;

    use super::*;

    fn renewed(round: u64, speed: u32, text: &str) -> String {
        let header = Header {
            version: 1,
            url: "ws://x/".into(),
            started_at: UnixMillis(1_000_000),
            topics: Vec::new(),
        };
        let renewal = Renewal::new(&header, Speed::new(speed).unwrap(), 0xab, round);
        let Ok(Frame::Single(message)) = Frame::parse(Bytes::copy_from_slice(text.as_bytes()))
        else {
            panic!("{text}")
        };
        renewal.renew(&message, UnixMillis(9_000_000)).unwrap().to_json()
    }

    #[test]
    fn moments_move_and_digits_stay() {
        let text = r#"{"type":"vault_update_A","data":{"ltv":75.10,"x":"\u00e9","updatedAt":1002000,"createdAt":5},"timestamp":1004000}"#;
        let expected = r#"{"type":"vault_update_A","data":{"ltv":75.10,"x":"\u00e9","updatedAt":9002000,"createdAt":5},"timestamp":9004000}"#;
        assert_eq!(renewed(1, 1, text), expected);
        assert_eq!(renewed(2, 1, text), expected);
        assert!(renewed(1, 100, text).ends_with(r#""timestamp":9000040}"#));
        // From before the recording: a snapshot.
        let old = r#"{"type":"note","data":[1.0],"timestamp":998000}"#;
        assert_eq!(renewed(1, 2, old), r#"{"type":"note","data":[1.0],"timestamp":8999000}"#);
    }

    #[test]
    fn ids_are_new_in_each_round() {
        let alert =
            r#"{"type":"risk_alert","data":{"id":"a","message":"m"},"timestamp":1,"id":"x"}"#;
        let check = |round, id: &str, alert_id: &str| {
            let message: serde_json::Value =
                serde_json::from_str(&renewed(round, 1, alert)).unwrap();
            assert_eq!(
                (message["id"].as_str(), message["data"]["id"].as_str()),
                (Some(id), Some(alert_id))
            );
        };
        check(1, "ab-1-x", "a");
        check(2, "ab-2-x", "a~2");
        let long = format!(r#"{{"type":"a","data":1,"timestamp":1,"id":"{}"}}"#, "é".repeat(64));
        let message: serde_json::Value = serde_json::from_str(&renewed(1, 1, &long)).unwrap();
        assert!(message["id"].as_str().unwrap().len() <= ID_LIMIT);
    }

    #[test]
    fn what_is_sealed_stays() {
        let text = r#"{"type":"risk_alert","data":{"enc":"xchacha20poly1305","ct":"…"},"timestamp":1,"id":"x"}"#;
        assert_eq!(renewed(2, 10, text), text);
    }
}
