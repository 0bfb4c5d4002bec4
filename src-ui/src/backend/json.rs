//! Reads JSON texts: what `serde_json` does, for what crosses the bridge and no more, because of its weight. Each type is
//! compiled once, for this reader, and only for the way in which the shell writes it: a struct is an object and never a
//! list, a name is a text, and no number has a fraction. A struct's fields are handed over in its own order, as if it were
//! a list: to take them by their names, each struct has code of its own. What is not known is passed over, also by what is
//! declared to deny it.

mod fields;
mod text;

use std::fmt;

use fields::Fields;
use serde::Deserialize;
use serde::de::value::{BorrowedStrDeserializer, StrDeserializer};
use serde::de::{
    self, DeserializeSeed, Deserializer, EnumAccess, Expected, MapAccess, SeqAccess, Unexpected,
    VariantAccess, Visitor,
};
use text::Text;

/// By this name a [`serde_json::value::RawValue`] asks for a value as it is written.
const RAW: &str = "$serde_json::private::RawValue";

/// Reads the whole text.
///
/// # Errors
/// When it is no JSON, or other JSON than `T` is written as.
pub(crate) fn read<'de, T: Deserialize<'de>>(text: &'de str) -> Result<T, Unreadable> {
    let mut text = Text::new(text);
    let value = T::deserialize(Reader(&mut text))?;
    text.end()?;
    Ok(value)
}

/// Why a text is not what was expected. Boxed, since it is handed on from everywhere.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Unreadable(Box<str>);

impl Unreadable {
    fn new(reason: String) -> Self {
        Self(reason.into())
    }
}

impl de::Error for Unreadable {
    fn custom<T: fmt::Display>(reason: T) -> Self {
        Self::new(reason.to_string())
    }

    // What was found instead is not told: to write a float takes 15 kB.
    fn invalid_type(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::custom(format_args!("expected {expected}"))
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::invalid_type(found, expected)
    }

    fn invalid_length(there: usize, expected: &dyn Expected) -> Self {
        Self::custom(format_args!("number {there}, from 0, is missing of {expected}"))
    }
}

/// Reads one value.
struct Reader<'r, 'de>(&'r mut Text<'de>);

impl<'de> Reader<'_, 'de> {
    fn signed<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        let number = self.0.number().parse().map_err(|_| self.0.unexpected())?;
        visitor.visit_i64(number)
    }

    fn unsigned<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        let number = self.0.number().parse().map_err(|_| self.0.unexpected())?;
        visitor.visit_u64(number)
    }
}

/// Several ways to ask for the same.
macro_rules! same {
    ($($way:ident)* => $as:ident) => {
        $(fn $way<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
            self.$as(visitor)
        })*
    };
}

impl<'de> Deserializer<'de> for Reader<'_, 'de> {
    type Error = Unreadable;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        match self.0.next() {
            b'"' => self.deserialize_str(visitor),
            b'{' => self.deserialize_map(visitor),
            b'[' => self.deserialize_seq(visitor),
            b't' | b'f' => self.deserialize_bool(visitor),
            b'n' => self.deserialize_unit(visitor),
            b'-' => self.signed(visitor),
            _ => self.unsigned(visitor),
        }
    }

    same! { deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 => signed }
    same! { deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 => unsigned }
    same! { deserialize_char deserialize_string deserialize_identifier => deserialize_str }
    // Of these there are none; what is there instead is refused.
    same! { deserialize_f32 deserialize_f64 deserialize_bytes deserialize_byte_buf => deserialize_unit }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        let yes = self.0.has_word("true");
        if !yes && !self.0.has_word("false") {
            return Err(self.0.unexpected());
        }
        visitor.visit_bool(yes)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_str(&self.0.string()?)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        if self.0.has_word("null") { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        if self.0.has_word("null") { visitor.visit_unit() } else { Err(self.0.unexpected()) }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        if name == RAW {
            return visitor.visit_map(Raw(Some(self.0.raw()?)));
        }
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        self.0.expect(b'[')?;
        let value = visitor.visit_seq(Members { text: self.0, first: true })?;
        self.0.expect(b']')?;
        Ok(value)
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        self.0.expect(b'{')?;
        let value = visitor.visit_map(Members { text: self.0, first: true })?;
        self.0.expect(b'}')?;
        Ok(value)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        names: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        self.0.expect(b'{')?;
        let mut fields = Fields::new(self.0, names);
        let value = visitor.visit_seq(&mut fields)?;
        fields.end()?;
        Ok(value)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        let bare = !self.0.has(b'{');
        let value = visitor.visit_enum(Variant { text: self.0, bare })?;
        if !bare {
            self.0.expect(b'}')?;
        }
        Ok(value)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        self.0.raw()?;
        visitor.visit_unit()
    }
}

/// Those of a list or an object.
struct Members<'r, 'de> {
    text: &'r mut Text<'de>,
    first: bool,
}

impl<'de> SeqAccess<'de> for Members<'_, 'de> {
    type Error = Unreadable;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Unreadable> {
        if !self.text.another(b']', &mut self.first)? {
            return Ok(None);
        }
        seed.deserialize(Reader(self.text)).map(Some)
    }
}

impl<'de> MapAccess<'de> for Members<'_, 'de> {
    type Error = Unreadable;

    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Unreadable> {
        if !self.text.another(b'}', &mut self.first)? {
            return Ok(None);
        }
        seed.deserialize(Reader(self.text)).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<S::Value, Unreadable> {
        self.text.expect(b':')?;
        seed.deserialize(Reader(self.text))
    }
}

/// One of an enum: its name, or an object of its name and what it holds.
struct Variant<'r, 'de> {
    text: &'r mut Text<'de>,
    bare: bool,
}

impl<'r, 'de> Variant<'r, 'de> {
    fn content(self) -> Result<Reader<'r, 'de>, Unreadable> {
        self.text.expect(b':')?;
        Ok(Reader(self.text))
    }
}

impl<'de> EnumAccess<'de> for Variant<'_, 'de> {
    type Error = Unreadable;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'de>>(
        self,
        seed: S,
    ) -> Result<(S::Value, Self), Unreadable> {
        Ok((seed.deserialize(Reader(self.text))?, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'_, 'de> {
    type Error = Unreadable;

    fn unit_variant(self) -> Result<(), Unreadable> {
        if self.bare { Ok(()) } else { Deserialize::deserialize(self.content()?) }
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(
        self,
        seed: S,
    ) -> Result<S::Value, Unreadable> {
        seed.deserialize(self.content()?)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Unreadable> {
        self.content()?.deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        names: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        self.content()?.deserialize_struct("", names, visitor)
    }
}

/// A value as it is written, in the only form in which it is asked for: an object of [`RAW`] and the text.
struct Raw<'de>(Option<&'de str>);

impl<'de> MapAccess<'de> for Raw<'de> {
    type Error = Unreadable;

    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Unreadable> {
        if self.0.is_none() {
            return Ok(None);
        }
        seed.deserialize(StrDeserializer::new(RAW)).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<S::Value, Unreadable> {
        seed.deserialize(BorrowedStrDeserializer::new(self.0.take().unwrap_or_default()))
    }
}

#[cfg(test)]
mod tests;
