use domain::view::{OutOfRange, ToastDelay, ToastLimit, ToastPosition};
use rust_decimal::Decimal;
use yew::prelude::*;

use crate::design::{Accept, Field, Switch};
use crate::live::Topic;
use crate::session::{Session, use_live, use_session};
use crate::shell::toast_position;
use crate::words::{self, settings_toasts as say};

/// Where toasts fly, how many at once, and for how long.
#[component]
pub(super) fn ToastSettings() -> Html {
    let session = use_session();
    let toasts = use_live(Topic::Preferences, |state| state.preferences.toasts.clone());
    let place = |position: ToastPosition| {
        let session = session.clone();
        let name = toast_position(position);
        let onchange = Callback::from(move |_: Event| {
            session.change_preferences(|preferences| preferences.toasts.position = position);
        });
        let label = words_of(position);
        html! {
            <label class="place" title={label}>
                <input type="radio" name="toast-position" data-testid={format!("toast-position-{name}")} aria-label={label} checked={toasts.position == position} {onchange} />
                <i aria-hidden="true" data-position={name} />
            </label>
        }
    };
    let auto = {
        let session = session.clone();
        Callback::from(move |on: bool| {
            session.change_preferences(|preferences| preferences.toasts.auto_dismiss = on);
        })
    };
    html! {
        <section id="settings-toasts" class="card" aria-label={say::head()}>
            <h2 class="card-head">{ say::head() }<small>{ say::head_note() }</small></h2>
            <div class="settings-grid">
                <fieldset class="places">
                    <legend>{ say::position() }</legend>
                    <div class="places-screen">{ for ToastPosition::ALL.into_iter().map(place) }</div>
                </fieldset>
                <div class="settings-column">
                    <Field id="toast-limit" label={say::visible()} hint={say::visible_hint()} value={toasts.max_notifications.get().to_string()}
                        accept={limit(&session)} />
                    <Switch id="toast-auto-dismiss" label={say::dismiss()} hint={say::dismiss_hint()}
                        on={toasts.auto_dismiss} onchange={auto} />
                    if toasts.auto_dismiss {
                        <Field id="toast-delay" label={say::after()} unit="s" hint={say::after_hint()} value={seconds(toasts.dismiss_delay)}
                            accept={delay(&session)} />
                    }
                </div>
            </div>
        </section>
    }
}

fn words_of(position: ToastPosition) -> &'static str {
    match position {
        ToastPosition::TopLeft => say::top_left(),
        ToastPosition::TopCenter => say::top_center(),
        ToastPosition::TopRight => say::top_right(),
        ToastPosition::BottomLeft => say::bottom_left(),
        ToastPosition::BottomCenter => say::bottom_center(),
        ToastPosition::BottomRight => say::bottom_right(),
    }
}

fn limit(session: &Session) -> Accept {
    let session = session.clone();
    Accept::new(move |text| {
        let limit: ToastLimit = text.parse().map_err(|_: OutOfRange| {
            say::limit_range(&ToastLimit::LEAST.to_string(), &ToastLimit::MOST.to_string())
        })?;
        session.change_preferences(|preferences| preferences.toasts.max_notifications = limit);
        Ok(())
    })
}

fn delay(session: &Session) -> Accept {
    let session = session.clone();
    Accept::new(move |text| {
        let delay = read_seconds(text)?;
        session.change_preferences(|preferences| preferences.toasts.dismiss_delay = delay);
        Ok(())
    })
}

fn seconds(delay: ToastDelay) -> String {
    words::local(Decimal::new(i64::from(delay.get()), 3).normalize().to_string())
}

/// Seconds with up to three decimals.
fn read_seconds(text: &str) -> Result<ToastDelay, String> {
    let range = || say::delay_range().to_owned();
    let seconds: Decimal = words::typed(text.trim()).parse().map_err(|_| range())?;
    let millis = seconds * Decimal::ONE_THOUSAND;
    let millis = millis.normalize().to_string().parse::<u32>().map_err(|_| range())?;
    ToastDelay::try_from(millis).map_err(|_| range())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::{Language, speak};

    #[test]
    fn seconds_are_read_as_they_are_written() {
        assert_eq!(seconds(ToastDelay::default()), "5");
        for (text, millis) in [("5", 5_000), (" 2.5 ", 2_500), ("120", 120_000)] {
            assert_eq!(read_seconds(text).unwrap().get(), millis);
            assert_eq!(seconds(read_seconds(text).unwrap()), text.trim());
        }
        for text in ["", "0.9", "121", "-5", "5 s", "1.0001"] {
            assert_eq!(read_seconds(text).unwrap_err(), "must be from 1 to 120 seconds", "{text}");
        }
    }

    #[test]
    fn a_german_types_a_comma() {
        speak(Language::German);
        for text in ["2,5", "2.5"] {
            let delay = read_seconds(text).unwrap();
            assert_eq!((delay.get(), seconds(delay).as_str()), (2_500, "2,5"));
        }
        assert!(read_seconds("0,9").is_err());
    }
}
