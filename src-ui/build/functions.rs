//! Functions of Rust that say what the catalogue says, one for each message.

use std::fmt::Write;

use crate::catalogue::{Key, LANGUAGES, Message, Part, Room};

/// The source of the modules, one for each room.
pub(crate) fn write(rooms: &[Room]) -> Result<String, String> {
    let mut source = String::new();
    for room in rooms {
        let name = identifier(&room.name);
        let _ = writeln!(source, "pub(crate) mod {name} {{");
        for (id, message) in &room.messages {
            function(&mut source, id, message)
                .map_err(|fault| format!("`{}`: `{id}`: {fault}", room.name))?;
        }
        source.push_str("}\n");
    }
    Ok(source)
}

fn function(
    source: &mut String,
    id: &str,
    languages: &[Message; LANGUAGES.len()],
) -> Result<(), String> {
    // As the original has them: all have the same, and a number that decides in one language is a number.
    let mut variables = languages[0].variables();
    for (name, decides) in &mut variables {
        let known = |message: &Message| message.variables().contains(&(*name, true));
        *decides = languages.iter().any(known);
    }
    let names: Vec<&str> = variables.iter().map(|(name, _)| *name).collect();
    let name = identifier(id);
    if name.starts_with("use_") {
        return Err("Yew takes what begins so for a hook".to_owned());
    }
    if names.is_empty() {
        let texts: Vec<String> = languages.iter().map(|message| literal(message, &names)).collect();
        let _ = writeln!(source, "/// {}", texts[0]);
        let _ = writeln!(
            source,
            "pub(crate) fn {name}() -> &'static str {{ super::pick([{}]) }}",
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
            if *decides { format!("&super::number({name})") } else { name }
        })
        .collect();
    let patterns: Vec<String> =
        languages.iter().map(|message| pattern(message, &names)).collect::<Result<_, _>>()?;
    let _ = writeln!(source, "/// {}", patterns[0].lines().collect::<String>().replace('`', "'"));
    let _ = writeln!(
        source,
        "pub(crate) fn {name}({}) -> String {{ super::fill(super::pick([{}]), &[{}]) }}",
        parameters.join(", "),
        patterns.join(", "),
        values.join(", "),
    );
    Ok(())
}

/// An expression of the pattern for these numbers. Choices are made before anything is filled in: what stands around one
/// stands in each of its variants.
fn pattern(message: &Message, names: &[&str]) -> Result<String, String> {
    let choice = message.parts.iter().position(|part| matches!(part, Part::Choice { .. }));
    let Some(at) = choice else { return Ok(literal(message, names)) };
    let Part::Choice { number, variants } = &message.parts[at] else {
        return Err("a choice was looked for".to_owned());
    };
    let mut expression = String::new();
    for (key, variant) in variants {
        let mut parts = message.parts[..at].to_vec();
        parts.extend(variant.parts.iter().cloned());
        parts.extend(message.parts[at + 1..].iter().cloned());
        let said = pattern(&Message { parts }, names)?;
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
    Ok(expression)
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
