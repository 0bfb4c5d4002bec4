use super::{Generation, Monotonic, Output, Outputs};

/// The timers of a machine; each exists once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timer {
    /// Limit for an attempt to connect.
    Connect,
    /// Limit for the welcome, and for the answer to a `resume`.
    Answer,
    /// A request is overdue, has rested or waited enough.
    Request,
    /// The token is to be renewed.
    Token,
    /// Limit for a clean close.
    Close,
    /// The next time the signs of life are looked at.
    Liveness,
    /// The next attempt.
    Retry,
    /// The next waiting message may go.
    Drain,
    /// The oldest waiting message is too old.
    Expiry,
    /// Compare the clocks.
    Wake,
}

impl Timer {
    pub(crate) const ALL: [Self; 10] = [
        Self::Connect,
        Self::Answer,
        Self::Request,
        Self::Token,
        Self::Close,
        Self::Liveness,
        Self::Retry,
        Self::Drain,
        Self::Expiry,
        Self::Wake,
    ];
}

/// Which timers are set, and under which generation: a firing that was already on its way when its timer was set
/// anew or cleared must not count.
#[derive(Debug, Default)]
pub(super) struct Timers {
    set: [Option<Generation>; Timer::ALL.len()],
    last: Generation,
}

impl Timers {
    pub(super) fn set(&mut self, timer: Timer, at: Monotonic, out: &mut Outputs) {
        self.last = self.last.next();
        self.set[timer as usize] = Some(self.last);
        out.push(Output::SetTimer { timer, at, generation: self.last });
    }

    pub(super) fn clear(&mut self, timer: Timer, out: &mut Outputs) {
        if self.set[timer as usize].take().is_some() {
            out.push(Output::ClearTimer { timer });
        }
    }

    pub(super) fn is_set(&self, timer: Timer) -> bool {
        self.set[timer as usize].is_some()
    }

    /// Whether this firing counts. The timer is no longer set then.
    pub(super) fn fired(&mut self, timer: Timer, generation: Generation) -> bool {
        let counts = self.set[timer as usize] == Some(generation);
        if counts {
            self.set[timer as usize] = None;
        }
        counts
    }
}
