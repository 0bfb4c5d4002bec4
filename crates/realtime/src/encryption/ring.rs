use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use serde_json::value::RawValue;
use wire::{Message, UnixMillis};

use super::sealed::{Received, Sealed, associated_data};
use super::{InvalidTenant, Key, KeyId, Nonce, OpenError, RingError, SealError, Tenant};

/// The keys of one tenant: all of them open, the active one seals. So a new key can be handed round before it is
/// used, and an old one stays for what was sealed with it.
#[derive(Clone, Debug)]
pub struct KeyRing {
    tenant: Tenant,
    entries: Vec<RingEntry>,
    /// Always the id of one of the entries.
    active: Option<KeyId>,
}

/// One key of a ring.
#[derive(Clone, Debug)]
pub struct RingEntry {
    /// Its name, by which a message tells what it was sealed with.
    pub kid: KeyId,
    /// The key itself. Hidden by `Debug`.
    pub key: Key,
    /// When it was made, or came here.
    pub created: UnixMillis,
}

impl KeyRing {
    /// Most keys of a ring: what the smallest of the operating systems' keychains holds in one entry.
    pub const LIMIT: usize = 16;

    /// A ring without keys.
    ///
    /// # Errors
    /// [`InvalidTenant`] when the name is out of its limits.
    pub fn new(tenant: &str) -> Result<Self, InvalidTenant> {
        Ok(Self::of(Tenant::parse(tenant)?))
    }

    /// As [`new`](Self::new), of a name that was checked before.
    #[must_use]
    pub fn of(tenant: Tenant) -> Self {
        Self { tenant, entries: Vec::new(), active: None }
    }

    /// Whose keys these are.
    #[must_use]
    pub fn tenant(&self) -> &Tenant {
        &self.tenant
    }

    /// In the order in which they came.
    #[must_use]
    pub fn entries(&self) -> &[RingEntry] {
        &self.entries
    }

    /// The key of that name; `None` when it is not on the ring.
    #[must_use]
    pub fn get(&self, kid: &KeyId) -> Option<&RingEntry> {
        self.entries.iter().find(|entry| entry.kid == *kid)
    }

    /// The key that seals.
    #[must_use]
    pub fn active(&self) -> Option<&RingEntry> {
        self.get(self.active.as_ref()?)
    }

    /// Adds a key that opens; [`activate`](Self::activate) makes it the one that seals, too.
    ///
    /// # Errors
    /// - [`RingError::Taken`] when a key has that name. A name never changes its key: what was sealed under it would
    ///   look forged.
    /// - [`RingError::Full`] at [`LIMIT`](Self::LIMIT).
    pub fn insert(&mut self, kid: KeyId, key: Key, created: UnixMillis) -> Result<(), RingError> {
        if self.get(&kid).is_some() {
            return Err(RingError::Taken { kid });
        }
        if self.entries.len() >= Self::LIMIT {
            return Err(RingError::Full);
        }
        self.entries.push(RingEntry { kid, key, created });
        Ok(())
    }

    /// Makes a key the one that seals.
    ///
    /// # Errors
    /// [`RingError::NoSuchKey`].
    pub fn activate(&mut self, kid: &KeyId) -> Result<(), RingError> {
        if self.get(kid).is_none() {
            return Err(RingError::NoSuchKey { kid: kid.clone() });
        }
        self.active = Some(kid.clone());
        Ok(())
    }

    /// Takes a key off the ring. Without the active one nothing can be sealed any more.
    ///
    /// # Errors
    /// [`RingError::NoSuchKey`].
    pub fn remove(&mut self, kid: &KeyId) -> Result<RingEntry, RingError> {
        let at = self.entries.iter().position(|entry| entry.kid == *kid);
        let at = at.ok_or_else(|| RingError::NoSuchKey { kid: kid.clone() })?;
        if self.active.as_ref() == Some(kid) {
            self.active = None;
        }
        Ok(self.entries.remove(at))
    }

    /// The message with its data sealed by the active key. A nonce must never be used twice.
    ///
    /// # Errors
    /// [`SealError::NoActiveKey`], [`SealError::MissingId`].
    pub fn seal(&self, message: &Message, nonce: Nonce) -> Result<Message, SealError> {
        let RingEntry { kid, key, .. } = self.active().ok_or(SealError::NoActiveKey)?;
        let id = message.id().ok_or(SealError::MissingId)?;
        let aad = associated_data(&self.tenant, message, id, kid);
        let payload = Payload { msg: message.data(), aad: &aad };
        let ct = cipher(key)
            .encrypt(&XNonce::from(nonce.0), payload)
            .expect("a frame is far below the cipher's 256 GiB");
        let sealed = Sealed::new(kid, nonce, &ct);
        let mut sealed = Message::new(message.ty(), &sealed, message.timestamp, Some(id))
            .expect("type and id were those of a message already");
        sealed.place = message.place;
        Ok(sealed)
    }

    /// The message with its data opened; one whose data is plain as it is.
    ///
    /// # Errors
    /// Every variant of [`OpenError`] but [`OpenError::PlainData`].
    pub fn open(&self, message: &Message) -> Result<Message, OpenError> {
        Ok(self.open_sealed(message)?.unwrap_or_else(|| message.clone()))
    }

    /// `None` when there is nothing to open.
    pub(super) fn open_sealed(&self, message: &Message) -> Result<Option<Message>, OpenError> {
        let Some(Received { kid, nonce, ct }) = Received::read(message)? else { return Ok(None) };
        let Some(id) = message.id() else { return Err(OpenError::MissingId { kid }) };
        let Some(entry) = self.get(&kid) else { return Err(OpenError::UnknownKey { kid }) };
        let aad = associated_data(&self.tenant, message, id, &kid);
        let plain = cipher(&entry.key)
            .decrypt(&XNonce::from(nonce.0), Payload { msg: &ct, aad: &aad })
            .map_err(|_| OpenError::TagMismatch { kid: kid.clone() })?;
        // A RawValue: the digits are those the publisher wrote.
        let plain: &RawValue = serde_json::from_slice(&plain).map_err(|_| {
            OpenError::Malformed { kid: Some(kid), field: "ct", reason: "holds no JSON" }
        })?;
        let mut opened = Message::new(message.ty(), &plain, message.timestamp, Some(id))
            .expect("type and id were those of a message already");
        opened.place = message.place;
        Ok(Some(opened))
    }
}

fn cipher(key: &Key) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(key.expose().into())
}
