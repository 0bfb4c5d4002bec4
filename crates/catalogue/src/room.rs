//! What the catalogue says: rooms of messages, each in every language, read from Fluent's syntax.
//!
//! Of Fluent there is what is needed here: texts, variables, and choices by a number (`[0]`, `[one]`, `*[other]`).

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use fluent_syntax::ast::{
    Entry, Expression, InlineExpression, Pattern, PatternElement, VariantKey,
};
use fluent_syntax::parser;

use crate::{Fault, Wrong};

/// Names of the folders. The first language is written first; the others are translations of it.
pub const LANGUAGES: [&str; 2] = ["en", "de"];

/// A file of the catalogue, by its name.
pub(crate) struct Room {
    pub(crate) name: String,
    /// In the order of [`LANGUAGES`].
    pub(crate) messages: BTreeMap<String, [Message; LANGUAGES.len()]>,
}

/// A message in one language.
#[derive(Clone, Default)]
pub(crate) struct Message {
    pub(crate) parts: Vec<Part>,
}

#[derive(Clone)]
pub(crate) enum Part {
    Text(String),
    Variable(String),
    /// By a number: the variants in their order, the last of which is for every other one.
    Choice {
        number: String,
        variants: Vec<(Key, Message)>,
    },
}

#[derive(Clone)]
pub(crate) enum Key {
    Exactly(u64),
    One,
    Other,
}

impl Message {
    /// Names of variables in the order in which they come, and whether each one is a number that decides something.
    pub(crate) fn variables(&self) -> Vec<(&str, bool)> {
        let mut all = Vec::new();
        self.note_variables(&mut all);
        all
    }

    fn note_variables<'a>(&'a self, all: &mut Vec<(&'a str, bool)>) {
        let note = |all: &mut Vec<(&'a str, bool)>, name: &'a str, decides: bool| match all
            .iter_mut()
            .find(|(known, _)| *known == name)
        {
            Some((_, known)) => *known |= decides,
            None => all.push((name, decides)),
        };
        for part in &self.parts {
            match part {
                Part::Text(_) => {}
                Part::Variable(name) => note(all, name, false),
                Part::Choice { number, variants } => {
                    note(all, number, true);
                    for (_, message) in variants {
                        message.note_variables(all);
                    }
                }
            }
        }
    }
}

/// Every room in every language.
pub(crate) fn read(folder: &Path) -> Result<Vec<Room>, Fault> {
    let mut names = BTreeSet::new();
    for language in LANGUAGES {
        let folder = folder.join(language);
        let unreadable = |source| Fault::Unreadable { path: folder.clone(), source };
        for file in fs::read_dir(&folder).map_err(unreadable)? {
            let path = file.map_err(unreadable)?.path();
            if path.extension().is_some_and(|extension| extension == "ftl") {
                names.extend(path.file_stem().map(|stem| stem.to_string_lossy().into_owned()));
            }
        }
    }
    names.into_iter().map(|name| room(folder, name)).collect()
}

fn room(folder: &Path, name: String) -> Result<Room, Fault> {
    let mut messages = BTreeMap::<String, [Message; LANGUAGES.len()]>::new();
    for (index, language) in LANGUAGES.into_iter().enumerate() {
        let path: PathBuf = folder.join(language).join(&name).with_extension("ftl");
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(source) => return Err(Fault::Unreadable { path, source }),
        };
        let read = file(&text).and_then(|read| {
            if index > 0 {
                same_messages(&messages, &read)?;
            }
            Ok(read)
        });
        for (id, message) in read.map_err(|wrong| Fault::Wrong { path, wrong })? {
            messages.entry(id).or_default()[index] = message;
        }
    }
    for (id, [original, translations @ ..]) in &messages {
        let names = |message: &Message| {
            let variables = message.variables().into_iter();
            variables.map(|(name, _)| name.to_owned()).collect::<BTreeSet<_>>()
        };
        if translations.iter().any(|translation| names(translation) != names(original)) {
            let wrong = Wrong::OtherVariables(id.clone());
            return Err(Fault::Wrong { path: PathBuf::from(name).with_extension("ftl"), wrong });
        }
    }
    Ok(Room { name, messages })
}

fn same_messages<T>(
    original: &BTreeMap<String, T>,
    translation: &BTreeMap<String, Message>,
) -> Result<(), Wrong> {
    if let Some(id) = original.keys().find(|id| !translation.contains_key(*id)) {
        return Err(Wrong::Missing(id.clone()));
    }
    match translation.keys().find(|id| !original.contains_key(*id)) {
        Some(id) => Err(Wrong::NotInOriginal(id.clone())),
        None => Ok(()),
    }
}

fn file(text: &str) -> Result<BTreeMap<String, Message>, Wrong> {
    let resource = parser::parse(text).map_err(|(_, faults)| {
        let faults = faults.iter().map(|fault| {
            let line = text[..fault.pos.start].matches('\n').count() + 1;
            format!("line {line}: {fault}")
        });
        Wrong::Syntax(faults.collect::<Vec<_>>().join("; "))
    })?;
    let mut messages = BTreeMap::new();
    for entry in &resource.body {
        let Entry::Message(message) = entry else { continue };
        let id = message.id.name;
        let pattern = message.value.as_ref().ok_or_else(|| Wrong::Silent(id.to_owned()))?;
        if messages.insert(id.to_owned(), read_pattern(id, pattern)?).is_some() {
            return Err(Wrong::Twice(id.to_owned()));
        }
    }
    Ok(messages)
}

fn read_pattern(id: &str, pattern: &Pattern<&str>) -> Result<Message, Wrong> {
    let mut parts = Vec::new();
    for element in &pattern.elements {
        parts.push(match element {
            PatternElement::TextElement { value } => Part::Text((*value).to_owned()),
            PatternElement::Placeable { expression: Expression::Inline(inline) } => match inline {
                InlineExpression::VariableReference { id } => Part::Variable(id.name.to_owned()),
                InlineExpression::StringLiteral { value } => Part::Text((*value).to_owned()),
                _ => return Err(Wrong::NoVariable(id.to_owned())),
            },
            PatternElement::Placeable { expression: Expression::Select { selector, variants } } => {
                let InlineExpression::VariableReference { id: number } = selector else {
                    return Err(Wrong::NoVariable(id.to_owned()));
                };
                let mut read = Vec::new();
                for variant in variants {
                    let unknown =
                        |key: &str| Wrong::Variant { id: id.to_owned(), key: key.to_owned() };
                    let key = match &variant.key {
                        VariantKey::NumberLiteral { value } => {
                            Key::Exactly(value.parse().map_err(|_| unknown(value))?)
                        }
                        VariantKey::Identifier { name: "one" } => Key::One,
                        VariantKey::Identifier { name: "other" } => Key::Other,
                        VariantKey::Identifier { name } => return Err(unknown(name)),
                    };
                    read.push((key, read_pattern(id, &variant.value)?));
                }
                if !matches!(read.last(), Some((Key::Other, _))) {
                    return Err(Wrong::NoOther(id.to_owned()));
                }
                Part::Choice { number: number.name.to_owned(), variants: read }
            }
        });
    }
    Ok(Message { parts })
}
