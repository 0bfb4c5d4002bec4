use rhai::{EvalAltResult, ParseError, Position};
use serde::Serialize;
use thiserror::Error;

use crate::Hook;

/// Why a file did not load, or a call of a hook ended early.
#[derive(Clone, Debug, PartialEq, Eq, Error, Serialize)]
#[error("{}{message}{}", hook.map(|h| format!("{h}: ")).unwrap_or_default(),
    line.map(|line| format!(" (line {line}{})", column.map(|c| format!(", column {c}")).unwrap_or_default())).unwrap_or_default())]
pub struct PluginError {
    pub kind: ErrorKind,
    /// `None`: while it was loaded.
    pub hook: Option<Hook>,
    /// In the file, from 1.
    pub line: Option<usize>,
    pub column: Option<usize>,
    pub message: String,
}

/// The kinds by which a plugin's failures are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    /// The file cannot be read, is too large, or is named in a way that no plugin may be.
    File,
    /// It is not Rhai, uses something that is switched off, or has no hook.
    Syntax,
    /// An error of the script's own: an unknown name, a wrong type, a `throw`, a refused `emit`.
    Script,
    /// More operations than [`Limits::operations`](crate::Limits::operations).
    Operations,
    /// Longer than [`Limits::time`](crate::Limits::time).
    Time,
    /// Functions called each other more deeply than [`Limits::call_depth`](crate::Limits::call_depth).
    Depth,
    /// A value or the number of variables outgrew its limit.
    Size,
    /// What a hook returned is no message.
    Result,
    /// `this` is no map any more, holds something that is no data, or is too large. It begins anew.
    State,
    /// The interpreter itself failed. `this` begins anew.
    Panic,
}

/// Longest message of an error, in characters: a script can throw a novel.
const MESSAGE_LIMIT: usize = 500;

impl PluginError {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        let message = shortened(message.into(), MESSAGE_LIMIT);
        Self { kind, hook: None, line: None, column: None, message }
    }

    pub(crate) fn in_hook(self, hook: Hook) -> Self {
        Self { hook: Some(hook), ..self }
    }

    fn at(self, position: Position) -> Self {
        Self { line: position.line(), column: position.position(), ..self }
    }

    pub(crate) fn of_parser(error: &ParseError) -> Self {
        Self::new(ErrorKind::Syntax, error.err_type().to_string()).at(error.position())
    }

    pub(crate) fn of_call(error: &EvalAltResult) -> Self {
        use EvalAltResult as E;
        let position = innermost(error);
        let (kind, message) = match error.unwrap_inner() {
            E::ErrorTooManyOperations(_) => {
                (ErrorKind::Operations, "too many operations".to_owned())
            }
            E::ErrorTerminated(..) => (ErrorKind::Time, "took too long".to_owned()),
            E::ErrorStackOverflow(_) => {
                (ErrorKind::Depth, "functions call each other too deeply".to_owned())
            }
            E::ErrorTooManyVariables(_) => (ErrorKind::Size, "too many variables".to_owned()),
            E::ErrorDataTooLarge(what, _) => {
                (ErrorKind::Size, format!("a value grew too large: {what}"))
            }
            other => {
                let mut text = other.to_string();
                // The position has fields of its own.
                if let Some(at) = text.rfind(" (line ") {
                    text.truncate(at);
                }
                (ErrorKind::Script, text)
            }
        };
        Self::new(kind, message).at(position)
    }
}

/// Where it happened, rather than where the function in which it happened was called.
fn innermost(error: &EvalAltResult) -> Position {
    match error {
        EvalAltResult::ErrorInFunctionCall(_, _, inner, position) => {
            let within = innermost(inner);
            if within.is_none() { *position } else { within }
        }
        other => other.position(),
    }
}

/// Cut to so many characters, with a mark where it was.
pub(crate) fn shortened(text: String, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        None => text,
        Some((at, _)) => format!("{}…", &text[..at]),
    }
}
