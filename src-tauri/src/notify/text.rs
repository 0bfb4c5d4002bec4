//! What others wrote, as a notification service can take it.

#[cfg(any(target_os = "linux", windows, test))]
use std::borrow::Cow;

/// Text as a notification service that reads markup must get it, to be shown as it is.
#[cfg(any(target_os = "linux", windows, test))]
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

/// The first `limit` characters of a text, and an ellipsis for the rest. Without control characters: the bus refuses a
/// text with a NUL in it, and with it the whole alert. Without characters that turn the direction of what follows: in a
/// vault's name they would make another figure of the one beside it. Right-to-left letters stay what they are. Without
/// what XML does not know as characters either: Windows refuses a whole toast for one.
pub(super) fn printable(text: &str, limit: usize) -> String {
    let mut fit = text
        .chars()
        .filter(|c| !is_direction(*c) && !matches!(c, '\u{fffe}' | '\u{ffff}'))
        .map(|c| if c.is_control() && c != '\n' { ' ' } else { c });
    let mut printable: String = fit.by_ref().take(limit).collect();
    if fit.next().is_some() {
        printable.push('…');
    }
    printable
}

/// Embeddings, overrides and isolates, and their ends.
fn is_direction(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
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
        assert_eq!(printable("a\0b\u{1b}[31mc\nd\u{85}", 99), "a b [31mc\nd ");
        assert_eq!(printable("a\u{ffff}b\u{fffe}", 99), "ab");
    }

    #[test]
    fn a_name_does_not_turn_the_figures_around() {
        assert_eq!(printable("\u{202e}71.2\u{202c} %", 99), "71.2 %");
        assert_eq!(printable("כספת 7.9 %", 99), "כספת 7.9 %");
    }

    #[test]
    fn ten_kilobytes_are_cut_between_characters() {
        let long = "🚨".repeat(2_500);
        let cut = printable(&long, 500);
        assert_eq!(cut.chars().count(), 501);
        assert!(cut.ends_with("🚨…"));
        assert_eq!(printable("abc", 3), "abc");
    }
}
