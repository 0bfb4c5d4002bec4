use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use realtime::Topic;
use rhai::{Dynamic, ImmutableString, Map};
use serde::Serialize;
use smol_str::SmolStr;
use wire::{Message, UnixMillis};

use crate::json::{self, NoJson};
use crate::script::Script;
use crate::{AlertView, ErrorKind, Hook, Limits, Notification, PluginError, Protection, StateView};

/// One script with what it keeps between calls. Knows no folder, no clock and no other plugin.
pub struct Plugin {
    name: SmolStr,
    limits: Limits,
    script: Script,
    /// `this` in a hook.
    state: Dynamic,
    /// Which messages it wants; empty: all of them.
    topics: Vec<Topic>,
}

/// What one call came to.
#[derive(Debug)]
pub struct Report {
    pub outcome: Outcome,
    pub emitted: Vec<Message>,
    pub notifications: Vec<Notification>,
    /// What it printed.
    pub printed: Vec<String>,
    pub refused: Vec<Refusal>,
    /// Why it ended early. What it had emitted and told until then counts all the same.
    pub error: Option<PluginError>,
}

/// What becomes of the message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It goes on as it came: the hook returned nothing, or the same, or failed, or must not.
    Unchanged,
    Changed(Message),
    Dropped,
}

/// Something the plugin wanted and was not given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "refused", content = "reason")]
pub enum Refusal {
    Drop,
    Change(String),
    Emit,
    Notification,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Drop => f.write_str("drop: it might be critical, and must pass"),
            Self::Change(why) => write!(f, "change: {why}"),
            Self::Emit => f.write_str("emit: see the error"),
            Self::Notification => f.write_str("notify: more than are allowed in a minute"),
        }
    }
}

impl Plugin {
    /// Longest name, in bytes.
    pub const NAME_LIMIT: usize = 64;

    /// Compiles a script and runs its top level.
    ///
    /// # Errors
    /// [`ErrorKind::File`] for a name that is not 1 to 64 of a-z, A-Z, 0-9, `_` and `-`; [`ErrorKind::Syntax`] for what
    /// does not compile or has no hook; [`ErrorKind::Script`] for a bad `TOPICS`; [`ErrorKind::State`] for a `state`
    /// that is no map or too large; and whatever kind of failure its top level ended with.
    pub fn load(name: &str, source: &str, limits: Limits) -> Result<Self, PluginError> {
        let known = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
        if !(1..=Self::NAME_LIMIT).contains(&name.len()) || !name.bytes().all(known) {
            let reason = "a plugin's name is 1 to 64 of a-z, A-Z, 0-9, `_` and `-`";
            return Err(PluginError::new(ErrorKind::File, reason));
        }
        let name = SmolStr::new(name);
        let loaded = catch_unwind(|| Script::load(&name, source, &limits));
        Self::with(name.clone(), limits.clone(), loaded.unwrap_or_else(|_| Err(panicked()))?)
    }

    fn with(name: SmolStr, limits: Limits, script: Script) -> Result<Self, PluginError> {
        let topics = topics(script.constant("TOPICS"))?;
        let state = Dynamic::from(script.initial().clone());
        check_state(&state, &limits)?;
        Ok(Self { name, limits, script, state, topics })
    }

    #[must_use]
    pub fn name(&self) -> &SmolStr {
        &self.name
    }

    /// Which hooks it has.
    #[must_use]
    pub fn hooks(&self) -> &[Hook] {
        self.script.hooks()
    }

    /// Whether it is to see a message: it has `on_message`, and its `TOPICS` name the type or are not there.
    #[must_use]
    pub fn wants(&self, message: &Message) -> bool {
        self.hooks().contains(&Hook::OnMessage)
            && (self.topics.is_empty() || self.topics.iter().any(|t| t.matches(message.ty())))
    }

    /// Shows it a message. `None` when it is not called: it does not want it, or the message cannot be shown
    /// without loss (see [`Plugin::can_see`]).
    pub fn on_message(
        &mut self,
        message: &Message,
        protection: &dyn Protection,
        now: UnixMillis,
    ) -> Option<Report> {
        if !self.wants(message) {
            return None;
        }
        let data = self.data_of(message)?;
        let mut shown = Map::new();
        shown.insert("type".into(), message.ty().into());
        shown.insert("data".into(), data);
        shown.insert("timestamp".into(), message.timestamp.0.into());
        let id = message.id().map_or(Dynamic::UNIT, |id| id.into());
        shown.insert("id".into(), id);
        let (mut report, returned, dropped) = self.call(Hook::OnMessage, shown.into(), now);
        if report.error.is_some() {
            return Some(report);
        }
        if dropped {
            if protection.must_pass(message) {
                report.refused.push(Refusal::Drop);
            } else {
                report.outcome = Outcome::Dropped;
            }
            return Some(report);
        }
        match self.replacement(message, returned) {
            Ok(None) => {}
            Ok(Some(other)) => match protection.may_replace(message, &other) {
                Ok(()) => report.outcome = Outcome::Changed(other),
                Err(why) => report.refused.push(Refusal::Change(why)),
            },
            Err(error) => report.error = Some(error.in_hook(Hook::OnMessage)),
        }
        Some(report)
    }

