use domain::Language;

/// Title and message for a person, in each language: whoever finds what is to be said need not know who is told. A cause
/// among them is as it came, in English.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// In the order of [`Language::ALL`].
    each: [(String, String); Language::ALL.len()],
}

impl Said {
    /// What `words` says in each language, title and message.
    #[must_use]
    pub fn new<T: Into<String>, M: Into<String>>(words: impl Fn(Language) -> (T, M)) -> Self {
        let each = Language::ALL.map(|language| {
            let (title, message) = words(language);
            (title.into(), message.into())
        });
        Self { each }
    }

    #[must_use]
    pub fn title(&self, language: Language) -> &str {
        &self.each[language as usize].0
    }

    #[must_use]
    pub fn message(&self, language: Language) -> &str {
        &self.each[language as usize].1
    }

    /// Title and message.
    #[must_use]
    pub fn into_words(self, language: Language) -> (String, String) {
        let [english, german] = self.each;
        match language {
            Language::English => english,
            Language::German => german,
        }
    }
}
