//! What state messages tell, and whether two of them in one would say the same.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;
use wire::{DERIVED, Message};

/// Objects that lie deeper are not merged: nothing in the protocol does.
const DEPTH: usize = 4;
/// By these an object says what it is about. What two of them say that are about different things does not add up.
const NAMES: [&str; 4] = ["id", "vaultId", "chainId", "token"];

/// What a message tells, or several one after the other.
#[derive(Serialize)]
#[serde(transparent)]
pub(crate) struct Fields<'a>(Object<'a>);

type Object<'a> = BTreeMap<&'a str, Field<'a>>;

#[derive(Serialize)]
#[serde(untagged)]
enum Field<'a> {
    Raw(&'a RawValue),
    /// Looked into, because there was something to merge.
    Object(Object<'a>),
}

impl<'a> Fields<'a> {
    /// `None` of what is no object, or encrypted.
    pub(crate) fn of(message: &'a Message) -> Option<Self> {
        let fields: Object<'a> = serde_json::from_slice(message.data()).ok()?;
        (!fields.contains_key("enc")).then_some(Self(fields))
    }

    /// Whether what they leave out is not known any more.
    pub(crate) fn are_full(&self) -> bool {
        matches!(self.0.get("full"), Some(Field::Raw(full)) if full.get() == "true")
    }

    /// Whether the newer ones are about the same.
    pub(crate) fn agree(&self, newer: &Self) -> bool {
        agree(&self.0, &newer.0)
    }

    /// Adds those of the message that came next, which win. Returns them, and changes nothing, where both in one would
    /// say something else than one after the other.
    pub(crate) fn add(&mut self, mut newer: Self) -> Result<(), Self> {
        if self.would_refresh(&newer) || !fit(&mut self.0, &mut newer.0, DEPTH) {
            return Err(newer);
        }
        if self.are_full() {
            // All of it and then a part is all of it, whatever the part says of itself.
            newer.0.remove("full");
        }
        lay_over(&mut self.0, newer.0);
        Ok(())
    }

    /// Whether a figure that the newer ones made outdated would be up to date again.
    fn would_refresh(&self, newer: &Self) -> bool {
        let tells = |fields: &Self, name: &str| fields.0.contains_key(name);
        DERIVED.iter().any(|(figure, sources)| {
            tells(self, figure)
                && !tells(newer, figure)
                && sources.iter().any(|source| tells(newer, source))
        })
    }
}

/// Whether newer fields say all there is to say when they are laid over the older ones. Looks into the objects that both
/// have.
fn fit<'a>(older: &mut Object<'a>, newer: &mut Object<'a>, depth: usize) -> bool {
    agree(older, newer)
        && newer.iter_mut().all(|(name, value)| {
            let Some(old) = older.get_mut(*name) else { return true };
            if !value.is_object() {
                return true;
            }
            // One element over a list, or a part over what was cleared: only whoever knows the type can do that.
            match (old.open(), value.open()) {
                (Some(old), Some(value)) => depth > 0 && fit(old, value, depth - 1),
                _ => false,
            }
        })
}

/// Whether what the newer ones say they are about is what the older ones are about.
fn agree(older: &Object<'_>, newer: &Object<'_>) -> bool {
    NAMES.iter().all(|name| match (older.get(*name), newer.get(*name)) {
        (_, None) => true,
        (Some(Field::Raw(old)), Some(Field::Raw(new))) => old.get() == new.get(),
        _ => false,
    })
}

fn lay_over<'a>(older: &mut Object<'a>, newer: Object<'a>) {
    for (name, value) in newer {
        match older.entry(name) {
            Entry::Vacant(place) => _ = place.insert(value),
            Entry::Occupied(mut place) => match (place.get_mut(), value) {
                (Field::Object(old), Field::Object(value)) => lay_over(old, value),
                (old, value) => *old = value,
            },
        }
    }
}

impl<'a> Field<'a> {
    fn is_object(&self) -> bool {
        match self {
            Self::Raw(raw) => raw.get().starts_with('{'),
            Self::Object(_) => true,
        }
    }

    /// What is in it. `None` of what is no object, or one that cannot be read without a copy.
    fn open(&mut self) -> Option<&mut Object<'a>> {
        if let Self::Raw(raw) = *self {
            *self = Self::Object(serde_json::from_str(raw.get()).ok()?);
        }
        match self {
            Self::Object(object) => Some(object),
            Self::Raw(_) => None,
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Field<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        <&'a RawValue>::deserialize(from).map(Self::Raw)
    }
}
