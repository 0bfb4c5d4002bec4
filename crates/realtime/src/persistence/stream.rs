use std::fmt;

use smol_str::SmolStr;
use url::Url;

/// Which log is meant: items are sent to, and positions count in, one stream. It is made of where the stream comes from
/// and the tenant, and holds no secret.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamKey(SmolStr);

impl StreamKey {
    /// The stream of a named profile. It stays the same when an endpoint is added to the profile.
    #[must_use]
    pub fn profile(name: &str, tenant: Option<&str>) -> Self {
        Self::of("profile", &[name.to_owned()], tenant)
    }

    /// The stream behind a set of endpoints, in whatever order they are given. User names, passwords, queries and
    /// fragments, where tokens may hide, are left out.
    #[must_use]
    pub fn endpoints(endpoints: &[Url], tenant: Option<&str>) -> Self {
        let mut names: Vec<String> = endpoints.iter().map(address).collect();
        names.sort_unstable();
        names.dedup();
        Self::of("endpoints", &names, tenant)
    }

    /// A key as it was stored.
    #[must_use]
    pub fn from_stored(text: &str) -> Self {
        Self(text.into())
    }

    /// As it is to be stored; [`from_stored`](Self::from_stored) reads it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Written as JSON, so that no name can run into the next one.
    fn of(kind: &str, names: &[String], tenant: Option<&str>) -> Self {
        Self(serde_json::json!([kind, names, tenant]).to_string().into())
    }
}

fn address(endpoint: &Url) -> String {
    let host = endpoint.host_str().unwrap_or_default();
    let port = endpoint.port_or_known_default().unwrap_or_default();
    format!("{}://{host}:{port}{}", endpoint.scheme(), endpoint.path())
}

impl fmt::Display for StreamKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for StreamKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StreamKey({})", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoints(urls: &[&str], tenant: Option<&str>) -> StreamKey {
        StreamKey::endpoints(
            &urls.iter().map(|u| Url::parse(u).unwrap()).collect::<Vec<_>>(),
            tenant,
        )
    }

    #[test]
    fn order_default_ports_and_secrets_make_no_other_stream() {
        let plain = endpoints(&["wss://a/ws", "wss://b/ws"], None);
        assert_eq!(endpoints(&["wss://b:443/ws", "wss://me:pw@a/ws?token=t#x"], None), plain);
        assert!(!plain.as_str().contains("pw"));
    }

    #[test]
    fn what_differs_is_another_stream() {
        let keys = [
            endpoints(&["wss://a/ws"], None),
            endpoints(&["wss://a/ws"], Some("acme")),
            endpoints(&["ws://a/ws"], None),
            endpoints(&["wss://a:444/ws"], None),
            endpoints(&["wss://a/other"], None),
            StreamKey::profile("a", None),
            StreamKey::profile("a", Some("b")),
            StreamKey::profile("a\",\"b", None),
        ];
        let distinct: std::collections::BTreeSet<_> = keys.iter().collect();
        assert_eq!(distinct.len(), keys.len());
    }
}
