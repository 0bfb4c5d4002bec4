//! What the TOML reader says, in the words of this program and without the file's values.

use super::ConfigFault;
use crate::config::Position;
use crate::config::nearest::nearest;

/// Known keys that are listed where none is near.
const LISTED: usize = 12;

pub(super) fn of_toml(text: &str, path: Option<&[String]>, error: &toml::de::Error) -> ConfigFault {
    let at = error.span().map(|span| Position::of(text, span.start));
    let (reason, hint) = words(error.message());
    ConfigFault {
        line: at.map(|at| at.line),
        column: at.map(|at| at.column),
        key: path.map(|path| path.join(".")),
        reason,
        hint,
    }
}

/// Reason and hint.
fn words(message: &str) -> (String, Option<String>) {
    if let Some((unknown, known)) = unknown(message) {
        let hint = hint(unknown, known.iter().copied());
        return (format!("unknown key `{unknown}`"), hint);
    }
    (without_value(message), None)
}

/// The key that is not known, and those that are, as serde lists them.
fn unknown(message: &str) -> Option<(&str, Vec<&str>)> {
    let mut quoted = message.strip_prefix("unknown field ")?.split('`').skip(1).step_by(2);
    Some((quoted.next()?, quoted.collect()))
}

pub(super) fn hint<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let known: Vec<_> = known.into_iter().collect();
    if let Some(meant) = nearest(word, known.iter().copied()) {
        return Some(format!("did you mean `{meant}`?"));
    }
    if known.is_empty() || known.len() > LISTED {
        return None;
    }
    let listed: Vec<_> = known.iter().map(|known| format!("`{known}`")).collect();
    Some(format!("there are {}", listed.join(", ")))
}

/// serde quotes what it found instead of what it expected: that may be a secret.
fn without_value(message: &str) -> String {
    for (quoting, found) in [
        ("invalid type: string \"", "invalid type: a string"),
        ("invalid value: string \"", "invalid value: a string"),
        ("unknown variant `", "this word is not known"),
    ] {
        if message.starts_with(quoting) {
            let expected = message.rfind(", expected ").map_or("", |at| &message[at..]);
            return format!("{found}{expected}");
        }
    }
    // Whatever else quotes something says it in its first line: the next ones are the file's.
    message.lines().next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_ours_and_quote_no_value() {
        let said = |message: &str| words(message);
        let (reason, hint) = said("unknown field `urll`, expected one of `url`, `token`");
        assert_eq!(reason, "unknown key `urll`");
        assert_eq!(hint.as_deref(), Some("did you mean `url`?"));
        let (_, hint) = said("unknown field `colour`, expected `url` or `token`");
        assert_eq!(hint.as_deref(), Some("there are `url`, `token`"));
        assert_eq!(said("unknown field `x`, there are no fields").1, None);
        let (reason, hint) = said("invalid type: string \"hush, expected\", expected a boolean");
        assert_eq!((reason.as_str(), hint), ("invalid type: a string, expected a boolean", None));
        let (reason, _) = said("unknown variant `hush`, expected one of `auto`, `v1`");
        assert_eq!(reason, "this word is not known, expected one of `auto`, `v1`");
    }
}
