use axum::http::{HeaderMap, header};
use thiserror::Error;
use url::Url;

/// The origin of a web page: scheme, host and port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(String);

impl Origin {
    /// Whether a request comes from no web page, or from one of these.
    pub(super) fn welcome(listed: &[Self], headers: &HeaderMap) -> bool {
        headers.get(header::ORIGIN).is_none_or(|origin| {
            let origin = origin.to_str().ok().and_then(|text| text.parse().ok());
            origin.is_some_and(|origin: Self| listed.contains(&origin))
        })
    }
}

/// Not the URL of a web page's origin.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "`{0}` is no origin of a web page: write it like https://desk.example or http://localhost:8080"
)]
pub struct OriginError(String);

impl std::str::FromStr for Origin {
    type Err = OriginError;

    fn from_str(text: &str) -> Result<Self, OriginError> {
        let error = || OriginError(text.into());
        let url = Url::parse(text).map_err(|_| error())?;
        let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        if !bare || !matches!(url.scheme(), "http" | "https") || !url.username().is_empty() {
            return Err(error());
        }
        Ok(Self(url.origin().ascii_serialization()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_compared_as_browsers_write_them() {
        let check = |a: &str, b: &str| assert_eq!(a.parse::<Origin>(), b.parse::<Origin>(), "{a}");
        check("https://Desk.Example", "https://desk.example:443/");
        check("http://localhost:8080", "http://localhost:8080/");
        for bad in ["null", "*", "desk.example", "https://desk.example/page", "file:///x", ""] {
            assert_eq!(bad.parse::<Origin>(), Err(OriginError(bad.into())));
        }
    }
}
