//! Sending at a steady rate.

use std::hint::spin_loop;
use std::time::{Duration, Instant};

/// When the next of a row of evenly spaced things is due. Being late with one does not move the others.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    begun: Instant,
    every: Duration,
    count: u32,
}

impl Pace {
    /// The first is due at once.
    #[must_use]
    pub fn every(every: Duration) -> Self {
        Self { begun: Instant::now(), every, count: 0 }
    }

    /// Waits with the core running: a sleep is late by more than the time between two messages. The feeder's core is there
    /// for nothing else.
    pub fn wait(&mut self) {
        let due = self.begun + self.every * self.count;
        while Instant::now() < due {
            spin_loop();
        }
        self.count += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_does_not_run_ahead() {
        let mut pace = Pace::every(Duration::from_micros(200));
        let begun = Instant::now();
        (0..11).for_each(|_| pace.wait());
        assert!(begun.elapsed() >= Duration::from_millis(2) - Duration::from_micros(1));
    }
}
