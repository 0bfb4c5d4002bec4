use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Position;

/// The line, from 1, in which a text says something under these keys; `None`: it does not.
#[must_use]
pub fn line_of(text: &str, keys: &[&str]) -> Option<usize> {
    let tree = DeTable::parse(text).ok()?;
    let (last, way) = keys.split_last()?;
    let mut table = tree.get_ref();
    for key in way {
        table = match table.get(*key).map(Spanned::get_ref)? {
            DeValue::Table(inner) => inner,
            _ => return None,
        };
    }
    let (key, _) = table.get_key_value(*last)?;
    Some(Position::of(text, key.span().start).line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_has_a_line() {
        let text = "[a]\nb = 1\nc.d = 2\n[[e]]\n";
        for (keys, line) in [
            (&["a", "b"][..], Some(2)),
            (&["a", "c", "d"], Some(3)),
            (&["e"], Some(4)),
            (&["a", "x"], None),
            (&["a", "b", "x"], None),
            (&[], None),
        ] {
            assert_eq!(line_of(text, keys), line, "{keys:?}");
        }
        assert_eq!(line_of("a = = 1", &["a"]), None);
    }
}
