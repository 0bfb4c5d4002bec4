//! Functions of Rust that say what the catalogue says, one for each message.

use std::fmt::Write;
use std::path::PathBuf;

use crate::room::{Key, LANGUAGES, Message, Part, Room};
use crate::{Fault, Style, Wrong};

/// What all of them are filled in by. It is a source of its own, so that it can be tested here.
const FILL: &str = include_str!("fill.rs");

/// The source of the modules, one for each room.
pub(crate) fn write(rooms: &[Room], style: Style) -> Result<String, Fault> {
    let mut source = FILL.to_owned();
    for room in rooms {
        let name = identifier(&room.name);
        let _ = writeln!(source, "pub(crate) mod {name} {{");
        for (id, message) in &room.messages {
            function(&mut source, id, message, style).map_err(|wrong| {
                let path = PathBuf::from(&room.name).with_extension("ftl");
                Fault::Wrong { path, wrong }
            })?;
        }
        source.push_str("}\n");
    }
    Ok(source)
}

impl Style {
    /// What each function takes first, and hands on.
    fn language(self) -> (&'static str, &'static str) {
        match self {
            Self::Window => ("", ""),
            Self::Core => ("language: super::Language, ", "language, "),
        }
    }

    fn allows(self, function: &str, variables: &[&str]) -> bool {
        match self {
            Self::Window => !function.starts_with("use_"),
            Self::Core => !variables.contains(&"language"),
        }
    }
}

fn function(
    source: &mut String,
    id: &str,
    languages: &[Message; LANGUAGES.len()],
    style: Style,
) -> Result<(), Wrong> {
    // As the original has them: all have the same, and a number that decides in one language is a number.
    let mut variables = languages[0].variables();
    for (name, decides) in &mut variables {
        let known = |message: &Message| message.variables().contains(&(*name, true));
        *decides = languages.iter().any(known);
    }
    let names: Vec<&str> = variables.iter().map(|(name, _)| *name).collect();
    let name = identifier(id);
    if !style.allows(&name, &names) {
        return Err(Wrong::Taken(id.to_owned()));
    }
    let (taken, given) = style.language();
    if names.is_empty() {
        let texts: Vec<String> = languages.iter().map(|message| literal(message, &names)).collect();
        let taken = taken.trim_end_matches(", ");
        let _ = writeln!(source, "/// {}", texts[0]);
        let _ = writeln!(
            source,
            "pub(crate) fn {name}({taken}) -> &'static str {{ super::pick({given}[{}]) }}",
            texts.join(", ")
        );
        return Ok(());
    }
    let parameters: Vec<String> = variables
        .iter()
        .map(|(name, decides)| {
            format!("{}: {}", identifier(name), if *decides { "usize" } else { "&str" })
        })
        .collect();
    let values: Vec<String> = variables
        .iter()
        .map(|(name, decides)| {
            let name = identifier(name);
            if *decides { format!("&super::number({given}{name})") } else { name }
        })
        .collect();
    let patterns: Vec<String> = languages.iter().map(|message| pattern(message, &names)).collect();
    let _ = writeln!(source, "/// {}", patterns[0].lines().collect::<String>().replace('`', "'"));
    let _ = writeln!(
        source,
        "pub(crate) fn {name}({taken}{}) -> String {{ super::fill(super::pick({given}[{}]), &[{}]) }}",
        parameters.join(", "),
        patterns.join(", "),
        values.join(", "),
    );
    Ok(())
}

/// An expression of the pattern for these numbers. Choices are made before anything is filled in: what stands around one
/// stands in each of its variants.
fn pattern(message: &Message, names: &[&str]) -> String {
    let choice = message.parts.iter().enumerate().find_map(|(at, part)| match part {
        Part::Choice { number, variants } => Some((at, number, variants)),
        Part::Text(_) | Part::Variable(_) => None,
    });
    let Some((at, number, variants)) = choice else { return literal(message, names) };
    let mut expression = String::new();
    for (key, variant) in variants {
        let mut parts = message.parts[..at].to_vec();
        parts.extend(variant.parts.iter().cloned());
        parts.extend(message.parts[at + 1..].iter().cloned());
        let said = pattern(&Message { parts }, names);
        let number = identifier(number);
        let _ = match key {
            Key::Exactly(exactly) => {
                write!(expression, "if {number} == {exactly} {{ {said} }} else ")
            }
            // In each of the languages.
            Key::One => write!(expression, "if {number} == 1 {{ {said} }} else "),
            Key::Other => write!(expression, "{{ {said} }}"),
        };
    }
    expression
}

/// A literal in which the variable at place `n` is the character `n + 1`.
fn literal(message: &Message, names: &[&str]) -> String {
    let mut text = String::new();
    for part in &message.parts {
        match part {
            Part::Text(part) => text.push_str(part),
            Part::Variable(name) => {
                let place = names.iter().position(|known| known == name).unwrap_or_default();
                text.extend(u8::try_from(place + 1).map(char::from));
            }
            Part::Choice { .. } => {}
        }
    }
    format!("{text:?}")
}

/// As Rust writes it. A name that Rust has for itself gets an underscore.
fn identifier(name: &str) -> String {
    let name = name.replace('-', "_");
    if KEYWORDS.contains(&name.as_str()) { format!("{name}_") } else { name }
}

/// Those that a word of the catalogue may be.
const KEYWORDS: [&str; 40] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate",
    "do", "else", "enum", "false", "final", "for", "gen", "if", "in", "let", "loop", "macro",
    "match", "mod", "move", "override", "pub", "ref", "return", "self", "static", "super", "trait",
    "true", "try", "type", "use", "where", "while", "yield",
];

#[cfg(test)]
mod tests {
    include!("fill.rs");

    #[test]
    fn values_stand_where_the_language_wants_them() {
        assert_eq!(fill("\u{2} of \u{1}\u{1}", &["a", "b"]), "b of aa");
        assert_eq!(fill("nothing", &[]), "nothing");
    }
}
