use std::fs;
use std::io::{self, Write};
use std::path::Path;

use jiff::Timestamp;
use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, value};

use super::super::token::{Digest, Token};
use super::set::{TokenSet, check};
use super::{NewToken, TokenFile, TokenFileError};

const HEAD: &str =
    "# Tokens of a VaultWatch gateway, each as the SHA-256 of what its bearer shows. Kept by
# `vaultwatch-gateway token`; a running gateway takes changes over within two seconds.
";

impl TokenFile {
    /// Adds a token, and begins the file if there is none. What is returned is nowhere else.
    ///
    /// # Errors
    /// [`TokenFileError`] for a name that is taken, fields that make no sense, and a file that cannot be read or written.
    pub fn add(&self, new: &NewToken) -> Result<Token, TokenFileError> {
        check(new).map_err(|reason| TokenFileError::Refused { name: new.name.clone(), reason })?;
        let token = Token::random()?;
        self.change(|document| {
            if tokens(document).iter().any(|table| is_named(table, &new.name)) {
                return Err(TokenFileError::Taken { name: new.name.clone() });
            }
            let mut table = table(new, &Digest::of(token.as_str().as_bytes()));
            if tokens(document).is_empty() {
                // What a file without tokens says would end up below the first one.
                table.decor_mut().set_prefix(document.trailing().clone());
                document.set_trailing("");
            }
            tokens(document).push(table);
            Ok(())
        })?;
        Ok(token)
    }

    /// Takes a token out. Its bearers lose their connections.
    ///
    /// # Errors
    /// [`TokenFileError::Unknown`] when there is none of that name, others as of a file.
    pub fn revoke(&self, name: &str) -> Result<(), TokenFileError> {
        // Without a file there is nothing to revoke; beginning one would only hide a mistyped path.
        self.read()?;
        self.change(|document| {
            let tokens = tokens(document);
            let at = tokens.iter().position(|table| is_named(table, name));
            let at = at.ok_or_else(|| TokenFileError::Unknown { name: name.into() })?;
            // What stands above a token goes with it, but for the head of the file.
            let headed = at == 0 && comment(tokens.get(0)).contains(HEAD);
            tokens.remove(at);
            if headed && let Some(first) = tokens.get_mut(0) {
                let own = comment(Some(first)).to_owned();
                first.decor_mut().set_prefix(format!("{HEAD}{own}"));
            }
            Ok(())
        })
    }

    /// Reads, changes, checks and replaces the file. The new one is complete before it takes the old one's name.
    fn change(
        &self,
        change: impl FnOnce(&mut DocumentMut) -> Result<(), TokenFileError>,
    ) -> Result<(), TokenFileError> {
        let failed = |source| TokenFileError::Write { path: self.shown(), source };
        // A link stays one: the file it leads to is replaced.
        let path = fs::canonicalize(&self.0).unwrap_or_else(|_| self.0.clone());
        let folder = match path.parent() {
            Some(folder) if folder != Path::new("") => folder,
            _ => Path::new("."),
        };
        // Two changes at once must not undo each other. The folder is locked because the file is replaced.
        #[cfg(unix)]
        let _lock = {
            let folder = fs::File::open(folder).map_err(failed)?;
            folder.lock().map_err(failed)?;
            folder
        };
        let text = match self.read() {
            Ok(text) => text,
            Err(TokenFileError::Read { source, .. })
                if source.kind() == io::ErrorKind::NotFound =>
            {
                HEAD.to_owned()
            }
            Err(TokenFileError::Empty { .. }) => HEAD.to_owned(),
            Err(error) => return Err(error),
        };
        TokenSet::parse(&text, &self.0)?;
        let fault = |e: toml_edit::TomlError| TokenFileError::Toml {
            path: self.shown(),
            reason: e.to_string(),
        };
        let mut document: DocumentMut = text.parse().map_err(fault)?;
        change(&mut document)?;
        let mut text = document.to_string();
        if text.trim_ascii().is_empty() {
            text = HEAD.to_owned();
        }
        TokenSet::parse(&text, &self.0)?;
        // A new file has mode 0600: who has tokens for which tenant is nobody else's business.
        let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
        file.write_all(text.as_bytes()).map_err(failed)?;
        file.as_file().sync_all().map_err(failed)?;
        keep_owner(&path, file.path()).map_err(failed)?;
        file.persist(&path).map_err(|error| failed(error.error))?;
        #[cfg(unix)]
        fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)?;
        Ok(())
    }
}

fn tokens(document: &mut DocumentMut) -> &mut ArrayOfTables {
    let tokens = document.entry("token").or_insert(Item::ArrayOfTables(ArrayOfTables::new()));
    if !tokens.is_array_of_tables() {
        // An empty list, written out: anything else was refused when the file was checked.
        let list = std::mem::take(tokens).into_array_of_tables();
        *tokens = Item::ArrayOfTables(list.unwrap_or_default());
    }
    tokens.as_array_of_tables_mut().expect("it has just been made one")
}

/// A file that was there keeps its owner and mode: a gateway under a user of its own reads it by its group.
#[cfg(unix)]
fn keep_owner(old: &Path, new: &Path) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, chown};
    let Ok(known) = fs::metadata(old) else { return Ok(()) };
    let made = fs::metadata(new)?;
    if (known.uid(), known.gid()) != (made.uid(), made.gid()) {
        chown(new, Some(known.uid()), Some(known.gid()))?;
    }
    fs::set_permissions(new, known.permissions())
}

