//! Numbers as the language writes them.

use std::borrow::Cow;

use domain::text;

use super::{Language, language};

/// A figure that was written the English way (`1,234.5`) in the language that is spoken.
pub(crate) fn local(figure: String) -> String {
    language().figure(figure)
}

/// A count: `1,200`.
pub(crate) fn number(count: usize) -> String {
    local(text::group(&count.to_string()))
}

/// A number that somebody typed, as it is read: in German the comma is the decimal sign and a point groups digits. One
/// that cannot do that, as in `7.5`, is taken for a decimal sign all the same.
pub(crate) fn typed(text: &str) -> Cow<'_, str> {
    match language() {
        Language::German if text.contains(',') => {
            Cow::Owned(text.replace('.', "").replace(',', "."))
        }
        Language::German if is_grouped(text) => Cow::Owned(text.replace('.', "")),
        _ => Cow::Borrowed(text),
    }
}

/// `10.000`, `-1.234.567`; not `0.500`, which nobody writes for five hundred.
fn is_grouped(text: &str) -> bool {
    let digits = |group: &str| group.bytes().all(|byte| byte.is_ascii_digit());
    let mut groups = text.trim().trim_start_matches(['-', '+', '−']).split('.');
    let first = groups.next().unwrap_or_default();
    let mut rest = groups.peekable();
    rest.peek().is_some()
        && (1..=3).contains(&first.len())
        && !first.starts_with('0')
        && digits(first)
        && rest.all(|group| group.len() == 3 && digits(group))
}

#[cfg(test)]
mod tests {
    use super::super::speak;
    use super::*;

    #[test]
    fn german_has_the_comma_where_english_has_the_point() {
        assert_eq!(local("$1,234.5".to_owned()), "$1,234.5");
        assert_eq!(number(12_000), "12,000");
        assert_eq!(typed("7.5"), "7.5");
        speak(Language::German);
        assert_eq!(local("$1,234.5".to_owned()), "$1.234,5");
        assert_eq!(number(12_000), "12.000");
        assert_eq!(typed("7,5"), "7.5");
        assert_eq!(typed("1.234,5"), "1234.5");
        assert_eq!(typed("7.5"), "7.5");
        assert_eq!(typed("10.000"), "10000");
        assert_eq!(typed("-1.234.567"), "-1234567");
        assert_eq!(typed("0.500"), "0.500");
        assert_eq!(typed(".500"), ".500");
        assert_eq!(typed("1.2345"), "1.2345");
    }
}
