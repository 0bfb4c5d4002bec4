//! The one place that touches `window.__TAURI_INTERNALS__`.
//!
//! Values cross as JSON text: figures are decimal strings there and keep their digits.

mod arguments;
mod profiles;
mod questions;
mod shown;

use std::cell::RefCell;

use domain::rules::RulesEdit;
use domain::view::{
    Attached, AutostartView, ChannelView, DryRunAnswer, DryRunQuery, ExplanationView, FaultView,
    FirstFrame, HistoryQuery, HistoryView, NotificationId, NotificationView, Origin, Preferences,
    RulesAnswer, RulesView, Target, Theme, VaultDetail,
};
use domain::{ChainId, UnixMillis, VaultId};
use js_sys::{JSON, Promise, Reflect};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use arguments::Arguments;

use super::{Answer, Backend, BackendError, ExportFormat, Plot, Sinks, json};
use crate::words::shell_backend as say;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = ["window", "__TAURI_INTERNALS__"], js_name = invoke, catch)]
    fn raw_invoke(command: &str, arguments: JsValue) -> Result<Promise, JsValue>;

    /// Registers a function under a number that the shell can call it by.
    #[wasm_bindgen(js_namespace = ["window", "__TAURI_INTERNALS__"], js_name = transformCallback)]
    fn register(callback: &JsValue, once: bool) -> f64;
}

/// Talks to the Tauri process this page was loaded by.
pub(crate) struct Shell;

impl Backend for Shell {
    fn first_frame(&self) -> FirstFrame {
        let text = Reflect::get(&js_sys::global(), &FirstFrame::NAME.into()).ok();
        let text = text.and_then(|text| text.as_string());
        // One that cannot be read is one that is not there: everything comes once more with `attach`.
        text.and_then(|text| json::read(&text).ok()).unwrap_or_default()
    }

    fn keep_view(&self, view: String) -> Answer<()> {
        answer("keep_view", with("view", &view))
    }

    fn attach(&self, profile: Option<String>, sinks: Sinks) -> Answer<Attached> {
        Box::pin(async move {
            if !is_present() {
                return Err(BackendError::NoShell);
            }
            shown::set(profile.as_deref());
            // First the events: what happens while the answer is on its way must not be missed.
            shown::hear(sinks.events).await?;
            let arguments = with("channel", &open_channel(sinks.ticks)).with("profile", &profile);
            let attached: Attached = read(&invoke("attach", arguments).await?, "attach")?;
            shown::settle(profile.as_deref(), attached.feed.mode.name());
            Ok(attached)
        })
    }

    fn acknowledge_batch(&self, seq: u64) -> Answer<()> {
        answer("acknowledge_batch", with("seq", &seq))
    }

    fn look_at(&self, ids: Vec<VaultId>) -> Answer<()> {
        answer("look_at", with("ids", &ids))
    }

    fn vault_detail(&self, id: VaultId) -> Answer<Option<VaultDetail>> {
        answer("vault_detail", with("id", &id))
    }

    fn explain(&self, id: VaultId) -> Answer<Option<ExplanationView>> {
        answer("explain", with("id", &id))
    }

    fn vault_history(&self, query: HistoryQuery) -> Answer<HistoryView> {
        answer("vault_history", with("query", &query))
    }

    fn notifications(&self) -> Answer<Vec<NotificationView>> {
        answer("notifications", none())
    }

    fn mark_read(&self, ids: Vec<NotificationId>) -> Answer<()> {
        answer("mark_read", with("ids", &ids))
    }

    fn mark_all_read(&self) -> Answer<()> {
        answer("mark_all_read", none())
    }

    fn dismiss(&self, ids: Vec<NotificationId>) -> Answer<()> {
        answer("dismiss", with("ids", &ids))
    }

    fn put_back(&self, ids: Vec<NotificationId>) -> Answer<()> {
        answer("put_back", with("ids", &ids))
    }

    fn acknowledge(&self, ids: Vec<NotificationId>) -> Answer<()> {
        answer("acknowledge", with("ids", &ids))
    }

    fn unacknowledge(&self, ids: Vec<NotificationId>) -> Answer<()> {
        answer("unacknowledge", with("ids", &ids))
    }

    fn snooze(&self, ids: Vec<NotificationId>, until: UnixMillis) -> Answer<()> {
        answer("snooze", with("ids", &ids).with("until", &until))
    }

