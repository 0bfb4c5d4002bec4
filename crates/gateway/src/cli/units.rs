use std::time::Duration;

/// Reads `500ms`, `30s`, `5m`, `12h`, `90d`, or plain seconds.
///
/// # Errors
/// A sentence for the command line.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let (number, unit) = split(text);
    let millis = match unit {
        "ms" => 1,
        "" | "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return Err("give a number with ms, s, m, h or d, as in 30s".to_owned()),
    };
    let number: u64 = number.parse().map_err(|_| "give a number first, as in 30s".to_owned())?;
    let millis = number.checked_mul(millis).filter(|millis| *millis > 0);
    millis.map(Duration::from_millis).ok_or_else(|| "that is too long, or nothing".to_owned())
}

/// Reads `4096`, `64KiB` or `1MiB` as bytes, at most 2 GiB.
///
/// # Errors
/// A sentence for the command line.
pub(crate) fn bytes(text: &str) -> Result<u32, String> {
    let (number, unit) = split(text);
    let factor = match unit {
        "" | "B" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        _ => return Err("give a number of bytes, KiB or MiB, as in 64KiB".to_owned()),
    };
    let number: u32 = number.parse().map_err(|_| "give a number first, as in 64KiB".to_owned())?;
    let bytes = number.checked_mul(factor).filter(|bytes| (1..=1 << 31).contains(bytes));
    bytes.ok_or_else(|| "give 1 byte to 2048MiB".to_owned())
}

fn split(text: &str) -> (&str, &str) {
    text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        for (text, seconds) in
            [("1s", 1), ("30", 30), ("5m", 300), ("2h", 7_200), ("90d", 7_776_000)]
        {
            assert_eq!(duration(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        for text in ["", "s", "0", "0d", "5 s", "5w", "-1s", "99999999999999999999s"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn sizes() {
        for (text, size) in [("1", 1), ("64KiB", 65_536), ("2048MiB", 1 << 31), ("7B", 7)] {
            assert_eq!(bytes(text), Ok(size), "{text}");
        }
        for text in ["", "0", "1KB", "1 MiB", "2049MiB", "4096MiB", "9999999999"] {
            assert!(bytes(text).is_err(), "{text}");
        }
    }
}
