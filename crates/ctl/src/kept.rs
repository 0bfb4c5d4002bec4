//! What is kept on disk, opened as the app opens it. A file that was damaged is moved aside, and the person is told where
//! it lies.

use std::path::Path;

use realtime::persistence::Bounds;
use store::{Opened, Outbox, Store, StoreErrorKind};

/// Notifications and the alert log of a profile.
///
/// # Errors
/// Those of [`Store::open`].
pub(crate) fn store(path: &Path) -> anyhow::Result<Store> {
    let (store, opened) = Store::open(path)?;
    tell(&opened, "The database of notifications");
    Ok(store)
}

/// The outbox of a profile. While the app runs and owns it, it is shared.
///
/// # Errors
/// Those of [`Outbox::open`] and [`Outbox::attach`].
pub(crate) fn outbox(path: &Path) -> anyhow::Result<Outbox> {
    match Outbox::open(path, Bounds::default()) {
        Ok((outbox, opened)) => {
            tell(&opened, "The outbox");
            Ok(outbox)
        }
        Err(error) if error.kind == StoreErrorKind::InUse => {
            Ok(Outbox::attach(path, Bounds::default())?)
        }
        Err(error) => Err(error.into()),
    }
}

fn tell(opened: &Opened, what: &str) {
    if let Opened::SetAside(aside) = opened {
        let aside = aside.display();
        crate::remark(&format!(
            "{what} was damaged. It was moved to {aside}; a new one was begun."
        ));
    }
}
