//! What is said between the watch and the window's process. Both are of one version, so there are none of this.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::super::page::Making;
use super::super::place::Place;
use super::activation::Token;

/// From the watch.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum ToWindow {
    /// The first one, and the only time.
    Make {
        making: Box<Making>,
        /// By which it may come to the front.
        token: Option<Token>,
    },
    BringUp {
        token: Option<Token>,
    },
    Minimise,
    Close,
    CloseIfMinimised,
    /// For the page: a [`domain::view::WindowMessage`].
    Message(Box<RawValue>),
    Answer {
        call: u64,
        answer: Answer,
    },
    /// On a channel that the page has opened.
    Channel {
        id: u32,
        body: Box<RawValue>,
    },
}

/// What a command of the page comes to.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Answer {
    Done(Box<RawValue>),
    /// In JSON, too, mostly a text.
    Refused(Box<RawValue>),
}

/// From the window's process, which is no more believed than its page.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum FromWindow {
    /// It is about to be a window, and is told what to show. Once, before everything else but [`FromWindow::Said`].
    Ready,
    /// The page wants something, by a number of its own.
    Call {
        call: u64,
        command: String,
        arguments: Box<RawValue>,
    },
    /// Somebody wants to close the window.
    CloseWanted,
    Placed(Place),
    /// A line of a log, for there is no other.
    Said(String),
}
