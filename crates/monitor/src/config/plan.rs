//! From what is watched to what is to be, in steps.

use std::collections::BTreeSet;

use domain::view::Mode;

use super::changes::{AtOnce, Changes};
use super::{Configured, ConfiguredProfile};
use crate::Said;
use crate::say::settings as say;

/// One thing to do, about the profile of this name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    Stop(String),
    Start(String),
    /// Its connection, or what it keeps, is configured otherwise: it goes on where it was.
    Restart(String),
    /// It goes on with other settings.
    Adjust(String, Adjust),
}

/// What of a running watch is to be otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Adjust {
    pub rules: bool,
    /// The policy.
    pub telling: bool,
    pub retention: bool,
    pub channels: bool,
}

/// What is to be done, in this order, so that what was configured `before` is watched as it is configured `after`; and
/// what the person is told of it. `None`: nothing that is to be told has changed.
#[must_use]
pub fn plan(before: &Configured, after: &Configured) -> (Vec<Step>, Option<Said>) {
    let watched = |profile: &&ConfiguredProfile| profile.resolved().is_some();
    let is_watched = |all: &Configured, name: &str| all.get(name).as_ref().is_some_and(watched);
    let mut steps = Vec::new();
    let mut in_force = BTreeSet::new();
    for profile in before.profiles.iter().filter(watched) {
        if !is_watched(after, profile.name()) {
            steps.push(Step::Stop(profile.name().to_owned()));
        }
    }
    for profile in after.profiles.iter().filter(watched) {
        let name = profile.name().to_owned();
        if !is_watched(before, &name) {
            steps.push(Step::Start(name));
            continue;
        }
        let of = (profile.mode != Mode::Demo).then_some(name.as_str());
        let mut changes = Changes::between(before.text.as_str(), after.text.as_str(), of);
        // Whoever asked for the demo is not concerned.
        changes.later.retain(|key| key != "profiles");
        in_force.extend(changes.at_once());
        if !changes.later.is_empty() {
            steps.push(Step::Restart(name));
            continue;
        }
        let Changes { rules, telling, retention, channels, .. } = changes;
        let adjust = Adjust { rules, telling, retention, channels };
        if adjust != Adjust::default() {
            steps.push(Step::Adjust(name, adjust));
        }
    }
    let said = words(&steps, &in_force);
    (steps, said)
}

fn words(steps: &[Step], in_force: &BTreeSet<AtOnce>) -> Option<Said> {
    let named = |of: fn(&Step) -> Option<&String>| {
        let names: Vec<_> = steps.iter().filter_map(of).map(String::as_str).collect();
        (!names.is_empty()).then(|| names.join(", "))
    };
    let started = named(|step| match step {
        Step::Start(name) => Some(name),
        _ => None,
    });
    let stopped = named(|step| match step {
        Step::Stop(name) => Some(name),
        _ => None,
    });
    let restarted = named(|step| match step {
        Step::Restart(name) => Some(name),
        _ => None,
    });
    if in_force.is_empty() && started.is_none() && stopped.is_none() && restarted.is_none() {
        return None;
    }
    Some(Said::new(|language| {
        let mut parts: Vec<_> =
            in_force.iter().map(|what| what.word(language).to_owned()).collect();
        parts.extend(started.as_ref().map(|names| say::begun(language, names)));
        parts.extend(stopped.as_ref().map(|names| say::stopped(language, names)));
        parts.extend(restarted.as_ref().map(|names| say::restarted(language, names)));
        (say::changed(language), say::in_force(language, &parts.join("; ")))
    }))
}

#[cfg(test)]
mod tests {
    use domain::Language;

    use super::*;
    use crate::config::FeedArgs;

    const FILE: &str = "[profiles.acme]\nurl = \"wss://a\"\n[profiles.globex]\nurl = \"wss://g\"\n";

    fn configured(text: &str) -> Configured {
        let args = FeedArgs { data_dir: Some("/nonexistent".into()), ..FeedArgs::default() };
        args.resolve_all_text(&args.places().unwrap(), &text.to_owned().into()).unwrap()
    }

    fn steps(from: &str, to: &str) -> (Vec<Step>, String) {
        let (steps, said) = plan(&configured(from), &configured(to));
        (steps, said.map_or_else(String::new, |said| said.into_words(Language::English).1))
    }

    fn named(step: fn(String) -> Step, name: &str) -> Vec<Step> {
        vec![step(name.to_owned())]
    }

    #[test]
    fn a_profile_that_comes_goes_or_is_paused_moves_no_other() {
        let one = "[profiles.acme]\nurl = \"wss://a\"\n";
        assert_eq!(steps(FILE, FILE), (Vec::new(), String::new()));
        let (begun, said) = steps(one, FILE);
        assert_eq!(begun, named(Step::Start, "globex"));
        assert_eq!(said, "In force: begun to watch globex.");
        assert_eq!(steps(FILE, one).0, named(Step::Stop, "globex"));
        let paused = format!("{FILE}paused = true\n");
        assert_eq!(steps(FILE, &paused).0, named(Step::Stop, "globex"));
        assert_eq!(steps(&paused, FILE).0, named(Step::Start, "globex"));
        let coloured = format!("{FILE}colour = \"pink\"\n").replace("pink", "brown");
        assert_eq!(steps(FILE, &coloured), (Vec::new(), String::new()), "only its look");
    }

    #[test]
    fn what_needs_another_connection_gets_one_and_the_rest_counts_as_it_runs() {
        let moved = FILE.replace("wss://g", "wss://h");
        let (restart, said) = steps(FILE, &moved);
        assert_eq!(restart, named(Step::Restart, "globex"));
        assert_eq!(said, "In force: connected anew: globex.");
        let sealed = format!("{FILE}[encryption.acme]\nrequire = true\n");
        assert_eq!(steps(FILE, &sealed).0, named(Step::Restart, "acme"));
        let quiet = format!("{FILE}notify = \"none\"\n");
        let telling = Adjust { telling: true, ..Adjust::default() };
        assert_eq!(steps(FILE, &quiet).0, [Step::Adjust("globex".to_owned(), telling)]);
        let all = format!("{FILE}[alerts]\ndigestHour = 8\n[retention]\nread = 3600000\n");
        let adjust = Adjust { telling: true, retention: true, ..Adjust::default() };
        let both = ["acme", "globex"].map(|name| Step::Adjust(name.to_owned(), adjust));
        assert_eq!(steps(FILE, &all).0, both);
        let (_, said) = plan(&configured(FILE), &configured(&all));
        assert_eq!(
            said.unwrap().message(Language::German),
            "Es gilt: wie Alarme gemeldet werden; wie lange etwas aufbewahrt wird."
        );
        let history = format!("{FILE}[history]\nmegabytes = 64\n");
        assert_eq!(steps(FILE, &history).0.len(), 2, "each keeps one");
    }

    #[test]
    fn the_first_profile_ends_the_demo_and_the_last_one_brings_it_back() {
        let one = "[profiles.acme]\nurl = \"wss://a\"\n";
        let demo = "demo".to_owned();
        let acme = "acme".to_owned();
        assert_eq!(steps("", one).0, [Step::Stop(demo.clone()), Step::Start(acme.clone())]);
        assert_eq!(steps(one, "").0, [Step::Stop(acme), Step::Start(demo)]);
    }
}
