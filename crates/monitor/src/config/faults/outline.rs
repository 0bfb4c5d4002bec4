//! Where in a file something stands, by its byte and by its keys. Entries of lists are named by their numbers, from 0.

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

/// The keys that lead to what stands at a byte: a key, a value, or the head of a table.
pub(super) fn path_to(table: &DeTable<'_>, at: usize) -> Option<Vec<String>> {
    // What is within first: a table's own place is its head, or all of it, as it is written.
    for (key, value) in table {
        let inner = match value.get_ref() {
            DeValue::Table(table) => path_to(table, at),
            DeValue::Array(list) => list.iter().enumerate().find_map(|(n, entry)| {
                let inner = match entry.get_ref() {
                    DeValue::Table(table) => path_to(table, at),
                    _ => None,
                };
                let own = || holds(entry, at).then(Vec::new);
                Some(led_by(n.to_string(), inner.or_else(own)?))
            }),
            _ => None,
        };
        if let Some(inner) = inner {
            return Some(led_by(key.get_ref().to_string(), inner));
        }
    }
    let own =
        |(key, value): &(&Spanned<_>, &Spanned<_>)| key.span().contains(&at) || holds(value, at);
    table.iter().find(own).map(|(key, _)| vec![key.get_ref().to_string()])
}

fn holds<T>(value: &Spanned<T>, at: usize) -> bool {
    value.span().contains(&at) || value.span().start == at
}

fn led_by(first: String, mut rest: Vec<String>) -> Vec<String> {
    rest.insert(0, first);
    rest
}

/// Takes out what these keys lead to; whether it was there.
pub(super) fn remove(table: &mut DeTable<'_>, path: &[String]) -> bool {
    let Some((first, rest)) = path.split_first() else { return false };
    let Some(value) = table.get_mut(first.as_str()) else { return false };
    if rest.is_empty() {
        return table.remove(first.as_str()).is_some();
    }
    match value.get_mut() {
        DeValue::Table(table) => remove(table, rest),
        DeValue::Array(list) => remove_entry(list, rest),
        _ => false,
    }
}

fn remove_entry(list: &mut DeArray<'_>, path: &[String]) -> bool {
    let Some((number, rest)) = path.split_first() else { return false };
    let Some(number) = number.parse::<usize>().ok().filter(|number| *number < list.len()) else {
        return false;
    };
    if !rest.is_empty() {
        return match list.get_mut(number).map(Spanned::get_mut) {
            Some(DeValue::Table(table)) => remove(table, rest),
            _ => false,
        };
    }
    let mut left = DeArray::new();
    for (_, entry) in list.iter().enumerate().filter(|(n, _)| *n != number) {
        left.push(entry.clone());
    }
    *list = left;
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "a = 1\nb.c = [1, 2]\n[d.e]\nf = { g = 1 }\n[[h]]\ni = 1\n[[h]]\nj = 2\n";

    #[test]
    fn a_byte_leads_to_its_keys_and_they_to_it() {
        let tree = DeTable::parse(TEXT).unwrap();
        for (what, path) in [
            ("a = 1", "a"),
            ("c = [", "b.c"),
            ("2]", "b.c.1"),
            ("[d.e]", "d.e"),
            ("f = {", "d.e.f"),
            ("g = 1", "d.e.f.g"),
            ("i = 1", "h.0.i"),
            ("2\n", "h.1.j"),
        ] {
            let at = if what == "2\n" { TEXT.rfind(what) } else { TEXT.find(what) };
            let found = path_to(tree.get_ref(), at.unwrap());
            assert_eq!(found.as_ref().map(|path| path.join(".")).as_deref(), Some(path), "{what}");
            let mut less = tree.get_ref().clone();
            assert!(remove(&mut less, &found.unwrap()));
            assert_ne!(format!("{less:?}"), format!("{:?}", tree.get_ref()));
        }
        let mut tree = tree.into_inner();
        for nothing in ["x", "a.b", "h.7", "h.x", ""] {
            let path: Vec<_> = nothing.split('.').map(str::to_owned).collect();
            assert!(!remove(&mut tree, &path), "{nothing}");
        }
    }
}
