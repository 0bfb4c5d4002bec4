//! What can be said of an address before it is tried.

use crate::words::welcome_address as say;

/// Why a text is no feed's address; goes on where the field's name ends.
pub(super) fn fault(text: &str) -> Option<&'static str> {
    let text = text.trim();
    if text.is_empty() {
        return Some(say::missing());
    }
    if text.contains(char::is_whitespace) {
        return Some(say::blank());
    }
    let lower = text.to_ascii_lowercase();
    let (encrypted, rest) = match (lower.strip_prefix("wss://"), lower.strip_prefix("ws://")) {
        (Some(rest), _) => (true, rest),
        (None, Some(rest)) => (false, rest),
        (None, None) if lower.starts_with("http") => {
            return Some(say::web_page());
        }
        (None, None) => return Some(say::scheme()),
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.contains('@') {
        return Some(say::credentials());
    }
    let host = host_of(authority);
    if host.is_empty() {
        return Some(say::no_host());
    }
    let here = host == "localhost" || host == "[::1]" || host.starts_with("127.");
    if !encrypted && !here {
        return Some(say::not_encrypted());
    }
    None
}

/// Why a text is no profile's name.
pub(super) fn name_fault(name: &str) -> Option<&'static str> {
    let possible = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-');
    if name.is_empty() {
        Some(say::no_name())
    } else if name.len() > 64 || !name.bytes().all(possible) {
        Some(say::name_letters())
    } else {
        None
    }
}

/// What a profile may be called by its address: `acme` for `wss://feed.acme.example/ws`.
pub(super) fn name_of(address: &str) -> String {
    let lower = address.trim().to_ascii_lowercase();
    let rest = lower.split_once("://").map_or("", |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = host_of(authority.rsplit('@').next().unwrap_or_default());
    let labels: Vec<&str> = host.split('.').filter(|label| !label.is_empty()).collect();
    let number = |label: &&str| label.bytes().all(|byte| byte.is_ascii_digit());
    let name = match labels[..] {
        [] => "",
        ["localhost"] => "local",
        _ if labels.iter().all(number) || host.starts_with('[') => "feed",
        [only] => only,
        [.., name, _] => name,
    };
    let name: String = name
        .chars()
        .filter(|letter| letter.is_ascii_alphanumeric() || "_-".contains(*letter))
        .collect();
    name.chars().take(64).collect()
}

/// Without its port; of an IPv6 address with its brackets.
fn host_of(authority: &str) -> &str {
    match authority.find(']') {
        Some(end) if authority.starts_with('[') => &authority[..=end],
        _ => authority.split(':').next().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_a_feed_is_said_before_it_is_tried() {
        for good in [
            "wss://feed.example/ws",
            " WSS://Feed.Example:8443/?tenant=a ",
            "ws://localhost:3001",
            "ws://127.0.0.1/ws",
            "ws://[::1]:3001/",
        ] {
            assert_eq!(fault(good), None, "{good}");
        }
        for (bad, why) in [
            ("", "is missing"),
            ("feed.example", "begins with wss://"),
            ("https://feed.example", "is a web page's"),
            ("wss://feed .example", "has a blank"),
            ("wss:///ws", "names no host"),
            ("wss://me:hush@feed.example", "holds a user's name"),
            ("ws://feed.example/ws", "is not encrypted"),
            ("ws://127.evil.example@x", "holds a user's name"),
        ] {
            assert!(
                fault(bad).is_some_and(|said| said.starts_with(why)),
                "{bad}: {:?}",
                fault(bad)
            );
        }
    }

    #[test]
    fn a_profile_is_named_after_its_host() {
        for (address, name) in [
            ("wss://feed.acme.example/ws", "acme"),
            ("wss://Acme.example:8443", "acme"),
            ("ws://localhost:3001", "local"),
            ("ws://127.0.0.1:3001/ws", "feed"),
            ("ws://[::1]:3001", "feed"),
            ("wss://intranet/ws", "intranet"),
            ("wss://", ""),
            ("nonsense", ""),
        ] {
            assert_eq!(name_of(address), name, "{address}");
            assert_eq!(name_fault(name).is_some(), name.is_empty());
        }
        assert!(name_fault("Acme").is_some() && name_fault("a b").is_some());
    }
}
