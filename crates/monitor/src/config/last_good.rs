//! A copy of the last configuration that was in force, for a start that finds a broken one. It lies among the data, where
//! nobody edits it, and holds no secret: those are taken from where they stand.

use std::io;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};
use toml_edit::{Array, DocumentMut, Item, Table, Value};

use super::replace::replace;

const FILE: &str = "config.last-good.toml";
const HEAD: &str = "# The last configuration that was in force, without its secrets. VaultWatch goes back to it when it\n\
                    # starts and config.toml cannot be read. Changes made here are lost.\n\n";

/// Keys of a connection that may hold a secret.
const SECRET: [&str; 3] = ["token", "proxy", "tokenCommand"];
/// Keys that do when there is a query in them.
const ADDRESS: [&str; 2] = ["url", "endpoints"];

fn path_in(data_dir: &Path) -> PathBuf {
    data_dir.join(FILE)
}

/// Keeps a valid text, unless it is kept already. An empty one is none.
///
/// # Errors
/// What the operating system says.
pub(super) fn keep(data_dir: &Path, text: &str) -> io::Result<()> {
    let Some(bare) = without_secrets(text) else { return Ok(()) };
    let path = path_in(data_dir);
    if std::fs::read_to_string(&path).is_ok_and(|kept| kept == bare) {
        return Ok(());
    }
    replace(&path, &bare)
}

/// The text that was kept, with the secrets that still stand in the broken one; `None`: none was.
pub(super) fn recall(data_dir: &Path, broken: &str) -> Option<String> {
    let kept = std::fs::read_to_string(path_in(data_dir)).ok()?;
    Some(with_secrets(&kept, broken).unwrap_or(kept))
}

fn without_secrets(text: &str) -> Option<String> {
    let mut document: DocumentMut = text.parse().ok()?;
    if document.is_empty() {
        return None;
    }
    for (_, profile) in profiles(&mut document) {
        let Some(profile) = profile.as_table_like_mut() else { continue };
        for key in SECRET {
            profile.remove(key);
        }
        for key in ADDRESS {
            if profile.get(key).is_some_and(|address| address.to_string().contains('?')) {
                profile.remove(key);
            }
        }
    }
    // Comments may hold what was commented out.
    document.set_trailing("");
    bare_table(document.as_table_mut());
    Some(format!("{HEAD}{document}"))
}

fn bare(item: &mut Item) {
    match item {
        Item::Table(table) => bare_table(table),
        Item::ArrayOfTables(list) => list.iter_mut().for_each(bare_table),
        Item::Value(value) => bare_value(value),
        Item::None => {}
    }
}

fn bare_table(table: &mut Table) {
    table.decor_mut().clear();
    table.fmt();
    table.iter_mut().for_each(|(_, item)| bare(item));
}

fn bare_value(value: &mut Value) {
    match value {
        Value::Array(list) => {
            list.fmt();
            list.iter_mut().for_each(bare_value);
        }
        Value::InlineTable(table) => {
            table.fmt();
            table.iter_mut().for_each(|(_, value)| bare_value(value));
        }
        plain => plain.decor_mut().clear(),
    }
}

fn with_secrets(kept: &str, broken: &str) -> Option<String> {
    let mut document: DocumentMut = kept.parse().ok()?;
    let (tree, _) = DeTable::parse_recoverable(broken);
    for (name, profile) in profiles(&mut document) {
        let there = tree
            .get_ref()
            .get("profiles")
            .and_then(|all| all.get_ref().as_table()?.get(name.as_str()));
        let Some(there) = there.and_then(|there| there.get_ref().as_table()) else { continue };
        let Some(profile) = profile.as_table_like_mut() else { continue };
        for key in SECRET.into_iter().chain(ADDRESS) {
            let said = |key: &&str| profile.contains_key(key);
            let is_there =
                if ADDRESS.contains(&key) { ADDRESS.iter().any(said) } else { said(&key) };
            if let (false, Some(value)) = (is_there, there.get(key).and_then(value)) {
                profile.insert(key, Item::Value(value));
            }
        }
    }
    Some(document.to_string())
}

fn profiles(document: &mut DocumentMut) -> Vec<(String, &mut Item)> {
    let profiles = document.get_mut("profiles").and_then(Item::as_table_like_mut);
    let all = profiles.into_iter().flat_map(toml_edit::TableLike::iter_mut);
    all.map(|(name, profile)| (name.get().to_owned(), profile)).collect()
}

/// A text, or a list of texts.
fn value(value: &Spanned<DeValue<'_>>) -> Option<Value> {
    match value.get_ref() {
        DeValue::String(text) => Some(Value::from(text.as_ref())),
        DeValue::Array(list) => {
            let texts = list.iter().map(|entry| entry.get_ref().as_str());
            Some(Value::Array(texts.collect::<Option<Array>>()?))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"# token = "hush: commented out"
[profiles.acme]
url = "wss://feed.example/ws?key=hush"
token = "hush"   # Ada's
proxy = "http://me:hush@proxy:1"
heartbeatInterval = 20000

[profiles.b]
url = ["wss://b.example/", "wss://c.example/"]
tokenCommand = ["print-token", "--password", "hush"] # hush
stateTypes = [ # hush
  "vault_update*", # hush
]
closeOverrides = [{ code = 4403, verdict = "retry" }] # hush

# hush
[[rule]]
name = "low"
metric = "room"
when = "below"
enter = 10.5
severity = "high"
"#;

    #[test]
    fn the_copy_holds_no_secret_and_is_its_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        keep(folder.path(), FILE).unwrap();
        let path = path_in(folder.path());
        let kept = std::fs::read_to_string(&path).unwrap();
        assert!(!kept.contains("hush"), "{kept}");
        assert!(
            kept.contains("20000") && kept.contains("10.5") && kept.contains("wss://c.example/")
        );
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        keep(folder.path(), "").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), kept, "nothing is no configuration");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn secrets_are_taken_from_where_they_still_stand() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(recall(folder.path(), FILE), None);
        keep(folder.path(), FILE).unwrap();
        let broken = FILE.replace("heartbeatInterval = 20000", "heartbeatInterval = = 5");
        let back: toml::Table = recall(folder.path(), &broken).unwrap().parse().unwrap();
        assert_eq!(back, FILE.parse().unwrap());
        let gone: toml::Table = recall(folder.path(), "").unwrap().parse().unwrap();
        assert!(gone["profiles"]["acme"].get("token").is_none());
    }
}
