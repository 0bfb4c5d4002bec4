//! A change to the profiles, made in the text of `config.toml`: what is not changed stays as it is written.

use domain::view::{Colour, NotifyScope, ProfileChange};
use toml_edit::{Array, DocumentMut, Item, Table, TableLike, TomlError, Value};

use super::{Wanted, mark, set, without_marked};

/// What is to be done with a profile of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProfileEdit {
    Add {
        name: String,
        urls: Vec<String>,
        colour: Colour,
        token: KeptToken,
        /// What is asked for; empty: everything.
        topics: Vec<String>,
    },
    Rename {
        from: String,
        to: String,
    },
    Change {
        name: String,
        change: ProfileChange,
    },
    Remove {
        name: String,
    },
}

/// Where the token of a new profile is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeptToken {
    /// It has none, or the file says where.
    Nowhere,
    Keychain,
}

/// The text with the change in it; `None` where what was to be changed is not there.
///
/// # Errors
/// The text is no TOML.
pub fn edit_profiles(text: &str, edit: &ProfileEdit) -> Result<Option<String>, TomlError> {
    let mut document: DocumentMut = text.parse()?;
    let done = match edit {
        ProfileEdit::Add { name, urls, colour, token, topics } => {
            add(&mut document, name, (urls, topics), (*colour, *token))
        }
        ProfileEdit::Rename { from, to } => rename(&mut document, from, to),
        ProfileEdit::Change { name, change: wanted } => change(&mut document, name, *wanted),
        ProfileEdit::Remove { name } => return remove(document, name),
    };
    Ok(done.map(|()| document.to_string()))
}

fn add(
    document: &mut DocumentMut,
    name: &str,
    (urls, topics): (&[String], &[String]),
    (colour, token): (Colour, KeptToken),
) -> Option<()> {
    let empty = document.is_empty();
    // Of a text without tables everything is trailing, and would end up below the first one.
    let said = match empty {
        true => document.trailing().as_str().unwrap_or_default().to_owned(),
        false => String::new(),
    };
    let profiles = document.entry("profiles").or_insert_with(|| {
        let mut profiles = Table::new();
        profiles.set_implicit(true);
        Item::Table(profiles)
    });
    let profiles = profiles.as_table_like_mut()?;
    if profiles.contains_key(name) {
        return None;
    }
    let mut profile = Table::new();
    let addresses = match urls {
        [only] => Value::from(only.as_str()),
        several => list(several),
    };
    profile.insert("url", Item::Value(addresses));
    profile.insert("colour", Item::Value(colour.word().into()));
    if !topics.is_empty() {
        profile.insert("topics", Item::Value(list(topics)));
    }
    if token == KeptToken::Keychain {
        profile.insert("tokenKeychain", Item::Value(true.into()));
    }
    let gap = match (empty, said.is_empty() || said.ends_with("\n\n")) {
        (true, true) => said,
        (true, false) => format!("{said}\n"),
        (false, _) => "\n".to_owned(),
    };
    profile.decor_mut().set_prefix(gap);
    profiles.insert(name, Item::Table(profile));
    if empty {
        document.set_trailing("");
    }
    Some(())
}

fn list(texts: &[String]) -> Value {
    Value::Array(texts.iter().map(String::as_str).collect::<Array>())
}

fn change(document: &mut DocumentMut, name: &str, change: ProfileChange) -> Option<()> {
    let profile = entry(document, "profiles", name)?;
    let ProfileChange { colour, notify, paused } = change;
    if let Some(colour) = colour {
        set(profile, "colour", Wanted::Value(colour.word().into()));
    }
    // What nobody wishes otherwise need not stand there.
    match notify {
        Some(NotifyScope::All) => drop(profile.remove("notify")),
        Some(scope) => set(profile, "notify", Wanted::Value(scope.word().into())),
        None => {}
    }
    match paused {
        Some(true) => set(profile, "paused", Wanted::Value(true.into())),
        Some(false) => drop(profile.remove("paused")),
        None => {}
    }
    Some(())
}

/// With everything that names it: its encryption, and the rules and policies that are for it.
fn rename(document: &mut DocumentMut, from: &str, to: &str) -> Option<()> {
    if entry(document, "profiles", to).is_some() {
        return None;
    }
    call(document.get_mut("profiles")?.as_table_like_mut()?, from, to)?;
    if let Some(encryption) = document.get_mut("encryption").and_then(Item::as_table_like_mut)
        && call(encryption, from, to).is_some()
        && let Some(sealed) = encryption.get_mut(to).and_then(Item::as_table_like_mut)
        && !sealed.contains_key("tenant")
    {
        // Without one it was the name, and the keys are filed by it.
        set(sealed, "tenant", Wanted::Value(from.into()));
    }
    each_table(document, "rule", &mut |rule| {
        let scope = rule.get_mut("scope").and_then(Item::as_table_like_mut);
        let named = scope.and_then(|scope| scope.get_mut("profiles")?.as_array_mut());
        for value in named.into_iter().flat_map(Array::iter_mut) {
            replace(value, from, to);
        }
    });
    each_table(document, "policy", &mut |policy| {
        if let Some(value) = policy.get_mut("profile").and_then(Item::as_value_mut) {
            replace(value, from, to);
        }
    });
    Some(())
}

