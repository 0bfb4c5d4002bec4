//! One key of the settings, changed in the text of `config.toml`.

use toml_edit::{DocumentMut, Item, Table, TableLike, TomlError, Value};

use super::{Wanted, set};

/// The text where this key says so; `None` for the value takes it out. What is not changed stays as it is written.
/// `None`: the way to the key is no table, or it is a profile that is not there.
///
/// # Errors
/// The text is no TOML.
pub(crate) fn edit_setting(
    text: &str,
    path: &[&str],
    value: Option<Value>,
) -> Result<Option<String>, TomlError> {
    let mut document: DocumentMut = text.parse()?;
    let done = match path {
        ["profiles", name, key] => {
            let profiles = document.get_mut("profiles").and_then(Item::as_table_like_mut);
            let profile = profiles.and_then(|all| all.get_mut(name)?.as_table_like_mut());
            profile.map(|profile| {
                // Written under its other name it stays under it.
                let other = *key == "url" && profile.contains_key("endpoints");
                put(profile, if other { "endpoints" } else { key }, value);
            })
        }
        ["encryption", name, key] => {
            let all = document.entry("encryption").or_insert_with(parent).as_table_like_mut();
            let profile = all.and_then(|all| {
                all.entry(name).or_insert_with(toml_edit::table).as_table_like_mut()
            });
            profile.map(|profile| put(profile, key, value))
        }
        [section, key] => match section_of(&mut document, section, value.is_some()) {
            Some(Some(section)) => {
                put(section, key, value);
                Some(())
            }
            Some(None) => Some(()),
            None => None,
        },
        _ => None,
    };
    Ok(done.map(|()| document.to_string()))
}

/// Of tables alone: it has no head of its own.
fn parent() -> Item {
    let mut table = Table::new();
    table.set_implicit(true);
    Item::Table(table)
}

fn put(table: &mut dyn TableLike, key: &str, value: Option<Value>) {
    match value {
        // A table of its own, under its own head, is replaced as a whole.
        Some(value) if table.get(key).is_some_and(Item::is_table) => {
            table.remove(key);
            table.insert(key, Item::Value(value));
        }
        Some(value) => set(table, key, Wanted::Value(value)),
        None => drop(table.remove(key)),
    }
}

/// The section, made where it is to hold something; `Some(None)`: it is not there and need not be.
fn section_of<'a>(
    document: &'a mut DocumentMut,
    name: &str,
    wanted: bool,
) -> Option<Option<&'a mut dyn TableLike>> {
    if !document.contains_key(name) {
        if !wanted {
            return Some(None);
        }
        let mut section = Table::new();
        // Of a text without tables everything is trailing, and would end up below the first one.
        let said = match document.is_empty() {
            true => document.trailing().as_str().unwrap_or_default().to_owned(),
            false => String::new(),
        };
        let gap = match (document.is_empty(), said.is_empty() || said.ends_with("\n\n")) {
            (true, true) => said,
            (true, false) => format!("{said}\n"),
            (false, _) => "\n".to_owned(),
        };
        if document.is_empty() {
            document.set_trailing("");
        }
        section.decor_mut().set_prefix(gap);
        document.insert(name, Item::Table(section));
    }
    Some(Some(document.get_mut(name)?.as_table_like_mut()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edit(text: &str, path: &[&str], value: Option<Value>) -> String {
        edit_setting(text, path, value).unwrap().unwrap()
    }

    #[test]
    fn a_key_is_changed_where_it_stands_or_put_where_it_belongs() {
        let file = "# Head.\n\n[alerts]\ndigestHour = 8 # early\n\n[[rule]]\nname = \"a\"\n";
        let hour = ["alerts", "digestHour"];
        assert_eq!(edit(file, &hour, Some(9.into())), file.replace("= 8", "= 9"));
        assert_eq!(edit(file, &hour, None), file.replace("digestHour = 8 # early\n", ""));
        let kept = edit(file, &["retention", "read"], Some(5.into()));
        assert!(kept.contains("\n[retention]\nread = 5\n"), "{kept}");
        assert_eq!(kept.replace("\n[retention]\nread = 5\n", ""), file, "{kept}");
        assert_eq!(edit(file, &["retention", "read"], None), file);
        assert_eq!(edit("# Mine.\n", &["a", "b"], Some(1.into())), "# Mine.\n\n[a]\nb = 1\n");
        assert_eq!(edit("", &["a", "b"], Some(1.into())), "[a]\nb = 1\n");
    }

    #[test]
    fn a_table_of_its_own_gives_way_to_a_line() {
        let file = "[alerts]\n[alerts.quietHours]\nfrom = \"22:00\"\nto = \"06:00\"\n";
        let after = edit(file, &["alerts", "quietHours"], Some("x".into()));
        let table: toml::Table = after.parse().unwrap();
        assert_eq!(table["alerts"]["quietHours"].as_str(), Some("x"), "{after}");
    }

    #[test]
    fn only_a_profile_that_is_there_is_changed() {
        let file = "[profiles.acme]\nendpoints = [\"wss://a\"] # old name\n";
        let url = ["profiles", "acme", "url"];
        let after = edit(file, &url, Some("wss://b".into()));
        assert_eq!(after, "[profiles.acme]\nendpoints = \"wss://b\" # old name\n");
        assert_eq!(edit_setting(file, &["profiles", "b", "url"], None).unwrap(), None);
        assert_eq!(edit_setting("alerts = 5\n", &["alerts", "x"], Some(1.into())).unwrap(), None);
        assert!(edit_setting("[alerts", &["alerts", "x"], None).is_err());
    }
}
