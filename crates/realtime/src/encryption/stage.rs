use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use data_encoding::HEXLOWER;
use smol_str::SmolStr;
use tokio::time::Instant;
use wire::{Invalid, InvalidKind, Message};

use super::held::Held;
use super::{Entropy, KeyRing, Nonce, OpenError, SealError, is_sealed};
use crate::{Middleware, OnPanic, Topic, Verdict};

/// How often is looked whether awaited keys have come, while messages wait for them.
const LOOK: Duration = Duration::from_millis(250);

/// What a tenant wants of encryption.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EncryptionPolicy {
    /// Types of which plain data is invalid. Default: none, so plain data passes.
    pub required: Vec<Topic>,
    /// Types a server rewrites to others, which therefore cannot be sealed (`vault_update`, whose vault stands in its
    /// data). Default: none.
    pub not_canonical: Vec<SmolStr>,
}

/// Seals what goes out and opens what comes in. To be the first [stage](crate::Builder::stage), next to the socket:
/// what the others see is plain, and nothing they make leaves unsealed.
///
/// What goes out without an id is given one. What cannot be sealed or opened is rejected, never let through; so is
/// everything outbound while the ring has no active key.
///
/// Where keys are still [awaited](Encryption::awaiting_keys), what came sealed waits for them and is opened in the order
/// it came in: up to 65,536 messages or 16 MiB, beyond which the oldest are rejected.
#[derive(Debug)]
pub struct Encryption {
    ring: RwLock<Arc<KeyRing>>,
    /// `None` once there is nothing to wait for.
    held: Mutex<Option<Held>>,
    policy: EncryptionPolicy,
    entropy: Arc<dyn Entropy>,
}

impl Encryption {
    /// With the keys of a ring, what must be sealed, and where random bytes come from.
    #[must_use]
    pub fn new(ring: KeyRing, policy: EncryptionPolicy, entropy: Arc<dyn Entropy>) -> Self {
        Self { ring: RwLock::new(Arc::new(ring)), held: Mutex::new(None), policy, entropy }
    }

    /// With a ring that is still to come, as the first that [`replace_ring`](Self::replace_ring) brings.
    #[must_use]
    pub fn awaiting_keys(
        ring: KeyRing,
        policy: EncryptionPolicy,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        let held = Mutex::new(Some(Held::default()));
        Self { held, ..Self::new(ring, policy, entropy) }
    }

    /// Goes on with another ring: a key was added, or the keychain can be read at last.
    pub fn replace_ring(&self, ring: KeyRing) {
        *self.ring.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(ring);
        if let Some(held) = &mut *self.held() {
            held.keys_came = true;
        }
    }

    fn held(&self) -> MutexGuard<'_, Option<Held>> {
        // What is held is whole, whatever panicked.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a sealed message until there are keys, and behind those that are kept already.
    fn hold_back(&self, message: &Message) -> Option<Verdict> {
        let mut held = self.held();
        if held.as_ref()?.keys_came && held.as_ref()?.is_empty() {
            *held = None;
            return None;
        }
        Some(match held.as_mut()?.keep(message) {
            None => Verdict::Drop,
            Some(gone) => {
                let reason = "too many sealed messages wait for the keys; the oldest was let go";
                Verdict::Reject(invalid(reason.to_owned(), gone.data()))
            }
        })
    }

    /// The keys in use.
    #[must_use]
    pub fn ring(&self) -> Arc<KeyRing> {
        // Poisoned or not, it holds a whole ring: it is only ever replaced.
        Arc::clone(&self.ring.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn seal(&self, message: &Message) -> Result<Message, SealError> {
        if self.policy.not_canonical.iter().any(|ty| ty == message.ty()) {
            return Err(SealError::NotCanonical { ty: message.ty().into() });
        }
        if is_sealed(message) {
            return Err(SealError::Sealed);
        }
        let nonce = Nonce::generate(&*self.entropy)?;
        let ring = self.ring();
        if message.id().is_some() {
            return ring.seal(message, nonce);
        }
        let mut id = [0; 16];
        self.entropy.fill(&mut id)?;
        let message = message.with_id(&HEXLOWER.encode(&id)).expect("32 digits are an id");
        ring.seal(&message, nonce)
    }

    fn open(&self, message: &Message) -> Result<Option<Message>, OpenError> {
        let opened = self.ring().open_sealed(message)?;
        if opened.is_none() && self.policy.required.iter().any(|topic| topic.matches(message.ty()))
        {
            return Err(OpenError::PlainData { ty: message.ty().into() });
        }
        Ok(opened)
    }
}

impl Middleware for Encryption {
    fn name(&self) -> &str {
        "encryption"
    }

    /// Neither sealed data for plain nor plain data for sealed.
    fn on_panic(&self) -> OnPanic {
        OnPanic::Refuse(InvalidKind::Encrypted)
    }

    fn inbound(&self, message: &Message) -> Verdict {
        if is_sealed(message)
            && let Some(verdict) = self.hold_back(message)
        {
            return verdict;
        }
        match self.open(message) {
            Ok(None) => Verdict::Pass,
            Ok(Some(opened)) => Verdict::Replace(opened),
            Err(error) => Verdict::Reject(unopened(&error, message)),
        }
    }

    fn due(&self) -> Option<Instant> {
        let held = self.held();
        let held = held.as_ref().filter(|held| !held.is_empty())?;
        let now = Instant::now();
        Some(if held.keys_came { now } else { now + LOOK })
    }

    fn release(&self, released: &mut Vec<Result<Message, Invalid>>) {
        let held = self.held().take_if(|held| held.keys_came && !held.is_empty());
        let Some(held) = held else { return };
        released.extend(held.into_messages().into_iter().map(|message| {
            let mut opened = self.open(&message).map_err(|error| unopened(&error, &message))?;
            if let Some(opened) = &mut opened {
                opened.place = message.place;
            }
            Ok(opened.unwrap_or(message))
        }));
    }

    fn holds_back(&self) -> bool {
        self.held().as_ref().is_some_and(|held| !held.is_empty())
    }

    fn outbound(&self, message: &Message) -> Verdict {
        // So that the sender hears what it was.
        let sealed = catch_unwind(AssertUnwindSafe(|| self.seal(message)));
        match sealed.unwrap_or(Err(SealError::Internal)) {
            Ok(sealed) => Verdict::Replace(sealed),
            Err(error) => Verdict::Reject(invalid(error.to_string(), &[])),
        }
    }
}

fn unopened(error: &OpenError, message: &Message) -> Invalid {
    // Plain data where none may be is not shown in diagnostics either.
    let sample = match error {
        OpenError::PlainData { .. } => &[],
        _ => message.data(),
    };
    invalid(error.to_string(), sample)
}

fn invalid(reason: String, sample: &[u8]) -> Invalid {
    Invalid::new(InvalidKind::Encrypted, reason, sample).with_field("data")
}
