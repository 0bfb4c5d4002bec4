use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use realtime::encryption::{KeyRing, RingError};
use tokio::sync::{oneshot, watch};

use crate::{Keychain, KeychainError, RingName, SystemKeychain, UpdateError, stored};

/// How long one call into the keychain may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// A keychain that told of no change is asked again after this time, while something waits for it.
const RETRY: Duration = Duration::from_secs(60);
/// Changes come in bursts.
const SETTLE: Duration = Duration::from_millis(200);

/// Whether keys can be read and saved now. To be shown to the person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeychainState {
    /// Nothing was asked of it yet.
    Unknown,
    Available,
    /// Not now. The error tells why and what to do; keys that were to be saved are in memory until this process ends.
    Unavailable(KeychainError),
}

/// Where a changed ring is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    InKeychain,
    /// In this process alone. [`KeyStore::settle`] saves it when the keychain can be used.
    InMemory(KeychainError),
}

/// The key rings of this user. Cheap to clone; clones are the same store.
#[derive(Clone, Debug)]
pub struct KeyStore(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    keychain: Arc<dyn Keychain>,
    state: watch::Sender<KeychainState>,
    /// Rings that could not be saved.
    unsaved: Mutex<HashMap<RingName, KeyRing>>,
    /// Reading, changing and writing is one step.
    turn: tokio::sync::Mutex<()>,
}

impl Default for KeyStore {
    fn default() -> Self {
        Self::new(Arc::new(SystemKeychain))
    }
}

impl KeyStore {
    #[must_use]
    pub fn new(keychain: Arc<dyn Keychain>) -> Self {
        Self(Arc::new(Inner {
            keychain,
            state: watch::Sender::new(KeychainState::Unknown),
            unsaved: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
        }))
    }

    /// How the keychain is, as of the last call.
    #[must_use]
    pub fn state(&self) -> watch::Receiver<KeychainState> {
        self.0.state.subscribe()
    }

    /// The ring; without keys where none was ever saved.
    ///
    /// # Errors
    /// [`KeychainError`], unless the ring is in memory because it could not be saved.
    pub async fn load(&self, name: &RingName) -> Result<KeyRing, KeychainError> {
        let _turn = self.0.turn.lock().await;
        match self.read(name).await {
            Ok(saved) => Ok(match self.unsaved(name) {
                // Its own error, should they contradict, is told when it is saved.
                Some(unsaved) => merged(saved, &unsaved).unwrap_or(unsaved),
                None => saved,
            }),
            Err(error) => self.unsaved(name).ok_or(error),
        }
    }

