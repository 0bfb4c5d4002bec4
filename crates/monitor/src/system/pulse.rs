use std::collections::VecDeque;

use domain::UnixMillis;
use domain::view::{PulseView, SystemView};

/// How much came in and how quickly the server answered, second by second, for as long as a plot of it reaches back.
#[derive(Debug, Default)]
pub(crate) struct Pulse {
    beats: VecDeque<PulseView>,
    /// The count, and when it was taken.
    before: Option<(u64, UnixMillis)>,
    last_event: Option<UnixMillis>,
}

impl Pulse {
    /// To be called once a second. `messages` since the start; `trip` in milliseconds.
    pub(crate) fn note(&mut self, messages: u64, trip: Option<f64>, now: UnixMillis) {
        if let Some((count, at)) = self.before
            && now > at
        {
            let millis = now.since(at).as_millis().max(1);
            let rate = u128::from(messages.saturating_sub(count)) * 1_000 / millis;
            if self.beats.len() == SystemView::PULSE {
                self.beats.pop_front();
            }
            self.beats.push_back(PulseView {
                at: now,
                messages: u32::try_from(rate).unwrap_or(u32::MAX),
                // What is negative, or no number, becomes 0.
                trip: trip.map(|millis| (millis * 1_000.0).round() as u32),
            });
        }
        self.before = Some((messages, now));
    }

    /// Something happened to the connection.
    pub(crate) fn event(&mut self, now: UnixMillis) {
        self.last_event = Some(now);
    }

    pub(crate) fn last_event(&self) -> Option<UnixMillis> {
        self.last_event
    }

    pub(crate) fn view(&self) -> Vec<PulseView> {
        self.beats.iter().copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_a_rate_whatever_the_time_between_two_looks() {
        let mut pulse = Pulse::default();
        for (messages, at) in [(100, 0), (150, 1_000), (250, 3_000), (250, 3_000), (240, 4_000)] {
            pulse.note(messages, Some(1.5), UnixMillis(at));
        }
        let rates: Vec<_> = pulse.view().iter().map(|beat| (beat.at.0, beat.messages)).collect();
        // The machine was busy for a second, the clock stood still, and the count began anew.
        assert_eq!(rates, [(1_000, 50), (3_000, 50), (4_000, 0)]);
        assert_eq!(pulse.view()[0].trip, Some(1_500));
    }

    #[test]
    fn it_reaches_back_as_far_as_the_plot_does() {
        let mut pulse = Pulse::default();
        for second in 0..2_000 {
            pulse.note(second, None, UnixMillis(second.cast_signed() * 1_000));
        }
        let view = pulse.view();
        assert_eq!((view.len(), view[0].at.0), (SystemView::PULSE, 1_400_000));
    }
}
