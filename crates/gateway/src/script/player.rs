use std::collections::VecDeque;

use smol_str::SmolStr;
use wire::UnixMillis;

use super::fault::{Cue, Fault, Outage, Types};
use super::{Performance, Script};
use crate::market::{Emission, Kind, Market, Plan};
use crate::replay::Speed;

/// Most messages one fault is about. So many are kept to be sent again.
pub(super) const MOST_AT_ONCE: u32 = 10_000;

/// Plays a scenario by being told the time. Pure: the same file and seed send the same.
#[derive(Debug)]
pub(super) struct Player {
    market: Market,
    length: Option<i64>,
    cues: VecDeque<Cue>,
    silences: Vec<(i64, Types)>,
    delays: Vec<(i64, i64, Types)>,
    /// Messages that wait, each with its time.
    held: Vec<(i64, Emission)>,
    /// The last messages, as many as a fault of this file repeats.
    last: VecDeque<Emission>,
    keep: usize,
    speed: Speed,
    seed: u64,
    count: u64,
    opened: bool,
}

/// One thing to do.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Play {
    Message(Emission),
    /// To clients in plain mode, as it is.
    Frame(&'static str),
    Outage(Outage),
    /// The scenario is over.
    End,
}

/// What a server in trouble sends instead of envelopes.
const FRAMES: [&str; 4] = [
    "Internal Server Error",
    "{\"type\":\"vault_update_",
    "[1,2,3]",
    "{\"type\":\"risk_alert\",\"data\":{}}",
];

impl Player {
    pub(super) fn new(performance: &Performance, round: u64, now: UnixMillis) -> Self {
        let Script { plan, length, cues, .. } = &performance.script;
        // Another market of the same story: its alerts are new ones.
        let seed = performance.seed.unwrap_or(plan.seed).wrapping_add(round);
        let plan = Plan { seed, speed: performance.speed, ..plan.clone() };
        let keep = cues.iter().map(|cue| match cue.fault {
            Fault::Duplicate { count } => count,
            _ => 0,
        });
        Self {
            market: Market::planned(&plan, now),
            length: *length,
            keep: keep.max().unwrap_or(0),
            cues: cues.iter().cloned().collect(),
            silences: Vec::new(),
            delays: Vec::new(),
            held: Vec::new(),
            last: VecDeque::new(),
            speed: performance.speed,
            seed,
            count: 0,
            opened: false,
        }
    }

    /// What there is to do up to `now`, in order.
    pub(super) fn advance(&mut self, now: UnixMillis) -> Vec<Play> {
        let mut plays = Vec::new();
        if !self.opened {
            self.opened = true;
            self.market.open();
            self.turn(&mut plays);
        }
        let until = self.market.due(now);
        while !self.is_over() && self.market.step(until) {
            self.turn(&mut plays);
            if self.is_over() {
                plays.push(Play::End);
            }
        }
        plays
    }

    fn is_over(&self) -> bool {
        self.length.is_some_and(|length| self.market.elapsed() >= length)
    }

    /// One step of the market, and what becomes of what it sent.
    fn turn(&mut self, plays: &mut Vec<Play>) {
        let elapsed = self.market.elapsed();
        while self.cues.front().is_some_and(|cue| cue.at <= elapsed) {
            let cue = self.cues.pop_front().expect("was just seen");
            self.begin(cue.fault, plays);
        }
        self.silences.retain(|(until, _)| *until > elapsed);
        self.delays.retain(|(until, ..)| *until > elapsed);
        if !self.held.is_empty() {
            let held = std::mem::take(&mut self.held);
            let (due, held): (Vec<_>, _) = held.into_iter().partition(|(at, _)| *at <= elapsed);
            self.held = held;
            for (_, emission) in due {
                self.send(emission, plays);
            }
        }
        for mut emission in self.market.take() {
            self.count += 1;
            name(&mut emission, self.seed, self.count);
            let ty = emission.ty.as_str();
            if self.silences.iter().any(|(_, types)| types.matches(ty)) {
                continue;
            }
            match self.delays.iter().find(|(.., types)| types.matches(ty)) {
                Some((_, by, _)) => self.held.push((elapsed + by, emission)),
                None => self.send(emission, plays),
            }
        }
    }

