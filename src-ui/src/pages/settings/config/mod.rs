//! What stands in `config.toml` besides rules and profiles: each field is a key of it, and is in force as soon as it is
//! written.

mod alerts;
mod connection;
mod field;
mod kept;
mod keys;

use std::rc::Rc;

use domain::view::ConfigView;
use yew::prelude::*;

pub(super) use alerts::AlertSettings;
pub(super) use connection::{ConnectionSettings, use_profile};
pub(super) use kept::KeptSettings;
pub(super) use keys::Keys;

use crate::design::Icon;
use crate::live::Topic;
use crate::session::{use_live, use_session};
use crate::words::settings_config as say;

/// The settings' file, as far as it is known.
#[derive(Clone, PartialEq)]
enum Known {
    Waiting,
    File(Rc<ConfigView>),
    Failed(Rc<str>),
}

/// Read anew by whoever shows it first: somebody may have edited the file.
#[hook]
pub(super) fn use_config_loaded() {
    let session = use_session();
    use_effect_with((), move |()| session.load_config());
}

#[hook]
fn use_config() -> Known {
    use_live(Topic::Config, |state| match &state.config {
        None => Known::Waiting,
        Some(Ok(config)) => Known::File(Rc::clone(config)),
        Some(Err(why)) => Known::Failed(Rc::clone(why)),
    })
}

/// A card of fields; or why there are none.
fn card(
    id: &'static str,
    title: &'static str,
    note: &'static str,
    known: &Known,
    fields: impl FnOnce(&Rc<ConfigView>) -> Html,
) -> Html {
    let body = match known {
        Known::Waiting => html! {
            <div class="form-part" role="status" aria-label={say::reading()}><div class="skeleton-line" /><div class="skeleton-line" /></div>
        },
        Known::Failed(why) => html! {
            <p class="card-note" role="alert">{ say::unreadable(why) }</p>
        },
        Known::File(config) => html! {
            <>
                { for config.locked.as_ref().map(|why| html! {
                    <p class="rules-locked" role="alert">{ Icon::Warning.html() }<span>{ say::locked(&config.path, why) }</span></p>
                }) }
                { fields(config) }
            </>
        },
    };
    html! {
        <section {id} class="card" aria-label={title}>
            <h2 class="card-head">{ title }<small>{ note }</small></h2>
            { body }
        </section>
    }
}
