use std::rc::Rc;

use domain::view::{ConfigAnswer, ConfigView};
use wasm_bindgen_futures::spawn_local;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::design::{Dropdown, option};
use crate::session::{Session, use_session};
use crate::words::settings_config as say;

/// Between two times, as the core reads it.
const TO: &str = "to";

/// How a value of the file is written for people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Written {
    #[default]
    AsInTheFile,
    /// `23:00 to 07:00`, with the word of the language that is spoken.
    Hours,
}

impl Written {
    fn shown(self, text: &str) -> String {
        match self {
            Self::AsInTheFile => text.to_owned(),
            Self::Hours => text.replacen(TO, say::to(), 1),
        }
    }

    fn read(self, typed: &str) -> String {
        match self {
            Self::AsInTheFile => typed.to_owned(),
            Self::Hours => typed.replacen(say::to(), TO, 1),
        }
    }
}

#[derive(PartialEq, Properties)]
pub(super) struct ConfigFieldProps {
    pub(super) config: Rc<ConfigView>,
    /// The key in the file.
    pub(super) name: AttrValue,
    pub(super) label: AttrValue,
    #[prop_or_default]
    pub(super) hint: AttrValue,
    /// One of these, by value and word; empty: anything that makes sense.
    #[prop_or_default]
    pub(super) choices: Vec<(&'static str, &'static str)>,
    #[prop_or_default]
    pub(super) written: Written,
    #[prop_or_default]
    pub(super) wide: bool,
}

/// One key of the file. It is written when the field is left, or on `Enter`; what makes no sense stays in the field, with
/// the reason.
#[component]
pub(super) fn ConfigField(props: &ConfigFieldProps) -> Html {
    let session = use_session();
    let fault = use_state_eq(|| None::<String>);
    let typed = use_state_eq(|| None::<String>);
    let (text, default) = props
        .config
        .get(&props.name)
        .map(|value| {
            let text = value.text.as_deref().unwrap_or_default();
            (props.written.shown(text), props.written.shown(&value.default))
        })
        .unwrap_or_default();
    let save = {
        let (fault, typed) = (fault.setter(), typed.setter());
        let (name, label, text) = (props.name.clone(), props.label.clone(), text.clone());
        let written = props.written;
        Callback::from(move |next: String| {
            let next = next.trim().to_owned();
            if next == text {
                fault.set(None);
                return typed.set(None);
            }
            let key = (name.to_string(), say::changed(&label));
            let (session, fault, typed) = (session.clone(), fault.clone(), typed.clone());
            spawn_local(async move {
                let refused = put(&session, key, written.read(&next)).await;
                // What was taken over comes back with the file; what was not stays to be mended.
                typed.set(refused.as_ref().map(|_| next));
                fault.set(refused);
            });
        })
    };
    let id = format!("config-{}", props.name.replace('.', "-"));
    let note = format!("{id}-note");
    let invalid = fault.is_some();
    let disabled = props.config.locked.is_some();
    let shown = (*typed).clone().unwrap_or_else(|| text.clone());
    let control = if props.choices.is_empty() {
        let onchange = save.reform(|event: Event| {
            event.target_dyn_into::<HtmlInputElement>().map(|at| at.value()).unwrap_or_default()
        });
        let oninput = {
            let typed = typed.setter();
            Callback::from(move |event: InputEvent| {
                typed.set(event.target_dyn_into::<HtmlInputElement>().map(|at| at.value()));
            })
        };
        let onkeydown = {
            let (fault, typed) = (fault.setter(), typed.setter());
            Callback::from(move |event: KeyboardEvent| {
                if event.key() == "Escape"
                    && let Some(input) = event.target_dyn_into::<HtmlInputElement>()
                    && input.value() != text
                {
                    // Back to what is in force, and no further.
                    event.stop_propagation();
                    fault.set(None);
                    typed.set(None);
                }
            })
        };
        html! {
            <span class="field-input">
                <input id={id.clone()} data-testid={id.clone()} type="text" autocomplete="off" autocapitalize="off" spellcheck="false" {disabled}
                    placeholder={default} value={shown} aria-invalid={invalid.to_string()} aria-describedby={note.clone()} {oninput} {onchange} {onkeydown} />
            </span>
        }
    } else {
        let chosen = if shown.is_empty() { default } else { shown };
        html! {
            <Dropdown id={id.clone()} chosen={chosen.clone()} on_choose={save} {disabled} {invalid} note={note.clone()}>
                { for props.choices.iter().map(|(value, word)| option(value, word, &chosen)) }
            </Dropdown>
        }
    };
    html! {
        <div class={classes!("field", "entry", invalid.then_some("invalid"), props.wide.then_some("wide"))}>
            <label for={id.clone()}>{ &props.label }</label>
            { control }
            <p id={note} class="field-note" role={invalid.then_some("alert")}>{ match &*fault {
                Some(why) => sentence(why),
                None => props.hint.to_string(),
            } }</p>
        </div>
    }
}

/// Why it was not taken over; `None`: it was.
async fn put(session: &Session, (key, done): (String, String), text: String) -> Option<String> {
    let text = (!text.is_empty()).then_some(text);
    match session.change_config(key, text, done).await {
        Ok(ConfigAnswer::Saved(_)) => None,
        Ok(ConfigAnswer::Faulty(why)) => Some(why),
        Ok(ConfigAnswer::Outdated(_)) => Some(say::outdated().to_owned()),
        Err(error) => Some(error.in_words()),
    }
}

/// `is missing` as it stands under the field: `Is missing.`
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    let stop = if text.ends_with(['.', '"', '?']) { "" } else { "." };
    format!("{first}{}{stop}", letters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::{Language, speak};

    #[test]
    fn hours_are_read_as_they_are_shown() {
        let file = "23:00 to 07:00";
        assert_eq!(Written::Hours.shown(file), file);
        speak(Language::German);
        assert_eq!(Written::Hours.shown(file), "23:00 bis 07:00");
        for typed in ["23:00 bis 07:00", file] {
            assert_eq!(Written::Hours.read(typed), file);
        }
        assert_eq!(Written::AsInTheFile.read("wss://a.example/to"), "wss://a.example/to");
    }
}
