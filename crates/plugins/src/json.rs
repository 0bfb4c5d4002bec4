//! Between JSON text and the values of a script, without losing a digit.
//!
//! A whole number that fits 64 bits is Rhai's integer, any other that a decimal holds exactly is its decimal. What
//! neither can hold (more than 28 digits, say) is a [`Digits`]: a script can pass it on, print and compare it, not
//! reckon with it.

use std::borrow::Cow;
use std::fmt;

use rhai::{Dynamic, ImmutableString, Map};
use rust_decimal::Decimal;
use serde::Deserialize;
use serde::de::{MapAccess, Visitor};
use serde_json::value::RawValue;

/// Deepest nesting of a value, in and out.
const DEPTH: usize = 32;

/// A JSON number that is kept as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Digits(pub(crate) ImmutableString);

/// A value of a script that JSON has no word for, or that is nested or large beyond the limit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoJson {
    #[error("a value of type `{0}` is no data")]
    Type(String),
    #[error("nested more than {DEPTH} times")]
    Depth,
    #[error("longer than {0} bytes")]
    Size(usize),
}

/// Reads JSON text. `None` when it is not JSON, names a field twice or is nested too deeply: no plugin can be shown
/// that without showing something else.
pub(crate) fn read(text: &str) -> Option<Dynamic> {
    read_at(serde_json::from_str::<&RawValue>(text).ok()?.get(), DEPTH)
}

fn read_at(text: &str, depth: usize) -> Option<Dynamic> {
    let depth = depth.checked_sub(1)?;
    Some(match text.as_bytes().first()? {
        b'{' => {
            let Fields(fields) = serde_json::from_str(text).ok()?;
            let mut map = Map::new();
            for (name, value) in fields {
                if map.insert(name.as_ref().into(), read_at(value.get(), depth)?).is_some() {
                    return None;
                }
            }
            map.into()
        }
        b'[' => {
            let values: Vec<&RawValue> = serde_json::from_str(text).ok()?;
            let values = values.into_iter().map(|value| read_at(value.get(), depth));
            values.collect::<Option<rhai::Array>>()?.into()
        }
        b'"' => serde_json::from_str::<String>(text).ok()?.into(),
        b't' => true.into(),
        b'f' => false.into(),
        b'n' => Dynamic::UNIT,
        _ => number(text),
    })
}

fn number(text: &str) -> Dynamic {
    if let Ok(whole) = text.parse::<i64>() {
        return whole.into();
    }
    match exact_decimal(text) {
        Some(decimal) => decimal.into(),
        None => Dynamic::from(Digits(text.into())),
    }
}

/// The number if a decimal holds it to the last digit.
fn exact_decimal(text: &str) -> Option<Decimal> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let mut digits: i128 = format!("{whole}{fraction}").parse().ok()?;
    let mut scale = i32::try_from(fraction.len()).ok()?.checked_sub(exponent)?;
    while scale < 0 {
        digits = digits.checked_mul(10)?;
        // A zero can be moved for ever.
        scale = if digits == 0 { 0 } else { scale + 1 };
    }
    Decimal::try_from_i128_with_scale(digits, u32::try_from(scale).ok()?).ok()
}

/// Writes a value as JSON text of at most `limit` bytes.
pub(crate) fn write(value: &Dynamic, limit: usize) -> Result<Box<RawValue>, NoJson> {
    let mut text = String::new();
    write_at(value, &mut text, limit, DEPTH)?;
    Ok(RawValue::from_string(text).expect("every value was written as JSON"))
}

