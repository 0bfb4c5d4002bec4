//! The page's commands where the page is in another process: by their name, with arguments as they were written.
//!
//! The window's process has asked Tauri whether the page may call them. Here is the list once more: what is not on it
//! cannot be called, whatever that process asks.

use std::collections::BTreeMap;

use futures_util::future::BoxFuture;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::{RawValue, to_raw_value};
use tauri::ipc::{Channel, InvokeResponseBody};

use super::here::Here;
use super::{
    autostart, channels, commands, history, links, plots, profiles, questions, rules, settings,
    view,
};
use crate::parts::Parts;
use crate::window::{Answer, Link};

/// What the page wants.
pub(crate) struct Call {
    parts: Parts,
    window: Link,
    command: String,
    arguments: BTreeMap<String, Box<RawValue>>,
}

/// When there is an answer.
pub(crate) enum Outcome {
    Now(Answer),
    Later(BoxFuture<'static, Answer>),
}

/// Of an answer: what is wrong, in JSON.
type Refused = Box<RawValue>;

/// As the texts of Tauri's channels begin.
const CHANNEL: &str = "__CHANNEL__:";

impl Call {
    /// # Errors
    /// Its arguments are no object.
    pub(crate) fn new(
        parts: Parts,
        window: Link,
        command: &str,
        arguments: &RawValue,
    ) -> Result<Self, Refused> {
        let no_object = |error| in_words(&format!("the arguments of `{command}`: {error}"));
        let arguments = serde_json::from_str(arguments.get()).map_err(no_object)?;
        Ok(Self { parts, window, command: command.to_owned(), arguments })
    }

    /// The argument of that name, which is written in the page's way: `rule_name` as `ruleName`.
    fn argument<T: DeserializeOwned>(&self, name: &str) -> Result<T, Refused> {
        let name = camel_case(name);
        // What is left out is nothing to who wants nothing of it.
        let text = self.arguments.get(&name).map_or("null", |value| value.get());
        serde_json::from_str(text)
            .map_err(|error| in_words(&format!("`{name}` of `{}`: {error}", self.command)))
    }

    /// The watch that the command is about.
    fn here(&self) -> Result<Here, Refused> {
        let profile: Option<String> = self.argument(Here::ARGUMENT)?;
        Here::of(&self.parts.watches, profile.as_deref()).map_err(in_words)
    }

