//! The encryption keys of a profile, as the window shows and changes them. A connection that uses them follows by itself.

use domain::UnixMillis;
use domain::view::{KeyAct, KeyView, KeysAnswer, KeysView};
use keychain::{Kept, KeyStore, RingName, UpdateError};
use realtime::encryption::{Key, KeyId, KeyRing, RingEntry, RingError};
use toml::Table;

use super::keys::find;
use super::{SettingsDesk, SettingsError};
use crate::config::edit::setting::edit_setting;

/// The key that was removed last, until another one is or the program ends.
#[derive(Debug)]
pub(super) struct Removed {
    name: RingName,
    entry: RingEntry,
    active: bool,
}

impl SettingsDesk {
    /// The keys of a profile.
    ///
    /// # Errors
    /// [`SettingsError::Keychain`], [`SettingsError::Read`], and [`SettingsError::Unknown`] where no profile can be called
    /// so.
    pub async fn keys(&self, profile: &str) -> Result<KeysView, SettingsError> {
        let (name, encrypted) = self.ring(profile).await?;
        let ring = self.store().load(&name).await?;
        Ok(self.keys_view(&name, encrypted, &ring).await)
    }

    /// Puts a key on the ring that somebody handed on, as base64. The first one seals at once, and has the profile use
    /// its keys from now on.
    ///
    /// # Errors
    /// As [`keys`](Self::keys), and those of [`change`](Self::change).
    pub async fn import_key(
        &self,
        profile: &str,
        (kid, key): (&str, &str),
        now: UnixMillis,
    ) -> Result<KeysAnswer, SettingsError> {
        let kid = match KeyId::parse(kid.trim()) {
            Ok(kid) => kid,
            Err(error) => return Ok(KeysAnswer::WrongName(error.to_string())),
        };
        let key = match Key::from_base64(key) {
            Ok(key) => key,
            Err(error) => return Ok(KeysAnswer::WrongKey(error.to_string())),
        };
        let (name, _) = self.ring(profile).await?;
        let insert = |ring: &mut KeyRing| {
            ring.insert(kid.clone(), key, now)?;
            match ring.entries() {
                [_] => ring.activate(&kid),
                _ => Ok(()),
            }
        };
        match self.store().update(&name, insert).await {
            Ok(((), kept)) => saved(kept)?,
            Err(UpdateError::Ring(error)) => return Ok(KeysAnswer::WrongName(error.to_string())),
            Err(UpdateError::Keychain(error)) => return Err(error.into()),
        }
        self.encrypt(profile).await?;
        Ok(KeysAnswer::Done(self.keys(profile).await?))
    }

    /// Does something with a key that is there. One that was removed can be brought back until another one is removed.
    ///
    /// # Errors
    /// As [`keys`](Self::keys); [`SettingsError::Ring`] where there is no such key.
    pub async fn change_key(
        &self,
        profile: &str,
        kid: &str,
        act: KeyAct,
    ) -> Result<KeysView, SettingsError> {
        let (name, encrypted) = self.ring(profile).await?;
        let kid = KeyId::parse(kid).map_err(|error| SettingsError::Ring(error.to_string()))?;
        let mut removed = self.removed.lock().await;
        let back = removed.as_ref().filter(|one| one.name == name && one.entry.kid == kid);
        let back = back.map(|one| (one.entry.clone(), one.active));
        let change = |ring: &mut KeyRing| match act {
            KeyAct::Activate => ring.activate(&kid).map(|()| None),
            KeyAct::Remove => {
                let active = ring.active().is_some_and(|entry| entry.kid == kid);
                Ok(Some((ring.remove(&kid)?, active)))
            }
            KeyAct::BringBack => {
                let Some((entry, active)) = back else {
                    return Err(RingError::NoSuchKey { kid: kid.clone() });
                };
                ring.insert(entry.kid, entry.key, entry.created)?;
                // Another one may seal since.
                if active && ring.active().is_none() {
                    ring.activate(&kid)?;
                }
                Ok(None)
            }
        };
        let store = self.store();
        let gone = match store.update(&name, change).await {
            Ok((gone, kept)) => saved(kept).map(|()| gone)?,
            Err(UpdateError::Ring(error)) => return Err(SettingsError::Ring(error.to_string())),
            Err(UpdateError::Keychain(error)) => return Err(error.into()),
        };
        match (act, gone) {
            (_, Some((entry, active))) => {
                *removed = Some(Removed { name: name.clone(), entry, active });
            }
            (KeyAct::BringBack, None) => *removed = None,
            _ => {}
        }
        drop(removed);
        let ring = store.load(&name).await?;
        Ok(self.keys_view(&name, encrypted, &ring).await)
    }

