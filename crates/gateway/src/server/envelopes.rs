use std::fmt;

use bytes::Bytes;
use serde::de::{IgnoredAny, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// Most messages of a body. What is said about each of them has to fit into memory, too, and a line may be a byte long.
pub(super) const MOST: usize = 100_000;

/// Why a body is not taken apart.
#[derive(Debug)]
pub(super) enum NotSplit {
    /// It begins an array, and is none.
    Json(serde_json::Error),
    TooMany,
}

/// The envelopes of a body, each for itself, so that a bad one spoils no other: one, an array of them, or one per line.
pub(super) fn split(body: &Bytes) -> Result<Vec<Bytes>, NotSplit> {
    let trimmed = body.trim_ascii();
    let envelopes: Vec<&[u8]> = if trimmed.first() == Some(&b'[') {
        let First(values) = serde_json::from_slice(trimmed).map_err(NotSplit::Json)?;
        values.into_iter().map(|value| value.get().as_bytes()).collect()
    } else if serde_json::from_slice::<&RawValue>(trimmed).is_ok() {
        // One envelope may be spread over several lines.
        vec![trimmed]
    } else {
        let lines = trimmed.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
        lines.filter(|line| !line.is_empty()).take(MOST + 1).collect()
    };
    if envelopes.len() > MOST {
        return Err(NotSplit::TooMany);
    }
    Ok(envelopes.into_iter().map(|envelope| body.slice_ref(envelope)).collect())
}

/// The first elements of an array, one more than are taken at the most. The others are read, too: it may be no JSON.
struct First<'a>(Vec<&'a RawValue>);

impl<'de> Deserialize<'de> for First<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Each;
        impl<'de> Visitor<'de> for Each {
            type Value = First<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an array")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<Self::Value, A::Error> {
                let mut first = Vec::new();
                while first.len() <= MOST {
                    match array.next_element()? {
                        Some(element) => first.push(element),
                        None => return Ok(First(first)),
                    }
                }
                while array.next_element::<IgnoredAny>()?.is_some() {}
                Ok(First(first))
            }
        }
        deserializer.deserialize_seq(Each)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(body: &'static str, expected: &[&str]) {
        let envelopes = split(&Bytes::from_static(body.as_bytes())).unwrap();
        assert_eq!(envelopes, expected, "{body}");
    }

    #[test]
    fn a_body_is_one_or_an_array_or_lines() {
        check("", &[]);
        check(" {\n\"a\": 1\n} \n", &["{\n\"a\": 1\n}"]);
        check("[]", &[]);
        check("[ {\"a\":1.10} , 2 ]", &["{\"a\":1.10}", "2"]);
        check("{\"a\":1}\r\n\noops\n {}", &["{\"a\":1}", "oops", "{}"]);
        for bad in ["[1,", "[1] 2", "[1 2]"] {
            let split = split(&Bytes::from_static(bad.as_bytes()));
            assert!(matches!(split, Err(NotSplit::Json(_))), "{bad}");
        }
    }

    #[test]
    fn so_many_and_no_more() {
        for (count, fits) in [(MOST, true), (MOST + 1, false), (10 * MOST, false)] {
            let lines = "1\n".repeat(count);
            let array = format!("[{}1]", "1,".repeat(count - 1));
            for body in [lines, array] {
                let split = split(&Bytes::from(body));
                match split {
                    Ok(envelopes) => assert!(fits && envelopes.len() == count),
                    Err(NotSplit::TooMany) => assert!(!fits),
                    Err(NotSplit::Json(error)) => panic!("{error}"),
                }
            }
        }
        // Even of too many it is told when it is no array.
        let broken = Bytes::from(format!("[{}oops", "1,".repeat(MOST + 1)));
        assert!(matches!(split(&broken), Err(NotSplit::Json(_))));
    }
}
