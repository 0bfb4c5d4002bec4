use std::future::pending;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::sleep;

use super::{Access, Grant};
use crate::feed::wall_clock;

/// Why a grant no longer holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::server) enum Lapse {
    Expired,
    /// Taken out of the file, or given to another tenant.
    Revoked,
    /// It may read other topics than before.
    Changed,
}

impl Lapse {
    /// For the close frame.
    pub(in crate::server) fn reason(self) -> &'static str {
        match self {
            Self::Expired => "the token has expired",
            Self::Revoked => "the token was revoked",
            Self::Changed => "the token may read other topics now: connect again",
        }
    }
}

/// Longest sleep: the clock of the wall may be set while we wait by another one.
const LOOK: Duration = Duration::from_secs(30);

/// Waits until a connection's grant no longer holds. What may change in place is changed in `grant`, and whoever puts a
/// new one there is heard.
pub(in crate::server) async fn lapsed(access: &Access, grant: &watch::Sender<Grant>) -> Lapse {
    let mut renewed = grant.subscribe();
    let mut file = access.follow();
    loop {
        let current = renewed.borrow_and_update().clone();
        // At once, too: the file may have changed since the grant was given.
        match access.again(&current) {
            None => return Lapse::Revoked,
            Some(now) if now.tenant != current.tenant => return Lapse::Revoked,
            Some(now) if !now.replaces(&current) => return Lapse::Changed,
            Some(now) if now != current => {
                // Unless the client has renewed it in the same moment.
                grant.send_if_modified(|grant| {
                    let modified = *grant == current;
                    if modified {
                        *grant = now;
                    }
                    modified
                });
                continue;
            }
            Some(_) => {}
        }
        let left = match current.expires.map(|at| at.0 - wall_clock().0) {
            Some(..=0) => return Lapse::Expired,
            left => left.map(|ms| Duration::from_millis(ms.unsigned_abs()).min(LOOK)),
        };
        let expiry = async {
            match left {
                Some(left) => sleep(left).await,
                None => pending().await,
            }
        };
        let changed = async {
            let Some(file) = &mut file else { return pending().await };
            if file.changed().await.is_err() {
                pending::<()>().await;
            }
        };
        tokio::select! {
            () = expiry => {}
            () = changed => {}
            _ = renewed.changed() => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::super::{Keys, NewToken, TokenFile, Transport};
    use super::*;

    #[test]
    fn what_was_revoked_before_anybody_listened_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let file = TokenFile::new(folder.path().join("tokens.toml"));
        let new = |name: &str| NewToken {
            name: name.into(),
            tenant: "desk".into(),
            read: vec!["*".into()],
            publish: Vec::new(),
            expires: None,
            metrics: false,
        };
        let open = || Access::Keyed {
            keys: Keys::load(Some(file.clone()), None).unwrap(),
            allow_origins: Vec::new(),
            transport: Transport::PlainOnLoopback,
        };
        let token = file.add(&new("gone")).unwrap();
        file.add(&new("other")).unwrap();
        let grant = open().grant(token.as_str().as_bytes()).unwrap();
        let grant = watch::Sender::new(grant);
        assert_eq!(lapsed(&open(), &grant).now_or_never(), None);
        file.revoke("gone").unwrap();
        assert_eq!(lapsed(&open(), &grant).now_or_never(), Some(Lapse::Revoked));
    }
}