    /// Changes a ring and saves it. Where the keychain cannot be used for now, the change is kept in memory.
    ///
    /// # Errors
    /// - [`UpdateError::Ring`] when the change is refused; nothing has changed then.
    /// - [`UpdateError::Keychain`] for what will not pass: [`KeychainError::Damaged`], [`KeychainError::Refused`].
    pub async fn update<T>(
        &self,
        name: &RingName,
        change: impl FnOnce(&mut KeyRing) -> Result<T, RingError>,
    ) -> Result<(T, Kept), UpdateError> {
        let _turn = self.0.turn.lock().await;
        self.save_unsaved(name).await?;
        let (mut ring, trouble) = match self.read(name).await {
            Ok(ring) => (ring, None),
            Err(error) if error.is_transient() => {
                let unsaved = self.unsaved(name);
                (unsaved.unwrap_or_else(|| KeyRing::of(name.tenant().clone())), Some(error))
            }
            Err(error) => return Err(error.into()),
        };
        let result = change(&mut ring)?;
        let written = match trouble {
            None => self.write(name, &ring).await,
            Some(error) => Err(error),
        };
        match written {
            Ok(()) => Ok((result, Kept::InKeychain)),
            Err(error) if error.is_transient() => {
                self.all_unsaved().insert(name.clone(), ring);
                Ok((result, Kept::InMemory(error)))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Saves what is in memory only, as soon as the keychain can be used; returns when nothing is left.
    ///
    /// # Errors
    /// What will not pass: a key of the same name is in the keychain, with another value, or the keychain refuses.
    pub async fn settle(&self) -> Result<(), UpdateError> {
        loop {
            // Before the look, so that nothing that happens in between is missed.
            let changed = self.0.keychain.changed();
            tokio::pin!(changed);
            // Until it is waited for it may not listen yet.
            let early = tokio::time::timeout(SETTLE, &mut changed).await;
            {
                let _turn = self.0.turn.lock().await;
                let names: Vec<_> = self.all_unsaved().keys().cloned().collect();
                for name in names {
                    self.save_unsaved(&name).await?;
                }
                if self.all_unsaved().is_empty() {
                    return Ok(());
                }
            }
            if early.is_err() {
                // Elapsed or not, it is tried again.
                let _ = tokio::time::timeout(RETRY, &mut changed).await;
            }
        }
    }

    /// Completes when the keychain may hold something else than before.
    pub async fn changed(&self) {
        self.0.keychain.changed().await;
        tokio::time::sleep(SETTLE).await;
    }

    /// Joins what could not be saved to what is there.
    async fn save_unsaved(&self, name: &RingName) -> Result<(), UpdateError> {
        let Some(unsaved) = self.unsaved(name) else { return Ok(()) };
        let saved = match self.read(name).await {
            Ok(saved) => saved,
            Err(error) if error.is_transient() => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        match self.write(name, &merged(saved, &unsaved)?).await {
            Ok(()) => {
                self.all_unsaved().remove(name);
                tracing::info!(ring = %name, "the keychain is available: the keys are saved");
                Ok(())
            }
            Err(error) if error.is_transient() => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    async fn read(&self, name: &RingName) -> Result<KeyRing, KeychainError> {
        let ring = name.clone();
        let read = self.call(move |keychain| keychain.read(&ring)).await;
        match read? {
            None => Ok(KeyRing::of(name.tenant().clone())),
            Some(text) => stored::read(name.tenant(), &text)
                .map_err(|damage| KeychainError::Damaged { name: name.to_string(), damage }),
        }
    }

    async fn write(&self, name: &RingName, ring: &KeyRing) -> Result<(), KeychainError> {
        let (name, text) = (name.clone(), stored::write(ring));
        self.call(move |keychain| keychain.write(&name, &text)).await
    }

    /// On a thread of its own: a keychain that hangs must hold up neither the runtime nor the end of the program.
    async fn call<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn Keychain) -> Result<T, KeychainError> + Send + 'static,
    ) -> Result<T, KeychainError> {
        let keychain = Arc::clone(&self.0.keychain);
        let (told, done) = oneshot::channel();
        let spawned = std::thread::Builder::new().name("keychain".into()).spawn(move || {
            // Nobody waits any more when it took too long.
            let _ = told.send(work(&*keychain));
        });
        let not_available = |reason: String| Err(KeychainError::NotAvailable { reason });
        let result = match spawned {
            Err(error) => not_available(error.to_string()),
            Ok(_) => match tokio::time::timeout(PATIENCE, done).await {
                Ok(Ok(result)) => result,
                Ok(Err(_)) => not_available("the call into it failed".to_owned()),
                Err(_) => not_available(format!("no answer within {} s", PATIENCE.as_secs())),
            },
        };
        let state = match &result {
            Ok(_) => KeychainState::Available,
            Err(error) => KeychainState::Unavailable(error.clone()),
        };
        self.0.state.send_if_modified(|now| {
            let modified = *now != state;
            *now = state;
            modified
        });
        result
    }

    fn unsaved(&self, name: &RingName) -> Option<KeyRing> {
        self.all_unsaved().get(name).cloned()
    }

    fn all_unsaved(&self) -> MutexGuard<'_, HashMap<RingName, KeyRing>> {
        self.0.unsaved.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The saved ring with the keys of the unsaved one, whose active key counts.
fn merged(mut saved: KeyRing, unsaved: &KeyRing) -> Result<KeyRing, RingError> {
    for entry in unsaved.entries() {
        match saved.get(&entry.kid) {
            Some(same) if same.key.expose_base64() == entry.key.expose_base64() => {}
            _ => saved.insert(entry.kid.clone(), entry.key.clone(), entry.created)?,
        }
    }
    if let Some(active) = unsaved.active() {
        saved.activate(&active.kid)?;
    }
    Ok(saved)
}