    /// A channel that the page has opened and named by an argument.
    fn channel<T>(&self, name: &str) -> Result<Channel<T>, Refused> {
        let text: String = self.argument(name)?;
        let id = text.strip_prefix(CHANNEL).and_then(|id| id.parse().ok());
        let id = id.ok_or_else(|| in_words(&format!("`{text}` is no channel")))?;
        let window = self.window.clone();
        Ok(Channel::new(move |body| {
            if let InvokeResponseBody::Json(json) = body {
                window.send_on(id, RawValue::from_string(json)?);
            }
            Ok(())
        }))
    }
}

/// A reason as Tauri tells one.
pub(crate) fn in_words(reason: &str) -> Refused {
    to_raw_value(reason).expect("a text is JSON")
}

fn said<T: Serialize, E: Serialize>(result: Result<T, E>) -> Answer {
    let written = match &result {
        Ok(value) => to_raw_value(value).map(Answer::Done),
        Err(error) => to_raw_value(error).map(Answer::Refused),
    };
    written.unwrap_or_else(|error| Answer::Refused(in_words(&error.to_string())))
}

fn camel_case(name: &str) -> String {
    let mut words = name.split('_');
    let mut camel = words.next().unwrap_or_default().to_owned();
    for word in words {
        let mut letters = word.chars();
        camel.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        camel.push_str(letters.as_str());
    }
    camel
}

/// An argument of a command: `parts` is what the application is made of, `here` the watch it is about, `channel` one of the
/// page's, and everything else has its name among the arguments.
macro_rules! argument {
    ($call:ident parts) => {
        $call.parts.clone()
    };
    ($call:ident here) => {
        $call.here()?
    };
    ($call:ident channel) => {
        $call.channel("channel")?
    };
    ($call:ident $name:ident) => {
        $call.argument(stringify!($name))?
    };
}

/// How a command is called: `tell` has no answer, `ask` has one at once, `wait` later.
macro_rules! outcome {
    ($call:ident tell $module:ident::$command:ident($($argument:ident),*)) => {{
        let done = || -> Result<(), Refused> {
            $module::$command($(argument!($call $argument)),*);
            Ok(())
        };
        Outcome::Now(said(done()))
    }};
    ($call:ident ask $module:ident::$command:ident($($argument:ident),*)) => {{
        let done = || -> Result<Answer, Refused> {
            Ok(said($module::$command($(argument!($call $argument)),*)))
        };
        Outcome::Now(done().unwrap_or_else(Answer::Refused))
    }};
    ($call:ident wait $module:ident::$command:ident($($argument:ident),*)) => {
        Outcome::Later(Box::pin(async move {
            let done: Result<Answer, Refused> = async {
                Ok(said($module::$command($(argument!($call $argument)),*).await))
            }
            .await;
            done.unwrap_or_else(Answer::Refused)
        }))
    };
}

macro_rules! commands {
    ($($how:ident $module:ident::$command:ident($($argument:ident),*);)*) => {
        /// The names of all commands.
        #[cfg(test)]
        const NAMES: &[&str] = &[$(stringify!($command)),*];

        /// Does what the page wants.
        pub(crate) fn carry_out(call: Call) -> Outcome {
            match call.command.as_str() {
                $(stringify!($command) => outcome!(call $how $module::$command($($argument),*)),)*
                other => Outcome::Now(Answer::Refused(in_words(&format!("there is no command `{other}`")))),
            }
        }
    };
}

commands! {
    wait commands::attach(parts, channel, profile);
    tell commands::acknowledge_batch(parts, profile, seq);
    tell commands::look_at(parts, profile, ids);
    wait commands::vault_detail(here, id);
    wait commands::explain(here, id);
    wait commands::notifications(here);
    tell commands::mark_read(here, ids);
    tell commands::mark_all_read(here);
    tell commands::dismiss(here, ids);
    tell commands::put_back(here, ids);
    tell commands::acknowledge(here, ids);
    tell commands::unacknowledge(here, ids);
    tell commands::snooze(here, ids, until);
    tell commands::unsnooze(here, ids);
    tell commands::snooze_all(here, until);
    tell commands::false_alarm(here, id);
    tell commands::test_critical(here);
    tell commands::set_preferences(parts, profile, preferences);
    wait commands::alert_origin(here, id);
    wait commands::export_notifications(here, format, ids);
    tell commands::set_theme(parts, theme);
    tell commands::report_panic(message);
    wait commands::take_target(here);
    wait commands::export_diagnostics(here);
    wait autostart::autostart();
    wait autostart::set_autostart(parts, on);
    wait channels::channels(parts, profile);
    wait channels::test_channel(parts, profile, name);
    wait channels::test_sound(parts);
    wait history::vault_history(here, query);
    wait links::open_explorer(parts, id, chain);
    ask plots::export_plot(name, format, content);
    ask profiles::profiles(parts);
    wait profiles::add_profile(parts, new);
    wait profiles::rename_profile(parts, from, to);
    wait profiles::change_profile(parts, name, change);
    wait profiles::remove_profile(parts, name, remains);
    wait profiles::profile_kept(parts, name);
    wait rules::rules(here);
    wait rules::check_rules(here, edit);
    wait rules::change_rules(here, revision, edit);
    wait rules::undo_rules(here);
    wait rules::dry_run_rule(here, query);
    ask view::keep_view(parts, view);
    wait questions::what_if(here, shocks);
    wait questions::find_vaults(here, text, most);
    wait questions::price_trends(here, chain, tokens);
    wait questions::system(here);
    wait questions::connection_events(here);
    wait questions::check_address(channel, address);
    wait settings::config(parts);
    wait settings::change_config(parts, change);
    wait settings::undo_config(parts);
    wait settings::set_token(parts, profile, token);
    wait settings::keys(parts);
    wait settings::import_key(parts, kid, key);
    wait settings::change_key(parts, kid, act);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The list is written three times, for three readers.
    #[test]
    fn the_lists_of_commands_agree() {
        let build = include_str!("../../build.rs");
        let list = build.split("const COMMANDS: &[&str] = &[").nth(1).unwrap();
        let list = list.split("];").next().unwrap();
        let words = list.split('"').skip(1).step_by(2);
        assert_eq!(words.collect::<Vec<_>>(), NAMES, "build.rs, and calls.rs");
        let capability = include_str!("../../../capabilities/main.json");
        for name in NAMES {
            let permission = format!("\"allow-{}\"", name.replace('_', "-"));
            assert!(capability.contains(&permission), "capabilities/main.json has no {permission}");
        }
    }

    #[test]
    fn arguments_are_named_as_the_page_names_them() {
        assert_eq!(camel_case("ids"), "ids");
        assert_eq!(camel_case("rule_name"), "ruleName");
        assert_eq!(camel_case("a_b_c"), "aBC");
    }

    #[test]
    fn an_answer_is_what_tauri_would_have_made_of_it() {
        let text = |answer| match answer {
            Answer::Done(json) => format!("done {}", json.get()),
            Answer::Refused(json) => format!("refused {}", json.get()),
        };
        assert_eq!(text(said::<_, ()>(Ok(()))), "done null");
        assert_eq!(text(said::<_, ()>(Ok(Some("a\"b")))), r#"done "a\"b""#);
        assert_eq!(text(said::<(), _>(Err("why"))), r#"refused "why""#);
    }
}
