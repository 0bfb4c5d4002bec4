use smol_str::SmolStr;

/// What a state message does to which value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) key: SmolStr,
    pub(crate) part: Part,
}

/// What a state message does to the value of its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// Replaces it.
    Full,
    /// Goes over it, field by field.
    Fields,
    /// Encrypted, a part as far as anybody here can know: never merged.
    Sealed,
    /// Encrypted, and marked as complete in the open.
    SealedFull,
}

impl Part {
    const ALL: [Self; 4] = [Self::Full, Self::Fields, Self::Sealed, Self::SealedFull];

    /// As it is stored; never changed.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Fields => "fields",
            Self::Sealed => "sealed",
            Self::SealedFull => "sealed-full",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.name() == name)
    }
}