    fn send(&mut self, emission: Emission, plays: &mut Vec<Play>) {
        if self.keep > 0 {
            if self.last.len() == self.keep {
                self.last.pop_front();
            }
            self.last.push_back(emission.clone());
        }
        plays.push(Play::Message(emission));
    }

    fn begin(&mut self, fault: Fault, plays: &mut Vec<Play>) {
        match fault {
            Fault::Silence { until, types } => self.silences.push((until, types)),
            Fault::Late { until, by, types } => self.delays.push((until, by, types)),
            Fault::Duplicate { count } => {
                let skip = self.last.len().saturating_sub(count);
                plays.extend(self.last.iter().skip(skip).cloned().map(Play::Message));
            }
            Fault::MalformedFrame { count } => {
                let frames = FRAMES.into_iter().cycle().take(count as usize);
                plays.extend(frames.map(Play::Frame));
            }
            Fault::MalformedData { count } => {
                let now = self.market.told();
                plays.extend((0..count).map(|_| Play::Message(malformed(now))));
            }
            Fault::Outage(Outage::Restart { down }) => {
                let down = self.speed.shorten(down);
                plays.push(Play::Outage(Outage::Restart { down }));
            }
            Fault::Outage(outage) => plays.push(Play::Outage(outage)),
        }
    }
}

/// Gives a message an id, by which a client knows it when it comes again.
fn name(emission: &mut Emission, seed: u64, count: u64) {
    let brace = emission.json.pop();
    debug_assert_eq!(brace, Some('}'), "the market writes objects");
    emission.json.push_str(&format!(",\"id\":\"{seed:x}-{count}\"}}"));
}

/// An alert, and not a state message: a bad part would stay in the gateway's last value for all who come later.
fn malformed(now: UnixMillis) -> Emission {
    let ty = SmolStr::new_static("risk_alert");
    let json = format!(
        "{{\"type\":\"risk_alert\",\"data\":{{\"severity\":\"SEVERE\",\"vaultId\":42}},\"timestamp\":{now}}}"
    );
    Emission { ty, kind: Kind::Event, json }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    const START: UnixMillis = UnixMillis(1_763_800_000_000);

    fn shipped(name: &str) -> Performance {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
        Performance::new(Script::open(&folder.join(name)).unwrap())
    }

    fn play(performance: &Performance, round: u64, seconds: i64, step: i64) -> Vec<Play> {
        let mut player = Player::new(performance, round, START);
        let times = 0..=seconds * 1_000 / step;
        times.flat_map(|n| player.advance(UnixMillis(START.0 + n * step))).collect()
    }

    #[test]
    fn the_same_file_and_seed_send_the_same_however_often_they_are_told_the_time() {
        for name in ["bad-connection.toml", "flash-crash.toml", "stablecoin-depeg.toml"] {
            let performance = shipped(name);
            let first = play(&performance, 0, 180, 10);
            assert!(first == play(&performance, 0, 180, 1_000), "{name}");
            let seed = Some(performance.script.plan.seed + 1);
            let other = Performance { seed, ..performance.clone() };
            assert!(first != play(&other, 0, 180, 10), "{name}");
            assert!(first != play(&performance, 1, 180, 10), "{name}: each round is another one");
        }
    }

    #[test]
    fn speed_changes_when_and_not_what() {
        let slow = shipped("bad-connection.toml");
        let fast = Performance { speed: Speed::new(100).unwrap(), ..slow.clone() };
        let types = |plays: Vec<Play>| -> Vec<SmolStr> {
            let ty = |play: Play| match play {
                Play::Message(emission) => emission.ty,
                Play::Outage(_) => "outage".into(),
                other => smol_str::format_smolstr!("{other:?}"),
            };
            plays.into_iter().map(ty).collect()
        };
        assert!(types(play(&slow, 0, 100, 100)) == types(play(&fast, 0, 1, 1)));
    }

    #[test]
    fn an_end_ends() {
        let plays = play(&shipped("flash-crash.toml"), 0, 301, 1_000);
        assert_eq!(plays.iter().filter(|play| **play == Play::End).count(), 1);
        let frames = plays.iter().filter(|play| matches!(play, Play::Frame(_))).count();
        assert_eq!(frames, 0);
        let liquidated = |play: &&Play| matches!(play, Play::Message(emission) if emission.json.contains("LOST liquidated"));
        assert!(plays.iter().any(|play| liquidated(&play)));
    }
}
