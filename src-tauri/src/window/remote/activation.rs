//! By whose leave the window comes to the front. Under Wayland a program may not raise a window by itself: whoever is
//! clicked, a notification, a launcher, the tray, gives it a token of xdg-activation, which is good for one window and a
//! few seconds. Under X11 it is the identifier of a startup notification, and ends the launcher's spinning cursor.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use gtk::glib::prelude::ObjectExt as _;
use gtk::prelude::{DisplayExtManual as _, GtkWindowExt as _, WidgetExt as _};
use serde::{Deserialize, Serialize};
use tauri::WebviewWindow;
use tokio::time::Instant;

/// Where a launcher puts it, the newer one first. Toolkits look at the second alone.
pub(super) const VARIABLES: [&str; 2] = ["XDG_ACTIVATION_TOKEN", "DESKTOP_STARTUP_ID"];
/// How a second start hands it to the one that runs.
const WORD: &str = "--activation-token=";
/// Longer than any that is given out.
const LONGEST: usize = 512;
/// It was given for what was clicked then. Compositors forget theirs sooner.
const LIFE: Duration = Duration::from_secs(30);

/// One such token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Token(String);

impl Token {
    /// `None` for what cannot be one. It comes from whoever is on the session bus.
    pub(crate) fn new(text: &str) -> Option<Self> {
        let is_one = !text.is_empty()
            && text.len() <= LONGEST
            && text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
        is_one.then(|| Self(text.to_owned()))
    }

    /// What this program was started with. To be asked before the toolkit is, which takes it out.
    pub(crate) fn of_this_start() -> Option<Self> {
        Self::among(|name| std::env::var(name).ok())
    }

    fn among(value: impl Fn(&str) -> Option<String>) -> Option<Self> {
        VARIABLES.iter().find_map(|name| Self::new(&value(name)?))
    }

    /// What a later start was started with, as [`Token::to_word`] has put it among its words.
    pub(crate) fn of_words(words: &[String]) -> Option<Self> {
        words.iter().find_map(|word| Self::new(word.strip_prefix(WORD)?))
    }

    /// An argument that a version that does not know it passes over.
    pub(crate) fn to_word(&self) -> String {
        format!("{WORD}{}", self.0)
    }
}

/// The token that came last, until it is used or too old.
#[derive(Debug, Default)]
pub(super) struct Given(Option<(Token, Instant)>);

impl Given {
    pub(super) fn put(&mut self, token: Token) {
        self.0 = Some((token, Instant::now()));
    }

    pub(super) fn take(&mut self) -> Option<Token> {
        let (token, since) = self.0.take()?;
        (since.elapsed() < LIFE).then_some(token)
    }
}

/// Has the desktop let a window come to the front that was just made. Under Wayland it is asked when something of the
/// window was drawn: before that it does nothing, and the token is used up. On the main thread.
pub(super) fn come_up_first(window: &WebviewWindow, Token(token): Token) -> tauri::Result<()> {
    let window = window.gtk_window()?;
    let clock = window.frame_clock().filter(|_| window.display().backend().is_wayland());
    let Some(clock) = clock else {
        window.set_startup_id(&token);
        return Ok(());
    };
    let painted = Rc::new(RefCell::new(None));
    let once = Rc::clone(&painted);
    let window = window.downgrade();
    let handler = clock.connect_after_paint(move |clock| {
        let Some(handler) = once.take() else { return };
        clock.disconnect(handler);
        if let Some(window) = window.upgrade() {
            window.set_startup_id(&token);
            window.present();
        }
    });
    painted.replace(Some(handler));
    Ok(())
}

/// Has the desktop let the window, which is there already, come to the front. On the main thread.
pub(super) fn come_up(window: &WebviewWindow, Token(token): &Token) -> tauri::Result<()> {
    window.gtk_window()?.set_startup_id(token);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newer_variable_counts_and_an_empty_one_does_not() {
        let of = |newer: &'static str, older: &'static str| {
            Token::among(|name| {
                let value = if name == VARIABLES[0] { newer } else { older };
                Some(value.to_owned())
            })
        };
        assert_eq!(of("a", "b"), Token::new("a"));
        assert_eq!(of("", "b_TIME12"), Token::new("b_TIME12"));
        assert_eq!(of("", ""), None);
        assert_eq!(Token::among(|_| None), None);
    }

    #[test]
    fn what_cannot_be_one_is_none() {
        for text in ["", "a\0b", "a\nb", "ä", &"x".repeat(LONGEST + 1)] {
            assert_eq!(Token::new(text), None, "{text:?}");
        }
        assert!(Token::new("gnome-shell/kitty/3711-0-host_TIME8150521").is_some());
    }

    #[test]
    fn a_second_start_hands_it_on_beside_its_words() {
        let token = Token::new("5f1a-77").unwrap();
        let words = ["vaultwatch".to_owned(), "--demo".to_owned(), token.to_word()];
        assert_eq!(Token::of_words(&words), Some(token));
        assert_eq!(Token::of_words(&words[..2]), None);
    }

    #[tokio::test(start_paused = true)]
    async fn it_is_good_once_and_not_for_long() {
        let mut given = Given::default();
        let token = |text| Token::new(text).unwrap();
        given.put(token("old"));
        given.put(token("new"));
        assert_eq!(given.take(), Some(token("new")));
        assert_eq!(given.take(), None);
        given.put(token("late"));
        tokio::time::advance(LIFE).await;
        assert_eq!(given.take(), None, "what it was given for is long over");
    }
}