fn write_at(value: &Dynamic, to: &mut String, limit: usize, depth: usize) -> Result<(), NoJson> {
    let depth = depth.checked_sub(1).ok_or(NoJson::Depth)?;
    if let Some(map) = value.read_lock::<Map>() {
        to.push('{');
        for (i, (name, value)) in map.iter().enumerate() {
            if i > 0 {
                to.push(',');
            }
            write_text(name, to);
            to.push(':');
            write_at(value, to, limit, depth)?;
        }
        to.push('}');
    } else if let Some(values) = value.read_lock::<rhai::Array>() {
        to.push('[');
        for (i, value) in values.iter().enumerate() {
            if i > 0 {
                to.push(',');
            }
            write_at(value, to, limit, depth)?;
        }
        to.push(']');
    } else if let Some(text) = value.read_lock::<ImmutableString>() {
        write_text(&text, to);
    } else if let Ok(letter) = value.as_char() {
        write_text(letter.encode_utf8(&mut [0; 4]), to);
    } else if let Ok(whole) = value.as_int() {
        to.push_str(&whole.to_string());
    } else if let Ok(decimal) = value.as_decimal() {
        to.push_str(&decimal.to_string());
    } else if let Ok(truth) = value.as_bool() {
        to.push_str(if truth { "true" } else { "false" });
    } else if value.is_unit() {
        to.push_str("null");
    } else if let Some(digits) = value.read_lock::<Digits>() {
        to.push_str(&digits.0);
    } else {
        return Err(NoJson::Type(value.type_name().to_owned()));
    }
    if to.len() > limit { Err(NoJson::Size(limit)) } else { Ok(()) }
}

fn write_text(text: &str, to: &mut String) {
    to.push_str(&serde_json::to_string(text).expect("a text is JSON"));
}

/// The fields of an object in their order, the doubled ones included.
struct Fields<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Collect;
        impl<'de> Visitor<'de> for Collect {
            type Value = Fields<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields<'de>, A::Error> {
                let mut fields = Vec::new();
                while let Some((name, value)) = map.next_entry::<String, _>()? {
                    fields.push((Cow::Owned(name), value));
                }
                Ok(Fields(fields))
            }
        }
        from.deserialize_map(Collect)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(text: &str, type_name: &str, written: &str) {
        let value = read(text).unwrap();
        assert_eq!(value.type_name().rsplit("::").next().unwrap(), type_name, "{text}");
        assert_eq!(write(&value, 10_000).unwrap().get(), written, "{text}");
    }

    #[test]
    fn numbers_become_what_holds_them_exactly() {
        check("76", "i64", "76");
        check("-9223372036854775808", "i64", "-9223372036854775808");
        check("9223372036854775808", "decimal", "9223372036854775808");
        check("75.10", "decimal", "75.10");
        check("0.1", "decimal", "0.1");
        check("1.5e3", "decimal", "1500");
        check("1E-7", "decimal", "0.0000001");
        check("0e999", "decimal", "0");
        check("1e-300", "Digits", "1e-300");
        check("1e300", "Digits", "1e300");
        let many = "123456789012345678901234567890.123456789";
        check(many, "Digits", many);
    }

    #[test]
    fn what_cannot_be_shown_as_it_is_is_not_shown() {
        assert!(read(r#"{"a":1,"a":2}"#).is_none(), "a map would swallow one of them");
        assert!(read("[1").is_none());
        let deep = |n: usize| format!("{}1{}", "[".repeat(n), "]".repeat(n));
        assert!(read(&deep(DEPTH - 1)).is_some());
        assert!(read(&deep(DEPTH)).is_none());
        assert!(read(&deep(100_000)).is_none());
    }

    #[test]
    fn only_data_can_be_written() {
        let function = Dynamic::from(rhai::FnPtr::new("f").unwrap());
        assert!(matches!(write(&function, 100), Err(NoJson::Type(_))));
        let long = Dynamic::from("x".repeat(100));
        assert_eq!(write(&long, 100).unwrap_err(), NoJson::Size(100));
        let mut deep = Dynamic::UNIT;
        for _ in 0..=DEPTH {
            deep = vec![deep].into();
        }
        assert_eq!(write(&deep, 1_000).unwrap_err(), NoJson::Depth);
    }

    proptest! {
        #[test]
        fn every_digit_comes_back(text in "-?(0|[1-9][0-9]{0,40})(\\.[0-9]{1,40})?") {
            let written = write(&read(&text).unwrap(), 1_000).unwrap();
            // Minus zero is zero.
            let same = written.get() == text || (text.starts_with('-') && !text.contains(['1', '2', '3', '4', '5', '6', '7', '8', '9']));
            prop_assert!(same, "{} became {}", text, written.get());
        }

        #[test]
        fn nothing_makes_it_panic(text in ".{0,60}") {
            let _ = read(&text);
        }
    }
}
