use std::time::Duration;

/// Reads `500ms`, `30s`, `5m`, `2h`, or plain seconds.
///
/// # Errors
/// A sentence for the command line.
pub(crate) fn parse(text: &str) -> Result<Duration, String> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let millis = match unit {
        "ms" => 1,
        "" | "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => return Err("give a number with ms, s, m or h, as in 30s".to_owned()),
    };
    let number: u64 = number.parse().map_err(|_| "give a number first, as in 30s".to_owned())?;
    number
        .checked_mul(millis)
        .map(Duration::from_millis)
        .ok_or_else(|| "that is too long".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        for (text, millis) in
            [("500ms", 500), ("30s", 30_000), ("30", 30_000), ("5m", 300_000), ("2h", 7_200_000)]
        {
            assert_eq!(parse(text), Ok(Duration::from_millis(millis)), "{text}");
        }
        for text in ["", "s", "5 s", "5d", "-1s", "99999999999999999999s", "99999999999999999h"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
