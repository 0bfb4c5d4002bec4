//! `[profiles.NAME]`: the connection's options, and beside them what is the profile's own.

use std::fmt;
use std::sync::Arc;

use domain::view::{Colour, NotifyScope};
use realtime::{InvalidOption, OptionFault, Secret};
use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, StrDeserializer};
use serde::de::{DeserializeSeed, Deserializer, Error, IntoDeserializer, MapAccess, Visitor};

use crate::FeedToken;

/// A profile as it is written.
#[derive(Clone, Debug, Default)]
pub(super) struct ProfileEntry {
    connection: realtime::Options,
    pub(super) own: OwnKeys,
}

/// The keys that are no option of the connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct OwnKeys {
    pub(super) colour: Option<Colour>,
    pub(super) notify: NotifyScope,
    pub(super) paused: bool,
    /// The token is in the keychain.
    pub(super) token_keychain: bool,
}

impl OwnKeys {
    pub(super) const NAMES: [&str; 4] = ["colour", "notify", "paused", TOKEN_KEYCHAIN];
    /// Those that need no other connection.
    pub(super) const AT_ONCE: [&str; 3] = ["colour", "notify", "paused"];
}

const TOKEN_KEYCHAIN: &str = "tokenKeychain";

impl ProfileEntry {
    /// The connection's options. `token`: from the environment, which wins over the file. `urls`: the same for addresses.
    pub(super) fn connection(
        &self,
        name: &str,
        token: Option<String>,
        urls: &[String],
    ) -> Result<realtime::Options, InvalidOption> {
        let mut connection = self.connection.clone();
        if !urls.is_empty() {
            connection.endpoints = urls.to_vec();
        }
        match token {
            Some(token) => connection.token = Some(Secret::new(token)),
            None if self.own.token_keychain => {
                let others = connection.token.is_some()
                    || connection.token_env.is_some()
                    || !connection.token_command.is_empty();
                if others {
                    let fault = OptionFault::SecondToken;
                    return Err(InvalidOption { field: TOKEN_KEYCHAIN, fault });
                }
                connection.token_from = Some(Arc::new(FeedToken::of(name)));
            }
            None => {}
        }
        connection.clone().validate()?;
        Ok(connection)
    }

    /// The preferred address as it is written; empty where there is none.
    pub(super) fn address(&self) -> &str {
        self.connection.endpoints.first().map(String::as_str).unwrap_or_default()
    }

    pub(super) fn has_address(&self) -> bool {
        !self.connection.endpoints.is_empty()
    }

    pub(super) fn tenant(&self) -> Option<&str> {
        self.connection.tenant.as_deref()
    }
}

impl<'de> Deserialize<'de> for ProfileEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EntryVisitor)
    }
}

struct EntryVisitor;

impl<'de> Visitor<'de> for EntryVisitor {
    type Value = ProfileEntry;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the options of a connection")
    }

    fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<ProfileEntry, M::Error> {
        let mut own = OwnKeys::default();
        let others = Others { map, own: &mut own };
        let connection = realtime::Options::deserialize(MapAccessDeserializer::new(others))?;
        Ok(ProfileEntry { connection, own })
    }
}

/// The connection's keys alone; the profile's own are taken out on the way.
struct Others<'a, M> {
    map: M,
    own: &'a mut OwnKeys,
}

#[derive(Clone, Copy)]
enum OwnKey {
    Colour,
    Notify,
    Paused,
    TokenKeychain,
}

impl OwnKey {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "colour" => Self::Colour,
            "notify" => Self::Notify,
            "paused" => Self::Paused,
            TOKEN_KEYCHAIN => Self::TokenKeychain,
            _ => return None,
        })
    }
}

impl<'de, M: MapAccess<'de>> Others<'_, M> {
    fn take(&mut self, key: OwnKey) -> Result<(), M::Error> {
        match key {
            OwnKey::Colour => self.own.colour = Some(self.map.next_value()?),
            OwnKey::Notify => self.own.notify = self.map.next_value()?,
            OwnKey::Paused => self.own.paused = self.map.next_value()?,
            OwnKey::TokenKeychain => self.own.token_keychain = self.map.next_value()?,
        }
        Ok(())
    }
}

