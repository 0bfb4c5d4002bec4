use serde::{Deserialize, Deserializer};

/// One field of a partial update: absent leaves the known value, `null` clears it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Patch<T> {
    #[default]
    Keep,
    Clear,
    Set(T),
}

impl<T> Patch<T> {
    /// Whether the update says anything about this field.
    #[must_use]
    pub fn speaks(&self) -> bool {
        !matches!(self, Self::Keep)
    }

    /// Applies this to a known value.
    pub fn apply(self, to: &mut Option<T>) {
        match self {
            Self::Keep => {}
            Self::Clear => *to = None,
            Self::Set(value) => *to = Some(value),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(Option::<T>::deserialize(from)?.map_or(Self::Clear, Self::Set))
    }
}
