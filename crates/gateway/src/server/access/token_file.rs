use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::Deserialize;
use smol_str::SmolStr;
use thiserror::Error;
use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, value};
use wire::UnixMillis;

use super::super::hub::{DEFAULT_TENANT, is_tenant_name};
use super::super::topics::Topics;
use super::grant::{Bearer, Grant};
use super::token::{Digest, Token};
use crate::GatewayError;

/// The file of hashed tokens, as `vaultwatch-gateway token` keeps it and `--tokens` reads it.
#[derive(Clone, Debug)]
pub struct TokenFile(PathBuf);

/// A token to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewToken {
    /// 1 to 64 characters without control characters, unique in the file.
    pub name: String,
    /// The one tenant it is for.
    pub tenant: String,
    /// Topics its bearer may read: exact types, or prefixes that end in `*`.
    pub read: Vec<String>,
    /// Types its bearer may publish, in the same way.
    pub publish: Vec<String>,
    /// When it ends; `None` for never.
    pub expires: Option<Timestamp>,
    /// Whether it opens `/metrics`, whose figures are of all tenants.
    pub metrics: bool,
}

/// A token as the file describes it, without its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedToken {
    pub name: String,
    pub tenant: String,
    pub read: Vec<String>,
    pub publish: Vec<String>,
    pub expires: Option<Timestamp>,
    pub metrics: bool,
}

/// What is wrong with a file of tokens, or with a change to it.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TokenFileError {
    /// It cannot be read.
    #[error(
        "cannot read the tokens of {path}: {source}; `vaultwatch-gateway token new --tokens {path} NAME` begins a file"
    )]
    Read { path: String, source: io::Error },
    /// It cannot be written.
    #[error("cannot write the tokens to {path}: {source}")]
    Write { path: String, source: io::Error },
    /// Nothing is in it, not even a comment: most likely somebody is writing to it.
    #[error("{path} is empty; a file without tokens holds at least a comment")]
    Empty { path: String },
    /// No TOML, a field missing, or one that nobody knows.
    #[error("{path} is no file of tokens: {reason}")]
    Toml { path: String, reason: String },
    /// A token whose fields make no sense.
    #[error("the token `{name}` {reason}")]
    Token { name: String, reason: String },
    /// There is one of that name already.
    #[error("there is a token `{name}` already: choose another name, or revoke that one first")]
    Taken { name: String },
    /// There is none of that name.
    #[error("there is no token `{name}`: `vaultwatch-gateway token list` shows those there are")]
    Unknown { name: String },
    /// The operating system gave no random bytes.
    #[error(transparent)]
    Random(#[from] GatewayError),
}

/// The tokens of a file, as grants.
#[derive(Clone, Debug, Default)]
pub(super) struct TokenSet(Vec<(Digest, Grant)>);