impl<'de, M: MapAccess<'de>> MapAccess<'de> for Others<'_, M> {
    type Error = M::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, M::Error> {
        let mut seed = Some(seed);
        loop {
            // Within the map's own call, so that a key nobody knows is told with its place.
            match self.map.next_key_seed(KeySeed(&mut seed))? {
                None => return Ok(None),
                Some(Key::Other(key)) => return Ok(Some(key)),
                Some(Key::Own(key)) => self.take(key)?,
            }
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, M::Error> {
        self.map.next_value_seed(seed)
    }
}

enum Key<T> {
    Own(OwnKey),
    Other(T),
}

/// Reads a key; one that is not the profile's own with the connection's seed.
struct KeySeed<'a, K>(&'a mut Option<K>);

impl<'de, K: DeserializeSeed<'de>> DeserializeSeed<'de> for KeySeed<'_, K> {
    type Value = Key<K::Value>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl<'de, K: DeserializeSeed<'de>> Visitor<'de> for KeySeed<'_, K> {
    type Value = Key<K::Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
        if let Some(own) = OwnKey::named(name) {
            return Ok(Key::Own(own));
        }
        let Some(seed) = self.0.take() else { return Err(E::custom("a key was read twice")) };
        let name: StrDeserializer<'_, E> = name.into_deserializer();
        seed.deserialize(name).map(Key::Other).map_err(with_own_keys)
    }
}

/// Of a key that nobody knows the connection lists those it knows: the profile's own may be what was meant.
fn with_own_keys<E: Error>(error: E) -> E {
    let text = error.to_string();
    let text = text.trim_end();
    if !text.starts_with("unknown field ") {
        return error;
    }
    let own = OwnKeys::NAMES.map(|name| format!(", `{name}`"));
    E::custom(format!("{text}{}", own.concat()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<ProfileEntry, toml::de::Error> {
        toml::from_str(text)
    }

    #[test]
    fn the_profiles_own_keys_stand_beside_the_connections() {
        let entry = read(
            "colour = 'violet'\nurl = ['wss://a.example', 'wss://b.example']\npaused = true\nnotify = 'critical'\n",
        )
        .unwrap();
        let own = OwnKeys {
            colour: Some(Colour::Violet),
            notify: NotifyScope::Critical,
            paused: true,
            token_keychain: false,
        };
        assert_eq!((entry.own, entry.address()), (own, "wss://a.example"));
        assert_eq!(entry.connection("a", None, &[]).unwrap().endpoints.len(), 2);
        let bare = read("url = 'wss://a.example'").unwrap();
        assert_eq!(bare.own, OwnKeys::default());
    }

    #[test]
    fn what_is_not_understood_is_told_with_its_place() {
        let error = read("url = 'wss://a.example'\ncolor = 'teal'\n").unwrap_err();
        assert_eq!(error.span(), Some(24..29));
        assert!(error.message().contains("`color`") && error.message().contains("`colour`"));
        let error = read("url = 'wss://a.example'\ncolour = 'red'\n").unwrap_err();
        assert_eq!(error.span(), Some(33..38));
        assert!(error.message().starts_with("unknown variant `red`"), "{}", error.message());
        assert!(read("paused = 1").is_err() && read("notify = 'some'").is_err());
        let twice = read("paused = true\npaused = false\n");
        assert!(twice.is_err(), "{twice:?}");
    }

    #[test]
    fn a_token_in_the_keychain_is_the_only_one_and_the_environments_wins() {
        let file = "url = 'wss://a.example'\ntokenKeychain = true\n";
        let of = |text: &str, token: Option<&str>| {
            read(text).unwrap().connection("acme", token.map(str::to_owned), &[])
        };
        assert!(of(file, None).unwrap().token_from.is_some());
        let given = of(file, Some("hush")).unwrap();
        assert!(given.token.is_some() && given.token_from.is_none());
        for other in ["token = 'x'", "tokenEnv = 'X'", "tokenCommand = ['x']"] {
            let error = of(&format!("{file}{other}\n"), None).unwrap_err();
            assert_eq!((error.field, error.fault), (TOKEN_KEYCHAIN, OptionFault::SecondToken));
        }
    }
}
