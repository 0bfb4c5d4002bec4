use serde::de::{DeserializeSeed, SeqAccess};

use super::text::Text;
use super::{Reader, Unreadable};

/// Those of a struct, in the order in which it has them: in that order the shell writes them, and what finds a field by
/// its name is compiled once instead of for each struct.
pub(super) struct Fields<'r, 'de> {
    text: &'r mut Text<'de>,
    first: bool,
    /// Of those that are still to be read.
    names: &'static [&'static str],
    /// What stood before its turn.
    early: Vec<(&'static str, &'de str)>,
}

/// Where the value of a field is.
enum Place<'de> {
    /// It comes next.
    Here,
    /// It stood before its turn.
    Early(&'de str),
    Nowhere,
}

impl<'r, 'de> Fields<'r, 'de> {
    /// Behind the brace that opens the object.
    pub(super) fn new(text: &'r mut Text<'de>, names: &'static [&'static str]) -> Self {
        Self { text, first: true, names, early: Vec::new() }
    }

    fn find(&mut self, name: &str) -> Result<Place<'de>, Unreadable> {
        if let Some(at) = self.early.iter().position(|(early, _)| *early == name) {
            return Ok(Place::Early(self.early.swap_remove(at).1));
        }
        while self.text.another(b'}', &mut self.first)? {
            let found = self.text.string()?;
            self.text.expect(b':')?;
            if found == name {
                return Ok(Place::Here);
            }
            let value = self.text.raw()?;
            if let Some(later) = self.names.iter().find(|later| found == **later) {
                self.early.push((later, value));
            }
        }
        Ok(Place::Nowhere)
    }

    /// Ends the object. What is in it besides is of another version.
    pub(super) fn end(mut self) -> Result<(), Unreadable> {
        self.names = &[];
        while let Place::Here = self.find("")? {
            self.text.raw()?;
        }
        self.text.expect(b'}')
    }
}

impl<'de> SeqAccess<'de> for &mut Fields<'_, 'de> {
    type Error = Unreadable;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Unreadable> {
        let Some((name, later)) = self.names.split_first() else { return Ok(None) };
        self.names = later;
        let place = self.find(name)?;
        let mut apart = Text::new(match place {
            Place::Early(value) => value,
            // An option is none then.
            Place::Here | Place::Nowhere => "null",
        });
        let text = if let Place::Here = place { &mut *self.text } else { &mut apart };
        match (seed.deserialize(Reader(text)), place) {
            // What is no option has a default, or is refused for what is missing.
            (Err(_), Place::Nowhere) => Ok(None),
            (value, _) => value.map(Some),
        }
    }
}