/// Puts what stands under a key under another one; a table stays where it is written.
fn call(table: &mut dyn TableLike, from: &str, to: &str) -> Option<()> {
    let item = table.remove(from)?;
    table.insert(to, item);
    Some(())
}

fn replace(value: &mut Value, from: &str, to: &str) {
    if value.as_str() == Some(from) {
        let decor = value.decor().clone();
        *value = to.into();
        *value.decor_mut() = decor;
    }
}

/// The entries of a list, however it is written.
fn each_table(document: &mut DocumentMut, key: &str, visit: &mut dyn FnMut(&mut dyn TableLike)) {
    match document.get_mut(key) {
        Some(Item::ArrayOfTables(list)) => list.iter_mut().for_each(|table| visit(table)),
        Some(Item::Value(Value::Array(list))) => {
            for table in list.iter_mut().filter_map(Value::as_inline_table_mut) {
                visit(table);
            }
        }
        _ => {}
    }
}

fn entry<'a>(
    document: &'a mut DocumentMut,
    section: &str,
    name: &str,
) -> Option<&'a mut dyn TableLike> {
    document.get_mut(section)?.as_table_like_mut()?.get_mut(name)?.as_table_like_mut()
}

fn remove(document: DocumentMut, name: &str) -> Result<Option<String>, TomlError> {
    let Some(text) = without(document, "profiles", name) else { return Ok(None) };
    let rest: DocumentMut = text.parse()?;
    Ok(Some(without(rest, "encryption", name).unwrap_or(text)))
}

