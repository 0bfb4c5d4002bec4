//! Which profile the page shows: what it asks is about that one, and what is told of another one is not for it.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use domain::view::{WindowEvent, WindowMessage};

use super::{Arguments, listen};
use crate::backend::BackendError;

type Heard = Rc<dyn Fn(WindowEvent)>;

thread_local! {
    static SHOWN: RefCell<Option<String>> = const { RefCell::new(None) };
    static HEARD: RefCell<Option<Heard>> = const { RefCell::new(None) };
    static LISTENS: Cell<bool> = const { Cell::new(false) };
}

/// `None`: whichever the shell shows.
pub(super) fn set(profile: Option<&str>) {
    SHOWN.set(profile.map(str::to_owned));
}

/// The shell has said which one it shows, in answer to a page that asked for `asked`. By now the page may have asked for
/// another one.
pub(super) fn settle(asked: Option<&str>, shown: &str) {
    SHOWN.with_borrow_mut(|now| {
        if now.as_deref() == asked {
            *now = Some(shown.to_owned());
        }
    });
}

/// These arguments, with the profile they are about.
pub(super) fn about(arguments: Arguments) -> Arguments {
    SHOWN.with_borrow(|shown| match shown {
        Some(shown) => arguments.about(shown),
        None => arguments,
    })
}

/// From now on what happens goes there, and nowhere else.
pub(super) async fn hear(events: Box<dyn Fn(WindowEvent)>) -> Result<(), BackendError> {
    HEARD.set(Some(events.into()));
    if LISTENS.replace(true) {
        return Ok(());
    }
    let listening = listen(WindowMessage::NAME, Box::new(tell)).await;
    LISTENS.set(listening.is_ok());
    listening
}

fn tell(message: WindowMessage) {
    let WindowMessage { profile, event } = message;
    if !is_for_us(profile.as_deref()) {
        return;
    }
    // Not under the borrow: whoever hears it may ask for another profile.
    let heard = HEARD.with_borrow(Clone::clone);
    if let Some(heard) = heard {
        heard(event);
    }
}

fn is_for_us(profile: Option<&str>) -> bool {
    SHOWN.with_borrow(|shown| match (shown, profile) {
        (Some(shown), Some(profile)) => shown == profile,
        _ => true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_asked_is_about_the_profile_that_is_shown() {
        set(None);
        let about = |arguments: Arguments| about(arguments).text();
        assert_eq!(about(Arguments::default().with("ids", &[1])), r#"{"ids":[1]}"#);
        assert!(is_for_us(Some("acme")), "nothing else can be meant");
        settle(None, "acme");
        assert_eq!(about(Arguments::default()), r#"{"profile":"acme"}"#);
        let other = Arguments::default().with("profile", "globex");
        assert_eq!(about(other), r#"{"profile":"globex"}"#);
        assert!(is_for_us(None) && is_for_us(Some("acme")) && !is_for_us(Some("globex")));
    }

    #[test]
    fn a_late_answer_does_not_lead_back() {
        set(Some("globex"));
        set(Some("initech"));
        settle(Some("globex"), "globex");
        assert!(is_for_us(Some("initech")) && !is_for_us(Some("globex")));
        settle(Some("initech"), "initech");
        assert!(is_for_us(Some("initech")));
        // A profile that is gone: the shell shows another one.
        settle(Some("initech"), "acme");
        assert!(is_for_us(Some("acme")));
    }
}