    fn unsnooze(&self, ids: Vec<NotificationId>) -> Answer<()> {
        answer("unsnooze", with("ids", &ids))
    }

    fn snooze_all(&self, until: UnixMillis) -> Answer<()> {
        answer("snooze_all", with("until", &until))
    }

    fn false_alarm(&self, id: NotificationId) -> Answer<()> {
        answer("false_alarm", with("id", &id))
    }

    fn test_critical(&self) -> Answer<()> {
        answer("test_critical", none())
    }

    fn alert_origin(&self, id: NotificationId) -> Answer<Option<Origin>> {
        answer("alert_origin", with("id", &id))
    }

    fn export_notifications(
        &self,
        format: ExportFormat,
        ids: Vec<NotificationId>,
    ) -> Answer<String> {
        answer("export_notifications", with("format", &format).with("ids", &ids))
    }

    fn autostart(&self) -> Answer<AutostartView> {
        answer("autostart", none())
    }

    fn set_autostart(&self, on: bool) -> Answer<AutostartView> {
        answer("set_autostart", with("on", &on))
    }

    fn channels(&self) -> Answer<Vec<ChannelView>> {
        answer("channels", none())
    }

    fn test_channel(&self, name: String) -> Answer<()> {
        answer("test_channel", with("name", &name))
    }

    fn test_sound(&self) -> Answer<()> {
        answer("test_sound", none())
    }

    fn rules(&self) -> Answer<RulesView> {
        answer("rules", none())
    }

    fn check_rules(&self, edit: RulesEdit) -> Answer<Vec<FaultView>> {
        answer("check_rules", with("edit", &edit))
    }

    fn change_rules(&self, revision: String, edit: RulesEdit) -> Answer<RulesAnswer> {
        answer("change_rules", with("revision", &revision).with("edit", &edit))
    }

    fn undo_rules(&self) -> Answer<RulesView> {
        answer("undo_rules", none())
    }

    fn dry_run_rule(&self, query: DryRunQuery) -> Answer<DryRunAnswer> {
        answer("dry_run_rule", with("query", &query))
    }

    fn set_preferences(&self, preferences: Preferences) -> Answer<()> {
        answer("set_preferences", with("preferences", &preferences))
    }

    fn open_explorer(&self, id: VaultId, chain: ChainId) -> Answer<()> {
        answer("open_explorer", with("id", &id).with("chain", &chain))
    }

    fn export_plot(&self, plot: Plot) -> Answer<String> {
        let arguments = with("name", &plot.name).with("format", &plot.format);
        answer("export_plot", arguments.with("content", &plot.content))
    }

    fn set_theme(&self, theme: Theme) -> Answer<()> {
        answer("set_theme", with("theme", &theme))
    }

    fn take_target(&self) -> Answer<Option<Target>> {
        answer("take_target", none())
    }

    fn export_diagnostics(&self) -> Answer<String> {
        answer("export_diagnostics", none())
    }
}

/// Whether the page is inside the application's window.
pub(super) fn is_present() -> bool {
    Reflect::has(&js_sys::global(), &"__TAURI_INTERNALS__".into()).unwrap_or(false)
}

pub(super) fn report_panic(message: &str) {
    if !is_present() {
        return;
    }
    if let Ok(arguments) = JSON::parse(&with("message", message).text()) {
        // Nobody is left to read the answer.
        drop(raw_invoke("report_panic", arguments));
    }
}

fn none() -> Arguments {
    Arguments::default()
}

fn with(name: &'static str, value: &(impl Serialize + ?Sized)) -> Arguments {
    none().with(name, value)
}

fn answer<T: DeserializeOwned + 'static>(command: &'static str, arguments: Arguments) -> Answer<T> {
    let text = invoke(command, shown::about(arguments));
    Box::pin(async move { read(&text.await?, command) })
}

/// The answer as JSON. On the heap and of no type of its own: each command that waits for it is as much less code.
fn invoke(command: &'static str, arguments: Arguments) -> Answer<String> {
    Box::pin(async move {
        let refused = |error: JsValue| BackendError::Refused { command, reason: in_words(&error) };
        let arguments = JSON::parse(&arguments.text()).map_err(refused)?;
        let promise = raw_invoke(command, arguments).map_err(refused)?;
        let result = JsFuture::from(promise).await.map_err(refused)?;
        Ok(to_text(&result))
    })
}

/// Whose events are listened to.
#[derive(Serialize)]
struct Listened {
    kind: &'static str,
}

