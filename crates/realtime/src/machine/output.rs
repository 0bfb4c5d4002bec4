use std::collections::VecDeque;

use smol_str::SmolStr;

use super::{Generation, Monotonic, RequestId, Timer};
use crate::persistence::Settlement;
use crate::{Endpoint, Event, Inbound, Outcome};

/// What the machine wants done, in order.
#[derive(Debug)]
pub enum Output {
    /// Make a connection. There is no other one, nor an attempt at one.
    Connect {
        endpoint: Endpoint,
        generation: Generation,
        token: TokenUse,
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
    /// Tell what must outlive the process. The answer is an [`Input::Persisted`](super::Input::Persisted).
    Persist(Persist),
    /// Get a new token. The answer is an [`Input::Token`](super::Input::Token).
    RenewToken,
    /// A request has ended. Each one does exactly once.
    Settle {
        request: RequestId,
        outcome: Outcome,
    },
    /// Tell the observers. [`Event::State`] is also the new present state.
    Report(Event),
}

/// Which token an attempt is made with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenUse {
    /// The one there is, unless most of its life is over.
    Present,
    /// A new one: the server did not want the last.
    Fresh,
}

/// What the disk is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Persist {
    /// These are about to be written to a socket.
    Sending { ids: Vec<SmolStr> },
    /// These have ended.
    Settle { settled: Vec<(SmolStr, Settlement)> },
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
