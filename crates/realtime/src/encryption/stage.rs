use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, PoisonError, RwLock};

use data_encoding::HEXLOWER;
use smol_str::SmolStr;
use wire::{Invalid, InvalidKind, Message};

use super::{Entropy, KeyRing, Nonce, OpenError, SealError, is_sealed};
use crate::{Middleware, OnPanic, Topic, Verdict};

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
#[derive(Debug)]
pub struct Encryption {
    ring: RwLock<Arc<KeyRing>>,
    policy: EncryptionPolicy,
    entropy: Arc<dyn Entropy>,
}

impl Encryption {
    #[must_use]
    pub fn new(ring: KeyRing, policy: EncryptionPolicy, entropy: Arc<dyn Entropy>) -> Self {
        Self { ring: RwLock::new(Arc::new(ring)), policy, entropy }
    }

    /// Goes on with another ring: a key was added, or the keychain can be read at last.
    pub fn replace_ring(&self, ring: KeyRing) {
        *self.ring.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(ring);
    }

    /// The keys in use.
    #[must_use]
    pub fn ring(&self) -> Arc<KeyRing> {
        // Poisoned or not, it holds a whole ring: it is only ever replaced.
        Arc::clone(&self.ring.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn seal(&self, message: &Message) -> Result<Message, SealError> {
        if self.policy.not_canonical.contains(&message.ty) {
            return Err(SealError::NotCanonical { ty: message.ty.clone() });
        }
        if is_sealed(message) {
            return Err(SealError::Sealed);
        }
        let nonce = Nonce::generate(&*self.entropy)?;
        let ring = self.ring();
        if message.id.is_some() {
            return ring.seal(message, nonce);
        }
        let mut message = message.clone();
        let mut id = [0; 16];
        self.entropy.fill(&mut id)?;
        message.id = Some(HEXLOWER.encode(&id).into());
        ring.seal(&message, nonce)
    }

    fn open(&self, message: &Message) -> Result<Option<Message>, OpenError> {
        let opened = self.ring().open_sealed(message)?;
        if opened.is_none() && self.policy.required.iter().any(|topic| topic.matches(&message.ty)) {
            return Err(OpenError::PlainData { ty: message.ty.clone() });
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
        match self.open(message) {
            Ok(None) => Verdict::Pass,
            Ok(Some(opened)) => Verdict::Replace(opened),
            Err(error) => {
                // Plain data where none may be is not shown in diagnostics either.
                let sample = match error {
                    OpenError::PlainData { .. } => &[],
                    _ => message.data(),
                };
                Verdict::Reject(invalid(error.to_string(), sample))
            }
        }
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

fn invalid(reason: String, sample: &[u8]) -> Invalid {
    Invalid::new(InvalidKind::Encrypted, reason, sample).with_field("data")
}
