use std::collections::BTreeMap;

use domain::rules::{PolicyOptions, QuietHoursOptions, QuietOptions};
use smol_str::SmolStr;

use crate::pages::rules::draft::some;
use crate::pages::rules::level;
use crate::words::{policy as say, policy_settings as set};

/// A setting that is typed: a time, or several after commas.
#[derive(Debug)]
pub(super) struct Setting {
    /// As in the file, and as faults name it.
    pub(super) path: &'static str,
    pub(super) label: fn() -> &'static str,
    /// What holds where nothing is said.
    pub(super) default: &'static str,
    /// What it says, in a list of all that is set.
    words: fn(&str) -> String,
}

const fn setting(
    path: &'static str,
    label: fn() -> &'static str,
    default: &'static str,
    words: fn(&str) -> String,
) -> Setting {
    Setting { path, label, default, words }
}

/// How long a level lasts before it is told, and before it is over.
pub(super) const HOLDS: [Setting; 4] = [
    setting("hold.medium", set::medium_after, "60s", set::medium_after_said),
    setting("hold.high", set::high_after, "15s", set::high_after_said),
    setting("hold.critical", set::critical_after, "0s", set::critical_after_said),
    setting("recovery", set::over_after, "2m", set::over_after_said),
];
/// When it is told again.
pub(super) const REPEATS: [Setting; 3] = [
    setting("repeat.critical", set::critical_again, "2m, 5m, 10m", set::critical_again_said),
    setting("repeat.critical_after", set::then_every, "15m", set::then_every_said),
    setting("repeat.high", set::high_again, "1h", set::high_again_said),
];
/// Who is told beside the person at the screen, and for how long an answer holds.
pub(super) const ANSWERS: [Setting; 3] = [
    setting("sound_after", set::heard_after, "2m", set::heard_after_said),
    setting("call_out_after", set::channels_after, "4m", set::channels_after_said),
    setting("ack_lapse", set::lapses_after, "30m", set::lapses_after_said),
];

/// A policy while somebody fills in its form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Policy {
    /// `chain`, `token`, …; empty: everything.
    pub(super) kind: String,
    pub(super) of: String,
    /// By the setting's path; an empty text says nothing.
    texts: BTreeMap<&'static str, String>,
    /// `medium`, `high`, `critical`; empty: nothing is said.
    pub(super) notify_from: String,
    pub(super) quiet: Quiet,
    pub(super) rules: BTreeMap<SmolStr, bool>,
}

/// The quiet hours of a policy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Quiet {
    /// `none`, `hours`; empty: nothing is said.
    pub(super) kind: String,
    pub(super) from: String,
    pub(super) to: String,
    pub(super) zone: String,
}

impl Policy {
    pub(super) fn of(options: &PolicyOptions) -> Self {
        let chain = options.chain.map(|chain| SmolStr::new(chain.to_string()));
        let given = [
            ("profile", options.profile.clone()),
            ("chain", chain),
            ("token", options.token.clone()),
            ("label", options.label.clone()),
            ("vault", options.vault.clone()),
        ];
        let found = given.into_iter().find_map(|(kind, of)| Some((kind, of?)));
        let (kind, of) = found.unwrap_or_default();
        let texts = all().map(|setting| (setting.path, read(options, setting.path)));
        Self {
            kind: kind.to_owned(),
            of: of.to_string(),
            texts: texts.filter(|(_, text)| !text.is_empty()).collect(),
            notify_from: options.notify_from.as_deref().unwrap_or_default().to_owned(),
            quiet: Quiet::of(options.quiet_hours.as_ref()),
            rules: options.rules.clone(),
        }
    }

    pub(super) fn text(&self, setting: &Setting) -> &str {
        self.texts.get(setting.path).map_or("", String::as_str)
    }

    pub(super) fn set_text(&mut self, setting: &Setting, text: String) {
        if text.is_empty() {
            self.texts.remove(setting.path);
        } else {
            self.texts.insert(setting.path, text);
        }
    }

    pub(super) fn options(&self) -> Result<PolicyOptions, (&'static str, &'static str)> {
        let mut options = PolicyOptions { rules: self.rules.clone(), ..PolicyOptions::default() };
        // What is chosen and not named is refused as something nobody is called.
        let of = Some(SmolStr::new(self.of.trim()));
        match self.kind.as_str() {
            "profile" => options.profile = of,
            "chain" => {
                let chain = self.of.trim().parse();
                options.chain = Some(chain.map_err(|_| ("chain", say::no_chain()))?);
            }
            "token" if self.of.trim().is_empty() => return Err(("token", say::is_empty())),
            "token" => options.token = of,
            "label" => options.label = of,
            "vault" => options.vault = of,
            _ => {}
        }
        for (path, text) in &self.texts {
            if let Some(text) = some(text) {
                write(&mut options, path, text);
            }
        }
        options.notify_from = some(&self.notify_from);
        options.quiet_hours = self.quiet.options();
        Ok(options)
    }

    pub(super) fn words(&self) -> String {
        match self.kind.as_str() {
            "chain" => say::of_chain(&self.of),
            "token" => say::of_token(&self.of),
            "label" => say::of_label(&self.of),
            "vault" => say::of_vault(&self.of),
            "profile" => say::of_profile(&self.of),
            _ => say::everything().to_owned(),
        }
    }
}