#[cfg(not(unix))]
fn keep_owner(_: &Path, _: &Path) -> io::Result<()> {
    Ok(())
}

/// What stands above a token.
fn comment(table: Option<&Table>) -> &str {
    let prefix = table.and_then(|table| table.decor().prefix());
    prefix.and_then(toml_edit::RawString::as_str).unwrap_or_default()
}

fn is_named(table: &Table, name: &str) -> bool {
    table.get("name").and_then(Item::as_str) == Some(name)
}

fn table(new: &NewToken, digest: &Digest) -> Table {
    let list = |topics: &[String]| value(topics.iter().collect::<toml_edit::Array>());
    let mut table = Table::new();
    table["name"] = value(&new.name);
    table["tenant"] = value(&new.tenant);
    table["sha256"] = value(digest.to_string());
    table["read"] = list(&new.read);
    table["publish"] = list(&new.publish);
    if new.metrics {
        table["metrics"] = value(true);
    }
    if let Some(expires) = new.expires {
        let whole = Timestamp::from_second(expires.as_second()).unwrap_or(expires);
        let datetime: toml_edit::Datetime =
            whole.to_string().parse().expect("RFC 3339 is what TOML writes");
        table["expires"] = value(datetime);
    }
    table
}

#[cfg(test)]
mod tests {
    use wire::UnixMillis;

    use super::*;

    fn new(name: &str) -> NewToken {
        NewToken {
            name: name.into(),
            tenant: "desk".into(),
            read: vec!["*".into()],
            publish: vec!["risk_alert".into(), "vault_update_*".into()],
            expires: Some("2027-01-31T12:00:00Z".parse().unwrap()),
            metrics: false,
        }
    }

    fn file() -> (tempfile::TempDir, TokenFile) {
        let folder = tempfile::tempdir().unwrap();
        let file = TokenFile::new(folder.path().join("tokens.toml"));
        (folder, file)
    }

    #[test]
    fn a_token_opens_what_it_was_made_for_and_is_in_no_file() {
        let (_folder, file) = file();
        let token = file.add(&new("a")).unwrap();
        let other = file.add(&NewToken { expires: None, metrics: true, ..new("b") }).unwrap();
        let (text, set) = file.load().unwrap();
        assert!(!String::from_utf8(text).unwrap().contains(token.as_str()));
        let grant = |token: &str| set.grant(&Digest::of(token.as_bytes())).cloned();
        let granted = grant(token.as_str()).unwrap();
        assert_eq!((granted.name.as_str(), granted.tenant.as_deref()), ("a", Some("desk")));
        assert_eq!(granted.expires, Some(UnixMillis(1_801_396_800_000)));
        assert!(granted.publish.matches("vault_update_1") && !granted.publish.matches("note"));
        assert_eq!(grant(other.as_str()).unwrap().expires, None);
        assert_eq!(grant("neither"), None);
        let listed = file.list().unwrap();
        assert_eq!((listed.len(), listed[0].tenant.as_str()), (2, "desk"));
        file.revoke("a").unwrap();
        let (_, set) = file.load().unwrap();
        assert_eq!((set.len(), set.grant(&Digest::of(token.as_str().as_bytes()))), (1, None));
        file.revoke("b").unwrap();
        assert_eq!(file.list().unwrap(), []);
    }

    #[cfg(unix)]
    #[test]
    fn only_its_owner_may_read_the_file_and_a_link_to_it_stays() {
        use std::os::unix::fs::PermissionsExt;
        let (folder, file) = file();
        file.add(&new("a")).unwrap();
        let mode = fs::metadata(file.path()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        // Unless somebody has decided otherwise.
        fs::set_permissions(file.path(), PermissionsExt::from_mode(0o640)).unwrap();
        file.add(&new("c")).unwrap();
        let mode = fs::metadata(file.path()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o640);
        let link = folder.path().join("link.toml");
        std::os::unix::fs::symlink(file.path(), &link).unwrap();
        TokenFile::new(&link).add(&new("b")).unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(file.list().unwrap().len(), 3);
    }

    #[test]
    fn comments_of_the_file_survive_a_change() {
        let (_folder, file) = file();
        file.add(&new("a")).unwrap();
        let text = fs::read_to_string(file.path()).unwrap();
        fs::write(file.path(), format!("{text}# asked for by Ada\n")).unwrap();
        file.add(&new("b")).unwrap();
        let text = fs::read_to_string(file.path()).unwrap();
        assert!(text.starts_with(HEAD) && text.contains("# asked for by Ada"), "{text}");
    }

    #[test]
    fn names_are_given_once_and_revoked_once() {
        let (_folder, file) = file();
        assert!(matches!(file.revoke("a"), Err(TokenFileError::Read { .. })));
        assert!(!file.path().exists());
        file.add(&new("a")).unwrap();
        assert!(matches!(file.add(&new("a")), Err(TokenFileError::Taken { .. })));
        assert!(matches!(file.revoke("b"), Err(TokenFileError::Unknown { .. })));
        let bad = NewToken { read: vec!["a*b".into()], ..new("c") };
        assert!(matches!(file.add(&bad), Err(TokenFileError::Refused { .. })));
        assert_eq!(file.list().unwrap().len(), 1, "a bad token spoils no file");
    }

    #[test]
    fn changes_at_once_do_not_undo_each_other() {
        let (_folder, file) = file();
        std::thread::scope(|scope| {
            for n in 0..8 {
                let file = &file;
                scope.spawn(move || file.add(&new(&n.to_string())).unwrap());
            }
        });
        assert_eq!(file.list().unwrap().len(), 8);
    }
}