    /// Whether a script can be shown this message just as it is: at most [`Limits::data_bytes`], no field given twice,
    /// not nested more than 32 times.
    #[must_use]
    pub fn can_see(&self, message: &Message) -> bool {
        self.data_of(message).is_some()
    }

    fn data_of(&self, message: &Message) -> Option<Dynamic> {
        if message.data().len() > self.limits.data_bytes {
            return None;
        }
        json::read(std::str::from_utf8(message.data()).ok()?)
    }

    /// Shows it an alert; `None` without the hook.
    pub fn on_alert(&mut self, alert: &AlertView, now: UnixMillis) -> Option<Report> {
        self.show(Hook::OnAlert, alert, now)
    }

    /// Shows it a state of the connection; `None` without the hook.
    pub fn on_state(&mut self, state: &StateView, now: UnixMillis) -> Option<Report> {
        self.show(Hook::OnState, state, now)
    }

    fn show(&mut self, hook: Hook, what: &impl Serialize, now: UnixMillis) -> Option<Report> {
        if !self.hooks().contains(&hook) {
            return None;
        }
        let text = serde_json::to_string(what).expect("a view has string keys only");
        let (mut report, _, dropped) = self.call(hook, json::read(&text)?, now);
        if dropped && report.error.is_none() {
            let reason = "drop: there is no message here to drop";
            report.error = Some(PluginError::new(ErrorKind::Script, reason).in_hook(hook));
        }
        Some(report)
    }

    fn call(&mut self, hook: Hook, argument: Dynamic, now: UnixMillis) -> (Report, Dynamic, bool) {
        self.script.begin(now, self.limits.time);
        // Unwind safe: the state is made anew after a panic, and the acts of a call are complete one by one.
        let run = AssertUnwindSafe(|| self.script.run(hook, &mut self.state, argument));
        let run = catch_unwind(run);
        let acts = self.script.call().end();
        let mut result = run.unwrap_or_else(|_| {
            self.forget();
            Err(panicked().in_hook(hook))
        });
        if let Err(error) = check_state(&self.state, &self.limits) {
            self.forget();
            result = result.and(Err(error.in_hook(hook)));
        }
        let refused = std::iter::repeat_n(Refusal::Emit, count(acts.refused_emits))
            .chain(std::iter::repeat_n(Refusal::Notification, count(acts.refused_notifications)));
        let (returned, error) = match result {
            Ok(returned) => (returned, None),
            Err(error) => (Dynamic::UNIT, Some(error)),
        };
        let report = Report {
            outcome: Outcome::Unchanged,
            refused: refused.collect(),
            emitted: acts.emitted,
            notifications: acts.notifications,
            printed: acts.printed,
            error,
        };
        (report, returned, acts.dropped)
    }

    fn forget(&mut self) {
        self.state = Dynamic::from(self.script.initial().clone());
    }

    /// The message that a hook returned; `None` when it is the one it was given, or nothing.
    fn replacement(
        &self,
        message: &Message,
        returned: Dynamic,
    ) -> Result<Option<Message>, PluginError> {
        let wrong = |reason: String| PluginError::new(ErrorKind::Result, reason);
        // In Rhai the last statement's value is returned, meant or not; only a map can be meant.
        let Some(mut map) = returned.try_cast::<Map>() else { return Ok(None) };
        let data = map.remove("data").ok_or_else(|| wrong("`data` is missing".to_owned()))?;
        let ty = text(map.remove("type"), "type")?.unwrap_or_else(|| message.ty().into());
        let timestamp = match map.remove("timestamp") {
            None => message.timestamp,
            Some(value) => UnixMillis(value.as_int().map_err(|found| {
                wrong(format!("`timestamp` must be a whole number; this is `{found}`"))
            })?),
        };
        let id = match map.remove("id") {
            None => message.id().map(SmolStr::new),
            id => text(id, "id")?.map(|id| SmolStr::new(id.as_str())),
        };
        if let Some(unknown) = map.keys().next() {
            return Err(wrong(format!("a message has no field `{unknown}`")));
        }
        let data = json::write(&data, self.limits.data_bytes).map_err(|e| {
            let kind =
                if matches!(e, NoJson::Size(_)) { ErrorKind::Size } else { ErrorKind::Result };
            PluginError::new(kind, format!("`data`: {e}"))
        })?;
        let other = Message::new(&ty, &data, timestamp, id.as_deref());
        let mut other = other.map_err(|invalid| wrong(invalid.to_string()))?;
        other.place = message.place;
        let same = other.ty() == message.ty()
            && other.id() == message.id()
            && other.timestamp == message.timestamp
            && self.data_of(message).is_some_and(|before| {
                json::write(&before, usize::MAX).is_ok_and(|before| before.get() == data.get())
            });
        Ok((!same).then_some(other))
    }
}

