use super::Target;

/// How a link to a page of the window begins, followed by `://`.
const SCHEME: &str = "vaultwatch";

/// What is written without an escape only where it has a meaning, or never in an address.
const RESERVED: &[char] = &['?', '#', '\\', '"', '<', '>', '^', '`', '{', '|', '}'];

/// Why a text is no link of ours. None repeats the text: it may come from anybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadLink {
    #[error("it is longer than {} bytes", Target::LINK_BYTES)]
    TooLong,
    #[error("it does not begin with vaultwatch://")]
    NotOurs,
    #[error("it has a character that an address does not have")]
    Reserved,
    #[error("a % in it is not followed by the two digits of a character")]
    BadEscape,
    #[error("it has a character that cannot be shown, or that turns the direction of text")]
    Unshowable,
    #[error("it names no page")]
    NoPage,
}

impl Target {
    /// Longest link, in bytes: the longest name of a vault with every byte escaped, and room for the page.
    pub const LINK_BYTES: usize = 512;

    /// The page that a link from outside leads to: `vaultwatch://vault/ETH-001`, `vaultwatch://alert/17`,
    /// `vaultwatch://alerts`, and so on with every page. What comes after the page's name may be percent-encoded, a
    /// slash within has to be. There is no query and no fragment, and a link never does anything but show a page.
    ///
    /// # Errors
    /// The first variant of [`BadLink`] that fits.
    pub fn from_link(link: &str) -> Result<Self, BadLink> {
        if link.len() > Self::LINK_BYTES {
            return Err(BadLink::TooLong);
        }
        let scheme = link.get(..SCHEME.len()).filter(|s| s.eq_ignore_ascii_case(SCHEME));
        let path = scheme.and_then(|_| link[SCHEME.len()..].strip_prefix("://"));
        let path = path.ok_or(BadLink::NotOurs)?;
        let reserved = |c: char| c.is_whitespace() || c.is_control() || RESERVED.contains(&c);
        if path.contains(reserved) {
            return Err(BadLink::Reserved);
        }
        // Where a browser sees a host it writes it in small letters, and may close it with a slash.
        let (page, name) = match path.split_once('/') {
            None | Some((_, "")) => (path.trim_end_matches('/'), None),
            Some((page, name)) => (page, Some(name)),
        };
        let page = page.to_ascii_lowercase();
        let Some(name) = name else {
            return page.parse().map_err(|_| BadLink::NoPage);
        };
        if name.contains('/') {
            return Err(BadLink::NoPage);
        }
        let name = decode(name).ok_or(BadLink::BadEscape)?;
        if name.contains(is_unshowable) {
            return Err(BadLink::Unshowable);
        }
        format!("{page}/{name}").parse().map_err(|_| BadLink::NoPage)
    }
}

