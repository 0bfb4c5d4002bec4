use std::collections::VecDeque;

use super::{Generation, Monotonic, Timer};
use crate::{Endpoint, Event, Inbound};

/// What the machine wants done, in order.
#[derive(Debug)]
pub enum Output {
    /// Make a connection. There is no other one, nor an attempt at one.
    Connect {
        endpoint: Endpoint,
        generation: Generation,
    },
    Write {
        text: String,
        generation: Generation,
    },
    Ping {
        generation: Generation,
    },
    /// Begin a clean close and keep reading until the server agrees.
    Close {
        code: u16,
        generation: Generation,
    },
    /// The socket, or the attempt to get one, is of no use any more. With a code, the server is told why if that is
    /// possible without waiting for it.
    Drop {
        generation: Generation,
        farewell: Option<u16>,
    },
    /// Replaces the timer if it is set already.
    SetTimer {
        timer: Timer,
        at: Monotonic,
        generation: Generation,
    },
    ClearTimer {
        timer: Timer,
    },
    /// Tell the observers. [`Event::State`] is also the new present state.
    Report(Event),
}

/// Reused between steps, so that a message costs no allocation of its own.
#[derive(Debug, Default)]
pub struct Outputs {
    pub actions: VecDeque<Output>,
    /// What to deliver, in the order of arrival. Apart from the actions, because it comes by the thousand.
    pub inbound: Vec<Inbound>,
}

impl Outputs {
    pub(super) fn push(&mut self, output: Output) {
        self.actions.push_back(output);
    }
}
