use smol_str::SmolStr;
use wire::UnixMillis;

use super::super::hub::DEFAULT_TENANT;
use super::super::topics::Topics;
use super::token::Digest;

/// What somebody who was let in may do, and for how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::server) struct Grant {
    /// For the log: of the token, or the subject of a JWT.
    pub(in crate::server) name: SmolStr,
    /// The one tenant it is for; `None` for any.
    pub(in crate::server) tenant: Option<SmolStr>,
    pub(in crate::server) read: Topics,
    pub(in crate::server) publish: Topics,
    /// Whether it may see the figures, which are of all tenants.
    pub(in crate::server) metrics: bool,
    pub(in crate::server) expires: Option<UnixMillis>,
    pub(super) bearer: Bearer,
}

/// What was shown at the door.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bearer {
    /// Nothing that could be taken back.
    Nothing,
    /// A token of the file.
    Token(Digest),
    /// A JWT, signed by this one of the keys that its file has held.
    Jwt(u64),
}

/// A tenant other than the grant's, whether it exists or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::server) struct NotYours;

impl Grant {
    /// Everything, in any tenant.
    pub(super) fn everything() -> Self {
        Self {
            name: SmolStr::new_static("anybody"),
            tenant: None,
            read: Topics::everything(),
            publish: Topics::everything(),
            metrics: true,
            expires: None,
            bearer: Bearer::Nothing,
        }
    }

    /// The tenant to serve for what was asked. Decided without looking whether there is one of that name, so that the
    /// answer, and the time it takes, tells nothing of others.
    pub(in crate::server) fn tenant<'a>(
        &'a self,
        asked: Option<&'a str>,
    ) -> Result<&'a str, NotYours> {
        match (&self.tenant, asked) {
            (None, asked) => Ok(asked.unwrap_or(DEFAULT_TENANT)),
            (Some(own), None) => Ok(own),
            (Some(own), Some(asked)) if own == asked => Ok(own),
            (Some(_), Some(_)) => Err(NotYours),
        }
    }

    /// Whether a connection may go on under this grant in the place of `old`: whom it serves and what it is told stay
    /// the same. What may be published, and until when, can change at any time.
    pub(in crate::server) fn replaces(&self, old: &Self) -> bool {
        self.tenant == old.tenant && self.read == old.read
    }
}
