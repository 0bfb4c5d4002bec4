use std::collections::BTreeMap;
use std::fmt;

use serde::de::Visitor;
use serde::{Deserialize, Deserializer, Serialize};
use smol_str::SmolStr;

/// Everything about rules that a configuration file or a form says, as it was written. Nothing of it is checked but its
/// form; a rule book, which is made of it, does that.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RulesOptions {
    /// Groups of vaults by name: ids, or beginnings of ids with a `*`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<SmolStr, Vec<SmolStr>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub policy: Vec<PolicyOptions>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rule: Vec<RuleOptions>,
}

/// One `[[rule]]`. Times are written `90s`, `5m`, `2h`; numbers plain or in quotes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleOptions {
    /// 1 to 64 of a-z, 0-9, `_`, `-` and `.`. Several rules of one name are variants: the nearest applies to a vault.
    pub name: SmolStr,
    /// Shown with the alert.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Default: true. A variant that is not enabled exempts the vaults it covers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    pub metric: SmolStr,
    /// Turns a metric of a vault into that of a market: its price, peg or utilisation of this token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<SmolStr>,
    /// For `status`: which field of the platform's status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<SmolStr>,
    /// For `vault_status` and `status`: the rule holds while the field is one of these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is: Option<Vec<SmolStr>>,
    /// `percent` or `absolute`: judges how much the metric changed over a window instead of the metric.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<SmolStr>,
    /// The window of `change`: 10 s to 24 h.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub over: Option<SmolStr>,
    /// `above` or `below`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<SmolStr>,
    /// For a rule of one level: the value at which it is entered, itself included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enter: Option<Number>,
    /// The value beyond which it is left. Default: `enter`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit: Option<Number>,
    /// `medium`, `high` or `critical`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<SmolStr>,
    /// For a rule of several levels, by severity.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub levels: BTreeMap<SmolStr, LevelOptions>,
    /// How long a level must be reached without a break. Default: what the vault's policy holds for the level.
    #[serde(default, rename = "for", skip_serializing_if = "Option::is_none")]
    pub hold: Option<SmolStr>,
    /// How long a level must be left before the alert ends. Default: the vault's policy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovery: Option<SmolStr>,
    /// What a value that nobody knows means: `keep` (default) what is known, `ok`, or `alert` at the least level.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_data: Option<SmolStr>,
    #[serde(default, skip_serializing_if = "ScopeOptions::is_empty")]
    pub scope: ScopeOptions,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<ScheduleOptions>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LevelOptions {
    pub enter: Number,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit: Option<Number>,
    #[serde(default, rename = "for", skip_serializing_if = "Option::is_none")]
    pub hold: Option<SmolStr>,
}

/// What a rule is about. Lists that are given must all agree; of a list one entry is enough. Empty: everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ScopeOptions {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub profiles: Vec<SmolStr>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub chains: Vec<u64>,
    /// Collateral tokens.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tokens: Vec<SmolStr>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<SmolStr>,
    /// Ids, or beginnings of ids with a `*`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub vaults: Vec<SmolStr>,
}

impl ScopeOptions {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// When a rule may raise or worsen an alert, in local time. What it raised still ends outside of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScheduleOptions {
    /// `mon` … `sun`; default: every day.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub days: Vec<SmolStr>,
    /// `08:00`. Default: the start of the day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<SmolStr>,
    /// `20:00`; earlier than `from`: on the next day. Default: the end of the day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<SmolStr>,
    /// A name of the IANA database, `Europe/Berlin`.
    pub zone: SmolStr,
}

/// One `[[policy]]`: the numbers of the alerts about some vaults, and how they are told. At most one of `profile`, `chain`, `token`, `label`
/// and `vault`; none: everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PolicyOptions {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<SmolStr>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chain: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<SmolStr>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<SmolStr>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vault: Option<SmolStr>,
    /// How long a level must be reached before an alert is raised, by severity.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub hold: BTreeMap<SmolStr, SmolStr>,
    /// How long a level must be left before the alert ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recovery: Option<SmolStr>,
    /// When an alert that nobody answers is told again.
    #[serde(skip_serializing_if = "RepeatOptions::is_empty")]
    pub repeat: RepeatOptions,
    /// Hours in which only what is critical is told, or `none`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quiet_hours: Option<QuietOptions>,
    /// Alerts of this level and beyond go to the operating system, too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notify_from: Option<SmolStr>,
    /// When an unanswered critical alert is heard, and when other channels are told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sound_after: Option<SmolStr>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call_out_after: Option<SmolStr>,
    /// How long an acknowledgement of what is critical without a break holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ack_lapse: Option<SmolStr>,
    /// Rules by name, switched on or off.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub rules: BTreeMap<SmolStr, bool>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RepeatOptions {
    /// Since the raise, rising: `["2m", "5m", "10m"]`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub critical: Option<Vec<SmolStr>>,
    /// And then this often.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub critical_after: Option<SmolStr>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub high: Option<SmolStr>,
}

impl RepeatOptions {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// `"none"`, or from when to when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum QuietOptions {
    Word(SmolStr),
    Hours(QuietHoursOptions),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuietHoursOptions {
    /// `22:00`.
    pub from: SmolStr,
    /// `07:00`; before `from`: on the next day.
    pub to: SmolStr,
    /// Default: that of `[alerts]`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<SmolStr>,
}

/// A number as it was written. TOML's own numbers are taken by their shortest text, which is what was typed as long
/// as it has no more than 15 digits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Number(pub SmolStr);

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Written;
        impl Visitor<'_> for Written {
            type Value = Number;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number, or one in quotes")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Number, E> {
                Ok(Number(SmolStr::new(text)))
            }

            fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Number, E> {
                Ok(Number(SmolStr::new(number.to_string())))
            }

            fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Number, E> {
                Ok(Number(SmolStr::new(number.to_string())))
            }

            fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<Number, E> {
                let text = number.to_string();
                if digits(&text) > Number::DIGITS {
                    return Err(E::custom(TOO_MANY_DIGITS));
                }
                Ok(Number(SmolStr::new(text)))
            }
        }
        from.deserialize_any(Written)
    }
}

/// Why a number is refused that a file would not keep exactly.
pub const TOO_MANY_DIGITS: &str =
    "has more digits than a number in this file keeps; write it in quotes";

fn digits(text: &str) -> usize {
    text.bytes().filter(u8::is_ascii_digit).count()
}

impl Number {
    /// Most digits that a number of a file keeps.
    pub const DIGITS: usize = 15;

    /// From the text of a form or a test.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(SmolStr::new(text))
    }
}