impl TokenSet {
    /// Compares with every token, so that the time tells nothing of which one it was like.
    pub(super) fn grant(&self, digest: &Digest) -> Option<&Grant> {
        let mut found = None;
        for (known, grant) in &self.0 {
            if known.is(digest) {
                found = Some(grant);
            }
        }
        found
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tokens {
    #[serde(default)]
    token: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    #[serde(default = "default_tenant")]
    tenant: String,
    sha256: String,
    #[serde(default)]
    read: Vec<SmolStr>,
    #[serde(default)]
    publish: Vec<SmolStr>,
    expires: Option<toml::value::Datetime>,
    #[serde(default)]
    metrics: bool,
}

fn default_tenant() -> String {
    DEFAULT_TENANT.to_owned()
}

const HEAD: &str =
    "# Tokens of a VaultWatch gateway, each as the SHA-256 of what its bearer shows. Kept by
# `vaultwatch-gateway token`; a running gateway takes changes over within two seconds.
";

impl TokenFile {
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Adds a token, and begins the file if there is none. What is returned is nowhere else.
    ///
    /// # Errors
    /// [`TokenFileError`] for a name that is taken, fields that make no sense, and a file that cannot be read or written.
    pub fn add(&self, new: &NewToken) -> Result<Token, TokenFileError> {
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

    /// All of them, without their hashes.
    ///
    /// # Errors
    /// [`TokenFileError`] for a file that cannot be read, or makes no sense.
    pub fn list(&self) -> Result<Vec<ListedToken>, TokenFileError> {
        let text = self.read()?;
        self.parse(&text)?;
        let entries = self.entries(&text)?.into_iter();
        let listed = entries.map(|entry| {
            let texts = |list: &[SmolStr]| list.iter().map(ToString::to_string).collect();
            Ok(ListedToken {
                expires: timestamp(&entry)?,
                read: texts(&entry.read),
                publish: texts(&entry.publish),
                name: entry.name,
                tenant: entry.tenant,
                metrics: entry.metrics,
            })
        });
        listed.collect()
    }

    pub(super) fn load(&self) -> Result<(Vec<u8>, TokenSet), TokenFileError> {
        let text = self.read()?;
        let set = self.parse(&text)?;
        Ok((text.into_bytes(), set))
    }

    fn read(&self) -> Result<String, TokenFileError> {
        let text = fs::read_to_string(&self.0);
        let text = text.map_err(|source| TokenFileError::Read { path: self.shown(), source })?;
        if text.trim_ascii().is_empty() {
            return Err(TokenFileError::Empty { path: self.shown() });
        }
        Ok(text)
    }

    fn entries(&self, text: &str) -> Result<Vec<Entry>, TokenFileError> {
        let tokens: Result<Tokens, _> = toml::from_str(text);
        let fault =
            |e: toml::de::Error| TokenFileError::Toml { path: self.shown(), reason: e.to_string() };
        Ok(tokens.map_err(fault)?.token)
    }

    fn parse(&self, text: &str) -> Result<TokenSet, TokenFileError> {
        let mut set: Vec<(Digest, Grant)> = Vec::new();
        for entry in self.entries(text)? {
            let name = entry.name.clone();
            let (digest, grant) = read(&entry)?;
            let fault = |reason: &str| Err(TokenFileError::Token { name, reason: reason.into() });
            if set.iter().any(|(_, known)| known.name == grant.name) {
                return fault("is there twice: give each its own name");
            }
            if set.iter().any(|(known, _)| known.is(&digest)) {
                return fault("has the same `sha256` as another: make it with `token new`");
            }
            set.push((digest, grant));
        }
        Ok(TokenSet(set))
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
            let folder = File::open(folder).map_err(failed)?;
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
        self.parse(&text)?;
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
        self.parse(&text)?;
        // A new file has mode 0600: who has tokens for which tenant is nobody else's business.
        let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
        file.write_all(text.as_bytes()).map_err(failed)?;
        file.as_file().sync_all().map_err(failed)?;
        keep_owner(&path, file.path()).map_err(failed)?;
        file.persist(&path).map_err(|error| failed(error.error))?;
        #[cfg(unix)]
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)?;
        Ok(())
    }

    fn shown(&self) -> String {
        self.0.display().to_string()
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

fn read(entry: &Entry) -> Result<(Digest, Grant), TokenFileError> {
    let fault = |reason: String| TokenFileError::Token { name: entry.name.clone(), reason };
    if !(1..=64).contains(&entry.name.len()) || entry.name.chars().any(char::is_control) {
        return Err(fault("is to be named with 1 to 64 characters".into()));
    }
    if !is_tenant_name(&entry.tenant) {
        return Err(fault("has a tenant that is not 1 to 64 of a-z, 0-9, _ and -".into()));
    }
    let digest = entry.sha256.parse();
    let digest =
        digest.map_err(|()| fault("has a `sha256` that is not 64 hexadecimal digits".into()))?;
    let topics = |field: &str, list: &[SmolStr]| {
        Topics::default().with(list).map_err(|error| fault(format!("has a bad `{field}`: {error}")))
    };
    let expires = timestamp(entry)?.map(|at| UnixMillis(at.as_millisecond()));
    let grant = Grant {
        name: SmolStr::new(&entry.name),
        tenant: Some(SmolStr::new(&entry.tenant)),
        read: topics("read", &entry.read)?,
        publish: topics("publish", &entry.publish)?,
        metrics: entry.metrics,
        expires,
        bearer: Bearer::Token(digest),
    };
    Ok((digest, grant))
}

fn timestamp(entry: &Entry) -> Result<Option<Timestamp>, TokenFileError> {
    let Some(datetime) = &entry.expires else { return Ok(None) };
    let parsed = datetime.to_string().parse();
    parsed.map(Some).map_err(|_| TokenFileError::Token {
        name: entry.name.clone(),
        reason: "has an `expires` without a time zone: write it like 2027-01-31T00:00:00Z".into(),
    })
}

#[cfg(test)]
mod tests {
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
        assert!(matches!(file.add(&bad), Err(TokenFileError::Token { .. })));
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

    #[test]
    fn what_is_wrong_is_named() {
        let hash = "0".repeat(64);
        let entry = |more: &str| format!("[[token]]\nname = \"n\"\nsha256 = \"{hash}\"\n{more}");
        let ok = TokenFile::new("x").parse(&entry("expires = 2027-01-01T00:00:00+02:00")).unwrap();
        assert_eq!(ok.0[0].1.tenant.as_deref(), Some("default"));
        for (text, named) in [
            ("token = 1".to_owned(), "token = 1"),
            (entry("rights = 1"), "unknown field `rights`"),
            ("[[token]]\nname = \"n\"".to_owned(), "sha256"),
            ("[[token]]\nname = \"n\"\nsha256 = \"x\"".to_owned(), "64 hexadecimal"),
            (entry("tenant = \"A\""), "tenant"),
            (entry("read = [\"*a\"]"), "`read`"),
            (entry("expires = 2027-01-01T00:00:00"), "time zone"),
            (entry("expires = 2027-01-01"), "time zone"),
            (format!("{}{}", entry(""), entry("")), "twice"),
            (format!("{}{}", entry(""), entry("").replace("\"n\"", "\"m\"")), "same `sha256`"),
        ] {
            let error = TokenFile::new("x").parse(&text).unwrap_err().to_string();
            assert!(error.contains(named), "{text}: {error}");
        }
    }
}
