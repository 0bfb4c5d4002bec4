//! Command lines within files: words, in quotes where they need them. systemd and the desktop's files agree on double
//! quotes and backslashes, and on a doubled `%`; for the rest see [`crate::unit`] and [`crate::desktop_file`].

/// The word as it is where nothing in it has a meaning, else in quotes, with a backslash before each of `special` and
/// before backslashes and quotes.
pub(crate) fn quoted(word: &str, special: &[char]) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "/._-:=@,+~%".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    let mut quoted = String::from("\"");
    for c in word.chars() {
        if matches!(c, '"' | '\\') || special.contains(&c) {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    quoted.push('"');
    quoted
}

/// The words of a line. `None`: it is not written as [`quoted`] does, so what it means is somebody else's to know.
pub(crate) fn split(line: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match c {
            ' ' | '\t' => words.extend(word.take()),
            '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match chars.next()? {
                        '"' => break,
                        // Before a letter it would be the name of some other character.
                        '\\' => word.push(chars.next().filter(|c| !c.is_alphanumeric())?),
                        c => word.push(c),
                    }
                }
            }
            '\\' | '\'' => return None,
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Some(words)
}

/// Doubles a character that stands for something else when it is alone.
pub(crate) fn doubled(text: &str, special: char) -> String {
    text.replace(special, &format!("{special}{special}"))
}

/// The reverse of [`doubled`].
pub(crate) fn halved(text: &str, special: char) -> String {
    text.replace(&format!("{special}{special}"), &special.to_string())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_what_needs_quotes_has_them() {
        for (word, text) in [
            ("/usr/bin/vaultwatch", "/usr/bin/vaultwatch"),
            ("--profile=acme", "--profile=acme"),
            ("/home/jörg/bin", "/home/jörg/bin"),
            ("", "\"\""),
            ("/opt/Vault Watch/x", "\"/opt/Vault Watch/x\""),
            ("a\"b\\c$d", "\"a\\\"b\\\\c\\$d\""),
            ("it's", "\"it's\""),
        ] {
            assert_eq!(quoted(word, &['$']), text);
        }
    }

    #[test]
    fn what_others_have_written_is_read_or_not_guessed_at() {
        let words = |line: &str| split(line).map(|words| words.join("|"));
        assert_eq!(words("  /bin/a  b\tc "), Some("/bin/a|b|c".to_owned()));
        assert_eq!(words("/bin/a\" b\"c"), Some("/bin/a bc".to_owned()));
        for line in ["\"open", "'single'", "\\x20", "\"\\x20\"", "\"a\\"] {
            assert_eq!(words(line), None, "{line}");
        }
    }

    proptest! {
        #[test]
        fn what_is_quoted_is_read_again(all in proptest::collection::vec("\\PC{0,12}", 0..5)) {
            let line = all.iter().map(|word| quoted(word, &['$', '`'])).collect::<Vec<_>>().join(" ");
            prop_assert_eq!(split(&line), Some(all));
        }

        #[test]
        fn whatever_stands_there_nothing_breaks(line in ".{0,40}") {
            let _ = split(&line);
        }
    }
}