    /// A new one each time: what could not be saved is refused, and must not be saved behind anybody's back.
    fn store(&self) -> KeyStore {
        KeyStore::new(self.keychain.clone())
    }

    /// The name of the profile's ring, and whether the file has it encrypted.
    async fn ring(&self, profile: &str) -> Result<(RingName, bool), SettingsError> {
        let table: Table = self.read().await?.parse().unwrap_or_default();
        let section = format!("encryption.{profile}");
        let tenant = find(&table, &format!("{section}.tenant")).and_then(toml::Value::as_str);
        let name = RingName::new(profile, tenant.unwrap_or(profile));
        let name = name.map_err(|_| SettingsError::Unknown(section.clone()))?;
        Ok((name, find(&table, &section).is_some()))
    }

    /// Has the file say that the profile is encrypted, where it does not yet: what comes unsealed still passes.
    async fn encrypt(&self, profile: &str) -> Result<(), SettingsError> {
        let _pen = self.pen.hold().await;
        let text = self.read().await?;
        let table: Table = text.parse().unwrap_or_default();
        let section = format!("encryption.{profile}");
        // One that was named by a flag alone is in no file, and the file must not speak of it.
        let known = find(&table, &format!("profiles.{profile}")).is_some();
        if !known || find(&table, &section).is_some() {
            return Ok(());
        }
        let edited = edit_setting(&text, &["encryption", profile, "require"], Some(false.into()));
        let edited = edited.map_err(|error| SettingsError::Invalid(error.to_string()))?;
        let after = edited.ok_or(SettingsError::Unknown(section))?;
        self.check(&after).map_err(SettingsError::Invalid)?;
        self.write(&after).await
    }

    async fn keys_view(&self, name: &RingName, encrypted: bool, ring: &KeyRing) -> KeysView {
        let active = ring.active().map(|entry| &entry.kid);
        let key = |entry: &RingEntry| KeyView {
            kid: entry.kid.to_string(),
            created: entry.created,
            active: Some(&entry.kid) == active,
        };
        let removed = self.removed.lock().await;
        let removed = removed.as_ref().filter(|one| one.name == *name);
        KeysView {
            tenant: name.tenant().to_string(),
            encrypted,
            keys: ring.entries().iter().map(key).collect(),
            removed: removed.map(|one| one.entry.kid.to_string()),
        }
    }
}