/// `None`: it is not there.
fn without(mut document: DocumentMut, section: &str, name: &str) -> Option<String> {
    let all = document.get_mut(section)?.as_table_like_mut()?;
    match all.get_mut(name)? {
        Item::Table(table) if !table.is_dotted() && !table.is_implicit() => {
            mark(table);
            without_marked(&document)
        }
        _ => {
            all.remove(name);
            Some(document.to_string())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"# The desk's file.

# Acme's: ask Ada.
[profiles.acme]
url = "wss://a.example"   # the new one
[[profiles.acme.closeOverrides]]
code = 4403
verdict = "retry"

# Globex pays by the minute.
[profiles.globex]
url = ["wss://g.example", "wss://h.example"]
notify = "critical" # by day

[encryption.acme]
require = true

[[rule]]
name = "low"
scope.profiles = ["globex", "acme"]

[[policy]]
profile = "acme" # theirs
recovery = "4m"
"#;

    fn edit(text: &str, edit: &ProfileEdit) -> String {
        let after = edit_profiles(text, edit).unwrap().unwrap();
        assert!(after.parse::<toml::Table>().is_ok(), "{after}");
        after
    }

    fn difference(before: &str, after: &str) -> Vec<String> {
        let gone = before.lines().filter(|line| !after.lines().any(|l| l == *line));
        let new = after.lines().filter(|line| !before.lines().any(|l| l == *line));
        gone.map(|l| format!("-{l}")).chain(new.map(|l| format!("+{l}"))).collect()
    }

    fn new(name: &str, urls: &[&str], token: KeptToken) -> ProfileEdit {
        let urls = urls.iter().map(ToString::to_string).collect();
        let (name, colour, topics) = (name.to_owned(), Colour::Violet, Vec::new());
        ProfileEdit::Add { name, urls, colour, token, topics }
    }

    fn to(name: &str, change: ProfileChange) -> ProfileEdit {
        ProfileEdit::Change { name: name.to_owned(), change }
    }

    #[test]
    fn a_new_profile_is_written_as_the_documentation_has_them() {
        let one = new("beta", &["wss://b.example"], KeptToken::Nowhere);
        let written = "\n[profiles.beta]\nurl = \"wss://b.example\"\ncolour = \"violet\"\n";
        let after = edit(FILE, &one);
        assert_eq!(after.replace(written, ""), FILE, "nothing else: {after}");
        assert_eq!(edit("", &one), &written[1..]);
        assert_eq!(edit("# Mine.\n", &one), format!("# Mine.\n{written}"));
        assert_eq!(
            edit("[alerts]\ndigestHour = 8\n", &one),
            format!("[alerts]\ndigestHour = 8\n{written}")
        );
        let kept = edit("", &new("b", &["wss://b", "wss://c"], KeptToken::Keychain));
        assert!(kept.contains("url = [\"wss://b\", \"wss://c\"]\n"), "{kept}");
        assert!(kept.ends_with("tokenKeychain = true\n") && !kept.contains("token ="), "{kept}");
        let ProfileEdit::Add { name, urls, colour, token, .. } = one.clone() else { panic!() };
        let topics = vec!["vault_update_A".to_owned(), "market_data_*".to_owned()];
        let own = edit("", &ProfileEdit::Add { name, urls, colour, token, topics });
        assert!(own.contains("topics = [\"vault_update_A\", \"market_data_*\"]\n"), "{own}");
        let twice = new("acme", &["wss://b.example"], KeptToken::Nowhere);
        assert_eq!(edit_profiles(FILE, &twice).unwrap(), None);
        assert!(edit_profiles("[profiles", &one).is_err());
    }

    #[test]
    fn a_change_touches_its_line_only_and_what_is_as_ever_is_not_written() {
        let pause = ProfileChange { paused: Some(true), ..ProfileChange::default() };
        let paused = edit(FILE, &to("globex", pause));
        assert_eq!(difference(FILE, &paused), ["+paused = true"]);
        let resume = ProfileChange { paused: Some(false), ..ProfileChange::default() };
        assert_eq!(edit(&paused, &to("globex", resume)), FILE);
        let quiet = ProfileChange { notify: Some(NotifyScope::None), ..ProfileChange::default() };
        assert_eq!(
            difference(FILE, &edit(FILE, &to("globex", quiet))),
            ["-notify = \"critical\" # by day", "+notify = \"none\" # by day"]
        );
        let all = ProfileChange { notify: Some(NotifyScope::All), ..ProfileChange::default() };
        assert_eq!(
            difference(FILE, &edit(FILE, &to("globex", all))),
            ["-notify = \"critical\" # by day"]
        );
        let brown = ProfileChange { colour: Some(Colour::Brown), ..ProfileChange::default() };
        assert_eq!(difference(FILE, &edit(FILE, &to("acme", brown))), ["+colour = \"brown\""]);
        assert_eq!(edit_profiles(FILE, &to("nobody", pause)).unwrap(), None);
    }

    #[test]
    fn another_name_is_another_name_wherever_it_stands() {
        let rename =
            |from: &str, to: &str| ProfileEdit::Rename { from: from.to_owned(), to: to.to_owned() };
        let after = edit(FILE, &rename("acme", "acme-eu"));
        assert_eq!(
            difference(FILE, &after),
            [
                "-[profiles.acme]",
                "-[[profiles.acme.closeOverrides]]",
                "-[encryption.acme]",
                "-scope.profiles = [\"globex\", \"acme\"]",
                "-profile = \"acme\" # theirs",
                "+[profiles.acme-eu]",
                "+[[profiles.acme-eu.closeOverrides]]",
                "+[encryption.acme-eu]",
                "+tenant = \"acme\"",
                "+scope.profiles = [\"globex\", \"acme-eu\"]",
                "+profile = \"acme-eu\" # theirs",
            ],
            "{after}"
        );
        let place = |text: &str, what: &str| text.find(what).unwrap_or_else(|| panic!("{text}"));
        assert!(place(&after, "[profiles.acme-eu]") < place(&after, "[profiles.globex]"));
        assert!(after.starts_with("# The desk's file.\n\n# Acme's: ask Ada.\n"), "{after}");
        let back = edit(&after, &rename("acme-eu", "acme"));
        assert_eq!(back.replace("tenant = \"acme\"\n", ""), FILE);
        for (from, to) in [("acme", "globex"), ("nobody", "x")] {
            assert_eq!(edit_profiles(FILE, &rename(from, to)).unwrap(), None);
        }
    }

    #[test]
    fn a_removed_profile_takes_its_own_with_it_and_nothing_else() {
        let remove = |name: &str| ProfileEdit::Remove { name: name.to_owned() };
        let after = edit(FILE, &remove("acme"));
        assert!(!after.contains("profiles.acme") && !after.contains("encryption"), "{after}");
        assert!(after.starts_with("# The desk's file.\n"), "{after}");
        assert!(!after.contains("ask Ada"), "what was said about it goes with it: {after}");
        assert!(after.contains("# Globex pays by the minute.\n[profiles.globex]\n"), "{after}");
        let none = edit(&after, &remove("globex"));
        assert!(!none.contains("[profiles") && none.contains("[[rule]]"), "{none}");
        assert_eq!(edit_profiles(&none, &remove("globex")).unwrap(), None);
        let inline = "profiles.a = { url = \"wss://a\" }\nprofiles.b.url = \"wss://b\"\n";
        assert_eq!(edit(inline, &remove("a")), "profiles.b.url = \"wss://b\"\n");
    }
}