/// Calls `sink` with every Tauri event of this name for as long as the page lives.
async fn listen<T: DeserializeOwned + 'static>(
    event: &'static str,
    sink: Box<dyn Fn(T)>,
) -> Result<(), BackendError> {
    let handler = Closure::<dyn Fn(JsValue)>::new(move |event: JsValue| {
        let payload = Reflect::get(&event, &"payload".into()).unwrap_or_default();
        hand_over(&to_text(&payload), "an event of the shell", &sink);
    });
    let number = register(&handler.into_js_value(), false);
    let arguments = with("event", event)
        .with("target", &Listened { kind: "Any" })
        .with("handler", &(number as u32));
    // The answer is the listener's number, needed to end it only.
    invoke("plugin:event|listen", arguments).await?;
    Ok(())
}

/// A channel in Tauri's own protocol, as the text that stands for it among the arguments of a command.
///
/// The shell calls back with `{ message, index }`. A message above 8 KiB takes a detour and may be overtaken,
/// so later ones wait for it here. `{ end, index }` says that nothing follows.
fn open_channel<T: DeserializeOwned + 'static>(sink: Box<dyn Fn(T)>) -> String {
    let queue = RefCell::new(InOrder::default());
    let handler = Closure::<dyn Fn(JsValue)>::new(move |raw: JsValue| {
        let field = |name: &str| Reflect::get(&raw, &name.into()).unwrap_or_default();
        let Some(index) = field("index").as_f64() else { return };
        if field("end").is_truthy() {
            return;
        }
        let ready = queue.borrow_mut().arrived(index as u64, field("message"));
        for message in ready {
            // What comes often comes as a text, which the browser need not read first and write again.
            let text = message.as_string().unwrap_or_else(|| to_text(&message));
            hand_over(&text, "a message on a channel", &sink);
        }
    });
    let number = register(&handler.into_js_value(), false);
    format!("__CHANNEL__:{}", number as u32)
}

/// Puts numbered messages back in order.
struct InOrder<T> {
    next: u64,
    /// In no order: there are few.
    early: Vec<(u64, T)>,
}

impl<T> Default for InOrder<T> {
    fn default() -> Self {
        Self { next: 0, early: Vec::new() }
    }
}

impl<T> InOrder<T> {
    /// The messages whose turn it is now.
    fn arrived(&mut self, index: u64, message: T) -> Vec<T> {
        let is_new = index >= self.next && self.early.iter().all(|(early, _)| *early != index);
        if is_new {
            self.early.push((index, message));
        }
        let mut ready = Vec::new();
        while let Some(at) = self.early.iter().position(|(index, _)| *index == self.next) {
            self.next += 1;
            ready.push(self.early.swap_remove(at).1);
        }
        ready
    }
}

fn hand_over<T: DeserializeOwned>(text: &str, what: &'static str, sink: &dyn Fn(T)) {
    match read(text, what) {
        Ok(value) => sink(value),
        // Shell and window are built together; the next batch may be fine.
        Err(error) => web_sys::console::error_1(&error.to_string().into()),
    }
}

fn to_text(value: &JsValue) -> String {
    // `undefined` has no JSON text: it is what a command without a result gives.
    let text = JSON::stringify(value).ok().and_then(|text| text.as_string());
    text.unwrap_or_else(|| "null".to_owned())
}

fn read<T: DeserializeOwned>(text: &str, what: &'static str) -> Result<T, BackendError> {
    json::read(text).map_err(|error| BackendError::Unreadable { what, reason: error.to_string() })
}

fn in_words(error: &JsValue) -> String {
    let of_field =
        |name: &str| Reflect::get(error, &name.into()).ok().and_then(|message| message.as_string());
    error
        .as_string()
        .or_else(|| of_field("message"))
        .or_else(|| JSON::stringify(error).ok().and_then(|text| text.as_string()))
        .unwrap_or_else(|| say::no_reason().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_that_took_the_detour_is_waited_for() {
        let mut order = InOrder::default();
        assert_eq!(order.arrived(0, "a"), ["a"]);
        assert!(order.arrived(2, "c").is_empty());
        assert!(order.arrived(3, "d").is_empty());
        assert_eq!(order.arrived(1, "b"), ["b", "c", "d"]);
        assert!(order.arrived(1, "b").is_empty(), "twice is once");
        assert_eq!(order.arrived(4, "e"), ["e"]);
    }
}
