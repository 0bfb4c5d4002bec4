//! The settings, changed while watching goes on, or not to be had.

use domain::{Level, UnixMillis};

use super::Engine;
use crate::{Alert, Condition, Effect, Finding, Policy, words};

impl Engine {
    /// Puts other numbers, or another language, in place. What is open is told by them from its next step on; that demo data
    /// wake nobody stays.
    pub fn set_policy(&mut self, policy: Policy) {
        self.rules.set_language(policy.language);
        self.policy = Policy { demo: self.policy.demo, ..policy };
    }

    /// What keeps the settings' file from being followed, as title and message; `None`: nothing does, any more or as ever.
    /// A condition of its own: it is told once, changes with its cause, and ends by itself.
    pub fn settings_are(
        &mut self,
        fault: Option<(String, String)>,
        now: UnixMillis,
        effects: &mut Vec<Effect>,
    ) {
        let open = self.attention.of(&Condition::settings());
        let open = open.and_then(|id| self.attention.view(id));
        let alert = |said| Alert::new(Condition::settings(), Level::High, said, now);
        match (&fault, open) {
            (Some(said), None) => self.findings.push(Finding::Raise(alert(said.clone()))),
            // Whoever follows the file says it again and again.
            (Some((title, message)), Some(open))
                if *title == open.title && *message == open.message => {}
            (Some(said), Some(_)) => self.findings.push(Finding::Update(alert(said.clone()))),
            (None, Some(_)) => {
                self.findings
                    .push(Finding::Resolve(alert(words::settings_back(self.policy.language))));
            }
            (None, None) => {}
        }
        self.decide(now, effects);
    }
}