impl Quiet {
    fn of(options: Option<&QuietOptions>) -> Self {
        match options {
            None => Self::default(),
            // Another word is one that the file's reader refuses, and it says so.
            Some(QuietOptions::Word(word)) => Self { kind: word.to_string(), ..Self::default() },
            Some(QuietOptions::Hours(QuietHoursOptions { from, to, zone })) => Self {
                kind: "hours".to_owned(),
                from: from.to_string(),
                to: to.to_string(),
                zone: zone.as_deref().unwrap_or_default().to_owned(),
            },
        }
    }

    fn options(&self) -> Option<QuietOptions> {
        match self.kind.as_str() {
            "" => None,
            "hours" => Some(QuietOptions::Hours(QuietHoursOptions {
                from: self.from.trim().into(),
                to: self.to.trim().into(),
                zone: some(&self.zone),
            })),
            word => Some(QuietOptions::Word(word.into())),
        }
    }
}

fn all() -> impl Iterator<Item = &'static Setting> {
    HOLDS.iter().chain(&REPEATS).chain(&ANSWERS)
}

fn read(options: &PolicyOptions, path: &str) -> String {
    let single = match path {
        "recovery" => &options.recovery,
        "repeat.critical" => {
            return options.repeat.critical.as_deref().unwrap_or_default().join(", ");
        }
        "repeat.critical_after" => &options.repeat.critical_after,
        "repeat.high" => &options.repeat.high,
        "sound_after" => &options.sound_after,
        "call_out_after" => &options.call_out_after,
        "ack_lapse" => &options.ack_lapse,
        hold => {
            let level = hold.strip_prefix("hold.").unwrap_or_default();
            return options.hold.get(level).map(ToString::to_string).unwrap_or_default();
        }
    };
    single.as_deref().unwrap_or_default().to_owned()
}

fn write(options: &mut PolicyOptions, path: &str, text: SmolStr) {
    match path {
        "recovery" => options.recovery = Some(text),
        "repeat.critical" => {
            options.repeat.critical = Some(text.split(',').map(|one| one.trim().into()).collect());
        }
        "repeat.critical_after" => options.repeat.critical_after = Some(text),
        "repeat.high" => options.repeat.high = Some(text),
        "sound_after" => options.sound_after = Some(text),
        "call_out_after" => options.call_out_after = Some(text),
        "ack_lapse" => options.ack_lapse = Some(text),
        hold => {
            if let Some(level) = hold.strip_prefix("hold.") {
                options.hold.insert(level.into(), text);
            }
        }
    }
}

/// `medium after 60s, over after 10m, no quiet hours, gas off`.
pub(super) fn settings(options: &PolicyOptions) -> String {
    let policy = Policy::of(options);
    let typed = all().filter_map(|setting| {
        let text = policy.text(setting);
        (!text.is_empty()).then(|| (setting.words)(text))
    });
    let mut said: Vec<_> = typed.collect();
    if !policy.notify_from.is_empty() {
        said.push(set::notified_from_said(level::in_words(&policy.notify_from)));
    }
    let Quiet { kind, from, to, .. } = &policy.quiet;
    match kind.as_str() {
        "" => {}
        "hours" => said.push(set::quiet_hours_said(from, to)),
        _ => said.push(set::no_quiet_hours().to_owned()),
    }
    let rules = policy.rules.iter();
    said.extend(rules.map(|(rule, on)| if *on { set::rule_on(rule) } else { set::rule_off(rule) }));
    if said.is_empty() { set::nothing().to_owned() } else { said.join(", ") }
}

#[cfg(test)]
mod tests {
    use domain::rules::RepeatOptions;

    use super::*;

    #[test]
    fn a_policy_that_is_opened_and_saved_is_the_same() {
        let everything = PolicyOptions {
            recovery: Some("2m".into()),
            repeat: RepeatOptions {
                critical: Some(vec!["1m".into(), "3m".into()]),
                critical_after: Some("5m".into()),
                high: Some("30m".into()),
            },
            quiet_hours: Some(QuietOptions::Hours(QuietHoursOptions {
                from: "22:00".into(),
                to: "07:00".into(),
                zone: Some("Europe/Berlin".into()),
            })),
            notify_from: Some("high".into()),
            sound_after: Some("30s".into()),
            call_out_after: Some("1m".into()),
            ack_lapse: Some("10m".into()),
            ..PolicyOptions::default()
        };
        let chain = PolicyOptions {
            chain: Some(8453),
            hold: [("high".into(), "0s".into())].into(),
            quiet_hours: Some(QuietOptions::Word("none".into())),
            rules: [("gas".into(), false)].into(),
            ..PolicyOptions::default()
        };
        let label = PolicyOptions { label: Some("treasury".into()), ..PolicyOptions::default() };
        for policy in [everything.clone(), chain.clone(), label] {
            assert_eq!(Policy::of(&policy).options().unwrap(), policy);
        }
        assert_eq!(Policy::of(&chain).words(), "chain 8453");
        assert_eq!(settings(&chain), "high after 0s, no quiet hours, gas off");
        assert_eq!(
            settings(&everything),
            "over after 2m, critical again at 1m, 3m, then every 5m, high again every 30m, heard after 30s, \
             channels after 1m, an answer lapses after 10m, notified from high, quiet from 22:00 to 07:00"
        );
        let nowhere = Policy { kind: "chain".to_owned(), ..Policy::default() };
        assert_eq!(nowhere.options().unwrap_err().0, "chain");
    }
}
