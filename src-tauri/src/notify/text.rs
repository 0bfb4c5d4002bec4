use std::borrow::Cow;

/// Text as a notification service that reads markup must get it, to be shown as it is.
pub(crate) fn escape(text: &str) -> Cow<'_, str> {
    if !text.contains(['&', '<', '>']) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            other => escaped.push(other),
        }
    }
    Cow::Owned(escaped)
}

/// Without control characters: the bus refuses a text with a NUL in it, and with it the whole alert.
pub(super) fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_shown_as_it_was_written() {
        assert_eq!(escape("A<b>&C</b>"), "A&lt;b&gt;&amp;C&lt;/b&gt;");
        assert_eq!(escape("&amp;"), "&amp;amp;", "what was escaped already is escaped again");
        assert!(matches!(escape("LTV 74.6 → 76.0 %"), Cow::Borrowed(_)));
    }

    #[test]
    fn control_characters_do_not_stop_an_alert() {
        assert_eq!(printable("a\0b\u{1b}[31mc\nd\u{85}"), "a b [31mc\nd ");
    }
}
