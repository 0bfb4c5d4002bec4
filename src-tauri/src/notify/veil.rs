//! Whether notifications show amounts now, or what strangers may read.

use std::sync::Arc;

use monitor::config::HideAmounts;
use monitor::{OsNotification, Veiled};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

/// Which words of a notification are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Face {
    #[default]
    Whole,
    Veiled,
}

/// What the person wishes and how the screen is. It keeps no notification back, whatever it is.
#[derive(Clone, Debug)]
pub(crate) struct Veil(Arc<watch::Sender<State>>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct State {
    wish: HideAmounts,
    /// `None`: nobody can tell.
    locked: Option<bool>,
}

impl Veil {
    /// Of a screen that nobody has told of yet.
    pub(crate) fn new(wish: HideAmounts) -> Self {
        Self(Arc::new(watch::Sender::new(State { wish, locked: None })))
    }

    /// The person wishes it otherwise.
    pub(crate) fn wish(&self, wish: HideAmounts) {
        self.0.send_modify(|state| state.wish = wish);
    }

    /// `None`: nobody can tell whether it is locked.
    pub(crate) fn screen_is(&self, locked: Option<bool>) {
        self.0.send_modify(|state| state.locked = locked);
    }

    pub(super) fn face(&self) -> Face {
        self.0.borrow().face()
    }

    /// Waits until it is another one. Cancel safe.
    #[cfg(target_os = "linux")]
    pub(super) async fn turned(&self, from: Face) {
        let mut states = self.0.subscribe();
        // It ends with its sender, which is ours.
        let _ = states.wait_for(|state| state.face() != from).await;
    }

    /// With the words of the face there is now, for services that cannot change what they show.
    #[cfg(any(not(target_os = "linux"), test))]
    pub(super) fn over(&self, notification: OsNotification) -> OsNotification {
        let (title, body) = words(&notification, self.face());
        let (title, body) = (title.to_owned(), body.to_owned());
        OsNotification { title, body, ..notification }
    }
}

impl State {
    fn face(self) -> Face {
        if self.wish.hides(self.locked) { Face::Veiled } else { Face::Whole }
    }
}

/// Title and text.
pub(super) fn words(notification: &OsNotification, face: Face) -> (&str, &str) {
    let OsNotification { title, body, veiled, .. } = notification;
    match face {
        Face::Whole => (title, body),
        // Left on the screen by a version that knew of none.
        Face::Veiled if *veiled == Veiled::default() => {
            ("VaultWatch: an alert", "Open VaultWatch to read it.")
        }
        Face::Veiled => (&veiled.title, &veiled.body),
    }
}

#[cfg(test)]
mod tests {
    use domain::view::{NotificationId, Target};
    use monitor::Urgency;

    use super::*;

    fn notification(veiled: Veiled) -> OsNotification {
        OsNotification {
            id: NotificationId(1),
            urgency: Urgency::Critical,
            title: "A: 7.9 % to liquidation".into(),
            body: "Repay 13,700 USDC".into(),
            veiled,
            target: Target::Alerts,
            sound: true,
            language: Default::default(),
        }
    }

    #[test]
    fn what_is_shown_depends_on_the_wish_and_the_screen() {
        let said = Veiled { title: "A: critical".into(), body: "Repay.".into() };
        let veil = Veil::new(HideAmounts::Locked);
        let shown = || veil.over(notification(said.clone())).title;
        assert_eq!(shown(), "A: critical", "nobody can tell yet");
        veil.screen_is(Some(false));
        assert_eq!(shown(), "A: 7.9 % to liquidation");
        veil.screen_is(Some(true));
        assert_eq!(shown(), "A: critical");
        let never = Veil::new(HideAmounts::Never);
        never.screen_is(Some(true));
        assert_eq!(never.face(), Face::Whole);
        never.wish(HideAmounts::Always);
        assert_eq!(never.face(), Face::Veiled);
    }

    #[test]
    fn what_has_no_other_words_shows_no_amount_either() {
        let veil = Veil::new(HideAmounts::Always);
        let shown = veil.over(notification(Veiled::default()));
        assert_eq!(shown.title, "VaultWatch: an alert");
        assert!(!shown.body.contains(|c: char| c.is_ascii_digit()));
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn whoever_waits_is_told_when_it_turns() {
        let veil = Veil::new(HideAmounts::Locked);
        veil.screen_is(Some(false));
        let turned = tokio::spawn({
            let veil = veil.clone();
            async move { veil.turned(Face::Whole).await }
        });
        veil.screen_is(Some(true));
        turned.await.unwrap();
    }
}