impl fmt::Debug for Plugin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plugin").field("name", &self.name).field("hooks", &self.hooks()).finish()
    }
}

fn count(refused: u64) -> usize {
    usize::try_from(refused).unwrap_or(usize::MAX).min(1_000)
}

fn panicked() -> PluginError {
    PluginError::new(ErrorKind::Panic, "the interpreter panicked; see the log")
}

/// `()` is what a missing one was shown as.
fn text(value: Option<Dynamic>, name: &str) -> Result<Option<ImmutableString>, PluginError> {
    match value {
        None => Ok(None),
        Some(value) if value.is_unit() => Ok(None),
        Some(value) => value.into_immutable_string().map(Some).map_err(|found| {
            let reason = format!("`{name}` must be a text; this is `{found}`");
            PluginError::new(ErrorKind::Result, reason)
        }),
    }
}

fn topics(constant: Option<&Dynamic>) -> Result<Vec<Topic>, PluginError> {
    let Some(constant) = constant else { return Ok(Vec::new()) };
    let wrong = |why: String| PluginError::new(ErrorKind::Script, format!("TOPICS: {why}"));
    let Some(list) = constant.read_lock::<rhai::Array>() else {
        return Err(wrong("must be a list of texts".to_owned()));
    };
    let topic = |value: &Dynamic| {
        let text = value.read_lock::<ImmutableString>();
        let text = text.ok_or_else(|| wrong("must be a list of texts".to_owned()))?;
        Topic::parse(&text).map_err(|e| wrong(format!("`{}`: {e}", *text)))
    };
    list.iter().map(topic).collect()
}

/// State is a map of plain data within its limit.
fn check_state(state: &Dynamic, limits: &Limits) -> Result<(), PluginError> {
    let wrong = |reason: String| PluginError::new(ErrorKind::State, reason);
    if !state.is_map() {
        return Err(wrong(format!("`this` must stay a map, it became `{}`", state.type_name())));
    }
    let mut left = limits.state_bytes;
    weigh(state, &mut left, 64).map_err(|reason| match reason {
        Unfit::Large => wrong(format!("`this` is larger than {} bytes", limits.state_bytes)),
        Unfit::Type(name) => wrong(format!("`this` holds a `{name}`, which is no data")),
    })
}

enum Unfit {
    Large,
    Type(String),
}

fn weigh(value: &Dynamic, left: &mut usize, depth: usize) -> Result<(), Unfit> {
    let depth = depth.checked_sub(1).ok_or(Unfit::Large)?;
    let mut take = |bytes: usize| {
        *left = left.checked_sub(bytes).ok_or(Unfit::Large)?;
        Ok(())
    };
    take(16)?;
    if let Some(map) = value.read_lock::<Map>() {
        for (name, value) in map.iter() {
            *left = left.checked_sub(name.len()).ok_or(Unfit::Large)?;
            weigh(value, left, depth)?;
        }
        Ok(())
    } else if let Some(list) = value.read_lock::<rhai::Array>() {
        list.iter().try_for_each(|value| weigh(value, left, depth))
    } else if let Some(text) = value.read_lock::<ImmutableString>() {
        take(text.len())
    } else if let Some(digits) = value.read_lock::<json::Digits>() {
        take(digits.0.len())
    } else if value.is_unit()
        || value.is_int()
        || value.is_decimal()
        || value.is_bool()
        || value.is_char()
    {
        Ok(())
    } else {
        Err(Unfit::Type(value.type_name().to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_ends_the_call_and_forgets_the_state() {
        let limits = Limits { time: std::time::Duration::from_secs(600), ..Limits::default() };
        let source = "let state = #{n: 0}; fn on_message(msg) { this.n += 1; print(this.n); if this.n == 2 { blow_up() } }";
        let script = Script::load_with(&"p".into(), source, &limits, |engine| {
            engine.register_fn("blow_up", || -> bool { panic!("as planned") });
        });
        let mut plugin = Plugin::with("p".into(), limits, script.unwrap()).unwrap();
        let message = Message::new("note", &1, UnixMillis(0), None).unwrap();
        let mut call = || {
            let report =
                plugin.on_message(&message, &crate::VaultProtection, UnixMillis(0)).unwrap();
            assert_eq!(report.outcome, Outcome::Unchanged);
            (report.printed.join(""), report.error.map(|e| e.kind))
        };
        assert_eq!(call(), ("1".to_owned(), None));
        assert_eq!(call(), ("2".to_owned(), Some(ErrorKind::Panic)));
        assert_eq!(call(), ("1".to_owned(), None));
    }
}
