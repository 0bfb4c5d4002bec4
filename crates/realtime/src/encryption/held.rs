use std::collections::VecDeque;

use wire::Message;

/// Sealed messages that came before the keys to open them, the oldest first.
///
/// Bounded, and when it is full the oldest goes: of state the last word counts, and what is opened late must not be
/// older than what was let go.
#[derive(Debug, Default)]
pub(super) struct Held {
    messages: VecDeque<Message>,
    bytes: usize,
    /// The keys are there: what is held can be opened.
    pub(super) keys_came: bool,
}

impl Held {
    /// Most messages.
    pub(super) const MESSAGES: usize = 65_536;
    /// Most bytes of their data.
    pub(super) const BYTES: usize = 16 << 20;

    pub(super) fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    /// Keeps it, and returns what had to go for it.
    pub(super) fn keep(&mut self, message: &Message) -> Option<Message> {
        self.bytes += message.data().len();
        // It would keep the whole buffer it was read into otherwise.
        self.messages.push_back(message.detached());
        let full = self.messages.len() > Self::MESSAGES || self.bytes > Self::BYTES;
        let gone = if full { self.messages.pop_front() } else { None }?;
        self.bytes -= gone.data().len();
        Some(gone)
    }

    pub(super) fn into_messages(self) -> VecDeque<Message> {
        self.messages
    }
}

#[cfg(test)]
mod tests {
    use wire::UnixMillis;

    use super::*;

    fn message(at: i64, data: &str) -> Message {
        Message::new("a", &data, UnixMillis(at), None).unwrap()
    }

    #[test]
    fn the_oldest_goes_when_there_are_too_many() {
        let mut held = Held::default();
        for at in 0..Held::MESSAGES {
            assert_eq!(held.keep(&message(at as i64, "")), None);
        }
        assert_eq!(held.keep(&message(-1, "")), Some(message(0, "")));
        assert_eq!(held.messages.len(), Held::MESSAGES);
    }

    #[test]
    fn the_oldest_goes_when_it_is_too_much() {
        let mut held = Held::default();
        let large = "x".repeat(1 << 20);
        let gone = (0..40).filter(|at| held.keep(&message(*at, &large)).is_some()).count();
        assert_eq!(held.messages.len() + gone, 40);
        assert!(held.bytes <= Held::BYTES && gone == 25, "{gone} gone");
    }
}
