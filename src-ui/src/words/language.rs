//! The language that is spoken.

use std::cell::Cell;

pub(crate) use domain::Language;

thread_local! {
    static SPOKEN: Cell<Language> = const { Cell::new(Language::English) };
}

pub(crate) fn language() -> Language {
    SPOKEN.get()
}

/// From now on. What is drawn already keeps its words until it is drawn anew.
pub(crate) fn speak(language: Language) {
    SPOKEN.set(language);
}