/// What was escaped may stand for anything, but together it is text.
fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => (digit(rest.next()?)? << 4) | digit(rest.next()?)?,
            byte => byte,
        });
    }
    String::from_utf8(bytes).ok()
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// A name stands in the window's title: it must not change how the rest of the line is read.
fn is_unshowable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::VaultId;
    use crate::view::NotificationId;

    fn vault(id: &str) -> Target {
        Target::Vault(VaultId::new(id).unwrap())
    }

    #[test]
    fn every_page_can_be_linked_to() {
        for (link, target) in [
            ("vaultwatch://vault/ETH-001", vault("ETH-001")),
            ("VaultWatch://Vault/eth-001", vault("eth-001")),
            ("vaultwatch://vault/a%2fb%20%C3%BC%3F%23%25", vault("a/b ü?#%")),
            ("vaultwatch://vault/ü", vault("ü")),
            ("vaultwatch://vault/..", vault("..")),
            ("vaultwatch://alert/17", Target::Alert(NotificationId(17))),
            ("vaultwatch://alerts", Target::Alerts),
            ("vaultwatch://alerts/", Target::Alerts),
            ("vaultwatch://overview", Target::Overview),
            ("vaultwatch://markets", Target::Markets),
            ("vaultwatch://what-if", Target::WhatIf),
            ("vaultwatch://welcome", Target::Welcome),
            ("vaultwatch://system", Target::System),
            ("vaultwatch://settings", Target::Settings),
            ("vaultwatch://rules", Target::Rules(None)),
            ("vaultwatch://rules/low-room", Target::Rules(Some("low-room".into()))),
        ] {
            assert_eq!(Target::from_link(link), Ok(target), "{link}");
        }
    }

    #[test]
    fn everything_else_is_refused() {
        let long = format!("vaultwatch://vault/{}", "x".repeat(600));
        let name = format!("vaultwatch://vault/{}", "x".repeat(VaultId::LIMIT + 1));
        for (link, why) in [
            (long.as_str(), BadLink::TooLong),
            ("", BadLink::NotOurs),
            ("vaultwatch", BadLink::NotOurs),
            ("vaultwatch:", BadLink::NotOurs),
            ("vaultwatch:vault/ETH-001", BadLink::NotOurs),
            ("vaultwatchü://vault/ETH-001", BadLink::NotOurs),
            ("vaultwatcü", BadLink::NotOurs),
            ("https://vault/ETH-001", BadLink::NotOurs),
            ("javascript://vault/%0aalert(1)", BadLink::NotOurs),
            ("--quit", BadLink::NotOurs),
            ("vaultwatch://vault/ETH-001?acknowledge=1", BadLink::Reserved),
            ("vaultwatch://vault/ETH-001#x", BadLink::Reserved),
            ("vaultwatch://vault/ETH 001", BadLink::Reserved),
            ("vaultwatch://vault/ETH-001\n", BadLink::Reserved),
            ("vaultwatch://vault/<b>", BadLink::Reserved),
            ("vaultwatch://vault/a\\b", BadLink::Reserved),
            ("vaultwatch://vault/%", BadLink::BadEscape),
            ("vaultwatch://vault/%4", BadLink::BadEscape),
            ("vaultwatch://vault/%zz", BadLink::BadEscape),
            ("vaultwatch://vault/%+1", BadLink::BadEscape),
            ("vaultwatch://vault/%ff", BadLink::BadEscape),
            ("vaultwatch://vault/a%00b", BadLink::Unshowable),
            ("vaultwatch://rules/a%0Ab", BadLink::Unshowable),
            ("vaultwatch://vault/%E2%80%AEgnp", BadLink::Unshowable),
            ("vaultwatch://", BadLink::NoPage),
            ("vaultwatch:///vault/ETH-001", BadLink::NoPage),
            ("vaultwatch://vault", BadLink::NoPage),
            ("vaultwatch://vault/", BadLink::NoPage),
            ("vaultwatch://vault/a/b", BadLink::NoPage),
            ("vaultwatch://vault//", BadLink::NoPage),
            ("vaultwatch://user@vault/ETH-001", BadLink::NoPage),
            ("vaultwatch://vault:80/ETH-001", BadLink::NoPage),
            (name.as_str(), BadLink::NoPage),
            ("vaultwatch://alert/", BadLink::NoPage),
            ("vaultwatch://alert/0", BadLink::NoPage),
            ("vaultwatch://alert/-1", BadLink::NoPage),
            ("vaultwatch://alert/+1", BadLink::NoPage),
            ("vaultwatch://alert/9223372036854775808", BadLink::NoPage),
            ("vaultwatch://quit", BadLink::NoPage),
            ("vaultwatch://alerts/17", BadLink::NoPage),
        ] {
            assert_eq!(Target::from_link(link), Err(why), "{link}");
        }
    }

    /// As a program escapes that knows nothing of us: whatever is not plain.
    fn encoded(name: &str) -> String {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
        let escaped = |byte: u8| match plain(byte) {
            true => char::from(byte).to_string(),
            false => format!("%{byte:02X}"),
        };
        name.bytes().map(escaped).collect()
    }

    proptest! {
        #[test]
        fn whatever_a_vault_is_called_it_can_be_linked_to(name in "\\PC{1,32}") {
            prop_assume!(!name.contains(is_unshowable));
            let link = format!("vaultwatch://vault/{}", encoded(&name));
            prop_assert_eq!(Target::from_link(&link), Ok(vault(&name)));
        }

        #[test]
        fn whatever_comes_is_a_page_or_refused(tail in ".{0,80}", whole in ".{0,80}") {
            for link in [format!("vaultwatch://{tail}"), format!("vaultwatch://vault/{tail}"), whole] {
                if let Ok(target) = Target::from_link(&link) {
                    let text = target.to_string();
                    prop_assert!(!text.contains(is_unshowable));
                    prop_assert_eq!(text.parse(), Ok(target), "the same page within the window");
                }
            }
        }
    }
}
