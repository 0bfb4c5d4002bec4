//! Tables as text for spreadsheets, by RFC 4180.

use std::borrow::Cow;

/// A field, in quotes where it has to be. One that a spreadsheet would calculate (`=`, `+`, `-`, `@` and a tab at
/// its beginning) is made text by an apostrophe, but a number keeps its sign.
#[must_use]
pub fn field(text: &str) -> Cow<'_, str> {
    let harmful = text.starts_with(['=', '+', '-', '@', '\t', '\r']) && !is_number(text);
    let text = if harmful { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) };
    if text.contains(['"', ',', '\n', '\r']) {
        Cow::Owned(format!("\"{}\"", text.replace('"', "\"\"")))
    } else {
        text
    }
}

/// Appends a line of fields, with the line's end.
pub fn push_line<'a>(csv: &mut String, fields: impl IntoIterator<Item = &'a str>) {
    for (index, text) in fields.into_iter().enumerate() {
        if index > 0 {
            csv.push(',');
        }
        csv.push_str(&field(text));
    }
    csv.push_str("\r\n");
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits =
        |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    all_digits(whole) && all_digits(fraction)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_quoted_where_they_have_to_be_and_nothing_calculates() {
        for (text, expected) in [
            ("", ""),
            ("ETH-017", "ETH-017"),
            ("WETH $1,936", "\"WETH $1,936\""),
            ("say \"no\"", "\"say \"\"no\"\"\""),
            ("two\nlines", "\"two\nlines\""),
            ("-3.25", "-3.25"),
            ("-3.25+1", "'-3.25+1"),
            ("=HYPERLINK(\"x\")", "\"'=HYPERLINK(\"\"x\"\")\""),
            ("@cmd", "'@cmd"),
            ("-", "'-"),
        ] {
            assert_eq!(field(text), expected);
        }
    }

    #[test]
    fn a_line_ends_as_the_standard_says() {
        let mut csv = String::new();
        push_line(&mut csv, ["a", "b,c", ""]);
        assert_eq!(csv, "a,\"b,c\",\r\n");
    }
}
