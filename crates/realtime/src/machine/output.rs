use std::collections::VecDeque;
use std::fmt;

use smol_str::SmolStr;

use super::{Generation, Monotonic, RequestId, Timer};
use crate::persistence::Settlement;
use crate::{Endpoint, Event, Inbound, Outcome};

/// What the machine wants done, in order.
#[expect(
    missing_docs,
    reason = "a variant says what its fields are; `generation` tells sockets and timers apart"
)]
pub enum Output {
    /// Make a connection. There is no other one, nor an attempt at one.
    Connect { endpoint: Endpoint, generation: Generation, token: TokenUse },
    /// Write a text frame.
    Write { text: String, generation: Generation },
    /// Send a WebSocket ping.
    Ping { generation: Generation },
    /// Begin a clean close and keep reading until the server agrees.
    Close { code: u16, generation: Generation },
    /// The socket, or the attempt to get one, is of no use any more. With a code, the server is told why if that is
    /// possible without waiting for it.
    Drop { generation: Generation, farewell: Option<u16> },
    /// Replaces the timer if it is set already.
    SetTimer { timer: Timer, at: Monotonic, generation: Generation },
    /// Unset the timer, if it is set.
    ClearTimer { timer: Timer },
    /// Tell what must outlive the process. The answer is an [`Input::Persisted`](super::Input::Persisted).
    Persist(Persist),
    /// Get a new token. The answer is an [`Input::Token`](super::Input::Token).
    RenewToken,
    /// A request has ended. Each one does exactly once.
    Settle { request: RequestId, outcome: Outcome },
    /// Tell the observers. [`Event::State`] is also the new present state.
    Report(Event),
}

/// As derived, but for the text to write: it may be the frame that renews the token.
impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect { endpoint, generation, token } => f
                .debug_struct("Connect")
                .field("endpoint", endpoint)
                .field("generation", generation)
                .field("token", token)
                .finish(),
            Self::Write { text, generation } => f
                .debug_struct("Write")
                .field("bytes", &text.len())
                .field("generation", generation)
                .finish(),
            Self::Ping { generation } => {
                f.debug_struct("Ping").field("generation", generation).finish()
            }
            Self::Close { code, generation } => {
                f.debug_struct("Close").field("code", code).field("generation", generation).finish()
            }
            Self::Drop { generation, farewell } => f
                .debug_struct("Drop")
                .field("generation", generation)
                .field("farewell", farewell)
                .finish(),
            Self::SetTimer { timer, at, generation } => f
                .debug_struct("SetTimer")
                .field("timer", timer)
                .field("at", at)
                .field("generation", generation)
                .finish(),
            Self::ClearTimer { timer } => {
                f.debug_struct("ClearTimer").field("timer", timer).finish()
            }
            Self::Persist(persist) => f.debug_tuple("Persist").field(persist).finish(),
            Self::RenewToken => f.write_str("RenewToken"),
            Self::Settle { request, outcome } => f
                .debug_struct("Settle")
                .field("request", request)
                .field("outcome", outcome)
                .finish(),
            Self::Report(event) => f.debug_tuple("Report").field(event).finish(),
        }
    }
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
#[expect(missing_docs, reason = "a variant says what its fields are")]
pub enum Persist {
    /// The items of these ids are about to be written to a socket.
    Sending { ids: Vec<SmolStr> },
    /// The items of these ids have ended, each in its way.
    Settle { settled: Vec<(SmolStr, Settlement)> },
}

/// Reused between steps, so that a message costs no allocation of its own.
#[derive(Debug, Default)]
pub struct Outputs {
    /// What to do, the first first.
    pub actions: VecDeque<Output>,
    /// What to deliver, in the order of arrival. Apart from the actions, because it comes by the thousand.
    pub inbound: Vec<Inbound>,
}

impl Outputs {
    pub(super) fn push(&mut self, output: Output) {
        self.actions.push_back(output);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_to_write_is_not_shown() {
        let text = r#"{"type":"auth","data":{"token":"hush"}}"#.to_owned();
        let (bytes, generation) = (text.len(), Generation::default());
        let mut outputs = Outputs::default();
        outputs.push(Output::Write { text, generation });
        let shown = format!("{outputs:?}");
        assert!(!shown.contains("hush"), "{shown}");
        assert!(shown.contains(&format!("Write {{ bytes: {bytes}")), "{shown}");
    }
}
