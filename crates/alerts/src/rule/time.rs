use std::time::Duration;

use super::Fault;

/// Reads `500ms`, `90s`, `5m`, `2h`, `1d`. A bare number is refused: nobody remembers its unit.
///
/// # Errors
/// [`Fault::NotATime`].
pub fn parse(text: &str) -> Result<Duration, Fault> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let millis = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return Err(Fault::NotATime),
    };
    let number: u64 = number.parse().map_err(|_| Fault::NotATime)?;
    number.checked_mul(millis).map(Duration::from_millis).ok_or(Fault::NotATime)
}

/// `90 s`, `5 min`, `2 h`, as exact as it was written.
#[must_use]
pub(super) fn words(time: Duration) -> String {
    let millis = time.as_millis();
    for (unit, name) in [(3_600_000, "h"), (60_000, "min"), (1_000, "s")] {
        if millis >= unit && millis.is_multiple_of(unit) {
            return format!("{} {name}", millis / unit);
        }
    }
    if millis == 0 { "0 s".to_owned() } else { format!("{millis} ms") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_a_unit() {
        for (text, millis, said) in [
            ("500ms", 500, "500 ms"),
            ("90s", 90_000, "90 s"),
            ("5m", 300_000, "5 min"),
            ("2h", 7_200_000, "2 h"),
            ("1d", 86_400_000, "24 h"),
            ("0s", 0, "0 s"),
        ] {
            let time = parse(text).unwrap();
            assert_eq!(time, Duration::from_millis(millis), "{text}");
            assert_eq!(words(time), said);
        }
        for text in ["", "5", "s", "5 s", "-1s", "1.5h", "99999999999999999999s", "5w"] {
            assert_eq!(parse(text), Err(Fault::NotATime), "{text}");
        }
    }
}
