use serde::Deserialize;
use smol_str::SmolStr;

use crate::log::Entry;

/// Type of the event by which gateways tell each other, and everybody, that somebody is being called.
pub(super) const ESCALATION: &str = "alert_escalation";

/// What a tenant's event means to whoever waits for somebody to look.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Heard {
    /// A critical alert that nobody has acknowledged yet.
    Critical(Critical),
    /// The platform says that it is over; the same id may begin anew.
    Resolved(Target),
    /// Somebody, or the platform, says that it was seen.
    Acknowledged(Target),
    /// A gateway calls, or has called.
    Escalation(Escalation),
    /// End-to-end encrypted: whether it is critical is not for a gateway to know.
    Sealed,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Critical {
    pub(super) target: Target,
    /// `data` as it came, every digit of it.
    pub(super) data: String,
}

/// Which alert is meant: by its id, or whatever is known of a vault.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) alert: Option<SmolStr>,
    pub(super) vault: Option<SmolStr>,
    pub(super) category: Option<SmolStr>,
}

/// The `data` of an [`ESCALATION`].
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Escalation {
    /// Names the alert's beginning; the same at every gateway.
    pub(super) delivery: SmolStr,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) alert_id: Option<SmolStr>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) vault_id: Option<SmolStr>,
    pub(super) action: Action,
    /// Counts the gateways that took it on, and how often each said so.
    #[serde(default)]
    pub(super) claim: u32,
    pub(super) gateway: SmolStr,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Action {
    Calling,
    Delivered,
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    data: &'a serde_json::value::RawValue,
    #[serde(default)]
    id: Option<SmolStr>,
    timestamp: i64,
}

/// Fields that matter, of an alert or of what was done about one. A field of another kind is as good as absent: an
/// alert is not missed because its title is a number.
#[derive(Debug)]
struct Fields(serde_json::Map<String, serde_json::Value>);

impl Fields {
    fn text(&self, name: &str) -> Option<SmolStr> {
        self.0.get(name)?.as_str().filter(|text| !text.is_empty()).map(SmolStr::new)
    }

    fn is(&self, name: &str) -> bool {
        self.0.get(name).and_then(serde_json::Value::as_bool) == Some(true)
    }

    fn is_critical(&self) -> bool {
        let severity = self.text("severity").or_else(|| self.text("type"));
        severity.is_some_and(|severity| severity == "CRITICAL")
    }

    fn target(&self, alert: &str) -> Target {
        Target {
            alert: self.text(alert),
            vault: self.text("vaultId"),
            category: self.text("category"),
        }
    }
}

impl Heard {
    /// What an event says, and its timestamp; `None` when it is about something else.
    pub(super) fn of(entry: &Entry) -> Option<(Self, i64)> {
        let ty = entry.kind.ty.as_str();
        if !matches!(ty, "risk_alert" | "alert_state" | ESCALATION) {
            return None;
        }
        let envelope: Envelope<'_> = serde_json::from_str(&entry.kind.text).ok()?;
        let (heard, at) = (envelope.data.get(), envelope.timestamp);
        if ty == ESCALATION {
            return serde_json::from_str(heard).ok().map(|heard| (Self::Escalation(heard), at));
        }
        let fields = Fields(serde_json::from_str(heard).ok()?);
        if fields.0.contains_key("enc") {
            return Some((Self::Sealed, at));
        }
        if ty == "alert_state" {
            let heard = match fields.text("action")?.as_str() {
                "resolve" => Self::Resolved(fields.target("alertId")),
                // Who puts it off has seen it.
                "ack" | "snooze" => Self::Acknowledged(fields.target("alertId")),
                _ => return None,
            };
            return Some((heard, at));
        }
        let mut target = fields.target("id");
        target.alert = target.alert.or(envelope.id);
        let heard = if fields.is("resolved") {
            Self::Resolved(target)
        } else if fields.is("acknowledged") {
            Self::Acknowledged(target)
        } else if fields.is_critical() {
            Self::Critical(Critical { target, data: heard.to_owned() })
        } else {
            return None;
        };
        Some((heard, at))
    }
}

impl Target {
    /// Whether what was said about `self` is about this alert.
    pub(super) fn covers(&self, alert: &Self) -> bool {
        if self.alert.is_some() && self.alert == alert.alert {
            return true;
        }
        // A client may know a condition by its vault only.
        let category = self.category.is_none() || self.category == alert.category;
        self.vault.is_some() && self.vault == alert.vault && category
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::EntryKind;

    fn heard(ty: &str, data: &str) -> Option<Heard> {
        let text = format!(r#"{{"type":"{ty}","data":{data},"timestamp":7,"id":"e"}}"#);
        let kind = EntryKind { ty: ty.into(), change: None, text: text.into() };
        Heard::of(&Entry::new(1, kind, None)).map(|(heard, at)| {
            assert_eq!(at, 7);
            heard
        })
    }

    #[test]
    fn severity_follows_from_the_type_where_there_is_none() {
        for (data, critical) in [
            (r#"{"message":"m","severity":"CRITICAL"}"#, true),
            (r#"{"message":"m","type":"CRITICAL"}"#, true),
            (r#"{"message":"m","type":"CRITICAL","severity":"HIGH"}"#, false),
            (r#"{"message":"m","type":"ALERT"}"#, false),
            (r#"{"message":"m"}"#, false),
            (r#"{"message":"m","severity":"CRITICAL","title":5}"#, true),
        ] {
            let is = matches!(heard("risk_alert", data), Some(Heard::Critical(_)));
            assert_eq!(is, critical, "{data}");
        }
        assert_eq!(heard("note", r#"{"severity":"CRITICAL"}"#), None);
        assert_eq!(heard("risk_alert", r#"{"enc":"x","ct":"y"}"#), Some(Heard::Sealed));
    }

    #[test]
    fn an_alert_without_an_id_of_its_own_has_its_message_s() {
        let Some(Heard::Critical(critical)) =
            heard("risk_alert", r#"{"severity":"CRITICAL","vaultId":"V","ltv":75.10}"#)
        else {
            panic!()
        };
        assert_eq!(critical.target.alert.as_deref(), Some("e"));
        assert_eq!(critical.data, r#"{"severity":"CRITICAL","vaultId":"V","ltv":75.10}"#);
    }

    #[test]
    fn what_somebody_did_is_about_the_alert_or_the_vault() {
        let alert = Target {
            alert: Some("a".into()),
            vault: Some("V".into()),
            category: Some("LTV".into()),
        };
        for (data, covers) in [
            (r#"{"action":"ack","alertId":"a"}"#, true),
            (r#"{"action":"ack","alertId":"b"}"#, false),
            (r#"{"action":"snooze","vaultId":"V"}"#, true),
            (r#"{"action":"ack","vaultId":"V","category":"LTV"}"#, true),
            (r#"{"action":"ack","vaultId":"V","category":"LIQUIDATION"}"#, false),
            (r#"{"action":"ack","alertId":"mine","vaultId":"V"}"#, true),
            (r#"{"action":"ack","vaultId":"W"}"#, false),
            (r#"{"action":"ack"}"#, false),
        ] {
            let Some(Heard::Acknowledged(target)) = heard("alert_state", data) else { panic!() };
            assert_eq!(target.covers(&alert), covers, "{data}");
        }
        assert_eq!(heard("alert_state", r#"{"action":"shrug","alertId":"a"}"#), None);
        let resolved = heard("alert_state", r#"{"action":"resolve","alertId":"a"}"#);
        assert!(matches!(resolved, Some(Heard::Resolved(_))));
    }
}
