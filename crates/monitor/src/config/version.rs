//! Which form of the file a text is in: `version` of `config.toml`.

use thiserror::Error;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::position::Position;

/// The form that is read here, and what a file means that names none. There was no other so far, so there is nothing to
/// migrate from.
pub const VERSION: u32 = 1;

/// Not a form that is read here. The file is not touched.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("line {line}: `version` {fault}", line = at.line)]
pub struct BadVersion {
    pub at: Position,
    pub fault: VersionFault,
}

/// What is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum VersionFault {
    /// Written for a later program: what its settings mean is not known here.
    #[error("is {0}, of a newer VaultWatch; this one reads version {VERSION}")]
    Newer(u64),
    #[error("must be {VERSION}")]
    NoVersion,
}

/// Asked before anything else of the file: a newer one may have keys that are not known here.
///
/// # Errors
/// [`BadVersion`]. What is no TOML at all is for others to tell.
pub(super) fn check(text: &str) -> Result<(), BadVersion> {
    let Ok(tree) = DeTable::parse(text) else { return Ok(()) };
    let Some(version) = tree.get_ref().get("version") else { return Ok(()) };
    let fault = match number(version) {
        Some(number) if number == u64::from(VERSION) => return Ok(()),
        Some(newer) if newer > u64::from(VERSION) => VersionFault::Newer(newer),
        _ => VersionFault::NoVersion,
    };
    Err(BadVersion { at: Position::of(text, version.span().start), fault })
}

fn number(version: &Spanned<DeValue<'_>>) -> Option<u64> {
    let DeValue::Integer(number) = version.get_ref() else { return None };
    u64::from_str_radix(number.as_str(), number.radix()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_this_version_or_of_none_is_read_and_a_newer_one_refused() {
        for fine in
            ["", "version = 1", "[profiles.acme]\nversion = 7", "version =", "version = 0x1"]
        {
            assert_eq!(check(fine), Ok(()), "{fine}");
        }
        let wrong = |text: &str| check(text).unwrap_err();
        let newer = wrong("# new\n\nversion = 2\n[nobody.knows]\nthis = 1\n");
        assert_eq!(newer.fault, VersionFault::Newer(2));
        assert_eq!(newer.at, Position { line: 3, column: 11 });
        for nonsense in ["version = 0", "version = -1", "version = \"1\"", "version = 1.0"] {
            assert_eq!(wrong(nonsense).fault, VersionFault::NoVersion, "{nonsense}");
        }
    }
}
