//! Which rules and times watch a vault, and why these.

use std::borrow::Cow;

use domain::VaultId;
use domain::view::{Target, VerdictView};
use yew::prelude::*;

use crate::design::Icon;
use crate::session::{Asked, Pace, use_asked};
use crate::shell::route;
use crate::words::{policy, policy_settings, rules, settings_config as config, vault_watch as say};

/// Rules and settings may change while somebody looks.
const PACE: Pace = Pace { settle: 0, period: 5_000 };

#[derive(PartialEq, Properties)]
pub(crate) struct WatchProps {
    pub(crate) id: VaultId,
}

#[component]
pub(crate) fn Watch(props: &WatchProps) -> Html {
    let asked = use_asked(props.id.clone(), PACE, |session, id| {
        let (of, answer) = (id.clone(), session.explain(id.clone()));
        Box::pin(async move { Ok((of, answer.await?)) })
    });
    // Without an answer there is no card: nothing else depends on it.
    let Asked::Answer(answer) = asked else { return Html::default() };
    let (of, Some(known)) = &*answer else { return Html::default() };
    if *of != props.id {
        return Html::default();
    }
    html! {
        <section class="card" aria-label={say::title()} data-testid="vault-rules">
            <h2 class="card-head">{ say::title() }<small>{ say::and_why() }</small></h2>
            <ul class="verdicts">
                <li class="applies">{ Icon::Check.html() }<span><strong>{ say::ladder() }</strong><small>{ say::ladder_why() }</small></span></li>
                { for known.rules.iter().map(verdict) }
            </ul>
            if !known.settings.is_empty() {
                <dl class="facts-list">
                    { for known.settings.iter().map(|setting| html! {
                        <><dt>{ setting_words(&setting.name) }</dt><dd>{ value_words(&setting.name, &setting.value) }<small>{ from_words(&setting.from) }</small></dd></>
                    }) }
                </dl>
            }
        </section>
    }
}

/// `Medium is told after`. A setting that this window does not know stands for itself.
fn setting_words(name: &str) -> &str {
    match name {
        "hold.medium" => say::hold_medium(),
        "hold.high" => say::hold_high(),
        "hold.critical" => say::hold_critical(),
        "recovery" => say::recovery(),
        "repeat.critical" => say::repeat_critical(),
        "repeat.critical_after" => say::repeat_critical_after(),
        "repeat.high" => say::repeat_high(),
        "quiet_hours" => say::quiet_hours(),
        "notify_from" => say::notify_from(),
        "sound_after" => say::sound_after(),
        "call_out_after" => say::call_out_after(),
        "ack_lapse" => say::ack_lapse(),
        other => other,
    }
}

/// Which policy it comes from; what is built in needs no word.
fn from_words(from: &str) -> String {
    match from {
        "built in" => String::new(),
        group => say::from_policy(&group_words(group)),
    }
}

/// `label treasury`, as the policies' list says it.
fn group_words(group: &str) -> String {
    match group.split_once(' ') {
        Some(("profile", name)) => policy::of_profile(name),
        Some(("chain", name)) => policy::of_chain(name),
        Some(("token", name)) => policy::of_token(name),
        Some(("label", name)) => policy::of_label(name),
        Some(("vault", name)) => policy::of_vault(name),
        None if group == "everything" => policy::everything().to_owned(),
        _ => group.to_owned(),
    }
}

fn verdict(one: &VerdictView) -> Html {
    let (class, icon) =
        if one.applies { ("applies", Icon::Check.html()) } else { ("not", Icon::Close.html()) };
    html! { <li {class}>{ icon }<span><strong><a href={route::href(&Target::Rules(Some(one.rule.as_str().into())))}>{ &one.rule }</a></strong><small>{ &one.why }</small></span></li> }
}

/// No time at all is no wait. Times and names are the same in every language; what joins them is not.
fn value_words(name: &str, value: &str) -> Cow<'static, str> {
    match (name, value) {
        (_, "0 s") => say::at_once().into(),
        ("quiet_hours", "none") => policy_settings::none().into(),
        ("quiet_hours", hours) => hours.replacen(" to ", &format!(" {} ", config::to()), 1).into(),
        ("notify_from", "medium") => rules::medium().into(),
        ("notify_from", "high") => rules::high().into(),
        ("notify_from", "critical") => rules::critical().into(),
        (_, other) => other.to_owned().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::{Language, speak};

    #[test]
    fn settings_are_told_in_words() {
        assert_eq!(setting_words("hold.medium"), "Medium is told after");
        assert_eq!(setting_words("recovery"), "Over once back for");
        assert_eq!(value_words("hold.critical", "0 s"), "0 s, at once");
        assert_eq!(value_words("hold.high", "15 s"), "15 s");
        assert_eq!(from_words("built in"), "");
        assert_eq!(from_words("label treasury"), ", by the policy for label treasury");
        let night = "22:00 to 07:00, Europe/Berlin";
        assert_eq!(value_words("quiet_hours", night), night);
        speak(Language::German);
        assert_eq!(from_words("label treasury"), ", nach der Richtlinie für Etikett treasury");
        assert_eq!(from_words("everything"), ", nach der Richtlinie für alles");
        assert_eq!(value_words("quiet_hours", night), "22:00 bis 07:00, Europe/Berlin");
        assert_eq!(value_words("notify_from", "critical"), "kritisch");
    }
}
