use std::collections::VecDeque;
use std::time::Duration;

use wire::{HEARTBEAT, Heartbeat, Message, UnixMillis};

use super::{Monotonic, Now};

/// How many timestamps are remembered, ours and those answered.
const REMEMBERED: usize = 16;
/// The server's heartbeats are answered no more often than this, so that two ends which answer everything do not
/// keep each other busy for ever.
const ANSWER_GAP: Duration = Duration::from_secs(1);

/// The heartbeat *messages*: which are ours, which are answers, which want one.
#[derive(Debug, Default)]
pub(super) struct Heartbeats {
    sent: VecDeque<(UnixMillis, Monotonic)>,
    answered: VecDeque<UnixMillis>,
    last_answer: Option<Monotonic>,
}

/// What an inbound heartbeat was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// The answer to one of ours.
    Answer { rtt: Duration, skew_ms: Option<i64> },
    /// The server's own. It is answered with the same timestamp.
    Question(UnixMillis),
    /// Nothing to do.
    Noise,
}

impl Heartbeats {
    /// What was sent on the old connection is not answered on the new one.
    pub(super) fn opened(&mut self) {
        *self = Self::default();
    }

    /// A heartbeat of ours, as it goes out.
    pub(super) fn ask(&mut self, now: Now) -> String {
        if self.sent.len() == REMEMBERED {
            self.sent.pop_front();
        }
        self.sent.push_back((now.wall, now.monotonic));
        text(now.wall, now.wall)
    }

    pub(super) fn hear(&mut self, message: &Message, now: Now) -> Heard {
        let Ok(heartbeat) = message.decode::<Heartbeat>() else { return Heard::Noise };
        if let Some(i) = self.sent.iter().position(|(at, _)| *at == heartbeat.timestamp) {
            let (asked, sent) = self.sent.remove(i).expect("the position was just found");
            self.remember(asked);
            let rtt = now.monotonic.since(sent);
            // Taken when the question was half way there and back.
            let skew = |server: UnixMillis| server.0.saturating_sub(asked.plus(rtt / 2).0);
            return Heard::Answer { rtt, skew_ms: heartbeat.server_time.map(skew) };
        }
        let too_soon = self.last_answer.is_some_and(|at| now.monotonic.since(at) < ANSWER_GAP);
        if too_soon || self.answered.contains(&heartbeat.timestamp) {
            return Heard::Noise;
        }
        self.remember(heartbeat.timestamp);
        self.last_answer = Some(now.monotonic);
        Heard::Question(heartbeat.timestamp)
    }

    fn remember(&mut self, timestamp: UnixMillis) {
        if self.answered.len() == REMEMBERED {
            self.answered.pop_front();
        }
        self.answered.push_back(timestamp);
    }
}

/// The envelope of a heartbeat.
pub(super) fn text(timestamp: UnixMillis, now: UnixMillis) -> String {
    format!(r#"{{"type":"{HEARTBEAT}","data":{{"timestamp":{timestamp}}},"timestamp":{now}}}"#)
}

#[cfg(test)]
mod tests {
    use wire::Frame;

    use super::*;

    fn at(ms: u64) -> Now {
        Now {
            monotonic: Monotonic(Duration::from_millis(ms)),
            wall: UnixMillis(1_000_000 + i64::try_from(ms).unwrap()),
        }
    }

    fn parse(text: String) -> Message {
        match Frame::parse_text(text).unwrap() {
            Frame::Single(message) => message,
            Frame::Batch(_) => unreachable!(),
        }
    }

    #[test]
    fn an_answer_measures_time_and_skew() {
        let mut heartbeats = Heartbeats::default();
        let sent = heartbeats.ask(at(0));
        // The server is 5 s ahead and the way takes 40 ms each way.
        let answer = sent.replace(r#""data":{"#, r#""data":{"serverTime":1005040,"#);
        let heard = heartbeats.hear(&parse(answer), at(80));
        let rtt = Duration::from_millis(80);
        assert_eq!(heard, Heard::Answer { rtt, skew_ms: Some(5_000) });
    }

    #[test]
    fn a_question_is_answered_once_and_echoes_end() {
        let mut heartbeats = Heartbeats::default();
        let question = parse(text(UnixMillis(42), UnixMillis(42)));
        assert_eq!(heartbeats.hear(&question, at(0)), Heard::Question(UnixMillis(42)));
        assert_eq!(heartbeats.hear(&question, at(5_000)), Heard::Noise, "our answer came back");
        let ours = parse(heartbeats.ask(at(6_000)));
        assert!(matches!(heartbeats.hear(&ours, at(6_010)), Heard::Answer { .. }));
        assert_eq!(heartbeats.hear(&ours, at(9_000)), Heard::Noise, "the answer came twice");
    }

    #[test]
    fn a_flood_of_questions_gets_one_answer_a_second() {
        let mut heartbeats = Heartbeats::default();
        let mut hear =
            |n: i64, now| heartbeats.hear(&parse(text(UnixMillis(n), UnixMillis(n))), now);
        assert!(matches!(hear(1, at(0)), Heard::Question(_)));
        assert_eq!(hear(2, at(999)), Heard::Noise);
        assert!(matches!(hear(3, at(1_000)), Heard::Question(_)));
    }
}
