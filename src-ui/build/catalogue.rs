//! What the catalogue says: rooms of messages, each in every language, read from Fluent's syntax.
//!
//! Of Fluent there is what this window needs: texts, variables, and choices by a number (`[0]`, `[one]`, `*[other]`).

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use fluent_syntax::ast::{
    Entry, Expression, InlineExpression, Pattern, PatternElement, VariantKey,
};
use fluent_syntax::parser;

/// The first one is written first; the others are translations of it.
pub(crate) const LANGUAGES: [&str; 2] = ["en", "de"];

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

/// Every room in every language. Says which file or message is missing, or cannot be read.
pub(crate) fn read(folder: &Path) -> Result<Vec<Room>, String> {
    let mut names = BTreeSet::new();
    for language in LANGUAGES {
        let folder = folder.join(language);
        let files =
            fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        for file in files {
            let path = file.map_err(|error| format!("{}: {error}", folder.display()))?.path();
            if path.extension().is_some_and(|extension| extension == "ftl") {
                names.extend(path.file_stem().map(|stem| stem.to_string_lossy().into_owned()));
            }
        }
    }
    names.into_iter().map(|name| room(folder, name)).collect()
}

fn room(folder: &Path, name: String) -> Result<Room, String> {
    let mut messages = BTreeMap::<String, [Message; LANGUAGES.len()]>::new();
    for (index, language) in LANGUAGES.into_iter().enumerate() {
        let path = folder.join(language).join(&name).with_extension("ftl");
        let here = |fault: String| format!("{}: {fault}", path.display());
        let text = fs::read_to_string(&path).map_err(|error| here(error.to_string()))?;
        let read = file(&text).map_err(here)?;
        if index > 0 {
            if let Some(id) = messages.keys().find(|id| !read.contains_key(*id)) {
                return Err(here(format!("`{id}` is missing")));
            }
            if let Some(id) = read.keys().find(|id| !messages.contains_key(*id)) {
                return Err(here(format!("`{id}` is not in `{}`", LANGUAGES[0])));
            }
        }
        for (id, message) in read {
            messages.entry(id).or_default()[index] = message;
        }
    }
    for (id, [original, translations @ ..]) in &messages {
        let names = |message: &Message| {
            message
                .variables()
                .into_iter()
                .map(|(name, _)| name.to_owned())
                .collect::<BTreeSet<_>>()
        };
        if translations.iter().any(|translation| names(translation) != names(original)) {
            return Err(format!("`{name}`: `{id}` has other variables in another language"));
        }
    }
    Ok(Room { name, messages })
}

fn file(text: &str) -> Result<BTreeMap<String, Message>, String> {
    let resource = parser::parse(text).map_err(|(_, faults)| {
        let faults = faults.iter().map(|fault| {
            let line = text[..fault.pos.start].matches('\n').count() + 1;
            format!("line {line}: {fault}")
        });
        faults.collect::<Vec<_>>().join("; ")
    })?;
    let mut messages = BTreeMap::new();
    for entry in &resource.body {
        let Entry::Message(message) = entry else { continue };
        let id = message.id.name;
        let pattern = message.value.as_ref().ok_or_else(|| format!("`{id}` says nothing"))?;
        let read = read_pattern(pattern).map_err(|fault| format!("`{id}`: {fault}"))?;
        if messages.insert(id.to_owned(), read).is_some() {
            return Err(format!("`{id}` is there twice"));
        }
    }
    Ok(messages)
}

fn read_pattern(pattern: &Pattern<&str>) -> Result<Message, String> {
    let mut parts = Vec::new();
    for element in &pattern.elements {
        parts.push(match element {
            PatternElement::TextElement { value } => Part::Text((*value).to_owned()),
            PatternElement::Placeable { expression: Expression::Inline(inline) } => match inline {
                InlineExpression::VariableReference { id } => Part::Variable(id.name.to_owned()),
                InlineExpression::StringLiteral { value } => Part::Text((*value).to_owned()),
                _ => return Err("only variables and \"texts\" may stand in braces".to_owned()),
            },
            PatternElement::Placeable { expression: Expression::Select { selector, variants } } => {
                let InlineExpression::VariableReference { id } = selector else {
                    return Err("only a variable may decide".to_owned());
                };
                let mut read = Vec::new();
                for variant in variants {
                    let key = match &variant.key {
                        VariantKey::NumberLiteral { value } => Key::Exactly(
                            value.parse().map_err(|_| format!("[{value}] is no count"))?,
                        ),
                        VariantKey::Identifier { name: "one" } => Key::One,
                        VariantKey::Identifier { name: "other" } => Key::Other,
                        VariantKey::Identifier { name } => {
                            return Err(format!("[{name}] is none of [0], [one], [other]"));
                        }
                    };
                    read.push((key, read_pattern(&variant.value)?));
                }
                if !matches!(read.last(), Some((Key::Other, _))) {
                    return Err("the last variant has to be *[other]".to_owned());
                }
                Part::Choice { number: id.name.to_owned(), variants: read }
            }
        });
    }
    Ok(Message { parts })
}