/// A key in this process's memory is as good as lost.
fn saved(kept: Kept) -> Result<(), SettingsError> {
    match kept {
        Kept::InKeychain => Ok(()),
        Kept::InMemory(why) => Err(why.into()),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use keychain::{InMemory, KeychainError};

    use super::super::tests::desk;
    use super::*;

    const FILE: &str = "[profiles.acme]\nurl = \"wss://a.example\"\n";
    /// 32 bytes of 7.
    const KEY: &str = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";
    const NOW: UnixMillis = UnixMillis(1_763_800_000_000);

    fn with_keychain(text: &str) -> (tempfile::TempDir, SettingsDesk, Arc<InMemory>) {
        let (folder, desk) = desk(text);
        let keychain = Arc::new(InMemory::default());
        (folder, SettingsDesk { keychain: keychain.clone(), ..desk }, keychain)
    }

    async fn import(desk: &SettingsDesk, kid: &str) -> KeysView {
        match desk.import_key("acme", (kid, KEY), NOW).await.unwrap() {
            KeysAnswer::Done(view) => view,
            other => panic!("{other:?}"),
        }
    }

    fn keys(view: &KeysView) -> Vec<(&str, bool)> {
        view.keys.iter().map(|key| (key.kid.as_str(), key.active)).collect()
    }

    #[tokio::test]
    async fn the_first_key_seals_and_has_the_profile_encrypted() {
        let (folder, desk, keychain) = with_keychain(FILE);
        assert!(!desk.keys("acme").await.unwrap().encrypted);
        let view = import(&desk, " 2026-11 ").await;
        assert_eq!(keys(&view), [("2026-11", true)]);
        assert!(view.encrypted && view.tenant == "acme");
        let text = std::fs::read_to_string(folder.path().join("config.toml")).unwrap();
        assert_eq!(text, format!("{FILE}\n[encryption.acme]\nrequire = false\n"));
        assert_eq!(keys(&import(&desk, "2026-12").await), [("2026-11", true), ("2026-12", false)]);
        let view = desk.change_key("acme", "2026-12", KeyAct::Activate).await.unwrap();
        assert_eq!(keys(&view), [("2026-11", false), ("2026-12", true)]);
        // Where the connection looks for it.
        let ring =
            KeyStore::new(keychain).load(&RingName::new("acme", "acme").unwrap()).await.unwrap();
        assert_eq!(ring.active().unwrap().key.expose_base64().as_str(), KEY);
    }

    #[tokio::test]
    async fn another_tenants_keys_are_on_a_ring_of_their_own() {
        let file = format!("{FILE}\n[encryption.acme]\ntenant = \"acme-desk\"\nrequire = true\n");
        let (folder, desk, _) = with_keychain(&file);
        assert_eq!(import(&desk, "k").await.tenant, "acme-desk");
        let text = std::fs::read_to_string(folder.path().join("config.toml")).unwrap();
        assert_eq!(text, file, "what is said already stays");
    }

    #[tokio::test]
    async fn what_is_no_key_is_refused_at_its_field_and_not_repeated() {
        let (folder, desk, _) = with_keychain(FILE);
        let put =
            async |kid: &str, key: &str| desk.import_key("acme", (kid, key), NOW).await.unwrap();
        assert!(matches!(put("a b", KEY).await, KeysAnswer::WrongName(_)));
        for key in ["hush", "AAAA"] {
            let KeysAnswer::WrongKey(why) = put("k", key).await else { panic!("{key} is no key") };
            assert!(!why.contains(key), "{why}");
        }
        import(&desk, "k").await;
        let KeysAnswer::WrongName(why) = put("k", KEY).await else { panic!("it is taken") };
        assert!(why.contains("another name"), "{why}");
        let nobody = desk.keys("No Profile").await.unwrap_err();
        assert!(matches!(nobody, SettingsError::Unknown(_)), "{nobody}");
        drop(folder);
    }

    #[tokio::test]
    async fn a_key_that_was_removed_can_be_brought_back_as_it_was() {
        let (_folder, desk, _) = with_keychain(FILE);
        import(&desk, "k").await;
        import(&desk, "l").await;
        let gone = desk.change_key("acme", "k", KeyAct::Remove).await.unwrap();
        assert_eq!((keys(&gone), gone.removed.as_deref()), (vec![("l", false)], Some("k")));
        let error = desk.change_key("acme", "k", KeyAct::Activate).await.unwrap_err();
        assert!(matches!(error, SettingsError::Ring(_)), "{error}");
        let back = desk.change_key("acme", "k", KeyAct::BringBack).await.unwrap();
        assert_eq!(keys(&back), [("l", false), ("k", true)]);
        assert_eq!(back.removed, None);
        assert_eq!(back.keys[1].created, NOW);
        let twice = desk.change_key("acme", "k", KeyAct::BringBack).await.unwrap_err();
        assert!(matches!(twice, SettingsError::Ring(_)), "{twice}");
    }

    #[tokio::test]
    async fn a_locked_keychain_takes_nothing_and_nothing_is_saved_later() {
        let (folder, desk, keychain) = with_keychain(FILE);
        keychain.set_trouble(Some(KeychainError::Locked));
        let error = desk.import_key("acme", ("k", KEY), NOW).await.unwrap_err();
        assert!(matches!(error, SettingsError::Keychain(KeychainError::Locked)), "{error}");
        keychain.set_trouble(None);
        assert!(import(&desk, "l").await.keys.iter().all(|key| key.kid == "l"));
        drop(folder);
    }
}
